//! Parquet files of the store, through the low-level column readers and writers: exact integers in, exact integers out.

use super::place::SeriesKey;
use super::place::SeriesKind;
use super::set::RunningDigest;
use super::table::{ABSENT, Decimals, Measure, Table, fields_of};
use crate::domain::Origin;
use crate::error::{Fault, Result};
use ::parquet::basic::{Compression, Encoding, LogicalType};
use ::parquet::column::reader::ColumnReader;
use ::parquet::column::writer::ColumnWriter;
use ::parquet::errors::ParquetError;
use ::parquet::file::metadata::{KeyValue, SortingColumn};
use ::parquet::file::properties::{EnabledStatistics, WriterProperties};
use ::parquet::file::reader::{FileReader, SerializedFileReader};
use ::parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use ::parquet::schema::parser::parse_message_type;
use ::parquet::schema::types::ColumnPath;
use bytes::Bytes;
use std::path::Path;
use std::sync::Arc;

/// Stored times are microseconds: what DuckDB, polars and pandas all read as a timestamp in UTC.
pub const NANOS_PER_STORED: i64 = 1_000;

const CREATOR: &str = "tapeline";

const ROWS_PER_GROUP: usize = 1 << 20;

/// Rows decoded at once: small enough that the copy and the hash find them in cache.
const BATCH: usize = 1 << 14;

/// How the values of the store's files are encoded; chosen by measurement (docs/data.md).
#[derive(Clone, Copy, Debug)]
pub struct Coding {
    /// Encoding of the time column.
    pub time: Encoding,
    /// Encoding of every other column.
    pub values: Encoding,
    /// Whether a dictionary is tried first.
    pub dictionary: Dictionary,
    /// Compression of the pages.
    pub compression: Compression,
}

/// Whether a column may be written through a dictionary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dictionary {
    /// Tried first, left when it grows too large.
    Tried,
    /// Never.
    Off,
}

impl Coding {
    /// The coding of the store.
    pub const STORE: Coding = Coding {
        time: Encoding::DELTA_BINARY_PACKED,
        values: Encoding::DELTA_BINARY_PACKED,
        dictionary: Dictionary::Off,
        compression: Compression::UNCOMPRESSED,
    };
}

/// The bytes of a Parquet file that holds this table.
pub fn encode(table: &Table, key: &SeriesKey, origin: Origin, coding: Coding) -> Result<Vec<u8>> {
    let schema = Arc::new(parse_message_type(&schema_text(table)).map_err(|e| broken("building the schema", &e))?);
    let properties = Arc::new(properties(table, key, origin, coding));
    write(table, schema, properties).map_err(|e| broken("encoding Parquet", &e))
}

fn write(
    table: &Table,
    schema: ::parquet::schema::types::TypePtr,
    properties: Arc<WriterProperties>,
) -> std::result::Result<Vec<u8>, ParquetError> {
    let mut writer = SerializedFileWriter::new(Vec::new(), schema, properties)?;
    let mut from = 0;
    while from < table.len() {
        let to = table.len().min(from + ROWS_PER_GROUP);
        let mut group = writer.next_row_group()?;
        let times: Vec<i64> = table.time[from..to].iter().map(|nanos| nanos / NANOS_PER_STORED).collect();
        write_required(&mut group, &times)?;
        for (index, field) in table.fields().iter().enumerate() {
            let cells = &table.columns[index][from..to];
            if field.required {
                write_required(&mut group, cells)?;
            } else if table.has(index) {
                let levels: Vec<i16> = cells.iter().map(|cell| i16::from(*cell != ABSENT)).collect();
                let present: Vec<i64> = cells.iter().copied().filter(|cell| *cell != ABSENT).collect();
                write_column(&mut group, &present, Some(&levels))?;
            }
        }
        group.close()?;
        from = to;
    }
    writer.into_inner()
}

type Group<'a> = SerializedRowGroupWriter<'a, Vec<u8>>;

fn write_required(group: &mut Group<'_>, values: &[i64]) -> std::result::Result<(), ParquetError> {
    write_column(group, values, None)
}

fn write_column(
    group: &mut Group<'_>,
    values: &[i64],
    presence: Option<&[i16]>,
) -> std::result::Result<(), ParquetError> {
    let mut column = group.next_column()?.ok_or_else(|| ParquetError::General("a column too many".into()))?;
    let ColumnWriter::Int64ColumnWriter(writer) = column.untyped() else {
        return Err(ParquetError::General("the schema has a column that is not of 64-bit integers".into()));
    };
    writer.write_batch(values, presence, None)?;
    column.close()
}

fn schema_text(table: &Table) -> String {
    let (root, time) = (table.kind.word(), table.kind.time_name());
    let mut text = format!("message {root} {{ required int64 {time} (TIMESTAMP(MICROS,true));");
    for (index, field) in table.fields().iter().enumerate() {
        if !table.has(index) {
            continue;
        }
        let presence = if field.required { "required" } else { "optional" };
        let annotation = match field.measure {
            Measure::Count => String::new(),
            measure => format!(" (DECIMAL(18,{}))", table.decimals.of(measure)),
        };
        text.push_str(&format!(" {presence} int64 {}{annotation};", field.name));
    }
    text.push_str(" }");
    text
}

