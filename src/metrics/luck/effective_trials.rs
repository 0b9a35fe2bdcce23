//! How many independent trials a sweep amounts to: neighbours in a grid are hardly different tries.
//!
//! Two published ways, since neither is right everywhere. *By correlation*: `ρ̄ + (1 - ρ̄) M`, ρ̄ the average correlation
//! between trials (Bailey & López de Prado 2014, JPM 40(5), appendix). *By clusters*: trials are grouped by the distance
//! `√((1 - ρ)/2)` and each group counts once, in the manner of López de Prado & Lewis 2019 (Quantitative Finance 19(9)),
//! with average linkage in place of their k-means, because it has one answer whatever the seed. The number of groups is
//! the one with the largest mean silhouette (Rousseeuw 1987); where that is at most 0.25, "no substantial structure has
//! been found" (Kaufman & Rousseeuw 1990) and every distinct trial counts.

use super::super::{Undefined, moments};
use super::trials::{TrialMatrix, dot};
use crate::chance::Chance;
use kodama::{Dendrogram, Method, linkage};

/// Shown beside the number.
pub const DEFINITION: &str = "effective number of independent trials: the larger of rho + (1 - rho) M with the average correlation rho, and the number of clusters of trials by correlation";

/// Silhouettes up to this show no structure (Kaufman & Rousseeuw 1990, table 4).
const STRUCTURE_MIN: f64 = 0.25;

/// Correlations this close to 1 are of trials that did the same.
const SAME: f64 = 1e-12;

/// What tells the stream of this sample from others of the same seed.
const STREAM: u64 = 0x6566_6665_6374;

/// How many trials there were and what they amount to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EffectiveTrials {
    /// All trials.
    pub raw: usize,
    /// Those whose returns never varied: they tried nothing and count nowhere below.
    pub flat: usize,
    /// Average correlation between two trials, all pairs; 0 with fewer than two.
    pub correlation: f64,
    /// `ρ̄ + (1 - ρ̄) M` over the trials that varied, ρ̄ not below 0.
    pub by_correlation: f64,
    /// How many trials were clustered: all that varied, or the seeded sample.
    pub sampled: usize,
    /// Groups among them; without structure, distinct trials, extrapolated from the sample to all.
    pub by_clusters: f64,
    /// The mean silhouette of that grouping; none where no grouping was better than none.
    pub silhouette: Option<f64>,
}

impl EffectiveTrials {
    /// Measures the trials. At most `sample_max` of them, drawn by `seed`, are clustered: time grows with the third
    /// power of their number (a thousand take about two seconds).
    ///
    /// # Errors
    /// When no trial's returns vary, and when the sample would be smaller than two.
    pub fn of(matrix: &TrialMatrix<'_>, sample_max: usize, seed: u64) -> Result<Self, Undefined> {
        if sample_max < 2 {
            return Err(Undefined("a sample of trials to cluster has at least two"));
        }
        let units: Vec<Vec<f64>> = matrix.columns().iter().filter_map(|column| unit(column)).collect();
        if units.is_empty() {
            return Err(Undefined("no trial's returns vary"));
        }
        let correlation = average_correlation(&units);
        let by_correlation = correlation.max(0.0) + (1.0 - correlation.max(0.0)) * units.len() as f64;
        let sample = sample(units.len(), sample_max, seed);
        let chosen: Vec<&[f64]> = sample.iter().map(|&trial| units[trial].as_slice()).collect();
        let (groups, silhouette) = grouping(&chosen);
        let by_clusters = match silhouette {
            Some(_) => groups as f64,
            // Distinct trials grow with the trials looked at; groups do not.
            None if groups > 1 => groups as f64 / chosen.len() as f64 * units.len() as f64,
            None => 1.0,
        };
        Ok(EffectiveTrials {
            raw: matrix.trials(),
            flat: matrix.trials() - units.len(),
            correlation,
            by_correlation,
            sampled: chosen.len(),
            by_clusters,
            silhouette,
        })
    }

    /// The larger of the two numbers: the doubt goes against the strategy.
    pub fn count(&self) -> f64 {
        self.by_correlation.max(self.by_clusters)
    }

