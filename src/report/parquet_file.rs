//! Parquet files under construction: compressed alike, with times, words and exact decimals typed as such.

use crate::error::{Fault, Result};
use arrow_array::{ArrayRef, RecordBatch, StringArray, TimestampNanosecondArray};
use arrow_schema::{DataType, Field, Schema, TimeUnit};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::file::properties::WriterProperties;
use parquet::schema::types::ColumnPath;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Digits of an exact decimal of any size; it takes sixteen bytes.
pub const WIDE: u8 = 38;

/// The type of an instant.
pub fn instants() -> DataType {
    DataType::Timestamp(TimeUnit::Nanosecond, Some("UTC".into()))
}

/// One word in every row.
pub fn words(word: &str, count: usize) -> ArrayRef {
    Arc::new(StringArray::from_iter_values(std::iter::repeat_n(word, count)))
}

/// Instants, in nanoseconds since 1970.
pub fn times(nanos: &[i64]) -> ArrayRef {
    Arc::new(TimestampNanosecondArray::from_iter_values(nanos.iter().copied()).with_timezone("UTC"))
}

/// A Parquet file under construction.
pub struct ParquetFile {
    path: PathBuf,
    schema: Arc<Schema>,
    writer: ArrowWriter<File>,
}

impl ParquetFile {
    /// Starts a file with these columns.
    ///
    /// # Errors
    /// When it cannot be created.
    pub fn create(directory: &Path, name: &str, fields: Vec<Field>) -> Result<Self> {
        let path = directory.join(name);
        let doing = |error: &dyn std::fmt::Display| Fault::failure(format!("writing {}: {error}", path.display()));
        let level = ZstdLevel::try_new(1).map_err(|error| doing(&error))?;
        let mut properties = WriterProperties::builder().set_compression(Compression::ZSTD(level));
        for field in fields.iter().filter(|field| field.data_type() != &DataType::Utf8) {
            let column = ColumnPath::from(field.name().as_str());
            properties = properties.set_column_dictionary_enabled(column.clone(), false);
            if matches!(field.data_type(), DataType::Timestamp(..)) {
                properties = properties.set_column_encoding(column, Encoding::DELTA_BINARY_PACKED);
            }
        }
        let file = File::create(&path).map_err(|error| Fault::io("creating", &path, &error))?;
        let schema = Arc::new(Schema::new(fields));
        let writer =
            ArrowWriter::try_new(file, schema.clone(), Some(properties.build())).map_err(|error| doing(&error))?;
        Ok(ParquetFile { path, schema, writer })
    }

    /// What to say when something about this file went wrong.
    pub fn failed(&self, error: &dyn std::fmt::Display) -> Fault {
        Fault::failure(format!("writing {}: {error}", self.path.display()))
    }

    /// Adds rows: a list per column.
    ///
    /// # Errors
    /// When the lists do not fit the columns or the disk refuses.
    pub fn put(&mut self, columns: Vec<ArrayRef>) -> Result<()> {
        let batch = RecordBatch::try_new(self.schema.clone(), columns).map_err(|error| self.failed(&error))?;
        self.writer.write(&batch).map_err(|error| self.failed(&error))
    }

    /// Ends the file.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn finish(self) -> Result<()> {
        let path = self.path.clone();
        self.writer.close().map_err(|error| Fault::failure(format!("writing {}: {error}", path.display())))?;
        Ok(())
    }
}
