//! `candles.parquet` and `indicators.parquet`: what a chart shows one by one near trades, and what the strategies read.

use crate::error::{Fault, Result};
use crate::report::facts::RunFacts;
use arrow_array::{ArrayRef, Decimal128Array, Float64Array, RecordBatch, StringArray, TimestampNanosecondArray};
use arrow_schema::{DataType, Field, Schema, TimeUnit};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::file::properties::WriterProperties;
use parquet::schema::types::ColumnPath;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Rows that are turned into Parquet at once: more of them only ask for fresh memory.
const BATCH: usize = 1 << 15;

/// A decimal of so many digits takes eight bytes in Parquet; one of 38 takes sixteen.
const NARROW: u8 = 18;
const WIDE: u8 = 38;

/// Writes `candles.parquet`, unless no instrument has such candles.
pub fn write_candles(directory: &Path, facts: &RunFacts<'_>) -> Result<()> {
    if facts.near.is_empty() {
        return Ok(());
    }
    let instruments = || facts.near.iter().map(|near| facts.instrument(near.instrument));
    let prices = instruments().map(|instrument| instrument.price_decimals).max().unwrap_or(0);
    let quantities = instruments().map(|instrument| instrument.quantity_decimals).max().unwrap_or(0);
    let scaled = |units: i64, own: u8, all: u8| i128::from(units) * 10i128.pow((all - own).into());
    let precision = match facts.near.iter().all(|near| {
        let own = facts.instrument(near.instrument);
        let [_, ranges @ .., volumes] = near.rows.each();
        let narrow = |units: &i64, own, all| scaled(*units, own, all).abs() < 10i128.pow(NARROW.into());
        ranges.iter().all(|column| column.iter().all(|units| narrow(units, own.price_decimals, prices)))
            && volumes.iter().all(|units| narrow(units, own.quantity_decimals, quantities))
    }) {
        true => NARROW,
        false => WIDE,
    };
    let decimal = |scale: u8| DataType::Decimal128(precision, scale as i8);
    let fields = vec![
        Field::new("symbol", DataType::Utf8, false),
        Field::new("open_time", instants(), false),
        Field::new("open", decimal(prices), false),
        Field::new("high", decimal(prices), false),
        Field::new("low", decimal(prices), false),
        Field::new("close", decimal(prices), false),
        Field::new("volume", decimal(quantities), false),
    ];
    let mut file = Columns::create(directory, "candles.parquet", fields)?;
    for near in facts.near {
        let instrument = facts.instrument(near.instrument);
        for from in (0..near.rows.len()).step_by(BATCH) {
            let rows = near.rows.slice(from, near.rows.len().min(from + BATCH));
            let column = |units: &[i64], own: u8, all: u8| -> Result<ArrayRef> {
                let values = Decimal128Array::from_iter_values(units.iter().map(|units| scaled(*units, own, all)));
                let values = values.with_precision_and_scale(precision, all as i8);
                Ok(Arc::new(values.map_err(|error| file.failed(&error))?))
            };
            let price = |units: &[i64]| column(units, instrument.price_decimals, prices);
            let columns = vec![
                words(&instrument.symbol, rows.len()),
                times(rows.open_time),
                price(rows.open)?,
                price(rows.high)?,
                price(rows.low)?,
                price(rows.close)?,
                column(rows.volume, instrument.quantity_decimals, quantities)?,
            ];
            file.put(columns)?;
        }
    }
    file.finish()
}

/// Writes `indicators.parquet`, unless nothing was read.
pub fn write_indicators(directory: &Path, facts: &RunFacts<'_>) -> Result<()> {
    if facts.indicators.is_empty() {
        return Ok(());
    }
    let word = |name: &str| Field::new(name, DataType::Utf8, false);
    let fields = vec![
        word("symbol"),
        word("interval"),
        word("indicator"),
        word("panel"),
        Field::new("time", instants(), false),
        Field::new("value", DataType::Float64, true),
    ];
    let mut file = Columns::create(directory, "indicators.parquet", fields)?;
    for track in facts.indicators {
        for (instants, values) in track.times.chunks(BATCH).zip(track.values.chunks(BATCH)) {
            let count = instants.len();
            let values = values.iter().map(|value| value.is_finite().then_some(*value));
            file.put(vec![
                words(facts.symbol(track.instrument), count),
                words(&track.interval.to_string(), count),
                words(&track.name, count),
                words(track.panel.name(), count),
                times(instants),
                Arc::new(Float64Array::from_iter(values)),
            ])?;
        }
    }
    file.finish()
}

fn instants() -> DataType {
    DataType::Timestamp(TimeUnit::Nanosecond, Some("UTC".into()))
}

fn words(word: &str, count: usize) -> ArrayRef {
    Arc::new(StringArray::from_iter_values(std::iter::repeat_n(word, count)))
}

fn times(nanos: &[i64]) -> ArrayRef {
    Arc::new(TimestampNanosecondArray::from_iter_values(nanos.iter().copied()).with_timezone("UTC"))
}

/// A Parquet file under construction.
struct Columns {
    path: PathBuf,
    schema: Arc<Schema>,
    writer: ArrowWriter<File>,
}

impl Columns {
    fn create(directory: &Path, name: &str, fields: Vec<Field>) -> Result<Self> {
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
        Ok(Columns { path, schema, writer })
    }

    fn failed(&self, error: &dyn std::fmt::Display) -> Fault {
        Fault::failure(format!("writing {}: {error}", self.path.display()))
    }

    fn put(&mut self, columns: Vec<ArrayRef>) -> Result<()> {
        let batch = RecordBatch::try_new(self.schema.clone(), columns).map_err(|error| self.failed(&error))?;
        self.writer.write(&batch).map_err(|error| self.failed(&error))
    }

    fn finish(self) -> Result<()> {
        let path = self.path.clone();
        self.writer.close().map_err(|error| Fault::failure(format!("writing {}: {error}", path.display())))?;
        Ok(())
    }
}
