//! Judging sweeps: returns against trials and single runs, records made by hand, and the command.

use crate::outside::{Folder, SMA_CROSS, small};
use tapeline::chance::Chance;
use tapeline::domain::{Span, Timestamp};
use tapeline::metrics::DAYS_PER_YEAR;
use tapeline::metrics::luck::{EffectiveTrials, Overfitting, TrialMatrix, overfitting::Performance};
use tapeline::metrics::probabilistic_sharpe::Evidence;
use tapeline::metrics::sharpe::sharpe;
use tapeline::sweep::{Axis, COLUMNS, DailyReturns, Objective, Shelf, Status, Trial};
use tapeline::validate::{Judgement, Outcome, Request};

const SEED: u64 = 5;
const SAMPLE_MAX: usize = 100;

fn request(objective: &str) -> Request<'static> {
    let objective = Objective::parse(objective).unwrap();
    Request { objective, seed: SEED, replications: 400, sample_max: SAMPLE_MAX, ledger: None, warnings: &[] }
}

/// A sweep along one axis whose returns are noise plus an edge of each trial's own.
fn noise(edges: &[f64], days: usize, seed: u64) -> (Vec<Axis>, Vec<Trial>, Vec<DailyReturns>) {
    let text: Vec<String> = (0..edges.len()).map(|index| (index + 1).to_string()).collect();
    let axes = vec![Axis::parse("fast", &text.join(",")).unwrap().unwrap()];
    let mut chance = Chance::new(seed, 0);
    let mut uniform = || chance.below(1 << 30) as f64 / f64::from(1 << 30);
    let from = Timestamp::from_nanos(19_000 * Span::DAY.nanos());
    let (mut trials, mut returns) = (Vec::new(), Vec::new());
    for (index, edge) in edges.iter().enumerate() {
        // Twelve uniform draws are as good as normal here.
        let series: Vec<f64> =
            (0..days).map(|_| ((0..12).map(|_| uniform()).sum::<f64>() - 6.0) / 100.0 + edge).collect();
        let ratio = sharpe(&series, DAYS_PER_YEAR).ok();
        trials.push(Trial {
            number: index as u64,
            values: vec![text[index].clone()],
            status: Status::Done,
            message: None,
            fingerprint: None,
            numbers: COLUMNS.iter().map(|column| ratio.filter(|_| column.name == "sharpe")).collect(),
        });
        let to = from.after(Span::DAY.times(days as i64));
        returns.push(DailyReturns { trial: index as u64, from, to, returns: series });
    }
    (axes, trials, returns)
}

fn judged(edges: &[f64], days: usize, seed: u64) -> Judgement {
    let (axes, trials, returns) = noise(edges, days, seed);
    Judgement::of("noise", &axes, &trials, &returns, &request("sharpe")).unwrap()
}

fn value(judgement: &Judgement, key: &str) -> f64 {
    judgement.get(key).unwrap().value.value().unwrap()
}

#[test]
fn the_best_of_many_without_an_edge_is_called_luck() {
    let (mut deflated, mut superior) = (0, 0);
    for seed in 1..=4 {
        let judgement = judged(&[0.0; 60], 400, seed);
        assert_eq!(judgement.verdict.outcome, Outcome::MayBeLuck, "{:?}", judgement.verdict);
        assert!(value(&judgement, "psr") > 0.9, "alone the best looks good: {}", value(&judgement, "psr"));
        assert!(value(&judgement, "dsr") < value(&judgement, "psr"));
        deflated += usize::from(judgement.verdict.failed.contains(&"dsr"));
        superior += usize::from(judgement.verdict.failed.contains(&"spa"));
    }
    // Either test lets one in twenty pass.
    assert!(deflated >= 3 && superior >= 3, "{deflated} and {superior} of 4");
}

