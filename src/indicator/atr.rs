//! Average true range (Wilder 1978).

use super::smoothing::Smoothing;
use super::{Machine, units_per_whole};
use crate::domain::{Candle, CandleRows};

/// Wilder's average of the true range, the span from the lower of low and previous close to the higher of high and
/// previous close. As in TA-Lib the first candle has no true range, the average begins with the mean of the first
/// `window` ranges, and the first value stands at candle `window + 1`.
#[derive(Clone, Debug)]
pub(super) struct Atr {
    range: Smoothing,
    previous_close: Option<i64>,
    units_per_whole: f64,
}

impl Atr {
    /// A machine for a window of at least one range.
    pub(super) fn new(window: u32, price_decimals: u8) -> Self {
        Atr { range: Smoothing::wilder(window), previous_close: None, units_per_whole: units_per_whole(price_decimals) }
    }

    #[inline]
    fn step(&mut self, high: i64, low: i64, close: i64) -> Option<f64> {
        let previous = self.previous_close.replace(close)?;
        let range = high.max(previous).saturating_sub(low.min(previous));
        self.range.next(range).map(|units| units / self.units_per_whole)
    }
}

impl Machine for Atr {
    fn next(&mut self, candle: &Candle) -> Option<f64> {
        self.step(candle.high.units(), candle.low.units(), candle.close.units())
    }

    fn fill(&mut self, rows: CandleRows<'_>, out: &mut [f64]) {
        assert_eq!(rows.len(), out.len(), "one place per row");
        for (((out, high), low), close) in out.iter_mut().zip(rows.high).zip(rows.low).zip(rows.close) {
            *out = self.step(*high, *low, *close).unwrap_or(f64::NAN);
        }
    }
}
