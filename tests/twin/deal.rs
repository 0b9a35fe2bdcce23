//! An order of the twin trades: at which price, how much, for which fee, and what that does to its group.

use super::Twin;
use super::seen::*;
use tapeline::domain::*;

impl Twin {
    /// Trades at market: at `reference` and slippage, at most at `bound`. What is left goes on at market, unless it is
    /// a limit order.
    pub fn take(
        &mut self,
        id: OrderId,
        reference: Cost,
        bound: Option<Cost>,
        at: Timestamp,
        certainty: Certainty,
    ) -> bool {
        let index = self.find(id).unwrap();
        let side = self.orders[index].side();
        self.goes_to_market(id);
        let slipped = self.slipped(side, reference);
        let paid = bound.map_or(slipped, |bound| bound.min(slipped));
        self.rule(if bound.is_some_and(|bound| slipped > bound) { "slippage cut at a limit" } else { "taker" });
        self.trade(id, paid, reference, Liquidity::Taker, certainty, at)
    }

    /// Whatever is left of an order that takes goes on at market, unless it is a limit order.
    pub fn goes_to_market(&mut self, id: OrderId) {
        let index = self.find(id).unwrap();
        if !matches!(self.orders[index].order.kind, OrderKind::Limit { .. }) {
            self.orders[index].stand = Stand::AtMarket { late: None };
            self.orders[index].bound = None;
        }
    }

    /// Trades at its own price as the maker that waited.
    pub fn make(&mut self, id: OrderId, at_cost: Cost, at: Timestamp, certainty: Certainty) -> bool {
        self.rule("maker");
        self.trade(id, at_cost, at_cost, Liquidity::Maker, certainty, at)
    }

    /// What a taker pays when the market stands at `reference`.
    pub fn slipped(&self, side: Side, reference: Cost) -> Cost {
        let slippage = self.policy.slippage;
        let share = up_to(reference.abs() * i128::from(slippage.fraction.units()), 100_000_000) / 100_000_000;
        let distance = share.max(i128::from(slippage.minimum_ticks) * self.tick);
        if distance == 0 {
            reference
        } else {
            not_below_a_tick(side, up_to(reference + distance, self.tick), self.tick)
        }
    }

    /// How much a reduce-only order finds to reduce.
    pub fn reducible(&self, order: &Order) -> i128 {
        -i128::from(order.side.sign()) * self.held[usize::from(order.desk.0)]
    }

    pub fn trade(
        &mut self,
        id: OrderId,
        paid: Cost,
        reference: Cost,
        liquidity: Liquidity,
        certainty: Certainty,
        at: Timestamp,
    ) -> bool {
        self.wanted = true;
        let index = self.find(id).unwrap();
        let Placed { order, mut leaves, filled, .. } = self.orders[index];
        if order.effect == PositionEffect::ReduceOnly {
            let there = self.reducible(&order);
            let whole = there - there.rem_euclid(self.lot);
            if leaves > there {
                leaves = whole;
                self.rule("reduce-only cut to the position");
            }
            if leaves <= 0 {
                self.rule("nothing to reduce");
                self.end(id, at, UpdateKind::Cancelled(CancelReason::NothingToReduce));
                return false;
            }
        }
        let quantity = self.budget.map_or(leaves, |budget| budget.min(leaves));
        if quantity < leaves && order.time_in_force == TimeInForce::FillOrKill {
            self.end(id, at, UpdateKind::Cancelled(CancelReason::FillOrKill));
            return false;
        }
        if quantity <= 0 {
            self.rule("no volume left");
            return false;
        }
        self.budget = self.budget.map(|budget| budget - quantity);
        let fill = self.fill(&order, price(order.side, paid), quantity, leaves - quantity, liquidity, at);
        self.traded.push((at, fill.notional.units()));
        let fill = Fill { certainty, slipped: Price::from_units((paid - reference).abs() as i64), ..fill };
        if self.fees_at(at) != self.fees {
            self.rule("fee of a tier");
        }
        self.rule(match self.kind {
            InstrumentKind::Spot => "spot fill",
            InstrumentKind::Linear => "linear fill",
        });
        self.rule(match (fill.fee.units(), fill.fee_asset == super::BASE) {
            (0, _) => "no fee",
            (..0, _) => "rebate",
            (_, false) => "fee in the quote asset",
            (_, true) => "fee in the base asset",
        });
        // A fee in the base asset makes what was bought smaller.
        let in_base = if fill.fee_asset == super::BASE { fill.fee.units() } else { 0 };
        self.held[usize::from(order.desk.0)] += match order.side {
            Side::Buy => quantity - in_base,
            Side::Sell => -quantity,
        };
        self.tell(&order, at, UpdateKind::Filled(fill));
        self.orders[index].leaves = leaves - quantity;
        self.orders[index].filled = filled + quantity;
        if leaves == quantity {
            self.orders.remove(index);
        } else {
            self.rule("filled in part");
        }
        self.group_after(&order, quantity, in_base, leaves == quantity, paid, at);
        true
    }

