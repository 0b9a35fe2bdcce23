//! A scenario reduced to one symbol: what an axis of symbols turns it into.

use super::change::{tables, words};
use super::section::did_you_mean;
use super::tree::{Node, Place, Table, Value};
use crate::error::{Fault, Result};

/// What an instrument says about itself that holds for no other symbol.
const OF_ONE_SYMBOL: &[&str] = &["filters", "file", "trades", "queue_ahead"];

/// Leaves one instrument, and the desks that trade it. A symbol that the scenario does not list takes the place of its
/// only instrument, if that states nothing that belongs to its own symbol alone.
///
/// # Errors
/// When there is no such instrument and none whose place it may take, and when no desk would be left.
pub(super) fn reduce(root: &mut Table, symbol: &str) -> Result<()> {
    let option = format!("--symbols {symbol}");
    let place = Place::Option(option.clone());
    let known = words(root, "instrument", "symbol");
    if !known.iter().any(|known| known == symbol) {
        rename(root, symbol, &known, &option)?;
    }
    retain(root, "instrument", |table| word(table, "symbol") == Some(symbol));
    let trades = |table: &Table| match table.get("symbols").map(|node| &node.value) {
        Some(Value::List(items)) => items.iter().any(|item| text(&item.value) == Some(symbol)),
        Some(_) | None => true,
    };
    let had_desks = root.contains_key("desk");
    retain(root, "desk", trades);
    let list = || Node {
        place: place.clone(),
        value: Value::List(vec![Node { place: place.clone(), value: Value::Text(symbol.to_owned()) }]),
    };
    let mut desks = tables(root, "desk");
    if had_desks && desks.is_empty() {
        return Err(Fault::user(format!("{option}: no desk trades {symbol}"))
            .remedy("name it in the symbols of a desk, or leave it out"));
    }
    desks.iter_mut().for_each(|desk| drop(desk.insert("symbols".to_owned(), list())));
    Ok(())
}

fn rename(root: &mut Table, symbol: &str, known: &[String], option: &str) -> Result<()> {
    let place = Place::Option(option.to_owned());
    let [only] = known else {
        let names: Vec<&str> = known.iter().map(String::as_str).collect();
        let fault = Fault::user(format!("{option}: the scenario has no instrument {symbol}"));
        return Err(fault.remedy(format!("{}; or add an [[instrument]] for it", did_you_mean(symbol, &names))));
    };
    let mut instruments = tables(root, "instrument");
    let [instrument] = &mut instruments[..] else { return Ok(()) };
    if let Some(key) = OF_ONE_SYMBOL.iter().find(|key| instrument.contains_key(**key)) {
        return Err(Fault::user(format!(
            "{option}: {key} of the only instrument are those of {only}, not of {symbol}"
        ))
        .remedy(format!("add an [[instrument]] for {symbol} with its own, or remove the key")));
    }
    // What it buys is told from its name; what it is paid with is the same.
    instrument.remove("base");
    if let Some(Node { value: Value::Text(quote), .. }) = instrument.get("quote")
        && let Some(base) = symbol.strip_suffix(quote.as_str()).filter(|base| !base.is_empty())
    {
        let base = Node { place: place.clone(), value: Value::Text(base.trim_end_matches(['-', '_']).to_owned()) };
        instrument.insert("base".to_owned(), base);
    }
    instrument.insert("symbol".to_owned(), Node { place: place.clone(), value: Value::Text(symbol.to_owned()) });
    for desk in tables(root, "desk") {
        desk.remove("symbols");
    }
    Ok(())
}

/// Leaves the tables of a list of which this holds.
fn retain(root: &mut Table, list: &str, holds: impl Fn(&Table) -> bool) {
    if let Some(Node { value: Value::List(items), .. }) = root.get_mut(list) {
        items.retain(|item| match &item.value {
            Value::Table(table) => holds(table),
            _ => true,
        });
    }
}

fn word<'t>(table: &'t Table, key: &str) -> Option<&'t str> {
    table.get(key).and_then(|node| text(&node.value))
}

fn text(value: &Value) -> Option<&str> {
    match value {
        Value::Text(text) | Value::Bare(text) => Some(text),
        _ => None,
    }
}
