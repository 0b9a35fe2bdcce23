//! One order meets one price: quantity, fee, settlement, and what that does to its group.

use super::book::{Posture, Resting};
use super::policy::ChildrenPolicy;
use super::{Lock, SimVenue};
use crate::domain::{
    Amount, AssetId, CancelReason, Certainty, FeeAsset, Fees, Fill, InstrumentKind, Link, Liquidity, Order, OrderId,
    OrderKind, Overflow, Price, Quantity, Rate, Side, TimeInForce, Timestamp, UpdateKind,
};

/// At what an order trades.
#[derive(Clone, Copy, Debug)]
pub(super) struct Deal {
    pub price: Price,
    /// The market's price before slippage.
    pub reference: Price,
    pub liquidity: Liquidity,
    pub certainty: Certainty,
    pub at: Timestamp,
}

impl Deal {
    /// Of a maker at its own price.
    pub fn of_maker(price: Price, certainty: Certainty, at: Timestamp) -> Self {
        Deal { price, reference: price, liquidity: Liquidity::Maker, certainty, at }
    }
}

impl SimVenue {
    /// A deal of a taker at `reference` made worse by the slippage, but not beyond `bound`.
    #[inline]
    pub(super) fn taker_deal(
        &self,
        book: usize,
        side: Side,
        reference: Price,
        bound: Option<Price>,
        at: Timestamp,
    ) -> Result<Deal, Overflow> {
        let filters = self.instruments[book].filters_at(at);
        let slipped = self.policy.slippage.apply(side, reference, filters)?;
        let price = bound.map_or(slipped, |bound| side.better(bound, slipped));
        Ok(Deal { price, reference, liquidity: Liquidity::Taker, certainty: Certainty::Certain, at })
    }

    /// Trades as much of the open order at `index` as the volume, its group and its desk's position allow, and takes
    /// the order out of the book when nothing is left of it. Says how much traded.
    pub(super) fn execute(&mut self, book: usize, index: usize, deal: Deal) -> Quantity {
        let mut resting = self.books[book].orders[index];
        match self.trade_against(book, &mut resting, deal) {
            Outcome::Traded(fill) if resting.leaves.is_zero() => {
                self.books[book].orders.remove(index);
                self.unlock(&resting);
                self.after_fill(book, &resting.order, &fill, deal.at);
                fill.quantity
            }
            Outcome::Traded(fill) => {
                self.books[book].orders[index] = resting;
                self.after_fill(book, &resting.order, &fill, deal.at);
                fill.quantity
            }
            Outcome::NoVolume => Quantity::ZERO,
            Outcome::Refused(reason) => {
                // What the attempt gave back must not be given back again.
                self.books[book].orders[index].lock = resting.lock;
                self.remove(book, index, deal.at, UpdateKind::Cancelled(reason));
                Quantity::ZERO
            }
        }
    }

    /// Trades as much of `resting` as possible at this deal, tells of it, and books it in the wallet.
    #[inline]
    pub(super) fn trade_against(&mut self, book: usize, resting: &mut Resting, deal: Deal) -> Outcome {
        let order = &resting.order;
        self.books[book].asked = true;
        let mut quantity = Quantity::from_units(resting.leaves.units().min(self.books[book].budget.units()));
        if order.only_reduces() {
            let held = order.side.opposite().signed(self.wallet.held(order.desk, order.instrument));
            if held.units() <= 0 {
                return Outcome::Refused(CancelReason::NothingToReduce);
            }
            let lot = self.instruments[book].filters_at(deal.at).lot;
            quantity = Quantity::from_units(quantity.units().min(held.floor_to(lot).units()));
            if resting.leaves.units() > held.units() {
                resting.leaves = held.floor_to(lot);
            }
            if resting.leaves.is_zero() {
                return Outcome::Refused(CancelReason::NothingToReduce);
            }
        }
        if order.time_in_force == TimeInForce::FillOrKill && quantity < resting.leaves {
            return Outcome::Refused(CancelReason::FillOrKill);
        }
        if quantity.units() <= 0 {
            return Outcome::NoVolume;
        }
        match self.settle(book, resting, quantity, deal) {
            Ok(Some(fill)) => {
                let budget = &mut self.books[book].budget;
                if *budget != Quantity::MAX {
                    *budget = Quantity::from_units(budget.units() - quantity.units());
                }
                Outcome::Traded(fill)
            }
            Ok(None) => Outcome::Refused(CancelReason::InsufficientBalance),
            Err(Overflow) => Outcome::Refused(CancelReason::Overflow),
        }
    }

