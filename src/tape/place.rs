//! Where a series lies in the store: `candles/<venue>/<symbol>/<interval>/<period>.parquet`,
//! `trades/<venue>/<symbol>/<period>.parquet` and `quotes/<venue>/<symbol>/<period>.parquet`. Names only; nothing here opens a file.

use crate::domain::{Interval, Span, Timestamp};
use crate::error::{Fault, Result};
use std::fmt;
use std::path::{Path, PathBuf};

/// What the rows of a series are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SeriesKind {
    /// Candles of one interval.
    Candles(Interval),
    /// Single trades.
    Trades,
    /// Best bid and ask.
    Quotes,
}

impl SeriesKind {
    /// The length of its candles; none where its rows are none.
    pub fn interval(self) -> Option<Interval> {
        match self {
            SeriesKind::Candles(interval) => Some(interval),
            SeriesKind::Trades | SeriesKind::Quotes => None,
        }
    }

    /// What its files call the time of a row.
    pub fn time_name(self) -> &'static str {
        match self {
            SeriesKind::Candles(_) => "open_time",
            SeriesKind::Trades | SeriesKind::Quotes => "time",
        }
    }

    /// What its rows are, in one word.
    pub fn word(self) -> &'static str {
        match self {
            SeriesKind::Candles(_) => "candles",
            SeriesKind::Trades => "trades",
            SeriesKind::Quotes => "quotes",
        }
    }
}

/// The name of one series in the store.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SeriesKey {
    venue: String,
    symbol: String,
    kind: SeriesKind,
}

/// The calendar span that one file of the store covers: a month below one hour and for trades and quotes, else a
/// year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Period {
    year: i16,
    month: Option<i8>,
}

impl SeriesKey {
    /// A key, if both names can safely be folder names.
    pub fn new(venue: &str, symbol: &str, kind: SeriesKind) -> Result<Self> {
        check_name("venue", venue)?;
        check_name("symbol", symbol)?;
        Ok(SeriesKey { venue: venue.to_owned(), symbol: symbol.to_owned(), kind })
    }

    /// Reads `venue/symbol/interval`, `venue/symbol/trades` or `venue/symbol/quotes`.
    pub fn parse(text: &str) -> Result<Self> {
        let parts: Vec<&str> = text.split('/').collect();
        let [venue, symbol, kind] = parts[..] else {
            return Err(Fault::user(format!("'{text}' does not name a series"))
                .remedy("write VENUE/SYMBOL/INTERVAL, VENUE/SYMBOL/trades or VENUE/SYMBOL/quotes, as `tapeline data list` prints them"));
        };
        let kind = match kind {
            "trades" => SeriesKind::Trades,
            "quotes" => SeriesKind::Quotes,
            _ => SeriesKind::Candles(kind.parse().map_err(|error| Fault::user(format!("series '{text}': {error}")))?),
        };
        SeriesKey::new(venue, symbol, kind)
    }

    /// The venue and product, such as `binance-spot`.
    pub fn venue(&self) -> &str {
        &self.venue
    }

    /// The venue's name of the instrument.
    pub fn symbol(&self) -> &str {
        &self.symbol
    }

    /// What its rows are.
    pub fn kind(&self) -> SeriesKind {
        self.kind
    }

    /// The interval as text, `trades` or `quotes`.
    pub fn kind_name(&self) -> String {
        match self.kind {
            SeriesKind::Candles(interval) => interval.to_string(),
            SeriesKind::Trades | SeriesKind::Quotes => self.kind.word().to_owned(),
        }
    }

    /// The folder of the series under the store's root.
    pub fn folder(&self, root: &Path) -> PathBuf {
        let symbol = root.join(self.kind.word()).join(&self.venue).join(&self.symbol);
        match self.kind {
            SeriesKind::Candles(interval) => symbol.join(interval.to_string()),
            SeriesKind::Trades | SeriesKind::Quotes => symbol,
        }
    }

    /// The period whose file holds a row of this time.
    pub fn period_of(&self, time: Timestamp) -> Period {
        let date = civil(time);
        let yearly = match self.kind {
            SeriesKind::Candles(interval) => interval.span() >= Span::HOUR,
            SeriesKind::Trades | SeriesKind::Quotes => false,
        };
        Period { year: date.year(), month: if yearly { None } else { Some(date.month()) } }
    }
}

impl fmt::Display for SeriesKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.venue, self.symbol, self.kind_name())
    }
}

impl Period {
    /// The first instant after the period.
    pub fn end(self) -> Timestamp {
        let next = match self.month {
            None => (self.year + 1, 1),
            Some(12) => (self.year + 1, 1),
            Some(month) => (self.year, month + 1),
        };
        let end = jiff::civil::Date::new(next.0, next.1, 1)
            .ok()
            .and_then(|date| date.to_zoned(jiff::tz::TimeZone::UTC).ok())
            .and_then(|zoned| i64::try_from(zoned.timestamp().as_nanosecond()).ok());
        end.map_or(Timestamp::MAX, Timestamp::from_nanos)
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.month {
            Some(month) => write!(f, "{:04}-{month:02}", self.year),
            None => write!(f, "{:04}", self.year),
        }
    }
}

fn civil(time: Timestamp) -> jiff::civil::Date {
    let time = jiff::Timestamp::from_nanosecond(i128::from(time.nanos())).expect("64-bit nanoseconds are in range");
    time.to_zoned(jiff::tz::TimeZone::UTC).date()
}

fn check_name(what: &str, name: &str) -> Result<()> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if !name.is_empty() && name.len() <= 64 && !name.starts_with('.') && name.chars().all(allowed) {
        return Ok(());
    }
    Err(Fault::user(format!("{what} '{name}' cannot be a folder name of the store"))
        .remedy("use letters, digits, '-', '_' and '.', at most 64 of them, such as binance-spot and BTCUSDT"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_series_name_reads_as_it_is_written_and_leads_to_its_folder() {
        for (text, folder) in [
            ("binance-spot/BTCUSDT/1m", "data/candles/binance-spot/BTCUSDT/1m"),
            ("bitfinex-spot/BTCUSD/trades", "data/trades/bitfinex-spot/BTCUSD"),
        ] {
            let key = SeriesKey::parse(text).unwrap();
            assert_eq!(key.to_string(), text);
            assert_eq!(key.folder(Path::new("data")), Path::new(folder));
        }
        for text in ["BTCUSDT", "a/b/c/d", "../x/1m", "binance/BTC USDT/1m", "binance/BTCUSDT/7m", "/BTC/1m"] {
            assert!(SeriesKey::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_period_is_a_month_below_one_hour_and_a_year_from_there() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let minutes = SeriesKey::parse("v/S/1m").unwrap();
        let hours = SeriesKey::parse("v/S/1h").unwrap();
        let period = minutes.period_of(at("2024-12-31T23:59:00Z"));
        assert_eq!(period.to_string(), "2024-12");
        assert_eq!(period.end(), at("2025-01-01"));
        assert_eq!(minutes.period_of(at("2024-07-01")).end(), at("2024-08-01"));
        assert_eq!(hours.period_of(at("2024-07-26")).to_string(), "2024");
        assert_eq!(hours.period_of(at("2024-07-26")).end(), at("2025-01-01"));
    }
}
