//! Parquet files that others wrote: columns found by name, whatever integer, decimal or float they are stored as.
//!
//! A float is read as the shortest decimal that means the same float, which is what its writer printed.

use super::csv::ParsedFile;
use super::decimal::{self, Exact};
use super::layout::{Cell, Layout, plan};
use super::merge::Part;
use super::parquet::StoredFile;
use super::table::{ABSENT, Measure, Table};
use crate::domain::{Interval, Timestamp};
use crate::error::{Fault, Result};
use ::parquet::file::reader::{FileReader, SerializedFileReader};
use ::parquet::record::Field as Value;
use std::path::Path;

/// Reads a Parquet file whose columns are named as in the CSV layouts, or as the store names them.
pub fn read_parquet(path: &Path, label: &str) -> Result<ParsedFile> {
    let stored = StoredFile::open(path)?;
    if stored.is_ours() {
        let interval = stored.find("open_time").map(|_| Interval::MINUTE);
        let layout = if interval.is_some() { Layout::Tapeline } else { Layout::Trades };
        let table = stored.table(interval)?;
        return Ok(ParsedFile {
            part: Part::of_rows(label.to_owned(), table),
            layout,
            close_time: Vec::new(),
            declared: stored.origin(),
        });
    }
    let file = std::fs::File::open(path).map_err(|error| Fault::io("opening", path, &error))?;
    let damaged = |error: ::parquet::errors::ParquetError| {
        Fault::failure(format!("reading {label}: {error}")).remedy("write the file again, or export it as CSV")
    };
    let reader = SerializedFileReader::new(file).map_err(damaged)?;
    let schema = reader.metadata().file_metadata().schema_descr();
    let names: Vec<&str> = schema.columns().iter().map(|column| column.name()).collect();
    let plan = plan(&names, None).map_err(|fault| fault.within(label))?;
    if plan.cells.iter().any(|cell| matches!(cell, Cell::Side | Cell::BuyerIsMaker)) {
        return Err(Fault::user(format!(
            "{label}: trades are read from CSV files and from the store's own Parquet files"
        ))
        .remedy("export the trades as CSV with the columns time,id,side,price,amount"));
    }
    let mut table = Table::candles(Interval::MINUTE);
    let mut close_time = Vec::new();
    for (index, row) in reader.get_row_iter(None).map_err(damaged)?.enumerate() {
        let row = row.map_err(damaged)?;
        let wrong = |what: String| {
            Fault::user(format!("{label} row {}: {what}", index + 1)).remedy("correct the file or leave it out")
        };
        let values: Vec<&Value> = row.get_column_iter().map(|(_, value)| value).collect();
        for (cell, value) in plan.cells.iter().zip(values) {
            match cell {
                Cell::Time => table.time.push(time_of(value).map_err(wrong)?),
                Cell::CloseTime => close_time.push(time_of(value).map_err(wrong)?),
                Cell::Number(column) => push(&mut table, *column, value).map_err(wrong)?,
                Cell::Quantity | Cell::Side | Cell::BuyerIsMaker | Cell::Ignored => {}
            }
        }
        for column in 0..table.columns.len() {
            if !plan.cells.contains(&Cell::Number(column)) {
                table.columns[column].push(ABSENT);
            }
        }
    }
    if table.is_empty() {
        return Err(Fault::user(format!("{label} has no rows")).remedy("leave it out"));
    }
    Ok(ParsedFile { part: Part::of_rows(label.to_owned(), table), layout: plan.layout, close_time, declared: None })
}

fn time_of(value: &Value) -> std::result::Result<i64, String> {
    let time = match value {
        Value::TimestampMillis(millis) => millis.checked_mul(1_000_000).map(Timestamp::from_nanos),
        Value::TimestampMicros(micros) => micros.checked_mul(1_000).map(Timestamp::from_nanos),
        Value::Date(days) => i64::from(*days).checked_mul(86_400_000_000_000).map(Timestamp::from_nanos),
        Value::Long(number) => Timestamp::from_magnitude(*number),
        Value::Int(number) => Timestamp::from_magnitude(i64::from(*number)),
        Value::Str(text) => text.parse().ok(),
        _ => None,
    };
    time.map(Timestamp::nanos).ok_or_else(|| format!("{value} is not a time"))
}

fn push(table: &mut Table, column: usize, value: &Value) -> std::result::Result<(), String> {
    let field = table.fields()[column];
    if !field.required && matches!(value, Value::Null) {
        table.columns[column].push(ABSENT);
        return Ok(());
    }
    let text = match value {
        Value::Double(number) => number.to_string(),
        Value::Float(number) => number.to_string(),
        Value::Str(text) => text.clone(),
        other => other.to_string(),
    };
    let exact: Exact =
        decimal::parse(text.as_bytes()).map_err(|error| format!("column '{}': '{text}': {error}", field.name))?;
    let refused = match field.measure {
        Measure::Price => exact.units <= 0,
        Measure::Quantity | Measure::Quote | Measure::Count => exact.units < 0,
    };
    if refused || (field.measure == Measure::Count && exact.decimals > 0) {
        return Err(format!("column '{}': '{text}' is out of range", field.name));
    }
    table.push_exact(column, exact).map_err(|error| {
        format!(
            "column '{}': '{text}': at {} decimals its numbers need more than 18 digits",
            field.name, error.decimals
        )
    })
}
