//! `tapeline validate`: how much of a sweep's best result is luck.

use super::tried::{self, Noted, warned};
use super::{print, progress, report, wrapped};
use crate::catalog::Entry;
use crate::error::{Fault, Result};
use crate::metrics::Metric;
use crate::metrics::luck::walk_forward::Training;
use crate::report::page;
use crate::sweep::{Grid, Objective, Record, Scene, Shelf, Status, SweepFile, Trial};
use crate::validate::{
    Bands, CrossValidation, Division, Finding, HALVES, Half, Judgement, Measure, Perturbation, Perturbed, Replay,
    Replays, Request, VALIDATION, Walk,
};
use clap::{Args, ValueEnum};
use std::path::PathBuf;
use std::str::FromStr;

/// Arguments of `tapeline validate`.
#[derive(Args, Debug)]
pub(super) struct ValidateArgs {
    /// The folder of a finished sweep
    sweep: PathBuf,
    /// The column in which the best trial is best, at its own good end or at COLUMN:max, COLUMN:min
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
    /// Also choose on some groups of the days and trade the others, in every way so many of them can be tested: 10,2
    #[arg(long, value_name = "GROUPS,TESTED")]
    cross_validation: Option<Groups>,
    /// Days after a tested group that do not train [default: one in a hundred]
    #[arg(long, value_name = "DAYS", requires = "cross_validation")]
    embargo: Option<u32>,
    /// Also run so many of the best trials with every doubt of the candles decided against them, and for them
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    bands: Option<u32>,
    /// Also run the best trial on so many markets with perturbed candles
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    perturb: Option<u32>,
    /// How far closes are moved there, in median ranges of a candle
    #[arg(long, value_name = "RANGES", default_value_t = 0.5, value_parser = noise)]
    noise: f64,
    /// Print validation.json and nothing else on standard output
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum TrainingWord {
    Anchored,
    Rolling,
}

/// How days are grouped, as written.
#[derive(Clone, Copy, Debug)]
struct Groups {
    groups: usize,
    tested: usize,
}

impl FromStr for Groups {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        let numbers =
            text.split_once(',').and_then(|(groups, tested)| Some((groups.parse().ok()?, tested.parse().ok()?)));
        let (groups, tested) = numbers.ok_or("write the number of groups and how many are tested, such as 10,2")?;
        Ok(Groups { groups, tested })
    }
}

fn noise(text: &str) -> std::result::Result<f64, String> {
    let number = text.parse::<f64>().ok().filter(|number| (0.0..=10.0).contains(number));
    number.ok_or_else(|| "write a number from 0 to 10".to_owned())
}

/// Runs the command.
pub(super) fn run(args: &ValidateArgs, book: &[Entry]) -> Result<u8> {
    let objective = Objective::parse(&args.objective).map_err(|fault| fault.within("--objective"))?;
    // What cannot be measured is better said before anything is run.
    let measure = args.cross_validation.map(|_| Measure::of(objective)).transpose()?;
    let shelf = Shelf::open(&args.sweep)?;
    page::prepare();
    let file = shelf.file()?;
    let axes = file.axes();
    let returns = shelf.returns()?;
    let trials = shelf.trials(&axes)?;
    let Noted { snapshot, warning } = tried::note_sweep(&shelf, book);
    let warnings = Vec::from_iter(warning);
    let request = Request {
        objective,
        seed: args.seed,
        replications: args.replications as usize,
        sample_max: args.sample as usize,
        ledger: snapshot.as_ref(),
        warnings: &warnings,
    };
    let mut judgement = Judgement::of(&file.name, &axes, &trials, &returns, &request)?;
    if args.runs_again() {
        let numbers: Vec<u64> = trials.iter().map(|trial| trial.number).collect();
        let grid = Grid::new(axes, u64::MAX)?;
        let scenes = scenes(&shelf, &file, &grid, &numbers, book)?;
        let replay = Replay { scenes: &scenes, book, grid: &grid };
        let replays = args.replays(replay, &Record::of(&returns)?, &trials, judgement.best, (objective, measure))?;
        keep(&shelf, &replays)?;
        judgement = judgement.with(replays);
    }
    let text = serde_json::to_string_pretty(&judgement);
    let text = text.map_err(|error| Fault::failure(format!("writing {VALIDATION}: {error}")))? + "\n";
    shelf.put(HALVES, &Half::csv(&judgement.halves)?)?;
    shelf.put(VALIDATION, text.as_bytes())?;
    let made = report::leave(&shelf, None);
    if args.json {
        print(&text)?;
    } else {
        print(&table(&judgement))?;
        print(&format!("{}\n", shelf.place_of(VALIDATION)))?;
        print(&made)?;
    }
    Ok(0)
}

