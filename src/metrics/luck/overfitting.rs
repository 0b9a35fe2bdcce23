//! Probability of backtest overfitting by combinatorially symmetric cross-validation (Bailey, Borwein, López de Prado &
//! Zhu 2017, J. Comput. Finance 20(4)).
//!
//! The observations are cut into S equal blocks. For every half of the blocks the trial that was best there is looked up
//! among all trials on the other half: where it is no better than the median, picking the best was overfitting.

use super::super::{Undefined, moments};
use super::combinations;
use super::trials::TrialMatrix;

/// Shown beside the probability.
pub const DEFINITION: &str = "PBO: share of the ways to halve the record in which the trial that was best on one half ranks no better than the median on the other; about one half without any skill";
/// Shown beside the slope.
pub const SLOPE_DEFINITION: &str =
    "performance degradation: slope of the winners' out-of-sample performance on their in-sample performance";
/// Shown beside the probability of loss.
pub const LOSS_DEFINITION: &str = "probability of loss: share of the ways to halve the record in which the winner's out-of-sample performance is negative";

/// The most blocks a record is cut into: 184 756 ways to choose a half.
pub const BLOCKS_MAX: usize = 20;

/// A spread below this part of the root mean square is the rounding of sums.
const ROUNDING: f64 = 1e-13;

/// By what trials are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Performance {
    /// Mean return per observation.
    Mean,
    /// Mean over sample standard deviation, per observation. Where the returns do not vary it ranks as 0 when they are
    /// all zero, as plus or minus infinity else.
    Sharpe,
}

/// One way to halve the record.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Split {
    /// The trial that was best in sample. Of several equally good ones, the worst out of sample.
    pub winner: usize,
    /// Its performance in sample.
    pub in_sample: f64,
    /// Its performance out of sample.
    pub out_of_sample: f64,
    /// Its rank out of sample, 1 the worst; equals share their average rank.
    pub rank: f64,
    /// `ln(ω / (1-ω))` with `ω = rank / (trials + 1)`: positive above the median.
    pub logit: f64,
}

/// What happened to the winners.
#[derive(Clone, Debug, PartialEq)]
pub struct Overfitting {
    /// Share of splits with a logit of zero or less.
    pub probability: f64,
    /// Share of splits in which the winner lost out of sample.
    pub loss_probability: f64,
    /// Slope of out-of-sample on in-sample performance of the winners.
    pub slope: Result<f64, Undefined>,
    /// All splits, in lexicographic order of the blocks in sample.
    pub splits: Vec<Split>,
    /// Observations at the start that were left out because the rest divides into equal blocks.
    pub rows_dropped: usize,
}

impl Overfitting {
    /// Judges the selection of the best trial with the record cut into `blocks`.
    ///
    /// # Errors
    /// With fewer than two trials, when the number of blocks is odd, below 2 or above [`BLOCKS_MAX`], and when a block
    /// would have fewer than two observations (one suffices for means).
    pub fn of(matrix: &TrialMatrix<'_>, blocks: usize, performance: Performance) -> Result<Self, Undefined> {
        if matrix.trials() < 2 {
            return Err(Undefined("overfitting needs at least two trials to pick from"));
        }
        if !(2..=BLOCKS_MAX).contains(&blocks) || !blocks.is_multiple_of(2) {
            return Err(Undefined("the number of blocks is an even number from 2 to 20"));
        }
        let length = matrix.rows() / blocks;
        let length_min = match performance {
            Performance::Mean => 1,
            Performance::Sharpe => 2,
        };
        if length < length_min {
            return Err(Undefined("there are too few observations for so many blocks"));
        }
        let sums = BlockSums::of(matrix, blocks, length);
        let splits = splits(&sums, performance);
        let share =
            |holds: fn(&Split) -> bool| splits.iter().filter(|split| holds(split)).count() as f64 / splits.len() as f64;
        Ok(Overfitting {
            probability: share(|split| split.logit <= 0.0),
            loss_probability: share(|split| split.out_of_sample < 0.0),
            slope: slope(&splits),
            rows_dropped: matrix.rows() - blocks * length,
            splits,
        })
    }

    /// The logits in the order of the splits.
    pub fn logits(&self) -> Vec<f64> {
        self.splits.iter().map(|split| split.logit).collect()
    }
}

/// Sums and sums of squares of every trial over every block; a half is the sum of its blocks.
struct BlockSums {
    blocks: usize,
    trials: usize,
    length: usize,
    /// Block by block, each with all trials.
    sums: Vec<f64>,
    squares: Vec<f64>,
}

