//! A run's CSV files as typed files for other programs: Parquet with exact decimals and UTC instants, or JSON.

use super::files::{CellType, FILES, place};
use super::parquet_file::{ParquetFile, WIDE, instants};
use super::summary::{FORMAT_VERSION, Summary};
use crate::domain::Timestamp;
use crate::error::{Fault, Result};
use arrow_array::{ArrayRef, Decimal128Array, StringArray, TimestampNanosecondArray, UInt64Array};
use arrow_schema::{DataType, Field};
use serde_json::json;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Into what a run's tables are turned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum RunFormat {
    /// One Parquet file for each table: Decimal128, timestamps in nanoseconds UTC, empty cells null
    Parquet,
    /// One JSON file for each table: a list of objects; decimals and times as text, empty cells null
    Json,
}

/// Writes the tables of the run in this directory to a new folder.
///
/// # Errors
/// When it is no run, a file of it is damaged, or the folder exists or cannot be written.
pub fn export(run: &Path, folder: &Path, format: RunFormat) -> Result<Vec<PathBuf>> {
    Summary::read(run)?;
    if folder.exists() {
        return Err(Fault::user(format!("exporting to {}: it exists", folder.display())).remedy("name a new folder"));
    }
    let mut names = Vec::new();
    place(folder, |draft| {
        for (file, _) in FILES {
            let cells = Cells::read(&run.join(file))?;
            let stem = file.trim_end_matches(".csv");
            let name = match format {
                RunFormat::Parquet => format!("{stem}.parquet"),
                RunFormat::Json => format!("{stem}.json"),
            };
            match format {
                RunFormat::Parquet => cells.write_parquet(draft, &name)?,
                RunFormat::Json => cells.write_json(&draft.join(&name), stem)?,
            }
            names.push(folder.join(name));
        }
        Ok(())
    })?;
    Ok(names)
}

/// What to do about a file that does not read as it was written.
const CHANGED: &str = "the file was changed after the run; run the plan again into a new directory";

/// A CSV file, column by column.
struct Cells {
    path: PathBuf,
    names: Vec<String>,
    columns: Vec<Vec<String>>,
}

impl Cells {
    fn read(path: &Path) -> Result<Self> {
        let broken = |error: csv::Error| Fault::user(format!("reading {}: {error}", path.display())).remedy(CHANGED);
        let mut reader = csv::Reader::from_path(path).map_err(broken)?;
        let names: Vec<String> = reader.headers().map_err(broken)?.iter().map(str::to_owned).collect();
        let mut columns = vec![Vec::new(); names.len()];
        for record in reader.records() {
            let record = record.map_err(broken)?;
            for (column, cell) in columns.iter_mut().zip(&record) {
                column.push(cell.to_owned());
            }
        }
        Ok(Cells { path: path.to_owned(), names, columns })
    }

    fn write_parquet(&self, folder: &Path, name: &str) -> Result<()> {
        let typed: Vec<(Field, ArrayRef)> =
            self.names.iter().zip(&self.columns).map(|(name, cells)| self.typed(name, cells)).collect::<Result<_>>()?;
        let (fields, columns): (Vec<Field>, Vec<ArrayRef>) = typed.into_iter().unzip();
        let mut file = ParquetFile::create(folder, name, fields)?;
        file.put(columns)?;
        file.finish()
    }

