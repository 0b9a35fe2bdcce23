//! A shard: one of several shares of a sweep's parts, run by a machine of its own into a folder of its own.
//!
//! ```text
//! sweeps/<name>-<hash>.shard-2-of-8/plan.toml, scenario.toml, sweep.toml   as in the folder of the whole sweep
//!                                   shard.toml      which shard of which sweep it is; versioned
//!                                   parts/<n>.parquet, <n>.returns   its parts
//!                                   parts.sha256    a checksum of each, when all of them are there
//! ```

use super::shelf::{Found, Shelf, SweepFile};
use crate::error::{Fault, Result};
use crate::objects::{Address, Bucket};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::str::FromStr;

/// The format that this engine writes and reads.
const FORMAT_VERSION: u32 = 1;

/// What says which shard of which sweep a folder holds.
pub const SHARD: &str = "shard.toml";

/// Checksums of the parts, in the format of `sha256sum`; there when the shard is finished.
const SEALS: &str = "parts.sha256";

/// More shards than this are a slip of the finger.
const SHARDS_MAX: u32 = 1_000_000;

/// One of so many shares of a sweep's parts, counted from one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Shard {
    number: u32,
    of: u32,
}

/// `shard.toml`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShardFile {
    /// Version of this format.
    pub format_version: u32,
    /// The folder of the whole sweep: its name and the hash of everything that decides it.
    pub sweep: String,
    /// Which shard, from one.
    pub shard: u32,
    /// How many there are.
    pub shards: u32,
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        let numbers = text.split_once('/').and_then(|(number, of)| Some((number.parse().ok()?, of.parse().ok()?)));
        match numbers {
            Some((number, of)) if (1..=of).contains(&number) && of <= SHARDS_MAX => Ok(Shard { number, of }),
            _ => Err(format!(
                "write the shard and how many there are, such as 1/8 for the first of 8; N is at most {SHARDS_MAX}"
            )),
        }
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.number, self.of)
    }
}

impl Shard {
    /// Which one, from one.
    pub fn number(self) -> u32 {
        self.number
    }

    /// How many there are.
    pub fn of(self) -> u32 {
        self.of
    }

    /// Whether a part belongs to it. Parts go round the shards, so that all have as many, and slow corners of the grid are
    /// shared out.
    pub fn has(self, part: usize) -> bool {
        part % self.of as usize == self.number as usize - 1
    }

    /// The name of its folder, beside that of the whole sweep.
    pub fn folder_name(self, sweep: &str) -> String {
        format!("{sweep}.shard-{}-of-{}", self.number, self.of)
    }

    /// Makes its folder with what decides the sweep and which shard of it this is.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn begin(self, shelf: &Shelf, sweep: &str, file: &SweepFile, beside: &[(String, String)]) -> Result<()> {
        let own =
            ShardFile { format_version: FORMAT_VERSION, sweep: sweep.to_owned(), shard: self.number, shards: self.of };
        shelf.make()?;
        shelf.put(SHARD, toml::to_string(&own).expect("a shard has only plain values").as_bytes())?;
        shelf.begin(file, beside)
    }

    /// How far it is.
    pub fn found(shelf: &Shelf) -> Found {
        if shelf.folder().join(SEALS).is_file() { Found::Done } else { shelf.found() }
    }

    /// Says that all its parts are there, with their checksums.
    ///
    /// # Errors
    /// When a part cannot be read, or the file not be written.
    pub fn seal(self, shelf: &Shelf, file: &SweepFile) -> Result<()> {
        let mut lines = String::new();
        for name in self.part_files(file) {
            lines.push_str(&format!("{}  {name}\n", checksum(&shelf.read(&name)?)));
        }
        shelf.put(SEALS, lines.as_bytes())
    }

    /// The files of its parts.
    pub fn part_files(self, file: &SweepFile) -> Vec<String> {
        let parts = (0..file.parts()).filter(|part| self.has(*part));
        parts.flat_map(|part| file.part_files(part)).collect()
    }
}

