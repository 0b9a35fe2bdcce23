//! Names of market streams.

use super::market::interval_named;
use crate::domain::InstrumentId;

/// What a market stream tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Topic {
    /// Each trade.
    Trade,
    /// Each aggregate of trades.
    AggregateTrade,
    /// The forming and the closed candle of an interval.
    Kline(usize),
    /// Best bid and ask.
    BookTicker,
    /// Statistics of 24 hours, the short form.
    MiniTicker,
    /// Statistics of 24 hours.
    Ticker,
    /// The average price of five minutes.
    AveragePrice,
    /// Changes of the book: each 100 ms (0) or each second (1).
    Depth(usize),
    /// So many best levels of the book, at the same speeds.
    PartialDepth(usize, usize),
}

/// A market stream: of one symbol, or of all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stream {
    /// The symbol; none for all.
    pub instrument: Option<InstrumentId>,
    /// What it tells.
    pub topic: Topic,
}

impl Stream {
    /// The stream of this name; `find` knows the symbols by their names in capitals.
    pub fn named(name: &str, find: impl Fn(&str) -> Option<InstrumentId>) -> Option<Stream> {
        if name == "!miniTicker@arr" {
            return Some(Stream { instrument: None, topic: Topic::MiniTicker });
        }
        let (symbol, topic) = name.split_once('@')?;
        let instrument = Some(find(&symbol.to_uppercase())?);
        if symbol.chars().any(|letter| letter.is_ascii_uppercase()) {
            return None;
        }
        let topic = match topic {
            "trade" => Topic::Trade,
            "aggTrade" => Topic::AggregateTrade,
            "bookTicker" => Topic::BookTicker,
            "miniTicker" => Topic::MiniTicker,
            "ticker" => Topic::Ticker,
            "avgPrice" => Topic::AveragePrice,
            _ => match topic.strip_prefix("kline_") {
                Some(interval) => Topic::Kline(interval_named(interval)?),
                None => depth(topic.strip_prefix("depth")?)?,
            },
        };
        Some(Stream { instrument, topic })
    }
}

fn depth(rest: &str) -> Option<Topic> {
    let (levels, speed) = rest.split_once('@').unwrap_or((rest, "1000ms"));
    let speed = match speed {
        "100ms" => 0,
        "1000ms" => 1,
        _ => return None,
    };
    match levels {
        "" => Some(Topic::Depth(speed)),
        "5" | "10" | "20" => Some(Topic::PartialDepth(levels.parse().ok()?, speed)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_the_exchanges() {
        let find = |symbol: &str| (symbol == "BTCUSDT").then_some(InstrumentId(0));
        let topic = |name: &str| Stream::named(name, find).map(|stream| stream.topic);
        assert_eq!(topic("btcusdt@trade"), Some(Topic::Trade));
        assert_eq!(topic("btcusdt@kline_1M"), interval_named("1M").map(Topic::Kline));
        assert_eq!(topic("btcusdt@depth"), Some(Topic::Depth(1)));
        assert_eq!(topic("btcusdt@depth@100ms"), Some(Topic::Depth(0)));
        assert_eq!(topic("btcusdt@depth20@100ms"), Some(Topic::PartialDepth(20, 0)));
        for name in ["BTCUSDT@trade", "ethusdt@trade", "btcusdt", "btcusdt@depth7", "btcusdt@kline_7m", "!ticker@arr"] {
            assert_eq!(topic(name), None, "{name}");
        }
    }
}
