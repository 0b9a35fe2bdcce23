//! The trial ledger: what counts, what counts once, and what happens when it cannot be written.

use crate::outside::Folder;
use serde_json::Value;

const SCENARIO: &str = r#"version = 1
name = "tried"
[data]
store = "data"
[[instrument]]
symbol = "BTCUSDT"
venue = "test-spot"
base = "BTC"
quote = "USDT"
[[desk]]
strategy = "sma_cross"
parameters = { fast = 10, slow = 50, fraction = "0.5" }
"#;

/// A folder with a store of 50 days of minutes.
fn folder() -> Folder {
    let folder = Folder::new();
    folder.must(&["data", "synth", "--venue", "test-spot", "--candles", "72000", "--from", "2024-01-01"]);
    folder.put("tried.toml", SCENARIO);
    folder
}

/// Sweeps these axes and returns the folder of the sweep.
fn sweep(folder: &Folder, more: &[&str]) -> String {
    folder.sweep(&[&["tried.toml"], more].concat())
}

fn snapshot(folder: &Folder, place: &str) -> Value {
    serde_json::from_str(&folder.text(&format!("{place}/trial-ledger.json"))).unwrap()
}

fn finding(judgement: &str, key: &str) -> Option<f64> {
    let judgement: Value = serde_json::from_str(judgement).unwrap();
    let findings = judgement["findings"].as_array().unwrap();
    findings.iter().find(|finding| finding["key"] == key).map(|finding| finding["value"].as_f64().unwrap())
}

#[test]
fn every_distinct_trial_counts_once_across_sweeps_and_runs() {
    let folder = folder();
    let first = sweep(&folder, &["--set", "fast=5,10,15", "--set", "slow=50,100"]);
    let taken = snapshot(&folder, &first);
    assert_eq!((taken["trials"].as_u64(), taken["with_sharpe"].as_u64()), (Some(6), Some(6)));
    let effective = taken["effective_trials"].as_f64().unwrap();
    assert!(effective > 1.0 && effective <= 6.0, "{effective}");
    // Two of these six were run before, under another name and from another folder.
    folder.put("deep/other.toml", SCENARIO.replace("tried", "other").replace("\"data\"", "\"../data\""));
    let second = folder.sweep(&["deep/other.toml", "--set", "fast=10,20,30", "--set", "slow=50,100"]);
    assert_eq!(snapshot(&folder, &second)["trials"], 10);
    // So was this run; that one is new.
    folder.run("tried.toml", "reports", &["--set", "fast=15", "--set", "slow=100"]);
    let (run, _) = folder.run("tried.toml", "reports", &["--set", "fast=16", "--set", "slow=100"]);
    assert_eq!(snapshot(&folder, &run)["trials"], 11);
    folder.must(&["verify", &run]);
    let text = folder.must(&["data", "trials"]);
    assert!(text.contains("test-spot/BTCUSDT: 11 distinct trials from 2024-01-01 to 2024-02-19"), "{text}");
    assert!(text.contains("  sma_cross: 11"), "{text}");
    // Another strategy and another period are other trials; a period without a common day does not count.
    folder.run("tried.toml", "reports", &["--strategy", "buy_and_hold", "--timerange", "20240101-20240105"]);
    let late = sweep(&folder, &["--set", "fast=5,6", "--timerange", "20240201-", "--out", "late"]);
    assert_eq!(snapshot(&folder, &late)["trials"], 13);
    let text = folder.must(&["data", "trials"]);
    assert!(text.contains("14 distinct trials") && text.contains("  buy_and_hold: 1\n  sma_cross: 13"), "{text}");
}

#[test]
fn what_else_was_tried_deflates_a_result_further_and_never_lifts_it() {
    let folder = folder();
    let first = sweep(&folder, &["--set", "fast=5,10", "--set", "slow=50"]);
    let alone = folder.must(&["validate", &first, "--json"]);
    assert_eq!(finding(&alone, "ledger_trials"), Some(2.0));
    let dsr = |text: &str, key: &str| finding(text, key).unwrap();
    assert!(dsr(&alone, "dsr_ledger") <= dsr(&alone, "dsr"));
    sweep(&folder, &["--set", "fast=4..24:4", "--set", "slow=30..150:30", "--out", "more"]);
    let later = folder.must(&["validate", &first, "--json"]);
    assert_eq!(finding(&later, "ledger_trials"), Some(2.0 + 30.0));
    assert_eq!(dsr(&later, "dsr"), dsr(&alone, "dsr"), "the sweep by itself is what it was");
    assert!(dsr(&later, "dsr_ledger") < dsr(&alone, "dsr_ledger"));
    assert!(finding(&later, "ledger_effective_trials") > finding(&alone, "ledger_effective_trials"));
    let judgement: Value = serde_json::from_str(&later).unwrap();
    let bound = judgement["findings"].as_array().unwrap().iter().find(|found| found["key"] == "dsr_ledger").unwrap();
    assert_eq!(bound["at_least"], 0.95);
    // The sweep alone can be judged again where the ledger is not: by the snapshot that it keeps.
    let kept = snapshot(&folder, &first);
    std::fs::remove_file(folder.at("data/trials.sqlite")).unwrap();
    std::fs::create_dir(folder.at("data/trials.sqlite")).unwrap();
    let done = folder.tapeline(&["validate", &first, "--json"]);
    assert_eq!((done.code, done.out), (0, later));
    assert!(done.err.contains("warning: the trial ledger does not know of this"), "{}", done.err);
    assert_eq!(snapshot(&folder, &first), kept);
}

