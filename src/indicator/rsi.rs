//! Relative strength index.

use super::Machine;
use crate::domain::Candle;

/// 100 · gain / (gain + loss) with Wilder's averages of rises and falls of the close (Wilder 1978). The averages start
/// as plain means of the first `window` changes; first value at candle `window + 1`, as in TA-Lib's RSI. Without any
/// change it is 50: neither side is stronger (TA-Lib gives 0 there).
#[derive(Clone, Debug)]
pub(super) struct Rsi {
    window: u32,
    changes: u32,
    last: Option<i64>,
    rises: i64,
    falls: i64,
    gain: f64,
    loss: f64,
    keep: f64,
    reciprocal: f64,
}

impl Rsi {
    pub fn new(window: u32) -> Self {
        let length = f64::from(window);
        Rsi {
            window,
            changes: 0,
            last: None,
            rises: 0,
            falls: 0,
            gain: 0.0,
            loss: 0.0,
            keep: length - 1.0,
            reciprocal: 1.0 / length,
        }
    }
}

impl Machine for Rsi {
    #[inline]
    fn next(&mut self, candle: &Candle) -> Option<f64> {
        let close = candle.close.units();
        let change = close.wrapping_sub(self.last.replace(close)?);
        let (rise, fall) = (change.max(0), change.min(0).saturating_neg());
        if self.changes < self.window {
            self.changes += 1;
            self.rises = self.rises.wrapping_add(rise);
            self.falls = self.falls.wrapping_add(fall);
            if self.changes < self.window {
                return None;
            }
            self.gain = self.rises as f64 * self.reciprocal;
            self.loss = self.falls as f64 * self.reciprocal;
        } else {
            self.gain = (self.gain * self.keep + rise as f64) * self.reciprocal;
            self.loss = (self.loss * self.keep + fall as f64) * self.reciprocal;
        }
        let both = self.gain + self.loss;
        Some(if both == 0.0 { 50.0 } else { 100.0 * (self.gain / both) })
    }
}
