//! An order as a strategy writes it, before the desk gives it a number.

use crate::domain::{
    Crossing, InstrumentId, OrderKind, PositionEffect, Price, Quantity, Refusal, Side, Tag, TimeInForce, Timestamp,
    Trail,
};

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
    /// Whether it may take.
    pub crossing: Crossing,
    /// The strategy's name for it.
    pub tag: Tag,
}

/// An entry with a protective stop, a profit target, or both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BracketTicket {
    /// The order that opens the position.
    pub entry: Ticket,
    /// The protective stop, and its name: a stop-market, stop-limit or trailing stop.
    pub stop: Option<(OrderKind, Tag)>,
    /// The profit target, and its name: a limit, take-profit or take-profit-limit.
    pub target: Option<(OrderKind, Tag)>,
}

impl BracketTicket {
    /// Whether the kinds of its children fit their parts.
    ///
    /// # Errors
    /// The refusal of the form.
    pub fn check_form(&self) -> Result<(), Refusal> {
        let fits = |child: Option<(OrderKind, Tag)>, favourable: bool| {
            child.is_none_or(|(kind, _)| kind != OrderKind::Market && kind.is_favourable() == favourable)
        };
        if fits(self.stop, false) && fits(self.target, true) { Ok(()) } else { Err(Refusal::Form) }
    }
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

    /// A stop-market order whose trigger trails the best price.
    pub fn trailing_stop(instrument: InstrumentId, side: Side, quantity: Quantity, trail: Trail) -> Self {
        Ticket::new(instrument, side, OrderKind::TrailingStop { trail }, quantity)
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
            crossing: Crossing::Allowed,
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

    /// All of it fills at arrival or nothing.
    #[must_use]
    pub fn fill_or_kill(mut self) -> Self {
        self.time_in_force = TimeInForce::FillOrKill;
        self
    }

    /// It may not take: it is refused when it would.
    #[must_use]
    pub fn post_only(mut self) -> Self {
        self.crossing = Crossing::PostOnly;
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
    /// Whether its parts fit together: only a limit order can be post-only, and it then waits; only an order that can
    /// trade at arrival can be told to do so or go.
    ///
    /// # Errors
    /// The refusal of the form.
    pub fn check_form(&self) -> Result<(), Refusal> {
        let is_limit = matches!(self.kind, OrderKind::Limit { .. });
        let crosses = self.crossing == Crossing::Allowed || (is_limit && !self.time_in_force.is_immediate());
        let lives = match (self.time_in_force, self.kind) {
            (TimeInForce::GoodTillCancelled | TimeInForce::GoodTillDate(_), _) | (_, OrderKind::Market) => true,
            (TimeInForce::ImmediateOrCancel, OrderKind::StopMarket { .. }) => true,
            (TimeInForce::ImmediateOrCancel | TimeInForce::FillOrKill, _) => is_limit,
        };
        if crosses && lives { Ok(()) } else { Err(Refusal::Form) }
    }
}
