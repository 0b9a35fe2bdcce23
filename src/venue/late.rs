//! Requests that arrive inside a candle, later than its open: they can only be hurt by it.
//!
//! The path inside a candle is unknown. A new order acts in its owner's favour only where the close proves it, against
//! its owner wherever the range allows it; a change of an order races the fill that it would prevent.

use super::SimVenue;
use super::arrival::Market;
use super::book::{Posture, Request, Resting, Then};
use super::on_candle::{Bar, worst_extreme};
use super::policy::{IntrabarPolicy, Policy};
use crate::domain::{Certainty, Order, OrderId, OrderKind, Overflow, Price, Quantity, Timestamp};

impl SimVenue {
    /// A cancel, replacement or expiry arrives inside a candle that reaches the order: the outcome that leaves the
    /// lower equity at the close happens (the higher one under the best policy). Whether that is the fill; none when
    /// there is no race, because the change will be refused.
    pub(super) fn race(&self, book: usize, resting: &Resting, request: &Request, bar: &Bar) -> Option<bool> {
        let (order, close) = (&resting.order, bar.candle.close);
        let otherwise = self.gain_of_change(book, resting, request, bar)?;
        let Some(wait) = resting.wait() else { return Some(true) };
        let fill = self.gain(book, order, order.kind.limit().unwrap_or(wait.level), resting.leaves, close, bar);
        // What cannot be valued is decided for the fill: it is then refused as an overflow where it is booked.
        let (Ok(fill), Ok(otherwise)) = (fill, otherwise) else { return Some(true) };
        Some(match self.policy.intrabar {
            IntrabarPolicy::Best => fill > otherwise,
            IntrabarPolicy::Worst | IntrabarPolicy::Detail | IntrabarPolicy::StopFirst | IntrabarPolicy::Path(_) => {
                fill < otherwise
            }
        })
    }

    /// What a fill at `level` has gained by the close, costs included.
    pub(super) fn gain(
        &self,
        book: usize,
        order: &Order,
        level: Price,
        quantity: Quantity,
        close: Price,
        bar: &Bar,
    ) -> Result<i128, Overflow> {
        let instrument = &self.instruments[book];
        let fees = self.fees_of(book, bar.inside);
        let (price, rate) = match order.kind {
            OrderKind::Limit { .. } => (level, fees.maker),
            OrderKind::Market
            | OrderKind::StopMarket { .. }
            | OrderKind::StopLimit { .. }
            | OrderKind::TakeProfit { .. }
            | OrderKind::TakeProfitLimit { .. }
            | OrderKind::TrailingStop { .. } => {
                (self.taker_deal(book, order.side, level, order.kind.limit(), bar.inside)?.price, fees.taker)
            }
        };
        let notional = instrument.notional(price, quantity)?;
        let worth = instrument.notional(close, quantity)?;
        let fee = notional.fee(rate, self.increment(instrument.quote), fees.rounding)?;
        let gross = worth.minus(notional)?.units() * i128::from(order.side.sign());
        Ok(gross - fee.units())
    }

    /// The price at which an order that arrives inside the candle trades in it, if it does: what acts in its favour only
    /// where the close proves it, what acts against it wherever the range allows it.
    pub(super) fn price_inside(&self, book: usize, resting: &Resting, bar: &Bar) -> Option<Price> {
        let (side, close, policy) = (resting.order.side, bar.candle.close, self.policy.limit_fill);
        let tick = self.instruments[book].filters_at(bar.candle.open_time).tick;
        let triggered = resting.triggered_inside(bar, &self.policy, tick);
        let passed = |price: Price| {
            let order = Order { kind: OrderKind::Limit { price }, ..resting.order };
            Resting { order, ..*resting }.reached_at(close, policy, tick).then_some(price)
        };
        match resting.order.kind {
            OrderKind::Market => None,
            OrderKind::Limit { price } => passed(price),
            OrderKind::StopLimit { price, .. } | OrderKind::TakeProfitLimit { price, .. } => {
                let price = if triggered { passed(price) } else { None };
                price.map(|price| side.better(price, worst_extreme(side, &bar.candle)))
            }
            OrderKind::StopMarket { trigger } => triggered.then(|| side.worse(trigger, close)),
            // It may have been set off before it came: then by any price of the range, but by none worse than its trigger.
            OrderKind::TakeProfit { trigger } => {
                triggered.then(|| side.better(trigger, worst_extreme(side, &bar.candle)))
            }
            OrderKind::TrailingStop { .. } => {
                (triggered && self.policy.intrabar != IntrabarPolicy::Best).then_some(close)
            }
        }
    }

