//! Series from outside: one column of a CSV or Parquet file by the instant at which each value became known.
//!
//! Rows must ascend by `available_at` and no two may share an instant: which of two values would have been known then
//! is not for a reader to guess.

use super::parquet_foreign::time_of;
use super::source::{Wrapping, with_text, wrapping};
use super::table::is_storable_time;
use crate::domain::{OutsideSeries, Timestamp};
use crate::error::{Fault, Result, nearest};
use ::csv::ByteRecord;
use ::parquet::errors::ParquetError;
use ::parquet::file::reader::{FileReader, SerializedFileReader};
use ::parquet::record::Field as Value;
use ::parquet::schema::types::Type;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

/// The column that says when each row became known.
pub const AVAILABLE_AT: &str = "available_at";

/// Reads one column of a file (CSV, also gzipped or zipped, or Parquet) with its `available_at` times. Further columns
/// are left alone. An empty cell, a null and NaN say that nothing is known from then on; `true` and `false` are 1 and 0.
///
/// # Errors
/// When the file cannot be read, has no such columns or no rows, when a cell is no time or no finite number, and when
/// the rows do not ascend by time.
pub fn read_outside(path: &Path, column: &str) -> Result<OutsideSeries> {
    let label = path.display().to_string();
    let mut rows = Rows { label: &label, column, times: Vec::new(), values: Vec::new() };
    match wrapping(path)? {
        Wrapping::Parquet => rows.read_parquet(path)?,
        text @ (Wrapping::Plain | Wrapping::Gzip | Wrapping::Zip) => {
            with_text(path, text, |text| rows.read_csv(text))?;
        }
    }
    if rows.times.is_empty() {
        return Err(
            Fault::user(format!("{label} has no rows")).remedy("write the series into it, or name another file")
        );
    }
    Ok(OutsideSeries::new(rows.times, rows.values).expect("every row was checked as it came"))
}

struct Rows<'a> {
    label: &'a str,
    column: &'a str,
    times: Vec<Timestamp>,
    values: Vec<Option<f64>>,
}

