//! Trials as a Parquet file, and back.

use super::axis::Axis;
use super::trial::{COLUMNS, Status, Trial};
use crate::error::{Fault, Result};
use arrow_array::builder::{Float64Builder, StringBuilder, UInt64Builder};
use arrow_array::{Array, ArrayRef, Float64Array, RecordBatch, StringArray, UInt64Array};
use arrow_schema::{DataType, Field, Schema};
use bytes::Bytes;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use std::path::Path;
use std::sync::Arc;

/// Columns before those of the axes.
const NUMBER: &str = "trial";
/// Columns behind those of the axes.
const TEXTS: [&str; 3] = ["status", "message", "fingerprint"];

/// Whether every value of an axis is a number: then its column is one of numbers.
fn is_numeric(axis: &Axis) -> bool {
    axis.values.iter().all(|value| value.parse::<f64>().is_ok_and(f64::is_finite))
}

fn schema(axes: &[Axis]) -> Schema {
    let mut fields = vec![Field::new(NUMBER, DataType::UInt64, false)];
    for axis in axes {
        let kind = if is_numeric(axis) { DataType::Float64 } else { DataType::Utf8 };
        fields.push(Field::new(&axis.name, kind, false));
    }
    fields.extend(TEXTS.map(|name| Field::new(name, DataType::Utf8, name != "status")));
    fields.extend(COLUMNS.iter().map(|column| Field::new(column.name, DataType::Float64, true)));
    Schema::new(fields)
}

/// The bytes of a Parquet file of these trials: the same for the same trials.
///
/// # Errors
/// When the library cannot encode them.
pub fn encode(axes: &[Axis], trials: &[Trial]) -> Result<Vec<u8>> {
    let broken = |error: &dyn std::fmt::Display| Fault::failure(format!("encoding the trials: {error}"));
    let batch = batch(axes, trials).map_err(|error| broken(&error))?;
    let properties = WriterProperties::builder()
        .set_created_by("tapeline".to_owned())
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .build();
    let mut writer =
        ArrowWriter::try_new(Vec::new(), batch.schema(), Some(properties)).map_err(|error| broken(&error))?;
    writer.write(&batch).map_err(|error| broken(&error))?;
    writer.into_inner().map_err(|error| broken(&error))
}

fn batch(axes: &[Axis], trials: &[Trial]) -> std::result::Result<RecordBatch, arrow_schema::ArrowError> {
    let mut arrays: Vec<ArrayRef> = Vec::new();
    let mut numbers = UInt64Builder::with_capacity(trials.len());
    trials.iter().for_each(|trial| numbers.append_value(trial.number));
    arrays.push(Arc::new(numbers.finish()));
    for (index, axis) in axes.iter().enumerate() {
        let values = trials.iter().map(|trial| trial.values[index].as_str());
        arrays.push(if is_numeric(axis) {
            Arc::new(Float64Array::from_iter(values.map(|value| value.parse::<f64>().ok())))
        } else {
            Arc::new(StringArray::from_iter_values(values))
        });
    }
    let texts: [fn(&Trial) -> Option<&str>; 3] =
        [|trial| Some(trial.status.name()), |trial| trial.message.as_deref(), |trial| trial.fingerprint.as_deref()];
    for text in texts {
        let mut column = StringBuilder::new();
        trials.iter().for_each(|trial| column.append_option(text(trial)));
        arrays.push(Arc::new(column.finish()));
    }
    for index in 0..COLUMNS.len() {
        let mut column = Float64Builder::with_capacity(trials.len());
        trials.iter().for_each(|trial| column.append_option(trial.numbers[index]));
        arrays.push(Arc::new(column.finish()));
    }
    RecordBatch::try_new(Arc::new(schema(axes)), arrays)
}

