//! A trader without a plan: any order, cancel or replacement at any time.

use super::dice::Dice;
use std::sync::{Arc, Mutex};
use tapeline::domain::*;
use tapeline::strategy::{BracketTicket, Context, OpenOrder, Ticket, Trader};

/// News as a desk was told, in order.
pub type News = Arc<Mutex<Vec<OrderUpdate>>>;

/// Decides by dice alone, so that the same deliveries lead to the same decisions.
pub struct Gambler {
    pub dice: Dice,
    pub instruments: usize,
    pub actions_left: usize,
    pub news: Option<News>,
}

impl Trader for Gambler {
    fn on_candles(&mut self, context: &mut Context<'_>, _: &[SeriesId]) {
        if self.dice.chance(50) {
            self.act(context);
        }
    }

    fn on_update(&mut self, context: &mut Context<'_>, update: &OrderUpdate) {
        if let Some(news) = &self.news {
            news.lock().unwrap().push(*update);
        }
        if self.dice.chance(8) {
            self.act(context);
        }
    }

    fn on_timer(&mut self, context: &mut Context<'_>, _: TimerId) {
        self.act(context);
    }
}

impl Gambler {
    fn act(&mut self, context: &mut Context<'_>) {
        if self.actions_left == 0 {
            return;
        }
        self.actions_left -= 1;
        // Refusals are part of the game: they are counted where the desk lists them.
        match self.dice.below(100) {
            0..48 => drop(self.ticket(context).map(|ticket| context.submit(ticket))),
            48..55 => drop(self.pair(context).map(|tickets| context.pair(tickets))),
            55..70 => drop(self.bracket(context).map(|ticket| context.bracket(ticket))),
            70..78 => {
                let id = self.some_order(context).map_or(OrderId(0), |open| open.order.id);
                let _ = context.cancel(id);
            }
            78..82 => {
                let Some(open) = self.some_order(context) else { return };
                let lot = context.instrument(open.order.instrument).filters_at(context.now()).lot.units();
                let units = open.order.quantity.units() - lot * self.dice.pick(&[1, 1, 3, 0]);
                let _ = context.reduce(open.order.id, Quantity::from_units(units));
            }
            82..86 => {
                let Some(ticket) = self.ticket(context) else { return };
                let id = self.some_order(context).map_or(OrderId(0), |open| open.order.id);
                let on_failure = self.dice.pick(&[CancelFailure::Stop, CancelFailure::Allow]);
                let _ = context.cancel_replace(id, ticket, on_failure);
            }
            86..94 => {
                let Some(open) = self.some_order(context) else { return };
                let Some(kind) = self.moved(context, &open) else { return };
                let lot = context.instrument(open.order.instrument).filters_at(context.now()).lot.units();
                let units = (open.order.quantity.units() + lot * self.dice.pick(&[0, 0, -3, 5])).max(lot);
                let _ = context.replace(open.order.id, Terms { kind, quantity: Quantity::from_units(units) });
            }
            _ => {
                let seconds = self.dice.between(1, 150);
                context.wake(context.now().after(Span::SECOND.times(seconds)));
            }
        }
    }

    fn ticket(&mut self, context: &Context<'_>) -> Option<Ticket> {
        let id = InstrumentId(self.dice.below(self.instruments) as u16);
        let held = context.position(id).units();
        let exits = held != 0 && self.dice.chance(50);
        let side = match (exits, held > 0) {
            (true, true) => Side::Sell,
            (true, false) => Side::Buy,
            (false, _) => self.dice.pick(&[Side::Buy, Side::Buy, Side::Sell]),
        };
        let kind = match self.dice.below(14) {
            0..3 => OrderKind::Market,
            3..7 => OrderKind::Limit { price: self.near(context, id)? },
            7..10 => OrderKind::StopMarket { trigger: self.near(context, id)? },
            10 => OrderKind::StopLimit { trigger: self.near(context, id)?, price: self.near(context, id)? },
            11 => OrderKind::TakeProfit { trigger: self.near(context, id)? },
            12 => OrderKind::TakeProfitLimit { trigger: self.near(context, id)?, price: self.near(context, id)? },
            _ => OrderKind::TrailingStop { trail: self.trail(context, id) },
        };
        let lot = context.instrument(id).filters_at(context.now()).lot.units();
        let mut units = self.dice.between(1, 40) * lot * self.dice.pick(&[1, 1, 10, 200]);
        if exits && self.dice.chance(60) {
            units = (held.abs() / lot * lot).max(lot);
        }
        if self.dice.chance(3) {
            units += 1;
        }
        let mut ticket = Ticket::new(id, side, kind, Quantity::from_units(units));
        if self.dice.chance(if exits { 50 } else { 5 }) {
            ticket = ticket.reduce_only();
        }
        let until = context.now().after(Span::SECOND.times(self.dice.between(5, 240)));
        Some(match self.dice.below(12) {
            0..2 => ticket.immediate_or_cancel(),
            2..4 => ticket.good_till(until),
            4 => ticket.fill_or_kill(),
            5 => ticket.post_only(),
            _ => ticket,
        })
    }

