//! Trades and quotes as a load hands them over: rows by instants, each with the venue's number of it.

use super::place::SeriesKind;
use super::set::rows_digest;
use crate::domain::{Origin, QuoteColumns, TradeColumns};

/// Trades or quotes of one instrument, ascending by time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TickSet<C> {
    /// The venue and product, such as `binance-spot`.
    pub venue: String,
    /// The venue's name of the instrument.
    pub symbol: String,
    /// Decimals of a price unit.
    pub price_decimals: u8,
    /// Decimals of a quantity unit.
    pub quantity_decimals: u8,
    /// The rows.
    pub columns: C,
    /// The venue's number of each, row by row; zero where it gives none.
    pub ids: Vec<i64>,
    /// Real, testnet or synthetic.
    pub origin: Origin,
    /// xxh3-128 over times, prices and quantities of the rows here; their numbers do not count.
    pub content_hash: u128,
}

/// Trades of one instrument.
pub type TradeSet = TickSet<TradeColumns>;

/// Best bids and asks of one instrument.
pub type QuoteSet = TickSet<QuoteColumns>;

/// Columns of rows that have an instant and a number of their own.
pub trait Ticks: Sized {
    /// What the rows are.
    const KIND: SeriesKind;

    /// Of the times, and the required fields behind the number in the order in which they are stored.
    fn of_fields(time: Vec<i64>, fields: impl Iterator<Item = Vec<i64>>) -> Self;

    /// The times, then the other columns.
    fn each(&self) -> Vec<&Vec<i64>>;
}

impl Ticks for TradeColumns {
    const KIND: SeriesKind = SeriesKind::Trades;

    fn of_fields(time: Vec<i64>, mut fields: impl Iterator<Item = Vec<i64>>) -> Self {
        let mut next = || fields.next().expect("trades have a price and a quantity");
        TradeColumns { time, price: next(), signed_quantity: next() }
    }

    fn each(&self) -> Vec<&Vec<i64>> {
        vec![&self.time, &self.price, &self.signed_quantity]
    }
}

impl Ticks for QuoteColumns {
    const KIND: SeriesKind = SeriesKind::Quotes;

    fn of_fields(time: Vec<i64>, mut fields: impl Iterator<Item = Vec<i64>>) -> Self {
        let mut next = || fields.next().expect("quotes have two prices and two quantities");
        QuoteColumns { time, bid: next(), bid_quantity: next(), ask: next(), ask_quantity: next() }
    }

    fn each(&self) -> Vec<&Vec<i64>> {
        vec![&self.time, &self.bid, &self.bid_quantity, &self.ask, &self.ask_quantity]
    }
}

impl<C: Ticks> TickSet<C> {
    /// Rows of an instrument, with these decimals of prices and quantities. They are hashed.
    pub fn new(
        (venue, symbol): (&str, &str),
        (price_decimals, quantity_decimals): (u8, u8),
        (columns, ids): (C, Vec<i64>),
        origin: Origin,
    ) -> Self {
        let content_hash = rows_digest(0, price_decimals, quantity_decimals, &columns.each());
        let (venue, symbol) = (venue.to_owned(), symbol.to_owned());
        TickSet { venue, symbol, price_decimals, quantity_decimals, columns, ids, origin, content_hash }
    }

    /// The times of the rows.
    pub fn times(&self) -> &[i64] {
        self.columns.each()[0]
    }
}
