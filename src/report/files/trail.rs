//! From a round trip back to the orders that ended it, and to what they closed.

use crate::domain::{ClosedTrade, Link, OrderId, OrderKind};
use crate::engine::{END_OF_DATA, Outcome};
use crate::report::facts::END_OF_DATA_NAME;
use crate::strategy::OrderRecord;

/// No entry.
const NONE: u32 = u32::MAX;

/// Indexes over the records of an outcome.
#[derive(Debug)]
pub struct Trail<'a> {
    outcome: &'a Outcome,
    last_fill_of_trade: Vec<u32>,
    closed_of_trade: Vec<i64>,
    record_of_order: Vec<u32>,
}

impl<'a> Trail<'a> {
    /// Indexes an outcome.
    pub fn of(outcome: &'a Outcome) -> Self {
        let records = &outcome.records;
        let trades = records.fills.iter().map(|fill| fill.trade as usize + 1).max().unwrap_or(0);
        let orders = records.orders.iter().map(|record| record.open.order.id.0 as usize + 1).max().unwrap_or(0);
        let mut trail = Trail {
            outcome,
            last_fill_of_trade: vec![NONE; trades],
            closed_of_trade: vec![0; trades],
            record_of_order: vec![NONE; orders],
        };
        for (number, fill) in records.fills.iter().enumerate() {
            trail.last_fill_of_trade[fill.trade as usize] = number as u32;
        }
        for lot in &records.lots {
            if let Some(fill) = records.fills.get(lot.closing as usize) {
                let closed = &mut trail.closed_of_trade[fill.trade as usize];
                *closed = closed.saturating_add(lot.quantity.units());
            }
        }
        for (place, record) in records.orders.iter().enumerate() {
            trail.record_of_order[record.open.order.id.0 as usize] = place as u32;
        }
        trail
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
        let last = self.last_fill_of_trade.get(trade.number as usize);
        let fill = last.and_then(|number| self.outcome.records.fills.get(*number as usize));
        let Some(record) = fill.and_then(|fill| self.order(fill.order)) else { return "" };
        match (record.open.order.link, record.open.order.kind) {
            (Link::Child { .. }, OrderKind::StopMarket { .. }) => "stop",
            (Link::Child { .. }, OrderKind::Limit { .. }) => "target",
            (Link::None | Link::Entry { .. } | Link::Child { .. }, kind) => kind.name(),
        }
    }
}
