//! A candle as a path through four points: the policies that decide by an assumed order of the extremes.
//!
//! Such a path is one of many that fit the candle. It decides only what the candle leaves open; what every path shows
//! stays certain, and what it decides is counted as ambiguous.

use super::book::Resting;
use super::policy::PathOrder;
use crate::domain::{Candle, OrderKind, Price, Quantity};

/// Open, one extreme, the other extreme, close.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Path([i64; 4]);

/// Where along the path something happens: the distance that the price has travelled, in price units.
pub(super) type Travel = i64;

impl Path {
    /// The path of a candle. `held` is the account's position, which the adaptive order asks for when both extremes are
    /// equally near: a long then sees its low first, a short its high.
    pub fn of(candle: &Candle, order: PathOrder, held: Quantity) -> Self {
        let [open, high, low, close] = [candle.open, candle.high, candle.low, candle.close].map(Price::units);
        let (up, down) = (high.saturating_sub(open), open.saturating_sub(low));
        let high_first = match order {
            PathOrder::HighFirst => true,
            PathOrder::LowFirst => false,
            PathOrder::Nearer => up < down || (up == down && held.units() < 0),
            PathOrder::Colour => close < open,
        };
        Path(if high_first { [open, high, low, close] } else { [open, low, high, close] })
    }

    /// When the price first comes to `level` from `from` on: down to it, or up to it.
    pub fn reach(&self, level: i64, below: bool, from: Travel) -> Option<Travel> {
        let mut travelled: Travel = 0;
        for pair in self.0.windows(2) {
            let [start, end] = [pair[0], pair[1]];
            let length = end.abs_diff(start).min(i64::MAX as u64) as i64;
            // Where `from` lies inside this segment, the price stands there first.
            let skipped = from.saturating_sub(travelled).clamp(0, length);
            let here = if end >= start { start.saturating_add(skipped) } else { start.saturating_sub(skipped) };
            if from <= travelled.saturating_add(length) {
                let there = if below { here <= level } else { here >= level };
                if there {
                    return Some(travelled.saturating_add(skipped));
                }
                let passes = if below { end <= level } else { end >= level };
                if passes {
                    let more = level.abs_diff(here).min(i64::MAX as u64) as i64;
                    return Some(travelled.saturating_add(skipped).saturating_add(more));
                }
            }
            travelled = travelled.saturating_add(length);
        }
        None
    }

    /// When a trailing stop that stands as `resting` does is set off from `from` on, and at which level.
    pub fn trail(&self, resting: &Resting, tick: Price, from: Travel) -> Option<(Travel, Price)> {
        let (OrderKind::TrailingStop { .. }, side) = (resting.order.kind, resting.order.side) else { return None };
        let (mut copy, mut travelled) = (*resting, 0i64);
        for pair in self.0.windows(2) {
            let length = pair[1].abs_diff(pair[0]).min(i64::MAX as u64) as i64;
            let ends = travelled.saturating_add(length);
            if from <= ends {
                let level = copy.trail?.trigger;
                let end = Price::from_units(pair[1]);
                if side.worse(level, end) == end {
                    let back = level.units().abs_diff(end.units()).min(i64::MAX as u64) as i64;
                    return Some((ends.saturating_sub(back).max(from), level));
                }
                copy.trail_to(end, tick, copy.trail?.since);
            }
            travelled = ends;
        }
        None
    }

    /// When a resting order acts from `from` on, and at which level. `beyond` is how far past its level the price must
    /// come.
    pub fn act(&self, resting: &Resting, beyond: i64, tick: Price, from: Travel) -> Option<(Travel, Price)> {
        if resting.trail.is_some() {
            return self.trail(resting, tick, from);
        }
        let wait = resting.wait()?;
        let level = if wait.below { wait.level.units() - beyond } else { wait.level.units() + beyond };
        self.reach(level, wait.below, from).map(|travel| (travel, wait.level))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Timestamp;

    fn candle(open: i64, high: i64, low: i64, close: i64) -> Candle {
        let [open, high, low, close] = [open, high, low, close].map(Price::from_units);
        let (open_time, volume) = (Timestamp::from_nanos(0), Quantity::from_units(1));
        Candle { open_time, open, high, low, close, volume }
    }

    #[test]
    fn the_extremes_come_in_the_order_that_the_policy_says() {
        let near_low = candle(100, 110, 95, 105);
        let path = |order| Path::of(&near_low, order, Quantity::ZERO).0;
        assert_eq!(path(PathOrder::HighFirst), [100, 110, 95, 105]);
        assert_eq!(path(PathOrder::LowFirst), [100, 95, 110, 105]);
        assert_eq!(path(PathOrder::Nearer), [100, 95, 110, 105]);
        // A rising candle has been down first.
        assert_eq!(path(PathOrder::Colour), [100, 95, 110, 105]);
        assert_eq!(Path::of(&candle(100, 110, 90, 95), PathOrder::Colour, Quantity::ZERO).0[1], 110);
        let tied = candle(100, 105, 95, 100);
        let first = |held| Path::of(&tied, PathOrder::Nearer, Quantity::from_units(held)).0[1];
        assert_eq!((first(1), first(0), first(-1)), (95, 95, 105));
    }

    #[test]
    fn a_level_is_reached_where_the_path_first_crosses_it() {
        let path = Path::of(&candle(100, 106, 94, 101), PathOrder::HighFirst, Quantity::ZERO);
        assert_eq!(path.reach(105, false, 0), Some(5));
        assert_eq!(path.reach(95, true, 0), Some(6 + 11));
        // After the low, 105 is never seen again.
        assert_eq!(path.reach(105, false, 18), None);
        assert_eq!(path.reach(100, true, 8), Some(12));
        assert_eq!(path.reach(93, true, 0), None);
    }
}
