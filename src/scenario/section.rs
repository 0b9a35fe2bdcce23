//! One table of a scenario while it is read: unknown keys are refused first, then each field is taken with its type
//! and range. Every fault names file, line and field.

use super::tree::{Node, Place, Table, Value};
use crate::domain::{Interval, Rate, Timestamp};
use crate::error::{Fault, Result, nearest};
use rust_decimal::Decimal;
use std::fmt::Display;
use std::ops::RangeInclusive;

/// A table, its name and the keys that it may hold.
#[derive(Clone, Debug)]
pub(super) struct Section<'a> {
    file: &'a str,
    path: String,
    place: Option<&'a Place>,
    table: &'a Table,
}

/// One value of a section.
#[derive(Clone, Debug)]
pub(super) struct Field<'a> {
    file: &'a str,
    path: String,
    pub node: &'a Node,
}

/// What stands for an absent section.
static EMPTY: Table = Table::new();

impl<'a> Section<'a> {
    /// The whole document.
    pub fn root(file: &'a str, table: &'a Table, keys: &[&str]) -> Result<Self> {
        Section { file, path: String::new(), place: None, table }.only(keys)
    }

    fn only(self, keys: &[&str]) -> Result<Self> {
        for (key, node) in self.table {
            if !keys.contains(&key.as_str()) {
                return Err(unknown(self.file, &node.place, &self.path, key, keys));
            }
        }
        Ok(self)
    }

    /// The value of a key, if it is given.
    pub fn get(&self, key: &str) -> Option<Field<'a>> {
        self.table.get(key).map(|node| Field { file: self.file, path: self.path_of(key), node })
    }

    fn path_of(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    /// The table of a key; an absent one reads as an empty one, all defaults.
    pub fn section(&self, key: &str, keys: &[&str]) -> Result<Section<'a>> {
        match self.get(key) {
            Some(field) => field.section(keys),
            None => Ok(Section { file: self.file, path: self.path_of(key), place: self.place, table: &EMPTY }),
        }
    }

    /// The value of a key that must be given.
    pub fn require(&self, key: &str, remedy: &str) -> Result<Field<'a>> {
        self.get(key).ok_or_else(|| self.fault(format!("{key} is missing")).remedy(remedy))
    }

    /// Every key and its value.
    pub fn fields(&self) -> impl Iterator<Item = (&'a str, Field<'a>)> + '_ {
        self.table.keys().filter_map(|key| Some((key.as_str(), self.get(key)?)))
    }

    /// The value of a key as `read` reads it, or the default.
    pub fn or<T>(&self, key: &str, default: T, read: impl FnOnce(&Field<'a>) -> Result<T>) -> Result<T> {
        self.get(key).map_or(Ok(default), |field| read(&field))
    }

    /// The dotted name.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// A fault about this section.
    pub fn fault(&self, message: impl Display) -> Fault {
        match self.place {
            Some(place) => fault(self.file, place, &self.path, message),
            None => Fault::user(format!("{}: {message}", self.file)),
        }
    }
}

impl<'a> Field<'a> {
    /// A fault about this value.
    pub fn fault(&self, message: impl Display) -> Fault {
        fault(self.file, &self.node.place, &self.path, message)
    }

    /// Where the value stands and which it is.
    pub fn place(&self) -> String {
        place(self.file, &self.node.place, &self.path)
    }

