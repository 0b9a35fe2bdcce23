//! Walk-forward analysis (Pardo 2008, "The Evaluation and Optimization of Trading Strategies"): choose on the past, trade
//! what comes next, move on. Index arithmetic, and the efficiency of what came of it.

use super::super::{DAYS_PER_YEAR, Undefined};
use std::ops::Range;

/// Shown beside the efficiency.
pub const DEFINITION: &str = "walk-forward efficiency: annual growth over all out-of-sample pieces joined over annual growth over all in-sample pieces joined";

/// Where training begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Training {
    /// Always at the first row: it grows.
    Anchored,
    /// It keeps its length and moves.
    Rolling,
}

/// How a record is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Rows of the record.
    pub rows: usize,
    /// Rows to train on; when anchored, at first.
    pub train: usize,
    /// Rows to trade before the next training; the last piece may be shorter.
    pub test: usize,
    /// Rows between the end of training and the rows traded, so that no position of the one reaches into the other.
    pub gap: usize,
    /// Where training begins.
    pub training: Training,
}

/// One training and what is traded after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    /// Rows to choose on.
    pub train: Range<usize>,
    /// Rows to trade, all later.
    pub test: Range<usize>,
}

impl Window {
    /// The rows just before the traded ones that indicators may warm up on: none before training began, none traded.
    ///
    /// # Errors
    /// When the strategy needs more rows than there are since training began.
    pub fn warm_up(&self, rows: usize) -> Result<Range<usize>, Undefined> {
        if rows > self.test.start - self.train.start {
            return Err(Undefined("the warm-up is longer than what lies between the start of training and trading"));
        }
        Ok(self.test.start - rows..self.test.start)
    }
}

/// The windows in order of time. Together their traded rows are every row from the first traded one on, each once.
///
/// # Errors
/// When nothing is trained on or traded, and when no row is left to trade after the first training.
pub fn windows(plan: &Plan) -> Result<Vec<Window>, Undefined> {
    if plan.train == 0 || plan.test == 0 {
        return Err(Undefined("a walk-forward window trains on at least one row and trades at least one"));
    }
    let first = plan.train.checked_add(plan.gap).filter(|first| *first < plan.rows);
    let Some(first) = first else {
        return Err(Undefined("the record is no longer than the first training"));
    };
    let window = |start: usize| {
        let trained = start - plan.gap;
        let from = match plan.training {
            Training::Anchored => 0,
            Training::Rolling => trained - plan.train,
        };
        Window { train: from..trained, test: start..start.saturating_add(plan.test).min(plan.rows) }
    };
    Ok((first..plan.rows).step_by(plan.test).map(window).collect())
}

/// How one window did.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Piece {
    /// Closing over opening equity on the rows trained on, by the parameters chosen there.
    pub train_growth: f64,
    /// Days of training.
    pub train_days: f64,
    /// Closing over opening equity on the rows traded.
    pub test_growth: f64,
    /// Days traded.
    pub test_days: f64,
}

/// Annual growth out of sample over annual growth in sample, the pieces of each joined end to end. 1 keeps what training
/// promised; below about one half little of it is left.
///
/// # Errors
/// Without pieces, when an equity or a time is not positive, and when training itself gained nothing.
pub fn efficiency(pieces: &[Piece]) -> Result<f64, Undefined> {
    let trained = annual(pieces.iter().map(|piece| (piece.train_growth, piece.train_days)))?;
    if trained <= 0.0 {
        return Err(Undefined("nothing was gained in sample"));
    }
    Ok(annual(pieces.iter().map(|piece| (piece.test_growth, piece.test_days)))? / trained)
}

