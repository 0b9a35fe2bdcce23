//! Foreign files into the store: parsed in parallel, held against the grid, merged with what is there.

use super::csv::ParsedFile;
use super::deliver::{Delivery, Receipt, deliver};
use super::foreign::{Source, parse_file};
use super::manifest::Provenance;
use super::merge::{Part, Place};
use super::place::{SeriesKey, SeriesKind};
use super::source::sha256_of;
use super::table::Table;
use crate::domain::{Interval, Span, Timestamp};
use crate::error::{Fault, Result};
use rayon::prelude::*;
use std::path::PathBuf;

/// What to do with candles that do not open on their interval's grid, or that say they end early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OffGrid {
    /// Refuse the import.
    Refuse,
    /// Leave them out, and count them.
    Drop,
}

/// What to import.
#[derive(Clone, Debug)]
pub struct ImportPlan {
    /// The store.
    pub root: PathBuf,
    /// The files; all become one series.
    pub files: Vec<PathBuf>,
    /// What they hold.
    pub source: Source,
    /// What to do with shifted candles.
    pub off_grid: OffGrid,
}

/// What an import did.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct ImportReport {
    /// The series, as `venue/symbol/interval`.
    pub series: String,
    /// Files read.
    pub files: u64,
    /// Rows read from them.
    pub rows_read: u64,
    /// Shifted candles left out.
    pub off_grid_dropped: u64,
    /// Candles whose high or low contradicts their other prices; kept as they are.
    pub inconsistent: u64,
    /// Numbers rounded to the decimal limits asked for.
    pub rounded: u64,
    /// What became of the rows.
    #[serde(flatten)]
    pub receipt: Receipt,
}

/// Runs an import. `watch` hears of every file when it is parsed, from several threads, with its rows.
pub fn import(plan: &ImportPlan, watch: &(dyn Fn(&std::path::Path, u64) + Sync)) -> Result<ImportReport> {
    if plan.files.is_empty() {
        return Err(Fault::user("no files to import").remedy("name CSV, CSV.gz, zip or Parquet files"));
    }
    let parsed: Vec<(ParsedFile, Provenance)> = plan
        .files
        .par_iter()
        .map(|path| {
            let sha256 = sha256_of(path)?;
            let parsed = parse_file(path, plan.source.layout, plan.source.limits)?.of_origin(plan.source.origin)?;
            let provenance = Provenance { name: file_name(path), sha256, rounded: parsed.rounded };
            watch(path, parsed.part.table.len() as u64);
            Ok((parsed, provenance))
        })
        .collect::<Result<_>>()?;
    let source = &plan.source;
    let kind = kind_of(source, &parsed)?;
    let key = SeriesKey::new(&source.venue, &source.symbol, kind)?;
    let rows_read = parsed.iter().map(|(file, _)| file.part.table.len() as u64).sum();
    let rounded = parsed.iter().map(|(file, _)| file.rounded).sum();
    let (mut parts, mut provenance) = (Vec::new(), Vec::new());
    let (mut off_grid_dropped, mut inconsistent) = (0, 0);
    for (file, from) in parsed {
        let (part, dropped) = match kind {
            SeriesKind::Candles(interval) => on_grid(file, interval, plan.off_grid)?,
            SeriesKind::Trades | SeriesKind::Quotes => (file.part, 0),
        };
        off_grid_dropped += dropped;
        inconsistent += count_inconsistent(&part.table);
        parts.push(part);
        provenance.push(from);
    }
    let delivery =
        Delivery { key: key.clone(), origin: source.origin, quiet_minutes: source.quiet_minutes, parts, provenance };
    let receipt = deliver(&plan.root, delivery)?;
    let files = plan.files.len() as u64;
    Ok(ImportReport { series: key.to_string(), files, rows_read, off_grid_dropped, inconsistent, rounded, receipt })
}

