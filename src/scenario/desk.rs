//! The desks: which strategy trades what, with how much, within which limits.

use super::instrument::InstrumentPlan;
use super::limits::DeskLimitsPlan;
use super::parameters::{self, InputFiles, StrategyBook};
use super::section::{Field, Section, did_you_mean};
use super::tree::{Node, Table, Value};
use crate::domain::{Interval, Rate};
use crate::error::Result;
use rust_decimal::Decimal;
use std::path::Path;

/// A desk as planned.
#[derive(Clone, Debug, PartialEq)]
pub struct DeskPlan {
    /// Its name, unlike any other's.
    pub name: String,
    /// The strategy's name.
    pub strategy: String,
    /// Every parameter: whole numbers as integers, all else as text.
    pub parameters: toml::Table,
    /// The symbols it trades.
    pub symbols: Vec<String>,
    /// The candles it decides on.
    pub interval: Interval,
    /// Its share of the opening balances; none draws from what the shares of others leave.
    pub share: Option<Rate>,
    /// Its limits.
    pub limits: DeskLimitsPlan,
}

const KEYS: &[&str] = &["name", "strategy", "parameters", "symbols", "interval", "share", "limits"];

/// Most desks of a scenario.
const MOST: usize = 4_096;

/// Names that `--set` reads as something else.
const RESERVED: &[&str] = &["account", "costs", "data", "desk", "instrument", "output", "period", "policy", "series"];

/// The names of the desks of a scenario as written: their own, or their strategy's with a number from the second on.
pub(super) fn names(root: &Table) -> Vec<String> {
    let desks: &[Node] = match root.get("desk").map(|node| &node.value) {
        Some(Value::List(desks)) => desks,
        Some(Value::Table(_)) => root.get("desk").map_or(&[], std::slice::from_ref),
        Some(_) | None => &[],
    };
    let word = |desk: &Node, key: &str| match &desk.value {
        Value::Table(table) => match table.get(key).map(|node| &node.value) {
            Some(Value::Text(text) | Value::Bare(text)) => Some(text.clone()),
            Some(_) | None => None,
        },
        _ => None,
    };
    let mut names: Vec<String> = Vec::new();
    for desk in desks {
        let name = word(desk, "name").unwrap_or_else(|| {
            let strategy = word(desk, "strategy").unwrap_or_default();
            let numbered = (2..).map(|number| format!("{strategy}-{number}"));
            std::iter::once(strategy.clone()).chain(numbered).find(|name| !names.contains(name)).unwrap_or_default()
        });
        names.push(name);
    }
    names
}

/// Reads every `[[desk]]`.
pub(super) fn read(
    root: &Section<'_>,
    names: &[String],
    instruments: &[InstrumentPlan],
    book: &dyn StrategyBook,
    directory: &Path,
    files: &mut InputFiles<'_>,
) -> Result<Vec<DeskPlan>> {
    let field = root.require("desk", "add a [[desk]] with a strategy, or name one with --strategy")?;
    let mut desks: Vec<DeskPlan> = Vec::new();
    for (item, name) in field.items()?.iter().zip(names) {
        let section = item.section(KEYS)?;
        let desk = one(&section, name, instruments, book, directory, files)?;
        if desks.iter().any(|other| other.name == desk.name) {
            return Err(section.fault(format!("two desks are named {name}")).remedy("give each a name of its own"));
        }
        desks.push(desk);
        let shares: i64 = desks.iter().filter_map(|desk| desk.share).map(Rate::units).sum();
        if shares > Rate::ONE.units() {
            let sum = Rate::from_units(shares).to_decimal();
            return Err(section
                .fault(format!("the shares of the desks sum to {sum}, above 1"))
                .remedy("lower them; a desk without a share draws from what the others leave"));
        }
    }
    if desks.is_empty() || desks.len() > MOST {
        return Err(field.fault(format!("a scenario has 1 to {MOST} desks")));
    }
    Ok(desks)
}

fn one(
    section: &Section<'_>,
    name: &str,
    instruments: &[InstrumentPlan],
    book: &dyn StrategyBook,
    directory: &Path,
    files: &mut InputFiles<'_>,
) -> Result<DeskPlan> {
    let strategy = section.require("strategy", &format!("name one of {}", book.names().join(", ")))?.text()?;
    let parameters = parameters::read(section, strategy, book, directory, files)?;
    if !super::section::is_name(name) || name.contains('.') || RESERVED.contains(&name) {
        return Err(section
            .fault(format!("'{name}' cannot be a desk's name"))
            .remedy("use letters, digits, '-' and '_', and none of the words that name a section"));
    }
    let symbols = symbols(section, instruments)?;
    let chosen = || instruments.iter().filter(|instrument| symbols.contains(&instrument.symbol));
    let coarsest = chosen().map(|instrument| instrument.interval).max().unwrap_or(Interval::MINUTE);
    let interval = section.or("interval", coarsest, Field::interval)?;
    for instrument in chosen() {
        if interval != instrument.interval && !interval.is_made_of(instrument.interval) {
            return Err(section
                .fault(format!(
                    "interval {interval} is not made of whole {} candles of {}",
                    instrument.interval, instrument.symbol
                ))
                .remedy("give the desk a multiple of its instruments' intervals"));
        }
    }
    let smallest = Decimal::new(1, 8);
    let share = section.or("share", None, |field| field.unless("pool", |field| field.rate(smallest..=Decimal::ONE)))?;
    let limits = DeskLimitsPlan::read(section, &symbols)?;
    Ok(DeskPlan { name: name.to_owned(), strategy: strategy.to_owned(), parameters, symbols, interval, share, limits })
}

fn symbols(section: &Section<'_>, instruments: &[InstrumentPlan]) -> Result<Vec<String>> {
    let known: Vec<&str> = instruments.iter().map(|instrument| instrument.symbol.as_str()).collect();
    let Some(field) = section.get("symbols") else {
        return Ok(known.into_iter().map(str::to_owned).collect());
    };
    let mut symbols: Vec<String> = Vec::new();
    for item in field.items()? {
        let symbol = item.text()?;
        if !known.contains(&symbol) {
            return Err(item.fault(format!("there is no instrument {symbol}")).remedy(did_you_mean(symbol, &known)));
        }
        if symbols.iter().any(|other| other == symbol) {
            return Err(item.fault(format!("{symbol} is there twice")));
        }
        symbols.push(symbol.to_owned());
    }
    if symbols.is_empty() {
        return Err(field.fault("names no symbol").remedy("name one, or leave the key out for all"));
    }
    Ok(symbols)
}
