//! Standard deviation of closes.

use super::moments::Moments;
use super::ring::{Ring, WarmUp, magnitude_bits, single};
use super::{Machine, units_per_whole};
use crate::domain::{Candle, CandleRows};

/// The population standard deviation (divided by n, not n - 1) of the last `window` closes, like TA-Lib's STDDEV with
/// `nbdev` 1, from exact sums: see [`Moments`], also for the largest close.
#[derive(Clone, Debug)]
pub(super) struct StandardDeviation {
    ring: Ring,
    warm_up: WarmUp,
    moments: Moments,
    /// A bound on the magnitude of every close so far: tells whether any was beyond the limit.
    seen: u64,
    divisor: f64,
}

impl StandardDeviation {
    /// A machine for a window of at least two candles.
    pub(super) fn new(window: u32, price_decimals: u8) -> Self {
        StandardDeviation {
            ring: Ring::new(window),
            warm_up: WarmUp::new(window),
            moments: Moments::new(window),
            seen: 0,
            divisor: f64::from(window) * units_per_whole(price_decimals),
        }
    }

    fn advance(&mut self, closes: &[i64], out: &mut [f64]) {
        let mut moments = self.moments;
        self.seen |= magnitude_bits(closes);
        if self.seen < moments.limit() {
            self.ring.slide(closes, out, |entering, leaving| moments.step(entering, leaving));
        } else {
            self.ring.slide(closes, out, |entering, leaving| moments.step_among_garbage(entering, leaving));
        }
        self.moments = moments;
        // A second pass: roots and divisions beside one another go two at a time.
        let divisor = self.divisor;
        for value in out.iter_mut() {
            *value = value.sqrt() / divisor;
        }
        self.warm_up.blank(out);
    }
}

impl Machine for StandardDeviation {
    fn next(&mut self, candle: &Candle) -> Option<f64> {
        single(|out| self.advance(&[candle.close.units()], out))
    }

    fn fill(&mut self, rows: CandleRows<'_>, out: &mut [f64]) {
        assert_eq!(rows.len(), out.len(), "one place per row");
        self.advance(rows.close, out);
    }
}
