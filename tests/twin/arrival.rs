//! What comes to the twin: new orders, cancels, replacements, and time that is over.

use super::seen::*;
use super::{Ask, Request, Twin};
use tapeline::domain::*;

/// What the market shows to a request that arrives.
#[derive(Clone, Copy)]
pub enum Scene {
    /// Nothing beyond the last price.
    Nothing,
    /// A candle opens at this price.
    Open(Price),
    /// A candle whose path is unknown and which will close at this price.
    Inside(Price),
}

impl Twin {
    /// Takes a command that was sent at `now`.
    pub fn submit(&mut self, now: Timestamp, command: &Command) {
        let order = now.after(self.policy.order_latency);
        let change = now.after(self.policy.cancel_latency);
        match command {
            Command::Submit(one) => self.queue(order, one.desk, Ask::One(*one)),
            Command::SubmitGroup(group) => {
                let ask = match **group {
                    Group::Bracket(bracket) => Ask::Bracket(bracket),
                    Group::Pair(orders) => Ask::Pair(orders),
                };
                self.queue(order, group.first().desk, ask);
            }
            Command::Cancel(target) => self.queue(change, target.desk, Ask::Cancel(target.order)),
            Command::Replace(target, terms) => self.queue(change, target.desk, Ask::Replace(target.order, *terms)),
            Command::Reduce(target, terms) => self.queue(change, target.desk, Ask::Reduce(target.order, *terms)),
            Command::CancelReplace(swap) => self.queue(change, swap.target.desk, Ask::Swap(**swap)),
        }
    }

    fn queue(&mut self, arrive: Timestamp, desk: DeskId, ask: Ask) {
        self.requests.push(Request { arrive, desk, ask });
        // Stable: what was asked first comes first.
        self.requests.sort_by_key(|request| request.arrive);
    }

    /// The next request that arrives before `end`.
    pub fn next_before(&mut self, end: Timestamp) -> Option<Request> {
        let due = self.requests.first().is_some_and(|request| request.arrive < end);
        due.then(|| self.requests.remove(0))
    }

    /// A request comes. Says which orders have to meet what the market shows.
    pub fn come(&mut self, request: &Request, scene: Scene) -> Vec<OrderId> {
        let at = request.arrive;
        match &request.ask {
            Ask::One(order) => match self.refusal(order, scene, at) {
                None => vec![self.place(order, scene, at)],
                Some(reason) => {
                    self.tell(order, at, UpdateKind::Rejected(reason));
                    Vec::new()
                }
            },
            Ask::Bracket(bracket) => self.come_bracket(bracket, scene, at),
            Ask::Pair(orders) => self.come_pair(orders, scene, at),
            Ask::Cancel(id) => {
                match self.find(*id) {
                    Some(_) => self.end(*id, at, UpdateKind::Cancelled(CancelReason::Requested)),
                    None => self.tell_about(*id, request.desk, at, UpdateKind::CancelRejected),
                }
                Vec::new()
            }
            Ask::Replace(id, terms) => self.come_terms(*id, request.desk, *terms, scene, at),
            Ask::Reduce(id, terms) => {
                self.come_smaller(*id, request.desk, *terms, at);
                Vec::new()
            }
            Ask::Swap(swap) => self.come_swap(swap, scene, at),
            Ask::Expire(id) => {
                if self.find(*id).is_some() {
                    self.end(*id, at, UpdateKind::Expired);
                }
                Vec::new()
            }
        }
    }

    fn come_bracket(&mut self, bracket: &Bracket, scene: Scene, at: Timestamp) -> Vec<OrderId> {
        let children: Vec<Order> = [bracket.stop, bracket.target].into_iter().flatten().collect();
        let unfit = children.iter().find_map(|child| self.unfit(child.kind, child.quantity));
        if let Some(reason) = unfit.or_else(|| self.refusal(&bracket.entry, scene, at)) {
            self.tell(&bracket.entry, at, UpdateKind::Rejected(reason));
            for child in &children {
                self.tell(child, at, UpdateKind::Cancelled(CancelReason::EntryGone));
            }
            return Vec::new();
        }
        let entry = self.place(&bracket.entry, scene, at);
        for child in &children {
            self.tell(child, at, UpdateKind::Held);
            self.orders.push(Placed {
                order: *child,
                leaves: 0,
                filled: 0,
                stand: Stand::Held,
                trail: None,
                ahead: None,
                bound: None,
            });
        }
        vec![entry]
    }

    fn come_pair(&mut self, orders: &[Order; 2], scene: Scene, at: Timestamp) -> Vec<OrderId> {
        let refusals = [self.refusal(&orders[0], scene, at), self.refusal(&orders[1], scene, at)];
        if refusals == [None, None] {
            return orders.iter().map(|order| self.place(order, scene, at)).collect();
        }
        for (order, refusal) in orders.iter().zip(refusals) {
            self.tell(order, at, UpdateKind::Rejected(refusal.unwrap_or(RejectReason::PairRefused)));
        }
        Vec::new()
    }

