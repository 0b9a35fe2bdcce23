//! Records laid side by side: the first is the reference, each other one is compared with it by itself.

use super::figures::{FigureRow, rows};
use super::pairs::{Matching, matching};
use super::parting::{Parting, of_accounts, of_equity, of_trades};
use super::plans::{PlanDifference, differences};
use super::reading::{Kind, digest};
use super::record::Record;
use crate::domain::Span;
use crate::error::{Fault, Result};
use rust_decimal::Decimal;
use std::collections::BTreeSet;

/// What the user decided; what is left open is decided by the records.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// How far apart the entries of a pair may be.
    pub match_within: Option<Span>,
    /// By how much times may differ and still be the same.
    pub time: Option<Span>,
    /// By how much prices, as a fraction of the larger.
    pub price: Option<Decimal>,
    /// By how much quantities.
    pub quantity: Option<Decimal>,
    /// By how much fees.
    pub fees: Option<Decimal>,
    /// By how much profits.
    pub profit: Option<Decimal>,
    /// By how much equity.
    pub equity: Option<Decimal>,
}

/// What is tolerated between two records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tolerances {
    /// How far apart the entries of a pair may be.
    pub match_within: Span,
    /// By how much times may differ and still be the same.
    pub time: Span,
    /// By how much prices, as a fraction of the larger.
    pub price: Decimal,
    /// By how much quantities, likewise.
    pub quantity: Decimal,
    /// By how much fees, likewise.
    pub fees: Decimal,
    /// By how much profits, likewise.
    pub profit: Decimal,
    /// By how much profits in any case, in money: what the rounding of a file may come to.
    pub profit_rounding: Decimal,
    /// By how much equity and opening capital, likewise a fraction.
    pub equity: Decimal,
}

/// One record beside the reference.
#[derive(Clone, Debug, PartialEq)]
pub struct Side {
    /// Its place among the records.
    pub record: usize,
    /// What was tolerated.
    pub tolerances: Tolerances,
    /// What was assumed to compare the two.
    pub notes: Vec<String>,
    /// How their trades correspond.
    pub matching: Matching,
    /// Numbers by one definition, side by side.
    pub figures: Vec<FigureRow>,
    /// The first trade that parts.
    pub first_trade: Option<Parting>,
    /// The first sample of equity that parts, where both state it in one currency.
    pub first_equity: Option<Parting>,
    /// How the accounts differ from the start, in a sentence.
    pub account: Option<String>,
    /// Keys of the plans that differ; absent unless both are runs of ours.
    pub plan: Option<Vec<PlanDifference>>,
}

/// Records and how each differs from the first.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// The reference, then the others.
    pub records: Vec<Record>,
    /// One for each of the others.
    pub sides: Vec<Side>,
}

/// The letter of a record: `A` is the reference. Behind `Z` they are numbered.
pub fn letter(place: usize) -> String {
    match u8::try_from(place) {
        Ok(place @ 0..26) => char::from(b'A' + place).to_string(),
        _ => format!("#{}", place + 1),
    }
}

impl Comparison {
    /// Compares the first record with each of the others.
    ///
    /// # Errors
    /// With fewer than two records; where a file names no symbol and the other side has several; when a plan is damaged.
    pub fn of(records: Vec<Record>, settings: &Settings) -> Result<Self> {
        if records.len() < 2 {
            return Err(Fault::user("comparing needs two results or more").remedy("name a second one"));
        }
        let sides = (1..records.len()).map(|place| side(&records, place, settings)).collect::<Result<_>>()?;
        Ok(Comparison { records, sides })
    }

    /// A name that is the same for the same content and tolerances, wherever the files lie: twelve hexadecimal digits.
    pub fn name(&self) -> String {
        let records = self.records.iter().map(|record| {
            // What was said while reading changes the record and not its file.
            format!("{} {} {:?} {:?}", record.digest, record.name, record.trades, record.notes)
        });
        let sides = self.sides.iter().map(|side| format!("{:?}", side.tolerances));
        let parts: Vec<String> = records.chain(sides).chain([env!("CARGO_PKG_VERSION").to_owned()]).collect();
        let parts: Vec<&[u8]> = parts.iter().map(|part| part.as_bytes()).collect();
        digest(&parts)[..12].to_owned()
    }

    /// Whether nothing differs beyond the tolerances anywhere.
    pub fn is_same(&self) -> bool {
        self.sides.iter().all(Side::is_same)
    }
}

impl Side {
    /// Whether nothing differs beyond the tolerances.
    pub fn is_same(&self) -> bool {
        self.first().is_none() && self.account.is_none()
    }

    /// Where the two part first: a trade before a sample of equity at the same instant.
    pub fn first(&self) -> Option<&Parting> {
        self.first_trade.iter().chain(&self.first_equity).min_by_key(|parting| parting.at)
    }

    /// Pairs that differ beyond the tolerances.
    pub fn differing(&self) -> usize {
        self.matching.pairs.iter().filter(|pair| !pair.apart.is_empty()).count()
    }
}

