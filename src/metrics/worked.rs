//! The worked series W of the semantics page, section 3.2, and the way its printed values are held.

use super::{TradeResult, Undefined};
use crate::domain::{Span, Timestamp};

/// Twelve daily returns.
pub const W: [f64; 12] = [0.02, -0.01, 0.03, -0.02, 0.015, -0.04, 0.01, 0.025, -0.005, 0.0, 0.012, -0.018];

/// Day `number` after the epoch, at midnight.
pub fn day(number: i64) -> Timestamp {
    Timestamp::from_nanos(0).after(Span::DAY.times(number))
}

/// Daily equity that starts at 1 and grows by `returns`.
pub fn equity(returns: &[f64]) -> Vec<(Timestamp, f64)> {
    let mut worth = 1.0;
    let mut samples = vec![(day(0), worth)];
    for (number, rate) in (1..).zip(returns) {
        worth *= 1.0 + rate;
        samples.push((day(number), worth));
    }
    samples
}

/// Trades of one day each with these profits.
pub fn trades(profits: &[f64]) -> Vec<TradeResult> {
    let trade = |(number, profit): (i64, &f64)| TradeResult {
        opened_at: day(number),
        closed_at: day(number + 1),
        profit: *profit,
        risk: None,
    };
    (0..).zip(profits).map(trade).collect()
}

/// Asserts that `value` is what the page prints, to the last digit printed.
#[track_caller]
pub fn printed(value: Result<f64, Undefined>, text: &str) {
    let value = value.expect("the value is defined");
    let decimals = text.split_once('.').map_or(0, |(_, decimals)| decimals.len());
    assert_eq!(format!("{value:.decimals$}"), text);
}
