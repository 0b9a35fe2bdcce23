//! Orders that meet a displayed book as they arrive, as on an exchange that answers at once: they take it level by level,
//! the best first, and what is left rests or goes.
//!
//! What stands in the book besides meets public trades as always; the levels taken here are nobody's trades.

use super::SimVenue;
use super::arrival::Market;
use super::book::{Posture, Request, RequestKind};
use super::execution::Deal;
use crate::domain::{
    CancelReason, Certainty, Command, InstrumentId, Liquidity, Order, OrderId, OrderKind, Price, Quantity, Side,
    TimeInForce, Timestamp, UpdateKind,
};

/// What the book displays to an arriving order, the best first.
#[derive(Clone, Copy, Debug, Default)]
pub struct Displayed<'a> {
    /// Levels at which one can sell.
    pub bids: &'a [(Price, Quantity)],
    /// Levels at which one can buy.
    pub asks: &'a [(Price, Quantity)],
}

impl Displayed<'_> {
    /// What someone who trades on this side meets, the best first.
    pub fn facing(&self, side: Side) -> &[(Price, Quantity)] {
        match side {
            Side::Buy => self.asks,
            Side::Sell => self.bids,
        }
    }

    fn market(&self, side: Side) -> Market {
        self.facing(side).first().map_or(Market::Quiet, |level| Market::At(level.0))
    }
}

impl SimVenue {
    /// A command arrives at `now`, without latency, and meets what is displayed. Its news is there to be polled.
    pub fn arrive(&mut self, now: Timestamp, command: Command, displayed: Displayed<'_>) {
        let (instrument, desk, side, kind) = match command {
            Command::Submit(order) => (order.instrument, order.desk, order.side, RequestKind::New(order)),
            Command::SubmitGroup(group) => {
                let first = *group.first();
                (first.instrument, first.desk, first.side, RequestKind::Group(group))
            }
            Command::Cancel(target) => (target.instrument, target.desk, Side::Buy, RequestKind::Cancel(target.order)),
            Command::Replace(target, terms) => {
                let side = self.side_of(target.instrument, target.order).unwrap_or(Side::Buy);
                (target.instrument, target.desk, side, RequestKind::Replace(target.order, terms))
            }
            Command::Reduce(target, terms) => {
                (target.instrument, target.desk, Side::Buy, RequestKind::Reduce(target.order, terms))
            }
            Command::CancelReplace(swap) => {
                (swap.target.instrument, swap.target.desk, swap.order.side, RequestKind::CancelReplace(swap))
            }
        };
        let book = usize::from(instrument.0);
        self.expire(instrument, now);
        let request = Request { arrive: now, desk, kind };
        for order in self.admit(book, request, displayed.market(side), now).into_iter().flatten() {
            self.take_displayed(book, order, displayed.facing(side), now);
        }
    }

    /// Orders whose time is over by `now` expire.
    pub fn expire(&mut self, instrument: InstrumentId, now: Timestamp) {
        let book = usize::from(instrument.0);
        while let Some(request) = self.next_request(book, now) {
            let at = request.arrive;
            self.admit(book, request, Market::Quiet, at);
        }
    }

    /// When the next request or expiry of the instrument is due.
    pub fn due_at(&self, instrument: InstrumentId) -> Option<Timestamp> {
        self.books[usize::from(instrument.0)].requests.front().map(|request| request.arrive)
    }

    fn side_of(&self, instrument: InstrumentId, order: OrderId) -> Option<Side> {
        let book = &self.books[usize::from(instrument.0)];
        book.find(order).map(|index| book.orders[index].order.side)
    }

    fn take_displayed(&mut self, book: usize, id: OrderId, levels: &[(Price, Quantity)], at: Timestamp) {
        let Some(index) = self.books[book].find(id) else { return };
        let resting = self.books[book].orders[index];
        let order = resting.order;
        let meets = match order.kind {
            OrderKind::Market => true,
            OrderKind::Limit { .. } => resting.posture != Posture::Resting || order.time_in_force.is_immediate(),
            OrderKind::StopMarket { .. }
            | OrderKind::StopLimit { .. }
            | OrderKind::TakeProfit { .. }
            | OrderKind::TakeProfitLimit { .. }
            | OrderKind::TrailingStop { .. } => false,
        };
        if !meets {
            return;
        }
        let reachable = levels.iter().take_while(|level| order.kind.limit().is_none() || order.crosses(level.0));
        let there = reachable.clone().fold(0i64, |sum, level| sum.saturating_add(level.1.units()));
        if order.time_in_force == TimeInForce::FillOrKill {
            if there < resting.leaves.units() {
                self.remove(book, index, at, UpdateKind::Cancelled(CancelReason::FillOrKill));
                return;
            }
            // All of it is there: level by level it may now fill in parts.
            self.books[book].orders[index].order.time_in_force = TimeInForce::ImmediateOrCancel;
        }
        for (price, quantity) in reachable {
            let Some(index) = self.books[book].find(id) else { return };
            self.books[book].budget = *quantity;
            let (liquidity, certainty) = (Liquidity::Taker, Certainty::Certain);
            self.execute(book, index, Deal { price: *price, reference: *price, liquidity, certainty, at });
        }
        self.rest_or_go(book, id, &order, at);
    }

    /// What the displayed book did not fill of an order rests at its limit, or goes.
    fn rest_or_go(&mut self, book: usize, id: OrderId, order: &Order, at: Timestamp) {
        let Some(index) = self.books[book].find(id) else { return };
        if order.kind.limit().is_none() || order.time_in_force.is_immediate() {
            self.remove(book, index, at, UpdateKind::Cancelled(CancelReason::ImmediateOrCancel));
        } else {
            self.books[book].orders[index].posture = Posture::Resting;
        }
    }
}
