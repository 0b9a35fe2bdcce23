//! Time as data: nanoseconds since 1970-01-01 UTC. Nothing here reads a clock.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// An instant, in nanoseconds since 1970-01-01T00:00:00 UTC. Range: years 1677 to 2262.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct Timestamp(i64);

/// A length of time in nanoseconds; may be negative.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span(i64);

impl Timestamp {
    /// The earliest instant.
    pub const MIN: Timestamp = Timestamp(i64::MIN);
    /// The latest instant, used as "never".
    pub const MAX: Timestamp = Timestamp(i64::MAX);

    /// From nanoseconds since the epoch.
    pub const fn from_nanos(nanos: i64) -> Self {
        Timestamp(nanos)
    }

    /// From milliseconds since the epoch; saturates outside the range.
    pub const fn from_millis(millis: i64) -> Self {
        Timestamp(millis.saturating_mul(1_000_000))
    }

    /// Nanoseconds since the epoch.
    pub const fn nanos(self) -> i64 {
        self.0
    }

    /// Whole milliseconds since the epoch, rounded towards the past.
    pub const fn millis(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }

    /// This instant plus `span`, saturating at the ends of the range.
    pub const fn after(self, span: Span) -> Self {
        Timestamp(self.0.saturating_add(span.0))
    }

    /// This instant minus `span`, saturating at the ends of the range.
    pub const fn before(self, span: Span) -> Self {
        Timestamp(self.0.saturating_sub(span.0))
    }

    /// The length from `earlier` to this instant (negative when this is the earlier one).
    pub const fn since(self, earlier: Timestamp) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }

    /// The latest multiple of `span` (counted from the epoch) at or before this instant.
    pub const fn floor(self, span: Span) -> Self {
        Timestamp(self.0 - self.0.rem_euclid(span.0))
    }

    /// The UTC midnight at or before this instant.
    pub const fn midnight(self) -> Self {
        self.floor(Span::DAY)
    }

    /// The calendar date in UTC, `YYYY-MM-DD`.
    pub fn date(self) -> String {
        self.to_string()[..10].to_owned()
    }
}

impl Span {
    /// No time at all.
    pub const ZERO: Span = Span(0);
    /// One second.
    pub const SECOND: Span = Span(1_000_000_000);
    /// One minute.
    pub const MINUTE: Span = Span(60 * Span::SECOND.0);
    /// One hour.
    pub const HOUR: Span = Span(60 * Span::MINUTE.0);
    /// One day of 24 hours; UTC has no other.
    pub const DAY: Span = Span(24 * Span::HOUR.0);

    /// From nanoseconds.
    pub const fn from_nanos(nanos: i64) -> Self {
        Span(nanos)
    }

    /// From milliseconds; saturates.
    pub const fn from_millis(millis: i64) -> Self {
        Span(millis.saturating_mul(1_000_000))
    }

    /// Nanoseconds.
    pub const fn nanos(self) -> i64 {
        self.0
    }

    /// Whole milliseconds, rounded towards zero.
    pub const fn millis(self) -> i64 {
        self.0 / 1_000_000
    }

    /// `count` times this span, saturating.
    pub const fn times(self, count: i64) -> Self {
        Span(self.0.saturating_mul(count))
    }

    /// Days as a real number, for statistics.
    pub fn days(self) -> f64 {
        self.0 as f64 / Span::DAY.0 as f64
    }
}

impl fmt::Display for Timestamp {
    /// ISO 8601 in UTC: `2024-07-26T14:15:00Z`, with as many fractional digits as needed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_nanosecond(i128::from(self.0)) {
            Ok(time) => write!(f, "{time}"),
            Err(_) => write!(f, "{} ns since 1970", self.0),
        }
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Debug for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ns", self.0)
    }
}

/// Text that is no instant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not a time; write 2024-07-26, 20240726, 2024-07-26T14:15:00Z or milliseconds since 1970")]
pub struct TimeError(pub String);

impl FromStr for Timestamp {
    type Err = TimeError;

    /// Reads ISO 8601 (UTC unless an offset is given), `YYYYMMDD`, or a bare integer since 1970 whose unit is told by
    /// its magnitude: at least 1e17 nanoseconds, 1e14 microseconds, 1e11 milliseconds, below that seconds.
    fn from_str(text: &str) -> Result<Self, TimeError> {
        let text = text.trim();
        let wrong = || TimeError(text.to_owned());
        let digits = text.strip_prefix('-').unwrap_or(text);
        if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) {
            if text.len() == 8 {
                let date = format!("{}-{}-{}", &text[..4], &text[4..6], &text[6..]);
                return from_civil(&date).ok_or_else(wrong);
            }
            let number: i64 = text.parse().map_err(|_| wrong())?;
            return Timestamp::from_magnitude(number).ok_or_else(wrong);
        }
        if let Ok(time) = text.parse::<jiff::Timestamp>() {
            return i64::try_from(time.as_nanosecond()).map(Timestamp).map_err(|_| wrong());
        }
        from_civil(text).ok_or_else(wrong)
    }
}

impl Timestamp {
    /// An instant from a bare integer whose unit is told by its magnitude (see [`FromStr`]); none when out of range.
    pub fn from_magnitude(number: i64) -> Option<Self> {
        let nanos_per_unit = match number.unsigned_abs() {
            100_000_000_000_000_000.. => 1,
            100_000_000_000_000.. => 1_000,
            100_000_000_000.. => 1_000_000,
            _ => 1_000_000_000,
        };
        number.checked_mul(nanos_per_unit).map(Timestamp)
    }
}

