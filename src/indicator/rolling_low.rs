//! Rolling low: the smallest low of the last candles.

use super::extreme::Extreme;
use super::ring::single;
use super::{Machine, units_per_whole};
use crate::domain::{Candle, CandleRows};

/// The smallest `low` of the last `window` candles, this one included. It equals the price it was seen at to the last bit.
#[derive(Clone, Debug)]
pub(super) struct RollingLow {
    extreme: Extreme,
    units_per_whole: f64,
}

impl RollingLow {
    /// A machine for a window of at least one candle.
    pub(super) fn new(window: u32, price_decimals: u8) -> Self {
        RollingLow { extreme: Extreme::new(window), units_per_whole: units_per_whole(price_decimals) }
    }

    // The bitwise complement turns the order of all integers around, without an overflow: the smallest low has the
    // largest complement.
    fn advance(&mut self, lows: &[i64], out: &mut [f64]) {
        let units = self.units_per_whole;
        self.extreme.advance(lows, out, |low| !low, |key| !key as f64 / units);
    }
}

impl Machine for RollingLow {
    fn next(&mut self, candle: &Candle) -> Option<f64> {
        single(|out| self.advance(&[candle.low.units()], out))
    }

    fn fill(&mut self, rows: CandleRows<'_>, out: &mut [f64]) {
        assert_eq!(rows.len(), out.len(), "one place per row");
        self.advance(rows.low, out);
    }
}
