//! `tapeline trials`: questions to the trials of a sweep, finished or under way.

use super::print;
use super::sweep::{aligned, short};
use crate::error::{Fault, Result};
use crate::sweep::{
    Cells, Condition, Direction, FRONT, Found, Objective, Question, Shape, Sheet, Shelf, Value, column_names,
};
use clap::Args;
use rayon::prelude::*;
use serde::ser::{Serialize, SerializeMap, Serializer};
use std::path::PathBuf;

/// Arguments of `tapeline trials`.
#[derive(Args, Debug)]
pub(super) struct TrialsArgs {
    /// The folder of the sweep
    sweep: PathBuf,
    /// Only trials of which this holds: 'trades >= 30 and drawdown < 0.2'
    #[arg(long = "where", value_name = "CONDITION")]
    condition: Option<String>,
    /// The column by which rows are ordered, most first; with :asc the least [default: the objective]
    #[arg(long, value_name = "COLUMN[:asc]")]
    sort: Option<String>,
    /// How many rows are shown [default: 20 of a table of trials, else all]
    #[arg(long, value_name = "N")]
    top: Option<usize>,
    /// The columns of each trial, in this order
    #[arg(long, value_name = "COLUMNS", value_delimiter = ',', conflicts_with_all = ["group_by", "pivot"])]
    columns: Vec<String>,
    /// One row for each value of this column: how many trials, and how the objective is distributed among them
    #[arg(long, value_name = "COLUMN", conflicts_with = "pivot")]
    group_by: Option<String>,
    /// Rows, columns and what stands in the cells, its mean where trials share one: fast,slow,sharpe
    #[arg(long, value_name = "ROW,COLUMN,VALUE", value_delimiter = ',', num_args = 1)]
    pivot: Vec<String>,
    /// The column by which trials are judged; its good end is its own, or COLUMN:max, COLUMN:min
    #[arg(long, value_name = "COLUMN", default_value = "sharpe")]
    objective: String,
    /// Only trials that are done, by the Pareto front that they lie on: sharpe,drawdown
    #[arg(long, value_name = "COLUMNS", conflicts_with_all = ["group_by", "pivot"])]
    pareto: Option<String>,
    /// Print CSV with every digit; all columns unless --columns says which
    #[arg(long, conflicts_with = "json")]
    csv: bool,
    /// Print a JSON list of rows; all columns unless --columns says which
    #[arg(long)]
    json: bool,
}

/// Rows of a table for people.
const ROWS_SHOWN: usize = 20;

/// Runs the command.
pub(super) fn run(args: &TrialsArgs) -> Result<u8> {
    let shelf = Shelf::open(&args.sweep)?;
    let file = shelf.file()?;
    let axes = file.axes();
    let question = args.question(&column_names(&axes), axes.len())?;
    let answer = question.ask(&shelf, &axes)?;
    if args.csv {
        print(&csv_text(&answer)?)?;
    } else if args.json {
        print(&json_text(&answer)?)?;
    } else {
        print(&aligned(&lines(&answer)))?;
        if shelf.found() != Found::Done {
            print(&format!("the sweep of {} trials is under way: these are of its finished parts\n", file.trials))?;
        }
    }
    Ok(0)
}

impl TrialsArgs {
    fn question(&self, names: &[String], axes: usize) -> Result<Question> {
        let objective = Objective::parse(&self.objective)?;
        let objectives = self.pareto.as_ref().map(|text| Objective::parse_all([text.as_str()])).transpose()?;
        let objectives = objectives.unwrap_or_default();
        let shape = match (&self.group_by, self.pivot.as_slice()) {
            (Some(by), _) => Shape::Groups { by: by.clone(), of: objective.name().to_owned() },
            (None, []) => Shape::Trials(self.shown(names, axes, objective, &objectives)),
            (None, [row, column, value]) => {
                Shape::Pivot { row: row.clone(), column: column.clone(), value: value.clone() }
            }
            (None, _) => {
                return Err(Fault::user(format!("--pivot {}: it takes three columns", self.pivot.join(",")))
                    .remedy("write rows, columns and cells, such as --pivot fast,slow,sharpe"));
            }
        };
        let is_trials = matches!(shape, Shape::Trials(_));
        let order = match &self.sort {
            Some(text) => Some(match text.strip_suffix(":asc") {
                Some(name) => (name.to_owned(), Direction::Ascending),
                None => (text.strip_suffix(":desc").unwrap_or(text).to_owned(), Direction::Descending),
            }),
            None if !objectives.is_empty() => Some((FRONT.to_owned(), Direction::Ascending)),
            None if is_trials => Some((objective.name().to_owned(), objective.direction())),
            None => None,
        };
        let is_table = !self.csv && !self.json;
        let rows_max = self.top.or((is_table && is_trials).then_some(ROWS_SHOWN));
        let condition = self.condition.as_ref().map(|text| Condition::parse(text)).transpose()?;
        Ok(Question { condition, objectives, shape, order, rows_max })
    }

