//! What an indicator's numbers are measured in, as far as a chart must know.

use super::Spec;

impl Spec {
    /// Whether its numbers are prices of its series, so that they may be drawn over its candles.
    pub const fn is_price(&self) -> bool {
        match self {
            Spec::Sma { .. }
            | Spec::Ema { .. }
            | Spec::Wma { .. }
            | Spec::Bollinger { .. }
            | Spec::Keltner { .. }
            | Spec::Donchian { .. }
            | Spec::RollingVwap { .. }
            | Spec::SessionVwap { .. }
            | Spec::RollingHigh { .. }
            | Spec::RollingLow { .. } => true,
            Spec::Rsi { .. }
            | Spec::Macd { .. }
            | Spec::Atr { .. }
            | Spec::Directional { .. }
            | Spec::Stochastic { .. }
            | Spec::StandardDeviation { .. }
            | Spec::ZScore { .. }
            | Spec::RateOfChange { .. }
            | Spec::OnBalanceVolume => false,
        }
    }
}
