//! Requests reach the venue: orders are checked and opened, cancels and replacements applied.

use super::SimVenue;
use super::book::{Posture, Request, RequestKind, Resting};
use super::filters;
use crate::domain::{
    Bracket, CancelReason, DeskId, InstrumentKind, Order, OrderId, OrderKind, Overflow, Price, Quantity, RejectReason,
    Side, Terms, TimeInForce, Timestamp, UpdateKind,
};

/// What the market looks like to an order that arrives.
#[derive(Clone, Copy, Debug)]
pub(super) enum Market {
    /// Nothing has traded since the last known price: the order waits for the next price.
    Quiet,
    /// A price is there to trade at now: a candle's open.
    At(Price),
    /// Inside a candle whose path is unknown.
    Inside,
}

impl SimVenue {
    /// Takes the requests off the queue that arrive at or before `until`.
    pub(super) fn next_request(&mut self, book: usize, until: Timestamp) -> Option<Request> {
        let due = self.books[book].requests.front().is_some_and(|request| request.arrive <= until);
        if due { self.books[book].requests.pop_front() } else { None }
    }

    /// Applies one request at its arrival. Returns the order that is new or has new terms, when there is one that waits
    /// for the caller to match it against what the market shows.
    pub(super) fn admit(&mut self, book: usize, request: Request, market: Market, at: Timestamp) -> Option<OrderId> {
        match request.kind {
            RequestKind::New(order) => self.open(book, order, market, at),
            RequestKind::Group(bracket) => self.open_group(book, &bracket, market, at),
            RequestKind::Cancel(order) => {
                self.cancel(book, request.desk, order, at);
                None
            }
            RequestKind::Replace(order, terms) => self.replace(book, request.desk, order, terms, market, at),
            RequestKind::Expire(order) => {
                if let Some(index) = self.books[book].find(order) {
                    self.remove(book, index, at, UpdateKind::Expired);
                }
                None
            }
        }
    }

    fn open(&mut self, book: usize, order: Order, market: Market, at: Timestamp) -> Option<OrderId> {
        let posture = self.first_posture(book, &order, market);
        let mut resting = Resting { order, leaves: order.quantity, filled: Quantity::ZERO, posture, lock: None };
        if let Err(reason) = self.accept(book, &mut resting, at) {
            self.tell(order.desk, order.id, at, UpdateKind::Rejected(reason));
            return None;
        }
        // A market order that fills as it arrives needs no word of acceptance: its fill is that word.
        if order.kind != OrderKind::Market {
            self.tell(order.desk, order.id, at, UpdateKind::Accepted);
        }
        self.books[book].orders.push(resting);
        if let TimeInForce::GoodTillDate(until) = order.time_in_force {
            self.books[book].queue(Request { arrive: until, desk: order.desk, kind: RequestKind::Expire(order.id) });
        }
        Some(order.id)
    }

    fn open_group(&mut self, book: usize, bracket: &Bracket, market: Market, at: Timestamp) -> Option<OrderId> {
        let children = [bracket.stop, bracket.target];
        let reason = children.iter().flatten().find_map(|child| {
            let rules = self.instruments[book].filters_at(at);
            filters::check(&self.instruments[book], rules, child.kind, child.quantity, self.books[book].last).err()
        });
        let opened = match reason {
            Some(reason) => {
                self.tell(bracket.entry.desk, bracket.entry.id, at, UpdateKind::Rejected(reason));
                None
            }
            None => self.open(book, bracket.entry, market, at),
        };
        for child in children.into_iter().flatten() {
            if opened.is_some() {
                let (leaves, filled, posture) = (Quantity::ZERO, Quantity::ZERO, Posture::Held);
                self.tell(child.desk, child.id, at, UpdateKind::Held);
                self.books[book].orders.push(Resting { order: child, leaves, filled, posture, lock: None });
            } else {
                self.tell(child.desk, child.id, at, UpdateKind::Cancelled(CancelReason::EntryGone));
            }
        }
        opened
    }

    fn first_posture(&self, book: usize, order: &Order, market: Market) -> Posture {
        match (order.kind, market) {
            (OrderKind::Market, _) => Posture::Taking { late_close: None },
            // Its one moment is the first price to come.
            (OrderKind::Limit { .. } | OrderKind::StopMarket { .. }, Market::Quiet)
                if order.time_in_force == TimeInForce::ImmediateOrCancel =>
            {
                Posture::Arriving
            }
            (OrderKind::StopMarket { .. }, _) | (OrderKind::Limit { .. }, Market::Inside) => Posture::Resting,
            (OrderKind::Limit { .. }, Market::Quiet) => match self.books[book].last {
                Some(last) if !order.crosses(last) => Posture::Resting,
                Some(_) | None => Posture::Arriving,
            },
            (OrderKind::Limit { .. }, Market::At(price)) => {
                if order.crosses(price) {
                    Posture::Arriving
                } else {
                    Posture::Resting
                }
            }
        }
    }

