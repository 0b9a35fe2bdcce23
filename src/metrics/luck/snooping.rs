//! Is the best of many trials better than the benchmark, or only the luckiest? White's reality check (2000, Econometrica
//! 68(5)) and Hansen's test of superior predictive ability (2005, JBES 23(4)), by the stationary bootstrap.
//!
//! Given are differences: what each trial returned above the benchmark (holding, cash), observation by observation. The
//! null hypothesis is that no trial is better. The three p-values differ by the trials that are taken to be relevant:
//! all of them (upper), all but the hopeless (consistent), or only those that did better (lower).

use super::super::{Undefined, moments};
use super::resample::StationaryBootstrap;
use super::trials::{TrialMatrix, dot};
use crate::chance::Chance;

/// Shown beside the p-value of the reality check.
pub const REALITY_CHECK_DEFINITION: &str = "White's reality check: probability that the best of as many trials no better than the benchmark would do as well, by the stationary bootstrap";
/// Shown beside the p-values of the test of superior predictive ability.
pub const DEFINITION: &str = "Hansen's SPA: probability that the best studentised trial of as many that are no better than the benchmark would do as well, by the stationary bootstrap; consistent, between a lower and an upper bound";

/// What tells the stream of these resamples from others of the same seed.
const STREAM: u64 = 0x736e_6f6f_7069;

/// The fewest observations: the logarithm of the logarithm has to be positive.
const OBSERVATIONS_MIN: usize = 3;

/// Weights of autocovariances below this are left out.
const WEIGHT_MIN: f64 = 1e-17;

/// A variance of the resampled mean below this part of the variance of the observations is the rounding of sums.
const VARIANCE_MIN: f64 = 1e-12;

/// How the resamples are drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Resampling {
    /// Mean block length; see [`usual_block`].
    pub block: f64,
    /// How many resamples are drawn. A p-value is a multiple of one over this number.
    pub replications: usize,
    /// Seed of the draws.
    pub seed: u64,
}

/// The mean block length that is usual for these tests: the root of the number of observations, rounded down.
pub fn usual_block(observations: usize) -> f64 {
    observations.isqrt().max(1) as f64
}

/// What a test says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Verdict {
    /// `max √n d̄` in returns, or `max √n d̄ / ω` when studentised.
    pub statistic: f64,
    /// The trial that has it.
    pub best: usize,
    /// p-value when trials worse than the benchmark are as bad as they look.
    pub lower: f64,
    /// p-value when only trials worse by `ω √(2 ln ln n / n)` are.
    pub consistent: f64,
    /// p-value when every trial could be as good as the benchmark.
    pub upper: f64,
}

/// White's reality check: his p-value is `upper`, the others take out worse trials as Hansen does, without studentising.
///
/// # Errors
/// With fewer than three observations, without replications, and with a block below one.
pub fn reality_check(differences: &TrialMatrix<'_>, resampling: Resampling) -> Result<Verdict, Undefined> {
    seeded(differences, resampling, Scale::Plain)
}

/// Hansen's test, studentised by the deviation of the mean over the same stationary bootstrap. A trial that did exactly
/// what the benchmark did is left out.
///
/// # Errors
/// As [`reality_check`]; when no trial differs from the benchmark; when one differs by a constant, which nothing can be
/// tested with; and when blocks are so long that resampled means do not vary.
pub fn superior_ability(differences: &TrialMatrix<'_>, resampling: Resampling) -> Result<Verdict, Undefined> {
    seeded(differences, resampling, Scale::Studentized)
}

/// By what the mean difference of a trial is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scale {
    Plain,
    Studentized,
}

fn seeded(differences: &TrialMatrix<'_>, resampling: Resampling, scale: Scale) -> Result<Verdict, Undefined> {
    let bootstrap = StationaryBootstrap::of_mean_length(resampling.block)?;
    let mut chance = Chance::new(resampling.seed, STREAM);
    judge(differences, resampling.block, resampling.replications, scale, |rows| bootstrap.draw(&mut chance, rows))
}

