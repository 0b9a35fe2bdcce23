//! How far and how long the equity stood below an earlier peak.

use super::Undefined;
use crate::domain::Timestamp;

/// Shown beside the depth.
pub const DEFINITION: &str = "largest fall of the daily sampled equity below an earlier peak, as a fraction of that peak (opening equity included)";
/// Shown beside the depth over all candles.
pub const CANDLES_DEFINITION: &str =
    "largest fall of the equity below an earlier peak, as a fraction of that peak, taken at the close of every candle";
/// Shown beside the longest duration.
pub const LONGEST_DEFINITION: &str =
    "most daily equity samples in a row below an earlier peak; one not recovered counts to the end";
/// Shown beside the way down.
pub const FALL_DEFINITION: &str = "days from peak to trough of the largest drawdown";
/// Shown beside the way up.
pub const RECOVERY_DEFINITION: &str =
    "days from the trough of the largest drawdown until the peak was reached again; if it was not, until the end";

const NEVER: Undefined = Undefined("the equity was never below an earlier peak");

/// The largest drawdown of a run of equity samples, and the longest time spent in any.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Drawdown {
    /// Largest fall below an earlier peak as a fraction of it; 0 when there was none.
    pub depth: f64,
    /// When the largest one began, hit its bottom, and was made good; none when equity never fell.
    pub largest: Option<Descent>,
    /// Most samples in a row below an earlier peak.
    pub longest: usize,
}

/// The course of one drawdown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Descent {
    /// The last sample at the peak.
    pub peak: Timestamp,
    /// The first sample at the bottom.
    pub trough: Timestamp,
    /// The first sample back at the peak or above it, if that came.
    pub recovery: Option<Timestamp>,
    /// The last sample of all.
    pub end: Timestamp,
}

impl Drawdown {
    /// Measures equity samples in order of time; the first counts as a peak.
    ///
    /// # Errors
    /// Without samples, and when the opening equity is not positive.
    pub fn of(equity: &[(Timestamp, f64)]) -> Result<Self, Undefined> {
        let &[first, .., last] = equity else {
            return Err(Undefined("fewer than two equity samples"));
        };
        if first.1 <= 0.0 {
            return Err(Undefined("the opening equity is not positive"));
        }
        let mut peak = first;
        let mut found = Drawdown { depth: 0.0, largest: None, longest: 0 };
        let (mut below, mut deepest_is_open) = (0, None);
        for &(at, worth) in equity {
            if worth >= peak.1 {
                if let (Some(largest), Some(true)) = (&mut found.largest, deepest_is_open) {
                    largest.recovery = Some(at);
                    deepest_is_open = Some(false);
                }
                peak = (at, worth);
                below = 0;
                continue;
            }
            below += 1;
            found.longest = found.longest.max(below);
            let depth = 1.0 - worth / peak.1;
            if depth > found.depth {
                found.depth = depth;
                found.largest = Some(Descent { peak: peak.0, trough: at, recovery: None, end: last.0 });
                deepest_is_open = Some(true);
            }
        }
        Ok(found)
    }

    /// Days from the peak to the trough of the largest drawdown.
    ///
    /// # Errors
    /// When there was none.
    pub fn fall_days(&self) -> Result<f64, Undefined> {
        self.largest.map(|course| course.trough.since(course.peak).days()).ok_or(NEVER)
    }

    /// Days from the trough of the largest drawdown to its recovery, or to the end without one.
    ///
    /// # Errors
    /// When there was none.
    pub fn recovery_days(&self) -> Result<f64, Undefined> {
        self.largest.map(|course| course.recovery.unwrap_or(course.end).since(course.trough).days()).ok_or(NEVER)
    }

    /// Whether the run ended before the largest drawdown was made good.
    pub fn is_unrecovered(&self) -> bool {
        self.largest.is_some_and(|course| course.recovery.is_none())
    }
}

#[cfg(test)]
mod tests {
    use super::super::worked::{W, day, equity, printed};
    use super::*;

    fn samples(worths: &[f64]) -> Vec<(Timestamp, f64)> {
        (0..).map(day).zip(worths.iter().copied()).collect()
    }

    #[test]
    fn the_worked_series_has_its_published_drawdown() {
        let found = Drawdown::of(&equity(&W)).unwrap();
        printed(Ok(100.0 * found.depth), "4.5088");
        assert_eq!(found.longest, 9);
        assert_eq!(found.largest, Some(Descent { peak: day(3), trough: day(6), recovery: None, end: day(12) }));
        assert!(found.is_unrecovered());
        printed(found.fall_days(), "3.0");
        printed(found.recovery_days(), "6.0");
    }

    #[test]
    fn the_opening_equity_is_a_peak() {
        let found = Drawdown::of(&samples(&[100.0, 80.0, 90.0])).unwrap();
        printed(Ok(found.depth), "0.2000");
        assert_eq!(found.longest, 2);
    }

    #[test]
    fn the_deepest_and_the_longest_need_not_be_the_same() {
        let found = Drawdown::of(&samples(&[100.0, 70.0, 100.0, 110.0, 109.0, 109.0, 108.0, 110.0, 105.0])).unwrap();
        printed(Ok(found.depth), "0.3000");
        assert_eq!(found.longest, 3);
        assert_eq!(found.largest.unwrap().recovery, Some(day(2)));
        assert!(!found.is_unrecovered());
        printed(found.fall_days(), "1.0");
        printed(found.recovery_days(), "1.0");
    }

    #[test]
    fn a_fall_begins_at_the_last_sample_of_a_level_peak() {
        let found = Drawdown::of(&samples(&[100.0, 100.0, 100.0, 90.0, 100.0])).unwrap();
        assert_eq!(found.largest.unwrap().peak, day(2));
        assert_eq!(found.longest, 1);
    }

    #[test]
    fn equity_that_only_rises_has_a_depth_of_zero_and_no_course() {
        let found = Drawdown::of(&samples(&[100.0, 100.0, 101.0])).unwrap();
        assert_eq!((found.depth, found.longest, found.largest), (0.0, 0, None));
        assert!(!found.is_unrecovered());
        assert_eq!(found.fall_days(), Err(NEVER));
        assert_eq!(found.recovery_days(), Err(NEVER));
    }

    #[test]
    fn debt_is_a_drawdown_of_more_than_all() {
        printed(Drawdown::of(&samples(&[100.0, -50.0])).map(|found| found.depth), "1.5000");
        assert!(Drawdown::of(&samples(&[0.0, 1.0])).is_err());
        assert!(Drawdown::of(&samples(&[1.0])).is_err());
    }
}
