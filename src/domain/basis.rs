//! What a position cost, and what a fill makes of it.

use super::{Amount, Overflow, Quantity, Rounding, Side};

/// A signed position and its cost at average prices.
///
/// `cost` is what the open quantity was bought for (negative: sold for), in ledger units of the quote asset. A reducing
/// fill takes its share of the cost, rounded half to even; what rounding leaves stays with the rest of the position, so
/// the sum of all results is exact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct CostBasis {
    /// Signed quantity: positive long, negative short.
    pub quantity: Quantity,
    /// Signed cost of that quantity.
    pub cost: Amount,
}

/// What one fill did to a position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Settled {
    /// How much of the fill reduced the old position.
    pub closed: Quantity,
    /// How much of the fill opened or enlarged one.
    pub opened: Quantity,
    /// Result of the reduced part before fees, in ledger units of the quote asset.
    pub realised: Amount,
    /// The share of the fill's notional that belongs to the reduced part.
    pub closed_notional: Amount,
}

impl CostBasis {
    /// Applies a fill of `quantity` for `notional` in all.
    #[inline]
    pub fn fill(&mut self, side: Side, quantity: Quantity, notional: Amount) -> Result<Settled, Overflow> {
        let held = self.quantity.units();
        let signed_notional = if side == Side::Buy { notional } else { notional.negated() };
        let reduces = held != 0 && (held > 0) != (side == Side::Buy);
        if !reduces {
            self.quantity = self.quantity.plus(side.signed(quantity))?;
            self.cost = self.cost.plus(signed_notional)?;
            return Ok(Settled { opened: quantity, ..Settled::default() });
        }
        let closed = Quantity::from_units(quantity.units().min(held.saturating_abs()));
        let opened = quantity.minus(closed)?;
        let closed_notional = if opened.is_zero() {
            notional
        } else {
            notional.scaled(closed.units().into(), quantity.units().into(), Rounding::HalfEven)?
        };
        let cost_share = if closed.units() == held.saturating_abs() {
            self.cost
        } else {
            self.cost.scaled(closed.units().into(), held.saturating_abs().into(), Rounding::HalfEven)?
        };
        // A long sells: brings its notional, gives up its cost. A short buys back: both with the sign turned.
        let proceeds = if side == Side::Sell { closed_notional } else { closed_notional.negated() };
        let realised = proceeds.minus(cost_share)?;
        self.quantity = self.quantity.plus(side.signed(quantity))?;
        let opening = notional.minus(closed_notional)?;
        let opening = if side == Side::Buy { opening } else { opening.negated() };
        self.cost = self.cost.minus(cost_share)?.plus(opening)?;
        Ok(Settled { closed, opened, realised, closed_notional })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fill(basis: &mut CostBasis, side: Side, quantity: i64, notional: i128) -> Settled {
        basis.fill(side, Quantity::from_units(quantity), Amount::from_units(notional)).unwrap()
    }

    #[test]
    fn a_long_is_built_reduced_and_turned_at_average_cost() {
        let mut basis = CostBasis::default();
        fill(&mut basis, Side::Buy, 2, 200);
        fill(&mut basis, Side::Buy, 1, 130);
        let settled = fill(&mut basis, Side::Sell, 1, 120);
        assert_eq!(settled.realised, Amount::from_units(10));
        assert_eq!(basis, CostBasis { quantity: Quantity::from_units(2), cost: Amount::from_units(220) });
        let settled = fill(&mut basis, Side::Sell, 5, 500);
        assert_eq!(settled.realised, Amount::from_units(200 - 220));
        assert_eq!((settled.closed.units(), settled.opened.units()), (2, 3));
        assert_eq!(basis, CostBasis { quantity: Quantity::from_units(-3), cost: Amount::from_units(-300) });
        let settled = fill(&mut basis, Side::Buy, 3, 270);
        assert_eq!(settled.realised, Amount::from_units(30));
        assert_eq!(basis, CostBasis::default());
    }

    #[test]
    fn rounding_never_loses_a_unit_over_a_round_trip() {
        let mut basis = CostBasis::default();
        fill(&mut basis, Side::Buy, 3, 100);
        let parts: i128 = (0..3).map(|_| fill(&mut basis, Side::Sell, 1, 40).realised.units()).sum();
        assert_eq!(parts, 120 - 100);
        assert_eq!(basis, CostBasis::default());
    }
}
