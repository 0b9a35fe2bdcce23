//! What differs between results: runs of ours, and results that other programs have written.
//!
//! Every result becomes a [`Record`] first: one model of trades, in which what a file does not know is absent and never
//! zero. The first record is the reference, and each other one is laid beside it by itself ([`Comparison`]). Nothing
//! here knows the engine: a run of ours is read from its files like any other result.

mod align;
mod comparison;
mod figures;
mod page;
mod pairs;
mod parting;
mod plans;
mod reading;
mod reason;
mod record;
mod telling;
mod terms;
#[cfg(test)]
mod tests;

pub use comparison::{Comparison, Settings, Side};
pub use page::write as write_page;
pub use reading::{Kind, Reading, read};
pub use record::{Record, Trade};
pub use telling::{csv, json, text};
