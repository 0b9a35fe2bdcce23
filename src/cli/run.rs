//! `tapeline run`: a scenario becomes a session, the session a directory of files and a report.

use super::timing::{Timing, Watch, peak_memory_bytes};
use super::{print, progress};
use crate::catalog::{Book, Dossier, Entry, Manner, Market, Stage};
use crate::error::Result;
use crate::report::{self, Pace, Summary, Written};
use crate::scenario::{self, Overrides};
use clap::Args;
use std::path::{Path, PathBuf};

/// Arguments of `tapeline run`.
#[derive(Args, Debug)]
pub(super) struct RunArgs {
    /// The scenario, or the plan.toml of an earlier run
    scenario: PathBuf,
    /// Run this strategy on every desk instead of the scenario's
    #[arg(long, value_name = "NAME")]
    strategy: Option<String>,
    /// Change a parameter (fast=20), or any key of the scenario (costs.participation=off); repeatable
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
    /// Where run directories are made
    #[arg(long, value_name = "DIR", default_value = "reports")]
    out: PathBuf,
}

/// Runs the command.
pub(super) fn run(args: &RunArgs, book: &[Entry]) -> Result<u8> {
    let mut watch = Watch::start();
    let mut timing = Timing { format_version: 1, ..Timing::default() };
    let mut set: Vec<(String, String)> =
        args.set.iter().map(|text| Overrides::parse_set(text)).collect::<Result<_>>()?;
    if args.band {
        set.push(("output.band".to_owned(), "worst-best".to_owned()));
    }
    let overrides = Overrides { strategy: args.strategy.clone(), set, timerange: args.timerange.clone() };
    let plan = scenario::load(&args.scenario, &overrides, &Book(book))?;
    let spinner = progress::spinner("loading market data");
    let market = Market::load(&plan);
    spinner.finish_and_clear();
    let market = market?;
    let dossier = Dossier::of(&plan, &market);
    let place = dossier.place(&args.out);
    if report::is_run(&place) {
        let summary = Summary::read(&place)?;
        tell(args, &place, &summary, Pace::Unknown)?;
        if !args.json {
            print(&format!("{} holds this run already; nothing was changed\n", place.display()))?;
        }
        return Ok(0);
    }
    let stage = Stage::new(plan, market)?;
    timing.load_seconds = watch.lap();
    let bar = progress::candles();
    let finished = stage.run(
        book,
        Manner {
            watch: &|done, all| {
                bar.set_length(all);
                bar.set_position(done);
            },
            ..Manner::default()
        },
    );
    bar.finish_and_clear();
    let finished = finished?;
    timing.run_seconds = watch.lap();
    // The ends of the band are runs of their own over the same candles.
    let runs = if finished.band.is_some() { 3 } else { 1 };
    timing.candles_per_second = (runs * finished.outcome.candles) as f64 / timing.run_seconds.max(f64::MIN_POSITIVE);
    let (summary, written) = dossier.write(&place, &stage, &finished)?;
    if written == Written::New {
        report::build(&place)?;
        timing.write_seconds = watch.lap();
        timing.peak_memory_bytes = peak_memory_bytes();
        timing.write(&place)?;
    }
    tell(args, &place, &summary, Pace::CandlesPerSecond(timing.candles_per_second))?;
    if !args.json {
        print(&timing.line())?;
        print(&format!("report: {}\n", place.join("report.html").display()))?;
    }
    Ok(0)
}

fn tell(args: &RunArgs, place: &Path, summary: &Summary, pace: Pace) -> Result<()> {
    if !args.json {
        return print(&report::table(summary, pace));
    }
    let path = place.join(report::SUMMARY);
    let text = std::fs::read_to_string(&path).map_err(|error| crate::error::Fault::io("reading", &path, &error))?;
    print(&text)
}
