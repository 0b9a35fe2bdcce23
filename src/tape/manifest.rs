//! The manifest of a series: for every file its rows, its hashes and where they came from. What is not in the manifest
//! is not in the series.

use super::place::SeriesKey;
use super::set::QuietMinutes;
use crate::domain::{Origin, Timestamp};
use crate::error::{Fault, Result};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::path::Path;

/// The name of the manifest in a series' folder.
pub const FILE_NAME: &str = "manifest.json";

/// The version written here.
pub const VERSION: u32 = 1;

/// Everything known about the files of one series.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Format version; an unknown one is refused.
    pub version: u32,
    /// `venue/symbol/interval`, as the folder says too.
    pub series: String,
    /// Real, testnet or synthetic; one for the whole series.
    pub origin: Origin,
    /// What the venue publishes for a quiet interval.
    pub quiet_minutes: QuietMinutes,
    /// What the rows were made of, when they were derived from another series and not imported.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub derived: Option<Derivation>,
    /// The files by period, ascending.
    pub files: BTreeMap<String, FileEntry>,
}

/// What a derived series was made of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Derivation {
    /// The finer series, as `venue/symbol/interval`.
    pub from: String,
    /// SHA-256 over the content hashes of its files then: another one now means that the source has changed since.
    pub content_sha256: String,
    /// Candles that lack at least one finer row; their column `missing_rows` says how many.
    pub incomplete: u64,
}

/// What is known about one file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileEntry {
    /// Number of rows.
    pub rows: u64,
    /// Time of the first row.
    pub first: String,
    /// Time of the last row.
    pub last: String,
    /// Decimals of its prices.
    pub price_decimals: u8,
    /// Decimals of its quantities.
    pub quantity_decimals: u8,
    /// Size in bytes.
    pub bytes: u64,
    /// SHA-256 of the file.
    pub sha256: String,
    /// xxh3-128 of the decoded columns that a load reads.
    pub content_xxh3_128: String,
    /// What its rows were read from.
    pub sources: Vec<Provenance>,
}

/// A source of rows.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provenance {
    /// The source's file name, or the generator's name and seed.
    pub name: String,
    /// SHA-256 of the source file; empty for a generator.
    pub sha256: String,
    /// How many of the source's numbers were rounded to the decimal limits that the import was given.
    pub rounded: u64,
}

impl Manifest {
    /// An empty manifest of a series.
    pub fn new(key: &SeriesKey, origin: Origin, quiet_minutes: QuietMinutes) -> Self {
        Manifest {
            version: VERSION,
            series: key.to_string(),
            origin,
            quiet_minutes,
            derived: None,
            files: BTreeMap::new(),
        }
    }

    /// Reads a manifest file; none when there is none.
    pub fn read(path: &Path) -> Result<Option<Self>> {
        match std::fs::read(path) {
            Ok(bytes) => Manifest::parse(&bytes).map(Some).map_err(|fault| fault.within(path.display())),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Fault::io("reading", path, &error)),
        }
    }

    /// Reads a manifest's text.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        #[derive(Deserialize)]
        struct Versioned {
            version: u32,
        }
        let damaged = |error: serde_json::Error| {
            Fault::failure(format!("the manifest is damaged: {error}"))
                .remedy("restore the file from a copy, or delete the series' folder and import its sources again")
        };
        let Versioned { version } = serde_json::from_slice(bytes).map_err(damaged)?;
        if version != VERSION {
            return Err(Fault::user(format!("the manifest has version {version}; this tapeline knows {VERSION}"))
                .remedy("use the tapeline that wrote it, or import the sources again into another --root"));
        }
        serde_json::from_slice(bytes).map_err(damaged)
    }

    /// The manifest's text.
    pub fn to_text(&self) -> String {
        let mut text = serde_json::to_string_pretty(self).expect("a manifest has only text keys");
        text.push('\n');
        text
    }

    /// SHA-256 over the content hashes of the files: it changes with any row.
    pub fn content_sha256(&self) -> String {
        let mut hash = Sha256::new();
        for (period, file) in &self.files {
            hash.update(format!("{period} {}\n", file.content_xxh3_128));
        }
        hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Number of rows in all files.
    pub fn rows(&self) -> u64 {
        self.files.values().map(|file| file.rows).sum()
    }

    /// Times of the first and the last row.
    pub fn extent(&self) -> Option<(Timestamp, Timestamp)> {
        let first = self.files.values().next()?.first.parse().ok()?;
        let last = self.files.values().next_back()?.last.parse().ok()?;
        Some((first, last))
    }
}

impl FileEntry {
    /// Time of the first row.
    pub fn first_time(&self) -> Result<Timestamp> {
        self.first.parse().map_err(|error| Fault::failure(format!("manifest field 'first': {error}")))
    }

    /// Time of the last row.
    pub fn last_time(&self) -> Result<Timestamp> {
        self.last.parse().map_err(|error| Fault::failure(format!("manifest field 'last': {error}")))
    }
}

/// A 128-bit hash as manifests write it.
pub fn hash_text(hash: u128) -> String {
    format!("{hash:032x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Manifest {
        let key = SeriesKey::parse("binance-spot/BTCUSDT/1m").unwrap();
        let mut manifest = Manifest::new(&key, Origin::Real, QuietMinutes::ZeroVolume);
        let entry = FileEntry {
            rows: 3,
            first: "2024-07-26T14:15:00Z".into(),
            last: "2024-07-26T14:17:00Z".into(),
            price_decimals: 2,
            quantity_decimals: 5,
            bytes: 900,
            sha256: "00".into(),
            content_xxh3_128: hash_text(7),
            sources: vec![Provenance { name: "a.csv.gz".into(), sha256: "11".into(), rounded: 0 }],
        };
        manifest.files.insert("2024-07".into(), entry);
        manifest
    }

    #[test]
    fn a_manifest_reads_as_it_is_written() {
        let manifest = sample();
        assert_eq!(Manifest::parse(manifest.to_text().as_bytes()), Ok(manifest.clone()));
        let (first, last) = manifest.extent().unwrap();
        assert_eq!(
            (first.to_string().as_str(), last.to_string().as_str()),
            ("2024-07-26T14:15:00Z", "2024-07-26T14:17:00Z")
        );
    }

    #[test]
    fn an_unknown_version_a_missing_origin_and_an_unknown_field_are_refused() {
        let text = sample().to_text();
        let newer = text.replace("\"version\": 1", "\"version\": 2");
        let fault = Manifest::parse(newer.as_bytes()).unwrap_err().to_string();
        assert!(fault.contains("version 2") && fault.contains("what to do"), "{fault}");
        let nameless = text.replace("  \"origin\": \"real\",\n", "");
        assert!(Manifest::parse(nameless.as_bytes()).unwrap_err().to_string().contains("origin"));
        let odd = text.replace("\"series\"", "\"colour\": 1, \"series\"");
        assert!(Manifest::parse(odd.as_bytes()).unwrap_err().to_string().contains("colour"));
    }
}
