//! How long a record has to be: minimum track record length (Bailey & López de Prado 2012, J. Risk 15(2)) and minimum
//! backtest length (Bailey, Borwein, López de Prado & Zhu 2014, Notices AMS 61(5)).

use super::super::probabilistic_sharpe::Evidence;
use super::super::{Undefined, normal};
use super::expected_maximum::expected_maximum;

/// Shown beside the track record length.
pub const DEFINITION: &str = "minimum track record length: observations until the Sharpe ratio is above the benchmark with the stated confidence, given skewness and raw kurtosis";
/// Shown beside the backtest length.
pub const BACKTEST_DEFINITION: &str = "minimum backtest length: years below which the best of as many trials without any skill is expected to reach the target annual Sharpe ratio";

/// `1 + (1 - γ₃ SR + (γ₄-1)/4 SR²) (z / (SR - SR*))²`: the number of observations, a real number, from which the ratio
/// is above `benchmark` with probability `confidence`, both ratios per observation. The number of observations that the
/// evidence rests on plays no part.
///
/// # Errors
/// When the ratio is not above the benchmark (no length would do), when the confidence is not between one half and 1,
/// and when the moments leave the ratio no positive variance.
pub fn minimum_observations(evidence: &Evidence, benchmark: f64, confidence: f64) -> Result<f64, Undefined> {
    if !(confidence > 0.5 && confidence < 1.0) {
        return Err(Undefined("the confidence in a track record lies between one half and 1"));
    }
    let above = evidence.sharpe - benchmark;
    if above.is_nan() || above <= 0.0 {
        return Err(Undefined("the Sharpe ratio is not above the benchmark, however long the record"));
    }
    let reach = normal::quantile(1.0 - confidence) / above;
    Ok(1.0 + evidence.variance()? * reach * reach)
}

/// `(E[max_N] / SR)²`: the years of backtest below which the best of `trials` independent trials whose true ratio is
/// zero is expected to show `target`, an annual Sharpe ratio.
///
/// # Errors
/// When the target is not positive.
pub fn minimum_backtest_years(trials: f64, target: f64) -> Result<f64, Undefined> {
    if target.is_nan() || target <= 0.0 {
        return Err(Undefined("the target Sharpe ratio is not positive"));
    }
    let maximum = expected_maximum(trials) / target;
    Ok(maximum * maximum)
}

#[cfg(test)]
mod tests {
    use super::super::super::worked::printed;
    use super::*;

    fn record(annual: f64, per_year: f64, skew: f64, kurtosis: f64) -> Evidence {
        Evidence { sharpe: annual / per_year.sqrt(), observations: 2, skew, kurtosis }
    }

    #[test]
    fn an_annual_ratio_of_two_against_one_takes_its_published_time() {
        let length = |per_year: f64, skew, kurtosis| {
            minimum_observations(&record(2.0, per_year, skew, kurtosis), 1.0 / per_year.sqrt(), 0.95)
        };
        let years = |per_year: f64, skew, kurtosis| length(per_year, skew, kurtosis).map(|found| found / per_year);
        printed(length(252.0, 0.0, 3.0), "688.21");
        printed(years(252.0, 0.0, 3.0), "2.7310");
        printed(length(52.0, 0.0, 3.0), "147.10");
        printed(years(52.0, 0.0, 3.0), "2.8288");
        printed(length(12.0, 0.0, 3.0), "38.878");
        printed(years(12.0, 0.0, 3.0), "3.2398");
        printed(length(12.0, -0.72, 5.78), "59.895");
        printed(years(12.0, -0.72, 5.78), "4.9913");
        printed(length(365.0, 0.0, 3.0), "993.93");
        printed(years(365.0, 0.0, 3.0), "2.7231");
    }

    #[test]
    fn the_length_that_another_library_tests_is_met() {
        let evidence = Evidence { sharpe: 1.14, observations: 250, skew: 0.0, kurtosis: 3.0 };
        printed(minimum_observations(&evidence, 1.0, 0.95), "228.734979");
    }

    #[test]
    fn a_record_of_the_minimum_length_has_just_that_confidence() {
        let evidence = record(2.0, 365.0, -0.5, 6.0);
        let length = minimum_observations(&evidence, 0.01, 0.95).unwrap();
        for (observations, enough) in [(length.floor() as usize, false), (length.ceil() as usize, true)] {
            let probability = Evidence { observations, ..evidence }.probability_above(0.01).unwrap();
            assert_eq!(probability >= 0.95, enough, "{observations}");
        }
    }

    #[test]
    fn no_length_proves_what_is_not_there() {
        let evidence = record(1.0, 365.0, 0.0, 3.0);
        assert!(minimum_observations(&evidence, evidence.sharpe, 0.95).is_err());
        assert!(minimum_observations(&evidence, 1.0, 0.95).is_err());
        assert!([0.5, 1.0, f64::NAN].iter().all(|share| minimum_observations(&evidence, 0.0, *share).is_err()));
    }

    #[test]
    fn five_years_bear_no_more_than_forty_five_trials() {
        let cases = [
            (10.0, "2.479"),
            (45.0, "4.998"),
            (46.0, "5.036"),
            (100.0, "6.404"),
            (1000.0, "10.596"),
            (10_000.0, "14.905"),
        ];
        for (trials, years) in cases {
            printed(minimum_backtest_years(trials, 1.0), years);
            let bound = 2.0 * libm::log(trials);
            assert!(minimum_backtest_years(trials, 1.0).unwrap() < bound);
            printed(minimum_backtest_years(trials, 2.0).map(|found| 4.0 * found), years);
        }
        assert_eq!(minimum_backtest_years(1.0, 1.0), Ok(0.0));
        assert!(minimum_backtest_years(10.0, 0.0).is_err());
    }
}
