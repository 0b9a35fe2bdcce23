//! The CSV files of a run, read back: the columns that are wanted, row by row.

use crate::domain::Timestamp;
use crate::error::{Fault, Result};
use std::path::{Path, PathBuf};

/// A CSV file, of which some columns are wanted.
pub struct Table {
    path: PathBuf,
    reader: csv::Reader<std::fs::File>,
    record: csv::StringRecord,
    places: Vec<usize>,
    names: Vec<&'static str>,
}

impl Table {
    /// Opens a run's file.
    ///
    /// # Errors
    /// When it cannot be read, or lacks one of the columns.
    pub fn open(run: &Path, name: &str, columns: &[&'static str]) -> Result<Self> {
        let path = run.join(name);
        let broken = |error: csv::Error| Fault::user(format!("reading {}: {error}", path.display()));
        let mut reader = csv::ReaderBuilder::new().buffer_capacity(1 << 18).from_path(&path).map_err(broken)?;
        let head = reader.headers().map_err(broken)?;
        let place = |column: &&str| {
            head.iter().position(|name| name == *column).ok_or_else(|| {
                Fault::user(format!("reading {}: there is no column '{column}'", path.display()))
                    .remedy("run the plan again into a new directory")
            })
        };
        let places = columns.iter().map(place).collect::<Result<_>>()?;
        Ok(Table { reader, record: csv::StringRecord::new(), places, names: columns.to_vec(), path })
    }

    /// Goes to the next row; false behind the last.
    pub fn next(&mut self) -> Result<bool> {
        self.reader
            .read_record(&mut self.record)
            .map_err(|error| Fault::user(format!("reading {}: {error}", self.path.display())))
    }

    /// The text of a wanted column in this row.
    pub fn cell(&self, column: usize) -> &str {
        self.record.get(self.places[column]).unwrap_or("")
    }

    /// The number there.
    pub fn number(&self, column: usize) -> Result<f64> {
        self.cell(column).parse().map_err(|_| self.wrong(column, "number"))
    }

    /// How many digits stand behind the point.
    pub fn decimals(&self, column: usize) -> u8 {
        let cell = self.cell(column);
        cell.find('.').map_or(0, |point| (cell.len() - point - 1).min(18) as u8)
    }

    /// The time there, in milliseconds since 1970.
    pub fn millis(&self, column: usize) -> Result<i64> {
        let at: Timestamp = self.cell(column).parse().map_err(|_| self.wrong(column, "time"))?;
        Ok(at.millis())
    }

    fn wrong(&self, column: usize, kind: &str) -> Fault {
        let line = self.record.position().map_or(0, csv::Position::line);
        let (path, cell, name) = (self.path.display(), self.cell(column), self.names[column]);
        Fault::user(format!("reading {path}, line {line}, column {name}: '{cell}' is no {kind}"))
            .remedy("the file was changed after the run; run the plan again into a new directory")
    }
}
