//! Published test functions on grids, and searches over them without a single session.

use super::Guidance;
use super::guide::{Guide, Method};
use super::space::Space;
use crate::sweep::axis::Axis;
use crate::sweep::grid::Grid;
use crate::sweep::objective::Objective;

/// A cube of so many axes, each of so many places.
pub fn space_of(dimensions: usize, places: usize) -> Grid {
    let axis = |index: usize| Axis::parse(&format!("x{index}"), &format!("1..{places}")).unwrap().unwrap();
    Grid::new((0..dimensions).map(axis).collect(), u64::MAX).unwrap()
}

/// Two axes of so many places.
pub fn plane(places: usize) -> Grid {
    space_of(2, places)
}

/// Where a combination lies on each axis, from 0 to 1.
pub fn shares(space: &Space<'_>, number: u64) -> Vec<f64> {
    let share = |(place, length): (usize, &usize)| place as f64 / (*length as f64 - 1.0);
    space.point(number).into_iter().zip(&space.lengths).map(share).collect()
}

/// What each trial of a search came to, to be made small.
pub fn tried_by(method: Method, grid: &Grid, trials: u64, value: &dyn Fn(&[f64]) -> Vec<f64>) -> Vec<Vec<f64>> {
    let guidance = Guidance { method, trials, seed: 7, batch: method.usual_batch() };
    let space = Space::new(grid, None).unwrap();
    let objectives =
        Objective::parse_all([if method == Method::Nsga2 { "sharpe,drawdown" } else { "sharpe" }]).unwrap();
    let mut guide = Guide::new(grid, None, guidance, &objectives).unwrap();
    let mut values = Vec::new();
    let mut numbers = std::collections::BTreeSet::new();
    loop {
        let batch = guide.propose();
        if batch.is_empty() {
            break;
        }
        let found: Vec<Vec<f64>> = batch.iter().map(|number| value(&shares(&space, *number))).collect();
        let scores = found.iter().map(|values| Some(values.iter().map(|value| -value).collect())).collect();
        guide.learn(&batch, scores);
        assert!(batch.iter().all(|number| numbers.insert(*number)), "a combination was proposed twice");
        values.extend(found);
    }
    assert_eq!(values.len() as u64, trials);
    values
}

/// The least of a search.
pub fn best_of(method: Method, grid: &Grid, trials: u64, value: fn(&[f64]) -> f64) -> f64 {
    let values = tried_by(method, grid, trials, &|x| vec![value(x)]);
    values.into_iter().map(|values| values[0]).fold(f64::INFINITY, f64::min)
}

fn scaled(share: f64, from: f64, to: f64) -> f64 {
    from + share * (to - from)
}

/// Zero at a third of each axis.
pub fn sphere(x: &[f64]) -> f64 {
    x.iter().map(|x| scaled(*x, -1.0, 2.0)).map(|x| x * x).sum()
}

/// Axes that weigh from one to a million.
pub fn ellipsoid(x: &[f64]) -> f64 {
    let weight = |axis: usize| libm::pow(1e6, axis as f64 / (x.len() - 1) as f64);
    x.iter().enumerate().map(|(axis, x)| weight(axis) * scaled(*x, -1.0, 2.0) * scaled(*x, -1.0, 2.0)).sum()
}

/// Rosenbrock's valley: zero at (1, 1).
pub fn rosenbrock(x: &[f64]) -> f64 {
    let (x, y) = (scaled(x[0], -2.0, 2.0), scaled(x[1], -1.0, 3.0));
    100.0 * (y - x * x) * (y - x * x) + (1.0 - x) * (1.0 - x)
}

/// Branin's function: 0.397887 at three places.
pub fn branin(x: &[f64]) -> f64 {
    use std::f64::consts::PI;
    let (x, y) = (scaled(x[0], -5.0, 10.0), scaled(x[1], 0.0, 15.0));
    let inner = y - 5.1 / (4.0 * PI * PI) * x * x + 5.0 / PI * x - 6.0;
    inner * inner + 10.0 * (1.0 - 1.0 / (8.0 * PI)) * libm::cos(x) + 10.0
}

/// Zitzler, Deb & Thiele 2000: on its front all but the first are zero, and the second objective is 1 - √(the first).
pub fn zdt1(x: &[f64]) -> Vec<f64> {
    let g = 1.0 + 9.0 * x[1..].iter().sum::<f64>() / (x.len() - 1) as f64;
    vec![x[0], g * (1.0 - libm::sqrt(x[0] / g))]
}

/// The area that some points are better than, below (11, 11).
pub fn hypervolume(points: &[Vec<f64>]) -> f64 {
    const CORNER: f64 = 11.0;
    let mut sorted: Vec<&Vec<f64>> = points.iter().collect();
    sorted.sort_by(|one, other| one[0].total_cmp(&other[0]).then(one[1].total_cmp(&other[1])));
    let (mut area, mut height) = (0.0, CORNER);
    for point in sorted {
        if point[1] < height {
            area += (CORNER - point[0]) * (height - point[1]);
            height = point[1];
        }
    }
    area
}
