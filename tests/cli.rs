//! The command line from outside: what it prints, what it writes, how it exits.

use crate::outside::{self, Folder, SMA_CROSS, repository};
use serde_json::Value;
use std::path::Path;
use tapeline::catalog::{ALL, Book};
use tapeline::scenario::{self, Overrides};

/// A small market and a strategy that trades on it.
fn market() -> String {
    outside::small("candles = 5000", SMA_CROSS, "")
}

fn small() -> Folder {
    let folder = Folder::new();
    folder.put("small.toml", market());
    folder
}

fn quickstart() -> String {
    repository("scenarios/quickstart.toml").to_string_lossy().into_owned()
}

const FILES: &[&str] = &[
    "candles.parquet",
    "equity.csv",
    "fills.csv",
    "indicators.parquet",
    "lots.csv",
    "orders.csv",
    "plan.toml",
    "prices.csv",
    "refusals.csv",
    "report.html",
    "summary.json",
    "timing.json",
    "trades.csv",
];

fn names(folder: &Folder, run: &str) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder.at(run))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

#[test]
fn the_quick_start_leaves_every_file_and_running_it_again_changes_nothing() {
    let folder = Folder::new();
    let first = folder.must(&["run", &quickstart()]);
    let run = first.lines().last().unwrap().strip_prefix("report: ").unwrap().strip_suffix("/report.html").unwrap();
    assert!(run.starts_with("reports/quickstart-"), "{run}");
    assert_eq!(names(&folder, run), FILES);
    for part in ["SYNTHETIC DATA", "result", "trades", "costs", "ambiguous fills", "refusals", "candles/s"] {
        assert!(first.contains(part), "{part} is not in:\n{first}");
    }
    let stamp = |name: &&str| std::fs::metadata(folder.at(&format!("{run}/{name}"))).unwrap().modified().unwrap();
    let (listing, stamps): (_, Vec<_>) = (folder.listing(), FILES.iter().map(stamp).collect());
    let second = folder.must(&["run", &quickstart()]);
    assert!(second.contains(&format!("{run} holds this run already; nothing was changed")), "{second}");
    assert_eq!(folder.listing(), listing);
    assert_eq!(FILES.iter().map(stamp).collect::<Vec<_>>(), stamps);
    let fingerprint = |text: &str| text.lines().find(|line| line.starts_with("fingerprint")).unwrap().to_owned();
    assert_eq!(fingerprint(&first), fingerprint(&second));
}

#[test]
fn json_prints_the_summary_and_nothing_else_the_first_time_and_again() {
    let folder = small();
    let first = folder.must(&["run", "small.toml", "--json", "--out", "here"]);
    let run = format!("here/{}", names(&folder, "here")[0]);
    assert_eq!(first, folder.text(&format!("{run}/summary.json")));
    assert_eq!(folder.must(&["run", "small.toml", "--json", "--out", "here"]), first);
    let summary: Value = serde_json::from_str(&first).unwrap();
    assert_eq!((&summary["name"], &summary["format_version"]), (&"small".into(), &1.into()));
}

