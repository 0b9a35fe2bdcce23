//! Questions to the trials of a sweep, and their answers.

use super::axis::Axis;
use super::expression::{Condition, Value};
use super::fronts::fronts;
use super::objective::Objective;
use super::sheet::{Cells, Direction, STATUSES, Sheet, SheetColumn, check_words, unknown};
use super::shelf::Shelf;
use super::table;
use super::trial::{FRONT, Status};
use crate::error::{Fault, Result};
use crate::metrics::quantile::quantile;

/// What is asked.
#[derive(Clone, Debug)]
pub struct Question {
    /// Only trials of which this holds.
    pub condition: Option<Condition>,
    /// Where there are any: only trials that are done and have all of them, each with the Pareto front that it lies on.
    pub objectives: Vec<Objective>,
    /// What the answer is made of.
    pub shape: Shape,
    /// By which column of the answer its rows are ordered; without one, trials by number, groups and cells by key.
    pub order: Option<(String, Direction)>,
    /// How many rows are wanted at most.
    pub rows_max: Option<usize>,
}

/// What the rows of an answer are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Trials, with these columns.
    Trials(Vec<String>),
    /// One row for each value of a column: how many trials, and how a number is distributed among them.
    Groups {
        /// The column that tells the groups apart.
        by: String,
        /// The number.
        of: String,
    },
    /// One row for each value of a column, one column for each value of another; in the cells the mean of a number.
    Pivot {
        /// The column that becomes rows.
        row: String,
        /// The column that becomes columns.
        column: String,
        /// The number.
        value: String,
    },
}

/// How a trial ended.
const STATUS: &str = "status";

/// More columns than this are no table: somebody turned a result into columns.
const PIVOT_COLUMNS_MAX: usize = 1_000;

/// The names of all columns of a sweep's trials, in order.
pub fn column_names(axes: &[Axis]) -> Vec<String> {
    table::schema(axes).fields().iter().map(|field| field.name().clone()).collect()
}

impl Question {
    /// Asks the trials of a sweep: all of a finished one, those of the finished parts of one under way.
    ///
    /// # Errors
    /// When a column is not known or holds no numbers where numbers are needed, and when a file cannot be read.
    pub fn ask(&self, shelf: &Shelf, axes: &[Axis]) -> Result<Sheet> {
        let names = column_names(axes);
        let wanted = self.wanted(&names, axes)?;
        let sheet = table::read_columns(&shelf.trial_files()?, axes, &wanted)?;
        self.answer(sheet)
    }

    /// The columns that have to be read.
    fn wanted(&self, names: &[String], axes: &[Axis]) -> Result<Vec<usize>> {
        let mut wanted: Vec<&str> = Vec::new();
        if let Some(condition) = &self.condition {
            check_words(condition, names.iter().map(String::as_str), axes, &STATUSES)?;
            wanted.extend(condition.names().into_iter().filter(|name| names.iter().any(|known| known == name)));
        }
        match &self.shape {
            Shape::Trials(columns) => {
                wanted.extend(columns.iter().map(String::as_str));
                wanted.extend(self.order.iter().map(|(name, _)| name.as_str()));
            }
            Shape::Groups { by, of } => wanted.extend([by.as_str(), of.as_str()]),
            Shape::Pivot { row, column, value } => wanted.extend([row.as_str(), column.as_str(), value.as_str()]),
        }
        if !self.objectives.is_empty() {
            wanted.push(STATUS);
            wanted.extend(self.objectives.iter().map(|objective| objective.name()));
        }
        // The number of a trial is the order of the rows of a sweep under way.
        let mut places = vec![0];
        for name in wanted {
            let place = names.iter().position(|known| known == name);
            places.push(place.ok_or_else(|| unknown(name, names.iter().map(String::as_str)))?);
        }
        places.sort_unstable();
        places.dedup();
        Ok(places)
    }

    fn answer(&self, mut sheet: Sheet) -> Result<Sheet> {
        let mut rows: Vec<usize> = match &self.condition {
            Some(condition) => sheet.satisfying(condition),
            None => (0..sheet.rows).collect(),
        };
        if !self.objectives.is_empty() {
            let fronts = self.fronts(&sheet, &mut rows)?;
            // Of these objectives, not of those that the sweep was made with.
            sheet.columns.retain(|column| column.name != FRONT);
            sheet.columns.push(SheetColumn { name: FRONT.to_owned(), cells: fronts });
        }
        let sheet = &sheet;
        let rows_max = self.rows_max.unwrap_or(usize::MAX);
        match &self.shape {
            Shape::Trials(columns) => {
                if let Some((name, direction)) = &self.order {
                    sheet.ordered(&mut rows, name, *direction)?;
                }
                rows.truncate(rows_max);
                let column =
                    |name: &String| Ok(SheetColumn { name: name.clone(), cells: sheet.cells(name)?.take(&rows) });
                let columns = columns.iter().map(column).collect::<Result<_>>()?;
                Ok(Sheet { columns, rows: rows.len() })
            }
            Shape::Groups { by, of } => self.cut(groups(sheet, &rows, by, of)?),
            Shape::Pivot { row, column, value } => self.cut(pivot(sheet, &rows, row, column, value)?),
        }
    }

