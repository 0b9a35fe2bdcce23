//! Results laid side by side, through the program as a user would.

use crate::outside::{Folder, SMA_CROSS, repository, small};
use flate2::read::GzDecoder;
use rust_decimal::Decimal;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::Read;

/// Runs the crossover with this short average and gives the run's folder.
fn run(folder: &Folder, fast: u32) -> String {
    folder.put("cross.toml", small("candles = 30000", SMA_CROSS, ""));
    folder.run("cross.toml", "reports", &["--set", &format!("fast={fast}")]).0
}

fn compared(folder: &Folder, arguments: &[&str]) -> Value {
    serde_json::from_str(&folder.must(&[&["compare", "--json", "--no-page"], arguments].concat())).unwrap()
}

fn metric<'a>(comparison: &'a Value, key: &str) -> &'a Value {
    let metrics = comparison["comparisons"][0]["metrics"].as_array().unwrap();
    metrics.iter().find(|metric| metric["key"] == key).unwrap_or_else(|| panic!("{key}"))
}

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

#[test]
fn a_run_is_the_same_as_itself_and_its_page_is_the_same_everywhere() {
    let folder = Folder::new();
    let one = run(&folder, 10);
    let text = folder.must(&["compare", &one, &one, "--same", "--csv", "pairs.csv"]);
    assert!(text.contains("A and B do not part"), "{text}");
    let trades = folder.rows(&format!("{one}/trades.csv"));
    assert!(trades.len() > 50);
    let pairs = folder.rows("pairs.csv");
    assert_eq!(pairs.len(), trades.len());
    assert!(pairs.iter().all(|pair| pair["reference_trade"] == pair["other_trade"] && pair["apart"].is_empty()));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |name: &str| std::fs::metadata(folder.path().join(name)).unwrap().permissions().mode();
        assert_eq!(mode("pairs.csv"), mode("cross.toml"), "as readable as any file of the user");
    }
    let page = text.lines().find_map(|line| line.strip_prefix("report: ")).unwrap();
    let first = folder.text(page);
    folder.must(&["compare", &one, &one, "--html", "elsewhere/page.html"]);
    assert_eq!(folder.text("elsewhere/page.html"), first);
}

#[test]
fn two_runs_part_where_their_files_do() {
    let folder = Folder::new();
    let (one, two) = (run(&folder, 10), run(&folder, 12));
    assert_eq!(folder.tapeline(&["compare", &one, &two, "--no-page", "--same"]).code, 1);
    let found = compared(&folder, &[&one, &two]);
    let trades = [&one, &two].map(|run| folder.rows(&format!("{run}/trades.csv")));
    // Every trade is in one pair or alone, once.
    let side = &found["comparisons"][0];
    let (pairs, alone) = (side["matched"].as_array().unwrap(), side["unmatched"].as_array().unwrap());
    for (letter, key, rows) in [("A", "reference_trade", &trades[0]), ("B", "other_trade", &trades[1])] {
        let mut told: Vec<&str> = pairs.iter().map(|pair| pair[key].as_str().unwrap()).collect();
        told.extend(alone.iter().filter(|row| row["only_in"] == letter).map(|row| row["trade"].as_str().unwrap()));
        told.sort_unstable();
        let mut all: Vec<&str> = rows.iter().map(|row| row["trade"].as_str()).collect();
        all.sort_unstable();
        assert_eq!(told, all, "{letter}");
    }
    // Nothing before the parting differs: up to there the files hold the same trades.
    let at = side["first_trade_difference"]["at"].as_str().unwrap();
    let before = |rows: &[BTreeMap<String, String>]| -> Vec<(String, String, String)> {
        let early = rows.iter().filter(|row| row["exit_time"].as_str() < at);
        early.map(|row| (row["entry_time"].clone(), row["entry_price"].clone(), row["exit_price"].clone())).collect()
    };
    assert_eq!(before(&trades[0]), before(&trades[1]));
    let profit = |rows: &[BTreeMap<String, String>]| -> Decimal {
        rows.iter().filter(|row| row["status"] == "closed").map(|row| decimal(&row["profit"])).sum()
    };
    let told = metric(&found, "profit");
    for (key, rows) in [("reference", &trades[0]), ("other", &trades[1])] {
        assert_eq!(decimal(told[key].as_str().unwrap()), profit(rows));
    }
    let difference = profit(&trades[1]) - profit(&trades[0]);
    assert_eq!(decimal(told["difference"].as_str().unwrap()), difference);
    let plan = side["plan_differences"].as_array().unwrap();
    assert_eq!(plan, &[json!({ "key": "desk[0].parameters.fast", "reference": "10", "other": "12" })]);
}