#[test]
fn a_metrics_profile_is_shown_after_a_run_and_for_a_finished_one() {
    let folder = small();
    let said = folder.must(&["run", "small.toml", "--metrics-profile", "quantstats"]);
    let of = |text: &str| text.split("metrics as defined by ").nth(1).map(str::to_owned);
    let rows = of(&said).unwrap();
    assert!(rows.starts_with("QuantStats 0.0.86") && rows.contains("\ngain_to_pain_ratio "), "{said}");
    let run = format!("reports/{}", names(&folder, "reports")[0]);
    let again = of(&folder.must(&["report", &run, "--metrics-profile", "quantstats"])).unwrap();
    let lines = |text: &str| text.lines().take(40).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(lines(&rows), lines(&again));
    let other = of(&folder.must(&["report", &run, "--metrics-profile", "backtesting.py"])).unwrap();
    let summary: Value = serde_json::from_str(&folder.text(&format!("{run}/summary.json"))).unwrap();
    let count = other.lines().find(|line| line.starts_with("# Trades ")).unwrap();
    let closed = summary["trades"]["closed"].as_f64().unwrap();
    assert!(closed > 0.0 && count.split_whitespace().nth(2) == Some(&format!("{closed:.6}")), "{count}");
    let page = || folder.text(&format!("{run}/report.html"));
    assert!(page().contains("As defined by backtesting.py 0.6.6"), "the page shows it");
    assert_eq!(of(&folder.must(&["report", &run])), None);
    assert!(!page().contains("As defined by"), "made again without");
    let told = folder.must(&["report", &run, "--metrics-profile", "quantstats", "--json"]);
    let told: serde_json::Value = serde_json::from_str(&told).unwrap();
    let sharpe = told["metrics"].as_array().unwrap().iter().find(|row| row["label"] == "sharpe").unwrap();
    assert!(sharpe["value"].is_number() && !sharpe["definition"].as_str().unwrap().is_empty(), "{sharpe}");
    let done = folder.tapeline(&["report", &run, "--metrics-profile", "pyfolio"]);
    assert_eq!(done.code, 2);
    assert!(done.err.contains("quantstats") && done.err.contains("backtesting.py"), "{}", done.err);
}

#[test]
fn verify_passes_a_sound_run_and_names_each_file_that_differs() {
    let folder = small();
    let (run, summary) = folder.run("small.toml", "reports", &[]);
    let said = folder.must(&["verify", &run]);
    assert!(said.contains("verified: 10 files are identical"), "{said}");
    assert!(said.contains(summary["fingerprint"].as_str().unwrap()), "{said}");
    // What is no part of the result is not compared.
    folder.put(&format!("{run}/timing.json"), "{}");
    folder.must(&["verify", &run]);
    let fills = folder.text(&format!("{run}/fills.csv"));
    folder.put(&format!("{run}/fills.csv"), fills.replacen("taker", "maker", 1));
    std::fs::remove_file(folder.at(&format!("{run}/lots.csv"))).unwrap();
    folder.put(&format!("{run}/notes.txt"), "mine");
    let before = folder.listing();
    let done = folder.tapeline(&["verify", &run]);
    assert_eq!(done.code, 1, "{}", done.out);
    let said: Vec<&str> = done.out.lines().map(str::trim).collect();
    assert_eq!(said[1..4], ["fills.csv", "lots.csv (missing in the run)", "notes.txt (only in the run)"]);
    assert!(!done.out.contains("trades.csv"), "{}", done.out);
    assert_eq!(folder.listing(), before, "verify changes nothing");
}

#[test]
fn verify_says_when_an_input_file_has_changed() {
    let folder = Folder::new();
    folder.put("orders.csv", ORDER_LINES);
    folder.put("list.toml", order_scenario());
    let (run, _) = folder.run("list.toml", "reports", &[]);
    folder.must(&["verify", &run]);
    folder.put("orders.csv", ORDER_LINES.replace("0.01", "0.02"));
    let done = folder.tapeline(&["verify", &run]);
    assert_eq!(done.code, 2);
    assert!(done.err.contains("orders.csv is not the one this plan was made with"), "{}", done.err);
}

const ORDER_LINES: &str = "time,action,id,symbol,side,type,quantity\n\
                           2024-01-01T12:00:00Z,submit,a,BTCUSDT,buy,market,0.01\n\
                           2024-01-02T12:00:20Z,submit,b,BTCUSDT,sell,market,0.01\n";

fn order_scenario() -> String {
    market()
        .replace("sma_cross", "order_list")
        .replace("{ fast = 10, slow = 50, fraction = \"0.5\" }", "{ file = \"orders.csv\" }")
}