fn from_civil(text: &str) -> Option<Timestamp> {
    let civil = match text.parse::<jiff::civil::DateTime>() {
        Ok(civil) => civil,
        Err(_) => text.parse::<jiff::civil::Date>().ok()?.at(0, 0, 0, 0),
    };
    let time = civil.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp();
    i64::try_from(time.as_nanosecond()).ok().map(Timestamp)
}

/// The length of a candle. Every interval divides a day or is a whole number of days, so that candles align to UTC.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Interval(Span);

impl Interval {
    /// One minute, the finest candle most archives offer.
    pub const MINUTE: Interval = Interval(Span::MINUTE);
    /// One hour.
    pub const HOUR: Interval = Interval(Span::HOUR);
    /// One day.
    pub const DAY: Interval = Interval(Span::DAY);

    /// An interval of this length, if it divides a day into whole parts or is 1 to 7 whole days.
    pub const fn new(length: Span) -> Option<Self> {
        let nanos = length.0;
        if nanos < Span::SECOND.0 {
            return None;
        }
        let divides = Span::DAY.0 % nanos == 0;
        let whole_days = nanos % Span::DAY.0 == 0 && nanos <= 7 * Span::DAY.0;
        if divides || whole_days { Some(Interval(length)) } else { None }
    }

    /// The length of one candle.
    pub const fn span(self) -> Span {
        self.0
    }

    /// The start of the candle that contains `time`. Weeks start on Monday, all else counts from the epoch.
    pub const fn open_of(self, time: Timestamp) -> Timestamp {
        // 1970-01-01 was a Thursday: shift by three days so that seven-day candles open on Mondays.
        let shift = if self.0.0 == 7 * Span::DAY.0 { 3 * Span::DAY.0 } else { 0 };
        Timestamp(time.0 - (time.0 + shift).rem_euclid(self.0.0))
    }

    /// Whether a candle may open at `time`.
    pub const fn opens_at(self, time: Timestamp) -> bool {
        self.open_of(time).0 == time.0
    }

    /// Whether each candle of this interval is made of whole candles of `finer`.
    pub const fn is_made_of(self, finer: Interval) -> bool {
        self.0.0 > finer.0.0 && self.0.0 % finer.0.0 == 0
    }
}

/// Text that is no interval.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "'{0}' is not a candle interval; write a number and a unit such as 1m, 15m, 1h, 4h, 1d or 1w, dividing a day evenly"
)]
pub struct IntervalError(pub String);

impl FromStr for Interval {
    type Err = IntervalError;

    fn from_str(text: &str) -> Result<Self, IntervalError> {
        let wrong = || IntervalError(text.to_owned());
        let unit_at = text.find(|c: char| !c.is_ascii_digit()).ok_or_else(wrong)?;
        let count: i64 = text[..unit_at].parse().map_err(|_| wrong())?;
        let unit = match &text[unit_at..] {
            "s" => Span::SECOND,
            "m" => Span::MINUTE,
            "h" => Span::HOUR,
            "d" => Span::DAY,
            "w" => Span::DAY.times(7),
            _ => return Err(wrong()),
        };
        Interval::new(unit.times(count)).ok_or_else(wrong)
    }
}

impl fmt::Display for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nanos = self.0.0;
        for (unit, suffix) in [(Span::DAY.times(7), "w"), (Span::DAY, "d"), (Span::HOUR, "h"), (Span::MINUTE, "m")] {
            if nanos % unit.0 == 0 {
                return write!(f, "{}{suffix}", nanos / unit.0);
            }
        }
        write!(f, "{}s", nanos / Span::SECOND.0)
    }
}

impl fmt::Debug for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_read_in_every_documented_form() {
        let expected = Timestamp::from_millis(1_722_003_300_000);
        for text in [
            "2024-07-26T14:15:00Z",
            "2024-07-26T14:15:00",
            "2024-07-26 14:15:00",
            "2024-07-26T16:15:00+02:00",
            "1722003300",
            "1722003300000",
            "1722003300000000",
            "1722003300000000000",
        ] {
            assert_eq!(text.parse(), Ok(expected), "{text}");
        }
        assert_eq!("20240726".parse(), Ok(expected.midnight()));
        assert_eq!("2024-07-26".parse(), Ok(expected.midnight()));
        for text in ["", "yesterday", "2024-13-01", "99999999999999999999"] {
            assert!(text.parse::<Timestamp>().is_err(), "{text}");
        }
    }

    #[test]
    fn an_interval_reads_as_it_is_written_and_aligns_to_utc() {
        for text in ["1s", "1m", "15m", "1h", "4h", "1d", "1w"] {
            assert_eq!(text.parse::<Interval>().unwrap().to_string(), text);
        }
        for text in ["7m", "0m", "m", "1x", "25h", "8d", "-1m"] {
            assert!(text.parse::<Interval>().is_err(), "{text}");
        }
        let monday: Timestamp = "2024-07-22".parse().unwrap();
        let week: Interval = "1w".parse().unwrap();
        assert_eq!(week.open_of("2024-07-26T14:15:00Z".parse().unwrap()), monday);
    }
}
