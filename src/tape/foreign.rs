//! Candles, trades and quotes straight from a file by its path, without the store: the same layouts, the same refusals.

use super::csv::{ParsedFile, read_text};
use super::decimal::DecimalLimits;
use super::gaps::Stretch;
use super::guard::guarded;
use super::import::{OffGrid, on_grid};
use super::layout::Layout;
use super::merge::merge;
use super::parquet_foreign::read_parquet;
use super::place::SeriesKind;
use super::set::{CandleSet, EVER, QuietMinutes};
use super::source::{Wrapping, with_text, wrapping};
use super::ticks::{TickSet, Ticks};
use crate::domain::{Interval, Origin, Span};
use crate::error::{Fault, Result};
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::path::Path;

/// What is known about foreign files that hold the rows of one series.
#[derive(Clone, Debug)]
pub struct Source {
    /// The venue and product, such as `binance-spot`.
    pub venue: String,
    /// The venue's name of the instrument.
    pub symbol: String,
    /// The length of the candles. None stands for trades and quotes when they are imported, and for the most common step of the
    /// first file when candles are read by its path.
    pub interval: Option<Interval>,
    /// The layout; none finds it out from each first line.
    pub layout: Option<Layout>,
    /// Real, testnet or synthetic.
    pub origin: Origin,
    /// What the venue publishes for quiet intervals; none keeps what is known of the series or the venue.
    pub quiet_minutes: Option<QuietMinutes>,
    /// The most decimals to keep.
    pub limits: DecimalLimits,
}

impl Source {
    /// Real rows of an instrument, in a layout to be found out, every digit kept.
    pub fn of(venue: &str, symbol: &str, interval: Option<Interval>) -> Self {
        Source {
            venue: venue.to_owned(),
            symbol: symbol.to_owned(),
            interval,
            layout: None,
            origin: Origin::Real,
            quiet_minutes: None,
            limits: DecimalLimits::default(),
        }
    }
}

/// Reads the candles of a CSV, CSV.gz, zip or Parquet file.
pub fn read_candle_file(path: &Path, source: &Source) -> Result<CandleSet> {
    read_candle_files(std::slice::from_ref(&path), source)
}

/// Reads the trades or quotes of a CSV, CSV.gz, zip or Parquet file.
pub fn read_tick_file<C: Ticks>(path: &Path, source: &Source) -> Result<TickSet<C>> {
    read_tick_files(std::slice::from_ref(&path), source)
}

/// Reads the candles of several files as one series: duplicates are dropped, conflicts refused.
pub fn read_candle_files<P: AsRef<Path> + Sync>(paths: &[P], source: &Source) -> Result<CandleSet> {
    let files = parse_all(paths, source)?;
    refuse_others(&files, Layout::Tapeline.kind())?;
    let interval = match (source.interval, files.first()) {
        (Some(interval), _) => interval,
        (None, Some(first)) => {
            infer_interval(&first.part.table.time).map_err(|fault| fault.within(&first.part.labels[0]))?
        }
        (None, None) => return Err(no_files()),
    };
    let parts = files.into_iter().map(|file| Ok(on_grid(file, interval, OffGrid::Refuse)?.0)).collect::<Result<_>>()?;
    let table = merge(parts)?.table;
    let (price_decimals, quantity_decimals) = (table.decimals.price, table.decimals.quantity);
    let columns = table.into_candles();
    let content_hash = CandleSet::hash_rows(&columns, interval, price_decimals, quantity_decimals);
    Ok(CandleSet {
        venue: source.venue.clone(),
        symbol: source.symbol.clone(),
        interval,
        price_decimals,
        quantity_decimals,
        columns,
        origin: source.origin,
        quiet_minutes: source.quiet_minutes.unwrap_or_else(|| QuietMinutes::of_venue(&source.venue)),
        asked: EVER,
        content_hash,
    })
}

/// Reads the trades or quotes of several files as one series: duplicates are dropped, conflicts refused.
pub fn read_tick_files<C: Ticks, P: AsRef<Path> + Sync>(paths: &[P], source: &Source) -> Result<TickSet<C>> {
    let files = parse_all(paths, source)?;
    refuse_others(&files, C::KIND)?;
    let table = merge(files.into_iter().map(|file| file.part).collect())?.table;
    let decimals = (table.decimals.price, table.decimals.quantity);
    Ok(TickSet::new((&source.venue, &source.symbol), decimals, table.into_ticks(), source.origin))
}