impl Rows<'_> {
    fn read_csv(&mut self, text: &mut dyn Read) -> Result<()> {
        let label = self.label;
        let damaged = |error: &::csv::Error| {
            Fault::user(format!("reading {label}: {error}")).remedy("the file is incomplete or damaged; write it again")
        };
        let mut reader = ::csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text);
        let mut record = ByteRecord::new();
        reader.read_byte_record(&mut record).map_err(|error| damaged(&error))?;
        let header: Vec<String> =
            record.iter().map(|cell| String::from_utf8_lossy(cell.trim_ascii()).into_owned()).collect();
        let (time, value) = self.places(&header)?;
        while reader.read_byte_record(&mut record).map_err(|error| damaged(&error))? {
            let line = record.position().map_or(0, |position| position.line());
            let place = format!("line {line}");
            if record.len() != header.len() {
                let (found, expected) = (record.len(), header.len());
                return Err(self
                    .wrong(&place, &format!("has {found} cells where {expected} are expected"))
                    .remedy("the line is cut or from another file; repair it"));
            }
            let cell = |index: usize| String::from_utf8_lossy(record[index].trim_ascii()).into_owned();
            let at = cell(time).parse::<Timestamp>().map_err(|error| error.to_string());
            self.take(&place, at, number(&cell(value)))?;
        }
        Ok(())
    }

    fn read_parquet(&mut self, path: &Path) -> Result<()> {
        let label = self.label;
        let damaged = |error: ParquetError| {
            Fault::user(format!("reading {label}: {error}")).remedy("write the file again, or export it as CSV")
        };
        let file = std::fs::File::open(path).map_err(|error| Fault::io("opening", path, &error))?;
        let reader = SerializedFileReader::new(file).map_err(damaged)?;
        let schema = reader.metadata().file_metadata().schema();
        let names: Vec<String> = schema.get_fields().iter().map(|field| field.name().to_owned()).collect();
        let (time, value) = self.places(&names)?;
        let wanted = [time, value].map(|index| Arc::clone(&schema.get_fields()[index])).to_vec();
        let only = Type::group_type_builder(schema.name()).with_fields(wanted).build().map_err(damaged)?;
        for (index, row) in reader.get_row_iter(Some(only)).map_err(damaged)?.enumerate() {
            let row = row.map_err(damaged)?;
            let place = format!("row {}", index + 1);
            let cell = |wanted: &str| {
                let found = row.get_column_iter().find(|(name, _)| *name == wanted);
                found.map_or(&Value::Null, |(_, value)| value)
            };
            let at = time_of(cell(AVAILABLE_AT)).map(Timestamp::from_nanos);
            self.take(&place, at, number_of(cell(self.column)))?;
        }
        Ok(())
    }

    /// Where the time and the value stand among the columns.
    fn places(&self, names: &[String]) -> Result<(usize, usize)> {
        if self.column == AVAILABLE_AT {
            return Err(Fault::user(format!("{}: {AVAILABLE_AT} is the time of a series, not its value", self.label))
                .remedy("name the column that holds the values"));
        }
        Ok((self.place(names, AVAILABLE_AT)?, self.place(names, self.column)?))
    }

    fn place(&self, names: &[String], wanted: &str) -> Result<usize> {
        let mut found = names.iter().enumerate().filter(|(_, name)| *name == wanted).map(|(index, _)| index);
        match (found.next(), found.next()) {
            (Some(place), None) => Ok(place),
            (Some(_), Some(_)) => Err(Fault::user(format!("{} has two columns '{wanted}'", self.label))
                .remedy("give each column a name of its own")),
            (None, _) => {
                let fault = Fault::user(format!("{} has no column '{wanted}'", self.label));
                let known = || names.iter().map(String::as_str);
                Err(match nearest(wanted, known()) {
                    Some(near) => fault.remedy(format!("did you mean '{near}'?")),
                    None => fault.remedy(format!("it has {}", known().collect::<Vec<_>>().join(", "))),
                })
            }
        }
    }

    fn take(
        &mut self,
        place: &str,
        at: std::result::Result<Timestamp, String>,
        value: std::result::Result<Option<f64>, String>,
    ) -> Result<()> {
        let at = at.map_err(|error| {
            self.wrong(place, &format!("column '{AVAILABLE_AT}': {error}"))
                .remedy("write when the value became known, in ISO 8601 or milliseconds since 1970")
        })?;
        if !is_storable_time(at.nanos()) {
            return Err(self
                .wrong(place, &format!("column '{AVAILABLE_AT}': {at} lies before 1970 or after 2260"))
                .remedy("write ISO 8601 or milliseconds since 1970"));
        }
        let value = value.map_err(|error| {
            self.wrong(place, &format!("column '{}': {error}", self.column))
                .remedy("write a finite number, or leave the cell empty where nothing is known")
        })?;
        if let Some(before) = self.times.last().filter(|before| **before >= at) {
            let what = if *before == at { "is there twice" } else { "is earlier than the row before it" };
            return Err(self
                .wrong(place, &format!("column '{AVAILABLE_AT}': {at} {what}"))
                .remedy("sort the rows by available_at and keep one for each instant"));
        }
        self.times.push(at);
        self.values.push(value);
        Ok(())
    }

    fn wrong(&self, place: &str, what: &str) -> Fault {
        Fault::user(format!("{} {place}: {what}", self.label))
    }
}

/// A cell of text as a value.
fn number(text: &str) -> std::result::Result<Option<f64>, String> {
    match text {
        "" => return Ok(None),
        word if word.eq_ignore_ascii_case("true") => return Ok(Some(1.0)),
        word if word.eq_ignore_ascii_case("false") => return Ok(Some(0.0)),
        _ => {}
    }
    let number: f64 = text.parse().map_err(|_| format!("'{text}' is not a number"))?;
    finite(number)
}

fn number_of(value: &Value) -> std::result::Result<Option<f64>, String> {
    let whole = |number: i128| Ok(Some(number as f64));
    match value {
        Value::Null => Ok(None),
        Value::Bool(yes) => Ok(Some(f64::from(u8::from(*yes)))),
        Value::Byte(number) => whole((*number).into()),
        Value::Short(number) => whole((*number).into()),
        Value::Int(number) => whole((*number).into()),
        Value::Long(number) => whole((*number).into()),
        Value::UByte(number) => whole((*number).into()),
        Value::UShort(number) => whole((*number).into()),
        Value::UInt(number) => whole((*number).into()),
        Value::ULong(number) => whole((*number).into()),
        Value::Float16(number) => finite(f64::from(*number)),
        Value::Float(number) => finite(f64::from(*number)),
        Value::Double(number) => finite(*number),
        Value::Decimal(_) => number(&value.to_string()),
        Value::Str(text) => number(text),
        other => Err(format!("{other} is not a number")),
    }
}

