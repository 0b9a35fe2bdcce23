//! Results of several programs as records.

mod backtesting_py;
mod bytes;
mod cell;
mod freqtrade;
mod own;
#[cfg(test)]
pub(super) mod sample;
mod sheet;
#[cfg(test)]
mod tests;
mod trading_view;

pub use bytes::digest;

use super::record::Record;
use crate::error::{Fault, Result};
use crate::report;
use serde::Serialize;
use std::path::Path;

/// Who wrote a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, clap::ValueEnum)]
pub enum Kind {
    /// A run's directory of this program
    #[serde(rename = "tapeline")]
    Tapeline,
    /// freqtrade's backtest result: JSON, as it is, gzipped or in its zip
    #[serde(rename = "freqtrade")]
    Freqtrade,
    /// backtesting.py's trades as CSV: `stats._trades.to_csv(...)`
    #[value(name = "backtesting.py")]
    #[serde(rename = "backtesting.py")]
    BacktestingPy,
    /// TradingView's list of trades, exported as CSV in English
    #[value(name = "tradingview")]
    #[serde(rename = "tradingview")]
    TradingView,
}

impl Kind {
    /// Its word.
    pub const fn name(self) -> &'static str {
        match self {
            Kind::Tapeline => "tapeline",
            Kind::Freqtrade => "freqtrade",
            Kind::BacktestingPy => "backtesting.py",
            Kind::TradingView => "tradingview",
        }
    }
}

/// What a reader cannot know from the files.
#[derive(Clone, Debug)]
pub struct Reading {
    /// Who wrote a file; told by its content where absent. A directory is always a run of ours.
    pub kind: Option<Kind>,
    /// The zone of times that are written without one.
    pub zone: jiff::tz::TimeZone,
    /// The name of that zone, as the user wrote it.
    pub zone_name: String,
    /// The symbol of files that name none.
    pub symbol: Option<String>,
    /// Which strategy of a freqtrade result with several.
    pub strategy: Option<String>,
}

impl Default for Reading {
    fn default() -> Self {
        Reading { kind: None, zone: jiff::tz::TimeZone::UTC, zone_name: "UTC".to_owned(), symbol: None, strategy: None }
    }
}

impl Reading {
    /// Sets the zone of times that are written without one: a name such as `Europe/Berlin`, or an offset such as `+02:00`.
    ///
    /// # Errors
    /// When there is no such zone.
    pub fn in_zone(mut self, name: &str) -> Result<Self> {
        // Midnight of that zone, as seconds of UTC, is the offset turned round.
        let midnight = format!("1970-01-01T00:00:00{name}").parse::<jiff::Timestamp>().ok();
        let seconds = midnight.filter(|_| name.starts_with(['+', '-'])).map(|at| -at.as_second());
        let fixed = seconds
            .and_then(|seconds| i32::try_from(seconds).ok())
            .and_then(|seconds| jiff::tz::Offset::from_seconds(seconds).ok());
        self.zone = match fixed {
            Some(offset) => jiff::tz::TimeZone::fixed(offset),
            None => jiff::tz::TimeZone::get(name).map_err(|_| {
                Fault::user(format!("--zone {name}: there is no such time zone"))
                    .remedy("write UTC, a name such as Europe/Berlin, or an offset such as +02:00")
            })?,
        };
        name.clone_into(&mut self.zone_name);
        Ok(self)
    }
}

/// Reads a result.
///
/// # Errors
/// When it cannot be read, is of no known kind, or is damaged: with file, line and field.
pub fn read(path: &Path, reading: &Reading) -> Result<Record> {
    if path.is_dir() {
        if !report::is_run(path) {
            return Err(Fault::user(format!("reading {}: it holds no run", path.display()))
                .remedy("name a directory that `tapeline run` has written, or a file of another program"));
        }
        return own::read(path);
    }
    let content = bytes::content(path)?;
    let kind = reading.kind.or_else(|| told_by(&content.text)).ok_or_else(|| unknown(path))?;
    let mut record = match kind {
        Kind::Tapeline => {
            return Err(Fault::user(format!("reading {}: it is no directory", path.display()))
                .remedy("name the directory of the run, such as reports/quickstart-1a2b3c4d"));
        }
        Kind::Freqtrade => freqtrade::read(path, &content, reading)?,
        Kind::BacktestingPy => backtesting_py::read(path, &content, reading)?,
        Kind::TradingView => trading_view::read(path, &content, reading)?,
    };
    if let (Some(symbol), true) = (&reading.symbol, record.trades.iter().any(|trade| trade.symbol.is_none())) {
        record.notes.push(format!("the file names no symbol; it is said to be {symbol}"));
        for trade in record.trades.iter_mut().filter(|trade| trade.symbol.is_none()) {
            trade.symbol = Some(symbol.clone());
        }
    }
    record.sort();
    Ok(record)
}

/// Who wrote it, by its first line.
fn told_by(text: &str) -> Option<Kind> {
    let text = text.trim_start_matches('\u{feff}').trim_start();
    if text.starts_with('{') {
        return Some(Kind::Freqtrade);
    }
    let head = text.lines().next()?;
    let names: Vec<&str> = head.split([',', ';', '\t']).map(|name| name.trim().trim_matches('"')).collect();
    if trading_view::NUMBER.iter().any(|name| names.contains(name)) {
        return Some(Kind::TradingView);
    }
    let has_all = ["Size", "EntryPrice", "ExitPrice"].iter().all(|name| names.contains(name));
    has_all.then_some(Kind::BacktestingPy)
}

fn unknown(path: &Path) -> Fault {
    Fault::user(format!("reading {}: it is no result of a known kind", path.display())).remedy(
        "name a run's directory, a backtest result of freqtrade (.json, .json.gz, .zip), trades of backtesting.py \
         (stats._trades.to_csv), or TradingView's list of trades exported as CSV in English; --kind says which it is",
    )
}

/// A list of trades and nothing else.
fn listed(
    path: &Path,
    kind: Kind,
    content: &bytes::Content,
    trades: Vec<super::record::Trade>,
    notes: Vec<String>,
) -> Record {
    Record {
        name: path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        kind,
        digest: content.digest.clone(),
        currency: None,
        opening: None,
        candle: None,
        trades,
        equity: None,
        decides_on: None,
        metrics: Vec::new(),
        stated: Vec::new(),
        plan: None,
        cautions: Vec::new(),
        notes,
    }
}

/// What to know about times that a zone has twice or not at all.
fn doubtful(times: usize, reading: &Reading) -> Option<String> {
    let zone = &reading.zone_name;
    (times > 0).then(|| {
        format!(
            "{times} times exist twice or never in {zone}: of two instants the earlier was taken, and a time that the zone \
             skips was moved on by the length of the gap"
        )
    })
}
