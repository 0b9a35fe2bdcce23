//! Where two records part first.

use super::comparison::Tolerances;
use super::pairs::{Aspect, Matching};
use super::record::{Record, Trade};
use crate::domain::Timestamp;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

/// An instant at which two records are no longer the same.
#[derive(Clone, Debug, PartialEq)]
pub struct Parting {
    /// When: of two instants that differ, the earlier.
    pub at: Timestamp,
    /// What differs, in a sentence.
    pub text: String,
    /// The reference's trade, where a trade parts.
    pub reference: Option<usize>,
    /// The other's.
    pub other: Option<usize>,
}

/// The earliest trade that differs beyond the tolerances, or that one side lacks.
pub fn of_trades(names: [&str; 2], reference: &Record, other: &Record, found: &Matching) -> Option<Parting> {
    let pairs = found.pairs.iter().filter_map(|pair| {
        let (one, two) = (&reference.trades[pair.reference], &other.trades[pair.other]);
        let at = |is_of_entry: bool| match is_of_entry {
            true => one.entry_time.min(two.entry_time),
            false => one.exit_time.min(two.exit_time),
        };
        // Fees and profits are told for the trade as a whole, and what else differs is mostly why they do.
        let others = pair.apart.iter().filter(|aspect| !matches!(aspect, Aspect::Fees | Aspect::Profit));
        let first = match others.map(|aspect| at(aspect.is_of_entry())).min() {
            Some(first) => first,
            None if pair.apart.is_empty() => return None,
            None => at(pair.apart.contains(&Aspect::Fees)),
        };
        let aspects: Vec<&str> = pair.apart.iter().map(|aspect| aspect.name()).collect();
        let text = format!(
            "trade {} of {} and {} of {} ({}) differ in {}",
            one.number,
            names[0],
            two.number,
            names[1],
            known(one, two),
            aspects.join(", ")
        );
        Some(Parting { at: first, text, reference: Some(pair.reference), other: Some(pair.other) })
    });
    let alone = |record: &'_ Record, place: usize, names: [&str; 2]| {
        let trade = &record.trades[place];
        let text = format!(
            "trade {} of {} ({}) has no counterpart in {}",
            trade.number,
            names[0],
            known(trade, trade),
            names[1]
        );
        (trade.entry_time, text)
    };
    let only_reference = found.only_reference.iter().map(|place| {
        let (at, text) = alone(reference, *place, names);
        Parting { at, text, reference: Some(*place), other: None }
    });
    let only_other = found.only_other.iter().map(|place| {
        let (at, text) = alone(other, *place, [names[1], names[0]]);
        Parting { at, text, reference: None, other: Some(*place) }
    });
    // The first of equally early ones: pairs, then the reference's.
    pairs.chain(only_reference).chain(only_other).min_by_key(|parting| parting.at)
}

fn known(one: &Trade, two: &Trade) -> String {
    let symbol = one.symbol.as_deref().or(two.symbol.as_deref()).unwrap_or("symbol not stated");
    format!("{symbol}, {}", one.direction.name())
}

/// What the two accounts began with, where both state it and it differs: another currency, or another capital.
pub fn of_accounts(names: [&str; 2], reference: &Record, other: &Record, within: &Tolerances) -> Option<String> {
    match (&reference.currency, &other.currency) {
        (Some(one), Some(two)) if one != two => {
            return Some(format!("the account is in {one} in {} and in {two} in {}", names[0], names[1]));
        }
        (Some(_) | None, _) => {}
    }
    let (one, two) = (reference.opening?, other.opening?);
    let difference = two.checked_sub(one)?.abs();
    (difference > one.abs().max(two.abs()).saturating_mul(within.equity)).then(|| {
        let [one, two] = [one, two].map(|amount| crate::report::wording::money(&amount.normalize().to_string()));
        format!("the opening capital is {one} in {} and {two} in {}", names[0], names[1])
    })
}

/// The earliest instant for which both state their equity and it differs. Instants that only one states are passed over.
pub fn of_equity(names: [&str; 2], reference: &Record, other: &Record, within: &Tolerances) -> Option<Parting> {
    let (first, second) = (reference.equity.as_ref()?, other.equity.as_ref()?);
    if reference.currency != other.currency {
        return None;
    }
    let share = within.equity.to_f64().unwrap_or(0.0);
    common(first, second).find(|(_, one, two)| (one - two).abs() > share * one.abs().max(two.abs())).map(
        |(at, one, two)| {
            let currency = reference.currency.as_deref().unwrap_or("");
            let money = |value: f64| {
                let exact = Decimal::from_f64_retain(value).unwrap_or_default();
                crate::report::wording::money(&exact.round_dp(8).normalize().to_string())
            };
            let text = format!(
                "equity is {} {currency} in {} and {} {currency} in {}",
                money(one),
                names[0],
                money(two),
                names[1]
            );
            Parting { at, text, reference: None, other: None }
        },
    )
}

/// Samples at instants that both lists have.
pub fn common<'a>(
    first: &'a [(Timestamp, f64)],
    second: &'a [(Timestamp, f64)],
) -> impl Iterator<Item = (Timestamp, f64, f64)> + 'a {
    let mut next = 0;
    first.iter().filter_map(move |(at, one)| {
        while second.get(next).is_some_and(|(other, _)| other < at) {
            next += 1;
        }
        second.get(next).filter(|(other, _)| other == at).map(|(_, two)| (*at, *one, *two))
    })
}
