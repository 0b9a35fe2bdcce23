//! What an asset is worth in the account's currency, by the last prices of declared instruments.

use crate::domain::{Amount, AssetId, Instrument, InstrumentId, Overflow, Price};

/// How each asset turns into the account's currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Valuation {
    currency: AssetId,
    paths: Vec<Vec<ValuationStep>>,
}

/// One step: an amount of an instrument's base asset becomes an amount of its quote asset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ValuationStep {
    /// Whose price.
    pub instrument: InstrumentId,
    /// Power of ten from base ledger units times price units to quote ledger units.
    pub factor: i64,
}

impl ValuationStep {
    /// The step that `instrument` offers. Its quote asset's ledger unit is at least as fine as base unit times price
    /// unit, so the factor is a whole number and every valuation is exact.
    pub fn of(id: InstrumentId, instrument: &Instrument) -> Self {
        ValuationStep { instrument: id, factor: instrument.quote_factor / instrument.base_factor }
    }
}

impl Valuation {
    /// From one path per asset; the currency's own is empty.
    pub fn new(currency: AssetId, paths: Vec<Vec<ValuationStep>>) -> Self {
        Valuation { currency, paths }
    }

    /// The account's currency.
    pub fn currency(&self) -> AssetId {
        self.currency
    }

    /// The steps from an asset to the currency.
    pub fn path(&self, asset: AssetId) -> &[ValuationStep] {
        &self.paths[usize::from(asset.0)]
    }

    /// The worth of `amount` of `asset` at the last prices. Nothing is worth nothing, whatever its price.
    #[inline]
    pub fn worth(&self, asset: AssetId, amount: Amount, marks: &[Price]) -> Result<Amount, Overflow> {
        if amount.is_zero() {
            return Ok(amount);
        }
        let mut worth = amount;
        for step in &self.paths[usize::from(asset.0)] {
            let price = i128::from(marks[usize::from(step.instrument.0)].units()) * i128::from(step.factor);
            worth = worth.times(price)?;
        }
        Ok(worth)
    }
}
