//! Which indicator, with which parameters: the name of a column and the key for sharing it.

use super::atr::Atr;
use super::centre::{Alone, CentreKey, Line};
use super::directional::Directional;
use super::donchian::DonchianMiddle;
use super::ema::Ema;
use super::envelope::Envelope;
use super::macd::Macd;
use super::on_balance_volume::OnBalanceVolume;
use super::rate_of_change::RateOfChange;
use super::rolling_high::RollingHigh;
use super::rolling_low::RollingLow;
use super::rsi::Rsi;
use super::sma::Sma;
use super::standard_deviation::StandardDeviation;
use super::stochastic::Stochastic;
use super::vwap::{self, RollingVwap, SessionVwap};
use super::wma::Wma;
use super::z_score::ZScore;
use super::{Decimals, Machine};
use crate::domain::Rate;

/// An indicator and its parameters; windows are in candles of the series it is asked on. An indicator of several lines
/// is one variant with the line as a parameter: each line is a column of its own. docs/indicators.md has the formulas.
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
    /// Weighted moving average of closes, a price.
    Wma {
        /// Number of closes averaged; the newest weighs as much as this, the oldest 1.
        window: u32,
    },
    /// Wilder's relative strength index of closes, 0 to 100.
    Rsi {
        /// Its weight is 1 / window.
        window: u32,
    },
    /// Moving average convergence and divergence of closes, a price difference.
    Macd {
        /// Window of the fast average, below the slow one.
        fast: u32,
        /// Window of the slow average.
        slow: u32,
        /// Window of the average of the line.
        signal: u32,
        /// Which of its lines.
        line: MacdLine,
    },
    /// Wilder's average true range, a price difference.
    Atr {
        /// Its weight is 1 / window.
        window: u32,
    },
    /// Wilder's directional movement, 0 to 100.
    Directional {
        /// The weight of its averages is 1 / window.
        window: u32,
        /// Which of its lines.
        line: DirectionalLine,
    },
    /// Bollinger bands, a price: the simple average and standard deviations around it.
    Bollinger {
        /// Number of closes.
        window: u32,
        /// How many deviations the bands lie away.
        width: Rate,
        /// Which of its lines.
        band: Band,
    },
    /// Keltner bands, a price: the exponential average and average true ranges around it.
    Keltner {
        /// Window of the average.
        window: u32,
        /// Window of the true range.
        range: u32,
        /// How many ranges the bands lie away.
        width: Rate,
        /// Which of its lines.
        band: Band,
    },
    /// Donchian channel, a price: rolling high, rolling low, and half way between.
    Donchian {
        /// Number of candles, this one included.
        window: u32,
        /// Which of its lines.
        band: Band,
    },
    /// Stochastic oscillator, 0 to 100.
    Stochastic {
        /// Number of candles whose highs and lows span the range.
        window: u32,
        /// Number of places averaged to %K: 1 for the fast oscillator.
        smooth: u32,
        /// Number of %K averaged to %D.
        signal: u32,
        /// Which of its lines.
        line: StochasticLine,
    },
    /// Population standard deviation of closes, a price difference.
    StandardDeviation {
        /// Number of closes.
        window: u32,
    },
    /// How many standard deviations the close lies above the simple average.
    ZScore {
        /// Number of closes, this one included.
        window: u32,
    },
    /// Rate of change of closes, in per cent.
    RateOfChange {
        /// How many candles back the older close lies.
        window: u32,
    },
    /// Volume-weighted average price of the last candles, and bands around it.
    RollingVwap {
        /// Number of candles.
        window: u32,
        /// How many volume-weighted deviations the bands lie away.
        width: Rate,
        /// Which of its lines.
        band: Band,
    },
    /// Volume-weighted average price since UTC midnight, and bands around it.
    SessionVwap {
        /// How many volume-weighted deviations the bands lie away.
        width: Rate,
        /// Which of its lines.
        band: Band,
    },
    /// On-balance volume, a quantity.
    OnBalanceVolume,
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

/// A line of the MACD.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MacdLine {
    /// Fast average less slow average.
    Line,
    /// Exponential average of the line.
    Signal,
    /// Line less signal.
    Histogram,
}

