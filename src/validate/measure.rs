//! What a column of a trial comes to on some of its days, where their returns tell.

use crate::domain::{Span, Timestamp};
use crate::error::{Fault, Result};
use crate::metrics::drawdown::Drawdown;
use crate::metrics::probabilistic_sharpe::Evidence;
use crate::metrics::{DAYS_PER_YEAR, Undefined};
use crate::metrics::{cagr, calmar, moments, sharpe, sortino, total_return, ulcer, volatility};
use crate::sweep::Objective;

/// An objective that daily returns tell.
#[derive(Clone, Copy, Debug)]
pub struct Measure {
    objective: Objective,
    value: Value,
}

type Value = fn(&[f64]) -> std::result::Result<f64, Undefined>;

/// The columns of `trials.parquet` that can be told from daily returns. Those about equity are of the equity that the days
/// make when they follow each other, beginning at one, as it stood at the end of each.
const VALUES: &[(&str, Value)] = &[
    // Where all begin with the same equity, the one that gains most has the largest growth.
    ("profit", growth),
    ("total_return", growth),
    ("cagr", |days| yearly_growth(&equity(days))),
    ("volatility", |days| volatility::volatility(days, DAYS_PER_YEAR)),
    ("sharpe", |days| sharpe::sharpe(days, DAYS_PER_YEAR)),
    ("sortino", |days| sortino::sortino(days, 0.0, DAYS_PER_YEAR)),
    ("calmar", |days| {
        let equity = equity(days);
        calmar::calmar(yearly_growth(&equity)?, Drawdown::of(&equity)?.depth)
    }),
    ("psr", |days| Evidence::of(days)?.probability_above(0.0)),
    ("skew", moments::skew),
    ("kurtosis", moments::kurtosis),
    ("drawdown", |days| Ok(Drawdown::of(&equity(days))?.depth)),
    ("ulcer", |days| ulcer::ulcer(&equity(days))),
];

impl Measure {
    /// The measure of an objective.
    ///
    /// # Errors
    /// When daily returns do not tell it: says which columns they do.
    pub fn of(objective: Objective) -> Result<Self> {
        let found = VALUES.iter().find(|(name, _)| *name == objective.name());
        let (_, value) = found.ok_or_else(|| {
            let names: Vec<&str> = VALUES.iter().map(|(name, _)| *name).collect();
            Fault::user(format!("cross-validation cannot choose by {}: daily returns do not tell it", objective.name()))
                .remedy(format!("choose one of {} as --objective, or leave --cross-validation out", names.join(", ")))
        })?;
        Ok(Measure { objective, value: *value })
    }

    /// What is measured.
    pub fn objective(self) -> Objective {
        self.objective
    }

    /// The objective on these days.
    ///
    /// # Errors
    /// When it is not defined on them.
    pub fn value(self, days: &[f64]) -> std::result::Result<f64, Undefined> {
        if days.is_empty() { Err(Undefined("there are no days")) } else { (self.value)(days) }
    }
}

/// The equity at the end of each day, from one before the first of them.
pub(super) fn equity(days: &[f64]) -> Vec<(Timestamp, f64)> {
    let at = |day: usize| Timestamp::from_nanos(0).after(Span::DAY.times(day as i64));
    let mut samples = vec![(at(0), 1.0)];
    for (day, step) in days.iter().enumerate() {
        samples.push((at(day + 1), samples[day].1 * (1.0 + step)));
    }
    samples
}

fn growth(days: &[f64]) -> std::result::Result<f64, Undefined> {
    let equity = equity(days);
    total_return::total_return(1.0, equity[days.len()].1)
}

fn yearly_growth(equity: &[(Timestamp, f64)]) -> std::result::Result<f64, Undefined> {
    let days = equity.len() - 1;
    cagr::cagr(1.0, equity[days].1, days as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::{Inputs, Statistics};

    #[test]
    fn a_measure_of_all_days_is_the_column_of_the_run() {
        let days: Vec<f64> = (0..90i32).map(|day| f64::from(day % 7 - 3) / 200.0 + 0.0004).collect();
        let statistics = Statistics::compute(&Inputs { equity: &equity(&days), ..Inputs::default() });
        for (name, value) in VALUES {
            let key = match *name {
                "profit" => "total_return",
                "drawdown" => "max_drawdown",
                name => name,
            };
            let (of_run, own) = (statistics.get(key).unwrap().value().unwrap(), value(&days).unwrap());
            assert!((of_run - own).abs() < 1e-9, "{name}: {own} instead of {of_run}");
        }
    }

    #[test]
    fn what_returns_do_not_tell_is_refused() {
        let fault = Measure::of(Objective::parse("trades").unwrap()).unwrap_err().to_string();
        assert!(fault.contains("cannot choose by trades") && fault.contains("calmar"), "{fault}");
    }
}
