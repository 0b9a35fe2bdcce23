//! Writing the store: rows from many sources into one series, all of them or none.

use super::commit::SeriesLock;
use super::guard::guarded;
use super::manifest::{FILE_NAME, FileEntry, Manifest, Provenance, hash_text};
use super::merge::{Merged, Part, merge};
use super::parquet::{Coding, NANOS_PER_STORED, StoredFile, encode};
use super::place::{SeriesKey, SeriesKind};
use super::set::QuietMinutes;
use super::table::Table;
use crate::domain::{Origin, Timestamp};
use crate::error::{Fault, Result};
use rayon::prelude::*;
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::path::Path;

/// What is to be written into a series.
pub struct Delivery {
    /// Which series.
    pub key: SeriesKey,
    /// Real, testnet or synthetic; must be the series' own when it exists.
    pub origin: Origin,
    /// What the venue publishes for quiet intervals; none keeps the series' own, or what is known of the venue.
    pub quiet_minutes: Option<QuietMinutes>,
    /// The rows, by source; each part has one label.
    pub parts: Vec<Part>,
    /// Where each part came from.
    pub provenance: Vec<Provenance>,
}

/// What a delivery changed.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Receipt {
    /// Rows that the series did not have.
    pub rows_added: u64,
    /// Rows dropped because the series or another source had them already, value for value.
    pub duplicates: u64,
    /// Periods whose files were written.
    pub written: Vec<String>,
    /// Periods that held every row already.
    pub unchanged: Vec<String>,
}

/// Merges rows into a series: all of them or, on any conflict, none.
pub fn deliver(root: &Path, delivery: Delivery) -> Result<Receipt> {
    let Delivery { key, origin, quiet_minutes, parts, provenance } = delivery;
    let incoming = merge(parts)?;
    refuse_unstorable_times(&incoming.table)?;
    let lock = SeriesLock::take(root, &key)?;
    let known = quiet_minutes.unwrap_or_else(|| QuietMinutes::of_venue(key.venue()));
    let mut manifest =
        Manifest::read(&lock.folder().join(FILE_NAME))?.unwrap_or_else(|| Manifest::new(&key, origin, known));
    if manifest.origin != origin {
        return Err(Fault::user(format!("series {key} holds {} data; {origin} rows cannot join it", manifest.origin))
            .remedy("import under another venue name, such as binance-testnet, or into another --root"));
    }
    if let Some(derived) = &manifest.derived {
        return Err(Fault::user(format!(
            "series {key} is derived from {}; rows cannot be imported into it",
            derived.from
        ))
        .remedy("import into the finer series and derive again, or delete this series' folder first"));
    }
    if let Some(asked) = quiet_minutes {
        manifest.quiet_minutes = asked;
    }
    let mut receipt = Receipt { duplicates: incoming.duplicates, ..Receipt::default() };
    let prepared: Vec<Prepared> = split(&incoming.table.time, &key)
        .into_par_iter()
        .map(|(period, from, to)| prepare(&lock, &key, &manifest, &incoming, &provenance, period, from..to))
        .collect::<Result<_>>()?;
    let mut files = Vec::new();
    for period in prepared {
        receipt.duplicates += period.duplicates;
        receipt.rows_added += period.rows_added;
        match period.file {
            Some((entry, bytes)) => {
                manifest.files.insert(period.name.clone(), entry);
                files.push((period.name.clone(), bytes));
                receipt.written.push(period.name);
            }
            None => receipt.unchanged.push(period.name),
        }
    }
    lock.commit(&files, &manifest)?;
    Ok(receipt)
}

fn refuse_unstorable_times(table: &Table) -> Result<()> {
    match table.time.iter().find(|nanos| *nanos % NANOS_PER_STORED != 0) {
        None => Ok(()),
        Some(nanos) => Err(Fault::user(format!(
            "the time {} is finer than a microsecond, which is what the store holds",
            Timestamp::from_nanos(*nanos)
        ))
        .remedy("round the source's times to microseconds")),
    }
}

