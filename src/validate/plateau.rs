//! How the neighbours of the best trial do: a lonely peak is more often luck than a plateau.
//!
//! Theirs is a share of the best's: its objective over the best's where most is wanted, the best's over its own where
//! least is, so that one that has half as much, or twice as much, has a share of one half.

use crate::metrics::Undefined;
use crate::sweep::{Axis, Direction, Objective, Status, Trial};
use std::collections::BTreeMap;

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
        let place = trials.iter().position(|trial| trial.number == best.number);
        let place = place.ok_or(Undefined("the best is none of the trials"))?;
        Terrain::of(trials, axes).plateau(place, objective)
    }
}

/// How many steps away along an axis still belongs to a plateau.
const NEAR: usize = 2;
/// The share that keeps a trial on it.
const GOOD: f64 = 0.5;

/// Where trials lie on their grid: how many steps from one to another.
#[derive(Clone, Debug)]
pub struct Terrain<'a> {
    trials: &'a [Trial],
    /// Axis by axis: whether its values are numbers, so that there are steps between them, and the place of each trial's
    /// value among them in their order.
    axes: Vec<(bool, Vec<usize>)>,
}

impl<'a> Terrain<'a> {
    /// The terrain of these trials.
    pub fn of(trials: &'a [Trial], axes: &[Axis]) -> Self {
        let places = |(number, axis): (usize, &Axis)| {
            let mut order: Vec<(f64, &str)> =
                axis.values.iter().map(|text| (text.parse().unwrap_or(0.0), text.as_str())).collect();
            if axis.is_numeric() {
                order.sort_by(|one, other| one.0.total_cmp(&other.0));
            }
            let place_of: BTreeMap<&str, usize> =
                order.iter().enumerate().map(|(place, (_, text))| (*text, place)).collect();
            let of_trial = |trial: &Trial| place_of.get(trial.values[number].as_str()).copied().unwrap_or(usize::MAX);
            (axis.is_numeric(), trials.iter().map(of_trial).collect())
        };
        Terrain { trials, axes: axes.iter().enumerate().map(places).collect() }
    }

    /// Steps along all axes together, and along the axis with most; none where they differ in a word.
    fn steps(&self, one: usize, other: usize) -> Option<(usize, usize)> {
        let (mut sum, mut most) = (0, 0);
        for (is_numeric, places) in &self.axes {
            let steps = places[one].abs_diff(places[other]);
            if steps > 0 && !is_numeric {
                return None;
            }
            (sum, most) = (sum + steps, most.max(steps));
        }
        Some((sum, most))
    }

    /// The trials that ran to their end and of which `wanted` says so by their steps from one: all, and along the axis
    /// with most.
    fn around(&self, place: usize, wanted: impl Fn(usize, usize) -> bool) -> Vec<usize> {
        let is_one = |other: &usize| {
            let ran = *other != place && self.trials[*other].status == Status::Done;
            ran && self.steps(place, *other).is_some_and(|(all, most)| wanted(all, most))
        };
        (0..self.trials.len()).filter(is_one).collect()
    }

    /// The trials one step away along one axis of numbers, by their places.
    pub fn neighbours(&self, place: usize) -> Vec<usize> {
        self.around(place, |all, _| all == 1)
    }

    /// The trials that differ along this axis alone, each with its steps from the one in the middle, in their order. None
    /// along an axis of words.
    pub fn along(&self, place: usize, axis: usize) -> Vec<(i64, usize)> {
        let (is_numeric, places) = &self.axes[axis];
        if !is_numeric {
            return Vec::new();
        }
        let steps = |other: usize| places[other] as i64 - places[place] as i64;
        let alone = |other: &usize| {
            self.steps(place, *other).is_some_and(|(all, _)| all as u64 == steps(*other).unsigned_abs())
                && self.trials[*other].status == Status::Done
        };
        let mut found: Vec<(i64, usize)> =
            (0..self.trials.len()).filter(alone).map(|other| (steps(other), other)).collect();
        found.sort_unstable();
        found
    }

    /// How the neighbours of a trial do, as [`Plateau::of`].
    ///
    /// # Errors
    /// As [`Plateau::of`].
    pub fn plateau(&self, place: usize, objective: Objective) -> Result<Plateau, Undefined> {
        let top = self.trials[place].get(objective.name()).filter(|top| *top > 0.0);
        let top = top.ok_or(Undefined("the best is not above zero"))?;
        let share_of = |other: &usize| match (self.trials[*other].get(objective.name()), objective.direction()) {
            (None, _) => 0.0,
            (Some(value), Direction::Descending) => value / top,
            // None has less than the best.
            (Some(value), Direction::Ascending) => top / value,
        };
        let shares: Vec<f64> = self.neighbours(place).iter().map(share_of).collect();
        let near: Vec<f64> = self.around(place, |_, most| most <= NEAR).iter().map(share_of).collect();
        let worst = shares.iter().copied().reduce(f64::min);
        let worst = worst.ok_or(Undefined("no neighbour of the best in the grid was run"))?;
        let mean = shares.iter().sum::<f64>() / shares.len() as f64;
        let good = near.iter().filter(|share| **share >= GOOD).count();
        let share = f64::from(good as u32) / f64::from(near.len() as u32);
        Ok(Plateau { neighbours: shares.len(), mean, worst, near: near.len(), share })
    }
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
