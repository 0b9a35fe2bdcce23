//! The fingerprint of a session: a hash over every command, every piece of news, and the final books.

use crate::domain::{
    Amount, Bracket, Command, Crossing, Fill, Group, Link, Order, OrderKind, OrderUpdate, PositionEffect, Target,
    Terms, TimeInForce, Timestamp, Trail, UpdateKind,
};
use xxhash_rust::xxh3::Xxh3Default;

/// A running 128-bit hash (XXH3) over 64-bit words. Equal sessions have equal fingerprints on any machine.
#[derive(Clone)]
pub struct Fingerprint {
    words: [u64; 64],
    used: usize,
    hash: Xxh3Default,
}

impl std::fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:032x}", self.digest())
    }
}

impl Default for Fingerprint {
    fn default() -> Self {
        Fingerprint { words: [0; 64], used: 0, hash: Xxh3Default::new() }
    }
}

/// No order and no piece of news has more words than this.
const LONGEST: usize = 16;

impl Fingerprint {
    /// Takes in one word.
    #[inline]
    pub fn word(&mut self, word: u64) {
        self.make_room();
        self.put([word]);
    }

    /// Makes room for an order or a piece of news, so that its words can be put down without looking each time.
    #[inline]
    fn make_room(&mut self) {
        if self.used > self.words.len() - LONGEST {
            self.flush();
        }
    }

    /// Takes in some words for which there is room.
    #[inline]
    fn put<const N: usize>(&mut self, words: [u64; N]) {
        self.words[self.used..self.used + N].copy_from_slice(&words);
        self.used += N;
    }

    /// Takes in a signed word.
    #[inline]
    pub fn signed(&mut self, word: i64) {
        self.word(word.cast_unsigned());
    }

    /// Takes in an amount.
    #[inline]
    pub fn amount(&mut self, amount: Amount) {
        let units = amount.units().cast_unsigned();
        self.word(units as u64);
        self.word((units >> 64) as u64);
    }

    /// Takes in a command and when it was given.
    #[inline]
    pub fn command(&mut self, now: Timestamp, command: &Command) {
        self.signed(now.nanos());
        match command {
            Command::Submit(order) => self.order(1, order),
            Command::SubmitGroup(group) => match **group {
                Group::Bracket(Bracket { entry, stop, target }) => {
                    self.order(2, &entry);
                    for child in [stop, target] {
                        match child {
                            Some(order) => self.order(3, &order),
                            None => self.word(0),
                        }
                    }
                }
                Group::Pair(orders) => orders.iter().for_each(|order| self.order(6, order)),
            },
            Command::Cancel(target) => self.target(4, target),
            Command::Replace(target, terms) => {
                self.target(5, target);
                self.terms(terms);
            }
            Command::Reduce(target, terms) => {
                self.target(7, target);
                self.terms(terms);
            }
            Command::CancelReplace(swap) => {
                self.target(8, &swap.target);
                self.word(swap.on_failure as u64);
                self.order(9, &swap.order);
            }
        }
    }

    /// Takes in a piece of news.
    #[inline]
    pub fn update(&mut self, update: &OrderUpdate) {
        self.make_room();
        self.put([
            u64::from(update.order.0) << 32 | u64::from(update.desk.0) << 8 | code(&update.kind),
            update.at.nanos().cast_unsigned(),
        ]);
        match &update.kind {
            UpdateKind::Filled(fill) => self.fill(fill),
            UpdateKind::Released { quantity } => self.signed(quantity.units()),
            UpdateKind::Replaced(terms) => self.terms(terms),
            UpdateKind::Cancelled(reason) => self.word(*reason as u64),
            UpdateKind::Rejected(reason) | UpdateKind::ReplaceRejected(reason) => self.word(*reason as u64),
            UpdateKind::Accepted
            | UpdateKind::Held
            | UpdateKind::Triggered
            | UpdateKind::CancelRejected
            | UpdateKind::Expired => {}
        }
    }

