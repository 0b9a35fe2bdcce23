//! The recursive average beneath EMA, RSI and ATR.

/// `average += (value - average) * weight`, begun with the plain mean of the first `window` values.
///
/// This form, unlike `average * (1 - weight) + value * weight`, stands still exactly when the values do.
#[derive(Clone, Debug)]
pub(super) struct Smoothing {
    missing: u32,
    seed: i128,
    window: f64,
    weight: f64,
    average: f64,
}

impl Smoothing {
    /// An exponential average: weight 2 / (window + 1).
    pub(super) fn exponential(window: u32) -> Self {
        Smoothing::new(window, 2.0 / (f64::from(window) + 1.0))
    }

    /// Wilder's average: weight 1 / window.
    pub(super) fn wilder(window: u32) -> Self {
        Smoothing::new(window, 1.0 / f64::from(window))
    }

    fn new(window: u32, weight: f64) -> Self {
        Smoothing { missing: window, seed: 0, window: f64::from(window), weight, average: 0.0 }
    }

    /// Takes a value; gives the average from the window's last value on.
    #[inline]
    pub(super) fn next(&mut self, value: i64) -> Option<f64> {
        if self.missing == 0 {
            self.average += (value as f64 - self.average) * self.weight;
            return Some(self.average);
        }
        self.seed += i128::from(value);
        self.missing -= 1;
        if self.missing > 0 {
            return None;
        }
        self.average = self.seed as f64 / self.window;
        Some(self.average)
    }
}
