//! Files of other programs, in the layouts of their releases.

use super::*;
use crate::compare::reason::Reason;
use crate::compare::record::Trade;
use crate::domain::Direction;
use rust_decimal::Decimal;
use std::io::Write;

fn of(name: &str, content: impl AsRef<[u8]>, reading: &Reading) -> Result<Record> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, content).unwrap();
    read(&path, reading)
}

fn must(name: &str, content: impl AsRef<[u8]>) -> Record {
    of(name, content, &Reading::default()).unwrap()
}

fn refused(name: &str, content: impl AsRef<[u8]>, says: &str) {
    let fault = of(name, content, &Reading::default()).unwrap_err();
    assert!(fault.to_string().contains(says) && fault.exit_code() == 2, "{fault}\nlacks: {says}");
    assert!(fault.to_string().contains("what to do:"), "{fault}");
}

fn number(text: &str) -> Option<Decimal> {
    Some(text.parse().unwrap())
}

const VIEW_OLD: &str = "Trade #,Type,Signal,Date/Time,Price USDT,Contracts,Profit USDT,Profit %,Cum. Profit USDT\n\
    1,Entry Long,Buy,2024-01-03 15:00,42150.5,0.2,,,\n\
    1,Exit Long,Close entry(s) order Buy,2024-01-05 09:00,43980.1,0.2,365.92,4.34,365.92\n\
    2,Entry Short,Sell,2024-01-05 09:00,\"43,980.1\",0.1,,,\n\
    2,Exit Short,Open,2024-01-08 21:00,46000,0.1,-201.99,-4.6,163.93\n";

const VIEW_NEW: &str = "\u{feff}Trade #,Type,Date and time,Signal,Price USDT,Size (qty),Size (value),Net PnL USDT,Net PnL %\n\
    2,Exit short,2024-01-08 21:00,Open,46000,0.1,4398.01,\u{2212}201.99,-4.6\n\
    2,Entry short,2024-01-05 09:00,Sell,43980.1,0.1,4398.01,\u{2212}201.99,-4.6\n\
    1,Exit long,2024-01-05 09:00,Close entry(s) order Buy,43980.1,0.2,8430.1,365.92,4.34\n\
    1,Entry long,2024-01-03 15:00,Buy,42150.5,0.2,8430.1,365.92,4.34\n";

#[test]
fn every_layout_of_tradingview_gives_the_same_trades() {
    let old = must("list.csv", VIEW_OLD);
    assert_eq!((old.kind, old.currency.as_deref(), old.trades.len()), (Kind::TradingView, Some("USDT"), 2));
    assert_eq!(must("list.csv", VIEW_NEW).trades, old.trades);
    let Trade { entry_time, exit_time, entry_price, exit_price, quantity, profit, .. } = &old.trades[0];
    assert_eq!(
        (entry_time.to_string(), exit_time.to_string()),
        ("2024-01-03T15:00:00Z".into(), "2024-01-05T09:00:00Z".into())
    );
    assert_eq!((Some(*entry_price), *exit_price), (number("42150.5"), number("43980.1")));
    assert_eq!((*quantity, *profit), (number("0.2"), number("365.92")));
    assert_eq!((old.trades[0].symbol.as_ref(), old.trades[0].fees), (None, None), "the list does not know them");
    assert_eq!(old.trades[0].exit_kind, Some(Reason::Signal));
    assert_eq!((old.trades[1].direction, old.trades[1].open_at_end), (Direction::Short, true));
    let renamed = VIEW_OLD.replace("Trade #", "Trade number");
    assert_eq!(must("list.csv", renamed).trades, old.trades);
    let comment = must("list.csv", VIEW_OLD.replace("Close entry(s) order Buy", "Open"));
    assert_eq!((comment.trades[0].open_at_end, comment.trades[0].exit_kind), (false, None), "it ends before the list");
    assert!(old.notes.iter().any(|note| note.contains("taken to be in UTC")), "{:?}", old.notes);
}

