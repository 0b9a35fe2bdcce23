//! Orders, fills and lists as the exchange writes them.

use super::json::{Json, object};
use crate::domain::{Amount, Side, Timestamp};
use crate::exchange::account::Account;
use crate::exchange::listing::{Listing, quantity};
use crate::exchange::record::{FillRecord, ListRecord, OrderRecord, OrderStatus};

/// The exchange's word for a side.
pub const fn side(side: Side) -> &'static str {
    match side {
        Side::Buy => "BUY",
        Side::Sell => "SELL",
    }
}

/// An instant, or −1 where there is none.
fn time_or_none(time: Option<Timestamp>) -> Json {
    time.map_or(Json::Integer(-1), Json::Time)
}

/// The shortest answer to a new order.
pub fn ack(listing: &Listing, record: &OrderRecord, at: Timestamp) -> Json {
    object! {
        "symbol": &listing.listed(record.ticket.instrument).spec.symbol,
        "orderId": record.number,
        "orderListId": record.list,
        "clientOrderId": &record.ticket.client_id,
        "transactTime": at,
    }
}

/// The answer that tells where the order stands.
pub fn result(listing: &Listing, record: &OrderRecord, at: Timestamp) -> Json {
    let mut json = ack(listing, record, at);
    push_amounts(&mut json, listing, record);
    push_conditions(&mut json, listing, record);
    json.push("workingTime", time_or_none(record.working));
    json.push("selfTradePreventionMode", "NONE");
    push_expiry(&mut json, record);
    json
}

/// The answer that tells the fills too.
pub fn full(listing: &Listing, record: &OrderRecord, fills: &[FillRecord], at: Timestamp) -> Json {
    let mut json = result(listing, record, at);
    let fill = |fill: &FillRecord| {
        object! {
            "price": listing.price(record.ticket.instrument, fill.price.units()),
            "qty": quantity(fill.quantity.units()),
            "commission": listing.amount(fill.commission_asset, fill.commission),
            "commissionAsset": &listing.assets[usize::from(fill.commission_asset.0)].code,
            "tradeId": fill.id,
        }
    };
    json.push("fills", fills.iter().map(fill).collect::<Vec<_>>());
    json
}

fn push_amounts(json: &mut Json, listing: &Listing, record: &OrderRecord) {
    let ticket = &record.ticket;
    let quote = listing.instrument(ticket.instrument).quote;
    json.push("price", listing.price(ticket.instrument, ticket.price.units()));
    json.push("origQty", quantity(ticket.quantity.units()));
    json.push("executedQty", quantity(record.executed.units()));
    json.push("origQuoteOrderQty", quantity(ticket.quote_quantity));
    json.push("cummulativeQuoteQty", listing.amount(quote, record.executed_quote));
    json.push("status", record.status.name());
    json.push("timeInForce", ticket.force.name());
    json.push("type", ticket.kind.name());
    json.push("side", side(ticket.side));
}

fn push_conditions(json: &mut Json, listing: &Listing, record: &OrderRecord) {
    let ticket = &record.ticket;
    if ticket.kind.is_contingent() {
        json.push("stopPrice", listing.price(ticket.instrument, ticket.stop_price.units()));
    }
    for (name, value) in ["strategyId", "strategyType"].into_iter().zip(ticket.strategy) {
        if let Some(value) = value {
            json.push(name, value);
        }
    }
}

fn push_expiry(json: &mut Json, record: &OrderRecord) {
    if let (OrderStatus::Expired, Some(reason)) = (record.status, record.expiry_reason) {
        json.push("expiryReason", reason);
    }
}

/// The answer to a cancel.
pub fn cancelled(listing: &Listing, record: &OrderRecord, at: Timestamp) -> Json {
    let mut json = object! {
        "symbol": &listing.listed(record.ticket.instrument).spec.symbol,
        "origClientOrderId": &record.ticket.client_id,
        "orderId": record.number,
        "orderListId": record.list,
        "clientOrderId": &record.cancel_id,
        "transactTime": at,
    };
    push_amounts(&mut json, listing, record);
    push_conditions(&mut json, listing, record);
    json.push("selfTradePreventionMode", "NONE");
    json
}