    fn pair(&mut self, context: &Context<'_>) -> Option<[Ticket; 2]> {
        let (first, second) = (self.ticket(context)?, self.ticket(context)?);
        let (instrument, side, quantity, effect) = (first.instrument, first.side, first.quantity, first.effect);
        Some([first, Ticket { instrument, side, quantity, effect, ..second }])
    }

    fn trail(&mut self, context: &Context<'_>, id: InstrumentId) -> Trail {
        let tick = context.instrument(id).filters_at(context.now()).tick.units();
        if self.dice.chance(50) {
            Trail::Distance(Price::from_units(self.dice.between(1, 30) * tick))
        } else {
            Trail::Fraction(Rate::from_units(self.dice.between(1, 200) * 10_000))
        }
    }

    fn bracket(&mut self, context: &Context<'_>) -> Option<BracketTicket> {
        let entry = Ticket { effect: PositionEffect::Any, ..self.ticket(context)? };
        let tick = context.instrument(entry.instrument).filters_at(context.now()).tick.units();
        let around = entry.kind.stated_price().or(context.last(entry.instrument))?.units();
        let mut level = |away: i64| {
            let price = (around + away * self.dice.between(1, 150)) / tick * tick;
            Price::from_units(price.max(tick))
        };
        let sign = entry.side.sign();
        let (stops, targets) = ([level(-sign), level(-sign)], [level(sign), level(sign)]);
        let stop = match self.dice.below(6) {
            0 => OrderKind::StopLimit { trigger: stops[0], price: stops[1] },
            1 => OrderKind::TrailingStop { trail: self.trail(context, entry.instrument) },
            _ => OrderKind::StopMarket { trigger: stops[0] },
        };
        let target = match self.dice.below(6) {
            0 => OrderKind::TakeProfit { trigger: targets[0] },
            1 => OrderKind::TakeProfitLimit { trigger: targets[0], price: targets[1] },
            _ => OrderKind::Limit { price: targets[0] },
        };
        let (stop, target) = (Some((stop, Tag::default())), Some((target, Tag::default())));
        let stop = if self.dice.chance(85) { stop } else { None };
        let target = if self.dice.chance(85) { target } else { None };
        Some(BracketTicket { entry, stop, target })
    }

    /// A price near the last one; now and then not a multiple of the tick.
    fn near(&mut self, context: &Context<'_>, id: InstrumentId) -> Option<Price> {
        let last = context.last(id)?.units();
        let tick = context.instrument(id).filters_at(context.now()).tick.units();
        let reach = self.dice.pick(&[20, 100, 100, 400, 1_500]);
        let price = (last + self.dice.between(-reach, reach)) / tick * tick;
        let odd = i64::from(self.dice.chance(2));
        Some(Price::from_units(price.max(tick) + odd))
    }

    fn some_order(&mut self, context: &Context<'_>) -> Option<OpenOrder> {
        let orders = context.orders();
        if orders.is_empty() { None } else { Some(orders[self.dice.below(orders.len())]) }
    }

    fn moved(&mut self, context: &Context<'_>, open: &OpenOrder) -> Option<OrderKind> {
        let id = open.order.instrument;
        Some(match open.order.kind {
            OrderKind::Market => OrderKind::Market,
            OrderKind::Limit { .. } => OrderKind::Limit { price: self.near(context, id)? },
            OrderKind::StopMarket { .. } => OrderKind::StopMarket { trigger: self.near(context, id)? },
            OrderKind::StopLimit { .. } => {
                OrderKind::StopLimit { trigger: self.near(context, id)?, price: self.near(context, id)? }
            }
            OrderKind::TakeProfit { .. } => OrderKind::TakeProfit { trigger: self.near(context, id)? },
            OrderKind::TakeProfitLimit { .. } => {
                OrderKind::TakeProfitLimit { trigger: self.near(context, id)?, price: self.near(context, id)? }
            }
            OrderKind::TrailingStop { .. } => OrderKind::TrailingStop { trail: self.trail(context, id) },
        })
    }
}
