//! Deflated Sharpe ratio (Bailey & López de Prado 2014, JPM 40(5)).

use super::super::probabilistic_sharpe::Evidence;
use super::super::{Undefined, moments};
use super::expected_maximum::expected_maximum;

/// Shown beside the number.
pub const DEFINITION: &str = "DSR: probability that the true Sharpe ratio is above what the best of as many effective trials without any skill would show, given the number, skewness and raw kurtosis of the returns";

/// Out of what the best trial was picked.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Selection {
    /// Effective number of independent trials; see [`super::effective_trials`].
    pub trials: f64,
    /// Population variance of the trials' Sharpe ratios, per observation (an annual one divided by A).
    pub variance: f64,
}

impl Selection {
    /// From the Sharpe ratios of all trials, per observation, and their effective number.
    ///
    /// # Errors
    /// Without trials.
    pub fn of(sharpes: &[f64], trials: f64) -> Result<Self, Undefined> {
        Ok(Selection { trials, variance: moments::population_variance(sharpes)? })
    }

    /// `√V E[max_N]`: the ratio per observation that the best trial has to beat.
    ///
    /// # Errors
    /// When the variance is not a number of zero or more.
    pub fn hurdle(&self) -> Result<f64, Undefined> {
        if !self.variance.is_finite() || self.variance < 0.0 {
            return Err(Undefined("the variance of the trials' Sharpe ratios is not known"));
        }
        Ok(self.variance.sqrt() * expected_maximum(self.trials))
    }
}

/// The probability that the true ratio is above the hurdle.
///
/// # Errors
/// As [`Selection::hurdle`] and [`Evidence::probability_above`].
pub fn deflated(evidence: &Evidence, selection: &Selection) -> Result<f64, Undefined> {
    evidence.probability_above(selection.hurdle()?)
}

#[cfg(test)]
mod tests {
    use super::super::super::worked::printed;
    use super::*;

    /// The example of the paper: an annual ratio of 2.5 over five years of 250 days, annual variance one half.
    fn example() -> Evidence {
        Evidence { sharpe: 2.5 / 250.0_f64.sqrt(), observations: 1250, skew: -3.0, kurtosis: 10.0 }
    }

    fn among(trials: f64) -> Selection {
        Selection { trials, variance: 0.5 / 250.0 }
    }

    #[test]
    fn the_example_of_the_paper_is_reproduced() {
        printed(Ok(example().sharpe), "0.158114");
        printed(among(100.0).hurdle(), "0.113172");
        printed(among(46.0).hurdle(), "0.100362");
        let found = |trials| deflated(&example(), &among(trials));
        printed(found(100.0), "0.900397");
        printed(found(46.0), "0.950502");
        printed(found(47.0), "0.949404");
        printed(found(10.0), "0.993880");
        printed(found(1000.0), "0.639915");
    }

    #[test]
    fn normal_returns_bear_more_trials() {
        let normal = Evidence { skew: 0.0, kurtosis: 3.0, ..example() };
        printed(deflated(&normal, &among(88.0)), "0.950491");
        printed(deflated(&normal, &among(89.0)), "0.949839");
    }

    #[test]
    fn the_two_mistakes_of_kurtosis_would_be_seen() {
        // Excess kurtosis, and three taken off twice: what the test above would print were it so.
        printed(deflated(&Evidence { kurtosis: 7.0, ..example() }, &among(100.0)), "0.901779");
        printed(deflated(&Evidence { kurtosis: 4.0, ..example() }, &among(100.0)), "0.903172");
    }

    #[test]
    fn the_case_that_another_library_tests_has_its_population_variance() {
        let evidence = Evidence { sharpe: 1.14, observations: 250, skew: 0.0, kurtosis: 3.0 };
        let selection = Selection::of(&[3.5, 1.01, 1.02], 3.0).unwrap();
        printed(deflated(&evidence, &selection), "0.958366");
    }

    #[test]
    fn one_trial_is_not_deflated_and_more_trials_deflate_more() {
        assert_eq!(deflated(&example(), &among(1.0)), example().probability_above(0.0));
        let found: Vec<f64> =
            (1..60).map(|trials| deflated(&example(), &among(f64::from(trials * trials))).unwrap()).collect();
        assert!(found.windows(2).all(|pair| pair[1] < pair[0]));
        assert!(Selection::of(&[], 1.0).is_err());
        assert!(Selection { trials: 5.0, variance: f64::NAN }.hurdle().is_err());
    }
}
