//! `tapeline report`: the page of a finished run, made again from its files.

use super::print;
use crate::error::Result;
use crate::report::{self, Extent, Pace, Summary};
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
}

/// Runs the command.
pub(super) fn run(args: &ReportArgs) -> Result<u8> {
    let summary = Summary::read(&args.run)?;
    report::page::prepare();
    report::build(&args.run, if args.full { Extent::Full } else { Extent::Telling })?;
    print(&report::table(&summary, Pace::Unknown))?;
    print(&format!("report: {}\n", args.run.join("report.html").display()))?;
    Ok(0)
}
