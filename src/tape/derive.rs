//! Coarser candles as a series of their own: made of the finest candles that the store holds, and replaced whole when
//! they are made again.

use super::commit::SeriesLock;
use super::deliver::{encoded, split};
use super::manifest::{Derivation, FILE_NAME, Manifest, Provenance};
use super::place::{SeriesKey, SeriesKind};
use super::resample::{Resampled, resample};
use super::set::EVER;
use super::store::{list_series, read_table};
use super::table::{ABSENT, MISSING_ROWS, Table};
use crate::domain::{Interval, Timestamp};
use crate::error::{Fault, Result};
use rayon::prelude::*;
use std::path::Path;

/// Open times that a report names one by one.
const NAMED: usize = 100;

/// What deriving a series did.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct DeriveReport {
    /// The coarse series.
    pub series: String,
    /// The finer one.
    pub from: String,
    /// Coarse candles.
    pub rows: u64,
    /// Coarse candles that lack at least one finer row.
    pub incomplete: u64,
    /// Open times of the first of them.
    pub incomplete_at: Vec<String>,
    /// Finer rows at the end whose coarse candle has not closed: they are in no candle.
    pub unclosed: u64,
    /// Whether the series held exactly this already.
    pub unchanged: bool,
}

/// Derives the `coarse` candles of an instrument from its finest candles in the store, and writes them there as a
/// series of their own: all of it or nothing.
///
/// # Errors
/// When there are no finer candles, when imported candles of this interval are there, or a file is damaged.
pub fn derive(root: &Path, venue: &str, symbol: &str, coarse: Interval) -> Result<DeriveReport> {
    let key = SeriesKey::new(venue, symbol, SeriesKind::Candles(coarse))?;
    let (finer_key, finer) = finest(root, &key, coarse)?;
    let (source, table) = read_table(root, &finer_key, EVER)?;
    let derived = resample(table.candle_rows(), finer, coarse, Timestamp::MIN)
        .map_err(|fault| fault.within(format!("deriving {key} from {finer_key}")))?;
    if derived.columns.is_empty() {
        return Err(Fault::user(format!("{finer_key} holds no whole candle of {coarse}"))
            .remedy("import more rows, or choose a shorter interval"));
    }
    let coarse_table = coarse_table(&table, &derived, coarse, finer);
    let content_sha256 = source.content_sha256();
    let mut manifest = Manifest::new(&key, source.origin, source.quiet_minutes);
    let derivation =
        Derivation { from: finer_key.to_string(), content_sha256, incomplete: derived.incomplete.len() as u64 };
    let provenance =
        Provenance { name: format!("derived from {finer_key}"), sha256: derivation.content_sha256.clone(), rounded: 0 };
    manifest.derived = Some(derivation);
    let mut files = Vec::new();
    let encode = |(period, from, to): (String, usize, usize)| {
        let rows = coarse_table.slice(from, to);
        encoded(&rows, &key, source.origin, vec![provenance.clone()]).map(|(entry, bytes)| (period, entry, bytes))
    };
    let periods: Vec<_> = split(&coarse_table.time, &key).into_par_iter().map(encode).collect::<Result<_>>()?;
    for (period, entry, bytes) in periods {
        manifest.files.insert(period.clone(), entry);
        files.push((period, bytes));
    }
    let lock = SeriesLock::take(root, &key)?;
    let before = Manifest::read(&lock.folder().join(FILE_NAME))?;
    refuse_imported(&key, before.as_ref())?;
    let unchanged = before.as_ref() == Some(&manifest);
    if !unchanged {
        lock.commit(&files, &manifest)?;
    }
    let open_time = |row: &usize| Timestamp::from_nanos(derived.columns.open_time[*row]).to_string();
    Ok(DeriveReport {
        series: key.to_string(),
        from: finer_key.to_string(),
        rows: coarse_table.len() as u64,
        incomplete: derived.incomplete.len() as u64,
        incomplete_at: derived.incomplete.iter().take(NAMED).map(open_time).collect(),
        unclosed: derived.unclosed as u64,
        unchanged,
    })
}

/// The imported series with the shortest candles of which `coarse` ones can be made.
fn finest(root: &Path, coarse: &SeriesKey, wanted: Interval) -> Result<(SeriesKey, Interval)> {
    let mut finer: Vec<(SeriesKey, Interval)> = Vec::new();
    for (key, manifest) in list_series(root)? {
        let same = key.venue() == coarse.venue() && key.symbol() == coarse.symbol() && manifest.derived.is_none();
        match key.kind() {
            SeriesKind::Candles(interval) if same && wanted.is_made_of(interval) => finer.push((key, interval)),
            SeriesKind::Candles(_) | SeriesKind::Trades | SeriesKind::Quotes => {}
        }
    }
    finer.into_iter().min_by_key(|(_, interval)| *interval).ok_or_else(|| {
        let of = format!("{}/{}", coarse.venue(), coarse.symbol());
        Fault::user(format!("the store {} has no candles of {of} of which {wanted} ones can be made", root.display()))
            .remedy("import finer candles; `tapeline data list` shows what is there")
    })
}

fn refuse_imported(key: &SeriesKey, before: Option<&Manifest>) -> Result<()> {
    match before {
        Some(manifest) if manifest.derived.is_none() && !manifest.files.is_empty() => {
            Err(Fault::user(format!("series {key} was imported; derived candles do not replace it"))
                .remedy("delete its folder first, or derive in a copy of the store with another --root"))
        }
        Some(_) | None => Ok(()),
    }
}

/// The derived candles with the sums of the columns that only some sources have, and how many finer rows each lacks.
fn coarse_table(finer: &Table, derived: &Resampled, coarse: Interval, of: Interval) -> Table {
    let decimals = finer.decimals;
    let mut table = Table::from_candles(derived.columns.clone(), coarse, decimals.price, decimals.quantity);
    table.decimals = decimals;
    let whole = coarse.span().nanos() / of.span().nanos();
    for (index, field) in table.fields().iter().enumerate().filter(|(_, field)| !field.required) {
        if field.name == MISSING_ROWS {
            table.columns[index] = derived.made_of.iter().map(|count| whole - *count as i64).collect();
        } else if finer.has(index) {
            table.columns[index] = sums(&finer.columns[index], &derived.made_of);
        }
    }
    table
}

/// Sums over consecutive buckets; a bucket with an absent cell, or whose sum leaves the range, has none.
fn sums(cells: &[i64], made_of: &[usize]) -> Vec<i64> {
    let mut from = 0;
    let sum = |count: &usize| {
        let bucket = &cells[from..from + count];
        from += count;
        let add = |sum: i64, cell: &i64| if *cell == ABSENT { None } else { sum.checked_add(*cell) };
        bucket.iter().try_fold(0, add).unwrap_or(ABSENT)
    };
    made_of.iter().map(sum).collect()
}
