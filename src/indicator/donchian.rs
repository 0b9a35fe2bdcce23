//! The middle of the Donchian channel; its edges are the rolling high and the rolling low.

use super::extreme::Extreme;
use super::ring::single;
use super::{Machine, units_per_whole};
use crate::domain::{Candle, CandleRows};

/// Half way between the largest high and the smallest low of the last `window` candles, this one included.
#[derive(Clone, Debug)]
pub(super) struct DonchianMiddle {
    highs: Extreme,
    lows: Extreme,
    /// Twice the units in one whole.
    divisor: f64,
}

/// Lows held beside the highs at once, on the stack.
const CHUNK: usize = 256;

impl DonchianMiddle {
    /// A machine for a window of at least one candle.
    pub(super) fn new(window: u32, price_decimals: u8) -> Self {
        let divisor = 2.0 * units_per_whole(price_decimals);
        DonchianMiddle { highs: Extreme::new(window), lows: Extreme::new(window), divisor }
    }

    fn advance(&mut self, highs: &[i64], lows: &[i64], out: &mut [f64]) {
        let mut smallest = [0.0; CHUNK];
        for ((highs, lows), out) in highs.chunks(CHUNK).zip(lows.chunks(CHUNK)).zip(out.chunks_mut(CHUNK)) {
            let smallest = &mut smallest[..lows.len()];
            self.highs.advance(highs, out, |high| high, |high| high as f64);
            // The smallest low is the largest complement; unlike the negative, it exists for every number.
            self.lows.advance(lows, smallest, |low| !low, |key| !key as f64);
            for (value, low) in out.iter_mut().zip(smallest) {
                *value = (*value + *low) / self.divisor;
            }
        }
    }
}

impl Machine for DonchianMiddle {
    fn next(&mut self, candle: &Candle) -> Option<f64> {
        single(|out| self.advance(&[candle.high.units()], &[candle.low.units()], out))
    }

    fn fill(&mut self, rows: CandleRows<'_>, out: &mut [f64]) {
        assert_eq!(rows.len(), out.len(), "one place per row");
        self.advance(rows.high, rows.low, out);
    }
}
