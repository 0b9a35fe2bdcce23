//! Why a trade ended, in words that all programs share. Matching never rests on it.

use super::reading::Kind;
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

/// Words of runs of ours.
const OWN: &[(&str, Reason)] = &[
    ("stop", Reason::Stop),
    ("stop-market", Reason::Stop),
    ("stop-limit", Reason::Stop),
    ("trailing-stop", Reason::TrailingStop),
    ("target", Reason::Target),
    ("take-profit", Reason::Target),
    ("take-profit-limit", Reason::Target),
    ("market", Reason::Signal),
    ("limit", Reason::Signal),
    ("end_of_data", Reason::End),
    ("liquidation", Reason::Liquidation),
];

const FREQTRADE: &[(&str, Reason)] = &[
    ("stop_loss", Reason::Stop),
    ("stoploss_on_exchange", Reason::Stop),
    ("trailing_stop_loss", Reason::TrailingStop),
    ("roi", Reason::Target),
    ("exit_signal", Reason::Signal),
    ("sell_signal", Reason::Signal),
    ("force_exit", Reason::End),
    ("force_sell", Reason::End),
    ("liquidation", Reason::Liquidation),
];

const TRADING_VIEW: &[(&str, Reason)] =
    &[("close position order", Reason::Signal), ("open", Reason::End), ("margin call", Reason::Liquidation)];

impl Reason {
    /// What a program's word means, where that is known. A word of one program means nothing in the file of another: there
    /// it is a name that a strategy chose. TradingView's own word for a strategy's exit is longer.
    pub fn of(program: Kind, word: &str) -> Option<Self> {
        let word = word.trim().to_lowercase();
        let known = match program {
            Kind::TradingView if word.starts_with("close entry(s) order") => return Some(Reason::Signal),
            Kind::Tapeline => OWN,
            Kind::Freqtrade => FREQTRADE,
            Kind::TradingView => TRADING_VIEW,
            // It does not say why a trade ended.
            Kind::BacktestingPy => return None,
        };
        known.iter().find(|(known, _)| *known == word).map(|(_, reason)| *reason)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn different_words_mean_the_same_and_unknown_ones_nothing() {
        let (ours, bot, view) = (Kind::Tapeline, Kind::Freqtrade, Kind::TradingView);
        assert_eq!(Reason::of(bot, "roi"), Reason::of(ours, "target"));
        assert_eq!(Reason::of(bot, "sell_signal"), Reason::of(view, "Close entry(s) order Long"));
        assert_eq!(Reason::of(bot, "force_exit"), Some(Reason::End));
        assert_ne!(Reason::of(bot, "stop_loss"), Reason::of(bot, "trailing_stop_loss"));
        assert_eq!(Reason::of(ours, "my own exit"), None);
        for (program, word) in [(bot, "end_of_data"), (bot, "open"), (view, "force_exit"), (ours, "Open")] {
            assert_eq!(Reason::of(program, word), None, "{word} is a word of another program");
        }
    }
}
