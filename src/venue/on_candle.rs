//! Matching against a candle: what reacts to the open, what the range reaches, what arrives inside.
//!
//! The order of a candle is: requests that came before it; resting orders react to the open; requests that count as
//! arriving at the open; the range, stop or limit first as the policy says; requests that arrive inside the candle.

use super::SimVenue;
use super::arrival::Market;
use super::book::{Posture, Request, RequestKind};
use super::policy::IntrabarPolicy;
use crate::domain::{
    CancelReason, Candle, Certainty, Link, Liquidity, Order, OrderId, OrderKind, Overflow, Price, Quantity, Span,
    Terms, TimeInForce, Timestamp, UpdateKind,
};

/// The candle at hand, with the times that orders inside it are stamped with.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bar {
    pub candle: Candle,
    pub close_time: Timestamp,
    /// What happened somewhere inside is stamped just before the close: by then it has certainly happened.
    pub inside: Timestamp,
}

impl SimVenue {
    pub(super) fn match_candle(&mut self, book: usize, candle: &Candle, close_time: Timestamp) {
        if candle.volume.units() <= 0 {
            // Nothing traded, so nothing fills; but what came in the meantime has come.
            while let Some(request) = self.next_request(book, Timestamp::from_nanos(close_time.nanos() - 1)) {
                let at = request.arrive;
                self.admit(book, request, Market::Quiet, at);
            }
            self.books[book].last = Some(candle.close);
            return;
        }
        let bar = Bar { candle: *candle, close_time, inside: close_time.before(Span::from_millis(1)) };
        self.refill_budget(book, candle);
        self.wake_sleepers(book);
        self.before_open(book, &bar);
        self.at_open(book, &bar);
        self.books[book].last = Some(candle.open);
        self.arrive_at_open(book, &bar);
        self.inside(book, &bar);
        self.books[book].last = Some(candle.close);
    }

    fn refill_budget(&mut self, book: usize, candle: &Candle) {
        let lot = self.instruments[book].filters_at(candle.open_time).lot;
        self.books[book].budget = match self.policy.participation {
            Some(rate) => candle.volume.share(rate).unwrap_or(Quantity::ZERO).floor_to(lot),
            None => Quantity::MAX,
        };
    }

    fn wake_sleepers(&mut self, book: usize) {
        for resting in &mut self.books[book].orders {
            if resting.posture == Posture::Asleep {
                resting.posture = Posture::Resting;
            }
        }
    }

    /// What arrived while nothing traded, and cancels that arrive with the open itself.
    fn before_open(&mut self, book: usize, bar: &Bar) {
        let open_time = bar.candle.open_time;
        while let Some(request) = self.books[book].requests.front() {
            let (arrive, changes) = (request.arrive, request.target().is_some());
            if arrive > open_time || (arrive == open_time && !changes) {
                break;
            }
            let request = self.books[book].requests.pop_front().expect("it was just seen");
            self.admit(book, request, Market::Quiet, arrive);
        }
        while let Some(request) = self.books[book].take_change_at(open_time) {
            self.admit(book, request, Market::Quiet, open_time);
        }
    }

    /// Orders that were there before react to the first price.
    fn at_open(&mut self, book: usize, bar: &Bar) {
        // A fill may take others of its group away, so the orders are gone through by number.
        let mut there = std::mem::take(&mut self.hits);
        there.clear();
        there.extend(self.books[book].orders.iter().map(|resting| (0, resting.order.id)));
        for (_, order) in &there {
            let Some(index) = self.books[book].find(*order) else { continue };
            let before = self.books[book].orders[index];
            self.react_to_open(book, index, bar, bar.candle.open_time);
            if matches!(before.order.link, Link::Entry { .. }) {
                // A replaced entry stands behind its children: they have not met this open yet.
                self.children_meet_open(book, *order, before.leaves, bar, bar.candle.open_time);
            }
        }
        self.hits = there;
    }