    #[inline]
    fn fill(&mut self, fill: &Fill) {
        let fee = fill.fee.units().cast_unsigned();
        self.put([
            fill.price.units().cast_unsigned(),
            fill.quantity.units().cast_unsigned(),
            fill.leaves.units().cast_unsigned(),
            fee as u64,
            (fee >> 64) as u64,
            u64::from(fill.fee_asset.0) << 8 | (fill.liquidity as u64) << 1 | fill.certainty as u64,
        ]);
    }

    fn order(&mut self, code: u64, order: &Order) {
        let effect = match order.effect {
            PositionEffect::Any => 0,
            PositionEffect::ReduceOnly => 1,
        };
        let crossing = match order.crossing {
            Crossing::Allowed => 0,
            Crossing::PostOnly => 2,
        };
        self.make_room();
        self.put([
            code << 56 | u64::from(order.id.0) << 16 | u64::from(order.desk.0),
            u64::from(order.instrument.0) << 16 | (order.side as u64) << 8 | crossing | effect,
        ]);
        self.put_terms(&Terms { kind: order.kind, quantity: order.quantity });
        match order.time_in_force {
            TimeInForce::GoodTillCancelled => self.put([0]),
            TimeInForce::ImmediateOrCancel => self.put([1]),
            TimeInForce::GoodTillDate(until) => self.put([2, until.nanos().cast_unsigned()]),
            TimeInForce::FillOrKill => self.put([3]),
        }
        let number = |id: Option<crate::domain::OrderId>| id.map_or(u64::from(u32::MAX), |id| u64::from(id.0));
        match order.link {
            Link::None => self.put([0]),
            Link::Entry { stop, target } => self.put([number(stop) << 32 | number(target)]),
            Link::Child { entry, sibling } => self.put([u64::from(entry.0) << 32 | number(sibling)]),
            Link::Pair { sibling } => self.put([1 << 63 | u64::from(sibling.0)]),
        }
    }

    fn target(&mut self, code: u64, target: &Target) {
        self.word(code << 56 | u64::from(target.order.0) << 16 | u64::from(target.desk.0));
    }

    fn terms(&mut self, terms: &Terms) {
        self.make_room();
        self.put_terms(terms);
    }

    #[inline]
    fn put_terms(&mut self, terms: &Terms) {
        let (code, level, limit) = match terms.kind {
            OrderKind::Market => (0, 0, None),
            OrderKind::Limit { price } => (1, price.units(), None),
            OrderKind::StopMarket { trigger } => (2, trigger.units(), None),
            OrderKind::StopLimit { trigger, price } => (3, trigger.units(), Some(price)),
            OrderKind::TakeProfit { trigger } => (4, trigger.units(), None),
            OrderKind::TakeProfitLimit { trigger, price } => (5, trigger.units(), Some(price)),
            OrderKind::TrailingStop { trail: Trail::Distance(distance) } => (6, distance.units(), None),
            OrderKind::TrailingStop { trail: Trail::Fraction(rate) } => (7, rate.units(), None),
        };
        let (level, quantity) = (level.cast_unsigned(), terms.quantity.units().cast_unsigned());
        match limit {
            None => self.put([code, level, quantity]),
            Some(price) => self.put([code, level, price.units().cast_unsigned(), quantity]),
        }
    }

    #[inline(never)]
    fn flush(&mut self) {
        let mut bytes = [0u8; 512];
        for (place, word) in bytes.chunks_exact_mut(8).zip(self.words) {
            place.copy_from_slice(&word.to_le_bytes());
        }
        self.hash.update(&bytes[..self.used * 8]);
        self.used = 0;
    }

    /// The hash of everything taken in so far.
    pub fn digest(&self) -> u128 {
        let mut copy = self.clone();
        copy.flush();
        copy.hash.digest128()
    }
}

fn code(kind: &UpdateKind) -> u64 {
    match kind {
        UpdateKind::Accepted => 1,
        UpdateKind::Held => 2,
        UpdateKind::Released { .. } => 3,
        UpdateKind::Filled(_) => 4,
        UpdateKind::Cancelled(_) => 5,
        UpdateKind::CancelRejected => 6,
        UpdateKind::Replaced(_) => 7,
        UpdateKind::ReplaceRejected(_) => 8,
        UpdateKind::Expired => 9,
        UpdateKind::Rejected(_) => 10,
        UpdateKind::Triggered => 11,
    }
}