fn finite(number: f64) -> std::result::Result<Option<f64>, String> {
    match number {
        number if number.is_nan() => Ok(None),
        number if number.is_finite() => Ok(Some(number)),
        number => Err(format!("'{number}' is not a finite number")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ::parquet::data_type::{BoolType, ByteArrayType, DoubleType, Int64Type};
    use ::parquet::file::writer::SerializedFileWriter;
    use ::parquet::schema::parser::parse_message_type;

    fn read(text: &str, column: &str) -> Result<OutsideSeries> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s.csv");
        std::fs::write(&path, text).unwrap();
        read_outside(&path, column)
    }

    #[test]
    fn a_column_is_read_with_its_times_whatever_stands_beside_it() {
        let text = "note,score, available_at ,regime\n\
                    a,1.5,2024-01-01T00:00:00Z,True\nb,,1704067260000,false\n\"c, d\",NaN,1704067320,true\ne,-2e-3,2024-01-02,\n";
        let score = read(text, "score").unwrap();
        let seconds: Vec<i64> = score.available_at().iter().map(|at| at.millis() / 1_000 - 1_704_067_200).collect();
        assert_eq!(seconds, [0, 60, 120, 86_400]);
        assert_eq!(score.values(), [Some(1.5), None, None, Some(-0.002)]);
        assert_eq!(read(text, "regime").unwrap().values(), [Some(1.0), Some(0.0), Some(1.0), None]);
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        let cases = [
            ("available_at,score\n", "has no rows"),
            ("time,score\n1704067200000,1\n", "has no column 'available_at'"),
            ("available_at,scores\n1704067200000,1\n", "did you mean 'scores'"),
            ("available_at,score,score\n1704067200000,1,2\n", "has two columns 'score'"),
            ("available_at,score\nsoon,1\n", "line 2: column 'available_at': 'soon' is not a time"),
            ("available_at,score\n-5,1\n", "line 2: column 'available_at': 1969"),
            ("available_at,score\n1704067200000,high\n", "line 2: column 'score': 'high' is not a number"),
            ("available_at,score\n1704067200000,inf\n", "line 2: column 'score': 'inf' is not a finite number"),
            ("available_at,score\n1704067200000\n", "line 2: has 1 cells where 2 are expected"),
            (
                "available_at,score\n1704067260000,1\n1704067200000,1\n",
                "line 3: column 'available_at': 2024-01-01T00:00:00Z is earlier",
            ),
            (
                "available_at,score\n1704067200000,1\n2024-01-01,1\n",
                "line 3: column 'available_at': 2024-01-01T00:00:00Z is there twice",
            ),
        ];
        for (text, part) in cases {
            let fault = read(text, "score").unwrap_err();
            assert!(fault.to_string().contains(part), "{part:?} is not in: {fault}");
            assert!(fault.to_string().contains("what to do"), "{fault}");
            assert_eq!(fault.exit_code(), 2, "{fault}");
        }
        let fault = read("available_at,score\n1704067200000,1\n", AVAILABLE_AT).unwrap_err();
        assert!(fault.to_string().contains("is the time of a series"), "{fault}");
    }

    #[test]
    fn parquet_gives_what_csv_gives() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s.parquet");
        let schema = "message schema { required binary note (UTF8); optional double score; \
                      required int64 available_at (TIMESTAMP(NANOS,true)); required boolean regime; }";
        let schema = Arc::new(parse_message_type(schema).unwrap());
        let file = std::fs::File::create(&path).unwrap();
        let mut writer = SerializedFileWriter::new(file, schema, Default::default()).unwrap();
        let mut group = writer.next_row_group().unwrap();
        let mut column = group.next_column().unwrap().unwrap();
        let notes = ["a", "b", "c"].map(|note| note.into());
        column.typed::<ByteArrayType>().write_batch(&notes, None, None).unwrap();
        column.close().unwrap();
        let mut column = group.next_column().unwrap().unwrap();
        column.typed::<DoubleType>().write_batch(&[1.5, f64::NAN], Some(&[1, 0, 1]), None).unwrap();
        column.close().unwrap();
        let times = [1_704_067_200_000_000_000, 1_704_067_260_000_000_000, 1_704_067_260_000_000_001];
        let mut column = group.next_column().unwrap().unwrap();
        column.typed::<Int64Type>().write_batch(&times, None, None).unwrap();
        column.close().unwrap();
        let mut column = group.next_column().unwrap().unwrap();
        column.typed::<BoolType>().write_batch(&[true, false, true], None, None).unwrap();
        column.close().unwrap();
        group.close().unwrap();
        writer.close().unwrap();
        let score = read_outside(&path, "score").unwrap();
        assert_eq!(score.available_at().iter().map(|at| at.nanos()).collect::<Vec<_>>(), times);
        assert_eq!(score.values(), [Some(1.5), None, None]);
        assert_eq!(read_outside(&path, "regime").unwrap().values(), [Some(1.0), Some(0.0), Some(1.0)]);
        let fault = read_outside(&path, "note").unwrap_err().to_string();
        assert!(fault.contains("row 1: column 'note': 'a' is not a number"), "{fault}");
        assert!(read_outside(&path, "sore").unwrap_err().to_string().contains("did you mean 'score'"));
    }
}
