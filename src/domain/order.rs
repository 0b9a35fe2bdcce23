//! Orders, groups of orders, and the news about them.

use super::{CancelReason, Fill, InstrumentId, Price, Quantity, Rate, RejectReason, Timestamp};
use serde::{Deserialize, Serialize};

/// Identifies an order within a session, counted from zero in order of submission.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct OrderId(pub u32);

/// Identifies a desk: one strategy instance of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct DeskId(pub u16);

/// A name that a strategy gives an order, kept as an index into the session's table of tags. Zero is no name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct Tag(pub u32);

/// Which way an order trades.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Side {
    /// Takes the base asset, gives the quote asset.
    Buy,
    /// Gives the base asset, takes the quote asset.
    Sell,
}

impl Side {
    /// +1 for a buy, −1 for a sell.
    #[inline]
    pub const fn sign(self) -> i64 {
        match self {
            Side::Buy => 1,
            Side::Sell => -1,
        }
    }

    /// The other side.
    pub const fn opposite(self) -> Side {
        match self {
            Side::Buy => Side::Sell,
            Side::Sell => Side::Buy,
        }
    }

    /// `quantity` with this side's sign.
    #[inline]
    pub const fn signed(self, quantity: Quantity) -> Quantity {
        match self {
            Side::Buy => quantity,
            Side::Sell => quantity.negated(),
        }
    }

    /// `buy` or `sell`.
    pub const fn name(self) -> &'static str {
        match self {
            Side::Buy => "buy",
            Side::Sell => "sell",
        }
    }
}

/// When and at which price an order may trade.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum OrderKind {
    /// At once, at what the market gives.
    Market,
    /// At `price` or better.
    Limit {
        /// The worst acceptable price.
        price: Price,
    },
    /// Becomes a market order when the last price reaches `trigger`.
    StopMarket {
        /// The level that sets it off: at or above for a buy, at or below for a sell.
        trigger: Price,
    },
    /// Becomes a limit order when the last price reaches `trigger`.
    StopLimit {
        /// The level that sets it off: at or above for a buy, at or below for a sell.
        trigger: Price,
        /// The worst acceptable price from then on.
        price: Price,
    },
    /// Becomes a market order when the last price has come as far in its favour as `trigger`.
    TakeProfit {
        /// The level that sets it off: at or below for a buy, at or above for a sell.
        trigger: Price,
    },
    /// Becomes a limit order when the last price has come as far in its favour as `trigger`.
    TakeProfitLimit {
        /// The level that sets it off: at or below for a buy, at or above for a sell.
        trigger: Price,
        /// The worst acceptable price from then on.
        price: Price,
    },
    /// A stop-market order whose trigger follows the best price since it was open, at a distance, and never goes back.
    TrailingStop {
        /// The distance.
        trail: Trail,
    },
}

/// How far a trailing stop stays behind the best price.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Trail {
    /// By so many price units, above zero.
    Distance(Price),
    /// By this fraction of the best price, above zero and below one.
    Fraction(Rate),
}

impl Trail {
    /// The trigger of an order of `side` when the best price so far is `best`: a sell's lies below, a buy's above it.
    /// A fraction is rounded to whole ticks away from the market, so that it is never closer than asked; a sell's
    /// trigger is never below one tick.
    pub fn trigger(self, side: Side, best: Price, tick: Price) -> Price {
        let tick = i128::from(tick.units().max(1));
        let distance = match self {
            Trail::Distance(distance) => i128::from(distance.units()),
            Trail::Fraction(rate) => {
                let (one, product) =
                    (i128::from(Rate::ONE.units()), i128::from(best.units()) * i128::from(rate.units()));
                (product + one - 1).div_euclid(one)
            }
        };
        let best = i128::from(best.units());
        let level = match side {
            Side::Sell => (best - distance).div_euclid(tick).max(1) * tick,
            Side::Buy => (best + distance + tick - 1).div_euclid(tick) * tick,
        };
        Price::from_units(i64::try_from(level).unwrap_or(i64::MAX))
    }
}

impl OrderKind {
    /// The field's name for this kind.
    pub const fn name(self) -> &'static str {
        match self {
            OrderKind::Market => "market",
            OrderKind::Limit { .. } => "limit",
            OrderKind::StopMarket { .. } => "stop-market",
            OrderKind::StopLimit { .. } => "stop-limit",
            OrderKind::TakeProfit { .. } => "take-profit",
            OrderKind::TakeProfitLimit { .. } => "take-profit-limit",
            OrderKind::TrailingStop { .. } => "trailing-stop",
        }
    }

    /// The worst price that it accepts.
    pub const fn limit(self) -> Option<Price> {
        match self {
            OrderKind::Limit { price }
            | OrderKind::StopLimit { price, .. }
            | OrderKind::TakeProfitLimit { price, .. } => Some(price),
            OrderKind::Market
            | OrderKind::StopMarket { .. }
            | OrderKind::TakeProfit { .. }
            | OrderKind::TrailingStop { .. } => None,
        }
    }

    /// The level that sets it off, where it states one. A trailing stop's moves.
    pub const fn trigger(self) -> Option<Price> {
        match self {
            OrderKind::StopMarket { trigger }
            | OrderKind::StopLimit { trigger, .. }
            | OrderKind::TakeProfit { trigger }
            | OrderKind::TakeProfitLimit { trigger, .. } => Some(trigger),
            OrderKind::Market | OrderKind::Limit { .. } | OrderKind::TrailingStop { .. } => None,
        }
    }

    /// Whether it acts in its owner's favour when it is reached: a limit or a take-profit, not a stop.
    pub const fn is_favourable(self) -> bool {
        match self {
            OrderKind::Limit { .. } | OrderKind::TakeProfit { .. } | OrderKind::TakeProfitLimit { .. } => true,
            OrderKind::Market
            | OrderKind::StopMarket { .. }
            | OrderKind::StopLimit { .. }
            | OrderKind::TrailingStop { .. } => false,
        }
    }

    /// The price by which an order is judged before it trades: its limit, or else its trigger.
    pub const fn stated_price(self) -> Option<Price> {
        match self.limit() {
            Some(price) => Some(price),
            None => self.trigger(),
        }
    }
}

