//! Limits on how a desk behaves: how large and how far from the market an order is, how many there are, how soon one
//! follows another. All but the throttle are for orders that may open a position.

use super::context::Books;
use super::desk::OpenOrder;
use super::risk::Sends;
use super::ticket::Ticket;
use crate::domain::{DeskId, OrderKind, PositionEffect, Price, Rate, Refusal, Timestamp};

impl Books<'_> {
    /// Whether the desk may send another submission or replacement now. Cancels are never held back.
    #[inline]
    pub(super) fn check_pace(&mut self, desk: DeskId, now: Timestamp) -> Result<(), Refusal> {
        let of = &self.floor.desks[usize::from(desk.0)];
        match of.limits.message_throttle {
            Some(limit) if of.tally.is_full(now, limit.value.per) => {
                self.judge(desk, limit.action, Refusal::MessageThrottle)
            }
            Some(_) | None => Ok(()),
        }
    }

    /// Checks an order that may open a position.
    pub(super) fn check_conduct(
        &mut self,
        desk: DeskId,
        ticket: &Ticket,
        sends: Sends,
        mark: Price,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        self.check_size(desk, ticket, now)?;
        let at = usize::from(desk.0);
        if let Some(limit) = self.floor.desks[at].limits.price_collar
            && strays(ticket, mark, limit.value)
        {
            self.judge(desk, limit.action, Refusal::PriceCollar)?;
        }
        let of = &self.floor.desks[at];
        if let Some(limit) = of.limits.duplicate_order {
            let again = sends != Sends::Replacement && of.tally.repeats(ticket, now, limit.value);
            if again || of.orders.iter().any(|open| is_same(open, ticket)) {
                self.judge(desk, limit.action, Refusal::DuplicateOrder)?;
            }
        }
        self.check_count(desk, sends)?;
        // What stands on the order's own side already is a trade that has begun.
        let held = self.ledger.position(desk, ticket.instrument).quantity();
        if ticket.side.signed(held).units() > 0 {
            return Ok(());
        }
        if let Some(limit) = self.floor.desks[at].limits.daily_trades
            && self.trades_begun(desk, now) >= limit.value
        {
            self.judge(desk, limit.action, Refusal::DailyTrades)?;
        }
        if let Some(limit) = self.floor.desks[at].limits.cooldown
            && self.floor.desks[at].tally.since_close(now, ticket.instrument) < limit.value
        {
            self.judge(desk, limit.action, Refusal::Cooldown)?;
        }
        Ok(())
    }

    /// The quantity of one order, and of all of a day.
    fn check_size(&mut self, desk: DeskId, ticket: &Ticket, now: Timestamp) -> Result<(), Refusal> {
        let index = usize::from(ticket.instrument.0);
        let limits = &self.floor.desks[usize::from(desk.0)].limits;
        let of_day = limits.daily_quantity.get(index).copied().flatten();
        if let Some(limit) = limits.maximum_order_quantity.get(index).copied().flatten()
            && ticket.quantity > limit.value
        {
            self.judge(desk, limit.action, Refusal::MaximumOrderQuantity)?;
        }
        if let Some(limit) = of_day {
            let of = &self.floor.desks[usize::from(desk.0)];
            let flying = of.orders.iter().filter(|open| open.order.instrument == ticket.instrument && may_open(open));
            let flying = flying.map(|open| open.leaves().units()).fold(0, i64::saturating_add);
            let traded = of.tally.traded(now, ticket.instrument).units();
            let all = traded.saturating_add(flying).saturating_add(ticket.quantity.units());
            if all > limit.value.units() {
                self.judge(desk, limit.action, Refusal::DailyQuantity)?;
            }
        }
        Ok(())
    }

    /// How many orders are open, of the desk and of all.
    fn check_count(&mut self, desk: DeskId, sends: Sends) -> Result<(), Refusal> {
        let more = match sends {
            Sends::New { orders } => orders,
            Sends::Replacement => 1,
            // It takes the place of one that is still counted.
            Sends::Instead(_) => 0,
        };
        let exceeds = |open: usize, most: u32| open + more > most as usize;
        if let Some(limit) = self.floor.desks[usize::from(desk.0)].limits.maximum_open_orders
            && exceeds(self.floor.desks[usize::from(desk.0)].orders.len(), limit.value)
        {
            self.judge(desk, limit.action, Refusal::MaximumOpenOrders)?;
        }
        if let Some(limit) = self.floor.limits.maximum_open_orders
            && exceeds(self.floor.desks.iter().map(|desk| desk.orders.len()).sum(), limit.value)
        {
            self.judge(desk, limit.action, Refusal::MaximumOpenOrders)?;
        }
        Ok(())
    }

    /// Trades begun today, and those that entries which wait may begin: each of them one, where nothing is held, since it
    /// may come when the one before it is closed again.
    fn trades_begun(&self, desk: DeskId, now: Timestamp) -> u32 {
        let of = &self.floor.desks[usize::from(desk.0)];
        let flat = |open: &OpenOrder| self.ledger.position(desk, open.order.instrument).quantity().is_zero();
        let waits = of.orders.iter().filter(|open| may_open(open) && flat(open)).count();
        of.tally.begun(now).saturating_add(u32::try_from(waits).unwrap_or(u32::MAX))
    }
}

/// Whether an open order may open a position; of a pair only one counts.
fn may_open(open: &OpenOrder) -> bool {
    open.order.effect == PositionEffect::Any && !open.is_second_of_pair()
}

fn is_same(open: &OpenOrder, ticket: &Ticket) -> bool {
    let order = &open.order;
    order.instrument == ticket.instrument
        && order.side == ticket.side
        && order.kind == ticket.kind
        && order.quantity == ticket.quantity
        && order.effect == PositionEffect::Any
}

/// Whether a price or trigger of the order lies further from the last price than this fraction of it.
fn strays(ticket: &Ticket, mark: Price, fraction: Rate) -> bool {
    if ticket.kind == OrderKind::Market {
        return false;
    }
    let allowed = i128::from(mark.units()) * i128::from(fraction.units());
    let lies_beyond = |price: Price| {
        let away = (i128::from(price.units()) - i128::from(mark.units())).abs();
        away * i128::from(Rate::ONE.units()) > allowed
    };
    ticket.kind.limit().is_some_and(lies_beyond) || ticket.kind.trigger().is_some_and(lies_beyond)
}
