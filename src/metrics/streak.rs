//! Longest streaks.

use super::{Undefined, win_rate::NO_TRADE};

/// Shown beside the winning streak.
pub const WINNING_DEFINITION: &str = "most trades in a row, by time of closing, that won; a zero trade ends a streak";
/// Shown beside the losing streak.
pub const LOSING_DEFINITION: &str = "most trades in a row, by time of closing, that lost; a zero trade ends a streak";

/// Most winning trades in a row.
///
/// # Errors
/// Without trades.
pub fn winning(profits: &[f64]) -> Result<f64, Undefined> {
    longest(profits, |profit| profit > 0.0)
}

/// Most losing trades in a row.
///
/// # Errors
/// Without trades.
pub fn losing(profits: &[f64]) -> Result<f64, Undefined> {
    longest(profits, |profit| profit < 0.0)
}

fn longest(profits: &[f64], counts: impl Fn(f64) -> bool) -> Result<f64, Undefined> {
    if profits.is_empty() {
        return Err(NO_TRADE);
    }
    let runs = profits.split(|profit| !counts(*profit)).map(<[f64]>::len);
    Ok(runs.max().unwrap_or(0) as f64)
}

#[cfg(test)]
mod tests {
    use super::super::worked::printed;
    use super::*;

    #[test]
    fn a_zero_trade_ends_a_streak() {
        let profits = [1.0, 2.0, 0.0, 1.0, -1.0, -1.0, -3.0, 4.0];
        printed(winning(&profits), "2");
        printed(losing(&profits), "3");
        printed(losing(&[1.0]), "0");
        assert!(winning(&[]).is_err() && losing(&[]).is_err());
    }
}
