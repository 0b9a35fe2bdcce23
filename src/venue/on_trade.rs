//! Matching against public trades: the first trade at or after arrival fills a market order, a trade through its price
//! a resting limit, the first trade at or beyond its level sets off a stop.

use super::SimVenue;
use super::arrival::Market;
use super::book::{Posture, Then};
use crate::domain::{CancelReason, Certainty, Link, MarketTrade, OrderKind, Price, Quantity, UpdateKind};

impl SimVenue {
    pub(super) fn match_trade(&mut self, book: usize, trade: &MarketTrade) {
        while let Some(request) = self.next_request(book, trade.time) {
            let at = request.arrive;
            self.admit(book, request, Market::Quiet, at);
        }
        let rest = self.books[book].budget_rest;
        self.books[book].asked = false;
        self.books[book].behind_taken = 0;
        self.refill_trade_budget(book, trade);
        // A fill may take others of its group away, so the orders are gone through by number.
        let mut there = std::mem::take(&mut self.hits);
        there.clear();
        there.extend(self.books[book].orders.iter().map(|resting| (0, resting.order.id)));
        for (_, order) in &there {
            let Some(index) = self.books[book].find(*order) else { continue };
            let before = self.books[book].orders[index];
            self.meet_trade(book, index, trade);
            if let Link::Entry { stop, target } = before.order.link {
                // Children live from that fill on: this trade is theirs too, the stop's first, wherever they stand.
                let after = self.books[book].find(*order).map(|index| self.books[book].orders[index].leaves);
                for child in [stop, target].into_iter().flatten().filter(|_| after != Some(before.leaves)) {
                    if let Some(index) = self.books[book].find(child) {
                        self.meet_trade(book, index, trade);
                    }
                }
            }
        }
        self.hits = there;
        if !self.books[book].asked {
            // Only trades that an order of ours wanted a part of carry their rest on: the others may be passed over.
            self.books[book].budget_rest = rest;
        }
        self.books[book].last = Some(trade.price);
    }

    /// The participation cap applies to each trade's size; what is left below one lot is carried to the next.
    fn refill_trade_budget(&mut self, book: usize, trade: &MarketTrade) {
        let Some(rate) = self.policy.participation else {
            self.books[book].budget = Quantity::MAX;
            return;
        };
        let lot = self.instruments[book].filters_at(trade.time).lot;
        let share = trade.quantity.share(rate).unwrap_or(Quantity::ZERO).units();
        let available = Quantity::from_units(share.saturating_add(self.books[book].budget_rest.units()));
        let whole = available.floor_to(lot);
        self.books[book].budget = whole;
        self.books[book].budget_rest = Quantity::from_units(available.units() - whole.units());
    }

    fn meet_trade(&mut self, book: usize, index: usize, trade: &MarketTrade) {
        let resting = self.books[book].orders[index];
        let (order, at) = (resting.order, trade.time);
        match resting.posture {
            Posture::Held | Posture::Asleep => return,
            Posture::Taking { no_better } => self.take_at_trade(book, index, trade, no_better, None),
            Posture::Arriving { no_better } => {
                self.books[book].orders[index].posture = Posture::Resting;
                let price = self.books[book].taken_at(order.side, trade.price, no_better);
                if order.crosses(price) || order.time_in_force.is_immediate() {
                    self.arrive_with_trade(book, index, trade, no_better);
                } else {
                    // By the quotes it came to rest before the trade, which may have passed it.
                    self.reach_with_trade(book, index, trade);
                }
            }
            Posture::Resting => self.reach_with_trade(book, index, trade),
        }
        if resting.posture != Posture::Resting {
            self.drop_immediate(book, order.id, at);
        }
    }

    /// A new order meets the first price, or what the quotes make of it.
    fn arrive_with_trade(&mut self, book: usize, index: usize, trade: &MarketTrade, no_better: Option<Price>) {
        let order = self.books[book].orders[index].order;
        let price = self.books[book].taken_at(order.side, trade.price, no_better);
        match order.kind {
            OrderKind::Limit { .. } if self.books[book].joins_a_queue(&order, trade) => {
                if !order.time_in_force.is_immediate() {
                    self.reach_with_trade(book, index, trade);
                }
            }
            OrderKind::Limit { .. } if order.would_take(price) => {
                self.remove(book, index, trade.time, UpdateKind::Cancelled(CancelReason::WouldTake));
            }
            OrderKind::Limit { price: limit } => {
                if order.crosses(price) {
                    self.take_at_trade(book, index, trade, no_better, Some(limit));
                }
            }
            OrderKind::Market
            | OrderKind::StopMarket { .. }
            | OrderKind::StopLimit { .. }
            | OrderKind::TakeProfit { .. }
            | OrderKind::TakeProfitLimit { .. }
            | OrderKind::TrailingStop { .. } => self.reach_with_trade(book, index, trade),
        }
    }

    /// A resting order whose level a trade may reach.
    fn reach_with_trade(&mut self, book: usize, index: usize, trade: &MarketTrade) {
        let at = trade.time;
        let tick = self.instruments[book].filters_at(at).tick;
        self.books[book].orders[index].trail_to(trade.price, tick, at);
        // A trailing stop wider than the price is set off by the first price that it sees.
        let resting = self.books[book].orders[index];
        let Some(wait) = resting.wait() else { return };
        if let (Then::Make, Some(ahead)) = (wait.then, self.books[book].queue_ahead) {
            self.queue_with_trade(book, index, wait.level, ahead, trade);
            return;
        }
        let rule = self.limit_rule(&resting, at);
        if !resting.reached_at(trade.price, rule, tick) {
            if resting.is_merely_touched(trade.price, self.policy.limit_fill, tick) {
                self.doubt();
            }
            return;
        }
        match wait.then {
            Then::Make => {
                let touched = resting.is_merely_touched(trade.price, self.policy.limit_fill, tick);
                let certainty = if touched { self.doubt() } else { Certainty::Certain };
                self.make(book, index, wait.level, at, certainty);
            }
            Then::Take => self.take_at_trade(book, index, trade, None, None),
            Then::Limit(price) => {
                self.set_off(book, index, price, at);
                // Behind a queue it stands after the trade that set it off.
                let order = self.books[book].orders[index].order;
                if !self.books[book].joins_a_queue(&order, trade) {
                    self.arrive_with_trade(book, index, trade, None);
                }
            }
        }
    }
}
