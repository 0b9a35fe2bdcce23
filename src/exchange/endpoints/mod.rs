//! What the exchange can be asked, by REST and by the WebSocket API: names, weights, who may ask, and who answers.

mod account;
mod cancel;
mod checks;
mod lists;
mod orders;
mod public;

use super::core::Core;
use super::dispatch::Call;
use super::params::Params;
use super::wire::{Json, Refused};

/// Who may ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Security {
    /// Anybody.
    Open,
    /// Who has a key.
    Key,
    /// Who signs with a key.
    Signed,
}

/// One thing that can be asked.
pub(super) struct Endpoint {
    /// Its method and path by REST.
    pub rest: (&'static str, &'static str),
    /// Its method by the WebSocket API; empty where there is none.
    pub socket: &'static str,
    pub weight: fn(&Params) -> i64,
    pub security: Security,
    /// It weighs nothing when it succeeds.
    pub free_when_done: bool,
    /// It places or changes orders.
    pub changes_orders: bool,
    pub handler: fn(&mut Core, &Call) -> Result<Json, Refused>,
}

type Handler = fn(&mut Core, &Call) -> Result<Json, Refused>;

const fn open(path: &'static str, socket: &'static str, weight: fn(&Params) -> i64, handler: Handler) -> Endpoint {
    let (security, rest) = (Security::Open, ("GET", path));
    Endpoint { rest, socket, weight, security, free_when_done: false, changes_orders: false, handler }
}

const fn asked(path: &'static str, socket: &'static str, weight: fn(&Params) -> i64, handler: Handler) -> Endpoint {
    Endpoint { security: Security::Signed, ..open(path, socket, weight, handler) }
}

const fn done(
    rest: (&'static str, &'static str),
    socket: &'static str,
    weight: fn(&Params) -> i64,
    handler: Handler,
) -> Endpoint {
    let security = Security::Signed;
    Endpoint { rest, socket, weight, security, free_when_done: true, changes_orders: true, handler }
}

fn one(_: &Params) -> i64 {
    1
}

fn two(_: &Params) -> i64 {
    2
}

fn four(_: &Params) -> i64 {
    4
}

fn twenty(_: &Params) -> i64 {
    20
}

fn twenty_five(_: &Params) -> i64 {
    25
}

fn forty(_: &Params) -> i64 {
    40
}

/// Two for a symbol, four for all.
fn price_weight(params: &Params) -> i64 {
    if params.get("symbol").is_some() { 2 } else { 4 }
}

fn day_weight(params: &Params) -> i64 {
    match (params.get("symbol"), params.get("symbols")) {
        (Some(_), _) => 2,
        (None, Some(symbols)) => match symbols.split(',').count() {
            0..=20 => 2,
            21..=100 => 40,
            _ => 80,
        },
        (None, None) => 80,
    }
}

fn depth_weight(params: &Params) -> i64 {
    match params.integer("limit").ok().flatten().unwrap_or(100) {
        ..=100 => 5,
        101..=500 => 25,
        501..=1_000 => 50,
        _ => 250,
    }
}

fn open_orders_weight(params: &Params) -> i64 {
    if params.get("symbol").is_some() { 6 } else { 80 }
}

fn six(_: &Params) -> i64 {
    6
}

fn trades_weight(params: &Params) -> i64 {
    if params.get("orderId").is_some() { 5 } else { 20 }
}

fn test_weight(params: &Params) -> i64 {
    if params.is_true("computeCommissionRates") { 20 } else { 1 }
}

