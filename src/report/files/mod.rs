//! A run's directory: written beside its place and renamed whole, so that half a run never exists.

mod curves;
mod fills;
mod near;
mod orders;
mod refusals;
mod schema;
mod trades;

pub use schema::{CellType, FILES};

use super::facts::RunFacts;
use super::summary::Summary;
use super::trail::Trail;
use crate::engine::Outcome;
use crate::error::{Fault, Result};
use std::fs::{self, File};
use std::path::Path;

/// What became of an attempt to write a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// The directory is new.
    New,
    /// The same run stood there already and was left as it is.
    AlreadyThere,
}

/// The file that a complete run always has.
pub const SUMMARY: &str = "summary.json";

/// Whether `directory` holds a run.
pub fn is_run(directory: &Path) -> bool {
    directory.join(SUMMARY).is_file()
}

/// Writes the files of a run to `directory`, unless a run stands there already. The report page is made from them
/// afterwards, by [`super::build`].
///
/// # Errors
/// When the place is taken by something that is no run, or cannot be written to.
pub fn write(directory: &Path, outcome: &Outcome, facts: &RunFacts<'_>, summary: &Summary) -> Result<Written> {
    if is_run(directory) {
        return Ok(Written::AlreadyThere);
    }
    if directory.exists() {
        return Err(Fault::user(format!("writing the run to {}: it exists and is no run", directory.display()))
            .remedy("move it away, or choose another place with --out"));
    }
    match place(directory, |draft| write_files(draft, outcome, facts, summary)) {
        Ok(()) => Ok(Written::New),
        // Another process was faster with the same run: its directory is as good as ours.
        Err(_) if is_run(directory) => Ok(Written::AlreadyThere),
        Err(fault) => Err(fault),
    }
}

/// Makes a directory whole or not at all: it is filled beside its place, brought onto the disk and renamed.
///
/// # Errors
/// When filling fails, or the disk refuses.
pub fn place(directory: &Path, fill: impl FnOnce(&Path) -> Result<()>) -> Result<()> {
    let parent = match directory.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        Some(_) | None => Path::new("."),
    };
    fs::create_dir_all(parent).map_err(|error| unwritable(parent, &error))?;
    let draft = draft_in(parent).map_err(|error| unwritable(parent, &error))?;
    fill(draft.path())?;
    sync_files(draft.path())?;
    fs::rename(draft.path(), directory).map_err(|error| Fault::io("moving what is finished to", directory, &error))?;
    let _moved = draft.keep();
    sync_folder(parent)
}

fn unwritable(parent: &Path, error: &std::io::Error) -> Fault {
    Fault::unwritable("making a place for the run in", parent, error)
        .remedy("choose a directory that can be written to with --out")
}

/// Brings every file of a directory, and their names, onto the disk: a run that stands in its place after a power cut
/// is whole.
fn sync_files(directory: &Path) -> Result<()> {
    let failed = |error: &std::io::Error| Fault::io("syncing the files of", directory, error);
    for entry in fs::read_dir(directory).map_err(|error| failed(&error))? {
        let sync = || File::options().write(true).open(entry?.path())?.sync_all();
        sync().map_err(|error| failed(&error))?;
    }
    sync_folder(directory)
}

/// Makes what was created and renamed in a folder outlast a power cut.
fn sync_folder(folder: &Path) -> Result<()> {
    let sync = || File::open(folder)?.sync_all();
    // Windows opens no folder as a file; its renames are ordered by the file system's own journal.
    if cfg!(windows) { Ok(()) } else { sync().map_err(|error| Fault::io("syncing", folder, &error)) }
}

fn write_files(directory: &Path, outcome: &Outcome, facts: &RunFacts<'_>, summary: &Summary) -> Result<()> {
    let trail = Trail::of(outcome, facts)?;
    trades::write(directory, outcome, facts, &trail)?;
    orders::write(directory, outcome, facts, &trail)?;
    fills::write(directory, outcome, facts, &trail)?;
    fills::write_lots(directory, outcome, facts)?;
    refusals::write(directory, outcome, facts)?;
    curves::write_equity(directory, outcome, facts)?;
    curves::write_prices(directory, facts)?;
    near::write_candles(directory, facts)?;
    near::write_indicators(directory, facts)?;
    if let Some(rows) = &outcome.every_candle {
        curves::write_every_candle(directory, rows, facts.currency().decimals)?;
    }
    let put = |name: &str, text: &str| {
        let path = directory.join(name);
        fs::write(&path, text).map_err(|error| Fault::io("writing", &path, &error))
    };
    put("plan.toml", facts.plan)?;
    put(SUMMARY, &summary.to_json())
}

/// A temporary directory is its owner's alone; a run is as readable as any other directory that the user makes.
#[cfg(unix)]
fn draft_in(parent: &Path) -> std::io::Result<tempfile::TempDir> {
    use std::os::unix::fs::PermissionsExt;
    tempfile::Builder::new().prefix(".run-").permissions(fs::Permissions::from_mode(0o777)).tempdir_in(parent)
}

#[cfg(not(unix))]
fn draft_in(parent: &Path) -> std::io::Result<tempfile::TempDir> {
    tempfile::Builder::new().prefix(".run-").tempdir_in(parent)
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
