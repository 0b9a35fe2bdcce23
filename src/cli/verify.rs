//! `tapeline verify`: the plan of a finished run is run again, and every file compared bit by bit.

use super::{print, progress};
use crate::catalog::{Book, Dossier, ENGINE_VERSION, Entry, Manner, Market, Stage};
use crate::error::{Fault, Result};
use crate::report::{self, Summary};
use crate::scenario::{self, Overrides};
use clap::Args;
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// Arguments of `tapeline verify`.
#[derive(Args, Debug)]
pub(super) struct VerifyArgs {
    /// The directory of the run
    run: PathBuf,
}

/// Files that say how long things took, what else was tried, or are made from the others.
const NOT_COMPARED: &[&str] = &["timing.json", "report.html", crate::trial_ledger::SNAPSHOT];

/// Runs the command. Exit code 1 when anything differs.
pub(super) fn run(args: &VerifyArgs, book: &[Entry]) -> Result<u8> {
    if !report::is_run(&args.run) {
        return Err(Fault::user(format!("verifying {}: it holds no run", args.run.display()))
            .remedy("name a directory that `tapeline run` has written"));
    }
    let before = Summary::read(&args.run)?;
    let plan = scenario::load(&args.run.join("plan.toml"), &Overrides::default(), &Book(book))?;
    let spinner = progress::spinner("running the plan again");
    let market = Market::load(&plan)?;
    let dossier = Dossier::of(&plan, &market);
    let stage = Stage::new(plan, market)?;
    let again = stage.run(book, Manner::default())?;
    let place =
        tempfile::tempdir().map_err(|error| Fault::failure(format!("making a temporary directory: {error}")))?;
    let fresh = place.path().join("again");
    let (after, _) = dossier.write(&fresh, &stage, &again)?;
    spinner.finish_and_clear();
    let (same, differing) = compare(&args.run, &fresh)?;
    if differing.is_empty() {
        print(&format!("verified: {same} files are identical, fingerprint {}\n", after.fingerprint))?;
        return Ok(0);
    }
    let mut text = format!("{} differs from a run of its own plan:\n", args.run.display());
    for name in &differing {
        text.push_str(&format!("  {name}\n"));
    }
    text.push_str(&format!("fingerprint then {}, now {}\n", before.fingerprint, after.fingerprint));
    if before.engine_version != ENGINE_VERSION {
        text.push_str(&format!("engine then {}, now {ENGINE_VERSION}\n", before.engine_version));
    }
    for (was, (series, now)) in before.data.iter().zip(dossier.data_hashes()) {
        if was.content_hash != now {
            text.push_str(&format!("the data of {series} have changed: {} then, {now} now\n", was.content_hash));
        }
    }
    print(&text)?;
    Ok(1)
}

/// How many files are the same, and which are not.
fn compare(one: &Path, other: &Path) -> Result<(usize, Vec<String>)> {
    let names: BTreeSet<OsString> = names(one)?.union(&names(other)?).cloned().collect();
    let (mut same, mut differing) = (0, Vec::new());
    for name in names {
        let text = name.to_string_lossy().into_owned();
        if NOT_COMPARED.contains(&text.as_str()) {
            continue;
        }
        match (std::fs::read(one.join(&name)), std::fs::read(other.join(&name))) {
            (Ok(one), Ok(other)) if one == other => same += 1,
            (Ok(_), Ok(_)) => differing.push(text),
            (Ok(_), Err(_)) => differing.push(format!("{text} (only in the run)")),
            (Err(_), _) => differing.push(format!("{text} (missing in the run)")),
        }
    }
    Ok((same, differing))
}

fn names(directory: &Path) -> Result<BTreeSet<OsString>> {
    let entries = std::fs::read_dir(directory).map_err(|error| Fault::io("listing", directory, &error))?;
    entries
        .map(|entry| entry.map(|entry| entry.file_name()).map_err(|error| Fault::io("listing", directory, &error)))
        .collect()
}
