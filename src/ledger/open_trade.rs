//! The round trip under way on one position.

use crate::domain::{
    Amount, Certainty, ClosedTrade, DeskId, Direction, Fill, InstrumentId, Overflow, Price, Quantity, Tag, Timestamp,
};

/// A round trip from its first fill on.
#[derive(Clone, Copy, Debug)]
pub struct OpenTrade {
    /// Its number, counted from zero over the session in order of opening.
    pub number: u32,
    /// Long or short.
    pub direction: Direction,
    /// When its first fill opened it.
    pub entry_time: Timestamp,
    /// All that was opened so far.
    pub quantity: Quantity,
    /// What the entries cost.
    pub entry_notional: Amount,
    /// What the exits brought so far.
    pub exit_notional: Amount,
    /// Fees so far, valued in the quote asset.
    pub fees: Amount,
    /// Modelled slippage so far.
    pub slippage: Amount,
    /// Result so far net of fees.
    pub profit: Amount,
    /// Most adverse price so far.
    pub worst: Price,
    /// Most favourable price that it certainly saw.
    pub best: Price,
    /// Number of opening fills.
    pub entry_fills: u32,
    /// Number of reducing fills.
    pub exit_fills: u32,
    /// Number of ambiguous fills.
    pub ambiguous_fills: u32,
    /// The name of the order that opened it.
    pub entry_tag: Tag,
}

impl OpenTrade {
    /// A round trip that starts with `fill`.
    #[inline]
    pub fn new(number: u32, direction: Direction, at: Timestamp, fill: &Fill, tag: Tag) -> Self {
        OpenTrade {
            number,
            direction,
            entry_time: at,
            quantity: Quantity::ZERO,
            entry_notional: Amount::ZERO,
            exit_notional: Amount::ZERO,
            fees: Amount::ZERO,
            slippage: Amount::ZERO,
            profit: Amount::ZERO,
            worst: fill.price,
            best: fill.price,
            entry_fills: 0,
            exit_fills: 0,
            ambiguous_fills: 0,
            entry_tag: tag,
        }
    }

    /// Counts the costs and the certainty of a fill of this trade.
    #[inline]
    pub fn count(&mut self, fill: &Fill, fee: Amount, slippage: Amount) -> Result<(), Overflow> {
        self.fees = self.fees.plus(fee)?;
        self.slippage = self.slippage.plus(slippage)?;
        if fill.certainty == Certainty::Ambiguous {
            self.ambiguous_fills += 1;
        }
        Ok(())
    }

    /// Prices between `low` and `high` were seen while it was open, wholly.
    #[inline]
    pub fn saw(&mut self, low: Price, high: Price) {
        match self.direction {
            Direction::Long => {
                self.worst = self.worst.min(low);
                self.best = self.best.max(high);
            }
            Direction::Short => {
                self.worst = self.worst.max(high);
                self.best = self.best.min(low);
            }
        }
    }

    /// Prices between `low` and `high` were seen in a candle that it was open in for a part: the adverse end counts,
    /// the favourable one only as far as `certain`.
    #[inline]
    pub fn saw_partly(&mut self, low: Price, high: Price, certain: Price) {
        match self.direction {
            Direction::Long => {
                self.worst = self.worst.min(low);
                self.best = self.best.max(certain);
            }
            Direction::Short => {
                self.worst = self.worst.max(high);
                self.best = self.best.min(certain);
            }
        }
    }

    /// The finished round trip.
    #[inline]
    pub fn close(self, desk: DeskId, instrument: InstrumentId, at: Timestamp, tag: Tag) -> ClosedTrade {
        ClosedTrade {
            number: self.number,
            desk,
            instrument,
            direction: self.direction,
            entry_time: self.entry_time,
            exit_time: at,
            quantity: self.quantity,
            entry_notional: self.entry_notional,
            exit_notional: self.exit_notional,
            fees: self.fees,
            slippage: self.slippage,
            profit: self.profit,
            worst_price: self.worst,
            best_price: self.best,
            entry_fills: self.entry_fills,
            exit_fills: self.exit_fills,
            ambiguous_fills: self.ambiguous_fills,
            entry_tag: self.entry_tag,
            exit_tag: tag,
        }
    }
}
