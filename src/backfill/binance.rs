//! Binance: where its archive keeps candles, what its REST interface is asked and what it answers. Text in, text out.

use super::calendar::start;
use crate::domain::{Interval, Span, Timestamp};
use crate::error::{Fault, Result};
use jiff::civil::Date;
use serde_json::Value;

/// A product of the exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Product {
    /// Spot.
    Spot,
    /// Futures margined in USDT or USDC.
    Usdm,
}

/// Where the servers are, without a slash at the end.
#[derive(Clone, Debug)]
pub struct Addresses {
    /// The archive of files.
    pub archive: String,
    /// The REST interface.
    pub rest: String,
}

/// What the exchange calls the candles that are wanted.
#[derive(Clone, Debug)]
pub(super) struct Candles {
    pub product: Product,
    pub symbol: String,
    pub interval: Interval,
}

/// A row of an answer to the question for candles.
pub(super) struct Row {
    pub open_time: Timestamp,
    pub close_time: Timestamp,
    /// The row as a line of the archive's CSV.
    pub line: String,
}

/// The intervals that the archive has by the day.
const INTERVALS: [&str; 13] = ["1s", "1m", "3m", "5m", "15m", "30m", "1h", "2h", "4h", "6h", "8h", "12h", "1d"];

impl Product {
    /// The venue name that the store files it under.
    pub fn venue(self) -> &'static str {
        match self {
            Product::Spot => "binance-spot",
            Product::Usdm => "binance-usdm",
        }
    }

    /// The servers of the exchange itself. Spot candles come from its server for public data alone.
    pub fn addresses(self) -> Addresses {
        let rest = match self {
            Product::Spot => "https://data-api.binance.vision",
            Product::Usdm => "https://fapi.binance.com",
        };
        Addresses { archive: "https://data.binance.vision".to_owned(), rest: rest.to_owned() }
    }

    /// Request weight that may be used in a minute.
    pub(super) fn weight_limit(self) -> u64 {
        match self {
            Product::Spot => 6_000,
            Product::Usdm => 2_400,
        }
    }

    /// Rows of one answer: on futures the most that still weigh least.
    fn rows_of_answer(self) -> usize {
        match self {
            Product::Spot => 1_000,
            Product::Usdm => 499,
        }
    }

    fn archive_folder(self) -> &'static str {
        match self {
            Product::Spot => "spot",
            Product::Usdm => "futures/um",
        }
    }

    fn rest_folder(self) -> &'static str {
        match self {
            Product::Spot => "api/v3",
            Product::Usdm => "fapi/v1",
        }
    }
}

impl Candles {
    /// # Errors
    /// When the exchange has no such candles.
    pub fn new(product: Product, symbol: &str, interval: Interval) -> Result<Self> {
        let symbol = symbol.to_ascii_uppercase();
        let sound = |letter: char| letter.is_ascii_uppercase() || letter.is_ascii_digit() || letter == '_';
        if symbol.is_empty() || symbol.len() > 40 || !symbol.chars().all(sound) {
            return Err(Fault::user(format!("'{symbol}' is no symbol of Binance"))
                .remedy("write it as the exchange does, without a separator: BTCUSDT"));
        }
        let known = INTERVALS.contains(&interval.to_string().as_str());
        if !known || (product == Product::Usdm && interval.span() < Span::MINUTE) {
            return Err(Fault::user(format!("Binance's archive has no {interval} candles by the day")).remedy(
                "choose 1m, 3m, 5m, 15m, 30m, 1h, 2h, 4h, 6h, 8h, 12h or 1d, and derive others by `data resample`",
            ));
        }
        Ok(Candles { product, symbol, interval })
    }

    /// The archive's name of a month's file.
    pub fn month_name(&self, month: Date) -> String {
        format!("{}-{}-{:04}-{:02}", self.symbol, self.interval, month.year(), month.month())
    }

    /// The archive's name of a day's file.
    pub fn day_name(&self, day: Date) -> String {
        format!("{}-{}-{day}", self.symbol, self.interval)
    }

    /// Where the archive keeps a month.
    pub fn month_url(&self, at: &Addresses, month: Date) -> String {
        self.url(at, "monthly", &self.month_name(month))
    }

    /// Where the archive keeps a day.
    pub fn day_url(&self, at: &Addresses, day: Date) -> String {
        self.url(at, "daily", &self.day_name(day))
    }

    fn url(&self, at: &Addresses, step: &str, name: &str) -> String {
        let (folder, symbol, interval) = (self.product.archive_folder(), &self.symbol, self.interval);
        format!("{}/data/{folder}/{step}/klines/{symbol}/{interval}/{name}.zip", at.archive)
    }

    /// The question for the candles that open at or after `from` and on this day.
    pub fn rows_url(&self, at: &Addresses, from: Timestamp, day: Date) -> String {
        let last = start(super::calendar::next_day(day)).millis() - 1;
        format!(
            "{}/{}/klines?symbol={}&interval={}&startTime={}&endTime={last}&limit={}",
            at.rest,
            self.product.rest_folder(),
            self.symbol,
            self.interval,
            from.millis(),
            self.product.rows_of_answer()
        )
    }

    /// The question for the first candle that there ever was.
    pub fn first_url(&self, at: &Addresses) -> String {
        let (folder, symbol, interval) = (self.product.rest_folder(), &self.symbol, self.interval);
        format!("{}/{folder}/klines?symbol={symbol}&interval={interval}&startTime=0&limit=1", at.rest)
    }

    /// The question for the server's time.
    pub fn time_url(&self, at: &Addresses) -> String {
        format!("{}/{}/time", at.rest, self.product.rest_folder())
    }
}