impl ValidateArgs {
    /// Whether anything that was asked for runs sessions.
    fn runs_again(&self) -> bool {
        self.walk_forward.is_some() || self.cross_validation.is_some() || self.bands.is_some() || self.perturb.is_some()
    }

    /// Runs again what was asked for.
    fn replays(
        &self,
        replay: Replay<'_>,
        record: &Record,
        trials: &[Trial],
        best: u64,
        (objective, measure): (Objective, Option<Measure>),
    ) -> Result<Replays> {
        let mut replays = Replays::default();
        if let (Some(training), Some(train), Some(test)) = (self.walk_forward, self.train, self.test) {
            let training = match training {
                TrainingWord::Anchored => Training::Anchored,
                TrainingWord::Rolling => Training::Rolling,
            };
            let done = trials.iter().filter(|trial| trial.status == Status::Done);
            let numbers: Vec<u64> = done.map(|trial| trial.number).collect();
            let (train, test) = (train as usize, test as usize);
            let walk = Walk { replay, numbers: &numbers, objective, training, train, test };
            replays.walk_forward = Some(during("walking forward", || walk.run(record))?);
        }
        if let (Some(Groups { groups, tested }), Some(measure)) = (self.cross_validation, measure) {
            let division = Division { groups, tested, embargo: self.embargo.map(|days| days as usize) };
            let found = during("cross-validating", || CrossValidation::of(&replay, record, division, measure));
            replays.cross_validation = Some(found?);
        }
        if let Some(count) = self.bands {
            let found = during("running worst and best", || Bands::of(&replay, trials, objective, count as usize));
            replays.bands = Some(found?);
        }
        if let Some(replications) = self.perturb {
            let perturbation =
                Perturbation { replications: replications as usize, amount: self.noise, seed: self.seed };
            replays.perturbed = Some(during("perturbing candles", || Perturbed::of(&replay, best, perturbation))?);
        }
        Ok(replays)
    }
}

/// Does something under a spinner.
fn during<T>(doing: &'static str, work: impl FnOnce() -> T) -> T {
    let spinner = progress::spinner(doing);
    let done = work();
    spinner.finish_and_clear();
    done
}

/// Puts the tables of what was run again beside the sweep.
fn keep(shelf: &Shelf, replays: &Replays) -> Result<()> {
    let mut files = Vec::new();
    if let Some(walked) = &replays.walk_forward {
        files.push(("walk-forward.csv", walked.windows_csv()));
        files.push(("walk-forward-returns.csv", walked.returns_csv()));
    }
    if let Some(crossed) = &replays.cross_validation {
        files.push(("cross-validation-splits.csv", crossed.splits_csv()));
        files.push(("cross-validation-paths.csv", crossed.paths_csv()));
    }
    files.extend(replays.bands.iter().map(|bands| ("bands.csv", bands.csv())));
    files.extend(replays.perturbed.iter().map(|perturbed| ("perturbed.csv", perturbed.csv())));
    files.into_iter().try_for_each(|(name, text)| shelf.put(name, text.as_bytes()).map(|_| ()))
}

/// The scenarios and the data that the sweep ran on, for each of its scenes.
fn scenes(shelf: &Shelf, file: &SweepFile, grid: &Grid, numbers: &[u64], book: &[Entry]) -> Result<Vec<Scene>> {
    let scenes = during("loading market data", || {
        let mut opened: Vec<Scene> = Vec::new();
        for (place, words) in file.scene.iter().enumerate() {
            opened.push(Scene::open(shelf.draft(words, book)?, &grid.spread(numbers, place), book, &opened)?);
        }
        Ok(opened)
    })?;
    if !scenes.iter().flat_map(|scene| &scene.data).eq(&file.data) {
        return Err(Fault::user("the data are not those that the sweep ran on")
            .remedy("sweep again: trials and what is run again have to see the same candles"));
    }
    Ok(scenes)
}

/// The judgement for people.
fn table(judgement: &Judgement) -> String {
    let parameters: Vec<String> = judgement.parameters.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let mut text = wrapped(
        &format!(
            "{}: {} trials, {} done, {} judged on {} days from {} to {}; trial {} ({}) has {} {}",
            judgement.name,
            judgement.trials,
            judgement.done,
            judgement.judged,
            judgement.days,
            judgement.first_day,
            judgement.last_day,
            judgement.best,
            parameters.join(", "),
            judgement.objective.end(),
            judgement.objective.name()
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
    judgement.warnings.iter().for_each(|warning| text.push_str(&warned(warning)));
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
