//! How long the blocks of a bootstrap should be (Politis & White 2004, Econometric Reviews 23(1); corrected by Patton,
//! Politis & White 2009, Econometric Reviews 28(4)).

use super::super::{Undefined, moments};
use super::trials::dot;

/// The fewest observations from which a block length is estimated.
pub const OBSERVATIONS_MIN: usize = 16;

/// The fewest autocorrelations in a row that have to be negligible before the rest are taken for so.
const LAGS_MIN: usize = 5;

/// Mean block lengths that make the mean squared error of the variance of the mean least.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BlockLength {
    /// For the stationary bootstrap.
    pub stationary: f64,
    /// For the circular block bootstrap.
    pub circular: f64,
}

impl BlockLength {
    /// Estimated from a series: `(G/g)^(2/3) n^(1/3)`, at most `min(3 √n, n/3)` rounded up. Both are below 1 where
    /// nothing depends on what came before; see [`BlockLength::stationary_or_single`].
    ///
    /// # Errors
    /// With fewer than [`OBSERVATIONS_MIN`] observations, when they do not vary, and when the long-run variance is zero.
    pub fn of(series: &[f64]) -> Result<Self, Undefined> {
        if series.len() < OBSERVATIONS_MIN {
            return Err(Undefined("fewer than 16 observations to estimate a block length from"));
        }
        moments::spread(series)?;
        let count = series.len() as f64;
        let center = moments::mean(series)?;
        let deviations: Vec<f64> = series.iter().map(|value| value - center).collect();
        let covariances = Covariances::of(&deviations);
        let bandwidth = covariances.bandwidth();
        let (mut slope, mut long_run) = (0.0, covariances.values[0]);
        for lag in 1..=bandwidth {
            let place = lag as f64 / bandwidth as f64;
            // The flat-top window: full weight up to the middle, then down to nothing.
            let weight = if place <= 0.5 { 1.0 } else { 2.0 * (1.0 - place) };
            slope += 2.0 * weight * lag as f64 * covariances.values[lag];
            long_run += 2.0 * weight * covariances.values[lag];
        }
        let squared = long_run * long_run;
        if squared == 0.0 {
            return Err(Undefined("the long-run variance of the series is zero"));
        }
        let longest = (3.0 * count.sqrt()).min(count / 3.0).ceil();
        let length = |scale: f64| libm::cbrt(2.0 * slope * slope / (scale * squared) * count).min(longest);
        Ok(BlockLength { stationary: length(2.0), circular: length(4.0 / 3.0) })
    }

    /// The mean length for the stationary bootstrap of a series: single observations where the estimate is below 1, or
    /// where there is none because the series is short or does not vary.
    pub fn stationary_or_single(series: &[f64]) -> f64 {
        BlockLength::of(series).map_or(1.0, |found| found.stationary.max(1.0))
    }
}

/// Autocovariances and the sizes of the autocorrelations, by lag from 0.
struct Covariances {
    count: usize,
    values: Vec<f64>,
    correlations: Vec<f64>,
    run: usize,
}

impl Covariances {
    fn of(deviations: &[f64]) -> Self {
        let count = deviations.len();
        let run = LAGS_MIN.max(count.ilog10() as usize);
        let largest = ((count as f64).sqrt().ceil() as usize + run).min(count - 2);
        let (mut values, mut correlations) = (Vec::new(), Vec::new());
        for lag in 0..=largest {
            let cross = dot(&deviations[lag..], &deviations[..count - lag]);
            let (late, early) = (&deviations[lag + 1..], &deviations[..count - lag - 1]);
            values.push(cross / count as f64);
            correlations.push(cross.abs() / (dot(late, late) * dot(early, early)).sqrt());
        }
        Covariances { count, values, correlations, run }
    }

    /// Twice the lag behind which as many autocorrelations as the run is long are all negligible; else the largest lag.
    fn bandwidth(&self) -> usize {
        let count = self.count as f64;
        let negligible = 2.0 * (libm::log10(count) / count).sqrt();
        let largest = self.values.len() - 1;
        let quiet = |from: &usize| self.correlations[*from..*from + self.run].iter().all(|size| *size < negligible);
        let found = (0..=largest.saturating_sub(self.run)).find(quiet);
        found.map_or(largest, |lag| (2 * lag.max(1)).min(largest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chance::Chance;

    fn autoregression(coefficient: f64, length: usize, seed: u64) -> Vec<f64> {
        let mut chance = Chance::new(seed, 0);
        let mut value = 0.0;
        (0..length + 100)
            .map(|_| {
                value = coefficient * value + chance.normal();
                value
            })
            .skip(100)
            .collect()
    }

    #[test]
    fn the_circular_length_is_longer_by_the_cube_root_of_three_halves() {
        for seed in 0..5 {
            let found = BlockLength::of(&autoregression(0.3, 2000, seed)).unwrap();
            assert!((found.circular / found.stationary - 1.144_714_242_553_332).abs() < 1e-12);
        }
    }

    #[test]
    fn an_autoregression_has_about_the_length_of_theory() {
        // For an AR(1) of 0.3 over 10 000 values theory has 16.3.
        let found: Vec<f64> =
            (0..20).map(|seed| BlockLength::of(&autoregression(0.3, 10_000, seed)).unwrap().stationary).collect();
        let mean = moments::mean(&found).unwrap();
        assert!((mean - 16.3).abs() < 1.5, "{mean}");
    }

    #[test]
    fn more_dependence_and_more_observations_ask_for_longer_blocks() {
        let length = |coefficient, rows| BlockLength::of(&autoregression(coefficient, rows, 3)).unwrap().stationary;
        assert!(length(0.1, 5000) < length(0.4, 5000) && length(0.4, 5000) < length(0.8, 5000));
        assert!(length(0.4, 500) < length(0.4, 50_000));
        // Never beyond three roots of the length.
        assert!(length(0.999, 400) <= 60.0);
    }

    #[test]
    fn scale_and_level_do_not_matter() {
        let series = autoregression(0.5, 1000, 8);
        let other: Vec<f64> = series.iter().map(|value| 7.0 - 0.001 * value).collect();
        let (one, two) = (BlockLength::of(&series).unwrap(), BlockLength::of(&other).unwrap());
        assert!((one.stationary - two.stationary).abs() < 1e-6 * one.stationary);
    }

    #[test]
    fn short_and_constant_series_are_taken_one_by_one() {
        assert!(BlockLength::of(&[0.1, 0.2, 0.1]).is_err());
        assert!(BlockLength::of(&[0.1; 100]).is_err());
        assert_eq!(BlockLength::stationary_or_single(&[0.1; 100]), 1.0);
        assert!(BlockLength::stationary_or_single(&autoregression(0.0, 300, 1)) >= 1.0);
        assert!(BlockLength::of(&autoregression(0.0, 16, 1)).is_ok());
    }
}
