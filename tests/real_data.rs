//! Real candles and trades, through the program as a user would: imported, checked, run, and every fill held against
//! the data. Skipped, and plainly so, where the data do not stand beside the repository.

use crate::outside::{Folder, repository};
use rust_decimal::Decimal;
use serde_json::Value;
use std::collections::BTreeMap;
use std::time::Instant;
use tapeline::domain::{CandleColumns, Interval, Span, Timestamp};
use tapeline::tape::{CandleSet, TradeSet, candles_from_trades, load_candles, load_ticks};

/// The pattern of a file of the collection; none, said aloud, where there is no such file.
fn collection(pattern: &str) -> Option<String> {
    let whole = repository("../shared/market-data").join(pattern).to_string_lossy().into_owned();
    if glob::glob(&whole).unwrap().next().is_some() {
        return Some(whole);
    }
    println!("SKIPPED: {whole} is not there; nothing was tested");
    None
}

fn import(folder: &Folder, files: &str, venue: &str, symbol: &str, more: &[&str]) -> Value {
    let start = Instant::now();
    let text =
        folder.must(&[&["data", "import", files, "--venue", venue, "--symbol", symbol, "--json"], more].concat());
    let report: Value = serde_json::from_str(&text).unwrap();
    println!("import {venue}/{symbol}: {} rows in {:.2} s", report["rows_read"], start.elapsed().as_secs_f64());
    report
}

/// What `data check` finds: rule to rows.
fn check(folder: &Folder, series: &str, allow: &[&str]) -> BTreeMap<String, u64> {
    let start = Instant::now();
    let mut arguments = vec!["data", "check", series, "--json"];
    for rule in allow {
        arguments.extend(["--allow", rule]);
    }
    let reports: Value = serde_json::from_str(&folder.must(&arguments)).unwrap();
    println!("check {series}: {} rows in {:.2} s", reports[0]["rows"], start.elapsed().as_secs_f64());
    let findings = reports[0]["findings"].as_array().unwrap().iter();
    findings.map(|found| (found["rule"].as_str().unwrap().to_owned(), found["rows"].as_u64().unwrap())).collect()
}

fn candles(folder: &Folder, venue: &str, symbol: &str) -> CandleSet {
    let minute = "1m".parse::<Interval>().unwrap();
    load_candles(&folder.at("data"), venue, symbol, minute, Timestamp::MIN, Timestamp::MAX).unwrap()
}

fn trades(folder: &Folder, venue: &str, symbol: &str) -> TradeSet {
    load_ticks(&folder.at("data"), venue, symbol, Timestamp::MIN, Timestamp::MAX).unwrap()
}

/// A scenario over the store for one or more symbols `venue symbol lot more`, all decided on at one interval.
fn scenario(currency: &str, instruments: &[[&str; 4]], desk: &str) -> String {
    let mut text = format!(
        "version = 1\n[account]\ncurrency = \"{currency}\"\nopening = {{ {currency} = \"1000000\" }}\n[data]\nstore = \"data\"\n"
    );
    for [venue, symbol, lot, more] in instruments {
        text.push_str(&format!("[[instrument]]\nsymbol = \"{symbol}\"\nvenue = \"{venue}\"\n{more}"));
        text.push_str(&format!("filters = {{ lot = \"{lot}\" }}\n"));
    }
    text + "[[desk]]\n" + desk
}

const CROSS: &str =
    "strategy = \"sma_cross\"\nparameters = { fast = 10, slow = 50, sizing = \"fixed\", quantity = \"0.1\" }\n";
const BREAKOUT: &str = "strategy = \"breakout\"\nparameters = { window = 48, atr_window = 14, fraction = \"0.01\" }\n";

fn run(folder: &Folder, scenario: &str) -> (String, Value) {
    let start = Instant::now();
    let (run, summary) = folder.run(scenario, "reports", &[]);
    let (fills, closed) = (&summary["fills"]["count"], &summary["trades"]["closed"]);
    let seconds = start.elapsed().as_secs_f64();
    println!("run {scenario}: {} candles, {fills} fills, {closed} trades in {seconds:.2} s", summary["candles"]);
    assert_eq!(summary["complaints"], Value::Array(Vec::new()));
    (run, summary)
}

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

