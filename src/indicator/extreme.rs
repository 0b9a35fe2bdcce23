//! Rolling extremes: highest high, lowest low.

use super::{Machine, unit};
use crate::domain::{Candle, CandleRows};

/// The highest high, or the lowest low, of the last so many candles. First value at candle `window`, as in TA-Lib's MAX
/// of highs and MIN of lows.
///
/// The window is cut into a part of the current block of `window` candles, whose extreme is kept as it grows, and a
/// part of the block before, whose extremes to its end were computed once when it was complete (van Herk 1992): three
/// comparisons a candle, whatever the window.
#[derive(Clone, Debug)]
pub(super) struct Extreme {
    end: End,
    block: Vec<i64>,
    suffix: Vec<i64>,
    running: i64,
    place: usize,
    blocks: u64,
    unit: f64,
}

/// Which extreme.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    High,
    Low,
}

impl Extreme {
    pub fn new(end: End, window: u32, price_decimals: u8) -> Self {
        let length = window as usize;
        Extreme {
            end,
            block: vec![0; length],
            suffix: vec![0; length],
            running: 0,
            place: 0,
            blocks: 0,
            unit: unit(price_decimals),
        }
    }

    /// Lows are turned into highs, so that one comparison serves both.
    #[inline]
    fn step(&mut self, level: i64) -> f64 {
        self.running = if self.place == 0 { level } else { self.running.max(level) };
        self.block[self.place] = level;
        self.place += 1;
        let extreme = if self.place == self.block.len() {
            let whole = self.running;
            self.complete_block();
            whole
        } else if self.blocks == 0 {
            return f64::NAN;
        } else {
            self.running.max(self.suffix[self.place])
        };
        match self.end {
            End::High => extreme as f64 * self.unit,
            End::Low => extreme.wrapping_neg() as f64 * self.unit,
        }
    }

    fn complete_block(&mut self) {
        let mut extreme = i64::MIN;
        for (suffix, level) in self.suffix.iter_mut().zip(&self.block).rev() {
            extreme = extreme.max(*level);
            *suffix = extreme;
        }
        self.place = 0;
        self.blocks += 1;
    }
}

impl Machine for Extreme {
    #[inline]
    fn next(&mut self, candle: &Candle) -> Option<f64> {
        let value = match self.end {
            End::High => self.step(candle.high.units()),
            End::Low => self.step(candle.low.units().wrapping_neg()),
        };
        if value.is_nan() { None } else { Some(value) }
    }

    fn fill(&mut self, rows: CandleRows<'_>, out: &mut [f64]) {
        match self.end {
            End::High => {
                for (place, high) in out.iter_mut().zip(rows.high) {
                    *place = self.step(*high);
                }
            }
            End::Low => {
                for (place, low) in out.iter_mut().zip(rows.low) {
                    *place = self.step(low.wrapping_neg());
                }
            }
        }
    }
}