    fn fill(
        &self,
        order: &Order,
        price: Price,
        quantity: i128,
        leaves: i128,
        liquidity: Liquidity,
        at: Timestamp,
    ) -> Fill {
        let fees = self.fees_at(at);
        let rate = match liquidity {
            Liquidity::Maker => fees.maker,
            Liquidity::Taker => fees.taker,
        };
        let notional = i128::from(price.units()) * quantity * 1_000;
        let from_base =
            self.fees.asset == FeeAsset::Received && order.side == Side::Buy && self.kind == InstrumentKind::Spot;
        let (fee, fee_asset) = match from_base {
            true => (self.fee(quantity, rate), super::BASE),
            false => (self.fee(notional, rate), super::QUOTE),
        };
        Fill {
            price,
            quantity: Quantity::from_units(quantity as i64),
            leaves: Quantity::from_units(leaves as i64),
            notional: Amount::from_units(notional),
            fee: Amount::from_units(fee),
            fee_asset,
            liquidity,
            certainty: Certainty::Certain,
            slipped: Price::ZERO,
        }
    }

    /// The fees at an instant: by what was traded in the thirty UTC days before its own.
    pub fn fees_at(&self, at: Timestamp) -> Fees {
        let day = |at: Timestamp| at.nanos().div_euclid(Span::DAY.nanos());
        let counts = |(then, _): &&(Timestamp, i128)| (day(at) - 30..day(at)).contains(&day(*then));
        let volume: i128 = self.traded.iter().filter(counts).map(|(_, notional)| notional).sum();
        let mut fees = self.fees;
        for tier in self.tiers.iter().filter(|tier| tier.volume.units() <= volume) {
            (fees.maker, fees.taker) = (tier.maker, tier.taker);
        }
        fees
    }

    /// `rate` of an amount, rounded to whole units.
    pub fn fee(&self, amount: i128, rate: Rate) -> i128 {
        let whole = 100_000_000;
        let exact = amount * i128::from(rate.units());
        let (down, rest) = (exact.div_euclid(whole), exact.rem_euclid(whole));
        let up = match self.fees.rounding {
            Rounding::Up => rest > 0,
            Rounding::Down => false,
            Rounding::HalfEven => rest > whole / 2 || (rest == whole / 2 && down % 2 != 0),
        };
        down + i128::from(up)
    }

    /// An entry's fill releases its children, a child's takes its quantity off the other, and so does one of a pair.
    fn group_after(&mut self, order: &Order, quantity: i128, in_base: i128, done: bool, paid: Cost, at: Timestamp) {
        match order.link {
            Link::None => {}
            Link::Pair { sibling } => self.less(sibling, quantity, at),
            Link::Child { entry, sibling } => {
                if done && self.find(entry).is_some() {
                    self.rule("exit complete before its entry");
                    self.end(entry, at, UpdateKind::Cancelled(CancelReason::Sibling));
                }
                if let Some(sibling) = sibling {
                    self.less(sibling, quantity, at);
                }
            }
            Link::Entry { stop, target } => {
                let bought = (quantity - in_base).max(0);
                // Without a fee from the base asset it is what was filled, to the unit.
                let brought = if in_base == 0 { quantity } else { bought - bought % self.lot };
                for child in [stop, target].into_iter().flatten() {
                    self.release(child, brought, price(order.side, paid), at);
                }
            }
        }
    }

    fn less(&mut self, id: OrderId, by: i128, at: Timestamp) {
        let Some(index) = self.find(id) else { return };
        self.orders[index].leaves -= by;
        if self.orders[index].leaves <= 0 {
            self.rule("sibling filled");
            self.end(id, at, UpdateKind::Cancelled(CancelReason::Sibling));
        } else {
            self.rule("sibling reduced");
        }
    }

    fn release(&mut self, id: OrderId, brought: i128, at_price: Price, at: Timestamp) {
        let Some(index) = self.find(id) else { return };
        let tick = self.tick;
        let child = &mut self.orders[index];
        child.leaves = (child.leaves + brought).min(i128::from(child.order.quantity.units()) - child.filled);
        let first = child.stand == Stand::Held;
        if first {
            child.stand = Stand::Waits;
            child.learn(cost(child.side(), at_price), tick, at);
        }
        let (order, quantity) = (child.order, Quantity::from_units(child.leaves as i64));
        self.rule(if first { "children released" } else { "children enlarged" });
        self.tell(&order, at, UpdateKind::Released { quantity });
    }

    /// An order is over, and those that cannot live without it.
    pub fn end(&mut self, id: OrderId, at: Timestamp, kind: UpdateKind) {
        let index = self.find(id).unwrap();
        let order = self.orders.remove(index).order;
        self.tell(&order, at, kind);
        match order.link {
            Link::None | Link::Child { .. } => {}
            Link::Entry { stop, target } => {
                for child in [stop, target].into_iter().flatten() {
                    if self.find(child).is_some_and(|index| self.orders[index].stand == Stand::Held) {
                        self.end(child, at, UpdateKind::Cancelled(CancelReason::EntryGone));
                    }
                }
            }
            Link::Pair { sibling } => {
                if self.find(sibling).is_some() {
                    self.end(sibling, at, UpdateKind::Cancelled(CancelReason::PairGone));
                }
            }
        }
    }
}
