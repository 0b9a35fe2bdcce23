//! `orders.csv`: every order, in order of its end.

use super::trail::{Trail, kind_name};
use crate::domain::{Link, OrderState, PositionEffect, TimeInForce};
use crate::engine::{Ending, KindOfOrder, OrderRecord, Outcome};
use crate::error::Result;
use crate::report::facts::RunFacts;
use crate::report::sheet::Sheet;
use std::path::Path;

/// The file's columns.
pub const COLUMNS: &str = "order,desk,symbol,side,type,limit_price,stop_price,quantity,filled,average_price,notional,\
quote,time_in_force,good_till,reduce_only,role,entry_order,tag,submitted,ended,state,reason";

/// Decimals of an average price beyond the instrument's own.
const AVERAGE_DECIMALS: u8 = 8;

/// Writes the file.
pub fn write(directory: &Path, outcome: &Outcome, facts: &RunFacts<'_>, trail: &Trail<'_>) -> Result<()> {
    let mut sheet = Sheet::create(directory, "orders.csv", COLUMNS)?;
    for record in &outcome.records.orders {
        row(&mut sheet, facts, trail, record)?;
    }
    sheet.finish()
}

fn row(sheet: &mut Sheet, facts: &RunFacts<'_>, trail: &Trail<'_>, record: &OrderRecord) -> Result<()> {
    let instrument = facts.instrument(record.instrument);
    let quote = facts.asset(instrument.quote);
    let (prices, quantities) = (instrument.price_decimals, instrument.quantity_decimals);
    sheet
        .whole(record.id.0.into())
        .text(facts.desk(record.desk))
        .text(&instrument.symbol)
        .text(record.side.name())
        .text(kind_name(record.kind));
    match record.kind {
        KindOfOrder::Market => sheet.nothing().nothing(),
        KindOfOrder::Limit => sheet.price(record.level, prices).nothing(),
        KindOfOrder::StopMarket => sheet.nothing().price(record.level, prices),
    };
    let scale = i128::from(instrument.quote_factor) * 10i128.pow(prices.into());
    let notional = trail.traded(record.id);
    sheet
        .quantity(record.quantity, quantities)
        .quantity(record.filled, quantities)
        .quotient(notional, i128::from(record.filled.units()) * scale, (prices + AVERAGE_DECIMALS).min(20))
        .amount(notional, quote.decimals)
        .text(&quote.code);
    let extra = trail.extra(record.id);
    match extra.map_or(TimeInForce::GoodTillCancelled, |extra| extra.time_in_force) {
        TimeInForce::GoodTillCancelled => sheet.text("GTC").nothing(),
        TimeInForce::ImmediateOrCancel => sheet.text("IOC").nothing(),
        TimeInForce::GoodTillDate(until) => sheet.text("GTD").time(until),
    };
    sheet.text(match record.effect {
        PositionEffect::Any => "no",
        PositionEffect::ReduceOnly => "yes",
    });
    match extra.map_or(Link::None, |extra| extra.link) {
        Link::None => sheet.text("single").nothing(),
        Link::Entry { .. } => sheet.text("entry").nothing(),
        Link::Child { entry, .. } => sheet.text(child_role(record.kind)).whole(entry.0.into()),
    };
    let (state, reason) = ending(record.ending);
    sheet.text(facts.tag(record.tag)).time(record.submitted).time(record.ended).text(state).text(reason);
    sheet.end_row()
}

/// What a child of a bracket is there for.
fn child_role(kind: KindOfOrder) -> &'static str {
    match kind {
        KindOfOrder::StopMarket => "stop",
        KindOfOrder::Limit => "target",
        KindOfOrder::Market => "child",
    }
}

/// The last state of an order, and why, where the state does not say it all.
fn ending(ending: Ending) -> (&'static str, &'static str) {
    match ending {
        Ending::Filled => (OrderState::Filled.name(), ""),
        Ending::Cancelled(reason) => (OrderState::Cancelled.name(), reason.name()),
        Ending::Expired => (OrderState::Expired.name(), ""),
        Ending::Rejected(reason) => (OrderState::Rejected.name(), reason.name()),
    }
}
