//! What the page is made from: the files of a sweep's folder.

use super::judged::Judged;
use crate::domain::Origin;
use crate::error::{Fault, Result};
use crate::sweep::{Axis, Found, Keeps, Objective, Shelf, Status, SweepFile, Trial};
use crate::validate::{HALVES, Half, VALIDATION};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Of a sweep with more trials than this, the page shows some.
pub const TRIALS_SHOWN: usize = 20_000;

/// So many of the best are always among them.
pub const BEST_SHOWN: usize = 1_000;

/// The folder beside the page that holds the runs of single trials: `runs/<number>/<run>/report.html`.
pub const RUNS: &str = "runs";

/// A sweep as its files tell it.
#[derive(Debug)]
pub struct Sources {
    /// What the folder is called.
    pub name: String,
    /// What decides the sweep.
    pub file: SweepFile,
    /// A plan of it, for reading.
    pub plan: String,
    /// Its axes.
    pub axes: Vec<Axis>,
    /// All trials, by number.
    pub trials: Vec<Trial>,
    /// Places of the trials that have the objective, best first.
    pub ranked: Vec<usize>,
    /// Places of the trials that the page shows: ranked ones, then the others by number.
    pub shown: Vec<usize>,
    /// In what the best are best.
    pub objective: Objective,
    /// What the sweep was for, where it was for several.
    pub objectives: Vec<Objective>,
    /// What `validate` found.
    pub judged: Option<Judged>,
    /// The ways to halve the record.
    pub halves: Vec<Half>,
    /// Pages of the runs of single trials, by number.
    pub runs: BTreeMap<u64, String>,
    /// Whether all trials are there.
    pub is_done: bool,
}

impl Sources {
    /// Reads the files.
    ///
    /// # Errors
    /// When one is missing, damaged or of an unknown version.
    pub fn read(shelf: &Shelf, objective: Option<Objective>) -> Result<Self> {
        let file = shelf.file()?;
        let axes = file.axes();
        let is_done = shelf.found() == Found::Done;
        let trials = shelf.trials(&axes)?;
        let there = |name: &str| shelf.folder().join(name).is_file().then(|| shelf.text(name)).transpose();
        let judged = there(VALIDATION)?.map(|text| Judged::read(&text, &shelf.place_of(VALIDATION))).transpose()?;
        let halves = match &judged {
            Some(_) => there(HALVES)?.map(|text| halves(shelf, &text)).transpose()?.unwrap_or_default(),
            None => Vec::new(),
        };
        let objectives = Objective::parse_all(file.objectives.iter().map(String::as_str))?;
        let objective =
            match objective.or(judged.as_ref().map(|judged| judged.objective)).or(objectives.first().copied()) {
                Some(objective) => objective,
                None => Objective::parse(BY_DEFAULT)?,
            };
        let ranked = ranked(&trials, objective);
        Ok(Sources {
            name: name_of(shelf)?,
            plan: shelf.text("plan.toml")?,
            shown: shown(&ranked, trials.len()),
            runs: runs(shelf.folder(), &trials)?,
            file,
            axes,
            trials,
            ranked,
            objective,
            objectives,
            judged,
            halves,
            is_done,
        })
    }

    /// The best trial, if any has the objective.
    pub fn best(&self) -> Option<&Trial> {
        self.ranked.first().map(|place| &self.trials[*place])
    }

    /// A trial by its number.
    pub fn trial(&self, number: u64) -> Option<&Trial> {
        by_number(&self.trials, number)
    }

    /// The parameters of a trial, as they are set.
    pub fn parameters(&self, trial: &Trial) -> String {
        let settings = self.axes.iter().zip(&trial.values).map(|(axis, value)| format!("{}={value}", axis.name));
        settings.collect::<Vec<_>>().join(", ")
    }

    /// How many trials came to this end.
    pub fn ended(&self, status: Status) -> u64 {
        self.trials.iter().filter(|trial| trial.status == status).count() as u64
    }

    /// The command that judges the sweep, from the folder that holds this one.
    pub fn validate_command(&self, more: &str) -> String {
        let more = if more.is_empty() { String::new() } else { format!(" {more}") };
        format!("tapeline validate {}{more}", self.name)
    }

    /// Whether any of the prices have this origin. A sweep that does not tell the origins of its series may still have
    /// had its prices made by the plan itself.
    pub fn comes_from(&self, origin: Origin) -> bool {
        let plan = || self.plan.parse::<toml::Table>().unwrap_or_default();
        let is_generated = || plan().get("data").is_some_and(|data| data.get("synthetic").is_some());
        let is_told = self.file.origins.iter().any(|(_, known)| *known == origin);
        is_told || (origin == Origin::Synthetic && is_generated())
    }

    /// Whether it can be judged.
    pub fn keeps_returns(&self) -> bool {
        self.file.keeps() == Keeps::Returns
    }
}

/// A trial by its number, of trials that stand by number.
fn by_number(trials: &[Trial], number: u64) -> Option<&Trial> {
    trials.binary_search_by_key(&number, |trial| trial.number).ok().map(|place| &trials[place])
}

/// By what the best are best where nothing says so.
const BY_DEFAULT: &str = "sharpe";

