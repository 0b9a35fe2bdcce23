//! Whether a touch fills: a draw that depends on nothing but what it is about.

use super::book::{Posture, Resting, Then};
use super::on_candle::Bar;
use super::{LimitPolicy, SimVenue};
use crate::domain::{Candle, Certainty, InstrumentId, Link, Order, OrderId, Price, Rate, Timestamp};
use xxhash_rust::xxh3::xxh3_64_with_seed;

impl LimitPolicy {
    /// What this policy comes to for one order in the candle that opened, or at the trades that happened, at `at`.
    ///
    /// The draw is XXH3 (64 bits), seeded, over instrument, order and nanoseconds as three little-endian words; it is a
    /// touch when hash · 10^8 / 2^64, rounded down, is below the probability in units of 10^-8. So it is the same however
    /// the data are cut, and whatever else is open.
    pub(super) fn drawn(self, instrument: InstrumentId, order: OrderId, at: Timestamp) -> LimitPolicy {
        let LimitPolicy::TouchByChance { probability, seed } = self else { return self };
        let words = [u64::from(instrument.0), u64::from(order.0), at.nanos().cast_unsigned()];
        let mut bytes = [0u8; 24];
        for (place, word) in bytes.chunks_exact_mut(8).zip(words) {
            place.copy_from_slice(&word.to_le_bytes());
        }
        let hash = u128::from(xxh3_64_with_seed(&bytes, seed));
        let drawn = (hash * u128::from(Rate::ONE.units().unsigned_abs())) >> 64;
        if drawn < u128::from(probability.units().unsigned_abs()) { LimitPolicy::Touch } else { LimitPolicy::Through }
    }
}

impl Resting {
    /// Whether chance alone decides, because the market at its best price for this order comes to its price and no
    /// further.
    pub(super) fn is_merely_touched(&self, best: Price, policy: LimitPolicy, tick: Price) -> bool {
        let LimitPolicy::TouchByChance { .. } = policy else { return false };
        self.wait().is_some_and(|wait| wait.then == Then::Make)
            && self.reached_at(best, LimitPolicy::Touch, tick)
            && !self.reached_at(best, LimitPolicy::Through, tick)
    }
}

impl SimVenue {
    /// What a resting limit order needs in the candle that opened, or at the trades that happened, at `at`.
    #[inline]
    pub(super) fn limit_rule(&self, resting: &Resting, at: Timestamp) -> LimitPolicy {
        match self.policy.limit_fill {
            rule @ (LimitPolicy::Through | LimitPolicy::Touch) => rule,
            rule @ LimitPolicy::TouchByChance { .. } => rule.drawn(resting.order.instrument, resting.order.id, at),
        }
    }

    /// How certain a fill is that would otherwise be as certain as this.
    pub(super) fn touch_certainty(
        &mut self,
        book: usize,
        resting: &Resting,
        candle: &Candle,
        certainty: Certainty,
    ) -> Certainty {
        match certainty {
            Certainty::Certain if self.only_touches(book, resting, candle) => self.doubt(),
            Certainty::Certain | Certainty::Ambiguous => certainty,
        }
    }

    /// How certain the fill of a bracket's entry at the open is, when the open is all that has come to its price: what its
    /// children do in this candle hangs on that.
    pub(super) fn touch_of_entry(
        &mut self,
        resting: &Resting,
        open: Price,
        tick: Price,
        certainty: Certainty,
    ) -> Certainty {
        if !resting.is_merely_touched(open, self.policy.limit_fill, tick) {
            return certainty;
        }
        self.entered_by_chance.push(resting.order.id);
        self.doubt()
    }

    /// How certain the fill of a child is in the candle of its entry.
    pub(super) fn certainty_after_entry(&mut self, order: &Order, certainty: Certainty) -> Certainty {
        let Link::Child { entry, .. } = order.link else { return certainty };
        match certainty {
            Certainty::Certain if self.entered_by_chance.contains(&entry) => self.doubt(),
            Certainty::Certain | Certainty::Ambiguous => certainty,
        }
    }

    /// Orders that a candle touched and chance left unfilled are doubts too.
    pub(super) fn count_missed_touches(&mut self, book: usize, bar: &Bar) {
        let LimitPolicy::TouchByChance { .. } = self.policy.limit_fill else { return };
        let missed = self.books[book].orders.iter().filter(|resting| {
            resting.posture == Posture::Resting
                && self.only_touches(book, resting, &bar.candle)
                && self.limit_rule(resting, bar.candle.open_time) == LimitPolicy::Through
        });
        self.doubts += missed.count() as u64;
    }

    fn only_touches(&self, book: usize, resting: &Resting, candle: &Candle) -> bool {
        let tick = self.instruments[book].filters_at(candle.open_time).tick;
        let best = resting.order.side.better(candle.low, candle.high);
        resting.is_merely_touched(best, self.policy.limit_fill, tick)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn touches(probability: i64, seed: u64) -> Vec<bool> {
        let policy = LimitPolicy::TouchByChance { probability: Rate::from_units(probability), seed };
        let cases = (0..20_000).map(|case: i64| (InstrumentId(0), OrderId(case as u32 / 100), case % 100));
        let draw = |(instrument, order, minute): (InstrumentId, OrderId, i64)| {
            policy.drawn(instrument, order, Timestamp::from_millis(minute * 60_000)) == LimitPolicy::Touch
        };
        cases.map(draw).collect()
    }

    #[test]
    fn the_share_of_touches_is_the_probability() {
        let share = |probability: i64| touches(probability, 7).iter().filter(|touch| **touch).count();
        assert_eq!((share(0), share(100_000_000)), (0, 20_000));
        // Four standard deviations of a binomial count of 20,000 draws at 0.3 are 260.
        assert!(share(30_000_000).abs_diff(6_000) < 260, "{}", share(30_000_000));
    }

    #[test]
    fn each_seed_draws_for_itself() {
        assert_eq!(touches(50_000_000, 7), touches(50_000_000, 7));
        let alike =
            touches(50_000_000, 7).iter().zip(touches(50_000_000, 8)).filter(|(one, other)| **one == *other).count();
        assert!(alike.abs_diff(10_000) < 300, "{alike} of 20,000");
    }
}
