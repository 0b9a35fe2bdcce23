//! Until when a strategy has nothing to decide: what it may promise about the candles ahead.

use super::setup::Slot;
use super::view::View;

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
    /// How many rows of a block from `from` on, up to `to`, cannot matter.
    #[inline]
    pub fn asleep(self, view: View<'_>, from: usize, to: usize) -> usize {
        let (first, second) = match self {
            Wake::EveryCandle => return 0,
            Wake::Above(first, second) | Wake::NotAbove(first, second) => (first, second),
        };
        let values = |slot: Slot| &view.columns[usize::from(slot.0)].1[from..to];
        let mut pairs = values(first).iter().zip(values(second));
        let matters = match self {
            Wake::NotAbove(..) => pairs.position(|(first, second)| first <= second),
            Wake::Above(..) | Wake::EveryCandle => pairs.position(|(first, second)| first > second),
        };
        matters.unwrap_or(to - from)
    }
}
