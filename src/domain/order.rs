//! Orders, groups of orders, and the news about them.

use super::{CancelReason, Fill, InstrumentId, Price, Quantity, RejectReason, Timestamp};

/// Identifies an order within a session, counted from zero in order of submission.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OrderId(pub u32);

/// Identifies a desk: one strategy instance of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeskId(pub u16);

/// A name that a strategy gives an order, kept as an index into the session's table of tags. Zero is no name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Tag(pub u32);

/// Which way an order trades.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
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
}

impl OrderKind {
    /// The field's name for this kind.
    pub const fn name(self) -> &'static str {
        match self {
            OrderKind::Market => "market",
            OrderKind::Limit { .. } => "limit",
            OrderKind::StopMarket { .. } => "stop-market",
        }
    }

    /// The price that the order itself states: a limit or a trigger.
    pub const fn stated_price(self) -> Option<Price> {
        match self {
            OrderKind::Market => None,
            OrderKind::Limit { price } => Some(price),
            OrderKind::StopMarket { trigger } => Some(trigger),
        }
    }
}

/// How long an order stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TimeInForce {
    /// Until filled or cancelled (GTC).
    GoodTillCancelled,
    /// What does not fill at arrival is cancelled (IOC).
    ImmediateOrCancel,
    /// Until this instant (GTD).
    GoodTillDate(Timestamp),
}

/// Whether an order may open or enlarge a position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PositionEffect {
    /// It may do anything.
    Any,
    /// It may only bring the desk's position towards zero; more than that is cut off when it would fill.
    ReduceOnly,
}

/// How an order hangs together with others of its group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
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
}

/// One order as the desk sends it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
    /// Its group.
    pub link: Link,
    /// The strategy's name for it.
    pub tag: Tag,
}

/// An entry with children held until it fills.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bracket {
    /// The order that opens the position.
    pub entry: Order,
    /// The protective stop.
    pub stop: Option<Order>,
    /// The profit target.
    pub target: Option<Order>,
}

/// New terms for a working order: its kind keeps, its prices and quantity change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// The same kind of order with its new price or trigger.
    pub kind: OrderKind,
    /// New total quantity, what is already filled included.
    pub quantity: Quantity,
}

/// News about one order, as a venue sends it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
