//! A market order that meets a price as it arrives: most are over at once and never stand in the book.

use super::SimVenue;
use super::arrival::Market;
use super::book::{Posture, Resting};
use super::execution::Outcome;
use crate::domain::{CancelReason, Order, Overflow, Price, Timestamp, UpdateKind};

impl SimVenue {
    /// A single market order arrives when this is the price. What the volume does not cover goes on in the book.
    #[inline]
    pub(super) fn take_at_once(&mut self, book: usize, order: Order, price: Price, at: Timestamp) {
        if let Err(reason) = self.accept(book, &order, Market::At(price), at) {
            self.tell(order.desk, order.id, at, UpdateKind::Rejected(reason));
            return;
        }
        let mut resting = Resting::new(order, order.quantity, Posture::Taking { no_better: None });
        let outcome = match self.taker_deal(book, order.side, price, None, at) {
            Ok(deal) => self.trade_against(book, &mut resting, deal),
            Err(Overflow) => Outcome::Refused(CancelReason::Overflow),
        };
        match outcome {
            Outcome::Traded(_) if resting.leaves.is_zero() => {}
            Outcome::Traded(_) => self.keep(book, resting, at),
            // Without a trade nothing has changed: what there is to reduce is looked at anew when there is volume.
            Outcome::NoVolume => self.keep(book, Resting { leaves: order.quantity, ..resting }, at),
            Outcome::Refused(reason) => self.tell(order.desk, order.id, at, UpdateKind::Cancelled(reason)),
        }
    }

    /// What is left of it goes on in the book, unless it was for this moment only.
    fn keep(&mut self, book: usize, resting: Resting, at: Timestamp) {
        let order = self.let_in(book, resting, at);
        self.drop_immediate(book, order, at);
    }
}
