//! Judgements that run trials again: cross-validation, bands of policy, perturbed candles.

use crate::outside::{Folder, SMA_CROSS, small};
use serde_json::Value;
use std::process::Command;
use tapeline::domain::{Span, Timestamp};
use tapeline::metrics::DAYS_PER_YEAR;
use tapeline::metrics::luck::Purged;
use tapeline::metrics::sharpe::sharpe;
use tapeline::sweep::{Objective, Record};
use tapeline::validate::{CrossValidation, Division, Measure};

/// Days of two trials: one earns a little every other day, one a lot in the first sixth and loses elsewhere.
fn record(days: usize) -> Record {
    let steady = (0..days).map(|day| if day % 2 == 0 { 0.004 } else { -0.001 }).collect();
    let once = (0..days).map(|day| if day < days / 6 { 0.05 + day as f64 / 1e4 } else { -0.001 - day as f64 / 1e6 });
    let from = Timestamp::from_nanos(19_000 * Span::DAY.nanos());
    Record { trials: vec![3, 8], columns: vec![steady, once.collect()], from, days, short: 0 }
}

/// No position reaches beyond its day.
fn day_trades(days: usize) -> Vec<Vec<usize>> {
    vec![(0..days).collect(); 2]
}

fn measure(objective: &str) -> Measure {
    Measure::of(Objective::parse(objective).unwrap()).unwrap()
}

#[test]
fn cross_validation_chooses_by_the_objective_at_its_good_end() {
    let (record, division) = (record(120), Division { groups: 6, tested: 1, embargo: Some(0) });
    let chosen = |objective: &str| {
        let found = CrossValidation::with_spans(&record, &day_trades(120), division, measure(objective)).unwrap();
        assert_eq!(found.objective, Objective::parse(objective).unwrap());
        found.splits.iter().map(|split| split.trial.unwrap()).collect::<Vec<_>>()
    };
    // Where the first group trains, one trial gains much more and falls much further; without it that trial only falls.
    assert_eq!(chosen("total_return"), [3, 8, 8, 8, 8, 8]);
    assert_eq!(chosen("drawdown"), [3; 6]);
    assert_eq!(chosen("drawdown:max"), [8; 6]);
    assert_eq!(chosen("total_return:min"), [8, 3, 3, 3, 3, 3]);
}

#[test]
fn what_is_tested_was_chosen_without_it() {
    let (record, division) = (record(120), Division { groups: 6, tested: 2, embargo: Some(0) });
    let found = CrossValidation::with_spans(&record, &day_trades(120), division, measure("sharpe")).unwrap();
    assert_eq!((found.splits.len(), found.paths.len(), found.trained_share), (15, 5, 1.0));
    let plan = Purged::new(120, 6, 2, 0).unwrap();
    for split in &found.splits {
        let of = |column: &[f64], tested: bool| -> f64 {
            let groups = (0..6).filter(|group| split.tested.contains(group) == tested);
            let days: Vec<f64> = groups.flat_map(|group| plan.group(group)).map(|day| column[day]).collect();
            sharpe(&days, DAYS_PER_YEAR).unwrap()
        };
        let [steady, once] = [0, 1].map(|place| of(&record.columns[place], false));
        let (trial, best) = if once > steady { (8, once) } else { (3, steady) };
        assert_eq!((split.trial, split.train_objective), (Some(trial), Some(best)), "{:?}", split.tested);
        let column = &record.columns[usize::from(trial == 8)];
        assert_eq!(split.test_objective, Some(of(column, true)));
        // Its whole gain lies in the first group: without that nobody would choose it.
        assert!(!(split.tested.contains(&0) && trial == 8));
    }
    for (path, splits) in found.paths.iter().zip(plan.paths()) {
        let days = splits.iter().enumerate().flat_map(|(group, split)| {
            let column = usize::from(found.splits[*split].trial == Some(8));
            plan.group(group).map(move |day| (column, day))
        });
        let days: Vec<f64> = days.map(|(column, day)| record.columns[column][day]).collect();
        assert_eq!(days.len(), 120);
        let growth: f64 = days.iter().map(|step| 1.0 + step).product();
        assert!((path.total_return - (growth - 1.0)).abs() < 1e-12);
        assert_eq!(path.sharpe, sharpe(&days, DAYS_PER_YEAR).ok());
    }
}

