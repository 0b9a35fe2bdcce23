//! The market data that a plan asks for, fetched through the tape.

use super::beneath::DetailSet;
use super::reach::{load_candles, load_ticks, read_candle_file, read_outside, read_tick_file};
use crate::domain::{CandleColumns, Interval, OutsideSeries, QuoteColumns, Timestamp, TradeColumns};
use crate::error::{Fault, Result};
use crate::scenario::{DataFacts, DataSource, InstrumentPlan, Matching, Plan, QuoteSupply, SyntheticMarket, real};
use crate::tape::{
    CandleSet, QuoteSet, Source, SynthGaps, SynthSpec, SynthSymbol, TradeSet, candles_from_trades, synthesize,
    trades_beneath,
};
use std::path::Path;

/// The data of every instrument of a plan, in the plan's order.
#[derive(Clone, Debug)]
pub struct Market {
    /// By instrument.
    pub instruments: Vec<InstrumentData>,
    /// The series from outside.
    pub outside: Vec<OutsideSeries>,
}

/// One instrument's data.
#[derive(Clone, Debug)]
pub struct InstrumentData {
    /// Its finest candles.
    pub candles: CandleSet,
    /// Its trades, when orders are matched against them.
    pub trades: Option<TradeSet>,
    /// Its quotes beside these trades, when it has some.
    pub quotes: Option<QuoteSet>,
    /// What lies beneath its candles, when it may decide them.
    pub detail: Option<DetailSet>,
}

impl Market {
    /// Loads everything that a plan asks for.
    ///
    /// # Errors
    /// When data are missing or malformed.
    pub fn load(plan: &Plan) -> Result<Self> {
        let mut synthetic = synthetic(plan)?.into_iter();
        let mut instruments: Vec<InstrumentData> = Vec::new();
        for instrument in &plan.instruments {
            let within = |fault: Fault| fault.within(format!("loading {}", instrument.symbol));
            let (mut candles, trades) = match plan.source(instrument) {
                DataSource::Synthetic(_) => {
                    let candles = synthetic.next().expect("one synthetic series for each synthetic instrument");
                    let seed = plan.synthetic.as_ref().map_or(0, |market| market.seed);
                    let trades = match instrument.matching {
                        Matching::Candles => None,
                        Matching::Trades => Some(trades_beneath(&candles, seed).map_err(within)?),
                    };
                    (candles, trades)
                }
                DataSource::Store { root, venue, symbol, interval } => {
                    let to = plan.period.to.unwrap_or(Timestamp::MAX);
                    let candles = load_candles(&root, &venue, &symbol, interval, Timestamp::MIN, to).map_err(within)?;
                    let trades = match instrument.matching {
                        Matching::Candles => None,
                        Matching::Trades => {
                            Some(load_ticks(&root, &venue, &symbol, Timestamp::MIN, to).map_err(within)?)
                        }
                    };
                    (candles, trades)
                }
                DataSource::Files { candles, trades, .. } => {
                    from_files(instrument, candles.as_deref(), trades.as_deref()).map_err(within)?
                }
            };
            if candles.columns.is_empty() {
                return Err(Fault::user(format!("loading {}: there are no candles", instrument.symbol))
                    .remedy("import data for it, or choose another period"));
            }
            for known in &instruments {
                candles.columns.share_open_times(&known.candles.columns);
            }
            let detail = DetailSet::load(plan, instrument, &candles)
                .map_err(|fault| fault.within(format!("loading the detail of {}", instrument.symbol)))?;
            let quotes = quotes(plan, instrument)
                .map_err(|fault| fault.within(format!("loading the quotes of {}", instrument.symbol)))?;
            instruments.push(InstrumentData { candles, trades, quotes, detail });
        }
        let outside = plan.series.iter().map(|series| {
            read_outside(&plan.place(&series.file), &series.column)
                .map_err(|fault| fault.within(format!("loading the series {}", series.name)))
        });
        Ok(Market { instruments, outside: outside.collect::<Result<_>>()? })
    }

