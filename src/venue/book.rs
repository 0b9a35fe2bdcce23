//! Our own orders at one instrument of the simulated exchange, and what is on its way to it.

use super::policy::{LimitGapPolicy, LimitPolicy, StopGapPolicy};
use super::quotes::Shown;
use super::{Lock, PriceBand};
use crate::domain::{
    CancelReplace, Candle, Crossing, DeskId, Group, Link, Order, OrderId, OrderKind, PositionEffect, Price, Quantity,
    Side, Terms, Timestamp,
};
use std::collections::VecDeque;

/// One instrument's orders and requests.
#[derive(Clone, Debug, Default)]
pub(super) struct Book {
    /// Open orders in order of arrival.
    pub orders: Vec<Resting>,
    /// What is on its way, by time of arrival.
    pub requests: VecDeque<Request>,
    /// The last traded price seen.
    pub last: Option<Price>,
    /// What may still be filled against the current candle or trade.
    pub budget: Quantity,
    /// Part of the participation below one lot, carried from trade to trade.
    pub budget_rest: Quantity,
    /// Whether an order has asked for a part of the budget.
    pub asked: bool,
    /// What stands ahead of an order that takes a place at its price; none is no queue.
    pub queue_ahead: Option<Quantity>,
    /// What our orders have taken of the current trade behind the queue, in units.
    pub behind_taken: i64,
    /// Best bid and ask, where the data have them.
    pub shown: Option<Shown>,
}

/// An open order at the venue.
#[derive(Clone, Copy, Debug)]
pub(super) struct Resting {
    pub order: Order,
    /// What is still to be filled.
    pub leaves: Quantity,
    /// What has traded.
    pub filled: Quantity,
    pub posture: Posture,
    pub lock: Option<Lock>,
    /// Where a trailing stop stands.
    pub trail: Option<Trailing>,
    /// What still stands ahead of it in the queue at its price; none while no trade has met it there.
    pub ahead: Option<Quantity>,
}

/// Where a trailing stop stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Trailing {
    /// The best price that it has certainly seen.
    pub best: Price,
    /// The level that sets it off.
    pub trigger: Price,
    /// Since when it trails.
    pub since: Timestamp,
}

/// What a resting order waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Wait {
    pub level: Price,
    /// Whether the price has to fall to the level.
    pub below: bool,
    pub then: Then,
}

/// What a resting order does at its level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Then {
    /// It trades there, as the maker that waited.
    Make,
    /// It trades at market.
    Take,
    /// It becomes a limit order at this price.
    Limit(Price),
}

/// What an open order is waiting for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Posture {
    /// Its entry to fill.
    Held,
    /// The next candle to begin; then it rests.
    Asleep,
    /// The market to reach its price.
    Resting,
    /// Volume to trade against, at market. Its price will not be better than `no_better`: the close of the candle inside
    /// which it arrived, or the quotes that have stood since.
    Taking { no_better: Option<Price> },
    /// The first price after its arrival: it was marketable when it came. What it takes is bound as above.
    Arriving { no_better: Option<Price> },
}

/// A command or an expiry on its way to the venue.
#[derive(Clone, Debug)]
pub(super) struct Request {
    pub arrive: Timestamp,
    pub desk: DeskId,
    pub kind: RequestKind,
}

#[derive(Clone, Debug)]
pub(super) enum RequestKind {
    New(Order),
    Group(Box<Group>),
    Cancel(OrderId),
    Replace(OrderId, Terms),
    Reduce(OrderId, Terms),
    CancelReplace(Box<CancelReplace>),
    Expire(OrderId),
}

impl Request {
    /// Whether a new order comes with it.
    pub fn brings_an_order(&self) -> bool {
        match self.kind {
            RequestKind::New(_) | RequestKind::Group(_) | RequestKind::CancelReplace(_) => true,
            RequestKind::Cancel(_) | RequestKind::Replace(..) | RequestKind::Reduce(..) | RequestKind::Expire(_) => {
                false
            }
        }
    }

    /// The open order that this request wants to change, if it is of that sort.
    pub fn target(&self) -> Option<OrderId> {
        match &self.kind {
            RequestKind::New(_) | RequestKind::Group(_) => None,
            RequestKind::Cancel(order)
            | RequestKind::Replace(order, _)
            | RequestKind::Reduce(order, _)
            | RequestKind::Expire(order) => Some(*order),
            RequestKind::CancelReplace(swap) => Some(swap.target.order),
        }
    }
}

