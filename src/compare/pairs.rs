//! Trades of two records, matched, and what differs between the two of a pair.

use super::align::{Step, Times, align};
use super::comparison::Tolerances;
use super::record::{Record, Trade};
use crate::domain::Direction;
use crate::error::Result;
use rust_decimal::Decimal;
use serde::Serialize;
use std::collections::BTreeMap;

/// What of a pair differs by more than is tolerated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Aspect {
    /// When it began.
    EntryTime,
    /// At which average price.
    EntryPrice,
    /// How much was opened.
    Quantity,
    /// What it cost.
    Fees,
    /// When it ended.
    ExitTime,
    /// At which average price.
    ExitPrice,
    /// What it brought, as each file states it.
    Profit,
    /// One ended, the other was still open when its data ended.
    Status,
}

/// Whether both ended for the same reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Agreement {
    /// Both words are known and mean the same.
    Agree,
    /// Both words are known and mean something else.
    Differ,
    /// One word is missing or not known.
    Unknown,
}

/// One trade in two records. Differences are the other's number less the reference's, absent where one is.
#[derive(Clone, Debug, PartialEq)]
pub struct Pair {
    /// Its place in the reference.
    pub reference: usize,
    /// Its place in the other record.
    pub other: usize,
    /// Of entries, in nanoseconds.
    pub entry_nanos: i64,
    /// Of exits, in nanoseconds.
    pub exit_nanos: i64,
    /// Of average entry prices.
    pub entry_price: Option<Decimal>,
    /// Of average exit prices.
    pub exit_price: Option<Decimal>,
    /// Of quantities.
    pub quantity: Option<Decimal>,
    /// Of fees; absent as well where the two are in different assets.
    pub fees: Option<Decimal>,
    /// Of results, as the fees.
    pub profit: Option<Decimal>,
    /// Whether both ended for the same reason.
    pub reason: Agreement,
    /// What is beyond the tolerances.
    pub apart: Vec<Aspect>,
}

/// How the trades of two records correspond.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Matching {
    /// One to one, in order of the reference's trades.
    pub pairs: Vec<Pair>,
    /// Places of trades that only the reference has.
    pub only_reference: Vec<usize>,
    /// Places of trades that only the other has.
    pub only_other: Vec<usize>,
}

/// Matches trades of the same symbol and direction. `keys` say the symbols of both, trade by trade.
pub fn matching(reference: &Record, other: &Record, keys: [&[String]; 2], within: &Tolerances) -> Result<Matching> {
    type Group = [Vec<usize>; 2];
    let mut groups: BTreeMap<(&str, Direction), Group> = BTreeMap::new();
    for (side, record) in [reference, other].into_iter().enumerate() {
        for (place, trade) in record.trades.iter().enumerate() {
            groups.entry((&keys[side][place], trade.direction)).or_default()[side].push(place);
        }
    }
    let mut found = Matching::default();
    for [first, second] in groups.into_values() {
        let times = |record: &Record, places: &[usize]| -> Vec<Times> {
            let of = |trade: &Trade| Times { entry: trade.entry_time, exit: trade.exit_time };
            places.iter().map(|place| of(&record.trades[*place])).collect()
        };
        for step in align(&times(reference, &first), &times(other, &second), within.match_within)? {
            match step {
                Step::Pair(one, two) => found.pairs.push(pair(reference, first[one], other, second[two], within)),
                Step::OnlyFirst(one) => found.only_reference.push(first[one]),
                Step::OnlySecond(two) => found.only_other.push(second[two]),
            }
        }
    }
    found.pairs.sort_by_key(|pair| pair.reference);
    found.only_reference.sort_unstable();
    found.only_other.sort_unstable();
    Ok(found)
}

fn pair(reference: &Record, place: usize, other: &Record, counterpart: usize, within: &Tolerances) -> Pair {
    let (one, two) = (&reference.trades[place], &other.trades[counterpart]);
    let less = |two: Option<Decimal>, one: Option<Decimal>| two?.checked_sub(one?);
    let same_money = match (&one.quote, &two.quote) {
        (Some(one), Some(two)) => one == two,
        (None, _) | (_, None) => true,
    };
    let money = |two, one| less(two, one).filter(|_| same_money);
    let mut pair = Pair {
        reference: place,
        other: counterpart,
        entry_nanos: two.entry_time.since(one.entry_time).nanos(),
        exit_nanos: two.exit_time.since(one.exit_time).nanos(),
        entry_price: less(Some(two.entry_price), Some(one.entry_price)),
        exit_price: less(two.exit_price, one.exit_price),
        quantity: less(two.quantity, one.quantity),
        fees: money(two.fees, one.fees),
        profit: money(two.profit, one.profit),
        reason: match (one.exit_kind, two.exit_kind) {
            (Some(one), Some(two)) if one == two => Agreement::Agree,
            (Some(_), Some(_)) => Agreement::Differ,
            (None, _) | (_, None) => Agreement::Unknown,
        },
        apart: Vec::new(),
    };
    let late = |nanos: i64| nanos.unsigned_abs() > within.time.nanos().unsigned_abs();
    let off = |difference: Option<Decimal>, two: Option<Decimal>, one: Option<Decimal>, share: Decimal| {
        let (Some(difference), Some(one), Some(two)) = (difference, one, two) else { return false };
        difference.abs() > one.abs().max(two.abs()).saturating_mul(share)
    };
    let aspects = [
        (Aspect::EntryTime, late(pair.entry_nanos)),
        (Aspect::EntryPrice, off(pair.entry_price, Some(two.entry_price), Some(one.entry_price), within.price)),
        (Aspect::Quantity, off(pair.quantity, two.quantity, one.quantity, within.quantity)),
        (Aspect::Fees, off(pair.fees, two.fees, one.fees, within.fees)),
        (Aspect::ExitTime, late(pair.exit_nanos)),
        (Aspect::ExitPrice, off(pair.exit_price, two.exit_price, one.exit_price, within.price)),
        (
            Aspect::Profit,
            pair.profit.is_some_and(|difference| difference.abs() > within.profit_rounding)
                && off(pair.profit, two.profit, one.profit, within.profit),
        ),
        (Aspect::Status, one.open_at_end != two.open_at_end),
    ];
    pair.apart = aspects.into_iter().filter(|(_, is_apart)| *is_apart).map(|(aspect, _)| aspect).collect();
    pair
}

impl Aspect {
    /// What it is called for people.
    pub const fn name(self) -> &'static str {
        match self {
            Aspect::EntryTime => "entry time",
            Aspect::EntryPrice => "entry price",
            Aspect::Quantity => "quantity",
            Aspect::Fees => "fees",
            Aspect::ExitTime => "exit time",
            Aspect::ExitPrice => "exit price",
            Aspect::Profit => "profit",
            Aspect::Status => "open or closed",
        }
    }

    /// Whether it was settled when the trade began.
    pub const fn is_of_entry(self) -> bool {
        match self {
            // Fees may differ from its beginning on.
            Aspect::EntryTime | Aspect::EntryPrice | Aspect::Quantity | Aspect::Fees => true,
            Aspect::ExitTime | Aspect::ExitPrice | Aspect::Profit | Aspect::Status => false,
        }
    }
}

impl Agreement {
    /// Its word.
    pub const fn name(self) -> &'static str {
        match self {
            Agreement::Agree => "agree",
            Agreement::Differ => "differ",
            Agreement::Unknown => "unknown",
        }
    }
}
