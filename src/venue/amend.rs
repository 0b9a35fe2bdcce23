//! Changes of an open order beside new terms: a smaller quantity in the same place, and another order in its stead.

use super::SimVenue;
use super::arrival::Market;
use super::book::{Posture, Request, RequestKind, Resting};
use super::filters;
use super::late::Trades;
use super::on_candle::Bar;
use crate::domain::{
    CancelFailure, CancelReplace, DeskId, InstrumentKind, Order, OrderId, OrderKind, Overflow, Quantity, RejectReason,
    Side, Terms, Timestamp, UpdateKind,
};

impl SimVenue {
    /// Makes an open order smaller. It keeps its place and all else.
    pub(super) fn reduce_order(&mut self, book: usize, desk: DeskId, order: OrderId, terms: Terms, at: Timestamp) {
        let Some(index) = self.books[book].find(order) else {
            self.tell(desk, order, at, UpdateKind::ReplaceRejected(RejectReason::UnknownOrder));
            return;
        };
        let old = self.books[book].orders[index];
        match self.reduced(book, &old, terms.quantity, at) {
            Ok(mut new) => {
                if old.lock.is_some() {
                    self.unlock(&old);
                    // A rest that can no longer be locked whole stays open and is checked again when it fills.
                    let need = self.need(book, &new, at).unwrap_or(None);
                    new.lock = need.filter(|lock| self.wallet.lock(*lock).is_ok_and(|locked| locked.is_some()));
                }
                self.books[book].orders[index] = new;
                let kind = as_sent(terms.kind, new.order.kind);
                self.tell(desk, order, at, UpdateKind::Replaced(Terms { kind, quantity: terms.quantity }));
            }
            Err(reason) => self.tell(desk, order, at, UpdateKind::ReplaceRejected(reason)),
        }
    }

    /// An open order with a smaller total quantity.
    fn reduced(&self, book: usize, old: &Resting, quantity: Quantity, at: Timestamp) -> Result<Resting, RejectReason> {
        let instrument = &self.instruments[book];
        filters::check(instrument, instrument.filters_at(at), old.order.kind, quantity, self.books[book].last)?;
        let change = quantity.units() - old.order.quantity.units();
        if change >= 0 {
            return Err(RejectReason::LotSize);
        }
        let mut new = *old;
        new.order.quantity = quantity;
        match old.posture {
            Posture::Held | Posture::Asleep => return Ok(new),
            // It is being filled at market: there is nothing left to change.
            Posture::Taking { .. } => return Err(RejectReason::UnknownOrder),
            Posture::Resting | Posture::Arriving { .. } => {}
        }
        let leaves = if old.order.is_child() {
            old.leaves.units().min(quantity.units() - old.filled.units())
        } else {
            old.leaves.units() + change
        };
        if leaves <= 0 {
            return Err(RejectReason::LotSize);
        }
        new.leaves = Quantity::from_units(leaves);
        Ok(new)
    }

    /// Cancels an order and takes another one; where nothing is left to cancel, as the command says.
    pub(super) fn cancel_replace(
        &mut self,
        book: usize,
        swap: &CancelReplace,
        market: Market,
        at: Timestamp,
    ) -> Option<OrderId> {
        let (order, there) = (swap.order, self.books[book].find(swap.target.order).is_some());
        self.cancel(book, swap.target.desk, swap.target.order, at);
        match (there, swap.on_failure) {
            // The old order may have traded since the swap was decided: a desk sells no coins but its own.
            (true, CancelFailure::Stop) if self.lacks_coins(book, &order) => {
                self.tell(order.desk, order.id, at, UpdateKind::Rejected(RejectReason::InsufficientBalance));
                None
            }
            (true, CancelFailure::Stop | CancelFailure::Allow) | (false, CancelFailure::Allow) => {
                self.open(book, order, market, at)
            }
            (false, CancelFailure::Stop) => {
                self.tell(order.desk, order.id, at, UpdateKind::Rejected(RejectReason::NotAttempted));
                None
            }
        }
    }

    fn lacks_coins(&self, book: usize, order: &Order) -> bool {
        let sells_coins = self.instruments[book].kind == InstrumentKind::Spot && order.side == Side::Sell;
        sells_coins && self.wallet.held(order.desk, order.instrument) < order.quantity
    }

    /// What a fill of this order would race: the gain by the close of what a change makes of it, when the change is in
    /// time. None when there is no race, because the change will be refused.
    pub(super) fn gain_of_change(
        &self,
        book: usize,
        resting: &Resting,
        request: &Request,
        trades: Trades,
        bar: &Bar,
    ) -> Option<Result<i128, Overflow>> {
        let market = Market::Inside(bar.candle.close);
        let late = |renewed: &Resting| match self.price_inside(book, renewed, bar) {
            Some(price) => self.gain(book, &renewed.order, Trades::late(price), renewed.leaves, bar),
            None => Ok(0),
        };
        match &request.kind {
            // What comes of it is tried on a copy: it happens when it arrives.
            RequestKind::Replace(_, terms) => {
                self.clone().with_terms(book, *resting, *terms, market, request.arrive).ok().map(|new| late(&new))
            }
            RequestKind::Reduce(_, terms) => {
                let new = self.reduced(book, resting, terms.quantity, request.arrive).ok()?;
                Some(self.gain(book, &new.order, trades, new.leaves, bar))
            }
            RequestKind::CancelReplace(swap) => match swap.on_failure {
                CancelFailure::Stop => {
                    let mut copy = self.clone();
                    let new = copy.cancel_replace(book, swap, market, request.arrive);
                    let new = new.and_then(|order| copy.books[book].find(order));
                    Some(new.map_or(Ok(0), |index| late(&copy.books[book].orders[index])))
                }
                // The new order comes in any case.
                CancelFailure::Allow => Some(Ok(0)),
            },
            RequestKind::New(_) | RequestKind::Group(_) | RequestKind::Cancel(_) | RequestKind::Expire(_) => {
                Some(Ok(0))
            }
        }
    }
}

/// The desk knows an order that has gone off by the kind that it sent, whatever limit replacements have given it since.
fn as_sent(sent: OrderKind, now: OrderKind) -> OrderKind {
    match (sent, now) {
        (OrderKind::StopLimit { trigger, .. }, OrderKind::Limit { price }) => OrderKind::StopLimit { trigger, price },
        (OrderKind::TakeProfitLimit { trigger, .. }, OrderKind::Limit { price }) => {
            OrderKind::TakeProfitLimit { trigger, price }
        }
        (_, now) => now,
    }
}
