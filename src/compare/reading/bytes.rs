//! A file's text, out of whatever it is packed in.

use crate::error::{Fault, Result};
use flate2::read::MultiGzDecoder;
use sha2::{Digest, Sha256};
use std::io::{Cursor, Read};
use std::path::Path;

/// More than this is no list of trades.
const BYTES_MAX: u64 = 1 << 29;

/// The text of a result.
pub struct Content {
    /// What it says.
    pub text: String,
    /// SHA-256 over it, hexadecimal: the same result, packed or not, is the same result.
    pub digest: String,
}

/// Reads a file: plain text, gzip, or a zip that freqtrade wrote.
pub fn content(path: &Path) -> Result<Content> {
    let packed = std::fs::read(path).map_err(|error| {
        Fault::io("reading", path, &error).remedy("name a run's directory, or a result of another program")
    })?;
    let bytes = match packed.as_slice() {
        [0x1f, 0x8b, ..] => all(path, MultiGzDecoder::new(packed.as_slice()))?,
        [b'P', b'K', 3, 4, ..] => member(path, &packed)?,
        _ => packed,
    };
    let digest = digest(&[&bytes]);
    let text = String::from_utf8(bytes).map_err(|error| {
        let place = error.utf8_error().valid_up_to();
        Fault::user(format!("reading {}: byte {place} is no UTF-8 text", path.display()))
            .remedy("export it again as UTF-8")
    })?;
    Ok(Content { text, digest })
}

/// SHA-256 over several texts, each with its length before it.
pub fn digest(parts: &[&[u8]]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn all(path: &Path, packed: impl Read) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    packed.take(BYTES_MAX + 1).read_to_end(&mut bytes).map_err(|error| {
        Fault::user(format!("unpacking {}: {error}", path.display())).remedy("the file is damaged; export it again")
    })?;
    if bytes.len() as u64 > BYTES_MAX {
        return Err(Fault::user(format!("unpacking {}: more than {BYTES_MAX} bytes", path.display()))
            .remedy("this is no list of trades"));
    }
    Ok(bytes)
}

/// The result in freqtrade's zip: the one JSON file that is not a configuration or a strategy's parameters.
fn member(path: &Path, packed: &[u8]) -> Result<Vec<u8>> {
    let damaged = |error: zip::result::ZipError| {
        Fault::user(format!("unpacking {}: {error}", path.display())).remedy("the file is damaged; export it again")
    };
    let mut archive = zip::ZipArchive::new(Cursor::new(packed)).map_err(damaged)?;
    let names = archive.file_names().filter_map(|name| name.ok().map(|name| name.into_owned()));
    let mut names: Vec<String> = names.filter(|name| name.ends_with(".json")).collect();
    names.sort();
    let own = path.file_stem().map(|stem| format!("{}.json", stem.to_string_lossy()));
    let name = own.filter(|own| names.contains(own)).or_else(|| {
        // Renamed since: beside the result stand files whose names are the result's, continued.
        names
            .iter()
            .find(|name| names.iter().filter(|other| *other != *name).all(|other| continues(other, name)))
            .cloned()
    });
    let Some(name) = name else {
        return Err(Fault::user(format!("unpacking {}: there is no backtest result in it", path.display()))
            .remedy("name freqtrade's backtest-result zip; of an Excel workbook, export the list of trades as CSV"));
    };
    let packed = archive.by_name(&name).map_err(damaged)?;
    all(path, packed)
}

fn continues(other: &str, name: &str) -> bool {
    name.strip_suffix(".json").is_some_and(|stem| other.starts_with(stem))
}
