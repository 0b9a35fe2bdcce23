//! One execution of one order.

use super::{Amount, AssetId, Price, Quantity};
use serde::{Deserialize, Serialize};

/// Whether our order waited or crossed the spread.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Liquidity {
    /// It was resting.
    Maker,
    /// It took what was there.
    Taker,
}

impl Liquidity {
    /// `maker` or `taker`.
    pub const fn name(self) -> &'static str {
        match self {
            Liquidity::Maker => "maker",
            Liquidity::Taker => "taker",
        }
    }
}

/// Whether the market data prove the fill.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Certainty {
    /// Every price path that fits the data gives this fill.
    Certain,
    /// Another path would have given another outcome; the policy chose this one.
    Ambiguous,
}

impl Certainty {
    /// `certain` or `ambiguous`.
    pub const fn name(self) -> &'static str {
        match self {
            Certainty::Certain => "certain",
            Certainty::Ambiguous => "ambiguous",
        }
    }
}

/// Some or all of an order, traded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fill {
    /// The price per unit of base asset.
    pub price: Price,
    /// How much base asset, above zero.
    pub quantity: Quantity,
    /// What of the order is still open after this fill.
    pub leaves: Quantity,
    /// Price times quantity in ledger units of the quote asset, exactly.
    pub notional: Amount,
    /// What the venue took, in ledger units of `fee_asset`; negative for a rebate.
    pub fee: Amount,
    /// The asset that the fee was taken from.
    pub fee_asset: AssetId,
    /// Whether we waited or crossed.
    pub liquidity: Liquidity,
    /// Whether the data prove it.
    pub certainty: Certainty,
    /// How much worse the price was than the reference price: the modelled slippage, zero or above.
    pub slipped: Price,
}
