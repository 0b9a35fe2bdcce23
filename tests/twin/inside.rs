//! What the range of a candle does to the twin's orders, and what comes too late for its open.

use super::arrival::Scene;
use super::candle::Bar;
use super::seen::*;
use super::{Ask, Request, Twin};
use tapeline::domain::*;
use tapeline::venue::{IntrabarPolicy, LimitPolicy, StopInsidePolicy};

/// What a candle shows of the child of an entry that filled inside it.
#[derive(Clone, Copy, Default)]
struct Child {
    reached: bool,
    closed_beyond: bool,
}

/// Whether an order was there before the candle, or came late inside it: then it is a taker, whatever its kind.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Came {
    Before,
    Late,
}

impl Twin {
    fn best(&self) -> bool {
        self.policy.intrabar == IntrabarPolicy::Best
    }

    /// The range reaches an order that waits.
    pub fn strike(&mut self, id: OrderId, reached: &[Placed], late: &mut Vec<Request>, bar: &Bar) {
        let Some(index) = self.find(id) else { return };
        let mut placed = self.orders[index];
        if placed.stand != Stand::Waits {
            return;
        }
        let mut certainty = Certainty::Certain;
        if reached.iter().any(|other| self.excludes(&placed.order, &other.order)) {
            self.rule("two exits reached");
            certainty = Certainty::Ambiguous;
        }
        if let Some(place) = late.iter().position(|request| self.races(&placed, request, bar)) {
            certainty = Certainty::Ambiguous;
            let seen = Seen::of(placed.side(), &bar.candle);
            let level = placed.limit().or(placed.level()).unwrap();
            let level = if matches!(placed.order.kind, OrderKind::StopMarket { .. } | OrderKind::TrailingStop { .. }) {
                self.stop_cost(&placed, level, &seen)
            } else {
                level
            };
            if self.fill_before_change(&placed, &late[place].clone(), level, Came::Before, bar) {
                self.rule("a fill wins its race");
            } else if let Ask::Reduce(..) = late[place].ask {
                self.rule("a reduction wins its race");
                let request = late.remove(place);
                self.come(&request, Scene::Inside(bar.candle.close));
                placed = self.orders[index];
            } else {
                self.rule("a change wins its race");
                return;
            }
        }
        let Some(level) = self.acts_at(&placed, bar, &mut certainty) else { return };
        let certainty = self.touched(&placed, bar, certainty);
        let certainty = self.after_entry(&placed.order, certainty);
        if self.act(id, level, bar, certainty) {
            self.children_inside(&placed.order, bar);
        }
    }

    /// Whether a request changes this order when it comes inside the candle.
    fn races(&self, placed: &Placed, request: &Request, bar: &Bar) -> bool {
        let refused = |terms| self.renewed(placed, terms, Scene::Inside(bar.candle.close)).is_err();
        match request.ask {
            Ask::Replace(id, terms) => id == placed.order.id && !refused(terms),
            Ask::Reduce(id, terms) => id == placed.order.id && self.smaller(placed, terms.quantity).is_ok(),
            _ => request.ask.changes() == Some(placed.order.id),
        }
    }

    /// Whether of two orders that the candle reaches only one may have filled, or only the first of them whole.
    fn excludes(&self, one: &Order, other: &Order) -> bool {
        let sibling = match one.link {
            Link::Child { sibling, .. } => sibling,
            Link::Pair { sibling } => Some(sibling),
            Link::None | Link::Entry { .. } => None,
        };
        if sibling == Some(other.id) {
            return true;
        }
        // An order that has gone off since counts as the limit order that it became.
        let Some(index) = self.find(other.id) else { return false };
        let now = &self.orders[index].order;
        let both_reduce = [one, now].iter().all(|order| order.effect == PositionEffect::ReduceOnly);
        both_reduce
            && (one.desk, one.side) == (now.desk, now.side)
            && one.kind.is_favourable() != now.kind.is_favourable()
    }

    /// At which level an order acts that the range reaches. A trailing stop that has to be moved by the candle first
    /// may act anywhere from there to the dearest price.
    fn acts_at(&mut self, placed: &Placed, bar: &Bar, certainty: &mut Certainty) -> Option<Cost> {
        let seen = Seen::of(placed.side(), &bar.candle);
        let level = placed.level()?;
        if !matches!(placed.order.kind, OrderKind::TrailingStop { .. }) || seen.dear >= level {
            return Some(level);
        }
        let moved = placed.moved_to(&seen, self.tick)?;
        *certainty = Certainty::Ambiguous;
        self.rule("trail moved and reached by one candle");
        match self.best() {
            false => Some(seen.dear),
            true => (seen.close >= moved).then_some(moved),
        }
    }

