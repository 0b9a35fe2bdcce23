//! `orders.csv`: every order, in order of its end.

use crate::domain::{Link, OrderKind, PositionEffect, TimeInForce, UpdateKind};
use crate::engine::Outcome;
use crate::error::Result;
use crate::report::facts::RunFacts;
use crate::report::sheet::Sheet;
use crate::strategy::OrderRecord;
use std::path::Path;

/// The file's columns.
pub const COLUMNS: &str = "order,desk,symbol,side,type,limit_price,stop_price,quantity,filled,average_price,notional,\
quote,time_in_force,good_till,reduce_only,role,entry_order,tag,submitted,ended,state,reason";

/// Decimals of an average price beyond the instrument's own.
const AVERAGE_DECIMALS: u8 = 8;

/// Writes the file.
pub fn write(directory: &Path, outcome: &Outcome, facts: &RunFacts<'_>) -> Result<()> {
    let mut sheet = Sheet::create(directory, "orders.csv", COLUMNS)?;
    for record in &outcome.records.orders {
        row(&mut sheet, facts, record)?;
    }
    sheet.finish()
}

fn row(sheet: &mut Sheet, facts: &RunFacts<'_>, record: &OrderRecord) -> Result<()> {
    let (open, order) = (&record.open, &record.open.order);
    let instrument = facts.instrument(order.instrument);
    let quote = facts.asset(instrument.quote);
    let (prices, quantities) = (instrument.price_decimals, instrument.quantity_decimals);
    sheet
        .whole(order.id.0.into())
        .text(facts.desk(order.desk))
        .text(&instrument.symbol)
        .text(order.side.name())
        .text(order.kind.name());
    match order.kind {
        OrderKind::Market => sheet.nothing().nothing(),
        OrderKind::Limit { price } => sheet.price(price, prices).nothing(),
        OrderKind::StopMarket { trigger } => sheet.nothing().price(trigger, prices),
    };
    let scale = i128::from(instrument.quote_factor) * 10i128.pow(prices.into());
    sheet
        .quantity(order.quantity, quantities)
        .quantity(open.filled, quantities)
        .quotient(open.notional, i128::from(open.filled.units()) * scale, (prices + AVERAGE_DECIMALS).min(20))
        .amount(open.notional, quote.decimals)
        .text(&quote.code);
    match order.time_in_force {
        TimeInForce::GoodTillCancelled => sheet.text("GTC").nothing(),
        TimeInForce::ImmediateOrCancel => sheet.text("IOC").nothing(),
        TimeInForce::GoodTillDate(until) => sheet.text("GTD").time(until),
    };
    sheet.text(match order.effect {
        PositionEffect::Any => "no",
        PositionEffect::ReduceOnly => "yes",
    });
    match order.link {
        Link::None => sheet.text("single").nothing(),
        Link::Entry { .. } => sheet.text("entry").nothing(),
        Link::Child { entry, .. } => sheet.text(child_role(order.kind)).whole(entry.0.into()),
    };
    sheet
        .text(facts.tag(order.tag))
        .time(open.submitted)
        .time(record.ended)
        .text(open.state.name())
        .text(reason(&record.last.kind));
    sheet.end_row()
}

/// What a child of a bracket is there for.
fn child_role(kind: OrderKind) -> &'static str {
    match kind {
        OrderKind::StopMarket { .. } => "stop",
        OrderKind::Limit { .. } => "target",
        OrderKind::Market => "child",
    }
}

/// Why an order ended, where its state does not say it all.
pub fn reason(last: &UpdateKind) -> &'static str {
    match last {
        UpdateKind::Cancelled(reason) => reason.name(),
        UpdateKind::Rejected(reason) | UpdateKind::ReplaceRejected(reason) => reason.name(),
        UpdateKind::Accepted
        | UpdateKind::Held
        | UpdateKind::Released { .. }
        | UpdateKind::Filled(_)
        | UpdateKind::CancelRejected
        | UpdateKind::Replaced(_)
        | UpdateKind::Expired => "",
    }
}
