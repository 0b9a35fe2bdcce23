//! Trials as a Parquet file, and back: row by row, or only the columns that are asked for.

use super::axis::Axis;
use super::expression::Value;
use super::sheet::{Cells, Direction, Sheet, SheetColumn};
use super::trial::{COLUMNS, Status, Trial};
use crate::error::{Fault, Result};
use arrow_array::builder::{Float64Builder, StringBuilder, UInt64Builder};
use arrow_array::{Array, ArrayRef, Float64Array, RecordBatch, StringArray, UInt64Array};
use arrow_schema::{DataType, Field, Schema};
use bytes::Bytes;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::arrow::{ArrowWriter, ProjectionMask};
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use std::collections::BTreeSet;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Columns before those of the axes.
const NUMBER: &str = "trial";
/// Columns behind those of the axes.
const TEXTS: [&str; 3] = ["status", "message", "fingerprint"];

/// The columns of the file.
pub(super) fn schema(axes: &[Axis]) -> Schema {
    let mut fields = vec![Field::new(NUMBER, DataType::UInt64, false)];
    for axis in axes {
        let kind = if axis.is_numeric() { DataType::Float64 } else { DataType::Utf8 };
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
        arrays.push(if axis.is_numeric() {
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
    let damaged = |error: &dyn std::fmt::Display| damaged(path, error);
    let reader = ParquetRecordBatchReaderBuilder::try_new(Bytes::from(bytes)).map_err(|error| damaged(&error))?;
    if reader.schema().fields() != schema(axes).fields() {
        return Err(damaged(&"its columns are not those of this sweep"));
    }
    let mut trials = Vec::new();
    let texts: Vec<Texts<'_>> = axes.iter().map(Texts::of).collect();
    for batch in reader.build().map_err(|error| damaged(&error))? {
        let batch = batch.map_err(|error| damaged(&error))?;
        rows(&batch, &texts, &mut trials)
            .ok_or_else(|| damaged(&"a column has another type, or a value that its axis has not"))?;
    }
    Ok(trials)
}

/// How many rows are decoded at once.
const BATCH_ROWS: usize = 65_536;

/// Reads only these columns, by their places in the schema, of the trials of several files, in the order of their numbers.
/// The number of the trial, place 0, has to be among them.
///
/// # Errors
/// When a file cannot be read, is damaged, or is of another sweep.
pub fn read_columns(paths: &[PathBuf], axes: &[Axis], places: &[usize]) -> Result<Sheet> {
    let schema = schema(axes);
    let fields: Vec<&Field> = places.iter().map(|place| schema.field(*place)).collect();
    let empty = |field: &&Field| SheetColumn {
        name: field.name().clone(),
        cells: match field.data_type() {
            DataType::Utf8 => Cells::Words(Vec::new()),
            _ => Cells::Numbers(Vec::new()),
        },
    };
    let mut sheet = Sheet { columns: fields.iter().map(empty).collect(), rows: 0 };
    for path in paths {
        let damaged = |error: &dyn std::fmt::Display| damaged(path, error);
        let file = File::open(path).map_err(|error| Fault::io("reading", path, &error))?;
        let reader = ParquetRecordBatchReaderBuilder::try_new(file).map_err(|error| damaged(&error))?;
        if reader.schema().fields() != schema.fields() {
            return Err(damaged(&"its columns are not those of this sweep"));
        }
        let mask = ProjectionMask::roots(reader.parquet_schema(), places.iter().copied());
        let reader = reader.with_projection(mask).with_batch_size(BATCH_ROWS);
        for batch in reader.build().map_err(|error| damaged(&error))? {
            let batch = batch.map_err(|error| damaged(&error))?;
            for (column, array) in sheet.columns.iter_mut().zip(batch.columns()) {
                append(&mut column.cells, array).ok_or_else(|| damaged(&"a column has another type"))?;
            }
            sheet.rows += batch.num_rows();
        }
    }
    let mut rows: Vec<usize> = (0..sheet.rows).collect();
    sheet.ordered(&mut rows, NUMBER, Direction::Ascending)?;
    Ok(if rows.is_sorted() { sheet } else { sheet.take(&rows) })
}

fn append(cells: &mut Cells, array: &ArrayRef) -> Option<()> {
    let any = array.as_any();
    match cells {
        Cells::Numbers(numbers) => {
            if let Some(array) = any.downcast_ref::<UInt64Array>() {
                numbers.extend(array.values().iter().map(|number| *number as f64));
            } else {
                let array = any.downcast_ref::<Float64Array>()?;
                if array.null_count() == 0 {
                    numbers.extend_from_slice(array.values());
                } else {
                    numbers.extend(array.iter().map(|number| number.unwrap_or(f64::NAN)));
                }
            }
        }
        Cells::Words(words) => {
            words.extend(any.downcast_ref::<StringArray>()?.iter().map(|word| word.map(str::to_owned)));
        }
    }
    Some(())
}

/// A value as text; the shortest digits that give the number back.
pub fn shown(value: &Value) -> String {
    match value {
        Value::Number(number) | Value::Exact { real: number, .. } => number.to_string(),
        Value::Word(word) => word.clone(),
        Value::Missing => "n/a".to_owned(),
    }
}

fn damaged(path: &Path, error: &dyn std::fmt::Display) -> Fault {
    Fault::failure(format!("reading {}: {error}", path.display()))
        .remedy("remove the file and go on with --resume: its trials are run again")
}

/// The values of an axis as they are written, found by their number where all of them are numbers.
enum Texts<'a> {
    Numbers(Vec<(f64, &'a String)>),
    Words(BTreeSet<&'a str>),
}

impl<'a> Texts<'a> {
    fn of(axis: &'a Axis) -> Self {
        if !axis.is_numeric() {
            return Texts::Words(axis.values.iter().map(String::as_str).collect());
        }
        let number = |text: &'a String| Some((text.parse::<f64>().ok()?, text));
        let mut numbers: Vec<(f64, &String)> = axis.values.iter().filter_map(number).collect();
        numbers.sort_by(|one, other| one.0.total_cmp(&other.0));
        Texts::Numbers(numbers)
    }

    fn text(&self, column: &dyn Array, row: usize) -> Option<String> {
        match self {
            Texts::Words(known) => {
                known.get(column.as_any().downcast_ref::<StringArray>()?.value(row)).map(|text| (*text).to_owned())
            }
            Texts::Numbers(numbers) => {
                let value = column.as_any().downcast_ref::<Float64Array>()?.value(row);
                let place = numbers.binary_search_by(|(known, _)| known.total_cmp(&value)).ok()?;
                Some(numbers[place].1.clone())
            }
        }
    }
}

fn rows(batch: &RecordBatch, axes: &[Texts<'_>], trials: &mut Vec<Trial>) -> Option<()> {
    let column = |index: usize| batch.column(index).as_any();
    let text = |index: usize| column(index).downcast_ref::<StringArray>();
    let real = |index: usize| column(index).downcast_ref::<Float64Array>();
    let numbers = column(0).downcast_ref::<UInt64Array>()?;
    let after = 1 + axes.len();
    let (status, message, fingerprint) = (text(after)?, text(after + 1)?, text(after + 2)?);
    let optional = |array: &StringArray, row: usize| array.is_valid(row).then(|| array.value(row).to_owned());
    for row in 0..batch.num_rows() {
        let values = axes.iter().enumerate().map(|(index, texts)| texts.text(batch.column(1 + index), row));
        let status = match status.value(row) {
            "done" => Status::Done,
            "invalid" => Status::Invalid,
            "failed" => Status::Failed,
            "stopped" => Status::Stopped,
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
