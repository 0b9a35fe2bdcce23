//! The twin meets candles and trades, one step of the rules after the other.

use super::arrival::Scene;
use super::seen::*;
use super::{Ask, Request, Twin};
use tapeline::domain::*;
use tapeline::venue::{IntrabarPolicy, LimitGapPolicy, LimitPolicy, Policy};

/// A candle with the instants that matter.
#[derive(Clone, Copy)]
pub struct Bar {
    pub candle: Candle,
    /// The stamp of what happened somewhere inside.
    pub inside: Timestamp,
}

impl Twin {
    /// A candle closed.
    pub fn candle(&mut self, candle: &Candle, close: Timestamp) {
        let bar = Bar { candle: *candle, inside: close.before(Span::from_millis(1)) };
        if candle.volume.is_zero() {
            self.rule("candle without volume");
            while let Some(request) = self.next_before(close) {
                self.come(&request, Scene::Nothing);
            }
            self.last = Some(candle.close);
            return;
        }
        self.entered_by_chance.clear();
        self.budget = self.policy.participation.map(|rate| {
            let share = i128::from(candle.volume.units()) * i128::from(rate.units()) / 100_000_000;
            share - share % self.lot
        });
        while let Some(index) = self.first_before_open(candle.open_time) {
            match self.requests[index].ask {
                Ask::Swap(swap) if self.requests[index].arrive == candle.open_time => {
                    // The new order comes in its turn.
                    self.rule("cancel-replace at the open");
                    self.requests[index].ask = Ask::One(swap.order);
                    let (arrive, desk) = (self.requests[index].arrive, swap.target.desk);
                    self.come(&Request { arrive, desk, ask: Ask::Cancel(swap.target.order) }, Scene::Nothing);
                }
                _ => {
                    let request = self.requests.remove(index);
                    self.come(&request, Scene::Nothing);
                }
            }
        }
        for id in self.ids() {
            self.meet_open_with_children(id, &bar, candle.open_time, false);
        }
        self.last = Some(candle.open);
        let tolerated = candle.open_time.after(self.policy.open_tolerance);
        while let Some(request) = self.next_before(tolerated.after(Span::from_nanos(1))) {
            for id in self.come(&request, Scene::Open(candle.open)) {
                self.meet_open_with_children(id, &bar, request.arrive, true);
            }
        }
        let mut late: Vec<Request> = std::iter::from_fn(|| self.next_before(close)).collect();
        let mut reached: Vec<Placed> = self.orders.clone();
        reached.retain(|placed| placed.stand == Stand::Waits && self.within(placed, candle));
        let stops_first = self.policy.intrabar != IntrabarPolicy::Best;
        // What is against the account first, or last under the best policy; those alike by their places.
        reached.sort_by_key(|placed| placed.order.kind.is_favourable() == stops_first);
        for placed in &reached {
            self.strike(placed.order.id, &reached, &mut late, &bar);
        }
        self.trails_follow(&bar);
        while !late.is_empty() {
            let request = late.remove(0);
            self.come_late(&request, &mut late, &bar);
            // An order that came late may expire within the candle.
            while let Some(newly) = self.next_before(close) {
                self.rule("a late order expires in its candle");
                late.push(newly);
                late.sort_by_key(|request| request.arrive);
            }
        }
        self.last = Some(candle.close);
    }

    pub fn ids(&self) -> Vec<OrderId> {
        self.orders.iter().map(|placed| placed.order.id).collect()
    }

    pub fn within(&self, placed: &Placed, candle: &Candle) -> bool {
        placed.within(&Seen::of(placed.side(), candle), &self.drawn(placed, candle.open_time), self.tick)
    }

    /// The policy as chance has it for this order at this instant.
    pub fn drawn(&self, placed: &Placed, at: Timestamp) -> Policy {
        let LimitPolicy::TouchByChance { probability, seed } = self.policy.limit_fill else { return self.policy };
        let words = [u64::from(placed.order.instrument.0), u64::from(placed.order.id.0), at.nanos() as u64];
        let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        let hash = xxhash_rust::xxh3::xxh3_64_with_seed(&bytes, seed);
        let touches = (u128::from(hash) * 100_000_000) >> 64 < probability.units() as u128;
        Policy { limit_fill: if touches { LimitPolicy::Touch } else { LimitPolicy::Through }, ..self.policy }
    }

    /// Whether the cheapest price comes to a waiting limit order's price and no further, and chance decides.
    pub fn is_chance(&self, placed: &Placed, cheapest: Cost) -> bool {
        let by_chance = matches!(self.policy.limit_fill, LimitPolicy::TouchByChance { .. });
        let OrderKind::Limit { price } = placed.order.kind else { return false };
        let level = cost(placed.side(), price);
        by_chance && cheapest <= level && cheapest > level - self.tick
    }

