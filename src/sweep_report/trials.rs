//! The table of trials, best first; its columns are also what the charts are drawn from.

use super::measure;
use super::sources::Sources;
use super::terms::term;
use crate::domain::Timestamp;
use crate::report::page::escape::html;
use crate::report::page::{DataTable, Field, Kind, Page};
use crate::report::wording;
use crate::sweep::{COLUMNS, Column, Trial};

/// The section's markup.
pub fn section(page: &mut Page, sources: &Sources) -> String {
    let columns = Columns::of(sources);
    let fields = columns.fields(sources);
    let rows: Vec<Vec<String>> =
        sources.shown.iter().map(|place| columns.row(sources, &sources.trials[*place])).collect();
    let table = DataTable { id: "trials", label: "Trials", fields: &fields, picks: false };
    let table = table.with(&rows, &mut page.columns);
    places(page, sources);
    let (name, objective) = (html(&sources.name), sources.objective.name());
    let shown = match sources.shown.len() < sources.trials.len() {
        true => format!("{} of {}", count(sources.shown.len()), count(sources.trials.len())),
        false => format!("All {}", count(sources.trials.len())),
    };
    format!(
        "<p class=\"soft\">{shown}, best in {objective} first. Numbers are those of trials.parquet, to five digits or more; a filter such as \
         <code>{objective}&gt;1 trades&gt;30</code> asks them. Each command runs a trial again, with its whole report, from the \
         folder that holds this one; <code>tapeline report {name} --top 5</code> makes the reports of the best beside this page \
         and links them here.</p>\n{table}"
    )
}

fn count(number: usize) -> String {
    wording::count(number as u64)
}

/// The places of the shown trials along each axis, as `place.0` and so on: among the values that any of them has.
fn places(page: &mut Page, sources: &Sources) {
    for (number, axis) in sources.axes.iter().enumerate() {
        let values = super::heat::values(sources, number);
        let by_text: std::collections::BTreeMap<&str, i64> =
            values.iter().enumerate().map(|(place, text)| (text.as_str(), place as i64)).collect();
        let place = |trial: &usize| by_text[sources.trials[*trial].values[number].as_str()];
        debug_assert!(axis.values.len() >= values.len(), "a trial has a value that its axis has not");
        page.columns.whole(&format!("place.{number}"), sources.shown.iter().map(place));
    }
}

/// Which columns the table has.
struct Columns {
    /// Columns of numbers that any trial has, with their decimals.
    numbers: Vec<(&'static Column, usize)>,
    has_messages: bool,
    has_runs: bool,
}

impl Columns {
    fn of(sources: &Sources) -> Self {
        let values = |column: &Column| {
            let name = column.name;
            sources.shown.iter().filter_map(move |place| sources.trials[*place].get(name))
        };
        let first = sources.objective.name();
        let mut numbers: Vec<(&Column, usize)> = COLUMNS
            .iter()
            .filter(|column| values(column).next().is_some())
            .map(|column| (column, decimals(column.name, measure::decimals(values(column)))))
            .collect();
        // What the trials are ordered by stands first; equals keep their order.
        numbers.sort_by_key(|(column, _)| column.name != first);
        Columns {
            numbers,
            has_messages: sources.shown.iter().any(|place| sources.trials[*place].message.is_some()),
            has_runs: !sources.runs.is_empty(),
        }
    }

    fn fields<'a>(&self, sources: &'a Sources) -> Vec<Field<'a>> {
        let own = |key: &'static str, kind| {
            let term = term(key);
            Field { key, name: term.name, definition: term.definition, kind }
        };
        let mut fields = vec![own("trial", Kind::Number)];
        if self.has_runs {
            fields.push(own("report", Kind::Link));
        }
        for axis in &sources.axes {
            let kind = if axis.is_numeric() { Kind::Number } else { Kind::Text };
            fields.push(Field { key: &axis.name, name: &axis.name, definition: "", kind });
        }
        for (column, _) in &self.numbers {
            let kind = measure::kind(column.name);
            fields.push(Field { key: column.name, name: column.name, definition: column.about, kind });
        }
        fields.push(own("status", Kind::Text));
        if self.has_messages {
            fields.push(own("message", Kind::Text));
        }
        fields.push(own("command", Kind::Text));
        fields
    }

    fn row(&self, sources: &Sources, trial: &Trial) -> Vec<String> {
        let mut row = vec![trial.number.to_string()];
        if self.has_runs {
            row.push(sources.runs.get(&trial.number).cloned().unwrap_or_default());
        }
        row.extend(trial.values.iter().cloned());
        for (column, decimals) in &self.numbers {
            row.push(trial.get(column.name).map_or_else(String::new, |value| cell(column.name, value, *decimals)));
        }
        row.push(trial.status.name().to_owned());
        if self.has_messages {
            row.push(trial.message.clone().unwrap_or_default());
        }
        row.push(format!("tapeline run --trial {}/{}", sources.name, trial.number));
        row
    }
}

/// Fractions are shown as they are written, and need fewer digits than money. However large the largest value of a column
/// is, its small ones keep the decimals that people compare them by.
fn decimals(name: &str, decimals: usize) -> usize {
    match measure::kind(name) {
        Kind::Price => decimals.saturating_sub(2).max(4),
        Kind::Ratio => decimals.max(6),
        Kind::Money => decimals.max(2),
        _ => decimals,
    }
}

fn cell(name: &str, value: f64, decimals: usize) -> String {
    match measure::kind(name) {
        Kind::Time => Timestamp::from_nanos((value * 1e9) as i64).to_string(),
        _ if !value.is_finite() => String::new(),
        _ => measure::decimal(value, decimals),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_value_does_not_round_the_small_ones_of_its_column() {
        for (name, small, text) in
            [("profit_factor", 0.6, "0.6"), ("total_return", 0.0123, "0.0123"), ("profit", -0.25, "-0.25")]
        {
            let places = decimals(name, measure::decimals([small, 5e6].into_iter()));
            assert_eq!(cell(name, small, places), text, "{name}");
        }
    }
}
