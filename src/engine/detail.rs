//! Finer market data beneath candles: what they show, a candle leaves open.
//!
//! Desks see candles, and accounts are marked by them. Where one of them may matter to the venue and its finer rows add
//! up to it exactly, the venue meets those rows instead, in their order, as it would if they were all there is. Nobody
//! is called between them: what came of it is known at the candle's close.

use super::journal::Journal;
use super::session::Session;
use crate::domain::{
    Candle, CandleColumns, CandleRows, InstrumentId, Interval, Price, Quantity, Timestamp, TradeColumns, TradeRows,
};
use crate::strategy::Trader;
use crate::venue::Venue;
use std::sync::Arc;

/// The finer market data of one instrument, all there are.
#[derive(Clone, Debug)]
pub struct TapeDetail {
    /// Whose.
    pub instrument: InstrumentId,
    /// The rows.
    pub columns: DetailColumns,
}

/// What lies beneath the candles of an instrument.
#[derive(Clone, Debug)]
pub enum DetailColumns {
    /// Candles of this shorter interval.
    Candles(Interval, Arc<CandleColumns>),
    /// Market trades.
    Trades(Arc<TradeColumns>),
}

/// How many candles that may have mattered to the venue were decided by finer rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DetailCounts {
    /// Those whose finer rows add up to them.
    pub decided: u64,
    /// Those whose finer rows are missing, or make another candle: decided as the policy says.
    pub fell_back: u64,
}

/// The finer rows of one candle.
enum Beneath<'a> {
    Candles(Interval, CandleRows<'a>),
    Trades(TradeRows<'a>),
}

impl<T: Trader, V: Venue, J: Journal> Session<T, V, J> {
    /// The venue meets a candle by way of its finer rows, where they prove to be that candle.
    pub(super) fn match_in_detail(
        &mut self,
        details: &[TapeDetail],
        instrument: InstrumentId,
        candle: &Candle,
        close_time: Timestamp,
    ) {
        let matters = !self.is_idle(instrument, candle.low, candle.high, close_time) && !candle.volume.is_zero();
        let beneath = details.iter().find(|detail| detail.instrument == instrument);
        let beneath = beneath.map(|detail| detail.beneath(candle, close_time)).filter(|rows| rows.add_up_to(candle));
        match &beneath {
            Some(Beneath::Candles(interval, rows)) => {
                for row in 0..rows.len() {
                    self.venue.candle(instrument, &rows.candle(row), rows.close_time(row, *interval));
                }
            }
            Some(Beneath::Trades(rows)) => {
                for row in 0..rows.len() {
                    self.venue.trade(instrument, &rows.trade(row));
                }
            }
            None => self.venue.candle(instrument, candle, close_time),
        }
        // Candles that could be passed over count for neither, so that the counts do not hang on whether they were.
        self.detail.decided += u64::from(matters && beneath.is_some());
        self.detail.fell_back += u64::from(matters && beneath.is_none());
    }
}

impl TapeDetail {
    /// The rows within one candle.
    fn beneath(&self, candle: &Candle, close_time: Timestamp) -> Beneath<'_> {
        match &self.columns {
            DetailColumns::Candles(interval, columns) => {
                let from = columns.first_at_or_after(candle.open_time);
                let to = columns.first_at_or_after(close_time);
                Beneath::Candles(*interval, columns.slice(from, to))
            }
            DetailColumns::Trades(columns) => {
                let from = columns.first_at_or_after(candle.open_time);
                let to = columns.first_at_or_after(close_time);
                Beneath::Trades(columns.slice(from, to))
            }
        }
    }
}

impl Beneath<'_> {
    /// Whether these rows make this candle: its prices and all of its volume, so that none is missing.
    fn add_up_to(&self, candle: &Candle) -> bool {
        let made = match self {
            Beneath::Candles(_, rows) => {
                let ends = rows.open.first().zip(rows.close.last());
                ends.map(|ends| (ends, rows.high.iter().max(), rows.low.iter().min(), sum(rows.volume)))
            }
            Beneath::Trades(rows) => {
                let ends = rows.price.first().zip(rows.price.last());
                ends.map(|ends| (ends, rows.price.iter().max(), rows.price.iter().min(), sum(rows.signed_quantity)))
            }
        };
        let Some(((open, close), high, low, volume)) = made else { return false };
        let price = |price: Price| price.units();
        let same = (*open, *close) == (price(candle.open), price(candle.close))
            && (high, low) == (Some(&price(candle.high)), Some(&price(candle.low)));
        same && volume == candle.volume.units().into()
    }
}

/// The sum of quantities, whichever side took them.
fn sum(quantities: &[i64]) -> i128 {
    quantities.iter().map(|units| i128::from(Quantity::from_units(*units).abs().units())).sum()
}
