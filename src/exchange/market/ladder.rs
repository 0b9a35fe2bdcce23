//! The displayed order book. No data tell it, so it is made around the last trade, from a seed: a trade of a buying taker
//! happened at the best ask, one of a selling taker at the best bid, and the levels beyond hold seeded quantities.

use super::Print;
use crate::chance::Chance;
use crate::domain::{Price, Quantity, Side};

/// How the book looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LadderShape {
    /// The seed of its quantities.
    pub seed: u64,
    /// Price units of one tick.
    pub tick: i64,
    /// Quantity units of one lot.
    pub lot: i64,
    /// Ticks between best bid and best ask.
    pub spread_ticks: i64,
    /// Levels of each side.
    pub levels: usize,
    /// Mean quantity of a level, in lots.
    pub mean_lots: i64,
}

/// A price and the quantity displayed there.
pub type Level = (Price, Quantity);

/// Both sides, the best first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ladder {
    /// Prices at which one can sell, falling.
    pub bids: Vec<Level>,
    /// Prices at which one can buy, rising.
    pub asks: Vec<Level>,
}

/// After how many trades the quantity at a price is drawn anew.
const LIFE: i64 = 16;

impl LadderShape {
    /// The book after a trade.
    pub fn after(&self, print: &Print) -> Ladder {
        let spread = self.spread_ticks * self.tick;
        let price = print.price.units();
        let (bid, ask) = match print.taker {
            Side::Buy => (price - spread, price),
            Side::Sell => (price, price + spread),
        };
        let side = |best: i64, step: i64, side: u64| -> Vec<Level> {
            let prices = (0..self.levels as i64).map(|level| best + level * step).filter(|price| *price > 0);
            prices.map(|price| (Price::from_units(price), self.quantity(side, price, print.id))).collect()
        };
        Ladder { bids: side(bid, -self.tick, 0), asks: side(ask, self.tick, 1) }
    }

    /// The quantity at a price: it lives for some trades, each price's on its own beat.
    fn quantity(&self, side: u64, price: i64, id: i64) -> Quantity {
        let place = price.cast_unsigned() << 1 | side;
        let age = (id + (place.wrapping_mul(0x9E37_79B9) >> 7 & 15).cast_signed()) / LIFE;
        let mut chance = Chance::new(self.seed ^ place.rotate_left(23), age.cast_unsigned());
        let lots = 1 + chance.below(2 * self.mean_lots.max(1).cast_unsigned() - 1).cast_signed();
        Quantity::from_units(lots.saturating_mul(self.lot))
    }
}

impl Ladder {
    /// What someone who trades on this side meets, the best first.
    pub fn facing(&self, side: Side) -> &[Level] {
        match side {
            Side::Buy => &self.asks,
            Side::Sell => &self.bids,
        }
    }

    /// The prices whose quantities differ between two books, each side by itself.
    pub fn changed(&self, other: &Ladder) -> [Vec<Price>; 2] {
        [changed(&self.bids, &other.bids), changed(&self.asks, &other.asks)]
    }

    /// The quantity displayed at a price, zero where none is.
    pub fn at(levels: &[Level], price: Price) -> Quantity {
        levels.iter().find(|level| level.0 == price).map_or(Quantity::ZERO, |level| level.1)
    }
}

fn changed(one: &[Level], other: &[Level]) -> Vec<Price> {
    let gone = one.iter().filter(|level| Ladder::at(other, level.0) != level.1);
    let come = other.iter().filter(|level| Ladder::at(one, level.0) != level.1);
    let mut prices: Vec<Price> = gone.chain(come).map(|level| level.0).collect();
    prices.sort_unstable();
    prices.dedup();
    prices
}
