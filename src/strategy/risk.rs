//! The checks before an order leaves the desk: the same in a backtest, on paper and live.
//!
//! Limits hold against the worst case of everything in flight, not only what is already filled. Those on losses stand in
//! `halts`, those on what may be held in `exposure`, those on single orders and their pace in `conduct`.

use super::context::Books;
use super::limits::Action;
use super::ticket::Ticket;
use crate::domain::{
    Amount, AssetId, DeskId, FeeAsset, InstrumentId, InstrumentKind, Link, OrderId, Overflow, PositionEffect, Price,
    Quantity, Refusal, RejectReason, Side, Timestamp,
};
use crate::venue::filters;

/// What a passed order has to set aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Passed {
    pub reserve: Amount,
    pub asset: AssetId,
}

/// What an order that is checked asks of the venue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sends {
    /// New orders: so many of them at once, in a bracket or a pair.
    New { orders: usize },
    /// New terms for an open order, which is looked at as if it were gone.
    Replacement,
    /// A new order that comes only if this open one is cancelled first. What the open one has reserved, or would sell,
    /// is free for it; limits see both, since the open one may still fill in part.
    Instead(OrderId),
}

impl Books<'_> {
    /// Checks one order of a desk. A child of a bracket is checked for its form only: its entry answered for the rest.
    pub(super) fn check(
        &mut self,
        desk: DeskId,
        ticket: &Ticket,
        sends: Sends,
        now: Timestamp,
    ) -> Result<Passed, Refusal> {
        self.standing(desk, ticket, now)?;
        let mark = self.marks[usize::from(ticket.instrument.0)];
        if mark.is_zero() {
            return Err(Refusal::NoPrice);
        }
        self.check_form(ticket, Some(mark), now)?;
        let reference = ticket.kind.stated_price().unwrap_or(mark);
        let notional = self.notional_in_currency(ticket.instrument, reference, ticket.quantity).map_err(overflow)?;
        let opens = self.opens(desk, ticket);
        let risks = opens.units().max(self.lets_open(desk, ticket));
        if risks > 0 {
            self.check_halts(desk, now)?;
            self.check_conduct(desk, ticket, sends, mark, now)?;
            self.check_exposure(desk, ticket, notional, Quantity::from_units(risks))?;
        }
        match sends {
            // Coins can be sold by either order, since the venue looks again at what is held. Money stays set aside for
            // both: the old one may trade before it is gone.
            Sends::Instead(order) if self.sells_coins(ticket) => {
                self.funds_without(desk, order, ticket, reference, now)
            }
            Sends::New { .. } | Sends::Replacement | Sends::Instead(_) => {
                self.funds(desk, ticket, reference, opens, now)
            }
        }
    }

    /// As [`Books::funds`], as if this open order were gone.
    fn funds_without(
        &mut self,
        desk: DeskId,
        order: OrderId,
        ticket: &Ticket,
        reference: Price,
        now: Timestamp,
    ) -> Result<Passed, Refusal> {
        let index = self.floor.desk(desk).find(order).ok_or(Refusal::UnknownOrder)?;
        let open = self.floor.desk(desk).orders.remove(index);
        self.ledger.release(desk, open.reserved_asset, open.reserved).map_err(overflow)?;
        let opens = self.opens(desk, ticket);
        let passed = self.funds(desk, ticket, reference, opens, now);
        let restored = self.ledger.reserve(desk, open.reserved_asset, open.reserved);
        self.floor.desk(desk).orders.insert(index, open);
        restored.map_err(overflow)?;
        passed
    }

    fn sells_coins(&self, ticket: &Ticket) -> bool {
        let kind = self.floor.instruments[usize::from(ticket.instrument.0)].kind;
        kind == InstrumentKind::Spot && ticket.side == Side::Sell
    }

    #[inline]
    fn standing(&self, desk: DeskId, ticket: &Ticket, now: Timestamp) -> Result<(), Refusal> {
        let desk = &self.floor.desks[usize::from(desk.0)];
        if now < desk.tradable_from {
            return Err(Refusal::WarmUp);
        }
        if !desk.symbols.contains(&ticket.instrument) {
            return Err(Refusal::ForeignInstrument);
        }
        Ok(())
    }

    /// The form of an order: the exchange's filters.
    #[inline]
    pub(super) fn check_form(&self, ticket: &Ticket, mark: Option<Price>, now: Timestamp) -> Result<(), Refusal> {
        if ticket.quantity.units() <= 0 {
            return Err(Refusal::Quantity);
        }
        ticket.check_form()?;
        let instrument = &self.floor.instruments[usize::from(ticket.instrument.0)];
        let result = filters::check(instrument, instrument.filters_at(now), ticket.kind, ticket.quantity, mark);
        match result {
            Ok(()) => Ok(()),
            Err(RejectReason::LotSize) => Err(Refusal::Lot),
            Err(RejectReason::Notional) => Err(Refusal::MinimumNotional),
            Err(RejectReason::Overflow) => Err(Refusal::Overflow),
            // The venue judges the band by its own last price; the desk's may be older.
            Err(RejectReason::PercentPrice) => Ok(()),
            Err(
                RejectReason::PriceFilter
                | RejectReason::MaximumOpenOrders
                | RejectReason::InsufficientBalance
                | RejectReason::ReduceOnly
                | RejectReason::WouldTake
                | RejectReason::PairRefused
                | RejectReason::NotAttempted
                | RejectReason::UnknownOrder
                | RejectReason::AlreadyExpired,
            ) => Err(Refusal::Tick),
        }
    }

    /// How much of the order would open or enlarge the desk's position once everything in flight has filled.
    #[inline]
    fn opens(&self, desk: DeskId, ticket: &Ticket) -> Quantity {
        if ticket.effect == PositionEffect::ReduceOnly {
            return Quantity::ZERO;
        }
        let held = self.ledger.position(desk, ticket.instrument).quantity();
        let against = ticket.side.opposite().signed(held).units();
        let same_side = self.floor.desks[usize::from(desk.0)].in_flight(ticket.instrument, ticket.side).units();
        let reducible = against.saturating_sub(same_side).clamp(0, ticket.quantity.units());
        Quantity::from_units(ticket.quantity.units() - reducible)
    }

    /// How much more the open orders of this side would open, once this one, which only reduces, has filled: they were let
    /// through because they were to reduce what it takes from them.
    fn lets_open(&self, desk: DeskId, ticket: &Ticket) -> i64 {
        if ticket.effect == PositionEffect::Any {
            return 0;
        }
        let held = ticket.side.opposite().signed(self.ledger.position(desk, ticket.instrument).quantity()).units();
        let (mut reduce, mut any) = (0i64, 0i64);
        for open in &self.floor.desks[usize::from(desk.0)].orders {
            if open.order.instrument == ticket.instrument && open.order.side == ticket.side && !open.is_second_of_pair()
            {
                match open.order.effect {
                    PositionEffect::ReduceOnly => reduce = reduce.saturating_add(open.leaves().units()),
                    PositionEffect::Any => any = any.saturating_add(open.leaves().units()),
                }
            }
        }
        let opened = |reduce: i64| any.saturating_sub(held.saturating_sub(reduce).max(0)).max(0);
        let after = reduce.saturating_add(ticket.quantity.units()).min(held.max(0));
        opened(after) - opened(reduce.min(held.max(0)))
    }

    /// What must be set aside, when that much may be spent.
    #[inline]
    fn funds(
        &self,
        desk: DeskId,
        ticket: &Ticket,
        reference: Price,
        opens: Quantity,
        now: Timestamp,
    ) -> Result<Passed, Refusal> {
        let instrument = &self.floor.instruments[usize::from(ticket.instrument.0)];
        match (instrument.kind, ticket.side) {
            (InstrumentKind::Spot, Side::Sell) => {
                let held = self.ledger.position(desk, ticket.instrument).quantity();
                let flying = self.selling(desk, ticket.instrument);
                let free = held.units().saturating_sub(flying);
                if ticket.quantity.units() > free {
                    return Err(Refusal::InsufficientBalance);
                }
                Ok(Passed { reserve: Amount::ZERO, asset: instrument.base })
            }
            (InstrumentKind::Spot, Side::Buy) | (InstrumentKind::Linear, _) => {
                let quantity = match instrument.kind {
                    InstrumentKind::Spot => ticket.quantity,
                    InstrumentKind::Linear => opens,
                };
                let notional = instrument.notional(reference, quantity).map_err(overflow)?;
                let fees = instrument.fees_at(now);
                let fee = match fees.asset {
                    FeeAsset::Quote if fees.taker.units() > 0 => {
                        notional.fee(fees.taker, 1, fees.rounding).map_err(overflow)?
                    }
                    FeeAsset::Quote | FeeAsset::Received | FeeAsset::Third(_) => Amount::ZERO,
                };
                let reserve = notional.plus(fee).map_err(overflow)?;
                if self.ledger.spendable(desk, instrument.quote) < reserve {
                    let has_share = self.ledger.desk(desk).has_share;
                    return Err(if has_share { Refusal::CapitalShare } else { Refusal::InsufficientBalance });
                }
                Ok(Passed { reserve, asset: instrument.quote })
            }
        }
    }

    /// What open sell orders of a desk may take of an instrument. The two children of a bracket, or the two orders of a
    /// pair, sell it only once, the larger of them, and those whose entry has not filled sell what is not held yet.
    fn selling(&self, desk: DeskId, instrument: InstrumentId) -> i64 {
        let orders = &self.floor.desks[usize::from(desk.0)].orders;
        let mut sum = 0i64;
        for open in orders.iter().filter(|open| open.order.instrument == instrument && open.order.side == Side::Sell) {
            let (waits, sibling) = match open.order.link {
                Link::Child { entry, sibling } => {
                    let find = |id: OrderId| orders.iter().find(|other| other.order.id == id);
                    // News of the entry's fill comes before that of the release.
                    let untouched = find(entry).is_some_and(|entry| entry.filled.is_zero());
                    (open.waits && untouched, sibling.and_then(find))
                }
                Link::Pair { sibling } => (false, orders.iter().find(|other| other.order.id == sibling)),
                Link::None | Link::Entry { .. } => (false, None),
            };
            let counted = sibling.is_some_and(|sibling| sibling.order.id < open.order.id);
            if !waits && !counted {
                let larger = sibling.map_or(Quantity::ZERO, |sibling| sibling.leaves()).max(open.leaves());
                sum = sum.saturating_add(larger.units());
            }
        }
        sum
    }

    #[inline]
    pub(super) fn notional_in_currency(
        &self,
        instrument: InstrumentId,
        price: Price,
        quantity: Quantity,
    ) -> Result<Amount, Overflow> {
        let of = &self.floor.instruments[usize::from(instrument.0)];
        self.ledger.valuation().worth(of.quote, of.notional(price, quantity)?, self.marks)
    }

    /// A limit was passed: refuse or count.
    pub(super) fn judge(&mut self, desk: DeskId, action: Action, refusal: Refusal) -> Result<(), Refusal> {
        match action {
            Action::Enforce => Err(refusal),
            Action::Observe => {
                self.floor.desk(desk).observed[refusal as usize] += 1;
                Ok(())
            }
        }
    }
}

pub(super) fn overflow(_: Overflow) -> Refusal {
    Refusal::Overflow
}
