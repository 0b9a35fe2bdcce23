//! Exact sums of closes and of their squares, beneath standard deviation and z-score.

use super::nearest;

/// The sums over one window, from which the deviation comes as sqrt(n * sum(x^2) - sum(x)^2) / n with the difference an
/// exact integer, so that nothing cancels and nothing drifts.
///
/// The exact integer holds closes up to 9.2e18 / window units (for 8 decimals and a window of 1,000: 92 million per
/// coin). A window with a close beyond that has no value.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moments {
    window: i64,
    /// The largest magnitude for which window^2 * close^2 stays within 126 bits.
    limit: i64,
    /// How many closes of the window lie beyond the limit; they are left out of the sums.
    beyond: u32,
    of_closes: i64,
    of_squares: i128,
}

impl Moments {
    /// The sums of a window full of zeros.
    pub(super) fn new(window: u32) -> Self {
        let window = i64::from(window);
        Moments { window, limit: i64::MAX / window, beyond: 0, of_closes: 0, of_squares: 0 }
    }

    /// The magnitude below which a close is taken into the sums.
    pub(super) fn limit(&self) -> u64 {
        self.limit as u64
    }

    /// n * sum(x^2) - sum(x)^2, when no close was ever beyond the limit.
    #[inline]
    pub(super) fn step(&mut self, entering: i64, leaving: i64) -> f64 {
        self.of_closes += entering - leaving;
        self.of_squares += i128::from(entering - leaving) * i128::from(entering + leaving);
        self.spread()
    }

    /// The same, or NaN while a close of the window is beyond the limit.
    pub(super) fn step_among_garbage(&mut self, entering: i64, leaving: i64) -> f64 {
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

    /// n * x - sum(x): n times how far `close` stands above the window's mean.
    #[inline]
    pub(super) fn above_mean(&self, close: i64) -> f64 {
        nearest(i128::from(self.window) * i128::from(close) - i128::from(self.of_closes))
    }

    #[inline]
    fn spread(&self) -> f64 {
        let square = i128::from(self.of_closes) * i128::from(self.of_closes);
        nearest(i128::from(self.window) * self.of_squares - square)
    }
}
