//! `candles.parquet` and `indicators.parquet`: what a chart shows one by one near trades, and what the strategies read.

use crate::error::Result;
use crate::report::facts::RunFacts;
use crate::report::parquet_file::{ParquetFile, WIDE, instants, times, words};
use arrow_array::{ArrayRef, Decimal128Array, Float64Array};
use arrow_schema::{DataType, Field};
use std::path::Path;
use std::sync::Arc;

/// Rows that are turned into Parquet at once: more of them only ask for fresh memory.
const BATCH: usize = 1 << 15;

/// A decimal of so many digits takes eight bytes in Parquet.
const NARROW: u8 = 18;

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
    let mut file = ParquetFile::create(directory, "candles.parquet", fields)?;
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
    let mut file = ParquetFile::create(directory, "indicators.parquet", fields)?;
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
