//! Sweeps over symbols, scenarios and periods; axes that the scenario alone does not bear; two processes at one sweep.

use crate::outside::Folder;
use std::collections::BTreeMap;
use tapeline::sweep::{Grid, Shelf, Status, Trial};

const TWO: &str = r#"version = 1
name = "two"
[account]
currency = "USDT"
opening = { USDT = "10000" }
[data]
synthetic = { seed = 3, candles = 60000, from = "2024-01-01" }
[[instrument]]
symbol = "BTCUSDT"
[[instrument]]
symbol = "ETHUSDT"
fees = { maker = "0.002", taker = "0.002" }
[[desk]]
name = "cross"
strategy = "sma_cross"
parameters = { fast = 10, slow = 50, fraction = "0.3" }
[[desk]]
name = "ether"
strategy = "sma_cross"
symbols = ["ETHUSDT"]
parameters = { fast = 30, slow = 90, fraction = "0.2" }
"#;

/// The one sweep under `sweeps`.
fn trials(folder: &Folder) -> (Grid, Vec<Trial>) {
    let shelf = Shelf::at(&folder.at(&folder.only("sweeps")));
    let grid = Grid::new(shelf.file().unwrap().axes(), 10_000).unwrap();
    let trials = shelf.trials(&grid.axes).unwrap();
    (grid, trials)
}

#[test]
fn symbols_scenarios_and_periods_are_axes_and_each_trial_is_run_again_by_its_number() {
    let folder = Folder::new();
    folder.put("two.toml", TWO);
    folder.put("dear.toml", TWO.replace("name = \"two\"", "name = \"dear\"").replace("0.002", "0.004"));
    folder.must(&[
        "sweep",
        "two.toml",
        "--scenarios",
        "two.toml,dear.toml",
        "--symbols",
        "ETHUSDT,BTCUSDT",
        "--timerange",
        "-20240125,20240110-",
        "--set",
        "cross.fast=5,20",
    ]);
    let (grid, trials) = trials(&folder);
    let names: Vec<&str> = grid.axes.iter().map(|axis| axis.name.as_str()).collect();
    assert_eq!(names, ["scenario", "symbol", "timerange", "cross.fast"]);
    assert_eq!((trials.len(), grid.scenes()), (16, 8));
    assert!(trials.iter().all(|trial| trial.status == Status::Done), "{trials:?}");
    assert_eq!(trials[0].values, ["two", "ETHUSDT", "-20240125", "5"]);
    assert_eq!(trials[15].values, ["dear", "BTCUSDT", "20240110-", "20"]);
    let place = folder.only("sweeps");
    let mut seen = BTreeMap::new();
    for trial in &trials {
        // The command compares the fingerprints itself, so it suffices that it ends well; twice, as the report is there.
        let again = format!("{place}/{}", trial.number);
        let text = folder.must(&["run", "--trial", &again, "--json"]);
        let summary: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(summary["fingerprint"].as_str(), trial.fingerprint.as_deref());
        seen.entry(trial.fingerprint.clone().unwrap()).or_insert_with(Vec::new).push(trial.number);
    }
    // On BTCUSDT the dearer scenario is the same one; all else differs.
    let equal: Vec<Vec<u64>> = seen.into_values().filter(|numbers| numbers.len() > 1).collect();
    assert_eq!(equal.iter().flatten().count(), 8, "{equal:?}");
    assert!(equal.iter().all(|pair| pair[1] == pair[0] + 8), "{equal:?}");
    let groups = folder.must(&["trials", &place, "--group-by", "symbol", "--objective", "profit", "--csv"]);
    assert!(groups.contains("ETHUSDT,8,8,") && groups.contains("BTCUSDT,8,8,"), "{groups}");
}

#[test]
fn a_symbol_alone_is_the_scenario_with_nothing_else_in_it() {
    let folder = Folder::new();
    folder.put("two.toml", TWO);
    folder.must(&["sweep", "two.toml", "--symbols", "BTCUSDT", "--set", "fast=10,12"]);
    let (_, swept) = trials(&folder);
    let cut = TWO.find("[[instrument]]\nsymbol = \"ETHUSDT\"").unwrap();
    let desks = TWO.find("[[desk]]").unwrap();
    let alone = format!("{}{}", &TWO[..cut], &TWO[desks..TWO.rfind("[[desk]]").unwrap()]);
    folder.put("alone.toml", alone);
    let (_, summary) = folder.run("alone.toml", "reports", &[]);
    assert_eq!(summary["fingerprint"].as_str(), swept[0].fingerprint.as_deref());
}

