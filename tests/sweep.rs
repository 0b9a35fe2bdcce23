//! Sweeps: lanes against single runs, interruptions, panics, and what the command says.

use crate::outside::{Folder, Listing, SMA_CROSS, listing, repository, small};
use tapeline::catalog::{ALL, Book, LaneEnd, Manner, Market, Stage};
use tapeline::domain::{OrderUpdate, SeriesId, TimerId, Timestamp};
use tapeline::engine::{Idle, Keep};
use tapeline::scenario::{Draft, Overrides};
use tapeline::strategy::{Context, Trader};
use tapeline::sweep::{Axis, Grid, Search, Shelf, Status, Trial};

/// What is changed of a scenario, as names and values.
type Settings<'a> = &'a [(&'a str, &'a str)];

fn stages(scenario: &str, sets: &[Settings]) -> Vec<Stage> {
    let draft = Draft::load(&repository(scenario)).unwrap();
    let plan = |set: Settings| {
        let set = set.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        draft.plan(&Overrides { set, ..Overrides::default() }, &Book(ALL)).unwrap()
    };
    let base = plan(&[]);
    let market = Market::load(&base).unwrap();
    let base = Stage::new(base, market).unwrap();
    sets.iter().map(|set| base.with_plan(plan(set)).unwrap()).collect()
}

fn fingerprints(ends: &[LaneEnd]) -> Vec<u128> {
    ends.iter().map(|end| end.as_ref().unwrap().outcome.fingerprint).collect()
}

#[test]
fn a_lane_has_the_fingerprint_of_a_single_run_whatever_runs_beside_it() {
    let cases: [(&str, &[Settings]); 4] = [
        (
            "scenarios/quickstart.toml",
            &[
                &[],
                &[("fast", "5"), ("slow", "30")],
                &[("fast", "9"), ("slow", "200")],
                // Another warm-up, so other rows of the tape; another cost, another policy, another interval.
                &[("period.from", "2024-02-01"), ("slow", "80")],
                &[("period.from", "2024-02-01"), ("slow", "120")],
                &[("costs.slippage.basis_points", "10"), ("policy.intrabar", "best")],
                &[("desk.sma_cross.interval", "1h")],
            ],
        ),
        ("scenarios/portfolio.toml", &[&[], &[("costs.participation", "0.01")]]),
        ("scenarios/reversion.toml", &[&[], &[("period.from", "2024-03-01")]]),
        ("scenarios/score.toml", &[&[], &[("costs.participation", "0.001")]]),
    ];
    for (scenario, sets) in cases {
        let stages = stages(scenario, sets);
        let single: Vec<u128> =
            stages.iter().map(|stage| stage.run(ALL, Manner::default()).unwrap().outcome.fingerprint).collect();
        for (block_rows, idle, keep) in
            [(1_024, Idle::Skip, Keep::Totals), (100, Idle::Skip, Keep::All), (7_777, Idle::Turn, Keep::Totals)]
        {
            let manner = Manner { block_rows, idle, keep, ..Manner::default() };
            assert_eq!(fingerprints(&Stage::run_lanes(&stages, ALL, manner)), single, "{scenario} {block_rows}");
        }
        for (stage, expected) in stages.iter().zip(&single) {
            let alone = Stage::run_lanes(std::slice::from_ref(stage), ALL, Manner::default());
            assert_eq!(fingerprints(&alone), [*expected], "{scenario}");
        }
    }
}

#[test]
fn totals_are_the_sums_of_what_a_single_run_keeps() {
    let stages = stages("scenarios/quickstart.toml", &[&[], &[("fast", "7")]]);
    let manner = Manner { keep: Keep::Totals, ..Manner::default() };
    for (stage, end) in stages.iter().zip(Stage::run_lanes(&stages, ALL, manner)) {
        let (whole, lane) = (stage.run(ALL, Manner::default()).unwrap().outcome, end.unwrap().outcome);
        let (records, totals) = (&whole.records, lane.records.totals[0]);
        assert_eq!(totals, whole.records.totals[0]);
        assert!(lane.records.fills.is_empty() && lane.records.trades.is_empty() && lane.records.lots.is_empty());
        assert_eq!((totals.fills, totals.trades), (records.fills.len() as u64, records.trades.len() as u64));
        assert_eq!(totals.orders, records.orders.len() as u64);
        let profit: i128 = records.trades.iter().map(|trade| trade.profit.units()).sum();
        assert_eq!(totals.gross_profit.units() + totals.gross_loss.units(), profit);
        let fees: i128 = records.trades.iter().map(|trade| trade.fees.units()).sum();
        assert_eq!(totals.fees.units(), fees);
        assert_eq!(lane.daily, whole.daily);
    }
}

