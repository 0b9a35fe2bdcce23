//! Compound annual growth rate.

use super::{DAYS_PER_YEAR, Undefined};

/// Shown beside the number.
pub const DEFINITION: &str = "(equity at the end / equity at the start)^(365 / days) - 1";

/// `(E_n / E_0)^(365 / days) - 1`, a fraction per year of 365 days.
///
/// # Errors
/// When either equity is not positive or no time has passed.
pub fn cagr(opening: f64, closing: f64, days: f64) -> Result<f64, Undefined> {
    if opening <= 0.0 || closing <= 0.0 {
        return Err(Undefined("the equity was not positive throughout"));
    }
    if days <= 0.0 {
        return Err(Undefined("no time has passed"));
    }
    Ok(libm::pow(closing / opening, DAYS_PER_YEAR / days) - 1.0)
}

#[cfg(test)]
mod tests {
    use super::super::worked::{W, equity, printed};
    use super::*;

    #[test]
    fn the_worked_series_grows_at_its_published_rate() {
        printed(cagr(1.0, equity(&W)[12].1, 12.0), "0.6553365724");
    }

    #[test]
    fn a_year_of_365_days_is_its_own_rate() {
        printed(cagr(100.0, 121.0, 365.0), "0.210000000");
        printed(cagr(100.0, 121.0, 730.0), "0.100000000");
        assert!(cagr(100.0, 0.0, 365.0).is_err() && cagr(100.0, 121.0, 0.0).is_err());
    }
}