#[test]
fn positions_that_reach_into_a_test_and_an_embargo_cost_training_days() {
    let (record, days) = (record(120), 120);
    let share = |spans: &[Vec<usize>], embargo| {
        let division = Division { groups: 6, tested: 1, embargo };
        CrossValidation::with_spans(&record, spans, division, measure("sharpe")).unwrap().trained_share
    };
    let none = day_trades(days);
    assert_eq!(share(&none, Some(0)), 1.0);
    // Five of six tests have days behind them: one in a hundred, two of 120, is the usual embargo.
    assert!((share(&none, None) - (1.0 - 5.0 / 6.0 * 2.0 / 100.0)).abs() < 1e-12);
    // Held three days: three days before and three behind each border do not train.
    let held: Vec<Vec<usize>> = vec![(0..days).map(|day| (day + 3).min(days - 1)).collect(); 2];
    assert!((share(&held, Some(0)) - (1.0 - (5.0 + 5.0) / 6.0 * 3.0 / 100.0)).abs() < 1e-12);
    // One position over all days leaves nothing to train on.
    let forever = vec![vec![days - 1; days]; 2];
    let division = Division { groups: 6, tested: 1, embargo: Some(0) };
    for objective in ["sharpe", "total_return", "drawdown"] {
        let found = CrossValidation::with_spans(&record, &forever, division, measure(objective)).unwrap();
        assert!(found.splits.iter().all(|split| split.trial.is_none() && split.test_objective.is_none()));
        assert!(found.trained_share == 0.0 && found.paths.iter().all(|path| path.total_return == 0.0));
    }
}

/// A small sweep of a strategy whose stops leave doubts; returns its folder.
fn sweep(folder: &Folder) -> String {
    let desk = "strategy = \"breakout\"\nparameters = { window = 60, atr_window = 20, atr_multiple = \"2\" }";
    let axes = "[sweep]\naxes = { window = \"40..80:20\", atr_multiple = \"1,2,3\" }";
    folder.put("small.toml", small("candles = 80000", desk, axes));
    folder.sweep(&["small.toml"])
}

fn value(judgement: &Value, key: &str) -> Value {
    let findings = judgement["findings"].as_array().unwrap();
    let found = findings.iter().find(|finding| finding["key"] == key);
    found.unwrap_or_else(|| panic!("{key}: {judgement}"))["value"].clone()
}

#[test]
fn the_ends_of_a_band_are_runs_under_these_policies_and_no_noise_is_the_sweep_itself() {
    let folder = Folder::new();
    let place = sweep(&folder);
    let arguments = ["validate", &place, "--json", "--bands", "2", "--perturb", "3", "--noise", "0"];
    let judgement: Value = serde_json::from_str(&folder.must(&arguments)).unwrap();
    let best = judgement["best"].as_u64().unwrap();
    let rows = folder.rows(&format!("{place}/bands.csv"));
    assert_eq!((rows.len(), rows[0]["trial"].as_str()), (2, best.to_string().as_str()));
    let trials = folder.must(&["trials", &place, "--csv", "--top", "1"]);
    let mut reader = csv::Reader::from_reader(trials.as_bytes());
    let top: std::collections::BTreeMap<String, String> = reader.deserialize().next().unwrap().unwrap();
    let (window, multiple) = (format!("window={}", top["window"]), format!("atr_multiple={}", top["atr_multiple"]));
    for (column, policy) in [("sharpe_worst", "worst"), ("sharpe_best", "best")] {
        let set = format!("policy.intrabar={policy}");
        let (_, summary) = folder.run("small.toml", "reports", &["--set", &window, "--set", &multiple, "--set", &set]);
        let metrics = summary["metrics"].as_array().unwrap();
        let sharpe = metrics.iter().find(|row| row["key"] == "sharpe").unwrap()["value"].as_f64().unwrap();
        let found: f64 = rows[0][column].parse().unwrap();
        assert!((found - sharpe).abs() < 1e-9, "{column}: {found} and {sharpe}");
    }
    assert_eq!(value(&judgement, "band_worst").to_string(), rows[0]["sharpe_worst"]);
    let perturbed = folder.rows(&format!("{place}/perturbed.csv"));
    assert_eq!(perturbed.len(), 3);
    assert!(perturbed.iter().all(|row| row["sharpe"] == top["sharpe"] && row["total_return"] == top["total_return"]));
    let other = folder.must(&["validate", &place, "--json", "--perturb", "3"]);
    let other: Value = serde_json::from_str(&other).unwrap();
    assert_ne!(other["perturbed"]["sharpes"], judgement["perturbed"]["sharpes"]);
}

