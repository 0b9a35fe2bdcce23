//! Market data: candles and trades, as single rows and as columns.

use super::{Interval, Price, Quantity, Side, Timestamp};
use prefetch_index::prefetch_index;
use serde::{Deserialize, Serialize};
use std::ops::Range;
use std::sync::Arc;

/// What was traded in [open_time, open_time + interval).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candle {
    /// Start of the candle; it is known only at its close.
    pub open_time: Timestamp,
    /// First price.
    pub open: Price,
    /// Highest price.
    pub high: Price,
    /// Lowest price.
    pub low: Price,
    /// Last price.
    pub close: Price,
    /// Traded base quantity.
    pub volume: Quantity,
}

/// A public trade on the tape (not ours).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MarketTrade {
    /// When it happened at the venue.
    pub time: Timestamp,
    /// At which price.
    pub price: Price,
    /// How much base asset.
    pub quantity: Quantity,
    /// The side that crossed the spread.
    pub taker: Side,
}

/// Candles of one series as columns of units, ascending by open time. All columns have one length.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CandleColumns {
    /// Open times in nanoseconds. Series without gaps open together: those that do may share one column.
    pub open_time: Arc<Vec<i64>>,
    /// Opens in price units.
    pub open: Vec<i64>,
    /// Highs in price units.
    pub high: Vec<i64>,
    /// Lows in price units.
    pub low: Vec<i64>,
    /// Closes in price units.
    pub close: Vec<i64>,
    /// Volumes in quantity units.
    pub volume: Vec<i64>,
}

/// A borrowed run of candle rows; all slices have one length.
#[derive(Clone, Copy, Debug, Default)]
pub struct CandleRows<'a> {
    /// Open times in nanoseconds.
    pub open_time: &'a [i64],
    /// Opens in price units.
    pub open: &'a [i64],
    /// Highs in price units.
    pub high: &'a [i64],
    /// Lows in price units.
    pub low: &'a [i64],
    /// Closes in price units.
    pub close: &'a [i64],
    /// Volumes in quantity units.
    pub volume: &'a [i64],
}

impl CandleColumns {
    /// Empty columns with room for `rows`.
    pub fn with_capacity(rows: usize) -> Self {
        let column = || Vec::with_capacity(rows);
        CandleColumns {
            open_time: Arc::new(column()),
            open: column(),
            high: column(),
            low: column(),
            close: column(),
            volume: column(),
        }
    }

    /// Number of candles.
    pub fn len(&self) -> usize {
        self.open_time.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.open_time.is_empty()
    }

    /// Appends one candle.
    pub fn push(&mut self, candle: &Candle) {
        self.open_time_mut().push(candle.open_time.nanos());
        self.open.push(candle.open.units());
        self.high.push(candle.high.units());
        self.low.push(candle.low.units());
        self.close.push(candle.close.units());
        self.volume.push(candle.volume.units());
    }

    /// The columns in their order: open time, open, high, low, close, volume.
    pub fn each(&self) -> [&Vec<i64>; 6] {
        [&self.open_time, &self.open, &self.high, &self.low, &self.close, &self.volume]
    }

    /// The columns in the order of [`CandleColumns::each`], to be changed.
    pub fn each_mut(&mut self) -> [&mut Vec<i64>; 6] {
        let open_time = Arc::make_mut(&mut self.open_time);
        [open_time, &mut self.open, &mut self.high, &mut self.low, &mut self.close, &mut self.volume]
    }

    /// Leaves only these rows; what lies beyond the end is taken as the end.
    pub fn keep(&mut self, rows: std::ops::Range<usize>) {
        for column in self.each_mut() {
            column.truncate(rows.end);
            column.drain(..rows.start.min(column.len()));
        }
    }

    /// Lets these candles share the open times of others, when they are the same.
    pub fn share_open_times(&mut self, other: &CandleColumns) {
        if self.open_time == other.open_time {
            self.open_time = Arc::clone(&other.open_time);
        }
    }

    /// The open times, to be changed: from then on they are these candles' own.
    pub fn open_time_mut(&mut self) -> &mut Vec<i64> {
        Arc::make_mut(&mut self.open_time)
    }

    /// All rows.
    pub fn rows(&self) -> CandleRows<'_> {
        self.slice(0, self.len())
    }

    /// Rows `from..to`.
    pub fn slice(&self, from: usize, to: usize) -> CandleRows<'_> {
        CandleRows {
            open_time: &self.open_time[from..to],
            open: &self.open[from..to],
            high: &self.high[from..to],
            low: &self.low[from..to],
            close: &self.close[from..to],
            volume: &self.volume[from..to],
        }
    }

    /// The first row whose candle opens at or after `time`.
    pub fn first_at_or_after(&self, time: Timestamp) -> usize {
        self.open_time.partition_point(|open| *open < time.nanos())
    }
}

impl<'a> CandleRows<'a> {
    /// Number of candles.
    pub fn len(&self) -> usize {
        self.open_time.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.open_time.is_empty()
    }

    /// One candle. Panics when `row` is out of range: a bug of the caller.
    #[inline]
    pub fn candle(&self, row: usize) -> Candle {
        Candle {
            open_time: Timestamp::from_nanos(self.open_time[row]),
            open: Price::from_units(self.open[row]),
            high: Price::from_units(self.high[row]),
            low: Price::from_units(self.low[row]),
            close: Price::from_units(self.close[row]),
            volume: Quantity::from_units(self.volume[row]),
        }
    }

