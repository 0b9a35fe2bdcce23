//! The desk: every order it has open, what it may still do, and its part of the account.

use super::limits::{AccountLimits, Limits};
use super::tally::Tally;
use super::ticket::Ticket;
use crate::domain::{
    Amount, AssetId, DeskId, Instrument, InstrumentId, Link, Order, OrderChange, OrderId, OrderState, Overflow,
    Quantity, Refusal, Rounding, Side, Terms, TimerId, Timestamp,
};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;

/// All desks of an account, and what they share.
#[derive(Clone, Debug)]
pub struct Floor {
    /// What is traded.
    pub instruments: Arc<[Instrument]>,
    /// The desks by number.
    pub desks: Vec<Desk>,
    /// The account's own limits.
    pub limits: AccountLimits,
    /// The account's equity at the last UTC midnight, in the account's currency.
    pub equity_at_midnight: Amount,
    /// The account's highest equity at any close; kept only where a limit on the drawdown asks for it.
    pub peak: Amount,
    /// Whether any limit on a drawdown stands, of the account or a desk.
    pub watches_drawdown: bool,
    /// Why the account as a whole is halted, if it is.
    pub halt: Option<Halt>,
    /// Timers by time, desk and number.
    pub timers: BinaryHeap<Reverse<(Timestamp, DeskId, TimerId)>>,
    pub(super) next_order: u32,
    pub(super) next_timer: u32,
}

/// One strategy instance's orders, limits and standing.
#[derive(Clone, Debug)]
pub struct Desk {
    /// Its number.
    pub id: DeskId,
    /// The instruments it may trade.
    pub symbols: Vec<InstrumentId>,
    /// Its limits.
    pub limits: Limits,
    /// Open orders in order of submission.
    pub orders: Vec<OpenOrder>,
    /// Why it is halted, if it is.
    pub halt: Option<Halt>,
    /// Losing trades in a row.
    pub losses_in_a_row: u32,
    /// Its capital at the last UTC midnight, in the account's currency.
    pub equity_at_midnight: Amount,
    /// Its highest capital at any close; kept only where its limit on the drawdown asks for it.
    pub peak: Amount,
    /// What it has traded and sent, as far as limits ask.
    pub(super) tally: Tally,
    /// From this instant on it may submit.
    pub tradable_from: Timestamp,
    /// How often each refusal was given.
    pub refusals: Vec<u64>,
    /// How often each limit that is only observed was passed.
    pub observed: Vec<u64>,
    /// Refusals one by one, up to a bound.
    pub refusal_list: Vec<RefusalRecord>,
}

/// Why a desk or an account takes no new risk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Halt {
    /// Since when.
    pub at: Timestamp,
    /// Why, in words.
    pub reason: String,
}

/// An order of the desk that is not yet over.
#[derive(Clone, Copy, Debug)]
pub struct OpenOrder {
    /// The order as sent, with its latest terms.
    pub order: Order,
    /// Where it stands.
    pub state: OrderState,
    /// What of it has traded.
    pub filled: Quantity,
    /// The largest total quantity that replacements on their way ask for; zero when none is on its way.
    pub asked: Quantity,
    /// How many replacements are on their way.
    pub replacing: u32,
    /// Whether it waits at the venue for its entry, whatever is asked of it meanwhile.
    pub waits: bool,
    /// What is set aside for it.
    pub reserved: Amount,
    /// Of which asset.
    pub reserved_asset: AssetId,
    /// When it was submitted.
    pub submitted: Timestamp,
}

/// An order that the desk did not send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RefusalRecord {
    /// When.
    pub at: Timestamp,
    /// On what.
    pub instrument: InstrumentId,
    /// Which way.
    pub side: Side,
    /// How much.
    pub quantity: Quantity,
    /// Why.
    pub refusal: Refusal,
}

/// More refusals than this are counted but no longer listed.
const REFUSALS_LISTED: usize = 10_000;

impl Floor {
    /// A floor without desks.
    pub fn new(instruments: Arc<[Instrument]>, limits: AccountLimits) -> Self {
        Floor {
            instruments,
            desks: Vec::new(),
            limits,
            equity_at_midnight: Amount::ZERO,
            peak: Amount::ZERO,
            watches_drawdown: limits.drawdown.is_some(),
            halt: None,
            timers: BinaryHeap::new(),
            next_order: 0,
            next_timer: 1 << 16,
        }
    }

    /// Adds a desk and returns its number.
    pub fn open_desk(&mut self, symbols: Vec<InstrumentId>, limits: Limits) -> DeskId {
        let id = DeskId(u16::try_from(self.desks.len()).expect("an account has fewer than 65,536 desks"));
        self.watches_drawdown |= limits.drawdown.is_some();
        self.desks.push(Desk {
            id,
            symbols,
            tally: Tally::new(self.instruments.len(), limits.message_throttle.map(|limit| limit.value)),
            limits,
            orders: Vec::new(),
            halt: None,
            losses_in_a_row: 0,
            equity_at_midnight: Amount::ZERO,
            peak: Amount::ZERO,
            tradable_from: Timestamp::MIN,
            refusals: vec![0; Refusal::ALL.len()],
            observed: vec![0; Refusal::ALL.len()],
            refusal_list: Vec::new(),
        });
        id
    }

    /// The books are open: peaks stand at what the first day begins with.
    pub fn open_peaks(&mut self) {
        self.peak = self.equity_at_midnight;
        self.desks.iter_mut().for_each(|desk| desk.peak = desk.equity_at_midnight);
    }

    /// The desk of this number.
    #[inline]
    pub fn desk(&mut self, desk: DeskId) -> &mut Desk {
        &mut self.desks[usize::from(desk.0)]
    }

