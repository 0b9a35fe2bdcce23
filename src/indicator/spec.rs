//! Which indicator, with which parameters: the name of a column and the key for sharing it.

use super::Machine;
use super::atr::Atr;
use super::ema::Ema;
use super::rolling_high::RollingHigh;
use super::rolling_low::RollingLow;
use super::rsi::Rsi;
use super::sma::Sma;
use super::standard_deviation::StandardDeviation;

/// An indicator and its window, in candles of the series it is asked on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Spec {
    /// Simple moving average of closes, a price.
    Sma {
        /// Number of closes averaged.
        window: u32,
    },
    /// Exponential moving average of closes, a price.
    Ema {
        /// Its weight is 2 / (window + 1).
        window: u32,
    },
    /// Wilder's relative strength index of closes, 0 to 100.
    Rsi {
        /// Its weight is 1 / window.
        window: u32,
    },
    /// Wilder's average true range, a price difference.
    Atr {
        /// Its weight is 1 / window.
        window: u32,
    },
    /// Population standard deviation of closes, a price difference.
    StandardDeviation {
        /// Number of closes.
        window: u32,
    },
    /// Largest high, a price.
    RollingHigh {
        /// Number of candles.
        window: u32,
    },
    /// Smallest low, a price.
    RollingLow {
        /// Number of candles.
        window: u32,
    },
}

/// The longest window: a million candles, about two years of minutes.
const WINDOW_MAX: u32 = 1_000_000;

/// The longest window whose exact sums of squares hold any real price.
const DEVIATION_WINDOW_MAX: u32 = 100_000;

impl Spec {
    /// Whether the parameters are in range; the message says which is not.
    pub fn check(&self) -> Result<(), String> {
        let (low, high) = match self {
            // One candle has no deviation: it would be zero always.
            Spec::StandardDeviation { .. } => (2, DEVIATION_WINDOW_MAX),
            // One change is all gain or all loss: 0 or 100 always.
            Spec::Rsi { .. } => (2, WINDOW_MAX),
            Spec::Sma { .. }
            | Spec::Ema { .. }
            | Spec::Atr { .. }
            | Spec::RollingHigh { .. }
            | Spec::RollingLow { .. } => (1, WINDOW_MAX),
        };
        if (low..=high).contains(&self.window()) {
            return Ok(());
        }
        Err(format!("{}: the window must be from {low} to {high} candles", self.name()))
    }

    /// The window in candles.
    pub const fn window(&self) -> u32 {
        match *self {
            Spec::Sma { window }
            | Spec::Ema { window }
            | Spec::Rsi { window }
            | Spec::Atr { window }
            | Spec::StandardDeviation { window }
            | Spec::RollingHigh { window }
            | Spec::RollingLow { window } => window,
        }
    }

    /// How many candles it takes until the first value, that candle included. (The RSI of a market in which no price
    /// moves stays undefined for longer.)
    pub const fn warm_up(&self) -> u32 {
        match *self {
            Spec::Sma { window }
            | Spec::Ema { window }
            | Spec::StandardDeviation { window }
            | Spec::RollingHigh { window }
            | Spec::RollingLow { window } => window,
            // Both need the close before the first candle of the window.
            Spec::Rsi { window } | Spec::Atr { window } => window.saturating_add(1),
        }
    }

    /// How many candles more it takes until the value no longer depends on where the data begin: until what came
    /// before weighs less than 1e-9. Zero for indicators that forget entirely; a recursive one never does, and a
    /// strategy that must trade alike from any start adds this to its warm-up.
    pub const fn unstable_period(&self) -> u32 {
        match *self {
            Spec::Sma { .. } | Spec::StandardDeviation { .. } | Spec::RollingHigh { .. } | Spec::RollingLow { .. } => 0,
            // (1 - 2 / (w + 1))^(11 (w + 1)) < e^-22 and (1 - 1 / w)^(21 w) < e^-21.
            Spec::Ema { window } => window.saturating_add(1).saturating_mul(11),
            Spec::Rsi { window } | Spec::Atr { window } => window.saturating_mul(21),
        }
    }

    /// How it is written in files and messages, such as `sma(20)`.
    pub fn name(&self) -> String {
        let kind = match self {
            Spec::Sma { .. } => "sma",
            Spec::Ema { .. } => "ema",
            Spec::Rsi { .. } => "rsi",
            Spec::Atr { .. } => "atr",
            Spec::StandardDeviation { .. } => "standard_deviation",
            Spec::RollingHigh { .. } => "rolling_high",
            Spec::RollingLow { .. } => "rolling_low",
        };
        format!("{kind}({})", self.window())
    }

    /// A fresh machine for a series whose prices have `price_decimals`. Panics on parameters that [`Spec::check`]
    /// refuses: a bug of the caller.
    pub fn machine(&self, price_decimals: u8) -> Box<dyn Machine> {
        if let Err(complaint) = self.check() {
            panic!("{complaint}");
        }
        match *self {
            Spec::Sma { window } => Box::new(Sma::new(window, price_decimals)),
            Spec::Ema { window } => Box::new(Ema::new(window, price_decimals)),
            Spec::Rsi { window } => Box::new(Rsi::new(window)),
            Spec::Atr { window } => Box::new(Atr::new(window, price_decimals)),
            Spec::StandardDeviation { window } => Box::new(StandardDeviation::new(window, price_decimals)),
            Spec::RollingHigh { window } => Box::new(RollingHigh::new(window, price_decimals)),
            Spec::RollingLow { window } => Box::new(RollingLow::new(window, price_decimals)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_out_of_range_is_refused_by_name() {
        assert_eq!(
            Spec::Sma { window: 0 }.check(),
            Err("sma(0): the window must be from 1 to 1000000 candles".to_owned())
        );
        assert!(Spec::RollingLow { window: 1_000_001 }.check().is_err());
        assert!(Spec::StandardDeviation { window: 1 }.check().is_err());
        assert!(Spec::StandardDeviation { window: 100_001 }.check().is_err());
        assert!(Spec::Rsi { window: 1 }.check().is_err());
        assert_eq!(Spec::Rsi { window: 2 }.check(), Ok(()));
        assert_eq!(Spec::Ema { window: 1_000_000 }.check(), Ok(()));
    }
}