#[test]
fn the_zone_moves_times_without_one_and_a_symbol_can_be_said() {
    let reading = Reading { symbol: Some("BTCUSDT".into()), ..Reading::default().in_zone("+03:00").unwrap() };
    let record = of("list.csv", VIEW_OLD, &reading).unwrap();
    assert_eq!(record.trades[0].entry_time.to_string(), "2024-01-03T12:00:00Z");
    assert_eq!(record.trades[0].symbol_key(), "BTCUSDT");
}

#[test]
fn a_trade_without_an_exit_was_open_when_the_list_ended() {
    let without: Vec<&str> = VIEW_OLD.lines().take(4).collect();
    let empty = VIEW_OLD.replace("2,Exit Short,Open,2024-01-08 21:00,46000", "2,Exit Short,Open,,");
    for content in [without.join("\n"), empty] {
        let trade = &must("list.csv", content).trades[1];
        assert!(trade.open_at_end);
        assert_eq!((trade.exit_time.to_string().as_str(), trade.exit_price), ("2024-01-05T09:00:00Z", None));
    }
}

const PY_OLD: &str = ",Size,EntryBar,ExitBar,EntryPrice,ExitPrice,PnL,ReturnPct,EntryTime,ExitTime,Duration\n\
    0,10,4,9,100.5,101,5.0,0.005,2024-01-03 15:00:00,2024-01-05 09:00:00,1 days 18:00:00\n\
    1,-3,12,14,90,80,30,0.11,2024-01-06,2024-01-07 01:00:00,1 days 01:00:00\n";

const PY_NEW: &str = ",Size,EntryBar,ExitBar,EntryPrice,ExitPrice,SL,TP,PnL,Commission,ReturnPct,EntryTime,ExitTime,Duration,Tag\n\
    0,10,4,9,100.5,101.0,,,4.0,1.0,0.004,2024-01-03 15:00:00+00:00,2024-01-05 09:00:00+00:00,1 days 18:00:00,cross\n";

#[test]
fn every_release_of_backtesting_py_is_read() {
    let old = must("trades.csv", PY_OLD);
    assert_eq!((old.kind, old.currency.as_deref(), old.trades.len()), (Kind::BacktestingPy, None, 2));
    assert_eq!((old.trades[1].direction, old.trades[1].quantity), (Direction::Short, number("3")));
    assert_eq!((old.trades[0].fees, old.trades[0].exit_reason.as_ref()), (None, None));
    assert!(old.notes.iter().any(|note| note.contains("states no commission")), "{:?}", old.notes);
    let new = must("trades.csv", PY_NEW);
    assert_eq!((new.trades[0].fees, new.trades[0].profit), (number("1"), number("4")));
    assert_eq!(new.trades[0].entry_tag.as_deref(), Some("cross"));
    assert_eq!(new.trades[0].entry_time, old.trades[0].entry_time);
    assert!(!new.notes.iter().any(|note| note.contains("no zone")), "its times have one: {:?}", new.notes);
}

const BOT: &str = r#"{"strategy":{"Mine":{"stake_currency":"USDT","starting_balance":1000,"timeframe":"5m","sharpe":1.5,
"trades":[{"pair":"ETH/USDT:USDT","amount":0.5,"open_rate":3114.14,"close_rate":3151.5,"fee_open":0.001,"fee_close":0.002,
"profit_abs":1.2,"exit_reason":"roi","is_short":true,"enter_tag":"","open_timestamp":1721934600000,
"close_date":"2024-07-25 20:55:00+00:00","orders":null}]}}}"#;