    /// The front of each row; rows that lie on none are taken out.
    fn fronts(&self, sheet: &Sheet, rows: &mut Vec<usize>) -> Result<Cells> {
        let status = sheet.cells(STATUS)?;
        let done = Value::Word(Status::Done.name().to_owned());
        let columns = self.objectives.iter().map(|objective| numbers(sheet, objective.name()));
        let columns = columns.collect::<Result<Vec<_>>>()?;
        rows.retain(|row| status.value(*row) == done && columns.iter().all(|column| !column[*row].is_nan()));
        let score = |row: &usize| {
            self.objectives.iter().zip(&columns).map(|(objective, column)| objective.score_of(column[*row])).collect()
        };
        let mut cells = vec![f64::NAN; sheet.rows];
        for (row, front) in rows.iter().zip(fronts(&rows.iter().map(score).collect::<Vec<_>>())) {
            cells[*row] = front as f64;
        }
        Ok(Cells::Numbers(cells))
    }

    /// An answer that is small already, in the order asked for.
    fn cut(&self, sheet: Sheet) -> Result<Sheet> {
        let mut rows: Vec<usize> = (0..sheet.rows).collect();
        if let Some((name, direction)) = &self.order {
            sheet.ordered(&mut rows, name, *direction)?;
        }
        rows.truncate(self.rows_max.unwrap_or(usize::MAX));
        Ok(sheet.take(&rows))
    }
}

fn numbers<'s>(sheet: &'s Sheet, name: &str) -> Result<&'s [f64]> {
    match sheet.cells(name)? {
        Cells::Numbers(numbers) => Ok(numbers),
        Cells::Words(_) => Err(Fault::user(format!("the column '{name}' holds words, no numbers"))
            .remedy("take a column of numbers, such as sharpe, profit or trades")),
    }
}

/// The rows by equal values of a column, in ascending order of the values, undefined ones last; each group in order.
fn grouped(sheet: &Sheet, rows: &[usize], by: &str) -> Result<Vec<Vec<usize>>> {
    let cells = sheet.cells(by)?;
    let mut sorted = rows.to_vec();
    sheet.ordered(&mut sorted, by, Direction::Ascending)?;
    Ok(sorted.chunk_by(|one, other| cells.value(*one) == cells.value(*other)).map(<[usize]>::to_vec).collect())
}

fn groups(sheet: &Sheet, rows: &[usize], by: &str, of: &str) -> Result<Sheet> {
    let numbers = numbers(sheet, of)?;
    let groups = grouped(sheet, rows, by)?;
    let firsts: Vec<usize> = groups.iter().map(|group| group[0]).collect();
    let key =
        Sheet { columns: vec![SheetColumn { name: by.to_owned(), cells: sheet.cells(by)?.clone() }], rows: sheet.rows };
    let mut columns = key.take(&firsts).columns;
    let mut add = |name: &str, value: &dyn Fn(&[f64]) -> Option<f64>| {
        let of_group = |group: &Vec<usize>| {
            let defined: Vec<f64> = group.iter().map(|row| numbers[*row]).filter(|number| !number.is_nan()).collect();
            value(&defined)
        };
        let cells = Cells::of_numbers(groups.iter().map(of_group));
        columns.push(SheetColumn { name: name.to_owned(), cells });
    };
    add("defined", &|values| Some(values.len() as f64));
    add("minimum", &|values| values.iter().copied().reduce(f64::min));
    add("median", &|values| quantile(values, 0.5).ok());
    add("mean", &mean);
    add("maximum", &|values| values.iter().copied().reduce(f64::max));
    let counts = Cells::of_numbers(groups.iter().map(|group| Some(group.len() as f64)));
    columns.insert(1, SheetColumn { name: "trials".to_owned(), cells: counts });
    Ok(Sheet { columns, rows: groups.len() })
}

fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

