//! Moving average convergence and divergence (Appel 1979).

use super::smoothing::{SecondSmoothing, Smoothing};
use super::spec::MacdLine;
use super::{Machine, units_per_whole};
use crate::domain::Candle;

/// The distance of two exponential averages of closes, and the exponential average of that distance. As in TA-Lib both
/// averages give their first value at candle `slow`: the fast one begins with the mean of the `fast` closes up to
/// there, not with the first closes of all. TA-Lib shows the line no earlier than the signal, `signal - 1` candles
/// later; here it is shown from candle `slow` on.
#[derive(Clone, Debug)]
pub(super) struct Macd {
    fast: Smoothing,
    slow: Smoothing,
    signal: SecondSmoothing,
    /// Closes that the fast average leaves out at the beginning.
    left_out: u32,
    line: MacdLine,
    units_per_whole: f64,
}

impl Macd {
    /// A machine for windows of at least one candle, the fast one below the slow one.
    pub(super) fn new(fast: u32, slow: u32, signal: u32, line: MacdLine, price_decimals: u8) -> Self {
        Macd {
            fast: Smoothing::exponential(fast),
            slow: Smoothing::exponential(slow),
            signal: SecondSmoothing::exponential(signal),
            left_out: slow - fast,
            line,
            units_per_whole: units_per_whole(price_decimals),
        }
    }

    #[inline]
    fn distance(&mut self, close: i64) -> Option<f64> {
        let slow = self.slow.next(close);
        if self.left_out > 0 {
            self.left_out -= 1;
            return None;
        }
        Some(self.fast.next(close)? - slow?)
    }
}

impl Machine for Macd {
    #[inline]
    fn next(&mut self, candle: &Candle) -> Option<f64> {
        let distance = self.distance(candle.close.units())?;
        let units = match self.line {
            MacdLine::Line => distance,
            MacdLine::Signal => self.signal.next(distance)?,
            MacdLine::Histogram => distance - self.signal.next(distance)?,
        };
        Some(units / self.units_per_whole)
    }
}
