//! Limits on what may be held: one order's worth, a position, and the worth of all of it with everything in flight.

use super::context::Books;
use super::desk::OpenOrder;
use super::risk::overflow;
use super::ticket::Ticket;
use crate::domain::{Amount, DeskId, InstrumentId, Link, Overflow, PositionEffect, Quantity, Refusal, Side};

impl Books<'_> {
    pub(super) fn check_exposure(
        &mut self,
        desk: DeskId,
        ticket: &Ticket,
        notional: Amount,
        opens: Quantity,
    ) -> Result<(), Refusal> {
        let index = usize::from(ticket.instrument.0);
        let limits = &self.floor.desks[usize::from(desk.0)].limits;
        let (order_limit, position_limit, symbol_limit, desk_limit) = (
            limits.maximum_order_notional,
            limits.maximum_position.get(index).copied().flatten(),
            limits.maximum_symbol_exposure,
            limits.maximum_desk_exposure,
        );
        let account = self.floor.limits;
        if let Some(limit) = order_limit
            && notional > limit.value
        {
            self.judge(desk, limit.action, Refusal::MaximumOrderNotional)?;
        }
        if let Some(limit) = position_limit
            && self.worst_position(desk, ticket.instrument, ticket.side, opens) > limit.value
        {
            self.judge(desk, limit.action, Refusal::MaximumPosition)?;
        }
        let is_bounded = symbol_limit.is_some()
            || desk_limit.is_some()
            || account.maximum_symbol_exposure.is_some()
            || account.maximum_exposure.is_some();
        if !is_bounded {
            return Ok(());
        }
        let here = self.symbol_exposure(desk, ticket.instrument).and_then(|worth| worth.plus(notional));
        let here = here.map_err(overflow)?;
        if let Some(limit) = symbol_limit
            && here > limit.value
        {
            self.judge(desk, limit.action, Refusal::MaximumSymbolExposure)?;
        }
        let elsewhere = |other: DeskId, instrument: InstrumentId| other != desk || instrument != ticket.instrument;
        if let Some(limit) = desk_limit {
            let others = self.exposure(|other, instrument| other == desk && elsewhere(other, instrument));
            if others.and_then(|others| others.plus(here)).map_err(overflow)? > limit.value {
                self.judge(desk, limit.action, Refusal::MaximumDeskExposure)?;
            }
        }
        if let Some(limit) = account.maximum_symbol_exposure {
            let others =
                self.exposure(|other, instrument| instrument == ticket.instrument && elsewhere(other, instrument));
            if others.and_then(|others| others.plus(here)).map_err(overflow)? > limit.value {
                self.judge(desk, limit.action, Refusal::MaximumAccountExposure)?;
            }
        }
        if let Some(limit) = account.maximum_exposure {
            let others = self.exposure(elsewhere);
            if others.and_then(|others| others.plus(here)).map_err(overflow)? > limit.value {
                self.judge(desk, limit.action, Refusal::MaximumAccountExposure)?;
            }
        }
        Ok(())
    }

    /// The largest position that the desk can come to hold on the side of an order that opens `opens` more.
    fn worst_position(&self, desk: DeskId, instrument: InstrumentId, side: Side, opens: Quantity) -> Quantity {
        let held = side.signed(self.ledger.position(desk, instrument).quantity()).units();
        let flying = self.floor.desks[usize::from(desk.0)].in_flight(instrument, side).units();
        Quantity::from_units(held.saturating_add(flying).max(0).saturating_add(opens.units()))
    }

    /// The most that a desk's position on a symbol can come to be worth through its open orders, on either side: those
    /// against it turn it around with what lies beyond it.
    fn symbol_exposure(&self, desk: DeskId, instrument: InstrumentId) -> Result<Amount, Overflow> {
        let mark = self.marks[usize::from(instrument.0)];
        let held = self.ledger.position(desk, instrument).quantity();
        let worth = self.notional_in_currency(instrument, mark, held.abs())?;
        let buys = self.orders_worth(desk, instrument, Side::Buy)?;
        let sells = self.orders_worth(desk, instrument, Side::Sell)?;
        let (along, against) = if held.units() >= 0 { (buys, sells) } else { (sells, buys) };
        Ok(worth.plus(along)?.max(against.minus(worth)?))
    }

    /// The worth of the open orders of one side that may open a position; of a pair the dearer one.
    fn orders_worth(&self, desk: DeskId, instrument: InstrumentId, side: Side) -> Result<Amount, Overflow> {
        let orders = &self.floor.desks[usize::from(desk.0)].orders;
        let mark = self.marks[usize::from(instrument.0)];
        let worth = |open: &OpenOrder| {
            let price = open.order.kind.stated_price().unwrap_or(mark);
            self.notional_in_currency(instrument, price, open.leaves())
        };
        let mut sum = Amount::ZERO;
        for open in orders {
            let counts = open.order.instrument == instrument
                && open.order.side == side
                && open.order.effect == PositionEffect::Any;
            if !counts || open.is_second_of_pair() {
                continue;
            }
            let sibling = match open.order.link {
                Link::Pair { sibling } => orders.iter().find(|other| other.order.id == sibling),
                Link::None | Link::Entry { .. } | Link::Child { .. } => None,
            };
            let dearer = sibling.map_or(Ok(Amount::ZERO), worth)?;
            sum = sum.plus(worth(open)?.max(dearer))?;
        }
        Ok(sum)
    }

    /// The worth of the positions that count, open orders that could enlarge them included.
    fn exposure(&self, counts: impl Fn(DeskId, InstrumentId) -> bool) -> Result<Amount, Overflow> {
        let mut sum = Amount::ZERO;
        for desk in &self.floor.desks {
            for instrument in desk.symbols.iter().filter(|instrument| counts(desk.id, **instrument)) {
                sum = sum.plus(self.symbol_exposure(desk.id, *instrument)?)?;
            }
        }
        Ok(sum)
    }
}
