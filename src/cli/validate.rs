//! `tapeline validate`: how much of a sweep's best result is luck.

use super::{print, progress, tried, wrapped};
use crate::catalog::Entry;
use crate::error::{Fault, Result};
use crate::metrics::Metric;
use crate::metrics::luck::walk_forward::Training;
use crate::sweep::{COLUMNS, Grid, Record, Scene, Settings, Shelf, Status, SweepFile, unknown};
use crate::validate::{Finding, Judgement, Request, VALIDATION, Walk};
use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// Arguments of `tapeline validate`.
#[derive(Args, Debug)]
pub(super) struct ValidateArgs {
    /// The folder of a finished sweep
    sweep: PathBuf,
    /// The column of which the best trial has most
    #[arg(long, value_name = "COLUMN", default_value = "sharpe")]
    objective: String,
    /// Seed of the sample of trials that is clustered and of the resamples
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many resamples are drawn
    #[arg(long, value_name = "N", default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(100..=1_000_000))]
    replications: u32,
    /// How many trials are clustered at most; time grows with the third power
    #[arg(long, value_name = "N", default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(2..=10_000))]
    sample: u32,
    /// Also choose on the past and trade what comes next, again and again: training grows, or keeps its length
    #[arg(long, value_name = "TRAINING", requires = "train", requires = "test")]
    walk_forward: Option<TrainingWord>,
    /// Days to choose on; when anchored, at first
    #[arg(long, value_name = "DAYS", requires = "walk_forward", value_parser = clap::value_parser!(u32).range(1..))]
    train: Option<u32>,
    /// Days to trade before the next choice
    #[arg(long, value_name = "DAYS", requires = "walk_forward", value_parser = clap::value_parser!(u32).range(1..))]
    test: Option<u32>,
    /// Print validation.json and nothing else on standard output
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum TrainingWord {
    Anchored,
    Rolling,
}

/// Runs the command.
pub(super) fn run(args: &ValidateArgs, book: &[Entry]) -> Result<u8> {
    if !COLUMNS.iter().any(|column| column.name == args.objective) {
        return Err(unknown(&args.objective, COLUMNS.iter().map(|column| column.name)).within("--objective"));
    }
    let shelf = Shelf::at(&args.sweep);
    let file = shelf.file()?;
    let axes = file.axes();
    let returns = shelf.returns()?;
    let trials = shelf.trials(&axes)?;
    let ledger = tried::note_sweep(&shelf, book);
    let request = Request {
        objective: &args.objective,
        seed: args.seed,
        replications: args.replications as usize,
        sample_max: args.sample as usize,
        ledger: ledger.as_ref(),
    };
    let mut judgement = Judgement::of(&file.name, &axes, &trials, &returns, &request)?;
    if let (Some(training), Some(train), Some(test)) = (args.walk_forward, args.train, args.test) {
        let training = match training {
            TrainingWord::Anchored => Training::Anchored,
            TrainingWord::Rolling => Training::Rolling,
        };
        let numbers: Vec<u64> =
            trials.iter().filter(|trial| trial.status == Status::Done).map(|trial| trial.number).collect();
        let grid = Grid::new(axes, u64::MAX)?;
        let scene = scene(&shelf, &file, &grid.spread(&numbers, 0), book)?;
        let walk = Walk {
            stage: &scene.stage,
            draft: &scene.draft,
            book,
            grid: &grid,
            numbers: &numbers,
            objective: &args.objective,
            training,
            train: train as usize,
            test: test as usize,
        };
        let walked = walk.run(&Record::of(&returns)?)?;
        shelf.put(WINDOWS, walked.windows_csv().as_bytes())?;
        shelf.put(WALKED_RETURNS, walked.returns_csv().as_bytes())?;
        judgement = judgement.with(walked);
    }
    let text = serde_json::to_string_pretty(&judgement);
    let text = text.map_err(|error| Fault::failure(format!("writing {VALIDATION}: {error}")))? + "\n";
    let place = shelf.put(VALIDATION, text.as_bytes())?;
    if args.json {
        print(&text)?;
    } else {
        print(&table(&judgement))?;
        print(&format!("{}\n", place.display()))?;
    }
    Ok(0)
}

/// The windows of walking forward.
const WINDOWS: &str = "walk-forward.csv";
/// Their joined returns.
const WALKED_RETURNS: &str = "walk-forward-returns.csv";

/// The scenario and the data that the sweep ran on.
fn scene(shelf: &Shelf, file: &SweepFile, combinations: &[Settings], book: &[Entry]) -> Result<Scene> {
    let [scene] = &file.scene[..] else {
        return Err(Fault::user(format!("walking forward: the sweep has {} scenes", file.scene.len()))
            .remedy("sweep one scenario, one symbol and one period"));
    };
    let draft = shelf.draft(scene, book)?;
    let spinner = progress::spinner("loading market data");
    let scene = Scene::open(draft, combinations, book, &[]);
    spinner.finish_and_clear();
    let scene = scene?;
    if scene.data != file.data {
        return Err(Fault::user("the data are not those that the sweep ran on")
            .remedy("sweep again: trials and walking forward have to see the same candles"));
    }
    Ok(scene)
}

/// The judgement for people.
fn table(judgement: &Judgement) -> String {
    let parameters: Vec<String> = judgement.parameters.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let mut text = wrapped(
        &format!(
            "{}: {} trials, {} done, {} judged on {} days from {} to {}; trial {} ({}) has most {}",
            judgement.name,
            judgement.trials,
            judgement.done,
            judgement.judged,
            judgement.days,
            judgement.first_day,
            judgement.last_day,
            judgement.best,
            parameters.join(", "),
            judgement.objective
        ),
        "",
    );
    text.push('\n');
    for finding in &judgement.findings {
        text.push_str(&format!("\n{:<28}{}\n", finding.label, shown(finding)));
        text.push_str(&wrapped(&finding.meaning, "  "));
        text.push('\n');
    }
    text.push('\n');
    text.push_str(&wrapped(&format!("verdict: {}", judgement.verdict.text), ""));
    text.push('\n');
    text
}

fn shown(finding: &Finding) -> String {
    let value = match finding.value {
        Metric::Value(value) => match finding.unit {
            "count" | "days" => format!("{value:.1}"),
            _ => format!("{value:.4}"),
        },
        Metric::Undefined(reason) => format!("n/a ({reason})"),
    };
    let held = match (finding.bound, finding.passes()) {
        (Some(bound), Some(true)) => format!("  holds: {}", bound.words()),
        (Some(bound), Some(false)) => format!("  FAILS: {}", bound.words()),
        (Some(bound), None) => format!("  not known: {}", bound.words()),
        (None, _) => String::new(),
    };
    value + &held
}
