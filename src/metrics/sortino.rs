//! Sortino ratio (Sortino & Price 1994).

use super::Undefined;
use super::moments::{mean, sum};

/// Shown beside the number.
pub const DEFINITION: &str = "mean daily return over the downside deviation (root of the mean over all days of the squared negative returns), times the square root of 365; target 0";

/// `mean(r - target) / √(Σ min(r - target, 0)² / n) · √A`, a plain ratio. The sum is divided by all n, not by the
/// number of losing periods: days without a loss are evidence too.
///
/// # Errors
/// Without returns, or when none lies below the target.
pub fn sortino(returns: &[f64], target: f64, periods_per_year: f64) -> Result<f64, Undefined> {
    let excess: Vec<f64> = returns.iter().map(|rate| rate - target).collect();
    let shortfall = |excess: &f64| excess.min(0.0) * excess.min(0.0);
    let downside = sum(excess.iter().map(shortfall));
    if downside == 0.0 {
        return Err(Undefined("no daily return was negative"));
    }
    Ok(mean(&excess)? / (downside / excess.len() as f64).sqrt() * periods_per_year.sqrt())
}

#[cfg(test)]
mod tests {
    use super::super::worked::{W, printed};
    use super::*;

    #[test]
    fn the_worked_series_has_its_published_sortino_ratio() {
        printed(sortino(&W, 0.0, 1.0), "0.1108328715");
        printed(sortino(&W, 0.0, 365.0), "2.117459037");
    }

    #[test]
    fn the_published_example_of_rollinger_and_hoffman() {
        printed(sortino(&[0.17, 0.15, 0.23, -0.05, 0.12, 0.09, 0.13, -0.04], 0.0, 1.0), "4.417261");
    }

    #[test]
    fn without_a_loss_there_is_no_sortino_ratio() {
        assert_eq!(sortino(&[0.01, 0.0], 0.0, 365.0), Err(Undefined("no daily return was negative")));
        assert!(sortino(&[], 0.0, 365.0).is_err());
        printed(sortino(&[0.25, 1.25], 0.5, 1.0), "1.4142135624");
    }
}
