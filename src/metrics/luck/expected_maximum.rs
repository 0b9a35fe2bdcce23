//! What the best of many trials without any skill is expected to show (Bailey & López de Prado 2014, JPM 40(5)).

use super::super::normal;

/// The Euler-Mascheroni constant γ.
const EULER: f64 = 0.577_215_664_901_532_9;

/// `(1-γ) Φ⁻¹(1 - 1/N) + γ Φ⁻¹(1 - 1/(N e))`: the expected largest of N independent standard normal values, in standard
/// deviations. An approximation from extreme value theory, poor below five trials.
///
/// A number of trials need not be whole (an effective number rarely is). One trial or fewer are no selection: 0; so is
/// what the approximation would put below zero between one and two.
pub fn expected_maximum(trials: f64) -> f64 {
    if trials.is_nan() || trials <= 1.0 {
        return 0.0;
    }
    // The quantile of a small share keeps its digits however many trials there are; that of its complement would not.
    let at = |share: f64| -normal::quantile(share);
    let maximum = (1.0 - EULER) * at(1.0 / trials) + EULER * at(1.0 / (trials * std::f64::consts::E));
    maximum.max(0.0)
}

#[cfg(test)]
mod tests {
    use super::super::super::worked::printed;
    use super::*;

    #[test]
    fn the_published_maxima_are_met() {
        let cases = [
            (2.0, "0.519755"),
            (5.0, "1.192594"),
            (10.0, "1.574598"),
            (45.0, "2.235640"),
            (46.0, "2.244171"),
            (100.0, "2.530603"),
            (1000.0, "3.255122"),
            (10_000.0, "3.860665"),
        ];
        for (trials, text) in cases {
            printed(Ok(expected_maximum(trials)), text);
        }
    }

    #[test]
    fn one_trial_is_no_selection_and_more_trials_never_expect_less() {
        assert_eq!(expected_maximum(1.0), 0.0);
        assert_eq!(expected_maximum(0.0), 0.0);
        assert_eq!(expected_maximum(f64::NAN), 0.0);
        let mut before = 0.0;
        for step in 0..4000 {
            let trials = 1.0 + f64::from(step * step) / 50.0;
            let now = expected_maximum(trials);
            assert!(now.is_finite() && now >= before, "{trials}: {now} after {before}");
            before = now;
        }
        assert!(expected_maximum(1e15) > 7.9);
    }
}
