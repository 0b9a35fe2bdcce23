//! The exchange without sockets: requests at stated instants, answers compared to the letter.

use super::listing::{Listing, SymbolSpec};
use super::market::{LadderShape, Replayed, SymbolMarket};
use super::{Core, Faults, KeyProof, Message, Purpose, Request, Response};
use crate::domain::{MarketTrade, Price, Quantity, Rate, Side, Span, Timestamp};
use ring::hmac;

const KEY: &str = "0123456789abcdef";
const SECRET: &str = "fedcba9876543210";

fn at(second: i64) -> Timestamp {
    Timestamp::from_millis(1_700_000_000_000 + second * 1_000)
}

fn trade(second: i64, price: i64, quantity: i64, taker: Side) -> MarketTrade {
    let (price, quantity) = (Price::from_units(price), Quantity::from_units(quantity));
    MarketTrade { time: at(second), price, quantity, taker }
}

/// One symbol at 100.00 with a spread of a cent and levels of exactly one lot of 0.01, and an account that holds 1,000
/// USDT and 5 BTC.
fn core_with(trades: Vec<MarketTrade>, faults: &str) -> Core {
    let spec = SymbolSpec {
        symbol: "BTCUSDT".to_owned(),
        base: "BTC".to_owned(),
        quote: "USDT".to_owned(),
        price_decimals: 2,
        quantity_decimals: 2,
        minimum_notional: 100_000_000,
    };
    let fee = Rate::from_units(100_000);
    let listing = Listing::new(&[spec], fee, fee).unwrap();
    let shape = LadderShape { seed: 1, tick: 1, lot: 1_000_000, spread_ticks: 1, levels: 5, mean_lots: 1 };
    let market = SymbolMarket::new(Box::new(Replayed(trades.into_iter())), shape);
    let faults = Faults::read(&format!("seed = 1\n{faults}"), "faults.toml").unwrap();
    let mut core = Core::new(at(0), listing, vec![market], faults);
    let balances = [("USDT".to_owned(), 100_000_000_000), ("BTC".to_owned(), 500_000_000)];
    let account = core.open_account("one", &balances).unwrap();
    core.add_key(account, KEY, KeyProof::from_secret(SECRET));
    core.advance(at(1));
    core
}

fn core() -> Core {
    core_with(vec![trade(0, 10_000, 1_000_000, Side::Buy), trade(60, 9_990, 5_000_000, Side::Sell)], "")
}

fn signed(core: &Core, method: &str, path: &str, query: &str) -> Request {
    let query = format!("{query}&timestamp={}", core.now().millis());
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, SECRET.as_bytes()), query.as_bytes());
    let tag: String = tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    Request {
        method: method.to_owned(),
        path: path.to_owned(),
        query: format!("{query}&signature={tag}"),
        key: Some(KEY.to_owned()),
        peer: "1".to_owned(),
        ..Request::default()
    }
}

fn ask(core: &mut Core, method: &str, path: &str, query: &str) -> Response {
    let request = signed(core, method, path, query);
    core.request(core.now(), &request)
}

fn get(core: &mut Core, path: &str, query: &str) -> Response {
    let request = Request {
        method: "GET".to_owned(),
        path: path.to_owned(),
        query: query.to_owned(),
        peer: "1".to_owned(),
        ..Request::default()
    };
    core.request(core.now(), &request)
}

