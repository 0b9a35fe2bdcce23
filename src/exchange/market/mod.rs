//! The public market of the simulated exchange: trades as they happen, and all that follows from them.

pub mod bars;
pub mod expand;
pub mod ladder;
pub mod source;
mod symbol;

pub use bars::{Bar, INTERVALS, interval_named};
pub use expand::{CandleFacts, Grid, expand};
pub use ladder::{Ladder, LadderShape, Level};
pub use source::{Expanded, Replayed, TradeSource};
pub use symbol::{DepthChange, Rolling, SymbolMarket};

use crate::domain::{Price, Quantity, Side, Timestamp};

/// A public trade with its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Print {
    /// Its number on the symbol, counted from 1.
    pub id: i64,
    /// When it happened.
    pub time: Timestamp,
    /// At which price.
    pub price: Price,
    /// How much base asset.
    pub quantity: Quantity,
    /// The side that crossed the spread.
    pub taker: Side,
}