    /// When the next timer is due.
    #[inline]
    pub fn next_timer_at(&self) -> Timestamp {
        self.timers.peek().map_or(Timestamp::MAX, |Reverse((at, _, _))| *at)
    }

    /// Takes the next timer that is due at or before `now`.
    pub fn take_timer(&mut self, now: Timestamp) -> Option<(Timestamp, DeskId, TimerId)> {
        if self.next_timer_at() > now {
            return None;
        }
        self.timers.pop().map(|Reverse(timer)| timer)
    }

    /// Sets a timer for a desk.
    pub fn wake(&mut self, desk: DeskId, at: Timestamp) -> TimerId {
        let timer = TimerId(self.next_timer);
        self.next_timer += 1;
        self.timers.push(Reverse((at, desk, timer)));
        timer
    }

    /// Halts the account as a whole; the first reason stays.
    pub fn halt(&mut self, at: Timestamp, reason: impl Into<String>) {
        if self.halt.is_none() {
            self.halt = Some(Halt { at, reason: reason.into() });
        }
    }

    /// Whether every desk is halted.
    pub fn all_halted(&self) -> bool {
        self.halt.is_some() || self.desks.iter().all(|desk| desk.halt.is_some())
    }
}

impl Desk {
    /// Where an open order stands in the list.
    #[inline]
    pub fn find(&self, order: OrderId) -> Option<usize> {
        self.orders.iter().position(|open| open.order.id == order)
    }

    /// What open orders of one side on an instrument may still trade. Children that wait for their entry count only
    /// for the side that reduces, and of a pair only one order.
    #[inline]
    pub fn in_flight(&self, instrument: InstrumentId, side: Side) -> Quantity {
        let matching = self
            .orders
            .iter()
            .filter(|open| open.order.instrument == instrument && open.order.side == side && !open.is_second_of_pair());
        Quantity::from_units(matching.map(|open| open.leaves().units()).fold(0, i64::saturating_add))
    }

    /// Halts the desk; the first reason stays.
    pub fn halt(&mut self, at: Timestamp, reason: impl Into<String>) {
        if self.halt.is_none() {
            self.halt = Some(Halt { at, reason: reason.into() });
        }
    }

    /// An order of the desk filled at `at` and brought its position from one quantity to another.
    pub fn note_fill(&mut self, at: Timestamp, instrument: InstrumentId, from: Quantity, to: Quantity) {
        self.tally.note_fill(at, instrument, from, to);
    }

    pub(super) fn note_refusal(&mut self, record: RefusalRecord) -> Refusal {
        self.refusals[record.refusal as usize] += 1;
        if self.refusal_list.len() < REFUSALS_LISTED {
            self.refusal_list.push(record);
        }
        record.refusal
    }
}

impl OpenOrder {
    /// What may still be filled: the larger quantity counts while a replacement is on its way.
    #[inline]
    pub fn leaves(&self) -> Quantity {
        Quantity::from_units(self.order.quantity.max(self.asked).units() - self.filled.units())
    }

    /// The order as it would be sent with these terms.
    pub(super) fn ticket_with(&self, terms: Terms) -> Ticket {
        let order = &self.order;
        Ticket {
            instrument: order.instrument,
            side: order.side,
            kind: terms.kind,
            quantity: terms.quantity,
            time_in_force: order.time_in_force,
            effect: order.effect,
            crossing: order.crossing,
            tag: order.tag,
        }
    }

    /// Whether it is the second order of a pair: of the two only one can trade.
    #[inline]
    pub fn is_second_of_pair(&self) -> bool {
        match self.order.link {
            Link::Pair { sibling } => sibling < self.order.id,
            Link::None | Link::Entry { .. } | Link::Child { .. } => false,
        }
    }

    /// What a piece of news makes of it; none when that is illegal. A child that waits for its entry goes on waiting when
    /// an ask has been answered.
    pub fn after(&self, change: OrderChange) -> Option<(OrderState, bool)> {
        let waits = match change {
            OrderChange::Hold => true,
            OrderChange::Release => false,
            OrderChange::Send
            | OrderChange::Accept
            | OrderChange::Trigger
            | OrderChange::FillPart
            | OrderChange::FillAll
            | OrderChange::AskCancel
            | OrderChange::AskReplace
            | OrderChange::RefuseAsk
            | OrderChange::Replace
            | OrderChange::Cancel
            | OrderChange::Expire
            | OrderChange::Reject
            | OrderChange::Lose => self.waits,
        };
        let state = match (self.state.after(change)?, waits) {
            (OrderState::Working, true) => OrderState::Held,
            (state, _) => state,
        };
        Some((state, waits))
    }

    /// A replacement was sent.
    pub(super) fn ask(&mut self, quantity: Quantity) {
        self.asked = self.asked.max(quantity);
        self.replacing += 1;
    }

    /// The venue has given it new terms. Says what of the money set aside they free, where nothing but the quantity has
    /// become smaller.
    pub fn take_terms(&mut self, terms: Terms) -> Result<Amount, Overflow> {
        let before = self.order.quantity.units() - self.filled.units();
        let after = terms.quantity.max(self.asked).units() - self.filled.units();
        let same = self.order.kind == terms.kind;
        (self.order.kind, self.order.quantity) = (terms.kind, terms.quantity);
        if !same || after >= before || after < 0 {
            return Ok(Amount::ZERO);
        }
        let freed = self.reserved.scaled((before - after).into(), before.into(), Rounding::Down)?;
        self.reserved = self.reserved.minus(freed)?;
        Ok(freed)
    }

    /// A replacement was answered.
    pub fn note_answer(&mut self) {
        self.replacing = self.replacing.saturating_sub(1);
        if self.replacing == 0 {
            self.asked = Quantity::ZERO;
        }
    }
}
