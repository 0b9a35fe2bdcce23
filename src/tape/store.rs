//! Reading the store: series into columns, every file held against its manifest.

use super::commit::finish_interrupted;
use super::decimal::power_of_ten;
use super::deliver::verified;
use super::gaps::Stretch;
use super::guard::guarded;
use super::manifest::{FILE_NAME, FileEntry, Manifest, hash_text};
use super::parquet::{NANOS_PER_STORED, StoredFile};
use super::place::{SeriesKey, SeriesKind};
use super::set::{CandleSet, combine};
use super::table::{Field, Measure, Table, fields_of};
use super::ticks::{TickSet, Ticks};
use crate::domain::{CandleColumns, Interval, Timestamp};
use crate::error::{Fault, Result, nearest};
use rayon::prelude::*;
use std::collections::BTreeSet;
use std::path::Path;

/// Loads the candles that open at or after `from` and before `to`. Every file read is held against its manifest.
pub fn load_candles(
    root: &Path,
    venue: &str,
    symbol: &str,
    interval: Interval,
    from: Timestamp,
    to: Timestamp,
) -> Result<CandleSet> {
    let key = SeriesKey::new(venue, symbol, SeriesKind::Candles(interval))?;
    let loaded = load(root, &key, from, to)?;
    let [open_time, open, high, low, close, volume] =
        <[Vec<i64>; 6]>::try_from(loaded.columns).expect("candles have a time and five required columns");
    let columns = CandleColumns { open_time: open_time.into(), open, high, low, close, volume };
    let (price_decimals, quantity_decimals) = (loaded.price_decimals, loaded.quantity_decimals);
    let content_hash = CandleSet::hash_rows(&columns, interval, price_decimals, quantity_decimals);
    Ok(CandleSet {
        venue: venue.to_owned(),
        symbol: symbol.to_owned(),
        interval,
        price_decimals,
        quantity_decimals,
        columns,
        origin: loaded.manifest.origin,
        quiet_minutes: loaded.manifest.quiet_minutes,
        asked: Stretch { from, to },
        content_hash,
    })
}

/// Loads the trades or quotes at or after `from` and before `to`. Every file read is held against its manifest.
pub fn load_ticks<C: Ticks>(
    root: &Path,
    venue: &str,
    symbol: &str,
    from: Timestamp,
    to: Timestamp,
) -> Result<TickSet<C>> {
    let loaded = load(root, &SeriesKey::new(venue, symbol, C::KIND)?, from, to)?;
    let decimals = (loaded.price_decimals, loaded.quantity_decimals);
    let mut columns = loaded.columns.into_iter();
    let mut next = || columns.next().expect("rows have a time and a number");
    let (time, ids) = (next(), next());
    Ok(TickSet::new((venue, symbol), decimals, (C::of_fields(time, columns), ids), loaded.manifest.origin))
}

struct Loaded {
    manifest: Manifest,
    price_decimals: u8,
    quantity_decimals: u8,
    /// Time, then the required fields in their order.
    columns: Vec<Vec<i64>>,
}

fn load(root: &Path, key: &SeriesKey, from: Timestamp, to: Timestamp) -> Result<Loaded> {
    let manifest = read_manifest(root, key)?;
    let mut chosen: Vec<(&String, &FileEntry)> = Vec::new();
    for (period, entry) in &manifest.files {
        if entry.last_time()? >= from && entry.first_time()? < to {
            chosen.push((period, entry));
        }
    }
    if chosen.is_empty() {
        return Err(nothing_between(key, &manifest, from, to));
    }
    let price_decimals = chosen.iter().map(|(_, entry)| entry.price_decimals).max().unwrap_or(0);
    let quantity_decimals = chosen.iter().map(|(_, entry)| entry.quantity_decimals).max().unwrap_or(0);
    let fields: Vec<&Field> = fields_of(key.kind()).iter().filter(|field| field.required).collect();
    let rows: usize = chosen.iter().map(|(_, entry)| entry.rows as usize).sum();
    // Each asked for on its own: fresh pages come zeroed, a cloned vector would be written twice.
    let mut columns: Vec<Vec<i64>> = (0..=fields.len()).map(|_| vec![0; rows]).collect();

    let folder = key.folder(root);
    let mut tails: Vec<&mut [i64]> = columns.iter_mut().map(Vec::as_mut_slice).collect();
    let mut jobs = Vec::with_capacity(chosen.len());
    for (period, entry) in &chosen {
        let mut heads = Vec::with_capacity(tails.len());
        for tail in &mut tails {
            let (head, rest) = std::mem::take(tail).split_at_mut(entry.rows as usize);
            heads.push(head);
            *tail = rest;
        }
        jobs.push((folder.join(format!("{period}.parquet")), *entry, heads));
    }
    jobs.into_par_iter().try_for_each(|(path, entry, targets)| {
        guarded(&path, || {
            let file = StoredFile::open(&path)?;
            read_file(&file, key, entry, &fields, targets, (price_decimals, quantity_decimals))
                .map_err(|fault| fault.within(path.display()))
        })
    })?;
    trim(&mut columns, from, to);
    if columns[0].is_empty() {
        return Err(nothing_between(key, &manifest, from, to));
    }
    refuse_unsorted(&columns[0], key)?;
    Ok(Loaded { price_decimals, quantity_decimals, columns, manifest })
}