/// The shard that a folder holds.
///
/// # Errors
/// When it holds none, or one of a version that this engine does not know.
pub fn read(shelf: &Shelf) -> Result<(ShardFile, Shard)> {
    let path = shelf.place_of(SHARD);
    let text =
        shelf.text(SHARD).map_err(|fault| fault.remedy("name folders that `tapeline sweep --shard I/N` wrote"))?;
    let damaged = |message: &str| {
        Fault::user(format!("reading {path}: {message}")).remedy("run the shard again into another folder")
    };
    let own: ShardFile = toml::from_str(&text).map_err(|error| damaged(error.message()))?;
    if own.format_version != FORMAT_VERSION {
        return Err(damaged(&format!(
            "format_version {} is not known; this engine reads {FORMAT_VERSION}",
            own.format_version
        )));
    }
    let shard = format!("{}/{}", own.shard, own.shards).parse().map_err(|error: String| damaged(&error))?;
    Ok((own, shard))
}

/// The shard in a folder, or those in its subfolders, by name; the folder may be in an object store.
///
/// # Errors
/// When the folder cannot be listed or read.
pub fn shards_in(place: &Path) -> Result<Vec<Shelf>> {
    let mut found = match Address::of(place)? {
        Some(address) => Bucket::of(&address)?.below(&address)?,
        None => names_below(place)?,
    };
    found.retain(|name| name == SHARD || name.split_once('/').is_some_and(|(_, name)| name == SHARD));
    if found.iter().any(|name| name == SHARD) {
        return Ok(vec![Shelf::open(place)?]);
    }
    found.sort();
    found.iter().filter_map(|name| name.split_once('/')).map(|(folder, _)| Shelf::open(&place.join(folder))).collect()
}

/// The files named [`SHARD`] in a folder and in its subfolders.
fn names_below(folder: &Path) -> Result<Vec<String>> {
    let failed = |error: &std::io::Error| Fault::io("listing", folder, error);
    let mut names = Vec::from_iter(folder.join(SHARD).is_file().then(|| SHARD.to_owned()));
    for entry in std::fs::read_dir(folder).map_err(|error| failed(&error))? {
        let entry = entry.map_err(|error| failed(&error))?;
        if entry.path().join(SHARD).is_file() {
            names.push(format!("{}/{SHARD}", entry.file_name().to_string_lossy()));
        }
    }
    Ok(names)
}

/// The stated checksums of a finished shard's files; none when it is not finished.
///
/// # Errors
/// When they cannot be read.
pub fn seals(shelf: &Shelf) -> Result<Option<BTreeMap<String, String>>> {
    if Shard::found(shelf) != Found::Done {
        return Ok(None);
    }
    let text = shelf.text(SEALS)?;
    let lines = text.lines().filter_map(|line| line.split_once("  "));
    Ok(Some(lines.map(|(hash, name)| (name.to_owned(), hash.to_owned())).collect()))
}

/// SHA-256, hexadecimal.
pub fn checksum(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_belongs_to_one_shard() {
        for of in [1, 2, 3, 7, 40] {
            let shards: Vec<Shard> = (1..=of).map(|number| format!("{number}/{of}").parse().unwrap()).collect();
            for part in 0..30 {
                assert_eq!(shards.iter().filter(|shard| shard.has(part)).count(), 1, "part {part} of {of} shards");
            }
        }
        let second: Shard = "2/3".parse().unwrap();
        assert_eq!((0..9).filter(|part| second.has(*part)).collect::<Vec<_>>(), [1, 4, 7]);
        assert_eq!((second.to_string(), second.folder_name("a-1f")), ("2/3".into(), "a-1f.shard-2-of-3".into()));
    }

    #[test]
    fn what_is_no_shard_is_refused() {
        for text in ["", "1", "0/3", "4/3", "-1/3", "1/0", "a/b", "1/2/3", "1/2000000"] {
            assert!(text.parse::<Shard>().unwrap_err().contains("1/8"), "{text}");
        }
    }
}
