//! Where public trades come from: a list of trades, or candles that are expanded one after the other.

use super::expand::{CandleFacts, Contradiction, Grid, expand};
use crate::chance::Chance;
use crate::domain::MarketTrade;
use std::collections::VecDeque;

/// Public trades of one symbol, in order of time.
pub trait TradeSource: Send {
    /// The next trade; none when the data are over.
    fn next_trade(&mut self) -> Option<MarketTrade>;

    /// How many candles could not be made of trades, or not of as many as are known.
    fn contradictions(&self) -> u64 {
        0
    }
}

/// Trades that are there.
pub struct Replayed<I>(pub I);

impl<I: Iterator<Item = MarketTrade> + Send> TradeSource for Replayed<I> {
    fn next_trade(&mut self) -> Option<MarketTrade> {
        self.0.next()
    }
}

/// Trades made beneath candles, from a seed.
pub struct Expanded<I> {
    candles: I,
    grid: Grid,
    seed: u64,
    row: u64,
    made: VecDeque<MarketTrade>,
    contradictions: u64,
}

impl<I: Iterator<Item = CandleFacts>> Expanded<I> {
    /// Candles in order of time, on this grid.
    pub fn new(candles: I, grid: Grid, seed: u64) -> Self {
        Expanded { candles, grid, seed, row: 0, made: VecDeque::new(), contradictions: 0 }
    }

    /// The trades of one candle. What is known of it beyond prices and volume is given up where it does not fit; a
    /// candle that does not fit at all has no trades. Both are counted.
    fn trades_of(&mut self, facts: &CandleFacts) -> Vec<MarketTrade> {
        let less = [
            *facts,
            CandleFacts { trades: None, ..*facts },
            CandleFacts { trades: None, quote_volume: None, ..*facts },
        ];
        for (given_up, facts) in less.iter().enumerate() {
            // Each candle has a stream of chance of its own: a gap in the data moves no other candle.
            let mut chance = Chance::new(self.seed, self.row);
            match expand(facts, self.grid, &mut chance) {
                Ok(trades) => {
                    self.contradictions += u64::from(given_up > 0);
                    return trades;
                }
                Err(Contradiction::Grid | Contradiction::Volume) => break,
                Err(Contradiction::QuoteVolume | Contradiction::Trades) => {}
            }
        }
        self.contradictions += 1;
        Vec::new()
    }
}

impl<I: Iterator<Item = CandleFacts> + Send> TradeSource for Expanded<I> {
    fn next_trade(&mut self) -> Option<MarketTrade> {
        while self.made.is_empty() {
            let facts = self.candles.next()?;
            self.row += 1;
            let trades = self.trades_of(&facts);
            self.made.extend(trades);
        }
        self.made.pop_front()
    }

    fn contradictions(&self) -> u64 {
        self.contradictions
    }
}
