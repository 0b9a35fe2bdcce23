//! Every drawdown of a run, one by one.

use super::drawdown::Descent;
use crate::domain::Timestamp;

/// Shown beside the list.
pub const DEFINITION: &str = "every stretch of daily equity samples below an earlier peak, the deepest first: the fall from the peak as a fraction of it, days from peak to trough, and from trough until the peak was reached again";

/// One drawdown.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fall {
    /// How far below its peak, as a fraction of it.
    pub depth: f64,
    /// When it began, hit its bottom, and was made good.
    pub course: Descent,
}

/// The drawdowns of equity samples in order of time, the deepest first, of equal ones the earlier. An opening equity that is
/// not positive has none.
pub fn falls(equity: &[(Timestamp, f64)]) -> Vec<Fall> {
    let (Some(first), Some(last)) = (equity.first(), equity.last()) else { return Vec::new() };
    if first.1 <= 0.0 {
        return Vec::new();
    }
    let mut found = Vec::new();
    let mut peak = *first;
    let mut open: Option<Fall> = None;
    for &(at, worth) in equity {
        if worth >= peak.1 {
            found.extend(open.take().map(|mut fall| {
                fall.course.recovery = Some(at);
                fall
            }));
            peak = (at, worth);
            continue;
        }
        let depth = 1.0 - worth / peak.1;
        if open.is_none_or(|fall| depth > fall.depth) {
            open = Some(Fall { depth, course: Descent { peak: peak.0, trough: at, recovery: None, end: last.0 } });
        }
    }
    found.extend(open);
    found.sort_by(|one, other| other.depth.total_cmp(&one.depth).then(one.course.peak.cmp(&other.course.peak)));
    found
}

#[cfg(test)]
mod tests {
    use super::super::drawdown::Drawdown;
    use super::super::worked::{W, day, equity};
    use super::*;

    #[test]
    fn the_deepest_of_all_is_the_largest_drawdown() {
        let samples = equity(&W);
        let (all, largest) = (falls(&samples), Drawdown::of(&samples).unwrap());
        assert_eq!((all[0].depth, Some(all[0].course)), (largest.depth, largest.largest));
    }

    #[test]
    fn each_drawdown_has_its_peak_trough_and_recovery() {
        let worths = [100.0, 90.0, 95.0, 100.0, 120.0, 60.0, 80.0];
        let samples: Vec<_> = (0..).map(day).zip(worths).collect();
        let all = falls(&samples);
        let course = |peak, trough, recovery: Option<i64>| Descent {
            peak: day(peak),
            trough: day(trough),
            recovery: recovery.map(day),
            end: day(6),
        };
        assert_eq!(all.len(), 2);
        assert_eq!((all[0].depth, all[0].course), (0.5, course(4, 5, None)));
        assert!((all[1].depth - 0.1).abs() < 1e-15);
        assert_eq!(all[1].course, course(0, 1, Some(3)));
        assert!(falls(&[]).is_empty() && falls(&[(day(0), 0.0), (day(1), 1.0)]).is_empty());
    }
}
