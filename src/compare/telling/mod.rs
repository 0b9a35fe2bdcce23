//! A comparison in words, for people and for machines.

mod csv;
mod json;
mod rows;
mod text;

pub use csv::csv;
pub use json::json;
pub use rows::{alone, matched};
pub use text::text;

use super::figures::{Known, Value};
use super::record::Record;
use crate::domain::Span;
use crate::report::wording;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

/// A number as people read it.
pub fn read(value: Value, unit: &str) -> String {
    match value {
        Value::Exact(exact) if unit == "trades" => exact.to_string(),
        Value::Exact(exact) => wording::money(&exact.to_string()),
        Value::Ratio(ratio) => match unit {
            "%" => wording::percent(Some(ratio)),
            "fraction" => wording::percent(Some(100.0 * ratio)),
            "currency" => wording::money(&Decimal::from_f64_retain(ratio).unwrap_or_default().round_dp(8).to_string()),
            "days" | "hours" | "trades" => {
                let text = format!("{ratio:.3}");
                format!("{} {unit}", text.trim_end_matches('0').trim_end_matches('.'))
            }
            // Not a zero with a sign.
            _ => format!("{:.3}", if ratio.abs() < 0.0005 { 0.0 } else { ratio }),
        },
    }
}

/// A number that may be unknown.
pub fn read_known(known: &Known, unit: &str) -> String {
    known.as_ref().map_or_else(|_| wording::UNDEFINED.to_owned(), |value| read(*value, unit))
}

/// A difference with its sign; percentages differ by points.
pub fn read_difference(difference: Option<Value>, unit: &str) -> String {
    let Some(value) = difference else { return wording::UNDEFINED.to_owned() };
    let sign = match value {
        Value::Exact(exact) if exact > Decimal::ZERO => "+",
        Value::Ratio(ratio) if ratio > 0.0 => "+",
        Value::Exact(_) | Value::Ratio(_) => "",
    };
    let points = if unit == "%" || unit == "fraction" { " points" } else { "" };
    format!("{sign}{}{points}", read(value, unit).trim_end_matches(" %"))
}

/// A length of time that may be zero or below a second.
pub fn length(span: Span) -> String {
    let seconds = span.nanos() as f64 / 1e9;
    if seconds < 1.0 { format!("{seconds} s") } else { wording::length(seconds) }
}

/// What is tolerated, in a sentence.
pub fn tolerated(side: &super::Side) -> String {
    let tolerances = &side.tolerances;
    let percent = |share: Decimal| format!("{} %", (share * Decimal::ONE_HUNDRED).normalize());
    let rounding = match tolerances.profit_rounding {
        none if none.is_zero() => String::new(),
        amount => format!(" or its rounding ({amount})"),
    };
    format!(
        "pairs enter at most {} apart; the same within {} and {} of a price, {} of a quantity, {} of a fee, {} of a profit{rounding}, {} of equity",
        length(tolerances.match_within),
        precise(tolerances.time),
        percent(tolerances.price),
        percent(tolerances.quantity),
        percent(tolerances.fees),
        percent(tolerances.profit),
        percent(tolerances.equity)
    )
}

/// Seconds, exactly.
fn precise(span: Span) -> String {
    format!("{} s", (Decimal::from(span.nanos()) / Decimal::from(1_000_000_000)).normalize())
}

/// Who a record is, in a line.
pub fn introduction(record: &Record) -> String {
    let currency = record.currency.as_deref().unwrap_or("currency not stated");
    format!(
        "{} · {} · {currency} · {} trades",
        record.name,
        record.kind.name(),
        wording::count(record.trades.len() as u64)
    )
}

/// A decimal as a cell of a file.
fn cell(value: Option<Decimal>) -> String {
    value.map_or_else(String::new, |value| value.normalize().to_string())
}

/// Hundredths of a percent.
fn basis_points(difference: Option<Decimal>, of: Decimal) -> Option<Decimal> {
    let share = difference?.checked_mul(Decimal::from(10_000))?.checked_div(of)?;
    Some(share.round_dp(4))
}

/// A number of JSON: decimals are text, ratios numbers.
fn number(value: Value) -> serde_json::Value {
    match value {
        Value::Exact(exact) => serde_json::Value::String(exact.normalize().to_string()),
        Value::Ratio(ratio) if ratio.is_finite() => ratio.to_f64().map_or(serde_json::Value::Null, Into::into),
        Value::Ratio(_) => serde_json::Value::Null,
    }
}
