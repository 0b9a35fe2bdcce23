//! The crew: parts of a sweep run side by side, each a handful of lanes over the tape.

use super::grid::Grid;
use super::returns::DailyReturns;
use super::shard::Shard;
use super::shelf::{Keeps, Shelf};
use super::trial::Trial;
use crate::catalog::{Book, Entry, LaneEnd, Manner, Stage};
use crate::engine::Keep;
use crate::error::{Fault, Result};
use crate::scenario::{Draft, Overrides};
use rayon::prelude::*;
use std::sync::atomic::{AtomicBool, Ordering};

/// Everything that the parts of a sweep share.
#[derive(Clone, Copy)]
pub struct Crew<'a> {
    /// The data under the base plan.
    pub stage: &'a Stage,
    /// The base plan, to be changed by each trial.
    pub draft: &'a Draft,
    /// What a strategy's name stands for.
    pub book: &'a [Entry],
    /// The axes.
    pub grid: &'a Grid,
    /// The combinations that are tried, ascending.
    pub numbers: &'a [u64],
    /// How many of them stand in one part.
    pub trials_per_part: usize,
    /// Which share of the parts is run; none is all of them.
    pub shard: Option<Shard>,
    /// Whether daily returns are kept as well.
    pub keeps: Keeps,
    /// How many parts are run at once.
    pub threads: usize,
    /// Set from outside: no new part is begun.
    pub stop: &'a AtomicBool,
    /// Told of every part that is finished.
    pub watch: &'a (dyn Fn(&[Trial]) + Sync),
}

/// Lanes of one part: as many as share their columns well and keep their state in cache, fewer where the tape is so
/// long that a part would take minutes.
pub fn trials_per_part(rows: usize) -> usize {
    const LANES: usize = 64;
    const LANE_ROWS: usize = 400_000_000;
    (LANE_ROWS / rows.max(1)).clamp(8, LANES)
}

impl Crew<'_> {
    /// The parts to run.
    pub fn parts(&self) -> impl Iterator<Item = usize> {
        let all = 0..self.numbers.len().div_ceil(self.trials_per_part);
        all.filter(|part| self.shard.is_none_or(|shard| shard.has(*part)))
    }

    /// How many trials stand in these parts.
    pub fn trials_in(&self, parts: impl Iterator<Item = usize>) -> usize {
        parts.map(|part| self.numbers_in(part).len()).sum()
    }

    fn numbers_in(&self, part: usize) -> &[u64] {
        let from = part * self.trials_per_part;
        &self.numbers[from..self.numbers.len().min(from + self.trials_per_part)]
    }

    /// Runs the parts that are not on the shelf yet. Returns whether all of them are.
    ///
    /// # Errors
    /// When a part cannot be kept. What is finished stays.
    pub fn run(&self, shelf: &Shelf) -> Result<bool> {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(self.threads).build();
        let pool = pool.map_err(|error| Fault::failure(format!("starting {} threads: {error}", self.threads)))?;
        let missing: Vec<usize> = self.parts().filter(|part| !shelf.has(*part)).collect();
        pool.install(|| {
            missing.into_par_iter().with_max_len(1).try_for_each(|part| {
                if self.stop.load(Ordering::Relaxed) {
                    return Ok(());
                }
                let (trials, returns) = self.part(part);
                let returns = match self.keeps {
                    Keeps::Returns => Some(returns.as_slice()),
                    Keeps::TrialsOnly => None,
                };
                shelf.keep(part, &self.grid.axes, &trials, returns)?;
                (self.watch)(&trials);
                Ok(())
            })
        })?;
        Ok(self.parts().all(|part| shelf.has(part)))
    }

    /// The trials of one part, and the daily returns of those that ran.
    fn part(&self, part: usize) -> (Vec<Trial>, Vec<DailyReturns>) {
        let numbers = self.numbers_in(part);
        let mut stages = Vec::new();
        let mut trials: Vec<Option<Trial>> = Vec::new();
        for number in numbers {
            match self.stage_of(*number) {
                Ok(stage) => {
                    stages.push(stage);
                    trials.push(None);
                }
                Err(fault) => trials.push(Some(Trial::without_run(*number, self.values(*number), &fault))),
            }
        }
        let manner = Manner { keep: Keep::Totals, ..Manner::default() };
        let mut ends = stages.iter().zip(Stage::run_lanes(&stages, self.book, manner));
        let mut returns = Vec::new();
        let mut next = |number: u64| -> Option<Trial> {
            let (stage, end): (&Stage, LaneEnd) = ends.next()?;
            let trial = Trial::of(number, self.values(number), stage, &end);
            returns.extend(end.ok().and_then(|run| DailyReturns::of(&trial, stage, &run)));
            Some(trial)
        };
        let rows = numbers.iter().zip(trials);
        let trials = rows.filter_map(|(number, trial)| trial.or_else(|| next(*number))).collect();
        (trials, returns)
    }

    fn values(&self, number: u64) -> Vec<String> {
        self.grid.values(number).into_iter().map(str::to_owned).collect()
    }

    fn stage_of(&self, number: u64) -> Result<Stage> {
        let overrides = Overrides { set: self.grid.settings(number), ..Overrides::default() };
        self.stage.with_plan(self.draft.plan(&overrides, &Book(self.book))?)
    }
}
