//! Indicators: small streaming machines over candles, ignorant of who reads them.
//!
//! A machine takes candle after candle; a backtest lets the same machine fill a column block by block, with the same
//! bits. Sums run over integer price units, so they are exact and do not drift; a mean is the exact sum times one
//! precomputed reciprocal, whose last bit may differ from a division's. Prices poisoned far beyond any market make the
//! sums wrap, never panic: what comes out of poison is poison.

mod atr;
mod ema;
mod extreme;
mod rsi;
mod sma;
mod spec;
mod standard_deviation;
mod window;

pub use spec::Spec;

use crate::domain::{Candle, CandleRows};

/// A streaming indicator.
pub trait Machine: Send {
    /// Takes the next closed candle and gives the value at its close; none while it is undefined.
    fn next(&mut self, candle: &Candle) -> Option<f64>;

    /// Takes a run of closed candles and writes the value at each close, NaN while it is undefined. The same bits as
    /// [`Machine::next`] row by row. `out` is as long as `rows`.
    fn fill(&mut self, rows: CandleRows<'_>, out: &mut [f64]) {
        for (row, place) in out.iter_mut().enumerate() {
            *place = self.next(&rows.candle(row)).unwrap_or(f64::NAN);
        }
    }
}

/// 10^-decimals: what turns price units into prices. The same bits everywhere: one division of exact integers.
fn unit(decimals: u8) -> f64 {
    let mut whole = 1.0;
    for _ in 0..decimals {
        whole *= 10.0;
    }
    1.0 / whole
}
