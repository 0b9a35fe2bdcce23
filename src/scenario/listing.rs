//! Once the data's decimals are known: assets and instruments in the engine's integers, limits and opening balances.
//!
//! The ledger unit of every asset is fine enough that price times quantity is always a whole number of it, also when
//! a chain of instruments values one asset in another.

use super::desk::DeskPlan;
use super::filters::{FeeAssetPlan, FeesPlan, FiltersPlan};
use super::instrument::InstrumentPlan;
use super::plan::Plan;
use super::tiers::FeeTierPlan;
use super::valuation;
use crate::domain::{
    Amount, Asset, AssetId, Dated, DeskId, FeeAsset, Fees, Filters, Instrument, InstrumentId, Price, Quantity, Rate,
    Rounding,
};
use crate::error::{Fault, Result};
use crate::ledger::{Valuation, ValuationStep};
use crate::strategy::{AccountLimits, Limit, Limits};
use crate::venue::{FeeTier, FeeTiers};
use rust_decimal::Decimal;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What the data of an instrument say about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DataFacts {
    /// Decimals of the prices in the data.
    pub price_decimals: u8,
    /// Decimals of the volumes in the data.
    pub quantity_decimals: u8,
}

/// Assets and instruments as the engine takes them.
#[derive(Clone, Debug)]
pub struct Listing {
    /// Every asset, by number.
    pub assets: Arc<[Asset]>,
    /// Every instrument, by number.
    pub instruments: Arc<[Instrument]>,
    /// How each asset turns into the account's currency.
    pub valuation: Valuation,
    /// By asset: the instrument that prices it when fees are taken from it.
    pub fee_prices: Vec<Option<InstrumentId>>,
    /// Fees by volume, where an instrument has such.
    pub fee_tiers: Option<FeeTiers>,
    /// By instrument: what stands ahead of a limit order that takes a place at its price.
    pub queues: Vec<Option<Quantity>>,
}

/// Money that the account opens with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deposit {
    /// Of which asset.
    pub asset: AssetId,
    /// How much.
    pub amount: Amount,
    /// For which desk; none is the pool that desks without a share draw from.
    pub desk: Option<DeskId>,
}

/// The venue books no finer than this many decimals of any asset.
const VENUE_DECIMALS: u8 = 8;

/// A ledger unit finer than this leaves too little room for large sums.
const MOST_DECIMALS: u8 = 18;

impl Plan {
    /// Lists assets and instruments. `facts` stand in the order of [`Plan::instruments`].
    ///
    /// # Errors
    /// When a stated number does not fit the exact integers that the data's decimals lead to.
    pub fn listing(&self, facts: &[DataFacts]) -> Result<Listing> {
        assert_eq!(facts.len(), self.instruments.len(), "facts for each instrument");
        let complain = |(message, remedy): valuation::Complaint| Fault::user(message).remedy(remedy);
        let units: Vec<DataFacts> =
            self.instruments.iter().zip(facts).map(|(plan, facts)| units(plan, *facts)).collect();
        let assets = self.asset_units(&units)?;
        let listed = |(plan, (units, facts)): (&InstrumentPlan, (&DataFacts, &DataFacts))| {
            self.instrument(plan, *units, *facts, &assets)
                .map_err(|fault| fault.within(format!("listing {}", plan.symbol)))
        };
        let instruments: Vec<Instrument> =
            self.instruments.iter().zip(units.iter().zip(facts)).map(listed).collect::<Result<_>>()?;
        let step = |index: &usize| ValuationStep::of(instrument_id(*index), &instruments[*index]);
        let paths = valuation::paths(&self.assets, &self.instruments).map_err(complain)?;
        let paths = paths.iter().map(|path| path.iter().map(step).collect()).collect();
        let fee_prices = valuation::fee_prices(&self.assets, &self.instruments).map_err(complain)?;
        Ok(Listing {
            fee_tiers: FeeTiers::new(&instruments, self.tiers(&instruments, &assets)?),
            queues: self.queues(&instruments)?,
            valuation: Valuation::new(AssetId(0), paths),
            fee_prices: fee_prices.into_iter().map(|price| price.map(instrument_id)).collect(),
            assets: assets.into(),
            instruments: instruments.into(),
        })
    }

