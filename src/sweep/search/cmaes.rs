//! Adaptation of the covariance matrix of a normal distribution (Hansen 2016, The CMA Evolution Strategy: A Tutorial,
//! arXiv:1604.00772; names and numbers of formulas are its own).
//!
//! The search runs in the unit cube of the axes; what is tried is the place on each axis that a point falls on. Points
//! beyond the ends and combinations that are not allowed are drawn again. A place that was tried already is not run
//! again: its result stands. A generation that brings nothing new has converged, and the search begins again elsewhere.

use super::eigen::eigen;
use super::guide::{Ask, Rule, Tried};
use super::space::Space;
use crate::chance::Chance;

/// The step at the beginning, in the unit cube.
const STEP: f64 = 0.3;
/// Draws of a point before it is taken as it is.
const DRAWS: usize = 100;
/// Beginnings within one batch before it is left to plain chance.
const RESTARTS: usize = 10;

/// The state between two generations.
pub struct CovarianceAdaptation {
    strategy: Strategy,
    mean: Vec<f64>,
    step: f64,
    covariance: Vec<Vec<f64>>,
    step_path: Vec<f64>,
    covariance_path: Vec<f64>,
    generation: u32,
    /// The generation under way: where each point lies from the mean in steps, and its combination.
    points: Vec<(Vec<f64>, u64)>,
}

/// What the number of axes and of points decides.
struct Strategy {
    size: usize,
    weights: Vec<f64>,
    mu_eff: f64,
    c_sigma: f64,
    d_sigma: f64,
    c_c: f64,
    c_1: f64,
    c_mu: f64,
    chi: f64,
}

impl Strategy {
    fn new(dimensions: usize, size: usize) -> Self {
        let n = dimensions as f64;
        let mu = (size / 2).max(1);
        // (49): the better half, by the logarithm of the rank.
        let raw: Vec<f64> = (1..=mu)
            .map(|rank| libm::log((size as f64 + 1.0) / 2.0) - libm::log(rank as f64))
            .map(|w| w.max(0.0))
            .collect();
        let sum: f64 = raw.iter().sum();
        let weights: Vec<f64> = if sum > 0.0 { raw.iter().map(|weight| weight / sum).collect() } else { vec![1.0] };
        let mu_eff = 1.0 / weights.iter().map(|weight| weight * weight).sum::<f64>();
        // (55) to (58).
        let c_sigma = (mu_eff + 2.0) / (n + mu_eff + 5.0);
        let d_sigma = 1.0 + 2.0 * (libm::sqrt((mu_eff - 1.0) / (n + 1.0)) - 1.0).max(0.0) + c_sigma;
        let c_c = (4.0 + mu_eff / n) / (n + 4.0 + 2.0 * mu_eff / n);
        let c_1 = 2.0 / ((n + 1.3) * (n + 1.3) + mu_eff);
        let c_mu = (1.0 - c_1).min(2.0 * (0.25 + mu_eff + 1.0 / mu_eff - 2.0) / ((n + 2.0) * (n + 2.0) + mu_eff));
        let chi = libm::sqrt(n) * (1.0 - 1.0 / (4.0 * n) + 1.0 / (21.0 * n * n));
        Strategy { size, weights, mu_eff, c_sigma, d_sigma, c_c, c_1, c_mu, chi }
    }
}

impl Rule for CovarianceAdaptation {
    fn propose(&mut self, ask: &mut Ask<'_, '_>) {
        for _ in 0..=RESTARTS {
            self.sample(ask);
            for (_, number) in &self.points {
                if !ask.space.allows(*number) {
                    continue;
                }
                if ask.is_new(*number) {
                    ask.batch.push(*number);
                } else {
                    ask.repeats += 1;
                }
            }
            if !ask.batch.is_empty() {
                // What is missing was tried before: the generation is whole without it.
                ask.wanted = ask.batch.len().min(ask.wanted);
                return;
            }
            let mean = self.mean.iter().map(|_| ask.chance.unit()).collect();
            *self = CovarianceAdaptation { mean, ..Self::new(self.mean.len(), self.strategy.size) };
        }
        self.points.clear();
    }

    fn learn(&mut self, _: &Space<'_>, tried: &Tried, _: &[u64]) {
        let mut points = std::mem::take(&mut self.points);
        let score =
            |number: &u64| tried.get(number).and_then(Option::as_ref).map_or(f64::NEG_INFINITY, |scores| scores[0]);
        let best = points.iter().map(|(_, number)| score(number)).fold(f64::NEG_INFINITY, f64::max);
        // Without any result there is no direction to learn.
        if best > f64::NEG_INFINITY {
            // Of equals the earlier one stays before the later.
            points.sort_by(|one, other| score(&other.1).total_cmp(&score(&one.1)));
            let steps: Vec<Vec<f64>> = points.into_iter().map(|(step, _)| step).collect();
            self.adapt(&steps);
        }
    }
}

impl CovarianceAdaptation {
    /// The state at the beginning, in the middle of `dimensions` axes, with `size` points in a generation.
    pub fn new(dimensions: usize, size: usize) -> Self {
        let row = |row: usize| (0..dimensions).map(|column| f64::from(u8::from(row == column))).collect();
        CovarianceAdaptation {
            strategy: Strategy::new(dimensions, size),
            mean: vec![0.5; dimensions],
            step: STEP,
            covariance: (0..dimensions).map(row).collect(),
            step_path: vec![0.0; dimensions],
            covariance_path: vec![0.0; dimensions],
            generation: 0,
            points: Vec::new(),
        }
    }