    /// Why the exchange does not take a new order, if it does not.
    fn refusal(&mut self, order: &Order, scene: Scene, at: Timestamp) -> Option<RejectReason> {
        if matches!(order.time_in_force, TimeInForce::GoodTillDate(until) if until <= at) {
            return Some(RejectReason::AlreadyExpired);
        }
        if let Some(reason) = self.unfit(order.kind, order.quantity) {
            return Some(reason);
        }
        if self.most_orders.is_some_and(|most| self.orders.len() >= most) {
            return Some(RejectReason::MaximumOpenOrders);
        }
        if order.effect == PositionEffect::ReduceOnly && self.reducible(order) <= 0 {
            return Some(RejectReason::ReduceOnly);
        }
        self.would_take(order, scene).then_some(RejectReason::WouldTake)
    }

    /// Whether an order that may not take would do so on arrival.
    fn would_take(&self, order: &Order, scene: Scene) -> bool {
        let now = match scene {
            Scene::Nothing => self.met_now(order.side),
            Scene::Open(price) | Scene::Inside(price) => Some(cost(order.side, price)),
        };
        let bare =
            Placed { order: *order, leaves: 0, filled: 0, stand: Stand::Unmet, trail: None, ahead: None, bound: None };
        now.is_some_and(|now| bare.may_not(now))
    }

    /// The filter that terms do not pass, if there is one.
    fn unfit(&self, kind: OrderKind, quantity: Quantity) -> Option<RejectReason> {
        let units = i128::from(quantity.units());
        if units < self.lot || units % self.lot != 0 {
            return Some(RejectReason::LotSize);
        }
        let on_tick = |price: &Price| price.units() > 0 && i128::from(price.units()) % self.tick == 0;
        if ![kind.limit(), kind.trigger()].iter().flatten().all(on_tick) {
            return Some(RejectReason::PriceFilter);
        }
        match kind {
            OrderKind::TrailingStop { trail: Trail::Distance(distance) } if !on_tick(&distance) => {
                Some(RejectReason::PriceFilter)
            }
            _ => None,
        }
    }

    /// An accepted order takes its place at the end of the book.
    fn place(&mut self, order: &Order, scene: Scene, at: Timestamp) -> OrderId {
        let leaves = i128::from(order.quantity.units());
        let mut placed =
            Placed { order: *order, leaves, filled: 0, stand: Stand::Unmet, trail: None, ahead: None, bound: None };
        let shown = match scene {
            Scene::Nothing => self.last,
            Scene::Open(price) | Scene::Inside(price) => Some(price),
        };
        if let Some(price) = shown {
            placed.learn(cost(order.side, price), self.tick, at);
        }
        placed.stand = self.stand_of(&placed, scene);
        placed.bound = self.asked(order.side);
        if order.kind != OrderKind::Market {
            self.tell(order, at, UpdateKind::Accepted);
        }
        self.orders.push(placed);
        if let TimeInForce::GoodTillDate(until) = order.time_in_force {
            self.queue(until, order.desk, Ask::Expire(order.id));
        }
        order.id
    }

    /// How an order stands when it has come and met nothing yet.
    fn stand_of(&self, placed: &Placed, scene: Scene) -> Stand {
        let now = self.met_now(placed.side());
        match (placed.order.kind, scene) {
            (OrderKind::Market, _) => Stand::AtMarket { late: None },
            (_, Scene::Open(_)) => Stand::Unmet,
            (_, Scene::Inside(_)) => Stand::Waits,
            // Its one moment is the next price.
            (_, Scene::Nothing) if placed.order.time_in_force.is_immediate() => Stand::Unmet,
            (OrderKind::TrailingStop { .. }, Scene::Nothing) if self.last.is_none() => Stand::Unmet,
            // By the quote, or the last price, it would take: so it meets the next one as an order that has just come.
            (OrderKind::Limit { .. }, Scene::Nothing) if now.is_none_or(|now| placed.crosses(now)) => Stand::Unmet,
            (_, Scene::Nothing) => Stand::Waits,
        }
    }

    fn come_terms(&mut self, id: OrderId, desk: DeskId, terms: Terms, scene: Scene, at: Timestamp) -> Vec<OrderId> {
        let Some(index) = self.find(id) else {
            self.rule("replacement of an order that is gone");
            self.tell_about(id, desk, at, UpdateKind::ReplaceRejected(RejectReason::UnknownOrder));
            return Vec::new();
        };
        match self.renewed(&self.orders[index], terms, scene) {
            Ok(new) => {
                self.rule(if new.stand == Stand::Held { "held child replaced" } else { "order replaced" });
                // The same order, but it has lost its place.
                self.orders.remove(index);
                self.orders.push(new);
                self.tell_about(id, desk, at, UpdateKind::Replaced(terms));
                if new.stand == Stand::Held { Vec::new() } else { vec![id] }
            }
            Err(reason) => {
                self.rule("replacement refused");
                self.tell_about(id, desk, at, UpdateKind::ReplaceRejected(reason));
                Vec::new()
            }
        }
    }

