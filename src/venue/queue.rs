//! The queue at a resting limit order's price, where orders are matched on trades.
//!
//! How much stands ahead is not in the trades: it is a stated quantity, so a fill out of the queue is a doubt.

use super::SimVenue;
use super::book::Resting;
use super::policy::LimitPolicy;
use crate::domain::{Certainty, InstrumentId, MarketTrade, Order, Price, Quantity};

impl SimVenue {
    /// From now on a limit order that rests on this instrument stands behind so much, each time that it takes a place.
    pub fn stand_behind(&mut self, instrument: InstrumentId, ahead: Quantity) {
        self.books[usize::from(instrument.0)].queue_ahead = Some(ahead);
    }

    /// A trade meets a limit order that rests at `level` with a queue ahead of it. One through its price fills it for
    /// certain. One at its price, by a taker of the other side, first serves what stands ahead; what is more of it may
    /// fill ours.
    pub(super) fn queue_with_trade(
        &mut self,
        book: usize,
        index: usize,
        level: Price,
        ahead: Quantity,
        trade: &MarketTrade,
    ) {
        let resting = self.books[book].orders[index];
        let tick = self.instruments[book].filters_at(trade.time).tick;
        if resting.reached_at(trade.price, LimitPolicy::Through, tick) {
            self.make(book, index, level, trade.time, Certainty::Certain);
            return;
        }
        let Some(left) = self.books[book].left_of(&resting, ahead, trade, tick) else { return };
        self.books[book].orders[index].ahead = Some(Quantity::from_units((-left).max(0)));
        let lot = self.instruments[book].filters_at(trade.time).lot;
        let left = Quantity::from_units(left.max(0)).floor_to(lot);
        if left.is_zero() {
            return;
        }
        let certainty = self.doubt();
        let budget = self.books[book].budget;
        let ours = budget.min(left);
        self.books[book].budget = ours;
        self.make(book, index, level, trade.time, certainty);
        let traded = ours.units() - self.books[book].budget.units();
        self.books[book].behind_taken += traded;
        self.books[book].budget =
            if budget == Quantity::MAX { budget } else { Quantity::from_units(budget.units() - traded) };
    }
}

impl super::book::Book {
    /// Whether a trade shows a limit order that has just come that others wait at its price: a taker of the other side
    /// traded there. With a taker of its own side it would have traded as well.
    pub(super) fn joins_a_queue(&self, order: &Order, trade: &MarketTrade) -> bool {
        let at_its_price = order.kind.limit() == Some(trade.price);
        self.queue_ahead.is_some() && at_its_price && trade.taker == order.side.opposite()
    }

    /// What of a trade is left once those ahead of this order are served, and what others of ours took behind them;
    /// below zero by what still stands ahead. None when the trade does not serve its queue.
    fn left_of(&self, resting: &Resting, ahead: Quantity, trade: &MarketTrade, tick: Price) -> Option<i64> {
        let serves = trade.taker == resting.order.side.opposite();
        if !serves || !resting.reached_at(trade.price, LimitPolicy::Touch, tick) {
            return None;
        }
        let ahead = resting.ahead.unwrap_or(ahead).units();
        let left = trade.quantity.units() - ahead;
        Some(if left > 0 { (left - self.behind_taken).max(0) } else { left })
    }
}
