//! Average true range.

use super::{Machine, unit};
use crate::domain::Candle;

/// Wilder's average of the true range, the largest of high − low, |high − previous close|, |low − previous close|
/// (Wilder 1978). It starts as the plain mean of the first `window` true ranges, the first of which needs a previous
/// close; first value at candle `window + 1`, as in TA-Lib's ATR.
#[derive(Clone, Debug)]
pub(super) struct Atr {
    window: u32,
    ranges: u32,
    last: Option<i64>,
    sum: i64,
    value: f64,
    keep: f64,
    reciprocal: f64,
    unit: f64,
}

impl Atr {
    pub fn new(window: u32, price_decimals: u8) -> Self {
        let length = f64::from(window);
        Atr {
            window,
            ranges: 0,
            last: None,
            sum: 0,
            value: 0.0,
            keep: length - 1.0,
            reciprocal: 1.0 / length,
            unit: unit(price_decimals),
        }
    }
}

impl Machine for Atr {
    #[inline]
    fn next(&mut self, candle: &Candle) -> Option<f64> {
        let (high, low) = (candle.high.units(), candle.low.units());
        let last = self.last.replace(candle.close.units())?;
        let range = high.max(last).wrapping_sub(low.min(last));
        if self.ranges < self.window {
            self.ranges += 1;
            self.sum = self.sum.wrapping_add(range);
            if self.ranges < self.window {
                return None;
            }
            self.value = self.sum as f64 * self.reciprocal;
        } else {
            self.value = (self.value * self.keep + range as f64) * self.reciprocal;
        }
        Some(self.value * self.unit)
    }
}