    fn typed(&self, name: &str, cells: &[String]) -> Result<(Field, ArrayRef)> {
        let (kind, values): (DataType, ArrayRef) = match CellType::of(name) {
            CellType::Text => {
                let values = cells.iter().map(|cell| (!cell.is_empty()).then_some(cell.as_str()));
                (DataType::Utf8, Arc::new(StringArray::from_iter(values)))
            }
            CellType::Whole => {
                let values = self.parsed(name, cells, whole)?;
                (DataType::UInt64, Arc::new(UInt64Array::from(values)))
            }
            CellType::Time => {
                let values = self.parsed(name, cells, instant)?;
                (instants(), Arc::new(TimestampNanosecondArray::from(values).with_timezone("UTC")))
            }
            CellType::Decimal => {
                let scale = cells.iter().map(|cell| decimals(cell)).max().unwrap_or(0);
                let values = self.parsed(name, cells, |cell| units(cell, scale))?;
                let values = Decimal128Array::from(values).with_precision_and_scale(WIDE, scale as i8);
                let values = values
                    .map_err(|error| Fault::user(format!("column {name} of {}: {error}", self.path.display())))?;
                (DataType::Decimal128(WIDE, scale as i8), Arc::new(values))
            }
        };
        Ok((Field::new(name, kind, true), values))
    }

    /// What the cells say; nothing where they are empty.
    fn parsed<T>(&self, name: &str, cells: &[String], parse: impl Fn(&str) -> Option<T>) -> Result<Vec<Option<T>>> {
        let one = |(row, cell): (usize, &String)| match cell.as_str() {
            "" => Ok(None),
            cell => parse(cell).map(Some).ok_or_else(|| {
                let (path, row, word) = (self.path.display(), row + 1, CellType::of(name).word());
                Fault::user(format!("reading {path}, row {row}, column {name}: '{cell}' is no {word}")).remedy(CHANGED)
            }),
        };
        cells.iter().enumerate().map(one).collect()
    }

    fn write_json(&self, path: &Path, table: &str) -> Result<()> {
        // Read as what they are first: a cell that is not what it should be is found before anything is written.
        for (name, cells) in self.names.iter().zip(&self.columns) {
            self.typed(name, cells)?;
        }
        let rows = self.columns.first().map_or(0, Vec::len);
        let row = |row: usize| {
            let cell = |(name, cells): (&String, &Vec<String>)| {
                let value = match (cells[row].as_str(), CellType::of(name)) {
                    ("", _) => "null".to_owned(),
                    (cell, CellType::Whole) => cell.to_owned(),
                    (cell, CellType::Text | CellType::Time | CellType::Decimal) => json!(cell).to_string(),
                };
                format!("{}: {value}", json!(name))
            };
            let cells: Vec<String> = self.names.iter().zip(&self.columns).map(cell).collect();
            format!("{{{}}}", cells.join(", "))
        };
        let failed = |error: &std::io::Error| Fault::io("writing", path, error);
        let file = std::fs::File::create(path).map_err(|error| failed(&error))?;
        let mut out = BufWriter::new(file);
        let mut put = |text: &str| out.write_all(text.as_bytes()).map_err(|error| failed(&error));
        put(&format!("{{\"format_version\": {FORMAT_VERSION}, \"table\": \"{table}\", \"rows\": ["))?;
        for number in 0..rows {
            put(if number == 0 { "\n" } else { ",\n" })?;
            put(&row(number))?;
        }
        put("\n]}\n")?;
        out.flush().map_err(|error| failed(&error))
    }
}

fn instant(cell: &str) -> Option<i64> {
    cell.parse().ok().map(Timestamp::nanos)
}

fn whole(cell: &str) -> Option<u64> {
    cell.bytes().all(|byte| byte.is_ascii_digit()).then(|| cell.parse().ok()).flatten()
}

/// How many digits stand behind the point.
fn decimals(cell: &str) -> u32 {
    cell.split_once('.').map_or(0, |(_, behind)| behind.len() as u32)
}

/// A decimal as a whole number of its last digit.
fn units(cell: &str, scale: u32) -> Option<i128> {
    let (whole, behind) = cell.split_once('.').unwrap_or((cell, ""));
    if behind.contains('.') {
        return None;
    }
    let units: i128 = format!("{whole}{behind}").parse().ok()?;
    units.checked_mul(10i128.checked_pow(scale.checked_sub(decimals(cell))?)?)
}