#[test]
fn a_limit_order_is_placed_queried_filled_by_a_trade_and_told() {
    let mut core = core();
    let placed = ask(
        &mut core,
        "POST",
        "/api/v3/order",
        "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.03&price=99.95&newClientOrderId=mine",
    );
    let expected = concat!(
        r#"{"symbol":"BTCUSDT","orderId":1,"orderListId":-1,"clientOrderId":"mine","transactTime":1700000001000,"#,
        r#""price":"99.95000000","origQty":"0.03000000","executedQty":"0.00000000","origQuoteOrderQty":"0.00000000","#,
        r#""cummulativeQuoteQty":"0.00000000","status":"NEW","timeInForce":"GTC","type":"LIMIT","side":"BUY","#,
        r#""workingTime":1700000001000,"selfTradePreventionMode":"NONE","fills":[]}"#
    );
    assert_eq!((placed.status, placed.body.as_str()), (200, expected));
    let header = |name: &str| placed.headers.iter().find(|header| header.0 == name).map(|header| header.1.clone());
    assert_eq!(header("x-mbx-order-count-10s").as_deref(), Some("1"));
    assert_eq!(header("x-mbx-used-weight-1m").as_deref(), Some("0"));
    core.advance(at(60));
    let queried = ask(&mut core, "GET", "/api/v3/order", "symbol=BTCUSDT&origClientOrderId=mine");
    let expected = concat!(
        r#"{"symbol":"BTCUSDT","orderId":1,"orderListId":-1,"clientOrderId":"mine","price":"99.95000000","#,
        r#""origQty":"0.03000000","executedQty":"0.03000000","cummulativeQuoteQty":"2.99850000","status":"FILLED","#,
        r#""timeInForce":"GTC","type":"LIMIT","side":"BUY","stopPrice":"0.00000000","icebergQty":"0.00000000","#,
        r#""time":1700000001000,"updateTime":1700000060000,"isWorking":true,"workingTime":1700000001000,"#,
        r#""origQuoteOrderQty":"0.00000000","selfTradePreventionMode":"NONE"}"#
    );
    assert_eq!(queried.body, expected);
    let trades = ask(&mut core, "GET", "/api/v3/myTrades", "symbol=BTCUSDT");
    let expected = concat!(
        r#"[{"symbol":"BTCUSDT","id":1,"orderId":1,"orderListId":-1,"price":"99.95000000","qty":"0.03000000","#,
        r#""quoteQty":"2.99850000","commission":"0.00003000","commissionAsset":"BTC","time":1700000060000,"#,
        r#""isBuyer":true,"isMaker":true,"isBestMatch":true}]"#
    );
    assert_eq!(trades.body, expected);
    let account = ask(&mut core, "GET", "/api/v3/account", "").body;
    let balances = concat!(
        r#""balances":[{"asset":"BTC","free":"5.02997000","locked":"0.00000000"},"#,
        r#"{"asset":"USDT","free":"997.00150000","locked":"0.00000000"}]"#
    );
    assert!(account.contains(balances), "{account}");
}

