//! How sure a Sharpe ratio is, by resampling its own returns: the percentile interval of the stationary bootstrap
//! (Politis & Romano 1994, JASA 89; percentile interval: Efron 1979).

use super::super::{DAILY_RETURNS_MIN, Undefined, quantile, sharpe};
use super::block_length::BlockLength;
use super::resample::StationaryBootstrap;
use crate::chance::Chance;

/// Shown beside the interval.
pub const DEFINITION: &str = "2.5 and 97.5 % quantiles of the Sharpe ratios of 1,000 resamples of the daily returns by the stationary bootstrap, with the block length that the returns ask for (Politis & White 2004) and a fixed seed";

/// How many resamples are drawn.
pub const REPLICATIONS: usize = 1_000;

/// What tells the stream of these draws from others of the same seed.
const STREAM: u64 = 0x7368_6172_7065;
const SEED: u64 = 1;

/// The interval that holds the middle 95 % of the resampled ratios, annualised by the root of `periods_per_year`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SharpeBootstrap {
    /// 2.5 % of the ratios lie below.
    pub low: f64,
    /// 2.5 % of them lie above.
    pub high: f64,
    /// The mean block length that was used, in returns.
    pub block: f64,
}

impl SharpeBootstrap {
    /// Of daily returns. A resample that does not vary has no ratio and is drawn for nothing.
    ///
    /// # Errors
    /// With fewer than 30 returns, or when fewer than half of the resamples have a ratio.
    pub fn of(returns: &[f64], periods_per_year: f64) -> Result<Self, Undefined> {
        if returns.len() < DAILY_RETURNS_MIN {
            return Err(Undefined("fewer than 30 daily returns"));
        }
        sharpe::sharpe(returns, periods_per_year)?;
        let block = BlockLength::stationary_or_single(returns);
        let bootstrap = StationaryBootstrap::of_mean_length(block)?;
        let mut chance = Chance::new(SEED, STREAM);
        let (mut rows, mut drawn) = (vec![0; returns.len()], vec![0.0; returns.len()]);
        let mut ratios = Vec::with_capacity(REPLICATIONS);
        for _ in 0..REPLICATIONS {
            bootstrap.draw(&mut chance, &mut rows);
            for (value, row) in drawn.iter_mut().zip(&rows) {
                *value = returns[*row];
            }
            ratios.extend(sharpe::sharpe(&drawn, periods_per_year));
        }
        if ratios.len() < REPLICATIONS / 2 {
            return Err(Undefined("most resamples of the daily returns do not vary"));
        }
        let sorted = quantile::sorted(&ratios)?;
        let at = |share| quantile::of_sorted(&sorted, share);
        Ok(SharpeBootstrap { low: at(0.025), high: at(0.975), block })
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::probabilistic_sharpe::Evidence;
    use super::super::sharpe_interval;
    use super::*;

    fn normal(count: usize, mean: f64, seed: u64) -> Vec<f64> {
        let mut chance = Chance::new(seed, 0);
        (0..count).map(|_| mean + 0.02 * chance.normal()).collect()
    }

    #[test]
    fn independent_returns_have_about_the_interval_of_theory() {
        for seed in 0..4 {
            let returns = normal(1_500, 0.001, seed);
            let found = SharpeBootstrap::of(&returns, 1.0).unwrap();
            let (low, high) = sharpe_interval::interval(&Evidence::of(&returns).unwrap(), 0.95).unwrap();
            let width = (found.high - found.low) / (high - low);
            assert!((0.75..1.25).contains(&width), "{width}");
            let ratio = sharpe::sharpe(&returns, 1.0).unwrap();
            assert!(found.low < ratio && ratio < found.high);
        }
    }

    #[test]
    fn returns_that_persist_have_a_wider_interval_than_the_same_ones_mixed() {
        let fresh = normal(2_000, 0.0005, 9);
        let mut before = 0.0;
        let persistent: Vec<f64> = fresh
            .iter()
            .map(|value| {
                before = 0.6 * before + value;
                before
            })
            .collect();
        let mut mixed = persistent.clone();
        let mut chance = Chance::new(5, 0);
        for place in (1..mixed.len()).rev() {
            mixed.swap(place, chance.below(place as u64 + 1) as usize);
        }
        let width = |returns: &[f64]| SharpeBootstrap::of(returns, 1.0).map(|found| found.high - found.low).unwrap();
        assert!(width(&persistent) > 1.4 * width(&mixed));
    }

    #[test]
    fn few_or_level_returns_have_none() {
        assert!(SharpeBootstrap::of(&normal(29, 0.0, 1), 1.0).is_err());
        assert!(SharpeBootstrap::of(&[0.01; 60], 1.0).is_err());
    }

    #[test]
    fn the_same_returns_have_the_same_interval() {
        let returns = normal(100, 0.001, 2);
        assert_eq!(SharpeBootstrap::of(&returns, 365.0), SharpeBootstrap::of(&returns, 365.0));
    }
}
