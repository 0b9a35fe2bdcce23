//! `orders.csv`: every order, in order of its end.

use crate::domain::{self, Crossing, Link, OrderState, PositionEffect, TimeInForce};
use crate::engine::{Ending, KindOfOrder, OrderExtra, OrderRecord, Outcome, Second};
use crate::error::Result;
use crate::report::facts::RunFacts;
use crate::report::sheet::Sheet;
use crate::report::trail::{Trail, child_role};
use std::path::Path;

/// The file's columns.
pub const COLUMNS: &str = "order,desk,symbol,side,type,limit_price,stop_price,trail,quantity,filled,average_price,notional,\
quote,time_in_force,good_till,reduce_only,post_only,role,group_order,tag,submitted,ended,state,reason";

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
        .text(record.kind.name());
    let extra = trail.extra(record.id).copied().unwrap_or(OrderExtra::none(record.id));
    let (second_price, trailed) = match extra.second {
        Some(Second::Limit(price)) => (Some(price), None),
        Some(Second::Trail(trail)) => (None, Some(trail)),
        None => (None, None),
    };
    match (record.kind, second_price) {
        (KindOfOrder::Market | KindOfOrder::TrailingStop, _) => sheet.nothing().nothing(),
        (KindOfOrder::Limit, _) => sheet.price(record.level, prices).nothing(),
        (_, Some(price)) => sheet.price(price, prices).price(record.level, prices),
        (_, None) => sheet.nothing().price(record.level, prices),
    };
    match trailed {
        None => sheet.nothing(),
        Some(domain::Trail::Distance(distance)) => sheet.price(distance, prices),
        Some(domain::Trail::Fraction(rate)) => {
            sheet.text(&format!("{}%", (rate.to_decimal() * rust_decimal::Decimal::ONE_HUNDRED).normalize()))
        }
    };
    let scale = i128::from(instrument.quote_factor) * 10i128.pow(prices.into());
    let notional = trail.traded(record.id);
    sheet
        .quantity(record.quantity, quantities)
        .quantity(record.filled, quantities)
        .quotient(notional, i128::from(record.filled.units()) * scale, (prices + AVERAGE_DECIMALS).min(20))
        .amount(notional, quote.decimals)
        .text(&quote.code);
    match extra.time_in_force {
        TimeInForce::GoodTillCancelled => sheet.text("GTC").nothing(),
        TimeInForce::ImmediateOrCancel => sheet.text("IOC").nothing(),
        TimeInForce::FillOrKill => sheet.text("FOK").nothing(),
        TimeInForce::GoodTillDate(until) => sheet.text("GTD").time(until),
    };
    sheet.text(match record.effect {
        PositionEffect::Any => "no",
        PositionEffect::ReduceOnly => "yes",
    });
    sheet.text(match extra.crossing {
        Crossing::Allowed => "no",
        Crossing::PostOnly => "yes",
    });
    match extra.link {
        Link::None => sheet.text("single").nothing(),
        Link::Entry { .. } => sheet.text("entry").nothing(),
        Link::Child { entry, .. } => sheet.text(child_role(record.kind)).whole(entry.0.into()),
        Link::Pair { sibling } => sheet.text("pair").whole(sibling.0.into()),
    };
    let (state, reason) = ending(record.ending);
    sheet.text(facts.tag(record.tag)).time(record.submitted).time(record.ended).text(state).text(reason);
    sheet.end_row()
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
