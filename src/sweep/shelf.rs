//! A sweep's folder: what it is, its finished parts, and at the end one file of all trials.
//!
//! ```text
//! sweeps/<name>-<hash>/plan.toml       a plan of the scenario: everything resolved but the axes
//!                      scenario.toml   the scenario as it was given; further ones as scenario-2.toml and so on
//!                      sweep.toml      axes, condition, search, scenes; versioned
//!                      parts/<n>.parquet   finished trials, while the sweep is under way; beside them <n>.returns
//!                      returns.parquet daily returns of each, unless they are not wanted
//!                      trials.parquet  all of them, by number, when it is done
//! ```

use super::axis::Axis;
use super::fronts::put_fronts;
use super::objective::Objective;
use super::returns::{self, DailyReturns};
use super::scene::SceneWords;
use super::table;
use super::trial::Trial;
use super::twin::Twin;
use crate::catalog::Entry;
use crate::database::Lease;
use crate::domain::Origin;
use crate::error::{Fault, Result};
use crate::objects::Address;
use crate::scenario::Draft;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The format that this engine writes and reads.
pub const FORMAT_VERSION: u32 = 3;

/// The file of all trials.
pub const TRIALS: &str = "trials.parquet";

/// A plan of the scenario.
pub const PLAN: &str = "plan.toml";

/// What decides the sweep.
const SWEEP: &str = "sweep.toml";

/// The file of all daily returns.
pub const RETURNS: &str = "returns.parquet";

/// What decides a sweep beside its plan: `sweep.toml`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SweepFile {
    /// Version of this format.
    pub format_version: u32,
    /// Version of the engine that runs it.
    pub engine_version: String,
    /// What the scenario calls itself.
    pub name: String,
    /// Which combinations are tried at all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub condition: Option<String>,
    /// `grid`, `random`, `sobol`, `tpe`, `cmaes` or `nsga2`.
    pub search: String,
    /// What a guided search is for; of every search, where there are several: then each trial has its Pareto front.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub objectives: Vec<String>,
    /// How many combinations a guided search proposes at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub batch: Option<u64>,
    /// Seed of the draw.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// How many combinations are tried; of a guided search at most.
    pub trials: u64,
    /// How many of them stand in one part.
    pub trials_per_part: u64,
    /// When a trial is stopped on its way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stop_when: Option<String>,
    /// At how many instants of the period that is looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checkpoints: Option<u32>,
    /// Whether daily returns are kept.
    #[serde(default)]
    pub returns: bool,
    /// The data by series and the hash of their content.
    pub data: Vec<(String, String)>,
    /// Where those of the series come from that are not real. It decides nothing; older sweeps do not tell.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub origins: Vec<(String, Origin)>,
    /// The axes in order: those that choose the scene, then those that set something.
    pub axis: Vec<AxisWords>,
    /// What the axes of the scene choose between, the last of them turning fastest.
    #[serde(default)]
    pub scene: Vec<SceneWords>,
}

/// An axis as written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AxisWords {
    /// A parameter, `desk.parameter` or `section.key`.
    pub name: String,
    /// The values in order.
    pub values: Vec<String>,
}

/// A sweep's folder.
#[derive(Clone, Debug)]
pub struct Shelf {
    folder: PathBuf,
    /// Where the folder is only the working copy of one in an object store.
    twin: Option<Arc<Twin>>,
}

/// What a sweep leaves behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keeps {
    /// Trials and the daily returns of each.
    Returns,
    /// Trials alone.
    TrialsOnly,
}

/// In what state a sweep's folder was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// There was none.
    Nothing,
    /// Some of its parts may be there.
    Begun,
    /// All trials are there.
    Done,
}

impl SweepFile {
    /// A hash of everything that decides the sweep, hexadecimal.
    pub fn identity(&self, plan: &str) -> String {
        let mut hash = Sha256::new();
        hash.update(plan);
        hash.update(self.elsewhere().to_toml());
        hash.finalize().iter().take(6).map(|byte| format!("{byte:02x}")).collect()
    }

