//! `tapeline run`: a scenario becomes a session, the session a directory of files and a report.

use super::timing::{Timing, Watch, peak_memory_bytes};
use super::{print, progress, tried};
use crate::catalog::{self, Book, Dossier, Entry, Manner, Market, Run, Stage};
use crate::error::{Fault, Result};
use crate::report::{self, MetricsProfile, Pace, Summary, Written};
use crate::scenario::{Draft, Overrides, Plan, is_address};
use crate::sweep::{Grid, Settings, Shelf, Status, Trial};
use clap::Args;
use std::path::{Path, PathBuf};

/// Arguments of `tapeline run`.
#[derive(Args, Debug)]
pub(super) struct RunArgs {
    /// The scenario, or the plan.toml of an earlier run
    #[arg(required_unless_present = "trial")]
    scenario: Option<PathBuf>,
    /// Run a trial of a sweep again, with its report: the sweep's folder, a slash and the trial's number
    #[arg(long, value_name = "SWEEP/NUMBER", conflicts_with = "scenario")]
    trial: Option<PathBuf>,
    /// Run this strategy on every desk instead of the scenario's
    #[arg(long, value_name = "NAME")]
    strategy: Option<String>,
    /// Change a parameter (fast=20), or any key of the scenario (costs.participation=off); repeatable.
    /// policy.profile=NAME follows another engine to compare with it: backtesting.py, vectorbt (a cheat: fills at the
    /// close that it decides on), freqtrade, tradingview (unverified)
    #[arg(long, value_name = "NAME=VALUE")]
    set: Vec<String>,
    /// The traded period: 20240101-20240601, 20240101- or -20240601; warm-up comes before it
    #[arg(long, value_name = "FROM-TO", allow_hyphen_values = true)]
    timerange: Option<String>,
    /// Also run with every doubt decided against the account, and for it, and report the interval
    #[arg(long)]
    band: bool,
    /// Print summary.json and nothing else on standard output
    #[arg(long)]
    json: bool,
    /// Show the metrics of another library as well, by that library's own definitions
    #[arg(long, value_enum, value_name = "LIBRARY", conflicts_with = "json")]
    metrics_profile: Option<MetricsProfile>,
    /// Where run directories are made
    #[arg(long, value_name = "DIR", default_value = "reports")]
    out: PathBuf,
}

/// Runs the command.
pub(super) fn run(args: &RunArgs, book: &[Entry]) -> Result<u8> {
    if is_address(&args.out) {
        return Err(Fault::user(format!("--out {}: reports are written to this machine's disk", args.out.display()))
            .remedy("name a folder, and copy the report from there"));
    }
    let mut watch = Watch::start();
    let mut timing = Timing { format_version: 1, ..Timing::default() };
    let mut set: Vec<(String, String)> =
        args.set.iter().map(|text| Overrides::parse_set(text)).collect::<Result<_>>()?;
    if args.band {
        set.push(("output.band".to_owned(), "worst-best".to_owned()));
    }
    let overrides =
        Overrides { strategy: args.strategy.clone(), set, timerange: args.timerange.clone(), ..Overrides::default() };
    let trial = args.trial.as_deref().map(|place| KnownTrial::find(place, book)).transpose()?;
    let plan = match (&args.scenario, &trial) {
        (_, Some(trial)) => trial.draft.plan(&trial.with(overrides), &Book(book))?,
        (Some(scenario), None) => catalog::plan(scenario, &overrides, &Book(book))?,
        (None, None) => unreachable!("one of both is required"),
    };
    let market = loaded(&plan)?;
    let dossier = Dossier::of(&plan, &market);
    let place = dossier.place(&args.out);
    let is_as_swept = args.set.is_empty() && args.strategy.is_none() && args.timerange.is_none();
    let swept = trial.as_ref().filter(|_| is_as_swept);
    if report::is_run(&place) {
        let summary = Summary::read(&place)?;
        swept.map_or(Ok(()), |trial| trial.compare(&summary.fingerprint))?;
        tell(args, &place, &summary, Pace::Unknown)?;
        if !args.json {
            print(&format!("{} holds this run already; nothing was changed\n", place.display()))?;
        }
        return Ok(0);
    }
    report::page::prepare();
    let stage = Stage::new(plan, market)?;
    timing.load_seconds = watch.lap();
    let finished = watched(&stage, book)?;
    timing.run_seconds = watch.lap();
    swept.map_or(Ok(()), |trial| trial.compare(&format!("{:032x}", finished.outcome.fingerprint)))?;
    // The ends of the band are runs of their own over the same candles.
    let runs = if finished.band.is_some() { 3 } else { 1 };
    timing.candles_per_second = (runs * finished.outcome.candles) as f64 / timing.run_seconds.max(f64::MIN_POSITIVE);
    let (summary, written) = dossier.write(&place, &stage, &finished)?;
    if written == Written::AlreadyThere && args.metrics_profile.is_some() {
        report::build(&place, report::Extent::Telling, args.metrics_profile)?;
    }
    if written == Written::New {
        report::build(&place, report::Extent::Telling, args.metrics_profile)?;
        tried::note_run(&stage, &dossier.data_hashes(), &finished.outcome, &place);
        timing.write_seconds = watch.lap();
        timing.peak_memory_bytes = peak_memory_bytes();
        timing.write(&place)?;
    }
    tell(args, &place, &summary, Pace::CandlesPerSecond(timing.candles_per_second))?;
    if let (Some(stopped), false) = (swept.and_then(|trial| trial.stopped.as_ref()), args.json) {
        print(&format!("in its sweep this trial was {stopped}; here it ran to its end\n"))?;
    }
    if !args.json {
        print(&timing.line())?;
        print(&format!("report: {}\n", place.join("report.html").display()))?;
    }
    Ok(0)
}