    /// The columns of a trial that are shown.
    fn shown(&self, names: &[String], axes: usize, objective: Objective, objectives: &[Objective]) -> Vec<String> {
        let front = (!objectives.is_empty()).then(|| FRONT.to_owned());
        if !self.columns.is_empty() {
            return self.columns.clone();
        }
        if self.csv || self.json {
            return names.to_vec();
        }
        let mut shown = names[..=axes].to_vec();
        let sorted = self.sort.iter().map(|text| text.split(':').next().unwrap_or(text).to_owned());
        let usual = ["total_return", "drawdown", "trades", "profit_factor"].map(str::to_owned);
        let judged = match objectives {
            [] => vec![objective.name().to_owned()],
            several => several.iter().map(|objective| objective.name().to_owned()).collect(),
        };
        for name in front.into_iter().chain(judged).chain(sorted).chain(usual) {
            if !shown.contains(&name) {
                shown.push(name);
            }
        }
        shown
    }
}

fn lines(answer: &Sheet) -> Vec<Vec<String>> {
    let mut lines = vec![answer.columns.iter().map(|column| column.name.clone()).collect::<Vec<_>>()];
    let is_whole = |cells: &Cells| match cells {
        Cells::Numbers(numbers) => numbers.iter().all(|number| number.is_nan() || number.fract() == 0.0),
        Cells::Words(_) => false,
    };
    let whole: Vec<bool> = answer.columns.iter().map(|column| is_whole(&column.cells)).collect();
    for row in 0..answer.rows {
        let cell = |(column, whole): (&crate::sweep::SheetColumn, &bool)| match column.cells.value(row) {
            Value::Number(number) | Value::Exact { real: number, .. } if *whole => number.to_string(),
            Value::Number(number) | Value::Exact { real: number, .. } => short(&column.name, number),
            Value::Word(word) => word,
            Value::Missing => "n/a".to_owned(),
        };
        lines.push(answer.columns.iter().zip(&whole).map(cell).collect());
    }
    lines
}

/// Rows of CSV that are written at once.
const CSV_ROWS: usize = 4_096;

fn csv_text(answer: &Sheet) -> Result<String> {
    let failed = |error: &dyn std::fmt::Display| Fault::failure(format!("writing CSV: {error}"));
    let mut head = csv::Writer::from_writer(Vec::new());
    head.write_record(answer.columns.iter().map(|column| &column.name)).map_err(|error| failed(&error))?;
    let mut bytes = head.into_inner().map_err(|error| failed(&error))?;
    let pieces: Vec<Vec<u8>> = (0..answer.rows.div_ceil(CSV_ROWS))
        .into_par_iter()
        .map(|piece| {
            let from = piece * CSV_ROWS;
            csv_rows(answer, from..answer.rows.min(from + CSV_ROWS)).map_err(|error| failed(&error))
        })
        .collect::<Result<_>>()?;
    pieces.iter().for_each(|piece| bytes.extend_from_slice(piece));
    String::from_utf8(bytes).map_err(|error| failed(&error))
}

fn csv_rows(answer: &Sheet, rows: std::ops::Range<usize>) -> std::result::Result<Vec<u8>, csv::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let (mut digits, mut whole) = (zmij::Buffer::new(), itoa::Buffer::new());
    for row in rows {
        for column in &answer.columns {
            match &column.cells {
                Cells::Numbers(numbers) => match numbers[row] {
                    missing if missing.is_nan() => writer.write_field("")?,
                    number if is_whole(number) => writer.write_field(whole.format(number as i64))?,
                    number => writer.write_field(digits.format(number))?,
                },
                Cells::Words(words) => writer.write_field(words[row].as_deref().unwrap_or_default())?,
            }
        }
        writer.write_record(None::<&[u8]>)?;
    }
    writer.into_inner().map_err(|error| error.into_error().into())
}

/// Whether a number is written without a point: a float holds it exactly.
fn is_whole(number: f64) -> bool {
    number.fract() == 0.0 && number.abs() < 9e15
}

/// One row of an answer as a JSON object, its keys in the order of the columns.
struct JsonRow<'a> {
    answer: &'a Sheet,
    row: usize,
}

impl Serialize for JsonRow<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.answer.columns.len()))?;
        for column in &self.answer.columns {
            let name = &column.name;
            match column.cells.value(self.row) {
                Value::Number(number) | Value::Exact { real: number, .. } if is_whole(number) => {
                    map.serialize_entry(name, &(number as i64))?;
                }
                Value::Number(number) | Value::Exact { real: number, .. } => map.serialize_entry(name, &number)?,
                Value::Word(word) => map.serialize_entry(name, &word)?,
                Value::Missing => map.serialize_entry(name, &())?,
            }
        }
        map.end()
    }
}

fn json_text(answer: &Sheet) -> Result<String> {
    let rows: Vec<JsonRow<'_>> = (0..answer.rows).map(|row| JsonRow { answer, row }).collect();
    let text = serde_json::to_string_pretty(&rows);
    text.map(|text| text + "\n").map_err(|error| Fault::failure(format!("writing JSON: {error}")))
}
