//! What the account is worth as a straight line in one price.

use crate::domain::{Amount, Overflow, Price, saturating_product};

/// The account's worth by the price of one instrument, while its holdings and every other price stay the same. Exact:
/// no valuation rounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// Worth if the price were zero.
    pub base: i128,
    /// By how much it changes when the price rises by one unit.
    pub slope: i128,
}

impl Line {
    /// The line of this slope on which the account is worth `worth` at the price `mark`.
    #[inline]
    pub fn through(worth: Amount, mark: Price, slope: i128) -> Self {
        Line { base: worth.units().saturating_sub(saturating_product(slope, mark.units().into())), slope }
    }

    /// What the account is worth at a price.
    ///
    /// # Errors
    /// When the worth leaves the range of exact integers.
    #[inline]
    pub fn worth(self, price: Price) -> Result<Amount, Overflow> {
        Amount::from_units(self.slope).times(price.units().into())?.plus(Amount::from_units(self.base))
    }

    /// The one of two prices at which the account is worth more.
    #[inline]
    pub fn better(self, low: Price, high: Price) -> Price {
        if self.slope < 0 { low } else { high }
    }
}
