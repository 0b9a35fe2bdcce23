//! Coarser candles from the finest stream: from finer candles and from trades, aligned to UTC.
//!
//! A coarse candle is known only at its own close. One that lacks a finer row is flagged, never completed.

use crate::domain::{Candle, CandleColumns, CandleRows, Interval, Price, Quantity, Timestamp, TradeRows};
use crate::error::{Fault, Result};

/// Candles derived from a finer stream.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Resampled {
    /// The coarse candles, ascending.
    pub columns: CandleColumns,
    /// How many finer rows each coarse candle is made of.
    pub made_of: Vec<usize>,
    /// Rows of `columns` that lack at least one finer row, ascending.
    pub incomplete: Vec<usize>,
    /// Finer rows at the end whose coarse candle had not closed: they are in no candle.
    pub unclosed: usize,
}

/// Derives `coarse` candles from `finer` rows. `known_until` is the instant up to which the finer stream is known; a
/// coarse candle that closes later is not published.
pub fn resample(rows: CandleRows<'_>, finer: Interval, coarse: Interval, known_until: Timestamp) -> Result<Resampled> {
    if !coarse.is_made_of(finer) {
        return Err(Fault::user(format!("{coarse} candles cannot be made of {finer} candles"))
            .remedy("choose an interval that is a whole multiple"));
    }
    let whole = (coarse.span().nanos() / finer.span().nanos()) as usize;
    let mut derived = Resampled::default();
    let mut from = 0;
    while from < rows.len() {
        let open_time = coarse.open_of(Timestamp::from_nanos(rows.open_time[from]));
        let close_time = open_time.after(coarse.span());
        let count = rows.open_time[from..].partition_point(|at| *at < close_time.nanos());
        let to = from + count;
        if to == rows.len() && known_until < close_time && rows.close_time(to - 1, finer) < close_time {
            derived.unclosed = count;
            break;
        }
        derived.made_of.push(count);
        if count != whole {
            derived.incomplete.push(derived.columns.len());
        }
        let volume = sum(&rows.volume[from..to], open_time)?;
        push(
            &mut derived.columns,
            open_time,
            [rows.open[from], largest(&rows.high[from..to]), smallest(&rows.low[from..to]), rows.close[to - 1], volume],
        );
        from = to;
    }
    Ok(derived)
}

/// Makes candles of trades, exactly. An interval without a trade has no candle. The first and the last candle are
/// whole only if the trades are.
pub fn candles_from_trades(trades: TradeRows<'_>, interval: Interval) -> Result<CandleColumns> {
    let mut columns = CandleColumns::default();
    let mut from = 0;
    while from < trades.len() {
        let open_time = interval.open_of(Timestamp::from_nanos(trades.time[from]));
        let end = open_time.after(interval.span()).nanos();
        let to = from + trades.time[from..].partition_point(|at| *at < end);
        let prices = &trades.price[from..to];
        let quantities: Vec<i64> =
            trades.signed_quantity[from..to].iter().map(|signed| signed.saturating_abs()).collect();
        let volume = sum(&quantities, open_time)?;
        push(&mut columns, open_time, [prices[0], largest(prices), smallest(prices), prices[prices.len() - 1], volume]);
        from = to;
    }
    Ok(columns)
}

fn push(columns: &mut CandleColumns, open_time: Timestamp, [open, high, low, close, volume]: [i64; 5]) {
    let [open, high, low, close] = [open, high, low, close].map(Price::from_units);
    columns.push(&Candle { open_time, open, high, low, close, volume: Quantity::from_units(volume) });
}

fn largest(values: &[i64]) -> i64 {
    values.iter().copied().max().unwrap_or(i64::MIN)
}

fn smallest(values: &[i64]) -> i64 {
    values.iter().copied().min().unwrap_or(i64::MAX)
}

