//! Coarser candles and exports, from outside: made of the store, exact, and never half there.

use crate::outside::Folder;
use tapeline::domain::Timestamp;
use tapeline::tape::gaps::Stretch;
use tapeline::tape::set::EVER;
use tapeline::tape::store::read_table;
use tapeline::tape::table::{CANDLE_FIELDS, MISSING_ROWS, Table};
use tapeline::tape::{SeriesKey, load_candles, resample};

const HEADER: &str = "open_time,open,high,low,close,volume,quote_volume,trades\n";

/// Minutes of 2024-01-01 from `from` to before `to`, some left out.
fn minutes(from: i64, to: i64, without: &[i64]) -> String {
    let line = |minute: i64| {
        let (time, price) = (1_704_067_200_000 + minute * 60_000, 100 + minute);
        format!("{time},{price},{price}.5,{}.75,{price}.25,2.5,10.125,{minute}\n", price - 1)
    };
    HEADER.to_owned() + &(from..to).filter(|minute| !without.contains(minute)).map(line).collect::<String>()
}

fn import(folder: &Folder, name: &str, text: &str) {
    folder.put(name, text);
    folder.must(&["data", "import", name, "--venue", "v", "--symbol", "S", "--interval", "1m"]);
}

fn table(folder: &Folder, root: &str, series: &str) -> Table {
    read_table(&folder.at(root), &SeriesKey::parse(series).unwrap(), EVER).unwrap().1
}

#[test]
fn derived_candles_are_exact_flagged_where_they_lack_rows_and_made_again_when_the_source_grows() {
    let folder = Folder::new();
    import(&folder, "a.csv", &minutes(3, 62, &[30, 31]));
    let said = folder.must(&["data", "resample", "v/S", "--interval", "5m,1h"]);
    assert!(said.contains("v/S/5m: 12 candles made of v/S/1m\n"), "{said}");
    assert!(
        said.contains("2 candles incomplete (column missing_rows): 2024-01-01T00:00:00Z, 2024-01-01T00:30:00Z"),
        "{said}"
    );
    assert!(said.contains("2 finer rows at the end left out: the candle has not closed"), "{said}");
    let five = table(&folder, "data", "v/S/5m");
    let column = |name: &str| &five.columns[CANDLE_FIELDS.iter().position(|field| field.name == name).unwrap()];
    assert_eq!(column(MISSING_ROWS)[..8], [3, 0, 0, 0, 0, 0, 2, 0]);
    // Minutes 5 to 9: first, highest, lowest, last and the sums.
    let row: Vec<i64> = ["open", "high", "low", "close"].map(|name| column(name)[1]).to_vec();
    assert_eq!((row, five.decimals.price), (vec![10_500, 10_950, 10_475, 10_925], 2));
    assert_eq!((column("volume")[1], column("quote_volume")[1], column("trades")[1]), (125, 50_625, 35));
    let list = folder.must(&["data", "list"]);
    assert!(list.lines().any(|line| line.starts_with("v/S/5m") && line.ends_with("v/S/1m")), "{list}");
    assert!(list.lines().any(|line| line.starts_with("v/S/1m") && line.ends_with("files")), "{list}");
    let before = folder.listing();
    let again = folder.must(&["data", "resample", "v/S", "--interval", "5m"]);
    assert!(again.contains("12 candles made of v/S/1m, unchanged"), "{again}");
    assert!(folder.listing() == before, "the second time changed something");
    // The holes are filled and the hour goes on: the list says that it is out of date until it is made again.
    import(&folder, "b.csv", &minutes(0, 120, &[]));
    assert!(folder.must(&["data", "list"]).contains("v/S/1m, which has changed since: resample again"));
    let said = folder.must(&["data", "resample", "v/S", "--interval", "1h,5m"]);
    assert_eq!(said, "v/S/1h: 2 candles made of v/S/1m\nv/S/5m: 24 candles made of v/S/1m\n");
    folder.must(&["data", "check"]);
    assert!(!folder.must(&["data", "list"]).contains("has changed"));
}

