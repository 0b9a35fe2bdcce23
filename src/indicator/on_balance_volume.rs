//! On-balance volume (Granville 1963).

use super::{Machine, nearest, units_per_whole};
use crate::domain::Candle;

/// The running sum of volumes, each added when the close rose and subtracted when it fell; an exact integer. As in
/// TA-Lib it begins with the first candle's volume. Its level says where the data begin, only its changes say more.
#[derive(Clone, Debug)]
pub(super) struct OnBalanceVolume {
    sum: i128,
    previous_close: Option<i64>,
    units_per_whole: f64,
}

impl OnBalanceVolume {
    pub(super) fn new(quantity_decimals: u8) -> Self {
        OnBalanceVolume { sum: 0, previous_close: None, units_per_whole: units_per_whole(quantity_decimals) }
    }
}

impl Machine for OnBalanceVolume {
    #[inline]
    fn next(&mut self, candle: &Candle) -> Option<f64> {
        let (close, volume) = (candle.close.units(), i128::from(candle.volume.units()));
        let direction = match self.previous_close.replace(close) {
            None => 1,
            Some(previous) => i128::from(close > previous) - i128::from(close < previous),
        };
        self.sum += direction * volume;
        Some(nearest(self.sum) / self.units_per_whole)
    }
}
