//! What a desk has traded and sent lately: what limits per day and limits on the pace are held against.

use super::limits::Throttle;
use super::ticket::Ticket;
use crate::domain::{InstrumentId, Order, OrderKind, Quantity, Side, Span, Timestamp};

/// The running counts of one desk. Counts of a day are those of the UTC day of the last fill.
#[derive(Clone, Debug)]
pub(super) struct Tally {
    day: Timestamp,
    begun: u32,
    symbols: Vec<Symbol>,
    /// When the last messages were sent, as many as the throttle allows in its time, in a ring.
    sent: Vec<Timestamp>,
    /// Where the oldest of them stands.
    oldest: usize,
}

#[derive(Clone, Copy, Debug)]
struct Symbol {
    /// What the day's fills sum to.
    traded: Quantity,
    /// When the last trade closed.
    closed: Timestamp,
    /// The last order sent that may open a position.
    last: Option<Sent>,
}

#[derive(Clone, Copy, Debug)]
struct Sent {
    at: Timestamp,
    side: Side,
    kind: OrderKind,
    quantity: Quantity,
}

impl Tally {
    pub fn new(instruments: usize, throttle: Option<Throttle>) -> Self {
        let symbol = Symbol { traded: Quantity::ZERO, closed: Timestamp::MIN, last: None };
        let messages = throttle.map_or(0, |throttle| throttle.messages as usize);
        Tally {
            day: Timestamp::MIN,
            begun: 0,
            symbols: vec![symbol; instruments],
            sent: vec![Timestamp::MIN; messages],
            oldest: 0,
        }
    }

    /// What was traded of an instrument in the UTC day of `now`.
    pub fn traded(&self, now: Timestamp, instrument: InstrumentId) -> Quantity {
        if self.day == now.midnight() { self.symbols[usize::from(instrument.0)].traded } else { Quantity::ZERO }
    }

    /// How many trades began in the UTC day of `now`.
    pub fn begun(&self, now: Timestamp) -> u32 {
        if self.day == now.midnight() { self.begun } else { 0 }
    }

    /// How long ago the last trade on an instrument closed; the longest time when none has.
    pub fn since_close(&self, now: Timestamp, instrument: InstrumentId) -> Span {
        now.since(self.symbols[usize::from(instrument.0)].closed)
    }

    /// Whether the last order that may open a position on the symbol was this one, less than `span` ago.
    pub fn repeats(&self, ticket: &Ticket, now: Timestamp, span: Span) -> bool {
        self.symbols[usize::from(ticket.instrument.0)].last.is_some_and(|last| {
            let same = last.side == ticket.side && last.kind == ticket.kind && last.quantity == ticket.quantity;
            same && now.since(last.at) < span
        })
    }

    /// Whether another message at `now` would be one too many within `per`.
    pub fn is_full(&self, now: Timestamp, per: Span) -> bool {
        self.sent.get(self.oldest).is_some_and(|oldest| now.since(*oldest) < per)
    }

    /// A position went from one quantity to another by a fill at `at`.
    pub fn note_fill(&mut self, at: Timestamp, instrument: InstrumentId, from: Quantity, to: Quantity) {
        let day = at.midnight();
        if day > self.day {
            self.day = day;
            self.begun = 0;
            self.symbols.iter_mut().for_each(|symbol| symbol.traded = Quantity::ZERO);
        }
        let symbol = &mut self.symbols[usize::from(instrument.0)];
        let turned = from.units().signum() != to.units().signum();
        if turned && !from.is_zero() {
            symbol.closed = at;
        }
        // News of a fill that happened before midnight belongs to the day that has ended.
        if day == self.day {
            let traded = to.units().saturating_sub(from.units()).saturating_abs();
            symbol.traded = Quantity::from_units(symbol.traded.units().saturating_add(traded));
            self.begun += u32::from(turned && !to.is_zero());
        }
    }

    /// An order that may open a position was sent.
    pub fn note_order(&mut self, order: &Order, at: Timestamp) {
        let sent = Sent { at, side: order.side, kind: order.kind, quantity: order.quantity };
        self.symbols[usize::from(order.instrument.0)].last = Some(sent);
    }

    /// A submission or replacement was sent.
    pub fn note_message(&mut self, at: Timestamp) {
        if let Some(oldest) = self.sent.get_mut(self.oldest) {
            *oldest = at;
            self.oldest = (self.oldest + 1) % self.sent.len();
        }
    }
}