#[test]
fn the_stored_hours_are_those_that_the_engine_would_derive() {
    let folder = Folder::new();
    folder.must(&["data", "synth", "--candles", "20000", "--missing", "30", "--outages", "2"]);
    folder.must(&["data", "resample", "synthetic/BTCUSDT", "--interval", "1h"]);
    let load = |interval: &str| {
        let interval = interval.parse().unwrap();
        load_candles(&folder.at("data"), "synthetic", "BTCUSDT", interval, Timestamp::MIN, Timestamp::MAX).unwrap()
    };
    let (minutes, hours) = (load("1m"), load("1h"));
    let derived = resample(minutes.columns.rows(), minutes.interval, hours.interval, Timestamp::MIN).unwrap();
    assert_eq!(hours.columns, derived.columns);
    assert_eq!(hours.origin, minutes.origin);
    assert!(!derived.incomplete.is_empty(), "nothing was missing: the flags were not put to the test");
}

#[test]
fn what_is_exported_and_imported_again_is_the_same_to_the_last_bit() {
    let folder = Folder::new();
    import(&folder, "a.csv", &minutes(0, 3_000, &[7, 8]));
    folder.must(&["data", "synth", "--candles", "3000", "--trades"]);
    for (series, more) in [
        ("v/S/1m", &["--interval", "1m"][..]),
        ("synthetic/BTCUSDT/1m", &["--interval", "1m", "--origin", "synthetic"]),
        ("synthetic/BTCUSDT/trades", &["--origin", "synthetic"]),
    ] {
        for file in ["out.csv", "out.parquet"] {
            let copy = format!("copy-{file}");
            folder.must(&["data", "export", series, file]);
            let [venue, symbol, _] = series.split('/').collect::<Vec<_>>()[..] else { panic!("{series}") };
            let words = ["data", "import", file, "--venue", venue, "--symbol", symbol, "--root", &copy];
            folder.must(&[&words, more].concat());
            assert!(table(&folder, "data", series) == table(&folder, &copy, series), "{series} through {file}");
            std::fs::remove_file(folder.at(file)).unwrap();
        }
    }
    let said = folder.must(&[
        "data",
        "export",
        "v/S/1m",
        "day",
        "--format",
        "csv",
        "--from",
        "2024-01-02",
        "--to",
        "2024-01-02",
    ]);
    assert_eq!(said, "v/S/1m: 1440 rows written to day\n");
    let text = folder.text("day");
    assert!(text.starts_with(&format!("{HEADER}2024-01-02T00:00:00Z,1540,")), "{}", &text[..200]);
    assert_eq!(text.lines().count(), 1_441);
    let within = Stretch { from: "2024-01-02".parse().unwrap(), to: "2024-01-03".parse().unwrap() };
    let rows = read_table(&folder.at("data"), &SeriesKey::parse("v/S/1m").unwrap(), within).unwrap().1;
    assert_eq!(rows.len(), 1_440);
}

#[test]
fn an_import_into_derived_candles_and_a_derivation_over_imported_ones_are_refused() {
    let folder = Folder::new();
    import(&folder, "a.csv", &minutes(0, 120, &[]));
    folder.must(&["data", "resample", "v/S", "--interval", "1h"]);
    folder.put("hours.csv", "open_time,open,high,low,close,volume\n1704067200000,1,1,1,1,1\n");
    let before = folder.listing();
    let hours = |venue: &str| {
        folder.tapeline(&["data", "import", "hours.csv", "--venue", venue, "--symbol", "S", "--interval", "1h"])
    };
    let done = hours("v");
    assert_eq!(done.code, 2);
    assert!(done.err.contains("v/S/1h is derived from v/S/1m; rows cannot be imported into it"), "{}", done.err);
    assert!(folder.listing() == before);
    assert_eq!(hours("w").code, 0);
    folder.put("fine.csv", minutes(0, 120, &[]));
    folder.must(&["data", "import", "fine.csv", "--venue", "w", "--symbol", "S", "--interval", "1m"]);
    let before = folder.listing();
    let done = folder.tapeline(&["data", "resample", "w/S", "--interval", "1h"]);
    assert_eq!(done.code, 2);
    assert!(done.err.contains("w/S/1h was imported; derived candles do not replace it"), "{}", done.err);
    assert!(folder.listing() == before);
}