#[test]
fn an_edge_that_lasts_on_a_plateau_stands() {
    let edges: Vec<f64> = (0..40).map(|index| if (10..20).contains(&index) { 0.0025 } else { 0.0012 }).collect();
    let (axes, trials, returns) = noise(&edges, 1_000, 9);
    let judgement = Judgement::of("edge", &axes, &trials, &returns, &request("sharpe")).unwrap();
    assert_eq!(judgement.verdict.outcome, Outcome::Stands, "{:?}", judgement.findings);
    assert!((10..20).contains(&judgement.best), "{}", judgement.best);
    assert_eq!(judgement.parameters, [("fast".to_owned(), (judgement.best + 1).to_string())]);
    assert!(value(&judgement, "dsr") > 0.95 && value(&judgement, "pbo") <= 0.2);
}

#[test]
fn every_number_is_the_one_that_its_statistic_gives() {
    let (_, _, returns) = noise(&[0.001; 12], 163, 3);
    let judgement = judged(&[0.001; 12], 163, 3);
    let matrix = TrialMatrix::of(returns.iter().map(|row| row.returns.as_slice())).unwrap();
    let best = &returns[judgement.best as usize].returns;
    assert!(returns.iter().all(|row| sharpe(&row.returns, 1.0).unwrap() <= sharpe(best, 1.0).unwrap()));
    let evidence = Evidence::of(best).unwrap();
    assert_eq!(value(&judgement, "psr"), evidence.probability_above(0.0).unwrap());
    let effective = EffectiveTrials::of(&matrix, SAMPLE_MAX, SEED).unwrap();
    assert_eq!(value(&judgement, "effective_trials"), effective.count());
    // 163 days bear sixteen blocks of ten.
    let overfitting = Overfitting::of(&matrix, 16, Performance::Sharpe).unwrap();
    assert_eq!(value(&judgement, "pbo"), overfitting.probability);
    assert_eq!(value(&judgement, "degradation"), overfitting.slope.unwrap());
    let hurdle = value(&judgement, "hurdle") / DAYS_PER_YEAR.sqrt();
    let deflated = evidence.probability_above(hurdle).unwrap();
    assert!((value(&judgement, "dsr") - deflated).abs() < 1e-9);
    assert!(value(&judgement, "haircut_bonferroni") <= value(&judgement, "haircut_holm"));
    assert!(value(&judgement, "spa_lower") <= value(&judgement, "spa"));
    assert!(value(&judgement, "spa") <= value(&judgement, "spa_upper"));
    assert_eq!(judged(&[0.001; 12], 163, 3), judgement, "the same seed gives the same judgement");
}

#[test]
fn the_best_of_what_is_wanted_least_is_the_least() {
    let (axes, trials, returns) = noise(&[0.001; 8], 100, 4);
    let of = |objective: &str| Judgement::of("noise", &axes, &trials, &returns, &request(objective)).unwrap();
    let by_ratio = |one: &&Trial, other: &&Trial| one.get("sharpe").unwrap().total_cmp(&other.get("sharpe").unwrap());
    let (most, least) = (of("sharpe"), of("sharpe:min"));
    assert_eq!(Some(most.best), trials.iter().max_by(by_ratio).map(|trial| trial.number));
    assert_eq!(Some(least.best), trials.iter().min_by(by_ratio).map(|trial| trial.number));
    let text = serde_json::to_value(&least).unwrap();
    assert_eq!(text["objective"], "sharpe:min");
}

#[test]
fn trials_that_cannot_be_judged_count_as_tries_and_short_records_say_why() {
    let (axes, mut trials, mut returns) = noise(&[0.0; 10], 100, 2);
    let whole = Judgement::of("noise", &axes, &trials, &returns, &request("sharpe")).unwrap();
    returns.retain(|row| row.trial < 9 || row.trial == whole.best);
    let judgement = Judgement::of("noise", &axes, &trials, &returns, &request("sharpe")).unwrap();
    assert_eq!((judgement.done, judgement.judged), (10, returns.len()));
    let matrix = TrialMatrix::of(returns.iter().map(|row| row.returns.as_slice())).unwrap();
    let alone = EffectiveTrials::of(&matrix, SAMPLE_MAX, SEED).unwrap().count();
    assert_eq!(value(&judgement, "effective_trials"), alone + (10 - returns.len()) as f64);

    let short = judged(&[0.0; 5], 19, 2);
    let pbo = short.get("pbo").unwrap();
    assert_eq!((pbo.value.reason(), pbo.passes()), (Some("fewer than 20 days were judged"), None));
    let text = serde_json::to_value(&short).unwrap();
    let pbo = text["findings"].as_array().unwrap().iter().find(|finding| finding["key"] == "pbo").unwrap();
    assert_eq!((&pbo["value"], &pbo["passes"]), (&serde_json::Value::Null, &serde_json::Value::Null));
    assert_eq!(pbo["reason"], "fewer than 20 days were judged");

    trials.iter_mut().for_each(|trial| trial.numbers.fill(None));
    let fault = Judgement::of("noise", &axes, &trials, &returns, &request("sharpe")).unwrap_err();
    assert!(fault.to_string().contains("no judged trial has a sharpe"), "{fault}");
}

