//! `tapeline report`: the page of a finished run or of a sweep, made again from its files.

use super::{print, run};
use crate::catalog::Entry;
use crate::error::{Fault, Result};
use crate::report::{self, Extent, MetricsProfile, Pace, Summary};
use crate::scenario::is_address;
use crate::sweep::{Found, Objective, Shelf};
use crate::sweep_report::{self, REPORT, RUNS};
use clap::Args;
use std::path::{Path, PathBuf};

/// Arguments of `tapeline report`.
#[derive(Args, Debug)]
pub(super) struct ReportArgs {
    /// The directory of the run, or of the sweep
    run: PathBuf,
    /// Of a run: show every trade and every candle around one, however large the page becomes
    #[arg(long)]
    full: bool,
    /// Of a run: show the metrics of another library as well, by that library's own definitions
    #[arg(long, value_enum, value_name = "LIBRARY")]
    metrics_profile: Option<MetricsProfile>,
    /// Of a run: print the summary, or the other library's metrics where one is named, as JSON
    #[arg(long)]
    json: bool,
    /// Of a sweep: also make the whole reports of so many of the best trials, and link them
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000))]
    top: Option<u32>,
    /// Of a sweep: the column in which the best trial is best, at its own good end or at COLUMN:max, COLUMN:min
    #[arg(long, value_name = "COLUMN")]
    objective: Option<String>,
}

/// Runs the command.
pub(super) fn run(args: &ReportArgs, book: &[Entry]) -> Result<u8> {
    let shelf = Shelf::open(&args.run)?;
    if shelf.found() != Found::Nothing {
        return of_sweep(args, &shelf, book);
    }
    if args.top.is_some() || args.objective.is_some() {
        return Err(Fault::user(format!(
            "{} holds no sweep: --top and --objective are for sweeps",
            args.run.display()
        ))
        .remedy("name the folder of a sweep, such as sweeps/quickstart-1a2b3c4d5e6f"));
    }
    let summary = Summary::read(&args.run)?;
    report::page::prepare();
    report::build(&args.run, if args.full { Extent::Full } else { Extent::Telling }, args.metrics_profile)?;
    if args.json {
        return print(&match args.metrics_profile {
            Some(profile) => report::profile_json(&args.run, &summary, profile)?,
            None => summary.to_json(),
        })
        .map(|()| 0);
    }
    print(&report::table(&summary, Pace::Unknown))?;
    if let Some(profile) = args.metrics_profile {
        print(&report::profile_table(&args.run, &summary, profile)?)?;
    }
    print(&format!("report: {}\n", args.run.join(REPORT).display()))?;
    Ok(0)
}

fn of_sweep(args: &ReportArgs, shelf: &Shelf, book: &[Entry]) -> Result<u8> {
    if args.full || args.json || args.metrics_profile.is_some() {
        return Err(Fault::user(format!(
            "{} holds a sweep: --full, --json and --metrics-profile are for runs",
            args.run.display()
        ))
        .remedy("leave them out, or name the directory of a run"));
    }
    let objective = args.objective.as_deref().map(Objective::parse).transpose();
    let objective = objective.map_err(|fault| fault.within("--objective"))?;
    report::page::prepare();
    if let Some(top) = args.top {
        best(&args.run, shelf, objective, top as usize, book)?;
    }
    sweep_report::build(shelf, objective)?;
    print(&line(shelf))?;
    Ok(0)
}

/// Runs the best trials again, each with its report, into the sweep's folder.
fn best(place: &Path, shelf: &Shelf, objective: Option<Objective>, top: usize, book: &[Entry]) -> Result<()> {
    if is_address(place) {
        return Err(Fault::user(format!(
            "--top: {} is in an object store, and reports are written to this machine's disk",
            place.display()
        ))
        .remedy("run the trials one by one: tapeline run --trial SWEEP/NUMBER"));
    }
    let (trials, ranked) = sweep_report::ranked(shelf, objective)?;
    for trial in ranked.iter().take(top).map(|place| &trials[*place]) {
        let out = shelf.folder().join(RUNS).join(trial.number.to_string());
        if sweep_report::run_of(&out, trial)?.is_none() {
            let made = run::trial(shelf, trial, &out, book)?;
            print(&format!("report of trial {}: {}\n", trial.number, made.join(REPORT).display()))?;
        }
    }
    Ok(())
}

/// Leaves the page beside a sweep that is whole without it, and gives the line that says where. That it cannot be made is
/// told and is no more than that.
pub(super) fn leave(shelf: &Shelf, objective: Option<Objective>) -> String {
    match sweep_report::build(shelf, objective) {
        Ok(()) => line(shelf),
        Err(fault) => {
            eprintln!("warning: {REPORT} was not made, all else is there; `tapeline report` makes it: {fault}");
            String::new()
        }
    }
}

fn line(shelf: &Shelf) -> String {
    format!("report: {}\n", shelf.place_of(REPORT))
}
