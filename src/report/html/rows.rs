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

/// A row of `prices.csv`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PriceRow {
    /// Milliseconds since 1970.
    pub at: i64,
    /// First price.
    pub open: f64,
    /// Highest price.
    pub high: f64,
    /// Lowest price.
    pub low: f64,
    /// Last price.
    pub close: f64,
}

/// The bars of one instrument.
#[derive(Clone, Debug, PartialEq)]
pub struct PriceChart {
    /// Its name.
    pub symbol: String,
    /// In order of time.
    pub rows: Vec<PriceRow>,
}

/// The columns of `trades.csv` that the page shows, in their order.
pub const TRADE_COLUMNS: [&str; 17] = [
    "trade",
    "desk",
    "symbol",
    "direction",
    "status",
    "entry_time",
    "exit_time",
    "duration_seconds",
    "quantity",
    "entry_price",
    "exit_price",
    "profit",
    "profit_percent",
    "fees",
    "entry_tag",
    "exit_reason",
    "ambiguous_fills",
];

/// A row of `trades.csv`.
#[derive(Clone, Debug, PartialEq)]
pub struct TradeRow {
    /// Its result, in percent of what was put in: how trades compare that differ in size and in quote asset.
    pub profit_percent: f64,
    /// Its cells, by [`TRADE_COLUMNS`].
    pub cells: [String; TRADE_COLUMNS.len()],
}

impl TradeRow {
    /// The cell of a column; empty for a column that the page does not read.
    pub fn cell(&self, column: &str) -> &str {
        TRADE_COLUMNS.iter().position(|name| *name == column).map_or("", |place| &self.cells[place])
    }
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
    let mut file = Table::open(run, "prices.csv", &["symbol", "open_time", "open", "high", "low", "close"])?;
    let mut charts: Vec<PriceChart> = Vec::new();
    while file.next()? {
        let row = PriceRow {
            at: file.millis(1)?,
            open: file.number(2)?,
            high: file.number(3)?,
            low: file.number(4)?,
            close: file.number(5)?,
        };
        match charts.last_mut() {
            Some(chart) if chart.symbol == file.cell(0) => chart.rows.push(row),
            Some(_) | None => charts.push(PriceChart { symbol: file.cell(0).to_owned(), rows: vec![row] }),
        }
    }
    Ok(charts)
}

/// Reads of `trades.csv` how much each trade made, in the order of the file.
pub fn trade_results(run: &Path) -> Result<Vec<f64>> {
    let mut file = Table::open(run, "trades.csv", &["profit_percent"])?;
    let mut results = Vec::new();
    while file.next()? {
        results.push(if file.cell(0).is_empty() { 0.0 } else { file.number(0)? });
    }
    Ok(results)
}

/// Reads the rows of `trades.csv` at these places, which ascend.
pub fn trades(run: &Path, places: &[usize], results: &[f64]) -> Result<Vec<TradeRow>> {
    let mut file = Table::open(run, "trades.csv", &TRADE_COLUMNS)?;
    let mut rows = Vec::with_capacity(places.len());
    let (mut wanted, mut place) = (places.iter().copied().peekable(), 0);
    while let Some(next) = wanted.peek().copied() {
        if !file.next()? {
            break;
        }
        if place == next {
            let cells = std::array::from_fn(|column| file.cell(column).to_owned());
            rows.push(TradeRow { profit_percent: results.get(place).copied().unwrap_or(0.0), cells });
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