const AXES: &str = "[sweep]\naxes = { fast = \"5..25:5\", slow = \"20,50,100,3000\" }\nwhere = \"fast < slow\"";

/// Sweeps a small scenario and returns the folder of the sweep.
fn sweep(folder: &Folder, more: &[&str]) -> String {
    folder.put("small.toml", small("candles = 80000", SMA_CROSS, AXES));
    folder.sweep(&[&["small.toml"], more].concat())
}

#[test]
fn the_returns_of_a_sweep_are_those_of_single_runs() {
    let folder = Folder::new();
    let place = sweep(&folder, &[]);
    let shelf = Shelf::at(&folder.at(&place));
    let (returns, trials) = (shelf.returns().unwrap(), shelf.trials(&shelf.file().unwrap().axes()).unwrap());
    assert!(trials.iter().all(|trial| trial.status == Status::Done));
    assert_eq!(
        returns.iter().map(|row| row.trial).collect::<Vec<_>>(),
        trials.iter().map(|t| t.number).collect::<Vec<_>>()
    );
    for (row, trial) in returns.iter().zip(&trials) {
        let growth: f64 = row.returns.iter().map(|step| 1.0 + step).product();
        let total = trial.get("total_return").unwrap();
        assert!((growth - 1.0 - total).abs() < 1e-12, "{}: {growth} and {total}", trial.number);
        assert_eq!(sharpe(&row.returns, DAYS_PER_YEAR).ok(), trial.get("sharpe"), "{}", trial.number);
    }
    let (run, _) = folder.run(&format!("{place}/plan.toml"), "reports", &["--set", "fast=15", "--set", "slow=3000"]);
    let equity: Vec<f64> =
        folder.rows(&format!("{run}/equity.csv")).iter().map(|row| row["equity"].parse().unwrap()).collect();
    let number = trials.iter().find(|trial| trial.values == ["15", "3000"]).unwrap().number;
    let row = returns.iter().find(|row| row.trial == number).unwrap();
    assert_eq!(row.returns.len(), equity.len() - 1);
    for (step, pair) in row.returns.iter().zip(equity.windows(2)) {
        assert!((step - (pair[1] / pair[0] - 1.0)).abs() < 1e-12);
    }
}

#[test]
fn the_command_judges_writes_and_repeats_itself() {
    let folder = Folder::new();
    let place = sweep(&folder, &[]);
    let text = folder.must(&["validate", &place]);
    for words in ["Deflated Sharpe", "Probability of overfitting", "SPA", "Neighbours, mean", "verdict: the best trial"]
    {
        assert!(text.contains(words), "{words}: {text}");
    }
    let written = folder.text(&format!("{place}/validation.json"));
    assert_eq!(folder.must(&["validate", &place, "--json"]), written);
    let judgement: serde_json::Value = serde_json::from_str(&written).unwrap();
    assert_eq!((judgement["format_version"].as_i64(), judgement["done"].as_i64()), (Some(2), Some(18)));
    // Warm-ups of 3,000 minutes end on the third day: the days before are judged for nobody.
    assert_eq!(judgement["days"].as_i64(), Some(80_000 / 1_440 + 1 - 2));
    let best = folder.must(&["trials", &place, "--csv", "--columns", "trial", "--top", "1"]);
    assert_eq!(format!("trial\n{}\n", judgement["best"]), best);
    let other = folder.must(&["validate", &place, "--json", "--seed", "2"]);
    assert_ne!(other, written, "another seed draws other resamples");
}