/// Reads the trials of a file back. `axes` are those of the sweep.
///
/// # Errors
/// When the file cannot be read, is damaged, or is of another sweep.
pub fn read(path: &Path, axes: &[Axis]) -> Result<Vec<Trial>> {
    let bytes = std::fs::read(path).map_err(|error| Fault::io("reading", path, &error))?;
    let damaged = |error: &dyn std::fmt::Display| {
        Fault::failure(format!("reading {}: {error}", path.display()))
            .remedy("remove the file and go on with --resume: its trials are run again")
    };
    let reader = ParquetRecordBatchReaderBuilder::try_new(Bytes::from(bytes)).map_err(|error| damaged(&error))?;
    if reader.schema().fields() != schema(axes).fields() {
        return Err(damaged(&"its columns are not those of this sweep"));
    }
    let mut trials = Vec::new();
    for batch in reader.build().map_err(|error| damaged(&error))? {
        let batch = batch.map_err(|error| damaged(&error))?;
        rows(&batch, axes, &mut trials).ok_or_else(|| damaged(&"a column has another type"))?;
    }
    Ok(trials)
}

fn rows(batch: &RecordBatch, axes: &[Axis], trials: &mut Vec<Trial>) -> Option<()> {
    let column = |index: usize| batch.column(index).as_any();
    let text = |index: usize| column(index).downcast_ref::<StringArray>();
    let real = |index: usize| column(index).downcast_ref::<Float64Array>();
    let numbers = column(0).downcast_ref::<UInt64Array>()?;
    let after = 1 + axes.len();
    let (status, message, fingerprint) = (text(after)?, text(after + 1)?, text(after + 2)?);
    let optional = |array: &StringArray, row: usize| array.is_valid(row).then(|| array.value(row).to_owned());
    for row in 0..batch.num_rows() {
        let values = axes.iter().enumerate().map(|(index, axis)| match is_numeric(axis) {
            true => {
                let value = real(1 + index)?.value(row);
                axis.values.iter().find(|text| text.parse() == Ok(value)).cloned()
            }
            false => Some(text(1 + index)?.value(row).to_owned()),
        });
        let status = match status.value(row) {
            "done" => Status::Done,
            "invalid" => Status::Invalid,
            "failed" => Status::Failed,
            _ => return None,
        };
        let numbers_of = (0..COLUMNS.len()).map(|index| {
            let array = real(after + TEXTS.len() + index)?;
            Some(array.is_valid(row).then(|| array.value(row)))
        });
        trials.push(Trial {
            number: numbers.value(row),
            values: values.collect::<Option<_>>()?,
            status,
            message: optional(message, row),
            fingerprint: optional(fingerprint, row),
            numbers: numbers_of.collect::<Option<_>>()?,
        });
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trials_come_back_as_they_were_written_and_equal_trials_are_equal_bytes() {
        let axis = |name: &str, text: &str| Axis::parse(name, text).unwrap().unwrap();
        let axes = [axis("fast", "0.1..0.5:0.1"), axis("sizing", "fixed,equity")];
        let trial = |number: u64, status, message: Option<&str>| Trial {
            number,
            values: vec![axes[0].values[number as usize].clone(), "equity".to_owned()],
            status,
            message: message.map(str::to_owned),
            fingerprint: message.is_none().then(|| "0f".repeat(16)),
            numbers: (0..COLUMNS.len()).map(|index| (index % 3 != 0).then_some(index as f64 / 7.0)).collect(),
        };
        let trials =
            [trial(0, Status::Done, None), trial(2, Status::Invalid, Some("no")), trial(4, Status::Failed, Some("it"))];
        let bytes = encode(&axes, &trials).unwrap();
        assert_eq!(encode(&axes, &trials).unwrap(), bytes);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("trials.parquet");
        std::fs::write(&path, &bytes).unwrap();
        assert_eq!(read(&path, &axes).unwrap(), trials);
        assert!(read(&path, &axes[..1]).unwrap_err().to_string().contains("columns are not those"));
        std::fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
        assert_eq!(read(&path, &axes).unwrap_err().exit_code(), 1);
    }
}