/// The test on resamples drawn by `draw`, which fills in rows.
pub(super) fn judge(
    differences: &TrialMatrix<'_>,
    block: f64,
    replications: usize,
    scale: Scale,
    mut draw: impl FnMut(&mut [usize]),
) -> Result<Verdict, Undefined> {
    if differences.rows() < OBSERVATIONS_MIN {
        return Err(Undefined("fewer than three observations"));
    }
    if replications == 0 {
        return Err(Undefined("without resamples there is no p-value"));
    }
    let trials = trials(differences, block, scale)?;
    let count = differences.rows() as f64;
    let root = count.sqrt();
    let mut best = (trials[0].index, f64::NEG_INFINITY);
    for trial in &trials {
        let statistic = root * trial.mean * trial.weight;
        if statistic > best.1 {
            best = (trial.index, statistic);
        }
    }
    let by_row = rows_first(differences, &trials);
    let mut rows = vec![0; differences.rows()];
    let mut times = vec![0.0; differences.rows()];
    let mut totals = vec![0.0; trials.len()];
    let mut beyond = [0_usize; 3];
    for _ in 0..replications {
        draw(&mut rows);
        times.fill(0.0);
        rows.iter().for_each(|row| times[*row] += 1.0);
        totals.fill(0.0);
        for (row, time) in times.iter().enumerate().filter(|(_, time)| **time > 0.0) {
            let values = &by_row[row * trials.len()..(row + 1) * trials.len()];
            totals.iter_mut().zip(values).for_each(|(total, value)| *total += time * value);
        }
        let mut largest = [f64::NEG_INFINITY; 3];
        for (trial, total) in trials.iter().zip(&totals) {
            for (most, center) in largest.iter_mut().zip(trial.centers) {
                *most = most.max((total / count - center) * trial.weight);
            }
        }
        for (counter, most) in beyond.iter_mut().zip(largest) {
            *counter += usize::from(root * most > best.1);
        }
    }
    let [lower, consistent, upper] = beyond.map(|counter| counter as f64 / replications as f64);
    Ok(Verdict { statistic: best.1, best: best.0, lower, consistent, upper })
}

/// A trial with what its resampled mean is compared to.
struct Trial {
    index: usize,
    mean: f64,
    /// One over ω, or one.
    weight: f64,
    /// Taken off the resampled mean for the lower, consistent and upper p-value.
    centers: [f64; 3],
}

fn trials(differences: &TrialMatrix<'_>, block: f64, scale: Scale) -> Result<Vec<Trial>, Undefined> {
    let count = differences.rows() as f64;
    let mut trials = Vec::with_capacity(differences.trials());
    for (index, column) in differences.columns().iter().enumerate() {
        let mean = moments::mean(column)?;
        let varies = moments::spread(column).is_ok();
        let variance = if varies { variance_of_mean(column, mean, block) } else { 0.0 };
        let weight = match (scale, varies) {
            (Scale::Plain, _) => 1.0,
            (Scale::Studentized, true) if variance > VARIANCE_MIN * moments::population_variance(column)? => {
                1.0 / variance.sqrt()
            }
            (Scale::Studentized, true) => {
                return Err(Undefined("resamples in blocks as long as the record do not vary"));
            }
            (Scale::Studentized, false) if column.iter().all(|value| *value == 0.0) => continue,
            (Scale::Studentized, false) => {
                return Err(Undefined("a trial differs from the benchmark by a constant"));
            }
        };
        let hopeless = -(variance / count * 2.0 * libm::log(libm::log(count))).sqrt();
        let consistent = if mean >= hopeless { mean } else { 0.0 };
        trials.push(Trial { index, mean, weight, centers: [mean.max(0.0), consistent, mean] });
    }
    if trials.is_empty() { Err(Undefined("no trial differs from the benchmark")) } else { Ok(trials) }
}

