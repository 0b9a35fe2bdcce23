//! The run's CSV files, read back for the page.

use crate::error::Result;
use crate::report::table::Table;
use std::path::Path;

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
