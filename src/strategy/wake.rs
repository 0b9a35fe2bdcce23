//! Until when a strategy has nothing to decide: what it may promise about the candles ahead.

use super::setup::Slot;
use super::view::View;
use crate::domain::SeriesId;

/// Which candles can make a strategy decide something, as it stands now.
///
/// A promise, not a wish: a call at any candle in between must change nothing. The engine then looks for the next candle
/// that matters in the columns instead of calling at every one, and may call all the same. News and timers are always
/// delivered, and after every delivery the strategy is asked again. The tests call at every candle and demand the same
/// fingerprint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Wake {
    /// Every candle may: the default.
    #[default]
    EveryCandle,
    /// Only one at whose close the first indicator is above the second. Both belong to the same series; where one of
    /// them is undefined, the candle does not matter.
    Above(Slot, Slot),
    /// Only one at whose close the first indicator is at or below the second. Both belong to the same series; where one
    /// of them is undefined, the candle does not matter.
    NotAbove(Slot, Slot),
}

impl Wake {
    /// The series whose candles it speaks of; none when any candle may matter.
    #[inline]
    pub fn series(self, view: View<'_>) -> Option<SeriesId> {
        match self {
            Wake::EveryCandle => None,
            Wake::Above(first, _) | Wake::NotAbove(first, _) => Some(view.columns[usize::from(first.0)].0),
        }
    }

    /// How many rows of a block from `from` on, up to `to`, cannot matter.
    #[inline]
    pub fn asleep(self, view: View<'_>, from: usize, to: usize) -> usize {
        let (first, second) = match self {
            Wake::EveryCandle => return 0,
            Wake::Above(first, second) | Wake::NotAbove(first, second) => (first, second),
        };
        let values = |slot: Slot| &view.columns[usize::from(slot.0)].1[from..to];
        match self {
            Wake::NotAbove(..) => first_where(values(first), values(second), |first, second| first <= second),
            Wake::Above(..) | Wake::EveryCandle => {
                first_where(values(first), values(second), |first, second| first > second)
            }
        }
    }
}

/// How far into the block at hand a promise has been looked up, so that no row is looked at twice.
#[derive(Clone, Copy, Debug, Default)]
pub struct Slumber {
    wake: Wake,
    /// The first row that may matter, or the end of the block.
    until: usize,
}

impl Slumber {
    /// Whether it is not known yet how many rows from `row` on cannot matter under this promise.
    #[inline]
    pub fn is_open(&self, wake: Wake, row: usize) -> bool {
        row > self.until || wake != self.wake
    }

    /// How many rows of a block from `row` on, up to `rows`, cannot matter under this promise. Within a block, rows are
    /// asked for in ascending order.
    #[inline]
    pub fn asleep(&mut self, wake: Wake, view: View<'_>, row: usize, rows: usize) -> usize {
        if self.is_open(wake, row) {
            *self = Slumber { wake, until: row + wake.asleep(view, row, rows) };
        }
        self.until - row
    }
}

/// The first place at which two columns of one length match; their length when there is none. Eight at a time, which
/// takes half the instructions of one by one.
#[inline]
fn first_where(first: &[f64], second: &[f64], matches: impl Fn(f64, f64) -> bool) -> usize {
    let second = &second[..first.len()];
    let pairs = first.as_chunks::<8>().0.iter().zip(second.as_chunks::<8>().0);
    let none =
        |(first, second): &(&[f64; 8], &[f64; 8])| (0..8).fold(true, |none, at| none & !matches(first[at], second[at]));
    let passed = 8 * pairs.take_while(none).count();
    let mut rest = first[passed..].iter().zip(&second[passed..]);
    rest.position(|(first, second)| matches(*first, *second)).map_or(first.len(), |at| passed + at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_match_is_found_wherever_it_stands() {
        for length in 0..40 {
            for place in 0..=length {
                let first: Vec<f64> = (0..length).map(|at| if at >= place { 2.0 } else { f64::NAN }).collect();
                let second = vec![1.0; length];
                assert_eq!(first_where(&first, &second, |first, second| first > second), place);
                assert_eq!(first_where(&second, &first, |first, second| first <= second), place);
            }
        }
    }
}
