//! What the command line changes in a scenario before it is resolved.

use super::desk;
use super::only_symbol;
use super::parameters::StrategyBook;
use super::section::did_you_mean;
use super::tree::{Node, Place, Table, Value, parse_option};
use crate::error::{Fault, Result};

/// Changes from the command line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overrides {
    /// The strategy of every desk; parameters written for another strategy are dropped.
    pub strategy: Option<String>,
    /// Names and values: `fast` for a parameter of every desk that has it, `desk.fast` by the desk's name,
    /// `costs.participation` for a key of a section, `instrument.BTCUSDT.fees.taker`, `series.NAME.file` and
    /// `desk.NAME.share` for theirs.
    pub set: Vec<(String, String)>,
    /// The one symbol that is traded: an instrument of the scenario, or one that takes the place of its only one.
    pub symbol: Option<String>,
    /// The traded period: `20240101-20240601`, `20240101-`, `-20240601`, or two times with `..` between them.
    pub timerange: Option<String>,
}

impl Overrides {
    /// Whether there is nothing to change.
    pub fn is_empty(&self) -> bool {
        *self == Overrides::default()
    }

    /// Reads one `name=value`.
    ///
    /// # Errors
    /// When there is no `=` or no name.
    pub fn parse_set(text: &str) -> Result<(String, String)> {
        match text.split_once('=') {
            Some((name, value)) if !name.trim().is_empty() => Ok((name.trim().to_owned(), value.trim().to_owned())),
            Some(_) | None => Err(Fault::user(format!("--set {text}: no name and value"))
                .remedy("write --set name=value, such as --set fast=20 or --set costs.participation=off")),
        }
    }

    /// Changes the tree of a scenario.
    pub(super) fn apply(&self, root: &mut Table, book: &dyn StrategyBook) -> Result<()> {
        if let Some(strategy) = &self.strategy {
            replace_strategy(root, strategy);
        }
        if let Some(symbol) = &self.symbol {
            only_symbol::reduce(root, symbol)?;
        }
        for (name, value) in &self.set {
            set(root, name, value, book)?;
        }
        if let Some(range) = &self.timerange {
            set_period(root, range)?;
        }
        Ok(())
    }
}

/// The sections that `--set` may name.
const SECTIONS: &[&str] = &["account", "costs", "data", "output", "period", "policy"];

fn replace_strategy(root: &mut Table, strategy: &str) {
    let place = Place::Option(format!("--strategy {strategy}"));
    let word = || Node { place: place.clone(), value: Value::Text(strategy.to_owned()) };
    if let Some(Node { value: Value::List(_) | Value::Table(_), .. }) = root.get("desk") {
        for desk in tables(root, "desk") {
            let same = matches!(&desk.get("strategy"), Some(Node { value: Value::Text(old), .. }) if old == strategy);
            if !same {
                desk.insert("strategy".to_owned(), word());
                desk.remove("parameters");
            }
        }
    } else if !root.contains_key("desk") {
        let desk = Table::from([("strategy".to_owned(), word())]);
        let list = vec![Node { place: place.clone(), value: Value::Table(desk) }];
        root.insert("desk".to_owned(), Node { place, value: Value::List(list) });
    }
}

