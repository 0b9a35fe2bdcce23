//! A run's numbers by the definitions of another library, made from the run's files.

use super::summary::{FORMAT_VERSION, Summary};
use super::table::Table;
use crate::domain::{Span, Timestamp};
use crate::error::{Fault, Result};
use crate::metrics::profile::backtesting_py::{self, Book, Trade};
use crate::metrics::profile::{ProfileRow, quantstats};
use std::fmt::Write;
use std::path::Path;

/// A library whose definitions a reader may ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum MetricsProfile {
    /// QuantStats 0.0.86, on the daily returns, 252 days a year
    Quantstats,
    /// backtesting.py 0.6.6, on the daily equity as its bars
    #[value(name = "backtesting.py")]
    BacktestingPy,
}

/// Columns of a row's name.
const NAME: usize = 28;
/// Columns of a value.
const VALUE: usize = 16;

/// What a library makes of a finished run.
pub struct Profile {
    /// Which library, of which version, on what.
    pub title: &'static str,
    /// Its metrics.
    pub rows: Vec<ProfileRow>,
}

/// The metrics of a finished run under a profile.
///
/// # Errors
/// When a file of the run is missing or damaged, or the run has what the library does not know: equity that was not
/// positive from the start, trades in another currency than the account's.
pub fn of(run: &Path, summary: &Summary, profile: MetricsProfile) -> Result<Profile> {
    let equity = equity(run)?;
    let (title, rows) = match profile {
        MetricsProfile::Quantstats => {
            let returns: Vec<f64> = equity.windows(2).map(|pair| pair[1].1 / pair[0].1 - 1.0).collect();
            ("QuantStats 0.0.86, daily returns, 252 days a year", quantstats::rows(&returns))
        }
        MetricsProfile::BacktestingPy => {
            let trades = trades(run, summary, &equity)?;
            let only = summary.symbols.len() == 1;
            let buy_and_hold = summary.buy_and_hold.return_percent.filter(|_| only);
            let book = Book { equity: &equity, trades: &trades, buy_and_hold };
            ("backtesting.py 0.6.6, the daily equity as its bars", backtesting_py::rows(&book))
        }
    };
    Ok(Profile { title, rows })
}

/// One line per metric, and beneath it where the library prints something else.
///
/// # Errors
/// As [`of`].
pub fn table(run: &Path, summary: &Summary, profile: MetricsProfile) -> Result<String> {
    let profile = of(run, summary, profile)?;
    let mut text = format!("\nmetrics as defined by {}\n", profile.title);
    profile.rows.iter().for_each(|row| line(&mut text, row));
    Ok(text)
}

/// The same for programs, each metric with its definition; what is no finite number is null, with its `reason`.
///
/// # Errors
/// As [`of`].
pub fn json(run: &Path, summary: &Summary, profile: MetricsProfile) -> Result<String> {
    let profile = of(run, summary, profile)?;
    let row = |row: &ProfileRow| {
        serde_json::json!({
            "label": row.label,
            "unit": row.unit,
            "definition": row.definition,
            "value": row.value,
            "reason": (!row.value.is_finite()).then(|| shown(row.value)),
            "difference": row.difference,
        })
    };
    let rows: Vec<serde_json::Value> = profile.rows.iter().map(row).collect();
    let value = serde_json::json!({ "format_version": FORMAT_VERSION, "library": profile.title, "metrics": rows });
    Ok(format!("{value:#}\n"))
}

fn line(text: &mut String, row: &ProfileRow) {
    let value = shown(row.value);
    writeln!(text, "{:<NAME$}{value:>VALUE$}  {}", row.label, row.unit).expect("a string can be written to");
    if let Some(difference) = &row.difference {
        writeln!(text, "  not what the library prints: {difference}").expect("a string can be written to");
    }
}

/// Six digits, as plainly as they can be read.
pub fn shown(value: f64) -> String {
    match value.abs() {
        1e-4..1e9 => format!("{value:.6}"),
        0.0 => "0".to_owned(),
        _ if value.is_finite() => format!("{value:.6e}"),
        _ => value.to_string().to_lowercase(),
    }
}

/// The daily equity, stamped as bars are: a sample at midnight is the close of the day that ends there.
fn equity(run: &Path) -> Result<Vec<(Timestamp, f64)>> {
    let mut file = Table::open(run, "equity.csv", &["time", "equity"])?;
    let mut rows = Vec::new();
    while file.next()? {
        rows.push((Timestamp::from_millis(file.millis(0)?).before(Span::from_millis(1)), file.number(1)?));
    }
    if rows.len() < 2 || rows[0].1 <= 0.0 {
        return Err(Fault::user("--metrics-profile: the equity of this run does not begin above zero")
            .remedy("such a run has no returns; leave --metrics-profile away"));
    }
    Ok(rows)
}

fn trades(run: &Path, summary: &Summary, equity: &[(Timestamp, f64)]) -> Result<Vec<Trade>> {
    let columns = ["status", "entry_time", "exit_time", "profit", "profit_percent", "quote"];
    let mut file = Table::open(run, "trades.csv", &columns)?;
    let mut trades = Vec::new();
    while file.next()? {
        if file.cell(0) != "closed" {
            continue;
        }
        if file.cell(5) != summary.currency {
            let (quote, currency) = (file.cell(5), &summary.currency);
            return Err(Fault::user(format!(
                "--metrics-profile backtesting.py: trades in {quote}, an account in {currency}"
            ))
            .remedy("that library knows one currency; leave --metrics-profile away, or take quantstats"));
        }
        let (entry, exit) = (Timestamp::from_millis(file.millis(1)?), Timestamp::from_millis(file.millis(2)?));
        let bar = |at: Timestamp| equity.partition_point(|(close, _)| *close < at).min(equity.len() - 1);
        trades.push(Trade {
            entry_bar: bar(entry),
            exit_bar: bar(exit),
            duration: exit.since(entry),
            profit: file.number(3)?,
            rate: if file.cell(4).is_empty() { f64::NAN } else { file.number(4)? / 100.0 },
        });
    }
    Ok(trades)
}