/// Reads the rows at or after `from` and before `to` with the columns that only some sources have. Every file read is
/// held against its manifest.
pub fn read_table(root: &Path, key: &SeriesKey, within: Stretch) -> Result<(Manifest, Table)> {
    let manifest = read_manifest(root, key)?;
    let folder = key.folder(root);
    let mut all = Table::of(key.kind());
    for (period, entry) in &manifest.files {
        if entry.last_time()? < within.from || entry.first_time()? >= within.to {
            continue;
        }
        let path = folder.join(format!("{period}.parquet"));
        let table = verified(&path, entry, key.kind())?;
        all.append(table).map_err(|error| {
            Fault::failure(format!("{}: its numbers do not fit 64 bits at {} decimals", path.display(), error.decimals))
                .remedy("choose a narrower time range, or import the finer file as a series of its own")
        })?;
    }
    let begin = all.time.partition_point(|at| *at < within.from.nanos());
    let end =
        if within.to == Timestamp::MAX { all.len() } else { all.time.partition_point(|at| *at < within.to.nanos()) };
    if begin >= end {
        return Err(nothing_between(key, &manifest, within.from, within.to));
    }
    refuse_unsorted(&all.time, key)?;
    let whole = begin == 0 && end == all.len();
    Ok((manifest, if whole { all } else { all.slice(begin, end) }))
}

fn read_file(
    file: &StoredFile,
    key: &SeriesKey,
    entry: &FileEntry,
    fields: &[&Field],
    mut targets: Vec<&mut [i64]>,
    decimals: (u8, u8),
) -> Result<()> {
    let changed = |what: &str| {
        Fault::failure(format!("{what} is not what the manifest says"))
            .remedy("the file was changed outside tapeline; delete it and import its sources again")
    };
    if file.rows() as u64 != entry.rows {
        return Err(changed("the number of rows"));
    }
    let mut digests = Vec::with_capacity(targets.len());
    digests
        .push(file.read_required(key.kind().time_name(), targets[0], |stored| stored.wrapping_mul(NANOS_PER_STORED))?);
    for (field, target) in fields.iter().zip(&mut targets[1..]) {
        let (own, wanted) = match field.measure {
            Measure::Price => (entry.price_decimals, decimals.0),
            Measure::Quantity => (entry.quantity_decimals, decimals.1),
            Measure::Quote | Measure::Count => (0, 0),
        };
        let stored_scale = file.find(field.name).and_then(|column| file.scale(column)).unwrap_or(0);
        if stored_scale != own {
            return Err(changed("the number of decimals"));
        }
        let digest = if own == wanted {
            file.read_required(field.name, target, |stored| stored)?
        } else {
            let lift = power_of_ten(wanted - own).ok_or_else(|| changed("the number of decimals"))?;
            let most = (i64::MAX / lift).unsigned_abs();
            let digest = file.read_required(field.name, target, |stored| {
                if stored.unsigned_abs() > most { i64::MIN } else { stored * lift }
            })?;
            if target.contains(&i64::MIN) {
                return Err(Fault::failure(format!("'{}' does not fit 64 bits at {wanted} decimals", field.name))
                    .remedy("load a narrower time range, or import the finer file as a series of its own"));
            }
            digest
        };
        digests.push(digest);
    }
    let interval_nanos = key.kind().interval().map_or(0, |interval| interval.span().nanos());
    let content = combine(interval_nanos, entry.price_decimals, entry.quantity_decimals, file.rows(), &digests);
    if hash_text(content) != entry.content_xxh3_128 { Err(changed("the content hash")) } else { Ok(()) }
}

