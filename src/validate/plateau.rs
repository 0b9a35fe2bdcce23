//! How the neighbours of the best trial do: a lonely peak is more often luck than a plateau.

use crate::metrics::Undefined;
use crate::sweep::{Axis, Status, Trial};

/// The trials one step away from the best along one axis of numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Plateau {
    /// How many of them were run.
    pub neighbours: usize,
    /// Their mean objective over that of the best.
    pub mean: f64,
    /// The worst of them over that of the best.
    pub worst: f64,
}

impl Plateau {
    /// Looks up the neighbours of `best`. One that ran but has no objective counts as zero; one that was not run, or is not
    /// allowed, does not count.
    ///
    /// # Errors
    /// When the best is not above zero, so that a share of it means nothing, and when no neighbour was run.
    pub fn of(trials: &[Trial], axes: &[Axis], best: &Trial, objective: &str) -> Result<Self, Undefined> {
        let top = best.get(objective).filter(|top| *top > 0.0);
        let top = top.ok_or(Undefined("the best is not above zero"))?;
        let shares: Vec<f64> = steps(axes, best)
            .iter()
            .filter_map(|values| trials.iter().find(|trial| trial.values == *values))
            .filter(|trial| trial.status == Status::Done)
            .map(|trial| trial.get(objective).unwrap_or(0.0) / top)
            .collect();
        let worst = shares.iter().copied().reduce(f64::min);
        let worst = worst.ok_or(Undefined("no neighbour of the best in the grid was run"))?;
        let mean = shares.iter().sum::<f64>() / shares.len() as f64;
        Ok(Plateau { neighbours: shares.len(), mean, worst })
    }
}

/// The combinations one step up or down along each axis whose values are numbers.
fn steps(axes: &[Axis], best: &Trial) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    for (index, axis) in axes.iter().enumerate() {
        let mut values: Vec<(f64, &String)> =
            axis.values.iter().filter_map(|text| Some((text.parse::<f64>().ok()?, text))).collect();
        if values.len() < axis.values.len() {
            continue;
        }
        values.sort_by(|one, other| one.0.total_cmp(&other.0));
        let Some(place) = values.iter().position(|(_, text)| **text == best.values[index]) else { continue };
        for near in [place.checked_sub(1), place.checked_add(1)].into_iter().flatten() {
            if let Some((_, text)) = values.get(near) {
                let mut combination = best.values.clone();
                combination[index] = (*text).clone();
                found.push(combination);
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sweep::COLUMNS;

    fn trial(number: u64, fast: &str, sizing: &str, sharpe: Option<f64>) -> Trial {
        let numbers = COLUMNS.iter().map(|column| sharpe.filter(|_| column.name == "sharpe")).collect();
        Trial {
            number,
            values: vec![fast.to_owned(), sizing.to_owned()],
            status: Status::Done,
            message: None,
            fingerprint: None,
            numbers,
        }
    }

    #[test]
    fn neighbours_are_one_step_away_in_order_of_the_numbers() {
        let axis = |name: &str, text: &str| Axis::parse(name, text).unwrap().unwrap();
        // Written out of order: the neighbours of 10 are 5 and 20.
        let axes = [axis("fast", "10,40,5,20"), axis("sizing", "fixed,equity")];
        let mut trials = vec![
            trial(0, "10", "fixed", Some(2.0)),
            trial(1, "10", "equity", Some(-9.0)),
            trial(2, "40", "fixed", Some(-9.0)),
            trial(4, "5", "fixed", Some(1.0)),
            trial(6, "20", "fixed", Some(1.5)),
        ];
        let found = |trials: &[Trial]| Plateau::of(trials, &axes, &trials[0], "sharpe");
        assert_eq!(found(&trials), Ok(Plateau { neighbours: 2, mean: 0.625, worst: 0.5 }));
        trials[3].numbers.fill(None);
        assert_eq!(found(&trials), Ok(Plateau { neighbours: 2, mean: 0.375, worst: 0.0 }), "no ratio is no support");
        trials[3].status = Status::Invalid;
        assert_eq!(found(&trials), Ok(Plateau { neighbours: 1, mean: 0.75, worst: 0.75 }));
        assert!(found(&trials[..3]).is_err(), "no neighbour was run");
        assert!(Plateau::of(&trials, &axes, &trials[1], "sharpe").is_err(), "the best lost");
    }
}
