//! Requests that arrive inside a candle, later than its open: they can only be hurt by it.
//!
//! The path inside a candle is unknown. A new order acts in its owner's favour only where the close proves it, against
//! its owner wherever the range allows it; a change of an order races the fill that it would prevent.

use super::SimVenue;
use super::arrival::Market;
use super::book::{Posture, Request, RequestKind, Resting, Then};
use super::on_candle::{Bar, worst_extreme};
use super::policy::{IntrabarPolicy, Policy};
use crate::domain::{Certainty, Liquidity, Order, OrderId, OrderKind, Overflow, Price, Quantity, Timestamp};

/// At what an order trades inside a candle, as far as a race has to know.
#[derive(Clone, Copy, Debug)]
pub(super) struct Trades {
    level: Price,
    liquidity: Liquidity,
}

impl Trades {
    /// An order that came late: a taker, whatever its kind.
    pub fn late(price: Price) -> Self {
        Trades { level: price, liquidity: Liquidity::Taker }
    }
}

impl SimVenue {
    /// At what an order trades that was there before the candle; none for one that waits for no level.
    pub(super) fn waiting_trades(&self, resting: &Resting, bar: &Bar) -> Option<Trades> {
        let wait = resting.wait()?;
        let liquidity = if wait.then == Then::Make { Liquidity::Maker } else { Liquidity::Taker };
        let level = self.stop_price(resting, resting.order.kind.limit().unwrap_or(wait.level), &bar.candle);
        Some(Trades { level, liquidity })
    }

    /// A cancel, replacement or expiry arrives inside a candle that reaches the order: the outcome that leaves the
    /// lower equity at the close happens (the higher one under the best policy). Whether that is the fill; none when
    /// there is no race, because the change will be refused.
    pub(super) fn race(
        &self,
        book: usize,
        resting: &Resting,
        request: &Request,
        trades: Trades,
        bar: &Bar,
    ) -> Option<bool> {
        let otherwise = self.gain_of_change(book, resting, request, trades, bar)?;
        let fill = self.gain(book, &resting.order, trades, resting.leaves, bar);
        // What cannot be valued is decided for the fill: it is then refused as an overflow where it is booked.
        let (Ok(fill), Ok(otherwise)) = (fill, otherwise) else { return Some(true) };
        Some(match self.policy.intrabar {
            IntrabarPolicy::Best => fill > otherwise,
            IntrabarPolicy::Worst | IntrabarPolicy::Detail | IntrabarPolicy::StopFirst | IntrabarPolicy::Path(_) => {
                fill < otherwise
            }
        })
    }

    /// What a fill has gained by the close, costs included.
    pub(super) fn gain(
        &self,
        book: usize,
        order: &Order,
        trades: Trades,
        quantity: Quantity,
        bar: &Bar,
    ) -> Result<i128, Overflow> {
        let instrument = &self.instruments[book];
        let fees = self.fees_of(book, bar.inside);
        let (price, rate) = match trades.liquidity {
            Liquidity::Maker => (trades.level, fees.maker),
            Liquidity::Taker => {
                let deal = self.taker_deal(book, order.side, trades.level, order.kind.limit(), bar.inside)?;
                (deal.price, fees.taker)
            }
        };
        let notional = instrument.notional(price, quantity)?;
        let worth = instrument.notional(bar.candle.close, quantity)?;
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
            OrderKind::StopMarket { trigger } => {
                triggered.then(|| self.stop_price(resting, side.worse(trigger, close), &bar.candle))
            }
            // It may have been set off before it came: then by any price of the range, but by none worse than its trigger.
            OrderKind::TakeProfit { trigger } => {
                triggered.then(|| side.better(trigger, worst_extreme(side, &bar.candle)))
            }
            OrderKind::TrailingStop { .. } => {
                let goes_off = triggered && self.policy.intrabar != IntrabarPolicy::Best;
                goes_off.then(|| self.stop_price(resting, close, &bar.candle))
            }
        }
    }

    /// A request that arrives later inside the candle than the tolerance allows: it can only be hurt by it. `later` are
    /// those that come after it in the same candle.
    pub(super) fn arrive_inside(&mut self, book: usize, request: Request, later: &mut Vec<Request>, bar: &Bar) {
        let at = request.arrive;
        for order in self.admit(book, request, Market::Inside(bar.candle.close), at).into_iter().flatten() {
            self.meet_inside(book, order, later, bar, at);
        }
    }

    fn meet_inside(&mut self, book: usize, order: OrderId, later: &mut Vec<Request>, bar: &Bar, at: Timestamp) {
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
                let race = price.and_then(|price| self.late_race(book, &resting, later, price, bar));
                if let (true, Some(Then::Limit(limit))) = (triggered, resting.wait().map(|wait| wait.then)) {
                    self.set_off(book, index, limit, at);
                }
                if let Some(price) = price {
                    // The close proves that the price was had, not that it was had in the one moment of its arrival.
                    let had_one_moment = order.time_in_force.is_immediate() && order.kind.is_favourable();
                    let proved = order.kind.is_favourable() && race.is_none() && !had_one_moment;
                    let certainty = if proved { Certainty::Certain } else { self.doubt() };
                    let missed = had_one_moment && self.policy.intrabar == IntrabarPolicy::Best;
                    let wins = race.is_none_or(|race| race.fill_wins).then_some(at);
                    let fills_at = wins.or_else(|| self.reduce_first(book, race, later, bar)).filter(|_| !missed);
                    let before = self.books[book].find(order.id).map(|index| self.books[book].orders[index].leaves);
                    if let Some(at) = fills_at {
                        self.take(book, index, price, order.kind.limit(), at, certainty);
                    }
                    if before.is_some_and(|before| self.books[book].has_traded_since(order.id, before)) {
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
    /// The race of the fill of an order that came late with the next change of it in the same candle, its expiry included;
    /// none when there is no such change.
    fn late_race(
        &self,
        book: usize,
        resting: &Resting,
        later: &[Request],
        price: Price,
        bar: &Bar,
    ) -> Option<LateRace> {
        let changes = |request: &Request| request.target() == Some(resting.order.id);
        let race = |request: &Request| self.race(book, resting, request, Trades::late(price), bar);
        let among = later.iter().enumerate().filter(|(_, request)| changes(request));
        let mut among =
            among.filter_map(|(place, request)| Some(LateRace { fill_wins: race(request)?, later: Some(place) }));
        among.next().or_else(|| {
            let due = self.books[book].requests.iter().take_while(|request| request.arrive <= bar.inside);
            let fill_wins = due.filter(|request| changes(request)).find_map(race)?;
            Some(LateRace { fill_wins, later: None })
        })
    }

    /// A reduction that comes before the fill leaves the rest to fill: from when on, if it was one that came first.
    fn reduce_first(
        &mut self,
        book: usize,
        race: Option<LateRace>,
        later: &mut Vec<Request>,
        bar: &Bar,
    ) -> Option<Timestamp> {
        let place = race?.later?;
        let RequestKind::Reduce(..) = later[place].kind else { return None };
        let request = later.remove(place);
        let at = request.arrive;
        self.admit(book, request, Market::Inside(bar.candle.close), at);
        Some(at)
    }
}

/// Who was first: the fill of an order that came late, or a change of it.
#[derive(Clone, Copy, Debug)]
struct LateRace {
    fill_wins: bool,
    /// Which of the later requests the change is; none for an expiry that is queued already.
    later: Option<usize>,
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