/// ω²: n times the variance of the mean under the stationary bootstrap (Politis & Romano 1994, lemma 1):
/// `γ_0 + 2 Σ κ_i γ_i`, `κ_i = (1 - i/n)(1-q)^i + (i/n)(1-q)^(n-i)`, q one over the mean block length.
pub(super) fn variance_of_mean(column: &[f64], mean: f64, block: f64) -> f64 {
    let count = column.len();
    let deviations: Vec<f64> = column.iter().map(|value| value - mean).collect();
    let stays = 1.0 - 1.0 / block;
    let mut powers = vec![1.0; count + 1];
    for lag in 1..=count {
        powers[lag] = powers[lag - 1] * stays;
    }
    let mut sum = dot(&deviations, &deviations);
    for lag in 1..count {
        let place = lag as f64 / count as f64;
        let weight = (1.0 - place) * powers[lag] + place * powers[count - lag];
        if weight > WEIGHT_MIN {
            sum += 2.0 * weight * dot(&deviations[lag..], &deviations[..count - lag]);
        }
    }
    (sum / count as f64).max(0.0)
}

/// The differences of the trials that are tested, row by row.
fn rows_first(differences: &TrialMatrix<'_>, trials: &[Trial]) -> Vec<f64> {
    let mut by_row = vec![0.0; differences.rows() * trials.len()];
    for (place, trial) in trials.iter().enumerate() {
        for (row, value) in differences.columns()[trial.index].iter().enumerate() {
            by_row[row * trials.len() + place] = *value;
        }
    }
    by_row
}

#[cfg(test)]
mod tests {
    use super::*;

    const FEW: Resampling = Resampling { block: 5.0, replications: 500, seed: 9 };

    fn noise(trials: usize, rows: usize, seed: u64) -> Vec<Vec<f64>> {
        let mut chance = Chance::new(seed, 3);
        (0..trials).map(|_| (0..rows).map(|_| 0.01 * chance.normal()).collect()).collect()
    }