/// `(Π growth)^(365 / Σ days) - 1`.
fn annual(pieces: impl Iterator<Item = (f64, f64)>) -> Result<f64, Undefined> {
    let (mut logarithm, mut total) = (0.0, 0.0);
    for (growth, days) in pieces {
        if growth.is_nan() || growth <= 0.0 {
            return Err(Undefined("the equity was not positive throughout"));
        }
        if days.is_nan() || days <= 0.0 {
            return Err(Undefined("no time has passed"));
        }
        // Logarithms, as the product of many windows could leave the range of a float.
        logarithm += libm::log(growth);
        total += days;
    }
    if total == 0.0 {
        return Err(Undefined("there are no windows"));
    }
    Ok(libm::expm1(logarithm * DAYS_PER_YEAR / total))
}

#[cfg(test)]
mod tests {
    use super::super::super::worked::printed;
    use super::*;

    fn plan(training: Training) -> Plan {
        Plan { rows: 100, train: 40, test: 25, gap: 0, training }
    }

    #[test]
    fn anchored_and_rolling_windows_by_hand() {
        let window = |train: Range<usize>, test: Range<usize>| Window { train, test };
        assert_eq!(
            windows(&plan(Training::Anchored)).unwrap(),
            [window(0..40, 40..65), window(0..65, 65..90), window(0..90, 90..100)]
        );
        assert_eq!(
            windows(&plan(Training::Rolling)).unwrap(),
            [window(0..40, 40..65), window(25..65, 65..90), window(50..90, 90..100)]
        );
        let gap = Plan { gap: 5, ..plan(Training::Rolling) };
        assert_eq!(windows(&gap).unwrap()[1], window(25..65, 70..95));
    }

    #[test]
    fn the_traded_rows_are_tiled_once_and_never_trained_on_before() {
        for rows in 2..60 {
            for (train, test, gap) in [(1, 1, 0), (7, 3, 0), (7, 3, 2), (20, 50, 1), (3, 10, 4)] {
                for training in [Training::Anchored, Training::Rolling] {
                    let Ok(found) = windows(&Plan { rows, train, test, gap, training }) else {
                        assert!(train + gap >= rows);
                        continue;
                    };
                    let traded: Vec<usize> = found.iter().flat_map(|window| window.test.clone()).collect();
                    assert_eq!(traded, (train + gap..rows).collect::<Vec<_>>());
                    for window in &found {
                        assert_eq!(window.train.end + gap, window.test.start);
                        assert!(window.train.len() >= train);
                        match training {
                            Training::Anchored => assert_eq!(window.train.start, 0),
                            Training::Rolling => assert_eq!(window.train.len(), train),
                        }
                        let warm = window.warm_up(train + gap).unwrap();
                        assert!(warm.start >= window.train.start && warm.end == window.test.start);
                        assert!(window.warm_up(window.test.start - window.train.start + 1).is_err());
                    }
                }
            }
        }
    }

    #[test]
    fn what_leaves_nothing_to_trade_is_refused() {
        assert!(windows(&Plan { train: 100, ..plan(Training::Rolling) }).is_err());
        assert!(windows(&Plan { gap: 60, ..plan(Training::Rolling) }).is_err());
        assert!(windows(&Plan { train: 0, ..plan(Training::Rolling) }).is_err());
        assert!(windows(&Plan { test: 0, ..plan(Training::Rolling) }).is_err());
        assert!(windows(&Plan { train: usize::MAX, gap: 1, ..plan(Training::Rolling) }).is_err());
    }

    #[test]
    fn efficiency_joins_the_pieces() {
        // In sample 21 % in two years; out of sample 2 % and 3 % in half a year each.
        let piece =
            |train_growth, test_growth| Piece { train_growth, train_days: 365.0, test_growth, test_days: 182.5 };
        let pieces = [piece(1.1, 1.02), piece(1.1, 1.03)];
        printed(efficiency(&pieces), "0.506000");
        let lost = [piece(1.1, 0.9), piece(1.1, 0.9)];
        printed(efficiency(&lost), "-1.900000");
        assert!(efficiency(&[piece(0.9, 1.2)]).is_err() && efficiency(&[]).is_err());
        assert!(efficiency(&[piece(1.1, 0.0)]).is_err());
        assert!(efficiency(&[Piece { test_days: 0.0, ..piece(1.1, 1.1) }]).is_err());
    }
}