    /// One open order meets the candle's first price.
    pub(super) fn react_to_open(&mut self, book: usize, index: usize, bar: &Bar, at: Timestamp) {
        let resting = self.books[book].orders[index];
        let (order, open) = (resting.order, bar.candle.open);
        match resting.posture {
            Posture::Held | Posture::Asleep => {}
            Posture::Taking { late_close } => {
                let reference = late_close.map_or(open, |close| order.side.worse(close, open));
                self.take(book, index, reference, None, at, Certainty::Certain);
                self.drop_immediate(book, order.id, at);
            }
            Posture::Arriving => self.meet_open(book, index, bar, at),
            Posture::Resting => {
                let tick = self.instruments[book].filters_at(at).tick;
                let gapped = order.reached_at(open, self.policy.limit_fill, tick);
                if !gapped || (self.stop_goes_first(book, &order, &bar.candle)) {
                    return;
                }
                match order.kind {
                    OrderKind::Limit { price } => {
                        let price = order.gap_price(price, open, self.policy.limit_gap);
                        self.make(book, index, price, at, Certainty::Certain);
                    }
                    OrderKind::StopMarket { .. } | OrderKind::Market => {
                        self.take(book, index, open, None, at, Certainty::Certain);
                        self.children_after_open(book, &order, bar);
                    }
                }
            }
        }
    }

    /// Under the stop-first policy a target waits for its stop even where the open has decided for it.
    fn stop_goes_first(&self, book: usize, order: &Order, candle: &Candle) -> bool {
        if self.policy.intrabar != IntrabarPolicy::StopFirst || !matches!(order.kind, OrderKind::Limit { .. }) {
            return false;
        }
        let tick = self.instruments[book].filters_at(candle.open_time).tick;
        let sibling = order.sibling().and_then(|sibling| self.books[book].find(sibling));
        sibling
            .is_some_and(|index| self.books[book].orders[index].order.reached_by(candle, self.policy.limit_fill, tick))
    }

    /// Requests that count as arriving at the open, in the order of their arrival.
    fn arrive_at_open(&mut self, book: usize, bar: &Bar) {
        let until = bar.candle.open_time.after(self.policy.open_tolerance);
        while let Some(request) = self.next_request(book, until) {
            let at = request.arrive;
            let Some(order) = self.admit(book, request, Market::At(bar.candle.open), at) else { continue };
            let Some(index) = self.books[book].find(order) else { continue };
            let before = self.books[book].orders[index].leaves;
            self.meet_open(book, index, bar, at);
            self.children_meet_open(book, order, before, bar, at);
        }
    }

    /// A new order meets the price at which the candle opened.
    fn meet_open(&mut self, book: usize, index: usize, bar: &Bar, at: Timestamp) {
        let resting = self.books[book].orders[index];
        let (order, open) = (resting.order, bar.candle.open);
        match order.kind {
            OrderKind::Market => self.take(book, index, open, None, at, Certainty::Certain),
            OrderKind::StopMarket { trigger } => {
                if order.reached_at(open, self.policy.limit_fill, Price::ZERO) {
                    self.take(book, index, order.side.worse(trigger, open), None, at, Certainty::Certain);
                    self.children_after_open(book, &order, bar);
                }
            }
            OrderKind::Limit { price } => {
                if order.crosses(open) {
                    self.books[book].orders[index].posture = Posture::Resting;
                    self.take(book, index, open, Some(price), at, Certainty::Certain);
                } else {
                    self.books[book].orders[index].posture = Posture::Resting;
                }
            }
        }
        self.drop_immediate(book, order.id, at);
    }

    /// Children released by a fill at the open are there from that fill on.
    fn children_meet_open(&mut self, book: usize, entry: OrderId, before: Quantity, bar: &Bar, at: Timestamp) {
        let filled = self.books[book].find(entry).is_none_or(|at| self.books[book].orders[at].leaves != before);
        if !filled {
            return;
        }
        // The stop has the number after its entry's, the target the one after.
        for child in [OrderId(entry.0 + 1), OrderId(entry.0 + 2)] {
            let Some(index) = self.books[book].find(child) else { continue };
            if self.books[book].orders[index].order.is_child_of(entry) {
                self.react_to_open(book, index, bar, at);
            }
        }
    }

    /// The range between the open and the close.
    fn inside(&mut self, book: usize, bar: &Bar) {
        let late = self.late_requests(book, bar);
        let tick = self.instruments[book].filters_at(bar.candle.open_time).tick;
        let mut hits = std::mem::take(&mut self.hits);
        hits.clear();
        for resting in &self.books[book].orders {
            if resting.posture == Posture::Resting
                && resting.order.reached_by(&bar.candle, self.policy.limit_fill, tick)
            {
                hits.push((self.rank(resting.order.kind), resting.order.id));
            }
        }
        hits.sort_unstable();
        for (_, order) in &hits {
            self.hit(book, *order, &hits, &late, bar);
        }
        self.hits = hits;
        for request in late {
            self.arrive_inside(book, request, bar);
        }
    }

