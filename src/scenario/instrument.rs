//! What is traded: each instrument with its venue, assets, data and rules.

use super::filters::{self, FeesPlan, FiltersPlan};
use super::market::{self, DataPlan, QuoteSupply, Supply};
use super::section::{Field, Section};
use crate::domain::{Dated, InstrumentKind, Interval};
use crate::error::Result;
use rust_decimal::Decimal;

/// An instrument as planned.
#[derive(Clone, Debug, PartialEq)]
pub struct InstrumentPlan {
    /// The venue's name for it.
    pub symbol: String,
    /// The venue and product.
    pub venue: String,
    /// Spot or linear contract.
    pub kind: InstrumentKind,
    /// Code of the asset bought.
    pub base: String,
    /// Code of the asset paid with.
    pub quote: String,
    /// The finest candles.
    pub interval: Interval,
    /// What the exchange matches orders against.
    pub matching: Matching,
    /// What lies beneath its candles and may decide them, if that is asked for.
    pub detail: Option<DetailSource>,
    /// Best bid and ask beside its trades, where they are given.
    pub quotes: Option<QuoteSupply>,
    /// What stands ahead of a limit order that takes a place at its price, in base quantity; matched on trades only.
    pub queue_ahead: Option<Decimal>,
    /// Where its data come from.
    pub supply: Supply,
    /// Order filters over time.
    pub filters: Dated<FiltersPlan>,
    /// Fees over time.
    pub fees: Dated<FeesPlan>,
}

/// What the exchange matches orders against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Matching {
    /// The finest candles.
    Candles,
    /// Single trades.
    Trades,
}

/// Finer market data that decide what a candle leaves open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DetailSource {
    /// Candles of this shorter interval.
    Candles(Interval),
    /// Single trades.
    Trades,
}

/// The words of the kinds.
pub(super) const KINDS: &[(&str, InstrumentKind)] =
    &[("spot", InstrumentKind::Spot), ("linear", InstrumentKind::Linear)];

/// The words of the matching.
pub(super) const MATCHINGS: &[(&str, Matching)] = &[("candles", Matching::Candles), ("trades", Matching::Trades)];

/// The keys of an instrument.
pub(super) const KEYS: &[&str] = &[
    "symbol",
    "venue",
    "kind",
    "base",
    "quote",
    "interval",
    "match",
    "detail",
    "queue_ahead",
    "file",
    "trades",
    "detail_file",
    "quotes",
    "synthetic",
    "filters",
    "fees",
];

/// Most instruments of a scenario.
const MOST: usize = 4_096;

/// Reads every `[[instrument]]`.
pub(super) fn read(root: &Section<'_>, data: &DataPlan, currency: &str) -> Result<Vec<InstrumentPlan>> {
    let field = root.require("instrument", "add an [[instrument]] with its symbol")?;
    let mut instruments: Vec<InstrumentPlan> = Vec::new();
    for item in field.items()? {
        let section = item.section(KEYS)?;
        let instrument = one(&section, data, currency)?;
        if instruments.iter().any(|other| other.symbol == instrument.symbol) {
            return Err(section
                .fault(format!("the symbol {} is there twice", instrument.symbol))
                .remedy("list each symbol once; an account trades a symbol at one venue"));
        }
        instruments.push(instrument);
    }
    if instruments.is_empty() || instruments.len() > MOST {
        return Err(field.fault(format!("a scenario has 1 to {MOST} instruments")));
    }
    Ok(instruments)
}

