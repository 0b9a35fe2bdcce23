//! Where the data come from: the store, files by path, or the synthetic market.

use super::section::Section;
use crate::domain::{Interval, Timestamp};
use crate::error::Result;
use rust_decimal::Decimal;
use std::path::PathBuf;

/// What an instrument is supplied from, with paths as given.
#[derive(Clone, Debug, PartialEq)]
pub enum Supply {
    /// The Parquet store with this root.
    Store {
        /// The store's folder.
        root: String,
    },
    /// Files by path; at least one of them. Where only trades are given, candles are made from them.
    Files {
        /// A file of candles.
        candles: Option<String>,
        /// A file of trades.
        trades: Option<String>,
        /// A file of the finer candles that decide the others.
        finer: Option<String>,
    },
    /// The plan's synthetic market.
    Synthetic(SyntheticSymbol),
}

/// Where the quotes beside an instrument's trades come from, with paths as given.
#[derive(Clone, Debug, PartialEq)]
pub enum QuoteSupply {
    /// The Parquet store with this root.
    Store {
        /// The store's folder.
        root: String,
    },
    /// A file.
    File(String),
}

/// What an instrument is supplied from, with whole paths and names.
#[derive(Clone, Debug, PartialEq)]
pub enum DataSource {
    /// One series of the Parquet store.
    Store {
        /// The store's folder.
        root: PathBuf,
        /// The venue and product.
        venue: String,
        /// The venue's name of the instrument.
        symbol: String,
        /// The finest interval.
        interval: Interval,
    },
    /// Files by path; at least one of them.
    Files {
        /// A file of candles.
        candles: Option<PathBuf>,
        /// A file of trades.
        trades: Option<PathBuf>,
        /// A file of the finer candles that decide the others.
        finer: Option<PathBuf>,
    },
    /// The plan's synthetic market.
    Synthetic(SyntheticSymbol),
}

/// The synthetic market as a whole. Decimals, so that the plan is exact; see [`real`].
#[derive(Clone, Debug, PartialEq)]
pub struct SyntheticMarket {
    /// Every number follows from it and the rest.
    pub seed: u64,
    /// Number of candles of each symbol before holes are cut.
    pub candles: u64,
    /// Their length.
    pub interval: Interval,
    /// Open time of the first.
    pub from: Timestamp,
    /// Correlation of the symbols' returns, 0 to 1.
    pub correlation: Decimal,
    /// Single candles left out, of every 10,000.
    pub missing_per_10_000: u32,
    /// Number of outages.
    pub outages: u32,
    /// Candles left out in each outage.
    pub outage_candles: u32,
}

/// One symbol of the synthetic market.
#[derive(Clone, Debug, PartialEq)]
pub struct SyntheticSymbol {
    /// Price at the beginning.
    pub start_price: Decimal,
    /// Decimals of its prices.
    pub price_decimals: u8,
    /// Decimals of its quantities.
    pub quantity_decimals: u8,
    /// Volatility of a year as a fraction.
    pub annual_volatility: Decimal,
    /// Drift of a year in log price.
    pub annual_drift: Decimal,
    /// Base quantity traded in an average day.
    pub daily_volume: Decimal,
    /// Share of candles without any trade.
    pub quiet_share: Decimal,
}

/// The nearest double to a decimal: the same bits on every machine, by way of its text.
pub fn real(value: Decimal) -> f64 {
    value.to_string().parse().expect("a decimal's text is a number")
}

/// What `[data]` says for all instruments.
#[derive(Clone, Debug)]
pub(super) struct DataPlan {
    pub store: Option<String>,
    pub synthetic: Option<SyntheticMarket>,
}

const MARKET_KEYS: &[&str] =
    &["seed", "candles", "interval", "from", "correlation", "missing_per_10_000", "outages", "outage_candles"];

