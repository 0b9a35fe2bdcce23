//! A scenario as written: a tree of values that remember the line they stand on. Numbers stay text, so that decimals
//! are exact and an overflow is told from a wrong type.

use crate::error::{Fault, Result};
use std::collections::BTreeMap;
use toml::de::{DeTable, DeValue};

/// Keys and values of one table.
pub(super) type Table = BTreeMap<String, Node>;

/// A value and where it came from.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub place: Place,
    pub value: Value,
}

/// Where a value was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// On this line of the file, counted from one.
    Line(usize),
    /// On the command line, with this option.
    Option(String),
}

/// A value of TOML, or a bare word of the command line that may stand for any of its plain ones.
#[derive(Clone, Debug)]
pub(super) enum Value {
    Text(String),
    Bare(String),
    Integer(String),
    Float(String),
    Boolean,
    Time(String),
    List(Vec<Node>),
    Table(Table),
}

impl Value {
    /// What it is, for an error about its type.
    pub fn kind(&self) -> &'static str {
        match self {
            Value::Text(_) => "a text",
            Value::Bare(_) => "a word",
            Value::Integer(_) => "a whole number",
            Value::Float(_) => "a number",
            Value::Boolean => "true or false",
            Value::Time(_) => "a date",
            Value::List(_) => "a list",
            Value::Table(_) => "a table",
        }
    }
}

/// Reads a TOML document. `file` is its name in errors.
pub(super) fn parse(text: &str, file: &str) -> Result<Table> {
    let lines = Lines::of(text);
    let table = DeTable::parse(text).map_err(|error| {
        let line = error.span().map_or(1, |span| lines.line(span.start));
        Fault::user(format!("reading {file}:{line}: {}", error.message()))
            .remedy("correct the TOML; texts stand in quotes")
    })?;
    Ok(grow(table.into_inner(), &lines))
}

/// A value given on the command line: a list, table or quoted text as in TOML, anything else as a bare word.
pub(super) fn parse_option(text: &str, option: &str) -> Result<Node> {
    let place = Place::Option(option.to_owned());
    if !text.starts_with(['[', '{', '"', '\'']) {
        return Ok(Node { place, value: Value::Bare(text.to_owned()) });
    }
    let value = DeValue::parse(text)
        .map_err(|error| Fault::user(format!("reading {option}: {}", error.message())).remedy("write it as in TOML"))?;
    let mut node = node(value.into_inner(), Place::Line(1), &Lines::of(text));
    node.replace_place(&place);
    Ok(node)
}

impl Node {
    fn replace_place(&mut self, place: &Place) {
        self.place = place.clone();
        match &mut self.value {
            Value::List(items) => items.iter_mut().for_each(|item| item.replace_place(place)),
            Value::Table(table) => table.values_mut().for_each(|item| item.replace_place(place)),
            Value::Text(_) | Value::Bare(_) | Value::Integer(_) | Value::Float(_) | Value::Boolean | Value::Time(_) => {
            }
        }
    }
}

/// Where the lines of a text begin.
struct Lines(Vec<usize>);

impl Lines {
    fn of(text: &str) -> Self {
        Lines(std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect())
    }

    fn line(&self, offset: usize) -> usize {
        self.0.partition_point(|start| *start <= offset)
    }
}

fn grow(table: DeTable<'_>, lines: &Lines) -> Table {
    let entry = |(key, value): (toml::Spanned<_>, toml::Spanned<_>)| {
        let place = Place::Line(lines.line(key.span().start));
        let key: std::borrow::Cow<'_, str> = key.into_inner();
        (key.into_owned(), node(value.into_inner(), place, lines))
    };
    table.into_iter().map(entry).collect()
}

fn node(value: DeValue<'_>, place: Place, lines: &Lines) -> Node {
    let value = match value {
        DeValue::String(text) => Value::Text(text.into_owned()),
        // An integer too wide even for 128 bits stays as it is written, to be refused where its range is known.
        DeValue::Integer(integer) => Value::Integer(
            i128::from_str_radix(integer.as_str(), integer.radix())
                .map_or_else(|_| integer.as_str().to_owned(), |value| value.to_string()),
        ),
        DeValue::Float(float) => Value::Float(float.as_str().to_owned()),
        DeValue::Boolean(_) => Value::Boolean,
        DeValue::Datetime(time) => Value::Time(time.to_string()),
        DeValue::Array(items) => Value::List(
            items
                .into_iter()
                .map(|item| {
                    let place = Place::Line(lines.line(item.span().start));
                    node(item.into_inner(), place, lines)
                })
                .collect(),
        ),
        DeValue::Table(table) => Value::Table(grow(table, lines)),
    };
    Node { place, value }
}