    /// An order acts inside the candle.
    fn act(&mut self, id: OrderId, level: Cost, bar: &Bar, certainty: Certainty) -> bool {
        let placed = self.orders[self.find(id).unwrap()];
        let seen = Seen::of(placed.side(), &bar.candle);
        // The market was there when it acted.
        let market = level.min(seen.dear).max(seen.cheap);
        match placed.order.kind {
            OrderKind::Limit { .. } => {
                self.rule("limit inside");
                self.make(id, level, bar.inside, certainty)
            }
            OrderKind::StopLimit { price, .. } | OrderKind::TakeProfitLimit { price, .. } => {
                self.becomes_limit(id, price, bar.inside);
                let placed = self.orders[self.find(id).unwrap()];
                let limit = placed.level().unwrap();
                if placed.reached(seen.close, &self.policy, self.tick) {
                    self.rule("triggered and closed through");
                    self.take(id, limit.min(seen.dear), Some(limit), bar.inside, certainty)
                } else if placed.reached(seen.cheap, &self.policy, self.tick) {
                    self.rule("triggered and perhaps filled");
                    self.best() && self.take(id, limit.min(market), Some(limit), bar.inside, Certainty::Ambiguous)
                } else {
                    self.rule("triggered and not reached");
                    false
                }
            }
            _ => {
                self.rule("stop inside");
                self.take(id, self.stop_cost(&placed, market, &seen), None, bar.inside, certainty)
            }
        }
    }

    /// What a stop that goes off inside the candle takes at: as stated, its level or the dearest price.
    fn stop_cost(&self, placed: &Placed, level: Cost, seen: &Seen) -> Cost {
        let at_extreme = self.policy.stop_inside == StopInsidePolicy::AtExtreme;
        if at_extreme && !placed.order.kind.is_favourable() { seen.dear } else { level }
    }

    fn child(&self, id: Option<OrderId>, bar: &Bar) -> Child {
        let Some(index) = id.and_then(|id| self.find(id)) else { return Child::default() };
        let placed = &self.orders[index];
        let close = cost(placed.side(), bar.candle.close);
        Child {
            reached: self.within(placed, &bar.candle),
            closed_beyond: placed.reached(close, &self.drawn(placed, bar.candle.open_time), self.tick),
        }
    }

    /// An entry filled inside the candle: the table of what its children have certainly seen.
    fn children_inside(&mut self, entry: &Order, bar: &Bar) {
        let Link::Entry { stop, target } = entry.link else { return };
        let (protects, gains) = (self.child(stop, bar), self.child(target, bar));
        use Certainty::{Ambiguous, Certain};
        let early = match entry.kind {
            // It went off on the way up and filled on the way back: the high may lie before its fill.
            OrderKind::StopLimit { trigger, price } => cost(entry.side, price) < cost(entry.side, trigger),
            _ => false,
        };
        // A limit fills on the way to the adverse extreme, a stop on the way to the favourable one.
        let (exit, certainty, rule) = match (entry.kind.is_favourable(), protects.reached, gains.reached) {
            (_, false, false) => return,
            (_, true, true) if self.best() => (target, Ambiguous, "both children: best"),
            (_, true, true) => (stop, Ambiguous, "both children: worst"),
            (true, true, false) => (stop, Certain, "limit entry, stop"),
            (true, false, true) if gains.closed_beyond => (target, Certain, "limit entry, target"),
            (true, false, true) if self.best() => (target, Ambiguous, "limit entry, target: best"),
            (true, false, true) => return self.rule("limit entry, target: worst"),
            (false, false, true) if early && self.best() => (target, Ambiguous, "early target: best"),
            (false, false, true) if early => return self.rule("early target: worst"),
            (false, false, true) => (target, Certain, "stop entry, target"),
            (false, true, false) if protects.closed_beyond => (stop, Certain, "stop entry, stop"),
            (false, true, false) if self.best() => return self.rule("stop entry, stop: best"),
            (false, true, false) => (stop, Ambiguous, "stop entry, stop: worst"),
        };
        self.rule(rule);
        let Some(id) = exit else { return };
        let Some(index) = self.find(id) else { return };
        let placed = self.orders[index];
        let mut certainty = certainty;
        let Some(level) = self.acts_at(&placed, bar, &mut certainty) else { return };
        let level = match entry.kind.stated_price() {
            // A stop on the wrong side of its entry goes off with the price that filled the entry.
            Some(price) if !placed.order.kind.is_favourable() => level.max(cost(placed.side(), price)),
            Some(_) | None => level,
        };
        let certainty = self.touched(&placed, bar, certainty);
        self.act(id, level, bar, certainty);
    }

