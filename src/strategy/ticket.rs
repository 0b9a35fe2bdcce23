//! An order as a strategy writes it, before the desk gives it a number.

use crate::domain::{InstrumentId, OrderKind, PositionEffect, Price, Quantity, Side, Tag, TimeInForce, Timestamp};

/// What to trade, which way, how much, at what price, for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ticket {
    /// What.
    pub instrument: InstrumentId,
    /// Which way.
    pub side: Side,
    /// When and at which price.
    pub kind: OrderKind,
    /// How much.
    pub quantity: Quantity,
    /// How long.
    pub time_in_force: TimeInForce,
    /// What it may do to the position.
    pub effect: PositionEffect,
    /// The strategy's name for it.
    pub tag: Tag,
}

/// An entry with a protective stop, a profit target, or both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BracketTicket {
    /// The order that opens the position.
    pub entry: Ticket,
    /// Level of the protective stop, and its name.
    pub stop: Option<(Price, Tag)>,
    /// Price of the profit target, and its name.
    pub target: Option<(Price, Tag)>,
}

impl Ticket {
    /// A market order.
    pub fn market(instrument: InstrumentId, side: Side, quantity: Quantity) -> Self {
        Ticket::new(instrument, side, OrderKind::Market, quantity)
    }

    /// A limit order, good till cancelled.
    pub fn limit(instrument: InstrumentId, side: Side, quantity: Quantity, price: Price) -> Self {
        Ticket::new(instrument, side, OrderKind::Limit { price }, quantity)
    }

    /// A stop-market order, good till cancelled.
    pub fn stop(instrument: InstrumentId, side: Side, quantity: Quantity, trigger: Price) -> Self {
        Ticket::new(instrument, side, OrderKind::StopMarket { trigger }, quantity)
    }

    /// An order of any kind, good till cancelled.
    pub fn new(instrument: InstrumentId, side: Side, kind: OrderKind, quantity: Quantity) -> Self {
        Ticket {
            instrument,
            side,
            kind,
            quantity,
            time_in_force: TimeInForce::GoodTillCancelled,
            effect: PositionEffect::Any,
            tag: Tag::default(),
        }
    }

    /// It may only bring the position towards zero.
    #[must_use]
    pub fn reduce_only(mut self) -> Self {
        self.effect = PositionEffect::ReduceOnly;
        self
    }

    /// What does not fill at arrival is cancelled.
    #[must_use]
    pub fn immediate_or_cancel(mut self) -> Self {
        self.time_in_force = TimeInForce::ImmediateOrCancel;
        self
    }

    /// It expires at `until`.
    #[must_use]
    pub fn good_till(mut self, until: Timestamp) -> Self {
        self.time_in_force = TimeInForce::GoodTillDate(until);
        self
    }

    /// Its name in files and reports.
    #[must_use]
    pub fn tag(mut self, tag: Tag) -> Self {
        self.tag = tag;
        self
    }
}
