//! A table on its way between a file and the store: times and exact integer columns, candles, trades and quotes alike.

use super::decimal::{Exact, rescale};
use super::parquet::NANOS_PER_STORED;
use super::place::SeriesKind;
use super::set::{column_digest, combine};
use super::ticks::Ticks;
use crate::domain::{CandleColumns, CandleRows, Interval, Price, TradeColumns};
use std::sync::Arc;

/// A cell that its source did not have. No real value is so low.
pub const ABSENT: i64 = i64::MIN;

/// What a column counts, and so which decimals it shares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// Prices.
    Price,
    /// Base quantities.
    Quantity,
    /// Quote quantities.
    Quote,
    /// Whole numbers.
    Count,
}

/// The decimals of each measure.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Decimals {
    /// Of prices.
    pub price: u8,
    /// Of base quantities.
    pub quantity: u8,
    /// Of quote quantities.
    pub quote: u8,
}

/// A column's place in a schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name in the Parquet file.
    pub name: &'static str,
    /// What it counts.
    pub measure: Measure,
    /// Whether every row has it.
    pub required: bool,
}

impl Field {
    /// What stands where a file does not have the column: nothing, or number zero where it is required.
    pub fn stand_in(&self) -> i64 {
        if self.required { 0 } else { ABSENT }
    }
}

const fn required(name: &'static str, measure: Measure) -> Field {
    Field { name, measure, required: true }
}

const fn optional(name: &'static str, measure: Measure) -> Field {
    Field { name, measure, required: false }
}

/// The columns of a candle table behind `open_time`.
pub const CANDLE_FIELDS: [Field; 10] = [
    required("open", Measure::Price),
    required("high", Measure::Price),
    required("low", Measure::Price),
    required("close", Measure::Price),
    required("volume", Measure::Quantity),
    optional("quote_volume", Measure::Quote),
    optional("trades", Measure::Count),
    optional("taker_buy_volume", Measure::Quantity),
    optional("taker_buy_quote_volume", Measure::Quote),
    optional(MISSING_ROWS, Measure::Count),
];

/// The column of derived candles that says how many finer rows each of them lacks.
pub const MISSING_ROWS: &str = "missing_rows";

/// The columns of a trade table behind `time`.
pub const TRADE_FIELDS: [Field; 3] =
    [required("id", Measure::Count), required("price", Measure::Price), required("signed_quantity", Measure::Quantity)];

/// The columns of a quote table behind `time`.
pub const QUOTE_FIELDS: [Field; 5] = [
    required("id", Measure::Count),
    required("bid", Measure::Price),
    required("bid_quantity", Measure::Quantity),
    required("ask", Measure::Price),
    required("ask_quantity", Measure::Quantity),
];

/// The columns that the rows of a series have behind their time.
pub fn fields_of(kind: SeriesKind) -> &'static [Field] {
    match kind {
        SeriesKind::Candles(_) => &CANDLE_FIELDS,
        SeriesKind::Trades => &TRADE_FIELDS,
        SeriesKind::Quotes => &QUOTE_FIELDS,
    }
}

/// Whether an instant can be handled without leaving the range of 64-bit nanoseconds: 1970 to 2261.
pub fn is_storable_time(nanos: i64) -> bool {
    (0..9_183_110_400_000_000_000).contains(&nanos)
}

/// Rows of one series in the making.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// What the rows are.
    pub kind: SeriesKind,
    /// Nanoseconds since 1970: open time of a candle, time of a trade or quote.
    pub time: Vec<i64>,
    /// One vector for each field, as long as `time`; [`ABSENT`] where the source had nothing.
    pub columns: Vec<Vec<i64>>,
    /// The scale of the units.
    pub decimals: Decimals,
}

impl Decimals {
    /// The decimals of one measure.
    pub fn of(&self, measure: Measure) -> u8 {
        match measure {
            Measure::Price => self.price,
            Measure::Quantity => self.quantity,
            Measure::Quote => self.quote,
            Measure::Count => 0,
        }
    }

    fn of_mut(&mut self, measure: Measure) -> Option<&mut u8> {
        match measure {
            Measure::Price => Some(&mut self.price),
            Measure::Quantity => Some(&mut self.quantity),
            Measure::Quote => Some(&mut self.quote),
            Measure::Count => None,
        }
    }