impl BlockSums {
    fn of(matrix: &TrialMatrix<'_>, blocks: usize, length: usize) -> Self {
        let trials = matrix.trials();
        let first = matrix.rows() - blocks * length;
        let mut sums = vec![0.0; blocks * trials];
        let mut squares = sums.clone();
        for (trial, column) in matrix.columns().iter().enumerate() {
            for (block, values) in column[first..].chunks_exact(length).enumerate() {
                sums[block * trials + trial] = moments::sum(values.iter().copied());
                squares[block * trials + trial] = moments::sum(values.iter().map(|value| value * value));
            }
        }
        BlockSums { blocks, trials, length, sums, squares }
    }

    /// The performance of every trial over the chosen blocks.
    fn judge(&self, chosen: &[usize], performance: Performance, scratch: &mut Scratch, scores: &mut [f64]) {
        let count = (chosen.len() * self.length) as f64;
        add_blocks(&self.sums, chosen, self.trials, &mut scratch.sums);
        match performance {
            Performance::Mean => scores.iter_mut().zip(&scratch.sums).for_each(|(score, sum)| *score = sum / count),
            Performance::Sharpe => {
                add_blocks(&self.squares, chosen, self.trials, &mut scratch.squares);
                for ((score, sum), square) in scores.iter_mut().zip(&scratch.sums).zip(&scratch.squares) {
                    *score = ratio(*sum, *square, count);
                }
            }
        }
    }
}

/// Room for the sums of one half.
struct Scratch {
    sums: Vec<f64>,
    squares: Vec<f64>,
}

fn add_blocks(of_blocks: &[f64], chosen: &[usize], trials: usize, totals: &mut [f64]) {
    totals.fill(0.0);
    for block in chosen {
        let values = &of_blocks[block * trials..(block + 1) * trials];
        totals.iter_mut().zip(values).for_each(|(total, value)| *total += value);
    }
}

/// Mean over sample standard deviation, from sums.
fn ratio(sum: f64, square: f64, count: f64) -> f64 {
    let mean = sum / count;
    let variance = (square - sum * mean) / (count - 1.0);
    if variance > ROUNDING * square / count {
        mean / variance.sqrt()
    } else if mean == 0.0 {
        0.0
    } else {
        f64::INFINITY.copysign(mean)
    }
}

/// Both splits of every pair of halves, in lexicographic order.
fn splits(sums: &BlockSums, performance: Performance) -> Vec<Split> {
    let halves = combinations::choices(sums.blocks, sums.blocks / 2);
    let mut scratch = Scratch { sums: vec![0.0; sums.trials], squares: vec![0.0; sums.trials] };
    let (mut left, mut right) = (vec![0.0; sums.trials], vec![0.0; sums.trials]);
    let (mut forward, mut backward) = (Vec::with_capacity(halves.len()), Vec::with_capacity(halves.len() / 2));
    // The second half of the list are the complements of the first, from its end.
    for half in &halves[..halves.len() / 2] {
        sums.judge(half, performance, &mut scratch, &mut left);
        let rest = combinations::complement(sums.blocks, half);
        sums.judge(&rest, performance, &mut scratch, &mut right);
        forward.push(split(&left, &right));
        backward.push(split(&right, &left));
    }
    forward.extend(backward.into_iter().rev());
    forward
}

fn split(inside: &[f64], outside: &[f64]) -> Split {
    let best = inside.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let mut winner = None;
    for (trial, score) in inside.iter().enumerate() {
        if *score == best && winner.is_none_or(|known: usize| outside[trial] < outside[known]) {
            winner = Some(trial);
        }
    }
    let winner = winner.unwrap_or(0);
    let reached = outside[winner];
    let (mut below, mut level) = (0_usize, 0_usize);
    for score in outside {
        below += usize::from(*score < reached);
        level += usize::from(*score == reached);
    }
    let rank = below as f64 + (level as f64 + 1.0) / 2.0;
    // ω / (1 - ω) without the roundings of ω: exactly 1 at the median.
    let odds = rank / (outside.len() as f64 + 1.0 - rank);
    Split { winner, in_sample: inside[winner], out_of_sample: reached, rank, logit: libm::log(odds) }
}

/// The slope of the least squares line.
fn slope(splits: &[Split]) -> Result<f64, Undefined> {
    let inside: Vec<f64> = splits.iter().map(|split| split.in_sample).collect();
    let outside: Vec<f64> = splits.iter().map(|split| split.out_of_sample).collect();
    if inside.iter().chain(&outside).any(|score| !score.is_finite()) {
        return Err(Undefined("a winner's returns did not vary"));
    }
    let (x, y) = (moments::mean(&inside)?, moments::mean(&outside)?);
    let across = moments::sum(inside.iter().map(|score| (score - x) * (score - x)));
    if across.sqrt() <= ROUNDING * x.abs() {
        return Err(Undefined("the winners were equally good in sample"));
    }
    Ok(moments::sum(inside.iter().zip(&outside).map(|(one, other)| (one - x) * (other - y))) / across)
}

#[cfg(test)]
mod tests;
