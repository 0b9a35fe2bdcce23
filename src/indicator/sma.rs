//! Simple moving average of closes.

use super::window::Window;
use super::{Machine, unit};
use crate::domain::{Candle, CandleRows};

/// Mean of the last so many closes. First value at candle `window`, as in TA-Lib's SMA.
#[derive(Clone, Debug)]
pub(super) struct Sma {
    window: Window,
    sum: i64,
    reciprocal: f64,
}

impl Sma {
    pub fn new(window: u32, price_decimals: u8) -> Self {
        Sma { window: Window::new(window), sum: 0, reciprocal: unit(price_decimals) / f64::from(window) }
    }
}

impl Machine for Sma {
    #[inline]
    fn next(&mut self, candle: &Candle) -> Option<f64> {
        let close = candle.close.units();
        let old = self.window.push(close);
        self.sum = self.sum.wrapping_add(close).wrapping_sub(old);
        self.window.is_full().then_some(self.sum as f64 * self.reciprocal)
    }

    fn fill(&mut self, rows: CandleRows<'_>, out: &mut [f64]) {
        let (mut sum, reciprocal) = (self.sum, self.reciprocal);
        let out = &mut out[..rows.close.len()];
        self.window.run(rows.close, |row, new, old, full| {
            sum = sum.wrapping_add(new).wrapping_sub(old);
            out[row] = if full { sum as f64 * reciprocal } else { f64::NAN };
        });
        self.sum = sum;
    }
}