    /// The same, when these trials are a sample drawn from so many (a real number, not below their own): a number of
    /// clusters stays as it is, everything else grows in proportion.
    pub fn among(&self, trials: f64) -> f64 {
        let varied = (self.raw - self.flat) as f64;
        let scale = (trials / self.raw as f64).max(1.0);
        let correlation = self.correlation.max(0.0);
        let by_correlation = correlation + (1.0 - correlation) * varied * scale;
        let by_clusters = match self.silhouette {
            Some(_) => self.by_clusters,
            None if self.by_clusters > 1.0 => self.by_clusters * scale,
            None => self.by_clusters,
        };
        by_correlation.max(by_clusters)
    }
}

/// Deviations from the mean over their length, so that a product of two is a correlation; none without spread.
fn unit(column: &[f64]) -> Option<Vec<f64>> {
    moments::spread(column).ok()?;
    let center = moments::mean(column).ok()?;
    let deviations: Vec<f64> = column.iter().map(|value| value - center).collect();
    let length = dot(&deviations, &deviations).sqrt();
    Some(deviations.iter().map(|deviation| deviation / length).collect())
}

/// The mean of all correlations between two trials, from the length of the sum of their units: `M + M (M-1) ρ̄`.
fn average_correlation(units: &[Vec<f64>]) -> f64 {
    let trials = units.len() as f64;
    if units.len() < 2 {
        return 0.0;
    }
    let mut total = vec![0.0; units[0].len()];
    for column in units {
        total.iter_mut().zip(column).for_each(|(sum, value)| *sum += value);
    }
    ((dot(&total, &total) - trials) / (trials * (trials - 1.0))).clamp(-1.0, 1.0)
}

/// `size_max` of the trials without repetition in ascending order, or all.
fn sample(trials: usize, size_max: usize, seed: u64) -> Vec<usize> {
    let mut all: Vec<usize> = (0..trials).collect();
    if trials <= size_max {
        return all;
    }
    let mut chance = Chance::new(seed, STREAM);
    for place in 0..size_max {
        let other = place + chance.below((trials - place) as u64) as usize;
        all.swap(place, other);
    }
    all.truncate(size_max);
    all.sort_unstable();
    all
}

/// The number of groups with its mean silhouette, or the number of distinct trials where there is no structure.
fn grouping(units: &[&[f64]]) -> (usize, Option<f64>) {
    let trials = units.len();
    let distances = Distances::of(units);
    let tree = linkage(&mut distances.condensed.clone(), trials, Method::Average);
    let distinct = trials - tree.steps().iter().filter(|step| step.dissimilarity == 0.0).count();
    let mut best = (distinct, STRUCTURE_MIN);
    let mut cut = Cut::singletons(&distances);
    for (step, groups) in (0..tree.len()).zip((2..trials).rev()) {
        cut.merge(&tree, step);
        if groups <= distinct {
            let silhouette = cut.silhouette();
            // Of two equal ones the finer, which came first, stays: more trials are the safer error.
            if silhouette > best.1 {
                best = (groups, silhouette);
            }
        }
    }
    if best.1 > STRUCTURE_MIN { (best.0, Some(best.1)) } else { (distinct, None) }
}

/// Distances between all pairs, the rows of the upper triangle one after the other.
struct Distances {
    trials: usize,
    condensed: Vec<f64>,
}

impl Distances {
    fn of(units: &[&[f64]]) -> Self {
        let mut condensed = Vec::with_capacity(units.len() * units.len().saturating_sub(1) / 2);
        for (place, one) in units.iter().enumerate() {
            condensed.extend(units[place + 1..].iter().map(|other| {
                let apart = 1.0 - dot(one, other);
                if apart <= SAME { 0.0 } else { (0.5 * apart).sqrt() }
            }));
        }
        Distances { trials: units.len(), condensed }
    }

    fn between(&self, one: usize, other: usize) -> f64 {
        let (low, high) = (one.min(other), one.max(other));
        if low == high {
            return 0.0;
        }
        self.condensed[low * (2 * self.trials - low - 1) / 2 + high - low - 1]
    }
}

