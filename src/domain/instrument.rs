//! What is traded: assets, instruments, and the venue's dated rules for them.

use super::{Amount, Dated, Fill, Overflow, Price, Quantity, Rate, Rounding, Side, Timestamp};
use serde::{Deserialize, Serialize};

/// Index into a session's list of assets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct AssetId(pub u16);

/// Index into a session's list of instruments; names stay at the doors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct InstrumentId(pub u16);

/// A currency or coin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asset {
    /// Its code, such as `USDT`.
    pub code: String,
    /// Decimals of the ledger's unit: at least the venue's, and enough that price times quantity is always exact.
    pub decimals: u8,
    /// The smallest amount that the venue books, in ledger units: fees are rounded to whole multiples of it.
    pub increment: i64,
}

/// What owning an instrument means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum InstrumentKind {
    /// The base asset itself changes hands; no more can be sold than is free.
    Spot,
    /// A contract settled in the quote asset that may be held short, fully collateralised at 1×. Margin, funding and
    /// liquidation are not modelled yet.
    Linear,
}

/// Something that can be traded at one venue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instrument {
    /// The venue and product, such as `binance-spot`.
    pub venue: String,
    /// The venue's name for it, such as `BTCUSDT`.
    pub symbol: String,
    /// Spot or linear contract.
    pub kind: InstrumentKind,
    /// The asset bought.
    pub base: AssetId,
    /// The asset paid with.
    pub quote: AssetId,
    /// Decimals of a price unit. Separate from the tick, since ticks change over the years.
    pub price_decimals: u8,
    /// Decimals of a quantity unit.
    pub quantity_decimals: u8,
    /// Power of ten from price units times quantity units to ledger units of the quote asset.
    pub quote_factor: i64,
    /// Power of ten from quantity units to ledger units of the base asset.
    pub base_factor: i64,
    /// The venue's order filters over time.
    pub filters: Dated<Filters>,
    /// The venue's fees over time.
    pub fees: Dated<Fees>,
}

/// Order filters, named after the exchange's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Filters {
    /// Prices are whole multiples of this (PRICE_FILTER tickSize). At least one unit.
    pub tick: Price,
    /// Quantities are whole multiples of this (LOT_SIZE stepSize). At least one unit.
    pub lot: Quantity,
    /// Smallest quantity (LOT_SIZE minQty).
    pub minimum_quantity: Quantity,
    /// Largest quantity (LOT_SIZE maxQty), if bounded.
    pub maximum_quantity: Option<Quantity>,
    /// Smallest price times quantity, in ledger units of the quote asset (NOTIONAL minNotional).
    pub minimum_notional: Amount,
    /// How far a limit price may lie from the last price (PERCENT_PRICE), if bounded.
    pub price_band: Option<PriceBandRule>,
    /// Most open orders on the symbol (MAX_NUM_ORDERS), if bounded.
    pub maximum_open_orders: Option<u32>,
}

/// Multipliers of the last price between which an order's price must lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PriceBandRule {
    /// Lowest allowed price as a fraction of the last (multiplierDown).
    pub down: Rate,
    /// Highest allowed price as a fraction of the last (multiplierUp).
    pub up: Rate,
}

/// What the venue charges for a fill.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fees {
    /// Fraction of the notional when our order was resting. Negative for a rebate.
    pub maker: Rate,
    /// Fraction of the notional when our order crossed the spread.
    pub taker: Rate,
    /// Which asset pays.
    pub asset: FeeAsset,
    /// How the venue rounds a fee.
    pub rounding: Rounding,
}

/// Which asset a fee is taken from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FeeAsset {
    /// Always the quote asset.
    Quote,
    /// The asset received: base on a buy, quote on a sell. A spot buy then leaves less to sell.
    Received,
    /// A third asset such as BNB, valued at its last known price; while its balance does not suffice the venue takes
    /// the received asset instead.
    Third(AssetId),
}

impl Instrument {
    /// Price times quantity, exactly, in ledger units of the quote asset.
    #[inline]
    pub fn notional(&self, price: Price, quantity: Quantity) -> Result<Amount, Overflow> {
        Amount::product(price, quantity, self.quote_factor)
    }

    /// A quantity in ledger units of the base asset.
    #[inline]
    pub fn base_amount(&self, quantity: Quantity) -> Amount {
        Amount::from_units(i128::from(quantity.units()) * i128::from(self.base_factor))
    }

    /// What a fill brings of what was bought or sold: all of it, less a fee that was taken from the bought coin.
    /// Scenarios give instruments whose fee may be taken from the base asset a quantity unit as fine as the asset's, so
    /// this is exact.
    ///
    /// # Errors
    /// When the fee leaves the range of quantities.
    #[inline]
    pub fn net_quantity(&self, side: Side, fill: &Fill) -> Result<Quantity, Overflow> {
        if side == Side::Sell || fill.fee_asset != self.base || self.kind == InstrumentKind::Linear {
            return Ok(fill.quantity);
        }
        let fee = fill.fee.units() / i128::from(self.base_factor);
        fill.quantity.minus(Quantity::from_units(i64::try_from(fee).map_err(|_| Overflow)?))
    }

    /// The filters in force at `time`.
    #[inline]
    pub fn filters_at(&self, time: Timestamp) -> &Filters {
        self.filters.at(time)
    }

    /// The fees in force at `time`.
    #[inline]
    pub fn fees_at(&self, time: Timestamp) -> &Fees {
        self.fees.at(time)
    }
}