/// What freqtrade would write of these trades: its own words, and times of the candle.
fn as_freqtrade(rows: &[BTreeMap<String, String>]) -> Value {
    let float = |row: &BTreeMap<String, String>, key: &str| -> Value { serde_json::from_str(&row[key]).unwrap() };
    let minute = |time: &str| format!("{}:00+00:00", &time.replace('T', " ")[..16]);
    let trade = |row: &BTreeMap<String, String>| {
        json!({
            "pair": "BTC/USDT", "amount": float(row, "quantity"), "open_rate": float(row, "entry_price"),
            "close_rate": float(row, "exit_price"), "fee_open": 0.001, "fee_close": 0.001,
            "profit_abs": float(row, "profit"), "is_short": row["direction"] == "short",
            "open_date": minute(&row["entry_time"]), "close_date": minute(&row["exit_time"]),
            "exit_reason": if row["status"] == "open" { "force_exit" } else { "exit_signal" },
        })
    };
    let trades: Vec<Value> = rows.iter().map(trade).collect();
    json!({ "strategy": { "Mine": {
        "stake_currency": "USDT", "starting_balance": 10000, "timeframe": "1m", "trades": trades,
    } } })
}

#[test]
fn the_same_trades_in_the_words_of_freqtrade_do_not_part() {
    let folder = Folder::new();
    let one = run(&folder, 10);
    let rows = folder.rows(&format!("{one}/trades.csv"));
    let mut bot = as_freqtrade(&rows);
    folder.put("bot.json", bot.to_string());
    let arguments = [&one, "bot.json", "--fee-tolerance", "1e-5", "--same"];
    let found = compared(&folder, &arguments);
    let side = &found["comparisons"][0];
    assert_eq!((side["matched"].as_array().unwrap().len(), &side["unmatched"]), (rows.len(), &json!([])));
    assert!(side["matched"].as_array().unwrap().iter().all(|pair| pair["reason"] == "agree"));
    assert_eq!(metric(&found, "profit")["difference"], "0");
    assert_eq!(metric(&found, "slippage")["other"], Value::Null, "it is absent, not zero");

    // One price moved and one trade gone: the earlier of both is where they part.
    let trades = bot["strategy"]["Mine"]["trades"].as_array_mut().unwrap();
    trades[20]["close_rate"] = json!(1.0);
    trades.remove(30);
    folder.put("bot.json", bot.to_string());
    let done = folder.tapeline(&[&["compare", "--no-page"], arguments.as_slice()].concat());
    assert_eq!(done.code, 1);
    let found: Value = serde_json::from_str(
        &folder.tapeline(&[&["compare", "--no-page", "--json"], arguments.as_slice()].concat()).out,
    )
    .unwrap();
    let side = &found["comparisons"][0];
    let exit = &rows[20]["exit_time"];
    let first = side["first_difference"]["at"].as_str().unwrap();
    assert_eq!(first[..16], exit[..16], "to the minute that freqtrade writes");
    assert!(side["first_difference"]["text"].as_str().unwrap().contains("exit price"));
    assert_eq!(side["unmatched"].as_array().unwrap().len(), 1);
    assert_eq!(side["unmatched"][0]["trade"], rows[30]["trade"].as_str());
}

