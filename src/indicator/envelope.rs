//! A line at a multiple of one indicator above or below another: Bollinger and Keltner bands.

use super::Machine;
use crate::domain::{Candle, CandleRows};

/// `middle + reach * spread`. Where the spread is zero this is the middle to the last bit.
#[derive(Clone, Debug)]
pub(super) struct Envelope<Middle, Spread> {
    middle: Middle,
    spread: Spread,
    /// How many spreads above the middle, negative for below.
    reach: f64,
}

/// Spreads computed at once: what lies on the stack instead of being allocated.
const CHUNK: usize = 256;

impl<Middle, Spread> Envelope<Middle, Spread> {
    pub(super) fn new(middle: Middle, spread: Spread, reach: f64) -> Self {
        Envelope { middle, spread, reach }
    }
}

impl<Middle: Machine, Spread: Machine> Machine for Envelope<Middle, Spread> {
    fn next(&mut self, candle: &Candle) -> Option<f64> {
        let (middle, spread) = (self.middle.next(candle), self.spread.next(candle));
        Some(middle? + self.reach * spread?)
    }

    fn fill(&mut self, rows: CandleRows<'_>, out: &mut [f64]) {
        self.middle.fill(rows, out);
        let mut spreads = [0.0; CHUNK];
        for from in (0..rows.len()).step_by(CHUNK) {
            let to = (from + CHUNK).min(rows.len());
            let spreads = &mut spreads[..to - from];
            self.spread.fill(rows.slice(from, to), spreads);
            for (value, spread) in out[from..to].iter_mut().zip(spreads) {
                *value += self.reach * *spread;
            }
        }
    }
}
