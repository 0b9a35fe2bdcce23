//! Pareto fronts: the first holds what nothing is better than, that is, nowhere worse and somewhere better, the
//! second what only the first is.

use super::objective::{Objective, scores};
use super::trial::{COLUMNS, FRONT, Trial};

/// Puts the front of each trial into its column [`FRONT`]: among all trials that are done and have every objective, where
/// there are several. All others lie on none.
pub fn put_fronts(trials: &mut [Trial], objectives: &[Objective]) {
    let column = COLUMNS.iter().position(|column| column.name == FRONT);
    let (Some(column), 2..) = (column, objectives.len()) else { return };
    let scored: Vec<(usize, Vec<f64>)> =
        trials.iter().enumerate().filter_map(|(place, trial)| Some((place, scores(objectives, trial)?))).collect();
    let (places, scores): (Vec<usize>, Vec<Vec<f64>>) = scored.into_iter().unzip();
    for (place, front) in places.into_iter().zip(fronts(&scores)) {
        trials[place].numbers[column] = Some(front as f64);
    }
}

/// The front of each row, from 1; more is better in every score.
///
/// Sorted first, so that only rows before can be better; then each row goes to the first front that holds none better,
/// found by halving (Zhang, Tian, Cheng & Jin 2015, IEEE Transactions on Evolutionary Computation 19(2)).
pub fn fronts(scores: &[Vec<f64>]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by(|one, other| {
        let pairs = scores[*one].iter().zip(&scores[*other]);
        let unequal = pairs.map(|(one, other)| other.total_cmp(one)).find(|order| order.is_ne());
        unequal.unwrap_or(one.cmp(other))
    });
    let mut fronts: Vec<Vec<usize>> = Vec::new();
    let mut places = vec![0; scores.len()];
    for row in order {
        let holds_better = |front: &Vec<usize>| match scores[row].len() {
            // Within a front of two objectives, the last row has most of the second.
            ..=2 => front.last().is_some_and(|last| is_better(&scores[*last], &scores[row])),
            _ => front.iter().rev().any(|other| is_better(&scores[*other], &scores[row])),
        };
        let place = fronts.partition_point(holds_better);
        if place == fronts.len() {
            fronts.push(Vec::new());
        }
        fronts[place].push(row);
        places[row] = place + 1;
    }
    places
}

/// Whether one is nowhere worse than the other, and somewhere better.
fn is_better(one: &[f64], other: &[f64]) -> bool {
    one.iter().zip(other).all(|(one, other)| one >= other) && one != other
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chance::Chance;

    /// By the definition: peel off what nothing is better than, again and again.
    fn peeled(scores: &[Vec<f64>]) -> Vec<usize> {
        let mut places = vec![0; scores.len()];
        let mut left: Vec<usize> = (0..scores.len()).collect();
        for place in 1.. {
            let front: Vec<usize> = left
                .iter()
                .copied()
                .filter(|row| !left.iter().any(|other| is_better(&scores[*other], &scores[*row])))
                .collect();
            front.iter().for_each(|row| places[*row] = place);
            left.retain(|row| places[*row] == 0);
            if left.is_empty() {
                break;
            }
        }
        places
    }

    #[test]
    fn fronts_are_those_of_the_definition() {
        assert_eq!(fronts(&[vec![1.0, 1.0], vec![2.0, 0.0], vec![1.0, 0.0], vec![1.0, 1.0]]), [1, 1, 2, 1]);
        assert_eq!(fronts(&[]), Vec::<usize>::new());
        let mut chance = Chance::new(5, 0);
        for objectives in 1..=4 {
            for levels in [3, 1_000] {
                let row = |_| (0..objectives).map(|_| chance.below(levels) as f64).collect::<Vec<f64>>();
                let scores: Vec<Vec<f64>> = (0..300).map(row).collect();
                assert_eq!(fronts(&scores), peeled(&scores), "{objectives} objectives of {levels} levels");
            }
        }
    }
}
