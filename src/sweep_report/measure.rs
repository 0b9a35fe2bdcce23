//! The columns of `trials.parquet` as the page reads them.

use crate::report::page::Kind;
use crate::sweep::{COLUMNS, Column, Direction, FRONT};
use serde_json::{Value, json};

/// How scripts write them.
pub const SCRIPT: &str = include_str!("measure.js");

/// Columns that say when something happened, or on which front a trial lies: nothing to colour a map by.
const NO_MEASURES: [&str; 3] = ["halted_at", "stopped_at", FRONT];

/// Columns of fractions: charts show them as percentages.
const FRACTIONS: [&str; 6] = ["total_return", "cagr", "volatility", "drawdown", "ulcer", "win_rate"];

/// Columns whose sign matters.
const SIGNED: [&str; 9] =
    ["profit", "total_return", "cagr", "sharpe", "sortino", "calmar", "skew", "expectancy", "ambiguous_profit"];

/// How a column's cells read.
pub fn kind(name: &str) -> Kind {
    match name {
        "profit" | "expectancy" | "fees" | "slippage" | "ambiguous_profit" => Kind::Money,
        "trades" | "fills" | "ambiguous_fills" | "doubts" | "refusals" | "open_trades" | FRONT => Kind::Count,
        "halted_at" | "stopped_at" => Kind::Time,
        name if FRACTIONS.contains(&name) => Kind::Price,
        _ => Kind::Ratio,
    }
}

/// Where the good and the bad of a column part: zero for what has a sign, one for a ratio of gains to losses.
fn middle(name: &str) -> Option<f64> {
    match name {
        "profit_factor" => Some(1.0),
        name => SIGNED.contains(&name).then_some(0.0),
    }
}

/// The columns that charts may show, in order.
pub fn all() -> impl Iterator<Item = &'static Column> {
    COLUMNS.iter().filter(|column| !NO_MEASURES.contains(&column.name))
}

/// What the scripts of the page know of a column.
pub fn facts(column: &Column) -> Value {
    json!({
        "key": column.name,
        "middle": middle(column.name),
        "least": column.better == Direction::Ascending,
        "fraction": FRACTIONS.contains(&column.name),
        "whole": kind(column.name) == Kind::Count,
        "money": kind(column.name) == Kind::Money,
    })
}

/// A value of a column for people.
pub fn text(name: &str, value: f64) -> String {
    match kind(name) {
        _ if !value.is_finite() => crate::report::wording::UNDEFINED.to_owned(),
        _ if FRACTIONS.contains(&name) => crate::report::wording::percent(Some(100.0 * value)),
        Kind::Count => crate::report::wording::count(value as u64),
        Kind::Money => crate::report::wording::money(&decimal(value, DECIMALS_MAX as usize)),
        _ => format!("{value:.4}"),
    }
}

/// A number as text that is as exact as so many decimals, without an exponent.
pub fn decimal(value: f64, places: usize) -> String {
    let text = format!("{value:.places$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

/// Digits that a column is shown to, counted from the first of its largest value.
const DIGITS: i32 = 7;
/// Decimals at most.
const DECIMALS_MAX: i32 = 12;

/// Decimals that give the largest of these values [`DIGITS`].
pub fn decimals(values: impl Iterator<Item = f64>) -> usize {
    let largest = values.filter(|value| value.is_finite()).fold(0.0, |largest: f64, value| largest.max(value.abs()));
    let mut before = 0;
    let mut bound = 1.0;
    while bound <= largest && before < DIGITS {
        (before, bound) = (before + 1, bound * 10.0);
    }
    // A value below one begins behind the point.
    let mut behind = 0;
    while largest > 0.0 && largest * bound < 0.1 && behind < DECIMALS_MAX {
        (behind, bound) = (behind + 1, bound * 10.0);
    }
    (DIGITS - before + behind).clamp(0, DECIMALS_MAX) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_seven_digits_of_the_largest() {
        let of = |values: &[f64]| decimals(values.iter().copied());
        assert_eq!((of(&[1.5, f64::NAN]), of(&[-12_345.6]), of(&[0.25]), of(&[0.0])), (6, 2, 7, 7));
        assert_eq!((of(&[0.0012]), of(&[1e9]), of(&[1e-12])), (9, 0, 12));
        assert_eq!(
            (decimal(1.25, 6), decimal(-100.0, 2), decimal(1e9, 0)),
            ("1.25".into(), "-100".into(), "1000000000".into())
        );
    }

    #[test]
    fn numbers_read_as_the_script_writes_them() {
        let pairs = [("sharpe", 1.2345, "1.2345"), ("profit", 0.123_456, "0.1235"), ("profit", -1234.567, "-1,234.57")];
        for (name, value, read) in pairs {
            assert_eq!(text(name, value), read);
        }
        assert_eq!((text("trades", 12_345.0), text("total_return", 12.345)), ("12,345".into(), "1,234.50 %".into()));
    }

    #[test]
    fn every_name_is_a_column() {
        for name in FRACTIONS.iter().chain(&SIGNED).chain(&NO_MEASURES) {
            assert!(COLUMNS.iter().any(|column| column.name == *name), "{name}");
        }
    }
}
