//! A comparison for machines.

use super::super::comparison::letter;
use super::super::figures::Known;
use super::super::parting::Parting;
use super::super::{Comparison, Record, Side, terms};
use super::{alone, matched, number};
use serde_json::{Map, Value, json};

/// Version of the format: keys may be added within it, never removed, renamed or given another meaning.
const FORMAT_VERSION: u32 = 1;

/// The whole comparison. Decimals are text, ratios are numbers, what is absent is null.
pub fn json(comparison: &Comparison) -> String {
    let records: Vec<Value> =
        comparison.records.iter().enumerate().map(|(place, record)| of_record(place, record)).collect();
    let sides: Vec<Value> = comparison.sides.iter().map(|side| of_side(comparison, side)).collect();
    let all = json!({
        "format_version": FORMAT_VERSION,
        "same": comparison.is_same(),
        "records": records,
        "comparisons": sides,
    });
    let mut text = serde_json::to_string_pretty(&all).expect("a comparison has only text keys");
    text.push('\n');
    text
}

fn of_record(place: usize, record: &Record) -> Value {
    let stated: Map<String, Value> =
        record.stated.iter().map(|stated| (stated.name.clone(), stated.value.clone().into())).collect();
    json!({
        "letter": letter(place),
        "name": record.name,
        "kind": record.kind,
        "digest": record.digest,
        "currency": record.currency,
        "opening": record.opening.map(|opening| opening.normalize().to_string()),
        "trades": record.trades.len(),
        "cautions": record.cautions,
        "notes": record.notes,
        "stated_by_itself": stated,
    })
}

fn of_side(comparison: &Comparison, side: &Side) -> Value {
    let tolerances = &side.tolerances;
    let seconds = |span: crate::domain::Span| span.nanos() as f64 / 1e9;
    let known = |known: &Known| known.as_ref().map_or(Value::Null, |value| number(*value));
    let reason = |known: &Known| known.as_ref().err().cloned();
    let metrics: Vec<Value> = side
        .figures
        .iter()
        .map(|row| {
            json!({
                "key": row.key, "name": row.name, "unit": row.unit, "definition": row.definition,
                "reference": known(&row.reference), "reference_reason": reason(&row.reference),
                "other": known(&row.other), "other_reason": reason(&row.other),
                "difference": row.difference.map_or(Value::Null, number),
            })
        })
        .collect();
    let plan = side.plan.as_ref().map(|plan| {
        plan.iter()
            .map(|line| json!({ "key": line.key, "reference": line.reference, "other": line.other }))
            .collect::<Vec<_>>()
    });
    json!({
        "reference": letter(0),
        "other": letter(side.record),
        "same": side.is_same(),
        "tolerances": {
            "match_within_seconds": seconds(tolerances.match_within),
            "time_seconds": seconds(tolerances.time),
            "price": tolerances.price.normalize().to_string(),
            "quantity": tolerances.quantity.normalize().to_string(),
            "fees": tolerances.fees.normalize().to_string(),
            "profit": tolerances.profit.normalize().to_string(),
            "profit_rounding": tolerances.profit_rounding.normalize().to_string(),
            "equity": tolerances.equity.normalize().to_string(),
        },
        "notes": side.notes,
        "first_difference": parting(side.first()),
        "account_difference": side.account,
        "first_trade_difference": parting(side.first_trade.as_ref()),
        "first_equity_difference": parting(side.first_equity.as_ref()),
        "metrics": metrics,
        "matched": rows(terms::MATCHED, matched(comparison, side)),
        "unmatched": rows(terms::ALONE, alone(comparison, side)),
        "plan_differences": plan,
    })
}

fn parting(parting: Option<&Parting>) -> Value {
    parting.map_or(Value::Null, |parting| json!({ "at": parting.at.to_string(), "text": parting.text }))
}

fn rows(fields: &[crate::report::page::Field], rows: Vec<Vec<String>>) -> Vec<Value> {
    let row = |cells: Vec<String>| -> Value {
        let cells = cells.into_iter().map(|cell| if cell.is_empty() { Value::Null } else { cell.into() });
        Value::Object(fields.iter().map(|field| field.key.to_owned()).zip(cells).collect())
    };
    rows.into_iter().map(row).collect()
}