impl Book {
    /// Queues a request behind all that arrive no later.
    #[inline]
    pub fn queue(&mut self, request: Request) {
        if self.requests.back().is_none_or(|last| last.arrive <= request.arrive) {
            self.requests.push_back(request);
            return;
        }
        let place = self.requests.iter().rposition(|other| other.arrive <= request.arrive).map_or(0, |at| at + 1);
        self.requests.insert(place, request);
    }

    /// Takes the first change of an open order off the queue that arrives at exactly this instant: what was sent before
    /// it and is not open yet does not hold it up.
    #[inline]
    pub fn take_change_at(&mut self, instant: Timestamp) -> Option<Request> {
        if self.orders.is_empty() {
            return None;
        }
        let now = self.requests.iter().take_while(|request| request.arrive <= instant);
        let mut now = now.map(|request| request.target().is_some_and(|order| self.find(order).is_some()));
        let place = now.position(|changes| changes)?;
        if let RequestKind::CancelReplace(swap) = &self.requests[place].kind {
            // The cancel will succeed; the new order comes in its turn.
            let (cancel, order) = (RequestKind::Cancel(swap.target.order), swap.order);
            let request = &mut self.requests[place];
            request.kind = RequestKind::New(order);
            return Some(Request { arrive: request.arrive, desk: request.desk, kind: cancel });
        }
        self.requests.remove(place)
    }

    /// Where an open order stands in the list.
    pub fn find(&self, id: OrderId) -> Option<usize> {
        self.orders.iter().position(|resting| resting.order.id == id)
    }

    /// Whether an order has traded since this much of it was open.
    pub fn has_traded_since(&self, id: OrderId, leaves: Quantity) -> bool {
        self.find(id).is_none_or(|at| self.orders[at].leaves != leaves)
    }

    /// From when on the book needs to see every candle.
    pub fn calm_until(&self) -> Timestamp {
        let waits = |resting: &Resting| match resting.posture {
            Posture::Held | Posture::Resting => false,
            Posture::Asleep | Posture::Taking { .. } | Posture::Arriving { .. } => true,
        };
        if self.orders.iter().any(waits) {
            return Timestamp::MIN;
        }
        self.requests.front().map_or(Timestamp::MAX, |request| request.arrive)
    }

    /// The open interval of prices that no resting order reacts to.
    pub fn band(&self) -> PriceBand {
        let mut band = PriceBand::OPEN;
        for resting in self.orders.iter().filter(|resting| resting.posture == Posture::Resting) {
            let Some(wait) = resting.wait() else { continue };
            // The far edge of a trailing stop is the price from which on it moves.
            let far = resting.trail.map(|trail| trail.best.units());
            if wait.below {
                band.low = band.low.max(wait.level.units());
                band.high = band.high.min(far.unwrap_or(i64::MAX));
            } else {
                band.high = band.high.min(wait.level.units());
                band.low = band.low.max(far.unwrap_or(i64::MIN));
            }
        }
        band
    }
}

impl Resting {
    /// A new order of which nothing has traded.
    pub fn new(order: Order, leaves: Quantity, posture: Posture) -> Self {
        Resting { order, leaves, filled: Quantity::ZERO, posture, lock: None, trail: None, ahead: None }
    }

    /// What the order waits for; none for a market order and a trailing stop that has seen no price yet.
    pub fn wait(&self) -> Option<Wait> {
        let (buys, kind) = (self.order.side == Side::Buy, self.order.kind);
        let level = match (kind, self.trail) {
            (OrderKind::TrailingStop { .. }, trail) => trail?.trigger,
            (OrderKind::Limit { price }, _) => price,
            (OrderKind::Market, _) => return None,
            (
                OrderKind::StopMarket { trigger }
                | OrderKind::StopLimit { trigger, .. }
                | OrderKind::TakeProfit { trigger }
                | OrderKind::TakeProfitLimit { trigger, .. },
                _,
            ) => trigger,
        };
        let (below, then) = match kind {
            OrderKind::Market | OrderKind::StopMarket { .. } | OrderKind::TrailingStop { .. } => (!buys, Then::Take),
            OrderKind::StopLimit { price, .. } => (!buys, Then::Limit(price)),
            OrderKind::Limit { .. } => (buys, Then::Make),
            OrderKind::TakeProfit { .. } => (buys, Then::Take),
            OrderKind::TakeProfitLimit { price, .. } => (buys, Then::Limit(price)),
        };
        Some(Wait { level, below, then })
    }

    /// Whether a market that goes as far as `candle`'s extremes sets the order off. A trailing stop may also be set off
    /// by the level that the candle itself takes it to.
    pub fn reached_by(&self, candle: &Candle, policy: LimitPolicy, tick: Price) -> bool {
        let Some(wait) = self.wait() else { return true };
        let extreme = if wait.below { candle.low } else { candle.high };
        self.reached_at(extreme, policy, tick)
            || self.moved_by(candle, tick).is_some_and(|trail| self.order.side.worse(trail, extreme) == extreme)
    }

