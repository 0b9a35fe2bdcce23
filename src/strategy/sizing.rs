//! How much to buy with a share of the capital.

use super::context::Context;
use crate::domain::{Amount, FeeAsset, InstrumentId, Overflow, Quantity, Rate, Rounding};

/// What a sized order leaves unspent for the price that moves before it fills: half a percent.
const HEADROOM: Rate = Rate::from_units(500_000);

impl Context<'_> {
    /// The quantity that `fraction` of the desk's capital buys at the last price, in whole lots: fee and half a percent
    /// of headroom are kept back, and no more is spent than is there. Zero while no price is known.
    ///
    /// # Errors
    /// When an amount leaves the range of exact integers.
    pub fn affordable(&mut self, id: InstrumentId, fraction: Rate) -> Result<Quantity, Overflow> {
        let Some(mark) = self.last(id) else { return Ok(Quantity::ZERO) };
        let spendable = self.spendable(id);
        let capital = if self.instrument(id).quote == self.currency() { self.equity()? } else { spendable };
        let instrument = self.instrument(id);
        let budget = capital.scaled(fraction.units().into(), Rate::ONE.units().into(), Rounding::Down)?;
        let budget = budget.min(spendable);
        let fees = instrument.fees_at(self.now());
        let fee = match fees.asset {
            FeeAsset::Quote | FeeAsset::Third(_) => fees.taker.units().max(0),
            FeeAsset::Received => 0,
        };
        let whole = i128::from(Rate::ONE.units() + fee + HEADROOM.units());
        let budget = budget.scaled(Rate::ONE.units().into(), whole, Rounding::Down)?;
        if budget <= Amount::ZERO {
            return Ok(Quantity::ZERO);
        }
        let per_unit = i128::from(mark.units()) * i128::from(instrument.quote_factor);
        let units = i64::try_from(budget.units() / per_unit).map_err(|_| Overflow)?;
        Ok(Quantity::from_units(units).floor_to(instrument.filters_at(self.now()).lot))
    }
}
