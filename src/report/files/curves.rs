//! `equity.csv`, `equity.parquet` and `prices.csv`: what the charts are drawn from.

use crate::domain::{Amount, Timestamp};
use crate::engine::Outcome;
use crate::error::Result;
use crate::report::facts::RunFacts;
use crate::report::parquet_file::{ParquetFile, WIDE, instants, times};
use crate::report::sheet::Sheet;
use arrow_array::Decimal128Array;
use arrow_schema::{DataType, Field};
use std::path::Path;
use std::sync::Arc;

/// The columns of `equity.csv`.
pub const EQUITY_COLUMNS: &str = "time,equity,return_percent,drawdown_percent";

/// The columns of `prices.csv`.
pub const PRICE_COLUMNS: &str = "symbol,open_time,open,high,low,close,volume,candles";

/// Decimals of a percentage.
const PERCENT_DECIMALS: u8 = 6;
/// Rows that are turned into Parquet at once.
const BATCH: usize = 1 << 16;

/// Writes `equity.csv`: the start, every UTC midnight and the end.
pub fn write_equity(directory: &Path, outcome: &Outcome, facts: &RunFacts<'_>) -> Result<()> {
    let mut sheet = Sheet::create(directory, "equity.csv", EQUITY_COLUMNS)?;
    let decimals = facts.currency().decimals;
    let (mut peak, mut before) = (Amount::ZERO, None);
    for (at, equity) in &outcome.daily {
        peak = peak.max(*equity);
        sheet.time(*at).amount(*equity, decimals);
        match before.replace(*equity) {
            Some(before) => sheet.quotient(percent_of(*equity, before), before.units(), PERCENT_DECIMALS),
            None => sheet.nothing(),
        };
        sheet.quotient(percent_of(*equity, peak), peak.units(), PERCENT_DECIMALS).end_row()?;
    }
    sheet.finish()
}

/// A hundred times the change from `before` to `now`.
fn percent_of(now: Amount, before: Amount) -> Amount {
    Amount::from_units((now.units() - before.units()).saturating_mul(100))
}

/// Writes `prices.csv`: the candles of each instrument, merged into few enough for a chart.
pub fn write_prices(directory: &Path, facts: &RunFacts<'_>) -> Result<()> {
    let mut sheet = Sheet::create(directory, "prices.csv", PRICE_COLUMNS)?;
    for overview in facts.prices {
        let instrument = facts.instrument(overview.instrument);
        for row in 0..overview.rows.len() {
            let candle = overview.rows.rows().candle(row);
            sheet.text(&instrument.symbol).time(candle.open_time);
            for price in [candle.open, candle.high, candle.low, candle.close] {
                sheet.price(price, instrument.price_decimals);
            }
            sheet.quantity(candle.volume, instrument.quantity_decimals).whole(overview.candles_per_row).end_row()?;
        }
    }
    sheet.finish()
}

/// Writes `equity.parquet`: one row per candle, exact decimals.
pub fn write_every_candle(directory: &Path, rows: &[(Timestamp, Amount)], decimals: u8) -> Result<()> {
    let scale = decimals as i8;
    let money = DataType::Decimal128(WIDE, scale);
    let fields = vec![Field::new("time", instants(), false), Field::new("equity", money, false)];
    let mut file = ParquetFile::create(directory, "equity.parquet", fields)?;
    for part in rows.chunks(BATCH) {
        let instants: Vec<i64> = part.iter().map(|(at, _)| at.nanos()).collect();
        let equity = Decimal128Array::from_iter_values(part.iter().map(|(_, equity)| equity.units()));
        let equity = equity.with_precision_and_scale(WIDE, scale).map_err(|error| file.failed(&error))?;
        file.put(vec![times(&instants), Arc::new(equity)])?;
    }
    file.finish()
}
