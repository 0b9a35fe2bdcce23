//! The venue's dated rules for an instrument: order filters and fees.

use super::section::{Field, Section};
use super::tiers::{self, FeeTierPlan};
use crate::domain::{Dated, PriceBandRule, Rate, Rounding, Timestamp};
use crate::error::Result;
use rust_decimal::Decimal;

/// Order filters as planned.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FiltersPlan {
    /// Prices are whole multiples of it; none is one unit of the data's last decimal.
    pub tick: Option<Decimal>,
    /// Quantities are whole multiples of it; none is one unit of the data's last decimal.
    pub lot: Option<Decimal>,
    /// Smallest quantity; zero is no bound.
    pub minimum_quantity: Decimal,
    /// Largest quantity.
    pub maximum_quantity: Option<Decimal>,
    /// Smallest price times quantity in quote asset; zero is no bound.
    pub minimum_notional: Decimal,
    /// How far a limit price may lie from the last price.
    pub price_band: Option<PriceBandRule>,
    /// Most open orders on the symbol.
    pub maximum_open_orders: Option<u32>,
}

/// Fees as planned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeesPlan {
    /// Fraction of the notional when our order was resting.
    pub maker: Rate,
    /// Fraction of the notional when our order crossed the spread.
    pub taker: Rate,
    /// Which asset pays.
    pub asset: FeeAssetPlan,
    /// How the venue rounds a fee.
    pub rounding: Rounding,
    /// Fees by volume, in ascending order of it.
    pub tiers: Vec<FeeTierPlan>,
}

/// Which asset a fee is taken from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FeeAssetPlan {
    /// Always the quote asset.
    Quote,
    /// The asset received.
    Received,
    /// A third asset, by code.
    Third(String),
}

/// The words of the rounding modes.
pub(super) const ROUNDINGS: &[(&str, Rounding)] =
    &[("up", Rounding::Up), ("down", Rounding::Down), ("half-even", Rounding::HalfEven)];

const FILTER_KEYS: &[&str] = &[
    "from",
    "tick",
    "lot",
    "minimum_quantity",
    "maximum_quantity",
    "minimum_notional",
    "price_band",
    "maximum_open_orders",
];

const FEE_KEYS: &[&str] = &["from", "maker", "taker", "asset", "rounding", "tiers"];

impl Default for FeesPlan {
    fn default() -> Self {
        let thousandth = Rate::from_units(100_000);
        let (asset, rounding) = (FeeAssetPlan::Quote, Rounding::Up);
        FeesPlan { maker: thousandth, taker: thousandth, asset, rounding, tiers: Vec::new() }
    }
}

/// Reads `filters` of an instrument.
pub(super) fn filters(instrument: &Section<'_>) -> Result<Dated<FiltersPlan>> {
    dated(instrument, "filters", FILTER_KEYS, filter_row)
}

/// Reads `fees` of an instrument.
pub(super) fn fees(instrument: &Section<'_>) -> Result<Dated<FeesPlan>> {
    dated(instrument, "fees", FEE_KEYS, fee_row)
}

/// One table, or rows with their dates; a row takes over from the one before what it does not state.
fn dated<T: Clone + Default>(
    instrument: &Section<'_>,
    key: &str,
    keys: &[&str],
    read: impl Fn(&Section<'_>, T) -> Result<T>,
) -> Result<Dated<T>> {
    let Some(field) = instrument.get(key) else { return Ok(Dated::always(T::default())) };
    let mut rows: Vec<(Timestamp, T)> = Vec::new();
    for item in field.items()? {
        let section = item.section(keys)?;
        let before = rows.last().map_or_else(T::default, |(_, row)| row.clone());
        let value = read(&section, before)?;
        let from = match section.get("from") {
            Some(from) => from.unless("always", Field::time)?.unwrap_or(Timestamp::MIN),
            None if rows.is_empty() => Timestamp::MIN,
            None => return Err(section.fault("from is missing").remedy("say from when on this row holds")),
        };
        if rows.last().is_some_and(|(before, _)| *before >= from) {
            return Err(section.fault("is not later than the row before").remedy("put the rows in order of time"));
        }
        rows.push((from, value));
    }
    Dated::new(rows).ok_or_else(|| field.fault("has no row").remedy("give one row, or remove the key"))
}

fn filter_row(section: &Section<'_>, before: FiltersPlan) -> Result<FiltersPlan> {
    let bound =
        |key: &str, default: Decimal| {
            section.or(key, default, |field| {
                if field.as_word() == Some("off") { Ok(Decimal::ZERO) } else { not_negative(field) }
            })
        };
    let row = FiltersPlan {
        tick: section.or("tick", before.tick, |field| field.unless("data", Field::positive))?,
        lot: section.or("lot", before.lot, |field| field.unless("data", Field::positive))?,
        minimum_quantity: bound("minimum_quantity", before.minimum_quantity)?,
        maximum_quantity: section
            .or("maximum_quantity", before.maximum_quantity, |field| field.unless("off", Field::positive))?,
        minimum_notional: bound("minimum_notional", before.minimum_notional)?,
        price_band: section.or("price_band", before.price_band, |field| field.unless("off", band))?,
        maximum_open_orders: section.or("maximum_open_orders", before.maximum_open_orders, |field| {
            field.unless("off", |field| Ok(u32::try_from(field.integer(1..=100_000)?).unwrap_or(u32::MAX)))
        })?,
    };
    if row.maximum_quantity.is_some_and(|maximum| maximum < row.minimum_quantity) {
        return Err(section.fault("maximum_quantity is below minimum_quantity"));
    }
    Ok(row)
}

fn band(field: &Field<'_>) -> Result<PriceBandRule> {
    let section = field.section(&["down", "up"])?;
    let remedy = "write both fractions of the last price, such as { down = \"0.2\", up = \"5\" }";
    Ok(PriceBandRule {
        down: section.require("down", remedy)?.rate(Decimal::ZERO..=Decimal::ONE)?,
        up: section.require("up", remedy)?.rate(Decimal::ONE..=Decimal::from(1_000))?,
    })
}

pub(super) fn not_negative(field: &Field<'_>) -> Result<Decimal> {
    let value = field.decimal()?;
    if value.is_sign_negative() && !value.is_zero() {
        return Err(field.fault(format!("{value} must not be below zero")));
    }
    Ok(value)
}

fn fee_row(section: &Section<'_>, before: FeesPlan) -> Result<FeesPlan> {
    // Five percent: no venue asks more, and a fee written in percent by mistake is caught.
    let most = Decimal::new(5, 2);
    let rate = |section: &Section<'_>, key: &str, default: Rate| {
        let low = if key == "maker" { -most } else { Decimal::ZERO };
        section.or(key, default, |field| {
            field.rate(low..=most).map_err(|fault| fault.remedy("a fee is a fraction of the notional: 0.1 % is 0.001"))
        })
    };
    let asset = section.or("asset", before.asset, |field| {
        Ok(match field.name()? {
            "quote" => FeeAssetPlan::Quote,
            "received" => FeeAssetPlan::Received,
            code => FeeAssetPlan::Third(code.to_owned()),
        })
    })?;
    let mut fees = FeesPlan {
        maker: rate(section, "maker", before.maker)?,
        taker: rate(section, "taker", before.taker)?,
        asset,
        rounding: section.or("rounding", before.rounding, |field| field.choice(ROUNDINGS))?,
        tiers: before.tiers,
    };
    if let Some(field) = section.get("tiers") {
        fees.tiers = field.unless("off", |field| tiers::read(field, &fees, rate))?.unwrap_or_default();
    }
    tiers::check(section, &fees)?;
    Ok(fees)
}
