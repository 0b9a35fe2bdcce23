//! The daily returns of every trial, one row each: `returns.parquet`, what a sweep is judged by.

use super::trial::{Status, Trial};
use crate::catalog::{LaneRun, Stage};
use crate::domain::{Span, Timestamp};
use crate::engine::Outcome;
use crate::error::{Fault, Result};
use crate::metrics::returns::daily;
use arrow_array::builder::{Float64Builder, ListBuilder};
use arrow_array::{Array, ArrayRef, Float64Array, ListArray, RecordBatch, TimestampNanosecondArray, UInt64Array};
use arrow_schema::ArrowError;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::schema::types::ColumnPath;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The returns of a trial that ran to its end: from its start to the first UTC midnight, then day by day, the last up to
/// its end. Growth factors of all of them multiply to that of the whole run.
#[derive(Clone, Debug, PartialEq)]
pub struct DailyReturns {
    /// The number of the trial in the grid.
    pub trial: u64,
    /// Where its period begins.
    pub from: Timestamp,
    /// Where it ends.
    pub to: Timestamp,
    /// Simple returns, fractions.
    pub returns: Vec<f64>,
}

/// Bytes of a return before compression, which takes little away.
pub const BYTES_PER_RETURN: u64 = 8;

impl DailyReturns {
    /// Of a trial that is done; none where it is not, or where its equity was not positive throughout.
    pub fn of(trial: &Trial, stage: &Stage, run: &LaneRun) -> Option<Self> {
        let is_done = trial.status == Status::Done;
        is_done.then(|| DailyReturns::of_outcome(trial.number, stage, &run.outcome))?
    }

    /// Of what a session left behind; none where its equity was not positive throughout.
    pub fn of_outcome(trial: u64, stage: &Stage, outcome: &Outcome) -> Option<Self> {
        let decimals = stage.listing.assets[usize::from(stage.listing.valuation.currency().0)].decimals;
        let equity: Vec<(Timestamp, f64)> =
            outcome.daily.iter().map(|(at, equity)| (*at, equity.to_f64(decimals))).collect();
        let (from, to) = (equity.first()?.0, equity.last()?.0);
        daily(&equity).ok().map(|returns| DailyReturns { trial, from, to, returns })
    }

    /// The UTC day of the first return, counted from 1970-01-01.
    pub fn first_day(&self) -> i64 {
        self.from.midnight().nanos() / Span::DAY.nanos()
    }
}

/// The bytes of a file of these returns: the same for the same returns.
///
/// # Errors
/// When the library cannot encode them.
pub fn encode(rows: &[DailyReturns]) -> Result<Vec<u8>> {
    let batch = batch(rows).map_err(|error| broken(&error))?;
    let mut writer = writer(Vec::new(), &batch)?;
    writer.write(&batch).map_err(|error| broken(&error))?;
    writer.into_inner().map_err(|error| broken(&error))
}

/// Makes one file of several, in their order, one after the other, so that no more than one is held.
///
/// # Errors
/// When a part cannot be read, or the file not be written.
pub fn join(parts: &[PathBuf], into: &Path) -> Result<()> {
    let beside = into.with_extension("writing");
    joined(parts, into, &beside).inspect_err(|_| {
        // What was written so far is in the way; it may not be there at all.
        let _ = std::fs::remove_file(&beside);
    })
}

fn joined(parts: &[PathBuf], into: &Path, beside: &Path) -> Result<()> {
    let failed = |error: &std::io::Error| Fault::unwritable("writing", into, error);
    // The library wraps what the disk says.
    let unwritten = |error: ParquetError| match &error {
        ParquetError::External(inner) => match inner.downcast_ref::<std::io::Error>() {
            Some(error) => failed(error),
            None => broken(&error),
        },
        _ => broken(&error),
    };
    let file = File::create(beside).map_err(|error| failed(&error))?;
    let empty = batch(&[]).map_err(|error| broken(&error))?;
    let mut writer = writer(file, &empty)?;
    for part in parts {
        let rows = read(part)?;
        let batch = batch(&rows).map_err(|error| broken(&error))?;
        writer.write(&batch).and_then(|()| writer.flush()).map_err(unwritten)?;
    }
    let mut file = writer.into_inner().map_err(unwritten)?;
    let whole = file.flush().and_then(|()| file.sync_all()).and_then(|()| std::fs::rename(beside, into));
    whole.map_err(|error| failed(&error))
}

fn broken(error: &dyn std::fmt::Display) -> Fault {
    Fault::failure(format!("writing the daily returns: {error}"))
}

fn batch(rows: &[DailyReturns]) -> std::result::Result<RecordBatch, ArrowError> {
    let mut lists = ListBuilder::new(Float64Builder::new());
    for row in rows {
        lists.values().append_slice(&row.returns);
        lists.append(true);
    }
    let instants = |of: fn(&DailyReturns) -> Timestamp| -> ArrayRef {
        let nanos = rows.iter().map(|row| of(row).nanos());
        Arc::new(TimestampNanosecondArray::from_iter_values(nanos).with_timezone("UTC"))
    };
    RecordBatch::try_from_iter([
        ("trial", Arc::new(UInt64Array::from_iter_values(rows.iter().map(|row| row.trial))) as ArrayRef),
        ("from", instants(|row| row.from)),
        ("to", instants(|row| row.to)),
        ("returns", Arc::new(lists.finish())),
    ])
}

