//! Combinations that are chosen before anything is run: all, at random, or spread evenly.

use super::LISTED_MAX;
use super::space::{Point, Space};
use crate::chance::Chance;
use std::collections::BTreeSet;

/// All that are allowed.
pub fn listed(space: &Space<'_>) -> Vec<u64> {
    (0..space.grid.count()).filter(|number| space.allows(*number)).collect()
}

/// Some that are allowed, each as likely as any other.
pub fn random(space: &Space<'_>, trials: u64, seed: u64) -> Vec<u64> {
    if space.grid.count() <= LISTED_MAX {
        let numbers = listed(space);
        return if trials < numbers.len() as u64 { drawn(&numbers, trials as usize, seed) } else { numbers };
    }
    let mut chance = Chance::new(seed, 0);
    let mut chosen = BTreeSet::new();
    fill(space, &mut chosen, trials, &mut chance);
    chosen.into_iter().collect()
}

/// Some of the numbers (Floyd's method), ascending.
fn drawn(numbers: &[u64], count: usize, seed: u64) -> Vec<u64> {
    let mut chance = Chance::new(seed, 0);
    let mut chosen = BTreeSet::new();
    for last in numbers.len() - count..numbers.len() {
        let place = chance.below(last as u64 + 1) as usize;
        if !chosen.insert(place) {
            chosen.insert(last);
        }
    }
    chosen.into_iter().map(|place| numbers[place]).collect()
}

/// Draws at random until so many are chosen, or no more are found.
fn fill(space: &Space<'_>, chosen: &mut BTreeSet<u64>, trials: u64, chance: &mut Chance) {
    while (chosen.len() as u64) < trials {
        match space.random(chance, |number| !chosen.contains(&number)) {
            Some(number) => drop(chosen.insert(number)),
            None => return,
        }
    }
}

/// Some that are allowed, in the order of a scrambled Sobol sequence, whose points lie evenly on each axis and on all
/// axes together. Points that fall on a combination that is there already, or that is not allowed, are passed over. Where
/// a small space is nearly used up, the rest is drawn at random.
pub fn sobol(space: &Space<'_>, trials: u64, seed: u64) -> Vec<u64> {
    let sequence = Sequence { space, seed };
    let draws = trials.saturating_mul(64).max(10_000);
    let (mut numbers, mut seen) = (Vec::new(), BTreeSet::new());
    for index in 0..draws {
        if numbers.len() as u64 == trials {
            return numbers;
        }
        let number = space.number(&sequence.point(index));
        if !seen.contains(&number) && space.allows(number) {
            seen.insert(number);
            numbers.push(number);
        }
    }
    let known = seen.clone();
    fill(space, &mut seen, trials, &mut Chance::new(seed, 0));
    numbers.extend(seen.difference(&known));
    numbers
}

/// A scrambled Sobol sequence over the axes.
struct Sequence<'s, 'a> {
    space: &'s Space<'a>,
    seed: u64,
}

impl Sequence<'_, '_> {
    /// The sequence of the library ends after 65,536 points; another scramble of it follows.
    const POINTS: u64 = 1 << 16;
    /// Dimensions of the library; further axes have the points of another scramble.
    const DIMENSIONS: usize = 256;

    fn point(&self, index: u64) -> Point {
        let share = |axis: usize| {
            let (scramble, dimension) = (axis / Self::DIMENSIONS, axis % Self::DIMENSIONS);
            let stream = (index / Self::POINTS) << 16 | scramble as u64;
            let seed = Chance::new(self.seed, stream).bits() as u32;
            f64::from(sobol_burley::sample((index % Self::POINTS) as u32, dimension as u32, seed))
        };
        self.space.at((0..self.space.lengths.len()).map(share))
    }
}