#[test]
fn an_order_dated_before_the_period_is_listed_as_refused_and_never_sent() {
    let folder = Folder::new();
    folder.put("orders.csv", ORDER_LINES);
    folder.put("list.toml", order_scenario());
    let (run, whole) = folder.run("list.toml", "reports", &[]);
    assert_eq!(whole["fills"]["count"], 2);
    let fills = folder.rows(&format!("{run}/fills.csv"));
    assert_eq!(fills[0]["time"], "2024-01-01T12:00:00.2Z");
    assert!(fills[1]["time"].as_str() > "2024-01-02T12:00:20", "{fills:?}");
    // The second day alone: nothing is bought, so there is nothing to sell.
    let (run, part) = folder.run("list.toml", "reports", &["--timerange", "20240102-"]);
    assert_eq!(part["fills"]["count"], 0);
    let refused = folder.rows(&format!("{run}/refusals.csv"));
    let reasons: Vec<&str> = refused.iter().map(|row| row["reason"].as_str()).collect();
    assert_eq!(reasons, ["warm-up", "insufficient-balance"]);
}

#[test]
fn the_report_is_made_again_from_the_directory_alone() {
    let folder = small();
    let (run, _) = folder.run("small.toml", "reports", &[]);
    let elsewhere = Folder::new();
    let moved = run.strip_prefix("reports/").unwrap();
    for name in names(&folder, &run).iter().filter(|name| *name != "report.html") {
        elsewhere.put(&format!("{moved}/{name}"), std::fs::read(folder.at(&format!("{run}/{name}"))).unwrap());
    }
    let before = elsewhere.listing();
    let said = elsewhere.must(&["report", moved]);
    assert!(said.ends_with(&format!("report: {moved}/report.html\n")), "{said}");
    let mut after = elsewhere.listing();
    let page = after.remove(&format!("{moved}/report.html")).unwrap();
    assert_eq!(after, before, "nothing else was touched");
    let text = String::from_utf8(page).unwrap();
    assert!(text == folder.text(&format!("{run}/report.html")), "another page than the run's own");
    for remote in ["<script src", "<link", "<img", "<iframe"] {
        assert!(!text.contains(remote), "{remote}: the page needs the network");
    }
}

#[test]
fn the_command_line_changes_parameters_keys_period_and_strategy() {
    let folder = small();
    let (plain, base) = folder.run("small.toml", "reports", &[]);
    let (changed, set) = folder.run(
        "small.toml",
        "reports",
        &["--set", "fast=5", "--set", "costs.participation=off", "--set", "instrument.BTCUSDT.fees.taker=0.002"],
    );
    let plan = folder.text(&format!("{changed}/plan.toml"));
    for line in ["fast = 5\n", "slow = 50\n", "participation = \"off\"\n", "taker = \"0.002\"\n"] {
        assert!(plan.contains(line), "{line} is not in:\n{plan}");
    }
    assert_ne!(base["fingerprint"], set["fingerprint"]);
    assert_eq!(set["desks"][0]["parameters"][0], serde_json::json!(["fast", "5"]));
    let (_, short) = folder.run("small.toml", "reports", &["--timerange", "2024-01-02T06:00..2024-01-03"]);
    assert_eq!(short["period"]["start"], "2024-01-02T06:00:00Z");
    assert_eq!(short["period"]["end"], "2024-01-03T00:00:00Z");
    let (_, held) = folder.run("small.toml", "reports", &["--strategy", "buy_and_hold"]);
    assert_eq!(held["desks"][0]["strategy"], "buy_and_hold");
    assert_eq!(held["trades"]["open_at_end"], 1);
    // The plan alone gives the same run again, under the same name.
    folder.put("again.toml", folder.text(&format!("{plain}/plan.toml")));
    let (again, same) = folder.run("again.toml", "elsewhere", &[]);
    assert_eq!(again.rsplit('/').next(), plain.rsplit('/').next());
    assert_eq!(same, base);
}

#[test]
fn strategies_are_listed_and_described_with_defaults_and_ranges() {
    let folder = Folder::new();
    let list = folder.must(&["strategies"]);
    assert!(list.lines().all(|line| line.chars().count() <= 80), "{list}");
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    for entry in ALL {
        assert!(
            words(&list).contains(&format!("{} {}", entry.name, words(entry.about))),
            "{} is not in:\n{list}",
            entry.name
        );
        let one = folder.must(&["strategies", entry.name]);
        assert!(one.lines().all(|line| line.chars().count() <= 80), "{one}");
        for axis in (entry.axes)() {
            assert!(one.contains(&format!("  {}  (", axis.name)) && one.contains(&axis.range_text()), "{one}");
        }
    }
    assert!(folder.must(&["strategies", "sma_cross"]).contains("fast  (default 10; 2 to 100000, step 1)"));
    let done = folder.tapeline(&["strategies", "sma_cros"]);
    assert_eq!(done.code, 2);
    assert!(done.err.contains("did you mean 'sma_cross'?"), "{}", done.err);
}