/// The groups at one height of the tree, with what their silhouettes are made of.
struct Cut {
    /// Group of each trial.
    group_of: Vec<usize>,
    /// Place among `groups` of each label of the tree.
    place_of: Vec<usize>,
    /// Members and the sum of distances from every trial to them, for groups that still stand.
    groups: Vec<Option<(usize, Vec<f64>)>>,
}

impl Cut {
    fn singletons(distances: &Distances) -> Self {
        let trials = distances.trials;
        let sums = |one: usize| (0..trials).map(|other| distances.between(one, other)).collect();
        Cut {
            group_of: (0..trials).collect(),
            place_of: (0..trials).collect(),
            groups: (0..trials).map(|trial| Some((1, sums(trial)))).collect(),
        }
    }

    /// Joins the two groups of a step of the tree; its label follows those of the trials and of earlier steps.
    fn merge(&mut self, tree: &Dendrogram<f64>, step: usize) {
        let joined = &tree[step];
        let (stays, goes) = (self.place_of[joined.cluster1], self.place_of[joined.cluster2]);
        self.place_of.push(stays);
        if let Some((members, sums)) = self.groups[goes].take()
            && let Some(group) = &mut self.groups[stays]
        {
            group.0 += members;
            group.1.iter_mut().zip(&sums).for_each(|(sum, more)| *sum += more);
        }
        self.group_of.iter_mut().filter(|group| **group == goes).for_each(|group| *group = stays);
    }