    /// The name of the scenario's file.
    pub fn file(&self) -> &'a str {
        self.file
    }

    fn wrong_type(&self, wanted: &str) -> Fault {
        self.fault(format!("must be {wanted}, but is {}", self.node.value.kind()))
    }

    /// As a table with these keys only.
    pub fn section(&self, keys: &[&str]) -> Result<Section<'a>> {
        self.free_section()?.only(keys)
    }

    /// As a table whose keys are names that the reader judges.
    pub fn free_section(&self) -> Result<Section<'a>> {
        match &self.node.value {
            Value::Table(table) => {
                Ok(Section { file: self.file, path: self.path.clone(), place: Some(&self.node.place), table })
            }
            _ => Err(self.wrong_type("a table")),
        }
    }

    /// The items of a list; a single table stands for a list of one.
    pub fn items(&self) -> Result<Vec<Field<'a>>> {
        match &self.node.value {
            Value::List(items) => Ok(items
                .iter()
                .enumerate()
                .map(|(index, node)| Field { file: self.file, path: format!("{}[{}]", self.path, index + 1), node })
                .collect()),
            Value::Table(_) => Ok(vec![self.clone()]),
            _ => Err(self.wrong_type("a list")),
        }
    }

    /// As text.
    pub fn text(&self) -> Result<&'a str> {
        match &self.node.value {
            Value::Text(text) | Value::Bare(text) => Ok(text),
            _ => Err(self.wrong_type("a text in quotes")),
        }
    }

    /// Whether it is a table.
    pub fn is_table(&self) -> bool {
        matches!(self.node.value, Value::Table(_))
    }

    /// As text, if it is one.
    pub fn as_word(&self) -> Option<&'a str> {
        match &self.node.value {
            Value::Text(text) | Value::Bare(text) => Some(text),
            _ => None,
        }
    }

    /// As a name that may become part of a path: letters, digits, dot, dash, underscore.
    pub fn name(&self) -> Result<&'a str> {
        let text = self.text()?;
        if is_name(text) {
            return Ok(text);
        }
        Err(self
            .fault(format!("'{text}' cannot be a name"))
            .remedy("use letters, digits, '-', '_' and '.', beginning with a letter or digit"))
    }

    /// One of a list of words.
    pub fn choice<T: Copy>(&self, choices: &[(&'static str, T)]) -> Result<T> {
        let text = self.text()?;
        if let Some((_, value)) = choices.iter().find(|(word, _)| *word == text) {
            return Ok(*value);
        }
        let words: Vec<&str> = choices.iter().map(|(word, _)| *word).collect();
        Err(self.fault(format!("'{text}' is none of {}", words.join(", "))).remedy(did_you_mean(text, &words)))
    }

    /// An exact decimal, written as number or text.
    pub fn decimal(&self) -> Result<Decimal> {
        let text = match &self.node.value {
            Value::Text(text) | Value::Bare(text) | Value::Integer(text) | Value::Float(text) => text,
            _ => return Err(self.wrong_type("a decimal number")),
        };
        let exact = Decimal::from_str_exact(text).or_else(|_| Decimal::from_scientific(text));
        match exact {
            Ok(value) => Ok(value.normalize()),
            Err(_) => Err(self
                .fault(format!("'{text}' is not a decimal number of at most 28 digits"))
                .remedy("write a plain decimal such as 0.001")),
        }
    }

    /// An exact decimal within bounds.
    pub fn decimal_within(&self, bounds: RangeInclusive<Decimal>) -> Result<Decimal> {
        let value = self.decimal()?;
        if bounds.contains(&value) {
            return Ok(value);
        }
        Err(self.fault(format!("{value} is outside {} to {}", bounds.start(), bounds.end())))
    }

    /// An exact decimal above zero.
    pub fn positive(&self) -> Result<Decimal> {
        let value = self.decimal()?;
        if value > Decimal::ZERO { Ok(value) } else { Err(self.fault(format!("{value} must be above zero"))) }
    }

    /// A fraction within bounds, in the engine's units of 1e-8.
    pub fn rate(&self, bounds: RangeInclusive<Decimal>) -> Result<Rate> {
        let value = self.decimal_within(bounds)?;
        Rate::from_decimal(value).ok_or_else(|| self.fault(format!("{value} has more than eight decimals")))
    }

    /// A whole number within bounds.
    pub fn integer(&self, bounds: RangeInclusive<i64>) -> Result<i64> {
        let text = match &self.node.value {
            Value::Integer(text) | Value::Bare(text) => text,
            _ => return Err(self.wrong_type("a whole number")),
        };
        match text.parse::<i64>() {
            Ok(value) if bounds.contains(&value) => Ok(value),
            Err(error) if *error.kind() == std::num::IntErrorKind::InvalidDigit => {
                Err(self.fault(format!("'{text}' is not a whole number")))
            }
            Ok(_) | Err(_) => Err(self.fault(format!("{text} is outside {} to {}", bounds.start(), bounds.end()))),
        }
    }

    /// An instant: ISO text, a TOML date, or milliseconds since 1970.
    pub fn time(&self) -> Result<Timestamp> {
        match &self.node.value {
            Value::Text(text) | Value::Bare(text) | Value::Time(text) | Value::Integer(text) => {
                text.parse().map_err(|error| self.fault(error))
            }
            _ => Err(self.wrong_type("a time")),
        }
    }

    /// The length of a candle.
    pub fn interval(&self) -> Result<Interval> {
        self.text()?.parse().map_err(|error| self.fault(error))
    }

    /// None when the value is the word for "not there", else what `read` reads.
    pub fn unless<T>(&self, word: &str, read: impl FnOnce(&Self) -> Result<T>) -> Result<Option<T>> {
        if self.as_word() == Some(word) { Ok(None) } else { read(self).map(Some) }
    }
}

/// Whether a text may become part of a path.
pub(super) fn is_name(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    text.len() <= 64 && text.bytes().all(fits) && text.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric())
}

/// The remedy for a word that is none of the known ones.
pub(super) fn did_you_mean(word: &str, known: &[&str]) -> String {
    match nearest(word, known.iter().copied()) {
        Some(name) => format!("did you mean '{name}'?"),
        None if known.is_empty() => "remove it".to_owned(),
        None => format!("known here: {}", known.join(", ")),
    }
}

/// The fault of a key that is none of the known ones.
pub(super) fn unknown(file: &str, place: &Place, path: &str, key: &str, known: &[&str]) -> Fault {
    fault(file, place, path, format!("unknown key '{key}'")).remedy(did_you_mean(key, known))
}

/// A fault about a value: where it stands, which it is, what is wrong.
pub(super) fn fault(file: &str, at: &Place, path: &str, message: impl Display) -> Fault {
    let colon = if path.is_empty() { "" } else { ": " };
    Fault::user(format!("{}{colon}{message}", place(file, at, path)))
}

fn place(file: &str, at: &Place, path: &str) -> String {
    match at {
        Place::Line(line) => format!("{file}:{line}: {path}"),
        Place::Option(option) => format!("{option}: {path}"),
    }
}