#[test]
fn exit_codes_tell_success_failed_checks_and_mistakes_apart() {
    let folder = small();
    let code = |arguments: &[&str]| folder.tapeline(arguments).code;
    assert_eq!(code(&["--version"]), 0);
    assert_eq!(code(&["--help"]), 0);
    for command in ["run", "strategies", "verify", "report", "data"] {
        assert_eq!(code(&[command, "--help"]), 0, "{command}");
    }
    assert_eq!(code(&[]), 2);
    assert_eq!(code(&["frobnicate"]), 2);
    assert_eq!(code(&["run"]), 2);
    assert_eq!(code(&["run", "small.toml", "--jsn"]), 2);
    assert_eq!(code(&["run", "small.toml"]), 0);
    assert_eq!(code(&["data", "synth", "--candles", "3000", "--missing", "20"]), 0);
    assert_eq!(code(&["data", "check"]), 1, "missing minutes are wrong");
    assert_eq!(code(&["data", "check", "--allow", "missing"]), 0);
    assert_eq!(code(&["data", "list"]), 0);
}

#[test]
fn a_seed_gives_the_same_market_in_the_store_as_in_memory() {
    let folder = small();
    folder.must(&["data", "synth", "--seed", "3", "--candles", "5000", "--from", "2024-01-01"]);
    let stored = market()
        .replace("synthetic = { seed = 3, candles = 5000 }", "store = \"data\"")
        .replace("symbol = \"BTCUSDT\"", "symbol = \"BTCUSDT\"\nvenue = \"synthetic\"")
        .replace("name = \"small\"", "name = \"stored\"");
    folder.put("stored.toml", &stored);
    let fills = |scenario: &str, out: &str| {
        folder.must(&["run", scenario, "--out", out]);
        let run = std::fs::read_dir(folder.at(out)).unwrap().next().unwrap().unwrap().path();
        std::fs::read_to_string(run.join("fills.csv")).unwrap()
    };
    let in_memory = fills("small.toml", "memory");
    assert!(in_memory.lines().count() > 50);
    assert_eq!(fills("stored.toml", "store"), in_memory);
}

#[test]
fn in_a_pipe_nothing_is_drawn() {
    let folder = small();
    let runs: [&[&str]; 4] = [
        &["data", "synth", "--candles", "3000"],
        &["data", "check"],
        &["run", "small.toml"],
        &["run", "small.toml", "--set", "fast=7"],
    ];
    for arguments in runs {
        let out = folder.must(arguments);
        let control = out.chars().find(|letter| letter.is_control() && *letter != '\n');
        assert_eq!(control, None, "{out:?}");
    }
}

fn shipped() -> Vec<String> {
    let entries = std::fs::read_dir(repository("scenarios")).unwrap();
    let mut files: Vec<String> = entries.map(|entry| entry.unwrap().path().to_string_lossy().into_owned()).collect();
    files.retain(|file| file.ends_with(".toml"));
    files.sort();
    files
}

#[test]
fn every_shipped_scenario_resolves_against_the_real_catalogue_and_runs() {
    let folder = Folder::new();
    let files = shipped();
    assert!(files.len() >= 7, "{files:?}");
    for file in files {
        let plan = scenario::load(Path::new(&file), &Overrides::default(), &Book(ALL))
            .unwrap_or_else(|fault| panic!("{file}: {fault}"));
        let (run, summary) = folder.run(&file, "reports", &[]);
        assert_eq!(summary["name"], plan.name.as_str(), "{file}");
        assert!(summary["fills"]["count"].as_u64().unwrap() > 0, "{file} trades nothing");
        assert_eq!(summary["complaints"], Value::Array(Vec::new()), "{file}");
        assert_eq!(names(&folder, &run), FILES, "{file}");
    }
}

