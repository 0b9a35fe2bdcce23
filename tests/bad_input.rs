//! What a user gets wrong, and what machines break: one clear error each, the right exit code, nothing half-written.

use crate::outside::Folder;
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::Write;

/// One mistake: the file that is malformed, its content, the exit code and what the message must say.
type Mistake<'a> = (&'a str, &'a [u8], i32, &'a [&'a str]);

/// One way in which a store is damaged: its name, what does it, the exit code and what the message must say.
type Damage<'a> = (&'a str, &'a dyn Fn(&Folder), i32, &'a [&'a str]);

/// Runs a command that must fail: one `error:` line, at most one line of advice, nothing else anywhere.
pub fn refuse(folder: &Folder, arguments: &[&str], code: i32, parts: &[&str]) {
    let before = folder.listing();
    let done = folder.tapeline(arguments);
    let said = &done.err;
    assert_eq!(done.code, code, "{arguments:?}: {}{said}", done.out);
    assert_eq!(done.out, "", "{arguments:?}");
    let lines: Vec<&str> = said.lines().collect();
    assert!((1..=2).contains(&lines.len()), "{arguments:?}: {said}");
    assert!(lines[0].starts_with("error: "), "{arguments:?}: {said}");
    assert!(lines.get(1).is_none_or(|line| line.starts_with("  what to do: ")), "{arguments:?}: {said}");
    assert!(!said.contains("panicked"), "{said}");
    for part in parts {
        assert!(said.contains(part), "{arguments:?}: {part:?} is not in: {said}");
    }
    assert!(folder.listing() == before, "{arguments:?} left something behind or changed it: {said}");
}

pub const HEADER: &str = "open_time,open,high,low,close,volume\n";

pub const IMPORT: &[&str] = &["--venue", "binance-spot", "--symbol", "BTCUSDT", "--interval", "1m"];

fn packed(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

fn zipped(names: &[&str]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for name in names {
        archive.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        archive.write_all(format!("{HEADER}1704067200000,1,2,0.5,1.5,10\n").as_bytes()).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

#[test]
fn a_malformed_file_of_candles_is_refused_and_leaves_no_store() {
    let rows: String = (0..500)
        .map(|minute| {
            format!("{},{}.5,{}.75,{}.25,{}.5,1{minute}\n", 1_704_067_200_000i64 + minute * 60_000, 7, 7, 7, 7)
        })
        .collect();
    let whole = packed(&format!("{HEADER}{rows}"));
    let mut flipped = whole.clone();
    let last = flipped.len() - 6;
    flipped[last] ^= 0xff;
    let mut zip = zipped(&["one.csv"]);
    zip.truncate(zip.len() / 2);
    let line = |text: &str| format!("{HEADER}1704067200000,{text}\n").into_bytes();
    let mistakes: &[Mistake<'_>] = &[
        ("cut.csv.gz", &whole[..whole.len() / 2], 2, &["cut.csv.gz", "compressed data"]),
        ("flipped.csv.gz", &flipped, 2, &["flipped.csv.gz"]),
        ("cut.zip", &zip, 2, &["cut.zip", "zip archive"]),
        ("two.zip", &zipped(&["a.csv", "b.csv"]), 2, &["two.zip holds 2 files; one CSV was expected"]),
        ("nan.csv", &line("1,2,NaN,1.5,10"), 2, &["nan.csv line 2: column 'low': 'NaN'"]),
        ("infinite.csv", &line("1,inf,0.5,1.5,10"), 2, &["line 2: column 'high': 'inf'"]),
        ("negative.csv", &line("1,2,0.5,1.5,-10"), 2, &["line 2: column 'volume': '-10'", "negative"]),
        ("zero.csv", &line("0,2,0.5,1.5,10"), 2, &["line 2: column 'open': '0'", "above zero"]),
        ("digits.csv", &line("99999999999999999999999,2,0.5,1.5,10"), 2, &["line 2: column 'open'", "digits"]),
        ("word.csv", &line("1,two,0.5,1.5,10"), 2, &["line 2: column 'high': 'two'"]),
        ("short.csv", &line("1,2,0.5"), 2, &["short.csv line 2: has 4 cells where 6 are expected"]),
        ("quote.csv", &line("\"1,2,0.5,1.5,10"), 2, &["quote.csv line 2"]),
        ("columns.csv", b"when,open,high,low,close,volume\n1,1,1,1,1,1\n", 2, &["unknown column 'when'"]),
        ("extra.csv", b"open_time,open,high,low,close,volume,mood\n1,1,1,1,1,1,1\n", 2, &["unknown column 'mood'"]),
        ("lacking.csv", b"open_time,open,high,low,close\n1704067200000,1,1,1,1\n", 2, &["lacking.csv", "volume"]),
        ("time.csv", b"open_time,open,high,low,close,volume\nsoon,1,1,1,1,1\n", 2, &["line 2: 'soon' is not a time"]),
        ("shifted.csv", b"open_time,open,high,low,close,volume\n1704067200001,1,1,1,1,1\n", 2, &["line 2", "grid"]),
        ("empty.csv", b"", 2, &["empty.csv is empty"]),
        ("header.csv", HEADER.as_bytes(), 2, &["header.csv has a header and no rows"]),
        ("bytes.csv", b"\x00\xff\xfe\x01", 2, &["bytes.csv"]),
        (
            "conflict.csv",
            b"open_time,open,high,low,close,volume\n1704067200000,1,2,0.5,1.5,9\n1704067200000,1,2,0.5,1.6,9\n",
            2,
            &["differ in 'close'", "conflict.csv line 2 says 1.5", "line 3 says 1.6"],
        ),
    ];
    for (name, content, code, parts) in mistakes {
        let folder = Folder::new();
        folder.put(name, content);
        refuse(&folder, &[&["data", "import", name], IMPORT].concat(), *code, parts);
    }
}

#[test]
fn a_file_that_runs_backwards_is_turned_round_and_two_rows_alike_become_one() {
    let folder = Folder::new();
    let (first, second) = ("1704067200000,1,2,0.5,1.5,9\n", "1704067260000,1,2,0.5,1.5,9\n");
    folder.put("backwards.csv", format!("{HEADER}{second}{first}{first}"));
    let said = folder.must(&[&["data", "import", "backwards.csv"], IMPORT].concat());
    assert!(said.contains("1 file, 3 rows read, 2 added, 1 duplicate dropped"), "{said}");
    folder.must(&["data", "check"]);
    // What is in the store already cannot be said otherwise by a later file.
    folder.put("other.csv", format!("{HEADER}1704067200000,1,2,0.5,1.75,9\n"));
    let parts: &[&str] = &["differ in 'close'", "other.csv line 2 says 1.75"];
    refuse(&folder, &[&["data", "import", "other.csv"], IMPORT].concat(), 2, parts);
}

#[test]
fn a_wrong_word_on_the_command_line_of_the_store_is_refused() {
    let folder = Folder::new();
    folder.put("good.csv", format!("{HEADER}1704067200000,1,2,0.5,1.5,10\n"));
    folder.put("taken", "a file where a folder is needed");
    folder.put("bad.csv", "bucket,first,highest,lowest,last,traded\n1,1,1,1,1,1\n");
    let import = |more: &[&'static str]| [&["data", "import"], more].concat();
    let cases: &[(Vec<&str>, i32, &[&str])] = &[
        (import(&["none.csv", "--venue", "v", "--symbol", "S"]), 2, &["no file is named 'none.csv'"]),
        (import(&["x*.csv", "--venue", "v", "--symbol", "S"]), 2, &["no file is named 'x*.csv'"]),
        (
            import(&["good.csv", "--venue", "v", "--symbol", "S", "--interval", "7x"]),
            2,
            &["'7x' is not a candle interval"],
        ),
        (import(&["good.csv", "--venue", "../v", "--symbol", "S", "--interval", "1m"]), 2, &["venue '../v'"]),
        (
            import(&["good.csv", "--venue", "v", "--symbol", "S", "--interval", "1m", "--root", "taken/store"]),
            2,
            &["taken", "--root"],
        ),
        (vec!["data", "synth", "--candles", "10", "--root", "taken"], 2, &["creating taken", "File exists", "--root"]),
        (
            import(&["bad.csv", "--venue", "v", "--symbol", "S", "--interval", "1m"]),
            2,
            &["unknown column 'bucket'", "known are open_time"],
        ),
        (vec!["data", "check"], 2, &["the store data holds nothing"]),
        (vec!["data", "list", "--root", "nowhere"], 2, &["the store nowhere holds nothing"]),
        (vec!["data", "check", "btc"], 2, &["'btc' does not name a series"]),
        (vec!["data", "check", "a/B/1m"], 2, &["has no series a/B/1m"]),
        (vec!["data", "resample", "v/S", "--interval", "7x"], 2, &["'7x' is not a candle interval"]),
        (vec!["data", "resample", "v", "--interval", "1h"], 2, &["'v' does not name an instrument"]),
        (vec!["data", "resample", "v/S/1m", "--interval", "1h"], 2, &["'v/S/1m' does not name an instrument"]),
        (
            vec!["data", "resample", "v/S", "--interval", "1h"],
            2,
            &["has no candles of v/S of which 1h ones can be made"],
        ),
        (vec!["data", "export", "v/S", "a.csv"], 2, &["'v/S' does not name a series"]),
        (vec!["data", "export", "v/S/1m", "a.csv"], 2, &["has no series v/S/1m"]),
        (vec!["data", "export", "v/S/1m", "a.txt"], 2, &["ends neither in .csv nor in .parquet"]),
        (vec!["data", "export", "v/S/1m", "good.csv"], 2, &["good.csv: it exists already"]),
        (vec!["data", "export", "v/S/1m", "a.csv", "--from", "soon"], 2, &["--from: 'soon' is not a time"]),
        (vec!["data", "synth", "--correlation", "2"], 2, &["correlation 2"]),
        (vec!["data", "synth", "--symbol", "X=cheap"], 2, &["'cheap' is not a price"]),
        (vec!["data", "synth", "--from", "someday"], 2, &["--from", "'someday' is not a time"]),
    ];
    for (arguments, code, parts) in cases {
        refuse(&folder, arguments, *code, parts);
    }
}

#[test]
fn an_export_or_a_derivation_of_what_is_damaged_or_not_there_leaves_nothing() {
    let folder = Folder::new();
    folder.must(&["data", "synth", "--candles", "3000"]);
    folder.put("taken", "a file where a folder is needed");
    let series = "synthetic/BTCUSDT/1m";
    let cases: &[(&[&str], i32, &[&str])] = &[
        (&["export", series, "taken/a.csv"], 2, &["exporting to taken/a.csv", "a folder that can be written"]),
        (&["export", series, "nowhere/a.csv"], 2, &["nowhere/a.csv", "No such file"]),
        (&["export", series, "a.csv", "--from", "2021-01"], 2, &["no rows between 2021-01-01T00:00:00Z and its end"]),
        (&["export", series, "a.csv", "--from", "2020-02", "--to", "2020-01"], 2, &["no rows between"]),
        (&["resample", "synthetic/BTCUSDT", "--interval", "1m"], 2, &["of which 1m ones can be made"]),
        (&["resample", "synthetic/BTCUSDT", "--interval", "1w"], 2, &["holds no whole candle of 1w"]),
    ];
    for (arguments, code, parts) in cases {
        refuse(&folder, &[&["data"], *arguments].concat(), *code, parts);
    }
    let file = "data/candles/synthetic/BTCUSDT/1m/2020-01.parquet";
    let mut bytes = std::fs::read(folder.at(file)).unwrap();
    let middle = bytes.len() / 3;
    bytes[middle] ^= 0x10;
    folder.put(file, bytes);
    refuse(&folder, &["data", "export", series, "a.csv"], 1, &["2020-01.parquet"]);
    refuse(&folder, &["data", "resample", "synthetic/BTCUSDT", "--interval", "1h"], 1, &["2020-01.parquet"]);
}

/// A sound scenario over the synthetic market.
pub const SOUND: &str = r#"version = 1
[data]
synthetic = { seed = 3, candles = 3000 }
[[instrument]]
symbol = "BTCUSDT"
[[desk]]
strategy = "sma_cross"
parameters = { fast = 10, slow = 50 }
"#;

#[test]
fn a_malformed_scenario_is_refused_with_line_and_field_and_writes_no_run() {
    let with = |from: &str, to: &str| {
        assert!(SOUND.contains(from));
        SOUND.replacen(from, to, 1).into_bytes()
    };
    let more = |text: &str| format!("{SOUND}{text}").into_bytes();
    let mistakes: &[Mistake<'_>] = &[
        ("a.toml", b"", 2, &["a.toml: version is missing"]),
        ("a.toml", b"version = 1\n[data\n", 2, &["a.toml:2"]),
        ("a.toml", b"\xff\xfe\x00", 2, &["a.toml", "UTF-8"]),
        ("a.toml", &with("version = 1", "version = 2"), 2, &["a.toml:1: version: format version 2 is unknown"]),
        ("a.toml", &with("parameters", "paramters"), 2, &["a.toml:8", "'paramters'", "did you mean 'parameters'?"]),
        ("a.toml", &with("sma_cross", "sma_cros"), 2, &["no strategy 'sma_cros'", "did you mean 'sma_cross'?"]),
        ("a.toml", &with("fast = 10", "fast = 50"), 2, &["fast (50) must be below slow (50)"]),
        ("a.toml", &with("fast = 10", "fast = 1"), 2, &["fast: 1 is outside 2 to 100000"]),
        ("a.toml", &with("fast = 10", "fast = \"ten\""), 2, &["fast: must be a whole number, but is a text"]),
        ("a.toml", &with("fast = 10", "quick = 10"), 2, &["unknown key 'quick'"]),
        ("a.toml", &with("seed = 3", "seed = -3"), 2, &["a.toml:3: data.synthetic.seed"]),
        ("a.toml", &with("synthetic = { seed = 3, candles = 3000 }", "store = \"none\""), 2, &["a.toml", "venue"]),
        ("a.toml", &more("share = \"0.6\"\n[[desk]]\nstrategy = \"breakout\"\nshare = \"0.6\"\n"), 2, &["sum to 1.2"]),
        ("a.toml", &more("share = \"1.5\"\n"), 2, &["share: 1.5 is outside"]),
        ("a.toml", &more("[costs]\nparticipation = 3\n"), 2, &["a.toml:10: costs.participation: 3 is outside"]),
        ("a.toml", &more("[costs]\nparticipation = []\n"), 2, &["costs.participation", "but is a list"]),
        ("a.toml", &more("[policy]\nprofile = \"zipline\"\n"), 2, &["policy.profile: 'zipline'"]),
        ("a.toml", &more("[policy]\nintrabar = \"stop-first\"\n"), 2, &["within a profile only"]),
        ("a.toml", &more("[account]\nopening = { DOGE = 5 }\n"), 2, &["DOGE, which no instrument trades"]),
        ("a.toml", &more("[account]\nopening = { USDT = \"99999999999999999999999999\" }\n"), 2, &["too large"]),
        ("a.toml", &more("[period]\nfrom = \"2024-01-02\"\nto = \"2024-01-01\"\n"), 2, &["is empty"]),
        ("a.toml", &more("[period]\nfrom = \"2030-01-01\"\n"), 2, &["no candle is left to trade on"]),
        ("a.toml", &more("interval = \"15m\"\n"), 0, &[]),
        ("a.toml", &with("slow = 50", "slow = 5000"), 2, &["needs 5001 candles of 1m to warm up, and there are 3000"]),
    ];
    for (name, content, code, parts) in mistakes {
        let folder = Folder::new();
        folder.put(name, content);
        match code {
            // One sound variant among them: the text that the mistakes are made from is not itself at fault.
            0 => drop(folder.must(&["run", name])),
            code => refuse(&folder, &["run", name], *code, parts),
        }
    }
}

#[test]
fn a_wrong_word_on_the_command_line_of_a_run_is_refused() {
    let folder = Folder::new();
    folder.put("s.toml", SOUND);
    folder.put("taken", "a file where a folder is needed");
    let cases: &[(&[&str], &[&str])] = &[
        (&["none.toml"], &["none.toml", "No such file"]),
        (&["."], &["Is a directory"]),
        (&["taken/s.toml"], &["Not a directory"]),
        (&["s.toml", "--set", "fats=3"], &["no desk has a parameter 'fats'", "did you mean 'fast'?"]),
        (&["s.toml", "--set", "fast"], &["--set fast: no name and value"]),
        (&["s.toml", "--set", "fast=many"], &["'many' is not a whole number"]),
        (&["s.toml", "--set", "fast=60"], &["fast (60) must be below slow (50)"]),
        (&["s.toml", "--set", "costs.participaton=off"], &["'participaton'", "'participation'"]),
        (&["s.toml", "--set", "desk.nobody.share=1"], &["there is no desk nobody"]),
        (&["s.toml", "--set", "account.opening={ USDT = "], &["account.opening"]),
        (&["s.toml", "--strategy", "moonshot"], &["no strategy 'moonshot'"]),
        (&["s.toml", "--strategy", "order_list"], &["parameter file of order_list is missing"]),
        (&["s.toml", "--timerange", "lately"], &["--timerange lately: not a range of time"]),
        (&["s.toml", "--timerange", "20240102-20240101"], &["is empty"]),
        (&["s.toml", "--timerange", "20300101-20310101"], &["no candle is left to trade on"]),
        (
            &["s.toml", "--timerange", "2024-01-01T00:00..2024-01-01T00:10"],
            &["needs 51 candles", "there are 10 before"],
        ),
        (&["s.toml", "--out", "taken"], &["taken", "--out"]),
        (&["s.toml", "--out", "taken/runs"], &["taken/runs", "--out"]),
    ];
    for (arguments, parts) in cases {
        refuse(&folder, &[&["run"], *arguments].concat(), 2, parts);
    }
}

#[test]
fn a_malformed_order_list_is_refused_with_its_line() {
    const COLUMNS: &str = "time,action,id,symbol,side,type,quantity,price,stop_price,trail,time_in_force,flags,group";
    let cases: &[(&str, &[&str])] = &[
        (
            "AT,buy,a,BTCUSDT,buy,market,1,,,,,,",
            &["line 2: action 'buy' is none of submit, cancel, replace, reduce, cancel-replace"],
        ),
        ("AT,submit,a,BTCUSDT,long,market,1,,,,,,", &["line 2: side 'long' is neither buy nor sell"]),
        ("AT,submit,a,DOGEUSDT,buy,market,1,,,,,,", &["line 2: symbol 'DOGEUSDT' is not one of the desk's"]),
        ("noon,submit,a,BTCUSDT,buy,market,1,,,,,,", &["line 2: time: 'noon' is not a time"]),
        ("AT,submit,a,BTCUSDT,buy,market,lots,,,,,,", &["line 2: quantity 'lots' is not a decimal number"]),
        ("AT,submit,a,BTCUSDT,buy,market,NaN,,,,,,", &["line 2: quantity 'NaN' is not a decimal number"]),
        ("AT,submit,a,BTCUSDT,buy,market,,,,,,,", &["line 2: quantity is missing"]),
        ("AT,submit,a,BTCUSDT,buy,market,-1,,,,,,", &["line 2: quantity -1 is not above zero"]),
        ("AT,submit,a,BTCUSDT,buy,market,0.0000001,,,,,,", &["line 2: quantity", "more decimals than BTCUSDT"]),
        ("AT,submit,a,BTCUSDT,buy,market,9999999999999999999999999,,,,,,", &["line 2: quantity"]),
        ("AT,submit,a,BTCUSDT,buy,limit,1,,,,,,", &["line 2: price is missing"]),
        ("AT,submit,a,BTCUSDT,buy,limit,1,-5,,,,,", &["line 2: price -5 is not above zero"]),
        ("AT,submit,a,BTCUSDT,buy,limit,1,5,4,,,,", &["line 2: stop_price: a limit order has none"]),
        ("AT,submit,a,BTCUSDT,buy,stop,1,,5,,,,", &["line 2: type 'stop' is none of market, limit, stop-market"]),
        ("AT,submit,a,BTCUSDT,buy,market,1,,,5,,,", &["line 2: trail: a market order has none"]),
        ("AT,submit,a,BTCUSDT,sell,trailing-stop,1,,,,,,", &["line 2: trail is missing"]),
        ("AT,submit,a,BTCUSDT,sell,trailing-stop,1,,,100%,,,", &["line 2: trail '100%' is not a percentage"]),
        ("AT,submit,a,BTCUSDT,sell,trailing-stop,1,,,-5,,,", &["line 2: trail '-5' is not a price distance"]),
        ("AT,submit,a,BTCUSDT,sell,stop-limit,1,5,,,,,", &["line 2: stop_price is missing"]),
        ("AT,submit,a,BTCUSDT,sell,stop-limit,1,5,5,,FOK,,", &["line 2: a stop-limit order cannot be FOK"]),
        ("AT,submit,a,BTCUSDT,buy,market,1,,,,,post-only,", &["line 2: a market order cannot be", "post-only"]),
        ("AT,submit,a,BTCUSDT,buy,market,1,,,,DAY,,", &["line 2: time_in_force 'DAY'"]),
        ("AT,submit,a,BTCUSDT,buy,limit,1,5,,,GTD:later,,", &["line 2: time_in_force: 'later' is not a time"]),
        (
            "AT,submit,a,BTCUSDT,buy,market,1,,,,,hidden,",
            &["line 2: flags: 'hidden' is neither reduce-only nor post-only"],
        ),
        ("AT,cancel,a,,,,,,,,,,", &["line 2: no earlier line submits an order with id 'a'"]),
        ("AT,submit,a,BTCUSDT,buy,market,1,,,,,,\nAT,cancel,a", &["line 3: has 3 cells where 13 are expected"]),
        (
            "AT,submit,a,BTCUSDT,buy,market,1,,,,,,g\nAT,submit,b,BTCUSDT,sell,market,1,,,,,,g",
            &[
                "line 2: group 'g': a bracket is an entry, at most one stop and at most one target (limit or take-profit)",
            ],
        ),
        (
            "AT,submit,a,BTCUSDT,buy,market,1,,,,,,g\nAT,submit,b,BTCUSDT,sell,limit,1,5,,,FOK,,g",
            &["line 2: group 'g': 'b' is good till cancelled and may take, as every child of a bracket"],
        ),
        (
            "AT,submit,a,BTCUSDT,buy,limit,1,5,,,,,g\nAT,submit,b,BTCUSDT,buy,limit,2,4,,,,,g",
            &["line 2: group 'g': the two orders of a pair share symbol, side, quantity and reduce-only"],
        ),
        ("AT,reduce,a,,,,1,,,,,,", &["line 2: no earlier line submits an order with id 'a'"]),
        ("AT,submit,a,BTCUSDT,buy,limit,1,5,,,,,\nAT,reduce,a,,,,,,,,,,", &["line 3: quantity is missing"]),
        ("", &["it holds no orders"]),
    ];
    let scenario = SOUND.replace("sma_cross", "order_list").replace("{ fast = 10, slow = 50 }", "{ file = \"o.csv\" }");
    let check = |orders: &[u8], parts: &[&str]| {
        let folder = Folder::new();
        folder.put("s.toml", &scenario);
        folder.put("o.csv", orders);
        refuse(&folder, &["run", "s.toml"], 2, &[&["o.csv"], parts].concat());
        let said = folder.tapeline(&["run", "s.toml"]).err;
        assert!(!said.contains("correct its parameters"), "the file is at fault: {said}");
    };
    for (lines, parts) in cases {
        check(format!("{COLUMNS}\n{}\n", lines.replace("AT,", "2024-01-01T12:00:00Z,")).as_bytes(), parts);
    }
    check(b"", &["line 1: column 'time' is missing"]);
    check(b"time,action,id,pirce\n1,2,3,4\n", &["line 1: unknown column 'pirce'", "did you mean 'price'?"]);
    check(b"\xff\xfe\x00", &["not UTF-8 text"]);
    let swaps: &[(&str, &[&str])] = &[
        ("AT,cancel-replace,b,BTCUSDT,buy,limit,1,6,a,perhaps", &["line 3: on_failure 'perhaps' is neither stop nor"]),
        ("AT,cancel-replace,b,BTCUSDT,buy,limit,1,6,z,", &["line 3: replaces: no earlier line submits", "id 'z'"]),
        ("AT,cancel-replace,b,ETHUSDT,buy,limit,1,6,a,", &["line 3: symbol: a cancel-replace stays on the symbol"]),
        ("AT,submit,b,BTCUSDT,buy,limit,1,6,a,", &["line 3: replaces and on_failure are for cancel-replace"]),
        ("AT,cancel,a,,,,,,,stop", &["line 3: replaces and on_failure are for cancel-replace"]),
    ];
    for (line, parts) in swaps {
        let header = "time,action,id,symbol,side,type,quantity,price,replaces,on_failure";
        let text = format!("{header}\nAT,submit,a,BTCUSDT,buy,limit,1,5,,\n{line}\n");
        check(text.replace("AT,", "2024-01-01T12:00:00Z,").as_bytes(), parts);
    }
    let folder = Folder::new();
    folder.put("s.toml", &scenario);
    refuse(&folder, &["run", "s.toml"], 2, &["s.toml:8: desk[1].parameters.file", "o.csv", "No such file"]);
}

#[test]
fn a_malformed_series_is_refused_with_its_line() {
    let scenario = |series: &str| {
        SOUND.replace("sma_cross", "signal").replace("{ fast = 10, slow = 50 }", "{ series = \"model\" }") + series
    };
    const SERIES: &str = "[[series]]\nname = \"model\"\nfile = \"m.csv\"\ncolumn = \"score\"\n";
    let check = |series: &str, file: &[u8], parts: &[&str]| {
        let folder = Folder::new();
        folder.put("s.toml", scenario(series));
        folder.put("m.csv", file);
        refuse(&folder, &["run", "s.toml"], 2, parts);
    };
    const SOUND_FILE: &[u8] = b"available_at,score\n2024-01-01,1\n";
    let files: &[(&[u8], &[&str])] = &[
        (b"", &["loading the series model", "m.csv is empty"]),
        (b"available_at,score\n", &["loading the series model", "m.csv has no rows"]),
        (b"available_at,scores\n2024-01-01,1\n", &["m.csv has no column 'score'", "did you mean 'scores'?"]),
        (b"time,score\n2024-01-01,1\n", &["m.csv has no column 'available_at'", "it has time, score"]),
        (b"available_at,score\nlater,1\n", &["m.csv line 2: column 'available_at': 'later' is not a time"]),
        (b"available_at,score\n2024-01-01,up\n", &["m.csv line 2: column 'score': 'up' is not a number"]),
        (b"available_at,score\n2024-01-01,1\n2024-01-01T00:00:00Z,2\n", &["m.csv line 3", "is there twice"]),
        (b"available_at,score\n2024-01-02,1\n2024-01-01,2\n", &["m.csv line 3", "earlier", "sort the rows"]),
        (b"\x1f\x8b\x08\x00", &["m.csv"]),
        (b"PAR1 and nothing else", &["reading", "m.csv"]),
    ];
    for (file, parts) in files {
        check(SERIES, file, parts);
    }
    let sections: &[(&str, &[&str])] = &[
        ("", &["s.toml:8: desk[1].parameters.series: there is no series 'model'", "add a [[series]]"]),
        (&SERIES.replace("model", "mode"), &["there is no series 'model'", "did you mean 'mode'?"]),
        (&SERIES.replace("m.csv", "n.csv"), &["series[1]", "n.csv", "No such file"]),
        (&SERIES.replace("file =", "path ="), &["series[1]: unknown key 'path'"]),
        (&SERIES.replace("file = \"m.csv\"\n", ""), &["series[1]: file is missing"]),
        (&SERIES.replace("model", "mo.del"), &["'mo.del' cannot be a series' name"]),
        (&format!("{SERIES}{SERIES}"), &["two series are named model"]),
        (
            &format!("{SERIES}maximum_age = \"soon\"\n"),
            &["series[1].maximum_age: 'soon' is not a length of time", "90m"],
        ),
        (&format!("{SERIES}maximum_age = \"0s\"\n"), &["'0s' is not a length of time"]),
        (&SERIES.replace("score", "available_at"), &["available_at is the time of a series"]),
    ];
    for (section, parts) in sections {
        check(section, SOUND_FILE, parts);
    }
    let folder = Folder::new();
    folder.put("m.csv", SOUND_FILE);
    folder.put("s.toml", scenario(SERIES).replace("\"model\" }", "\"model\", sides = \"both\" }"));
    refuse(&folder, &["run", "s.toml"], 2, &["BTCUSDT is spot and cannot be short"]);
}

#[test]
fn a_damaged_run_or_one_of_another_version_is_refused() {
    let folder = Folder::new();
    folder.put("s.toml", SOUND);
    let (run, _) = folder.run("s.toml", "reports", &[]);
    let text = |name: &str| folder.text(&format!("{run}/{name}"));
    let (summary, plan, trades, equity) =
        (text("summary.json"), text("plan.toml"), text("trades.csv"), text("equity.csv"));
    let cases: &[(&str, &str, String, &[&str])] = &[
        (
            "report",
            "summary.json",
            summary.replacen("\"format_version\": 1", "\"format_version\": 9", 1),
            &["format_version 9"],
        ),
        (
            "verify",
            "summary.json",
            summary.replacen("\"format_version\": 1", "\"format_version\": 9", 1),
            &["format_version 9"],
        ),
        ("report", "summary.json", summary[..200].to_owned(), &["this is no summary of a run"]),
        ("verify", "summary.json", "{}".to_owned(), &["summary.json"]),
        ("report", "trades.csv", trades.replacen("profit_percent", "gain", 1), &["no column 'profit_percent'"]),
        ("report", "equity.csv", equity.replacen(",10000,", ",ten,", 1), &["equity.csv, line 2, column equity: 'ten'"]),
        ("verify", "plan.toml", plan.replacen("version = 1", "version = 9", 1), &["format version 9 is unknown"]),
        ("verify", "plan.toml", plan.replacen("intrabar = \"worst\"\n", "", 1), &["this plan is not complete"]),
        ("verify", "plan.toml", plan.replacen("[costs]", "[cost]", 1), &["unknown key 'cost'"]),
    ];
    for (command, name, content, parts) in cases {
        let path = format!("{run}/{name}");
        let sound = folder.text(&path);
        assert!(*content != sound, "{name}: nothing is wrong with it");
        folder.put(&path, content);
        refuse(&folder, &[command, &run], 2, parts);
        folder.put(&path, sound);
    }
    refuse(&folder, &["report", "nowhere"], 2, &["nowhere/summary.json"]);
    refuse(&folder, &["verify", "nowhere"], 2, &["it holds no run"]);
    folder.must(&["verify", &run]);
    // Something else stands where the run belongs.
    std::fs::remove_file(folder.at(&format!("{run}/summary.json"))).unwrap();
    refuse(&folder, &["run", "s.toml"], 2, &["it exists and is no run", "--out"]);
}

#[test]
fn a_damaged_store_fails_the_run_and_the_check() {
    let store = || {
        let folder = Folder::new();
        folder.must(&["data", "synth", "--candles", "3000"]);
        let scenario = SOUND
            .replace("synthetic = { seed = 3, candles = 3000 }", "store = \"data\"")
            .replace("symbol = \"BTCUSDT\"", "symbol = \"BTCUSDT\"\nvenue = \"synthetic\"");
        folder.put("s.toml", scenario);
        folder
    };
    let series = "data/candles/synthetic/BTCUSDT/1m";
    let file = &format!("{series}/2020-01.parquet");
    let manifest = &format!("{series}/manifest.json");
    store().must(&["run", "s.toml"]);

    let damage: &[Damage<'_>] = &[
        (
            "a flipped byte",
            &|folder| {
                let mut bytes = std::fs::read(folder.at(file)).unwrap();
                let middle = bytes.len() / 3;
                bytes[middle] ^= 0x10;
                folder.put(file, bytes);
            },
            1,
            &["2020-01.parquet"],
        ),
        (
            "a file cut short",
            &|folder| {
                let bytes = std::fs::read(folder.at(file)).unwrap();
                folder.put(file, &bytes[..bytes.len() / 2]);
            },
            1,
            &["2020-01.parquet"],
        ),
        ("no Parquet at all", &|folder| folder.put(file, "PAR1 or so"), 1, &["2020-01.parquet"]),
        ("a file missing", &|folder| std::fs::remove_file(folder.at(file)).unwrap(), 1, &["2020-01.parquet"]),
        (
            "another content hash",
            &|folder| {
                let text = folder.text(manifest);
                let from = text.find("\"content_xxh3_128\": \"").unwrap() + 21;
                let digit = if &text[from..=from] == "0" { "1" } else { "0" };
                folder.put(manifest, format!("{}{digit}{}", &text[..from], &text[from + 1..]));
            },
            1,
            &["2020-01.parquet"],
        ),
        (
            "a manifest of another version",
            &|folder| folder.put(manifest, folder.text(manifest).replacen("\"version\": 1", "\"version\": 7", 1)),
            2,
            &["manifest.json", "version 7"],
        ),
        ("a manifest that is no JSON", &|folder| folder.put(manifest, "{"), 1, &["manifest.json"]),
    ];
    for (what, damage, code, parts) in damage {
        let folder = store();
        damage(&folder);
        println!("{what}");
        refuse(&folder, &["run", "s.toml"], *code, parts);
        let checked = folder.tapeline(&["data", "check"]);
        assert!(checked.code == 1 || checked.code == 2, "{what}: data check passed it:\n{}", checked.out);
        assert!(!checked.err.contains("panicked"), "{what}: {}", checked.err);
    }
    let folder = store();
    folder.put("s.toml", folder.text("s.toml").replace("BTCUSDT", "ETHUSDT"));
    refuse(&folder, &["run", "s.toml"], 2, &["has no series synthetic/ETHUSDT/1m"]);
}
