//! Directional movement: +DI, -DI and ADX (Wilder 1978).

use super::Machine;
use super::smoothing::{SecondSmoothing, Smoothing};
use super::spec::DirectionalLine;
use crate::domain::Candle;

/// The share of upward and of downward movement in the true range, and the average of how far the two stand apart, all
/// 0 to 100. A candle's movement is upward by what its high passes the last one's when that is more than its low falls
/// below the last one's, and the other way round; else it has none.
///
/// Begun as in TA-Lib: movements and ranges with the sum of the first `window - 1`, so that both lines stand from candle
/// `window + 1` on, and the ADX with the mean of the first `window` distances, at candle `2 * window`. A distance is
/// undefined while nothing has moved in either direction; the ADX then keeps its value, or waits for its first.
#[derive(Clone, Debug)]
pub(super) struct Directional {
    upward: Smoothing,
    downward: Smoothing,
    range: Smoothing,
    distance: SecondSmoothing,
    previous: Option<(i64, i64, i64)>,
    begun: bool,
    line: DirectionalLine,
}

impl Directional {
    /// A machine for a window of at least two candles.
    pub(super) fn new(window: u32, line: DirectionalLine) -> Self {
        Directional {
            upward: Smoothing::directional(window),
            downward: Smoothing::directional(window),
            range: Smoothing::directional(window),
            distance: SecondSmoothing::wilder(window),
            previous: None,
            begun: false,
            line,
        }
    }
}

impl Machine for Directional {
    #[inline]
    fn next(&mut self, candle: &Candle) -> Option<f64> {
        let (high, low, close) = (candle.high.units(), candle.low.units(), candle.close.units());
        let (last_high, last_low, last_close) = self.previous.replace((high, low, close))?;
        let (up, down) = (high.saturating_sub(last_high), last_low.saturating_sub(low));
        let upward = self.upward.next(if up > down { up.max(0) } else { 0 });
        let downward = self.downward.next(if down > up { down.max(0) } else { 0 });
        let range = self.range.next(high.max(last_close).saturating_sub(low.min(last_close)));
        let (upward, downward, range) = (upward?, downward?, range?);
        // What the averages begin with is one candle short of a window.
        if !std::mem::replace(&mut self.begun, true) {
            return None;
        }
        match self.line {
            DirectionalLine::Plus => percentage(upward, range),
            DirectionalLine::Minus => percentage(downward, range),
            DirectionalLine::Adx => match percentage((upward - downward).abs(), upward + downward) {
                Some(distance) => self.distance.next(distance),
                None => self.distance.last(),
            },
        }
    }
}

/// None of a whole that is nothing: below the normal range the quotient would be rounding alone.
#[inline]
fn percentage(part: f64, whole: f64) -> Option<f64> {
    (whole >= f64::MIN_POSITIVE).then(|| 100.0 * part / whole)
}