fn zipped(members: &[(&str, &str)]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, text) in members {
        zip.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

#[test]
fn freqtrade_is_read_plain_and_zipped() {
    let record = must("backtest-result.json", BOT);
    let trade = &record.trades[0];
    assert_eq!((record.kind, record.opening), (Kind::Freqtrade, number("1000")));
    assert_eq!((trade.symbol_key().as_str(), trade.quote.as_deref()), ("ETHUSDT", Some("USDT")));
    assert_eq!((trade.direction, trade.exit_kind), (Direction::Short, Some(Reason::Target)));
    assert_eq!(trade.exit_time.to_string(), "2024-07-25T20:55:00Z");
    assert_eq!(trade.fees, number("4.70857"), "0.5 x 3114.14 x 0.001 + 0.5 x 3151.5 x 0.002");
    for orders in ["[]", r#"[{"ft_is_entry":true,"amount":0.5,"safe_price":3114.14}]"#] {
        let listed = must("x.json", BOT.replace("\"orders\":null", &format!("\"orders\":{orders}")));
        assert_eq!(listed.trades[0].fees, trade.fees, "no filled order is told: {orders}");
    }
    assert_eq!((trade.slippage, trade.entry_tag.as_ref()), (None, None));
    assert_eq!(record.stated.iter().find(|stated| stated.name == "sharpe").unwrap().value, "1.5");
    let members = [("x-1.json", BOT), ("x-1_config.json", "{}"), ("x-1_Mine.json", "{}")];
    for name in ["x-1.zip", "renamed.zip"] {
        assert_eq!(must(name, zipped(&members)).trades, record.trades, "{name}");
    }
    let two = BOT.replacen("\"Mine\":", "\"Other\":{\"trades\":[]},\"Mine\":", 1);
    refused("two.json", &two, "it holds several strategies: Mine, Other");
    let reading = Reading { strategy: Some("Mine".into()), ..Reading::default() };
    assert_eq!(of("two.json", two, &reading).unwrap().trades, record.trades);
}

#[test]
fn a_file_packed_in_several_pieces_is_read_whole() {
    let (start, rest) = BOT.split_at(100);
    let pack = |text: &str| {
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packed.write_all(text.as_bytes()).unwrap();
        packed.finish().unwrap()
    };
    assert_eq!(must("x.json.gz", [pack(start), pack(rest)].concat()).trades, must("x.json", BOT).trades);
}

#[test]
fn what_is_damaged_or_unknown_is_refused_with_its_place() {
    refused("x.csv", "time,price\n1,2\n", "it is no result of a known kind");
    refused("x.json", "{\"strategy\": 3", "line 1, column");
    refused("x.json", "{\"latest_backtest\":\"a.zip\"}", "field strategy");
    refused(
        "x.json",
        BOT.replace("3114.14", "\"much\""),
        "field strategy.Mine.trades[0].open_rate: \"much\" is not a number",
    );
    refused("x.json.gz", [0x1f, 0x8b, 8, 0, 1], "unpacking");
    refused("x.zip", zipped(&[("xl/sheet.xml", "")]), "no backtest result in it");
    refused("x.csv", VIEW_OLD.replace("46000", "a lot"), "line 5, column Price USDT: 'a lot' is not a number");
    refused(
        "x.csv",
        VIEW_OLD.replace("2024-01-05 09:00,43", "soon,43"),
        "line 3, column Date/Time: 'soon' is not a time",
    );
    refused("x.csv", VIEW_OLD.replace("2,Exit Short", "2,Entry Short"), "line 5, column Type");
    refused("x.csv", VIEW_OLD.replacen("2,Entry Short", "3,Entry Short", 1), "the trade has no whole entry");
    refused("x.csv", VIEW_OLD.replace("Price USDT", "Preis"), "there is no column 'Price'");
    refused("x.csv", PY_OLD.replace(",10,4", ",,4"), "line 2, column Size");
    refused("x.csv", PY_OLD.replace("2024-01-03 15:00:00", "17"), "no time index");
    let folder = tempfile::tempdir().unwrap();
    let fault = read(folder.path(), &Reading::default()).unwrap_err();
    assert!(fault.to_string().contains("it holds no run") && fault.exit_code() == 2, "{fault}");
    assert_eq!(read(&folder.path().join("gone"), &Reading::default()).unwrap_err().exit_code(), 2);
}
