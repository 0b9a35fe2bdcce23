//! What a sweep or a run tried goes into the trial ledger beside the data; what the ledger then says, beside the sweep or
//! the run.

use super::{print, wrapped};
use crate::catalog::{Book, Entry, Stage};
use crate::domain::Timestamp;
use crate::engine::Outcome;
use crate::error::{Fault, Result};
use crate::metrics::DAYS_PER_YEAR;
use crate::metrics::sharpe::sharpe;
use crate::scenario::{Draft, Overrides, Plan};
use crate::sweep::{DailyReturns, Grid, Keeps, SceneWords, Shelf, Status, SweepFile, Trial};
use crate::trial_ledger::{Identity, SNAPSHOT, Scope, Snapshot, TrialEntry, TrialLedger, Unkept, identity, place};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// What the trial ledger says of a sweep.
pub(super) struct Noted {
    /// What it counts; none where it was never asked.
    pub snapshot: Option<Snapshot>,
    /// What whoever reads a judgement has to know about that.
    pub warning: Option<&'static str>,
}

/// Beside what was found about data in an object store.
const UNCOUNTED: &str = "data in an object store have no trial ledger: what else was tried on them is not counted, so the deflated Sharpe ratio knows this sweep's trials alone";

/// Beside what was found while the ledger could not be read or written.
const UNREADABLE: &str = "the trial ledger could not be asked: what else was tried on these data is not counted, so the deflated Sharpe ratio knows this sweep's trials alone";

/// Notes the trials of a finished sweep and leaves a snapshot in its folder. A failure is told and is no more than that:
/// the sweep itself is whole. Then, as for data without a ledger, what was left there before counts.
pub(super) fn note_sweep(shelf: &Shelf, book: &[Entry]) -> Noted {
    let before = || told(Snapshot::read(shelf.folder())).flatten();
    let (snapshot, warning) = match try_note_sweep(shelf, book) {
        Ok(Ok(snapshot)) => (Some(snapshot), None),
        Ok(Err(Unkept::OwnMarket)) => (before(), None),
        Ok(Err(Unkept::ObjectStore)) => (before(), Some(UNCOUNTED)),
        Err(fault) => {
            told::<()>(Err(fault));
            (before(), Some(UNREADABLE))
        }
    };
    Noted { warning: warning.filter(|_| snapshot.is_none()), snapshot }
}

/// The same for a sweep that is not judged: only the warning is printed.
pub(super) fn note_and_warn(shelf: &Shelf, book: &[Entry]) -> Result<()> {
    note_sweep(shelf, book).warning.map_or(Ok(()), |warning| print(&warned(warning)))
}

/// A warning on lines of its own.
pub(super) fn warned(warning: &str) -> String {
    wrapped(&format!("warning: {warning}"), "") + "\n"
}

/// Notes a finished run and leaves a snapshot in its folder; a failure is told and is no more than that.
pub(super) fn note_run(stage: &Stage, data: &[(String, String)], outcome: &Outcome, folder: &Path) {
    told(try_note_run(stage, data, outcome, folder));
}

/// A result, or a warning on standard error.
fn told<T>(result: Result<T>) -> Option<T> {
    result.map_err(|fault| eprintln!("warning: the trial ledger does not know of this: {fault}")).ok()
}

fn try_note_sweep(shelf: &Shelf, book: &[Entry]) -> Result<std::result::Result<Snapshot, Unkept>> {
    let file = shelf.file()?;
    let grid = Grid::new(file.axes(), u64::MAX)?;
    let trials: Vec<Trial> = shelf.trials(&grid.axes)?.into_iter().filter(is_a_try).collect();
    let (mut tried, mut unkept) = (Vec::<Tried>::new(), Unkept::OwnMarket);
    for of_scene in trials.chunk_by(|one, other| grid.scene(one.number) == grid.scene(other.number)) {
        let draft = shelf.draft(scene_of(&file, &grid, of_scene[0].number)?, book)?;
        let known = |trial: &Trial| Tried::of(trial, &draft, &grid, &file, book);
        for found in of_scene.par_iter().map(known).collect::<Result<Vec<_>>>()? {
            match found {
                Ok(found) => tried.push(found),
                Err(why) => unkept = why,
            }
        }
    }
    let Some(first) = tried.first() else { return Ok(Err(unkept)) };
    let mut ledger = TrialLedger::open(&first.ledger.clone())?;
    let mut wanted = BTreeSet::new();
    for same in tried.chunk_by(|one, other| one.data == other.data) {
        let identities = same.iter().map(|tried| tried.entry.identity).collect();
        wanted.extend(ledger.wanted(&Scope::of(&same[0].data, 0, 0), identities)?);
    }
    let mut sample = BTreeMap::new();
    match file.keeps() {
        Keeps::Returns => shelf.each_returns(|row| {
            let Ok(place) = tried.binary_search_by_key(&row.trial, |tried| tried.number) else { return };
            let entry = &mut tried[place].entry;
            entry.traded(&row);
            if wanted.contains(&entry.identity) {
                sample.insert(entry.identity, row);
            }
        })?,
        Keeps::TrialsOnly => {}
    }
    for same in tried.chunk_by(|one, other| one.data == other.data) {
        let entries: Vec<TrialEntry> = same.iter().map(|tried| tried.entry.clone()).collect();
        let kept = entries.iter().filter_map(|entry| sample.remove_entry(&entry.identity)).collect::<Vec<_>>();
        ledger.note(&Scope::of(&same[0].data, 0, 0), &entries, &kept)?;
    }
    let from_day = tried.iter().map(|tried| tried.entry.from_day).min().unwrap_or(0);
    let to_day = tried.iter().map(|tried| tried.entry.to_day).max().unwrap_or(0);
    let snapshot = Snapshot::of(&ledger, &Scope::of(&file.data, from_day, to_day))?;
    shelf.put(SNAPSHOT, snapshot.to_json().as_bytes())?;
    Ok(Ok(snapshot))
}