    /// A cancel, replacement or expiry comes inside a candle that reaches its order: what leaves less at the close.
    fn fill_before_change(&mut self, placed: &Placed, change: &Request, level: Cost, came: Came, bar: &Bar) -> bool {
        let fill = self.result(&placed.order, level, placed.leaves, came, bar);
        let otherwise = match &change.ask {
            Ask::Replace(_, terms) => {
                self.rule("a replacement races a fill");
                let renewed = self.renewed(placed, *terms, Scene::Inside(bar.candle.close)).unwrap();
                let traded = self.late_price(&renewed, bar);
                traded.map_or(0, |level| self.result(&renewed.order, level, renewed.leaves, Came::Late, bar))
            }
            Ask::Reduce(_, terms) => {
                self.rule("a reduction races a fill");
                let smaller = self.smaller(placed, terms.quantity).unwrap();
                self.result(&smaller.order, level, smaller.leaves, came, bar)
            }
            Ask::Swap(swap) => {
                self.rule("a cancel-replace races a fill");
                self.result_of_swap(swap, change.arrive, bar)
            }
            Ask::Expire(_) => {
                self.rule("an expiry races a fill");
                0
            }
            _ => {
                self.rule("a cancel races a fill");
                0
            }
        };
        if self.best() { fill > otherwise } else { fill < otherwise }
    }

    /// What the new order of a cancel-replace gains as a late order when the cancel is in time; nothing where it comes
    /// in any case. It is tried out and undone.
    fn result_of_swap(&mut self, swap: &CancelReplace, arrive: Timestamp, bar: &Bar) -> i128 {
        if swap.on_failure == CancelFailure::Allow {
            return 0;
        }
        let before = (self.orders.clone(), self.requests.clone(), self.news.clone(), self.tally.clone());
        let came = self.come_swap(swap, Scene::Inside(bar.candle.close), arrive);
        let new = came.first().and_then(|id| self.find(*id)).map(|index| self.orders[index]);
        (self.orders, self.requests, self.news, self.tally) = before;
        let Some(new) = new else { return 0 };
        self.late_price(&new, bar).map_or(0, |level| self.result(&new.order, level, new.leaves, Came::Late, bar))
    }

    /// What a fill at this level has gained by the close, less its fee.
    fn result(&self, order: &Order, level: Cost, quantity: i128, came: Came, bar: &Bar) -> i128 {
        let limit = order.kind.limit().map(|price| cost(order.side, price));
        let fees = self.fees_at(bar.inside);
        let (paid, rate) = match (order.kind, came) {
            (OrderKind::Limit { .. }, Came::Before) => (level, fees.maker),
            _ => {
                let slipped = self.slipped(order.side, level);
                (limit.map_or(slipped, |limit| limit.min(slipped)), fees.taker)
            }
        };
        let gained = (cost(order.side, bar.candle.close) - paid) * quantity * 1_000;
        gained - self.fee(paid.abs() * quantity * 1_000, rate)
    }

    /// At what an order trades that comes inside the candle: what is in its favour must be proved by the close, what is
    /// against it need only be possible.
    fn late_price(&self, placed: &Placed, bar: &Bar) -> Option<Cost> {
        let seen = Seen::of(placed.side(), &bar.candle);
        let by_a_tick = if self.policy.limit_fill == LimitPolicy::Touch { 0 } else { self.tick };
        let closes_through = |limit: Cost| seen.close <= limit - by_a_tick;
        if !matches!(placed.order.kind, OrderKind::Limit { .. }) && !self.late_trigger(placed, bar) {
            return None;
        }
        match placed.order.kind {
            OrderKind::Market => None,
            OrderKind::Limit { .. } => placed.limit().filter(|limit| closes_through(*limit)),
            OrderKind::StopLimit { .. } | OrderKind::TakeProfitLimit { .. } => {
                placed.limit().filter(|limit| closes_through(*limit)).map(|limit| limit.min(seen.dear))
            }
            OrderKind::StopMarket { .. } => {
                placed.level().map(|level| self.stop_cost(placed, level.max(seen.close), &seen))
            }
            OrderKind::TakeProfit { .. } => placed.level().map(|level| level.min(seen.dear)),
            OrderKind::TrailingStop { .. } => (!self.best()).then(|| self.stop_cost(placed, seen.close, &seen)),
        }
    }

