//! From a round trip back to the orders that ended it and to what they closed, and from an order to its fills.

use crate::domain::{Amount, ClosedTrade, Link, OrderId, Overflow, Price};
use crate::engine::{END_OF_DATA, KindOfOrder, OrderExtra, OrderRecord, Outcome};
use crate::error::{Fault, Result};
use crate::report::facts::{END_OF_DATA_NAME, RunFacts};

/// No entry.
const NONE: u32 = u32::MAX;

/// Indexes over the records of an outcome.
#[derive(Debug)]
pub struct Trail<'a> {
    outcome: &'a Outcome,
    first_fill_of_trade: Vec<u32>,
    last_fill_of_trade: Vec<u32>,
    closed_of_trade: Vec<i64>,
    record_of_order: Vec<u32>,
    extra_of_order: Vec<u32>,
    traded_of_order: Vec<Amount>,
    /// By round trip, the place of the stop and of the target of its bracket among the orders.
    stop_of_trade: Vec<u32>,
    target_of_trade: Vec<u32>,
}

impl<'a> Trail<'a> {
    /// Indexes an outcome.
    ///
    /// # Errors
    /// When an amount leaves the range of exact integers.
    pub fn of(outcome: &'a Outcome, facts: &RunFacts<'_>) -> Result<Self> {
        let records = &outcome.records;
        let trades = records.fills.iter().map(|fill| fill.trade as usize + 1).max().unwrap_or(0);
        let filled = records.fills.iter().map(|fill| fill.order.0 as usize + 1).max().unwrap_or(0);
        let orders = records.orders.iter().map(|record| record.id.0 as usize + 1).max().unwrap_or(0).max(filled);
        let extras = if records.extras.is_empty() { 0 } else { orders };
        let mut trail = Trail {
            outcome,
            first_fill_of_trade: vec![NONE; trades],
            last_fill_of_trade: vec![NONE; trades],
            closed_of_trade: vec![0; trades],
            record_of_order: vec![NONE; orders],
            extra_of_order: vec![NONE; extras],
            traded_of_order: vec![Amount::ZERO; orders],
            stop_of_trade: vec![NONE; trades],
            target_of_trade: vec![NONE; trades],
        };
        trail.index(facts).map_err(|Overflow| {
            Fault::failure("summing up the fills of an order: an amount left the range of exact integers")
        })?;
        Ok(trail)
    }

    fn index(&mut self, facts: &RunFacts<'_>) -> std::result::Result<(), Overflow> {
        let records = &self.outcome.records;
        for (number, fill) in records.fills.iter().enumerate() {
            let first = &mut self.first_fill_of_trade[fill.trade as usize];
            *first = (*first).min(number as u32);
            self.last_fill_of_trade[fill.trade as usize] = number as u32;
            let notional = facts.instrument(fill.instrument).notional(fill.price, fill.quantity)?;
            let traded = &mut self.traded_of_order[fill.order.0 as usize];
            *traded = traded.plus(notional)?;
        }
        for lot in &records.lots {
            if let Some(fill) = records.fills.get(lot.closing as usize) {
                let closed = &mut self.closed_of_trade[fill.trade as usize];
                *closed = closed.saturating_add(lot.quantity.units());
            }
        }
        for (place, record) in records.orders.iter().enumerate() {
            self.record_of_order[record.id.0 as usize] = place as u32;
        }
        for (place, extra) in records.extras.iter().enumerate() {
            if let Some(entry) = self.extra_of_order.get_mut(extra.id.0 as usize) {
                *entry = place as u32;
            }
        }
        self.index_brackets();
        Ok(())
    }

    /// Children belong to the round trip that the first fill of their entry opened or enlarged; of several, the one whose order
    /// ended last counts.
    fn index_brackets(&mut self) {
        let records = &self.outcome.records;
        if records.extras.is_empty() {
            return;
        }
        let mut trade_of_order = vec![NONE; self.record_of_order.len()];
        for fill in records.fills.iter().rev() {
            trade_of_order[fill.order.0 as usize] = fill.trade;
        }
        for extra in &records.extras {
            let Link::Child { entry, .. } = extra.link else { continue };
            let trade = trade_of_order.get(entry.0 as usize).copied().unwrap_or(NONE);
            let Some(place) = self.record_of_order.get(extra.id.0 as usize).copied().filter(|place| *place != NONE)
            else {
                continue;
            };
            let slots = match child_role(records.orders[place as usize].kind) {
                "stop" => &mut self.stop_of_trade,
                "target" => &mut self.target_of_trade,
                _ => continue,
            };
            if let Some(slot) = slots.get_mut(trade as usize) {
                *slot = place;
            }
        }
    }