    /// A copy that owns its columns.
    pub fn to_columns(&self) -> CandleColumns {
        CandleColumns {
            open_time: Arc::new(self.open_time.to_vec()),
            open: self.open.to_vec(),
            high: self.high.to_vec(),
            low: self.low.to_vec(),
            close: self.close.to_vec(),
            volume: self.volume.to_vec(),
        }
    }

    /// Rows `from..to` of these rows.
    #[inline]
    pub fn slice(&self, from: usize, to: usize) -> CandleRows<'a> {
        CandleRows {
            open_time: &self.open_time[from..to],
            open: &self.open[from..to],
            high: &self.high[from..to],
            low: &self.low[from..to],
            close: &self.close[from..to],
            volume: &self.volume[from..to],
        }
    }

    /// Asks memory for a candle ahead of its use, so that it comes while something else is done.
    #[inline]
    pub fn fetch(&self, row: usize) {
        for column in [self.open_time, self.open, self.high, self.low, self.volume] {
            prefetch_index(column, row);
        }
    }

    /// Asks memory for the prices of the rows to come, a line of memory ahead: with many series at once no processor
    /// guesses what is read next.
    #[inline]
    pub fn fetch_next(&self, row: usize) {
        const LINE: usize = 8;
        if row.is_multiple_of(LINE) {
            for column in [self.low, self.high, self.close] {
                prefetch_index(column, row + LINE);
            }
        }
    }

    /// Asks memory for lows, highs and closes of some rows ahead of their use.
    #[inline]
    pub fn fetch_prices(&self, rows: Range<usize>) {
        for column in [self.low, self.high, self.close] {
            for row in rows.clone().step_by(8) {
                prefetch_index(column, row);
            }
        }
    }

    /// Asks memory for the ranges of some rows ahead of their use.
    #[inline]
    pub fn fetch_ranges(&self, rows: Range<usize>) {
        for row in rows.step_by(8) {
            prefetch_index(self.low, row);
            prefetch_index(self.high, row);
        }
    }

    /// When the candle of `row` closes.
    #[inline]
    pub fn close_time(&self, row: usize, interval: Interval) -> Timestamp {
        Timestamp::from_nanos(self.open_time[row]).after(interval.span())
    }
}

/// The lowest of `lows` and the highest of as many `highs`; of none, the largest and the smallest integer. Two lanes side
/// by side, because each comparison waits for the one before it.
#[inline]
pub fn extremes(lows: &[i64], highs: &[i64]) -> (i64, i64) {
    let ((lows, last_low), (highs, last_high)) = (lows.as_chunks::<2>(), highs.as_chunks::<2>());
    let (mut lowest, mut highest) = ([i64::MAX; 2], [i64::MIN; 2]);
    for (low, high) in lows.iter().zip(highs) {
        for lane in 0..2 {
            lowest[lane] = lowest[lane].min(low[lane]);
            highest[lane] = highest[lane].max(high[lane]);
        }
    }
    let (low, high) = (last_low.first().unwrap_or(&i64::MAX), last_high.first().unwrap_or(&i64::MIN));
    (lowest[0].min(lowest[1]).min(*low), highest[0].max(highest[1]).max(*high))
}

/// Market trades of one instrument as columns, ascending by time. All columns have one length.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TradeColumns {
    /// Times in nanoseconds.
    pub time: Vec<i64>,
    /// Prices in price units.
    pub price: Vec<i64>,
    /// Quantities in quantity units, positive when the taker bought and negative when the taker sold.
    pub signed_quantity: Vec<i64>,
}

/// A borrowed run of market trades; all slices have one length.
#[derive(Clone, Copy, Debug, Default)]
pub struct TradeRows<'a> {
    /// Times in nanoseconds.
    pub time: &'a [i64],
    /// Prices in price units.
    pub price: &'a [i64],
    /// Quantities in quantity units, positive when the taker bought.
    pub signed_quantity: &'a [i64],
}

impl TradeColumns {
    /// Number of trades.
    pub fn len(&self) -> usize {
        self.time.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.time.is_empty()
    }

    /// Appends one trade.
    pub fn push(&mut self, trade: &MarketTrade) {
        self.time.push(trade.time.nanos());
        self.price.push(trade.price.units());
        self.signed_quantity.push(trade.taker.signed(trade.quantity).units());
    }

    /// All rows.
    pub fn rows(&self) -> TradeRows<'_> {
        self.slice(0, self.len())
    }

    /// Rows `from..to`.
    pub fn slice(&self, from: usize, to: usize) -> TradeRows<'_> {
        TradeRows {
            time: &self.time[from..to],
            price: &self.price[from..to],
            signed_quantity: &self.signed_quantity[from..to],
        }
    }

    /// The first row at or after `time`.
    pub fn first_at_or_after(&self, time: Timestamp) -> usize {
        self.time.partition_point(|at| *at < time.nanos())
    }
}

impl TradeRows<'_> {
    /// Number of trades.
    pub fn len(&self) -> usize {
        self.time.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.time.is_empty()
    }

    /// A copy that owns its columns.
    pub fn to_columns(&self) -> TradeColumns {
        TradeColumns {
            time: self.time.to_vec(),
            price: self.price.to_vec(),
            signed_quantity: self.signed_quantity.to_vec(),
        }
    }

    /// One trade. Panics when `row` is out of range: a bug of the caller.
    pub fn trade(&self, row: usize) -> MarketTrade {
        let signed = self.signed_quantity[row];
        MarketTrade {
            time: Timestamp::from_nanos(self.time[row]),
            price: Price::from_units(self.price[row]),
            quantity: Quantity::from_units(signed).abs(),
            taker: if signed >= 0 { Side::Buy } else { Side::Sell },
        }
    }
}