    fn late_trigger(&self, placed: &Placed, bar: &Bar) -> bool {
        match placed.order.kind {
            OrderKind::Market | OrderKind::Limit { .. } => false,
            OrderKind::TakeProfit { .. } | OrderKind::TakeProfitLimit { .. } => {
                placed.reached(cost(placed.side(), bar.candle.close), &self.policy, self.tick)
            }
            _ if self.best() => placed.reached(cost(placed.side(), bar.candle.close), &self.policy, self.tick),
            _ => self.within(placed, &bar.candle),
        }
    }

    /// A request comes too late for the open of its candle.
    pub fn come_late(&mut self, request: &Request, later: &mut Vec<Request>, bar: &Bar) {
        let at = request.arrive;
        for id in self.come(request, Scene::Inside(bar.candle.close)) {
            let Some(index) = self.find(id) else { continue };
            let placed = self.orders[index];
            let seen = Seen::of(placed.side(), &bar.candle);
            if placed.order.kind == OrderKind::Market {
                self.rule("late market order");
                self.orders[index].stand = Stand::AtMarket { late: Some(seen.close) };
                continue;
            }
            let (triggered, trades_at) = (self.late_trigger(&placed, bar), self.late_price(&placed, bar));
            if let (true, OrderKind::StopLimit { price, .. } | OrderKind::TakeProfitLimit { price, .. }) =
                (triggered, placed.order.kind)
            {
                self.rule("late order triggered");
                self.becomes_limit(id, price, at);
            }
            if let Some(level) = trades_at {
                let favourable = placed.order.kind.is_favourable();
                self.rule(if favourable { "late limit closed through" } else { "late stop within the range" });
                // The close does not prove the one moment of what is for its arrival only.
                let moment = favourable && placed.order.time_in_force.is_immediate();
                if moment {
                    self.rule("a late limit for its moment only");
                }
                let certainty = if favourable && !moment { Certainty::Certain } else { Certainty::Ambiguous };
                let race = self.late_race(&placed, later, level, bar);
                let (certainty, mut fills) = race.map_or((certainty, true), |(_, fills)| (Certainty::Ambiguous, fills));
                let mut at = at;
                if let (false, Some((Some(place), _))) = (fills, race)
                    && let Ask::Reduce(..) = later[place].ask
                {
                    self.rule("a reduction comes before a late fill");
                    let reduction = later.remove(place);
                    at = reduction.arrive;
                    self.come(&reduction, Scene::Inside(bar.candle.close));
                    fills = true;
                }
                if fills && !(moment && self.best()) && self.take(id, level, placed.limit(), at, certainty) {
                    self.stop_after_late_entry(&placed.order, bar);
                }
            }
            self.drop_if_immediate(id, at);
        }
    }

    /// Whether the fill of an order that came late comes before the next change of it in the same candle, and which of the
    /// later requests that is; an expiry is none of them.
    fn late_race(
        &mut self,
        placed: &Placed,
        later: &[Request],
        level: Cost,
        bar: &Bar,
    ) -> Option<(Option<usize>, bool)> {
        let is_expiry =
            |request: &&Request| request.arrive <= bar.inside && request.ask.changes() == Some(placed.order.id);
        let expiry = self.requests.iter().find(is_expiry).cloned();
        let place = later.iter().position(|request| self.races(placed, request, bar));
        let change = place.map(|place| later[place].clone()).or(expiry)?;
        Some((place, self.fill_before_change(placed, &change, level, Came::Late, bar)))
    }

    /// An entry that came late has filled: its stop may have been reached since.
    fn stop_after_late_entry(&mut self, entry: &Order, bar: &Bar) {
        let Link::Entry { stop: Some(id), .. } = entry.link else { return };
        let Some(index) = self.find(id) else { return };
        let stop = self.orders[index];
        if self.within(&stop, &bar.candle) && !self.best() {
            self.rule("stop of a late entry");
            let level = stop.level().unwrap().max(cost(stop.side(), bar.candle.close));
            self.act(id, level, bar, Certainty::Ambiguous);
        }
    }
}