fn refuse_others(files: &[ParsedFile], kind: SeriesKind) -> Result<()> {
    let Some(file) = files.iter().find(|file| file.layout.kind() != kind) else { return Ok(()) };
    let (held, wanted) = (file.layout.kind().word(), kind.word());
    Err(Fault::user(format!("{} holds {held}, not {wanted}", file.part.labels[0]))
        .remedy(format!("name it as a source of {held}")))
}

fn parse_all<P: AsRef<Path> + Sync>(paths: &[P], source: &Source) -> Result<Vec<ParsedFile>> {
    if paths.is_empty() {
        return Err(no_files());
    }
    let parse = |path: &P| parse_file(path.as_ref(), source.layout, source.limits)?.of_origin(source.origin);
    paths.par_iter().map(parse).collect()
}

fn no_files() -> Fault {
    Fault::user("no files to read").remedy("name at least one CSV, CSV.gz, zip or Parquet file")
}

impl CandleSet {
    /// Only the candles that open at or after `from` and before `to`, as a load from the store would give them.
    #[must_use]
    pub fn within(mut self, asked: Stretch) -> Self {
        let begin = self.columns.first_at_or_after(asked.from);
        let end = if asked.to == EVER.to { self.columns.len() } else { self.columns.first_at_or_after(asked.to) };
        self.columns.keep(begin..end);
        self.content_hash =
            CandleSet::hash_rows(&self.columns, self.interval, self.price_decimals, self.quantity_decimals);
        self.asked = asked;
        self
    }
}

/// Parses one file of any kind.
pub fn parse_file(path: &Path, layout: Option<Layout>, limits: DecimalLimits) -> Result<ParsedFile> {
    let label = path.display().to_string();
    match wrapping(path)? {
        Wrapping::Parquet => guarded(path, || read_parquet(path, &label, limits)),
        kind => with_text(path, kind, |text| read_text(text, &label, layout, limits)),
    }
}

/// The most common step between neighbours; the shorter of two equally common ones.
fn infer_interval(time: &[i64]) -> Result<Interval> {
    let mut steps: BTreeMap<i64, usize> = BTreeMap::new();
    for pair in time.windows(2) {
        *steps.entry((pair[1] - pair[0]).abs()).or_default() += 1;
    }
    let common = steps.iter().filter(|(step, _)| **step > 0).max_by_key(|(step, count)| (**count, -**step));
    common.and_then(|(step, _)| Interval::new(Span::from_nanos(*step))).ok_or_else(|| {
        Fault::user("the candles' interval cannot be told from their times").remedy("give the interval, such as 1m")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::TradeColumns;

    fn source() -> Source {
        Source::of("kraken-spot", "XBTUSD", None)
    }

    fn hours(list: &[i64]) -> String {
        let line = |hour: &i64| format!("{},2,3,1,2,5\n", 1_722_470_400_000 + hour * 3_600_000);
        "open_time,open,high,low,close,volume\n".to_owned() + &list.iter().map(line).collect::<String>()
    }

    #[test]
    fn several_files_make_one_series_and_its_interval_is_the_most_common_step() {
        let folder = tempfile::tempdir().unwrap();
        let (late, early) = (folder.path().join("late.csv"), folder.path().join("early.csv"));
        std::fs::write(&late, hours(&[4, 5, 6, 9])).unwrap();
        std::fs::write(&early, hours(&[0, 1, 2, 4])).unwrap();
        let set = read_candle_files(&[late, early], &source()).unwrap();
        assert_eq!((set.interval, set.columns.len(), set.quiet_minutes), (Interval::HOUR, 7, QuietMinutes::Absent));
        assert_eq!(set.gaps().iter().map(|gap| gap.count).collect::<Vec<_>>(), vec![1, 2]);
        let cut = set.clone().within(Stretch { from: "2024-08-01T01:00".parse().unwrap(), to: EVER.to });
        assert_eq!((cut.columns.len(), cut.gaps().len()), (6, 2));
        assert_ne!(cut.content_hash, set.content_hash);
    }

    #[test]
    fn a_single_candle_has_no_interval_and_nothing_is_no_series() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("one.csv");
        std::fs::write(&path, hours(&[0])).unwrap();
        let text = read_candle_file(&path, &source()).unwrap_err().to_string();
        assert!(text.contains("one.csv") && text.contains("give the interval"), "{text}");
        assert!(read_candle_files::<&Path>(&[], &source()).is_err());
        let read = read_tick_file::<TradeColumns>(&path, &source());
        assert!(read.unwrap_err().to_string().contains("holds candles, not trades"));
    }
}
