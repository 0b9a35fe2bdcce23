//! Trials by columns: what questions to a sweep are asked of, and what their answers stand in.

use super::axis::Axis;
use super::expression::{Condition, Value};
use super::trial::Status;
use crate::error::{Fault, Result, nearest};
use std::cmp::Ordering;

/// Columns of equal length.
#[derive(Clone, Debug, PartialEq)]
pub struct Sheet {
    /// The columns in order.
    pub columns: Vec<SheetColumn>,
    /// How many rows each has.
    pub rows: usize,
}

/// A column with its name.
#[derive(Clone, Debug, PartialEq)]
pub struct SheetColumn {
    /// Its name.
    pub name: String,
    /// Its cells.
    pub cells: Cells,
}

/// The cells of a column.
#[derive(Clone, Debug, PartialEq)]
pub enum Cells {
    /// Numbers; not a number where the value is undefined.
    Numbers(Vec<f64>),
    /// Words; none where there is no value.
    Words(Vec<Option<String>>),
}

/// Which end stands first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// The least.
    Ascending,
    /// The most.
    Descending,
}

impl Cells {
    /// Of numbers that may be undefined.
    pub fn of_numbers(numbers: impl IntoIterator<Item = Option<f64>>) -> Self {
        Cells::Numbers(numbers.into_iter().map(|number| number.unwrap_or(f64::NAN)).collect())
    }

    /// The value of a row.
    pub fn value(&self, row: usize) -> Value {
        match self {
            Cells::Numbers(numbers) if numbers[row].is_nan() => Value::Missing,
            Cells::Numbers(numbers) => Value::Number(numbers[row]),
            Cells::Words(words) => words[row].clone().map_or(Value::Missing, Value::Word),
        }
    }

    /// The cells of these rows in this order.
    pub(super) fn take(&self, rows: &[usize]) -> Self {
        match self {
            Cells::Numbers(numbers) => Cells::Numbers(rows.iter().map(|row| numbers[*row]).collect()),
            Cells::Words(words) => Cells::Words(rows.iter().map(|row| words[*row].clone()).collect()),
        }
    }

    /// How two rows stand to each other; what is undefined comes last, whatever the direction.
    fn compare(&self, one: usize, other: usize, direction: Direction) -> Ordering {
        let turned = |order: Ordering| match direction {
            Direction::Ascending => order,
            Direction::Descending => order.reverse(),
        };
        match self {
            Cells::Numbers(numbers) => match (numbers[one].is_nan(), numbers[other].is_nan()) {
                (false, false) => turned(numbers[one].total_cmp(&numbers[other])),
                (missing, other) => missing.cmp(&other),
            },
            Cells::Words(words) => match (&words[one], &words[other]) {
                (Some(one), Some(other)) => turned(one.cmp(other)),
                (one, other) => one.is_none().cmp(&other.is_none()),
            },
        }
    }
}

impl Sheet {
    /// The cells of a column.
    ///
    /// # Errors
    /// When there is none of that name: says which is nearest.
    pub fn cells(&self, name: &str) -> Result<&Cells> {
        let found = self.columns.iter().find(|column| column.name == name);
        found
            .map(|column| &column.cells)
            .ok_or_else(|| unknown(name, self.columns.iter().map(|column| column.name.as_str())))
    }

    /// The rows of which a condition holds.
    pub fn satisfying(&self, condition: &Condition) -> Vec<usize> {
        let names = condition.names();
        let places: Vec<(&str, &Cells)> = names
            .iter()
            .filter_map(|name| {
                let column = self.columns.iter().find(|column| column.name == *name)?;
                Some((*name, &column.cells))
            })
            .collect();
        let holds = |row: &usize| {
            condition.holds(&|name| {
                let (_, cells) = places.iter().find(|(known, _)| *known == name)?;
                Some(cells.value(*row))
            })
        };
        (0..self.rows).filter(holds).collect()
    }

    /// These rows in this order.
    #[must_use]
    pub fn take(&self, rows: &[usize]) -> Self {
        let column = |column: &SheetColumn| SheetColumn { name: column.name.clone(), cells: column.cells.take(rows) };
        Sheet { columns: self.columns.iter().map(column).collect(), rows: rows.len() }
    }

    /// The rows in the order of a column; equals stay as they stand, what is undefined comes last.
    ///
    /// # Errors
    /// When there is no such column.
    pub fn ordered(&self, rows: &mut [usize], name: &str, direction: Direction) -> Result<()> {
        let cells = self.cells(name)?;
        rows.sort_by(|one, other| cells.compare(*one, *other, direction));
        Ok(())
    }
}

/// A name that is no column.
pub fn unknown<'a>(name: &str, known: impl Iterator<Item = &'a str> + Clone) -> Fault {
    let fault = Fault::user(format!("there is no column '{name}'"));
    match nearest(name, known.clone()) {
        Some(near) => fault.remedy(format!("did you mean '{near}'?")),
        None => fault.remedy(format!("the columns are {}", known.collect::<Vec<_>>().join(", "))),
    }
}

/// Every name of a condition has to be a column, a value of an axis or one of `words`: a slip of the finger would else be
/// a word that no row holds.
///
/// # Errors
/// Names the first that is none of them.
pub fn check_words<'a>(
    condition: &Condition,
    columns: impl Iterator<Item = &'a str> + Clone,
    axes: &[Axis],
    words: &[&str],
) -> Result<()> {
    for name in condition.names() {
        let is_value = axes.iter().any(|axis| axis.values.iter().any(|value| value == name));
        if !is_value && !words.contains(&name) && !columns.clone().any(|column| column == name) {
            return Err(unknown(name, columns).within("the condition"));
        }
    }
    Ok(())
}

/// The words for how a trial ended.
pub const STATUSES: [&str; 4] =
    [Status::Done.name(), Status::Invalid.name(), Status::Failed.name(), Status::Stopped.name()];
