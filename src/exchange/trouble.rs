//! What faults of a time do to the exchange: closed markets, other filters, quiet symbols, ended subscriptions; and an
//! order that fills before its cancel.

use super::connection::Outgoing;
use super::core::Core;
use super::listing::Status;
use super::wire::object;
use super::wire::report::enveloped;
use crate::domain::{MarketTrade, Price, Quantity, Side, Timestamp};
use crate::venue::Venue;

/// By how much lots and smallest sums grow while filters are the other ones.
const OTHER_FILTERS: i64 = 10;

impl Core {
    /// Brings status and filters of the symbols to what the faults say of this instant.
    pub(super) fn apply_trouble(&mut self, now: Timestamp) {
        let status = if self.faults.maintenance(now) { Status::Break } else { Status::Trading };
        let factor = if self.faults.other_filters(now) { OTHER_FILTERS } else { 1 };
        for listed in &mut self.listing.symbols {
            listed.status = status;
            listed.lot = 10i64.pow(u32::from(8 - listed.spec.quantity_decimals)) * factor;
            listed.minimum_notional = listed.spec.minimum_notional * factor;
        }
        if self.faults.expires_streams(now) {
            self.end_subscriptions(now);
        }
    }

    /// Whether a trade of this symbol does not happen.
    pub(super) fn swallows_trade(&self, symbol: usize, at: Timestamp) -> bool {
        self.faults.maintenance(at) || (symbol == 0 && self.faults.quiet(at))
    }

    fn end_subscriptions(&mut self, now: Timestamp) {
        for (id, connection) in &mut self.connections {
            for subscription in std::mem::take(&mut connection.users).into_keys() {
                let event = object! { "e": "eventStreamTerminated", "E": now };
                let text = enveloped(subscription, event).text(connection.unit);
                let message = super::connection::Message::Text(text);
                self.outbox.push_back(Outgoing { at: now, connection: *id, message });
            }
        }
    }

    /// What is open of an order with a limit trades at its price just before its cancel arrives.
    pub(super) fn fill_before_cancel(&mut self, account: usize, place: usize) {
        let record = &self.accounts[account].orders[place];
        let ticket = &record.ticket;
        if ticket.kind.is_contingent() || !ticket.kind.has_price() {
            return;
        }
        let (id, side) = (ticket.instrument, ticket.side);
        let left = ticket.quantity.units() - record.executed.units();
        let beyond = match side {
            Side::Buy => ticket.price.units() - 1,
            Side::Sell => ticket.price.units() + 1,
        };
        let print = MarketTrade {
            time: self.now,
            price: Price::from_units(beyond.max(1)),
            quantity: Quantity::from_units(left),
            taker: side.opposite(),
        };
        let last = self.markets[usize::from(id.0)].last().map(|print| print.price);
        self.accounts[account].venue.trade(id, &print);
        if let Some(last) = last {
            self.accounts[account].venue.passed(id, last);
        }
        self.settle(account);
    }
}
