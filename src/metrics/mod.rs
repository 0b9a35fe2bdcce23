//! What a run was worth, in numbers: one small file per metric, each with its formula, its source and its unit.
//!
//! This room is pure. It never learns how the equity and the trades came about, whether a strategy was simulated or
//! real, or how a number is shown. Floats advise here; no amount is settled from a metric. A number that does not
//! exist is [`Undefined`] with its reason, never zero and never a sentinel. Sums run from the first element to the
//! last, powers and the normal distribution come from `libm`, so that every machine computes the same bits.

pub mod autocorrelation;
pub mod averages;
pub mod cagr;
pub mod calmar;
pub mod drawdown;
pub mod drawdowns;
pub mod duration;
pub mod expectancy;
pub mod exposure;
pub mod kelly;
pub mod luck;
pub mod moments;
pub mod normal;
pub mod probabilistic_sharpe;
pub mod profile;
pub mod profit_factor;
pub mod quality;
pub mod quantile;
pub mod rank_correlation;
pub mod returns;
pub mod row;
pub mod sharpe;
pub mod sortino;
pub mod statistics;
pub mod streak;
pub mod tail_ratio;
pub mod total_return;
pub mod ulcer;
pub mod value_at_risk;
pub mod volatility;
pub mod wilson;
pub mod win_rate;
#[cfg(test)]
mod worked;

pub use row::{Metric, Row, Undefined};
pub use statistics::{Inputs, Statistics, TradeResult};

/// Days in a year: the market never closes.
pub const DAYS_PER_YEAR: f64 = 365.0;

/// The fewest daily returns from which a ratio is published.
pub const DAILY_RETURNS_MIN: usize = 30;
