//! Volatility.

use super::{Undefined, moments};

/// Shown beside the number.
pub const DEFINITION: &str = "sample standard deviation of the daily returns times the square root of 365";

/// `s · √A`, a fraction per year; s has n - 1 in its denominator, A is the number of periods in a year.
///
/// # Errors
/// With fewer than two returns.
pub fn volatility(returns: &[f64], periods_per_year: f64) -> Result<f64, Undefined> {
    Ok(moments::sample_deviation(returns)? * periods_per_year.sqrt())
}

#[cfg(test)]
mod tests {
    use super::super::worked::printed;
    use super::*;

    #[test]
    fn volatility_grows_with_the_root_of_time() {
        printed(volatility(&[0.01, -0.01], 1.0), "0.014142135624");
        printed(volatility(&[0.01, -0.01], 4.0), "0.028284271247");
        printed(volatility(&[0.0, 0.0], 365.0), "0.00");
        assert!(volatility(&[0.01], 365.0).is_err());
    }
}
