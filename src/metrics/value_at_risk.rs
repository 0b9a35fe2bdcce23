//! Value at risk and conditional value at risk (Rockafellar & Uryasev 2000), historical.

use super::quantile::{quantile, sorted};
use super::{Undefined, moments};

/// Shown beside the value at risk.
pub const DEFINITION: &str = "historical daily value at risk at 95 %: the 5 % quantile of the daily returns (linear interpolation), as a positive loss";
/// Shown beside the conditional value at risk.
pub const CONDITIONAL_DEFINITION: &str = "historical daily expected shortfall at 95 %: mean of the worst 5 % of the daily returns, the last one weighted by the part of it that still belongs, as a positive loss";

/// The share of the days that are the bad ones.
pub const TAIL: f64 = 0.05;

/// The loss, as a positive fraction, that all but the share `tail` of the returns stay within. Negative when even the
/// bad days gain.
///
/// # Errors
/// Without returns.
pub fn value_at_risk(returns: &[f64], tail: f64) -> Result<f64, Undefined> {
    Ok(0.0 - quantile(returns, tail)?)
}

/// The mean loss, as a positive fraction, on the worst share `tail` of the days.
///
/// This is the mean of the returns up to the value at risk, with ties and the last return weighted so that exactly
/// n · tail observations count: a plain mean would, in a run that was flat on most days, count every flat day as one
/// of the worst.
///
/// # Errors
/// Without returns, and when `tail` is not above 0.
pub fn conditional(returns: &[f64], tail: f64) -> Result<f64, Undefined> {
    let sorted = sorted(returns)?;
    let weight = tail * sorted.len() as f64;
    if weight <= 0.0 {
        return Err(Undefined("the tail is empty"));
    }
    let whole = (weight.floor() as usize).min(sorted.len());
    let part = sorted.get(whole).map_or(0.0, |rate| (weight - whole as f64) * rate);
    Ok(0.0 - (moments::sum(sorted[..whole].iter().copied()) + part) / weight.min(sorted.len() as f64))
}

#[cfg(test)]
mod tests {
    use super::super::worked::{W, printed};
    use super::*;

    #[test]
    fn the_worked_series_has_its_published_losses() {
        printed(value_at_risk(&W, TAIL), "0.0290000000");
        printed(conditional(&W, TAIL), "0.0400000000");
    }

    #[test]
    fn the_last_of_the_worst_counts_by_its_part() {
        // 30 returns: one and a half of them are the worst 5 %.
        let mut returns = vec![0.01; 28];
        returns.extend([-0.02, -0.05]);
        printed(conditional(&returns, TAIL), "0.0400000000");
    }

    #[test]
    fn flat_days_do_not_dilute_the_worst_ones() {
        let mut returns = vec![0.0; 99];
        returns.push(-0.10);
        printed(value_at_risk(&returns, TAIL), "0.0000");
        printed(conditional(&returns, TAIL), "0.0200000000");
    }

    #[test]
    fn the_mean_of_the_tail_is_never_milder_than_its_edge() {
        for length in 1..200_usize {
            let returns: Vec<f64> = (0..length).map(|i| ((i * 7919 + 31) % 613) as f64 / 6130.0 - 0.05).collect();
            assert!(conditional(&returns, TAIL).unwrap() >= value_at_risk(&returns, TAIL).unwrap() - 1e-15);
        }
    }

    #[test]
    fn without_returns_there_is_no_loss() {
        assert!(value_at_risk(&[], TAIL).is_err() && conditional(&[], TAIL).is_err());
        assert!(conditional(&W, 0.0).is_err());
        printed(conditional(&W, 1.0), "-0.0015833333");
    }
}
