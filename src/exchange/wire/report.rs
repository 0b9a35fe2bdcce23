//! Events of the user data stream.

use super::json::{Json, object};
use super::order::{list_status, side};
use crate::domain::{Amount, AssetId, Timestamp};
use crate::exchange::account::{Account, News};
use crate::exchange::listing::{Listing, quantity};
use crate::exchange::record::{ListRecord, OrderStatus};

/// `executionReport`. `execution` is its number.
pub fn execution_report(listing: &Listing, news: &News, execution: i64, now: Timestamp) -> Json {
    let record = &news.record;
    let ticket = &record.ticket;
    let id = ticket.instrument;
    let quote = listing.instrument(id).quote;
    let cancelled = news.execution == "CANCELED";
    let (client_id, original) =
        if cancelled { (&record.cancel_id, ticket.client_id.as_str()) } else { (&ticket.client_id, "") };
    let fill = news.fill.as_ref();
    let mut json = object! {
        "e": "executionReport",
        "E": now,
        "s": &listing.listed(id).spec.symbol,
        "c": client_id,
        "S": side(ticket.side),
        "o": ticket.kind.name(),
        "f": ticket.force.name(),
        "q": quantity(ticket.quantity.units()),
        "p": listing.price(id, ticket.price.units()),
        "P": listing.price(id, ticket.stop_price.units()),
        "F": quantity(0),
        "g": record.list,
        "C": original,
        "x": news.execution,
        "X": record.status.name(),
        "r": "NONE",
        "i": record.number,
        "l": quantity(fill.map_or(0, |fill| fill.quantity.units())),
        "z": quantity(record.executed.units()),
        "L": listing.price(id, fill.map_or(0, |fill| fill.price.units())),
        "n": fill.map_or_else(|| "0".to_owned(), |fill| listing.amount(fill.commission_asset, fill.commission)),
        "N": fill.map_or(Json::Null, |fill| (&listing.assets[usize::from(fill.commission_asset.0)].code).into()),
        "T": record.updated,
        "t": fill.map_or(-1, |fill| fill.id),
        "I": execution,
        "w": record.status.is_open() && record.working.is_some(),
        "m": fill.is_some_and(|fill| fill.is_maker),
        "M": fill.is_some(),
        "O": record.created,
        "Z": listing.amount(quote, record.executed_quote),
        "Y": listing.amount(quote, fill.map_or(Amount::ZERO, |fill| fill.quote)),
        "Q": quantity(ticket.quote_quantity),
    };
    if let Some(working) = record.working {
        json.push("W", working);
    }
    json.push("V", "NONE");
    for (name, value) in ["j", "J"].into_iter().zip(ticket.strategy) {
        if let Some(value) = value {
            json.push(name, value);
        }
    }
    if let (OrderStatus::Expired, Some(reason)) = (record.status, record.expiry_reason) {
        json.push("eR", reason);
    }
    json
}

/// `outboundAccountPosition`: the assets that have changed.
pub fn account_position(listing: &Listing, account: &Account, assets: &[AssetId], now: Timestamp) -> Json {
    let balance = |asset: &AssetId| {
        let (free, locked) = account.balance(*asset);
        object! {
            "a": &listing.assets[usize::from(asset.0)].code,
            "f": listing.amount(*asset, free),
            "l": listing.amount(*asset, locked),
        }
    };
    object! {
        "e": "outboundAccountPosition",
        "E": now,
        "u": account.updated,
        "B": assets.iter().map(balance).collect::<Vec<_>>(),
    }
}

/// `listStatus`.
pub fn list_status_event(listing: &Listing, account: &Account, list: &ListRecord, now: Timestamp) -> Json {
    let symbol = &listing.listed(list.instrument).spec.symbol;
    let (status_type, status) = list_status(account, list);
    let order = |place: &usize| {
        let record = &account.orders[*place];
        object! { "s": symbol, "i": record.number, "c": &record.ticket.client_id }
    };
    object! {
        "e": "listStatus",
        "E": now,
        "s": symbol,
        "g": list.number,
        "c": "OCO",
        "l": status_type,
        "L": status,
        "r": "NONE",
        "C": &list.client_id,
        "T": now,
        "O": list.orders.iter().map(order).collect::<Vec<_>>(),
    }
}

/// The envelope of an event on a subscription.
pub fn enveloped(subscription: i64, event: Json) -> Json {
    object! { "subscriptionId": subscription, "event": event }
}