    /// The name of the sweep's folder.
    pub fn folder_name(&self, plan_identity: &str) -> String {
        format!("{}-{}", self.name, self.identity(plan_identity))
    }

    /// The files that stand beside `sweep.toml` and belong to it: a plan, and the scenarios.
    pub fn beside(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.scene.iter().map(|scene| scene.text.as_str()).collect();
        // Several scenes may be made from one scenario; those stand together or not.
        names.sort_unstable();
        names.dedup();
        names.insert(0, PLAN);
        names
    }

    /// How many parts its trials are cut into.
    pub fn parts(&self) -> usize {
        self.trials.div_ceil(self.trials_per_part.max(1)) as usize
    }

    /// The files of a part, in the order in which they are written: a part is there when the last of them is.
    pub fn part_files(&self, part: usize) -> Vec<String> {
        let returns = (self.keeps() == Keeps::Returns).then(|| returns_name(part));
        returns.into_iter().chain([part_name(part)]).collect()
    }

    /// The same without the folders that paths start from, and without origins, which follow from the data: it is the same
    /// sweep on every machine.
    pub fn elsewhere(&self) -> Self {
        let mut file = self.clone();
        file.scene.iter_mut().for_each(|scene| scene.directory = None);
        file.origins.clear();
        file
    }

    fn to_toml(&self) -> String {
        toml::to_string(self).expect("a sweep has only plain values")
    }

    /// What it leaves behind.
    pub fn keeps(&self) -> Keeps {
        if self.returns { Keeps::Returns } else { Keeps::TrialsOnly }
    }

    /// The axes.
    pub fn axes(&self) -> Vec<Axis> {
        self.axis.iter().map(|axis| Axis { name: axis.name.clone(), values: axis.values.clone() }).collect()
    }
}

impl Shelf {
    /// The folder of a sweep under `root`.
    pub fn of(root: &Path, file: &SweepFile, plan_identity: &str) -> Self {
        Shelf::at(&root.join(file.folder_name(plan_identity)))
    }

    /// The folder of a sweep that is there.
    pub fn at(folder: &Path) -> Self {
        Shelf { folder: folder.to_owned(), twin: None }
    }

    /// The folder of a sweep, which may be in an object store; what is there comes along.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn open(place: &Path) -> Result<Self> {
        match Address::of(place)? {
            Some(address) => {
                let twin = Twin::of(address)?;
                Ok(Shelf { folder: twin.folder().to_owned(), twin: Some(Arc::new(twin)) })
            }
            None => Ok(Shelf::at(place)),
        }
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// What people call it.
    pub fn place(&self) -> String {
        match &self.twin {
            Some(twin) => twin.address().to_string(),
            None => self.folder.display().to_string(),
        }
    }

    /// What people call a file of it.
    pub fn place_of(&self, name: &str) -> String {
        match &self.twin {
            Some(twin) => twin.address().below(name).to_string(),
            None => self.folder.join(name).display().to_string(),
        }
    }

    /// The scenario of a scene, changed by what holds for all its trials.
    ///
    /// # Errors
    /// When it cannot be read, or is not the one that the sweep was made with.
    pub fn draft(&self, scene: &SceneWords, book: &[Entry]) -> Result<Draft> {
        scene.draft(self.text(&scene.text)?, book)
    }

    /// Takes the right to run this sweep.
    ///
    /// # Errors
    /// When another process has it, or the folder cannot be made.
    pub fn lock(&self) -> Result<Lease> {
        Lease::take(&self.folder.join("parts"), || {
            Fault::failure(format!("{} is being run by another process", self.folder.display()))
                .remedy("wait until it is done, or stop it, and try again with --resume")
        })
    }

    /// How far the sweep is.
    pub fn found(&self) -> Found {
        if self.folder.join(TRIALS).is_file() {
            Found::Done
        } else if self.folder.join(SWEEP).is_file() {
            Found::Begun
        } else {
            Found::Nothing
        }
    }

