//! Pages: what every page is made of, and the page of a run.

pub mod page;
mod run;

pub use run::{Extent, build};