fn sum(values: &[i64], at: Timestamp) -> Result<i64> {
    values.iter().try_fold(0i64, |sum, value| sum.checked_add(*value)).ok_or_else(|| {
        Fault::failure(format!("the volume of the candle of {at} does not fit 64 bits"))
            .remedy("the source's volumes are unlikely to be right; run `tapeline data check`")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Span;

    const MINUTE: i64 = Span::MINUTE.nanos();

    fn minutes(list: &[(i64, i64)]) -> CandleColumns {
        let mut columns = CandleColumns::default();
        for (minute, price) in list {
            push(&mut columns, Timestamp::from_nanos(minute * MINUTE), [*price, price + 2, price - 2, price + 1, 10]);
        }
        columns
    }

    fn five() -> Interval {
        "5m".parse().unwrap()
    }

    #[test]
    fn a_whole_bucket_is_first_high_low_last_and_sum() {
        let finer = minutes(&[(0, 100), (1, 90), (2, 110), (3, 95), (4, 105)]);
        let derived = resample(finer.rows(), Interval::MINUTE, five(), Timestamp::MIN).unwrap();
        assert_eq!(derived.incomplete, Vec::<usize>::new());
        assert_eq!(derived.unclosed, 0);
        let columns = derived.columns;
        assert_eq!(
            (columns.open[0], columns.high[0], columns.low[0], columns.close[0], columns.volume[0]),
            (100, 112, 88, 106, 50)
        );
    }

    #[test]
    fn buckets_with_holes_and_at_the_beginning_are_flagged() {
        let finer =
            minutes(&[(3, 1), (4, 2), (5, 3), (6, 4), (8, 5), (9, 6), (10, 7), (11, 8), (12, 9), (13, 9), (14, 9)]);
        let derived = resample(finer.rows(), Interval::MINUTE, five(), Timestamp::MIN).unwrap();
        assert_eq!(*derived.columns.open_time, vec![0, 5 * MINUTE, 10 * MINUTE]);
        assert_eq!(derived.incomplete, vec![0, 1]);
    }

    #[test]
    fn a_bucket_is_not_published_before_its_close_is_known() {
        let finer = minutes(&[(0, 1), (1, 1), (2, 1), (3, 1), (4, 1), (5, 1), (6, 1)]);
        let early = resample(finer.rows(), Interval::MINUTE, five(), Timestamp::from_nanos(9 * MINUTE)).unwrap();
        assert_eq!((early.columns.len(), early.unclosed), (1, 2));
        let late = resample(finer.rows(), Interval::MINUTE, five(), Timestamp::from_nanos(10 * MINUTE)).unwrap();
        assert_eq!((late.columns.len(), late.unclosed, late.incomplete), (2, 0, vec![1]));
    }

    #[test]
    fn every_published_bucket_is_the_same_however_the_future_goes_on() {
        let rows: Vec<(i64, i64)> =
            (0..200).filter(|minute| minute % 7 != 3).map(|minute| (minute, 100 + minute * 13 % 17)).collect();
        let whole = resample(minutes(&rows).rows(), Interval::MINUTE, five(), Timestamp::MIN).unwrap();
        for cut in 1..rows.len() {
            let part = resample(minutes(&rows[..cut]).rows(), Interval::MINUTE, five(), Timestamp::MIN).unwrap();
            let count = part.columns.len();
            assert_eq!(part.columns.high, whole.columns.high[..count]);
            assert_eq!(part.columns.volume, whole.columns.volume[..count]);
        }
    }

    #[test]
    fn an_interval_that_is_no_multiple_is_refused() {
        let finer = minutes(&[(0, 1)]);
        let fault = resample(finer.rows(), "3m".parse().unwrap(), five(), Timestamp::MIN).unwrap_err();
        assert!(fault.to_string().contains("5m candles cannot be made of 3m"), "{fault}");
    }

    #[test]
    fn trades_make_candles_by_their_order_in_time() {
        let time = [10, 20, MINUTE - 1, MINUTE, 3 * MINUTE];
        let trades = TradeRows { time: &time, price: &[5, 9, 4, 7, 8], signed_quantity: &[1, -2, 3, -4, 5] };
        let candles = candles_from_trades(trades, Interval::MINUTE).unwrap();
        assert_eq!(*candles.open_time, vec![0, MINUTE, 3 * MINUTE]);
        assert_eq!((candles.open[0], candles.high[0], candles.low[0], candles.close[0]), (5, 9, 4, 4));
        assert_eq!(candles.volume, vec![6, 4, 5]);
    }
}
