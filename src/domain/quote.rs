//! Best bids and asks: one row, and rows as columns.

use super::{Price, Quantity, Side, Timestamp};
use serde::{Deserialize, Serialize};

/// Best bid and ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quote {
    /// When it was valid from.
    pub time: Timestamp,
    /// Highest bid.
    pub bid: Price,
    /// Quantity at the bid.
    pub bid_quantity: Quantity,
    /// Lowest ask.
    pub ask: Price,
    /// Quantity at the ask.
    pub ask_quantity: Quantity,
}

impl Quote {
    /// What someone who trades on this side meets: price and displayed quantity of the other side.
    pub const fn facing(&self, side: Side) -> (Price, Quantity) {
        match side {
            Side::Buy => (self.ask, self.ask_quantity),
            Side::Sell => (self.bid, self.bid_quantity),
        }
    }
}

/// Quotes of one instrument as columns, ascending by time. All columns have one length.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QuoteColumns {
    /// Times in nanoseconds.
    pub time: Vec<i64>,
    /// Highest bids in price units.
    pub bid: Vec<i64>,
    /// Quantities at the bid in quantity units.
    pub bid_quantity: Vec<i64>,
    /// Lowest asks in price units.
    pub ask: Vec<i64>,
    /// Quantities at the ask in quantity units.
    pub ask_quantity: Vec<i64>,
}

/// A borrowed run of quotes; all slices have one length.
#[derive(Clone, Copy, Debug, Default)]
pub struct QuoteRows<'a> {
    /// Times in nanoseconds.
    pub time: &'a [i64],
    /// Highest bids in price units.
    pub bid: &'a [i64],
    /// Quantities at the bid in quantity units.
    pub bid_quantity: &'a [i64],
    /// Lowest asks in price units.
    pub ask: &'a [i64],
    /// Quantities at the ask in quantity units.
    pub ask_quantity: &'a [i64],
}

impl QuoteColumns {
    /// Number of quotes.
    pub fn len(&self) -> usize {
        self.time.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.time.is_empty()
    }

    /// Appends one quote.
    pub fn push(&mut self, quote: &Quote) {
        self.time.push(quote.time.nanos());
        self.bid.push(quote.bid.units());
        self.bid_quantity.push(quote.bid_quantity.units());
        self.ask.push(quote.ask.units());
        self.ask_quantity.push(quote.ask_quantity.units());
    }

    /// Rows `from..to`.
    pub fn slice(&self, from: usize, to: usize) -> QuoteRows<'_> {
        QuoteRows {
            time: &self.time[from..to],
            bid: &self.bid[from..to],
            bid_quantity: &self.bid_quantity[from..to],
            ask: &self.ask[from..to],
            ask_quantity: &self.ask_quantity[from..to],
        }
    }

    /// The first row at or after `time`.
    pub fn first_at_or_after(&self, time: Timestamp) -> usize {
        self.time.partition_point(|at| *at < time.nanos())
    }
}

impl QuoteRows<'_> {
    /// Number of quotes.
    pub fn len(&self) -> usize {
        self.time.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.time.is_empty()
    }

    /// A copy that owns its columns.
    pub fn to_columns(&self) -> QuoteColumns {
        QuoteColumns {
            time: self.time.to_vec(),
            bid: self.bid.to_vec(),
            bid_quantity: self.bid_quantity.to_vec(),
            ask: self.ask.to_vec(),
            ask_quantity: self.ask_quantity.to_vec(),
        }
    }

    /// One quote. Panics when `row` is out of range: a bug of the caller.
    pub fn quote(&self, row: usize) -> Quote {
        Quote {
            time: Timestamp::from_nanos(self.time[row]),
            bid: Price::from_units(self.bid[row]),
            bid_quantity: Quantity::from_units(self.bid_quantity[row]),
            ask: Price::from_units(self.ask[row]),
            ask_quantity: Quantity::from_units(self.ask_quantity[row]),
        }
    }
}
