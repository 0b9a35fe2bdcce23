//! One symbol's market: its trades, candles, book and rolling statistics.

use super::Print;
use super::bars::{Bar, Bars, interval_named};
use super::ladder::{Ladder, LadderShape};
use super::source::TradeSource;
use crate::domain::{MarketTrade, Price, Quantity, Span, Timestamp};
use std::collections::{BTreeSet, VecDeque};

/// Trades kept; older ones are forgotten.
const KEPT: usize = 50_000;

/// What has changed in the book since a depth stream last told, for one speed of the stream.
#[derive(Clone, Debug, Default)]
struct DepthWindow {
    bids: BTreeSet<Price>,
    asks: BTreeSet<Price>,
    /// The last update number that has been told.
    told: i64,
}

/// Changes of the book: update numbers from and to, and the levels with their quantities now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DepthChange {
    /// The first update number.
    pub first: i64,
    /// The last update number.
    pub last: i64,
    /// Bids, falling; a quantity of zero takes a level away.
    pub bids: Vec<(Price, Quantity)>,
    /// Asks, rising.
    pub asks: Vec<(Price, Quantity)>,
}

/// Statistics of the last 24 hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rolling {
    /// All candles of the window in one.
    pub bar: Bar,
    /// The last price before the window, or its first.
    pub before: i64,
    /// Start of the window.
    pub from: Timestamp,
    /// End of the window.
    pub to: Timestamp,
}

/// One symbol's market as it stands.
pub struct SymbolMarket {
    source: Box<dyn TradeSource>,
    next: Option<MarketTrade>,
    shape: LadderShape,
    prints: VecDeque<Print>,
    bars: Bars,
    ladder: Ladder,
    update: i64,
    windows: [DepthWindow; 2],
}

impl SymbolMarket {
    /// A market before its first trade.
    pub fn new(mut source: Box<dyn TradeSource>, shape: LadderShape) -> Self {
        let next = source.next_trade();
        SymbolMarket {
            source,
            next,
            shape,
            prints: VecDeque::new(),
            bars: Bars::default(),
            ladder: Ladder::default(),
            update: 0,
            windows: Default::default(),
        }
    }

    /// When the next trade happens; none when the data are over.
    pub fn next_at(&self) -> Option<Timestamp> {
        self.next.map(|trade| trade.time)
    }

    /// The next trade happens.
    pub fn step(&mut self) -> Option<Print> {
        let trade = self.next?;
        self.next = self.source.next_trade();
        let id = self.prints.back().map_or(1, |print| print.id + 1);
        let MarketTrade { time, price, quantity, taker } = trade;
        let print = Print { id, time, price, quantity, taker };
        if self.prints.len() == KEPT {
            self.prints.pop_front();
        }
        self.prints.push_back(print);
        self.bars.add(&print);
        let ladder = self.shape.after(&print);
        let [bids, asks] = self.ladder.changed(&ladder);
        for window in &mut self.windows {
            window.bids.extend(&bids);
            window.asks.extend(&asks);
        }
        self.ladder = ladder;
        self.update += 1;
        Some(print)
    }

    /// The next trade does not happen.
    pub fn skip(&mut self) {
        self.next = self.source.next_trade();
    }

    /// Begins the candles that hold `now`.
    pub fn roll(&mut self, now: Timestamp) {
        self.bars.roll(now);
    }

    /// The last trade.
    pub fn last(&self) -> Option<&Print> {
        self.prints.back()
    }

    /// The trades that are kept, in order.
    pub fn prints(&self) -> &VecDeque<Print> {
        &self.prints
    }

    /// Candles of an interval (see [`super::INTERVALS`]), the forming one last.
    pub fn bars(&self, interval: usize) -> &VecDeque<Bar> {
        self.bars.of(interval)
    }

    /// The displayed book.
    pub fn ladder(&self) -> &Ladder {
        &self.ladder
    }

    /// The number of the book's last change.
    pub fn update(&self) -> i64 {
        self.update
    }

    /// How many candles could not be made of trades as they are known.
    pub fn contradictions(&self) -> u64 {
        self.source.contradictions()
    }

    /// What has changed in the book since this was last asked for the same speed (0: each 100 ms, 1: each second).
    pub fn depth_change(&mut self, speed: usize) -> Option<DepthChange> {
        let window = &mut self.windows[speed];
        if window.told == self.update {
            return None;
        }
        let (bids, asks) = (std::mem::take(&mut window.bids), std::mem::take(&mut window.asks));
        let first = std::mem::replace(&mut window.told, self.update) + 1;
        let now = |levels: &[(Price, Quantity)], price: Price| (price, Ladder::at(levels, price));
        Some(DepthChange {
            first,
            last: self.update,
            bids: bids.into_iter().rev().map(|price| now(&self.ladder.bids, price)).collect(),
            asks: asks.into_iter().map(|price| now(&self.ladder.asks, price)).collect(),
        })
    }