fn properties(table: &Table, key: &SeriesKey, origin: Origin, coding: Coding) -> WriterProperties {
    let note = |name: &str, value: String| KeyValue::new(name.to_owned(), Some(value));
    let time_column = table.kind.time_name();
    WriterProperties::builder()
        .set_created_by(CREATOR.to_owned())
        .set_key_value_metadata(Some(vec![
            note("tapeline.series", key.to_string()),
            note("tapeline.origin", origin.to_string()),
        ]))
        .set_sorting_columns(Some(vec![SortingColumn { column_idx: 0, descending: false, nulls_first: false }]))
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_dictionary_enabled(coding.dictionary == Dictionary::Tried)
        .set_column_dictionary_enabled(ColumnPath::from(time_column), false)
        .set_encoding(coding.values)
        .set_column_encoding(ColumnPath::from(time_column), coding.time)
        .set_compression(coding.compression)
        .build()
}

/// An opened Parquet file of the store.
pub struct StoredFile {
    reader: SerializedFileReader<Bytes>,
    label: String,
}

impl StoredFile {
    /// Reads a file whole and its footer.
    pub fn open(path: &Path) -> Result<Self> {
        let bytes = std::fs::read(path).map_err(|error| {
            Fault::failure(format!("reading {}: {error}", path.display()))
                .remedy("the store is damaged; restore the file, or import its source again")
        })?;
        StoredFile::from_bytes(Bytes::from(bytes), path.display().to_string())
    }

    /// The same from bytes in memory; `label` names them in messages.
    pub fn from_bytes(bytes: Bytes, label: String) -> Result<Self> {
        let reader = SerializedFileReader::new(bytes).map_err(|error| {
            Fault::failure(format!("reading {label}: {error}")).remedy("the file is damaged; import its source again")
        })?;
        Ok(StoredFile { reader, label })
    }

    /// Whether this program wrote it.
    pub fn is_ours(&self) -> bool {
        self.reader.metadata().file_metadata().created_by() == Some(CREATOR)
    }

    /// The origin that the file declares.
    pub fn origin(&self) -> Option<Origin> {
        let notes = self.reader.metadata().file_metadata().key_value_metadata()?;
        let note = notes.iter().find(|note| note.key == "tapeline.origin")?;
        Origin::ALL.into_iter().find(|origin| note.value.as_deref() == Some(origin.name()))
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        usize::try_from(self.reader.metadata().file_metadata().num_rows()).unwrap_or(0)
    }

    /// The index of the column of this name.
    pub fn find(&self, name: &str) -> Option<usize> {
        let schema = self.reader.metadata().file_metadata().schema_descr();
        schema.columns().iter().position(|column| column.name() == name)
    }

    /// The scale of a decimal column.
    pub fn scale(&self, column: usize) -> Option<u8> {
        let schema = self.reader.metadata().file_metadata().schema_descr();
        match schema.column(column).logical_type_ref() {
            Some(LogicalType::Decimal(decimal)) => u8::try_from(decimal.scale).ok(),
            Some(_) | None => None,
        }
    }

    /// Decodes a required column into `target`, each value passed through `convert`, and returns the hash of the
    /// values as stored.
    pub fn read_required(&self, name: &str, target: &mut [i64], convert: impl Fn(i64) -> i64) -> Result<u128> {
        let column = self.find(name).ok_or_else(|| self.damaged(format!("column '{name}' is missing")))?;
        let mut digest = RunningDigest::default();
        let mut batch: Vec<i64> = Vec::with_capacity(BATCH);
        let mut filled = 0;
        for group in 0..self.reader.num_row_groups() {
            let mut reader = match self.column(group, column)? {
                ColumnReader::Int64ColumnReader(reader) => reader,
                _ => return Err(self.damaged(format!("column '{name}' is not of 64-bit integers"))),
            };
            loop {
                batch.clear();
                let (rows, values, _) =
                    reader.read_records(BATCH, None, None, &mut batch).map_err(|error| self.damaged(error))?;
                if rows == 0 {
                    break;
                }
                if values != rows || filled + rows > target.len() {
                    return Err(self.damaged(format!("column '{name}' does not have the number of rows expected")));
                }
                digest.feed(&batch);
                for (slot, value) in target[filled..filled + rows].iter_mut().zip(&batch) {
                    *slot = convert(*value);
                }
                filled += rows;
            }
        }
        if filled != target.len() {
            return Err(self.damaged(format!("column '{name}' does not have the number of rows expected")));
        }
        Ok(digest.finish())
    }