fn writer<W: Write + Send>(into: W, batch: &RecordBatch) -> Result<ArrowWriter<W>> {
    let returns = || ColumnPath::from(["returns", "list", "item"].map(str::to_owned).to_vec());
    let properties = WriterProperties::builder()
        .set_created_by("tapeline".to_owned())
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        // No two returns are alike but zeros: their bytes by place are what compresses.
        .set_column_dictionary_enabled(returns(), false)
        .set_column_encoding(returns(), Encoding::BYTE_STREAM_SPLIT)
        .build();
    ArrowWriter::try_new(into, batch.schema(), Some(properties)).map_err(|error| broken(&error))
}

/// Reads the returns of a file back.
///
/// # Errors
/// When the file cannot be read or is damaged.
pub fn read(path: &Path) -> Result<Vec<DailyReturns>> {
    let mut rows = Vec::new();
    each(path, |row| rows.push(row))?;
    Ok(rows)
}

/// Hands out the returns of a file one trial after the other, so that no more than a batch of them is held.
///
/// # Errors
/// As [`read`].
pub fn each(path: &Path, mut take: impl FnMut(DailyReturns)) -> Result<()> {
    let damaged = |error: &dyn std::fmt::Display| {
        Fault::failure(format!("reading {}: {error}", path.display()))
            .remedy("sweep again into another folder: its trials are run again")
    };
    let file = File::open(path).map_err(|error| Fault::io("reading", path, &error))?;
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).map_err(|error| damaged(&error))?;
    let mut rows = Vec::new();
    for batch in reader.build().map_err(|error| damaged(&error))? {
        let batch = batch.map_err(|error| damaged(&error))?;
        append(&batch, &mut rows).ok_or_else(|| damaged(&"its columns are not trial, from, to and returns"))?;
        for row in rows.drain(..) {
            if !row.is_whole() {
                return Err(damaged(&format!("trial {} does not have one return a day", row.trial)));
            }
            take(row);
        }
    }
    Ok(())
}

fn append(batch: &RecordBatch, rows: &mut Vec<DailyReturns>) -> Option<()> {
    let column = |name: &str| batch.column_by_name(name).map(|column| column.as_any());
    let trials = column("trial")?.downcast_ref::<UInt64Array>()?;
    let from = column("from")?.downcast_ref::<TimestampNanosecondArray>()?;
    let to = column("to")?.downcast_ref::<TimestampNanosecondArray>()?;
    let lists = column("returns")?.downcast_ref::<ListArray>()?;
    for row in 0..batch.num_rows() {
        let values = lists.value(row);
        rows.push(DailyReturns {
            trial: trials.value(row),
            from: Timestamp::from_nanos(from.value(row)),
            to: Timestamp::from_nanos(to.value(row)),
            returns: values.as_any().downcast_ref::<Float64Array>()?.values().to_vec(),
        });
    }
    Some(())
}

impl DailyReturns {
    /// Whether there is one return for each UTC day that the period touches.
    fn is_whole(&self) -> bool {
        let last = Timestamp::from_nanos(self.to.nanos() - 1).midnight().nanos() / Span::DAY.nanos();
        self.to > self.from && last - self.first_day() + 1 == self.returns.len() as i64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(trial: u64, days: usize) -> DailyReturns {
        let from = Timestamp::from_millis(1_704_067_200_000).after(Span::HOUR.times(3));
        let to = from.midnight().after(Span::DAY.times(days as i64));
        DailyReturns { trial, from, to, returns: (0..days).map(|day| (day as f64 - 3.0) / 700.0).collect() }
    }

    #[test]
    fn returns_come_back_as_written_and_parts_join_to_the_same_bytes() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let rows = [row(0, 40), row(3, 39), row(4, 1)];
        std::fs::write(at("a"), encode(&rows[..2]).unwrap()).unwrap();
        std::fs::write(at("b"), encode(&rows[2..]).unwrap()).unwrap();
        std::fs::write(at("none"), encode(&[]).unwrap()).unwrap();
        join(&[at("a"), at("none"), at("b")], &at("all.parquet")).unwrap();
        assert_eq!(read(&at("all.parquet")).unwrap(), rows);
        let bytes = std::fs::read(at("all.parquet")).unwrap();
        join(&[at("a"), at("none"), at("b")], &at("all.parquet")).unwrap();
        assert_eq!(std::fs::read(at("all.parquet")).unwrap(), bytes);
        std::fs::write(at("cut"), &bytes[..bytes.len() / 2]).unwrap();
        assert_eq!(read(&at("cut")).unwrap_err().exit_code(), 1);
    }

    #[test]
    fn a_row_with_a_day_too_few_is_damage() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("returns.parquet");
        let mut short = row(7, 5);
        short.returns.pop();
        std::fs::write(&path, encode(&[short]).unwrap()).unwrap();
        assert!(read(&path).unwrap_err().to_string().contains("trial 7 does not have one return a day"));
    }
}