    fn come_smaller(&mut self, id: OrderId, desk: DeskId, terms: Terms, at: Timestamp) {
        let smaller = match self.find(id) {
            Some(index) => self.smaller(&self.orders[index], terms.quantity).map(|new| (index, new)),
            None => Err(RejectReason::UnknownOrder),
        };
        match smaller {
            Ok((index, new)) => {
                self.rule("order made smaller in its place");
                self.orders[index] = new;
                // The desk knows it by the kind that it sent, whatever it has become.
                let kind = match (terms.kind, new.order.kind) {
                    (OrderKind::StopLimit { trigger, .. }, OrderKind::Limit { price }) => {
                        OrderKind::StopLimit { trigger, price }
                    }
                    (OrderKind::TakeProfitLimit { trigger, .. }, OrderKind::Limit { price }) => {
                        OrderKind::TakeProfitLimit { trigger, price }
                    }
                    (_, now) => now,
                };
                self.tell_about(id, desk, at, UpdateKind::Replaced(Terms { kind, ..terms }));
            }
            Err(reason) => {
                self.rule("reduction refused");
                self.tell_about(id, desk, at, UpdateKind::ReplaceRejected(reason));
            }
        }
    }

    /// An open order of this total quantity.
    pub fn smaller(&self, old: &Placed, quantity: Quantity) -> Result<Placed, RejectReason> {
        if let Some(reason) = self.unfit(old.order.kind, quantity) {
            return Err(reason);
        }
        if quantity >= old.order.quantity {
            return Err(RejectReason::LotSize);
        }
        let mut new = *old;
        new.order.quantity = quantity;
        match old.stand {
            Stand::Held => return Ok(new),
            Stand::AtMarket { .. } => return Err(RejectReason::UnknownOrder),
            Stand::Waits | Stand::Unmet => {}
        }
        let less = i128::from(old.order.quantity.units()) - i128::from(quantity.units());
        new.leaves = match old.order.link {
            Link::Child { .. } => old.leaves.min(i128::from(quantity.units()) - old.filled),
            Link::None | Link::Entry { .. } | Link::Pair { .. } => old.leaves - less,
        };
        if new.leaves <= 0 { Err(RejectReason::LotSize) } else { Ok(new) }
    }

    /// A cancel and a new order in one.
    pub fn come_swap(&mut self, swap: &CancelReplace, scene: Scene, at: Timestamp) -> Vec<OrderId> {
        let old = swap.target.order;
        let there = self.find(old).is_some();
        let cancel = Request { arrive: at, desk: swap.target.desk, ask: Ask::Cancel(old) };
        self.come(&cancel, scene);
        match (there, swap.on_failure) {
            (false, CancelFailure::Stop) => {
                self.rule("cancel-replace: not attempted");
                self.tell(&swap.order, at, UpdateKind::Rejected(RejectReason::NotAttempted));
                return Vec::new();
            }
            (false, CancelFailure::Allow) => self.rule("cancel-replace: sent all the same"),
            (true, _) => self.rule("cancel-replace: replaced"),
        }
        let held = self.held[usize::from(swap.order.desk.0)];
        let sells_coins = self.kind == InstrumentKind::Spot && swap.order.side == Side::Sell;
        if swap.on_failure == CancelFailure::Stop && sells_coins && held < i128::from(swap.order.quantity.units()) {
            self.rule("cancel-replace: more than is held");
            self.tell(&swap.order, at, UpdateKind::Rejected(RejectReason::InsufficientBalance));
            return Vec::new();
        }
        self.come(&Request { arrive: at, desk: swap.order.desk, ask: Ask::One(swap.order) }, scene)
    }

    /// An open order with new terms.
    pub fn renewed(&self, old: &Placed, terms: Terms, scene: Scene) -> Result<Placed, RejectReason> {
        if let Some(reason) = self.unfit(terms.kind, terms.quantity) {
            return Err(reason);
        }
        let mut new = *old;
        new.ahead = None;
        new.order.quantity = terms.quantity;
        new.order.kind = match (old.order.kind, terms.kind.limit()) {
            // It has gone off before: what it can still be told is its limit.
            (OrderKind::Limit { .. }, Some(price)) => OrderKind::Limit { price },
            _ => terms.kind,
        };
        if self.would_take(&new.order, scene) {
            return Err(RejectReason::WouldTake);
        }
        if let (OrderKind::TrailingStop { trail: by }, Some(trail)) = (new.order.kind, &mut new.trail) {
            trail.level = trail_level(old.order.side, by, trail.best, self.tick);
        }
        match old.stand {
            Stand::Held => return Ok(new),
            Stand::AtMarket { .. } => return Err(RejectReason::UnknownOrder),
            Stand::Waits | Stand::Unmet => {}
        }
        let whole = i128::from(terms.quantity.units());
        new.leaves = match old.order.link {
            // It lives for what its entry brought, and can only be told to be less.
            Link::Child { .. } => old.leaves.min(whole - old.filled),
            Link::None | Link::Entry { .. } | Link::Pair { .. } => {
                old.leaves + whole - i128::from(old.order.quantity.units())
            }
        };
        if new.leaves <= 0 {
            return Err(RejectReason::LotSize);
        }
        new.stand = self.stand_of(&new, scene);
        new.bound = self.asked(new.side());
        Ok(new)
    }
}
