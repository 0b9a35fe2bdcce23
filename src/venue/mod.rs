//! The other side of the wire: a venue takes commands and sends news.
//!
//! The simulated venue decides fills from candles, or from trades and quotes, by the rules of docs/fills.md. It never answers in place:
//! it is polled, and refusals and fills arrive as news, in a backtest as in life. It knows nothing of strategies,
//! indicators or the desk's own books.

mod amend;
mod arrival;
mod at_once;
mod book;
mod displayed;
mod draw;
mod execution;
pub mod filters;
mod inside;
mod late;
mod on_candle;
mod on_trade;
mod path;
mod policy;
mod queue;
mod quotes;
mod same_close;
mod sim;
mod tiers;
mod wallet;

pub use displayed::Displayed;
pub use policy::{
    ChildrenPolicy, IntrabarPolicy, LimitGapPolicy, LimitPolicy, MarketFillPolicy, PathOrder, Policy, Slippage,
    StopGapPolicy, StopInsidePolicy,
};
pub use sim::SimVenue;
pub use tiers::{FeeTier, FeeTiers};
pub use wallet::{Lock, Wallet};

use crate::domain::{
    Amount, Candle, CandleRows, Command, InstrumentId, MarketTrade, OrderUpdate, Overflow, Price, Quantity, Quote,
    Timestamp,
};
use std::ops::Range;

/// Where orders go.
pub trait Venue {
    /// Takes a command that the desk sent at `now`.
    fn submit(&mut self, now: Timestamp, command: Command);

    /// A candle of the instrument closed at `close_time`. A real venue already knows.
    fn candle(&mut self, instrument: InstrumentId, candle: &Candle, close_time: Timestamp);

    /// A public trade of the instrument happened. A real venue already knows.
    fn trade(&mut self, instrument: InstrumentId, trade: &MarketTrade);

    /// Best bid and ask of the instrument changed. A real venue already knows.
    fn quote(&mut self, instrument: InstrumentId, quote: &Quote);

    /// Market data were passed over because the venue was calm; `last` is the last price among them.
    fn passed(&mut self, instrument: InstrumentId, last: Price);

    /// The next piece of news that has reached the desk by `now`, if there is one.
    fn poll(&mut self, now: Timestamp) -> Option<OrderUpdate>;

    /// When the next piece of news reaches the desk; the end of time while none is on its way.
    fn news_at(&self) -> Timestamp;

    /// Candles of the instrument that close at or before this instant, and trades before it, cannot matter to the
    /// venue as long as they stay inside [`Venue::band`]. A live venue is never calm: it answers the earliest instant.
    fn calm_until(&self, instrument: InstrumentId) -> Timestamp;

    /// The open interval of prices that no resting order reacts to.
    fn band(&self, instrument: InstrumentId) -> PriceBand;

    /// What it would cost to close a position at market with the last price at `mark`: slippage and taker fee, in
    /// ledger units of the quote asset.
    ///
    /// # Errors
    /// When the cost leaves the range of exact integers.
    fn cost_of_closing(
        &self,
        instrument: InstrumentId,
        position: Quantity,
        mark: Price,
        at: Timestamp,
    ) -> Result<Amount, Overflow>;
}

/// An open interval of prices in units: prices strictly between `low` and `high` touch nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PriceBand {
    /// Prices at or below this may matter.
    pub low: i64,
    /// Prices at or above this may matter.
    pub high: i64,
}

impl PriceBand {
    /// No price matters.
    pub const OPEN: PriceBand = PriceBand { low: i64::MIN, high: i64::MAX };

    /// Whether a candle with these extremes touches nothing.
    #[inline]
    pub const fn holds(&self, low: i64, high: i64) -> bool {
        low > self.low && high < self.high
    }

    /// How many of these rows from the first on touch nothing.
    #[inline]
    pub fn holds_for(&self, rows: &CandleRows<'_>, within: Range<usize>) -> usize {
        let (lows, highs) = (&rows.low[within.clone()], &rows.high[within]);
        let touches = |(low, high): (&i64, &i64)| !self.holds(*low, *high);
        lows.iter().zip(highs).position(touches).unwrap_or(lows.len())
    }
}