fn one(section: &Section<'_>, data: &DataPlan, currency: &str) -> Result<InstrumentPlan> {
    let symbol = section.require("symbol", "name what is traded, such as symbol = \"BTCUSDT\"")?.name()?;
    let usual = data.synthetic.as_ref().map_or(Interval::MINUTE, |market| market.interval);
    let interval = section.or("interval", usual, Field::interval)?;
    let matching = section.or("match", Matching::Candles, |field| field.choice(MATCHINGS))?;
    let detail = detail(section, interval, matching)?;
    let supply = supply(section, data, interval, matching, detail)?;
    let venue = match (section.get("venue"), &supply) {
        (Some(field), _) => field.name()?,
        (None, Supply::Synthetic(_)) => "synthetic",
        (None, Supply::Files { .. }) => "file",
        (None, Supply::Store { .. }) => {
            return Err(section
                .fault("venue is missing")
                .remedy("name the store's folder, such as venue = \"binance-spot\"; see `tapeline data list`"));
        }
    };
    let (base, quote) = assets(section, symbol, currency)?;
    Ok(InstrumentPlan {
        symbol: symbol.to_owned(),
        venue: venue.to_owned(),
        kind: section.or("kind", InstrumentKind::Spot, |field| field.choice(KINDS))?,
        base,
        quote,
        interval,
        matching,
        detail,
        quotes: quotes(section, data, matching)?,
        queue_ahead: queue_ahead(section, matching)?,
        supply,
        filters: filters::filters(section)?,
        fees: filters::fees(section)?,
    })
}

/// A shorter interval, `trades`, or `off`.
fn detail(section: &Section<'_>, interval: Interval, matching: Matching) -> Result<Option<DetailSource>> {
    let Some(field) = section.get("detail") else { return Ok(None) };
    let source = field.unless("off", |field| match field.as_word() {
        Some("trades") => Ok(DetailSource::Trades),
        Some(_) | None => field.interval().map(DetailSource::Candles),
    })?;
    match (source, matching) {
        (Some(_), Matching::Trades) => Err(field
            .fault("it is matched on trades, and nothing is finer than these")
            .remedy("remove the key, or set match = \"candles\"")),
        (Some(DetailSource::Candles(finer)), Matching::Candles) if !interval.is_made_of(finer) => Err(field
            .fault(format!("a candle of {interval} is not made of whole candles of {finer}"))
            .remedy("name a shorter interval that divides it, or \"trades\"")),
        (_, Matching::Candles | Matching::Trades) => Ok(source),
    }
}

/// `store`, a file's path, or `off`.
fn quotes(section: &Section<'_>, data: &DataPlan, matching: Matching) -> Result<Option<QuoteSupply>> {
    let Some(field) = section.get("quotes") else { return Ok(None) };
    let Some(place) = field.unless("off", |field| field.text().map(str::to_owned))? else { return Ok(None) };
    if matching == Matching::Candles {
        return Err(field
            .fault("quotes stand beside trades, and this instrument is matched on candles")
            .remedy("set match = \"trades\", or remove the key"));
    }
    if data.synthetic.is_some() {
        return Err(field
            .fault("the synthetic market has no quotes, and a report must not mix it with others")
            .remedy("remove the key"));
    }
    if place != "store" {
        return Ok(Some(QuoteSupply::File(place)));
    }
    let root = data.store.clone().ok_or_else(|| {
        field.fault("no store is named").remedy("add [data] store = \"path of the store\", or name a file of quotes")
    })?;
    Ok(Some(QuoteSupply::Store { root }))
}

fn queue_ahead(section: &Section<'_>, matching: Matching) -> Result<Option<Decimal>> {
    let Some(field) = section.get("queue_ahead") else { return Ok(None) };
    let ahead = field.unless("off", filters::not_negative)?;
    match (ahead, matching) {
        (Some(_), Matching::Candles) => Err(field
            .fault("a queue is served by trades, and this instrument is matched on candles")
            .remedy("set match = \"trades\", or remove the key")),
        (None, _) | (Some(_), Matching::Trades) => Ok(ahead),
    }
}