    /// The ledger unit of every asset: as fine as its instruments' quantities, and for a quote asset as fine as base
    /// unit times price unit.
    fn asset_units(&self, units: &[DataFacts]) -> Result<Vec<Asset>> {
        let complain = |(message, remedy): valuation::Complaint| Fault::user(message).remedy(remedy);
        let pays_fees = |code: &str| {
            let mut rows = self.instruments.iter().flat_map(|instrument| instrument.fees.rows());
            rows.any(|(_, fees)| fees.asset == FeeAssetPlan::Third(code.to_owned()))
        };
        let mut decimals = vec![0u8; self.assets.len()];
        for index in valuation::order(&self.assets, &self.instruments).map_err(complain)? {
            let code = self.assets[index].as_str();
            let is_quote = self.instruments.iter().any(|instrument| instrument.quote == *code);
            let mut needed = if is_quote || index == 0 || pays_fees(code) { VENUE_DECIMALS } else { 0 };
            let mut cause = String::new();
            for (instrument, units) in self.instruments.iter().zip(units) {
                let need = if instrument.base == *code {
                    units.quantity_decimals
                } else if instrument.quote == *code {
                    decimals[self.asset(&instrument.base)].saturating_add(units.price_decimals)
                } else {
                    continue;
                };
                if need > needed {
                    (needed, cause) = (need, format!(", for {}", instrument.symbol));
                }
            }
            if needed > MOST_DECIMALS {
                return Err(Fault::user(format!(
                    "{code} would need {needed} decimals to keep every amount exact{cause}; at most {MOST_DECIMALS} are \
                     offered"
                ))
                .remedy("trade pairs with fewer decimals, or split chains of pairs over several scenarios"));
            }
            decimals[index] = needed;
        }
        let asset = |(code, decimals): (&String, &u8)| Asset {
            code: code.clone(),
            decimals: *decimals,
            increment: power_of_ten(decimals.saturating_sub(VENUE_DECIMALS)),
        };
        Ok(self.assets.iter().zip(&decimals).map(asset).collect())
    }

    fn instrument(
        &self,
        plan: &InstrumentPlan,
        units: DataFacts,
        facts: DataFacts,
        assets: &[Asset],
    ) -> Result<Instrument> {
        let (base, quote) = (self.asset(&plan.base), self.asset(&plan.quote));
        let (price_decimals, quantity_decimals) = (units.price_decimals, units.quantity_decimals);
        let filters = |plan: &FiltersPlan| filters(plan, units, facts, assets[quote].decimals);
        Ok(Instrument {
            venue: plan.venue.clone(),
            symbol: plan.symbol.clone(),
            kind: plan.kind,
            base: asset_id(base),
            quote: asset_id(quote),
            price_decimals,
            quantity_decimals,
            quote_factor: power_of_ten(assets[quote].decimals - price_decimals - quantity_decimals),
            base_factor: power_of_ten(assets[base].decimals - quantity_decimals),
            filters: each(&plan.filters, filters)?,
            fees: each(&plan.fees, |fees| Ok(self.fees(fees)))?,
        })
    }

    fn tiers(&self, instruments: &[Instrument], assets: &[Asset]) -> Result<Vec<Dated<Vec<FeeTier>>>> {
        let of = |(plan, instrument): (&InstrumentPlan, &Instrument)| {
            let quote = &assets[usize::from(instrument.quote.0)];
            let what = format!("fee tiers of {}", plan.symbol);
            let tier = |tier: &FeeTierPlan| {
                let FeeTierPlan { volume, maker, taker } = *tier;
                Ok(FeeTier { volume: amount(volume, quote, &what)?, maker, taker })
            };
            each(&plan.fees, |fees| fees.tiers.iter().map(tier).collect())
        };
        self.instruments.iter().zip(instruments).map(of).collect()
    }

    fn queues(&self, instruments: &[Instrument]) -> Result<Vec<Option<Quantity>>> {
        let of = |(plan, instrument): (&InstrumentPlan, &Instrument)| {
            let quantity = |value: Decimal| {
                Quantity::from_decimal(value, instrument.quantity_decimals)
                    .ok_or_else(|| unfit("queue_ahead", value, &plan.symbol, instrument.quantity_decimals))
            };
            plan.queue_ahead.map(quantity).transpose()
        };
        self.instruments.iter().zip(instruments).map(of).collect()
    }

    fn fees(&self, plan: &FeesPlan) -> Fees {
        let asset = match &plan.asset {
            FeeAssetPlan::Quote => FeeAsset::Quote,
            FeeAssetPlan::Received => FeeAsset::Received,
            FeeAssetPlan::Third(code) => FeeAsset::Third(asset_id(self.asset(code))),
        };
        Fees { maker: plan.maker, taker: plan.taker, asset, rounding: plan.rounding }
    }

