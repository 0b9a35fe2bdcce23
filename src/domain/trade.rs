//! Round trips: what a trader calls a trade.

use super::{Amount, DeskId, InstrumentId, Price, Quantity, Tag, Timestamp};

/// Long or short.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Direction {
    /// Gains when the price rises.
    Long,
    /// Gains when the price falls.
    Short,
}

impl Direction {
    /// `long` or `short`.
    pub const fn name(self) -> &'static str {
        match self {
            Direction::Long => "long",
            Direction::Short => "short",
        }
    }
}

/// One round trip of a desk on an instrument: from flat to flat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClosedTrade {
    /// Its number, counted from zero over the session in order of opening.
    pub number: u32,
    /// Whose it was.
    pub desk: DeskId,
    /// On what.
    pub instrument: InstrumentId,
    /// Long or short.
    pub direction: Direction,
    /// When the first fill opened it.
    pub entry_time: Timestamp,
    /// When the last fill closed it.
    pub exit_time: Timestamp,
    /// All that was bought to open (sold, for a short), in base quantity.
    pub quantity: Quantity,
    /// What the entries cost (brought, for a short), in ledger units of the quote asset.
    pub entry_notional: Amount,
    /// What the exits brought (cost, for a short), in ledger units of the quote asset.
    pub exit_notional: Amount,
    /// All fees of its fills, valued in ledger units of the quote asset.
    pub fees: Amount,
    /// All modelled slippage of its fills, in ledger units of the quote asset.
    pub slippage: Amount,
    /// Result net of fees, in ledger units of the quote asset.
    pub profit: Amount,
    /// Most adverse price while it was open, entry and exit candles counted whole.
    pub worst_price: Price,
    /// Most favourable price that it certainly saw while open.
    pub best_price: Price,
    /// Number of fills that opened or enlarged it.
    pub entry_fills: u32,
    /// Number of fills that closed or reduced it.
    pub exit_fills: u32,
    /// How many of its fills were ambiguous.
    pub ambiguous_fills: u32,
    /// Name of the order that opened it.
    pub entry_tag: Tag,
    /// Name of the order that closed it.
    pub exit_tag: Tag,
}