    fn late_requests(&mut self, book: usize, bar: &Bar) -> Vec<Request> {
        let mut late = Vec::new();
        while let Some(request) = self.next_request(book, Timestamp::from_nanos(bar.close_time.nanos() - 1)) {
            late.push(request);
        }
        late
    }

    /// Which kind of order the policy lets act first: what is worse for the account, or what is better.
    fn rank(&self, kind: OrderKind) -> u8 {
        let limit_first = match self.policy.intrabar {
            IntrabarPolicy::Worst | IntrabarPolicy::StopFirst => false,
            IntrabarPolicy::Best => true,
        };
        u8::from(matches!(kind, OrderKind::Limit { .. }) != limit_first)
    }

    /// An open order whose level the range reaches.
    fn hit(&mut self, book: usize, id: OrderId, hits: &[(u8, OrderId)], late: &[Request], bar: &Bar) {
        let Some(index) = self.books[book].find(id) else { return };
        let resting = self.books[book].orders[index];
        if resting.posture != Posture::Resting {
            return;
        }
        let order = resting.order;
        let rivals = hits.iter().any(|(_, other)| *other != id && self.rivals(book, &order, *other, hits));
        let mut certainty = if rivals { self.doubt() } else { Certainty::Certain };
        if let Some(request) = late.iter().find(|request| request.target() == Some(id)) {
            certainty = self.doubt();
            if !self.fill_wins_race(book, &order, resting.leaves, request, bar) {
                return;
            }
        }
        let before = resting.leaves;
        match order.kind {
            OrderKind::Limit { price } => self.make(book, index, price, bar.inside, certainty),
            OrderKind::StopMarket { trigger } => self.take(book, index, trigger, None, bar.inside, certainty),
            OrderKind::Market => {}
        }
        let filled = self.books[book].find(id).is_none_or(|at| self.books[book].orders[at].leaves != before);
        if filled {
            self.children_inside(book, &order, bar);
        }
    }

    /// Whether two orders reached in one candle exclude each other: children of one bracket, or exits of one desk.
    fn rivals(&self, book: usize, order: &Order, other: OrderId, hits: &[(u8, OrderId)]) -> bool {
        if order.sibling() == Some(other) {
            return hits.iter().any(|(_, id)| *id == other);
        }
        let Some(index) = self.books[book].find(other) else { return false };
        let other = &self.books[book].orders[index].order;
        let both_reduce = order.only_reduces() && other.only_reduces();
        both_reduce && other.desk == order.desk && other.side == order.side && order.kind.name() != other.kind.name()
    }

    /// A cancel, replacement or expiry arrives inside a candle that reaches the order: the outcome that leaves the
    /// lower equity at the close happens (the higher one under the best policy).
    fn fill_wins_race(&self, book: usize, order: &Order, leaves: Quantity, request: &Request, bar: &Bar) -> bool {
        let close = bar.candle.close;
        let Some(level) = order.kind.stated_price() else { return true };
        let fill = self.gain(book, order, level, leaves, close, bar);
        let otherwise = match &request.kind {
            RequestKind::Replace(_, terms) => self.gain_of_terms(book, order, terms, bar),
            RequestKind::New(_) | RequestKind::Group(_) | RequestKind::Cancel(_) | RequestKind::Expire(_) => Ok(0),
        };
        // What cannot be valued is decided for the fill: it is then refused as an overflow where it is booked.
        let (Ok(fill), Ok(otherwise)) = (fill, otherwise) else { return true };
        match self.policy.intrabar {
            IntrabarPolicy::Worst | IntrabarPolicy::StopFirst => fill < otherwise,
            IntrabarPolicy::Best => fill > otherwise,
        }
    }

    /// What a fill at `level` has gained by the close, costs included.
    fn gain(
        &self,
        book: usize,
        order: &Order,
        level: Price,
        quantity: Quantity,
        close: Price,
        bar: &Bar,
    ) -> Result<i128, Overflow> {
        let instrument = &self.instruments[book];
        let fees = instrument.fees_at(bar.inside);
        let (price, rate) = match order.kind {
            OrderKind::Limit { .. } => (level, fees.maker),
            OrderKind::StopMarket { .. } | OrderKind::Market => {
                (self.taker_deal(book, order.side, level, None, bar.inside)?.price, fees.taker)
            }
        };
        let notional = instrument.notional(price, quantity)?;
        let worth = instrument.notional(close, quantity)?;
        let fee = notional.fee(rate, self.increment(instrument.quote), fees.rounding)?;
        let gross = worth.minus(notional)?.units() * i128::from(order.side.sign());
        Ok(gross - fee.units())
    }