/// A trader that panics at one of its candles.
struct Bomb {
    candles_left: u32,
}

impl Trader for Bomb {
    fn on_candles(&mut self, _context: &mut Context<'_>, _closed: &[SeriesId]) {
        assert!(self.candles_left > 0, "the fuse is out");
        self.candles_left -= 1;
    }

    fn on_update(&mut self, _context: &mut Context<'_>, _update: &OrderUpdate) {}

    fn on_timer(&mut self, _context: &mut Context<'_>, _timer: TimerId) {}
}

#[test]
fn a_lane_that_panics_fails_alone() {
    let sets: [Settings; 3] = [&[], &[], &[]];
    let stages = stages("scenarios/quickstart.toml", &sets);
    let mut fuses = [u32::MAX, 5_000, u32::MAX].into_iter();
    let ends = Stage::run_lanes_with(&stages, Manner::default(), |_: &_, setup: &mut tapeline::strategy::Setup<'_>| {
        let instrument = setup.symbols()[0];
        setup.follow(instrument, setup.interval());
        Ok(Bomb { candles_left: fuses.next().unwrap() })
    });
    assert!(ends[0].is_ok() && ends[2].is_ok());
    let fault = ends[1].as_ref().unwrap_err();
    assert!(fault.to_string().contains("the fuse is out"), "{fault}");
    let trial = Trial::of(1, vec!["x".into()], &stages[1], &ends[1]);
    assert_eq!((trial.status, trial.fingerprint), (Status::Failed, None));
}

/// A folder with a small sweep of 160 trials.
fn small_sweep() -> Folder {
    let folder = Folder::new();
    let slow = "20,50,100,150,200,250,300,350,400,450,500,600,700,800,900,1000";
    let axes = format!("[sweep]\naxes = {{ fast = \"5..50:5\", slow = \"{slow}\" }}");
    folder.put("small.toml", small("candles = 60000", SMA_CROSS, &axes));
    folder
}

/// The bytes of what a finished sweep leaves: its trials and their daily returns, and no parts.
fn files(folder: &Folder, out: &str) -> Listing {
    let listing = listing(&folder.at(&folder.only(out)));
    let names: Vec<&str> = listing.keys().map(String::as_str).collect();
    assert_eq!(names, ["plan.toml", "report.html", "returns.parquet", "scenario.toml", "sweep.toml", "trials.parquet"]);
    listing
}

#[test]
fn killed_ten_times_and_resumed_a_sweep_writes_the_same_bytes() {
    let folder = small_sweep();
    folder.must(&["sweep", "small.toml", "--out", "whole", "--threads", "1"]);
    let whole = files(&folder, "whole");
    folder.kill_again_and_again(&["sweep", "small.toml", "--out", "cut", "--resume"], "cut", 10, (40, 17));
    folder.must(&["sweep", "small.toml", "--out", "cut", "--resume", "--threads", "2"]);
    assert!(files(&folder, "cut") == whole, "the files differ");
    assert!(folder.must(&["sweep", "small.toml", "--out", "cut"]).contains("nothing was changed"));
}

#[test]
fn a_trial_is_run_again_by_its_number() {
    let folder = small_sweep();
    let text = folder.must(&["sweep", "small.toml", "--where", "fast * 10 <= slow and slow < 400"]);
    let sweep = folder.only("sweeps");
    let again = text.lines().find_map(|line| line.split_once("tapeline run --trial ")).unwrap().1.to_owned();
    assert!(again.starts_with(&format!("{sweep}/")), "{again}");
    let shelf = Shelf::at(&folder.at(&sweep));
    let axes = shelf.file().unwrap().axes();
    let trials = shelf.trials(&axes).unwrap();
    assert!(trials.iter().all(|trial| trial.status == Status::Done && trial.values.len() == 2));
    let trial = trials.iter().find(|trial| again.ends_with(&format!("/{}", trial.number))).unwrap();
    let summary: serde_json::Value = serde_json::from_str(&folder.must(&["run", "--trial", &again, "--json"])).unwrap();
    assert_eq!(summary["fingerprint"].as_str(), trial.fingerprint.as_deref());
    let metrics = summary["metrics"].as_array().unwrap();
    for (column, key) in
        [("sharpe", "sharpe"), ("cagr", "cagr"), ("drawdown", "max_drawdown_candles"), ("trades", "trades")]
    {
        let row = metrics.iter().find(|row| row["key"] == key).unwrap();
        assert_eq!(row["value"].as_f64(), trial.get(column), "{column}");
    }
    for (column, key) in [("win_rate", "win_rate"), ("profit_factor", "profit_factor"), ("expectancy", "expectancy")] {
        let row = metrics.iter().find(|row| row["key"] == key).unwrap();
        let (single, swept) = (row["value"].as_f64().unwrap(), trial.get(column).unwrap());
        assert!((single - swept).abs() <= 1e-9 * single.abs(), "{column}: {single} and {swept}");
    }
}

#[test]
fn a_combination_that_the_strategy_does_not_allow_is_a_row_of_its_own() {
    let folder = small_sweep();
    let text = folder.must(&["sweep", "small.toml", "--set", "fast=10,60", "--set", "slow=50,100"]);
    assert!(text.contains("4 trials: 3 done, 1 invalid, 0 failed"), "{text}");
    let shelf = Shelf::at(&folder.at(&folder.only("sweeps")));
    let trials = shelf.trials(&shelf.file().unwrap().axes()).unwrap();
    let invalid = trials.iter().find(|trial| trial.status == Status::Invalid).unwrap();
    assert_eq!(invalid.values, ["60", "50"]);
    assert!(invalid.message.as_ref().unwrap().contains("fast (60) must be below slow (50)"));
}

#[test]
fn costs_and_policies_are_axes_as_well() {
    let folder = Folder::new();
    folder.put("small.toml", small("candles = 60000", SMA_CROSS, ""));
    let text =
        folder.must(&["sweep", "small.toml", "--set", "costs.slippage.basis_points=0,10,100", "--objective", "profit"]);
    let first = text.lines().nth(2).unwrap();
    assert!(first.trim_start().starts_with("0  "), "without slippage it earns most: {text}");
}

#[test]
fn draws_are_those_of_their_seed() {
    let axis = |name: &str, text: &str| Axis::parse(name, text).unwrap().unwrap();
    let grid = Grid::new(vec![axis("a", "1..100"), axis("b", "1..100")], 10_000).unwrap();
    let drawn = Search::Random { trials: 5, seed: 7 }.chosen(&grid, None).unwrap();
    assert_eq!(drawn, [553, 1_720, 4_271, 7_174, 9_636]);
}

#[test]
fn a_trial_is_stopped_where_its_rule_holds_and_is_not_ranked() {
    let folder = small_sweep();
    let rule = ["--stop-when", "drawdown > 0.2 or profit < -2000 and trades >= 200", "--checkpoints", "4"];
    let text = folder.must(&[&["sweep", "small.toml", "--out", "stopped"], &rule[..]].concat());
    folder.must(&["sweep", "small.toml", "--out", "whole"]);
    let trials = |out: &str| {
        let shelf = Shelf::at(&folder.at(&folder.only(out)));
        let (axes, returns) = (shelf.file().unwrap().axes(), shelf.returns().unwrap());
        (shelf.trials(&axes).unwrap(), returns)
    };
    let ((stopped, returns), (whole, _)) = (trials("stopped"), trials("whole"));
    let count = stopped.iter().filter(|trial| trial.status == Status::Stopped).count();
    assert!(count > 10 && count < stopped.len() - 10, "{count}");
    assert!(text.contains(&format!(", {count} stopped on the way and not ranked")), "{text}");
    assert_eq!(returns.len(), stopped.iter().filter(|trial| trial.status == Status::Done).count());
    for (trial, whole) in stopped.iter().zip(&whole) {
        if trial.status != Status::Stopped {
            assert_eq!(trial, whole, "what is not stopped is as it ever was");
            continue;
        }
        let numbers: Vec<f64> = trial.numbers.iter().flatten().copied().collect();
        assert_eq!((numbers.len(), trial.get("sharpe"), trial.fingerprint.as_ref()), (1, None, None));
        // The same up to the checkpoint, run alone, comes to what the message says.
        let at = Timestamp::from_nanos((trial.get("stopped_at").unwrap() * 1e9) as i64);
        let message = trial.message.as_deref().unwrap();
        let seen = message.split_once(": drawdown ").unwrap().1.split(',').next().unwrap().parse::<f64>().unwrap();
        if trial.number % 8 == 0 {
            let range = format!("..{at}");
            let of: Vec<String> = ["fast", "slow"].iter().zip(&trial.values).map(|(n, v)| format!("{n}={v}")).collect();
            let out = format!("run-{}", trial.number);
            let more = ["--timerange", range.as_str(), "--set", &of[0], "--set", &of[1]];
            let (_, summary) = folder.run("small.toml", &out, &more);
            let metrics = summary["metrics"].as_array().unwrap();
            let row = metrics.iter().find(|row| row["key"] == "max_drawdown_candles").unwrap();
            assert_eq!(row["value"].as_f64(), Some(seen), "{message}");
        }
    }
    let number = stopped.iter().find(|trial| trial.status == Status::Stopped).unwrap().number;
    let again = folder.must(&["run", "--trial", &format!("{}/{number}", folder.only("stopped"))]);
    assert!(again.contains("in its sweep this trial was stopped at"), "{again}");
    for threads in ["1", "3"] {
        let out = format!("again-{threads}");
        let more = ["--threads", threads, "--memory", "72"];
        folder.must(&[&["sweep", "small.toml", "--out", &out], &rule[..], &more].concat());
        assert!(files(&folder, &out) == files(&folder, "stopped"), "{threads} threads or fewer lanes differ");
    }
}

#[test]
fn memory_is_stated_beforehand_and_too_little_is_refused() {
    let folder = small_sweep();
    let line = |memory: &str| {
        let text = folder.must(&["sweep", "small.toml", "--estimate", "--threads", "2", "--memory", memory]);
        text.lines().find(|line| line.starts_with("memory ")).unwrap().to_owned()
    };
    assert!(line("4000").contains("of 4000, 64 sessions side by side"), "{}", line("4000"));
    let few = line("64");
    let lanes: usize = few.split(", ").nth(1).unwrap().split(' ').next().unwrap().parse().unwrap();
    let expected: u64 = few.split("up to ").nth(1).unwrap().split(' ').next().unwrap().parse().unwrap();
    assert!((1..64).contains(&lanes) && expected <= 64, "{few}");
    let done = folder.tapeline(&["sweep", "small.toml", "--threads", "2", "--memory", "50"]);
    assert_eq!((done.code, done.err.contains("more than the 50 MB that it may")), (2, true), "{}", done.err);
    assert!(!folder.at("sweeps").exists());
}

#[test]
fn what_makes_no_sense_is_refused() {
    let folder = small_sweep();
    let cases: [(&[&str], &str); 14] = [
        (&["--set", "fats=5..50"], "no desk has a parameter 'fats'"),
        (&["--set", "fast=50..5"], "50 is above 5"),
        (&["--where", "fast <"], "ends too soon"),
        (&["--where", "fats < 5"], "did you mean 'fast'?"),
        (&["--where", "fast < slw"], "no column 'slw'"),
        (&["--keep", "trade > 5"], "did you mean 'trades'?"),
        (&["--threads", "100000"], "--threads"),
        (&["--stop-when", "sharpe < 0"], "no column 'sharpe'"),
        (&["--stop-when", "drawdwn > 0.5"], "did you mean 'drawdown'?"),
        (&["--objective", "sharp"], "did you mean 'sharpe'?"),
        (&["--limit", "10"], "160 combinations (10 fast x 16 slow), more than 10"),
        (&["--search", "random"], "--trials"),
        (&["--set", "data.synthetic=1,2"], "data.synthetic"),
        (&["--keep", "trades"], "compares nothing"),
    ];
    for (arguments, says) in cases {
        let done = folder.tapeline(&[&["sweep", "small.toml"], arguments].concat());
        assert_eq!(done.code, 2, "{arguments:?}: {}{}", done.out, done.err);
        assert!(done.err.contains(says), "{arguments:?}: {}", done.err);
    }
    assert!(!folder.at("sweeps").exists(), "nothing was begun");
    let none = folder.tapeline(&["run", "--trial", "sweeps/none/3"]);
    assert_eq!((none.code, none.err.contains("name the folder of a sweep")), (2, true), "{}", none.err);
}
