//! An average with its deviation, and the lines that lie around it: what bands of any width have in common is computed
//! once.

use super::Machine;
use super::vwap::{RollingVwap, SessionVwap};
use crate::domain::{Candle, CandleRows};

/// An average of a series with its deviation over the same candles.
///
/// Every line around it comes from these two alone. A sweep over widths fills them once and draws each line by
/// [`Line::at`]; a machine of its own gives the same bits.
pub trait Centre: Send {
    /// Takes the next closed candle and gives average and deviation at its close, or none while they are undefined.
    fn next(&mut self, candle: &Candle) -> Option<(f64, f64)>;

    /// Takes the next closed candles and writes both for each row, NaN while undefined. Panics when there is not one
    /// place per row: a bug of the caller.
    fn fill(&mut self, rows: CandleRows<'_>, averages: &mut [f64], deviations: &mut [f64]) {
        assert_eq!([averages.len(), deviations.len()], [rows.len(); 2], "one place per row");
        for (row, (average, deviation)) in averages.iter_mut().zip(deviations).enumerate() {
            (*average, *deviation) = self.next(&rows.candle(row)).unwrap_or((f64::NAN, f64::NAN));
        }
    }
}

/// A line at so many deviations from an average.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Line {
    /// How many deviations above the average, negative for below.
    pub(super) reach: f64,
    /// What the centre counts in one whole.
    pub(super) divisor: f64,
}

impl Line {
    /// Its value where the centre has these.
    #[inline]
    pub fn at(self, average: f64, deviation: f64) -> f64 {
        if self.reach == 0.0 { average / self.divisor } else { (average + self.reach * deviation) / self.divisor }
    }

    /// Its values over rows at which the centre has these. All slices have one length.
    pub fn fill(self, averages: &[f64], deviations: &[f64], out: &mut [f64]) {
        for ((out, average), deviation) in out.iter_mut().zip(averages).zip(deviations) {
            *out = self.at(*average, *deviation);
        }
    }
}

/// One line around a centre that nothing else needs.
#[derive(Clone, Debug)]
pub(super) struct Alone<C> {
    pub centre: C,
    pub line: Line,
}

impl<C: Centre> Machine for Alone<C> {
    #[inline]
    fn next(&mut self, candle: &Candle) -> Option<f64> {
        self.centre.next(candle).map(|(average, deviation)| self.line.at(average, deviation))
    }
}

/// Which centre a line lies around: lines of one kind, over one window, whatever their widths, have the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CentreKey {
    /// The volume-weighted average price of so many candles.
    RollingVwap {
        /// Candles.
        window: u32,
    },
    /// The volume-weighted average price since UTC midnight.
    SessionVwap,
}

impl CentreKey {
    /// The centre at the beginning of its series.
    pub fn centre(self) -> Box<dyn Centre> {
        match self {
            CentreKey::RollingVwap { window } => Box::new(RollingVwap::new(window)),
            CentreKey::SessionVwap => Box::new(SessionVwap::new()),
        }
    }
}