/// A line of the directional movement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DirectionalLine {
    /// Average of how far the two shares stand apart: the strength of a trend, whichever way.
    Adx,
    /// Share of upward movement: +DI.
    Plus,
    /// Share of downward movement: -DI.
    Minus,
}

/// A line of the stochastic oscillator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StochasticLine {
    /// %K: the place of the close.
    K,
    /// %D: the average of %K.
    D,
}

/// A line of a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Band {
    /// Above the middle.
    Upper,
    /// What the bands lie around.
    Middle,
    /// Below the middle.
    Lower,
}

impl Band {
    /// How many widths above the middle it lies.
    pub(super) fn reach(self, width: f64) -> f64 {
        match self {
            Band::Upper => width,
            Band::Middle => 0.0,
            Band::Lower => -width,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Band::Upper => "upper",
            Band::Middle => "middle",
            Band::Lower => "lower",
        }
    }
}

/// The longest window: a million candles, about two years of minutes.
const WINDOW_MAX: u32 = 1_000_000;

/// The longest window whose exact sums of squares hold any real price.
const DEVIATION_WINDOW_MAX: u32 = 100_000;

/// The longest average within a stochastic oscillator.
const STOCHASTIC_AVERAGE_MAX: u32 = 100;

/// The widest band, in deviations or ranges.
const WIDTH_MAX: Rate = Rate::from_units(100 * Rate::ONE.units());

impl Spec {
    /// Whether the parameters are in range; the message says which is not.
    pub fn check(&self) -> Result<(), String> {
        for (what, candles, low, high) in self.windows() {
            if !(low..=high).contains(&candles) {
                return Err(format!("{}: {what} must be from {low} to {high} candles", self.name()));
            }
        }
        if let Spec::Macd { fast, slow, .. } = self
            && fast >= slow
        {
            return Err(format!("{}: the fast window must be below the slow one", self.name()));
        }
        match self.width() {
            Some(width) if width <= Rate::ZERO || width > WIDTH_MAX => {
                Err(format!("{}: the width must be above 0 and at most {}", self.name(), WIDTH_MAX.to_decimal()))
            }
            Some(_) | None => Ok(()),
        }
    }

    /// Every window with its name and range.
    fn windows(&self) -> Vec<(&'static str, u32, u32, u32)> {
        let window = |window, low, high| vec![("the window", window, low, high)];
        match *self {
            // One candle has no deviation: it would be zero always.
            Spec::StandardDeviation { window: candles }
            | Spec::ZScore { window: candles }
            | Spec::Bollinger { window: candles, .. } => window(candles, 2, DEVIATION_WINDOW_MAX),
            // One change is all gain or all loss: 0 or 100 always. One movement has no average to begin with.
            Spec::Rsi { window: candles } | Spec::Directional { window: candles, .. } => window(candles, 2, WINDOW_MAX),
            Spec::Sma { window: candles }
            | Spec::Ema { window: candles }
            | Spec::Wma { window: candles }
            | Spec::Atr { window: candles }
            | Spec::RateOfChange { window: candles }
            | Spec::Donchian { window: candles, .. }
            | Spec::RollingVwap { window: candles, .. }
            | Spec::RollingHigh { window: candles }
            | Spec::RollingLow { window: candles } => window(candles, 1, WINDOW_MAX),
            Spec::Macd { fast, slow, signal, .. } => vec![
                ("the fast window", fast, 1, WINDOW_MAX),
                ("the slow window", slow, 2, WINDOW_MAX),
                ("the signal's window", signal, 1, WINDOW_MAX),
            ],
            Spec::Keltner { window: candles, range, .. } => {
                vec![("the window", candles, 1, WINDOW_MAX), ("the range's window", range, 1, WINDOW_MAX)]
            }
            Spec::Stochastic { window: candles, smooth, signal, .. } => vec![
                ("the window", candles, 1, WINDOW_MAX),
                ("the average of %K", smooth, 1, STOCHASTIC_AVERAGE_MAX),
                ("the average of %D", signal, 1, STOCHASTIC_AVERAGE_MAX),
            ],
            Spec::SessionVwap { .. } | Spec::OnBalanceVolume => Vec::new(),
        }
    }