    /// The last 24 hours, by minutes; none before the first trade.
    pub fn rolling(&self, now: Timestamp) -> Option<Rolling> {
        let from = now.before(Span::DAY);
        let minutes = self.bars.of(interval_named("1m")?);
        let first = minutes.partition_point(|bar| bar.open_time < from);
        let first = first.min(minutes.len().checked_sub(1)?);
        let mut bar = Bar::quiet(from, minutes[first].open);
        minutes.iter().skip(first).for_each(|minute| bar.join(minute));
        let before = first.checked_sub(1).map_or(bar.open, |before| minutes[before].close);
        Some(Rolling { bar, before, from, to: now })
    }

    /// The average price of some minutes, weighted by quantity: quote volume and volume, of what has traded.
    pub fn average(&self, now: Timestamp, minutes: i64) -> Option<(i128, i64)> {
        let from = now.before(Span::MINUTE.times(minutes));
        let traded = self.prints.iter().rev().take_while(|print| print.time > from);
        let (quote, base) = traded.fold((0i128, 0i64), |(quote, base), print| {
            let units = i128::from(print.price.units()) * i128::from(print.quantity.units());
            (quote + units, base.saturating_add(print.quantity.units()))
        });
        (base > 0).then_some((quote, base))
    }
}

#[cfg(test)]
mod tests {
    use super::super::{CandleFacts, Expanded, Grid};
    use super::*;
    use crate::domain::{Candle, Side};
    use std::collections::BTreeMap;

    fn market(seed: u64) -> SymbolMarket {
        let candles = (0..40i64).map(|minute| CandleFacts {
            candle: Candle {
                open_time: Timestamp::from_millis(1_704_067_200_000 + minute * 60_000),
                open: Price::from_units(10_000 + minute),
                high: Price::from_units(10_020 + minute),
                low: Price::from_units(9_990),
                close: Price::from_units(10_001 + minute),
                volume: Quantity::from_units(500 + minute),
            },
            span: Span::MINUTE,
            quote_volume: None,
            trades: None,
        });
        let candles: Vec<CandleFacts> = candles.collect();
        let shape = LadderShape { seed, tick: 1, lot: 1, spread_ticks: 2, levels: 20, mean_lots: 50 };
        let source = Expanded::new(candles.into_iter(), Grid { tick: 1, lot: 1 }, seed);
        SymbolMarket::new(Box::new(source), shape)
    }

    /// The minute's candles on the stream are the candles that the trades were made from.
    #[test]
    fn derived_candles_are_the_ones_that_were_expanded() {
        let mut market = market(3);
        while market.step().is_some() {}
        let minutes = market.bars(interval_named("1m").unwrap());
        assert_eq!(minutes.len(), 40);
        for (minute, bar) in (0i64..).zip(minutes) {
            let prices = (bar.open, bar.high, bar.low, bar.close, bar.volume);
            assert_eq!(prices, (10_000 + minute, 10_020 + minute, 9_990, 10_001 + minute, 500 + minute));
            assert!(bar.taker_volume <= bar.volume && bar.trades >= 4);
        }
    }

    type Levels = BTreeMap<Price, Quantity>;

    /// A snapshot at any moment and the changes after it give the book that is displayed, at either speed.
    #[test]
    fn a_snapshot_and_the_changes_after_it_are_the_book() {
        for speed in [0, 1] {
            let mut market = market(4);
            let mut local: Option<(i64, Levels, Levels)> = None;
            let mut checked = 0;
            for step in 0.. {
                let Some(print) = market.step() else { break };
                let best = market.ladder().facing(print.taker)[0].0;
                assert_eq!(best, print.price);
                assert!(market.ladder().asks[0].0.units() - market.ladder().bids[0].0.units() == 2);
                if step == 17 {
                    // In the middle of a window, as a client's question would come.
                    let side = |levels: &[(Price, Quantity)]| levels.iter().copied().collect();
                    local = Some((market.update(), side(&market.ladder().bids), side(&market.ladder().asks)));
                }
                if step % 7 != 3 {
                    continue;
                }
                let change = market.depth_change(speed).expect("trades have changed the book");
                let Some((known, bids, asks)) = &mut local else { continue };
                if change.last <= *known {
                    continue;
                }
                assert!(change.first <= *known + 1 && *known < change.last);
                for (side, levels) in [(&mut *bids, &change.bids), (&mut *asks, &change.asks)] {
                    for (price, quantity) in levels {
                        match quantity.is_zero() {
                            true => side.remove(price),
                            false => side.insert(*price, *quantity),
                        };
                    }
                }
                *known = change.last;
                assert!(bids.iter().rev().map(|(p, q)| (*p, *q)).eq(market.ladder().bids.iter().copied()));
                assert!(asks.iter().map(|(p, q)| (*p, *q)).eq(market.ladder().asks.iter().copied()));
                checked += 1;
            }
            assert!(checked > 20, "{checked}");
        }
    }

    #[test]
    fn a_seed_gives_one_market() {
        let tape = |seed| {
            let mut market = market(seed);
            let mut prints = Vec::new();
            while let Some(print) = market.step() {
                prints.push((print, market.ladder().clone()));
            }
            prints
        };
        assert_eq!(tape(5), tape(5));
        assert_ne!(tape(5), tape(6));
        assert!(tape(5).iter().any(|(print, _)| print.taker == Side::Buy));
    }
}