#[test]
fn a_ledger_that_cannot_be_written_costs_a_warning_and_no_sweep() {
    let folder = folder();
    let arguments = ["sweep", "tried.toml", "--set", "fast=5,10"];
    folder.put("data/trials.sqlite", "these are notes of somebody else, kept under the very name of the ledger's file");
    let done = folder.tapeline(&arguments);
    assert_eq!(done.code, 0, "{}", done.err);
    assert!(
        done.err.contains("warning: the trial ledger does not know of this: opening the trial ledger"),
        "{}",
        done.err
    );
    assert!(folder.text("data/trials.sqlite").starts_with("these are notes"));
    // Shown again when it can be written, the sweep is noted after all.
    std::fs::remove_file(folder.at("data/trials.sqlite")).unwrap();
    assert!(folder.must(&arguments).contains("holds this sweep already"));
    assert!(folder.must(&["data", "trials"]).contains("2 distinct trials"));
}

#[test]
fn a_ledger_of_a_later_version_is_refused() {
    let folder = folder();
    sweep(&folder, &["--set", "fast=5,10"]);
    let connection = rusqlite::Connection::open(folder.at("data/trials.sqlite")).unwrap();
    connection.pragma_update(None, "user_version", 99).unwrap();
    drop(connection);
    let done = folder.tapeline(&["data", "trials"]);
    assert_eq!(done.code, 2);
    assert!(done.err.contains("its version 99 is not known"), "{}", done.err);
    let done = folder.tapeline(&["data", "trials", "--root", "nowhere"]);
    assert!(done.code == 2 && done.err.contains("there is no trial ledger"), "{}", done.err);
}

#[test]
fn sweeps_that_end_at_once_all_count() {
    let folder = folder();
    std::thread::scope(|scope| {
        for number in 0..4 {
            let folder = &folder;
            scope.spawn(move || {
                let (axis, out) = (format!("fast={},{}", 10 + number, 11 + number), format!("sweeps-{number}"));
                folder.must(&["sweep", "tried.toml", "--set", &axis, "--out", &out, "--threads", "1"]);
            });
        }
    });
    // 10, 11 … 14: neighbours share one.
    assert!(folder.must(&["data", "trials"]).contains("5 distinct trials"));
}

#[test]
fn the_files_of_a_sweep_do_not_depend_on_what_else_was_tried() {
    let folder = folder();
    let arguments = ["--set", "fast=5,10", "--set", "slow=50,80"];
    let one = sweep(&folder, &arguments);
    folder.run("tried.toml", "reports", &["--set", "fast=7"]);
    let other = sweep(&folder, &[&arguments[..], &["--out", "again"]].concat());
    for file in ["plan.toml", "sweep.toml", "trials.parquet", "returns.parquet"] {
        let bytes = |place: &str| std::fs::read(folder.at(&format!("{place}/{file}"))).unwrap();
        assert_eq!(bytes(&one), bytes(&other), "{file}");
    }
    assert_ne!(snapshot(&folder, &one), snapshot(&folder, &other));
}

#[test]
fn a_trial_that_was_stopped_counts_once_and_gives_way_to_its_whole_run() {
    let axes = ["--set", "fast=5,10,15,20", "--set", "slow=50,100"];
    let rule = ["--stop-when", "trades >= 1"];
    let folder = folder();
    let counts = |place: &str| {
        let taken = snapshot(&folder, place);
        (taken["trials"].as_u64().unwrap(), taken["with_sharpe"].as_u64().unwrap())
    };
    let stopped = sweep(&folder, &[&axes[..], &rule].concat());
    assert_eq!(counts(&stopped), (8, 0), "what was stopped was tried");
    let (run, _) = folder.run("tried.toml", "reports", &["--set", "fast=15", "--set", "slow=100"]);
    assert_eq!(counts(&run), (8, 1));
    let whole = sweep(&folder, &[&axes[..], &["--out", "whole"]].concat());
    assert_eq!(counts(&whole), (8, 8));
    // Neither the days nor the ratios of the stopped ones are left: it is as if nothing had been stopped.
    let other = self::folder();
    let alone = sweep(&other, &axes);
    assert_eq!(snapshot(&folder, &whole), snapshot(&other, &alone));
    // Stopped again, they are still known as they ended.
    let again = sweep(&folder, &[&axes[..], &rule, &["--out", "again"]].concat());
    assert_eq!(counts(&again), (8, 8));
}

#[test]
fn shards_count_once_they_are_merged_as_the_sweep_of_one_machine_does() {
    let asked =
        ["--set", "fast=2..18", "--set", "slow=20,21,22,23,1000,1001,1002,1003", "--stop-when", "trades >= 500"];
    let (alone, apart) = (folder(), folder());
    let whole = snapshot(&alone, &sweep(&alone, &asked));
    assert_eq!(whole["trials"], 136);
    let ended = whole["with_sharpe"].as_u64().unwrap();
    assert!((1..136).contains(&ended), "{ended} of 136 came to their end");
    for shard in ["1/2", "2/2"] {
        apart.must(&[&["sweep", "tried.toml", "--shard", shard], &asked[..]].concat());
        let done = apart.tapeline(&["data", "trials"]);
        assert!(done.code == 2 && done.err.contains("there is no trial ledger"), "shard {shard} alone counts");
    }
    let text = apart.must(&["sweep", "merge", "sweeps", "--out", "merged"]);
    assert_eq!(snapshot(&apart, &apart.only("merged")), whole, "{text}");
    // Merged again, nothing counts twice.
    apart.must(&["sweep", "merge", "sweeps", "--out", "once more"]);
    assert_eq!(snapshot(&apart, &apart.only("once more")), whole);
}