    /// How far its bands lie from the middle, if it has such bands.
    const fn width(&self) -> Option<Rate> {
        match *self {
            Spec::Bollinger { width, .. }
            | Spec::Keltner { width, .. }
            | Spec::RollingVwap { width, .. }
            | Spec::SessionVwap { width, .. } => Some(width),
            Spec::Sma { .. }
            | Spec::Ema { .. }
            | Spec::Wma { .. }
            | Spec::Rsi { .. }
            | Spec::Macd { .. }
            | Spec::Atr { .. }
            | Spec::Directional { .. }
            | Spec::Donchian { .. }
            | Spec::Stochastic { .. }
            | Spec::StandardDeviation { .. }
            | Spec::ZScore { .. }
            | Spec::RateOfChange { .. }
            | Spec::OnBalanceVolume
            | Spec::RollingHigh { .. }
            | Spec::RollingLow { .. } => None,
        }
    }

    /// How many candles it takes until the first value, that candle included. Where the market gives no value for a
    /// while it comes later: see docs/indicators.md (RSI, directional movement, stochastic oscillator and z-score of a
    /// market in which no price moves; averages by volume where there is none; the session of a day whose beginning is
    /// not in the data).
    pub const fn warm_up(&self) -> u32 {
        match *self {
            Spec::Sma { window }
            | Spec::Ema { window }
            | Spec::Wma { window }
            | Spec::Bollinger { window, .. }
            | Spec::Keltner { window, band: Band::Middle, .. }
            | Spec::Donchian { window, .. }
            | Spec::StandardDeviation { window }
            | Spec::ZScore { window }
            | Spec::RollingVwap { window, .. }
            | Spec::RollingHigh { window }
            | Spec::RollingLow { window }
            | Spec::Macd { slow: window, line: MacdLine::Line, .. } => window,
            // All need a close before the first candle of the window.
            Spec::Rsi { window }
            | Spec::Atr { window }
            | Spec::RateOfChange { window }
            | Spec::Directional { window, line: DirectionalLine::Plus | DirectionalLine::Minus } => {
                window.saturating_add(1)
            }
            Spec::Directional { window, line: DirectionalLine::Adx } => window.saturating_mul(2),
            Spec::Macd { slow, signal, line: MacdLine::Signal | MacdLine::Histogram, .. } => {
                slow.saturating_add(signal).saturating_sub(1)
            }
            Spec::Keltner { window, range, band: Band::Upper | Band::Lower, .. } => {
                larger(window, range.saturating_add(1))
            }
            Spec::Stochastic { window, smooth, line: StochasticLine::K, .. } => {
                window.saturating_add(smooth).saturating_sub(1)
            }
            Spec::Stochastic { window, smooth, signal, line: StochasticLine::D } => {
                window.saturating_add(smooth).saturating_add(signal).saturating_sub(2)
            }
            Spec::SessionVwap { .. } | Spec::OnBalanceVolume => 1,
        }
    }

    /// How many candles more it takes until the value no longer depends on where the data begin: until what came
    /// before weighs less than 1e-9. Zero for indicators that forget entirely; a recursive one never does, and a
    /// strategy that must trade alike from any start adds this to its warm-up. The level of the on-balance volume
    /// depends on the beginning for ever: `u32::MAX`.
    pub const fn unstable_period(&self) -> u32 {
        match *self {
            Spec::Sma { .. }
            | Spec::Wma { .. }
            | Spec::Bollinger { .. }
            | Spec::Donchian { .. }
            | Spec::Stochastic { .. }
            | Spec::StandardDeviation { .. }
            | Spec::ZScore { .. }
            | Spec::RateOfChange { .. }
            | Spec::RollingVwap { .. }
            | Spec::SessionVwap { .. }
            | Spec::RollingHigh { .. }
            | Spec::RollingLow { .. } => 0,
            Spec::Ema { window } | Spec::Keltner { window, band: Band::Middle, .. } => forgotten_exponential(window),
            Spec::Macd { slow, line: MacdLine::Line, .. } => forgotten_exponential(slow),
            Spec::Macd { slow, signal, line: MacdLine::Signal | MacdLine::Histogram, .. } => {
                forgotten_exponential(slow).saturating_add(forgotten_exponential(signal))
            }
            Spec::Rsi { window }
            | Spec::Atr { window }
            | Spec::Directional { window, line: DirectionalLine::Plus | DirectionalLine::Minus } => {
                forgotten_wilder(window)
            }
            // An average of what comes from averages.
            Spec::Directional { window, line: DirectionalLine::Adx } => forgotten_wilder(window).saturating_mul(2),
            Spec::Keltner { window, range, band: Band::Upper | Band::Lower, .. } => {
                larger(forgotten_exponential(window), forgotten_wilder(range))
            }
            Spec::OnBalanceVolume => u32::MAX,
        }
    }

