//! Weighted moving average of closes.

use super::ring::{Ring, WarmUp, single};
use super::{Machine, nearest, units_per_whole};
use crate::domain::{Candle, CandleRows};

/// The mean of the last `window` closes with weights 1 (the oldest) to `window` (the newest). Both sums are exact
/// integers; the value is the last close plus its exact distance to the mean, so that a market that stands still gives
/// its own price to the last bit, however large the weights.
#[derive(Clone, Debug)]
pub(super) struct Wma {
    ring: Ring,
    warm_up: WarmUp,
    window: i128,
    sum: i128,
    weighted: i128,
    /// The sum of all weights.
    weights: i128,
    units_per_whole: f64,
}

impl Wma {
    /// A machine for a window of at least one candle.
    pub(super) fn new(window: u32, price_decimals: u8) -> Self {
        Wma {
            ring: Ring::new(window),
            warm_up: WarmUp::new(window),
            window: i128::from(window),
            sum: 0,
            weighted: 0,
            weights: i128::from(window) * (i128::from(window) + 1) / 2,
            units_per_whole: units_per_whole(price_decimals),
        }
    }

    fn advance(&mut self, closes: &[i64], out: &mut [f64]) {
        let (window, weights, divisor) = (self.window, self.weights, nearest(self.weights));
        let (mut sum, mut weighted) = (self.sum, self.weighted);
        self.ring.slide(closes, out, |entering, leaving| {
            let (entering, leaving) = (i128::from(entering), i128::from(leaving));
            // Every close that is there already loses one weight; the one that leaves had one left.
            weighted += window * entering - sum;
            sum += entering - leaving;
            nearest(weighted - weights * entering) / divisor + nearest(entering)
        });
        (self.sum, self.weighted) = (sum, weighted);
        for value in out.iter_mut() {
            *value /= self.units_per_whole;
        }
        self.warm_up.blank(out);
    }
}

impl Machine for Wma {
    fn next(&mut self, candle: &Candle) -> Option<f64> {
        single(|out| self.advance(&[candle.close.units()], out))
    }

    fn fill(&mut self, rows: CandleRows<'_>, out: &mut [f64]) {
        assert_eq!(rows.len(), out.len(), "one place per row");
        self.advance(rows.close, out);
    }
}
