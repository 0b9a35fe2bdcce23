//! A CSV file of another program: columns found by any of their names, cells read with line and column in every message.

use super::Reading;
use super::cell;
use crate::domain::Timestamp;
use crate::error::{Fault, Result};
use rust_decimal::Decimal;
use std::path::Path;

/// A column that may have been found.
#[derive(Clone, Debug)]
pub struct Column {
    place: Option<usize>,
    /// Its name in this file; the first of those looked for where it is not there.
    pub name: String,
}

/// A CSV file.
pub struct Sheet<'a> {
    path: &'a Path,
    reading: &'a Reading,
    names: Vec<String>,
    reader: csv::Reader<&'a [u8]>,
    record: csv::StringRecord,
    /// Cells with times that the zone has twice or not at all.
    pub doubtful_times: usize,
}

impl<'a> Sheet<'a> {
    /// Reads the head line.
    pub fn open(path: &'a Path, text: &'a str, reading: &'a Reading) -> Result<Self> {
        let text = text.trim_start_matches('\u{feff}');
        let head = text.lines().next().unwrap_or("");
        let delimiter = [b',', b';', b'\t'].into_iter().max_by_key(|sign| {
            // Of equal numbers the comma, which is looked at first, must win.
            (head.bytes().filter(|byte| byte == sign).count(), std::cmp::Reverse(*sign != b','))
        });
        let mut reader = csv::ReaderBuilder::new().delimiter(delimiter.unwrap_or(b',')).from_reader(text.as_bytes());
        let names = reader.headers().map_err(|error| broken(path, &error))?;
        let names = names.iter().map(|name| name.trim().to_owned()).collect();
        Ok(Sheet { path, reading, names, reader, record: csv::StringRecord::new(), doubtful_times: 0 })
    }

    /// The first column with one of these names.
    pub fn find(&self, names: &[&str]) -> Column {
        let place = names.iter().find_map(|name| self.names.iter().position(|found| found == name));
        self.column(place, names[0])
    }

    /// The first column whose name begins so and goes on with at most one word, the unit: `Price USDT`.
    pub fn find_with_unit(&self, starts: &[&str]) -> Column {
        let is_it = |name: &str, start: &str| match name.strip_prefix(start) {
            Some("") => true,
            Some(rest) => rest.strip_prefix(' ').is_some_and(|unit| !unit.contains(' ') && unit != "%"),
            None => false,
        };
        let place = starts.iter().find_map(|start| self.names.iter().position(|name| is_it(name, start)));
        self.column(place, starts[0])
    }

    fn column(&self, place: Option<usize>, wanted: &str) -> Column {
        Column { place, name: place.map_or_else(|| wanted.to_owned(), |place| self.names[place].clone()) }
    }

    /// A column that has to be there.
    pub fn required(&self, column: Column) -> Result<Column> {
        if column.place.is_some() {
            return Ok(column);
        }
        let (path, name) = (self.path.display(), &column.name);
        Err(Fault::user(format!("reading {path}, line 1: there is no column '{name}'"))
            .remedy(format!("it has: {}; export it again with all columns", self.names.join(", "))))
    }

    /// Goes to the next row; false behind the last.
    pub fn next(&mut self) -> Result<bool> {
        self.reader.read_record(&mut self.record).map_err(|error| broken(self.path, &error))
    }

    /// The text of a cell, absent where there is nothing.
    pub fn text(&self, column: &Column) -> Option<&str> {
        let cell = self.record.get(column.place?)?.trim();
        (!cell.is_empty()).then_some(cell)
    }

    /// A number that may be absent.
    pub fn number(&self, column: &Column) -> Result<Option<Decimal>> {
        match self.text(column) {
            None => Ok(None),
            Some(text) if cell::is_nothing(text) => Ok(None),
            Some(text) => cell::decimal(text).map(Some).ok_or_else(|| self.wrong(column, "a number")),
        }
    }

    /// A time.
    pub fn time(&mut self, column: &Column) -> Result<Timestamp> {
        let text = self.text(column).unwrap_or("");
        let (at, once) =
            cell::time(text, self.reading).ok_or_else(|| self.wrong(column, "a time such as 2024-01-03 15:00"))?;
        self.doubtful_times += usize::from(!once);
        Ok(at)
    }

    /// Whether a cell has a zone of its own.
    pub fn has_zone(&self, column: &Column) -> bool {
        self.text(column).is_some_and(|text| text.parse::<jiff::Timestamp>().is_ok())
    }

    /// The line of this row.
    pub fn line(&self) -> u64 {
        self.record.position().map_or(0, csv::Position::line)
    }

    /// A cell that is not what it has to be.
    pub fn wrong(&self, column: &Column, what: &str) -> Fault {
        let (path, line, name) = (self.path.display(), self.line(), &column.name);
        let cell = self.text(column).unwrap_or("");
        Fault::user(format!("reading {path}, line {line}, column {name}: '{cell}' is not {what}"))
            .remedy("the file is damaged or was changed; export it again")
    }
}

fn broken(path: &Path, error: &csv::Error) -> Fault {
    Fault::user(format!("reading {}: {error}", path.display())).remedy("the file is damaged; export it again")
}
