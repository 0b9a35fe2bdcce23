//! Numbers of two records by one definition, with their difference.

use super::record::{Record, Trade};
use super::terms::TERMS;
use crate::domain::{Direction, Timestamp};
use crate::metrics::drawdown::Drawdown;
use crate::metrics::{returns, sharpe};
use crate::report::page::Term;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::Serialize;

/// Days of a year without a day off.
const DAYS_PER_YEAR: f64 = 365.0;

/// Statistics of runs of ours that say what a number for every record says already.
const REPEATED: [&str; 9] = [
    "total_return",
    "sharpe",
    "max_drawdown",
    "trades",
    "win_rate",
    "profit_factor",
    "largest_win",
    "largest_loss",
    "average_duration",
];

/// A number, exact where it is money or a count.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Value {
    /// A decimal; text in JSON.
    Exact(Decimal),
    /// A ratio or a percentage; a number in JSON.
    Ratio(f64),
}

/// A number, or why there is none.
pub type Known = std::result::Result<Value, String>;

/// One number of both records.
#[derive(Clone, Debug, PartialEq)]
pub struct FigureRow {
    /// What it is.
    pub key: String,
    /// What it is called.
    pub name: String,
    /// `trades`, `money`, `%`, `ratio`, `hours`, or the unit of a statistic.
    pub unit: String,
    /// How it is computed.
    pub definition: String,
    /// The reference's.
    pub reference: Known,
    /// The other's.
    pub other: Known,
    /// The other's less the reference's; absent where one is, or the currencies differ.
    pub difference: Option<Value>,
}

/// All numbers of two records, then the statistics of both where both are runs of ours.
pub fn rows(reference: &Record, other: &Record) -> Vec<FigureRow> {
    let differ = matches!((&reference.currency, &other.currency), (Some(one), Some(two)) if one != two);
    let mut rows: Vec<FigureRow> = TERMS
        .iter()
        .map(|term @ Term { key, name, unit, definition }| {
            let values = (value(reference, term.key), value(other, term.key));
            row([key, name, unit, definition], values, differ && *unit == "money")
        })
        // What no side can state says nothing.
        .filter(|row| row.reference.is_ok() || row.other.is_ok())
        .collect();
    for metric in reference.metrics.iter().filter(|metric| !REPEATED.contains(&metric.key.as_str())) {
        let Some(twin) =
            other.metrics.iter().find(|twin| twin.key == metric.key && twin.definition == metric.definition)
        else {
            continue;
        };
        let known = |value: Option<f64>, reason: &Option<String>| {
            value.map(Value::Ratio).ok_or_else(|| reason.clone().unwrap_or_default())
        };
        let values = (known(metric.value, &metric.reason), known(twin.value, &twin.reason));
        let words = [&metric.key, &metric.label, &metric.unit, &metric.definition].map(String::as_str);
        rows.push(row(words, values, differ && metric.unit == "currency"));
    }
    rows
}

fn row([key, name, unit, definition]: [&str; 4], (reference, other): (Known, Known), apart: bool) -> FigureRow {
    let difference = match (&reference, &other) {
        _ if apart => None,
        (Ok(Value::Exact(one)), Ok(Value::Exact(two))) => two.checked_sub(*one).map(Value::Exact),
        (Ok(Value::Ratio(one)), Ok(Value::Ratio(two))) => Some(Value::Ratio(two - one)),
        _ => None,
    };
    let [key, name, unit, definition] = [key, name, unit, definition].map(str::to_owned);
    FigureRow { key, name, unit, definition, reference, other, difference }
}

fn value(record: &Record, key: &str) -> Known {
    let exact = |count: usize| Ok(Value::Exact(Decimal::from(count)));
    let count = |of: &dyn Fn(&Trade) -> bool| exact(record.closed().filter(|trade| of(trade)).count());
    let stated = || money(record, "profit", |trade| trade.profit);
    match key {
        "closed" => count(&|_| true),
        "open" => exact(record.trades.len() - record.closed().count()),
        "longs" => count(&|trade| trade.direction == Direction::Long),
        "shorts" => count(&|trade| trade.direction == Direction::Short),
        "win_rate" => {
            let profits = stated()?;
            let won = profits.iter().filter(|profit| **profit > Decimal::ZERO).count();
            share(won as f64 * 100.0, profits.len() as f64)
        }
        "mean_hours" => {
            let hours = record.closed().map(|trade| trade.exit_time.since(trade.entry_time).days() * 24.0);
            share(hours.sum(), record.closed().count() as f64)
        }
        "volume" => sum(&money(record, "price or quantity", |trade| {
            trade.entry_price.checked_add(trade.exit_price?)?.checked_mul(trade.quantity?)
        })?),
        "price_result" => sum(&money(record, "price or quantity", Trade::price_result)?),
        "fees" => sum(&money(record, "fee", |trade| trade.fees)?),
        "slippage" => sum(&money(record, "slippage", |trade| trade.slippage)?),
        "profit" => sum(&stated()?),
        "profit_factor" => {
            let profits = stated()?;
            let part = |won: bool| {
                profits
                    .iter()
                    .filter(|profit| (**profit > Decimal::ZERO) == won)
                    .filter_map(Decimal::to_f64)
                    .sum::<f64>()
            };
            share(part(true), -part(false))
        }
        "best" => stated()?.into_iter().max().map(Value::Exact).ok_or_else(none),
        "worst" => stated()?.into_iter().min().map(Value::Exact).ok_or_else(none),
        "closed_return" => {
            let opening = opening(record)?;
            let profit: f64 = stated()?.iter().filter_map(Decimal::to_f64).sum();
            share(100.0 * profit, opening)
        }
        "closed_drawdown" => Ok(Value::Ratio(deepest(realised(record)?.iter().map(|(_, worth)| *worth)))),
        "final_equity" => {
            let last = equity(record)?.last().ok_or_else(|| "its equity has no sample".to_owned())?.1;
            Decimal::from_f64_retain(last).map(|exact| Value::Exact(exact.round_dp(8).normalize())).ok_or_else(none)
        }
        "equity_return" => match (equity(record)?.first(), equity(record)?.last()) {
            (Some((_, first)), Some((_, last))) => share(100.0 * (last - first), *first),
            _ => Err("its equity has no sample".to_owned()),
        },
        "daily_drawdown" => {
            let drawdown = Drawdown::of(equity(record)?).map_err(|reason| reason.to_string())?;
            Ok(Value::Ratio(100.0 * drawdown.depth))
        }
        "daily_sharpe" => {
            let returns = returns::daily(equity(record)?).map_err(|reason| reason.to_string())?;
            sharpe::sharpe(&returns, DAYS_PER_YEAR).map(Value::Ratio).map_err(|reason| reason.to_string())
        }
        other => unreachable!("terms.rs lists {other}, and nothing computes it"),
    }
}

