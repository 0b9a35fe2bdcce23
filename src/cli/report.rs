//! `tapeline report`: the page of a finished run, made again from its files.

use super::print;
use crate::error::Result;
use crate::report::{self, Extent, MetricsProfile, Pace, Summary};
use clap::Args;
use std::path::PathBuf;

/// Arguments of `tapeline report`.
#[derive(Args, Debug)]
pub(super) struct ReportArgs {
    /// The directory of the run
    run: PathBuf,
    /// Show every trade and every candle around one, however large the page becomes
    #[arg(long)]
    full: bool,
    /// Show the metrics of another library as well, by that library's own definitions
    #[arg(long, value_enum, value_name = "LIBRARY")]
    metrics_profile: Option<MetricsProfile>,
    /// Print the summary, or the other library's metrics where one is named, as JSON
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub(super) fn run(args: &ReportArgs) -> Result<u8> {
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
    print(&format!("report: {}\n", args.run.join("report.html").display()))?;
    Ok(0)
}