    pub fn touched(&mut self, placed: &Placed, bar: &Bar, certainty: Certainty) -> Certainty {
        if !self.is_chance(placed, Seen::of(placed.side(), &bar.candle).cheap) {
            return certainty;
        }
        self.rule("a touch fills by chance");
        Certainty::Ambiguous
    }

    /// A child of an entry that chance let in at this candle's open is no more certain than that.
    pub fn after_entry(&mut self, order: &Order, certainty: Certainty) -> Certainty {
        match order.link {
            Link::Child { entry, .. } if self.entered_by_chance.contains(&entry) => {
                self.rule("a child after an entry by chance");
                Certainty::Ambiguous
            }
            _ => certainty,
        }
    }

    /// Of the requests, the first that comes before the open: by time, or because it arrives with the open and changes
    /// an order that is there, rather than one sent before it that has yet to come.
    fn first_before_open(&self, open_time: Timestamp) -> Option<usize> {
        let mut yet_to_come = false;
        for (index, request) in self.requests.iter().enumerate() {
            if request.arrive > open_time {
                return None;
            }
            match request.ask.changes() {
                Some(id) if request.arrive == open_time && matches!(request.ask, Ask::Swap(_)) => {
                    if self.find(id).is_some() {
                        return Some(index);
                    }
                    yet_to_come = true;
                }
                _ if request.arrive < open_time => return Some(index),
                Some(id) if !yet_to_come || self.find(id).is_some() => return Some(index),
                Some(_) => {}
                None => yet_to_come = true,
            }
        }
        None
    }

    /// An order meets the open; what its fill releases meets it too.
    fn meet_open_with_children(&mut self, id: OrderId, bar: &Bar, at: Timestamp, comes: bool) {
        let Some(index) = self.find(id) else { return };
        let link = self.orders[index].order.link;
        let traded = if comes { self.come_to_open(id, bar, at) } else { self.meet_open(id, bar, at) };
        let Link::Entry { stop, target } = link else { return };
        if traded {
            for child in [stop, target].into_iter().flatten() {
                self.meet_open(child, bar, at);
            }
        }
    }

    /// An order that is there meets the open.
    fn meet_open(&mut self, id: OrderId, bar: &Bar, at: Timestamp) -> bool {
        let Some(index) = self.find(id) else { return false };
        let side = self.orders[index].side();
        let open = cost(side, bar.candle.open);
        match self.orders[index].stand {
            Stand::Held => false,
            Stand::Unmet => self.come_to_open(id, bar, at),
            Stand::AtMarket { late } => {
                self.rule(if late.is_some() { "market order of the last candle" } else { "market at the open" });
                let reference = late.map_or(open, |late| late.max(open));
                let traded = self.take(id, reference, None, at, Certainty::Certain);
                self.drop_if_immediate(id, at);
                traded
            }
            Stand::Waits => {
                self.orders[index].learn(open, self.tick, at);
                let placed = self.orders[index];
                if !placed.reached(open, &self.drawn(&placed, bar.candle.open_time), self.tick) {
                    return false;
                }
                match placed.order.kind {
                    OrderKind::Limit { .. } => {
                        self.rule("limit passed by the open");
                        let own = placed.level().unwrap();
                        let paid = match self.policy.limit_gap {
                            LimitGapPolicy::AtLimit => own,
                            LimitGapPolicy::AtOpen => own.min(open),
                            LimitGapPolicy::IntoCandle => unreachable!("the twin has no profiles"),
                        };
                        let certainty = if matches!(placed.order.link, Link::Entry { .. }) {
                            if self.is_chance(&placed, open) {
                                self.rule("an entry touched by chance at the open");
                                self.entered_by_chance.push(id);
                                Certainty::Ambiguous
                            } else {
                                Certainty::Certain
                            }
                        } else {
                            self.touched(&placed, bar, Certainty::Certain)
                        };
                        let certainty = self.after_entry(&placed.order, certainty);
                        self.make(id, paid, at, certainty)
                    }
                    OrderKind::StopLimit { price, .. } | OrderKind::TakeProfitLimit { price, .. } => {
                        self.rule("triggered at the open");
                        self.becomes_limit(id, price, at);
                        self.come_to_open(id, bar, at)
                    }
                    _ => {
                        self.rule("stop at the open");
                        let certainty = self.after_entry(&placed.order, Certainty::Certain);
                        self.take(id, open, None, at, certainty)
                    }
                }
            }
        }
    }