    fn matrix(columns: &[Vec<f64>]) -> TrialMatrix<'_> {
        TrialMatrix::of(columns.iter().map(Vec::as_slice)).unwrap()
    }

    fn shifted(columns: &mut [Vec<f64>], by: f64) {
        columns.iter_mut().flatten().for_each(|value| *value += by);
    }

    #[test]
    fn the_three_p_values_are_in_their_order() {
        for seed in 0..60 {
            let mut columns = noise(8, 60, seed);
            for (place, column) in columns.iter_mut().enumerate() {
                column.iter_mut().for_each(|value| *value += 0.0015 * (place as f64 - 5.0));
            }
            for verdict in [superior_ability(&matrix(&columns), FEW), reality_check(&matrix(&columns), FEW)] {
                let found = verdict.unwrap();
                assert!(found.lower <= found.consistent && found.consistent <= found.upper, "{found:?}");
                assert!((0.0..=1.0).contains(&found.lower) && (0.0..=1.0).contains(&found.upper));
            }
        }
    }

    #[test]
    fn the_studentised_test_does_not_see_the_scale_of_a_trial() {
        let mut columns = noise(6, 80, 4);
        let before = superior_ability(&matrix(&columns), FEW).unwrap();
        let plain = reality_check(&matrix(&columns), FEW).unwrap();
        // A power of two, so that not a bit is rounded otherwise.
        columns[2].iter_mut().for_each(|value| *value *= 64.0);
        assert_eq!(superior_ability(&matrix(&columns), FEW).unwrap(), before);
        assert_ne!(reality_check(&matrix(&columns), FEW).unwrap(), plain);
    }

    #[test]
    fn hopeless_trials_move_the_upper_p_value_but_hardly_the_consistent_one() {
        let mut columns = noise(3, 250, 12);
        columns[0].iter_mut().for_each(|value| *value += 0.0012);
        let before = superior_ability(&matrix(&columns), FEW).unwrap();
        let mut hopeless = noise(60, 250, 13);
        shifted(&mut hopeless, -0.01);
        columns.extend(hopeless);
        let after = superior_ability(&matrix(&columns), FEW).unwrap();
        assert!((after.consistent - before.consistent).abs() <= 0.01, "{before:?} {after:?}");
        assert!(after.upper > before.upper + 0.1, "{before:?} {after:?}");
        assert_eq!(after.best, before.best);
    }

    #[test]
    fn a_real_edge_is_found_and_the_best_of_many_without_one_is_not() {
        let mut columns = noise(50, 500, 1);
        assert!(superior_ability(&matrix(&columns), FEW).unwrap().consistent > 0.1);
        columns[31].iter_mut().for_each(|value| *value += 0.003);
        let found = superior_ability(&matrix(&columns), FEW).unwrap();
        assert_eq!(found.best, 31);
        assert!(found.upper < 0.01 && reality_check(&matrix(&columns), FEW).unwrap().upper < 0.01, "{found:?}");
    }

    #[test]
    fn under_the_null_one_test_in_twenty_rejects() {
        let resampling = |seed| Resampling { block: 1.0, replications: 400, seed };
        let (mut consistent, mut upper) = (0, 0);
        for seed in 0..1000 {
            let columns = noise(5, 150, 5_000 + seed);
            consistent += usize::from(superior_ability(&matrix(&columns), resampling(seed)).unwrap().consistent < 0.05);
            upper += usize::from(reality_check(&matrix(&columns), resampling(seed)).unwrap().upper < 0.05);
        }
        // 5 % ± 1.4 %: two deviations of the count of a thousand.
        assert!((36..=64).contains(&consistent), "{consistent} of 1000");
        assert!((36..=64).contains(&upper), "{upper} of 1000");
    }

    #[test]
    fn single_blocks_give_the_variance_of_the_observations_and_one_block_gives_none() {
        let column = &noise(1, 200, 6)[0];
        let mean = moments::mean(column).unwrap();
        let variance = moments::population_variance(column).unwrap();
        assert!((variance_of_mean(column, mean, 1.0) / variance - 1.0).abs() < 1e-12);
        // A rotation always has the same mean.
        assert!(variance_of_mean(column, mean, f64::INFINITY).abs() < 1e-12 * variance);
    }

    #[test]
    fn the_variance_is_that_of_resampled_means() {
        let mut column = noise(1, 60, 21).remove(0);
        for row in 1..60 {
            column[row] += 0.5 * column[row - 1];
        }
        let mean = moments::mean(&column).unwrap();
        let bootstrap = StationaryBootstrap::of_mean_length(6.0).unwrap();
        let mut chance = Chance::new(2, 0);
        let mut rows = [0; 60];
        let means: Vec<f64> = (0..20_000)
            .map(|_| {
                bootstrap.draw(&mut chance, &mut rows);
                moments::sum(rows.iter().map(|row| column[*row])) / 60.0
            })
            .collect();
        let drawn = 60.0 * moments::population_variance(&means).unwrap();
        assert!((drawn / variance_of_mean(&column, mean, 6.0) - 1.0).abs() < 0.04);
    }

    #[test]
    fn a_trial_that_is_the_benchmark_is_left_out_and_a_constant_one_is_refused() {
        let mut columns = noise(3, 50, 8);
        let before = superior_ability(&matrix(&columns), FEW).unwrap();
        columns.push(vec![0.0; 50]);
        assert_eq!(superior_ability(&matrix(&columns), FEW).unwrap(), before);
        columns.push(vec![0.001; 50]);
        assert!(superior_ability(&matrix(&columns), FEW).is_err());
        assert!(superior_ability(&matrix(&[vec![0.0; 50]]), FEW).is_err());
        assert!(reality_check(&matrix(&noise(2, 2, 0)), FEW).is_err());
        assert!(reality_check(&matrix(&noise(2, 9, 0)), Resampling { replications: 0, ..FEW }).is_err());
        assert!(reality_check(&matrix(&noise(2, 9, 0)), Resampling { block: 0.5, ..FEW }).is_err());
        let endless = Resampling { block: f64::INFINITY, ..FEW };
        assert!(superior_ability(&matrix(&noise(2, 50, 0)), endless).is_err());
        // A rotation has the mean of the record: nothing goes beyond a gain.
        let mut gains = noise(1, 50, 0);
        shifted(&mut gains, 0.1);
        assert_eq!(reality_check(&matrix(&gains), endless).unwrap().upper, 0.0);
    }

    #[test]
    fn the_usual_block_is_the_root() {
        assert_eq!((usual_block(250), usual_block(256), usual_block(1)), (15.0, 16.0, 1.0));
    }
}
