//! A series from outside as of each candle's close.

use super::Machine;
use crate::domain::{Candle, Interval, OutsideSeries, Span};
use std::sync::Arc;

/// The latest value that was available at a candle's close: of all rows with `available_at` at or before the close the
/// last one. The same instant counts as available, as the close itself is known then and no order leaves before it.
/// Undefined before the first row, where the row says nothing, and where it is older than the maximum age.
///
/// Rows are passed by their time, not by their number, so a value that becomes available later cannot be reached.
#[derive(Clone, Debug)]
pub struct AsOf {
    series: Arc<OutsideSeries>,
    span: Span,
    maximum_age: Option<Span>,
    /// The first row that was not yet available at the last close.
    next: usize,
}

impl AsOf {
    /// The series beside candles of `interval`. A value of exactly the maximum age still counts; without one a value
    /// holds until the next.
    pub fn new(series: Arc<OutsideSeries>, interval: Interval, maximum_age: Option<Span>) -> Self {
        AsOf { series, span: interval.span(), maximum_age, next: 0 }
    }
}

impl Machine for AsOf {
    #[inline]
    fn next(&mut self, candle: &Candle) -> Option<f64> {
        let now = candle.open_time.after(self.span);
        let times = self.series.available_at();
        while times.get(self.next).is_some_and(|at| *at <= now) {
            self.next += 1;
        }
        let row = self.next.checked_sub(1)?;
        if self.maximum_age.is_some_and(|age| now.since(times[row]) > age) {
            return None;
        }
        self.series.values()[row]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{CandleColumns, Price, Quantity, Timestamp};

    fn minutes(count: i64) -> Timestamp {
        Timestamp::from_millis(count * 60_000)
    }

    /// What stands beside the closes of the minutes 1 to 10.
    fn shown(rows: &[(Timestamp, Option<f64>)], maximum_age: Option<Span>) -> Vec<Option<f64>> {
        let (times, values) = rows.iter().copied().unzip();
        let series = Arc::new(OutsideSeries::new(times, values).unwrap());
        let mut candles = CandleColumns::default();
        for minute in 0..10 {
            let price = Price::from_units(1);
            let (open_time, volume) = (minutes(minute), Quantity::ZERO);
            candles.push(&Candle { open_time, open: price, high: price, low: price, close: price, volume });
        }
        let mut machine = AsOf::new(Arc::clone(&series), Interval::MINUTE, maximum_age);
        let streamed: Vec<Option<f64>> = (0..10).map(|row| machine.next(&candles.rows().candle(row))).collect();
        let mut machine = AsOf::new(series, Interval::MINUTE, maximum_age);
        let mut filled = [0.0; 10];
        machine.fill(candles.slice(0, 4), &mut filled[..4]);
        machine.fill(candles.slice(4, 10), &mut filled[4..]);
        let filled: Vec<Option<f64>> =
            filled.iter().map(|value| Some(*value).filter(|value| !value.is_nan())).collect();
        assert_eq!(streamed, filled);
        streamed
    }

    #[test]
    fn a_value_counts_from_its_own_instant_on_and_not_a_nanosecond_before() {
        let just_after = minutes(6).after(Span::from_nanos(1));
        let rows = [(minutes(3), Some(1.5)), (just_after, Some(-2.0)), (minutes(99), Some(7.0))];
        let (none, early, late) = (None, Some(1.5), Some(-2.0));
        assert_eq!(shown(&rows, None), [none, none, early, early, early, early, late, late, late, late]);
    }

    #[test]
    fn an_unknown_value_and_one_that_is_too_old_count_for_nothing() {
        let rows = [(minutes(2), Some(1.0)), (minutes(4), None), (minutes(7), Some(3.0))];
        let (none, one, three) = (None, Some(1.0), Some(3.0));
        assert_eq!(shown(&rows, None), [none, one, one, none, none, none, three, three, three, three]);
        let age = Some(Span::MINUTE.times(2));
        assert_eq!(shown(&rows, age), [none, one, one, none, none, none, three, three, three, none]);
    }

    #[test]
    fn of_several_values_between_two_closes_the_last_one_counts() {
        let at = |seconds: i64| Timestamp::from_millis(seconds * 1_000);
        let rows = [(at(-500), Some(1.0)), (at(61), Some(2.0)), (at(62), Some(3.0)), (at(119), Some(4.0))];
        assert_eq!(shown(&rows, None)[..3], [Some(1.0), Some(4.0), Some(4.0)]);
    }
}
