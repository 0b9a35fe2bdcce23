//! The crew: parts of a sweep run side by side, each a handful of lanes over the tape.

use super::grid::Grid;
use super::returns::DailyReturns;
use super::scene::Scene;
use super::shard::Shard;
use super::shelf::{Keeps, Shelf};
use super::stop::StopRule;
use super::trial::Trial;
use crate::catalog::{Entry, Inspector, LaneEnd, Manner, Stage, guarded};
use crate::engine::Keep;
use crate::error::{Fault, Result};
use rayon::prelude::*;
use std::sync::atomic::{AtomicBool, Ordering};

/// Everything that the parts of a sweep share.
#[derive(Clone, Copy)]
pub struct Crew<'a> {
    /// What the axes of the scene choose between.
    pub scenes: &'a [Scene],
    /// What a strategy's name stands for.
    pub book: &'a [Entry],
    /// The axes.
    pub grid: &'a Grid,
    /// The combinations that are tried.
    pub numbers: &'a [u64],
    /// The number of the part that the first of them stands in.
    pub first_part: usize,
    /// How many of them stand in one part.
    pub trials_per_part: usize,
    /// Which share of the parts is run; none is all of them.
    pub shard: Option<Shard>,
    /// Whether daily returns are kept as well.
    pub keeps: Keeps,
    /// How many parts are run at once.
    pub threads: usize,
    /// When a trial is stopped on its way.
    pub stop_rule: Option<&'a StopRule>,
    /// How many sessions stand side by side on a thread at most; the result does not depend on it.
    pub lanes: usize,
    /// Set from outside: no new part is begun.
    pub stop: &'a AtomicBool,
    /// Told of every part that is finished.
    pub watch: &'a (dyn Fn(&[Trial]) + Sync),
    /// Asked when the disk is full: whether to try again. It may wait before it answers.
    pub when_full: &'a (dyn Fn(&Fault) -> bool + Sync),
}

/// What the threads of a crew are called: a panic in one of them is caught and told as a fault.
pub const THREAD_NAME: &str = "lanes";

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
        let all = self.first_part..self.first_part + self.numbers.len().div_ceil(self.trials_per_part);
        all.filter(|part| self.shard.is_none_or(|shard| shard.has(*part)))
    }

    /// How many trials stand in these parts.
    pub fn trials_in(&self, parts: impl Iterator<Item = usize>) -> usize {
        parts.map(|part| self.numbers_in(part).len()).sum()
    }

    fn numbers_in(&self, part: usize) -> &[u64] {
        let from = (part - self.first_part) * self.trials_per_part;
        &self.numbers[from..self.numbers.len().min(from + self.trials_per_part)]
    }

    /// Runs the parts that are not on the shelf yet. Returns whether all of them are.
    ///
    /// # Errors
    /// When a part cannot be kept. What is finished stays.
    pub fn run(&self, shelf: &Shelf) -> Result<bool> {
        let pool = self.pool()?;
        let missing: Vec<usize> = self.parts().filter(|part| !shelf.has(*part)).collect();
        pool.install(|| {
            missing.into_par_iter().with_max_len(1).try_for_each(|part| {
                if self.stop.load(Ordering::Relaxed) {
                    return Ok(());
                }
                let (trials, returns) =
                    guarded(|| self.part(part)).map_err(|fault| fault.within(format!("part {part} of the sweep")))?;
                let returns = match self.keeps {
                    Keeps::Returns => Some(returns.as_slice()),
                    Keeps::TrialsOnly => None,
                };
                self.patiently(|| shelf.keep(part, &self.grid.axes, &trials, returns))?;
                (self.watch)(&trials);
                Ok(())
            })
        })?;
        Ok(self.parts().all(|part| shelf.has(part)))
    }

    /// The threads on which parts are run.
    pub(super) fn pool(&self) -> Result<rayon::ThreadPool> {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(self.threads);
        let pool = pool.thread_name(|_| THREAD_NAME.to_owned()).build();
        pool.map_err(|error| Fault::failure(format!("starting {} threads: {error}", self.threads)))
    }

    /// Does something that writes, again and again while the disk is full and whoever is asked wants to wait.
    ///
    /// # Errors
    /// As what is done.
    pub fn patiently<T>(&self, write: impl Fn() -> Result<T>) -> Result<T> {
        loop {
            match write() {
                Err(fault) if fault.is_full_disk() && (self.when_full)(&fault) => {}
                done => return done,
            }
        }
    }

    /// The trials of one part, and the daily returns of those that ran.
    fn part(&self, part: usize) -> (Vec<Trial>, Vec<DailyReturns>) {
        let (mut trials, mut returns) = (Vec::new(), Vec::new());
        for (scene, numbers) in self.side_by_side(part) {
            self.run_lanes(scene, numbers, &mut trials, &mut returns);
        }
        (trials, returns)
    }

    /// The combinations of a part that are run at once, with the scene that they share.
    pub(super) fn side_by_side(&self, part: usize) -> impl Iterator<Item = (&Scene, &[u64])> {
        let of_scene = self.numbers_in(part).chunk_by(|one, other| self.grid.scene(*one) == self.grid.scene(*other));
        of_scene.flat_map(|numbers| {
            let scene = &self.scenes[self.grid.scene(numbers[0])];
            numbers.chunks(self.lanes).map(move |numbers| (scene, numbers))
        })
    }

    /// Runs combinations of one scene side by side.
    fn run_lanes(&self, scene: &Scene, numbers: &[u64], trials: &mut Vec<Trial>, returns: &mut Vec<DailyReturns>) {
        let staged: Vec<Result<Stage>> = numbers.iter().map(|number| self.stage_of(scene, *number)).collect();
        let stages: Vec<Stage> = staged.iter().flatten().cloned().collect();
        let inspector = self.stop_rule.map(|rule| rule as &dyn Inspector);
        let manner = Manner { keep: Keep::Totals, inspector, ..Manner::default() };
        let mut ends = stages.iter().zip(Stage::run_lanes(&stages, self.book, manner));
        for (number, staged) in numbers.iter().zip(staged) {
            let values = self.grid.values(*number).into_iter().map(str::to_owned).collect();
            trials.push(match staged {
                Err(fault) => Trial::without_run(*number, values, &fault),
                Ok(_) => {
                    let (stage, end): (&Stage, LaneEnd) = ends.next().expect("every stage has come to an end");
                    let trial = Trial::of(*number, values, stage, &end);
                    returns.extend(end.ok().and_then(|run| DailyReturns::of(&trial, stage, &run)));
                    trial
                }
            });
        }
    }

    /// A combination that panics while it is made is a failure of its own.
    pub(super) fn stage_of(&self, scene: &Scene, number: u64) -> Result<Stage> {
        guarded(|| scene.stage_of(&self.grid.settings(number), self.book))?
    }
}