    /// What the data say about each instrument.
    pub fn facts(&self) -> Vec<DataFacts> {
        let facts = |data: &InstrumentData| {
            let (mut price_decimals, mut quantity_decimals) =
                (data.candles.price_decimals, data.candles.quantity_decimals);
            if let Some(trades) = &data.trades {
                price_decimals = price_decimals.max(trades.price_decimals);
                quantity_decimals = quantity_decimals.max(trades.quantity_decimals);
            }
            if let Some(quotes) = &data.quotes {
                price_decimals = price_decimals.max(quotes.price_decimals);
                quantity_decimals = quantity_decimals.max(quotes.quantity_decimals);
            }
            if let Some(detail) = &data.detail {
                let (price, quantity) = detail.decimals();
                price_decimals = price_decimals.max(price);
                quantity_decimals = quantity_decimals.max(quantity);
            }
            DataFacts { price_decimals, quantity_decimals }
        };
        self.instruments.iter().map(facts).collect()
    }
}

impl InstrumentData {
    /// The candles in these decimals.
    ///
    /// # Errors
    /// When a number leaves the range of exact integers.
    pub(super) fn take_candles(&mut self, price_decimals: u8, quantity_decimals: u8) -> Result<CandleColumns> {
        scale_candles(&mut self.candles, price_decimals, quantity_decimals)
    }

    /// The trades in these decimals.
    ///
    /// # Errors
    /// When a number leaves the range of exact integers.
    pub(super) fn take_trades(&mut self, price_decimals: u8, quantity_decimals: u8) -> Result<Option<TradeColumns>> {
        self.trades.as_mut().map(|set| scale_trades(set, price_decimals, quantity_decimals)).transpose()
    }

    /// The quotes in these decimals; none is as good as an empty list.
    ///
    /// # Errors
    /// When a number leaves the range of exact integers.
    pub(super) fn take_quotes(&mut self, price_decimals: u8, quantity_decimals: u8) -> Result<QuoteColumns> {
        let Some(set) = &mut self.quotes else { return Ok(QuoteColumns::default()) };
        let mut columns = std::mem::take(&mut set.columns);
        for column in [&mut columns.bid, &mut columns.ask] {
            scale(column, set.price_decimals, price_decimals, &set.symbol, "quoted price")?;
        }
        for column in [&mut columns.bid_quantity, &mut columns.ask_quantity] {
            scale(column, set.quantity_decimals, quantity_decimals, &set.symbol, "quoted quantity")?;
        }
        Ok(columns)
    }
}

/// The quotes that a plan asks for beside an instrument's trades.
fn quotes(plan: &Plan, instrument: &InstrumentPlan) -> Result<Option<QuoteSet>> {
    match &instrument.quotes {
        None => Ok(None),
        Some(QuoteSupply::Store { root }) => {
            let (root, to) = (plan.place(root), plan.period.to.unwrap_or(Timestamp::MAX));
            load_ticks(&root, &instrument.venue, &instrument.symbol, Timestamp::MIN, to).map(Some)
        }
        Some(QuoteSupply::File(path)) => {
            let source = Source::of(&instrument.venue, &instrument.symbol, None);
            read_tick_file(&plan.place(path), &source).map(Some)
        }
    }
}

/// Takes the candles of a set in these decimals.
pub(super) fn scale_candles(set: &mut CandleSet, price_decimals: u8, quantity_decimals: u8) -> Result<CandleColumns> {
    let mut columns = std::mem::take(&mut set.columns);
    for column in [&mut columns.open, &mut columns.high, &mut columns.low, &mut columns.close] {
        scale(column, set.price_decimals, price_decimals, &set.symbol, "price")?;
    }
    scale(&mut columns.volume, set.quantity_decimals, quantity_decimals, &set.symbol, "volume")?;
    Ok(columns)
}