#[test]
fn a_symbol_may_take_the_place_of_the_only_one_where_nothing_is_said_of_that() {
    let folder = Folder::new();
    let one = "version = 1\nname = \"one\"\n[data]\nstore = \"data\"\n[[instrument]]\nsymbol = \"BTCUSDT\"\n\
               venue = \"synthetic\"\n[[desk]]\nstrategy = \"sma_cross\"\n";
    folder.put("one.toml", one);
    for symbol in ["BTCUSDT", "ETHUSDT"] {
        folder.must(&["data", "synth", "--candles", "20000", "--symbol", symbol]);
    }
    folder.must(&["sweep", "one.toml", "--symbols", "BTCUSDT,ETHUSDT", "--set", "fast=5,10"]);
    let (_, swept) = trials(&folder);
    assert_eq!(swept.iter().filter(|trial| trial.status == Status::Done).count(), 4);
    folder.put("other.toml", one.replace("BTCUSDT", "ETHUSDT"));
    let (_, summary) = folder.run("other.toml", "reports", &["--set", "fast=5"]);
    assert_eq!(summary["fingerprint"].as_str(), swept[2].fingerprint.as_deref());
    folder.put("filters.toml", one.replace("venue", "filters = { tick = \"0.01\" }\nvenue"));
    let cases: [(&[&str], &str); 5] = [
        (&["filters.toml", "--symbols", "ETHUSDT"], "filters of the only instrument are those of BTCUSDT"),
        (&["one.toml", "--symbols", "ETHUSDT,ETHUSDT"], "ETHUSDT stands twice"),
        (&["one.toml", "--symbols", "DOGEUSDT"], "DOGEUSDT"),
        (&["one.toml", "--set", "symbol=A,B"], "--symbols"),
        (&["one.toml", "--scenarios", "none.toml"], "none.toml"),
    ];
    for (arguments, says) in cases {
        let done = folder.tapeline(&[&["sweep"], arguments, &["--set", "fast=5,11"]].concat());
        assert_eq!(done.code, 2, "{arguments:?}: {}{}", done.out, done.err);
        assert!(done.err.contains(says), "{arguments:?}: {}", done.err);
    }
}

#[test]
fn axes_that_the_scenario_alone_does_not_bear() {
    let folder = Folder::new();
    // A profile decides what a scenario leaves open; of a plan, which states everything, it would contradict the rest.
    let one = &TWO[..TWO.find("[[instrument]]\nsymbol = \"ETHUSDT\"").unwrap()];
    let one = format!("{one}[[desk]]\nstrategy = \"sma_cross\"\n");
    folder.put("one.toml", &one);
    folder.must(&["sweep", "one.toml", "--set", "policy.profile=off,vectorbt,freqtrade"]);
    let (_, swept) = trials(&folder);
    assert!(swept.iter().all(|trial| trial.status == Status::Done), "{swept:?}");
    std::fs::remove_dir_all(folder.at("sweeps")).unwrap();
    folder.must(&[
        "sweep",
        "one.toml",
        "--set",
        "policy.limit.touch_probability=0.3,0.6",
        "--set",
        "policy.limit.seed=1,2",
    ]);
    let (_, swept) = trials(&folder);
    assert!(swept.iter().all(|trial| trial.status == Status::Done), "{swept:?}");
    std::fs::remove_dir_all(folder.at("sweeps")).unwrap();
    // A parameter without a default, given as an axis only.
    folder.put("listed.toml", one.replace("sma_cross", "order_list"));
    for (name, quantity) in [("a.csv", "0.01"), ("b.csv", "0.02")] {
        folder.put(name, format!("time,action,id,symbol,side,type,quantity\n2024-01-02T00:00:00Z,submit,1,BTCUSDT,buy,market,{quantity}\n"));
    }
    folder.must(&["sweep", "listed.toml", "--set", "file=a.csv,b.csv", "--objective", "profit"]);
    let (_, swept) = trials(&folder);
    assert!(swept.iter().all(|trial| trial.status == Status::Done), "{swept:?}");
    assert_ne!(swept[0].fingerprint, swept[1].fingerprint);
    let again = folder.must(&["run", "--trial", &format!("{}/1", folder.only("sweeps")), "--json"]);
    let summary: serde_json::Value = serde_json::from_str(&again).unwrap();
    assert_eq!(summary["fingerprint"].as_str(), swept[1].fingerprint.as_deref());
}

#[test]
fn a_report_that_is_there_is_compared_with_its_trial_as_well() {
    let folder = Folder::new();
    folder.put("two.toml", TWO);
    folder.must(&["sweep", "two.toml", "--set", "cross.fast=5,20"]);
    let place = folder.only("sweeps");
    folder.must(&["run", "--trial", &format!("{place}/0")]);
    let run = std::fs::read_dir(folder.at("reports")).unwrap().next().unwrap().unwrap().path().join("summary.json");
    let (_, swept) = trials(&folder);
    let text = std::fs::read_to_string(&run).unwrap();
    std::fs::write(&run, text.replace(swept[0].fingerprint.as_deref().unwrap(), &"0".repeat(32))).unwrap();
    let done = folder.tapeline(&["run", "--trial", &format!("{place}/0")]);
    assert_eq!((done.code, done.err.contains("had the fingerprint")), (1, true), "{}", done.err);
}

#[test]
fn a_sweep_that_another_process_runs_is_left_to_it() {
    let folder = Folder::new();
    folder.put("two.toml", TWO);
    let arguments = ["sweep", "two.toml", "--set", "cross.fast=5,20"];
    folder.must(&arguments);
    let place = folder.at(&folder.only("sweeps"));
    for name in ["trials.parquet", "returns.parquet"] {
        std::fs::remove_file(place.join(name)).unwrap();
    }
    let lock = Shelf::at(&place).lock().unwrap();
    let done = folder.tapeline(&[&arguments[..], &["--resume"]].concat());
    assert_eq!((done.code, done.err.contains("is being run by another process")), (1, true), "{}", done.err);
    drop(lock);
    folder.must(&[&arguments[..], &["--resume"]].concat());
}
