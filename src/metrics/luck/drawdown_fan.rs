//! How deep the largest drawdown could have become by each day, had the same days come in another order: resamples of the
//! daily returns by the stationary bootstrap (Politis & Romano 1994, JASA 89).

use super::super::{Undefined, quantile};
use super::block_length::BlockLength;
use super::resample::StationaryBootstrap;
use crate::chance::Chance;

/// Shown beside the fan.
pub const DEFINITION: &str = "quantiles, over 1,000 resamples of the daily returns by the stationary bootstrap with the block length that the returns ask for and a fixed seed, of the largest drawdown from the start to each day";

/// How many resamples are drawn.
pub const REPLICATIONS: usize = 1_000;
/// The quantiles of the fan.
pub const SHARES: [f64; 5] = [0.05, 0.25, 0.5, 0.75, 0.95];

/// Days at which the fan is measured, at most.
const STEPS: usize = 120;
/// What tells the stream of these draws from others of the same seed.
const STREAM: u64 = 0x6661_6e00;
const SEED: u64 = 1;

/// The fan: by day, the quantiles of the largest drawdown so far.
#[derive(Clone, Debug, PartialEq)]
pub struct DrawdownFan {
    /// Daily returns from the start to the place of measurement.
    pub days: Vec<usize>,
    /// At each of them, by [`SHARES`]: largest drawdown so far, a fraction of its peak.
    pub quantiles: Vec<[f64; SHARES.len()]>,
    /// The same of the returns in the order in which they came.
    pub actual: Vec<f64>,
    /// The mean block length that was used, in returns.
    pub block: f64,
}

impl DrawdownFan {
    /// Of daily returns above -1, which compound.
    ///
    /// # Errors
    /// With fewer than two returns, or one that is not finite.
    pub fn of(returns: &[f64]) -> Result<Self, Undefined> {
        if returns.len() < 2 {
            return Err(Undefined("fewer than two daily returns"));
        }
        if returns.iter().any(|value| !value.is_finite()) {
            return Err(Undefined("a daily return is not a finite number"));
        }
        let days = steps(returns.len());
        let block = BlockLength::stationary_or_single(returns);
        let bootstrap = StationaryBootstrap::of_mean_length(block)?;
        let mut chance = Chance::new(SEED, STREAM);
        let mut rows = vec![0; returns.len()];
        let mut depths = vec![Vec::with_capacity(REPLICATIONS); days.len()];
        for _ in 0..REPLICATIONS {
            bootstrap.draw(&mut chance, &mut rows);
            let path = deepest(rows.iter().map(|row| returns[*row]), &days);
            depths.iter_mut().zip(path).for_each(|(all, depth)| all.push(depth));
        }
        let at_day = |all: &Vec<f64>| -> Result<[f64; SHARES.len()], Undefined> {
            let sorted = quantile::sorted(all)?;
            Ok(SHARES.map(|share| quantile::of_sorted(&sorted, share)))
        };
        let quantiles = depths.iter().map(at_day).collect::<Result<_, _>>()?;
        let actual = deepest(returns.iter().copied(), &days);
        Ok(DrawdownFan { days, quantiles, actual, block })
    }
}

/// Numbers of returns, ascending to all of them.
fn steps(count: usize) -> Vec<usize> {
    let size = count.div_ceil(STEPS);
    (1..=count).filter(|day| day % size == 0 || *day == count).collect()
}

/// The largest drawdown so far at each of the days.
fn deepest(returns: impl Iterator<Item = f64>, days: &[usize]) -> Vec<f64> {
    let (mut worth, mut peak, mut depth) = (1.0_f64, 1.0_f64, 0.0_f64);
    let mut wanted = days.iter().peekable();
    let mut found = Vec::with_capacity(days.len());
    for (place, value) in returns.enumerate() {
        worth *= 1.0 + value;
        peak = peak.max(worth);
        depth = depth.max(1.0 - worth / peak);
        if wanted.next_if(|day| **day == place + 1).is_some() {
            found.push(depth);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::super::drawdown::Drawdown;
    use super::super::super::worked::{W, equity};
    use super::*;

    #[test]
    fn the_fan_opens_with_the_days_and_ends_at_all_of_them() {
        let mut chance = Chance::new(8, 0);
        let returns: Vec<f64> = (0..700).map(|_| 0.02 * chance.normal()).collect();
        let fan = DrawdownFan::of(&returns).unwrap();
        assert!(fan.days.len() <= STEPS + 1 && fan.days.last() == Some(&700));
        assert!(fan.quantiles.iter().all(|row| row.is_sorted()));
        for pair in fan.quantiles.windows(2) {
            assert!(pair[0].iter().zip(&pair[1]).all(|(before, now)| before <= now));
        }
        assert_eq!(DrawdownFan::of(&returns), Ok(fan));
    }

    #[test]
    fn the_actual_order_has_the_drawdown_that_it_had() {
        let fan = DrawdownFan::of(&W).unwrap();
        assert_eq!(fan.days, (1..=12).collect::<Vec<_>>());
        let real = Drawdown::of(&equity(&W)).unwrap().depth;
        assert!((fan.actual[11] - real).abs() < 1e-14);
    }

    #[test]
    fn a_sure_loss_has_no_width() {
        let fan = DrawdownFan::of(&[-0.5, -0.5]).unwrap();
        assert_eq!((fan.quantiles[1], fan.actual[1]), ([0.75; 5], 0.75));
        assert!(DrawdownFan::of(&[0.1]).is_err() && DrawdownFan::of(&[0.1, f64::NAN]).is_err());
    }
}