    /// Makes the folder with what decides the sweep, and these files beside it, by name.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn begin(&self, file: &SweepFile, beside: &[(String, String)]) -> Result<()> {
        self.make()?;
        for (name, text) in beside {
            self.put(name, text.as_bytes())?;
        }
        self.put(SWEEP, file.to_toml().as_bytes())
    }

    /// Makes the folder, with nothing in it.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn make(&self) -> Result<()> {
        let parts = self.folder.join("parts");
        std::fs::create_dir_all(&parts).map_err(|error| unwritable("creating", &parts, &error))
    }

    /// What decides the sweep that is there.
    ///
    /// # Errors
    /// When there is none, or it is of a version that this engine does not know.
    pub fn file(&self) -> Result<SweepFile> {
        #[derive(Deserialize)]
        struct Versioned {
            format_version: u32,
        }
        let place = self.place_of(SWEEP);
        let text = self
            .text(SWEEP)
            .map_err(|fault| fault.remedy("name the folder of a sweep, such as sweeps/benchmark-sweep-1a2b3c"))?;
        let damaged = |error: toml::de::Error| {
            Fault::user(format!("reading {}: {}", place, error.message())).remedy("sweep again into another folder")
        };
        let Versioned { format_version } = toml::from_str(&text).map_err(damaged)?;
        if format_version != FORMAT_VERSION {
            return Err(Fault::user(format!(
                "reading {}: format_version {format_version} is not known; this engine reads {FORMAT_VERSION}",
                place
            ))
            .remedy("use the tapeline that wrote the sweep, or sweep again with this one"));
        }
        toml::from_str(&text).map_err(damaged)
    }

    /// Whether a part is finished.
    pub fn has(&self, part: usize) -> bool {
        self.folder.join(part_name(part)).is_file()
    }

    /// Keeps a finished part, with its daily returns where they are wanted.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn keep(&self, part: usize, axes: &[Axis], trials: &[Trial], returns: Option<&[DailyReturns]>) -> Result<()> {
        // The trials come last: a part is there when they are.
        if let Some(rows) = returns {
            self.put(&returns_name(part), &returns::encode(rows)?)?;
        }
        self.put(&part_name(part), &table::encode(axes, trials)?)
    }

    /// A finished part.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn read_part(&self, part: usize, axes: &[Axis]) -> Result<Vec<Trial>> {
        table::read(&self.folder.join(part_name(part)), axes)
    }

    /// Makes one file of so many parts, another of their daily returns where these were kept, and takes the parts away.
    ///
    /// # Errors
    /// When a part cannot be read, or the file not be written.
    pub fn finish(&self, parts: usize, file: &SweepFile) -> Result<Vec<Trial>> {
        let axes = file.axes();
        let mut trials = Vec::new();
        for part in 0..parts {
            trials.extend(self.read_part(part, &axes)?);
        }
        trials.sort_by_key(|trial| trial.number);
        put_fronts(&mut trials, &Objective::parse_all(file.objectives.iter().map(String::as_str))?);
        match file.keeps() {
            Keeps::Returns => {
                let paths: Vec<PathBuf> = (0..parts).map(|part| self.folder.join(returns_name(part))).collect();
                returns::join(&paths, &self.folder.join(RETURNS))?;
                self.send(RETURNS)?;
            }
            Keeps::TrialsOnly => {}
        }
        self.put(TRIALS, &table::encode(&axes, &trials)?)?;
        self.clear_parts()?;
        Ok(trials)
    }

    /// Takes the parts of a finished sweep away: whoever was killed right after its last file has left them.
    ///
    /// # Errors
    /// When they are there and cannot be removed.
    pub fn clear_parts(&self) -> Result<()> {
        if let Some(twin) = &self.twin {
            twin.clear("parts")?;
        }
        let folder = self.folder.join("parts");
        match std::fs::remove_dir_all(&folder) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(Fault::io("removing", &folder, &error)),
            Ok(()) | Err(_) => Ok(()),
        }
    }

    /// All trials of a finished sweep, or those of the parts of one under way.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn trials(&self, axes: &[Axis]) -> Result<Vec<Trial>> {
        let mut trials = Vec::new();
        for path in self.trial_files()? {
            trials.extend(table::read(&path, axes)?);
        }
        trials.sort_by_key(|trial| trial.number);
        Ok(trials)
    }

    /// Puts a file into the folder, whole or not at all.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn put(&self, name: &str, bytes: &[u8]) -> Result<()> {
        write_whole(&self.folder.join(name), bytes)?;
        self.send(name)
    }

    /// Brings a file of the working copy to where it belongs.
    fn send(&self, name: &str) -> Result<()> {
        self.twin.as_ref().map_or(Ok(()), |twin| twin.send(name))
    }

    /// The content of a file of the folder.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn read(&self, name: &str) -> Result<Vec<u8>> {
        let read = std::fs::read(self.folder.join(name));
        read.map_err(|error| Fault::io("reading", Path::new(&self.place_of(name)), &error))
    }

    /// The text of a file of the folder.
    ///
    /// # Errors
    /// When it cannot be read, or is no text.
    pub fn text(&self, name: &str) -> Result<String> {
        let read = std::fs::read_to_string(self.folder.join(name));
        read.map_err(|error| Fault::io("reading", Path::new(&self.place_of(name)), &error))
    }

    /// The daily returns of all trials of a finished sweep.
    ///
    /// # Errors
    /// When the sweep is not finished or kept none, and when the file cannot be read.
    pub fn returns(&self) -> Result<Vec<DailyReturns>> {
        let mut rows = Vec::new();
        self.each_returns(|row| rows.push(row))?;
        Ok(rows)
    }

    /// The same, one trial after the other: no more than a batch of them is held.
    ///
    /// # Errors
    /// As [`Shelf::returns`].
    pub fn each_returns(&self, take: impl FnMut(DailyReturns)) -> Result<()> {
        let folder = self.place();
        if self.found() != Found::Done {
            return Err(Fault::user(format!("the sweep in {folder} is not finished")).remedy("go on with it: --resume"));
        }
        match self.file()?.keeps() {
            Keeps::Returns => returns::each(&self.folder.join(RETURNS), take),
            Keeps::TrialsOnly => Err(Fault::user(format!("the sweep in {folder} kept no daily returns"))
                .remedy("sweep again without --no-returns, or with a higher --returns-limit")),
        }
    }

    /// The file of all trials, or the finished parts of a sweep under way.
    ///
    /// # Errors
    /// When the folder cannot be listed.
    pub fn trial_files(&self) -> Result<Vec<PathBuf>> {
        if self.found() == Found::Done {
            return Ok(vec![self.folder.join(TRIALS)]);
        }
        let folder = self.folder.join("parts");
        let entries = std::fs::read_dir(&folder).map_err(|error| Fault::io("listing", &folder, &error))?;
        let mut paths = Vec::new();
        for entry in entries {
            let path = entry.map_err(|error| Fault::io("listing", &folder, &error))?.path();
            if path.extension().is_some_and(|extension| extension == "parquet") {
                paths.push(path);
            }
        }
        paths.sort();
        Ok(paths)
    }
}

fn part_name(part: usize) -> String {
    format!("parts/{part:06}.parquet")
}

fn returns_name(part: usize) -> String {
    format!("parts/{part:06}.returns")
}

/// Writes a file beside its place, then puts it there: whoever looks finds the whole file or none.
fn write_whole(path: &Path, bytes: &[u8]) -> Result<()> {
    let beside = path.with_extension("writing");
    let write = || {
        let mut file = File::create(&beside)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        std::fs::rename(&beside, path)
    };
    write().map_err(|error| {
        // What was written so far is in the way; it may not be there at all.
        let _ = std::fs::remove_file(&beside);
        unwritable("writing", path, &error)
    })
}

fn unwritable(doing: &str, path: &Path, error: &std::io::Error) -> Fault {
    Fault::unwritable(doing, path, error)
        .remedy("give an --out folder that can be written and has room; then go on with --resume")
}