/// The price of a fill before slippage, which must be against the account and no more than a tick or a basis point,
/// rounded to the tick.
fn reference(fill: &BTreeMap<String, String>, tick: Decimal) -> Decimal {
    let (price, slippage) = (decimal(&fill["price"]), decimal(&fill["slippage"]));
    assert!(slippage >= Decimal::ZERO, "{fill:?}");
    let slipped = slippage / decimal(&fill["quantity"]);
    assert!(slipped <= (price * Decimal::new(2, 4)).max(tick) + tick, "{fill:?} slipped too far");
    match fill["side"].as_str() {
        "buy" => price - slipped,
        _ => price + slipped,
    }
}

/// Every fill lies in the range of the minute that it happened in, slippage set aside; one that is decided at the open
/// has exactly the open's price.
fn every_fill_could_have_happened(fills: &[BTreeMap<String, String>], data: &CandleSet) {
    let columns = &data.columns;
    let price = |units: i64| Decimal::from_i128_with_scale(units.into(), data.price_decimals.into());
    let tick = price(1);
    let mut at_open = 0;
    for fill in fills.iter().filter(|fill| fill["symbol"] == data.symbol) {
        let at: Timestamp = fill["time"].parse().unwrap();
        let row = columns.open_time.partition_point(|open| *open <= at.nanos()) - 1;
        let open = Timestamp::from_nanos(columns.open_time[row]);
        assert!(at.since(open) < Span::MINUTE, "{fill:?}: nothing traded in its minute");
        assert!(columns.volume[row] > 0, "{fill:?}: filled without volume");
        let met = reference(fill, tick);
        assert!(price(columns.low[row]) <= met && met <= price(columns.high[row]), "{fill:?}: {met} is out of range");
        if fill["liquidity"] == "taker" && at.since(open) <= Span::SECOND {
            at_open += 1;
            assert_eq!(met, price(columns.open[row]), "{fill:?}: not the open");
        }
    }
    assert!(at_open > 0, "no fill was decided at an open");
}

/// How many rows the gaps of the run's first series leave out, how many gaps, and how many of them unexplained.
fn gaps(summary: &Value) -> (u64, u64, u64) {
    let gaps = &summary["data"][0]["gaps"];
    let of = |key: &str| gaps[key].as_u64().unwrap();
    (of("missing_rows"), of("count"), of("unexplained"))
}

#[test]
fn two_and_a_half_years_of_sparse_minutes_are_imported_checked_and_run() {
    let Some(files) = collection("bitfinex-spot/1m/BTCUSD-1m-*.csv.gz") else { return };
    let folder = Folder::new();
    let report = import(&folder, &files, "bitfinex-spot", "BTCUSD", &["--interval", "1m", "--quantity-decimals", "8"]);
    assert_eq!((&report["rows_read"], &report["rows_added"]), (&1_279_046.into(), &1_279_046.into()));
    let series = "bitfinex-spot/BTCUSD/1m";
    assert_eq!(folder.tapeline(&["data", "check", series]).code, 1, "outages are wrong until they are allowed");
    let found = check(&folder, series, &["outage"]);
    // README of the collection: 20,391 + 5,101 + 7,302 missing rows.
    assert_eq!((found["quiet"], found["outage"]), (31_957, 837));
    let data = candles(&folder, "bitfinex-spot", "BTCUSD");
    assert_eq!(data.columns.len(), 1_279_046);
    let instrument = [["bitfinex-spot", "BTCUSD", "0.0001", ""]];
    for (name, desk) in [("cross.toml", CROSS), ("breakout.toml", BREAKOUT)] {
        folder.put(name, scenario("USD", &instrument, desk));
        let (run, summary) = run(&folder, name);
        let fills = folder.rows(&format!("{run}/fills.csv"));
        assert!(fills.len() > 1_000, "{name}: {} fills", fills.len());
        every_fill_could_have_happened(&fills, &data);
        assert_eq!(gaps(&summary), (32_794, 23_553, 7));
        assert_eq!(summary["data"][0]["origin"], "real");
        let table = folder.must(&["report", &run]);
        assert!(table.starts_with("GAPS: 7 holes in the data that nothing explains."), "{table}");
    }
}

