//! Matching against a candle: what reacts to the open, what the range reaches, what arrives inside.
//!
//! The order of a candle is: requests that came before it; resting orders react to the open; requests that count as
//! arriving at the open; the range, stop or limit first as the policy says; requests that arrive inside the candle.

use super::SimVenue;
use super::arrival::Market;
use super::book::{Posture, Request, RequestKind, Resting, Then};
use super::execution::Deal;
use super::path::{Path, Travel};
use super::policy::{IntrabarPolicy, PathOrder, StopInsidePolicy};
use crate::domain::{
    CancelReason, Candle, Certainty, Link, Order, OrderId, OrderKind, Overflow, Price, Quantity, Side, Span,
    TimeInForce, Timestamp, UpdateKind,
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
        self.entered_by_chance.clear();
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
            let (arrive, brings) = (request.arrive, request.brings_an_order());
            if arrive > open_time || (arrive == open_time && brings) {
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
        if self.books[book].orders.is_empty() {
            return;
        }
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
            Posture::Taking { no_better } => {
                let reference = no_better.map_or(open, |close| order.side.worse(close, open));
                self.take(book, index, reference, None, at, Certainty::Certain);
                self.drop_immediate(book, order.id, at);
            }
            Posture::Arriving { .. } => self.meet_open(book, index, bar, at),
            Posture::Resting => {
                let tick = self.instruments[book].filters_at(at).tick;
                self.books[book].orders[index].trail_to(open, tick, at);
                let resting = self.books[book].orders[index];
                let Some(wait) = resting.wait() else { return };
                let gapped = resting.reached_at(open, self.limit_rule(&resting, bar.candle.open_time), tick);
                if !gapped || (self.stop_goes_first(book, &order, &bar.candle)) {
                    return;
                }
                match wait.then {
                    Then::Make => {
                        let price = order.kind.limit().unwrap_or(open);
                        let price = order.gap_price(price, &bar.candle, self.policy.limit_gap);
                        let certainty = self.certainty_after_entry(&order, Certainty::Certain);
                        let certainty = match order.link {
                            Link::Entry { .. } => self.touch_of_entry(&resting, open, tick, certainty),
                            Link::None | Link::Child { .. } | Link::Pair { .. } => {
                                self.touch_certainty(book, &resting, &bar.candle, certainty)
                            }
                        };
                        self.make(book, index, price, at, certainty);
                    }
                    Then::Take => {
                        let price = order.taken_at_open(wait.level, &bar.candle, self.policy.stop_gap);
                        let certainty = self.certainty_after_entry(&order, Certainty::Certain);
                        self.take(book, index, price, None, at, certainty);
                        self.children_after_open(book, &order, bar);
                    }
                    Then::Limit(price) => {
                        self.set_off(book, index, price, at);
                        self.meet_open(book, index, bar, at);
                    }
                }
            }
        }
    }

    /// An order's trigger was reached: from now on it is a limit order.
    pub(super) fn set_off(&mut self, book: usize, index: usize, price: Price, at: Timestamp) {
        let resting = &mut self.books[book].orders[index];
        resting.order.kind = OrderKind::Limit { price };
        let (desk, order) = (resting.order.desk, resting.order.id);
        self.tell(desk, order, at, UpdateKind::Triggered);
    }

    /// Under the stop-first policy a target waits for its stop even where the open has decided for it.
    fn stop_goes_first(&self, book: usize, order: &Order, candle: &Candle) -> bool {
        if self.policy.intrabar != IntrabarPolicy::StopFirst || !order.kind.is_favourable() {
            return false;
        }
        let tick = self.instruments[book].filters_at(candle.open_time).tick;
        let sibling = order.sibling().and_then(|sibling| self.books[book].find(sibling));
        sibling.is_some_and(|index| self.books[book].orders[index].reached_by(candle, self.policy.limit_fill, tick))
    }

    /// Requests that count as arriving at the open, in the order of their arrival.
    fn arrive_at_open(&mut self, book: usize, bar: &Bar) {
        let until = bar.candle.open_time.after(self.policy.open_tolerance);
        while let Some(request) = self.next_request(book, until) {
            let at = request.arrive;
            if let RequestKind::New(order) = request.kind
                && order.kind == OrderKind::Market
            {
                self.take_at_once(book, order, bar.candle.open, at);
                continue;
            }
            for order in self.admit(book, request, Market::At(bar.candle.open), at).into_iter().flatten() {
                let Some(index) = self.books[book].find(order) else { continue };
                let before = self.books[book].orders[index].leaves;
                self.meet_open(book, index, bar, at);
                self.children_meet_open(book, order, before, bar, at);
            }
        }
    }

    /// A new order meets the price at which the candle opened.
    fn meet_open(&mut self, book: usize, index: usize, bar: &Bar, at: Timestamp) {
        let resting = self.books[book].orders[index];
        let (order, open) = (resting.order, bar.candle.open);
        match order.kind {
            OrderKind::Market => self.take(book, index, open, None, at, Certainty::Certain),
            OrderKind::Limit { price } => {
                self.books[book].orders[index].posture = Posture::Resting;
                if order.would_take(open) {
                    self.remove(book, index, at, UpdateKind::Cancelled(CancelReason::WouldTake));
                } else if order.crosses(open) {
                    self.take(book, index, open, Some(price), at, Certainty::Certain);
                }
            }
            OrderKind::StopMarket { .. }
            | OrderKind::StopLimit { .. }
            | OrderKind::TakeProfit { .. }
            | OrderKind::TakeProfitLimit { .. }
            | OrderKind::TrailingStop { .. } => {
                self.books[book].orders[index].posture = Posture::Resting;
                self.react_to_open(book, index, bar, at);
            }
        }
        self.drop_immediate(book, order.id, at);
    }

    /// Children released by a fill at the open are there from that fill on.
    fn children_meet_open(&mut self, book: usize, entry: OrderId, before: Quantity, bar: &Bar, at: Timestamp) {
        if !self.books[book].has_traded_since(entry, before) {
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
        if self.books[book].orders.is_empty() && self.books[book].requests.is_empty() {
            return;
        }
        let mut late = self.late_requests(book, bar);
        let tick = self.instruments[book].filters_at(bar.candle.open_time).tick;
        let mut hits = std::mem::take(&mut self.hits);
        hits.clear();
        for resting in &self.books[book].orders {
            let rule = self.limit_rule(resting, bar.candle.open_time);
            if resting.posture == Posture::Resting && resting.reached_by(&bar.candle, rule, tick) {
                hits.push((self.rank(book, resting, bar), resting.order.id));
            }
        }
        // Of one rank, the order of the book decides: a replaced order has lost its place.
        hits.sort_by_key(|(rank, _)| *rank);
        for (_, order) in &hits {
            self.hit(book, *order, &hits, &mut late, bar);
        }
        self.hits = hits;
        self.count_missed_touches(book, bar);
        self.trail_on(book, bar);
        while !late.is_empty() {
            let request = late.remove(0);
            self.arrive_inside(book, request, &mut late, bar);
            // An order that came late may be over before the candle is.
            let newly = self.late_requests(book, bar);
            for request in newly {
                let place = late.partition_point(|other| other.arrive <= request.arrive);
                late.insert(place, request);
            }
        }
    }

    fn late_requests(&mut self, book: usize, bar: &Bar) -> Vec<Request> {
        let mut late = Vec::new();
        while let Some(request) = self.next_request(book, Timestamp::from_nanos(bar.close_time.nanos() - 1)) {
            late.push(request);
        }
        late
    }

    /// Trailing stops that are left follow the candle: one that trailed from the open on has seen both extremes, one
    /// that began inside has certainly seen the close.
    fn trail_on(&mut self, book: usize, bar: &Bar) {
        let from_open = bar.candle.open_time.after(self.policy.open_tolerance);
        let tick = self.instruments[book].filters_at(bar.candle.open_time).tick;
        for resting in &mut self.books[book].orders {
            let Some(trail) = resting.trail.filter(|_| resting.posture == Posture::Resting) else { continue };
            let seen = match (trail.since <= from_open, resting.order.side) {
                (true, Side::Sell) => bar.candle.high,
                (true, Side::Buy) => bar.candle.low,
                (false, _) => bar.candle.close,
            };
            resting.trail_to(seen, tick, trail.since);
        }
    }

    /// Which orders the policy lets act first: what is worse for the account, what is better, or what the path meets
    /// first.
    fn rank(&self, book: usize, resting: &Resting, bar: &Bar) -> Travel {
        let favourable_first = match self.policy.intrabar {
            IntrabarPolicy::Worst | IntrabarPolicy::Detail | IntrabarPolicy::StopFirst => false,
            IntrabarPolicy::Best => true,
            IntrabarPolicy::Path(order) => {
                return self.act_on_path(book, resting, order, bar, 0).map_or(Travel::MAX, |(travel, _)| travel);
            }
        };
        Travel::from(resting.order.kind.is_favourable() != favourable_first)
    }

    /// When and at which level a resting order acts on the assumed path, from a point of it on.
    pub(super) fn act_on_path(
        &self,
        book: usize,
        resting: &Resting,
        order: PathOrder,
        bar: &Bar,
        from: Travel,
    ) -> Option<(Travel, Price)> {
        let tick = self.instruments[book].filters_at(bar.candle.open_time).tick;
        let path = Path::of(&bar.candle, order, self.wallet.held_in_all(resting.order.instrument));
        let rule = self.limit_rule(resting, bar.candle.open_time);
        path.act(resting, resting.needed(rule, tick), tick, from)
    }

    /// An open order whose level the range reaches.
    fn hit(&mut self, book: usize, id: OrderId, hits: &[(Travel, OrderId)], late: &mut Vec<Request>, bar: &Bar) {
        let Some(index) = self.books[book].find(id) else { return };
        let mut resting = self.books[book].orders[index];
        if resting.posture != Posture::Resting {
            return;
        }
        let order = resting.order;
        let rivals = hits.iter().any(|(_, other)| *other != id && self.rivals(book, &order, *other, hits));
        let mut certainty = if rivals { self.doubt() } else { Certainty::Certain };
        let mut changes = late.iter().enumerate().filter(|(_, request)| request.target() == Some(id));
        let race = changes.find_map(|(place, request)| {
            let Some(trades) = self.waiting_trades(&resting, bar) else { return Some((place, true)) };
            Some((place, self.race(book, &resting, request, trades, bar)?))
        });
        if let Some((place, fill_wins)) = race {
            certainty = self.doubt();
            if !fill_wins {
                let RequestKind::Reduce(..) = late[place].kind else { return };
                // A reduction that comes first leaves the rest to fill.
                let request = late.remove(place);
                let at = request.arrive;
                self.admit(book, request, Market::Inside(bar.candle.close), at);
                resting = self.books[book].orders[index];
            }
        }
        let Some(level) = self.level_inside(book, &resting, bar, 0, &mut certainty) else { return };
        let certainty = self.touch_certainty(book, &resting, &bar.candle, certainty);
        let certainty = self.certainty_after_entry(&order, certainty);
        let before = resting.leaves;
        self.act_inside(book, index, level, bar, certainty);
        if self.books[book].has_traded_since(id, before) {
            self.children_inside(book, &order, bar);
        }
    }

    /// At which level an order that the range reaches acts. A trailing stop that only the candle's own extreme brings
    /// into reach may act anywhere between that and where it ends; under the best policy it acts only if it must. An
    /// assumed path is looked at from a point of it on.
    pub(super) fn level_inside(
        &mut self,
        book: usize,
        resting: &Resting,
        bar: &Bar,
        from: Travel,
        certainty: &mut Certainty,
    ) -> Option<Price> {
        let (wait, side) = (resting.wait()?, resting.order.side);
        let tick = self.instruments[book].filters_at(bar.candle.open_time).tick;
        if resting.trail.is_none() || resting.reached_at(worst_extreme(side, &bar.candle), self.policy.limit_fill, tick)
        {
            return Some(wait.level);
        }
        let moved = resting.moved_by(&bar.candle, tick)?;
        *certainty = self.doubt();
        match self.policy.intrabar {
            IntrabarPolicy::Worst | IntrabarPolicy::Detail | IntrabarPolicy::StopFirst => {
                Some(side.better(wait.level, worst_extreme(side, &bar.candle)))
            }
            IntrabarPolicy::Best => (side.worse(moved, bar.candle.close) == bar.candle.close).then_some(moved),
            IntrabarPolicy::Path(order) => self.act_on_path(book, resting, order, bar, from).map(|(_, level)| level),
        }
    }

    /// An order acts at a level inside the candle. One that becomes a limit order trades in this candle only if that is
    /// certain: when the candle closes through its limit.
    pub(super) fn act_inside(&mut self, book: usize, index: usize, level: Price, bar: &Bar, certainty: Certainty) {
        let resting = self.books[book].orders[index];
        // The market was there when it acted: a level that the candle has left behind is not a price of it.
        let level = match resting.wait().map(|wait| wait.then) {
            Some(Then::Make) | None => level,
            Some(Then::Take | Then::Limit(_)) => {
                self.stop_price(&resting, level, &bar.candle).clamp(bar.candle.low, bar.candle.high)
            }
        };
        match resting.wait().map(|wait| wait.then) {
            Some(Then::Make) => self.make(book, index, level, bar.inside, certainty),
            Some(Then::Take) => self.take(book, index, level, None, bar.inside, certainty),
            Some(Then::Limit(price)) => {
                self.set_off(book, index, price, bar.inside);
                self.limit_after_trigger(book, index, level, bar, certainty);
            }
            None => {}
        }
    }

    fn limit_after_trigger(&mut self, book: usize, index: usize, level: Price, bar: &Bar, certainty: Certainty) {
        let resting = self.books[book].orders[index];
        let Some(price) = resting.order.kind.limit() else { return };
        let tick = self.instruments[book].filters_at(bar.candle.open_time).tick;
        if resting.reached_at(bar.candle.close, self.policy.limit_fill, tick) {
            let reference = resting.order.side.better(price, worst_extreme(resting.order.side, &bar.candle));
            self.take(book, index, reference, Some(price), bar.inside, certainty);
        } else if resting.reached_by(&bar.candle, self.policy.limit_fill, tick) {
            let certainty = self.doubt();
            // On any path without a jump it trades at its trigger.
            let trades = match self.policy.intrabar {
                IntrabarPolicy::Worst | IntrabarPolicy::Detail | IntrabarPolicy::StopFirst => false,
                IntrabarPolicy::Best | IntrabarPolicy::Path(_) => true,
            };
            if trades {
                let reference = resting.order.side.better(level, price);
                self.take(book, index, reference, Some(price), bar.inside, certainty);
            }
        }
    }

    /// The price before slippage at which an order acts inside the candle that would act at `level`.
    pub(super) fn stop_price(&self, resting: &Resting, level: Price, candle: &Candle) -> Price {
        let takes = resting.wait().is_some_and(|wait| wait.then == Then::Take);
        match self.policy.stop_inside {
            StopInsidePolicy::AtExtreme if takes && !resting.order.kind.is_favourable() => {
                worst_extreme(resting.order.side, candle)
            }
            StopInsidePolicy::AtLevel | StopInsidePolicy::AtExtreme => level,
        }
    }

    /// Whether two orders reached in one candle exclude each other: children of one bracket, or exits of one desk.
    fn rivals(&self, book: usize, order: &Order, other: OrderId, hits: &[(Travel, OrderId)]) -> bool {
        if order.sibling() == Some(other) {
            return hits.iter().any(|(_, id)| *id == other);
        }
        let Some(index) = self.books[book].find(other) else { return false };
        let other = &self.books[book].orders[index].order;
        let both_reduce = order.only_reduces() && other.only_reduces();
        both_reduce
            && other.desk == order.desk
            && other.side == order.side
            && order.kind.is_favourable() != other.kind.is_favourable()
    }

    /// Immediate or cancel, fill or kill: what did not fill at arrival goes.
    pub(super) fn drop_immediate(&mut self, book: usize, order: OrderId, at: Timestamp) {
        let Some(index) = self.books[book].find(order) else { return };
        let reason = match self.books[book].orders[index].order.time_in_force {
            TimeInForce::ImmediateOrCancel => CancelReason::ImmediateOrCancel,
            TimeInForce::FillOrKill => CancelReason::FillOrKill,
            TimeInForce::GoodTillCancelled | TimeInForce::GoodTillDate(_) => return,
        };
        self.remove(book, index, at, UpdateKind::Cancelled(reason));
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
        let side = self.books[book].orders[index].order.side;
        let deal = self.taker_deal(book, side, reference, bound, at);
        self.take_deal(book, index, deal.map(|deal| Deal { certainty, ..deal }), at);
    }

    /// Trades as a taker; says how much.
    pub(super) fn take_deal(
        &mut self,
        book: usize,
        index: usize,
        deal: Result<Deal, Overflow>,
        at: Timestamp,
    ) -> Quantity {
        let resting = &mut self.books[book].orders[index];
        if !matches!(resting.order.kind, OrderKind::Limit { .. }) {
            resting.posture = Posture::Taking { no_better: None };
        }
        match deal {
            Ok(deal) => self.execute(book, index, deal),
            Err(Overflow) => {
                self.remove(book, index, at, UpdateKind::Cancelled(CancelReason::Overflow));
                Quantity::ZERO
            }
        }
    }

    /// Trades at the order's own price as the maker that waited.
    pub(super) fn make(&mut self, book: usize, index: usize, price: Price, at: Timestamp, certainty: Certainty) {
        self.execute(book, index, Deal::of_maker(price, certainty, at));
    }
}

/// The end of a candle's range that is worse for an order of `side` that trades at market.
pub(super) fn worst_extreme(side: Side, candle: &Candle) -> Price {
    match side {
        Side::Sell => candle.low,
        Side::Buy => candle.high,
    }
}