    /// What the account opens with. A desk with a share gets that part of every asset, rounded down to what the venue
    /// books, and the pool the rest.
    ///
    /// # Errors
    /// When an opening balance has more decimals than its asset, or is too large.
    pub fn deposits(&self, listing: &Listing) -> Result<Vec<Deposit>> {
        let mut deposits = Vec::new();
        for (code, opening) in &self.account.opening {
            let index = self.asset(code);
            let asset = &listing.assets[index];
            let whole = amount(*opening, asset, &format!("the opening balance of {code}"))?;
            let mut rest = whole;
            for (desk, plan) in (0u16..).zip(&self.desks) {
                let Some(share) = plan.share else { continue };
                let increment = i128::from(asset.increment);
                let too_large = |_| Fault::user(format!("the opening balance of {code} is too large"));
                let part = whole
                    .scaled(share.units().into(), i128::from(Rate::ONE.units()) * increment, Rounding::Down)
                    .and_then(|part| part.scaled(increment, 1, Rounding::Down))
                    .map_err(too_large)?;
                rest = rest.minus(part).map_err(too_large)?;
                deposits.push(Deposit { asset: asset_id(index), amount: part, desk: Some(DeskId(desk)) });
            }
            deposits.push(Deposit { asset: asset_id(index), amount: rest, desk: None });
        }
        Ok(deposits)
    }

    /// The limits of a desk.
    ///
    /// # Errors
    /// When a limit has more decimals than what it limits, or is too large.
    pub fn limits(&self, desk: &DeskPlan, listing: &Listing) -> Result<Limits> {
        let of = |what: &str| format!("limit {what} of desk {}", desk.name);
        let money = |limit: &Option<Limit<Decimal>>, what: &str| {
            limit_of(limit, |value| amount(value, &listing.assets[0], &of(what)))
        };
        let quantities = |limits: &BTreeMap<String, Limit<Decimal>>, what: &str| {
            let one = |(plan, instrument): (&InstrumentPlan, &Instrument)| {
                limit_of(&limits.get(&plan.symbol).copied(), |value| {
                    Quantity::from_decimal(value, instrument.quantity_decimals)
                        .ok_or_else(|| unfit(&of(what), value, &plan.symbol, instrument.quantity_decimals))
                })
            };
            self.instruments.iter().zip(listing.instruments.iter()).map(one).collect::<Result<Vec<_>>>()
        };
        let limits = &desk.limits;
        Ok(Limits {
            maximum_order_notional: money(&limits.maximum_order_notional, "maximum_order_notional")?,
            maximum_order_quantity: quantities(&limits.maximum_order_quantity, "maximum_order_quantity")?,
            maximum_position: quantities(&limits.maximum_position, "maximum_position")?,
            maximum_symbol_exposure: money(&limits.maximum_symbol_exposure, "maximum_symbol_exposure")?,
            maximum_desk_exposure: money(&limits.maximum_desk_exposure, "maximum_desk_exposure")?,
            maximum_open_orders: limits.maximum_open_orders,
            daily_quantity: quantities(&limits.daily_quantity, "daily_quantity")?,
            daily_trades: limits.daily_trades,
            daily_loss: limits.daily_loss,
            drawdown: limits.drawdown,
            consecutive_losses: limits.consecutive_losses,
            cooldown: limits.cooldown,
            price_collar: limits.price_collar,
            message_throttle: limits.message_throttle,
            duplicate_order: limits.duplicate_order,
        })
    }

    /// The limits of the account.
    ///
    /// # Errors
    /// As [`Plan::limits`].
    pub fn account_limits(&self, listing: &Listing) -> Result<AccountLimits> {
        let limits = &self.account.limits;
        let money = |limit: &Option<Limit<Decimal>>, what: &str| {
            limit_of(limit, |value| amount(value, &listing.assets[0], &format!("account limit {what}")))
        };
        Ok(AccountLimits {
            maximum_exposure: money(&limits.maximum_exposure, "maximum_exposure")?,
            maximum_symbol_exposure: money(&limits.maximum_symbol_exposure, "maximum_symbol_exposure")?,
            maximum_open_orders: limits.maximum_open_orders,
            daily_loss: limits.daily_loss,
            drawdown: limits.drawdown,
        })
    }

