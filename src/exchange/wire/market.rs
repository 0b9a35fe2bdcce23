//! Public market data as the exchange writes them, for answers and for streams.

use super::decimal::shown;
use super::json::{Json, object};
use crate::domain::{InstrumentId, Side, Timestamp};
use crate::exchange::listing::{Listing, quantity};
use crate::exchange::market::bars::BarInterval;
use crate::exchange::market::{Bar, DepthChange, Level, Print, Rolling, SymbolMarket};

/// Names and decimals of one symbol.
#[derive(Clone, Copy)]
pub struct Names<'a> {
    /// Everything that is traded.
    pub listing: &'a Listing,
    /// The symbol.
    pub id: InstrumentId,
}

impl Names<'_> {
    fn symbol(&self) -> &str {
        &self.listing.listed(self.id).spec.symbol
    }

    fn price(&self, units: i64) -> String {
        self.listing.price(self.id, units)
    }

    fn quote(&self, units: i128) -> String {
        self.listing.quote_volume(self.id, units)
    }

    /// Levels of a book.
    pub fn levels(&self, levels: &[Level]) -> Json {
        let level =
            |level: &Level| Json::List(vec![self.price(level.0.units()).into(), quantity(level.1.units()).into()]);
        Json::List(levels.iter().map(level).collect())
    }

    /// A row of `klines`.
    pub fn kline_row(&self, bar: &Bar, interval: BarInterval) -> Json {
        Json::List(vec![
            bar.open_time.into(),
            self.price(bar.open).into(),
            self.price(bar.high).into(),
            self.price(bar.low).into(),
            self.price(bar.close).into(),
            quantity(bar.volume).into(),
            Json::TimeBefore(interval.next_open(bar.open_time)),
            self.quote(bar.quote_volume).into(),
            bar.trades.into(),
            quantity(bar.taker_volume).into(),
            self.quote(bar.taker_quote_volume).into(),
            "0".into(),
        ])
    }

    /// The event of a `kline` stream.
    pub fn kline_event(&self, bar: &Bar, interval: BarInterval, closed: bool, now: Timestamp) -> Json {
        object! {
            "e": "kline",
            "E": now,
            "s": self.symbol(),
            "k": object! {
                "t": bar.open_time,
                "T": Json::TimeBefore(interval.next_open(bar.open_time)),
                "s": self.symbol(),
                "i": interval.name,
                "f": bar.first_id,
                "L": bar.last_id,
                "o": self.price(bar.open),
                "c": self.price(bar.close),
                "h": self.price(bar.high),
                "l": self.price(bar.low),
                "v": quantity(bar.volume),
                "n": bar.trades,
                "x": closed,
                "q": self.quote(bar.quote_volume),
                "V": quantity(bar.taker_volume),
                "Q": self.quote(bar.taker_quote_volume),
                "B": "0",
            },
        }
    }

    /// A row of `trades`.
    pub fn trade_row(&self, print: &Print) -> Json {
        let quote = i128::from(print.price.units()) * i128::from(print.quantity.units());
        object! {
            "id": print.id,
            "price": self.price(print.price.units()),
            "qty": quantity(print.quantity.units()),
            "quoteQty": self.quote(quote),
            "time": print.time,
            "isBuyerMaker": print.taker == Side::Sell,
            "isBestMatch": true,
        }
    }

    /// A row of `aggTrades`. Here an aggregate is one trade.
    pub fn aggregate_row(&self, print: &Print) -> Json {
        object! {
            "a": print.id,
            "p": self.price(print.price.units()),
            "q": quantity(print.quantity.units()),
            "f": print.id,
            "l": print.id,
            "T": print.time,
            "m": print.taker == Side::Sell,
            "M": true,
        }
    }

    /// The event of a `trade` stream.
    pub fn trade_event(&self, print: &Print, now: Timestamp) -> Json {
        object! {
            "e": "trade",
            "E": now,
            "s": self.symbol(),
            "t": print.id,
            "p": self.price(print.price.units()),
            "q": quantity(print.quantity.units()),
            "T": print.time,
            "m": print.taker == Side::Sell,
            "M": true,
        }
    }

    /// The event of an `aggTrade` stream.
    pub fn aggregate_event(&self, print: &Print, now: Timestamp) -> Json {
        object! {
            "e": "aggTrade",
            "E": now,
            "s": self.symbol(),
            "a": print.id,
            "p": self.price(print.price.units()),
            "q": quantity(print.quantity.units()),
            "f": print.id,
            "l": print.id,
            "T": print.time,
            "m": print.taker == Side::Sell,
            "M": true,
        }
    }

    /// The event of a `bookTicker` stream.
    pub fn book_ticker_event(&self, market: &SymbolMarket) -> Json {
        let (bid, ask) = best(market);
        object! {
            "u": market.update(),
            "s": self.symbol(),
            "b": self.price(bid.0),
            "B": quantity(bid.1),
            "a": self.price(ask.0),
            "A": quantity(ask.1),
        }
    }

    /// The answer to `ticker/bookTicker`.
    pub fn book_ticker(&self, market: &SymbolMarket) -> Json {
        let (bid, ask) = best(market);
        object! {
            "symbol": self.symbol(),
            "bidPrice": self.price(bid.0),
            "bidQty": quantity(bid.1),
            "askPrice": self.price(ask.0),
            "askQty": quantity(ask.1),
        }
    }

    /// The answer to `ticker/price`.
    pub fn price_ticker(&self, market: &SymbolMarket) -> Json {
        object! { "symbol": self.symbol(), "price": self.price(market.last().map_or(0, |print| print.price.units())) }
    }

    /// A book: the answer to `depth`, and the event of a partial depth stream.
    pub fn depth(&self, market: &SymbolMarket, limit: usize) -> Json {
        let ladder = market.ladder();
        object! {
            "lastUpdateId": market.update(),
            "bids": self.levels(&ladder.bids[..limit.min(ladder.bids.len())]),
            "asks": self.levels(&ladder.asks[..limit.min(ladder.asks.len())]),
        }
    }

    /// The event of a `depth` stream.
    pub fn depth_event(&self, change: &DepthChange, now: Timestamp) -> Json {
        object! {
            "e": "depthUpdate",
            "E": now,
            "s": self.symbol(),
            "U": change.first,
            "u": change.last,
            "b": self.levels(&change.bids),
            "a": self.levels(&change.asks),
        }
    }

    /// The answer to `avgPrice`.
    pub fn average_price(&self, market: &SymbolMarket, now: Timestamp) -> Json {
        object! { "mins": 5, "price": self.average(market, now), "closeTime": self.last_time(market) }
    }

    /// The event of an `avgPrice` stream.
    pub fn average_event(&self, market: &SymbolMarket, now: Timestamp) -> Json {
        object! {
            "e": "avgPrice",
            "E": now,
            "s": self.symbol(),
            "i": "5m",
            "w": self.average(market, now),
            "T": self.last_time(market),
        }
    }

    fn last_time(&self, market: &SymbolMarket) -> Timestamp {
        market.last().map_or(Timestamp::from_nanos(0), |print| print.time)
    }

    fn average(&self, market: &SymbolMarket, now: Timestamp) -> String {
        match market.average(now, 5) {
            Some((quote, base)) => self.mean(quote, base),
            None => self.price(market.last().map_or(0, |print| print.price.units())),
        }
    }

    /// A sum divided by a quantity, with eight places.
    fn mean(&self, quote: i128, base: i64) -> String {
        let decimals = self.listing.instrument(self.id).price_decimals;
        let scale = 10i128.pow(u32::from(8 - decimals));
        shown(quote * scale / i128::from(base.max(1)), 8)
    }

    /// The answer to `ticker/24hr`, whole or without the fields of the book and of change.
    pub fn day_ticker(&self, market: &SymbolMarket, day: &Rolling, small: bool) -> Json {
        let bar = &day.bar;
        let mut json = object! { "symbol": self.symbol() };
        if !small {
            let (bid, ask) = best(market);
            json.push("priceChange", self.price(bar.close - bar.open));
            json.push("priceChangePercent", percent(bar.open, bar.close));
            json.push("weightedAvgPrice", self.mean(bar.quote_volume, bar.volume));
            json.push("prevClosePrice", self.price(day.before));
            json.push("lastPrice", self.price(bar.close));
            json.push("lastQty", quantity(market.last().map_or(0, |print| print.quantity.units())));
            json.push("bidPrice", self.price(bid.0));
            json.push("bidQty", quantity(bid.1));
            json.push("askPrice", self.price(ask.0));
            json.push("askQty", quantity(ask.1));
        }
        json.push("openPrice", self.price(bar.open));
        json.push("highPrice", self.price(bar.high));
        json.push("lowPrice", self.price(bar.low));
        if small {
            json.push("lastPrice", self.price(bar.close));
        }
        json.push("volume", quantity(bar.volume));
        json.push("quoteVolume", self.quote(bar.quote_volume));
        json.push("openTime", day.from);
        json.push("closeTime", day.to);
        json.push("firstId", bar.first_id);
        json.push("lastId", bar.last_id);
        json.push("count", bar.trades);
        json
    }

    /// The event of a `ticker` stream.
    pub fn day_event(&self, market: &SymbolMarket, day: &Rolling) -> Json {
        let bar = &day.bar;
        let (bid, ask) = best(market);
        object! {
            "e": "24hrTicker",
            "E": day.to,
            "s": self.symbol(),
            "p": self.price(bar.close - bar.open),
            "P": percent(bar.open, bar.close),
            "w": self.mean(bar.quote_volume, bar.volume),
            "x": self.price(day.before),
            "c": self.price(bar.close),
            "Q": quantity(market.last().map_or(0, |print| print.quantity.units())),
            "b": self.price(bid.0),
            "B": quantity(bid.1),
            "a": self.price(ask.0),
            "A": quantity(ask.1),
            "o": self.price(bar.open),
            "h": self.price(bar.high),
            "l": self.price(bar.low),
            "v": quantity(bar.volume),
            "q": self.quote(bar.quote_volume),
            "O": day.from,
            "C": day.to,
            "F": bar.first_id,
            "L": bar.last_id,
            "n": bar.trades,
        }
    }

    /// The event of a `miniTicker` stream.
    pub fn small_day_event(&self, day: &Rolling) -> Json {
        let bar = &day.bar;
        object! {
            "e": "24hrMiniTicker",
            "E": day.to,
            "s": self.symbol(),
            "c": self.price(bar.close),
            "o": self.price(bar.open),
            "h": self.price(bar.high),
            "l": self.price(bar.low),
            "v": quantity(bar.volume),
            "q": self.quote(bar.quote_volume),
        }
    }
}

/// Price and quantity of best bid and best ask; zeros where there is no book yet.
fn best(market: &SymbolMarket) -> ((i64, i64), (i64, i64)) {
    let first = |levels: &[Level]| levels.first().map_or((0, 0), |level| (level.0.units(), level.1.units()));
    (first(&market.ladder().bids), first(&market.ladder().asks))
}

/// The change in percent, with three places.
fn percent(from: i64, to: i64) -> String {
    let thousandths = i128::from(to - from) * 100_000 / i128::from(from.max(1));
    let sign = if thousandths < 0 { "-" } else { "" };
    let size = thousandths.unsigned_abs();
    format!("{sign}{}.{:03}", size / 1_000, size % 1_000)
}
