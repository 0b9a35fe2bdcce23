//! How long the statistics of luck take on the returns of a sweep: 2,000 trials over 1,000 days.

use std::hint::black_box;
use tapeline::chance::Chance;
use tapeline::metrics::luck::monte_carlo::{Block, Draw, Growth, Outlook, Plan};
use tapeline::metrics::luck::overfitting::{Overfitting, Performance};
use tapeline::metrics::luck::snooping::{Resampling, superior_ability};
use tapeline::metrics::luck::{EffectiveTrials, TrialMatrix};

const TRIALS: usize = 2000;
const DAYS: usize = 1000;

fn main() {
    divan::main();
}

/// Noise of which a part is shared by neighbours, as in a grid of parameters.
fn sweep() -> Vec<Vec<f64>> {
    let mut chance = Chance::new(1, 0);
    let mut draw = || -> Vec<f64> { (0..DAYS).map(|_| 0.01 * chance.normal()).collect() };
    let shared: Vec<Vec<f64>> = (0..20).map(|_| draw()).collect();
    (0..TRIALS)
        .map(|trial| draw().iter().zip(&shared[trial / 100]).map(|(own, common)| 0.6 * own + common).collect())
        .collect()
}

#[divan::bench(sample_count = 3, sample_size = 1, args = [Performance::Mean, Performance::Sharpe])]
fn overfitting_with_16_blocks(bencher: divan::Bencher<'_, '_>, performance: Performance) {
    let columns = sweep();
    let matrix = TrialMatrix::of(columns.iter().map(Vec::as_slice)).unwrap();
    bencher.bench_local(|| Overfitting::of(black_box(&matrix), 16, performance).unwrap().probability);
}

#[divan::bench(sample_count = 3, sample_size = 1)]
fn superior_ability_with_1000_resamples(bencher: divan::Bencher<'_, '_>) {
    let columns = sweep();
    let matrix = TrialMatrix::of(columns.iter().map(Vec::as_slice)).unwrap();
    let resampling = Resampling { block: 31.0, replications: 1000, seed: 1 };
    bencher.bench_local(|| superior_ability(black_box(&matrix), resampling).unwrap().consistent);
}

#[divan::bench(sample_count = 3, sample_size = 1)]
fn effective_trials_of_a_sample_of_1000(bencher: divan::Bencher<'_, '_>) {
    let columns = sweep();
    let matrix = TrialMatrix::of(columns.iter().map(Vec::as_slice)).unwrap();
    bencher.bench_local(|| EffectiveTrials::of(black_box(&matrix), 1000, 1).unwrap().count());
}

#[divan::bench(sample_count = 3, sample_size = 1)]
fn outlook_of_10_000_orders_of_1000_results(bencher: divan::Bencher<'_, '_>) {
    let results = sweep().swap_remove(0);
    let plan = Plan {
        draw: Draw::Resample,
        growth: Growth::Compounded,
        block: Block::Estimated,
        days: 1000.0,
        ruin: 0.5,
        replications: 10_000,
        seed: 1,
    };
    bencher.bench_local(|| Outlook::of(black_box(&results), &plan).unwrap().drawdown.high);
}