/// A trial that was stopped on its way was tried all the same; one that failed, or is not allowed, was not.
fn is_a_try(trial: &Trial) -> bool {
    match trial.status {
        Status::Done | Status::Stopped => true,
        Status::Invalid | Status::Failed => false,
    }
}

/// A trial of a sweep on its way into the ledger.
struct Tried {
    number: u64,
    /// Its data by series and the hash of their content.
    data: Vec<(String, String)>,
    /// Where its ledger lies.
    ledger: PathBuf,
    entry: TrialEntry,
}

impl Tried {
    /// A trial as the sweep's own files tell it, or why its data have no ledger.
    fn of(
        trial: &Trial,
        draft: &Draft,
        grid: &Grid,
        file: &SweepFile,
        book: &[Entry],
    ) -> Result<std::result::Result<Self, Unkept>> {
        let overrides = Overrides { set: grid.settings(trial.number), ..Overrides::default() };
        let plan = draft.plan(&overrides, &Book(book))?;
        let ledger = match place(&plan) {
            Ok(ledger) => ledger,
            Err(why) => return Ok(Err(why)),
        };
        // Where scenes differ in their periods the sweep has one series with several contents: then all of them count.
        let names: Vec<String> = plan.instruments.iter().map(|one| format!("{}/{}", one.venue, one.symbol)).collect();
        let mut data: Vec<(String, String)> = Vec::new();
        for of in file.data.iter().filter(|(series, _)| names.contains(series)) {
            if !data.contains(of) {
                data.push(of.clone());
            }
        }
        let daily = trial.get("sharpe").map(|annual| annual / DAYS_PER_YEAR.sqrt());
        let entry = TrialEntry::without_returns(identity(&plan, &data), &plan, period(&plan), daily);
        let entry = if trial.status == Status::Stopped { entry.stopped() } else { entry };
        Ok(Ok(Tried { number: trial.number, data, ledger, entry }))
    }
}

fn scene_of<'a>(file: &'a SweepFile, grid: &Grid, number: u64) -> Result<&'a SceneWords> {
    file.scene.get(grid.scene(number)).ok_or_else(|| {
        Fault::user(format!("sweep.toml names no scene for trial {number}")).remedy("sweep again into another folder")
    })
}

fn try_note_run(stage: &Stage, data: &[(String, String)], outcome: &Outcome, folder: &Path) -> Result<()> {
    let Ok(path) = place(&stage.plan) else { return Ok(()) };
    let identity = identity(&stage.plan, data);
    let returns = DailyReturns::of_outcome(0, stage, outcome);
    let daily = returns.as_ref().and_then(|row| sharpe(&row.returns, 1.0).ok());
    let mut entry = TrialEntry::without_returns(identity, &stage.plan, (outcome.start, outcome.end), daily);
    returns.iter().for_each(|row| entry.traded(row));
    let mut ledger = TrialLedger::open(&path)?;
    let wanted = ledger.wanted(&Scope::of(data, 0, 0), vec![identity])?;
    let sample: Vec<(Identity, DailyReturns)> =
        returns.into_iter().filter(|_| !wanted.is_empty()).map(|row| (identity, row)).collect();
    let scope = Scope::of(data, entry.from_day, entry.to_day);
    ledger.note(&scope, &[entry], &sample)?;
    let snapshot = Snapshot::of(&ledger, &scope)?;
    let path = folder.join(SNAPSHOT);
    std::fs::write(&path, snapshot.to_json()).map_err(|error| Fault::unwritable("writing", &path, &error))
}

/// The traded period as far as the plan says it: where daily returns were not kept, all the time there may have been.
fn period(plan: &Plan) -> (Timestamp, Timestamp) {
    (plan.period.from.unwrap_or(Timestamp::from_nanos(0)), plan.period.to.unwrap_or(Timestamp::MAX))
}
