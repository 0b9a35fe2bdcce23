//! What many tests leave of a p-value, and of a Sharpe ratio (Harvey & Liu 2015, "Backtesting", JPM 42(1)).

use super::super::{Undefined, normal};

/// Shown beside the haircut.
pub const DEFINITION: &str = "haircut: the share of the Sharpe ratio that is lost when its p-value is adjusted for all trials; Bonferroni and Holm hold the probability of a single false find, BHY the share of false finds, whatever the dependence";

/// How p-values are adjusted for their number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Adjustment {
    /// Each times their number (Bonferroni 1936): the probability of one false find or more.
    Bonferroni,
    /// The same in steps, never harsher (Holm 1979).
    Holm,
    /// Share of false finds under any dependence (Benjamini & Yekutieli 2001; "BHY" in Harvey & Liu).
    Bhy,
}

/// What is left of a Sharpe ratio.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Haircut {
    /// Two-sided p-value of the ratio alone.
    pub alone: f64,
    /// The same after the adjustment.
    pub adjusted: f64,
    /// The ratio per observation that would have the adjusted p-value, never negative.
    pub sharpe: f64,
    /// Share that was cut off, from 0 to 1.
    pub haircut: f64,
}

/// The adjusted p-values, in the order given.
///
/// # Errors
/// Without p-values, and when one is not between 0 and 1.
pub fn adjusted(p_values: &[f64], adjustment: Adjustment) -> Result<Vec<f64>, Undefined> {
    if p_values.is_empty() {
        return Err(Undefined("there are no p-values"));
    }
    if p_values.iter().any(|value| !(0.0..=1.0).contains(value)) {
        return Err(Undefined("a p-value lies between 0 and 1"));
    }
    let count = p_values.len() as f64;
    let mut order: Vec<usize> = (0..p_values.len()).collect();
    order.sort_by(|one, other| p_values[*one].total_cmp(&p_values[*other]));
    let mut found = vec![0.0; p_values.len()];
    match adjustment {
        Adjustment::Bonferroni => {
            for (place, value) in found.iter_mut().zip(p_values) {
                *place = (count * value).min(1.0);
            }
        }
        Adjustment::Holm => {
            let mut least = 0.0_f64;
            for (step, &place) in order.iter().enumerate() {
                least = least.max((count - step as f64) * p_values[place]).min(1.0);
                found[place] = least;
            }
        }
        Adjustment::Bhy => {
            let harmonic = (1..=p_values.len()).fold(0.0, |sum, number| sum + 1.0 / number as f64);
            let mut most = 1.0_f64;
            for (step, &place) in order.iter().enumerate().rev() {
                most = most.min(harmonic * count / (step as f64 + 1.0) * p_values[place]);
                found[place] = most;
            }
        }
    }
    Ok(found)
}

/// The haircut of each trial's Sharpe ratio (per observation, over so many observations) for their number. Ratios of zero
/// or less are tested like the others and keep nothing: a haircut of 1.
///
/// # Errors
/// Without trials or observations, and when a ratio is not a number.
pub fn haircuts(sharpes: &[f64], observations: usize, adjustment: Adjustment) -> Result<Vec<Haircut>, Undefined> {
    if observations == 0 {
        return Err(Undefined("there are no observations"));
    }
    if sharpes.iter().any(|ratio| ratio.is_nan()) {
        return Err(Undefined("a Sharpe ratio is not a number"));
    }
    let root = (observations as f64).sqrt();
    let alone: Vec<f64> = sharpes.iter().map(|ratio| 2.0 * normal::cumulative(-ratio.abs() * root)).collect();
    let adjusted = adjusted(&alone, adjustment)?;
    let left = |((&ratio, &alone), &adjusted): ((&f64, &f64), &f64)| {
        if ratio <= 0.0 {
            return Haircut { alone, adjusted, sharpe: 0.0, haircut: 1.0 };
        }
        // A p-value below what a float can hold would ask for an infinite ratio: what was measured is the most.
        let sharpe = (-normal::quantile(0.5 * adjusted) / root).clamp(0.0, ratio);
        Haircut { alone, adjusted, sharpe, haircut: 1.0 - sharpe / ratio }
    };
    Ok(sharpes.iter().zip(&alone).zip(&adjusted).map(left).collect())
}