/// Takes the trades of a set in these decimals.
pub(super) fn scale_trades(set: &mut TradeSet, price_decimals: u8, quantity_decimals: u8) -> Result<TradeColumns> {
    let mut columns = std::mem::take(&mut set.columns);
    scale(&mut columns.price, set.price_decimals, price_decimals, &set.symbol, "price")?;
    scale(&mut columns.signed_quantity, set.quantity_decimals, quantity_decimals, &set.symbol, "quantity")?;
    Ok(columns)
}

fn scale(column: &mut [i64], from: u8, to: u8, symbol: &str, what: &str) -> Result<()> {
    if from == to {
        return Ok(());
    }
    let factor = 10i64.checked_pow(u32::from(to - from));
    for value in column {
        let scaled = factor.and_then(|factor| value.checked_mul(factor));
        *value = scaled.ok_or_else(|| {
            Fault::user(format!("{symbol}: a {what} does not fit {to} decimals"))
                .remedy("give the instrument a coarser tick or lot, or take its fees in the quote asset")
        })?;
    }
    Ok(())
}

fn from_files(
    plan: &InstrumentPlan,
    candles: Option<&Path>,
    trades: Option<&Path>,
) -> Result<(CandleSet, Option<TradeSet>)> {
    let source = |interval: Option<Interval>| Source::of(&plan.venue, &plan.symbol, interval);
    let trades = match (trades, candles, plan.matching) {
        (Some(path), None, _) | (Some(path), Some(_), Matching::Trades) => Some(read_tick_file(path, &source(None))?),
        (None, _, _) | (Some(_), Some(_), Matching::Candles) => None,
    };
    let candles = match (candles, &trades) {
        (Some(path), _) => read_candle_file(path, &source(Some(plan.interval)))?,
        (None, Some(trades)) => candles_of(trades, plan)?,
        (None, None) => return Err(Fault::user("neither candles nor trades are given").remedy("name a file")),
    };
    let trades = match plan.matching {
        Matching::Trades => trades,
        Matching::Candles => None,
    };
    Ok((candles, trades))
}

/// Candles made of the instrument's own trades.
fn candles_of(trades: &TradeSet, plan: &InstrumentPlan) -> Result<CandleSet> {
    let columns = candles_from_trades(trades.columns.rows(), plan.interval)?;
    Ok(CandleSet::of_trades(trades, plan.interval, columns))
}

fn synthetic(plan: &Plan) -> Result<Vec<CandleSet>> {
    let Some(market) = &plan.synthetic else { return Ok(Vec::new()) };
    let symbols: Vec<SynthSymbol> = plan
        .instruments
        .iter()
        .filter_map(|instrument| match plan.source(instrument) {
            DataSource::Synthetic(symbol) => Some(SynthSymbol {
                symbol: instrument.symbol.clone(),
                start_price: real(symbol.start_price),
                price_decimals: symbol.price_decimals,
                quantity_decimals: symbol.quantity_decimals,
                annual_volatility: real(symbol.annual_volatility),
                annual_drift: real(symbol.annual_drift),
                daily_volume: real(symbol.daily_volume),
                quiet_share: real(symbol.quiet_share),
            }),
            DataSource::Store { .. } | DataSource::Files { .. } => None,
        })
        .collect();
    if symbols.is_empty() {
        return Ok(Vec::new());
    }
    let SyntheticMarket { seed, candles, interval, from, correlation, missing_per_10_000, outages, outage_candles } =
        market.clone();
    synthesize(&SynthSpec {
        seed,
        venue: crate::tape::synth::VENUE.to_owned(),
        symbols,
        correlation: real(correlation),
        interval,
        from,
        candles: usize::try_from(candles).map_err(|_| Fault::user("synthetic market: too many candles"))?,
        gaps: SynthGaps { missing_per_10_000, outages, outage_candles },
    })
}