    /// A request that arrives later inside the candle than the tolerance allows: it can only be hurt by it. `later` are
    /// those that come after it in the same candle.
    pub(super) fn arrive_inside(&mut self, book: usize, request: Request, later: &[Request], bar: &Bar) {
        let at = request.arrive;
        for order in self.admit(book, request, Market::Inside(bar.candle.close), at).into_iter().flatten() {
            self.meet_inside(book, order, later, bar, at);
        }
    }

    fn meet_inside(&mut self, book: usize, order: OrderId, later: &[Request], bar: &Bar, at: Timestamp) {
        let Some(index) = self.books[book].find(order) else { return };
        let resting = self.books[book].orders[index];
        let order = resting.order;
        match resting.posture {
            Posture::Taking { .. } => {
                self.books[book].orders[index].posture = Posture::Taking { no_better: Some(bar.candle.close) };
                // Immediate or cancel: its one moment is the next open.
                return;
            }
            Posture::Resting => {
                let price = self.price_inside(book, &resting, bar);
                let tick = self.instruments[book].filters_at(bar.candle.open_time).tick;
                let triggered = resting.triggered_inside(bar, &self.policy, tick);
                let race = price.and_then(|_| self.late_race(book, &resting, later, bar));
                if let (true, Some(Then::Limit(limit))) = (triggered, resting.wait().map(|wait| wait.then)) {
                    self.set_off(book, index, limit, at);
                }
                if let Some(price) = price {
                    let proved = order.kind.is_favourable() && race.is_none();
                    let certainty = if proved { Certainty::Certain } else { self.doubt() };
                    if race != Some(false) {
                        self.take(book, index, price, order.kind.limit(), at, certainty);
                    }
                    if self.books[book].has_traded_since(order.id, resting.leaves) {
                        self.stop_after_late_entry(book, &order, bar);
                    }
                } else if triggered || resting.only_perhaps_triggered(bar, &self.policy, tick) {
                    self.doubt();
                }
            }
            Posture::Held | Posture::Asleep | Posture::Arriving { .. } => {}
        }
        self.drop_immediate(book, order.id, at);
    }
}

impl SimVenue {
    /// Whether the fill of an order that came late comes before the next change of it in the same candle, its expiry
    /// included; none when there is no such change.
    fn late_race(&self, book: usize, resting: &Resting, later: &[Request], bar: &Bar) -> Option<bool> {
        let changes = |request: &&Request| request.target() == Some(resting.order.id);
        let race = |request: &Request| self.race(book, resting, request, bar);
        let due = |request: &&Request| request.arrive <= bar.inside;
        later
            .iter()
            .filter(changes)
            .find_map(race)
            .or_else(|| self.books[book].requests.iter().take_while(due).filter(changes).find_map(race))
    }
}

impl Resting {
    /// Whether an order that arrived inside the candle was set off in it: by the range if that is against its owner, by
    /// the close if it is in its favour. The best policy believes only the close.
    fn triggered_inside(&self, bar: &Bar, policy: &Policy, tick: Price) -> bool {
        match self.order.kind {
            OrderKind::Market | OrderKind::Limit { .. } => false,
            OrderKind::StopMarket { .. } | OrderKind::StopLimit { .. } | OrderKind::TrailingStop { .. } => {
                if policy.intrabar == IntrabarPolicy::Best {
                    self.reached_at(bar.candle.close, policy.limit_fill, tick)
                } else {
                    self.reached_by(&bar.candle, policy.limit_fill, tick)
                }
            }
            OrderKind::TakeProfit { .. } | OrderKind::TakeProfitLimit { .. } => {
                self.reached_at(bar.candle.close, policy.limit_fill, tick)
            }
        }
    }

    /// Whether the best policy has decided that it was not.
    fn only_perhaps_triggered(&self, bar: &Bar, policy: &Policy, tick: Price) -> bool {
        let is_stop = !self.order.kind.is_favourable() && self.order.kind != OrderKind::Market;
        is_stop && policy.intrabar == IntrabarPolicy::Best && self.reached_by(&bar.candle, policy.limit_fill, tick)
    }
}
