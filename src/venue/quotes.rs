//! Best bid and ask, where the data have them beside the trades: what a taker pays at least, how much of it there is, and
//! that a quote beyond a resting order's price has met that order.
//!
//! Quotes set off no stop and move no trailing stop: these go by trades. A quote of an instant comes before its trades.

use super::SimVenue;
use super::arrival::Market;
use super::book::{Posture, Resting, Then};
use super::execution::Deal;
use super::policy::LimitPolicy;
use crate::domain::{Certainty, Liquidity, MarketTrade, Price, Quantity, Quote, Side, Span};

/// The quote that stands, and what our orders have taken of the sizes that it displays.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shown {
    quote: Quote,
    bid_taken: Quantity,
    ask_taken: Quantity,
}

impl Shown {
    /// The quote that stands from now on. What ours took at a price stays taken while the price stands: the data do not
    /// know of it.
    fn after(before: Option<Shown>, quote: Quote) -> Self {
        let fresh = Shown { quote, bid_taken: Quantity::ZERO, ask_taken: Quantity::ZERO };
        let Some(before) = before else { return fresh };
        let (bid, ask) = (before.quote.bid == quote.bid, before.quote.ask == quote.ask);
        Shown {
            bid_taken: if bid { before.bid_taken } else { Quantity::ZERO },
            ask_taken: if ask { before.ask_taken } else { Quantity::ZERO },
            ..fresh
        }
    }

    /// The price that someone who trades on this side meets, how much of it is displayed, and how much ours have taken.
    fn facing(&self, side: Side) -> (Price, Quantity, Quantity) {
        match side {
            Side::Buy => (self.quote.ask, self.quote.ask_quantity, self.ask_taken),
            Side::Sell => (self.quote.bid, self.quote.bid_quantity, self.bid_taken),
        }
    }

    fn take(&mut self, side: Side, quantity: Quantity) {
        let taken = match side {
            Side::Buy => &mut self.ask_taken,
            Side::Sell => &mut self.bid_taken,
        };
        *taken = Quantity::from_units(taken.units().saturating_add(quantity.units()));
    }
}

impl SimVenue {
    /// Best bid or ask changed. What came before this instant has met the quote that stood then.
    pub(super) fn match_quote(&mut self, book: usize, quote: &Quote) {
        while let Some(request) = self.next_request(book, quote.time.before(Span::from_nanos(1))) {
            let at = request.arrive;
            self.admit(book, request, Market::Quiet, at);
        }
        self.books[book].shown = Some(Shown::after(self.books[book].shown, *quote));
        if self.books[book].orders.is_empty() {
            return;
        }
        self.books[book].bound_takers(quote);
        // A fill may take others of its group away, so the orders are gone through by number.
        let mut there = std::mem::take(&mut self.hits);
        there.clear();
        there.extend(self.books[book].orders.iter().map(|resting| (0, resting.order.id)));
        for (_, order) in &there {
            if let Some(index) = self.books[book].find(*order) {
                self.meet_quote(book, index, quote);
            }
        }
        self.hits = there;
    }

    /// A limit order that rests beyond the other side's best price has traded with it, up to our share of what is
    /// displayed there.
    fn meet_quote(&mut self, book: usize, index: usize, quote: &Quote) {
        let resting = self.books[book].orders[index];
        let Some(wait) = resting.wait().filter(|wait| wait.then == Then::Make) else { return };
        let (side, at) = (resting.order.side, quote.time);
        let Some((price, displayed, taken)) = self.books[book].shown.map(|shown| shown.facing(side)) else { return };
        let filters = self.instruments[book].filters_at(at);
        let rule = match self.policy.limit_fill {
            LimitPolicy::Touch => LimitPolicy::Touch,
            // At its price chance is for trades, and so is a queue.
            LimitPolicy::Through | LimitPolicy::TouchByChance { .. } => LimitPolicy::Through,
        };
        if resting.posture != Posture::Resting || !resting.reached_at(price, rule, filters.tick) {
            return;
        }
        let share = match self.policy.participation {
            Some(rate) => displayed.share(rate).unwrap_or(Quantity::ZERO),
            None => displayed,
        };
        let left = Quantity::from_units((share.units() - taken.units()).max(0));
        self.books[book].budget = left.floor_to(filters.lot);
        let traded = self.execute(book, index, Deal::of_maker(wait.level, Certainty::Certain, at));
        self.books[book].note_taken(side, traded);
    }

    /// An order takes at a trade: at its price, at the quote that stands or at `no_better`, whichever is worst. What is
    /// displayed at that quote costs no slippage; an order that wants more of it pays slippage on all it gets.
    pub(super) fn take_at_trade(
        &mut self,
        book: usize,
        index: usize,
        trade: &MarketTrade,
        no_better: Option<Price>,
        bound: Option<Price>,
    ) {
        let resting = self.books[book].orders[index];
        let (side, at) = (resting.order.side, trade.time);
        let reference = self.books[book].taken_at(side, trade.price, no_better);
        let deal = if self.books[book].displays(&resting, reference) {
            let (liquidity, certainty) = (Liquidity::Taker, Certainty::Certain);
            Ok(Deal { price: reference, reference, liquidity, certainty, at })
        } else {
            self.taker_deal(book, side, reference, bound, at)
        };
        let traded = self.take_deal(book, index, deal, at);
        self.books[book].note_taken(side, traded);
    }
}

impl super::book::Book {
    /// The best price that someone who trades on this side meets now, by the quote that stands.
    pub(super) fn quoted(&self, side: Side) -> Option<Price> {
        self.shown.map(|shown| shown.facing(side).0)
    }

    /// The price that an order of this side which arrives now would meet: the quote's, or the last one traded.
    pub(super) fn met_by(&self, side: Side) -> Option<Price> {
        self.quoted(side).or(self.last)
    }

    /// The price at which an order takes when this was just traded: never better than the quote, nor than `no_better`.
    pub(super) fn taken_at(&self, side: Side, traded: Price, no_better: Option<Price>) -> Price {
        let worst = [self.quoted(side), no_better].into_iter().flatten();
        worst.fold(traded, |price, other| side.worse(price, other))
    }

    /// Whether this price is the quote's, and all that the order can trade now is displayed there.
    fn displays(&self, resting: &Resting, price: Price) -> bool {
        let Some((best, displayed, taken)) = self.shown.map(|shown| shown.facing(resting.order.side)) else {
            return false;
        };
        let wanted = resting.leaves.units().min(self.budget.units());
        best == price && wanted <= displayed.units() - taken.units()
    }

    fn note_taken(&mut self, side: Side, quantity: Quantity) {
        if let Some(shown) = &mut self.shown {
            shown.take(side, quantity);
        }
    }

    /// Orders that wait for the first trade after their arrival would have met this quote, had they been quicker: they
    /// get nothing better.
    fn bound_takers(&mut self, quote: &Quote) {
        for resting in &mut self.orders {
            let side = resting.order.side;
            let (price, _) = quote.facing(side);
            if let Posture::Taking { no_better } | Posture::Arriving { no_better } = &mut resting.posture {
                *no_better = Some(no_better.map_or(price, |bound| side.worse(bound, price)));
            }
        }
    }
}