/// Reads an answer with candles.
pub(super) fn rows(text: &[u8]) -> Result<Vec<Row>> {
    let strange = |what: &str| Fault::failure(format!("{what}: {}", excerpt(text))).remedy("try again later");
    let rows: Vec<Vec<Value>> =
        serde_json::from_slice(text).map_err(|_| strange("the answer is no list of candles"))?;
    let row = |cells: Vec<Value>| {
        let time = |index: usize| cells.get(index).and_then(Value::as_i64).and_then(Timestamp::from_magnitude);
        let words: Option<Vec<String>> = cells.iter().map(word).collect();
        match (time(0), time(6), words) {
            (Some(open_time), Some(close_time), Some(words)) if words.len() == 12 => {
                Ok(Row { open_time, close_time, line: words.join(",") })
            }
            _ => Err(strange("the answer holds a row that is no candle")),
        }
    };
    rows.into_iter().map(row).collect()
}

/// A cell as the archive writes it. A text that would break the line is none.
fn word(cell: &Value) -> Option<String> {
    match cell {
        Value::Number(number) => Some(number.to_string()),
        Value::String(text) if text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b',' && byte != b'"') => {
            Some(text.clone())
        }
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

/// Reads the server's time.
pub(super) fn server_time(text: &[u8]) -> Result<Timestamp> {
    let time = serde_json::from_slice::<Value>(text).ok().and_then(|answer| answer.get("serverTime")?.as_i64());
    time.and_then(Timestamp::from_magnitude).ok_or_else(|| {
        let fault = Fault::failure(format!("the answer is no server time: {}", excerpt(text)));
        fault.remedy("check the address of the REST interface, or try again later")
    })
}

/// Whether an answer of status 400 says that there is no such symbol (any more).
pub(super) fn says_unknown_symbol(text: &[u8]) -> bool {
    let code = serde_json::from_slice::<Value>(text).ok().and_then(|answer| answer.get("code")?.as_i64());
    matches!(code, Some(-1121 | -1122))
}

/// The SHA-256 that a `.CHECKSUM` file states for the file `name`.
pub(super) fn checksum(text: &[u8], name: &str) -> Result<String> {
    let line = String::from_utf8_lossy(text);
    let mut words = line.split_whitespace();
    match (words.next(), words.next().map(|word| word.trim_start_matches('*'))) {
        (Some(hash), Some(of)) if of == name && hash.len() == 64 && hash.bytes().all(|b| b.is_ascii_hexdigit()) => {
            Ok(hash.to_ascii_lowercase())
        }
        _ => Err(Fault::failure(format!("the checksum file of {name} does not state one: {}", excerpt(text)))
            .remedy("try again later; what was fetched is kept")),
    }
}

/// The beginning of an answer, on one line.
pub(super) fn excerpt(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(&text[..text.len().min(120)]).into_owned();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_lie_where_the_archive_keeps_them() {
        let at = Addresses { archive: "http://a".into(), rest: "http://r".into() };
        let spot = Candles::new(Product::Spot, "btcusdt", Interval::MINUTE).unwrap();
        let day = jiff::civil::date(2024, 5, 7);
        assert_eq!(spot.month_url(&at, day), "http://a/data/spot/monthly/klines/BTCUSDT/1m/BTCUSDT-1m-2024-05.zip");
        let usdm = Candles::new(Product::Usdm, "ETHUSDT", Interval::HOUR).unwrap();
        assert_eq!(
            usdm.day_url(&at, day),
            "http://a/data/futures/um/daily/klines/ETHUSDT/1h/ETHUSDT-1h-2024-05-07.zip"
        );
        assert_eq!(
            usdm.rows_url(&at, start(day), day),
            "http://r/fapi/v1/klines?symbol=ETHUSDT&interval=1h&startTime=1715040000000&endTime=1715126399999&limit=499"
        );
        for (product, symbol, interval) in [
            (Product::Spot, "BTC/USDT", "1m"),
            (Product::Spot, "", "1m"),
            (Product::Spot, "X", "1w"),
            (Product::Usdm, "X", "1s"),
        ] {
            assert!(Candles::new(product, symbol, interval.parse().unwrap()).is_err(), "{symbol} {interval}");
        }
    }

    #[test]
    fn an_answer_becomes_lines_of_the_archive_s_layout() {
        let text = br#"[[1499040000000,"0.01634790","0.8","0.01575800","0.01577100","148976.11427815",1499644799999,"2434.19",308,"1756.87","28.46","0"]]"#;
        let rows = rows(text).unwrap();
        assert_eq!(rows[0].open_time, Timestamp::from_millis(1_499_040_000_000));
        assert_eq!(
            rows[0].line,
            "1499040000000,0.01634790,0.8,0.01575800,0.01577100,148976.11427815,1499644799999,2434.19,308,1756.87,28.46,0"
        );
        for strange in ["", "{}", "[[1]]", "[1]", r#"[[1,"a,b","","","","",2,"",3,"","",""]]"#, "[[]]"] {
            assert!(super::rows(strange.as_bytes()).is_err(), "{strange}");
        }
        assert!(says_unknown_symbol(br#"{"code":-1121,"msg":"Invalid symbol."}"#));
        assert!(!says_unknown_symbol(br#"{"code":-1003}"#) && !says_unknown_symbol(b"<html>"));
    }

    #[test]
    fn a_checksum_is_that_of_the_file_asked_for() {
        let hash = "A".repeat(64);
        assert_eq!(checksum(format!("{hash}  x.zip\n").as_bytes(), "x.zip"), Ok("a".repeat(64)));
        for strange in [format!("{hash}  y.zip"), "  x.zip".into(), format!("{}  x.zip", "g".repeat(64)), String::new()]
        {
            assert!(checksum(strange.as_bytes(), "x.zip").is_err(), "{strange}");
        }
    }
}
