//! Relative strength index of closes (Wilder 1978).

use super::Machine;
use super::smoothing::Smoothing;
use crate::domain::{Candle, CandleRows};

/// 100 x average gain / (average gain + average loss), 0 to 100, with Wilder's averages begun as in TA-Lib with the
/// mean of the first `window` changes; the first value stands at candle `window + 1`.
///
/// While no price has moved at all the ratio is 0/0 and the value undefined. (TA-Lib says 0 there, which reads as
/// "oversold"; others say 50 or 100.)
#[derive(Clone, Debug)]
pub(super) struct Rsi {
    gain: Smoothing,
    loss: Smoothing,
    previous: Option<i64>,
}

impl Rsi {
    /// A machine for a window of at least one change.
    pub(super) fn new(window: u32) -> Self {
        Rsi { gain: Smoothing::wilder(window), loss: Smoothing::wilder(window), previous: None }
    }

    #[inline]
    fn step(&mut self, close: i64) -> Option<f64> {
        let change = close.saturating_sub(self.previous.replace(close)?);
        let (gain, loss) = (self.gain.next(change.max(0)), self.loss.next(change.min(0).saturating_neg()));
        let (gain, loss) = (gain?, loss?);
        let total = gain + loss;
        // Below the normal range, after thousands of still candles, the quotient would be rounding alone.
        (total >= f64::MIN_POSITIVE).then(|| 100.0 * gain / total)
    }
}

impl Machine for Rsi {
    fn next(&mut self, candle: &Candle) -> Option<f64> {
        self.step(candle.close.units())
    }

    fn fill(&mut self, rows: CandleRows<'_>, out: &mut [f64]) {
        assert_eq!(rows.len(), out.len(), "one place per row");
        for (out, close) in out.iter_mut().zip(rows.close) {
            *out = self.step(*close).unwrap_or(f64::NAN);
        }
    }
}
