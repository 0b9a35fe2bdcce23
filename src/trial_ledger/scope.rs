//! Which trials count against a result: those on the same data, on any of the same days.

use crate::tape::synth::VENUE;

/// The data that a sweep or a run played, and the days that it is judged on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    /// The names of its series, ascending, each once.
    pub series: Vec<String>,
    /// The first UTC day, counted from 1970-01-01.
    pub from_day: i64,
    /// The day after the last one.
    pub to_day: i64,
}

impl Scope {
    /// Of data with these hashes by series (`venue/symbol`). A synthetic market is another one with every seed, so its
    /// content is part of its name; a real one stays the same when candles are added.
    pub fn of(data: &[(String, String)], from_day: i64, to_day: i64) -> Self {
        let name = |(series, content): &(String, String)| match series.split_once('/') {
            Some((VENUE, _)) => format!("{series}#{content}"),
            Some(_) | None => series.clone(),
        };
        let mut series: Vec<String> = data.iter().map(name).collect();
        series.sort();
        series.dedup();
        Scope { series, from_day, to_day }
    }

    /// The name of the data set.
    pub fn data_set(&self) -> String {
        self.series.join(" ")
    }

    /// Whether a data set of this name shares a series with this one.
    pub fn shares(&self, data_set: &str) -> bool {
        data_set.split(' ').any(|series| self.series.iter().any(|own| own == series))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope(series: &[(&str, &str)]) -> Scope {
        let data: Vec<(String, String)> =
            series.iter().map(|(one, two)| ((*one).to_owned(), (*two).to_owned())).collect();
        Scope::of(&data, 0, 10)
    }

    #[test]
    fn more_candles_are_the_same_data_and_another_seed_is_not() {
        let (then, now) = (scope(&[("kraken/XBTUSD", "a")]), scope(&[("kraken/XBTUSD", "b"), ("kraken/ETHUSD", "c")]));
        assert!(now.shares(&then.data_set()) && then.shares(&now.data_set()));
        assert_eq!(now.data_set(), "kraken/ETHUSD kraken/XBTUSD");
        let (one, other) = (scope(&[("synthetic/BTCUSDT", "a")]), scope(&[("synthetic/BTCUSDT", "b")]));
        assert!(one.shares(&one.data_set()) && !one.shares(&other.data_set()));
        assert!(!scope(&[("binance/XBTUSD", "a")]).shares(&then.data_set()));
    }
}
