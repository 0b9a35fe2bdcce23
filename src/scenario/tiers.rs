//! Fees by volume as planned.

use super::filters::FeesPlan;
use super::section::{Field, Section};
use crate::domain::Rate;
use crate::error::{Fault, Result};
use rust_decimal::Decimal;

/// What an account pays that has traded enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FeeTierPlan {
    /// From this volume of thirty days on, in the quote asset.
    pub volume: Decimal,
    /// Fraction of the notional when our order was resting.
    pub maker: Rate,
    /// Fraction of the notional when our order crossed the spread.
    pub taker: Rate,
}

/// Reads `tiers` of a row of fees; a tier takes over from the one before what it does not state.
pub(super) fn read(
    field: &Field<'_>,
    base: &FeesPlan,
    rate: impl Fn(&Section<'_>, &str, Rate) -> Result<Rate>,
) -> Result<Vec<FeeTierPlan>> {
    let mut tiers: Vec<FeeTierPlan> = Vec::new();
    for item in field.items()? {
        let section = item.section(&["volume", "maker", "taker"])?;
        let (maker, taker) = tiers.last().map_or((base.maker, base.taker), |tier| (tier.maker, tier.taker));
        let remedy = "say from which volume of thirty days on it holds, in the quote asset";
        tiers.push(FeeTierPlan {
            volume: section.require("volume", remedy)?.positive()?,
            maker: rate(&section, "maker", maker)?,
            taker: rate(&section, "taker", taker)?,
        });
    }
    Ok(tiers)
}

/// Tiers ascend in volume and never raise a rate: what is set aside for an open order is enough in each of them.
pub(super) fn check(section: &Section<'_>, fees: &FeesPlan) -> Result<()> {
    let wrong = |text: &str, remedy: &str| -> Result<()> { Err(Fault::remedy(section.fault(text), remedy)) };
    let (mut volume, mut rates) = (Decimal::ZERO, (fees.maker, fees.taker));
    for tier in &fees.tiers {
        if tier.volume <= volume {
            return wrong("tiers: a volume is not above the one before", "put the tiers in order of volume");
        }
        if tier.maker > rates.0 || tier.taker > rates.1 {
            return wrong(
                "tiers: a rate is above that of the tier before, or of the fees themselves",
                "fees by volume only fall; state the highest as maker and taker",
            );
        }
        (volume, rates) = (tier.volume, (tier.maker, tier.taker));
    }
    Ok(())
}
