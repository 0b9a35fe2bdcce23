//! A genetic search for the Pareto front (Deb, Pratap, Agarwal & Meyarivan 2002, IEEE Transactions on Evolutionary
//! Computation 6(2)): fronts first, then whoever stands less crowded.
//!
//! Children are made from two parents, each the winner of two drawn: on axes of numbers by simulated binary crossover and
//! polynomial mutation of the place (Deb & Agrawal 1995), rounded; on axes of words by taking one parent's, and now and
//! then any. A child that was tried already is made anew.

use super::guide::{Ask, Rule, Tried};
use super::space::{Point, Space};
use crate::chance::Chance;
use crate::sweep::fronts::fronts;

/// How like their parents children are: the index of the crossover's distribution.
const CROSSOVER_INDEX: f64 = 15.0;
/// The same of mutation.
const MUTATION_INDEX: f64 = 20.0;
/// How many pairs are crossed at all.
const CROSSED: f64 = 0.9;
/// Attempts at a child before it is left to plain chance.
const ATTEMPTS: usize = 50;

/// The state between two generations.
pub struct Genetic {
    size: usize,
    /// Numbers, each with its front and the room around it.
    parents: Vec<Parent>,
}

#[derive(Clone, Copy)]
struct Parent {
    number: u64,
    front: usize,
    room: f64,
}

impl Genetic {
    /// The state before the first generation of `size`.
    pub fn new(size: usize) -> Self {
        Genetic { size, parents: Vec::new() }
    }

    /// The better of two that are drawn.
    fn parent(&self, space: &Space<'_>, chance: &mut Chance) -> Point {
        let mut draw = || self.parents[chance.below(self.parents.len() as u64) as usize];
        let (one, other) = (draw(), draw());
        let is_other = (other.front, one.room) < (one.front, other.room);
        space.point(if is_other { other.number } else { one.number })
    }

    fn child(&self, space: &Space<'_>, chance: &mut Chance) -> Point {
        let (one, other) = (self.parent(space, chance), self.parent(space, chance));
        let mut child = one.clone();
        if chance.unit() < CROSSED {
            for (axis, place) in child.iter_mut().enumerate() {
                // Each axis comes from both or from the first alone.
                if chance.unit() < 0.5 {
                    *place = match space.is_ordered[axis] {
                        true => crossed(one[axis], other[axis], space.lengths[axis], chance),
                        false => other[axis],
                    };
                }
            }
        }
        let rate = 1.0 / child.len() as f64;
        for (axis, place) in child.iter_mut().enumerate() {
            if chance.unit() < rate {
                *place = match space.is_ordered[axis] {
                    true => mutated(*place, space.lengths[axis], chance),
                    false => chance.below(space.lengths[axis] as u64) as usize,
                };
            }
        }
        child
    }
}

fn rounded(place: f64, length: usize) -> usize {
    (place + 0.5).clamp(0.0, length as f64 - 1.0) as usize
}

fn crossed(one: usize, other: usize, length: usize, chance: &mut Chance) -> usize {
    let draw = chance.unit();
    let power = 1.0 / (CROSSOVER_INDEX + 1.0);
    let spread = if draw <= 0.5 { libm::pow(2.0 * draw, power) } else { libm::pow(1.0 / (2.0 * (1.0 - draw)), power) };
    let sign = if chance.unit() < 0.5 { 1.0 } else { -1.0 };
    let (one, other) = (one as f64, other as f64);
    rounded(0.5 * ((one + other) + sign * spread * (one - other)), length)
}

/// A place nearby, another one for certain.
fn mutated(place: usize, length: usize, chance: &mut Chance) -> usize {
    let draw = chance.unit();
    let power = 1.0 / (MUTATION_INDEX + 1.0);
    let change =
        if draw < 0.5 { libm::pow(2.0 * draw, power) - 1.0 } else { 1.0 - libm::pow(2.0 * (1.0 - draw), power) };
    let moved = rounded(place as f64 + change * length as f64, length);
    match (moved == place, draw < 0.5) {
        (false, _) => moved,
        (true, true) => place.saturating_sub(1),
        (true, false) => (place + 1).min(length - 1),
    }
}

