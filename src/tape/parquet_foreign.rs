//! Parquet files that others wrote: columns found by name, whatever integer, decimal or float they are stored as.
//!
//! A float is read as the shortest decimal that means the same float, which is what its writer printed.

use super::csv::ParsedFile;
use super::decimal::{self, DecimalLimits, Kept};
use super::layout::{Cell, Layout, plan};
use super::merge::Part;
use super::parquet::StoredFile;
use super::table::{ABSENT, Measure, Table, is_storable_time};
use crate::domain::Timestamp;
use crate::error::{Fault, Result};
use ::parquet::file::reader::{FileReader, SerializedFileReader};
use ::parquet::record::Field as Value;
use std::path::Path;

/// Reads a Parquet file whose columns are named as in the CSV layouts, or as the store names them.
pub fn read_parquet(path: &Path, label: &str, limits: DecimalLimits) -> Result<ParsedFile> {
    let stored = StoredFile::open(path)?;
    if stored.is_ours() {
        let layout = match (stored.find("open_time"), stored.find("bid")) {
            (Some(_), _) => Layout::Tapeline,
            (None, Some(_)) => Layout::Quotes,
            (None, None) => Layout::Trades,
        };
        let table = stored.table(layout.kind())?;
        return Ok(ParsedFile {
            part: Part::of_rows(label.to_owned(), table),
            layout,
            close_time: Vec::new(),
            declared: stored.origin(),
            rounded: 0,
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
    let mut table = Table::of(plan.layout.kind());
    let mut close_time = Vec::new();
    let mut rounded = 0;
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
                Cell::Number(column) => {
                    rounded += u64::from(push(&mut table, *column, value, limits).map_err(wrong)? == Kept::Rounded)
                }
                Cell::Quantity | Cell::Side | Cell::BuyerIsMaker | Cell::Ignored => {}
            }
        }
        for column in 0..table.columns.len() {
            if !plan.cells.contains(&Cell::Number(column)) {
                let stand_in = table.fields()[column].stand_in();
                table.columns[column].push(stand_in);
            }
        }
        if let Some(why) = table.wrong_with_last() {
            return Err(wrong(why));
        }
    }
    if table.is_empty() {
        return Err(Fault::user(format!("{label} has no rows")).remedy("leave it out"));
    }
    Ok(ParsedFile {
        part: Part::of_rows(label.to_owned(), table),
        layout: plan.layout,
        close_time,
        declared: None,
        rounded,
    })
}

/// The instant of a stored time, integer or text, in nanoseconds; the error says that it is none.
pub(super) fn time_of(value: &Value) -> std::result::Result<i64, String> {
    let time = match value {
        Value::TimestampMillis(millis) => millis.checked_mul(1_000_000).map(Timestamp::from_nanos),
        Value::TimestampMicros(micros) => micros.checked_mul(1_000).map(Timestamp::from_nanos),
        Value::Date(days) => i64::from(*days).checked_mul(86_400_000_000_000).map(Timestamp::from_nanos),
        Value::Long(number) => Timestamp::from_magnitude(*number),
        Value::Int(number) => Timestamp::from_magnitude(i64::from(*number)),
        Value::Str(text) => text.parse().ok(),
        _ => None,
    };
    time.map(Timestamp::nanos).filter(|nanos| is_storable_time(*nanos)).ok_or_else(|| format!("{value} is not a time"))
}

fn push(table: &mut Table, column: usize, value: &Value, limits: DecimalLimits) -> std::result::Result<Kept, String> {
    let field = table.fields()[column];
    if !field.required && matches!(value, Value::Null) {
        table.columns[column].push(ABSENT);
        return Ok(Kept::Exactly);
    }
    let text = match value {
        Value::Double(number) => number.to_string(),
        Value::Float(number) => number.to_string(),
        Value::Str(text) => text.clone(),
        other => other.to_string(),
    };
    let limit = match field.measure {
        Measure::Price => limits.price,
        Measure::Quantity | Measure::Quote => limits.quantity,
        Measure::Count => None,
    };
    let (exact, kept) = match limit {
        Some(limit) => decimal::parse_limited(text.as_bytes(), limit),
        None => decimal::parse(text.as_bytes()).map(|exact| (exact, Kept::Exactly)),
    }
    .map_err(|error| format!("column '{}': '{text}': {error}", field.name))?;
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
    })?;
    Ok(kept)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ::parquet::data_type::{DoubleType, Int64Type};
    use ::parquet::file::writer::SerializedFileWriter;
    use ::parquet::schema::parser::parse_message_type;
    use std::sync::Arc;

    /// A file as data frame libraries write it: millisecond times and floats.
    fn floats(path: &Path, volume_name: &str, open: f64) {
        let schema = format!(
            "message schema {{ required int64 date (TIMESTAMP(MILLIS,true)); required double open; required double high; \
             required double low; required double close; optional double {volume_name}; }}"
        );
        let schema = Arc::new(parse_message_type(&schema).unwrap());
        let file = std::fs::File::create(path).unwrap();
        let mut writer = SerializedFileWriter::new(file, schema, Default::default()).unwrap();
        let mut group = writer.next_row_group().unwrap();
        let mut column = group.next_column().unwrap().unwrap();
        let times = [1_722_470_280_000, 1_722_470_340_000];
        column.typed::<Int64Type>().write_batch(&times, None, None).unwrap();
        column.close().unwrap();
        for values in [[open, 0.1], [open, 0.3], [open, 0.1], [open, 0.2]] {
            let mut column = group.next_column().unwrap().unwrap();
            column.typed::<DoubleType>().write_batch(&values, None, None).unwrap();
            column.close().unwrap();
        }
        let mut column = group.next_column().unwrap().unwrap();
        column.typed::<DoubleType>().write_batch(&[26.98425, 1e-5], Some(&[1, 1]), None).unwrap();
        column.close().unwrap();
        group.close().unwrap();
        writer.close().unwrap();
    }

    fn read(path: &Path) -> Result<ParsedFile> {
        read_parquet(path, "f.parquet", DecimalLimits::default())
    }

    #[test]
    fn floats_are_read_as_the_decimals_they_were_printed_from() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("f.parquet");
        floats(&path, "volume", 67745.75);
        let file = read(&path).unwrap();
        assert_eq!(file.layout, Layout::Freqtrade);
        assert_eq!(file.part.table.columns[0], vec![6_774_575, 10]);
        assert_eq!(file.part.table.columns[4], vec![2_698_425, 1]);
        assert_eq!(file.part.table.time[0], 1_722_470_280_000_000_000);
    }

    #[test]
    fn what_csv_refuses_is_refused_here_too() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("f.parquet");
        floats(&path, "volume", f64::NAN);
        let text = read(&path).err().unwrap().to_string();
        assert!(text.contains("f.parquet row 1") && text.contains("not a finite number"), "{text}");
        floats(&path, "volume", -1.0);
        assert!(read(&path).err().unwrap().to_string().contains("out of range"));
        floats(&path, "volumee", 1.0);
        assert!(read(&path).err().unwrap().to_string().contains("did you mean 'volume'"));
        std::fs::write(&path, b"PAR1 and nothing else").unwrap();
        assert!(read(&path).is_err());
    }
}
