//! Candles of every interval the exchange offers, derived from trades. The last one is still forming.

use super::Print;
use crate::domain::{Side, Span, Timestamp};
use std::collections::VecDeque;

/// Candles kept per interval; the oldest are forgotten.
const KEPT: usize = 10_000;

/// An interval by the exchange's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BarInterval {
    /// The name, such as `1m`.
    pub name: &'static str,
    length: Length,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Length {
    Fixed(i64),
    Month,
}

const fn fixed(name: &'static str, seconds: i64) -> BarInterval {
    BarInterval { name, length: Length::Fixed(seconds) }
}

/// Every interval, from the finest on.
pub const INTERVALS: [BarInterval; 16] = [
    fixed("1s", 1),
    fixed("1m", 60),
    fixed("3m", 180),
    fixed("5m", 300),
    fixed("15m", 900),
    fixed("30m", 1_800),
    fixed("1h", 3_600),
    fixed("2h", 7_200),
    fixed("4h", 14_400),
    fixed("6h", 21_600),
    fixed("8h", 28_800),
    fixed("12h", 43_200),
    fixed("1d", 86_400),
    fixed("3d", 259_200),
    fixed("1w", 604_800),
    BarInterval { name: "1M", length: Length::Month },
];

/// The place of an interval in [`INTERVALS`] by its name.
pub fn interval_named(name: &str) -> Option<usize> {
    INTERVALS.iter().position(|interval| interval.name == name)
}

impl BarInterval {
    /// The start of the candle that holds `time`. Weeks start on Monday, months on their first day, all in UTC.
    pub fn open_of(self, time: Timestamp) -> Timestamp {
        match self.length {
            Length::Fixed(seconds) => {
                let span = Span::SECOND.times(seconds);
                // 1970-01-01 was a Thursday: Mondays lie three days off the weeks counted from it.
                let shift = if seconds == 604_800 { Span::DAY.times(3) } else { Span::ZERO };
                time.after(shift).floor(span).before(shift)
            }
            Length::Month => month_of(time, 0),
        }
    }

    /// The start of the candle after the one that holds `time`.
    pub fn next_open(self, time: Timestamp) -> Timestamp {
        match self.length {
            Length::Fixed(seconds) => self.open_of(time).after(Span::SECOND.times(seconds)),
            Length::Month => month_of(time, 1),
        }
    }
}

/// The first instant of the month that holds `time`, or of one so many months later.
fn month_of(time: Timestamp, later: i32) -> Timestamp {
    let date = jiff::Timestamp::from_millisecond(time.millis()).map(|time| time.to_zoned(jiff::tz::TimeZone::UTC));
    let first = date.ok().map(|date| date.date().first_of_month());
    let moved = first.and_then(|first| first.checked_add(jiff::Span::new().months(later)).ok());
    let start = moved.and_then(|first| first.to_zoned(jiff::tz::TimeZone::UTC).ok());
    start.map_or(time, |start| Timestamp::from_millis(start.timestamp().as_millisecond()))
}

/// One candle in units. Quote volumes are in price units times quantity units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bar {
    /// Its start.
    pub open_time: Timestamp,
    /// First price.
    pub open: i64,
    /// Highest price.
    pub high: i64,
    /// Lowest price.
    pub low: i64,
    /// Last price.
    pub close: i64,
    /// Base quantity.
    pub volume: i64,
    /// Quote quantity.
    pub quote_volume: i128,
    /// Number of trades.
    pub trades: i64,
    /// Base quantity bought by takers.
    pub taker_volume: i64,
    /// Quote quantity spent by buying takers.
    pub taker_quote_volume: i128,
    /// Number of the first trade, −1 without trades.
    pub first_id: i64,
    /// Number of the last trade, −1 without trades.
    pub last_id: i64,
}

impl Bar {
    /// A candle in which nothing has traded since a price of `last`.
    pub fn quiet(open_time: Timestamp, last: i64) -> Self {
        Bar {
            open_time,
            open: last,
            high: last,
            low: last,
            close: last,
            volume: 0,
            quote_volume: 0,
            trades: 0,
            taker_volume: 0,
            taker_quote_volume: 0,
            first_id: -1,
            last_id: -1,
        }
    }

    /// Takes a trade in.
    pub fn add(&mut self, print: &Print) {
        let (price, quantity) = (print.price.units(), print.quantity.units());
        if self.trades == 0 {
            (self.open, self.high, self.low, self.first_id) = (price, price, price, print.id);
        }
        self.high = self.high.max(price);
        self.low = self.low.min(price);
        self.close = price;
        self.volume = self.volume.saturating_add(quantity);
        let quote = i128::from(price) * i128::from(quantity);
        self.quote_volume += quote;
        self.trades += 1;
        self.last_id = print.id;
        if print.taker == Side::Buy {
            self.taker_volume = self.taker_volume.saturating_add(quantity);
            self.taker_quote_volume += quote;
        }
    }