/// The periods of ascending times: name, first row, row after the last.
pub(super) fn split(time: &[i64], key: &SeriesKey) -> Vec<(String, usize, usize)> {
    let mut periods = Vec::new();
    let mut from = 0;
    while from < time.len() {
        let period = key.period_of(Timestamp::from_nanos(time[from]));
        let to = from + time[from..].partition_point(|at| *at < period.end().nanos());
        periods.push((period.to_string(), from, to));
        from = to;
    }
    periods
}

struct Prepared {
    name: String,
    file: Option<(FileEntry, Vec<u8>)>,
    rows_added: u64,
    duplicates: u64,
}

fn prepare(
    lock: &SeriesLock,
    key: &SeriesKey,
    manifest: &Manifest,
    incoming: &Merged,
    provenance: &[Provenance],
    name: String,
    rows: std::ops::Range<usize>,
) -> Result<Prepared> {
    let used: BTreeSet<u32> = incoming.places[rows.clone()].iter().map(|place| place.label).collect();
    let mut sources: Vec<Provenance> = used.into_iter().map(|part| provenance[part as usize].clone()).collect();
    let slice = incoming.table.slice(rows.start, rows.end);
    let places = incoming.places[rows].to_vec();
    let new_rows = slice.len() as u64;
    let Some(stored) = manifest.files.get(&name) else {
        sources.sort();
        let file = Some(encoded(&slice, key, manifest.origin, sources)?);
        return Ok(Prepared { name, file, rows_added: new_rows, duplicates: 0 });
    };
    let path = lock.folder().join(format!("{name}.parquet"));
    let old = verified(&path, stored, key.kind())?;
    let old_rows = old.len() as u64;
    let parts = vec![
        Part::of_rows(path.display().to_string(), old.clone()),
        Part { labels: incoming.labels.clone(), table: slice, places },
    ];
    let union = merge(parts)?;
    let (rows_added, duplicates) = (union.table.len() as u64 - old_rows, union.duplicates);
    if union.table == old {
        return Ok(Prepared { name, file: None, rows_added, duplicates });
    }
    sources.extend(stored.sources.iter().cloned());
    sources.sort();
    sources.dedup();
    let file = Some(encoded(&union.table, key, manifest.origin, sources)?);
    Ok(Prepared { name, file, rows_added, duplicates })
}

/// A stored file as a table, refused when it is not what the manifest says.
pub fn verified(path: &Path, entry: &FileEntry, kind: SeriesKind) -> Result<Table> {
    let table = guarded(path, || StoredFile::open(path)?.table(kind))?;
    if hash_text(table.content_hash()) != entry.content_xxh3_128 {
        return Err(Fault::failure(format!("{}: the content hash is not what the manifest says", path.display()))
            .remedy("the file was changed outside tapeline; delete the series' folder and import its sources again"));
    }
    Ok(table)
}

/// A file of the store: what the manifest says of it, and its bytes.
pub(super) fn encoded(
    table: &Table,
    key: &SeriesKey,
    origin: Origin,
    sources: Vec<Provenance>,
) -> Result<(FileEntry, Vec<u8>)> {
    let bytes = encode(table, key, origin, Coding::STORE)?;
    let time = |index: usize| Timestamp::from_nanos(table.time[index]).to_string();
    let entry = FileEntry {
        rows: table.len() as u64,
        first: time(0),
        last: time(table.len() - 1),
        price_decimals: table.decimals.price,
        quantity_decimals: table.decimals.quantity,
        bytes: bytes.len() as u64,
        sha256: sha256_text(&bytes),
        content_xxh3_128: hash_text(table.content_hash()),
        sources,
    };
    Ok((entry, bytes))
}

/// SHA-256 of bytes, in hexadecimal.
pub fn sha256_text(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
