//! Standard deviation of closes.

use super::ring::{Ring, WarmUp, magnitude_bits, single};
use super::{Machine, units_per_whole};
use crate::domain::{Candle, CandleRows};

/// The population standard deviation (divided by n, not n - 1) of the last `window` closes, like TA-Lib's STDDEV with
/// `nbdev` 1: sqrt(n * sum(x^2) - sum(x)^2) / n, with the difference an exact integer, so that nothing cancels and
/// nothing drifts.
///
/// The exact integer holds closes up to 9.2e18 / window units (for 8 decimals and a window of 1,000: 92 million per
/// coin). A window with a close beyond that has no value.
#[derive(Clone, Debug)]
pub(super) struct StandardDeviation {
    ring: Ring,
    warm_up: WarmUp,
    sums: Sums,
    /// A bound on the magnitude of every close so far: tells whether any was beyond the limit.
    seen: u64,
    divisor: f64,
}

#[derive(Clone, Copy, Debug)]
struct Sums {
    window: i64,
    /// The largest magnitude for which window^2 * close^2 stays within 126 bits.
    limit: i64,
    /// How many closes of the window lie beyond the limit; they are left out of the sums.
    beyond: u32,
    of_closes: i64,
    of_squares: i128,
}

impl StandardDeviation {
    /// A machine for a window of at least two candles.
    pub(super) fn new(window: u32, price_decimals: u8) -> Self {
        let limit = i64::MAX / i64::from(window);
        StandardDeviation {
            ring: Ring::new(window),
            warm_up: WarmUp::new(window),
            sums: Sums { window: i64::from(window), limit, beyond: 0, of_closes: 0, of_squares: 0 },
            seen: 0,
            divisor: f64::from(window) * units_per_whole(price_decimals),
        }
    }

    fn advance(&mut self, closes: &[i64], out: &mut [f64]) {
        let mut sums = self.sums;
        self.seen |= magnitude_bits(closes);
        if self.seen < sums.limit as u64 {
            self.ring.slide(closes, out, |entering, leaving| sums.step(entering, leaving));
        } else {
            self.ring.slide(closes, out, |entering, leaving| sums.step_among_garbage(entering, leaving));
        }
        self.sums = sums;
        // A second pass: roots and divisions beside one another go two at a time.
        let divisor = self.divisor;
        for value in out.iter_mut() {
            *value = value.sqrt() / divisor;
        }
        self.warm_up.blank(out);
    }
}

impl Sums {
    /// n * sum(x^2) - sum(x)^2, when no close was ever beyond the limit.
    #[inline]
    fn step(&mut self, entering: i64, leaving: i64) -> f64 {
        self.of_closes += entering - leaving;
        self.of_squares += i128::from(entering - leaving) * i128::from(entering + leaving);
        self.spread()
    }

    /// The same, or NaN while a close of the window is beyond the limit.
    fn step_among_garbage(&mut self, entering: i64, leaving: i64) -> f64 {
        for (close, sign) in [(leaving, -1_i8), (entering, 1)] {
            if (-self.limit..=self.limit).contains(&close) {
                self.of_closes += i64::from(sign) * close;
                self.of_squares += i128::from(sign) * i128::from(close) * i128::from(close);
            } else {
                self.beyond = self.beyond.wrapping_add_signed(i32::from(sign));
            }
        }
        if self.beyond == 0 { self.spread() } else { f64::NAN }
    }

    #[inline]
    fn spread(&self) -> f64 {
        let square = i128::from(self.of_closes) * i128::from(self.of_closes);
        let exact = i128::from(self.window) * self.of_squares - square;
        // Both give the nearest double; the narrow conversion is one instruction.
        match i64::try_from(exact) {
            Ok(narrow) => narrow as f64,
            Err(_) => exact as f64,
        }
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
