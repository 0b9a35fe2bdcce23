//! Requests reach the venue: orders are checked and opened, cancels and replacements applied.

use super::book::{Posture, Request, RequestKind, Resting};
use super::filters;
use super::{Lock, SimVenue};
use crate::domain::{
    Bracket, CancelReason, Crossing, DeskId, Group, InstrumentKind, Link, Order, OrderId, OrderKind, Overflow, Price,
    Quantity, RejectReason, Side, Terms, TimeInForce, Timestamp, UpdateKind,
};

/// What the market looks like to an order that arrives.
#[derive(Clone, Copy, Debug)]
pub(super) enum Market {
    /// Nothing has traded since the last known price: the order waits for the next price.
    Quiet,
    /// A price is there to trade at now: a candle's open.
    At(Price),
    /// Inside a candle whose path is unknown and which closes at this price.
    Inside(Price),
}

/// The orders that are new, or have new terms, and wait for the caller to match them against what the market shows.
pub(super) type Arrived = [Option<OrderId>; 2];

impl SimVenue {
    /// Takes the requests off the queue that arrive at or before `until`.
    #[inline]
    pub(super) fn next_request(&mut self, book: usize, until: Timestamp) -> Option<Request> {
        let due = self.books[book].requests.front().is_some_and(|request| request.arrive <= until);
        if due { self.books[book].requests.pop_front() } else { None }
    }

    /// Applies one request at its arrival.
    pub(super) fn admit(&mut self, book: usize, request: Request, market: Market, at: Timestamp) -> Arrived {
        match request.kind {
            RequestKind::New(order) => [self.open(book, order, market, at), None],
            RequestKind::Group(group) => match *group {
                Group::Bracket(bracket) => [self.open_bracket(book, &bracket, market, at), None],
                Group::Pair(orders) => self.open_pair(book, orders, market, at),
            },
            RequestKind::Cancel(order) => {
                self.cancel(book, request.desk, order, at);
                [None, None]
            }
            RequestKind::Replace(order, terms) => [self.replace(book, request.desk, order, terms, market, at), None],
            RequestKind::Reduce(order, terms) => {
                self.reduce_order(book, request.desk, order, terms, at);
                [None, None]
            }
            RequestKind::CancelReplace(swap) => [self.cancel_replace(book, &swap, market, at), None],
            RequestKind::Expire(order) => {
                if let Some(index) = self.books[book].find(order) {
                    self.remove(book, index, at, UpdateKind::Expired);
                }
                [None, None]
            }
        }
    }

    pub(super) fn open(&mut self, book: usize, order: Order, market: Market, at: Timestamp) -> Option<OrderId> {
        let mut resting = self.arriving(book, order, market, at);
        let accepted = self.accept(book, &order, market, at).and_then(|()| self.take_lock(book, &mut resting, at));
        match accepted {
            Ok(()) => Some(self.let_in(book, resting, at)),
            Err(reason) => {
                self.tell(order.desk, order.id, at, UpdateKind::Rejected(reason));
                None
            }
        }
    }

    /// Both orders of a pair are taken, or none. The first locks for both: only one of them can fill.
    fn open_pair(&mut self, book: usize, orders: [Order; 2], market: Market, at: Timestamp) -> Arrived {
        let pair = orders.map(|order| self.arriving(book, order, market, at));
        let accepted = orders.iter().map(|order| self.accept(book, order, market, at)).collect::<Vec<_>>();
        let reason = accepted.iter().find_map(|accepted| accepted.err());
        let locked = match reason {
            Some(reason) => Err(reason),
            None => self.lock_for_pair(book, &pair, at),
        };
        match locked {
            Ok(lock) => {
                let [mut first, second] = pair;
                first.lock = lock;
                [Some(self.let_in(book, first, at)), Some(self.let_in(book, second, at))]
            }
            Err(reason) => {
                for (order, accepted) in orders.iter().zip(accepted) {
                    let own = accepted.err().or(reason_of_both(reason)).unwrap_or(RejectReason::PairRefused);
                    self.tell(order.desk, order.id, at, UpdateKind::Rejected(own));
                }
                [None, None]
            }
        }
    }

    fn lock_for_pair(&mut self, book: usize, pair: &[Resting; 2], at: Timestamp) -> Result<Option<Lock>, RejectReason> {
        let mut needs = [None, None];
        for (need, resting) in needs.iter_mut().zip(pair) {
            *need = self.need(book, resting, at).map_err(|Overflow| RejectReason::Overflow)?;
        }
        let Some(lock) = needs.into_iter().flatten().max_by_key(|lock| lock.amount) else { return Ok(None) };
        match self.wallet.lock(lock) {
            Ok(Some(())) => Ok(Some(lock)),
            Ok(None) => Err(RejectReason::InsufficientBalance),
            Err(Overflow) => Err(RejectReason::Overflow),
        }
    }

    /// A new order with its first posture; a trailing stop begins at the price that the market shows.
    fn arriving(&self, book: usize, order: Order, market: Market, at: Timestamp) -> Resting {
        let mut resting = Resting::new(order, order.quantity, self.first_posture(book, &order, market));
        let seen = match market {
            Market::Quiet => self.books[book].last,
            Market::At(price) | Market::Inside(price) => Some(price),
        };
        if let Some(price) = seen {
            resting.trail_to(price, self.instruments[book].filters_at(at).tick, at);
        }
        resting
    }

    /// Puts an accepted order into the book.
    pub(super) fn let_in(&mut self, book: usize, resting: Resting, at: Timestamp) -> OrderId {
        let order = resting.order;
        // A market order that fills as it arrives needs no word of acceptance: its fill is that word.
        if order.kind != OrderKind::Market {
            self.tell(order.desk, order.id, at, UpdateKind::Accepted);
        }
        self.books[book].orders.push(resting);
        if let TimeInForce::GoodTillDate(until) = order.time_in_force {
            self.books[book].queue(Request { arrive: until, desk: order.desk, kind: RequestKind::Expire(order.id) });
        }
        order.id
    }