/// Everything that can be asked. Sources: the exchange's REST and WebSocket API pages, weights of 2026-04-02.
static ENDPOINTS: &[Endpoint] = &[
    open("/api/v3/ping", "ping", one, public::ping),
    open("/api/v3/time", "time", one, public::time),
    open("/api/v3/exchangeInfo", "exchangeInfo", twenty, public::exchange_info),
    open("/api/v3/depth", "depth", depth_weight, public::depth),
    open("/api/v3/trades", "trades.recent", twenty_five, public::trades),
    open("/api/v3/historicalTrades", "trades.historical", twenty_five, public::historical_trades),
    open("/api/v3/aggTrades", "trades.aggregate", four, public::aggregate_trades),
    open("/api/v3/klines", "klines", two, public::klines),
    open("/api/v3/uiKlines", "uiKlines", two, public::klines),
    open("/api/v3/avgPrice", "avgPrice", two, public::average_price),
    open("/api/v3/ticker/price", "ticker.price", price_weight, public::price_ticker),
    open("/api/v3/ticker/bookTicker", "ticker.book", price_weight, public::book_ticker),
    open("/api/v3/ticker/24hr", "ticker.24hr", day_weight, public::day_ticker),
    done(("POST", "/api/v3/order"), "order.place", one, orders::place),
    Endpoint {
        changes_orders: false,
        free_when_done: false,
        ..done(("POST", "/api/v3/order/test"), "order.test", test_weight, orders::test)
    },
    done(("DELETE", "/api/v3/order"), "order.cancel", one, cancel::cancel),
    done(("DELETE", "/api/v3/openOrders"), "openOrders.cancelAll", one, cancel::cancel_all),
    done(("POST", "/api/v3/order/cancelReplace"), "order.cancelReplace", one, cancel::cancel_replace),
    done(("PUT", "/api/v3/order/amend/keepPriority"), "order.amend.keepPriority", four, cancel::amend),
    done(("POST", "/api/v3/orderList/oco"), "orderList.place.oco", one, lists::place_oco),
    done(("POST", "/api/v3/orderList/oto"), "orderList.place.oto", one, lists::unsupported),
    done(("POST", "/api/v3/orderList/otoco"), "orderList.place.otoco", one, lists::unsupported),
    done(("POST", "/api/v3/orderList/opo"), "orderList.place.opo", one, lists::unsupported),
    done(("POST", "/api/v3/orderList/opoco"), "orderList.place.opoco", one, lists::unsupported),
    done(("DELETE", "/api/v3/orderList"), "orderList.cancel", one, lists::cancel_list),
    asked("/api/v3/order", "order.status", four, account::order),
    asked("/api/v3/openOrders", "openOrders.status", open_orders_weight, account::open_orders),
    asked("/api/v3/allOrders", "allOrders", twenty, account::all_orders),
    asked("/api/v3/orderList", "orderList.status", four, lists::list),
    asked("/api/v3/allOrderList", "allOrderLists", twenty, lists::all_lists),
    asked("/api/v3/openOrderList", "openOrderLists.status", six, lists::open_lists),
    asked("/api/v3/myTrades", "myTrades", trades_weight, account::my_trades),
    asked("/api/v3/account", "account.status", twenty, account::account),
    asked("/api/v3/account/commission", "account.commission", twenty, account::commission),
    asked("/api/v3/rateLimit/order", "account.rateLimits.orders", forty, account::order_limits),
    asked("/api/v3/myPreventedMatches", "myPreventedMatches", two, account::none),
    asked("/api/v3/myAllocations", "myAllocations", twenty, account::none),
    asked("/sapi/v1/capital/config/getall", "", one, account::none),
    asked("/sapi/v1/asset/tradeFee", "", one, account::trade_fees),
    Endpoint { security: Security::Key, ..open("/sapi/v1/margin/allPairs", "", one, account::none) },
    Endpoint { security: Security::Key, ..open("/sapi/v1/margin/isolated/allPairs", "", one, account::none) },
    Endpoint { rest: ("POST", LISTEN_KEY), ..open("", "userDataStream.start", two, account::gone) },
    Endpoint { rest: ("PUT", LISTEN_KEY), ..open("", "userDataStream.ping", two, account::gone) },
    Endpoint { rest: ("DELETE", LISTEN_KEY), ..open("", "userDataStream.stop", two, account::gone) },
];

/// The old way to user data, which the exchange took away on 2026-02-20.
const LISTEN_KEY: &str = "/api/v3/userDataStream";

/// What is asked by a REST request.
pub(super) fn find(method: &str, path: &str) -> Option<&'static Endpoint> {
    ENDPOINTS.iter().find(|endpoint| endpoint.rest == (method, path))
}

/// What is asked by a method of the WebSocket API.
pub(super) fn find_socket(method: &str) -> Option<&'static Endpoint> {
    ENDPOINTS.iter().find(|endpoint| !endpoint.socket.is_empty() && endpoint.socket == method)
}
