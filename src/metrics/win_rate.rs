//! Win rate.

use super::Undefined;

/// Shown beside the number.
pub const DEFINITION: &str =
    "closed trades with a net profit above zero over all closed trades (a zero trade is no win)";

/// Why most figures on trades may be missing.
pub(super) const NO_TRADE: Undefined = Undefined("no closed trade");

/// Share of the trades whose net profit is above zero, a fraction.
///
/// # Errors
/// Without trades.
pub fn win_rate(profits: &[f64]) -> Result<f64, Undefined> {
    if profits.is_empty() {
        return Err(NO_TRADE);
    }
    let wins = profits.iter().filter(|profit| **profit > 0.0).count();
    Ok(wins as f64 / profits.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::super::worked::{W, printed};
    use super::*;

    #[test]
    fn a_zero_trade_is_no_win() {
        printed(win_rate(&W), "0.50000");
        printed(win_rate(&[0.0]), "0.00000");
        assert_eq!(win_rate(&[]), Err(NO_TRADE));
    }
}
