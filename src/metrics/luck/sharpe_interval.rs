//! How far an estimated Sharpe ratio can be from the true one (Mertens 2002, "Comments on variance of the IID estimator
//! in Lo (2002)"; Bailey & López de Prado 2012, J. Risk 15(2), with n - 1).

use super::super::probabilistic_sharpe::Evidence;
use super::super::{Undefined, normal};

/// Shown beside the error.
pub const DEFINITION: &str = "standard error of the Sharpe ratio: sqrt((1 - skewness SR + (raw kurtosis - 1)/4 SR^2) / (n - 1)); assumes returns without autocorrelation";

/// `√((1 - γ₃ SR + (γ₄-1)/4 SR²) / (n-1))`, per observation like the ratio itself; times √A for a ratio annualised by √A.
///
/// # Errors
/// With fewer than two observations, and when the moments leave the ratio no positive variance.
pub fn standard_error(evidence: &Evidence) -> Result<f64, Undefined> {
    if evidence.observations < 2 {
        return Err(Undefined("fewer than two returns"));
    }
    Ok((evidence.variance()? / (evidence.observations - 1) as f64).sqrt())
}

/// The two-sided interval that holds the true ratio with probability `confidence`, between 0 and 1: low and high end, per
/// observation.
///
/// # Errors
/// As [`standard_error`], and when the confidence is not strictly between 0 and 1.
pub fn interval(evidence: &Evidence, confidence: f64) -> Result<(f64, f64), Undefined> {
    if !(confidence > 0.0 && confidence < 1.0) {
        return Err(Undefined("a confidence lies between 0 and 1"));
    }
    let reach = -normal::quantile(0.5 * (1.0 - confidence)) * standard_error(evidence)?;
    Ok((evidence.sharpe - reach, evidence.sharpe + reach))
}

#[cfg(test)]
mod tests {
    use super::super::super::worked::{W, printed};
    use super::*;

    #[test]
    fn a_normal_record_has_the_error_of_lo() {
        // Lo 2002, table 1: SR 0.5 over 60 months: sqrt((1 + 0.5²/2)/60) = 0.137, here over n - 1.
        let record = Evidence { sharpe: 0.5, observations: 61, skew: 0.0, kurtosis: 3.0 };
        printed(standard_error(&record), "0.136931");
    }

    #[test]
    fn an_end_of_the_interval_is_the_benchmark_that_has_this_probability() {
        let evidence = Evidence::of(&W).unwrap();
        let (low, high) = interval(&evidence, 0.9).unwrap();
        assert!((evidence.probability_above(low).unwrap() - 0.95).abs() < 1e-14);
        assert!((evidence.probability_above(high).unwrap() - 0.05).abs() < 1e-14);
        assert!(low < evidence.sharpe && evidence.sharpe < high);
    }

    #[test]
    fn losses_that_are_larger_than_gains_widen_the_interval() {
        let record = Evidence { sharpe: 0.458, observations: 24, skew: 0.0, kurtosis: 3.0 };
        let skewed = Evidence { skew: -2.448, kurtosis: 10.164, ..record };
        assert!(standard_error(&skewed).unwrap() > standard_error(&record).unwrap());
    }

    #[test]
    fn a_confidence_of_nothing_or_all_has_no_interval() {
        let evidence = Evidence::of(&W).unwrap();
        assert!([0.0, 1.0, f64::NAN].iter().all(|confidence| interval(&evidence, *confidence).is_err()));
        assert!(standard_error(&Evidence { observations: 1, ..evidence }).is_err());
    }
}