fn side(records: &[Record], place: usize, settings: &Settings) -> Result<Side> {
    let (reference, other) = (&records[0], &records[place]);
    let names = [letter(0), letter(place)];
    let names = [names[0].as_str(), names[1].as_str()];
    let tolerances = tolerances(reference, other, settings);
    let mut notes = Vec::new();
    let keys = keys(names, reference, other, &mut notes)?;
    match (&reference.currency, &other.currency) {
        (Some(one), Some(two)) if one != two => notes.push(format!(
            "{} is in {one}, {} in {two}: amounts of money stand side by side, and none is subtracted",
            names[0], names[1]
        )),
        (Some(_), Some(_)) => {}
        (one, two) => {
            let silent: Vec<&str> = [(one, names[0]), (two, names[1])]
                .into_iter()
                .filter(|(currency, _)| currency.is_none())
                .map(|(_, name)| name)
                .collect();
            notes.push(format!(
                "{} names no currency; differences of money hold if both are in one currency",
                silent.join(" and ")
            ));
        }
    }
    let matching = matching(reference, other, [&keys[0], &keys[1]], &tolerances)?;
    Ok(Side {
        record: place,
        tolerances,
        notes,
        first_trade: of_trades(names, reference, other, &matching),
        first_equity: of_equity(names, reference, other, &tolerances),
        account: of_accounts(names, reference, other, &tolerances),
        figures: rows(reference, other),
        matching,
        plan: match (&reference.plan, &other.plan) {
            (Some(one), Some(two)) => Some(differences(one, two)?),
            (None, _) | (_, None) => None,
        },
    })
}

/// Two runs of ours are compared exactly. Another program's times may be rounded to its candles, and its numbers are
/// binary fractions.
fn tolerances(reference: &Record, other: &Record, settings: &Settings) -> Tolerances {
    let both_ours = reference.kind == Kind::Tapeline && other.kind == Kind::Tapeline;
    let candle = reference.candle.max(other.candle);
    let decided = candle.max(reference.decides_on).max(other.decides_on);
    let twelve = decided.map_or(Span::from_nanos(0), |candle| candle.times(12));
    let hour = Span::MINUTE.times(60);
    let time = match (both_ours, candle) {
        (true, _) => Span::from_nanos(0),
        // One candle late is late; anywhere within the candle is not.
        (false, Some(candle)) => Span::from_nanos(candle.nanos() - 1_000_000),
        (false, None) => Span::MINUTE,
    };
    let share = if both_ours { Decimal::ZERO } else { Decimal::new(1, 8) };
    Tolerances {
        match_within: settings.match_within.unwrap_or(twelve.max(hour)),
        time: settings.time.unwrap_or(time),
        price: settings.price.unwrap_or(share),
        quantity: settings.quantity.unwrap_or(share),
        fees: settings.fees.unwrap_or(share),
        profit: settings.profit.unwrap_or(share),
        profit_rounding: if both_ours { Decimal::ZERO } else { rounding(reference).max(rounding(other)) },
        equity: settings.equity.unwrap_or(share),
    }
}

/// Half of the last decimal that a program rounds its profits to: TradingView to those of the currency, of which the
/// longest in the file are taken, at least two; freqtrade to eight.
fn rounding(record: &Record) -> Decimal {
    match record.kind {
        Kind::Tapeline | Kind::BacktestingPy => Decimal::ZERO,
        Kind::Freqtrade => Decimal::new(5, 9),
        Kind::TradingView => {
            let decimals = record.trades.iter().filter_map(|trade| trade.profit).map(|profit| profit.scale()).max();
            Decimal::new(5, decimals.unwrap_or(2).clamp(2, 27) + 1)
        }
    }
}

/// The symbol of every trade. A file that names none is taken to be about the only symbol of the other side.
fn keys(names: [&str; 2], reference: &Record, other: &Record, notes: &mut Vec<String>) -> Result<[Vec<String>; 2]> {
    let mut keys = [reference, other]
        .map(|record| record.trades.iter().map(super::record::Trade::symbol_key).collect::<Vec<String>>());
    for silent in 0..2 {
        if keys[silent].iter().all(|key| !key.is_empty()) {
            continue;
        }
        let known: BTreeSet<String> = keys[1 - silent].iter().filter(|key| !key.is_empty()).cloned().collect();
        let mut known = known.into_iter();
        match (known.next(), known.next()) {
            (None, _) => {}
            (Some(only), None) => {
                notes.push(format!(
                    "{} names no symbol; it is taken to be {only}, the only one of {}",
                    names[silent],
                    names[1 - silent]
                ));
                keys[silent].iter_mut().filter(|key| key.is_empty()).for_each(|key| key.clone_from(&only));
            }
            (Some(_), Some(_)) => {
                return Err(Fault::user(format!(
                    "{} names no symbol, and {} has several",
                    names[silent],
                    names[1 - silent]
                ))
                .remedy("say which symbol it is about with --symbol, such as --symbol BTCUSDT"));
            }
        }
    }
    Ok(keys)
}
