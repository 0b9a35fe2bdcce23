//! Exponential moving average of closes.

use super::{Machine, unit};
use crate::domain::Candle;

/// `ema += (close − ema) · 2/(window + 1)`, started with the simple mean of the first window, as in TA-Lib's EMA with
/// its default compatibility. First value at candle `window`; it depends on where the data start, by less than 1e-9 of
/// its own size after about eleven windows.
#[derive(Clone, Debug)]
pub(super) struct Ema {
    window: u32,
    seen: u32,
    sum: i64,
    value: f64,
    weight: f64,
    unit: f64,
}

impl Ema {
    pub fn new(window: u32, price_decimals: u8) -> Self {
        let weight = 2.0 / (f64::from(window) + 1.0);
        Ema { window, seen: 0, sum: 0, value: 0.0, weight, unit: unit(price_decimals) }
    }
}

impl Machine for Ema {
    #[inline]
    fn next(&mut self, candle: &Candle) -> Option<f64> {
        let close = candle.close.units();
        if self.seen < self.window {
            self.seen += 1;
            self.sum = self.sum.wrapping_add(close);
            if self.seen < self.window {
                return None;
            }
            self.value = self.sum as f64 * (self.unit / f64::from(self.window));
            return Some(self.value);
        }
        self.value += (close as f64 * self.unit - self.value) * self.weight;
        Some(self.value)
    }
}
