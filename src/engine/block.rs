//! A stretch of market data with the indicator columns beside it.

use super::detail::TapeDetail;
use crate::domain::{InstrumentId, QuoteRows, Span, Timestamp, TradeRows};
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
    /// Finer rows beneath the candles, all there are: only what a closed candle covers is read.
    pub details: &'a [TapeDetail],
}

/// Market trades of one instrument over the same stretch.
#[derive(Clone, Copy, Debug)]
pub struct TradesInBlock<'a> {
    /// Whose.
    pub instrument: InstrumentId,
    /// The trades.
    pub rows: TradeRows<'a>,
    /// The quotes beside them.
    pub quotes: QuoteRows<'a>,
}

/// When the rows of a series close, within one block. Candles without a gap need no look at their column of times: it
/// would be a slow access to memory at every turn.
#[derive(Clone, Copy, Debug)]
pub(super) enum CloseTimes<'a> {
    /// The first row closes at `first`, each other one interval after the one before.
    Even { first: Timestamp, interval: Span, rows: usize },
    /// There are gaps between them.
    Listed { open: &'a [i64], interval: Span },
    /// The new ones reach the session at one instant, at or after their closes: a live session learns of them then.
    Together { at: Timestamp, rows: usize },
}

impl<'a> CloseTimes<'a> {
    /// Of all rows of a series.
    pub fn of(view: &SeriesView<'a>) -> Self {
        let (open, interval) = (view.rows.open_time, view.series.interval.span());
        match open {
            [first, .., last] if last - first == interval.nanos() * (open.len() as i64 - 1) => {
                CloseTimes::Even { first: Timestamp::from_nanos(*first).after(interval), interval, rows: open.len() }
            }
            _ => CloseTimes::Listed { open, interval },
        }
    }

    /// Whether every row closes when that of the other does, as far as that is seen without looking at each.
    pub fn is_same(&self, other: &CloseTimes<'_>) -> bool {
        match (self, other) {
            (
                CloseTimes::Even { first, interval, rows },
                CloseTimes::Even { first: other_first, interval: other_interval, rows: other_rows },
            ) => (first, interval, rows) == (other_first, other_interval, other_rows),
            (_, _) => false,
        }
    }

    /// When `row` closes; none behind the last one.
    #[inline]
    pub fn get(&self, row: usize) -> Option<Timestamp> {
        match self {
            CloseTimes::Even { first, interval, rows } => {
                (row < *rows).then(|| Timestamp::from_nanos(first.nanos() + interval.nanos() * row as i64))
            }
            CloseTimes::Listed { open, interval } => {
                open.get(row).map(|open| Timestamp::from_nanos(*open).after(*interval))
            }
            CloseTimes::Together { at, rows } => (row < *rows).then_some(*at),
        }
    }

    /// The row behind the last one that closes at or before `limit`, when that leaves any row from `from` on.
    #[inline]
    pub fn rows_until(&self, from: usize, limit: Timestamp) -> Option<usize> {
        let end = match self {
            CloseTimes::Even { first, interval, rows } => {
                // Most limits lie before the next row or behind the last one: those need no division.
                let after_first = limit.nanos().saturating_sub(first.nanos());
                let (next, last) = (interval.nanos() * from as i64, interval.nanos() * (*rows as i64 - 1));
                if after_first < next {
                    return None;
                }
                if after_first >= last { *rows } else { (after_first / interval.nanos()) as usize + 1 }
            }
            CloseTimes::Listed { open, interval } => {
                let open_limit = limit.before(*interval).nanos();
                from + open[from.min(open.len())..].partition_point(|open| *open <= open_limit)
            }
            CloseTimes::Together { at, rows } => {
                if limit < *at {
                    from
                } else {
                    *rows
                }
            }
        };
        (end > from).then_some(end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Candle, CandleColumns, Interval, Price, Quantity, Series};

    #[test]
    fn even_times_are_the_listed_ones() {
        let minute = Interval::MINUTE;
        let mut columns = CandleColumns::default();
        for row in 0..20 {
            let price = Price::from_units(100);
            let open_time = Timestamp::from_nanos(minute.span().nanos() * (1_000 + row));
            let volume = Quantity::from_units(1);
            columns.push(&Candle { open_time, open: price, high: price, low: price, close: price, volume });
        }
        let series = Series { instrument: InstrumentId(0), interval: minute };
        let view = SeriesView { series, rows: columns.rows() };
        let even = CloseTimes::of(&view);
        let listed = CloseTimes::Listed { open: &columns.open_time, interval: minute.span() };
        assert!(matches!(even, CloseTimes::Even { .. }));
        for row in 0..25 {
            assert_eq!(even.get(row), listed.get(row));
            for nanos in [-1, 0, 1] {
                let limit = Timestamp::from_nanos(minute.span().nanos() * (995 + row as i64) + nanos);
                for from in 0..21 {
                    assert_eq!(even.rows_until(from, limit), listed.rows_until(from, limit), "{from} {limit}");
                }
            }
            for limit in [Timestamp::MIN, Timestamp::MAX] {
                assert_eq!(even.rows_until(row, limit), listed.rows_until(row, limit));
            }
        }
    }
}
