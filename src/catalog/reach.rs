//! Scenarios and data by any place: a path of this machine, or an address in an object store, which is copied to this
//! machine first. A series is copied by its manifest: every file has to have the checksum that the manifest says.

use crate::domain::{Interval, OutsideSeries, Timestamp};
use crate::error::{Fault, Result};
use crate::objects::{Address, Bucket, Cache};
use crate::scenario::{self, Draft, Overrides, Plan, StrategyBook};
use crate::tape::manifest::{FILE_NAME, Manifest};
use crate::tape::{self, CandleSet, SeriesKey, SeriesKind, Source, TickSet, Ticks};
use std::path::{Path, PathBuf};

/// A scenario or a plan, to be resolved with many changes.
///
/// # Errors
/// As [`Draft::load`]; also when the store cannot be read.
pub fn draft(place: &Path) -> Result<Draft> {
    match Address::of(place)? {
        Some(_) => Draft::of_text(text(place)?, place, &place.display().to_string()),
        None => Draft::load(place),
    }
}

/// A scenario or a plan, resolved.
///
/// # Errors
/// As [`scenario::load`]; also when the store cannot be read.
pub fn plan(place: &Path, overrides: &Overrides, book: &dyn StrategyBook) -> Result<Plan> {
    match Address::of(place)? {
        Some(_) => scenario::read(&text(place)?, place, overrides, book),
        None => scenario::load(place, overrides, book),
    }
}

fn text(place: &Path) -> Result<String> {
    let path = here(place)?;
    std::fs::read_to_string(&path).map_err(|error| Fault::io("reading the scenario", place, &error))
}

/// A file on this machine with the content of what stands at a place.
pub(super) fn here(place: &Path) -> Result<PathBuf> {
    match Address::of(place)? {
        Some(address) => Cache::here().file(&address),
        None => Ok(place.to_owned()),
    }
}

/// As [`tape::load_candles`].
pub(super) fn load_candles(
    root: &Path,
    venue: &str,
    symbol: &str,
    interval: Interval,
    from: Timestamp,
    to: Timestamp,
) -> Result<CandleSet> {
    let root = store_here(root, &SeriesKey::new(venue, symbol, SeriesKind::Candles(interval))?, from, to)?;
    tape::load_candles(&root, venue, symbol, interval, from, to)
}

/// As [`tape::load_ticks`].
pub(super) fn load_ticks<C: Ticks>(
    root: &Path,
    venue: &str,
    symbol: &str,
    from: Timestamp,
    to: Timestamp,
) -> Result<TickSet<C>> {
    let root = store_here(root, &SeriesKey::new(venue, symbol, C::KIND)?, from, to)?;
    tape::load_ticks(&root, venue, symbol, from, to)
}

/// As [`tape::read_candle_file`].
pub(super) fn read_candle_file(place: &Path, source: &Source) -> Result<CandleSet> {
    tape::read_candle_file(&here(place)?, source)
}

/// As [`tape::read_tick_file`].
pub(super) fn read_tick_file<C: Ticks>(place: &Path, source: &Source) -> Result<TickSet<C>> {
    tape::read_tick_file(&here(place)?, source)
}

/// As [`tape::read_outside`].
pub(super) fn read_outside(place: &Path, column: &str) -> Result<OutsideSeries> {
    tape::read_outside(&here(place)?, column)
}

/// A store on this machine that has what is wanted of one series.
fn store_here(root: &Path, key: &SeriesKey, from: Timestamp, to: Timestamp) -> Result<PathBuf> {
    let Some(address) = Address::of(root)? else { return Ok(root.to_owned()) };
    let cache = Cache::here();
    let folder = key.folder(Path::new(""));
    let address = address.below(&folder.to_string_lossy());
    let place = address.below(FILE_NAME);
    // The manifest is asked for anew by every process: it says which content the series has now.
    let copy = cache.file(&place)?;
    let text = std::fs::read(&copy).map_err(|error| Fault::io("reading", &copy, &error))?;
    let manifest = Manifest::parse(&text).map_err(|fault| fault.within(&place))?;
    let view = cache.view(&text);
    let bucket = Bucket::of(&address)?;
    cache.place_copy(&copy, &view.join(&folder).join(FILE_NAME))?;
    for (period, entry) in &manifest.files {
        if entry.last_time()? >= from && entry.first_time()? < to {
            let name = format!("{period}.parquet");
            cache.place(&bucket, &address.below(&name), &entry.sha256, &view.join(&folder).join(&name))?;
        }
    }
    Ok(view)
}