#[test]
fn a_market_order_takes_the_book_level_by_level_and_what_is_not_there_expires() {
    let mut core = core();
    let taken = ask(&mut core, "POST", "/api/v3/order", "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.03").body;
    let fills = concat!(
        r#""fills":[{"price":"100.00000000","qty":"0.01000000","commission":"0.00001000","commissionAsset":"BTC","tradeId":1},"#,
        r#"{"price":"100.01000000","qty":"0.01000000","commission":"0.00001000","commissionAsset":"BTC","tradeId":2},"#,
        r#"{"price":"100.02000000","qty":"0.01000000","commission":"0.00001000","commissionAsset":"BTC","tradeId":3}]"#
    );
    assert!(taken.contains(r#""status":"FILLED""#) && taken.contains(fills), "{taken}");
    // Two levels are left for this account until the book changes.
    let thin = ask(&mut core, "POST", "/api/v3/order", "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.05").body;
    assert!(thin.contains(r#""executedQty":"0.02000000""#) && thin.contains(r#""status":"EXPIRED""#), "{thin}");
    assert!(thin.contains(r#""expiryReason":"INSUFFICIENT_LIQUIDITY""#), "{thin}");
    core.advance(at(60));
    let query = "symbol=BTCUSDT&side=BUY&type=MARKET&quoteOrderQty=2.5";
    let sum = ask(&mut core, "POST", "/api/v3/order", query).body;
    assert!(
        sum.contains(r#""executedQty":"0.02000000""#) && sum.contains(r#""origQuoteOrderQty":"2.50000000""#),
        "{sum}"
    );
}

#[test]
fn immediate_orders_take_what_is_there_or_go() {
    let mut core = core();
    let send = |core: &mut Core, force: &str, quantity: &str| {
        let query = format!("symbol=BTCUSDT&side=SELL&type=LIMIT&timeInForce={force}&price=99.98&quantity={quantity}");
        ask(core, "POST", "/api/v3/order", &query).body
    };
    // Bids stand at 99.99 and 99.98.
    let killed = send(&mut core, "FOK", "0.03");
    assert!(
        killed.contains(r#""executedQty":"0.00000000""#) && killed.contains("UNFILLED_FOK_ORDER_EXPIRED"),
        "{killed}"
    );
    let filled = send(&mut core, "FOK", "0.02");
    assert!(filled.contains(r#""status":"FILLED""#) && filled.contains(r#""price":"99.99000000","qty""#), "{filled}");
    let nothing = send(&mut core, "IOC", "0.02");
    assert!(nothing.contains("UNFILLED_IOC_QUANTITY_EXPIRED"), "{nothing}");
    let rests = send(&mut core, "GTC", "0.02");
    assert!(rests.contains(r#""status":"NEW""#), "{rests}");
}

/// Each refusal with the exchange's code and words.
#[test]
fn refusals_are_the_exchanges_own() {
    let cases = [
        (
            "side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.01",
            -1102,
            "Mandatory parameter 'price' was not sent, was empty/null, or malformed.",
        ),
        (
            "side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.01&price=1e2",
            -1100,
            "Illegal characters found in parameter 'price'; legal range is '^([0-9]{1,20})(\\\\.[0-9]{1,20})?$'.",
        ),
        (
            "side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.000000001&price=100",
            -1111,
            "Parameter 'quantity' has too much precision.",
        ),
        ("side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.01&price=99.999", -1013, "Filter failure: PRICE_FILTER"),
        ("side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.015&price=99", -1013, "Filter failure: LOT_SIZE"),
        ("side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.01&price=90", -1013, "Filter failure: NOTIONAL"),
        ("side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=501", -1013, "Filter failure: PERCENT_PRICE_BY_SIDE"),
        (
            "side=BUY&type=LIMIT&timeInForce=GTC&quantity=20&price=99",
            -2010,
            "Account has insufficient balance for requested action.",
        ),
        ("side=BUY&type=MARKET&quantity=0.02&price=99", -1106, "Parameter 'price' sent when not required."),
        ("side=SELL&type=MARKET&quantity=5.01", -2010, "Account has insufficient balance for requested action."),
        ("side=BUY&type=LIMIT_MAKER&quantity=0.02&price=100", -2010, "Order would immediately match and take."),
        (
            "side=BUY&type=STOP_LOSS_LIMIT&timeInForce=GTC&quantity=0.02&price=100&stopPrice=99",
            -2010,
            "Order would trigger immediately.",
        ),
        ("side=UP&type=MARKET&quantity=0.02", -1117, "Invalid side."),
        ("side=BUY&type=FOO&quantity=0.02", -1116, "Invalid orderType."),
        ("side=BUY&type=LIMIT&timeInForce=DAY&quantity=0.02&price=99", -1115, "Invalid timeInForce."),
        (
            "side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.02&price=99&icebergQty=0.01",
            -2010,
            "Iceberg orders are not supported for this symbol.",
        ),
    ];
    let mut core = core();
    for (query, code, message) in cases {
        let answer = ask(&mut core, "POST", "/api/v3/order", &format!("symbol=BTCUSDT&{query}"));
        assert_eq!(
            (answer.status, answer.body),
            (400, format!("{{\"code\":{code},\"msg\":\"{message}\"}}")),
            "{query}"
        );
    }
    let answer = ask(&mut core, "GET", "/api/v3/order", "symbol=BTCUSDT&orderId=99");
    assert_eq!(answer.body, r#"{"code":-2013,"msg":"Order does not exist."}"#);
    let answer = ask(&mut core, "DELETE", "/api/v3/order", "symbol=BTCUSDT&orderId=99");
    assert_eq!(answer.body, r#"{"code":-2011,"msg":"Unknown order sent."}"#);
    let answer = get(&mut core, "/api/v3/klines", "symbol=NOPE&interval=1m");
    assert_eq!(answer.body, r#"{"code":-1121,"msg":"Invalid symbol."}"#);
    let mut forged = signed(&core, "GET", "/api/v3/account", "");
    forged.query.push('0');
    assert_eq!(
        core.request(core.now(), &forged).body,
        r#"{"code":-1022,"msg":"Signature for this request is not valid."}"#
    );
    let old = signed(&core, "GET", "/api/v3/account", "");
    let late = core.now().after(Span::from_millis(5_001));
    assert!(core.request(late, &old).body.contains("-1021"));
    let listen = Request { method: "POST".to_owned(), path: "/api/v3/userDataStream".to_owned(), ..Request::default() };
    assert_eq!(core.request(core.now(), &listen).status, 410);
}

#[test]
fn a_clients_name_is_free_again_once_its_order_is_done() {
    let mut core = core();
    let query = "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.03&price=99&newClientOrderId=twice";
    assert_eq!(ask(&mut core, "POST", "/api/v3/order", query).status, 200);
    assert!(ask(&mut core, "POST", "/api/v3/order", query).body.contains("Duplicate order sent."));
    let cancelled =
        ask(&mut core, "DELETE", "/api/v3/order", "symbol=BTCUSDT&origClientOrderId=twice&newClientOrderId=gone").body;
    let expected = concat!(
        r#"{"symbol":"BTCUSDT","origClientOrderId":"twice","orderId":1,"orderListId":-1,"clientOrderId":"gone","#,
        r#""transactTime":1700000001000,"price":"99.00000000","origQty":"0.03000000","executedQty":"0.00000000","#,
        r#""origQuoteOrderQty":"0.00000000","cummulativeQuoteQty":"0.00000000","status":"CANCELED","#,
        r#""timeInForce":"GTC","type":"LIMIT","side":"BUY","selfTradePreventionMode":"NONE"}"#
    );
    assert_eq!(cancelled, expected);
    assert_eq!(ask(&mut core, "POST", "/api/v3/order", query).status, 200);
}

#[test]
fn of_a_pair_only_one_fills() {
    let mut core = core();
    let query = "symbol=BTCUSDT&side=SELL&quantity=0.02&aboveType=LIMIT_MAKER&abovePrice=101&belowType=STOP_LOSS&belowStopPrice=99.95";
    let placed = ask(&mut core, "POST", "/api/v3/orderList/oco", query);
    assert_eq!(placed.status, 200, "{}", placed.body);
    assert!(placed.body.contains(r#""contingencyType":"OCO","listStatusType":"EXEC_STARTED""#), "{}", placed.body);
    core.advance(at(60));
    let rows = ask(&mut core, "GET", "/api/v3/allOrders", "symbol=BTCUSDT").body;
    assert!(rows.contains(r#""status":"FILLED""#) && rows.contains(r#""expiryReason":"OCO_TRIGGER""#), "{rows}");
    let account = ask(&mut core, "GET", "/api/v3/account", "").body;
    assert!(account.contains(r#""asset":"BTC","free":"4.98000000","locked":"0.00000000""#), "{account}");
    // The trade was at 99.90; what goes off takes one tick worse, 99.89 for 0.02 less a tenth of a percent.
    assert!(account.contains(r#""asset":"USDT","free":"1001.99580220""#), "{account}");
}

#[test]
fn replacing_and_amending_answer_in_both_halves() {
    let mut core = core();
    let limit = "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.03";
    ask(&mut core, "POST", "/api/v3/order", &format!("{limit}&price=99"));
    let path = "/api/v3/order/cancelReplace";
    let swap =
        |id: i64, price: &str, mode: &str| format!("{limit}&price={price}&cancelReplaceMode={mode}&cancelOrderId={id}");
    let both = ask(&mut core, "POST", path, &swap(1, "98", "STOP_ON_FAILURE"));
    assert!(both.status == 200 && both.body.starts_with(r#"{"cancelResult":"SUCCESS","newOrderResult":"SUCCESS""#));
    let none = ask(&mut core, "POST", path, &swap(1, "97", "STOP_ON_FAILURE"));
    assert!(none.status == 400 && none.body.contains("-2022") && none.body.contains("NOT_ATTEMPTED"), "{}", none.body);
    let half = ask(&mut core, "POST", path, &swap(1, "97", "ALLOW_FAILURE"));
    assert!(half.status == 409 && half.body.contains("-2021"), "{}", half.body);
    let smaller = ask(&mut core, "PUT", "/api/v3/order/amend/keepPriority", "symbol=BTCUSDT&orderId=2&newQty=0.02");
    assert!(smaller.body.contains(r#""qty":"0.02000000""#), "{}", smaller.body);
    let account = ask(&mut core, "GET", "/api/v3/account", "").body;
    assert!(account.contains(r#""asset":"USDT","free":"995.13000000","locked":"4.87000000""#), "{account}");
}

/// Texts that are due for a connection.
fn texts(core: &mut Core, connection: u64) -> Vec<String> {
    let mut texts = Vec::new();
    while let Some(outgoing) = core.poll_event() {
        if let (true, Message::Text(text)) = (outgoing.connection == connection, outgoing.message) {
            texts.push(text);
        }
    }
    texts
}

#[test]
fn streams_tell_trades_candles_and_depth() {
    let mut core = core();
    let streams = core.connect(core.now(), Purpose::CombinedStreams, "btcusdt@trade/btcusdt@depth@100ms", None, "1");
    let streams = streams.unwrap();
    core.receive(core.now(), streams, r#"{"method":"SUBSCRIBE","params":["btcusdt@kline_1m"],"id":"x"}"#);
    assert_eq!(texts(&mut core, streams), [r#"{"result":null,"id":"x"}"#]);
    core.advance(at(121));
    let told = texts(&mut core, streams);
    let trade = r#"{"stream":"btcusdt@trade","data":{"e":"trade","E":1700000060000,"s":"BTCUSDT","t":2,"p":"99.90000000","q":"0.05000000","T":1700000060000,"m":true,"M":true}}"#;
    assert!(told.iter().any(|text| text == trade), "{told:?}");
    let closed: Vec<&String> = told.iter().filter(|text| text.contains(r#""x":true"#)).collect();
    assert_eq!(closed.len(), 2, "{told:?}");
    assert!(
        closed[1]
            .contains(r#""t":1700000040000,"T":1700000099999,"s":"BTCUSDT","i":"1m","f":2,"L":2,"o":"99.90000000""#),
        "{}",
        closed[1]
    );
    assert!(told.iter().any(|text| text.contains(r#""e":"depthUpdate""#)), "{told:?}");
}

#[test]
fn an_account_hears_of_its_orders_and_balances() {
    let mut core = core();
    let api = core.connect(core.now(), Purpose::Api, "", None, "1").unwrap();
    let payload = format!("apiKey={KEY}&timestamp={}", core.now().millis());
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, SECRET.as_bytes()), payload.as_bytes());
    let tag: String = tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    let call = format!(
        r#"{{"id":1,"method":"userDataStream.subscribe.signature","params":{{"apiKey":"{KEY}","timestamp":{},"signature":"{tag}"}}}}"#,
        core.now().millis()
    );
    core.receive(core.now(), api, &call);
    let answer = texts(&mut core, api).remove(0);
    assert!(answer.starts_with(r#"{"id":1,"status":200,"result":{"subscriptionId":0},"rateLimits":["#), "{answer}");
    ask(&mut core, "POST", "/api/v3/order", "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.02");
    let told = texts(&mut core, api);
    let kinds: Vec<&str> = told
        .iter()
        .map(|text| text.split(r#""x":""#).nth(1).map_or("position", |rest| &rest[..rest.find('"').unwrap()]))
        .collect();
    assert_eq!(kinds, ["NEW", "TRADE", "TRADE", "position"], "{told:?}");
    let position = concat!(
        r#"{"subscriptionId":0,"event":{"e":"outboundAccountPosition","E":1700000001000,"u":1700000001000,"B":["#,
        r#"{"a":"BTC","f":"5.01998000","l":"0.00000000"},{"a":"USDT","f":"997.99990000","l":"0.00000000"}]}}"#
    );
    assert_eq!(told[3], position);
}

/// The same seed and the same requests at the same instants give the same answers, faults included.
#[test]
fn the_same_session_again_gives_the_same_bytes() {
    let faults =
        "[[fault]]\nkind = 'timeout-placed'\nprobability = 0.3\n[[fault]]\nkind = 'cancel-loses'\nprobability = 0.5\n";
    let play = || {
        let trades = (0..200).map(|n| trade(n, 10_000 + (n * 7) % 13, 2_000_000 + n * 10_000, Side::Buy)).collect();
        let mut core = core_with(trades, faults);
        let mut answers = Vec::new();
        for step in 0..60i64 {
            core.advance(at(step * 3));
            let query =
                format!("symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.02&price={}", 95 + step % 7);
            answers.push(ask(&mut core, "POST", "/api/v3/order", &query));
            answers.push(ask(
                &mut core,
                "DELETE",
                "/api/v3/order",
                &format!("symbol=BTCUSDT&orderId={}", step / 2 + 1),
            ));
            answers.push(get(&mut core, "/api/v3/depth", "symbol=BTCUSDT"));
        }
        answers.push(ask(&mut core, "GET", "/api/v3/account", ""));
        (answers, core.fault_counts())
    };
    let (answers, counts) = play();
    assert_eq!((answers.clone(), counts.clone()), play());
    assert!(counts.iter().all(|count| count.1 > 3) && counts.len() == 2, "{counts:?}");
    assert!(answers.iter().any(|answer| answer.body.contains("-1007")));
}

/// A timeout says nothing about the order: it may be there.
#[test]
fn an_unknown_outcome_may_have_placed_the_order() {
    let mut placed = core_with(
        vec![trade(0, 10_000, 1_000_000, Side::Buy)],
        "[[fault]]\nkind = 'timeout-placed'\nprobability = 1.0\n",
    );
    let mut not_placed = core_with(
        vec![trade(0, 10_000, 1_000_000, Side::Buy)],
        "[[fault]]\nkind = 'timeout-not-placed'\nprobability = 1.0\n",
    );
    let query = "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.02&price=99&newClientOrderId=mine";
    for (core, status) in [(&mut placed, 200), (&mut not_placed, 400)] {
        let answer = ask(core, "POST", "/api/v3/order", query);
        assert!(answer.body.contains("-1007") || answer.fate == super::Fate::Lost, "{answer:?}");
        assert_eq!(ask(core, "GET", "/api/v3/order", "symbol=BTCUSDT&origClientOrderId=mine").status, status);
    }
}
