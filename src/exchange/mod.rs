//! The simulated exchange: Binance spot's protocol in front of the matching of the backtests.

pub mod market;
