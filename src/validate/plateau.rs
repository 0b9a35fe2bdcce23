//! How the neighbours of the best trial do: a lonely peak is more often luck than a plateau.
//!
//! Theirs is a share of the best's: its objective over the best's where most is wanted, the best's over its own where
//! least is, so that one that has half as much, or twice as much, has a share of one half.

use crate::metrics::Undefined;
use crate::sweep::{Axis, Direction, Objective, Status, Trial};

/// The trials one step away from the best along one axis of numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Plateau {
    /// How many of them were run.
    pub neighbours: usize,
    /// Their mean share.
    pub mean: f64,
    /// The share of the worst of them.
    pub worst: f64,
    /// How many trials at most two steps away along every axis were run, the best not among them.
    pub near: usize,
    /// The part of these with a share of at least one half.
    pub share: f64,
}

impl Plateau {
    /// Looks up the neighbours of `best`. One that ran but has no objective counts as zero; one that was not run, or is not
    /// allowed, does not count.
    ///
    /// # Errors
    /// When the best is not above zero, so that a share of it means nothing, and when no neighbour was run.
    pub fn of(trials: &[Trial], axes: &[Axis], best: &Trial, objective: Objective) -> Result<Self, Undefined> {
        let top = best.get(objective.name()).filter(|top| *top > 0.0);
        let top = top.ok_or(Undefined("the best is not above zero"))?;
        let share_of = |trial: &Trial| match (trial.get(objective.name()), objective.direction()) {
            (None, _) => 0.0,
            (Some(value), Direction::Descending) => value / top,
            // None has less than the best.
            (Some(value), Direction::Ascending) => top / value,
        };
        let places: Vec<Places> = axes.iter().map(Places::of).collect();
        let (mut shares, mut near, mut good) = (Vec::new(), 0, 0);
        for trial in trials.iter().filter(|trial| trial.status == Status::Done && trial.number != best.number) {
            let Some(steps) = steps(&places, best, trial) else { continue };
            if steps.iter().sum::<usize>() == 1 {
                shares.push(share_of(trial));
            }
            if steps.iter().all(|steps| *steps <= NEAR) {
                near += 1;
                good += usize::from(share_of(trial) >= GOOD);
            }
        }
        let worst = shares.iter().copied().reduce(f64::min);
        let worst = worst.ok_or(Undefined("no neighbour of the best in the grid was run"))?;
        let mean = shares.iter().sum::<f64>() / shares.len() as f64;
        let share = f64::from(good as u32) / f64::from(near as u32);
        Ok(Plateau { neighbours: shares.len(), mean, worst, near, share })
    }
}

/// How many steps away along an axis still belongs to a plateau.
const NEAR: usize = 2;
/// The share that keeps a trial on it.
const GOOD: f64 = 0.5;

/// The values of an axis of numbers in their order; none where one of them is no number.
struct Places<'a>(Option<Vec<&'a str>>);

impl<'a> Places<'a> {
    fn of(axis: &'a Axis) -> Self {
        let values = axis.values.iter().map(|text| Some((text.parse::<f64>().ok()?, text.as_str())));
        let mut values: Option<Vec<(f64, &str)>> = values.collect();
        if let Some(values) = &mut values {
            values.sort_by(|one, other| one.0.total_cmp(&other.0));
        }
        Places(values.map(|values| values.into_iter().map(|(_, text)| text).collect()))
    }

    /// How many steps lie between two values; none where an axis of words has two different ones.
    fn between(&self, one: &str, other: &str) -> Option<usize> {
        if one == other {
            return Some(0);
        }
        let place = |text: &str| self.0.as_ref()?.iter().position(|known| *known == text);
        Some(place(one)?.abs_diff(place(other)?))
    }
}

/// The steps from one trial to another along each axis; none where they differ in a word.
fn steps(places: &[Places<'_>], one: &Trial, other: &Trial) -> Option<Vec<usize>> {
    places
        .iter()
        .zip(one.values.iter().zip(&other.values))
        .map(|(places, (one, other))| places.between(one, other))
        .collect()
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
        let most = Objective::parse("sharpe").unwrap();
        let found = |trials: &[Trial]| Plateau::of(trials, &axes, &trials[0], most);
        let least = Objective::parse("sharpe:min").unwrap();
        assert_eq!(
            Plateau::of(&trials, &axes, &trials[3], least),
            Ok(Plateau { neighbours: 1, mean: 0.5, worst: 0.5, near: 2, share: 1.0 }),
            "twice as much is half as good"
        );
        assert_eq!(found(&trials), Ok(Plateau { neighbours: 2, mean: 0.625, worst: 0.5, near: 3, share: 2.0 / 3.0 }));
        trials[3].numbers.fill(None);
        assert_eq!(
            found(&trials),
            Ok(Plateau { neighbours: 2, mean: 0.375, worst: 0.0, near: 3, share: 1.0 / 3.0 }),
            "no ratio is no support"
        );
        trials[3].status = Status::Invalid;
        assert_eq!(found(&trials), Ok(Plateau { neighbours: 1, mean: 0.75, worst: 0.75, near: 2, share: 0.5 }));
        assert!(found(&trials[..3]).is_err(), "no neighbour was run");
        assert!(Plateau::of(&trials, &axes, &trials[1], most).is_err(), "the best lost");
    }
}
