//! Backfill: historical candles from an exchange's public archive and its REST interface, onto a shelf of verified files.
//!
//! This room knows addresses, checksums and limits. It reads no candle: what it brings is imported by whoever asked, in
//! the layouts that the exchange itself publishes. It alone speaks to exchanges.

mod binance;
mod calendar;
mod client;
mod fetch;
mod shelf;

pub use binance::{Addresses, Product};
pub use calendar::{Edge, moment};
pub use fetch::{Brought, News, Wish, bring};
