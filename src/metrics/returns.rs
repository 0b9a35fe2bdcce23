//! Daily simple returns, the base series of every ratio.

use super::Undefined;
use crate::domain::{Span, Timestamp};

/// Simple returns from each equity sample to the next.
///
/// The samples stand at the start of the run, at every UTC midnight and at the end, so the first and the last return
/// may cover a part of a day. They are kept: together the returns compound to the total return, and the loss of the
/// day on which a run ended is never left out.
///
/// # Errors
/// With fewer than two samples; when equity is not a positive number, since growth from or to nothing has no rate;
/// when samples are out of order or more than a day apart, since their returns would not be daily.
pub fn daily(equity: &[(Timestamp, f64)]) -> Result<Vec<f64>, Undefined> {
    if equity.len() < 2 {
        return Err(Undefined("fewer than two equity samples"));
    }
    if !equity.iter().all(|(_, worth)| worth.is_finite() && *worth > 0.0) {
        return Err(Undefined("the equity was not positive throughout"));
    }
    equity
        .windows(2)
        .map(|pair| {
            let step = pair[1].0.since(pair[0].0);
            if step <= Span::ZERO {
                Err(Undefined("the equity samples are out of order"))
            } else if step > Span::DAY {
                Err(Undefined("equity samples are more than a day apart"))
            } else {
                Ok(pair[1].1 / pair[0].1 - 1.0)
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::worked::{W, day, equity};
    use super::*;

    #[test]
    fn the_returns_of_the_worked_equity_are_the_worked_series() {
        let returns = daily(&equity(&W)).unwrap();
        assert_eq!(returns.len(), W.len());
        assert!(returns.iter().zip(W).all(|(one, other)| (one - other).abs() < 1e-15));
    }

    #[test]
    fn a_part_of_a_day_at_either_end_is_a_return_of_its_own() {
        let noon = |number| day(number).after(Span::HOUR.times(12));
        let returns = daily(&[(noon(0), 100.0), (day(1), 110.0), (day(2), 99.0), (noon(2), 198.0)]).unwrap();
        assert!(returns.iter().zip([0.1, -0.1, 1.0]).all(|(one, other)| (one - other).abs() < 1e-15));
    }

    #[test]
    fn equity_that_has_no_daily_returns_says_why() {
        let reason = |samples: &[(Timestamp, f64)]| daily(samples).unwrap_err().0;
        assert_eq!(reason(&[(day(0), 1.0)]), "fewer than two equity samples");
        assert_eq!(reason(&[(day(0), 1.0), (day(1), 0.0)]), "the equity was not positive throughout");
        assert_eq!(reason(&[(day(0), 1.0), (day(1), -2.0)]), "the equity was not positive throughout");
        assert_eq!(reason(&[(day(0), 1.0), (day(1), f64::NAN)]), "the equity was not positive throughout");
        assert_eq!(reason(&[(day(1), 1.0), (day(1), 2.0)]), "the equity samples are out of order");
        assert_eq!(reason(&[(day(1), 1.0), (day(3), 2.0)]), "equity samples are more than a day apart");
    }
}
