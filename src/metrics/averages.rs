//! Average and largest win and loss.

use super::Undefined;
use super::moments::mean;

/// Shown beside the average win.
pub const WIN_DEFINITION: &str = "mean net profit of the trades that won";
/// Shown beside the average loss.
pub const LOSS_DEFINITION: &str = "mean net profit of the trades that lost, a negative amount";
/// Shown beside the largest win.
pub const LARGEST_WIN_DEFINITION: &str = "largest net profit of one trade";
/// Shown beside the largest loss.
pub const LARGEST_LOSS_DEFINITION: &str = "net profit of the trade that lost most, a negative amount";
/// Shown beside the payoff ratio.
pub const PAYOFF_DEFINITION: &str = "average win over the absolute average loss";

pub(super) const NO_WIN: Undefined = Undefined("no trade won");
pub(super) const NO_LOSS: Undefined = Undefined("no trade lost");

/// Mean net profit of the trades that won, in currency.
///
/// # Errors
/// When none won.
pub fn win(profits: &[f64]) -> Result<f64, Undefined> {
    mean(&wins(profits)).map_err(|_| NO_WIN)
}

/// Mean net profit of the trades that lost, in currency; negative.
///
/// # Errors
/// When none lost.
pub fn loss(profits: &[f64]) -> Result<f64, Undefined> {
    mean(&losses(profits)).map_err(|_| NO_LOSS)
}

/// Largest net profit, in currency.
///
/// # Errors
/// When no trade won.
pub fn largest_win(profits: &[f64]) -> Result<f64, Undefined> {
    wins(profits).into_iter().reduce(f64::max).ok_or(NO_WIN)
}

/// Largest net loss, in currency; negative.
///
/// # Errors
/// When no trade lost.
pub fn largest_loss(profits: &[f64]) -> Result<f64, Undefined> {
    losses(profits).into_iter().reduce(f64::min).ok_or(NO_LOSS)
}

/// Average win over absolute average loss, a plain ratio.
///
/// # Errors
/// When no trade won or none lost.
pub fn payoff(profits: &[f64]) -> Result<f64, Undefined> {
    Ok(win(profits)? / loss(profits)?.abs())
}

pub(super) fn wins(profits: &[f64]) -> Vec<f64> {
    profits.iter().copied().filter(|profit| *profit > 0.0).collect()
}

pub(super) fn losses(profits: &[f64]) -> Vec<f64> {
    profits.iter().copied().filter(|profit| *profit < 0.0).collect()
}

#[cfg(test)]
mod tests {
    use super::super::worked::{W, printed};
    use super::*;

    #[test]
    fn the_worked_series_taken_as_trades() {
        printed(win(&W), "0.0186667");
        printed(loss(&W), "-0.0186000");
        printed(largest_win(&W), "0.030");
        printed(largest_loss(&W), "-0.040");
        printed(payoff(&W), "1.003584");
    }

    #[test]
    fn without_a_win_or_a_loss_there_is_no_average_of_them() {
        assert_eq!((win(&[0.0, -1.0]), largest_win(&[])), (Err(NO_WIN), Err(NO_WIN)));
        assert_eq!((loss(&[0.0, 1.0]), largest_loss(&[])), (Err(NO_LOSS), Err(NO_LOSS)));
        assert_eq!((payoff(&[1.0]), payoff(&[-1.0])), (Err(NO_LOSS), Err(NO_WIN)));
    }
}
