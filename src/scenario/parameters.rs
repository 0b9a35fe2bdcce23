//! A desk's parameters: defaults filled in from the strategy's axes, types and ranges checked, files read.

use super::plan::place;
use super::section::{Field, Section, did_you_mean, unknown};
use crate::error::{Fault, Result};
use crate::strategy::{Axis, AxisKind};
use rust_decimal::Decimal;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::path::Path;
use toml::Value;

/// The strategies that a scenario may name. The scenario knows them by this book only.
pub trait StrategyBook {
    /// Their names.
    fn names(&self) -> Vec<&'static str>;

    /// The parameters of one, if it exists.
    fn axes(&self, name: &str) -> Option<&'static [Axis]>;

    /// Whether resolved parameters fit together.
    ///
    /// # Errors
    /// A sentence for the user.
    fn check(&self, name: &str, parameters: &toml::Table) -> std::result::Result<(), String>;

    /// The content of a file that a scenario names for a strategy to read.
    ///
    /// # Errors
    /// When it cannot be read.
    fn input(&self, place: &Path) -> Result<Vec<u8>> {
        input_on_disk(place)
    }
}

/// The content of an input file of this machine.
///
/// # Errors
/// When it cannot be read.
pub fn input_on_disk(place: &Path) -> Result<Vec<u8>> {
    std::fs::read(place).map_err(|error| {
        Fault::io("reading the input file", place, &error)
            .remedy("paths in a scenario are relative to the scenario's own folder")
    })
}

/// The strategies' input files as they were found, and the names of the series that they may read.
pub(super) struct InputFiles<'a> {
    book: &'a dyn StrategyBook,
    pub texts: BTreeMap<String, String>,
    pub hashes: BTreeMap<String, String>,
    pub series: Vec<String>,
}

/// Reads `parameters` of a desk. The table holds every axis: whole numbers as integers, all else as text.
pub(super) fn read(
    desk: &Section<'_>,
    strategy: &str,
    book: &dyn StrategyBook,
    directory: &Path,
    files: &mut InputFiles<'_>,
) -> Result<toml::Table> {
    let axes = axes(desk, strategy, book)?;
    let mut table = toml::Table::new();
    let given = match desk.get("parameters") {
        Some(field) => Some(field.free_section()?),
        None => None,
    };
    if let Some(given) = &given {
        let names: Vec<&str> = axes.iter().map(|axis| axis.name).collect();
        for (name, field) in given.fields() {
            if !names.contains(&name) {
                return Err(unknown(field.file(), &field.node.place, given.path(), name, &names));
            }
        }
    }
    for axis in axes {
        let value = match given.as_ref().and_then(|given| given.get(axis.name)) {
            Some(field) => {
                let value = value(axis, &field).map_err(|fault| fault.remedy(axis.range_text()))?;
                match (axis.kind, &value) {
                    (AxisKind::File, Value::String(path)) => {
                        files.read(directory, path).map_err(|fault| fault.within(field.place()))?;
                    }
                    (AxisKind::Series, Value::String(name)) => files.expect_series(&field, name)?,
                    (_, _) => {}
                }
                value
            }
            None => default(axis).ok_or_else(|| {
                let message = format!("parameter {} of {strategy} is missing", axis.name);
                desk.fault(message).remedy(format!("{}: {}", axis.about, axis.range_text()))
            })?,
        };
        table.insert(axis.name.to_owned(), value);
    }
    book.check(strategy, &table).map_err(|message| {
        desk.fault(format!("parameters of {strategy}: {message}"))
            .remedy(format!("see `tapeline strategies {strategy}`"))
    })?;
    Ok(table)
}

/// The axes of a strategy that must exist.
fn axes(desk: &Section<'_>, strategy: &str, book: &dyn StrategyBook) -> Result<&'static [Axis]> {
    book.axes(strategy).ok_or_else(|| {
        let message = format!("there is no strategy '{strategy}'");
        let fault = desk.get("strategy").map_or_else(|| desk.fault(&message), |field| field.fault(&message));
        fault.remedy(did_you_mean(strategy, &book.names()))
    })
}

fn value(axis: &Axis, field: &Field<'_>) -> Result<Value> {
    Ok(match axis.kind {
        AxisKind::Integer { low, high, .. } => Value::Integer(field.integer(low..=high)?),
        AxisKind::Decimal { low, high, .. } => {
            Value::String(field.decimal_within(exact(low)..=exact(high))?.to_string())
        }
        AxisKind::Choice { choices, .. } => {
            let words: Vec<(&'static str, &'static str)> = choices.iter().map(|word| (*word, *word)).collect();
            Value::String(field.choice(&words)?.to_owned())
        }
        AxisKind::File | AxisKind::Series => Value::String(field.text()?.to_owned()),
    })
}

fn default(axis: &Axis) -> Option<Value> {
    Some(match axis.kind {
        AxisKind::Integer { default, .. } => Value::Integer(default),
        AxisKind::Decimal { default, .. } => Value::String(exact(default).to_string()),
        AxisKind::Choice { default, .. } => Value::String(default.to_owned()),
        AxisKind::File | AxisKind::Series => return None,
    })
}

/// A bound or default of an axis: written in a strategy's source, so a wrong one is a bug.
fn exact(text: &str) -> Decimal {
    text.parse::<Decimal>().expect("an axis states decimal numbers").normalize()
}

impl<'a> InputFiles<'a> {
    /// None yet; they are read by way of the book.
    pub fn of(book: &'a dyn StrategyBook) -> Self {
        InputFiles { book, texts: BTreeMap::new(), hashes: BTreeMap::new(), series: Vec::new() }
    }

    fn read(&mut self, directory: &Path, path: &str) -> Result<()> {
        if self.texts.contains_key(path) {
            return Ok(());
        }
        let bytes = self.hashed(directory, path)?;
        let text = String::from_utf8(bytes).map_err(|error| {
            let (at, whole) = (error.utf8_error().valid_up_to(), place(directory, path));
            Fault::user(format!("reading the input file {}: not UTF-8 text at byte {at}", whole.display()))
                .remedy("save it as UTF-8")
        })?;
        self.texts.insert(path.to_owned(), text);
        Ok(())
    }

    /// Notes the hash of a file that others read.
    pub fn note(&mut self, directory: &Path, path: &str) -> Result<()> {
        if self.hashes.contains_key(path) {
            return Ok(());
        }
        self.hashed(directory, path).map(|_| ())
    }

    fn hashed(&mut self, directory: &Path, path: &str) -> Result<Vec<u8>> {
        let bytes = self.book.input(&place(directory, path))?;
        let hash = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        self.hashes.insert(path.to_owned(), hash);
        Ok(bytes)
    }

    fn expect_series(&self, field: &Field<'_>, name: &str) -> Result<()> {
        if self.series.iter().any(|known| known == name) {
            return Ok(());
        }
        let known: Vec<&str> = self.series.iter().map(String::as_str).collect();
        let fault = field.fault(format!("there is no series '{name}'"));
        Err(match known[..] {
            [] => fault.remedy("add a [[series]] with this name, its file and its column"),
            _ => fault.remedy(did_you_mean(name, &known)),
        })
    }
}