#[cfg(test)]
mod tests {
    use super::super::super::worked::printed;
    use super::*;

    const ALL: [Adjustment; 3] = [Adjustment::Bonferroni, Adjustment::Holm, Adjustment::Bhy];

    #[test]
    fn six_p_values_by_hand() {
        let six = [0.005, 0.009, 0.0128, 0.0135, 0.045, 0.06];
        let texts = |adjustment| -> Vec<String> {
            adjusted(&six, adjustment).unwrap().iter().map(|value| format!("{value:.4}")).collect()
        };
        assert_eq!(texts(Adjustment::Bonferroni), ["0.0300", "0.0540", "0.0768", "0.0810", "0.2700", "0.3600"]);
        assert_eq!(texts(Adjustment::Holm), ["0.0300", "0.0450", "0.0512", "0.0512", "0.0900", "0.0900"]);
        // Times 2.45, the sixth harmonic number: 0.0135 · 6/4 · 2.45 caps those before it.
        assert_eq!(texts(Adjustment::Bhy), ["0.0496", "0.0496", "0.0496", "0.0496", "0.1323", "0.1470"]);
    }

    #[test]
    fn adjusted_values_keep_the_order_and_holm_is_never_harsher_than_bonferroni() {
        let mut chance = crate::chance::Chance::new(8, 0);
        for _ in 0..50 {
            let values: Vec<f64> = (0..30).map(|_| chance.unit() * chance.unit()).collect();
            let [bonferroni, holm, bhy] = ALL.map(|adjustment| adjusted(&values, adjustment).unwrap());
            for place in 0..30 {
                assert!(values[place] <= holm[place] && holm[place] <= bonferroni[place]);
                assert!(values[place] <= bhy[place] && bhy[place] <= 1.0);
            }
            for found in [&bonferroni, &holm, &bhy] {
                for one in 0..30 {
                    let ordered = |other: usize| values[one] > values[other] || found[one] <= found[other];
                    assert!((0..30).all(ordered));
                }
            }
        }
    }

    #[test]
    fn one_test_is_not_cut_and_more_tests_cut_more() {
        for adjustment in ALL {
            let alone = haircuts(&[0.1], 400, adjustment).unwrap()[0];
            assert!((alone.sharpe - 0.1).abs() < 1e-15 && alone.haircut.abs() < 1e-14);
            printed(Ok(alone.alone), "0.0455003");
            let mut among = vec![0.01; 99];
            among.push(0.2);
            let many = haircuts(&among, 400, adjustment).unwrap()[99];
            let few = haircuts(&among[90..], 400, adjustment).unwrap()[9];
            assert!(many.haircut > few.haircut && few.haircut > 0.0, "{adjustment:?}");
            assert!((2.0 * normal::cumulative(-many.sharpe * 20.0) / many.adjusted - 1.0).abs() < 1e-9);
        }
    }

    #[test]
    fn nothing_is_left_of_what_was_never_above_zero_or_is_not_significant() {
        let found = haircuts(&[-0.3, 0.0, 0.01], 400, Adjustment::Bonferroni).unwrap();
        assert_eq!(found.iter().map(|one| one.haircut).collect::<Vec<_>>(), [1.0; 3]);
        assert_eq!(haircuts(&[5.0], 1_000_000, Adjustment::Holm).unwrap()[0].haircut, 0.0);
        assert!(haircuts(&[], 10, Adjustment::Holm).is_err() && haircuts(&[0.1], 0, Adjustment::Holm).is_err());
        assert!(haircuts(&[f64::NAN], 10, Adjustment::Holm).is_err());
        assert!(adjusted(&[1.5], Adjustment::Bhy).is_err());
    }
}