    /// How it is written in files and messages, such as `sma(20)` or `macd(12,26,9).signal`.
    pub fn name(&self) -> String {
        let width = self.width().unwrap_or(Rate::ZERO).to_decimal();
        match *self {
            Spec::Sma { window } => format!("sma({window})"),
            Spec::Ema { window } => format!("ema({window})"),
            Spec::Wma { window } => format!("wma({window})"),
            Spec::Rsi { window } => format!("rsi({window})"),
            Spec::Macd { fast, slow, signal, line } => {
                let line = match line {
                    MacdLine::Line => "line",
                    MacdLine::Signal => "signal",
                    MacdLine::Histogram => "histogram",
                };
                format!("macd({fast},{slow},{signal}).{line}")
            }
            Spec::Atr { window } => format!("atr({window})"),
            Spec::Directional { window, line } => {
                let line = match line {
                    DirectionalLine::Adx => "adx",
                    DirectionalLine::Plus => "plus",
                    DirectionalLine::Minus => "minus",
                };
                format!("directional({window}).{line}")
            }
            Spec::Bollinger { window, band, .. } => format!("bollinger({window},{width}).{}", band.name()),
            Spec::Keltner { window, range, band, .. } => format!("keltner({window},{range},{width}).{}", band.name()),
            Spec::Donchian { window, band } => format!("donchian({window}).{}", band.name()),
            Spec::Stochastic { window, smooth, signal, line } => {
                let line = match line {
                    StochasticLine::K => "k",
                    StochasticLine::D => "d",
                };
                format!("stochastic({window},{smooth},{signal}).{line}")
            }
            Spec::StandardDeviation { window } => format!("standard_deviation({window})"),
            Spec::ZScore { window } => format!("z_score({window})"),
            Spec::RateOfChange { window } => format!("rate_of_change({window})"),
            Spec::RollingVwap { window, band, .. } => format!("rolling_vwap({window},{width}).{}", band.name()),
            Spec::SessionVwap { band, .. } => format!("session_vwap({width}).{}", band.name()),
            Spec::OnBalanceVolume => "on_balance_volume".to_owned(),
            Spec::RollingHigh { window } => format!("rolling_high({window})"),
            Spec::RollingLow { window } => format!("rolling_low({window})"),
        }
    }

    /// The centre that it lies around and its line, where lines of any width share one; [`Spec::machine`] gives the same
    /// bits.
    pub fn around(&self, decimals: Decimals) -> Option<(CentreKey, Line)> {
        let (key, band) = match *self {
            Spec::RollingVwap { window, band, .. } => (CentreKey::RollingVwap { window }, band),
            Spec::SessionVwap { band, .. } => (CentreKey::SessionVwap, band),
            _ => return None,
        };
        Some((key, vwap::line(self.width().map_or(0.0, widths), band, decimals.price)))
    }