/// Runs a trial of a sweep again into `out`, with its report, and gives its directory. The trial ledger knows of it already.
pub(super) fn trial(shelf: &Shelf, trial: &Trial, out: &Path, book: &[Entry]) -> Result<PathBuf> {
    let trial = KnownTrial::of(shelf, trial, book)?;
    let plan = trial.draft.plan(&trial.with(Overrides::default()), &Book(book))?;
    let market = loaded(&plan)?;
    let dossier = Dossier::of(&plan, &market);
    let stage = Stage::new(plan, market)?;
    let finished = watched(&stage, book)?;
    trial.compare(&format!("{:032x}", finished.outcome.fingerprint))?;
    let directory = dossier.place(out);
    dossier.write(&directory, &stage, &finished)?;
    report::build(&directory, report::Extent::Telling, None)?;
    Ok(directory)
}

fn loaded(plan: &Plan) -> Result<Market> {
    let spinner = progress::spinner("loading market data");
    let market = Market::load(plan);
    spinner.finish_and_clear();
    market
}

/// Runs a session under a bar.
fn watched(stage: &Stage, book: &[Entry]) -> Result<Run> {
    let bar = progress::candles();
    let watch = |done, all| {
        bar.set_length(all);
        bar.set_position(done);
    };
    let finished = stage.run(book, Manner { watch: &watch, ..Manner::default() });
    bar.finish_and_clear();
    finished
}

fn tell(args: &RunArgs, place: &Path, summary: &Summary, pace: Pace) -> Result<()> {
    if !args.json {
        print(&report::table(summary, pace))?;
        return args.metrics_profile.map_or(Ok(()), |profile| print(&report::profile_table(place, summary, profile)?));
    }
    let path = place.join(report::SUMMARY);
    let text = std::fs::read_to_string(&path).map_err(|error| crate::error::Fault::io("reading", &path, &error))?;
    print(&text)
}

/// A trial that is to be run again.
struct KnownTrial {
    name: String,
    draft: Draft,
    settings: Settings,
    fingerprint: Option<String>,
    /// Why it was not run to its end in the sweep.
    stopped: Option<String>,
}

impl KnownTrial {
    fn find(place: &Path, book: &[Entry]) -> Result<Self> {
        let number = place.file_name().and_then(|name| name.to_str()).and_then(|name| name.parse::<u64>().ok());
        let (Some(number), Some(folder)) = (number, place.parent()) else {
            return Err(Fault::user(format!("--trial {}: no number of a trial", place.display()))
                .remedy("write the sweep's folder, a slash and the trial's number, such as sweeps/mine-1a2b3c/17"));
        };
        let shelf = Shelf::open(folder)?;
        let trials = shelf.trials(&shelf.file()?.axes())?;
        let place = trials.binary_search_by_key(&number, |trial| trial.number).map_err(|_| {
            Fault::user(format!("{} has no trial {number}", folder.display()))
                .remedy("its trials.parquet lists them; a sweep under way has those of its finished parts")
        })?;
        KnownTrial::of(&shelf, &trials[place], book)
    }

    /// A trial of the sweep in this folder.
    fn of(shelf: &Shelf, trial: &Trial, book: &[Entry]) -> Result<Self> {
        let (file, number) = (shelf.file()?, trial.number);
        let grid = Grid::new(file.axes(), u64::MAX)?;
        let scene = file.scene.get(grid.scene(number)).ok_or_else(|| {
            Fault::user(format!("{}: sweep.toml names no scene for trial {number}", shelf.place()))
                .remedy("sweep again into another folder")
        })?;
        Ok(KnownTrial {
            name: format!("{}/{number}", shelf.place().trim_end_matches('/')),
            draft: shelf.draft(scene, book)?,
            settings: grid.settings(number),
            fingerprint: trial.fingerprint.clone(),
            stopped: trial.message.clone().filter(|_| trial.status == Status::Stopped),
        })
    }

    /// The trial's settings, then those of the command line.
    fn with(&self, overrides: Overrides) -> Overrides {
        Overrides { set: self.settings.iter().cloned().chain(overrides.set).collect(), ..overrides }
    }

    /// The same plan on the same data gives the same fingerprint.
    fn compare(&self, now: &str) -> Result<()> {
        match &self.fingerprint {
            Some(then) if then != now => Err(Fault::failure(format!(
                "trial {} had the fingerprint {then} in its sweep and has {now} now: its data or the engine changed",
                self.name
            ))
            .remedy("sweep again; `tapeline data check` tells whether the data are as they were")),
            Some(_) | None => Ok(()),
        }
    }
}