const SYMBOL_KEYS: &[&str] = &[
    "start_price",
    "price_decimals",
    "quantity_decimals",
    "annual_volatility",
    "annual_drift",
    "daily_volume",
    "quiet_share",
];

/// Most synthetic candles of one symbol: a century of minutes.
const MOST_CANDLES: i64 = 52_560_000;

/// Reads `[data]`.
pub(super) fn read(root: &Section<'_>) -> Result<DataPlan> {
    let section = root.section("data", &["store", "synthetic"])?;
    let store = section.get("store").map(|field| field.text().map(str::to_owned)).transpose()?;
    let synthetic = section.get("synthetic").map(|field| market(&field.section(MARKET_KEYS)?)).transpose()?;
    if let (Some(_), Some(_)) = (&store, &synthetic) {
        return Err(section
            .fault("store and synthetic cannot both be given")
            .remedy("keep one of them; a report must not mix real and synthetic markets"));
    }
    Ok(DataPlan { store, synthetic })
}

fn market(section: &Section<'_>) -> Result<SyntheticMarket> {
    let count = |key: &str, default: u32, high: i64| {
        section.or(key, default, |field| Ok(u32::try_from(field.integer(0..=high)?).unwrap_or(default)))
    };
    let interval = section.or("interval", Interval::MINUTE, super::section::Field::interval)?;
    let first_of_2024 = Timestamp::from_millis(1_704_067_200_000);
    let from = section.or("from", first_of_2024, super::section::Field::time)?;
    let candles = section.or("candles", 525_600, |field| field.integer(1..=MOST_CANDLES))?;
    if !interval.opens_at(from) {
        return Err(section
            .fault(format!("no {interval} candle opens at {from}"))
            .remedy("move `from` to the start of a candle"));
    }
    let span = interval.span().nanos().checked_mul(candles).and_then(|span| span.checked_add(from.nanos()));
    if span.is_none() {
        return Err(section.fault("its last candle would lie beyond the year 2262").remedy("ask for fewer candles"));
    }
    Ok(SyntheticMarket {
        seed: section.or("seed", 1, |field| Ok(field.integer(0..=i64::MAX)?.unsigned_abs()))?,
        candles: candles.unsigned_abs(),
        interval,
        from,
        correlation: section
            .or("correlation", Decimal::new(5, 1), |field| field.decimal_within(Decimal::ZERO..=Decimal::ONE))?,
        missing_per_10_000: count("missing_per_10_000", 0, 9_999)?,
        outages: count("outages", 0, 1_000_000)?,
        outage_candles: count("outage_candles", 0, 1_000_000)?,
    })
}

/// Reads `synthetic` of an instrument; absent, it is a bitcoin-like symbol.
pub(super) fn symbol(instrument: &Section<'_>) -> Result<SyntheticSymbol> {
    let section = instrument.section("synthetic", SYMBOL_KEYS)?;
    let decimals = |key: &str, default: u8| {
        section.or(key, default, |field| Ok(u8::try_from(field.integer(0..=12)?).unwrap_or(default)))
    };
    let within = |key: &str, default: Decimal, low: i64, high: i64| {
        section.or(key, default, |field| field.decimal_within(Decimal::from(low)..=Decimal::from(high)))
    };
    let quiet = Decimal::new(999, 3);
    Ok(SyntheticSymbol {
        start_price: section.or("start_price", Decimal::from(30_000), super::section::Field::positive)?,
        price_decimals: decimals("price_decimals", 2)?,
        quantity_decimals: decimals("quantity_decimals", 5)?,
        annual_volatility: within("annual_volatility", Decimal::new(6, 1), 0, 5)?,
        annual_drift: within("annual_drift", Decimal::new(15, 2), -5, 5)?,
        daily_volume: section.or("daily_volume", Decimal::from(20_000), super::section::Field::positive)?,
        quiet_share: section.or("quiet_share", Decimal::ZERO, |field| field.decimal_within(Decimal::ZERO..=quiet))?,
    })
}
