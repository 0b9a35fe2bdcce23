//! Average duration of a trade.

use super::{TradeResult, Undefined, moments::mean, win_rate::NO_TRADE};
use crate::domain::Span;

/// Shown beside the number.
pub const DEFINITION: &str = "mean time from the first entry fill to the last exit fill of the closed trades, in hours";

/// Mean time from opening to closing, in hours.
///
/// # Errors
/// Without trades.
pub fn average_hours(trades: &[TradeResult]) -> Result<f64, Undefined> {
    let hours = |trade: &TradeResult| trade.closed_at.since(trade.opened_at).nanos() as f64 / Span::HOUR.nanos() as f64;
    mean(&trades.iter().map(hours).collect::<Vec<f64>>()).map_err(|_| NO_TRADE)
}

#[cfg(test)]
mod tests {
    use super::super::worked::{day, printed, trades};
    use super::*;

    #[test]
    fn durations_are_averaged_in_hours() {
        let mut two = trades(&[1.0, 1.0]);
        two[1].closed_at = day(1).after(Span::MINUTE.times(30));
        printed(average_hours(&two), "12.2500");
        assert_eq!(average_hours(&[]), Err(NO_TRADE));
    }
}
