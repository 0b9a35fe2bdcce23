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
        let at = usize::from(desk.0);
        if let Some(limit) = self.floor.desks[at].limits.maximum_order_notional
            && notional > limit.value
        {
            self.judge(desk, limit.action, Refusal::MaximumOrderNotional)?;
        }
        let position_limits = &self.floor.desks[at].limits.maximum_position;
        if let Some(Some(limit)) = position_limits.get(usize::from(ticket.instrument.0)).copied()
            && self.worst_position(desk, ticket.instrument, ticket.side, opens) > limit.value
        {
            self.judge(desk, limit.action, Refusal::MaximumPosition)?;
        }
        let (limits, account) = (&self.floor.desks[at].limits, &self.floor.limits);
        let is_bounded = limits.maximum_symbol_exposure.is_some()
            || limits.maximum_desk_exposure.is_some()
            || account.maximum_symbol_exposure.is_some()
            || account.maximum_exposure.is_some();
        if !is_bounded {
            return Ok(());
        }
        let here = self.symbol_exposure(desk, ticket.instrument).and_then(|worth| worth.plus(notional));
        let here = here.map_err(overflow)?;
        if let Some(limit) = self.floor.desks[at].limits.maximum_symbol_exposure
            && here > limit.value
        {
            self.judge(desk, limit.action, Refusal::MaximumSymbolExposure)?;
        }
        let elsewhere = self.elsewhere(desk, ticket.instrument).map_err(overflow)?;
        if let Some(limit) = self.floor.desks[at].limits.maximum_desk_exposure
            && elsewhere.of_desk.plus(here).map_err(overflow)? > limit.value
        {
            self.judge(desk, limit.action, Refusal::MaximumDeskExposure)?;
        }
        if let Some(limit) = self.floor.limits.maximum_symbol_exposure
            && elsewhere.of_symbol.plus(here).map_err(overflow)? > limit.value
        {
            self.judge(desk, limit.action, Refusal::MaximumAccountExposure)?;
        }
        if let Some(limit) = self.floor.limits.maximum_exposure
            && elsewhere.of_account.plus(here).map_err(overflow)? > limit.value
        {
            self.judge(desk, limit.action, Refusal::MaximumAccountExposure)?;
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
        let held = self.ledger.position(desk, instrument).quantity();
        let is_quiet = self.floor.desks[usize::from(desk.0)].orders.is_empty();
        if is_quiet && held.is_zero() {
            return Ok(Amount::ZERO);
        }
        let mark = self.marks[usize::from(instrument.0)];
        let worth = self.notional_in_currency(instrument, mark, held.abs())?;
        if is_quiet {
            return Ok(worth);
        }
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

    /// What all positions but the one of `desk` on `instrument` are worth, open orders that could enlarge them included,
    /// as far as a limit asks for it.
    fn elsewhere(&self, desk: DeskId, instrument: InstrumentId) -> Result<Elsewhere, Overflow> {
        let asks_for_desk = self.floor.desks[usize::from(desk.0)].limits.maximum_desk_exposure.is_some();
        let asks_for_symbol = self.floor.limits.maximum_symbol_exposure.is_some();
        let asks_for_account = self.floor.limits.maximum_exposure.is_some();
        let mut sums = Elsewhere::default();
        for other in &self.floor.desks {
            for symbol in &other.symbols {
                let (of_desk, of_symbol) = (other.id == desk, *symbol == instrument);
                let counts = asks_for_account || (asks_for_desk && of_desk) || (asks_for_symbol && of_symbol);
                if !counts || (of_desk && of_symbol) {
                    continue;
                }
                let worth = self.symbol_exposure(other.id, *symbol)?;
                if asks_for_desk && of_desk {
                    sums.of_desk = sums.of_desk.plus(worth)?;
                }
                if asks_for_symbol && of_symbol {
                    sums.of_symbol = sums.of_symbol.plus(worth)?;
                }
                if asks_for_account {
                    sums.of_account = sums.of_account.plus(worth)?;
                }
            }
        }
        Ok(sums)
    }
}

/// Worths in the account's currency beside that of one desk's position on one symbol; zero where nobody asks.
#[derive(Clone, Copy, Debug, Default)]
struct Elsewhere {
    of_desk: Amount,
    of_symbol: Amount,
    of_account: Amount,
}
