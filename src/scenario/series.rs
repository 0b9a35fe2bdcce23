//! The series from outside: which column of which file, under which name.

use super::parameters::InputFiles;
use super::section::{Field, Section};
use crate::domain::Span;
use crate::error::Result;
use std::path::Path;

/// A series from outside as planned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeriesPlan {
    /// What strategies call it.
    pub name: String,
    /// Its CSV or Parquet file, as given.
    pub file: String,
    /// The column that holds its values.
    pub column: String,
    /// A value older than this counts as unknown; none holds until the next.
    pub maximum_age: Option<Span>,
}

const KEYS: &[&str] = &["name", "file", "column", "maximum_age"];

/// Most series of a scenario.
const MOST: usize = 1_000;

/// Units of a length of time, the longest first.
const UNITS: &[(&str, Span)] = &[("d", Span::DAY), ("h", Span::HOUR), ("m", Span::MINUTE), ("s", Span::SECOND)];

/// Reads every `[[series]]` and notes the files' hashes.
pub(super) fn read(root: &Section<'_>, directory: &Path, files: &mut InputFiles<'_>) -> Result<Vec<SeriesPlan>> {
    let Some(field) = root.get("series") else { return Ok(Vec::new()) };
    let mut list: Vec<SeriesPlan> = Vec::new();
    for item in field.items()? {
        let section = item.section(KEYS)?;
        let series = one(&section)?;
        if list.iter().any(|other| other.name == series.name) {
            return Err(section
                .fault(format!("two series are named {}", series.name))
                .remedy("give each a name of its own"));
        }
        files.note(directory, &series.file).map_err(|fault| fault.within(item.place()))?;
        files.series.push(series.name.clone());
        list.push(series);
    }
    if list.len() > MOST {
        return Err(field.fault(format!("a scenario has at most {MOST} series")));
    }
    Ok(list)
}

fn one(section: &Section<'_>) -> Result<SeriesPlan> {
    let field = section.require("name", "give it the name that strategies ask for, such as name = \"model\"")?;
    let name = field.name()?;
    if name.contains('.') {
        return Err(field.fault(format!("'{name}' cannot be a series' name")).remedy("leave the dot out"));
    }
    let file = section.require("file", "name a CSV or Parquet file with a column available_at")?.text()?;
    let column = section.or("column", name, Field::text)?;
    let maximum_age = section.or("maximum_age", None, |field| field.unless("off", span))?;
    Ok(SeriesPlan { name: name.to_owned(), file: file.to_owned(), column: column.to_owned(), maximum_age })
}

/// A length of time above zero, such as `90m`.
pub(super) fn span(field: &Field<'_>) -> Result<Span> {
    let text = field.text()?;
    let length = UNITS.iter().find_map(|(unit, length)| {
        let count: i64 = text.strip_suffix(unit)?.parse().ok()?;
        let nanos = length.nanos().checked_mul(count)?;
        (nanos > 0).then(|| Span::from_nanos(nanos))
    });
    length.ok_or_else(|| {
        field.fault(format!("'{text}' is not a length of time")).remedy("write a number and s, m, h or d, such as 90m")
    })
}

/// A length of whole seconds as it is read, in the longest unit that measures it evenly.
pub(super) fn span_text(span: Span) -> String {
    let (unit, length) =
        UNITS.iter().find(|(_, length)| span.nanos() % length.nanos() == 0).unwrap_or(&("s", Span::SECOND));
    format!("{}{unit}", span.nanos() / length.nanos())
}
