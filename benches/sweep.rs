//! A sweep against the least that any program could do, in one process and on the same threads.
//!
//! The work is `scenarios/benchmark-sweep.toml`: 1,000 crossovers over a year of synthetic minutes, a fixed quantity,
//! 0.1 % fee, shipped defaults of latency, slippage, participation and policy, every limit on, statistics of every trial.
//! The bare loop has the same signals and no orders, no ledger, no exactness. Prints medians and their ratio, on one
//! thread and on two: `cargo bench --bench sweep`.

#[path = "common/bare.rs"]
mod bare;

use bare::{bare_loop, median, prices, seconds};
use rayon::prelude::*;
use std::path::Path;
use tapeline::catalog::{ALL, Book, Manner, Market, Stage};
use tapeline::domain::InstrumentId;
use tapeline::engine::Keep;
use tapeline::scenario::{Draft, Overrides};
use tapeline::sweep::{Axis, Grid, Trial, trials_per_part};

/// The allocator of the command itself.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const ROUNDS: usize = 3;

fn main() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/benchmark-sweep.toml");
    let draft = Draft::load(&path).expect("the shipped scenario is sound");
    let axes = draft.sweep().axes.iter().filter_map(|(name, text)| Axis::parse(name, text).expect("an axis"));
    let grid = Grid::new(axes.collect(), 1_000).expect("a thousand combinations");
    let base = draft.plan(&Overrides::default(), &Book(ALL)).expect("the shipped scenario is sound");
    let market = Market::load(&base).expect("the synthetic market can be made");
    let base = Stage::new(base, market).expect("the plan fits the data");
    let candles = base.candles(InstrumentId(0));
    let (opens, closes) = (prices(&candles.open), prices(&candles.close));
    let all = (grid.count() * candles.len() as u64) as f64;
    let numbers: Vec<u64> = (0..grid.count()).collect();
    let windows = |number: u64| -> [usize; 2] {
        let values = grid.values(number);
        [values[0], values[1]].map(|value| value.parse().expect("a window"))
    };
    for threads in [1, 2] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads can be started");
        let (mut bare, mut lanes, mut orders, mut fills) = (Vec::new(), Vec::new(), 0, 0.0);
        for _ in 0..ROUNDS {
            bare.push(seconds(|| {
                let combination = |number: &u64| {
                    let [fast, slow] = windows(*number);
                    bare_loop(&opens, &closes, fast, slow).2
                };
                orders = pool.install(|| numbers.par_iter().with_max_len(16).map(combination).sum());
            }));
            lanes.push(seconds(|| {
                let part = |numbers: &[u64]| -> f64 {
                    let stage = |number: &u64| {
                        let overrides = Overrides { set: grid.settings(*number), ..Overrides::default() };
                        let plan = draft.plan(&overrides, &Book(ALL)).expect("a sound combination");
                        base.with_plan(plan).expect("the same data")
                    };
                    let stages: Vec<Stage> = numbers.iter().map(stage).collect();
                    let ends = Stage::run_lanes(&stages, ALL, Manner { keep: Keep::Totals, ..Manner::default() });
                    let rows = stages.iter().zip(&ends).zip(numbers);
                    rows.filter_map(|((stage, end), number)| Trial::of(*number, Vec::new(), stage, end).get("fills"))
                        .sum()
                };
                let parts = numbers.par_chunks(trials_per_part(candles.len())).with_max_len(1);
                fills = pool.install(|| parts.map(part).sum());
            }));
        }
        let (bare, lanes) = (median(bare), median(lanes));
        println!("threads         {threads}");
        println!("bare loop       {:>7.1} M combinations x candles/s  ({orders} orders)", all / bare / 1e6);
        println!("sweep           {:>7.1} M combinations x candles/s  ({fills} fills)", all / lanes / 1e6);
        println!("ratio           {:>7.3} of the bare loop", bare / lanes);
    }
}