/// The places of the trials that have an objective, best first, of equals those with the lower number.
fn ranked(trials: &[Trial], objective: Objective) -> Vec<usize> {
    let scored =
        |(place, trial): (usize, &Trial)| Some((objective.score(trial).filter(|score| !score.is_nan())?, place));
    let mut ranked: Vec<(f64, usize)> = trials.iter().enumerate().filter_map(scored).collect();
    ranked.sort_by(|one, other| other.0.total_cmp(&one.0).then(one.1.cmp(&other.1)));
    ranked.into_iter().map(|(_, place)| place).collect()
}

/// The ways to halve the record, each with a rank.
fn halves(shelf: &Shelf, text: &str) -> Result<Vec<Half>> {
    let halves = Half::read(text).map_err(|fault| fault.within(shelf.place()))?;
    match halves.iter().position(|half| half.logit.is_nan()) {
        Some(row) => Err(Fault::failure(format!("reading {}: row {}: logit is NaN", shelf.place_of(HALVES), row + 1))
            .remedy("run `tapeline validate` again")),
        None => Ok(halves),
    }
}

/// The best, then of all others every so many.
fn shown(ranked: &[usize], trials: usize) -> Vec<usize> {
    let mut is_ranked = vec![false; trials];
    ranked.iter().for_each(|place| is_ranked[*place] = true);
    let mut all = ranked.to_vec();
    all.extend((0..trials).filter(|place| !is_ranked[*place]));
    if trials <= TRIALS_SHOWN {
        return all;
    }
    let rest = all.split_off(BEST_SHOWN);
    let wanted = TRIALS_SHOWN - BEST_SHOWN;
    all.extend((0..wanted).map(|step| rest[step * (rest.len() - 1) / (wanted - 1)]));
    all
}

/// The folder's own name and not the way to it: the page is the same wherever the sweep lies.
fn name_of(shelf: &Shelf) -> Result<String> {
    let place = shelf.place();
    if place.contains("://") {
        return Ok(place.trim_end_matches('/').rsplit('/').next().unwrap_or_default().to_owned());
    }
    let folder = shelf.folder();
    let whole = folder.canonicalize().map_err(|error| Fault::io("finding", folder, &error))?;
    Ok(whole.file_name().unwrap_or_default().to_string_lossy().into_owned())
}

/// The pages of runs that are there and have the fingerprints of their trials, by the number of the trial.
fn runs(folder: &Path, trials: &[Trial]) -> Result<BTreeMap<u64, String>> {
    let mut found = BTreeMap::new();
    let folder = folder.join(RUNS);
    if !folder.is_dir() {
        return Ok(found);
    }
    for of_trial in entries(&folder)? {
        let number = of_trial.file_name().and_then(|name| name.to_str()?.parse::<u64>().ok());
        let trial = number.and_then(|number| by_number(trials, number));
        let Some(trial) = trial.filter(|_| of_trial.is_dir()) else { continue };
        if let Some(run) = run_of(&of_trial, trial)? {
            let name = run.file_name().unwrap_or_default().to_string_lossy().into_owned();
            found.insert(trial.number, encoded(&format!("{RUNS}/{}/{name}/{}", trial.number, super::REPORT)));
        }
    }
    Ok(found)
}

/// Of the runs in a folder the one that is this trial, by its fingerprint, with its page.
///
/// # Errors
/// When the folder cannot be listed.
pub fn run_of(folder: &Path, trial: &Trial) -> Result<Option<PathBuf>> {
    if !folder.is_dir() {
        return Ok(None);
    }
    Ok(entries(folder)?.into_iter().find(|run| run.join(super::REPORT).is_file() && is_run_of(run, trial)))
}

fn is_run_of(run: &Path, trial: &Trial) -> bool {
    #[derive(Deserialize)]
    struct Fingerprinted {
        fingerprint: String,
    }
    let text = std::fs::read_to_string(run.join(crate::report::SUMMARY)).unwrap_or_default();
    let summary = serde_json::from_str::<Fingerprinted>(&text).ok();
    summary.is_some_and(|summary| trial.fingerprint.as_ref() == Some(&summary.fingerprint))
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let failed = |error: std::io::Error| Fault::io("listing", folder, &error);
    let entries = std::fs::read_dir(folder).map_err(failed)?;
    let mut paths = entries.map(|entry| Ok(entry.map_err(failed)?.path())).collect::<Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths)
}

/// A path as it may stand in a link.
fn encoded(path: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    path.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_too_many_trials_the_best_and_an_even_share_are_shown() {
        let ranked: Vec<usize> = (0..30_000).rev().collect();
        let places = shown(&ranked, 50_000);
        assert_eq!((places.len(), &places[..3]), (TRIALS_SHOWN, &[29_999, 29_998, 29_997][..]));
        assert_eq!((places[BEST_SHOWN - 1], *places.last().unwrap()), (29_000, 49_999));
        let mut distinct = places.clone();
        distinct.sort_unstable();
        distinct.dedup();
        assert_eq!(distinct.len(), places.len());
        assert_eq!(shown(&[2, 0], 4), [2, 0, 1, 3]);
    }

    #[test]
    fn a_link_is_a_link_whatever_the_run_is_called() {
        assert_eq!(encoded("runs/7/a b#c%-é/report.html"), "runs/7/a%20b%23c%25-%C3%A9/report.html");
    }
}
