//! Another future behind a cut: what had closed and what was known by then stays as it was.

use crate::catalog::Stage;
use crate::chance::Chance;
use crate::domain::{
    CandleColumns, InstrumentId, Interval, OutsideSeries, QuoteColumns, Span, Timestamp, TradeColumns,
};
use crate::engine::DetailColumns;
use crate::scenario::InstrumentPlan;
use std::sync::Arc;

/// What lies behind the cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Future {
    /// Nothing: the data end.
    Truncated,
    /// Other candles: prices and volumes that never were.
    Poisoned,
    /// The same candles, later.
    Shifted,
}

/// How far a future that does not end at the cut goes on: far enough for what is open to react.
const ROWS_AFTER: usize = 500;

impl Future {
    /// All of them.
    pub const ALL: [Future; 3] = [Future::Truncated, Future::Poisoned, Future::Shifted];

    /// In a word.
    pub fn name(self) -> &'static str {
        match self {
            Future::Truncated => "truncated",
            Future::Poisoned => "poisoned",
            Future::Shifted => "shifted",
        }
    }

    /// Until when, at the latest at `cut`, this future shows which candles are over. Where the data end within an outage
    /// of an instrument, they do not say whether its coarser candle is: a decision may be missing that is no leak.
    pub(super) fn shows_until(self, stage: &Stage, cut: Timestamp) -> Timestamp {
        let last_close = |(index, plan): (usize, &InstrumentPlan)| {
            let (span, opens) = (plan.interval.span(), &stage.candles(InstrumentId(index as u16)).open_time);
            let known = opens.partition_point(|open| *open <= cut.before(span).nanos());
            // Before its first candle and behind its last one, nothing of it is cut off.
            let is_cut_off = known > 0 && known < opens.len();
            if is_cut_off { Timestamp::from_nanos(opens[known - 1]).after(span) } else { cut }
        };
        match self {
            Future::Truncated => stage.plan.instruments.iter().enumerate().map(last_close).min().unwrap_or(cut),
            Future::Poisoned | Future::Shifted => cut,
        }
    }

    /// The stage as it was known at `cut`, with this future behind it, drawn from `chance`.
    pub(super) fn of(self, stage: &Stage, cut: Timestamp, chance: &mut Chance) -> Stage {
        let salt = 2 + chance.below(8) as i64;
        let candles = |interval: Interval, columns: &CandleColumns| {
            // A candle is known when it has closed.
            let known = columns.open_time.partition_point(|open| *open <= cut.before(interval.span()).nanos());
            self.candles(columns, known, interval.span(), salt)
        };
        stage
            .with_candles(|_, interval, columns| candles(interval, columns))
            .with_ticks(|trades, quotes| {
                self.trades(trades, cut, salt);
                self.quotes(quotes, cut, salt);
            })
            .with_details(|detail| match detail {
                DetailColumns::Candles(interval, columns) => *columns = Arc::new(candles(*interval, columns)),
                DetailColumns::Trades(columns) => self.trades(Arc::make_mut(columns), cut, salt),
            })
            .with_outside(|series| self.outside(series, cut, salt as f64))
    }

    fn candles(self, columns: &CandleColumns, known: usize, span: Span, salt: i64) -> CandleColumns {
        let until = match self {
            Future::Truncated => known,
            Future::Poisoned | Future::Shifted => columns.len().min(known + ROWS_AFTER),
        };
        let mut changed = columns.slice(0, until).to_columns();
        match self {
            Future::Truncated => {}
            Future::Poisoned => {
                for row in known..until {
                    let turn = if (row as i64 * salt) % 3 == 0 { salt } else { 1 };
                    for column in [&mut changed.open, &mut changed.high, &mut changed.low, &mut changed.close] {
                        // All four prices in the same way: it stays a candle.
                        column[row] = column[row].saturating_mul(turn).saturating_add(salt);
                    }
                    changed.volume[row] = changed.volume[row].saturating_mul(salt) % 1_000_003;
                }
            }
            Future::Shifted => delay(&mut changed.open_time_mut()[known..], span.times(salt)),
        }
        changed
    }

    /// What trades at the instant of the cut comes before the decision there.
    fn trades(self, trades: &mut TradeColumns, cut: Timestamp, salt: i64) {
        let known = trades.time.partition_point(|time| *time <= cut.nanos());
        match self {
            Future::Truncated => *trades = trades.slice(0, known).to_columns(),
            Future::Poisoned => spoil(&mut trades.price[known..], &mut trades.signed_quantity[known..], salt),
            Future::Shifted => delay(&mut trades.time[known..], Span::MINUTE.times(salt)),
        }
    }

    fn quotes(self, quotes: &mut QuoteColumns, cut: Timestamp, salt: i64) {
        let known = quotes.time.partition_point(|time| *time <= cut.nanos());
        match self {
            Future::Truncated => *quotes = quotes.slice(0, known).to_columns(),
            Future::Poisoned => {
                spoil(&mut quotes.bid[known..], &mut quotes.bid_quantity[known..], salt);
                quotes.ask[known..].iter_mut().zip(&quotes.bid[known..]).for_each(|(ask, bid)| *ask = bid + salt);
            }
            Future::Shifted => delay(&mut quotes.time[known..], Span::MINUTE.times(salt)),
        }
    }

    /// What becomes available exactly at the cut is known to the decision there.
    fn outside(self, series: &OutsideSeries, cut: Timestamp, salt: f64) -> OutsideSeries {
        let rows = series.available_at().iter().copied().zip(series.values().iter().copied());
        let rows = rows.filter_map(|(at, value)| match (self, at > cut) {
            (_, false) => Some((at, value)),
            (Future::Truncated, true) => None,
            (Future::Poisoned, true) => Some((at, Some(salt - value.unwrap_or(0.5) * salt))),
            (Future::Shifted, true) => Some((at.after(Span::MINUTE.times(salt as i64)), value)),
        });
        let (times, values) = rows.unzip();
        OutsideSeries::new(times, values).expect("the rows still ascend, and their values are finite")
    }
}

fn delay(times: &mut [i64], by: Span) {
    times.iter_mut().for_each(|time| *time = Timestamp::from_nanos(*time).after(by).nanos());
}

/// Other prices and sizes, which keep their signs.
fn spoil(prices: &mut [i64], sizes: &mut [i64], salt: i64) {
    for (row, (price, size)) in prices.iter_mut().zip(sizes).enumerate() {
        let turn = if (row as i64 * salt) % 3 == 0 { salt } else { 1 };
        *price = price.saturating_mul(turn).saturating_add(salt);
        *size = size.saturating_mul(salt) % 1_000_003 + size.signum();
    }
}