    /// A machine at the beginning of its series, whose integers stand for so many decimals. Panics on parameters that
    /// [`Spec::check`] refuses: a bug of the caller.
    pub fn machine(&self, decimals: Decimals) -> Box<dyn Machine> {
        if let Err(complaint) = self.check() {
            panic!("{complaint}");
        }
        let (price, width) = (decimals.price, self.width().map_or(0.0, widths));
        match *self {
            Spec::Sma { window } | Spec::Bollinger { window, band: Band::Middle, .. } => {
                Box::new(Sma::new(window, price))
            }
            Spec::Ema { window } | Spec::Keltner { window, band: Band::Middle, .. } => {
                Box::new(Ema::new(window, price))
            }
            Spec::Wma { window } => Box::new(Wma::new(window, price)),
            Spec::Rsi { window } => Box::new(Rsi::new(window)),
            Spec::Macd { fast, slow, signal, line } => Box::new(Macd::new(fast, slow, signal, line, price)),
            Spec::Atr { window } => Box::new(Atr::new(window, price)),
            Spec::Directional { window, line } => Box::new(Directional::new(window, line)),
            Spec::Bollinger { window, band, .. } => {
                let (middle, spread) = (Sma::new(window, price), StandardDeviation::new(window, price));
                Box::new(Envelope::new(middle, spread, band.reach(width)))
            }
            Spec::Keltner { window, range, band, .. } => {
                let (middle, spread) = (Ema::new(window, price), Atr::new(range, price));
                Box::new(Envelope::new(middle, spread, band.reach(width)))
            }
            Spec::RollingHigh { window } | Spec::Donchian { window, band: Band::Upper } => {
                Box::new(RollingHigh::new(window, price))
            }
            Spec::RollingLow { window } | Spec::Donchian { window, band: Band::Lower } => {
                Box::new(RollingLow::new(window, price))
            }
            Spec::Donchian { window, band: Band::Middle } => Box::new(DonchianMiddle::new(window, price)),
            Spec::Stochastic { window, smooth, signal, line } => {
                Box::new(Stochastic::new(window, smooth, signal, line))
            }
            Spec::StandardDeviation { window } => Box::new(StandardDeviation::new(window, price)),
            Spec::ZScore { window } => Box::new(ZScore::new(window)),
            Spec::RateOfChange { window } => Box::new(RateOfChange::new(window)),
            Spec::RollingVwap { window, band, .. } => {
                Box::new(Alone { centre: RollingVwap::new(window), line: vwap::line(width, band, price) })
            }
            Spec::SessionVwap { band, .. } => {
                Box::new(Alone { centre: SessionVwap::new(), line: vwap::line(width, band, price) })
            }
            Spec::OnBalanceVolume => Box::new(OnBalanceVolume::new(decimals.quantity)),
        }
    }
}

/// A width as a real number.
fn widths(width: Rate) -> f64 {
    width.units() as f64 / Rate::ONE.units() as f64
}

const fn larger(left: u32, right: u32) -> u32 {
    if left > right { left } else { right }
}

/// Candles until an exponential average has forgotten: (1 - 2 / (w + 1))^(11 (w + 1)) < e^-22.
const fn forgotten_exponential(window: u32) -> u32 {
    window.saturating_add(1).saturating_mul(11)
}

/// Candles until Wilder's average has forgotten: (1 - 1 / w)^(21 w) < e^-21.
const fn forgotten_wilder(window: u32) -> u32 {
    window.saturating_mul(21)
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

    #[test]
    fn of_several_parameters_the_wrong_one_is_named() {
        let macd = |fast, slow, signal| Spec::Macd { fast, slow, signal, line: MacdLine::Signal }.check();
        assert_eq!(macd(12, 26, 9), Ok(()));
        assert_eq!(macd(26, 12, 9), Err("macd(26,12,9).signal: the fast window must be below the slow one".to_owned()));
        assert_eq!(
            macd(12, 26, 0),
            Err("macd(12,26,0).signal: the signal's window must be from 1 to 1000000 candles".to_owned())
        );
        let oscillator = Spec::Stochastic { window: 14, smooth: 101, signal: 3, line: StochasticLine::D };
        assert_eq!(
            oscillator.check(),
            Err("stochastic(14,101,3).d: the average of %K must be from 1 to 100 candles".to_owned())
        );
        let keltner = |range, width| Spec::Keltner { window: 20, range, width, band: Band::Lower }.check();
        assert_eq!(keltner(10, WIDTH_MAX), Ok(()));
        assert!(keltner(0, WIDTH_MAX).unwrap_err().contains("the range's window"));
        assert_eq!(
            keltner(10, Rate::ZERO),
            Err("keltner(20,10,0).lower: the width must be above 0 and at most 100".to_owned())
        );
        assert!(Spec::SessionVwap { width: Rate::from_units(-1), band: Band::Upper }.check().is_err());
        assert!(Spec::Bollinger { window: 1, width: Rate::ONE, band: Band::Upper }.check().is_err());
        assert_eq!(Spec::OnBalanceVolume.check(), Ok(()));
    }
}