/// How long an order stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum TimeInForce {
    /// Until filled or cancelled (GTC).
    GoodTillCancelled,
    /// What does not fill at arrival is cancelled (IOC).
    ImmediateOrCancel,
    /// All of it at arrival or nothing (FOK).
    FillOrKill,
    /// Until this instant (GTD).
    GoodTillDate(Timestamp),
}

impl TimeInForce {
    /// Whether what does not fill at arrival goes.
    pub const fn is_immediate(self) -> bool {
        match self {
            TimeInForce::ImmediateOrCancel | TimeInForce::FillOrKill => true,
            TimeInForce::GoodTillCancelled | TimeInForce::GoodTillDate(_) => false,
        }
    }
}

/// Whether an order may trade against what is there when it arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum Crossing {
    /// It may.
    #[default]
    Allowed,
    /// It may not: it is refused when it would (post-only, LIMIT_MAKER).
    PostOnly,
}

/// Whether an order may open or enlarge a position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum PositionEffect {
    /// It may do anything.
    Any,
    /// It may only bring the desk's position towards zero; more than that is cut off when it would fill.
    ReduceOnly,
}

/// How an order hangs together with others of its group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Link {
    /// It stands alone.
    None,
    /// The entry of a bracket. Its children's numbers follow: the stop first, if there is one, then the target.
    Entry {
        /// The protective stop, held until this order fills.
        stop: Option<OrderId>,
        /// The profit target, held until this order fills.
        target: Option<OrderId>,
    },
    /// A child of a bracket: alive for what its entry has filled; a fill of one reduces the other.
    Child {
        /// The order it waits for.
        entry: OrderId,
        /// The other child, if there is one.
        sibling: Option<OrderId>,
    },
    /// One of two orders of which only one may fill (OCO): a fill of one reduces the other, the end of one ends the
    /// other.
    Pair {
        /// The other order.
        sibling: OrderId,
    },
}

/// One order as the desk sends it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// Its number.
    pub id: OrderId,
    /// Whose it is.
    pub desk: DeskId,
    /// What it trades.
    pub instrument: InstrumentId,
    /// Which way.
    pub side: Side,
    /// When and at which price.
    pub kind: OrderKind,
    /// How much, above zero.
    pub quantity: Quantity,
    /// How long.
    pub time_in_force: TimeInForce,
    /// What it may do to the position.
    pub effect: PositionEffect,
    /// Whether it may take.
    pub crossing: Crossing,
    /// Its group.
    pub link: Link,
    /// The strategy's name for it.
    pub tag: Tag,
}

/// An entry with children held until it fills.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bracket {
    /// The order that opens the position.
    pub entry: Order,
    /// The protective stop.
    pub stop: Option<Order>,
    /// The profit target.
    pub target: Option<Order>,
}

/// Orders that are sent as one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Group {
    /// An entry with children.
    Bracket(Bracket),
    /// Two orders of which only one may fill.
    Pair([Order; 2]),
}

impl Group {
    /// The order that stands for the group: the entry, or the first of a pair.
    pub const fn first(&self) -> &Order {
        match self {
            Group::Bracket(bracket) => &bracket.entry,
            Group::Pair([first, _]) => first,
        }
    }

    /// Its orders, in order of their numbers.
    pub fn orders(&self) -> impl Iterator<Item = Order> {
        let orders = match *self {
            Group::Bracket(Bracket { entry, stop, target }) => [Some(entry), stop, target],
            Group::Pair([first, second]) => [Some(first), Some(second), None],
        };
        orders.into_iter().flatten()
    }
}

/// New terms for a working order: its kind keeps, its prices and quantity change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// The same kind of order with its new price or trigger.
    pub kind: OrderKind,
    /// New total quantity, what is already filled included.
    pub quantity: Quantity,
}

/// News about one order, as a venue sends it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderUpdate {
    /// Which order.
    pub order: OrderId,
    /// Whose.
    pub desk: DeskId,
    /// When it happened at the venue.
    pub at: Timestamp,
    /// What happened.
    pub kind: UpdateKind,
}

/// What happened to an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum UpdateKind {
    /// The venue has it; it works.
    Accepted,
    /// The venue has it as a child that waits for its entry.
    Held,
    /// Its entry filled: it works now, for `quantity` in all.
    Released {
        /// What the entry has filled so far.
        quantity: Quantity,
    },
    /// Its trigger was reached: it works as the limit order that it becomes.
    Triggered,
    /// Some or all of it traded.
    Filled(Fill),
    /// It is gone.
    Cancelled(CancelReason),
    /// A cancel came too late or named no open order; the order is as it was.
    CancelRejected,
    /// It has new terms.
    Replaced(Terms),
    /// The new terms were refused; the order is as it was.
    ReplaceRejected(RejectReason),
    /// Its time is over.
    Expired,
    /// The venue refused it.
    Rejected(RejectReason),
}
