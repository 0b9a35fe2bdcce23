//! Fees that fall with what the account has traded.
//!
//! A tier holds for a whole UTC day and is decided by the volume of the thirty UTC days before it, as exchanges do that
//! renew their tiers once a day. What is traded today counts from tomorrow on. The volume is the notional of all fills at
//! one venue in one quote asset.

use super::SimVenue;
use crate::domain::{Amount, Dated, Fees, Instrument, Rate, Span, Timestamp};
use std::collections::BTreeMap;

/// The days that a tier looks back on.
const DAYS: i64 = 30;

/// What an account pays that has traded enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FeeTier {
    /// From this volume on, in ledger units of the quote asset.
    pub volume: Amount,
    /// Fraction of the notional when our order was resting.
    pub maker: Rate,
    /// Fraction of the notional when our order crossed the spread.
    pub taker: Rate,
}

/// The tiers of every instrument, and what the account has traded.
#[derive(Clone, Debug)]
pub struct FeeTiers {
    /// By instrument, in ascending order of volume.
    tables: Vec<Dated<Vec<FeeTier>>>,
    /// By instrument: the count that its fills go into.
    counts: Vec<usize>,
    /// By count: the notional of each UTC day.
    days: Vec<BTreeMap<i64, i128>>,
}

impl FeeTiers {
    /// The tiers of these instruments; none when not one has a tier. The tiers of each row stand in ascending order of
    /// volume, and no rate exceeds that of the tier before it, nor that of the instrument's own fees.
    pub fn new(instruments: &[Instrument], tables: Vec<Dated<Vec<FeeTier>>>) -> Option<Self> {
        assert_eq!(instruments.len(), tables.len(), "tiers for each instrument");
        if tables.iter().all(|table| table.rows().iter().all(|(_, tiers)| tiers.is_empty())) {
            return None;
        }
        let together = |one: &Instrument, other: &Instrument| one.venue == other.venue && one.quote == other.quote;
        let first = |of: &Instrument| instruments.iter().position(|other| together(of, other)).unwrap_or_default();
        let counts = instruments.iter().map(first).collect();
        Some(FeeTiers { tables, counts, days: vec![BTreeMap::new(); instruments.len()] })
    }

    /// What was traded in the thirty UTC days before that of `at`, in ledger units of the quote asset.
    fn volume(&self, instrument: usize, at: Timestamp) -> i128 {
        let today = day(at);
        self.days[self.counts[instrument]].range(today - DAYS..today).map(|(_, sum)| *sum).sum()
    }

    fn tier(&self, instrument: usize, at: Timestamp) -> Option<&FeeTier> {
        let tiers = self.tables[instrument].at(at);
        if tiers.is_empty() {
            return None;
        }
        let volume = self.volume(instrument, at);
        tiers.iter().rev().find(|tier| tier.volume.units() <= volume)
    }

    fn note(&mut self, instrument: usize, at: Timestamp, notional: Amount) {
        let (days, today) = (&mut self.days[self.counts[instrument]], day(at));
        let sum = days.entry(today).or_default();
        *sum = sum.saturating_add(notional.units().saturating_abs());
        // News inside a candle is stamped late: a day more is kept than is looked at.
        while days.first_key_value().is_some_and(|(first, _)| *first < today - DAYS - 1) {
            days.pop_first();
        }
    }
}

fn day(at: Timestamp) -> i64 {
    at.nanos().div_euclid(Span::DAY.nanos())
}

impl SimVenue {
    /// From now on, fees go by what the account has traded.
    pub fn charge_by_volume(&mut self, tiers: FeeTiers) {
        self.tiers = Some(Box::new(tiers));
    }

    /// What the venue charges the account at `at`.
    #[inline]
    pub(super) fn fees_of(&self, book: usize, at: Timestamp) -> Fees {
        let fees = *self.instruments[book].fees_at(at);
        match self.tiers.as_ref().and_then(|tiers| tiers.tier(book, at)) {
            Some(tier) => Fees { maker: tier.maker, taker: tier.taker, ..fees },
            None => fees,
        }
    }

    /// A fill counts towards the tiers.
    #[inline]
    pub(super) fn count_volume(&mut self, book: usize, at: Timestamp, notional: Amount) {
        if let Some(tiers) = &mut self.tiers {
            tiers.note(book, at, notional);
        }
    }
}