    /// Takes a later candle in.
    pub fn join(&mut self, later: &Bar) {
        if later.trades == 0 {
            return;
        }
        if self.trades == 0 {
            *self = Bar { open_time: self.open_time, ..*later };
            return;
        }
        self.high = self.high.max(later.high);
        self.low = self.low.min(later.low);
        self.close = later.close;
        self.volume = self.volume.saturating_add(later.volume);
        self.quote_volume += later.quote_volume;
        self.trades += later.trades;
        self.last_id = later.last_id;
        self.taker_volume = self.taker_volume.saturating_add(later.taker_volume);
        self.taker_quote_volume += later.taker_quote_volume;
    }
}

/// Candles of one symbol at every interval.
#[derive(Clone, Debug)]
pub struct Bars {
    rows: Vec<VecDeque<Bar>>,
}

impl Default for Bars {
    fn default() -> Self {
        Bars { rows: vec![VecDeque::new(); INTERVALS.len()] }
    }
}

impl Bars {
    /// Candles of an interval, the forming one last.
    pub fn of(&self, interval: usize) -> &VecDeque<Bar> {
        &self.rows[interval]
    }

    /// Takes a trade in.
    pub fn add(&mut self, print: &Print) {
        for (interval, rows) in INTERVALS.iter().zip(&mut self.rows) {
            if rows.is_empty() {
                rows.push_back(Bar::quiet(interval.open_of(print.time), print.price.units()));
            }
            roll(*interval, rows, print.time);
            rows.back_mut().expect("there is a forming candle").add(print);
        }
    }

    /// Begins the candles that hold `now`; those without a trade between are flat. Nothing begins before the first trade.
    pub fn roll(&mut self, now: Timestamp) {
        for (interval, rows) in INTERVALS.iter().zip(&mut self.rows) {
            roll(*interval, rows, now);
        }
    }
}

fn roll(interval: BarInterval, rows: &mut VecDeque<Bar>, now: Timestamp) {
    let Some(last) = rows.back().copied() else { return };
    let mut open = interval.next_open(last.open_time);
    if let Length::Fixed(seconds) = interval.length {
        // Of a long silence only what is kept is written.
        let kept = Span::SECOND.times(seconds).times(KEPT as i64);
        open = open.max(interval.open_of(now.before(kept)));
    }
    while open <= now {
        rows.push_back(Bar::quiet(open, last.close));
        open = interval.next_open(open);
    }
    let over = rows.len().saturating_sub(KEPT);
    rows.drain(..over);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Price, Quantity};

    fn time(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn print(id: i64, at: &str, price: i64, quantity: i64, taker: Side) -> Print {
        Print { id, time: time(at), price: Price::from_units(price), quantity: Quantity::from_units(quantity), taker }
    }

    #[test]
    fn every_interval_opens_where_the_exchange_opens_it() {
        let at = time("2024-02-29T14:47:31Z");
        let opens: Vec<String> = INTERVALS.iter().map(|interval| interval.open_of(at).to_string()).collect();
        let expected = [
            "02-29T14:47:31",
            "02-29T14:47:00",
            "02-29T14:45:00",
            "02-29T14:45:00",
            "02-29T14:45:00",
            "02-29T14:30:00",
            "02-29T14:00:00",
            "02-29T14:00:00",
            "02-29T12:00:00",
            "02-29T12:00:00",
            "02-29T08:00:00",
            "02-29T12:00:00",
            "02-29T00:00:00",
            "02-29T00:00:00",
            "02-26T00:00:00",
            "02-01T00:00:00",
        ];
        assert_eq!(opens, expected.map(|open| format!("2024-{open}Z")));
        let month = INTERVALS[interval_named("1M").unwrap()];
        assert_eq!(month.next_open(at), time("2024-03-01"));
    }

    #[test]
    fn candles_are_the_sums_of_their_trades_and_flat_where_there_was_none() {
        let mut bars = Bars::default();
        bars.add(&print(1, "2024-01-01T00:00:10Z", 100, 5, Side::Buy));
        bars.add(&print(2, "2024-01-01T00:00:20Z", 90, 3, Side::Sell));
        bars.add(&print(3, "2024-01-01T00:03:00Z", 95, 2, Side::Buy));
        bars.roll(time("2024-01-01T00:04:30Z"));
        let minute = bars.of(interval_named("1m").unwrap());
        assert_eq!(minute.len(), 5);
        let first = minute[0];
        assert_eq!((first.open, first.high, first.low, first.close, first.volume), (100, 100, 90, 90, 8));
        assert_eq!((first.quote_volume, first.trades, first.taker_volume, first.taker_quote_volume), (770, 2, 5, 500));
        assert_eq!(minute[1], Bar::quiet(time("2024-01-01T00:01:00Z"), 90));
        assert_eq!((minute[3].open, minute[3].first_id, minute[3].last_id), (95, 3, 3));
        assert_eq!(minute[4], Bar::quiet(time("2024-01-01T00:04:00Z"), 95));
        let five = bars.of(interval_named("5m").unwrap())[0];
        let mut joined = minute[0];
        minute.iter().skip(1).for_each(|bar| joined.join(bar));
        assert_eq!(five, joined);
    }
}
