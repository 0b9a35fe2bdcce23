//! What one desk holds of one instrument, lot by lot.

use super::OpenTrade;
use crate::domain::{Amount, CostBasis, Overflow, Quantity, Rounding, Settled, Side};

/// Which cost a reducing fill gives up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Accounting {
    /// The average cost of all that is held. The default.
    #[default]
    AverageCost,
    /// The cost of the oldest lots first.
    FirstInFirstOut,
}

/// What one opening fill bought and what of it is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lot {
    /// The fill that opened it.
    pub fill: u32,
    /// What is left, above zero.
    pub quantity: Quantity,
    /// What that cost (brought, for a short), above zero.
    pub cost: Amount,
}

/// The position of one desk on one instrument.
#[derive(Clone, Debug, Default)]
pub struct Position {
    /// Signed quantity and cost.
    pub basis: CostBasis,
    /// Results of all reducing fills before fees, in ledger units of the quote asset.
    pub realised: Amount,
    /// The round trip under way.
    pub open: Option<OpenTrade>,
    lots: Vec<Lot>,
}

impl Position {
    /// Signed quantity.
    #[inline]
    pub fn quantity(&self) -> Quantity {
        self.basis.quantity
    }

    /// Open lots, oldest first.
    pub fn lots(&self) -> &[Lot] {
        &self.lots
    }

    /// Applies a fill; `closes` is told each lot that it takes from, with the quantity and the cost taken.
    #[inline]
    pub fn fill(
        &mut self,
        accounting: Accounting,
        number: u32,
        side: Side,
        quantity: Quantity,
        notional: Amount,
        mut closes: impl FnMut(u32, Quantity),
    ) -> Result<Settled, Overflow> {
        let cost_before = self.basis.cost;
        let mut settled = self.basis.fill(side, quantity, notional)?;
        let taken = self.take_lots(settled.closed, &mut closes)?;
        if accounting == Accounting::FirstInFirstOut && !settled.closed.is_zero() {
            // The average-cost result is replaced by that of the lots taken, and the rest of the cost with it.
            let signed = if side == Side::Sell { taken } else { taken.negated() };
            let proceeds = if side == Side::Sell { settled.closed_notional } else { settled.closed_notional.negated() };
            settled.realised = proceeds.minus(signed)?;
            let opening = notional.minus(settled.closed_notional)?;
            let opening = if side == Side::Buy { opening } else { opening.negated() };
            self.basis.cost = cost_before.minus(signed)?.plus(opening)?;
        }
        if !settled.opened.is_zero() {
            let cost = notional.minus(settled.closed_notional)?;
            self.lots.push(Lot { fill: number, quantity: settled.opened, cost });
        }
        self.realised = self.realised.plus(settled.realised)?;
        Ok(settled)
    }

    /// Takes `quantity` from the oldest lots and returns what it cost.
    #[inline]
    fn take_lots(&mut self, quantity: Quantity, closes: &mut impl FnMut(u32, Quantity)) -> Result<Amount, Overflow> {
        if quantity.is_zero() {
            return Ok(Amount::ZERO);
        }
        let (mut left, mut cost, mut emptied) = (quantity.units(), Amount::ZERO, 0);
        for lot in &mut self.lots {
            if left == 0 {
                break;
            }
            let part = left.min(lot.quantity.units());
            let part_cost = if part == lot.quantity.units() {
                emptied += 1;
                lot.cost
            } else {
                lot.cost.scaled(part.into(), lot.quantity.units().into(), Rounding::HalfEven)?
            };
            lot.quantity = Quantity::from_units(lot.quantity.units() - part);
            lot.cost = lot.cost.minus(part_cost)?;
            cost = cost.plus(part_cost)?;
            closes(lot.fill, Quantity::from_units(part));
            left -= part;
        }
        if emptied == self.lots.len() {
            self.lots.clear();
        } else {
            self.lots.drain(..emptied);
        }
        assert!(left == 0, "the lots of a position add up to it");
        Ok(cost)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(accounting: Accounting, expected: [i128; 3]) {
        let mut position = Position::default();
        let mut taken = Vec::new();
        let fills = [
            (Side::Buy, 10, 1_000),
            (Side::Buy, 10, 1_200),
            (Side::Sell, 5, 600),
            (Side::Sell, 10, 1_150),
            (Side::Sell, 5, 500),
        ];
        let mut realised = Vec::new();
        for (number, (side, quantity, notional)) in fills.into_iter().enumerate() {
            let (quantity, notional) = (Quantity::from_units(quantity), Amount::from_units(notional));
            let settled = position
                .fill(accounting, number as u32, side, quantity, notional, |lot, part| taken.push((lot, part.units())))
                .unwrap();
            realised.push(settled.realised.units());
        }
        assert_eq!(realised[2..], expected);
        assert_eq!(taken, [(0, 5), (0, 5), (1, 5), (1, 5)]);
        assert_eq!(position.basis, CostBasis::default());
        assert!(position.lots().is_empty());
        assert_eq!(position.realised.units(), 600 + 1_150 + 500 - 2_200);
    }

    #[test]
    fn average_cost_and_first_in_first_out_give_the_hand_computed_results() {
        // Average cost 110: 600-550, 1150-1100, 500-550.
        check(Accounting::AverageCost, [50, 50, -50]);
        // Lots at 100 and 120: 600-500, 1150-(500+600), 500-600.
        check(Accounting::FirstInFirstOut, [100, 50, -100]);
    }
}
