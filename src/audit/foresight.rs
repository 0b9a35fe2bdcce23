//! What a series from outside knows of the candles after it.
//!
//! Replays cannot tell whether a file dates its values too early: to them the file is what was known. But a value that
//! was computed from a candle and is dated before its close moves with the candle that comes next, and does so far more
//! closely than anything that was known in time.

use crate::catalog::Stage;
use crate::domain::{CandleColumns, InstrumentId, OutsideSeries, Timestamp};
use crate::metrics::rank_correlation::rank_correlation;

/// The rank correlation with prices to come from which a series is not believed. A signal at a tenth of it is a very
/// good one.
pub const FORESIGHT_MAX: f64 = 0.3;

/// How many standard errors (1/√(n-1) without any relation) it has to be as well.
const ERRORS_MIN: f64 = 5.0;

/// How many steps ahead are looked at: a value may be dated more than one step too early.
const STEPS: usize = 5;

/// The closest relation found between a series and the prices after it.
#[derive(Clone, Debug, PartialEq)]
pub struct Foresight {
    /// The name of the series in the scenario.
    pub series: String,
    /// The instrument whose prices it was held against.
    pub symbol: String,
    /// Rows that were compared.
    pub rows: usize,
    /// Whether the value or its change from row to row was the closer one.
    pub of: Measure,
    /// Which step after the row, from 1: a step is the time from one row to the next.
    pub step: usize,
    /// Their rank correlation.
    pub correlation: f64,
}

/// What of a series is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// The value itself.
    Value,
    /// Its change since the row before.
    Change,
}

impl Measure {
    /// In a word.
    pub fn name(self) -> &'static str {
        match self {
            Measure::Value => "value",
            Measure::Change => "change",
        }
    }
}

impl Foresight {
    /// Of every series against every instrument, where there is enough to compare.
    pub fn of(stage: &Stage) -> Vec<Self> {
        let mut found = Vec::new();
        for (series, plan) in stage.outside().iter().zip(&stage.plan.series) {
            for (index, instrument) in stage.plan.instruments.iter().enumerate() {
                let candles = stage.candles(InstrumentId(index as u16));
                let prices = known_prices(series, candles, instrument.interval.span().nanos());
                if let Some((of, step, rows, correlation)) = closest(series, &prices) {
                    let (series, symbol) = (plan.name.clone(), instrument.symbol.clone());
                    found.push(Foresight { series, symbol, rows, of, step, correlation });
                }
            }
        }
        found
    }

    /// Whether the relation is no closer than what was known in time could have.
    pub fn is_credible(&self) -> bool {
        let errors = self.correlation.abs() * ((self.rows - 1) as f64).sqrt();
        self.correlation.abs() <= FORESIGHT_MAX || errors < ERRORS_MIN
    }
}

/// The logarithm of the last close that was known at each row of a series.
fn known_prices(series: &OutsideSeries, candles: &CandleColumns, span: i64) -> Vec<Option<f64>> {
    let price = |at: &Timestamp| {
        let closed = candles.open_time.partition_point(|open| open + span <= at.nanos());
        Some(candles.close[closed.checked_sub(1)?]).filter(|close| *close > 0).map(|close| libm::log(close as f64))
    };
    series.available_at().iter().map(price).collect()
}

/// The relation of largest size over all measures and steps.
fn closest(series: &OutsideSeries, prices: &[Option<f64>]) -> Option<(Measure, usize, usize, f64)> {
    let values = series.values();
    let mut best: Option<(Measure, usize, usize, f64)> = None;
    for of in [Measure::Value, Measure::Change] {
        for step in 1..=STEPS {
            let pairs = (1..values.len().saturating_sub(step)).filter_map(|row| {
                let seen = match of {
                    Measure::Value => values[row]?,
                    Measure::Change => values[row]? - values[row - 1]?,
                };
                Some((seen, prices[row + step]? - prices[row + step - 1]?))
            });
            let (seen, came): (Vec<f64>, Vec<f64>) = pairs.unzip();
            if let Ok(found) = rank_correlation(&seen, &came)
                && best.is_none_or(|(.., known)| found.abs() > known.abs())
            {
                best = Some((of, step, seen.len(), found));
            }
        }
    }
    best
}
