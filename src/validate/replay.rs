//! Running trials of a sweep again: over other days, on other candles, under another policy.

use crate::catalog::{Entry, LaneEnd, LaneRun, Manner, Stage};
use crate::engine::Keep;
use crate::error::Result;
use crate::sweep::{Grid, Scene, Status, Trial, trials_per_part};
use rayon::prelude::*;

/// What is run again.
#[derive(Clone, Copy)]
pub struct Replay<'a> {
    /// What the axes of the scene choose between, with their data: each trial is run in its own.
    pub scenes: &'a [Scene],
    /// What a strategy's name stands for.
    pub book: &'a [Entry],
    /// The axes.
    pub grid: &'a Grid,
}

impl Replay<'_> {
    /// A trial's plan on the sweep's data, with further settings.
    ///
    /// # Errors
    /// When they do not come to a plan.
    pub(super) fn stage_of(&self, number: u64, more: &[(String, String)]) -> Result<Stage> {
        let set = self.grid.settings(number).into_iter().chain(more.iter().cloned()).collect();
        self.scenes[self.grid.scene(number)].stage_of(&set, self.book)
    }

    /// Runs the stages of these trials, in lanes where neighbours stand on the same data. The rows come in the order of the
    /// stages.
    pub(super) fn run(&self, stages: &[(u64, Stage)], keep: Keep) -> Vec<(Trial, LaneEnd)> {
        let part = |part: &[(u64, Stage)]| -> Vec<(Trial, LaneEnd)> {
            let manner = Manner { keep, ..Manner::default() };
            let stages: Vec<Stage> = part.iter().map(|(_, stage)| stage.clone()).collect();
            let ends = Stage::run_lanes(&stages, self.book, manner);
            let row =
                |((number, stage), end): (&(u64, Stage), LaneEnd)| (Trial::of(*number, Vec::new(), stage, &end), end);
            part.iter().zip(ends).map(row).collect()
        };
        let scene = |(number, _): &(u64, Stage)| self.grid.scene(*number);
        let parts: Vec<&[(u64, Stage)]> = stages
            .chunk_by(|one, other| scene(one) == scene(other))
            .flat_map(|same| same.chunks(trials_per_part(self.scenes[scene(&same[0])].stage.rows())))
            .collect();
        parts.into_par_iter().flat_map_iter(part).collect()
    }
}

/// The run of a trial that came to its end.
pub(super) fn done((trial, end): &(Trial, LaneEnd)) -> Option<(&Trial, &LaneRun)> {
    end.as_ref().ok().filter(|_| trial.status == Status::Done).map(|run| (trial, run))
}
