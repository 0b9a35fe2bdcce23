//! The tables of runs and sweeps as other programs meet them.

use crate::engines::oracle::python;
use crate::outside::{Folder, repository};
use std::process::Command;

/// Orders of every kind, names that need quotes, an order that is refused, one that never fills.
const ORDERS: &str = "time,action,id,symbol,side,type,quantity,price,stop_price,group\n\
    2024-01-01T02:00:00Z,submit,\"in, \"\"first\"\"\",BTCUSDT,buy,market,0.1,,,g\n\
    2024-01-01T02:00:00Z,submit,stop,BTCUSDT,sell,stop-market,0.1,,29000,g\n\
    2024-01-01T02:00:00Z,submit,goal,BTCUSDT,sell,limit,0.1,31000,,g\n\
    2024-01-05T00:00:00Z,submit,far,BTCUSDT,buy,limit,0.1,1,,\n\
    2024-01-06T00:00:00Z,submit,dear,BTCUSDT,buy,market,900,,,\n\
    2024-01-20T00:00:00Z,submit,last,BTCUSDT,buy,market,0.1,,,\n";

#[test]
fn tables_come_back_the_same_through_polars_duckdb_and_pandas() {
    let script = repository("tests/oracles/round_trip.py");
    let Some(python) = python("polars, DuckDB and pandas", &script) else { return };
    let folder = Folder::new();
    folder.put("orders.csv", ORDERS);
    let market = "[data]\nsynthetic = { seed = 5, candles = 30_000 }\n[[instrument]]\nsymbol = \"BTCUSDT\"\n";
    let report = "[output]\nequity = \"candle\"\n";
    let crossover = "[[desk]]\nname = \"cross\"\nstrategy = \"sma_cross\"\nparameters = { fast = 10, slow = 50, fraction = \"0.2\" }\n";
    let list = "[[desk]]\nname = \"list\"\nstrategy = \"order_list\"\nparameters = { file = \"orders.csv\" }\n";
    folder.put("run.toml", format!("version = 1\nname = \"tables\"\n{report}{market}{crossover}{list}"));
    folder.put("sweep.toml", format!("version = 1\nname = \"sweep\"\n{market}{crossover}"));
    let (run, _) = folder.run("run.toml", "runs", &[]);
    for format in ["parquet", "json"] {
        folder.must(&["export", &run, format, "--format", format]);
    }
    let again = folder.tapeline(&["export", &run, "json"]);
    assert_eq!((again.code, again.err.contains("exporting to json: it exists")), (2, true), "{}", again.err);
    let sweep = folder.sweep(&["sweep.toml", "--set", "fast=5..9", "--set", "slow=20,1000000"]);
    let trials = folder.must(&["trials", &sweep, "--csv", "--sort", "trial:asc"]);
    folder.put("trials.csv", trials);
    let file = format!("{sweep}/trials.parquet");
    let output = Command::new(&python)
        .arg(&script)
        .args([&run, "parquet", "json", &file, "trials.csv"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    println!("{text}");
}

/// Twelve minutes, of which the ninth falls through 96.
const CANDLES: [(&str, &str, &str, &str); 12] = [
    ("100", "101", "99", "100"),
    ("100", "101", "99", "100"),
    ("100", "102", "99", "101"),
    ("101", "104", "100", "103"),
    ("103", "106", "102", "105"),
    ("105", "106", "103", "104"),
    ("104", "105", "102", "103"),
    ("103", "104", "101", "102"),
    ("102", "103", "94", "95"),
    ("95", "96", "94", "95"),
    ("95", "96", "94", "95"),
    ("95", "96", "94", "95"),
];

#[test]
fn a_trade_keeps_its_first_stop_its_orders_and_its_candles() {
    let folder = Folder::new();
    let start = 1_704_067_200_000_i64;
    let mut candles = String::from("open_time,open,high,low,close,volume\n");
    for (row, (open, high, low, close)) in CANDLES.iter().enumerate() {
        candles += &format!("{},{open}.00,{high}.00,{low}.00,{close}.00,1000\n", start + row as i64 * 60_000);
    }
    folder.put("candles.csv", candles);
    folder.put(
        "orders.csv",
        "time,action,id,symbol,side,type,quantity,price,stop_price,group\n\
         2024-01-01T00:01:00Z,submit,in,XUSDT,buy,market,1,,,g\n\
         2024-01-01T00:01:00Z,submit,stop,XUSDT,sell,stop-market,1,,90,g\n\
         2024-01-01T00:04:00Z,replace,stop,,,,,,94,\n\
         2024-01-01T00:06:00Z,replace,stop,,,,,,96,\n",
    );
    folder.put(
        "run.toml",
        "version = 1\nname = \"stops\"\n[[instrument]]\nsymbol = \"XUSDT\"\nfile = \"candles.csv\"\n\
         [[desk]]\nstrategy = \"order_list\"\nparameters = { file = \"orders.csv\" }\n",
    );
    let (run, _) = folder.run("run.toml", "runs", &[]);
    let mut reader = csv::Reader::from_path(folder.at(&run).join("trades.csv")).unwrap();
    let rows: Vec<std::collections::BTreeMap<String, String>> = reader.deserialize().map(Result::unwrap).collect();
    let [trade] = rows.as_slice() else { panic!("{rows:?}") };
    let cells = ["initial_stop_price", "stop_price", "entry_candle", "exit_candle", "entry_order", "exit_order"];
    assert_eq!(cells.map(|name| trade[name].as_str()), ["90", "96", "1", "8", "0", "1"]);
}
