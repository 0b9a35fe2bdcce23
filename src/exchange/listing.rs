//! What is traded on the simulated exchange: symbols with their filters, assets with their ledger units.

use super::wire::decimal::{PLACES, shown, ten_to};
use crate::domain::{
    Amount, Asset, AssetId, Dated, FeeAsset, Fees, Filters, Instrument, InstrumentId, InstrumentKind, Price, Quantity,
    Rate, Rounding,
};
use crate::error::{Fault, Result};
use std::sync::Arc;

/// A symbol as it is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SymbolSpec {
    /// Its name, such as `BTCUSDT`.
    pub symbol: String,
    /// What is bought.
    pub base: String,
    /// What is paid with.
    pub quote: String,
    /// Decimals of its tick, at most 8.
    pub price_decimals: u8,
    /// Decimals of its lot, at most 8.
    pub quantity_decimals: u8,
    /// Smallest price times quantity, in units of 1e-8 of the quote asset.
    pub minimum_notional: i64,
}

/// Whether a symbol trades.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It does.
    Trading,
    /// It is halted.
    Halt,
    /// A break, such as maintenance.
    Break,
}

impl Status {
    /// The exchange's name for it.
    pub const fn name(self) -> &'static str {
        match self {
            Status::Trading => "TRADING",
            Status::Halt => "HALT",
            Status::Break => "BREAK",
        }
    }
}

/// A symbol with its rules. Prices, quantities and sums here are in units of 1e-8.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// What was asked for.
    pub spec: SymbolSpec,
    /// Whether it trades.
    pub status: Status,
    /// PRICE_FILTER tickSize.
    pub tick: i64,
    /// LOT_SIZE stepSize.
    pub lot: i64,
    /// NOTIONAL minNotional.
    pub minimum_notional: i64,
}

/// Most open orders on a symbol (MAX_NUM_ORDERS).
pub const MAXIMUM_ORDERS: usize = 200;
/// Most open stops and take-profits on a symbol (MAX_NUM_ALGO_ORDERS).
pub const MAXIMUM_ALGO_ORDERS: usize = 5;
/// Largest price (PRICE_FILTER maxPrice), in units of 1e-8.
pub const MAXIMUM_PRICE: i64 = 1_000_000_000_000_000;
/// Largest quantity (LOT_SIZE maxQty), in units of 1e-8.
pub const MAXIMUM_QUANTITY: i64 = 900_000_000_000_000;
/// PERCENT_PRICE_BY_SIDE: an order's price as a share of the average price lies between these, in percent.
pub const PERCENT_UP: i64 = 500;
/// See [`PERCENT_UP`].
pub const PERCENT_DOWN: i64 = 20;

/// Everything that is traded.
#[derive(Clone, Debug)]
pub struct Listing {
    /// Symbols in order.
    pub symbols: Vec<Listed>,
    /// Assets with their ledger units.
    pub assets: Arc<[Asset]>,
    /// The symbols as the engine knows them, in the same order.
    pub instruments: Arc<[Instrument]>,
}

impl Listing {
    /// A listing of these symbols with these fees of maker and taker.
    ///
    /// # Errors
    /// When there is no symbol, one stands there twice, or has more than eight decimals.
    pub fn new(specs: &[SymbolSpec], maker: Rate, taker: Rate) -> Result<Self> {
        let refuse = |what: String| Fault::user(format!("listing symbols: {what}")).remedy("correct the symbols");
        if specs.is_empty() {
            return Err(refuse("there is none".to_owned()));
        }
        let mut codes: Vec<(&str, u8)> = Vec::new();
        for (index, spec) in specs.iter().enumerate() {
            let name = &spec.symbol;
            if specs[..index].iter().any(|other| other.symbol == *name) {
                return Err(refuse(format!("{name} stands there twice")));
            }
            if spec.price_decimals > PLACES || spec.quantity_decimals > PLACES {
                return Err(refuse(format!("{name} has more than {PLACES} decimals")));
            }
            // A quote asset's unit is as fine as price unit times quantity unit, so that every valuation is exact.
            for (code, decimals) in [(&*spec.base, PLACES), (&*spec.quote, PLACES + spec.price_decimals)] {
                match codes.iter_mut().find(|known| known.0 == code) {
                    Some(known) => known.1 = known.1.max(decimals),
                    None => codes.push((code, decimals)),
                }
            }
        }
        let asset = |(code, decimals): &(&str, u8)| Asset {
            code: (*code).to_owned(),
            decimals: *decimals,
            increment: ten_to(decimals - PLACES) as i64,
        };
        let assets: Arc<[Asset]> = codes.iter().map(asset).collect();
        let find = |code: &str| codes.iter().position(|known| known.0 == code).expect("every asset is listed");
        let fees = Fees { maker, taker, asset: FeeAsset::Received, rounding: Rounding::Up };
        let instrument = |spec: &SymbolSpec| {
            let (base, quote) = (find(&spec.base), find(&spec.quote));
            Instrument {
                venue: "binance-spot".to_owned(),
                symbol: spec.symbol.clone(),
                kind: InstrumentKind::Spot,
                base: AssetId(base as u16),
                quote: AssetId(quote as u16),
                price_decimals: spec.price_decimals,
                // As fine as the asset, because fees are taken from what is received.
                quantity_decimals: PLACES,
                quote_factor: ten_to(codes[quote].1 - PLACES - spec.price_decimals) as i64,
                base_factor: ten_to(codes[base].1 - PLACES) as i64,
                filters: Dated::always(Filters {
                    tick: Price::from_units(1),
                    lot: Quantity::from_units(ten_to(PLACES - spec.quantity_decimals) as i64),
                    minimum_quantity: Quantity::ZERO,
                    maximum_quantity: None,
                    minimum_notional: Amount::ZERO,
                    price_band: None,
                    maximum_open_orders: None,
                }),
                fees: Dated::always(fees),
            }
        };
        let listed = |spec: &SymbolSpec| Listed {
            spec: spec.clone(),
            status: Status::Trading,
            tick: ten_to(PLACES - spec.price_decimals) as i64,
            lot: ten_to(PLACES - spec.quantity_decimals) as i64,
            minimum_notional: spec.minimum_notional,
        };
        let symbols = specs.iter().map(listed).collect();
        Ok(Listing { symbols, assets, instruments: specs.iter().map(instrument).collect() })
    }

    /// The symbol of this name.
    pub fn find(&self, name: &str) -> Option<InstrumentId> {
        self.symbols.iter().position(|listed| listed.spec.symbol == name).map(|index| InstrumentId(index as u16))
    }

    /// A symbol's rules.
    pub fn listed(&self, id: InstrumentId) -> &Listed {
        &self.symbols[usize::from(id.0)]
    }

    /// A symbol as the engine knows it.
    pub fn instrument(&self, id: InstrumentId) -> &Instrument {
        &self.instruments[usize::from(id.0)]
    }

    /// An amount as the exchange writes it.
    pub fn amount(&self, asset: AssetId, amount: Amount) -> String {
        shown(amount.units(), self.assets[usize::from(asset.0)].decimals)
    }

    /// A sum of price units times quantity units as the exchange writes it.
    pub fn quote_volume(&self, id: InstrumentId, units: i128) -> String {
        shown(units, self.instrument(id).price_decimals + PLACES)
    }

    /// A price as the exchange writes it.
    pub fn price(&self, id: InstrumentId, units: i64) -> String {
        shown(units.into(), self.instrument(id).price_decimals)
    }
}

/// A quantity as the exchange writes it.
pub fn quantity(units: i64) -> String {
    shown(units.into(), PLACES)
}