    fn open_bracket(&mut self, book: usize, bracket: &Bracket, market: Market, at: Timestamp) -> Option<OrderId> {
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
                self.tell(child.desk, child.id, at, UpdateKind::Held);
                self.books[book].orders.push(Resting::new(child, Quantity::ZERO, Posture::Held));
            } else {
                self.tell(child.desk, child.id, at, UpdateKind::Cancelled(CancelReason::EntryGone));
            }
        }
        opened
    }

    fn first_posture(&self, book: usize, order: &Order, market: Market) -> Posture {
        let no_better = self.books[book].quoted(order.side);
        match (order.kind, market) {
            (OrderKind::Market, _) => Posture::Taking { no_better },
            // Its one moment is the first price to come.
            (_, Market::Quiet) if order.time_in_force.is_immediate() => Posture::Arriving { no_better },
            // Before the first price there is nothing to trail.
            (OrderKind::TrailingStop { .. }, Market::Quiet) if self.books[book].last.is_none() => {
                Posture::Arriving { no_better }
            }
            (
                OrderKind::StopMarket { .. }
                | OrderKind::StopLimit { .. }
                | OrderKind::TakeProfit { .. }
                | OrderKind::TakeProfitLimit { .. }
                | OrderKind::TrailingStop { .. },
                _,
            )
            | (OrderKind::Limit { .. }, Market::Inside(_)) => Posture::Resting,
            (OrderKind::Limit { .. }, Market::Quiet) => match self.books[book].met_by(order.side) {
                Some(price) if !order.crosses(price) => Posture::Resting,
                Some(_) | None => Posture::Arriving { no_better },
            },
            (OrderKind::Limit { .. }, Market::At(price)) => {
                if order.crosses(price) {
                    Posture::Arriving { no_better }
                } else {
                    Posture::Resting
                }
            }
        }
    }

    #[inline]
    pub(super) fn accept(
        &mut self,
        book: usize,
        order: &Order,
        market: Market,
        at: Timestamp,
    ) -> Result<(), RejectReason> {
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
        if self.would_take(book, order, market) {
            return Err(RejectReason::WouldTake);
        }
        Ok(())
    }

    /// Whether a post-only order would trade on arrival. Inside a candle only the close is known to come after it.
    fn would_take(&mut self, book: usize, order: &Order, market: Market) -> bool {
        if order.crossing == Crossing::Allowed {
            return false;
        }
        match market {
            Market::Quiet => self.books[book].met_by(order.side).is_some_and(|price| order.would_take(price)),
            Market::At(price) => order.would_take(price),
            Market::Inside(close) => {
                let refused = order.would_take(close);
                if refused {
                    self.doubt();
                }
                refused
            }
        }
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
                    Posture::Resting | Posture::Taking { .. } | Posture::Arriving { .. } => Some(order),
                }
            }
            Err(reason) => {
                self.tell(desk, order, at, UpdateKind::ReplaceRejected(reason));
                None
            }
        }
    }

    pub(super) fn with_terms(
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
        // An order that has been set off already is the limit order that it became.
        new.order.kind = match (old.order.kind, terms.kind.limit()) {
            (OrderKind::Limit { .. }, Some(price)) => OrderKind::Limit { price },
            (_, _) => terms.kind,
        };
        new.order.quantity = terms.quantity;
        new.ahead = None;
        if self.would_take(book, &new.order, market) {
            return Err(RejectReason::WouldTake);
        }
        let instrument = &self.instruments[book];
        if let (OrderKind::TrailingStop { trail: by }, Some(trail)) = (new.order.kind, &mut new.trail) {
            trail.trigger = by.trigger(new.order.side, trail.best, instrument.filters_at(at).tick);
        }
        match old.posture {
            // A child's open quantity follows its entry, not its own terms; only a smaller quantity cuts it.
            Posture::Held | Posture::Asleep => {}
            Posture::Resting | Posture::Arriving { .. } => {
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
        let other = self.release_sibling(book, &new.order);
        let locked = match other {
            Some((_, sibling)) => self.lock_for_pair(book, &[new, sibling], at),
            None => self.take_lock(book, &mut new, at).map(|()| new.lock),
        };
        match locked {
            Ok(lock) => {
                new.lock = lock;
                Ok(new)
            }
            Err(reason) => {
                let lock_again = |venue: &mut Self, lock: Option<Lock>| {
                    let restored = lock.map(|lock| venue.wallet.lock(lock).expect("what was locked fits again"));
                    assert!(restored != Some(None), "what was just given back is free");
                };
                lock_again(self, old.lock);
                if let Some((index, sibling)) = other {
                    lock_again(self, sibling.lock);
                    self.books[book].orders[index].lock = sibling.lock;
                }
                Err(reason)
            }
        }
    }

    /// Gives back what the other order of a pair has locked, and says what it was.
    pub(super) fn release_sibling(&mut self, book: usize, order: &Order) -> Option<(usize, Resting)> {
        let Link::Pair { sibling } = order.link else { return None };
        let index = self.books[book].find(sibling)?;
        let before = self.books[book].orders[index];
        self.unlock(&before);
        self.books[book].orders[index].lock = None;
        Some((index, before))
    }
}

/// What keeps out both orders of a pair alike.
fn reason_of_both(reason: RejectReason) -> Option<RejectReason> {
    matches!(reason, RejectReason::InsufficientBalance | RejectReason::Overflow).then_some(reason)
}