#[test]
fn a_halted_run_says_when_it_was_halted_and_is_not_annualised_past_it() {
    for limit in [
        "[desk.limits]\nconsecutive_losses = 2",
        "[desk.limits]\ndrawdown = 0.0005",
        "[account.limits]\ndrawdown = 0.0005",
    ] {
        let folder = Folder::new();
        folder.put("halt.toml", format!("{}{limit}\n", market()));
        let table = folder.must(&["run", "halt.toml"]);
        let (run, summary) = folder.run("halt.toml", "again", &[]);
        let at = summary["period"]["halted_at"].as_str().expect("it was halted");
        let (start, end) = (summary["period"]["start"].as_str().unwrap(), summary["period"]["end"].as_str().unwrap());
        assert!(start < at && at < "2024-01-04T11:20:00Z", "{at}: it ran on to the end of the data");
        assert_eq!(end, at, "what is measured ends there");
        assert!(table.contains("HALT: ") && table.contains(&format!("halted at           {at}")), "{table}");
        let page = folder.text(&format!("{run}/report.html"));
        assert!(page.to_lowercase().contains("halted at"), "the page does not say it");
        assert_eq!(summary["halts"].as_array().unwrap().len(), 1);
        let cagr = metric(&summary, "cagr");
        assert!(cagr["value"].is_null() && cagr["reason"].is_string(), "{cagr}");
    }
}

fn metric<'a>(summary: &'a Value, key: &str) -> &'a Value {
    summary["metrics"].as_array().unwrap().iter().find(|metric| metric["key"] == key).unwrap()
}

/// The fenced block of a page whose first line is "```<language> <name>".
fn block<'a>(page: &'a str, name: &str) -> &'a str {
    let from = page.find(&format!(" {name}\n")).unwrap_or_else(|| panic!("the page has no block {name}"));
    let body = &page[from + name.len() + 2..];
    &body[..body.find("```").unwrap()]
}

#[test]
fn the_worked_example_of_the_order_list_fills_as_its_page_says() {
    let page = std::fs::read_to_string(repository("docs/order-list.md")).unwrap();
    let folder = Folder::new();
    for name in ["minutes.csv", "orders.csv", "scenario.toml"] {
        folder.put(name, block(&page, name));
    }
    let (run, summary) = folder.run("scenario.toml", "reports", &[]);
    let expected = block(&page, "fills.csv");
    let columns: Vec<&str> = expected.lines().next().unwrap().split(',').collect();
    let mut got = format!("{}\n", columns.join(","));
    for row in folder.rows(&format!("{run}/fills.csv")) {
        let cells: Vec<&str> = columns.iter().map(|column| row[*column].as_str()).collect();
        got.push_str(&format!("{}\n", cells.join(",")));
    }
    assert_eq!(got, expected);
    assert_eq!(summary["refusals"], Value::Array(Vec::new()));
    let orders = folder.rows(&format!("{run}/orders.csv"));
    let state = |tag: &str| orders.iter().find(|order| order["tag"] == tag).unwrap()["state"].as_str();
    let states = ["quick", "swing-target", "far", "dearer"].map(state);
    assert_eq!(states, ["expired", "cancelled", "cancelled", "cancelled"]);
}

#[test]
fn the_page_on_order_lists_names_every_column_that_the_program_knows() {
    let page = std::fs::read_to_string(repository("docs/order-list.md")).unwrap();
    let folder = Folder::new();
    folder.put("orders.csv", "time,id\n1,2\n");
    folder.put("list.toml", order_scenario());
    let said = folder.tapeline(&["run", "list.toml"]).err;
    let columns = said.split("the columns are ").nth(1).unwrap().lines().next().unwrap();
    let described: Vec<&str> =
        page.lines().filter_map(|line| line.strip_prefix("| `")?.split_once('`')).map(|(name, _)| name).collect();
    assert_eq!(columns.split(',').collect::<Vec<_>>(), described);
}

