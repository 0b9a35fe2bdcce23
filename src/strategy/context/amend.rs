//! Changes of an open order beside new terms: a smaller quantity in the same place, and another order in its stead.

use super::{Context, order};
use crate::domain::{
    CancelFailure, CancelReplace, Command, Link, OrderChange, OrderId, OrderKind, Quantity, Refusal, Target, Terms,
};
use crate::strategy::risk::Sends;
use crate::strategy::ticket::Ticket;

impl Context<'_> {
    /// Asks to make an open order smaller, to this total quantity, what has traded included. It keeps its price and its
    /// place in the queue. Not for one of a pair.
    ///
    /// # Errors
    /// When it is not an open order of this desk, or the quantity is no smaller one that leaves something to trade.
    pub fn reduce(&mut self, id: OrderId, quantity: Quantity) -> Result<(), Refusal> {
        let index = self.books.floor.desk(self.desk).find(id);
        let Some(index) = index else { return Err(self.refuse_unknown(Refusal::UnknownOrder)) };
        let open = self.books.floor.desk(self.desk).orders[index];
        let is_pair = matches!(open.order.link, Link::Pair { .. });
        let smaller = quantity < open.order.quantity && quantity > open.filled;
        if !smaller || is_pair || open.order.kind == OrderKind::Market {
            return Err(self.refuse_unknown(Refusal::Terms));
        }
        let ticket = open.ticket_with(Terms { kind: open.order.kind, quantity });
        let state = self.check_change(&open, &ticket)?;
        let asked = &mut self.books.floor.desk(self.desk).orders[index];
        asked.state = state;
        asked.ask(quantity);
        let target = Target { desk: self.desk, instrument: ticket.instrument, order: id };
        self.send(Command::Reduce(target, Terms { kind: open.order.kind, quantity }));
        Ok(())
    }

    /// Asks to cancel an open order and to take another one on the same instrument, in one message. When there is
    /// nothing left to cancel at the venue, the new order is rejected (`NOT_ATTEMPTED`) or sent all the same. Returns
    /// the new order's number.
    ///
    /// Money must cover both, since the open order may trade before it is gone. With [`CancelFailure::Stop`], coins that
    /// the open order would sell are free for the new one, which the venue refuses if the desk holds fewer by then; with
    /// [`CancelFailure::Allow`] both must be covered. Limits see both in either case.
    ///
    /// # Errors
    /// When `id` is not an open order of this desk, or the desk's refusal of the new order; then nothing is sent.
    pub fn cancel_replace(
        &mut self,
        id: OrderId,
        ticket: Ticket,
        on_failure: CancelFailure,
    ) -> Result<OrderId, Refusal> {
        let index = self.books.floor.desk(self.desk).find(id);
        let Some(index) = index else { return Err(self.refuse_unknown(Refusal::UnknownOrder)) };
        let open = self.books.floor.desk(self.desk).orders[index];
        if ticket.instrument != open.order.instrument {
            return Err(self.refuse_unknown(Refusal::Terms));
        }
        let Some(state) = open.state.after(OrderChange::AskCancel) else {
            return Err(self.refuse_unknown(Refusal::UnknownOrder));
        };
        self.check_pace(&ticket)?;
        let sends = match on_failure {
            CancelFailure::Stop => Sends::Instead(id),
            CancelFailure::Allow => Sends::New { orders: 1 },
        };
        let passed = self.books.check(self.desk, &ticket, sends, self.now);
        let passed = passed.map_err(|refusal| self.refuse(&ticket, refusal))?;
        let new = self.next_order();
        let order = order(new, self.desk, &ticket, Link::None);
        self.keep(order, passed).map_err(|refusal| self.refuse(&ticket, refusal))?;
        self.books.floor.desk(self.desk).orders[index].state = state;
        let target = Target { desk: self.desk, instrument: ticket.instrument, order: id };
        self.send(Command::CancelReplace(Box::new(CancelReplace { target, order, on_failure })));
        Ok(new)
    }
}