fn supply(
    section: &Section<'_>,
    data: &DataPlan,
    interval: Interval,
    matching: Matching,
    detail: Option<DetailSource>,
) -> Result<Supply> {
    let path = |key: &str| section.get(key).map(|field| field.text().map(str::to_owned)).transpose();
    let (candles, trades, finer) = (path("file")?, path("trades")?, path("detail_file")?);
    if candles.is_some() || trades.is_some() {
        if data.synthetic.is_some() || section.get("synthetic").is_some() {
            return Err(section
                .fault("has a file beside a synthetic market")
                .remedy("keep one of them; a report must not mix real and synthetic markets"));
        }
        return match (matching, &candles, &trades) {
            (Matching::Trades, _, None) => Err(section
                .fault("match = \"trades\" needs a file of trades")
                .remedy("add trades = \"path\", or set match = \"candles\"")),
            (Matching::Candles, None, _) => Err(section
                .fault("match = \"candles\" needs a file of candles")
                .remedy("add file = \"path\", or set match = \"trades\"")),
            (Matching::Candles | Matching::Trades, _, _) => {
                beneath_files(section, detail, trades.is_some(), finer.is_some())?;
                Ok(Supply::Files { candles, trades, finer })
            }
        };
    }
    if let Some(field) = section.get("detail_file") {
        return Err(field
            .fault("it stands beside a file of candles, and none is named")
            .remedy("name one with file = \"path\"; a store's detail is found in the store"));
    }
    if let Some(market) = &data.synthetic {
        if market.interval != interval {
            return Err(section
                .fault(format!("interval {interval} is not the synthetic market's {}", market.interval))
                .remedy("give a coarser interval to the desk; it is derived from the finest"));
        }
        return market::symbol(section).map(Supply::Synthetic);
    }
    if let Some(field) = section.get("synthetic") {
        return Err(field.fault("there is no synthetic market").remedy("add [data] synthetic = { seed = 1 }"));
    }
    let root = data.store.clone().ok_or_else(|| {
        section.fault("no data are named for it").remedy(
            "add [data] store = \"path of the store\" or [data] synthetic = { seed = 1 }, or give the instrument a file",
        )
    })?;
    Ok(Supply::Store { root })
}

/// Detail that is asked for must lie in a file of its own, and one that lies there must be asked for.
fn beneath_files(section: &Section<'_>, detail: Option<DetailSource>, trades: bool, finer: bool) -> Result<()> {
    match detail {
        Some(DetailSource::Trades) if !trades => {
            Err(section.fault("detail = \"trades\" needs a file of trades").remedy("add trades = \"path\""))
        }
        Some(DetailSource::Candles(interval)) if !finer => Err(section
            .fault(format!("detail = \"{interval}\" needs a file of such candles"))
            .remedy("add detail_file = \"path\"")),
        None | Some(DetailSource::Trades) if finer => Err(section
            .fault("detail_file is given, and detail does not say how long its candles are")
            .remedy("add detail = \"1m\", or whatever they are")),
        None | Some(DetailSource::Trades | DetailSource::Candles(_)) => Ok(()),
    }
}

/// Base and quote as stated, or told from a symbol that has a separator or ends with the account's currency.
fn assets(section: &Section<'_>, symbol: &str, currency: &str) -> Result<(String, String)> {
    let stated = |key: &str| section.get(key).map(|field| field.name().map(str::to_owned)).transpose();
    let told = symbol
        .split_once(['-', '_'])
        .or_else(|| symbol.strip_suffix(currency).map(|base| (base, currency)))
        .filter(|(base, quote)| super::section::is_name(base) && super::section::is_name(quote));
    let (base, quote) = match (stated("base")?, stated("quote")?, told) {
        (Some(base), Some(quote), _) => (base, quote),
        (base, quote, Some((told_base, told_quote))) => {
            (base.unwrap_or_else(|| told_base.to_owned()), quote.unwrap_or_else(|| told_quote.to_owned()))
        }
        (_, _, None) => {
            return Err(section
                .fault(format!("what {symbol} trades cannot be told from its name"))
                .remedy("state both, such as base = \"ETH\" and quote = \"BTC\""));
        }
    };
    if base == quote {
        return Err(section.fault(format!("base and quote are both {base}")));
    }
    Ok((base, quote))
}
