//! The finer data beneath an instrument's candles, fetched and turned into the engine's integers.

use super::market::scale_trades;
use super::reach::{load_candles, load_ticks, read_candle_file, read_tick_file};
use crate::domain::{CandleColumns, InstrumentId, Interval, Timestamp};
use crate::engine::{DetailColumns, TapeDetail};
use crate::error::{Fault, Result};
use crate::scenario::{DataSource, DetailSource, InstrumentPlan, Matching, Plan};
use crate::tape::{CandleSet, Source, TradeSet, candles_from_trades, trades_beneath};
use std::sync::Arc;

/// What lies beneath the candles of one instrument.
#[derive(Clone, Debug)]
pub enum DetailSet {
    /// Finer candles.
    Candles(CandleSet),
    /// Trades.
    Trades(TradeSet),
}

impl DetailSet {
    /// Loads what a plan asks for beneath an instrument's candles.
    ///
    /// # Errors
    /// When the data are missing or malformed.
    pub fn load(plan: &Plan, instrument: &InstrumentPlan, candles: &CandleSet) -> Result<Option<Self>> {
        let (Some(wanted), Matching::Candles) = (instrument.detail, instrument.matching) else { return Ok(None) };
        let (from, to) = (Timestamp::MIN, plan.period.to.unwrap_or(Timestamp::MAX));
        let set = match (plan.source(instrument), wanted) {
            (DataSource::Store { root, venue, symbol, .. }, DetailSource::Candles(interval)) => {
                DetailSet::Candles(load_candles(&root, &venue, &symbol, interval, from, to)?)
            }
            (DataSource::Store { root, venue, symbol, .. }, DetailSource::Trades) => {
                DetailSet::Trades(load_ticks(&root, &venue, &symbol, from, to)?)
            }
            (DataSource::Files { finer: Some(path), .. }, DetailSource::Candles(interval)) => {
                let source = Source::of(&instrument.venue, &instrument.symbol, Some(interval));
                DetailSet::Candles(read_candle_file(&path, &source)?)
            }
            (DataSource::Files { trades: Some(path), .. }, DetailSource::Trades) => {
                DetailSet::Trades(read_tick_file(&path, &Source::of(&instrument.venue, &instrument.symbol, None))?)
            }
            (DataSource::Files { .. }, DetailSource::Candles(_) | DetailSource::Trades) => {
                return Err(Fault::user("no file of the detail is given").remedy("name one, or set detail = \"off\""));
            }
            (DataSource::Synthetic(_), wanted) => {
                let seed = plan.synthetic.as_ref().map_or(0, |market| market.seed);
                let trades = trades_beneath(candles, seed)?;
                match wanted {
                    DetailSource::Trades => DetailSet::Trades(trades),
                    DetailSource::Candles(interval) => DetailSet::Candles(made_of(&trades, interval)?),
                }
            }
        };
        Ok(Some(set))
    }

    /// Decimals of its prices and of its quantities.
    pub fn decimals(&self) -> (u8, u8) {
        match self {
            DetailSet::Candles(set) => (set.price_decimals, set.quantity_decimals),
            DetailSet::Trades(set) => (set.price_decimals, set.quantity_decimals),
        }
    }

    /// The rows in these decimals.
    ///
    /// # Errors
    /// When a number leaves the range of exact integers.
    pub(super) fn take(
        &mut self,
        instrument: InstrumentId,
        price_decimals: u8,
        quantity_decimals: u8,
    ) -> Result<TapeDetail> {
        let columns = match self {
            DetailSet::Candles(set) => {
                let columns: CandleColumns = super::market::scale_candles(set, price_decimals, quantity_decimals)?;
                DetailColumns::Candles(set.interval, Arc::new(columns))
            }
            DetailSet::Trades(set) => {
                DetailColumns::Trades(Arc::new(scale_trades(set, price_decimals, quantity_decimals)?))
            }
        };
        Ok(TapeDetail { instrument, columns })
    }
}

fn made_of(trades: &TradeSet, interval: Interval) -> Result<CandleSet> {
    let columns = candles_from_trades(trades.columns.rows(), interval)?;
    Ok(CandleSet::of_trades(trades, interval, columns))
}