fn trim(columns: &mut [Vec<i64>], from: Timestamp, to: Timestamp) {
    let time = &columns[0];
    let begin = time.partition_point(|at| *at < from.nanos());
    let end = if to == Timestamp::MAX { time.len() } else { time.partition_point(|at| *at < to.nanos()) };
    for column in columns {
        column.truncate(end);
        column.drain(..begin.min(end));
    }
}

fn refuse_unsorted(time: &[i64], key: &SeriesKey) -> Result<()> {
    let sorted = match key.kind() {
        SeriesKind::Candles(_) => time.windows(2).all(|pair| pair[0] < pair[1]),
        SeriesKind::Trades | SeriesKind::Quotes => time.is_sorted(),
    };
    if sorted {
        return Ok(());
    }
    Err(Fault::failure(format!("the rows of {key} are not in the order of time"))
        .remedy("run `tapeline data check` and import the sources again"))
}

fn nothing_between(key: &SeriesKey, manifest: &Manifest, from: Timestamp, to: Timestamp) -> Fault {
    let holds = match manifest.extent() {
        Some((first, last)) => format!("it holds {first} to {last}"),
        None => "it is empty".to_owned(),
    };
    let bound = |time: Timestamp, word: &str| {
        if time == Timestamp::MIN || time == Timestamp::MAX { word.to_owned() } else { time.to_string() }
    };
    let (from, to) = (bound(from, "its beginning"), bound(to, "its end"));
    Fault::user(format!("{key} has no rows between {from} and {to}; {holds}"))
        .remedy("choose another time range, or import more files")
}

/// The manifest of a series in the store, an interrupted change finished first.
pub fn read_manifest(root: &Path, key: &SeriesKey) -> Result<Manifest> {
    let folder = key.folder(root);
    finish_interrupted(&folder)?;
    let path = folder.join(FILE_NAME);
    let manifest = Manifest::read(&path)?.ok_or_else(|| not_stored(root, key))?;
    if manifest.series != key.to_string() {
        return Err(Fault::failure(format!("{} describes {}, not {key}", path.display(), manifest.series))
            .remedy("move the folder back to where it was"));
    }
    Ok(manifest)
}

fn not_stored(root: &Path, key: &SeriesKey) -> Fault {
    let fault = Fault::user(format!("the store {} has no series {key}", root.display()));
    let known: Vec<String> =
        list_series(root).unwrap_or_default().into_iter().map(|(known, _)| known.to_string()).collect();
    match nearest(&key.to_string(), known.iter().map(String::as_str)) {
        Some(near) => fault.remedy(format!("did you mean {near}? `tapeline data list` shows what is there")),
        None => fault.remedy("import it with `tapeline data import`; `tapeline data list` shows what is there"),
    }
}

/// All series of a store with their manifests, in the order of their names. An absent store is empty.
pub fn list_series(root: &Path) -> Result<Vec<(SeriesKey, Manifest)>> {
    let mut found = Vec::new();
    for venue in subfolders(&root.join("candles"))? {
        for symbol in subfolders(&root.join("candles").join(&venue))? {
            for interval in subfolders(&root.join("candles").join(&venue).join(&symbol))? {
                found.push(format!("{venue}/{symbol}/{interval}"));
            }
        }
    }
    for kind in [SeriesKind::Trades, SeriesKind::Quotes].map(SeriesKind::word) {
        for venue in subfolders(&root.join(kind))? {
            for symbol in subfolders(&root.join(kind).join(&venue))? {
                found.push(format!("{venue}/{symbol}/{kind}"));
            }
        }
    }
    let mut series = Vec::new();
    for name in found {
        // A folder that is not named like a series is not ours.
        let Ok(key) = SeriesKey::parse(&name) else { continue };
        finish_interrupted(&key.folder(root))?;
        if let Some(manifest) = Manifest::read(&key.folder(root).join(FILE_NAME))? {
            series.push((key, manifest));
        }
    }
    series.sort_by(|left, right| left.0.cmp(&right.0));
    Ok(series)
}

fn subfolders(folder: &Path) -> Result<BTreeSet<String>> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(BTreeSet::new()),
        Err(error) => return Err(Fault::io("listing", folder, &error)),
    };
    let mut names = BTreeSet::new();
    for entry in entries {
        let entry = entry.map_err(|error| Fault::io("listing", folder, &error))?;
        if entry.path().is_dir() {
            names.insert(entry.file_name().to_string_lossy().into_owned());
        }
    }
    Ok(names)
}
