//! Profiles: the rules of other engines as a whole, for comparing results with theirs.

use crate::venue::Policy;

/// A named set of rules that another engine follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// The Python package backtesting.py.
    BacktestingPy,
    /// `Portfolio.from_signals` of the Python package vectorbt.
    Vectorbt,
    /// The backtests of the trading bot freqtrade.
    Freqtrade,
    /// TradingView's broker emulator, from general knowledge.
    TradingView,
}

/// The words of the profiles.
pub(super) const PROFILES: &[(&str, Profile)] = &[
    ("backtesting.py", Profile::BacktestingPy),
    ("vectorbt", Profile::Vectorbt),
    ("freqtrade", Profile::Freqtrade),
    ("tradingview", Profile::TradingView),
];

impl Profile {
    /// Its word in a scenario.
    pub fn name(self) -> &'static str {
        super::written::word(PROFILES, self)
    }

    /// Its rules.
    pub fn policy(self) -> Policy {
        match self {
            Profile::BacktestingPy => Policy::backtesting_py(),
            Profile::Vectorbt => Policy::vectorbt(),
            Profile::Freqtrade => Policy::freqtrade(),
            Profile::TradingView => Policy::tradingview(),
        }
    }

    /// Whether the engine leaves it to its user how much a taker slips.
    pub(super) fn leaves_slippage_open(self) -> bool {
        match self {
            Profile::Vectorbt | Profile::TradingView => true,
            Profile::BacktestingPy | Profile::Freqtrade => false,
        }
    }

    /// What a reader of its results has to know: one word that says how bad it is, and why.
    pub fn caution(self) -> (&'static str, &'static str) {
        match self {
            Profile::BacktestingPy => (
                "OPTIMISTIC",
                "no latency and no volume cap; a limit fills at a mere touch, and at the better open beyond a gap",
            ),
            Profile::Vectorbt => (
                "CHEAT",
                "market orders fill at the close of the very candle that they were decided on, a price that was there \
                 before the decision could act",
            ),
            Profile::Freqtrade => (
                "OPTIMISTIC",
                "no latency and no volume cap; a stop fills at its own price although the candle opened beyond it, if \
                 the candle comes back to it",
            ),
            Profile::TradingView => (
                "UNVERIFIED",
                "what is generally said of TradingView's broker emulator, never held against the emulator itself; an \
                 assumed path decides inside candles",
            ),
        }
    }
}
