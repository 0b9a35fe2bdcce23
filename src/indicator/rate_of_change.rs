//! Rate of change of closes.

use super::Machine;
use super::ring::{Ring, WarmUp, single};
use crate::domain::{Candle, CandleRows};

/// By how many per cent the close stands above the one `window` candles ago, like TA-Lib's ROC. The first value stands
/// at candle `window + 1`. Undefined where the older close is zero, which no market has.
#[derive(Clone, Debug)]
pub(super) struct RateOfChange {
    ring: Ring,
    warm_up: WarmUp,
}

impl RateOfChange {
    /// A machine that looks back at least one candle.
    pub(super) fn new(window: u32) -> Self {
        RateOfChange { ring: Ring::new(window), warm_up: WarmUp::new(window + 1) }
    }

    fn advance(&mut self, closes: &[i64], out: &mut [f64]) {
        self.ring.slide(closes, out, |now, then| match then {
            0 => f64::NAN,
            then => 100.0 * now.saturating_sub(then) as f64 / then as f64,
        });
        self.warm_up.blank(out);
    }
}

impl Machine for RateOfChange {
    fn next(&mut self, candle: &Candle) -> Option<f64> {
        single(|out| self.advance(&[candle.close.units()], out))
    }

    fn fill(&mut self, rows: CandleRows<'_>, out: &mut [f64]) {
        assert_eq!(rows.len(), out.len(), "one place per row");
        self.advance(rows.close, out);
    }
}