#[test]
fn replays_are_the_same_on_any_number_of_threads_and_nonsense_is_refused() {
    let folder = Folder::new();
    let place = sweep(&folder);
    let asked = ["validate", &place, "--json", "--cross-validation", "6,2", "--bands", "3", "--perturb", "4"];
    let whole = folder.must(&asked);
    let alone = Command::new(env!("CARGO_BIN_EXE_tapeline"))
        .args(asked)
        .current_dir(folder.path())
        .env("RAYON_NUM_THREADS", "1")
        .output()
        .unwrap();
    assert_eq!(String::from_utf8(alone.stdout).unwrap(), whole);
    assert_eq!(folder.text(&format!("{place}/validation.json")), whole);
    let judgement: Value = serde_json::from_str(&whole).unwrap();
    let crossed = &judgement["cross_validation"];
    let length = |key: &str| crossed[key].as_array().unwrap().len();
    assert_eq!((length("splits"), length("paths")), (15, 5));
    assert_eq!(folder.rows(&format!("{place}/cross-validation-splits.csv")).len(), 15);
    assert_eq!(folder.rows(&format!("{place}/cross-validation-paths.csv")).len(), 5);
    // A breakout of minutes is over within days: little is purged, but something is.
    let share = crossed["trained_share"].as_f64().unwrap();
    assert!(share > 0.5 && share < 1.0, "{share}");
    assert!(value(&judgement, "outlook_drawdown_high").as_f64() >= value(&judgement, "outlook_drawdown").as_f64());
    assert!(value(&judgement, "decay").is_number() || judgement["days"].as_i64() < Some(60));
    for (more, says) in [
        (&["--cross-validation", "1,1"][..], "at least two groups"),
        (&["--cross-validation", "many"], "such as 10,2"),
        (&["--cross-validation", "6,2", "--objective", "trades"], "cannot choose by trades"),
        (&["--embargo", "3"], "--cross-validation"),
        (&["--perturb", "5", "--noise=-1"], "--noise"),
    ] {
        let done = folder.tapeline(&[&["validate", &place], more].concat());
        assert_eq!(done.code, 2, "{more:?}: {}{}", done.out, done.err);
        assert!(done.err.contains(says), "{more:?}: {}", done.err);
    }
}

#[test]
fn every_trial_of_several_scenes_is_run_again_in_its_own() {
    let folder = Folder::new();
    let axes = "[sweep]\naxes = { fast = \"5,10,20\", slow = \"50,100,200\" }";
    let both = "[[instrument]]\nsymbol = \"ETHUSDT\"\n[[desk]]";
    folder.put("small.toml", small("candles = 80000", SMA_CROSS, axes).replace("[[desk]]", both));
    let place = folder.sweep(&["small.toml", "--symbols", "BTCUSDT,ETHUSDT"]);
    let place = place.as_str();
    let asked =
        ["validate", place, "--json", "--bands", "18", "--perturb", "2", "--noise", "0", "--cross-validation", "5,1"];
    let walked = ["--walk-forward", "rolling", "--train", "40", "--test", "10"];
    let judgement: Value = serde_json::from_str(&folder.must(&[&asked[..], &walked].concat())).unwrap();
    let csv = folder.must(&["trials", place, "--csv"]);
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let trials: Vec<std::collections::BTreeMap<String, String>> =
        reader.deserialize().map(|row| row.unwrap()).collect();
    // Market orders leave no doubts: both ends of each band are what the sweep found, in the trial's own scene.
    let bands = folder.rows(&format!("{place}/bands.csv"));
    assert_eq!(bands.len(), 18);
    for band in &bands {
        let trial = trials.iter().find(|trial| trial["trial"] == band["trial"]).unwrap();
        assert_eq!((&band["sharpe_worst"], &band["sharpe_best"]), (&trial["sharpe"], &trial["sharpe"]));
    }
    // Without noise the best is run again as it was.
    let best = trials.iter().find(|trial| judgement["best"] == trial["trial"].parse::<u64>().unwrap()).unwrap();
    let perturbed = folder.rows(&format!("{place}/perturbed.csv"));
    assert!(perturbed.iter().all(|row| row["sharpe"] == best["sharpe"]), "{perturbed:?} and {best:?}");
    // What was chosen is best among the trials of both scenes in its training.
    let window = &judgement["walk_forward"]["windows"][0];
    let date = |key: &str| window[key].as_str().unwrap().replace('-', "");
    let range = format!("{}-{}", date("train_from"), date("test_from"));
    folder.must(&["sweep", "small.toml", "--symbols", "BTCUSDT,ETHUSDT", "--timerange", &range, "--out", "trained"]);
    let top = folder.must(&["trials", &folder.only("trained"), "--csv", "--columns", "trial", "--top", "1"]);
    assert_eq!(format!("trial\n{}\n", window["trial"]), top);
    folder.must(&["sweep", "small.toml", "--timerange", "-20240120,20240105-", "--out", "periods"]);
    let done = folder.tapeline(&[&["validate", &folder.only("periods")], &walked[..]].concat());
    assert_eq!(done.code, 2, "{}", done.err);
    assert!(done.err.contains("the axis timerange is the period itself"), "{}", done.err);
}