    #[inline]
    fn settle(
        &mut self,
        book: usize,
        resting: &mut Resting,
        quantity: Quantity,
        deal: Deal,
    ) -> Result<Option<Fill>, Overflow> {
        let order = &resting.order;
        let instrument = &self.instruments[book];
        let notional = instrument.notional(deal.price, quantity)?;
        let fees = self.fees_of(book, deal.at);
        let (fee_asset, fee) = self.fee(book, &fees, order.side, quantity, notional, deal.liquidity)?;
        let slipped = Price::from_units((deal.price.units() - deal.reference.units()).saturating_abs());
        let leaves = resting.leaves.minus(quantity)?;
        let fill = Fill {
            price: deal.price,
            quantity,
            leaves,
            notional,
            fee,
            fee_asset,
            liquidity: deal.liquidity,
            certainty: deal.certainty,
            slipped,
        };
        // The order's own lock is there to pay for it, and so is that of its pair.
        if let Some(lock) = resting.lock.take() {
            self.wallet.unlock(lock)?;
        }
        self.release_sibling(book, order);
        let instrument = &self.instruments[book];
        if !self.wallet.affords(order.instrument, instrument, order.side, &fill)? {
            return Ok(None);
        }
        self.wallet.settle(order.desk, order.instrument, instrument, order.side, &fill)?;
        self.count_volume(book, deal.at, notional);
        resting.leaves = leaves;
        resting.filled = resting.filled.plus(quantity)?;
        self.tell(order.desk, order.id, deal.at, UpdateKind::Filled(fill));
        if !leaves.is_zero()
            && let Some(lock) = self.need(book, resting, deal.at)?
        {
            // A rest that can no longer be locked whole stays open and is checked again when it fills.
            resting.lock = self.wallet.lock(lock)?.map(|()| lock);
        }
        Ok(Some(fill))
    }

    /// The asset and amount of a fill's fee.
    #[inline]
    fn fee(
        &self,
        book: usize,
        fees: &Fees,
        side: Side,
        quantity: Quantity,
        notional: Amount,
        liquidity: Liquidity,
    ) -> Result<(AssetId, Amount), Overflow> {
        let instrument = &self.instruments[book];
        let rate = match liquidity {
            Liquidity::Maker => fees.maker,
            Liquidity::Taker => fees.taker,
        };
        let in_quote = || Ok((instrument.quote, notional.fee(rate, self.increment(instrument.quote), fees.rounding)?));
        let in_received = || match (side, instrument.kind) {
            (Side::Buy, InstrumentKind::Spot) => {
                let base = instrument.base_amount(quantity);
                Ok((instrument.base, base.fee(rate, self.increment(instrument.base), fees.rounding)?))
            }
            (Side::Sell, InstrumentKind::Spot) | (_, InstrumentKind::Linear) => in_quote(),
        };
        match fees.asset {
            FeeAsset::Quote => in_quote(),
            FeeAsset::Received => in_received(),
            FeeAsset::Third(asset) => match self.third_fee(book, asset, rate, notional, fees)? {
                Some(fee) if self.wallet.free(asset) >= fee => Ok((asset, fee)),
                Some(_) | None => in_received(),
            },
        }
    }

    /// A fee in a third asset: its share of the notional, turned at the asset's last price; none while it has none.
    fn third_fee(
        &self,
        book: usize,
        asset: AssetId,
        rate: Rate,
        notional: Amount,
        fees: &Fees,
    ) -> Result<Option<Amount>, Overflow> {
        let Some(pricing) = self.fee_prices[usize::from(asset.0)] else { return Ok(None) };
        let pricing_index = usize::from(pricing.0);
        let Some(price) = self.books[pricing_index].last else { return Ok(None) };
        let pricing = &self.instruments[pricing_index];
        if pricing.quote != self.instruments[book].quote || price.is_zero() {
            return Ok(None);
        }
        // One whole unit of the fee asset's ledger costs price x quote_factor / base_factor quote ledger units.
        let cost = i128::from(price.units()) * i128::from(pricing.quote_factor);
        let share = notional.scaled(rate.units().into(), Rate::ONE.units().into(), fees.rounding)?;
        let increment = self.increment(asset);
        let units = share.scaled(i128::from(pricing.base_factor), cost * i128::from(increment), fees.rounding)?;
        Ok(Some(units.scaled(increment.into(), 1, fees.rounding)?))
    }

    /// What it would cost to close a position at market now: slippage and taker fee, in ledger units of the quote asset.
    pub(super) fn cost_of_closing(
        &self,
        book: usize,
        position: Quantity,
        mark: Price,
        at: Timestamp,
    ) -> Result<Amount, Overflow> {
        let side = if position.units() > 0 { Side::Sell } else { Side::Buy };
        let quantity = position.abs();
        let deal = self.taker_deal(book, side, mark, None, at)?;
        let instrument = &self.instruments[book];
        let notional = instrument.notional(deal.price, quantity)?;
        let slipped = Price::from_units((deal.price.units() - mark.units()).saturating_abs());
        let fees = self.fees_of(book, at);
        let fee = notional.fee(fees.taker, self.increment(instrument.quote), fees.rounding)?;
        instrument.notional(slipped, quantity)?.plus(fee)
    }