fn kind_of(source: &Source, parsed: &[(ParsedFile, Provenance)]) -> Result<SeriesKind> {
    let kinds = parsed.iter().map(|(file, _)| file.layout.kind());
    let (Some(first), Some(last)) = (kinds.clone().min(), kinds.max()) else {
        return Err(Fault::user("no files to import").remedy("name CSV, CSV.gz, zip or Parquet files"));
    };
    if first != last {
        return Err(Fault::user(format!("some files hold {} and some hold {}", first.word(), last.word()))
            .remedy("import them separately"));
    }
    match (first, source.interval) {
        (SeriesKind::Candles(_), Some(interval)) => Ok(SeriesKind::Candles(interval)),
        (SeriesKind::Candles(_), None) => Err(Fault::user("the files hold candles, and no --interval was given")
            .remedy("say how long each candle is, such as --interval 1m")),
        (SeriesKind::Trades | SeriesKind::Quotes, None) => Ok(first),
        (SeriesKind::Trades, Some(_)) => Err(Fault::user("the files hold trades, and --interval was given")
            .remedy("leave --interval out; candles are made from stored trades when they are loaded")),
        (SeriesKind::Quotes, Some(_)) => {
            Err(Fault::user("the files hold quotes, and --interval was given").remedy("leave --interval out"))
        }
    }
}

/// Holds the open times against the grid, and the close times, where the file has them, against the interval.
pub fn on_grid(file: ParsedFile, interval: Interval, off_grid: OffGrid) -> Result<(Part, u64)> {
    let ParsedFile { mut part, close_time, .. } = file;
    part.table.kind = SeriesKind::Candles(interval);
    let fits = |row: usize| {
        let open = Timestamp::from_nanos(part.table.time[row]);
        interval.opens_at(open) && close_time.get(row).is_none_or(|close| ends_with(open, *close, interval))
    };
    let misfits: Vec<usize> = (0..part.table.len()).filter(|row| !fits(*row)).collect();
    let Some(first) = misfits.first() else {
        return Ok((part, 0));
    };
    let label = &part.labels[0];
    if off_grid == OffGrid::Refuse || misfits.len() == part.table.len() {
        let time = Timestamp::from_nanos(part.table.time[*first]);
        let what = if interval.opens_at(time) { "ends early or late" } else { "does not open on the grid" };
        return Err(Fault::user(format!(
            "{label} line {}: the candle of {time} {what} of {interval} candles ({} such rows)",
            part.places[*first].line,
            misfits.len()
        ))
        .remedy("check --interval; to leave shifted candles out, add --off-grid drop"));
    }
    let mut table = Table::like(&part.table);
    let mut places: Vec<Place> = Vec::with_capacity(part.places.len());
    let mut skip = misfits.iter().peekable();
    for row in 0..part.table.len() {
        if skip.next_if(|misfit| **misfit == row).is_none() {
            table.push_row(&part.table, row);
            places.push(part.places[row]);
        }
    }
    Ok((Part { labels: part.labels, table, places }, misfits.len() as u64))
}

/// Sources write the last instant of the candle in their own unit, or the first instant after it.
fn ends_with(open: Timestamp, close: i64, interval: Interval) -> bool {
    let end = open.after(interval.span()).nanos();
    [0, 1, 1_000, Span::from_millis(1).nanos(), Span::SECOND.nanos()].contains(&(end - close))
}

fn count_inconsistent(table: &Table) -> u64 {
    if table.kind.interval().is_none() {
        return 0;
    }
    let [open, high, low, close] = [0, 1, 2, 3].map(|column| &table.columns[column]);
    (0..table.len()).filter(|row| !consistent(open[*row], high[*row], low[*row], close[*row])).count() as u64
}

/// Whether no price of a candle lies outside its range.
pub fn consistent(open: i64, high: i64, low: i64, close: i64) -> bool {
    low <= open.min(close) && high >= open.max(close)
}

fn file_name(path: &std::path::Path) -> String {
    path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned())
}