fn set(root: &mut Table, name: &str, value: &str, book: &dyn StrategyBook) -> Result<()> {
    let option = format!("--set {name}={value}");
    let node = parse_option(value, &option)?;
    let parts: Vec<&str> = name.split('.').collect();
    let wrong = |message: String, remedy: String| Err(Fault::user(format!("{option}: {message}")).remedy(remedy));
    let desks = desk::names(root);
    match parts[..] {
        [section, _, ..] if SECTIONS.contains(&section) => put(root, &parts, node, &option),
        [list @ ("instrument" | "series"), of, _, ..] => {
            let known = words(root, list, if list == "instrument" { "symbol" } else { "name" });
            match known.iter().position(|known| known == of) {
                Some(index) => put(tables(root, list).swap_remove(index), &parts[2..], node, &option),
                None => wrong(format!("there is no {list} {of}"), near(of, &known)),
            }
        }
        ["desk", desk, _, ..] => match desks.iter().position(|known| known == desk) {
            Some(index) => put(tables(root, "desk").swap_remove(index), &parts[2..], node, &option),
            None => wrong(format!("there is no desk {desk}"), near(desk, &desks)),
        },
        [desk, parameter] => match desks.iter().position(|known| known == desk) {
            Some(index) => put(tables(root, "desk").swap_remove(index), &["parameters", parameter], node, &option),
            None => {
                let known = desks.iter().cloned().chain(SECTIONS.iter().map(|name| (*name).to_owned()));
                wrong(format!("there is no desk or section '{desk}'"), near(desk, &known.collect::<Vec<_>>()))
            }
        },
        [parameter] => {
            let strategies = words(root, "desk", "strategy");
            let mut known: Vec<String> = Vec::new();
            let mut found = false;
            for (desk, strategy) in tables(root, "desk").into_iter().zip(&strategies) {
                let names = book.axes(strategy).unwrap_or_default().iter().map(|axis| axis.name);
                known.extend(names.clone().map(str::to_owned));
                if names.clone().any(|name| name == parameter) {
                    put(desk, &["parameters", parameter], node.clone(), &option)?;
                    found = true;
                }
            }
            if found {
                return Ok(());
            }
            wrong(format!("no desk has a parameter '{parameter}'"), near(parameter, &known))
        }
        _ => wrong(
            "this names nothing in the scenario".to_owned(),
            "write a parameter, desk.parameter, or section.key such as costs.participation".to_owned(),
        ),
    }
}

fn near(word: &str, known: &[String]) -> String {
    did_you_mean(word, &known.iter().map(String::as_str).collect::<Vec<_>>())
}

/// Puts a value at the end of a path, making the tables on the way.
fn put(table: &mut Table, path: &[&str], node: Node, option: &str) -> Result<()> {
    let [key, rest @ ..] = path else { return Ok(()) };
    if rest.is_empty() {
        table.insert((*key).to_owned(), node);
        return Ok(());
    }
    let fresh = || Node { place: node.place.clone(), value: Value::Table(Table::new()) };
    match &mut table.entry((*key).to_owned()).or_insert_with(fresh).value {
        Value::Table(inner) => put(inner, rest, node, option),
        other => Err(Fault::user(format!("{option}: {key} is {}, not a table", other.kind()))
            .remedy("change the scenario itself, or set the key as a whole")),
    }
}

/// The tables of a list of tables, or the one that stands for it.
pub(super) fn tables<'a>(root: &'a mut Table, key: &str) -> Vec<&'a mut Table> {
    let inner = |node: &'a mut Node| match &mut node.value {
        Value::Table(table) => Some(table),
        _ => None,
    };
    match root.get_mut(key) {
        Some(Node { value: Value::List(items), .. }) => items.iter_mut().filter_map(inner).collect(),
        Some(node) => inner(node).into_iter().collect(),
        None => Vec::new(),
    }
}

/// A word of each table of a list; empty where it is not there.
pub(super) fn words(root: &mut Table, list: &str, key: &str) -> Vec<String> {
    let word = |table: &mut Table| match table.get(key).map(|node| &node.value) {
        Some(Value::Text(text) | Value::Bare(text)) => text.clone(),
        Some(_) | None => String::new(),
    };
    tables(root, list).into_iter().map(word).collect()
}

fn set_period(root: &mut Table, range: &str) -> Result<()> {
    let option = format!("--timerange {range}");
    let wrong = || {
        Fault::user(format!("{option}: not a range of time"))
            .remedy("write 20240101-20240601, 20240101-, -20240601, or 2024-01-01T06:00..2024-06-01")
    };
    let (from, to) = match range.split_once("..") {
        Some(ends) => ends,
        None => range.split_once('-').filter(|(_, to)| !to.contains('-')).ok_or_else(wrong)?,
    };
    if from.trim().is_empty() && to.trim().is_empty() {
        return Err(wrong());
    }
    for (key, text, open) in [("from", from.trim(), "first"), ("to", to.trim(), "last")] {
        let text = if text.is_empty() { open } else { text };
        let node = Node { place: Place::Option(option.clone()), value: Value::Bare(text.to_owned()) };
        put(root, &["period", key], node, &option)?;
    }
    Ok(())
}
