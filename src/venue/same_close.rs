//! Market orders that trade at the price which their decision saw: the rule of engines that work on whole columns.
//!
//! It is a cheat, and reports call it one. It is here so that results of such engines can be compared with.

use super::SimVenue;
use super::arrival::Market;
use super::book::{Request, RequestKind};
use super::policy::MarketFillPolicy;
use crate::domain::{Certainty, OrderKind, Quantity, Timestamp};

impl SimVenue {
    /// Takes a request: under the rule of the same close a market order, or a bracket that begins with one, trades now.
    #[inline]
    pub(super) fn receive(&mut self, book: usize, request: Request, now: Timestamp) {
        match (self.policy.market_fill, self.books[book].last) {
            (MarketFillPolicy::SameClose, Some(_)) if request.is_market() => self.trade_at_last(book, request, now),
            (MarketFillPolicy::SameClose | MarketFillPolicy::NextPrice, _) => self.books[book].queue(request),
        }
    }

    fn trade_at_last(&mut self, book: usize, request: Request, now: Timestamp) {
        let Some(last) = self.books[book].last else { return };
        if self.policy.participation.is_none() {
            // The candle of that close may have been passed over, and its budget with it.
            self.books[book].budget = Quantity::MAX;
        }
        for order in self.admit(book, request, Market::At(last), now).into_iter().flatten() {
            let Some(index) = self.books[book].find(order) else { continue };
            self.take(book, index, last, None, now, Certainty::Certain);
            self.drop_immediate(book, order, now);
        }
    }
}

impl Request {
    /// Whether this brings a market order: alone, as the entry of a bracket, or in the stead of another order.
    fn is_market(&self) -> bool {
        match &self.kind {
            RequestKind::New(order) => order.kind == OrderKind::Market,
            RequestKind::Group(group) => group.first().kind == OrderKind::Market,
            RequestKind::CancelReplace(swap) => swap.order.kind == OrderKind::Market,
            RequestKind::Cancel(_) | RequestKind::Replace(..) | RequestKind::Reduce(..) | RequestKind::Expire(_) => {
                false
            }
        }
    }
}