    /// Whether a market at `price` sets the order off.
    pub fn reached_at(&self, price: Price, policy: LimitPolicy, tick: Price) -> bool {
        let Some(wait) = self.wait() else { return true };
        let distance = wait.level.units().saturating_sub(price.units());
        let beyond = if wait.below { distance } else { distance.saturating_neg() };
        beyond >= self.needed(policy, tick)
    }

    /// How far past its level the price must come.
    pub fn needed(&self, policy: LimitPolicy, tick: Price) -> i64 {
        match (self.wait().map(|wait| wait.then), policy) {
            // Undrawn, chance is no reason to fill.
            (Some(Then::Make), LimitPolicy::Through | LimitPolicy::TouchByChance { .. }) => tick.units().max(1),
            (Some(Then::Make), LimitPolicy::Touch) | (Some(Then::Take | Then::Limit(_)) | None, _) => 0,
        }
    }

    /// The level that a candle's favourable extreme takes a trailing stop to, when it moves it at all.
    pub fn moved_by(&self, candle: &Candle, tick: Price) -> Option<Price> {
        let (OrderKind::TrailingStop { trail: by }, Some(trail)) = (self.order.kind, self.trail) else { return None };
        let side = self.order.side;
        let best = match side {
            Side::Sell => candle.high,
            Side::Buy => candle.low,
        };
        (side.better(trail.best, best) != trail.best).then(|| by.trigger(side, best, tick))
    }

    /// A trailing stop has certainly seen `price`.
    pub fn trail_to(&mut self, price: Price, tick: Price, since: Timestamp) {
        let OrderKind::TrailingStop { trail: by } = self.order.kind else { return };
        let side = self.order.side;
        let trigger = by.trigger(side, price, tick);
        self.trail = Some(match self.trail {
            None => Trailing { best: price, trigger, since },
            // A tick of another size must not move it back, nor move it at all while the best price stands.
            Some(trail) if side.better(trail.best, price) != trail.best => {
                Trailing { best: price, trigger: side.better(trail.trigger, trigger), since: trail.since }
            }
            Some(trail) => trail,
        });
    }
}

impl Order {
    /// Whether a limit order that arrives with the market at `price` would trade at once.
    pub(super) fn crosses(&self, price: Price) -> bool {
        let OrderKind::Limit { price: limit } = self.kind else { return true };
        self.side.worse(price, limit) == limit
    }

    /// Whether it may not take and would, with the market at `price`.
    pub(super) fn would_take(&self, price: Price) -> bool {
        self.crossing == Crossing::PostOnly && self.crosses(price)
    }

    /// The price at which a resting limit order fills when the candle opens beyond it.
    pub(super) fn gap_price(&self, limit: Price, candle: &Candle, policy: LimitGapPolicy) -> Price {
        match policy {
            LimitGapPolicy::AtLimit => limit,
            LimitGapPolicy::AtOpen => self.side.better(limit, candle.open),
            LimitGapPolicy::IntoCandle if self.only_reduces() => limit.clamp(candle.low, candle.high),
            LimitGapPolicy::IntoCandle => limit,
        }
    }

    /// The price before slippage at which a resting order takes when the candle opens beyond its level.
    pub(super) fn taken_at_open(&self, level: Price, candle: &Candle, policy: StopGapPolicy) -> Price {
        match policy {
            StopGapPolicy::AtLevelInCandle
                if !self.kind.is_favourable() && candle.low <= level && level <= candle.high =>
            {
                level
            }
            StopGapPolicy::AtLevelInCandle | StopGapPolicy::AtOpen => candle.open,
        }
    }

    /// The other child of this one's bracket, or the other order of its pair.
    pub(super) fn sibling(&self) -> Option<OrderId> {
        match self.link {
            Link::Child { sibling, .. } => sibling,
            Link::Pair { sibling } => Some(sibling),
            Link::None | Link::Entry { .. } => None,
        }
    }

    /// Whether the order may only bring its desk's position towards zero.
    pub(super) fn only_reduces(&self) -> bool {
        self.effect == PositionEffect::ReduceOnly
    }
}

impl Side {
    /// The price that is worse for someone who trades on this side.
    pub(super) fn worse(self, one: Price, other: Price) -> Price {
        match self {
            Side::Buy => one.max(other),
            Side::Sell => one.min(other),
        }
    }

    /// The price that is better for someone who trades on this side.
    pub(super) fn better(self, one: Price, other: Price) -> Price {
        self.opposite().worse(one, other)
    }
}
