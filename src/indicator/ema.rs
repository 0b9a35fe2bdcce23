//! Exponential moving average of closes.

use super::smoothing::Smoothing;
use super::{Machine, units_per_whole};
use crate::domain::{Candle, CandleRows};

/// Weight 2 / (window + 1), begun with the mean of the first `window` closes, as TA-Lib does. The state is kept in
/// price units, so a market that stands still gives exactly its own price.
#[derive(Clone, Debug)]
pub(super) struct Ema {
    average: Smoothing,
    units_per_whole: f64,
}

impl Ema {
    /// A machine for a window of at least one candle.
    pub(super) fn new(window: u32, price_decimals: u8) -> Self {
        Ema { average: Smoothing::exponential(window), units_per_whole: units_per_whole(price_decimals) }
    }

    #[inline]
    fn step(&mut self, close: i64) -> Option<f64> {
        self.average.next(close).map(|units| units / self.units_per_whole)
    }
}

impl Machine for Ema {
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
