//! Our own orders at one instrument of the simulated exchange, and what is on its way to it.

use super::policy::{LimitGapPolicy, LimitPolicy};
use super::{Lock, PriceBand};
use crate::domain::{
    Bracket, Candle, DeskId, Link, Order, OrderId, OrderKind, PositionEffect, Price, Quantity, Side, Terms, Timestamp,
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
    /// Volume to trade against, at market. `late_close` is the close of the candle inside which it arrived: its price
    /// will be the worse of that and the next open.
    Taking { late_close: Option<Price> },
    /// The first price after its arrival: it was marketable when it came.
    Arriving,
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
    Group(Box<Bracket>),
    Cancel(OrderId),
    Replace(OrderId, Terms),
    Expire(OrderId),
}

impl Request {
    /// The open order that this request wants to change, if it is of that sort.
    pub fn target(&self) -> Option<OrderId> {
        match self.kind {
            RequestKind::New(_) | RequestKind::Group(_) => None,
            RequestKind::Cancel(order) | RequestKind::Replace(order, _) | RequestKind::Expire(order) => Some(order),
        }
    }
}

impl Book {
    /// Queues a request behind all that arrive no later.
    pub fn queue(&mut self, request: Request) {
        let place = self.requests.iter().rposition(|other| other.arrive <= request.arrive).map_or(0, |at| at + 1);
        self.requests.insert(place, request);
    }

    /// Takes the first change of an open order off the queue that arrives at exactly this instant: what was sent before
    /// it and is not open yet does not hold it up.
    pub fn take_change_at(&mut self, instant: Timestamp) -> Option<Request> {
        let now = self.requests.iter().take_while(|request| request.arrive <= instant);
        let mut now = now.map(|request| request.target().is_some_and(|order| self.find(order).is_some()));
        let place = now.position(|changes| changes)?;
        self.requests.remove(place)
    }

    /// Where an open order stands in the list.
    pub fn find(&self, id: OrderId) -> Option<usize> {
        self.orders.iter().position(|resting| resting.order.id == id)
    }

    /// From when on the book needs to see every candle.
    pub fn calm_until(&self) -> Timestamp {
        let waits = |resting: &Resting| match resting.posture {
            Posture::Held | Posture::Resting => false,
            Posture::Asleep | Posture::Taking { .. } | Posture::Arriving => true,
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
            let Some(level) = resting.order.kind.stated_price() else { continue };
            if resting.order.waits_below() {
                band.low = band.low.max(level.units());
            } else {
                band.high = band.high.min(level.units());
            }
        }
        band
    }
}

impl Order {
    /// Whether the order waits for the price to fall to it: a buy limit or a sell stop.
    pub(super) fn waits_below(&self) -> bool {
        match self.kind {
            OrderKind::Market => false,
            OrderKind::Limit { .. } => self.side == Side::Buy,
            OrderKind::StopMarket { .. } => self.side == Side::Sell,
        }
    }

    /// Whether a market that goes as far as `candle`'s extremes sets the order off.
    pub(super) fn reached_by(&self, candle: &Candle, policy: LimitPolicy, tick: Price) -> bool {
        let extreme = if self.waits_below() { candle.low } else { candle.high };
        self.reached_at(extreme, policy, tick)
    }

    /// Whether a market at `price` sets the order off.
    pub(super) fn reached_at(&self, price: Price, policy: LimitPolicy, tick: Price) -> bool {
        let Some(level) = self.kind.stated_price() else { return true };
        let beyond = if self.waits_below() {
            level.units().saturating_sub(price.units())
        } else {
            price.units().saturating_sub(level.units())
        };
        let needed = match (self.kind, policy) {
            (OrderKind::Limit { .. }, LimitPolicy::Through) => tick.units().max(1),
            (OrderKind::Limit { .. }, LimitPolicy::Touch) | (OrderKind::StopMarket { .. } | OrderKind::Market, _) => 0,
        };
        beyond >= needed
    }

    /// Whether a limit order that arrives with the market at `price` would trade at once.
    pub(super) fn crosses(&self, price: Price) -> bool {
        match (self.kind, self.side) {
            (OrderKind::Limit { price: limit }, Side::Buy) => price <= limit,
            (OrderKind::Limit { price: limit }, Side::Sell) => price >= limit,
            (OrderKind::Market | OrderKind::StopMarket { .. }, _) => true,
        }
    }

    /// The price at which a resting limit order fills when the candle opens beyond it.
    pub(super) fn gap_price(&self, limit: Price, open: Price, policy: LimitGapPolicy) -> Price {
        match policy {
            LimitGapPolicy::AtLimit => limit,
            LimitGapPolicy::AtOpen => self.side.better(limit, open),
        }
    }

    /// The other child of this one's bracket, if any.
    pub(super) fn sibling(&self) -> Option<OrderId> {
        match self.link {
            Link::Child { sibling, .. } => sibling,
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
