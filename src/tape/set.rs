//! What a load hands over: the rows of one series with everything needed to read them, and the hash they are known by.

use super::gaps::{Gap, Stretch, find_gaps};
use super::ticks::TradeSet;
use crate::domain::{CandleColumns, Interval, Origin, Timestamp};
use ::parquet::data_type::SliceAsBytes;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::{Xxh3, xxh3_128};

#[cfg(target_endian = "big")]
compile_error!("content hashes are defined over little-endian columns");

/// What a venue publishes for an interval in which nobody traded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum QuietMinutes {
    /// No candle at all: a missing row may simply be quiet.
    Absent,
    /// The last close again with zero volume: a missing row is a defect.
    ZeroVolume,
}

/// Candles of one series, ascending by open time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CandleSet {
    /// The venue and product, such as `binance-spot`.
    pub venue: String,
    /// The venue's name of the instrument.
    pub symbol: String,
    /// The length of each candle.
    pub interval: Interval,
    /// Decimals of a price unit.
    pub price_decimals: u8,
    /// Decimals of a quantity unit.
    pub quantity_decimals: u8,
    /// The rows.
    pub columns: CandleColumns,
    /// Real, testnet or synthetic.
    pub origin: Origin,
    /// Whether a missing row may be quiet.
    pub quiet_minutes: QuietMinutes,
    /// The stretch of time that was asked for.
    pub asked: Stretch,
    /// xxh3-128 over the rows here; the same rows have the same hash however they were stored.
    pub content_hash: u128,
}

impl CandleSet {
    /// The missing grid rows: between the rows, and between the ends of the asked stretch and the rows.
    pub fn gaps(&self) -> Vec<Gap> {
        find_gaps(&self.columns.open_time, self.interval, self.quiet_minutes, self.asked)
    }

    /// The set of candles that were made of trades: quiet intervals have none.
    pub fn of_trades(trades: &TradeSet, interval: Interval, columns: CandleColumns) -> Self {
        let (price_decimals, quantity_decimals) = (trades.price_decimals, trades.quantity_decimals);
        CandleSet {
            venue: trades.venue.clone(),
            symbol: trades.symbol.clone(),
            interval,
            price_decimals,
            quantity_decimals,
            content_hash: CandleSet::hash_rows(&columns, interval, price_decimals, quantity_decimals),
            columns,
            origin: trades.origin,
            quiet_minutes: QuietMinutes::Absent,
            asked: EVER,
        }
    }

    /// The hash of the rows as they stand.
    pub fn hash_rows(columns: &CandleColumns, interval: Interval, price_decimals: u8, quantity_decimals: u8) -> u128 {
        rows_digest(interval.span().nanos(), price_decimals, quantity_decimals, &columns.each())
    }
}

/// The hash of one column.
pub(super) fn column_digest(values: &[i64]) -> u128 {
    xxh3_128(i64::slice_as_bytes(values))
}

/// A column hash fed piece by piece.
#[derive(Default)]
pub(super) struct RunningDigest(Xxh3);

impl RunningDigest {
    /// Takes the next values of the column.
    pub(super) fn feed(&mut self, values: &[i64]) {
        self.0.update(i64::slice_as_bytes(values));
    }

    /// The same as [`column_digest`] over everything fed.
    pub(super) fn finish(&self) -> u128 {
        self.0.digest128()
    }
}

/// One hash over a head and the hashes of the columns.
pub(super) fn combine(
    interval_nanos: i64,
    price_decimals: u8,
    quantity_decimals: u8,
    rows: usize,
    digests: &[u128],
) -> u128 {
    let mut hash = Xxh3::new();
    hash.update(b"tapeline rows 1");
    hash.update(&interval_nanos.to_le_bytes());
    hash.update(&[price_decimals, quantity_decimals]);
    hash.update(&(rows as u64).to_le_bytes());
    for digest in digests {
        hash.update(&digest.to_le_bytes());
    }
    hash.digest128()
}

/// The hash of rows as they stand, their times first. Columns are hashed on as many threads as there are.
pub(super) fn rows_digest(
    interval_nanos: i64,
    price_decimals: u8,
    quantity_decimals: u8,
    columns: &[&Vec<i64>],
) -> u128 {
    let digests: Vec<u128> = columns.par_iter().map(|column| column_digest(column)).collect();
    combine(interval_nanos, price_decimals, quantity_decimals, columns[0].len(), &digests)
}

impl QuietMinutes {
    /// What is known of a venue; an unknown one is taken to publish every candle, so that a hole is not overlooked.
    pub fn of_venue(venue: &str) -> Self {
        let absent = ["bitfinex", "coinbase", "kraken", "bitstamp", "gemini"];
        if absent.iter().any(|name| venue.starts_with(name)) { QuietMinutes::Absent } else { QuietMinutes::ZeroVolume }
    }
}

/// The whole of time: no bound was asked for.
pub const EVER: Stretch = Stretch { from: Timestamp::MIN, to: Timestamp::MAX };

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_fed_in_pieces_equals_the_hash_of_the_whole() {
        let values: Vec<i64> = (0..10_000).map(|n| n * 7 - 5_000).collect();
        let mut running = RunningDigest::default();
        for piece in values.chunks(777) {
            running.feed(piece);
        }
        assert_eq!(running.finish(), column_digest(&values));
    }

    #[test]
    fn the_hash_of_rows_notices_every_column_and_the_scale() {
        let mut columns = CandleColumns::default();
        for column in columns.each_mut() {
            column.extend([1, 2, 3]);
        }
        let plain = CandleSet::hash_rows(&columns, Interval::MINUTE, 2, 3);
        assert_eq!(plain, CandleSet::hash_rows(&columns.clone(), Interval::MINUTE, 2, 3));
        assert_ne!(plain, CandleSet::hash_rows(&columns, Interval::HOUR, 2, 3));
        assert_ne!(plain, CandleSet::hash_rows(&columns, Interval::MINUTE, 3, 3));
        let mut swapped = columns.clone();
        swapped.low[1] = 9;
        assert_ne!(plain, CandleSet::hash_rows(&swapped, Interval::MINUTE, 2, 3));
        std::mem::swap(&mut swapped.low, &mut swapped.high);
        assert_ne!(
            CandleSet::hash_rows(&swapped, Interval::MINUTE, 2, 3),
            CandleSet::hash_rows(&columns, Interval::MINUTE, 2, 3)
        );
    }
}
