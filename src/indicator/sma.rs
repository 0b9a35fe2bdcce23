//! Simple moving average of closes.

use super::ring::{Ring, WarmUp, magnitude_bits, single};
use super::{Machine, units_per_whole};
use crate::domain::{Candle, CandleRows};

/// The mean of the last `window` closes. The sum is an exact integer, so the value after ten million candles equals
/// the one computed afresh; one rounding to a double, one division.
#[derive(Clone, Debug)]
pub(super) struct Sma {
    ring: Ring,
    warm_up: WarmUp,
    sum: i128,
    /// A bound on the magnitude of every close so far: tells whether the sum fits 64 bits.
    seen: u64,
    /// Sums whose closes stay within this bound cannot leave 64 bits.
    narrow: u64,
    divisor: f64,
}

impl Sma {
    /// A machine for a window of at least one candle.
    pub(super) fn new(window: u32, price_decimals: u8) -> Self {
        Sma {
            ring: Ring::new(window),
            warm_up: WarmUp::new(window),
            sum: 0,
            seen: 0,
            narrow: i64::MAX as u64 / (u64::from(window) + 2),
            divisor: f64::from(window) * units_per_whole(price_decimals),
        }
    }

    fn advance(&mut self, closes: &[i64], out: &mut [f64]) {
        let divisor = self.divisor;
        self.seen |= magnitude_bits(closes);
        match i64::try_from(self.sum) {
            Ok(mut sum) if self.seen < self.narrow => {
                self.ring.slide(closes, out, |entering, leaving| {
                    sum += entering - leaving;
                    sum as f64 / divisor
                });
                self.sum = i128::from(sum);
            }
            // Garbage among the prices: the same value, some nanoseconds slower.
            Ok(_) | Err(_) => {
                let sum = &mut self.sum;
                self.ring.slide(closes, out, |entering, leaving| {
                    *sum += i128::from(entering) - i128::from(leaving);
                    *sum as f64 / divisor
                });
            }
        }
        self.warm_up.blank(out);
    }
}

impl Machine for Sma {
    fn next(&mut self, candle: &Candle) -> Option<f64> {
        single(|out| self.advance(&[candle.close.units()], out))
    }

    fn fill(&mut self, rows: CandleRows<'_>, out: &mut [f64]) {
        assert_eq!(rows.len(), out.len(), "one place per row");
        self.advance(rows.close, out);
    }
}