    fn accept(&mut self, book: usize, resting: &mut Resting, at: Timestamp) -> Result<(), RejectReason> {
        let order = &resting.order;
        if let TimeInForce::GoodTillDate(until) = order.time_in_force
            && until <= at
        {
            return Err(RejectReason::AlreadyExpired);
        }
        let instrument = &self.instruments[book];
        let rules = instrument.filters_at(at);
        filters::check(instrument, rules, order.kind, order.quantity, self.books[book].last)?;
        if let Some(maximum) = rules.maximum_open_orders
            && self.books[book].orders.len() >= maximum as usize
        {
            return Err(RejectReason::MaximumOpenOrders);
        }
        if order.only_reduces() {
            let held = order.side.opposite().signed(self.wallet.held(order.desk, order.instrument));
            if held.units() <= 0 {
                return Err(RejectReason::ReduceOnly);
            }
        } else if order.kind == OrderKind::Market && order.side == Side::Sell && instrument.kind == InstrumentKind::Spot
        {
            // A market sell locks nothing, but what is not there cannot be sold.
            if self.wallet.free(instrument.base) < instrument.base_amount(order.quantity) {
                return Err(RejectReason::InsufficientBalance);
            }
        }
        self.take_lock(book, resting, at)
    }

    fn take_lock(&mut self, book: usize, resting: &mut Resting, at: Timestamp) -> Result<(), RejectReason> {
        let need = self.need(book, resting, at).map_err(|Overflow| RejectReason::Overflow)?;
        let Some(lock) = need else { return Ok(()) };
        match self.wallet.lock(lock) {
            Ok(Some(())) => {
                resting.lock = Some(lock);
                Ok(())
            }
            Ok(None) => Err(RejectReason::InsufficientBalance),
            Err(Overflow) => Err(RejectReason::Overflow),
        }
    }

    pub(super) fn cancel(&mut self, book: usize, desk: DeskId, order: OrderId, at: Timestamp) {
        match self.books[book].find(order) {
            Some(index) => self.remove(book, index, at, UpdateKind::Cancelled(CancelReason::Requested)),
            None => self.tell(desk, order, at, UpdateKind::CancelRejected),
        }
    }

    /// Gives an open order new terms; it loses its place in the queue, as an exchange's cancel-replace does.
    pub(super) fn replace(
        &mut self,
        book: usize,
        desk: DeskId,
        order: OrderId,
        terms: Terms,
        market: Market,
        at: Timestamp,
    ) -> Option<OrderId> {
        let Some(index) = self.books[book].find(order) else {
            self.tell(desk, order, at, UpdateKind::ReplaceRejected(RejectReason::UnknownOrder));
            return None;
        };
        let old = self.books[book].orders[index];
        match self.with_terms(book, old, terms, market, at) {
            Ok(new) => {
                self.books[book].orders.remove(index);
                self.books[book].orders.push(new);
                self.tell(desk, order, at, UpdateKind::Replaced(terms));
                match new.posture {
                    Posture::Held | Posture::Asleep => None,
                    Posture::Resting | Posture::Taking { .. } | Posture::Arriving => Some(order),
                }
            }
            Err(reason) => {
                self.tell(desk, order, at, UpdateKind::ReplaceRejected(reason));
                None
            }
        }
    }

    fn with_terms(
        &mut self,
        book: usize,
        old: Resting,
        terms: Terms,
        market: Market,
        at: Timestamp,
    ) -> Result<Resting, RejectReason> {
        let instrument = &self.instruments[book];
        let rules = instrument.filters_at(at);
        filters::check(instrument, rules, terms.kind, terms.quantity, self.books[book].last)?;
        let change = terms.quantity.units() - old.order.quantity.units();
        let mut new = old;
        new.order.kind = terms.kind;
        new.order.quantity = terms.quantity;
        match old.posture {
            // A child's open quantity follows its entry, not its own terms; only a smaller quantity cuts it.
            Posture::Held | Posture::Asleep => {}
            Posture::Resting | Posture::Arriving => {
                let leaves = if old.order.is_child() {
                    old.leaves.units().min(terms.quantity.units() - old.filled.units())
                } else {
                    old.leaves.units() + change
                };
                if leaves <= 0 {
                    return Err(RejectReason::LotSize);
                }
                new.leaves = Quantity::from_units(leaves);
                new.posture = self.first_posture(book, &new.order, market);
            }
            // It is being filled at market: there is nothing left to replace.
            Posture::Taking { .. } => return Err(RejectReason::UnknownOrder),
        }
        self.unlock(&old);
        new.lock = None;
        if let Err(reason) = self.take_lock(book, &mut new, at) {
            if let Some(lock) = old.lock {
                let restored = self.wallet.lock(lock).expect("what was locked fits again");
                restored.expect("what was just given back is free");
            }
            return Err(reason);
        }
        Ok(new)
    }
}