#[test]
fn currencies_that_differ_are_not_subtracted_and_three_results_have_one_reference() {
    let folder = Folder::new();
    let one = run(&folder, 10);
    let bot = as_freqtrade(&folder.rows(&format!("{one}/trades.csv")));
    let bitcoin = bot.to_string().replace("BTC/USDT", "BTC/EUR").replace("\"USDT\"", "\"EUR\"");
    folder.put("usdt.json", bot.to_string());
    folder.put("eur.json", bitcoin);
    let found = compared(&folder, &["usdt.json", "eur.json", "usdt.json"]);
    let sides = found["comparisons"].as_array().unwrap();
    assert_eq!((sides[0]["other"].as_str(), sides[1]["other"].as_str()), (Some("B"), Some("C")));
    assert!(sides[0]["notes"][0].as_str().unwrap().contains("A is in USDT, B in EUR"), "{}", sides[0]["notes"]);
    assert_eq!(metric(&found, "profit")["difference"], Value::Null);
    assert!(metric(&found, "profit")["other"].is_string());
    assert_eq!((&sides[1]["same"], &found["same"]), (&json!(true), &json!(false)));
}

#[test]
fn mistakes_are_told_with_what_to_do() {
    let folder = Folder::new();
    let one = run(&folder, 10);
    folder.put("odd.csv", "a,b\n1,2\n");
    for (arguments, says) in [
        (vec![one.as_str(), "odd.csv"], "no result of a known kind"),
        (vec![&one, "gone.json"], "reading gone.json"),
        (vec![&one], "2 values required"),
        (vec![&one, &one, "--match-within", "soon"], "no length of time"),
        (vec![&one, &one, "--price-tolerance", "7"], "no fraction from 0 to 1"),
        (vec![&one, &one, "--zone", "Nowhere"], "no such time zone"),
    ] {
        let done = folder.tapeline(&[&["compare"], arguments.as_slice()].concat());
        assert_eq!(done.code, 2, "{arguments:?}: {}", done.err);
        assert!(done.err.contains(says), "{arguments:?}: {}", done.err);
    }
}

#[test]
fn what_freqtrade_states_of_published_results_is_what_their_trades_come_to() {
    let pattern = repository("../shared/market-data/published-results/*/*.json.gz");
    let files: Vec<_> = glob::glob(pattern.to_str().unwrap()).unwrap().map(|path| path.unwrap()).collect();
    if files.is_empty() {
        println!("SKIPPED: {} is not there; nothing was tested", pattern.display());
        return;
    }
    let folder = Folder::new();
    for file in &files {
        let mut text = String::new();
        GzDecoder::new(std::fs::File::open(file).unwrap()).read_to_string(&mut text).unwrap();
        folder.put("plain.json", &text);
        let name = file.to_str().unwrap();
        let found = compared(&folder, &[name, "plain.json", "--same"]);
        assert_eq!(found["comparisons"][0]["unmatched"], json!([]), "{name}");
        let published: Value = serde_json::from_str(&text).unwrap();
        let result = published["strategy"].as_object().unwrap().values().next().unwrap();
        let trades = result["trades"].as_array().unwrap();
        let ended = |trade: &&Value| trade["exit_reason"] != "force_exit";
        let profit: f64 = trades.iter().filter(ended).map(|trade| trade["profit_abs"].as_f64().unwrap()).sum();
        let told: f64 = metric(&found, "profit")["reference"].as_str().unwrap().parse().unwrap();
        assert!((told - profit).abs() <= 1e-9 * profit.abs().max(1.0), "{name}: {told} {profit}");
        let counted = |key: &str| decimal(metric(&found, key)["reference"].as_str().unwrap());
        assert_eq!(counted("closed") + counted("open"), decimal(&result["total_trades"].to_string()), "{name}");
        println!("{}: {} trades", file.file_name().unwrap().to_string_lossy(), trades.len());
    }
}

#[test]
fn equity_that_is_no_number_is_refused_with_its_line() {
    let folder = Folder::new();
    let one = run(&folder, 10);
    let file = format!("{one}/equity.csv");
    let text = folder.text(&file);
    let names: Vec<&str> = text.lines().next().unwrap().split(',').collect();
    let place = names.iter().position(|name| *name == "equity").unwrap();
    for wrong in ["NaN", "inf"] {
        let mut cells: Vec<&str> = text.lines().nth(1).unwrap().split(',').collect();
        cells[place] = wrong;
        folder.put(&file, text.replacen(text.lines().nth(1).unwrap(), &cells.join(","), 1));
        let done = folder.tapeline(&["compare", &one, &one, "--no-page"]);
        assert!(done.code == 2 && done.err.contains("line 2, column equity"), "{}", done.err);
    }
}
