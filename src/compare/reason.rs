//! Why a trade ended, in words that all programs share. Matching never rests on it.

use serde::Serialize;

/// What closes a trade.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// A stop that stood still.
    Stop,
    /// A stop that followed the price.
    TrailingStop,
    /// A level of profit.
    Target,
    /// The strategy's own decision.
    Signal,
    /// The end of the data.
    End,
    /// The exchange took the position away.
    Liquidation,
}

/// Words of several programs that mean the same.
const KNOWN: &[(&str, Reason)] = &[
    ("stop", Reason::Stop),
    ("stop-market", Reason::Stop),
    ("stop-limit", Reason::Stop),
    ("stop_loss", Reason::Stop),
    ("stoploss_on_exchange", Reason::Stop),
    ("trailing-stop", Reason::TrailingStop),
    ("trailing_stop_loss", Reason::TrailingStop),
    ("target", Reason::Target),
    ("take-profit", Reason::Target),
    ("take-profit-limit", Reason::Target),
    ("roi", Reason::Target),
    ("market", Reason::Signal),
    ("limit", Reason::Signal),
    ("exit_signal", Reason::Signal),
    ("sell_signal", Reason::Signal),
    ("end_of_data", Reason::End),
    ("force_exit", Reason::End),
    ("force_sell", Reason::End),
    ("open", Reason::End),
    ("liquidation", Reason::Liquidation),
    ("margin call", Reason::Liquidation),
];

impl Reason {
    /// What a program's word means, where that is known. TradingView's own word for a strategy's exit is longer.
    pub fn of(word: &str) -> Option<Self> {
        let word = word.trim().to_lowercase();
        if word.starts_with("close entry(s) order") || word == "close position order" {
            return Some(Reason::Signal);
        }
        KNOWN.iter().find(|(known, _)| *known == word).map(|(_, reason)| *reason)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn different_words_mean_the_same_and_unknown_ones_nothing() {
        assert_eq!(Reason::of("roi"), Reason::of("target"));
        assert_eq!(Reason::of("sell_signal"), Reason::of("Close entry(s) order Long"));
        assert_eq!(Reason::of("force_exit"), Some(Reason::End));
        assert_ne!(Reason::of("stop_loss"), Reason::of("trailing_stop_loss"));
        assert_eq!(Reason::of("my own exit"), None);
    }
}