    fn read_optional(&self, column: usize, rows: usize) -> Result<Vec<i64>> {
        let mut cells = Vec::with_capacity(rows);
        for group in 0..self.reader.num_row_groups() {
            let ColumnReader::Int64ColumnReader(mut reader) = self.column(group, column)? else {
                return Err(self.damaged("an optional column is not of 64-bit integers"));
            };
            let group_rows = self.reader.metadata().row_group(group).num_rows() as usize;
            let (mut levels, mut values) = (Vec::new(), Vec::new());
            reader
                .read_records(group_rows, Some(&mut levels), None, &mut values)
                .map_err(|error| self.damaged(error))?;
            let mut present = values.into_iter();
            cells
                .extend(levels.iter().map(|level| if *level == 0 { ABSENT } else { present.next().unwrap_or(ABSENT) }));
        }
        if cells.len() == rows { Ok(cells) } else { Err(self.damaged("a column is shorter than the others")) }
    }

    fn column(&self, group: usize, column: usize) -> Result<ColumnReader> {
        let group = self.reader.get_row_group(group).map_err(|error| self.damaged(error))?;
        group.get_column_reader(column).map_err(|error| self.damaged(error))
    }

    fn damaged(&self, why: impl std::fmt::Display) -> Fault {
        Fault::failure(format!("reading {}: {why}", self.label))
            .remedy("the file is damaged or was not written by tapeline; import its source again")
    }

    /// The whole file as a table, the columns that only some sources have included.
    pub fn table(&self, kind: SeriesKind) -> Result<Table> {
        let rows = self.rows();
        // Room for the rows is made before they are read: no file may ask for more than it can hold.
        if rows > self.reader.num_row_groups().saturating_mul(ROWS_PER_GROUP) {
            return Err(self.damaged(format!("it cannot hold the {rows} rows that it states")));
        }
        let mut table = Table::of(kind);
        table.time = vec![0; rows];
        self.read_required(kind.time_name(), &mut table.time, |stored| stored.wrapping_mul(NANOS_PER_STORED))?;
        let mut decimals = Decimals::default();
        for (index, field) in fields_of(kind).iter().enumerate() {
            let Some(column) = self.find(field.name) else {
                if field.required {
                    return Err(self.damaged(format!("column '{}' is missing", field.name)));
                }
                table.columns[index] = vec![ABSENT; rows];
                continue;
            };
            if let Some(scale) = self.scale(column) {
                match field.measure {
                    Measure::Price => decimals.price = scale,
                    Measure::Quantity => decimals.quantity = scale,
                    Measure::Quote => decimals.quote = scale,
                    Measure::Count => {}
                }
            }
            if field.required {
                table.columns[index] = vec![0; rows];
                self.read_required(field.name, &mut table.columns[index], |stored| stored)?;
            } else {
                table.columns[index] = self.read_optional(column, rows)?;
            }
        }
        table.decimals = decimals;
        Ok(table)
    }
}

fn broken(doing: &str, error: &ParquetError) -> Fault {
    Fault::failure(format!("{doing}: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Interval;

    fn sample() -> Table {
        let mut table = Table::of(SeriesKind::Candles(Interval::MINUTE));
        table.decimals = Decimals { price: 2, quantity: 5, quote: 7 };
        for row in 0..3_000i64 {
            table.time.push(1_722_003_300_000_000_000 + row * 60_000_000_000);
            let price = 6_774_575 + row % 97 - row % 13;
            for (column, value) in [price, price + 9, price - 9, price + 3, row * 31].into_iter().enumerate() {
                table.columns[column].push(value);
            }
            table.columns[5].push(if row % 3 == 0 { ABSENT } else { row * 1_000 });
            table.columns[6].push(if row % 3 == 0 { ABSENT } else { row });
            table.columns[7].push(ABSENT);
            table.columns[8].push(ABSENT);
            table.columns[9].push(row % 5);
        }
        table
    }

    #[test]
    fn a_table_comes_back_from_parquet_as_it_went_in() {
        let key = SeriesKey::parse("v/S/1m").unwrap();
        let table = sample();
        for compression in [Compression::UNCOMPRESSED, Compression::LZ4_RAW, Compression::SNAPPY] {
            for values in [Encoding::PLAIN, Encoding::DELTA_BINARY_PACKED, Encoding::BYTE_STREAM_SPLIT] {
                for dictionary in [Dictionary::Tried, Dictionary::Off] {
                    let coding = Coding { values, compression, dictionary, ..Coding::STORE };
                    let bytes = encode(&table, &key, Origin::Real, coding).unwrap();
                    let file = StoredFile::from_bytes(Bytes::from(bytes), "sample".into()).unwrap();
                    assert_eq!(file.table(table.kind).unwrap(), table);
                }
            }
        }
    }

    #[test]
    fn a_cut_file_is_one_clear_fault() {
        let key = SeriesKey::parse("v/S/1m").unwrap();
        let bytes = encode(&sample(), &key, Origin::Real, Coding::STORE).unwrap();
        let cut = Bytes::from(bytes[..bytes.len() - 10].to_vec());
        let fault = StoredFile::from_bytes(cut, "cut.parquet".into()).err().unwrap().to_string();
        assert!(fault.contains("cut.parquet") && fault.contains("import its source again"), "{fault}");
    }
}