    /// What an order must lock while it is open: the most that it can cost. Market orders and children lock nothing:
    /// the first are checked as they fill, the second trade what their entry brought.
    pub(super) fn need(&self, book: usize, resting: &Resting, at: Timestamp) -> Result<Option<Lock>, Overflow> {
        let (order, instrument) = (&resting.order, &self.instruments[book]);
        if order.kind == OrderKind::Market || matches!(order.link, Link::Child { .. }) {
            return Ok(None);
        }
        let stated = match (order.kind.limit(), resting.wait()) {
            (Some(price), _) => price,
            (None, wait) => {
                // A trailing stop that has seen no price yet: it is checked when it fills.
                let Some(level) = wait.map(|wait| wait.level) else { return Ok(None) };
                self.policy.slippage.apply(order.side, level, instrument.filters_at(at))?
            }
        };
        match (instrument.kind, order.side) {
            (InstrumentKind::Spot, Side::Sell) => {
                Ok(Some(Lock { asset: instrument.base, amount: instrument.base_amount(resting.leaves) }))
            }
            (InstrumentKind::Linear, _) if order.only_reduces() => Ok(None),
            (InstrumentKind::Spot, Side::Buy) | (InstrumentKind::Linear, _) => {
                let held = order.side.opposite().signed(self.wallet.held(order.desk, order.instrument));
                let closes = match instrument.kind {
                    InstrumentKind::Linear => held.units().clamp(0, resting.leaves.units()),
                    InstrumentKind::Spot => 0,
                };
                let opens = Quantity::from_units(resting.leaves.units() - closes);
                let notional = instrument.notional(stated, opens)?;
                let fees = instrument.fees_at(at);
                let fee = match fees.asset {
                    FeeAsset::Quote => {
                        notional.fee(fees.taker.max(fees.maker), self.increment(instrument.quote), fees.rounding)?
                    }
                    FeeAsset::Received | FeeAsset::Third(_) => Amount::ZERO,
                };
                let fee = if fee < Amount::ZERO { Amount::ZERO } else { fee };
                Ok(Some(Lock { asset: instrument.quote, amount: notional.plus(fee)? }))
            }
        }
    }

    /// What a fill does to the group: an entry releases its children, a child reduces its sibling.
    pub(super) fn after_fill(&mut self, book: usize, order: &Order, fill: &Fill, at: Timestamp) {
        match order.link {
            Link::None => {}
            Link::Entry { stop, target } => {
                // What the entry brought, in whole lots. A fee beyond all range leaves nothing to protect.
                let instrument = &self.instruments[book];
                let net = instrument.net_quantity(order.side, fill).unwrap_or(Quantity::ZERO).max(Quantity::ZERO);
                let lot = instrument.filters_at(at).lot;
                let net = if net == fill.quantity { net } else { net.floor_to(lot) };
                for child in [stop, target].into_iter().flatten() {
                    self.release(book, child, net, order.kind, fill.price, at);
                }
            }
            Link::Pair { sibling } => self.reduce(book, sibling, fill.quantity, at),
            Link::Child { entry, sibling } => {
                if fill.leaves.is_zero()
                    && let Some(index) = self.books[book].find(entry)
                {
                    // The exit is complete: more of the entry would stand there unprotected.
                    self.remove(book, index, at, UpdateKind::Cancelled(CancelReason::Sibling));
                }
                if let Some(sibling) = sibling {
                    self.reduce(book, sibling, fill.quantity, at);
                }
            }
        }
    }

    /// The other order of a group has traded this much: only the rest is left to this one.
    fn reduce(&mut self, book: usize, order: OrderId, by: Quantity, at: Timestamp) {
        let Some(index) = self.books[book].find(order) else { return };
        let rest = self.books[book].orders[index].leaves.units() - by.units();
        if rest <= 0 {
            self.remove(book, index, at, UpdateKind::Cancelled(CancelReason::Sibling));
        } else {
            self.books[book].orders[index].leaves = Quantity::from_units(rest);
        }
    }

    fn release(&mut self, book: usize, child: OrderId, net: Quantity, entry: OrderKind, price: Price, at: Timestamp) {
        let Some(index) = self.books[book].find(child) else { return };
        let sleeps = match (self.policy.children, entry) {
            (ChildrenPolicy::AtFill, _) | (ChildrenPolicy::NextCandleUnlessMarket, OrderKind::Market) => false,
            (ChildrenPolicy::NextCandleUnlessMarket, _) => true,
        };
        let tick = self.instruments[book].filters_at(at).tick;
        let resting = &mut self.books[book].orders[index];
        // A child whose quantity was made smaller while it was held protects no more than that.
        let own = resting.order.quantity.units() - resting.filled.units();
        resting.leaves = Quantity::from_units((resting.leaves.units() + net.units()).min(own));
        if resting.posture == Posture::Held {
            resting.posture = if sleeps { Posture::Asleep } else { Posture::Resting };
            resting.trail_to(price, tick, at);
        }
        let (quantity, desk) = (resting.leaves, resting.order.desk);
        self.tell(desk, child, at, UpdateKind::Released { quantity });
    }
}

/// What came of trying to trade.
#[derive(Clone, Copy, Debug)]
pub(super) enum Outcome {
    /// This much traded.
    Traded(Fill),
    /// There was no volume left to trade against.
    NoVolume,
    /// The order cannot go on.
    Refused(CancelReason),
}
