//! Candles and trades straight from a file by its path, without the store: the same layouts, the same refusals.

use super::csv::{ParsedFile, read_text};
use super::gaps::Stretch;
use super::import::{OffGrid, on_grid};
use super::layout::Layout;
use super::merge::merge;
use super::parquet_foreign::read_parquet;
use super::set::{CandleSet, EVER, Origin, QuietMinutes, TradeSet};
use super::source::{Wrapping, with_text, wrapping};
use crate::domain::{Interval, Span};
use crate::error::{Fault, Result};
use std::collections::BTreeMap;
use std::path::Path;

/// What is known about a file that is read by its path.
#[derive(Clone, Debug)]
pub struct FileRequest {
    /// The venue and product, such as `binance-spot`.
    pub venue: String,
    /// The venue's name of the instrument.
    pub symbol: String,
    /// The length of the candles; none takes the most common step of the file.
    pub interval: Option<Interval>,
    /// The layout; none finds it out.
    pub layout: Option<Layout>,
    /// Real, testnet or synthetic.
    pub origin: Origin,
    /// What the venue publishes for quiet intervals; none takes what is known of the venue.
    pub quiet_minutes: Option<QuietMinutes>,
}

/// Reads the candles of a CSV, CSV.gz, zip or Parquet file.
pub fn read_candle_file(path: &Path, request: &FileRequest) -> Result<CandleSet> {
    let file = parse_file(path, request.layout)?.of_origin(request.origin)?;
    if !file.layout.holds_candles() {
        return Err(Fault::user(format!("{} holds trades, not candles", path.display()))
            .remedy("name it as a source of trades"));
    }
    let interval = match request.interval {
        Some(interval) => interval,
        None => infer_interval(&file.part.table.time).map_err(|fault| fault.within(path.display()))?,
    };
    let (part, _) = on_grid(file, interval, OffGrid::Refuse)?;
    let table = merge(vec![part])?.table;
    let (price_decimals, quantity_decimals) = (table.decimals.price, table.decimals.quantity);
    let columns = table.into_candles();
    let content_hash = CandleSet::hash_rows(&columns, interval, price_decimals, quantity_decimals);
    Ok(CandleSet {
        venue: request.venue.clone(),
        symbol: request.symbol.clone(),
        interval,
        price_decimals,
        quantity_decimals,
        columns,
        origin: request.origin,
        quiet_minutes: request.quiet_minutes.unwrap_or_else(|| QuietMinutes::of_venue(&request.venue)),
        asked: EVER,
        content_hash,
    })
}

/// Reads the trades of a CSV, CSV.gz, zip or Parquet file.
pub fn read_trade_file(path: &Path, request: &FileRequest) -> Result<TradeSet> {
    let file = parse_file(path, request.layout)?.of_origin(request.origin)?;
    if file.layout.holds_candles() {
        return Err(Fault::user(format!("{} holds candles, not trades", path.display()))
            .remedy("name it as a source of candles"));
    }
    let table = merge(vec![file.part])?.table;
    let (price_decimals, quantity_decimals) = (table.decimals.price, table.decimals.quantity);
    let (columns, ids) = table.into_trades();
    let content_hash = TradeSet::hash_rows(&columns, price_decimals, quantity_decimals);
    Ok(TradeSet {
        venue: request.venue.clone(),
        symbol: request.symbol.clone(),
        price_decimals,
        quantity_decimals,
        columns,
        ids,
        origin: request.origin,
        content_hash,
    })
}

impl CandleSet {
    /// Only the candles that open at or after `from` and before `to`, as a load from the store would give them.
    #[must_use]
    pub fn within(mut self, asked: Stretch) -> Self {
        let begin = self.columns.first_at_or_after(asked.from);
        let end = if asked.to == EVER.to { self.columns.len() } else { self.columns.first_at_or_after(asked.to) };
        let columns = &mut self.columns;
        for column in [
            &mut columns.open_time,
            &mut columns.open,
            &mut columns.high,
            &mut columns.low,
            &mut columns.close,
            &mut columns.volume,
        ] {
            column.truncate(end);
            column.drain(..begin.min(end));
        }
        self.content_hash =
            CandleSet::hash_rows(&self.columns, self.interval, self.price_decimals, self.quantity_decimals);
        self.asked = asked;
        self
    }
}

/// Parses one file of any kind.
pub fn parse_file(path: &Path, layout: Option<Layout>) -> Result<ParsedFile> {
    let label = path.display().to_string();
    match wrapping(path)? {
        Wrapping::Parquet => read_parquet(path, &label),
        kind => with_text(path, kind, |text| read_text(text, &label, layout)),
    }
}

/// The most common step between neighbours; the shorter of two equally common ones.
fn infer_interval(time: &[i64]) -> Result<Interval> {
    let mut steps: BTreeMap<i64, usize> = BTreeMap::new();
    for pair in time.windows(2) {
        *steps.entry((pair[1] - pair[0]).abs()).or_default() += 1;
    }
    let common = steps.iter().filter(|(step, _)| **step > 0).max_by_key(|(step, count)| (**count, -**step));
    common.and_then(|(step, _)| Interval::new(Span::from_nanos(*step))).ok_or_else(|| {
        Fault::user("the candles' interval cannot be told from their times").remedy("give the interval, such as 1m")
    })
}
