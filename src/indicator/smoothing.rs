//! The recursive averages beneath EMA, RSI, ATR, MACD and the directional indicators.

/// `average += (value - average) * weight`.
///
/// This form, unlike `average * (1 - weight) + value * weight`, stands still exactly when the values do.
#[derive(Clone, Copy, Debug)]
struct Recursion {
    weight: f64,
    average: f64,
}

impl Recursion {
    #[inline]
    fn next(&mut self, value: f64) -> f64 {
        self.average += (value - self.average) * self.weight;
        self.average
    }
}

/// The recursive average of whole numbers, begun with the plain mean of the first `window` values.
#[derive(Clone, Debug)]
pub(super) struct Smoothing {
    missing: u32,
    seed: i128,
    divisor: f64,
    recursion: Recursion,
}

impl Smoothing {
    /// An exponential average: weight 2 / (window + 1).
    pub(super) fn exponential(window: u32) -> Self {
        Smoothing::new(window, window, 2.0 / (f64::from(window) + 1.0))
    }

    /// Wilder's average: weight 1 / window.
    pub(super) fn wilder(window: u32) -> Self {
        Smoothing::new(window, window, 1.0 / f64::from(window))
    }

    /// Wilder's average begun as TA-Lib begins it for movements and ranges: with the sum of the first `window - 1`
    /// values divided by `window`, and given from there on. The window has at least two values.
    pub(super) fn directional(window: u32) -> Self {
        Smoothing::new(window - 1, window, 1.0 / f64::from(window))
    }

    fn new(missing: u32, divisor: u32, weight: f64) -> Self {
        Smoothing { missing, seed: 0, divisor: f64::from(divisor), recursion: Recursion { weight, average: 0.0 } }
    }

    /// Takes a value; gives the average from the value on that completes the beginning.
    #[inline]
    pub(super) fn next(&mut self, value: i64) -> Option<f64> {
        if self.missing == 0 {
            return Some(self.recursion.next(value as f64));
        }
        self.seed += i128::from(value);
        self.missing -= 1;
        if self.missing > 0 {
            return None;
        }
        self.recursion.average = self.seed as f64 / self.divisor;
        Some(self.recursion.average)
    }
}

/// The recursive average of values that are averages or ratios themselves.
#[derive(Clone, Debug)]
pub(super) struct SecondSmoothing {
    missing: u32,
    seed: f64,
    window: f64,
    recursion: Recursion,
}

impl SecondSmoothing {
    /// An exponential average: weight 2 / (window + 1).
    pub(super) fn exponential(window: u32) -> Self {
        SecondSmoothing::new(window, 2.0 / (f64::from(window) + 1.0))
    }

    /// Wilder's average: weight 1 / window.
    pub(super) fn wilder(window: u32) -> Self {
        SecondSmoothing::new(window, 1.0 / f64::from(window))
    }

    fn new(window: u32, weight: f64) -> Self {
        let recursion = Recursion { weight, average: 0.0 };
        SecondSmoothing { missing: window, seed: 0.0, window: f64::from(window), recursion }
    }

    /// Takes a value; gives the average from the window's last value on.
    #[inline]
    pub(super) fn next(&mut self, value: f64) -> Option<f64> {
        if self.missing == 0 {
            return Some(self.recursion.next(value));
        }
        self.seed += value;
        self.missing -= 1;
        if self.missing == 0 {
            self.recursion.average = self.seed / self.window;
        }
        self.last()
    }

    /// The average as it stands, if it has begun.
    pub(super) fn last(&self) -> Option<f64> {
        (self.missing == 0).then_some(self.recursion.average)
    }
}