/// The answer to a question for an order.
pub fn queried(listing: &Listing, record: &OrderRecord) -> Json {
    let ticket = &record.ticket;
    let quote = listing.instrument(ticket.instrument).quote;
    let mut json = object! {
        "symbol": &listing.listed(ticket.instrument).spec.symbol,
        "orderId": record.number,
        "orderListId": record.list,
        "clientOrderId": &ticket.client_id,
        "price": listing.price(ticket.instrument, ticket.price.units()),
        "origQty": quantity(ticket.quantity.units()),
        "executedQty": quantity(record.executed.units()),
        "cummulativeQuoteQty": listing.amount(quote, record.executed_quote),
        "status": record.status.name(),
        "timeInForce": ticket.force.name(),
        "type": ticket.kind.name(),
        "side": side(ticket.side),
        "stopPrice": listing.price(ticket.instrument, ticket.stop_price.units()),
        "icebergQty": quantity(0),
        "time": record.created,
        "updateTime": record.updated,
        "isWorking": record.working.is_some(),
        "workingTime": time_or_none(record.working),
        "origQuoteOrderQty": quantity(ticket.quote_quantity),
        "selfTradePreventionMode": "NONE",
    };
    for (name, value) in ["strategyId", "strategyType"].into_iter().zip(ticket.strategy) {
        if let Some(value) = value {
            json.push(name, value);
        }
    }
    push_expiry(&mut json, record);
    json
}

/// A fill of the account.
pub fn trade(listing: &Listing, account: &Account, fill: &FillRecord) -> Json {
    let record = &account.orders[fill.order];
    let id = record.ticket.instrument;
    object! {
        "symbol": &listing.listed(id).spec.symbol,
        "id": fill.id,
        "orderId": record.number,
        "orderListId": record.list,
        "price": listing.price(id, fill.price.units()),
        "qty": quantity(fill.quantity.units()),
        "quoteQty": listing.amount(listing.instrument(id).quote, fill.quote),
        "commission": listing.amount(fill.commission_asset, fill.commission),
        "commissionAsset": &listing.assets[usize::from(fill.commission_asset.0)].code,
        "time": fill.time,
        "isBuyer": record.ticket.side == Side::Buy,
        "isMaker": fill.is_maker,
        "isBestMatch": true,
    }
}

/// Where a list stands: its type of status, and its status.
pub fn list_status(account: &Account, list: &ListRecord) -> (&'static str, &'static str) {
    let open = list.orders.iter().any(|place| account.orders[*place].status.is_open());
    if open { ("EXEC_STARTED", "EXECUTING") } else { ("ALL_DONE", "ALL_DONE") }
}

/// A list without reports of its orders.
pub fn list(listing: &Listing, account: &Account, list: &ListRecord) -> Json {
    let symbol = &listing.listed(list.instrument).spec.symbol;
    let (status_type, status) = list_status(account, list);
    let order = |place: &usize| {
        let record = &account.orders[*place];
        object! { "symbol": symbol, "orderId": record.number, "clientOrderId": &record.ticket.client_id }
    };
    object! {
        "orderListId": list.number,
        "contingencyType": "OCO",
        "listStatusType": status_type,
        "listOrderStatus": status,
        "listClientOrderId": &list.client_id,
        "transactionTime": list.created,
        "symbol": symbol,
        "orders": list.orders.iter().map(order).collect::<Vec<_>>(),
    }
}

/// A list with reports of its orders; `report` writes each.
pub fn list_with_reports(
    listing: &Listing,
    account: &Account,
    record: &ListRecord,
    report: impl Fn(&OrderRecord) -> Json,
) -> Json {
    let mut json = list(listing, account, record);
    let reports: Vec<Json> = record.orders.iter().map(|place| report(&account.orders[*place])).collect();
    json.push("orderReports", reports);
    json
}

/// The account.
pub fn account(listing: &Listing, account: &Account, number: i64, omit_zero: bool) -> Json {
    let fees = listing.instruments[0].fees_at(Timestamp::MIN);
    let whole = |rate: crate::domain::Rate| rate.units() / 10_000;
    let places = |rate: crate::domain::Rate| quantity(rate.units());
    let mut balances = Vec::new();
    for (index, asset) in listing.assets.iter().enumerate() {
        let id = crate::domain::AssetId(index as u16);
        let (free, locked) = account.balance(id);
        if omit_zero && free == Amount::ZERO && locked == Amount::ZERO {
            continue;
        }
        balances.push(object! {
            "asset": &asset.code,
            "free": listing.amount(id, free),
            "locked": listing.amount(id, locked),
        });
    }
    object! {
        "makerCommission": whole(fees.maker),
        "takerCommission": whole(fees.taker),
        "buyerCommission": 0,
        "sellerCommission": 0,
        "commissionRates": object! {
            "maker": places(fees.maker),
            "taker": places(fees.taker),
            "buyer": quantity(0),
            "seller": quantity(0),
        },
        "canTrade": true,
        "canWithdraw": false,
        "canDeposit": false,
        "brokered": false,
        "requireSelfTradePrevention": false,
        "preventSor": false,
        "updateTime": account.updated,
        "accountType": "SPOT",
        "balances": balances,
        "permissions": vec![Json::from("SPOT")],
        "uid": number,
    }
}