fn none() -> String {
    "there is no finished trade".to_owned()
}

fn share(part: f64, whole: f64) -> Known {
    if whole > 0.0 { Ok(Value::Ratio(part / whole)) } else { Err("there is nothing to divide by".to_owned()) }
}

fn equity(record: &Record) -> std::result::Result<&[(Timestamp, f64)], String> {
    record.equity.as_deref().ok_or_else(|| "the file has no equity".to_owned())
}

fn opening(record: &Record) -> std::result::Result<f64, String> {
    record
        .opening
        .and_then(|opening| opening.to_f64())
        .ok_or_else(|| "the file does not state the opening capital".to_owned())
}

/// One amount of each finished trade, when every one has it and all are in the record's currency.
fn money(
    record: &Record,
    what: &str,
    of: impl Fn(&Trade) -> Option<Decimal>,
) -> std::result::Result<Vec<Decimal>, String> {
    let foreign = |trade: &Trade| matches!((&trade.quote, &record.currency), (Some(one), Some(other)) if one != other);
    if record.closed().any(foreign) {
        return Err("its trades are in several assets".to_owned());
    }
    let found: Vec<Decimal> = record.closed().filter_map(of).collect();
    match record.closed().count() - found.len() {
        0 => Ok(found),
        _ if found.is_empty() => Err(format!("the file states no {what}")),
        missing => Err(format!("{missing} trades have no {what}")),
    }
}

fn sum(amounts: &[Decimal]) -> Known {
    let sum = amounts.iter().try_fold(Decimal::ZERO, |sum, amount| sum.checked_add(*amount));
    sum.map(|sum| Value::Exact(sum.normalize())).ok_or_else(|| "the sum is beyond the range of decimals".to_owned())
}

/// Opening capital plus the profits of the trades finished so far: the start, then each exit in order.
pub fn realised(record: &Record) -> std::result::Result<Vec<(Timestamp, f64)>, String> {
    let opening = opening(record)?;
    let mut worth = opening;
    let profits = money(record, "profit", |trade| trade.profit)?;
    let mut exits: Vec<(Timestamp, f64)> =
        record.closed().zip(profits).map(|(trade, profit)| (trade.exit_time, profit.to_f64().unwrap_or(0.0))).collect();
    exits.sort_by_key(|(at, _)| *at);
    let start = record.trades.iter().map(|trade| trade.entry_time).min();
    let mut curve: Vec<(Timestamp, f64)> = start.map(|at| (at, opening)).into_iter().collect();
    for (at, profit) in exits {
        worth += profit;
        // Exits at one instant are one point; the start stays, even where the first trade ends as it begins.
        let is_behind_start = curve.len() > 1;
        match curve.last_mut() {
            Some(last) if is_behind_start && last.0 == at => last.1 = worth,
            Some(_) | None => curve.push((at, worth)),
        }
    }
    Ok(curve)
}

/// The largest fall below the highest so far, in percent of it.
fn deepest(worths: impl Iterator<Item = f64>) -> f64 {
    let (mut peak, mut depth) = (f64::MIN, 0.0_f64);
    for worth in worths {
        peak = peak.max(worth);
        if peak > 0.0 {
            depth = depth.max(100.0 * (peak - worth) / peak);
        }
    }
    depth
}

#[cfg(test)]
mod tests {
    use super::super::reading::Kind;
    use super::super::reading::sample::{record, trade};
    use super::*;

    #[test]
    fn a_loss_at_the_first_instant_is_a_drawdown_of_opening_capital() {
        let of = |number, at, profit| Trade { profit: Some(Decimal::from(profit)), ..trade(number, at, at) };
        let found = record(Kind::Freqtrade, vec![of("0", 60, -500), of("1", 90, 10), of("2", 90, 20)]);
        let worths: Vec<f64> = realised(&found).unwrap().into_iter().map(|(_, worth)| worth).collect();
        assert_eq!(worths, [1_000.0, 500.0, 530.0]);
        assert_eq!(value(&found, "closed_drawdown"), Ok(Value::Ratio(50.0)));
    }
}
