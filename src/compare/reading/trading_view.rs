//! TradingView's list of trades: two rows for each trade, its entry and its exit, in either order.
//!
//! Names of columns have changed over the years; all that are known stand below. Money columns end in the currency, which
//! is how the file tells it. Times are those of the chart's zone, which the file does not tell.

use super::bytes::Content;
use super::sheet::{Column, Sheet};
use super::{Kind, Reading};
use crate::compare::reason::Reason;
use crate::compare::record::{Record, Trade};
use crate::domain::{Direction, Timestamp};
use crate::error::{Fault, Result};
use rust_decimal::Decimal;
use std::collections::BTreeMap;
use std::path::Path;

/// Names of the column that the two rows of a trade have in common.
pub const NUMBER: &[&str] = &["Trade #", "Trade number"];

/// One row: half of a trade.
struct Half {
    line: u64,
    /// Absent where a trade is open: some exports leave its exit empty.
    at: Option<Timestamp>,
    price: Option<Decimal>,
    quantity: Option<Decimal>,
    profit: Option<Decimal>,
    signal: Option<String>,
}

/// A trade as far as it was read.
#[derive(Default)]
struct Halves {
    line: u64,
    direction: Option<Direction>,
    entry: Option<Half>,
    exit: Option<Half>,
}

struct Columns {
    kind: Column,
    time: Column,
    signal: Column,
    price: Column,
    quantity: Column,
    profit: Column,
}

/// Reads the list.
pub fn read(path: &Path, content: &Content, reading: &Reading) -> Result<Record> {
    let mut sheet = Sheet::open(path, &content.text, reading)?;
    let number = sheet.required(sheet.find(NUMBER))?;
    let columns = Columns {
        kind: sheet.required(sheet.find(&["Type"]))?,
        time: sheet.required(sheet.find(&["Date and time", "Date/Time", "Date"]))?,
        signal: sheet.find(&["Signal"]),
        price: sheet.required(sheet.find_with_unit(&["Price"]))?,
        quantity: sheet.find(&["Position size (qty)", "Size (qty)", "Contracts", "Quantity", "Qty"]),
        profit: sheet.find_with_unit(&["Net P&L", "Net PnL", "Profit", "P&L"]),
    };
    let unit = |column: &Column| column.name.rsplit_once(' ').map(|(_, unit)| unit.to_owned());
    let quote = unit(&columns.price);
    let currency = unit(&columns.profit).filter(|unit| unit != "P&L" && unit != "PnL");
    let mut all: BTreeMap<(usize, String), Halves> = BTreeMap::new();
    let mut without_zone = false;
    while sheet.next()? {
        let name = sheet.text(&number).ok_or_else(|| sheet.wrong(&number, "a number"))?.to_owned();
        // Numbers in order of their size.
        let halves = all.entry((name.len(), name)).or_default();
        without_zone |= !sheet.has_zone(&columns.time);
        half(&mut sheet, &columns, halves)?;
    }
    let shown = path.display();
    let times = all.values().flat_map(|halves| halves.entry.iter().chain(&halves.exit)).filter_map(|half| half.at);
    let last = times.max();
    let trades = all
        .into_iter()
        .map(|((_, name), halves)| {
            let line = halves.line;
            trade(name, halves, last, currency.as_ref().or(quote.as_ref())).ok_or_else(|| {
                Fault::user(format!("reading {shown}, line {line}, column Type: the trade has no whole entry"))
                    .remedy("each trade has two rows; export the whole list again")
            })
        })
        .collect::<Result<Vec<Trade>>>()?;
    let mut notes = vec!["fees are in its profits; the list does not tell them apart".to_owned()];
    if without_zone {
        notes.push(format!("its times name no zone; they are taken to be in {}", reading.zone_name));
    }
    if let (Some(quote), Some(currency)) = (&quote, &currency)
        && quote != currency
    {
        notes.push(format!("its prices are in {quote}, its profits in {currency}"));
    }
    notes.extend(super::doubtful(sheet.doubtful_times, reading));
    let currency = currency.or_else(|| quote.clone());
    Ok(Record { currency, ..super::listed(path, Kind::TradingView, content, trades, notes) })
}

/// Reads one row into its trade.
fn half(sheet: &mut Sheet<'_>, columns: &Columns, halves: &mut Halves) -> Result<()> {
    let kind = sheet.text(&columns.kind).unwrap_or("").to_lowercase();
    let (is_entry, side) = match kind.split_once(' ') {
        Some((event @ ("entry" | "exit"), "long")) => (event == "entry", Direction::Long),
        Some((event @ ("entry" | "exit"), "short")) => (event == "entry", Direction::Short),
        Some(_) | None => return Err(sheet.wrong(&columns.kind, "Entry long, Exit long, Entry short or Exit short")),
    };
    let row = Half {
        line: sheet.line(),
        price: sheet.number(&columns.price)?,
        quantity: sheet.number(&columns.quantity)?,
        profit: sheet.number(&columns.profit)?,
        signal: sheet.text(&columns.signal).map(str::to_owned),
        at: match sheet.text(&columns.time) {
            None if !is_entry => None,
            Some(_) | None => Some(sheet.time(&columns.time)?),
        },
    };
    let place = if is_entry { &mut halves.entry } else { &mut halves.exit };
    if place.is_some() || halves.direction.is_some_and(|other| other != side) {
        return Err(sheet.wrong(&columns.kind, "the other half of its trade"));
    }
    (halves.line, halves.direction) = (row.line, Some(side));
    *place = Some(row);
    Ok(())
}

/// A trade of both halves. Without an exit, or with an empty one, it was still open when the list ended, at `last`.
fn trade(number: String, halves: Halves, last: Option<Timestamp>, money: Option<&String>) -> Option<Trade> {
    let (entry, direction) = (halves.entry?, halves.direction?);
    let exit = halves.exit.as_ref();
    let signal = exit.and_then(|exit| exit.signal.clone());
    let exit_time = exit.and_then(|exit| exit.at);
    let kind = signal.as_deref().and_then(|word| Reason::of(Kind::TradingView, word));
    // Whatever is open ends with the list: an exit before that which is called `Open` is a comment of the strategy.
    let kind = kind.filter(|kind| *kind != Reason::End || exit_time.is_none() || exit_time == last);
    Some(Trade {
        number,
        symbol: None,
        direction,
        entry_time: entry.at?,
        exit_time: exit_time.or(last)?,
        open_at_end: exit_time.is_none() || kind == Some(Reason::End),
        entry_price: entry.price?,
        exit_price: exit.and_then(|exit| exit.price),
        quantity: entry.quantity.or(exit.and_then(|exit| exit.quantity)),
        fees: None,
        slippage: None,
        profit: exit.and_then(|exit| exit.profit).or(entry.profit),
        quote: money.cloned(),
        entry_tag: entry.signal,
        exit_reason: signal,
        exit_kind: kind,
    })
}
