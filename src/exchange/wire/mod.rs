//! Shapes of messages: pure functions from what happened to what the exchange writes.

pub mod decimal;
pub mod info;
mod json;
pub mod market;
pub mod order;
mod refusal;
pub mod report;

pub(in crate::exchange) use json::object;
pub use json::{Json, TimeUnit};
pub use refusal::Refused;