    /// A stop-limit or take-profit-limit has gone off.
    pub fn becomes_limit(&mut self, id: OrderId, price: Price, at: Timestamp) {
        let index = self.find(id).unwrap();
        self.orders[index].order.kind = OrderKind::Limit { price };
        let order = self.orders[index].order;
        self.tell(&order, at, UpdateKind::Triggered);
    }

    /// An order has just come, or has just become a limit order, and meets the open.
    fn come_to_open(&mut self, id: OrderId, bar: &Bar, at: Timestamp) -> bool {
        let index = self.find(id).unwrap();
        let placed = self.orders[index];
        let open = cost(placed.side(), bar.candle.open);
        let traded = match placed.order.kind {
            OrderKind::Market => {
                self.rule("market on arrival");
                self.take(id, open, None, at, Certainty::Certain)
            }
            OrderKind::Limit { .. } => {
                self.orders[index].stand = Stand::Waits;
                self.limit_comes(id, open, at)
            }
            _ => {
                self.orders[index].stand = Stand::Waits;
                self.meet_open(id, bar, at)
            }
        };
        self.drop_if_immediate(id, at);
        traded
    }

    /// A limit order meets its first price: it takes, may not, or rests.
    fn limit_comes(&mut self, id: OrderId, now: Cost, at: Timestamp) -> bool {
        let placed = self.orders[self.find(id).unwrap()];
        if placed.may_not(now) {
            self.end(id, at, UpdateKind::Cancelled(CancelReason::WouldTake));
            false
        } else if placed.crosses(now) {
            self.rule("limit takes on arrival");
            self.take(id, now, placed.level(), at, Certainty::Certain)
        } else {
            false
        }
    }

    /// What had one moment and did not fill in it goes.
    pub fn drop_if_immediate(&mut self, id: OrderId, at: Timestamp) {
        let Some(index) = self.find(id) else { return };
        let reason = match self.orders[index].order.time_in_force {
            TimeInForce::ImmediateOrCancel => CancelReason::ImmediateOrCancel,
            TimeInForce::FillOrKill => CancelReason::FillOrKill,
            TimeInForce::GoodTillCancelled | TimeInForce::GoodTillDate(_) => return,
        };
        self.end(id, at, UpdateKind::Cancelled(reason));
    }

    /// Trailing stops that are left follow: one that trailed from the open has seen the cheapest price, another the
    /// close.
    fn trails_follow(&mut self, bar: &Bar) {
        let tolerated = bar.candle.open_time.after(self.policy.open_tolerance);
        for index in 0..self.orders.len() {
            let placed = self.orders[index];
            let (Stand::Waits, Some(trail)) = (placed.stand, placed.trail) else { continue };
            let seen = Seen::of(placed.side(), &bar.candle);
            let from_open = trail.since <= tolerated;
            self.orders[index].learn(if from_open { seen.cheap } else { seen.close }, self.tick, trail.since);
            if self.orders[index].trail.unwrap().level != trail.level {
                self.rule(if from_open { "trail follows the extreme" } else { "trail follows the close" });
            }
        }
    }

    /// A public trade happened.
    pub fn trade_happened(&mut self, trade: &MarketTrade) {
        while let Some(request) = self.next_before(trade.time.after(Span::from_nanos(1))) {
            self.come(&request, Scene::Nothing);
        }
        let carried = self.carried;
        self.wanted = false;
        self.behind = 0;
        self.budget = self.policy.participation.map(|rate| {
            let share = i128::from(trade.quantity.units()) * i128::from(rate.units()) / 100_000_000 + carried;
            self.carried = share % self.lot;
            share - share % self.lot
        });
        for id in self.ids() {
            let before = self.find(id).map(|index| self.orders[index]);
            self.meet_trade(id, trade);
            if let Some(Placed { order: Order { link: Link::Entry { stop, target }, .. }, filled, .. }) = before
                && self.find(id).is_none_or(|index| self.orders[index].filled != filled)
            {
                for child in [stop, target].into_iter().flatten() {
                    self.meet_trade(child, trade);
                }
            }
        }
        if self.wanted && self.carried > 0 {
            self.rule("share below a lot carried over");
        }
        if !self.wanted {
            self.carried = carried;
        }
        self.last = Some(trade.price);
    }