#[test]
fn what_cannot_be_judged_is_refused() {
    let folder = Folder::new();
    let place = sweep(&folder, &["--no-returns"]);
    assert!(!folder.at(&format!("{place}/returns.parquet")).exists());
    let refused = |arguments: &[&str], says: &str| {
        let done = folder.tapeline(arguments);
        assert_eq!(done.code, 2, "{arguments:?}: {}{}", done.out, done.err);
        assert!(done.err.contains(says), "{arguments:?}: {}", done.err);
    };
    refused(&["validate", &place], "kept no daily returns");
    refused(&["validate", &place, "--objective", "sharp"], "did you mean 'sharpe'?");
    refused(&["validate", "nowhere"], "name the folder of a sweep");
    refused(&["validate", &place, "--replications", "5"], "100");
    assert!(!folder.at(&format!("{place}/validation.json")).exists());
    std::fs::remove_file(folder.at(&format!("{place}/trials.parquet"))).unwrap();
    refused(&["validate", &place], "is not finished");
}

#[test]
fn an_estimate_says_how_large_the_returns_are_and_a_limit_leaves_them_out() {
    let folder = Folder::new();
    folder.put("small.toml", small("candles = 80000", SMA_CROSS, AXES));
    // 18 trials of 56 days of 8 bytes.
    let text = folder.must(&["sweep", "small.toml", "--estimate"]);
    assert!(text.contains("returns  daily returns are kept, 0.0 MB"), "{text}");
    let time = text.lines().find_map(|line| line.strip_prefix("time     ")).expect("an estimate of the time");
    // A sample that is this small is the whole sweep.
    assert!(
        time.contains("an estimate: 18 trials drawn by seed 1 ran for ") && time.contains(" million combinations x"),
        "{time}"
    );
    assert!(!folder.at("sweeps").exists(), "an estimate writes nothing");
    let text = folder.must(&["sweep", "small.toml", "--estimate", "--returns-limit", "0"]);
    assert!(text.contains("daily returns are not kept; they would be 0.0 MB"), "{text}");
    let text = folder.must(&["sweep", "small.toml", "--returns-limit", "0"]);
    assert!(text.contains("(--returns-limit): validation needs them"), "{text}");
}

/// Walks forward through a sweep and returns the judgement.
fn walk(folder: &Folder, place: &str, more: &[&str]) -> serde_json::Value {
    let text = folder.must(&[&["validate", place, "--json", "--objective", "total_return"], more].concat());
    assert_eq!(folder.text(&format!("{place}/validation.json")), text);
    serde_json::from_str(&text).unwrap()
}

#[test]
fn walking_forward_trades_what_a_sweep_of_the_days_before_finds_best() {
    let folder = Folder::new();
    let place = sweep(&folder, &[]);
    let judgement = walk(&folder, &place, &["--walk-forward", "rolling", "--train", "30", "--test", "10"]);
    let windows = judgement["walk_forward"]["windows"].as_array().unwrap();
    // 54 days: 30 to choose on, then 10, 10 and 4.
    assert_eq!(windows.len(), 3);
    let axes = Shelf::at(&folder.at(&place)).file().unwrap().axes();
    let grid = tapeline::sweep::Grid::new(axes, 1_000).unwrap();
    for (number, window) in windows.iter().enumerate() {
        let date = |key: &str| window[key].as_str().unwrap().replace('-', "");
        let range = |from: &str, to: &str| format!("{}-{}", date(from), date(to));
        let out = format!("sweeps-{number}");
        let trained = range("train_from", "test_from");
        let text = folder.must(&[
            "sweep",
            "small.toml",
            "--timerange",
            &trained,
            "--objective",
            "total_return",
            "--out",
            &out,
        ]);
        let best = text.lines().find_map(|line| line.split_once("run --trial ")).unwrap().1.rsplit_once('/').unwrap().1;
        assert_eq!(window["trial"].to_string(), best, "{window}");
        let mut arguments = vec!["--timerange".to_owned(), range("test_from", "test_to")];
        for (name, value) in grid.settings(best.parse().unwrap()) {
            arguments.extend(["--set".to_owned(), format!("{name}={value}")]);
        }
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let (_, summary) = folder.run("small.toml", "reports", &arguments);
        let flattened: f64 = summary["result"]["flattened_return_percent"].as_f64().unwrap();
        let tested = window["test_return"].as_f64().unwrap();
        assert!((tested * 100.0 - flattened).abs() < 1e-6, "{tested} and {flattened} %");
    }
    let rows = folder.rows(&format!("{place}/walk-forward-returns.csv"));
    assert_eq!(rows.len(), 24);
    for (number, window) in windows.iter().enumerate() {
        let of_window = rows.iter().filter(|row| row["window"] == (number + 1).to_string());
        let growth: f64 = of_window.clone().map(|row| 1.0 + row["return"].parse::<f64>().unwrap()).product();
        assert!((growth - 1.0 - window["test_return"].as_f64().unwrap()).abs() < 1e-12);
        assert_eq!(of_window.clone().next().unwrap()["day"], window["test_from"].as_str().unwrap());
    }
    assert_eq!(folder.rows(&format!("{place}/walk-forward.csv")).len(), 3);
    let keys: Vec<&str> =
        judgement["findings"].as_array().unwrap().iter().map(|f| f["key"].as_str().unwrap()).collect();
    assert!(keys.contains(&"walk_forward_efficiency") && keys.contains(&"walk_forward_psr"), "{keys:?}");
}

