//! Z-score of closes: how many deviations the last one stands from the mean.

use super::Machine;
use super::moments::Moments;
use super::ring::{Ring, WarmUp, magnitude_bits, single};
use crate::domain::{Candle, CandleRows};

/// (close - mean) / population standard deviation of the last `window` closes, this one included, as
/// (n * x - sum) / sqrt(n * sum(x^2) - sum(x)^2) with both differences exact integers. Undefined while all closes of
/// the window are equal. The largest close is that of [`Moments`].
#[derive(Clone, Debug)]
pub(super) struct ZScore {
    ring: Ring,
    warm_up: WarmUp,
    moments: Moments,
    seen: u64,
}

impl ZScore {
    /// A machine for a window of at least two candles.
    pub(super) fn new(window: u32) -> Self {
        ZScore { ring: Ring::new(window), warm_up: WarmUp::new(window), moments: Moments::new(window), seen: 0 }
    }

    fn advance(&mut self, closes: &[i64], out: &mut [f64]) {
        let mut moments = self.moments;
        self.seen |= magnitude_bits(closes);
        let clean = self.seen < moments.limit();
        self.ring.slide(closes, out, |entering, leaving| {
            let spread = match clean {
                true => moments.step(entering, leaving),
                false => moments.step_among_garbage(entering, leaving),
            };
            // Equal closes make this 0 / 0, which is no number.
            moments.above_mean(entering) / spread.sqrt()
        });
        self.moments = moments;
        self.warm_up.blank(out);
    }
}

impl Machine for ZScore {
    fn next(&mut self, candle: &Candle) -> Option<f64> {
        single(|out| self.advance(&[candle.close.units()], out))
    }

    fn fill(&mut self, rows: CandleRows<'_>, out: &mut [f64]) {
        assert_eq!(rows.len(), out.len(), "one place per row");
        self.advance(rows.close, out);
    }
}