    /// The latest level of the stop of a trade's bracket.
    pub fn stop(&self, trade: &ClosedTrade) -> Option<Price> {
        self.level(&self.stop_of_trade, trade)
    }

    /// The first level of the stop of a trade's bracket.
    pub fn first_stop(&self, trade: &ClosedTrade) -> Option<Price> {
        let place = self.stop_of_trade.get(trade.number as usize)?;
        let record = self.outcome.records.orders.get(*place as usize)?;
        Some(self.outcome.records.first_triggers.get(&record.id).copied().unwrap_or(record.level))
    }

    /// The order that opened a trade.
    pub fn entry_order(&self, trade: &ClosedTrade) -> Option<OrderId> {
        self.order_of(&self.first_fill_of_trade, trade)
    }

    /// The order that closed a trade; none did while it is open.
    pub fn exit_order(&self, trade: &ClosedTrade) -> Option<OrderId> {
        if trade.exit_tag == END_OF_DATA { None } else { self.order_of(&self.last_fill_of_trade, trade) }
    }

    fn order_of(&self, fill_of_trade: &[u32], trade: &ClosedTrade) -> Option<OrderId> {
        let number = fill_of_trade.get(trade.number as usize)?;
        Some(self.outcome.records.fills.get(*number as usize)?.order)
    }

    /// The latest level of the target of a trade's bracket.
    pub fn target(&self, trade: &ClosedTrade) -> Option<Price> {
        self.level(&self.target_of_trade, trade)
    }

    fn level(&self, slots: &[u32], trade: &ClosedTrade) -> Option<Price> {
        let place = slots.get(trade.number as usize)?;
        Some(self.outcome.records.orders.get(*place as usize)?.level)
    }

    /// What the fills of an order came to, in ledger units of the quote asset.
    pub fn traded(&self, order: OrderId) -> Amount {
        self.traded_of_order.get(order.0 as usize).copied().unwrap_or(Amount::ZERO)
    }

    /// What few orders have.
    pub fn extra(&self, order: OrderId) -> Option<&'a OrderExtra> {
        let place = *self.extra_of_order.get(order.0 as usize)?;
        self.outcome.records.extras.get(place as usize)
    }

    /// The record of an order, if it is over.
    pub fn order(&self, order: OrderId) -> Option<&'a OrderRecord> {
        let place = *self.record_of_order.get(order.0 as usize)?;
        self.outcome.records.orders.get(place as usize)
    }

    /// How much the exits of a trade closed, in quantity units. What is open at the end is closed whole, for the record.
    pub fn closed_quantity(&self, trade: &ClosedTrade) -> i64 {
        match self.closed_of_trade.get(trade.number as usize) {
            Some(units) if *units != 0 && trade.exit_tag != END_OF_DATA => *units,
            Some(_) | None => trade.quantity.units(),
        }
    }

    /// What kind of order ended a trade.
    pub fn exit_reason(&self, trade: &ClosedTrade) -> &'static str {
        if trade.exit_tag == END_OF_DATA {
            return END_OF_DATA_NAME;
        }
        let Some(record) = self.exit_order(trade).and_then(|order| self.order(order)) else { return "" };
        match (self.extra(record.id).map(|extra| extra.link), record.kind) {
            (Some(Link::Child { .. }), kind) => child_role(kind),
            (Some(Link::None | Link::Entry { .. } | Link::Pair { .. }) | None, kind) => kind.name(),
        }
    }
}

/// What a child of a bracket is there for.
pub fn child_role(kind: KindOfOrder) -> &'static str {
    match kind {
        KindOfOrder::StopMarket | KindOfOrder::StopLimit => "stop",
        KindOfOrder::TrailingStop => "trailing-stop",
        KindOfOrder::Limit | KindOfOrder::TakeProfit | KindOfOrder::TakeProfitLimit => "target",
        KindOfOrder::Market => "child",
    }
}