#[test]
fn walking_forward_takes_the_least_of_what_is_wanted_least() {
    let folder = Folder::new();
    let place = sweep(&folder, &[]);
    let text = folder.must(&["validate", &place, "--objective", "drawdown"]);
    let best = folder.must(&["trials", &place, "--csv", "--columns", "trial", "--top", "1", "--sort", "drawdown:asc"]);
    let best = best.lines().nth(1).unwrap();
    assert!(
        text.contains(&format!("trial {best} (")) && text.replace('\n', " ").contains("has least drawdown"),
        "{text}"
    );
    let walked = ["--walk-forward", "rolling", "--train", "30", "--test", "24", "--objective", "drawdown", "--json"];
    let judgement: serde_json::Value =
        serde_json::from_str(&folder.must(&[&["validate", &place], &walked[..]].concat())).unwrap();
    let window = &judgement["walk_forward"]["windows"][0];
    let date = |key: &str| window[key].as_str().unwrap().replace('-', "");
    let range = format!("{}-{}", date("train_from"), date("test_from"));
    folder.must(&["sweep", "small.toml", "--timerange", &range, "--out", "trained"]);
    let trained = folder.must(&["trials", &folder.only("trained"), "--csv", "--objective", "drawdown", "--top", "1"]);
    let mut reader = csv::Reader::from_reader(trained.as_bytes());
    let row: std::collections::BTreeMap<String, String> = reader.deserialize().next().unwrap().unwrap();
    assert_eq!((&window["trial"].to_string(), &window["objective"].to_string()), (&row["trial"], &row["drawdown"]));
}

#[test]
fn anchored_training_begins_at_the_first_day_and_nonsense_is_refused() {
    let folder = Folder::new();
    let place = sweep(&folder, &[]);
    let judgement = walk(&folder, &place, &["--walk-forward", "anchored", "--train", "20", "--test", "17"]);
    let windows = judgement["walk_forward"]["windows"].as_array().unwrap();
    assert_eq!(windows.len(), 2);
    assert!(windows.iter().all(|window| window["train_from"] == judgement["first_day"]));
    let refused = |more: &[&str], says: &str| {
        let done = folder.tapeline(&[&["validate", &place], more].concat());
        assert_eq!(done.code, 2, "{more:?}: {}{}", done.out, done.err);
        assert!(done.err.contains(says), "{more:?}: {}", done.err);
    };
    refused(&["--walk-forward", "rolling", "--train", "60", "--test", "5"], "no longer than the first training");
    refused(&["--walk-forward", "rolling", "--train", "10", "--test", "5"], "no trial has a sharpe in any training");
    refused(&["--walk-forward", "rolling"], "--train");
    refused(&["--train", "10"], "--walk-forward");
}
