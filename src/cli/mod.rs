//! Words in, words out.

pub mod data;
