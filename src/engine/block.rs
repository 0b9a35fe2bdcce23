//! A stretch of market data with the indicator columns beside it.

use crate::domain::{CandleRows, InstrumentId, Interval, SeriesId, Timestamp, TradeRows};
use crate::indicator::{Decimals, Machine, Spec};
use crate::strategy::SeriesView;

/// Market data of all series over one stretch of time. The first row of a series may be one that was delivered before,
/// so that its last values can still be seen: `new_from` says where the new rows begin.
#[derive(Clone, Debug)]
pub struct Block<'a> {
    /// By series number.
    pub series: Vec<SeriesView<'a>>,
    /// Where the new rows of each series begin.
    pub new_from: Vec<usize>,
    /// Market trades by instrument, for those that match on trades.
    pub trades: Vec<TradesInBlock<'a>>,
}

impl Block<'_> {
    /// Reads through the columns that are otherwise read here and there, one number of each cache line: the memory then
    /// delivers them in one sweep instead of one slow access for each turn.
    pub(super) fn bring_near(&self) {
        const NUMBERS_IN_A_LINE: usize = 8;
        for view in &self.series {
            for column in [view.rows.open_time, view.rows.open, view.rows.high, view.rows.low, view.rows.volume] {
                let sum = column.iter().step_by(NUMBERS_IN_A_LINE).fold(0i64, |sum, number| sum ^ number);
                std::hint::black_box(sum);
            }
        }
    }
}

/// Market trades of one instrument over the same stretch.
#[derive(Clone, Copy, Debug)]
pub struct TradesInBlock<'a> {
    /// Whose.
    pub instrument: InstrumentId,
    /// The trades.
    pub rows: TradeRows<'a>,
}

/// The indicator columns of a session: each machine fills its column block by block.
pub struct Columns {
    columns: Vec<Column>,
}

struct Column {
    series: SeriesId,
    machine: Box<dyn Machine>,
    values: Vec<f64>,
}

impl std::fmt::Debug for Columns {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} indicator columns", self.columns.len())
    }
}

impl Columns {
    /// Indicators for these columns; `decimals` by series.
    pub fn new(specs: &[(SeriesId, Spec)], decimals: &[Decimals]) -> Self {
        Columns::of(specs.iter().map(|(series, spec)| (*series, spec.machine(decimals[usize::from(series.0)]))))
    }

    /// Machines for these columns, each at the beginning of its series.
    pub fn of(machines: impl IntoIterator<Item = (SeriesId, Box<dyn Machine>)>) -> Self {
        let column = |(series, machine)| Column { series, machine, values: Vec::new() };
        Columns { columns: machines.into_iter().map(column).collect() }
    }

    /// Computes the values of the new rows of a block. The value of a row delivered before stands first.
    pub fn fill(&mut self, block: &Block<'_>) {
        for column in &mut self.columns {
            let index = usize::from(column.series.0);
            let (rows, from) = (block.series[index].rows, block.new_from[index]);
            let last = column.values.last().copied().unwrap_or(f64::NAN);
            column.values.resize(rows.len(), f64::NAN);
            if from > 0 {
                column.values[from - 1] = last;
            }
            let new: CandleRows<'_> = rows.slice(from, rows.len());
            column.machine.fill(new, &mut column.values[from..]);
        }
    }

    /// The columns as a view shows them.
    pub fn slices(&self) -> Vec<(SeriesId, &[f64])> {
        self.columns.iter().map(|column| (column.series, column.values.as_slice())).collect()
    }
}

/// When the candle of `row` of a series closes.
#[inline]
pub(super) fn close_time(rows: &CandleRows<'_>, row: usize, interval: Interval) -> Timestamp {
    rows.close_time(row, interval)
}
