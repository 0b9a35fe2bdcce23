//! One model for the trades of every program.

use super::reading::Kind;
use super::reason::Reason;
use crate::domain::{Direction, Span, Timestamp};
use crate::report::MetricRow;
use rust_decimal::Decimal;

/// A result: who made it, in which currency, and its trades. What its files do not know is absent.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// What it is called: its file's or its directory's name, without the way there.
    pub name: String,
    /// Who wrote it.
    pub kind: Kind,
    /// SHA-256 over what was read, hexadecimal.
    pub digest: String,
    /// What its money is in.
    pub currency: Option<String>,
    /// What the account held at the start.
    pub opening: Option<Decimal>,
    /// The length of the candles that its times may be rounded to.
    pub candle: Option<Span>,
    /// The longest candles that it decides on, where they are longer than those.
    pub decides_on: Option<Span>,
    /// Its round trips in order of entry.
    pub trades: Vec<Trade>,
    /// What the account was worth, open positions at market: at the start, each UTC midnight and the end.
    pub equity: Option<Vec<(Timestamp, f64)>>,
    /// The statistics of a run of ours.
    pub metrics: Vec<MetricRow>,
    /// Numbers as the file itself states them, by definitions of its own.
    pub stated: Vec<Stated>,
    /// The plan of a run of ours.
    pub plan: Option<String>,
    /// What a reader must not miss about it.
    pub cautions: Vec<String>,
    /// What was assumed while reading it.
    pub notes: Vec<String>,
}

/// A round trip.
#[derive(Clone, Debug, PartialEq)]
pub struct Trade {
    /// What its own file calls it.
    pub number: String,
    /// On what, as its own file writes it.
    pub symbol: Option<String>,
    /// Long or short.
    pub direction: Direction,
    /// Its first fill.
    pub entry_time: Timestamp,
    /// Its last fill, or the end of the data.
    pub exit_time: Timestamp,
    /// Whether it ended only because the data did.
    pub open_at_end: bool,
    /// Average price of its entries, quote per base.
    pub entry_price: Decimal,
    /// Average price of its exits.
    pub exit_price: Option<Decimal>,
    /// How much was opened, in base asset or contracts.
    pub quantity: Option<Decimal>,
    /// All its fees, in `quote`.
    pub fees: Option<Decimal>,
    /// Modelled slippage, already in the prices.
    pub slippage: Option<Decimal>,
    /// Its result as its own file states it.
    pub profit: Option<Decimal>,
    /// What its money is in.
    pub quote: Option<String>,
    /// The name of what opened it.
    pub entry_tag: Option<String>,
    /// What closed it, in the words of its own file.
    pub exit_reason: Option<String>,
    /// The same in words that all programs share.
    pub exit_kind: Option<Reason>,
}

/// A number by a definition of somebody else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stated {
    /// Its name in the file.
    pub name: String,
    /// As the file writes it.
    pub value: String,
}

impl Trade {
    /// What the move of the price came to before fees: (exit − entry) × quantity, turned round for a short. Absent where a
    /// price or the quantity is, or the product leaves the range of decimals.
    pub fn price_result(&self) -> Option<Decimal> {
        let per_unit = self.exit_price?.checked_sub(self.entry_price)?;
        let result = per_unit.checked_mul(self.quantity?)?;
        Some(match self.direction {
            Direction::Long => result,
            Direction::Short => -result,
        })
    }

    /// The name that its symbol has in all programs: its letters and digits of any script in capitals, without the asset
    /// that it settles in and without the exchange. `BTC/USDT:USDT`, `BTC-USDT`, `BINANCE:BTCUSDT` and `BTCUSDT` are one.
    pub fn symbol_key(&self) -> String {
        let symbol = self.symbol.as_deref().unwrap_or("");
        let name = match symbol.split_once(':') {
            // An exchange is one word, which does not hold what follows; `BTCUSDT:USDT` names what it settles in.
            Some((exchange, name)) if exchange.chars().all(char::is_alphanumeric) && !exchange.contains(name) => name,
            Some((name, _)) => name,
            None => symbol,
        };
        name.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_uppercase).collect()
    }
}

impl Record {
    /// Brings the trades into order: by entry, then exit, symbol, direction and price, so that every file order gives the
    /// same comparison.
    pub fn sort(&mut self) {
        self.trades.sort_by(|one, other| {
            let key = |trade: &Trade| (trade.entry_time, trade.exit_time, trade.symbol_key(), trade.direction);
            key(one)
                .cmp(&key(other))
                .then_with(|| (one.entry_price, one.quantity).cmp(&(other.entry_price, other.quantity)))
        });
    }

    /// Finished round trips: those that did not end only because the data did.
    pub fn closed(&self) -> impl Iterator<Item = &Trade> {
        self.trades.iter().filter(|trade| !trade.open_at_end)
    }
}

#[cfg(test)]
mod tests {
    use super::super::reading::sample::trade;
    use super::*;

    #[test]
    fn one_market_has_one_name() {
        for symbol in ["BTC/USDT:USDT", "BTC-USDT", "btcusdt", "BTC/USDT", "BINANCE:BTCUSDT", "BTCUSDT:USDT"] {
            let trade = Trade { symbol: Some(symbol.into()), ..trade("1", 0, 60) };
            assert_eq!(trade.symbol_key(), "BTCUSDT");
        }
        let key = |symbol: &str| Trade { symbol: Some(symbol.into()), ..trade("1", 0, 60) }.symbol_key();
        assert_eq!(key("币安人生/USDT:USDT"), "币安人生USDT");
        assert_eq!(key("straße/usdt"), key("STRASSE-USDT"));
    }

    #[test]
    fn the_result_of_a_short_is_turned_round_and_absent_without_a_quantity() {
        let long = trade("1", 0, 60);
        assert_eq!(long.price_result(), Some(Decimal::from(20)));
        let short = Trade { direction: Direction::Short, ..long.clone() };
        assert_eq!(short.price_result(), Some(Decimal::from(-20)));
        assert_eq!(Trade { quantity: None, ..long }.price_result(), None);
    }
}
