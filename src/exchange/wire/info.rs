//! `exchangeInfo`: symbols, filters, limits.

use super::decimal::{PLACES, shown};
use super::json::{Json, object};
use crate::domain::Timestamp;
use crate::exchange::limits::RULES;
use crate::exchange::listing::{
    Listed, MAXIMUM_ALGO_ORDERS, MAXIMUM_ORDERS, MAXIMUM_PRICE, MAXIMUM_QUANTITY, PERCENT_DOWN, PERCENT_UP,
};

/// Types of orders that every symbol takes.
pub const ORDER_TYPES: [&str; 7] =
    ["LIMIT", "LIMIT_MAKER", "MARKET", "STOP_LOSS", "STOP_LOSS_LIMIT", "TAKE_PROFIT", "TAKE_PROFIT_LIMIT"];

/// The whole answer for some symbols.
pub fn exchange_info<'a>(now: Timestamp, symbols: impl Iterator<Item = &'a Listed>) -> Json {
    object! {
        "timezone": "UTC",
        "serverTime": now,
        "rateLimits": rate_limits(),
        "exchangeFilters": Vec::new(),
        "symbols": symbols.map(symbol).collect::<Vec<_>>(),
    }
}

/// The limits that are in force.
pub fn rate_limits() -> Json {
    let rule = |rule: &crate::exchange::limits::Rule| {
        object! {
            "rateLimitType": rule.kind.name(),
            "interval": rule.interval,
            "intervalNum": rule.count,
            "limit": rule.limit,
        }
    };
    Json::List(RULES.iter().map(rule).collect())
}

fn symbol(listed: &Listed) -> Json {
    let spec = &listed.spec;
    let places = i64::from(PLACES);
    object! {
        "symbol": &spec.symbol,
        "status": listed.status.name(),
        "baseAsset": &spec.base,
        "baseAssetPrecision": places,
        "quoteAsset": &spec.quote,
        "quotePrecision": places,
        "quoteAssetPrecision": places,
        "baseCommissionPrecision": places,
        "quoteCommissionPrecision": places,
        "orderTypes": ORDER_TYPES.iter().map(|name| Json::from(*name)).collect::<Vec<_>>(),
        "icebergAllowed": false,
        "ocoAllowed": true,
        "otoAllowed": false,
        "opoAllowed": false,
        "quoteOrderQtyMarketAllowed": true,
        "allowTrailingStop": false,
        "cancelReplaceAllowed": true,
        "amendAllowed": true,
        "pegInstructionsAllowed": false,
        "isSpotTradingAllowed": true,
        "isMarginTradingAllowed": false,
        "filters": filters(listed),
        "permissions": Vec::new(),
        "permissionSets": vec![Json::List(vec!["SPOT".into()])],
        "defaultSelfTradePreventionMode": "NONE",
        "allowedSelfTradePreventionModes": vec![Json::from("NONE")],
    }
}

/// A symbol's filters.
pub fn filters(listed: &Listed) -> Json {
    let places = |units: i64| shown(units.into(), PLACES);
    let percent = |percent: i64| shown(percent.into(), 2).trim_end_matches('0').trim_end_matches('.').to_owned();
    let lot = |name: &str, step: i64, maximum: i64| {
        object! {
            "filterType": name,
            "minQty": places(step),
            "maxQty": places(maximum),
            "stepSize": places(step),
        }
    };
    let (up, down) = (percent(PERCENT_UP), percent(PERCENT_DOWN));
    Json::List(vec![
        object! {
            "filterType": "PRICE_FILTER",
            "minPrice": places(listed.tick),
            "maxPrice": places(MAXIMUM_PRICE),
            "tickSize": places(listed.tick),
        },
        lot("LOT_SIZE", listed.lot, MAXIMUM_QUANTITY),
        lot("MARKET_LOT_SIZE", 0, MAXIMUM_QUANTITY),
        object! {
            "filterType": "PERCENT_PRICE_BY_SIDE",
            "bidMultiplierUp": &up,
            "bidMultiplierDown": &down,
            "askMultiplierUp": &up,
            "askMultiplierDown": &down,
            "avgPriceMins": 5,
        },
        object! {
            "filterType": "NOTIONAL",
            "minNotional": places(listed.minimum_notional),
            "applyMinToMarket": true,
            "maxNotional": places(900_000_000_000_000),
            "applyMaxToMarket": false,
            "avgPriceMins": 5,
        },
        object! { "filterType": "MAX_NUM_ORDERS", "maxNumOrders": MAXIMUM_ORDERS as i64 },
        object! { "filterType": "MAX_NUM_ALGO_ORDERS", "maxNumAlgoOrders": MAXIMUM_ALGO_ORDERS as i64 },
    ])
}
