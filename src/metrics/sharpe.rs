//! Sharpe ratio (Sharpe 1994).

use super::{Undefined, moments};

/// Shown beside the number.
pub const DEFINITION: &str = "mean daily return over the sample standard deviation of the daily returns, times the square root of 365; risk-free rate 0; assumes returns without autocorrelation";

/// `mean(r) / s · √A` with s over n - 1 and a risk-free rate of zero; a plain ratio. A = 1 gives the ratio per period.
///
/// # Errors
/// With fewer than two returns, or when they do not vary.
pub fn sharpe(returns: &[f64], periods_per_year: f64) -> Result<f64, Undefined> {
    Ok(moments::mean(returns)? / moments::spread(returns)? * periods_per_year.sqrt())
}

#[cfg(test)]
mod tests {
    use super::super::worked::{W, printed};
    use super::*;

    #[test]
    fn the_worked_series_has_its_published_sharpe_ratio() {
        printed(sharpe(&W, 1.0), "0.07569453518");
        printed(sharpe(&W, 365.0), "1.446142064");
        printed(sharpe(&W, 252.0), "1.201613494");
    }

    #[test]
    fn a_sure_gain_has_no_sharpe_ratio() {
        assert_eq!(sharpe(&[0.01; 60], 365.0), Err(Undefined("the daily returns do not vary")));
        assert!(sharpe(&[0.01], 365.0).is_err());
    }
}
