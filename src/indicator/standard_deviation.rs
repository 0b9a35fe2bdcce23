//! Standard deviation of closes.

use super::window::Window;
use super::{Machine, unit};
use crate::domain::Candle;

/// Population standard deviation of the last so many closes, √(n·Σx² − (Σx)²)/n with both sums exact integers: TA-Lib's
/// STDDEV with one deviation, without its loss of digits. First value at candle `window`.
#[derive(Clone, Debug)]
pub(super) struct StandardDeviation {
    window: Window,
    sum: i128,
    squares: i128,
    reciprocal: f64,
}

impl StandardDeviation {
    pub fn new(window: u32, price_decimals: u8) -> Self {
        StandardDeviation {
            window: Window::new(window),
            sum: 0,
            squares: 0,
            reciprocal: unit(price_decimals) / f64::from(window),
        }
    }
}

impl Machine for StandardDeviation {
    #[inline]
    fn next(&mut self, candle: &Candle) -> Option<f64> {
        let close = candle.close.units();
        let (new, old) = (i128::from(close), i128::from(self.window.push(close)));
        self.sum += new - old;
        self.squares = self.squares.wrapping_add(new * new).wrapping_sub(old * old);
        if !self.window.is_full() {
            return None;
        }
        let count = self.window.len() as i128;
        let spread = count.wrapping_mul(self.squares).wrapping_sub(self.sum.wrapping_mul(self.sum));
        Some((spread.max(0) as f64).sqrt() * self.reciprocal)
    }
}
