//! Ulcer index (Martin & McCann 1989).

use super::{Undefined, moments};
use crate::domain::Timestamp;

/// Shown beside the number.
pub const DEFINITION: &str =
    "root of the mean squared drawdown over the daily equity samples after the opening one, as a fraction";

/// `√(Σ d² / n)`, d the fall of a sample below the highest one before it, n the samples after the opening one.
///
/// # Errors
/// With fewer than two samples, and when the opening equity is not positive.
pub fn ulcer(equity: &[(Timestamp, f64)]) -> Result<f64, Undefined> {
    let [(_, opening), later @ ..] = equity else {
        return Err(Undefined("fewer than two equity samples"));
    };
    if later.is_empty() {
        return Err(Undefined("fewer than two equity samples"));
    }
    if *opening <= 0.0 {
        return Err(Undefined("the opening equity is not positive"));
    }
    let mut peak = *opening;
    let squares = later.iter().map(|(_, worth)| {
        peak = peak.max(*worth);
        let depth = 1.0 - worth / peak;
        depth * depth
    });
    Ok((moments::sum(squares) / later.len() as f64).sqrt())
}

#[cfg(test)]
mod tests {
    use super::super::worked::{W, day, equity, printed};
    use super::*;

    #[test]
    fn the_worked_series_has_its_published_ulcer_index() {
        printed(ulcer(&equity(&W)), "0.02044706013");
    }

    #[test]
    fn small_lists_by_hand() {
        printed(ulcer(&[(day(0), 100.0), (day(1), 90.0), (day(2), 100.0)]), "0.0707106781");
        printed(ulcer(&[(day(0), 100.0), (day(1), 101.0)]), "0.0000");
        assert!(ulcer(&[(day(0), 100.0)]).is_err() && ulcer(&[]).is_err());
        assert!(ulcer(&[(day(0), 0.0), (day(1), 1.0)]).is_err());
    }
}
