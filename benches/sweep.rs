//! A sweep against the least that any program could do, in one process and on the same threads.
//!
//! The work is `scenarios/benchmark-sweep.toml`: 1,000 crossovers over a year of synthetic minutes, a fixed quantity,
//! 0.1 % fee, shipped defaults of latency, slippage, participation and policy, every limit on, statistics of every trial.
//! The bare loop has the same signals and no orders, no ledger, no exactness. Prints medians and their ratio, on one
//! thread and on two: `cargo bench --bench sweep`.
//!
//! Other works by their names, `cargo bench --bench sweep -- breakout`: `five-years` is the same over 2,628,000 candles;
//! `breakout`, `vwap_reversion` and `signal_score` are 128 combinations of that strategy over the year, each order a
//! hundredth of 100,000 USDT, for which there is no bare loop.

#[path = "common/bare.rs"]
mod bare;
#[path = "common/memory.rs"]
mod memory;

use bare::{bare_loop, median, prices, seconds};
use memory::peak_memory_megabytes;
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

/// What is swept.
struct Work {
    /// The strategy in place of the scenario's.
    strategy: Option<&'static str>,
    /// Axes in place of the scenario's.
    axes: &'static [(&'static str, &'static str)],
    /// What the scenario says, and what is said in its place.
    changes: &'static [(&'static str, &'static str)],
}

/// A strategy that trades a share of its capital must not meet the volume of the candles at every order.
const SMALL: &[(&str, &str)] = &[("USDT = \"10000000\"", "USDT = \"100000\"")];

impl Work {
    fn named(name: Option<&str>) -> Self {
        let crossovers = Work { strategy: None, axes: &[], changes: &[] };
        match name {
            None => crossovers,
            Some("five-years") => Work { changes: &[("candles = 525_600", "candles = 2_628_000")], ..crossovers },
            Some("breakout") => Work {
                strategy: Some("breakout"),
                axes: &[("window", "20..95:5"), ("atr_multiple", "1.5..5:0.5")],
                changes: SMALL,
            },
            Some("vwap_reversion") => Work {
                strategy: Some("vwap_reversion"),
                axes: &[("window", "24..144:8"), ("width", "1..4.5:0.5")],
                changes: SMALL,
            },
            Some("signal_score") => Work {
                strategy: Some("signal_score"),
                axes: &[("enter", "0.2..0.5:0.02"), ("exit", "-0.2..0.15:0.05")],
                changes: SMALL,
            },
            Some(other) => {
                panic!("there is no work {other}: five-years, breakout, vwap_reversion, signal_score or nothing")
            }
        }
    }

    /// The scenario with what this work changes about its data.
    fn draft(&self) -> Draft {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/benchmark-sweep.toml");
        let mut text = std::fs::read_to_string(&path).expect("the shipped scenario can be read");
        for (said, instead) in self.changes {
            assert!(text.contains(said), "the scenario says {said}");
            text = text.replace(said, instead);
        }
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("benchmark-sweep.toml");
        std::fs::write(&path, text).expect("a file");
        Draft::load(&path).expect("the scenario is sound")
    }

    fn overrides(&self, mut set: Vec<(String, String)>) -> Overrides {
        if self.strategy.is_some() {
            set.push(("fraction".to_owned(), "0.01".to_owned()));
        }
        Overrides { strategy: self.strategy.map(str::to_owned), set, ..Overrides::default() }
    }

    fn grid(&self, draft: &Draft) -> Grid {
        let shipped = draft.sweep().axes.iter().map(|(name, text)| (name.as_str(), text.as_str()));
        let axes: Vec<(&str, &str)> = if self.axes.is_empty() { shipped.collect() } else { self.axes.to_vec() };
        let axes = axes.into_iter().filter_map(|(name, text)| Axis::parse(name, text).expect("an axis"));
        Grid::new(axes.collect(), 1_000).expect("at most a thousand combinations")
    }
}

fn main() {
    let name = std::env::args().skip(1).find(|word| !word.starts_with('-'));
    let work = Work::named(name.as_deref());
    let draft = work.draft();
    let grid = work.grid(&draft);
    let base = draft.plan(&work.overrides(Vec::new()), &Book(ALL)).expect("the scenario is sound");
    let market = Market::load(&base).expect("the synthetic market can be made");
    let base = Stage::new(base, market).expect("the plan fits the data");
    let candles = base.candles(InstrumentId(0));
    let (opens, closes) = (prices(&candles.open), prices(&candles.close));
    let all = (grid.count() * candles.len() as u64) as f64;
    let numbers: Vec<u64> = (0..grid.count()).collect();
    println!("peak memory     {:>7} MB with the market made", peak_memory_megabytes());
    for threads in [1, 2] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads can be started");
        let (mut bare, mut lanes, mut orders, mut fills) = (Vec::new(), Vec::new(), 0, 0.0);
        for _ in 0..ROUNDS {
            if work.strategy.is_none() {
                bare.push(seconds(|| {
                    let combination = |number: &u64| {
                        let [fast, slow] = windows(&grid, *number);
                        bare_loop(&opens, &closes, fast, slow).2
                    };
                    orders = pool.install(|| numbers.par_iter().with_max_len(16).map(combination).sum());
                }));
            }
            lanes.push(seconds(|| {
                let part = |numbers: &[u64]| -> f64 {
                    let stage = |number: &u64| {
                        let plan = draft.plan(&work.overrides(grid.settings(*number)), &Book(ALL));
                        base.with_plan(plan.expect("a sound combination")).expect("the same data")
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
        println!("threads         {threads}");
        let lanes = median(lanes);
        if work.strategy.is_none() {
            let bare = median(bare);
            println!("bare loop       {:>7.1} M combinations x candles/s  ({orders} orders)", all / bare / 1e6);
            println!("ratio           {:>7.3} of the bare loop", bare / lanes);
        }
        println!("sweep           {:>7.1} M combinations x candles/s  ({fills} fills)", all / lanes / 1e6);
        println!("peak memory     {:>7} MB", peak_memory_megabytes());
    }
}

/// The windows of a crossover.
fn windows(grid: &Grid, number: u64) -> [usize; 2] {
    let values = grid.values(number);
    [values[0], values[1]].map(|value| value.parse().expect("a window"))
}