    fn asset(&self, code: &str) -> usize {
        self.assets.iter().position(|asset| asset == code).expect("every asset of a plan is listed")
    }
}

/// The decimals of an instrument's units: fine enough for the data, for every filter, and for fees from the base.
fn units(plan: &InstrumentPlan, facts: DataFacts) -> DataFacts {
    let scale =
        |value: Option<Decimal>| value.map_or(0, |value| u8::try_from(value.normalize().scale()).unwrap_or(u8::MAX));
    let mut units = facts;
    for (_, row) in plan.filters.rows() {
        units.price_decimals = units.price_decimals.max(scale(row.tick));
        let quantities = [row.lot, Some(row.minimum_quantity), row.maximum_quantity];
        units.quantity_decimals = quantities.into_iter().map(scale).fold(units.quantity_decimals, u8::max);
    }
    let from_base = |fees: &FeesPlan| match fees.asset {
        FeeAssetPlan::Quote => false,
        FeeAssetPlan::Received | FeeAssetPlan::Third(_) => true,
    };
    if plan.fees.rows().iter().any(|(_, fees)| from_base(fees)) {
        units.quantity_decimals = units.quantity_decimals.max(VENUE_DECIMALS);
    }
    units
}

fn filters(plan: &FiltersPlan, units: DataFacts, facts: DataFacts, quote_decimals: u8) -> Result<Filters> {
    let price =
        |value: Decimal| Price::from_decimal(value, units.price_decimals).ok_or_else(|| too_large("tick", value));
    let quantity = |value: Decimal, what: &str| {
        Quantity::from_decimal(value, units.quantity_decimals).ok_or_else(|| too_large(what, value))
    };
    // Where no step is stated, the data's own last decimal is the step.
    let last = |decimals: u8| Decimal::new(1, u32::from(decimals));
    let notional = plan.minimum_notional;
    Ok(Filters {
        tick: price(plan.tick.unwrap_or_else(|| last(facts.price_decimals)))?,
        lot: quantity(plan.lot.unwrap_or_else(|| last(facts.quantity_decimals)), "lot")?,
        minimum_quantity: quantity(plan.minimum_quantity, "minimum_quantity")?,
        maximum_quantity: plan.maximum_quantity.map(|value| quantity(value, "maximum_quantity")).transpose()?,
        minimum_notional: Amount::from_decimal(notional, quote_decimals)
            .ok_or_else(|| unfit("minimum_notional", notional, "the quote asset", quote_decimals))?,
        price_band: plan.price_band,
        maximum_open_orders: plan.maximum_open_orders,
    })
}

fn each<P, T>(rows: &Dated<P>, turn: impl Fn(&P) -> Result<T>) -> Result<Dated<T>> {
    let rows: Vec<_> =
        rows.rows().iter().map(|(from, row)| turn(row).map(|row| (*from, row))).collect::<Result<_>>()?;
    Ok(Dated::new(rows).expect("the rows of a plan are in order of time"))
}

fn limit_of<P: Copy, T>(limit: &Option<Limit<P>>, turn: impl Fn(P) -> Result<T>) -> Result<Option<Limit<T>>> {
    limit.map(|limit| turn(limit.value).map(|value| Limit { value, action: limit.action })).transpose()
}

fn amount(value: Decimal, asset: &Asset, what: &str) -> Result<Amount> {
    Amount::from_decimal(value, asset.decimals).ok_or_else(|| unfit(what, value, &asset.code, asset.decimals))
}

fn unfit(what: &str, value: Decimal, of: &str, decimals: u8) -> Fault {
    Fault::user(format!("{what}: {value} has more decimals than {of} ({decimals}), or is too large")).remedy("round it")
}

fn too_large(what: &str, value: Decimal) -> Fault {
    Fault::user(format!("{what}: {value} does not fit the exact integers that the data's decimals lead to"))
        .remedy("state it with fewer digits")
}

fn power_of_ten(exponent: u8) -> i64 {
    10i64.checked_pow(u32::from(exponent)).expect("no asset has more than eighteen decimals")
}

fn asset_id(index: usize) -> AssetId {
    AssetId(u16::try_from(index).expect("a scenario has fewer than 65,536 assets"))
}

fn instrument_id(index: usize) -> InstrumentId {
    InstrumentId(u16::try_from(index).expect("a scenario has fewer than 65,536 instruments"))
}
