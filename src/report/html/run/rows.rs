//! The run's CSV files, read back for the page.

use crate::domain::Timestamp;
use crate::error::{Fault, Result};
use std::path::{Path, PathBuf};

/// A row of `equity.csv`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EquityRow {
    /// Milliseconds since 1970.
    pub at: i64,
    /// What the account is worth.
    pub equity: f64,
    /// In percent of the peak, zero or below.
    pub drawdown: f64,
}

/// The bars of one instrument: a column for each column of the file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PriceChart {
    /// Its name.
    pub symbol: String,
    /// When each bar begins, milliseconds since 1970, ascending.
    pub at: Vec<i64>,
    /// First prices.
    pub open: Vec<f64>,
    /// Highest prices.
    pub high: Vec<f64>,
    /// Lowest prices.
    pub low: Vec<f64>,
    /// Last prices.
    pub close: Vec<f64>,
    /// How many candles are merged into a bar.
    pub candles: u64,
    /// Decimals of the prices.
    pub decimals: u8,
}

impl PriceChart {
    /// How long one candle is, in milliseconds, as far as the bars tell.
    pub fn candle_millis(&self) -> i64 {
        let steps = self.at.windows(2).map(|pair| pair[1] - pair[0]);
        steps.min().map_or(60_000, |step| (step / self.candles.max(1) as i64).max(1))
    }
}

/// What of every trade the charts of all trades are made from.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Trades {
    /// First fills, milliseconds since 1970.
    pub entry: Vec<i64>,
    /// Last fills, milliseconds since 1970.
    pub exit: Vec<i64>,
    /// Results, in percent of what was put in: how trades compare that differ in size and in quote asset.
    pub percent: Vec<f64>,
    /// Whether it was closed before the data ended.
    pub closed: Vec<bool>,
}

/// Reads `equity.csv`.
pub fn equity(run: &Path) -> Result<Vec<EquityRow>> {
    let mut file = Table::open(run, "equity.csv", &["time", "equity", "drawdown_percent"])?;
    let mut rows = Vec::new();
    while file.next()? {
        let drawdown = if file.cell(2).is_empty() { 0.0 } else { file.number(2)? };
        rows.push(EquityRow { at: file.millis(0)?, equity: file.number(1)?, drawdown });
    }
    Ok(rows)
}

/// Reads `prices.csv`.
pub fn prices(run: &Path) -> Result<Vec<PriceChart>> {
    let columns = ["symbol", "open_time", "open", "high", "low", "close", "candles"];
    let mut file = Table::open(run, "prices.csv", &columns)?;
    let mut charts: Vec<PriceChart> = Vec::new();
    while file.next()? {
        if charts.last().is_none_or(|chart| chart.symbol != file.cell(0)) {
            charts.push(PriceChart { symbol: file.cell(0).to_owned(), ..PriceChart::default() });
        }
        let chart = charts.last_mut().expect("one was just added");
        chart.at.push(file.millis(1)?);
        chart.open.push(file.number(2)?);
        chart.high.push(file.number(3)?);
        chart.low.push(file.number(4)?);
        chart.close.push(file.number(5)?);
        chart.candles = chart.candles.max(file.number(6)? as u64);
        let decimals = (2..6).map(|column| file.decimals(column)).max().unwrap_or(0);
        chart.decimals = chart.decimals.max(decimals);
    }
    Ok(charts)
}

/// Reads of `trades.csv` what all trades have to tell, in the order of the file.
pub fn all_trades(run: &Path) -> Result<Trades> {
    let mut file = Table::open(run, "trades.csv", &["entry_time", "exit_time", "profit_percent", "status"])?;
    let mut trades = Trades::default();
    while file.next()? {
        trades.entry.push(file.millis(0)?);
        trades.exit.push(file.millis(1)?);
        trades.percent.push(if file.cell(2).is_empty() { 0.0 } else { file.number(2)? });
        trades.closed.push(file.cell(3) == "closed");
    }
    Ok(trades)
}

/// Reads the wanted columns of the rows of `trades.csv` at these places, which ascend.
pub fn trades(run: &Path, columns: &[&'static str], places: &[usize]) -> Result<Vec<Vec<String>>> {
    let mut file = Table::open(run, "trades.csv", columns)?;
    let mut rows = Vec::with_capacity(places.len());
    let (mut wanted, mut place) = (places.iter().copied().peekable(), 0);
    while let Some(next) = wanted.peek().copied() {
        if !file.next()? {
            break;
        }
        if place == next {
            rows.push((0..columns.len()).map(|column| file.cell(column).to_owned()).collect());
            wanted.next();
        }
        place += 1;
    }
    Ok(rows)
}

/// A CSV file, of which some columns are wanted.
struct Table {
    path: PathBuf,
    reader: csv::Reader<std::fs::File>,
    record: csv::StringRecord,
    places: Vec<usize>,
    names: Vec<&'static str>,
}

impl Table {
    fn open(run: &Path, name: &str, columns: &[&'static str]) -> Result<Self> {
        let path = run.join(name);
        let broken = |error: csv::Error| Fault::user(format!("reading {}: {error}", path.display()));
        let mut reader = csv::ReaderBuilder::new().buffer_capacity(1 << 18).from_path(&path).map_err(broken)?;
        let head = reader.headers().map_err(broken)?;
        let place = |column: &&str| {
            head.iter().position(|name| name == *column).ok_or_else(|| {
                Fault::user(format!("reading {}: there is no column '{column}'", path.display()))
                    .remedy("run the plan again into a new directory")
            })
        };
        let places = columns.iter().map(place).collect::<Result<_>>()?;
        Ok(Table { reader, record: csv::StringRecord::new(), places, names: columns.to_vec(), path })
    }

    fn next(&mut self) -> Result<bool> {
        self.reader
            .read_record(&mut self.record)
            .map_err(|error| Fault::user(format!("reading {}: {error}", self.path.display())))
    }

    fn cell(&self, column: usize) -> &str {
        self.record.get(self.places[column]).unwrap_or("")
    }

    fn number(&self, column: usize) -> Result<f64> {
        self.cell(column).parse().map_err(|_| self.wrong(column, "number"))
    }

    /// How many digits stand behind the point.
    fn decimals(&self, column: usize) -> u8 {
        let cell = self.cell(column);
        cell.find('.').map_or(0, |point| (cell.len() - point - 1).min(18) as u8)
    }

    fn millis(&self, column: usize) -> Result<i64> {
        let at: Timestamp = self.cell(column).parse().map_err(|_| self.wrong(column, "time"))?;
        Ok(at.millis())
    }

    fn wrong(&self, column: usize, kind: &str) -> Fault {
        let line = self.record.position().map_or(0, csv::Position::line);
        let (path, cell, name) = (self.path.display(), self.cell(column), self.names[column]);
        Fault::user(format!("reading {path}, line {line}, column {name}: '{cell}' is no {kind}"))
            .remedy("the file was changed after the run; run the plan again into a new directory")
    }
}
