//! The twin meets quotes, and takers at trades where quotes bound what they pay.

use super::Twin;
use super::seen::*;
use tapeline::domain::*;
use tapeline::venue::LimitPolicy;

/// Best bid and ask, and what ours took of them at these prices.
#[derive(Clone, Copy, Debug)]
pub struct Best {
    quote: Quote,
    taken_by_buyers: i128,
    taken_by_sellers: i128,
}

impl Best {
    /// What the other side asks of someone on this side, and how much of it nobody of ours has taken.
    fn of(&self, side: Side) -> (Cost, i128) {
        let (price, quantity) = self.quote.facing(side);
        let taken = match side {
            Side::Buy => self.taken_by_buyers,
            Side::Sell => self.taken_by_sellers,
        };
        (cost(side, price), i128::from(quantity.units()) - taken)
    }
}

impl Twin {
    /// What the quote that stands asks of someone on this side.
    pub fn asked(&self, side: Side) -> Option<Cost> {
        self.best.map(|best| best.of(side).0)
    }

    /// What an order that arrives now would meet: the quote, or else the last price.
    pub fn met_now(&self, side: Side) -> Option<Cost> {
        self.asked(side).or(self.last.map(|last| cost(side, last)))
    }

    /// The best bid or ask changed.
    pub fn quote_changed(&mut self, quote: &Quote) {
        while let Some(request) = self.next_before(quote.time) {
            self.come(&request, super::arrival::Scene::Nothing);
        }
        let mut best = Best { quote: *quote, taken_by_buyers: 0, taken_by_sellers: 0 };
        if let Some(before) = self.best {
            if before.quote.ask == quote.ask {
                best.taken_by_buyers = before.taken_by_buyers;
            }
            if before.quote.bid == quote.bid {
                best.taken_by_sellers = before.taken_by_sellers;
            }
        }
        self.best = Some(best);
        for placed in &mut self.orders {
            if matches!(placed.stand, Stand::AtMarket { .. } | Stand::Unmet) {
                let asked = best.of(placed.side()).0;
                placed.bound = Some(placed.bound.map_or(asked, |bound| bound.max(asked)));
            }
        }
        for id in self.ids() {
            self.meet_quote(id, quote.time);
        }
    }

    fn meet_quote(&mut self, id: OrderId, at: Timestamp) {
        let Some(placed) = self.find(id).map(|index| self.orders[index]) else { return };
        let (OrderKind::Limit { .. }, Stand::Waits, Some(best)) = (placed.order.kind, placed.stand, self.best) else {
            return;
        };
        let (level, (asked, _)) = (placed.level().unwrap(), best.of(placed.side()));
        let by = if self.policy.limit_fill == LimitPolicy::Touch { 0 } else { self.tick };
        if asked > level - by {
            return;
        }
        self.rule("a quote crosses a resting limit");
        let displayed = i128::from(best.quote.facing(placed.side()).1.units());
        let share = match self.policy.participation {
            Some(rate) => displayed * i128::from(rate.units()) / 100_000_000,
            None => displayed,
        };
        let left = (share - (displayed - best.of(placed.side()).1)).max(0);
        self.budget = Some(left - left % self.lot);
        let said = self.news.len();
        self.make(id, level, at, Certainty::Certain);
        self.note_taken(id, placed.side(), said);
    }

    /// Takes at a trade: never cheaper than the quote that stands, nor than those that have stood since it came.
    pub fn take_at_trade(
        &mut self,
        id: OrderId,
        traded: Cost,
        bound: Option<Cost>,
        limit: Option<Cost>,
        at: Timestamp,
    ) {
        let placed = self.orders[self.find(id).unwrap()];
        let side = placed.side();
        let paid = self.paid_at(side, traded, bound);
        if paid > traded {
            self.rule("a quote is dearer than the trade");
        }
        let wanted = self.budget.map_or(placed.leaves, |budget| budget.min(placed.leaves));
        let said = self.news.len();
        match self.best.map(|best| best.of(side)) {
            Some((asked, displayed)) if asked == paid && wanted <= displayed => {
                self.rule("taker within the quote");
                self.goes_to_market(id);
                self.trade(id, paid, paid, Liquidity::Taker, Certainty::Certain, at);
            }
            Some(_) => {
                self.rule("taker beyond the quote");
                self.take(id, paid, limit, at, Certainty::Certain);
            }
            None => drop(self.take(id, paid, limit, at, Certainty::Certain)),
        }
        self.note_taken(id, side, said);
    }

    pub fn paid_at(&self, side: Side, traded: Cost, bound: Option<Cost>) -> Cost {
        [self.asked(side), bound].into_iter().flatten().fold(traded, Cost::max)
    }

    fn note_taken(&mut self, id: OrderId, side: Side, said: usize) {
        let filled = self.news[said..].iter().filter(|news| news.order == id).filter_map(|news| match news.kind {
            UpdateKind::Filled(fill) => Some(i128::from(fill.quantity.units())),
            _ => None,
        });
        let filled: i128 = filled.sum();
        if let Some(best) = &mut self.best {
            match side {
                Side::Buy => best.taken_by_buyers += filled,
                Side::Sell => best.taken_by_sellers += filled,
            }
        }
    }
}
