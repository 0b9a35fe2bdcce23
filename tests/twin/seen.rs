//! Prices as the owner of an order sees them, so that one rule serves buyers and sellers.

use tapeline::domain::*;
use tapeline::venue::{LimitPolicy, Policy};

/// What a price costs the owner of an order: the price itself to a buyer, its negative to a seller. Less is better.
pub type Cost = i128;

/// What a price costs someone on this side.
pub fn cost(side: Side, price: Price) -> Cost {
    i128::from(side.sign()) * i128::from(price.units())
}

/// The price that costs someone on this side so much.
pub fn price(side: Side, cost: Cost) -> Price {
    Price::from_units(i64::try_from(i128::from(side.sign()) * cost).unwrap())
}

/// The smallest multiple of `step` that is not below `value`.
pub fn up_to(value: i128, step: i128) -> i128 {
    -(-value).div_euclid(step) * step
}

/// A candle in costs: its dearest and its cheapest price, and its last.
#[derive(Clone, Copy)]
pub struct Seen {
    pub dear: Cost,
    pub cheap: Cost,
    pub close: Cost,
}

impl Seen {
    pub fn of(side: Side, candle: &Candle) -> Seen {
        let [high, low, close] = [candle.high, candle.low, candle.close].map(|price| cost(side, price));
        Seen { dear: high.max(low), cheap: high.min(low), close }
    }
}

/// What an open order is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stand {
    /// It waits for its entry.
    Held,
    /// It waits for its level.
    Waits,
    /// It trades at whatever comes; after a late arrival at no better than the close of that candle.
    AtMarket { late: Option<Cost> },
    /// It has met no price since it came.
    Unmet,
}

/// Where a trailing stop stands.
#[derive(Clone, Copy, Debug)]
pub struct Trailed {
    pub best: Cost,
    pub level: Cost,
    pub since: Timestamp,
}

/// An open order.
#[derive(Clone, Copy, Debug)]
pub struct Placed {
    pub order: Order,
    pub leaves: i128,
    pub filled: i128,
    pub stand: Stand,
    pub trail: Option<Trailed>,
    /// What stands ahead of it in the queue; none while no trade has come to its price.
    pub ahead: Option<i128>,
    /// While it waits for the first trade since it came: the dearest quote that has stood since.
    pub bound: Option<Cost>,
}

/// The level at which a trailing stop goes off when the best cost so far is `best`.
pub fn trail_level(side: Side, by: Trail, best: Cost, tick: i128) -> Cost {
    let distance = match by {
        Trail::Distance(distance) => i128::from(distance.units()),
        Trail::Fraction(rate) => up_to(best.abs() * i128::from(rate.units()), 100_000_000) / 100_000_000,
    };
    not_below_a_tick(side, up_to(best + distance, tick), tick)
}

/// A seller's price is never below one tick.
pub fn not_below_a_tick(side: Side, cost: Cost, tick: i128) -> Cost {
    if side == Side::Sell { cost.min(-tick) } else { cost }
}

impl Placed {
    pub fn side(&self) -> Side {
        self.order.side
    }

    /// The level that it waits for.
    pub fn level(&self) -> Option<Cost> {
        match self.order.kind {
            OrderKind::Market => None,
            OrderKind::Limit { price } => Some(cost(self.side(), price)),
            OrderKind::StopMarket { trigger }
            | OrderKind::StopLimit { trigger, .. }
            | OrderKind::TakeProfit { trigger }
            | OrderKind::TakeProfitLimit { trigger, .. } => Some(cost(self.side(), trigger)),
            OrderKind::TrailingStop { .. } => self.trail.map(|trail| trail.level),
        }
    }

    /// The most that it may ever cost.
    pub fn limit(&self) -> Option<Cost> {
        self.order.kind.limit().map(|price| cost(self.side(), price))
    }

    /// Whether a market at `now` reaches its level: a limit has to be passed by a tick unless a touch will do.
    pub fn reached(&self, now: Cost, policy: &Policy, tick: i128) -> bool {
        let Some(level) = self.level() else { return false };
        match self.order.kind {
            OrderKind::Limit { .. } if policy.limit_fill != LimitPolicy::Touch => now <= level - tick,
            OrderKind::Limit { .. } | OrderKind::TakeProfit { .. } | OrderKind::TakeProfitLimit { .. } => now <= level,
            _ => now >= level,
        }
    }

    /// Whether something between a candle's extremes reaches it. A trailing stop may be moved by the cheapest price
    /// before the dearest sets it off.
    pub fn within(&self, seen: &Seen, policy: &Policy, tick: i128) -> bool {
        let extreme = if self.order.kind.is_favourable() { seen.cheap } else { seen.dear };
        self.reached(extreme, policy, tick) || self.moved_to(seen, tick).is_some_and(|level| seen.dear >= level)
    }

    /// The level to which a candle's cheapest price moves a trailing stop.
    pub fn moved_to(&self, seen: &Seen, tick: i128) -> Option<Cost> {
        let (OrderKind::TrailingStop { trail: by }, Some(trail)) = (self.order.kind, self.trail) else { return None };
        (seen.cheap < trail.best).then(|| trail_level(self.side(), by, seen.cheap, tick))
    }

    /// A trailing stop learns of a price. It never goes back.
    pub fn learn(&mut self, now: Cost, tick: i128, at: Timestamp) {
        let OrderKind::TrailingStop { trail: by } = self.order.kind else { return };
        let level = trail_level(self.side(), by, now, tick);
        match &mut self.trail {
            None => self.trail = Some(Trailed { best: now, level, since: at }),
            Some(trail) if now < trail.best => {
                trail.best = now;
                trail.level = trail.level.min(level);
            }
            Some(_) => {}
        }
    }

    /// Whether a limit order would trade at once with the market at `now`: there a touch is enough.
    pub fn crosses(&self, now: Cost) -> bool {
        matches!(self.order.kind, OrderKind::Limit { price } if now <= cost(self.side(), price))
    }

    /// Whether it would trade at once but may not.
    pub fn may_not(&self, now: Cost) -> bool {
        self.order.crossing == Crossing::PostOnly && self.crosses(now)
    }
}