    /// The larger of both, measure by measure.
    #[must_use]
    pub fn larger(self, other: Decimals) -> Decimals {
        Decimals {
            price: self.price.max(other.price),
            quantity: self.quantity.max(other.quantity),
            quote: self.quote.max(other.quote),
        }
    }
}

/// A number does not fit the exact integers at the scale that another number of its column asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DoesNotFit {
    /// The decimals asked for.
    pub decimals: u8,
}

impl Table {
    /// An empty table of such rows.
    pub fn of(kind: SeriesKind) -> Self {
        let columns = vec![Vec::new(); fields_of(kind).len()];
        Table { kind, time: Vec::new(), columns, decimals: Decimals::default() }
    }

    /// An empty table of the same sort at the same scale.
    pub fn like(other: &Table) -> Self {
        Table { decimals: other.decimals, ..Table::of(other.kind) }
    }

    /// The fields of its columns.
    pub fn fields(&self) -> &'static [Field] {
        fields_of(self.kind)
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.time.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.time.is_empty()
    }

    /// Appends a number to a column, raising the decimals of its whole measure when it has more than any before it.
    #[inline]
    pub fn push_exact(&mut self, column: usize, value: Exact) -> Result<(), DoesNotFit> {
        let measure = self.fields()[column].measure;
        if value.decimals > self.decimals.of(measure) {
            self.raise(measure, value.decimals)?;
        }
        let decimals = self.decimals.of(measure);
        let units = rescale(value.units, value.decimals, decimals).ok_or(DoesNotFit { decimals })?;
        self.columns[column].push(units);
        Ok(())
    }

    /// Brings the table to larger or equal decimals.
    pub fn raise_to(&mut self, decimals: Decimals) -> Result<(), DoesNotFit> {
        for measure in [Measure::Price, Measure::Quantity, Measure::Quote] {
            if decimals.of(measure) > self.decimals.of(measure) {
                self.raise(measure, decimals.of(measure))?;
            }
        }
        Ok(())
    }

    fn raise(&mut self, measure: Measure, decimals: u8) -> Result<(), DoesNotFit> {
        let Some(slot) = self.decimals.of_mut(measure) else {
            return Err(DoesNotFit { decimals });
        };
        let from = std::mem::replace(slot, decimals);
        let fields = self.fields();
        for (field, column) in fields.iter().zip(&mut self.columns) {
            if field.measure != measure {
                continue;
            }
            for value in column.iter_mut().filter(|value| **value != ABSENT) {
                *value = rescale(*value, from, decimals).ok_or(DoesNotFit { decimals })?;
            }
        }
        Ok(())
    }

    /// Appends one row of another table of the same sort and scale.
    pub fn push_row(&mut self, other: &Table, row: usize) {
        self.time.push(other.time[row]);
        for (mine, theirs) in self.columns.iter_mut().zip(&other.columns) {
            mine.push(theirs[row]);
        }
    }

    /// What is wrong with the last row by itself, if its cells cannot stand together: a bid that is not below its ask.
    pub fn wrong_with_last(&self) -> Option<String> {
        let row = self.len().checked_sub(1).filter(|_| self.kind == SeriesKind::Quotes)?;
        let price = |column: usize| Price::from_units(self.columns[column][row]).to_decimal(self.decimals.price);
        let (bid, ask) = (price(1), price(3));
        (bid >= ask).then(|| format!("the bid {bid} is not below the ask {ask}: a crossed quote"))
    }

    /// Rows `from..to` as a table of its own.
    pub fn slice(&self, from: usize, to: usize) -> Table {
        Table {
            kind: self.kind,
            time: self.time[from..to].to_vec(),
            columns: self.columns.iter().map(|column| column[from..to].to_vec()).collect(),
            decimals: self.decimals,
        }
    }

    /// Appends all rows of another table of the same sort, at the larger scale of both.
    pub fn append(&mut self, mut other: Table) -> Result<(), DoesNotFit> {
        let decimals = self.decimals.larger(other.decimals);
        self.raise_to(decimals)?;
        other.raise_to(decimals)?;
        self.time.append(&mut other.time);
        for (mine, theirs) in self.columns.iter_mut().zip(&mut other.columns) {
            mine.append(theirs);
        }
        Ok(())
    }

    /// The candles that every source has, borrowed. Panics on a table of other rows: a bug of the caller.
    pub fn candle_rows(&self) -> CandleRows<'_> {
        assert!(self.kind.interval().is_some(), "{} are no candles", self.kind.word());
        let [open, high, low, close, volume] = [0, 1, 2, 3, 4].map(|column| self.columns[column].as_slice());
        CandleRows { open_time: &self.time, open, high, low, close, volume }
    }

    /// Whether any row has this column.
    pub fn has(&self, column: usize) -> bool {
        self.fields()[column].required || self.columns[column].iter().any(|value| *value != ABSENT)
    }

    /// The hash that a manifest keeps of a file's rows: of the columns that a load reads.
    pub fn content_hash(&self) -> u128 {
        let stored: Vec<i64> = self.time.iter().map(|nanos| nanos / NANOS_PER_STORED).collect();
        let mut digests = vec![column_digest(&stored)];
        let fields = self.fields();
        digests.extend(
            fields.iter().zip(&self.columns).filter(|(field, _)| field.required).map(|(_, c)| column_digest(c)),
        );
        let nanos = self.kind.interval().map_or(0, |interval| interval.span().nanos());
        combine(nanos, self.decimals.price, self.decimals.quantity, self.len(), &digests)
    }

    /// The candles without what only some sources have.
    pub fn into_candles(mut self) -> CandleColumns {
        let mut column = |index: usize| std::mem::take(&mut self.columns[index]);
        let (open, high, low, close, volume) = (column(0), column(1), column(2), column(3), column(4));
        CandleColumns { open_time: self.time.into(), open, high, low, close, volume }
    }

    /// The trades or quotes, and their numbers.
    pub fn into_ticks<C: Ticks>(self) -> (C, Vec<i64>) {
        let mut columns = self.columns.into_iter();
        let ids = columns.next().expect("rows have a number");
        (C::of_fields(self.time, columns), ids)
    }

    /// A table of plain candles.
    pub fn from_candles(columns: CandleColumns, interval: Interval, price: u8, quantity: u8) -> Self {
        let rows = columns.len();
        let CandleColumns { open_time, open, high, low, close, volume } = columns;
        let absent = || vec![ABSENT; rows];
        Table {
            kind: SeriesKind::Candles(interval),
            time: Arc::unwrap_or_clone(open_time),
            columns: vec![open, high, low, close, volume, absent(), absent(), absent(), absent(), absent()],
            decimals: Decimals { price, quantity, quote: 0 },
        }
    }

    /// A table of trades.
    pub fn from_trades(columns: TradeColumns, ids: Vec<i64>, price: u8, quantity: u8) -> Self {
        let TradeColumns { time, price: prices, signed_quantity } = columns;
        Table {
            kind: SeriesKind::Trades,
            time,
            columns: vec![ids, prices, signed_quantity],
            decimals: Decimals { price, quantity, quote: 0 },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_with_more_decimals_lifts_every_column_of_its_measure() {
        let mut table = Table::of(SeriesKind::Trades);
        table.push_exact(1, Exact { units: 15, decimals: 1 }).unwrap();
        table.push_exact(2, Exact { units: 7, decimals: 0 }).unwrap();
        table.push_exact(1, Exact { units: 1_505, decimals: 3 }).unwrap();
        assert_eq!(table.columns[1], vec![1_500, 1_505]);
        assert_eq!(table.columns[2], vec![7]);
        assert_eq!(table.decimals, Decimals { price: 3, quantity: 0, quote: 0 });
    }

    #[test]
    fn numbers_that_no_common_scale_can_hold_are_refused() {
        let mut table = Table::of(SeriesKind::Trades);
        table.push_exact(1, Exact { units: 100_000_000_000, decimals: 0 }).unwrap();
        assert_eq!(table.push_exact(1, Exact { units: 1, decimals: 9 }), Err(DoesNotFit { decimals: 9 }));
    }
}
