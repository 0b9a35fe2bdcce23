//! Indicators: small streaming machines that turn candles into one number per candle.
//!
//! A live session advances a machine candle by candle ([`Machine::next`]); a backtest lets the very same machine fill a
//! column block by block ([`Machine::fill`]). Both give the same bits for any split into blocks.
//!
//! What is summed is summed in integers, so nothing drifts. What is shown is a real price: units divided by
//! 10^decimals, the same division as `Price::to_f64`. A division, not a multiplication by a reciprocal: a strategy
//! compares indicators with prices and with one another, and in a quiet market those are equal. A reciprocal may turn
//! that equality into a last-bit difference (for one price in six, between averages of 10 and 50 equal closes), which is
//! a breakout or a crossing that never happened.
//!
//! A machine must never know which strategy asks, in which mode, or what comes after the candle it was given.

mod as_of;
mod atr;
mod centre;
mod directional;
mod donchian;
mod ema;
mod envelope;
mod extreme;
mod macd;
mod moments;
mod on_balance_volume;
#[cfg(test)]
mod oracle;
mod rate_of_change;
mod ring;
mod rolling_high;
mod rolling_low;
mod rsi;
mod scale;
mod sma;
mod smoothing;
mod spec;
mod standard_deviation;
mod stochastic;
#[cfg(test)]
mod trial;
mod vwap;
mod wma;
mod z_score;

pub use as_of::AsOf;
pub use centre::{Centre, CentreKey, Line};
pub use spec::{Band, DirectionalLine, MacdLine, Spec, StochasticLine};

use crate::domain::{Candle, CandleRows};

/// A streaming indicator of one series.
///
/// Nothing allocates after construction. Prices are expected to be positive; garbage (any `i64`) gives a meaningless
/// value or none, never a panic, and never touches values that came before it.
pub trait Machine: Send {
    /// Takes the next closed candle and gives the indicator's value at its close, or none while it is undefined.
    fn next(&mut self, candle: &Candle) -> Option<f64>;

    /// Takes the next closed candles and writes one value per row, NaN while undefined: the same bits as
    /// [`Machine::next`] row by row. Panics when `out` has not one place per row: a bug of the caller.
    fn fill(&mut self, rows: CandleRows<'_>, out: &mut [f64]) {
        assert_eq!(rows.len(), out.len(), "one place per row");
        for (row, out) in out.iter_mut().enumerate() {
            *out = self.next(&rows.candle(row)).unwrap_or(f64::NAN);
        }
    }
}

/// How many decimals the integers of a series stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decimals {
    /// Of prices.
    pub price: u8,
    /// Of quantities.
    pub quantity: u8,
}

/// The double nearest to an exact sum. The narrow conversion gives the same and is one instruction.
#[inline]
fn nearest(exact: i128) -> f64 {
    match i64::try_from(exact) {
        Ok(narrow) => narrow as f64,
        Err(_) => exact as f64,
    }
}

/// Units in one whole: 10^decimals. Every factor is exact in a double up to 10^22.
fn units_per_whole(decimals: u8) -> f64 {
    (0..decimals).fold(1.0, |power, _| power * 10.0)
}