    /// The mean over all trials of `(b - a) / max(a, b)`: a the mean distance to the rest of its own group, b that to
    /// the nearest other group; 0 for a trial alone in its group.
    fn silhouette(&self) -> f64 {
        let trials = self.group_of.len();
        let mut nearest = vec![f64::INFINITY; trials];
        let mut own = vec![0.0; trials];
        for (place, group) in self.groups.iter().enumerate() {
            let Some((members, sums)) = group else { continue };
            let count = *members as f64;
            for (trial, sum) in sums.iter().enumerate() {
                if self.group_of[trial] == place {
                    own[trial] = if *members > 1 { sum / (count - 1.0) } else { f64::NAN };
                } else {
                    nearest[trial] = nearest[trial].min(sum / count);
                }
            }
        }
        let width = |(a, b): (&f64, &f64)| {
            let larger = a.max(*b);
            if a.is_nan() || larger == 0.0 { 0.0 } else { (b - a) / larger }
        };
        moments::sum(own.iter().zip(&nearest).map(width)) / trials as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Columns of which each is its group's own noise and `share` of its own.
    fn grouped(groups: usize, members: usize, share: f64, rows: usize) -> Vec<Vec<f64>> {
        let mut chance = Chance::new(11, 0);
        let mut draw = |rows: usize| -> Vec<f64> { (0..rows).map(|_| 0.01 * chance.normal()).collect() };
        let bases: Vec<Vec<f64>> = (0..groups).map(|_| draw(rows)).collect();
        let mut columns = Vec::new();
        for member in 0..groups * members {
            let noise = draw(rows);
            columns.push(bases[member % groups].iter().zip(noise).map(|(base, own)| base + share * own).collect());
        }
        columns
    }

    fn measured(columns: &[Vec<f64>], sample_max: usize) -> EffectiveTrials {
        let matrix = TrialMatrix::of(columns.iter().map(Vec::as_slice)).unwrap();
        EffectiveTrials::of(&matrix, sample_max, 5).unwrap()
    }

    #[test]
    fn planted_groups_are_found() {
        for groups in [2, 3, 7] {
            let found = measured(&grouped(groups, 12, 0.3, 400), 1000);
            assert_eq!(found.by_clusters, groups as f64);
            assert!(found.silhouette.unwrap() > 0.5, "{found:?}");
            assert_eq!((found.raw, found.flat, found.sampled), (12 * groups, 0, 12 * groups));
        }
    }

    #[test]
    fn copies_are_one_trial_and_strangers_are_as_many_as_they_are() {
        let one = grouped(1, 1, 1.0, 300);
        let copies: Vec<Vec<f64>> =
            (1..20).map(|scale| one[0].iter().map(|v| v * f64::from(scale)).collect()).collect();
        let found = measured(&copies, 1000);
        assert_eq!((found.by_clusters, found.silhouette), (1.0, None));
        assert!((found.by_correlation - 1.0).abs() < 1e-9 && found.count() < 1.0 + 1e-9);

        let strangers = grouped(60, 1, 1.0, 500);
        let found = measured(&strangers, 1000);
        assert_eq!((found.by_clusters, found.silhouette), (60.0, None));
        assert!((found.by_correlation - 60.0).abs() < 1.0);
        // Seen through a sample they are still sixty.
        assert_eq!(measured(&strangers, 20).by_clusters, 60.0);
    }

    #[test]
    fn copies_among_strangers_count_once() {
        let mut columns = grouped(40, 1, 1.0, 500);
        columns.push(columns[3].clone());
        assert_eq!(measured(&columns, 1000).by_clusters, 40.0);
        let five: Vec<Vec<f64>> = (0..50).map(|trial| columns[trial % 5].clone()).collect();
        let found = measured(&five, 1000);
        assert_eq!(found.by_clusters, 5.0);
        assert!((found.silhouette.unwrap() - 1.0).abs() < 1e-12);
    }

    #[test]
    fn the_average_correlation_is_that_of_all_pairs() {
        let columns = grouped(3, 4, 0.8, 200);
        let units: Vec<Vec<f64>> = columns.iter().map(|column| unit(column).unwrap()).collect();
        let mut pairs = Vec::new();
        for one in 0..units.len() {
            pairs.extend((one + 1..units.len()).map(|other| dot(&units[one], &units[other])));
        }
        let found = measured(&columns, 1000);
        assert!((found.correlation - moments::mean(&pairs).unwrap()).abs() < 1e-12);
        assert!((found.by_correlation - (found.correlation + (1.0 - found.correlation) * 12.0)).abs() < 1e-12);
        assert_eq!(found.count(), found.by_correlation.max(found.by_clusters));
    }

    #[test]
    fn what_never_traded_is_no_trial() {
        let mut columns = grouped(2, 5, 0.2, 300);
        columns.push(vec![0.0; 300]);
        let found = measured(&columns, 1000);
        assert_eq!((found.raw, found.flat, found.by_clusters), (11, 1, 2.0));
        let flat = [vec![0.0; 9], vec![0.1; 9]];
        let matrix = TrialMatrix::of(flat.iter().map(Vec::as_slice)).unwrap();
        assert!(EffectiveTrials::of(&matrix, 10, 0).is_err() && EffectiveTrials::of(&matrix, 1, 0).is_err());
    }

    #[test]
    fn one_trial_is_one_and_two_strangers_are_two() {
        let columns = grouped(2, 1, 1.0, 300);
        let found = measured(&columns[..1], 1000);
        assert_eq!((found.by_clusters, found.by_correlation, found.count()), (1.0, 1.0, 1.0));
        let found = measured(&columns, 1000);
        assert_eq!((found.by_clusters, found.silhouette), (2.0, None));
    }

    #[test]
    fn a_sample_is_seeded_and_has_no_repetition() {
        let one = sample(500, 50, 3);
        assert_eq!(one, sample(500, 50, 3));
        assert_ne!(one, sample(500, 50, 4));
        assert!(one.len() == 50 && one.windows(2).all(|pair| pair[0] < pair[1]) && one[49] < 500);
    }

    #[test]
    fn a_silhouette_by_hand() {
        // Two pairs: 0 and 1 are 1 apart, 2 and 3 are 2 apart, everything else 4.
        let distances = Distances { trials: 4, condensed: vec![1.0, 4.0, 4.0, 4.0, 4.0, 2.0] };
        let tree = linkage(&mut distances.condensed.clone(), 4, Method::Average);
        let mut cut = Cut::singletons(&distances);
        cut.merge(&tree, 0);
        // 0 and 1: (4 - 1)/4 each; 2 and 3 stand alone.
        assert_eq!(cut.silhouette(), 1.5 / 4.0);
        cut.merge(&tree, 1);
        assert_eq!(cut.silhouette(), (0.75 + 0.75 + 0.5 + 0.5) / 4.0);
    }
}
