//! The account from day to day, as the charts of returns and risk are made from.

use super::rows::EquityRow;
use crate::domain::Timestamp;
use crate::metrics::{Undefined, returns};

/// Samples of equity with their daily returns.
#[derive(Clone, Debug)]
pub struct Curve {
    /// Equity at the start, every UTC midnight and the end.
    pub samples: Vec<(Timestamp, f64)>,
    /// The samples that risk is measured from: all, or those up to the first one at or after a halt.
    pub measured: usize,
    /// The daily returns of these; the one at place `i` ends at the sample `i + 1`.
    pub returns: Result<Vec<f64>, Undefined>,
}

impl Curve {
    /// Of the rows of `equity.csv`.
    pub fn of(rows: &[EquityRow], halted_at: Option<Timestamp>) -> Self {
        let samples: Vec<(Timestamp, f64)> =
            rows.iter().map(|row| (Timestamp::from_millis(row.at), row.equity)).collect();
        let measured = halted_at
            .map_or(samples.len(), |halt| (samples.partition_point(|(at, _)| *at < halt) + 1).min(samples.len()));
        let returns = returns::daily(&samples[..measured]);
        Curve { samples, measured, returns }
    }
}
