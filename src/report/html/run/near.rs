//! `candles.parquet`, `indicators.parquet` and `equity.parquet`, read back for the page. Runs of simple kinds have none.

use crate::error::guard::guarded;
use crate::error::{Fault, Result};
use arrow_array::cast::AsArray;
use arrow_array::types::{Decimal128Type, Float64Type, TimestampNanosecondType};
use arrow_array::{Array, RecordBatch};
use arrow_schema::DataType;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use std::fs::File;
use std::path::Path;

/// Rows that are decoded at once.
const BATCH: usize = 1 << 16;

/// Single candles of one instrument.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Candles {
    /// Its name.
    pub symbol: String,
    /// When each begins, milliseconds since 1970, ascending.
    pub at: Vec<i64>,
    /// Open, high, low and close.
    pub prices: [Vec<f64>; 4],
}

/// Values of one column that a strategy read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Track {
    /// Of which instrument.
    pub symbol: String,
    /// Of which of its candles.
    pub interval: String,
    /// Its name.
    pub indicator: String,
    /// Whether it is a price.
    pub is_price: bool,
    /// Closes of candles, milliseconds since 1970, ascending.
    pub at: Vec<i64>,
    /// Its values there; NaN where it had none.
    pub values: Vec<f64>,
}

/// Reads `candles.parquet`.
pub fn candles(run: &Path) -> Result<Vec<Candles>> {
    let mut all: Vec<Candles> = Vec::new();
    each(&run.join("candles.parquet"), &mut |batch| {
        let symbols = batch.column_by_name("symbol")?.as_string_opt::<i32>()?;
        let times = times(batch, "open_time")?;
        let prices = ["open", "high", "low", "close"].map(|name| decimals(batch, name));
        let [Some(open), Some(high), Some(low), Some(close)] = prices else { return None };
        for (row, at) in times.iter().enumerate() {
            let symbol = symbols.value(row);
            if all.last().is_none_or(|candles| candles.symbol != symbol) {
                all.push(Candles { symbol: symbol.to_owned(), ..Candles::default() });
            }
            let candles = all.last_mut()?;
            candles.at.push(*at);
            for (column, values) in candles.prices.iter_mut().zip([&open, &high, &low, &close]) {
                column.push(values[row]);
            }
        }
        Some(())
    })?;
    Ok(all)
}

/// Reads `indicators.parquet`.
pub fn indicators(run: &Path) -> Result<Vec<Track>> {
    let mut all: Vec<Track> = Vec::new();
    each(&run.join("indicators.parquet"), &mut |batch| {
        let word = |name: &str| batch.column_by_name(name)?.as_string_opt::<i32>();
        let (symbols, intervals, names) = (word("symbol")?, word("interval")?, word("indicator")?);
        let (panels, times) = (word("panel")?, times(batch, "time")?);
        let values = batch.column_by_name("value")?.as_primitive_opt::<Float64Type>()?;
        for (row, at) in times.iter().enumerate() {
            let (symbol, interval, name) = (symbols.value(row), intervals.value(row), names.value(row));
            let is_same =
                |track: &Track| track.symbol == symbol && track.interval == interval && track.indicator == name;
            if !all.last().is_some_and(is_same) {
                all.push(Track {
                    symbol: symbol.to_owned(),
                    interval: interval.to_owned(),
                    indicator: name.to_owned(),
                    is_price: panels.value(row) == "price",
                    ..Track::default()
                });
            }
            let track = all.last_mut()?;
            track.at.push(*at);
            track.values.push(if values.is_null(row) { f64::NAN } else { values.value(row) });
        }
        Some(())
    })?;
    Ok(all)
}

/// Reads `equity.parquet`: closes of candles, milliseconds since 1970, and what the account was worth there.
pub fn equity(run: &Path) -> Result<Vec<(i64, f64)>> {
    let mut all = Vec::new();
    each(&run.join("equity.parquet"), &mut |batch| {
        all.extend(times(batch, "time")?.into_iter().zip(decimals(batch, "equity")?));
        Some(())
    })?;
    Ok(all)
}

/// Hands out the batches of a file; without a file there are none. `take` gives none where the columns are not the expected.
fn each(path: &Path, take: &mut dyn FnMut(&RecordBatch) -> Option<()>) -> Result<()> {
    if !path.exists() {
        return Ok(());
    }
    let damaged = |error: &dyn std::fmt::Display| {
        Fault::user(format!("reading {}: {error}", path.display()))
            .remedy("the file was changed after the run; run the plan again into a new directory")
    };
    guarded(path, || {
        let file = File::open(path).map_err(|error| Fault::io("reading", path, &error))?;
        let reader = ParquetRecordBatchReaderBuilder::try_new(file).map_err(|error| damaged(&error))?;
        for batch in reader.with_batch_size(BATCH).build().map_err(|error| damaged(&error))? {
            let batch = batch.map_err(|error| damaged(&error))?;
            take(&batch).ok_or_else(|| damaged(&"its columns are not those of a run"))?;
        }
        Ok(())
    })
}

fn times(batch: &RecordBatch, name: &str) -> Option<Vec<i64>> {
    let times = batch.column_by_name(name)?.as_primitive_opt::<TimestampNanosecondType>()?;
    Some(times.values().iter().map(|nanos| nanos.div_euclid(1_000_000)).collect())
}

fn decimals(batch: &RecordBatch, name: &str) -> Option<Vec<f64>> {
    let column = batch.column_by_name(name)?;
    let DataType::Decimal128(_, scale) = column.data_type() else { return None };
    let factor = (0..*scale).fold(1.0, |power, _| power * 10.0);
    let values = column.as_primitive_opt::<Decimal128Type>()?;
    Some(values.values().iter().map(|units| *units as f64 / factor).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::files;
    use crate::report::sample::Sample;
    use crate::report::summary::Summary;

    #[test]
    fn what_was_written_is_read_back_and_a_damaged_file_is_named() {
        let place = tempfile::tempdir().unwrap();
        let (sample, run) = (Sample::of(4, 0), place.path().join("run"));
        let facts = sample.facts();
        files::write(&run, &sample.outcome, &facts, &Summary::of(&sample.outcome, &facts).unwrap()).unwrap();
        let (candles, tracks) = (candles(&run).unwrap(), indicators(&run).unwrap());
        assert_eq!((candles.len(), tracks.len()), (2, 2));
        for (read, written) in candles.iter().zip(&sample.near) {
            let closes: Vec<f64> = written.rows.close.iter().map(|units| *units as f64 / 100.0).collect();
            assert_eq!((read.at.len(), &read.prices[3]), (200, &closes));
            assert_eq!(read.at[0] * 1_000_000, written.rows.open_time[0]);
        }
        assert!(tracks[0].values[0].is_nan() && tracks[0].is_price);
        assert_eq!(tracks[1].values[1..], sample.indicators[1].values[1..]);
        std::fs::write(run.join("candles.parquet"), "no such thing").unwrap();
        let fault = super::candles(&run).unwrap_err().to_string();
        assert!(fault.contains("candles.parquet"), "{fault}");
        assert_eq!(super::candles(place.path()), Ok(Vec::new()));
    }
}
