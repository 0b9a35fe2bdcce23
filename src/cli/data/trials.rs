//! `tapeline data trials`: what was ever tried on the data.

use super::super::{counted, print};
use crate::domain::{Span, Timestamp};
use crate::error::{Fault, Result};
use crate::trial_ledger::{DataSetLine, FILE, TrialLedger};
use clap::Args;
use std::path::PathBuf;

/// Arguments of `tapeline data trials`.
#[derive(Args, Debug)]
pub struct TrialsArgs {
    /// Folder of the store
    #[arg(long, default_value = "data")]
    pub root: PathBuf,
}

/// Runs the command.
pub(super) fn run(args: &TrialsArgs) -> Result<u8> {
    let path = args.root.join(FILE);
    if !path.is_file() {
        return Err(Fault::user(format!("there is no trial ledger {}", path.display()))
            .remedy("runs and sweeps on a store begin one; name the store with --root"));
    }
    let lines = TrialLedger::open(&path)?.lines()?;
    let mut text = String::new();
    for line in &lines {
        text.push_str(&shown(line));
    }
    print(&text)?;
    Ok(0)
}

fn shown(line: &DataSetLine) -> String {
    let day = |day: i64| Timestamp::from_nanos(day.saturating_mul(Span::DAY.nanos())).date();
    let all: u64 = line.trials.iter().map(|(_, count)| count).sum();
    let (from, to) = (day(line.from_day), day(line.to_day - 1));
    let mut text = format!("{}: {} from {from} to {to}\n", line.name, counted(all, "distinct trial"));
    for (strategies, count) in &line.trials {
        text.push_str(&format!("  {strategies}: {count}\n"));
    }
    text
}