    /// Draws the points of a generation (38) to (40).
    fn sample(&mut self, ask: &mut Ask<'_, '_>) {
        let (values, vectors) = eigen(&self.covariance);
        let deviations: Vec<f64> = values.iter().map(|value| libm::sqrt(value.max(0.0))).collect();
        self.points.clear();
        for _ in 0..self.strategy.size {
            let mut drawn = self.point(ask.space, &deviations, &vectors, &mut ask.chance);
            for _ in 0..DRAWS {
                if drawn.1.is_some_and(|number| ask.space.allows(number)) {
                    break;
                }
                drawn = self.point(ask.space, &deviations, &vectors, &mut ask.chance);
            }
            let (step, inside) = drawn;
            let number = inside.unwrap_or_else(|| self.clamped(ask.space, &step));
            self.points.push((step, number));
        }
    }

    /// A step from the mean, and the combination that it leads to where that lies inside.
    fn point(
        &self,
        space: &Space<'_>,
        deviations: &[f64],
        vectors: &[Vec<f64>],
        chance: &mut Chance,
    ) -> (Vec<f64>, Option<u64>) {
        let scaled: Vec<f64> = deviations.iter().map(|deviation| deviation * chance.normal()).collect();
        let along = |row: &Vec<f64>| row.iter().zip(&scaled).map(|(vector, scaled)| vector * scaled).sum::<f64>();
        let step: Vec<f64> = vectors.iter().map(along).collect();
        let inside = self.shares(&step).all(|share| (0.0..1.0).contains(&share));
        let number = inside.then(|| space.number(&space.at(self.shares(&step))));
        (step, number)
    }

    fn shares(&self, step: &[f64]) -> impl Iterator<Item = f64> {
        self.mean.iter().zip(step).map(|(mean, step)| mean + self.step * step)
    }

    fn clamped(&self, space: &Space<'_>, step: &[f64]) -> u64 {
        space.number(&space.at(self.shares(step).map(|share| share.clamp(0.0, 1.0))))
    }

    /// Moves the distribution to where the better half lies; `steps` are from the best to the worst.
    fn adapt(&mut self, steps: &[Vec<f64>]) {
        let Strategy { weights, mu_eff, c_sigma, d_sigma, c_c, c_1, c_mu, chi, .. } = &self.strategy;
        let n = self.mean.len();
        // (41), (42).
        let mean_step: Vec<f64> =
            (0..n).map(|axis| weights.iter().zip(steps).map(|(weight, step)| weight * step[axis]).sum()).collect();
        for (mean, step) in self.mean.iter_mut().zip(&mean_step) {
            *mean = (*mean + self.step * step).clamp(0.0, 1.0);
        }
        // (43): along the eigenvectors the steps are standard normal.
        let (values, vectors) = eigen(&self.covariance);
        let whitened: Vec<f64> = (0..n)
            .map(|of| {
                let along: f64 = (0..n).map(|axis| vectors[axis][of] * mean_step[axis]).sum();
                along / libm::sqrt(values[of].max(1e-300))
            })
            .collect();
        let push = libm::sqrt(c_sigma * (2.0 - c_sigma) * mu_eff);
        for (axis, path) in self.step_path.iter_mut().enumerate() {
            let back: f64 = (0..n).map(|of| vectors[axis][of] * whitened[of]).sum();
            *path = (1.0 - c_sigma) * *path + push * back;
        }
        let length = libm::sqrt(self.step_path.iter().map(|part| part * part).sum::<f64>());
        self.generation += 1;
        // (45): the path of the covariance waits while the step grows fast.
        let seen = 1.0 - libm::pow(1.0 - c_sigma, 2.0 * f64::from(self.generation));
        let is_steady = length / libm::sqrt(seen) < (1.4 + 2.0 / (n as f64 + 1.0)) * chi;
        let steady = f64::from(u8::from(is_steady));
        let push = steady * libm::sqrt(c_c * (2.0 - c_c) * mu_eff);
        for (path, step) in self.covariance_path.iter_mut().zip(&mean_step) {
            *path = (1.0 - c_c) * *path + push * step;
        }
        // (47) with positive weights only.
        let kept = 1.0 - c_1 - c_mu + c_1 * (1.0 - steady) * c_c * (2.0 - c_c);
        for row in 0..n {
            for column in 0..n {
                let of_ranks: f64 =
                    weights.iter().zip(steps).map(|(weight, step)| weight * step[row] * step[column]).sum();
                let of_path = self.covariance_path[row] * self.covariance_path[column];
                let cell = &mut self.covariance[row][column];
                *cell = kept * *cell + c_1 * of_path + c_mu * of_ranks;
            }
        }
        // (44); a step of the whole cube is as far as any leads.
        self.step = (self.step * libm::exp((c_sigma / d_sigma) * (length / chi - 1.0))).clamp(1e-12, 1.0);
    }
}

#[cfg(test)]
mod tests {
    use super::super::guide::Method;
    use super::super::test_functions::{best_of, branin, ellipsoid, plane, rosenbrock, space_of, sphere};

    #[test]
    fn minima_of_published_functions_are_found_with_few_trials() {
        let space = plane(1_001);
        assert!(best_of(Method::CmaEs, &space, 300, sphere) < 1e-3);
        assert!(best_of(Method::CmaEs, &space, 300, branin) < 0.397_887 + 0.01);
        assert!(best_of(Method::CmaEs, &space, 600, rosenbrock) < 0.05);
        // Axes of very different weight, in six dimensions: a step of its own on each has to be learnt.
        assert!(best_of(Method::CmaEs, &space_of(6, 385), 2_500, ellipsoid) < 100.0);
    }
}