fn pivot(sheet: &Sheet, rows: &[usize], row: &str, column: &str, value: &str) -> Result<Sheet> {
    let numbers = numbers(sheet, value)?;
    let across = grouped(sheet, rows, column)?;
    if across.len() > PIVOT_COLUMNS_MAX {
        return Err(Fault::user(format!(
            "the column '{column}' has {} values, more than the {PIVOT_COLUMNS_MAX} columns of a pivot",
            across.len()
        ))
        .remedy("take an axis for the columns, or choose fewer trials with --where"));
    }
    let down = grouped(sheet, rows, row)?;
    let mut places = vec![0; sheet.rows];
    for (place, group) in down.iter().enumerate() {
        group.iter().for_each(|row| places[*row] = place);
    }
    let firsts: Vec<usize> = down.iter().map(|group| group[0]).collect();
    let key = Sheet {
        columns: vec![SheetColumn { name: row.to_owned(), cells: sheet.cells(row)?.clone() }],
        rows: sheet.rows,
    };
    let mut columns = key.take(&firsts).columns;
    for group in &across {
        let mut cells: Vec<Vec<f64>> = vec![Vec::new(); down.len()];
        for row in group.iter().filter(|row| !numbers[**row].is_nan()) {
            cells[places[*row]].push(numbers[*row]);
        }
        let name = format!("{column}={}", table::shown(&sheet.cells(column)?.value(group[0])));
        columns.push(SheetColumn { name, cells: Cells::of_numbers(cells.iter().map(|values| mean(values))) });
    }
    Ok(Sheet { columns, rows: down.len() })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONE: f64 = f64::NAN;

    fn sheet() -> Sheet {
        let numbers =
            |name: &str, values: &[f64]| SheetColumn { name: name.to_owned(), cells: Cells::Numbers(values.to_vec()) };
        let words = |name: &str, values: &[&str]| SheetColumn {
            name: name.to_owned(),
            cells: Cells::Words(values.iter().map(|word| Some((*word).to_owned())).collect()),
        };
        Sheet {
            columns: vec![
                numbers("trial", &[0.0, 1.0, 2.0, 3.0, 4.0, 5.0]),
                numbers("fast", &[10.0, 10.0, 5.0, 5.0, 10.0, 5.0]),
                words("sizing", &["b", "a", "b", "a", "a", "b"]),
                numbers("sharpe", &[1.0, NONE, 2.0, 1.0, 3.0, 4.0]),
            ],
            rows: 6,
        }
    }

    /// The answer as text: names, then rows.
    fn answer(
        condition: Option<&str>,
        shape: Shape,
        order: Option<(&str, Direction)>,
        rows_max: Option<usize>,
    ) -> String {
        let condition = condition.map(|text| Condition::parse(text).unwrap());
        let order = order.map(|(name, direction)| (name.to_owned(), direction));
        let sheet = Question { condition, objectives: Vec::new(), shape, order, rows_max }.answer(sheet()).unwrap();
        let mut lines = vec![sheet.columns.iter().map(|column| column.name.clone()).collect::<Vec<_>>().join(" ")];
        for row in 0..sheet.rows {
            let cells = sheet.columns.iter().map(|column| table::shown(&column.cells.value(row)));
            lines.push(cells.collect::<Vec<_>>().join(" "));
        }
        lines.join("\n")
    }

    fn trials() -> Shape {
        Shape::Trials(vec!["trial".to_owned(), "sharpe".to_owned()])
    }

    #[test]
    fn equals_stay_in_order_and_what_is_undefined_comes_last_both_ways() {
        let by = |direction| answer(None, trials(), Some(("sharpe", direction)), None);
        assert_eq!(by(Direction::Descending), "trial sharpe\n5 4\n4 3\n2 2\n0 1\n3 1\n1 n/a");
        assert_eq!(by(Direction::Ascending), "trial sharpe\n0 1\n3 1\n2 2\n4 3\n5 4\n1 n/a");
        let best =
            answer(Some("sizing == a and fast < 10"), trials(), Some(("sharpe", Direction::Descending)), Some(1));
        assert_eq!(best, "trial sharpe\n3 1");
    }

    #[test]
    fn groups_count_all_and_take_what_is_defined() {
        let shape = || Shape::Groups { by: "sizing".to_owned(), of: "sharpe".to_owned() };
        assert_eq!(
            answer(None, shape(), None, None),
            "sizing trials defined minimum median mean maximum\na 3 2 1 2 2 3\nb 3 3 1 2 2.3333333333333335 4"
        );
        let most = answer(None, shape(), Some(("maximum", Direction::Descending)), Some(1));
        assert!(most.ends_with("maximum\nb 3 3 1 2 2.3333333333333335 4"), "{most}");
    }

    #[test]
    fn a_pivot_has_means_in_its_cells_and_says_where_there_is_none() {
        let shape = Shape::Pivot { row: "fast".to_owned(), column: "sizing".to_owned(), value: "sharpe".to_owned() };
        assert_eq!(answer(None, shape.clone(), None, None), "fast sizing=a sizing=b\n5 1 3\n10 3 1");
        assert_eq!(answer(Some("trial <= 2"), shape, None, None), "fast sizing=a sizing=b\n5 n/a 2\n10 n/a 1");
    }

    #[test]
    fn strangers_and_words_for_numbers_are_refused() {
        let refused = |shape: Shape| {
            Question { condition: None, objectives: Vec::new(), shape, order: None, rows_max: None }
                .answer(sheet())
                .unwrap_err()
                .to_string()
        };
        let fault = refused(Shape::Groups { by: "sharp".to_owned(), of: "sharpe".to_owned() });
        assert!(fault.contains("no column 'sharp'") && fault.contains("did you mean 'sharpe'"), "{fault}");
        let fault = refused(Shape::Groups { by: "fast".to_owned(), of: "sizing".to_owned() });
        assert!(fault.contains("'sizing' holds words"), "{fault}");
    }
}