#[test]
fn the_page_on_fills_lists_the_golden_cases_that_the_table_has() {
    let page = std::fs::read_to_string(repository("docs/fills.md")).unwrap();
    let table =
        [include_str!("golden.rs"), include_str!("golden/kinds.rs"), include_str!("golden/exchange.rs")].concat();
    let (table, golden) = (table.as_str(), &page[page.find("## Golden cases").unwrap()..]);
    let part = |from: &str| golden.split(from).nth(1).unwrap().split("\n\n").next().unwrap();
    let numbers = |text: &str| -> std::collections::BTreeSet<u32> {
        let words = text.split(|letter: char| !letter.is_alphanumeric());
        words.filter_map(|word| word.strip_prefix(['G', 'g'])?.parse().ok()).collect()
    };
    let tested = numbers(&table.replace("_g2", " g2"));
    assert!(tested.len() > 20, "{tested:?}");
    assert_eq!(numbers(part("**Pass:**")), tested);
    let left = numbers(part("**Left for later:**"));
    assert!(left.is_disjoint(&tested), "{left:?}");
    let all: Vec<u32> = tested.union(&left).copied().collect();
    assert_eq!(all, (1..=34).collect::<Vec<_>>(), "every case of the specification is in one of the lists");
}

#[test]
fn a_run_under_a_profile_says_so_wherever_its_result_is_shown() {
    for (profile, verdict) in [
        ("backtesting.py", "OPTIMISTIC"),
        ("vectorbt", "CHEAT"),
        ("freqtrade", "OPTIMISTIC"),
        ("tradingview", "UNVERIFIED"),
    ] {
        let folder = Folder::new();
        folder.put("s.toml", format!("{}[policy]\nprofile = \"{profile}\"\n", crate::bad_input::SOUND));
        let told = folder.must(&["run", "s.toml", "--out", "told"]);
        assert!(told.starts_with(&format!("{verdict}: the rules of {profile}: ")), "{told}");
        let (run, summary) = folder.run("s.toml", "reports", &[]);
        assert_eq!((&summary["profile"]["name"], &summary["profile"]["verdict"]), (&profile.into(), &verdict.into()));
        let page = folder.text(&format!("{run}/report.html"));
        assert!(page.contains(&format!("{verdict}: the rules of {profile}: ")), "{profile}");
        folder.must(&["verify", &run]);
    }
    let folder = Folder::new();
    folder.put("s.toml", crate::bad_input::SOUND);
    assert!(folder.run("s.toml", "reports", &[]).1["profile"].is_null());
}

#[test]
fn commands_of_the_store_do_not_take_an_address_for_a_folder() {
    let folder = Folder::new();
    let cases: [&[&str]; 9] = [
        &["list", "--root", "s3://bucket/data"],
        &["check", "--root", "s3://bucket/data"],
        &["trials", "--root", "s3://bucket/data"],
        &["synth", "--candles", "100", "--root", "s3://bucket/data"],
        &["resample", "synthetic/BTCUSDT", "--interval", "5m", "--root", "s3://bucket/data"],
        &["import", "s3://bucket/a.csv", "--venue", "v", "--symbol", "BTCUSDT", "--interval", "1m"],
        &["export", "synthetic/BTCUSDT/1m", "s3://bucket/a.csv"],
        &["download", "binance", "BTCUSDT", "--from", "2024", "--root", "s3://bucket/data"],
        &["download", "binance", "BTCUSDT", "--from", "2024", "--cache", "s3://bucket/cache"],
    ];
    for arguments in cases {
        let done = folder.tapeline(&[&["data"], arguments].concat());
        assert_eq!(done.code, 2, "{arguments:?}: {}{}", done.out, done.err);
        let says = "`tapeline data` works on this machine's disk";
        assert!(done.err.contains(says) && done.err.contains("s3://bucket/"), "{arguments:?}: {}", done.err);
        assert!(done.err.contains("run, sweep, trials and validate take addresses"), "{}", done.err);
    }
    assert!(folder.listing().is_empty(), "something was written");
}