    /// What the order would have gained by the close under its new terms, had they arrived in time.
    fn gain_of_terms(&self, book: usize, order: &Order, terms: &Terms, bar: &Bar) -> Result<i128, Overflow> {
        let renewed = Order { kind: terms.kind, quantity: terms.quantity, ..*order };
        match self.price_inside(book, &renewed, bar) {
            Some(price) => self.gain(book, &renewed, price, terms.quantity, bar.candle.close, bar),
            None => Ok(0),
        }
    }

    /// The price at which an order that arrives inside the candle trades in it, if it does.
    fn price_inside(&self, book: usize, order: &Order, bar: &Bar) -> Option<Price> {
        let tick = self.instruments[book].filters_at(bar.candle.open_time).tick;
        match order.kind {
            OrderKind::Market => None,
            OrderKind::Limit { price } => {
                order.reached_at(bar.candle.close, self.policy.limit_fill, tick).then_some(price)
            }
            OrderKind::StopMarket { trigger } => order
                .reached_by(&bar.candle, self.policy.limit_fill, tick)
                .then(|| order.side.worse(trigger, bar.candle.close)),
        }
    }

    /// A request that arrives later inside the candle than the tolerance allows: it can only be hurt by it.
    fn arrive_inside(&mut self, book: usize, request: Request, bar: &Bar) {
        let at = request.arrive;
        let opened = self.admit(book, request, Market::Inside, at);
        let Some(index) = opened.and_then(|order| self.books[book].find(order)) else { return };
        let resting = self.books[book].orders[index];
        let order = resting.order;
        match (resting.posture, self.price_inside(book, &order, bar)) {
            (Posture::Taking { .. }, _) => {
                self.books[book].orders[index].posture = Posture::Taking { late_close: Some(bar.candle.close) };
                // Immediate or cancel: its one moment is the next open.
                return;
            }
            (Posture::Resting, Some(price)) => {
                let certainty = match order.kind {
                    OrderKind::Limit { .. } => Certainty::Certain,
                    OrderKind::StopMarket { .. } | OrderKind::Market => self.doubt(),
                };
                let bound = matches!(order.kind, OrderKind::Limit { .. }).then_some(price);
                self.take(book, index, price, bound, at, certainty);
                let filled = self.books[book]
                    .find(order.id)
                    .is_none_or(|at| self.books[book].orders[at].leaves != resting.leaves);
                if filled {
                    self.stop_after_late_entry(book, &order, bar);
                }
            }
            (Posture::Resting | Posture::Held | Posture::Asleep | Posture::Arriving, _) => {}
        }
        self.drop_immediate(book, order.id, at);
    }

    /// Immediate or cancel: what did not fill at arrival goes.
    fn drop_immediate(&mut self, book: usize, order: OrderId, at: Timestamp) {
        let Some(index) = self.books[book].find(order) else { return };
        if self.books[book].orders[index].order.time_in_force == TimeInForce::ImmediateOrCancel {
            self.remove(book, index, at, UpdateKind::Cancelled(CancelReason::ImmediateOrCancel));
        }
    }

    /// Trades as a taker at `reference` and slippage; what volume does not cover goes on at market.
    pub(super) fn take(
        &mut self,
        book: usize,
        index: usize,
        reference: Price,
        bound: Option<Price>,
        at: Timestamp,
        certainty: Certainty,
    ) {
        let order = self.books[book].orders[index].order;
        if !matches!(order.kind, OrderKind::Limit { .. }) {
            self.books[book].orders[index].posture = Posture::Taking { late_close: None };
        }
        match self.taker_deal(book, order.side, reference, bound, at) {
            Ok(mut deal) => {
                deal.certainty = certainty;
                self.execute(book, index, deal);
            }
            Err(Overflow) => self.remove(book, index, at, UpdateKind::Cancelled(CancelReason::Overflow)),
        }
    }

    /// Trades at the order's own price as the maker that waited.
    pub(super) fn make(&mut self, book: usize, index: usize, price: Price, at: Timestamp, certainty: Certainty) {
        let deal = super::execution::Deal { price, reference: price, liquidity: Liquidity::Maker, certainty, at };
        self.execute(book, index, deal);
    }
}