impl Rule for Genetic {
    fn propose(&mut self, ask: &mut Ask<'_, '_>) {
        if self.parents.is_empty() {
            return;
        }
        while ask.batch.len() < ask.wanted {
            let mut attempts = 0..ATTEMPTS;
            let found = attempts.find_map(|_| {
                let number = ask.space.number(&self.child(ask.space, &mut ask.chance));
                let is_new = ask.is_new(number);
                ask.repeats += u64::from(!is_new);
                (is_new && ask.space.allows(number)).then_some(number)
            });
            match found {
                Some(number) => ask.batch.push(number),
                None => return,
            }
        }
    }

    fn learn(&mut self, _: &Space<'_>, tried: &Tried, batch: &[u64]) {
        let known = self.parents.iter().map(|parent| parent.number).chain(batch.iter().copied());
        let scored: Vec<(u64, Vec<f64>)> =
            known.filter_map(|number| Some((number, tried.get(&number)?.clone()?))).collect();
        self.parents = survivors(&scored, self.size);
    }
}

/// The best fronts, and of the last that fits in part those with most room.
fn survivors(scored: &[(u64, Vec<f64>)], size: usize) -> Vec<Parent> {
    let scores: Vec<Vec<f64>> = scored.iter().map(|(_, scores)| scores.clone()).collect();
    let places = fronts(&scores);
    let mut chosen: Vec<Parent> = Vec::new();
    for front in 1..=places.iter().copied().max().unwrap_or(0) {
        let rows: Vec<usize> = (0..scored.len()).filter(|row| places[*row] == front).collect();
        let rooms = rooms(&rows, &scores);
        let parent = |(row, room): (&usize, f64)| Parent { number: scored[*row].0, front, room };
        let mut of_front: Vec<Parent> = rows.iter().zip(rooms).map(parent).collect();
        of_front.sort_by(|one, other| other.room.total_cmp(&one.room).then(one.number.cmp(&other.number)));
        of_front.truncate(size - chosen.len());
        chosen.extend(of_front);
        if chosen.len() == size {
            break;
        }
    }
    chosen
}

/// How far apart the neighbours of each row are, summed over the objectives; the ends have all the room there is.
fn rooms(rows: &[usize], scores: &[Vec<f64>]) -> Vec<f64> {
    let mut rooms = vec![0.0; rows.len()];
    let objectives = rows.first().map_or(0, |row| scores[*row].len());
    (0..objectives).for_each(|objective| {
        let value = |at: usize| scores[rows[at]][objective];
        let mut order: Vec<usize> = (0..rows.len()).collect();
        order.sort_by(|one, other| value(*one).total_cmp(&value(*other)).then(one.cmp(other)));
        let (first, last) = (order[0], order[order.len() - 1]);
        let span = value(last) - value(first);
        (rooms[first], rooms[last]) = (f64::INFINITY, f64::INFINITY);
        for around in order.windows(3).filter(|_| span > 0.0) {
            rooms[around[1]] += (value(around[2]) - value(around[0])) / span;
        }
    });
    rooms
}

#[cfg(test)]
mod tests {
    use super::super::guide::Method;
    use super::super::test_functions::{hypervolume, space_of, tried_by, zdt1};
    use super::super::{Search, draw};
    use super::*;

    #[test]
    fn room_is_what_the_paper_calls_crowding_distance() {
        let scores = vec![vec![0.0, 4.0], vec![1.0, 3.0], vec![3.0, 1.0], vec![4.0, 0.0]];
        let of = rooms(&[0, 1, 2, 3], &scores);
        assert_eq!((of[0], of[3]), (f64::INFINITY, f64::INFINITY));
        assert!((of[1] - (3.0 / 4.0 + 3.0 / 4.0)).abs() < 1e-12 && (of[2] - of[1]).abs() < 1e-12);
    }

    #[test]
    fn the_front_of_a_published_function_is_approached() {
        // ZDT1 on five axes of 101 places: the front has a hypervolume of 120 + 2/3 below (11, 11), less what the places
        // leave out.
        let grid = space_of(5, 101);
        let guided = hypervolume(&tried_by(Method::Nsga2, &grid, 2_000, &zdt1));
        let space = Space::new(&grid, None).unwrap();
        let drawn = Search::Random { trials: 2_000, seed: 7 }.chosen(&grid, None).unwrap();
        let random = hypervolume(&drawn.iter().map(|number| zdt1(&shares(&space, *number))).collect::<Vec<_>>());
        assert!(guided > 120.4 && random < 118.5, "{guided} guided, {random} at random");
        assert_eq!(draw::sobol(&space, 5, 1).len(), 5);
    }

    fn shares(space: &Space<'_>, number: u64) -> Vec<f64> {
        super::super::test_functions::shares(space, number)
    }
}