#[test]
fn two_symbols_of_dense_minutes_are_imported_checked_and_run_in_one_account() {
    let Some(files) = collection("binance-spot/1m/BTCUSDT-1m-*.csv.gz") else { return };
    let folder = Folder::new();
    let venue = "binance-spot";
    let minutes = &["--interval", "1m"];
    assert_eq!(import(&folder, &files, venue, "BTCUSDT", minutes)["rows_read"], 141_129);
    let ether = import(&folder, &files.replace("BTCUSDT", "ETHUSDT"), venue, "ETHUSDT", minutes);
    assert_eq!(ether["rows_read"], 141_128);
    for symbol in ["BTCUSDT", "ETHUSDT"] {
        let found = check(&folder, &format!("{venue}/{symbol}/1m"), &["outage"]);
        // The collection has two windows; what lies between them is one hole, and the only one.
        assert_eq!((found.get("outage"), found.get("missing")), (Some(&385_056), None));
    }
    let instruments = [[venue, "BTCUSDT", "0.00001", ""], [venue, "ETHUSDT", "0.0001", ""]];
    for (name, desk) in [("cross.toml", CROSS), ("breakout.toml", BREAKOUT)] {
        folder.put(name, scenario("USDT", &instruments, desk));
        let (run, summary) = run(&folder, name);
        let fills = folder.rows(&format!("{run}/fills.csv"));
        for symbol in ["BTCUSDT", "ETHUSDT"] {
            every_fill_could_have_happened(&fills, &candles(&folder, venue, symbol));
        }
        assert_eq!(gaps(&summary), (385_056, 1, 1));
    }
}

/// The columns as decimals, so that two sets of other scales can be compared.
fn as_decimals(columns: &CandleColumns, price: u8, quantity: u8) -> Vec<[Decimal; 6]> {
    let of = |units: i64, decimals: u8| Decimal::from_i128_with_scale(units.into(), decimals.into()).normalize();
    (0..columns.len())
        .map(|row| {
            [
                Decimal::from(columns.open_time[row]),
                of(columns.open[row], price),
                of(columns.high[row], price),
                of(columns.low[row], price),
                of(columns.close[row], price),
                of(columns.volume[row], quantity),
            ]
        })
        .collect()
}

#[test]
fn real_trades_make_the_stored_candles_exactly_and_are_matched_as_trades() {
    let Some(files) = collection("freqtrade-testdata/trades/XRPETH-*.csv.gz") else { return };
    let folder = Folder::new();
    let venue = "binance-spot";
    assert_eq!(import(&folder, &files, venue, "XRPETH", &[])["rows_read"], 12_477);
    let minutes = files.replace("/trades/", "/1m/");
    import(&folder, &minutes, venue, "XRPETH", &["--interval", "1m", "--quiet-minutes", "absent"]);
    let (tape, stored) = (trades(&folder, venue, "XRPETH"), candles(&folder, venue, "XRPETH"));
    let made = candles_from_trades(tape.columns.rows(), stored.interval).unwrap();
    let expected = as_decimals(&stored.columns, stored.price_decimals, stored.quantity_decimals);
    assert_eq!(expected.len(), 2_469);
    assert!(as_decimals(&made, tape.price_decimals, tape.quantity_decimals) == expected, "the candles differ");

    let instrument = [[venue, "XRPETH", "1", "match = \"trades\"\n"]];
    folder.put("trades.toml", scenario("ETH", &instrument, &CROSS.replace("\"0.1\"", "\"40\"")));
    let (run, summary) = run(&folder, "trades.toml");
    assert_eq!(summary["market_trades"], 12_477);
    let tick = Decimal::from_i128_with_scale(1, tape.price_decimals.into());
    let fills = folder.rows(&format!("{run}/fills.csv"));
    assert!(fills.len() > 50, "{} fills", fills.len());
    for fill in &fills {
        let at: Timestamp = fill["time"].parse().unwrap();
        let from = tape.columns.time.partition_point(|time| *time < at.nanos());
        let to = tape.columns.time.partition_point(|time| *time <= at.nanos());
        let met = reference(fill, tick);
        let prices = &tape.columns.price[from..to];
        let traded = prices
            .iter()
            .any(|units| Decimal::from_i128_with_scale((*units).into(), tape.price_decimals.into()) == met);
        assert!(traded, "{fill:?}: nobody traded at {met} then");
        // Decided at a minute's end: nothing of the 200 ms that the order was on its way.
        assert!(fill["certainty"] == "certain", "{fill:?}");
    }
    let orders: BTreeMap<String, Timestamp> = folder
        .rows(&format!("{run}/orders.csv"))
        .into_iter()
        .map(|order| (order["order"].clone(), order["submitted"].parse().unwrap()))
        .collect();
    let travel = fills.iter().map(|fill| fill["time"].parse::<Timestamp>().unwrap().since(orders[&fill["order"]]));
    assert!(travel.min().unwrap() >= Span::from_millis(200), "a fill before its order arrived");
}