    fn meet_trade(&mut self, id: OrderId, trade: &MarketTrade) {
        let Some(index) = self.find(id) else { return };
        let placed = self.orders[index];
        let now = cost(placed.side(), trade.price);
        match placed.stand {
            Stand::Held => {}
            Stand::AtMarket { .. } => {
                self.rule("market at a trade");
                self.take_at_trade(id, now, placed.bound, None, trade.time);
                self.drop_if_immediate(id, trade.time);
            }
            Stand::Unmet => {
                self.orders[index].stand = Stand::Waits;
                match placed.order.kind {
                    OrderKind::Limit { price } if self.joins_a_queue(&placed, price, trade) => {
                        self.rule("a limit comes and queues");
                        if !placed.order.time_in_force.is_immediate() {
                            self.queue_serves(&placed, self.queue.unwrap(), now, trade);
                        }
                    }
                    OrderKind::Limit { .. } => {
                        let paid = self.paid_at(placed.side(), now, placed.bound);
                        if placed.crosses(paid) || placed.order.time_in_force.is_immediate() {
                            self.limit_comes_with_trade(id, now, placed.bound, trade.time);
                        } else {
                            // By the quotes it rested before the trade.
                            if placed.crosses(now) {
                                self.rule("a limit rests by the quotes");
                            }
                            self.reached_by_trade(id, trade);
                        }
                    }
                    _ => self.reached_by_trade(id, trade),
                }
                self.drop_if_immediate(id, trade.time);
            }
            Stand::Waits => self.reached_by_trade(id, trade),
        }
    }

    fn reached_by_trade(&mut self, id: OrderId, trade: &MarketTrade) {
        let index = self.find(id).unwrap();
        let (now, at) = (cost(self.orders[index].side(), trade.price), trade.time);
        self.orders[index].learn(now, self.tick, at);
        let placed = self.orders[index];
        if let (OrderKind::Limit { .. }, Some(queue)) = (placed.order.kind, self.queue) {
            return self.queue_serves(&placed, queue, now, trade);
        }
        if !placed.reached(now, &self.drawn(&placed, at), self.tick) {
            return;
        }
        match placed.order.kind {
            OrderKind::Limit { .. } => {
                self.rule("limit passed by a trade");
                let chance = self.is_chance(&placed, now);
                let certainty = if chance { Certainty::Ambiguous } else { Certainty::Certain };
                self.make(id, placed.level().unwrap(), at, certainty);
            }
            OrderKind::StopLimit { price, .. } | OrderKind::TakeProfitLimit { price, .. } => {
                self.rule("triggered by a trade");
                self.becomes_limit(id, price, at);
                if self.joins_a_queue(&placed, price, trade) {
                    self.rule("a limit goes off and queues");
                } else {
                    self.limit_comes_with_trade(id, now, None, at);
                }
            }
            _ => {
                self.rule("stop at a trade");
                self.take_at_trade(id, now, None, None, at);
            }
        }
    }

    /// A limit order meets its first trade, or the quote if that is dearer.
    fn limit_comes_with_trade(&mut self, id: OrderId, now: Cost, bound: Option<Cost>, at: Timestamp) {
        let placed = self.orders[self.find(id).unwrap()];
        let paid = self.paid_at(placed.side(), now, bound);
        if placed.may_not(paid) {
            self.end(id, at, UpdateKind::Cancelled(CancelReason::WouldTake));
        } else if placed.crosses(paid) {
            self.rule("limit takes on arrival");
            self.take_at_trade(id, now, bound, placed.level(), at);
        }
    }

    /// A taker of the other side trades at the price of a limit order that has just come: so others wait there.
    fn joins_a_queue(&self, placed: &Placed, price: Price, trade: &MarketTrade) -> bool {
        self.queue.is_some() && trade.price == price && trade.taker != placed.side()
    }

    /// A trade meets a waiting limit order with others ahead of it: through its price everyone has traded; at its price
    /// a taker of the other side trades with those ahead first.
    fn queue_serves(&mut self, placed: &Placed, queue: i128, now: Cost, trade: &MarketTrade) {
        let (id, level) = (placed.order.id, placed.level().unwrap());
        if now <= level - self.tick {
            self.rule("trade through a queue");
            self.make(id, level, trade.time, Certainty::Certain);
            return;
        }
        if now > level || trade.taker == placed.side() {
            return;
        }
        let (ahead, size) = (placed.ahead.unwrap_or(queue), i128::from(trade.quantity.units()));
        let index = self.find(id).unwrap();
        self.orders[index].ahead = Some((ahead - size).max(0));
        let left = (size - ahead - self.behind).max(0);
        let left = left - left % self.lot;
        if left == 0 {
            self.rule("queue not passed");
            return;
        }
        self.rule("queue passed");
        let (all, ours) = (self.budget, self.budget.map_or(left, |budget| budget.min(left)));
        self.budget = Some(ours);
        self.make(id, level, trade.time, Certainty::Ambiguous);
        let traded = ours - self.budget.unwrap();
        self.behind += traded;
        self.budget = all.map(|all| all - traded);
    }
}
