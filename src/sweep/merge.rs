//! Merging: the parts of all shards of a sweep become the files that one machine would have written.
//!
//! Parts are brought together in the folder of the whole sweep, which is then as if it had run them itself, and is
//! finished the same way. Nothing is taken from a shard before all of them have been found to belong together.

use super::shard::{self, Shard};
use super::shelf::{Found, Shelf, SweepFile};
use super::trial::Trial;
use crate::catalog::ENGINE_VERSION;
use crate::error::{Fault, Result};
use std::path::Path;

/// What a merge came to.
pub struct Merged {
    /// The whole sweep.
    pub shelf: Shelf,
    /// All its trials.
    pub trials: Vec<Trial>,
    /// Whether it had been there already.
    pub was_there: bool,
}

/// One shard as it was found.
struct Given<'a> {
    shelf: &'a Shelf,
    shard: Shard,
    sweep: String,
    file: SweepFile,
    /// The files that stand beside `sweep.toml`, with their texts: the plan first.
    beside: Vec<(String, String)>,
    /// Its files with their stated checksums, in the order in which they are put.
    files: Vec<(String, String)>,
}

/// Merges shards into the folder of their sweep under `root`.
///
/// # Errors
/// Names the shard that is missing, there twice, not finished, damaged, or of another sweep. Nothing has been written then.
pub fn merge(shards: &[Shelf], root: &Path) -> Result<Merged> {
    let mut given = shards.iter().map(Given::read).collect::<Result<Vec<_>>>()?;
    given.sort_by_key(|given| given.shard);
    let Some(first) = given.first() else {
        return Err(Fault::user("there is no shard to merge").remedy("name the folders of all shards of a sweep"));
    };
    given.iter().try_for_each(|other| first.must_match(other))?;
    complete(&given)?;
    let shelf = Shelf::open(&root.join(&first.sweep))?;
    if shelf.found() == Found::Done {
        shelf.clear_parts()?;
        return Ok(Merged { trials: shelf.trials(&first.file.axes())?, shelf, was_there: true });
    }
    // Looked at before anything is written: they are small beside what made them.
    given.iter().try_for_each(|given| given.each_file(|_, _| Ok(())))?;
    if shelf.found() == Found::Nothing {
        shelf.begin(&first.file, &first.beside)?;
    }
    given.iter().try_for_each(|given| given.each_file(|name, bytes| shelf.put(name, &bytes)))?;
    let trials = shelf.finish(first.file.parts(), &first.file)?;
    Ok(Merged { shelf, trials, was_there: false })
}

/// All of them, each once.
fn complete(given: &[Given<'_>]) -> Result<()> {
    let of = given[0].shard.of();
    for pair in given.windows(2) {
        if pair[0].shard == pair[1].shard {
            let (one, other) = (pair[0].name(), pair[1].name());
            return Err(Fault::user(format!("shard {} is there twice: {one} and {other}", pair[0].shard))
                .remedy("name each shard once"));
        }
    }
    let missing = (1..=of).filter(|number| !given.iter().any(|given| given.shard.number() == *number));
    let missing: Vec<String> = missing.map(|number| format!("{number}/{of}")).collect();
    match missing.as_slice() {
        [] => Ok(()),
        [one] => Err(Fault::user(format!("shard {one} of {} is missing", given[0].sweep))
            .remedy("run it with --shard, and name it too")),
        [..] => Err(Fault::user(format!("shards {} of {} are missing", missing.join(", "), given[0].sweep))
            .remedy("run them with --shard, and name them too")),
    }
}

impl<'a> Given<'a> {
    fn read(shelf: &'a Shelf) -> Result<Self> {
        let (own, shard) = shard::read(shelf)?;
        let file = shelf.file()?;
        let name = shelf.place();
        if file.engine_version != ENGINE_VERSION {
            return Err(Fault::user(format!(
                "{name} was run by tapeline {}, and this is {ENGINE_VERSION}",
                file.engine_version
            ))
            .remedy("run and merge all shards with one version of tapeline"));
        }
        let mut seals = shard::seals(shelf)?.ok_or_else(|| {
            Fault::user(format!("shard {shard} in {name} is not finished"))
                .remedy("run it again with --resume until it says that it is done")
        })?;
        let text = |name: &str| Ok((name.to_owned(), shelf.text(name)?));
        let beside = file.beside().into_iter().map(text).collect::<Result<Vec<_>>>()?;
        let parts = shard.part_files(&file);
        let files: Vec<_> = parts.into_iter().filter_map(|name| seals.remove_entry(&name)).collect();
        if files.len() != shard.part_files(&file).len() || !seals.is_empty() {
            return Err(Fault::failure(format!("{name}: its checksums are not of the parts of shard {shard}"))
                .remedy("run the shard again into another folder"));
        }
        Ok(Given { shelf, shard, sweep: own.sweep, file, beside, files })
    }

    fn name(&self) -> String {
        self.shelf.place()
    }

    /// Another shard has to be of the same sweep; says what is different.
    fn must_match(&self, other: &Given<'_>) -> Result<()> {
        let difference = if self.file.data != other.file.data {
            let strangers = other.file.data.iter().filter(|series| !self.file.data.contains(series));
            let names: Vec<&str> = strangers.map(|(name, _)| name.as_str()).collect();
            format!("other data ({})", names.join(", "))
        } else if self.file.axis != other.file.axis {
            "other axes".to_owned()
        } else if self.file.condition != other.file.condition {
            "another condition".to_owned()
        } else if self.texts() != other.texts() {
            "another plan".to_owned()
        } else if self.file.elsewhere() != other.file.elsewhere() || self.sweep != other.sweep {
            "another search, another cut into parts or another choice of daily returns".to_owned()
        } else if self.shard.of() != other.shard.of() {
            format!("{} shards instead of {}", other.shard.of(), self.shard.of())
        } else {
            return Ok(());
        };
        Err(Fault::user(format!("{} does not belong to {}: it has {difference}", other.name(), self.name()))
            .remedy("merge the shards of one sweep"))
    }

    /// The plan and the scenarios, without the folder that the paths of a plan start from: it may differ from machine to
    /// machine.
    fn texts(&self) -> Vec<&str> {
        let lines = self.beside.iter().flat_map(|(_, text)| text.lines());
        lines.filter(|line| !line.starts_with("directory = ")).collect()
    }

    /// Looks at the content of each of its files, which have to be what their checksums say.
    fn each_file(&self, mut look: impl FnMut(&str, Vec<u8>) -> Result<()>) -> Result<()> {
        for (name, stated) in &self.files {
            let bytes = self.shelf.read(name)?;
            if shard::checksum(&bytes) != *stated {
                return Err(Fault::failure(format!("{}: {name} is not what its checksum says", self.name()))
                    .remedy("run the shard again into another folder"));
            }
            look(name, bytes)?;
        }
        Ok(())
    }
}
