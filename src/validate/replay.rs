//! Running trials of a sweep again: over other days, on other candles, under another policy.

use crate::catalog::{Entry, LaneEnd, LaneRun, Manner, Stage};
use crate::engine::Keep;
use crate::error::Result;
use crate::sweep::{Grid, Scene, Status, Trial, trials_per_part};
use rayon::prelude::*;

/// What is run again.
#[derive(Clone, Copy)]
pub struct Replay<'a> {
    /// The scenario of the sweep with its data.
    pub scene: &'a Scene,
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
        self.scene.stage_of(&set, self.book)
    }

    /// Runs stages that stand on the same data side by side, in lanes. The rows come in the order of the stages.
    pub(super) fn run(&self, stages: &[Stage], keep: Keep) -> Vec<(Trial, LaneEnd)> {
        let row = |(stage, end): (&Stage, LaneEnd)| (Trial::of(0, Vec::new(), stage, &end), end);
        let part = |part: &[Stage]| -> Vec<(Trial, LaneEnd)> {
            let manner = Manner { keep, ..Manner::default() };
            part.iter().zip(Stage::run_lanes(part, self.book, manner)).map(row).collect()
        };
        stages.par_chunks(trials_per_part(self.scene.stage.rows())).flat_map_iter(part).collect()
    }
}

/// The run of a trial that came to its end.
pub(super) fn done((trial, end): &(Trial, LaneEnd)) -> Option<(&Trial, &LaneRun)> {
    end.as_ref().ok().filter(|_| trial.status == Status::Done).map(|run| (trial, run))
}
