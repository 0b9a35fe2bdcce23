//! How fast a sweep will be: parts of it, drawn by a seed, are really run, and left after a moment.

use super::crew::Crew;
use super::stop::checkpoints;
use crate::catalog::{Inspector, Manner, Stage};
use crate::chance::Chance;
use crate::domain::Timestamp;
use crate::engine::{Keep, SoFar};
use crate::error::Result;
use rayon::prelude::*;
use std::time::{Duration, Instant};

/// What was seen of a sweep's speed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pace {
    /// Trials that were run, to their end or for as long as the moment lasted.
    pub trials: usize,
    /// Candles that they played, all of them together.
    pub candles: u64,
    /// How long that took on all threads together, seconds.
    pub seconds: f64,
}

/// What tells the stream of this draw from others of the same seed.
const STREAM: u64 = 0x7061_6365;

/// After how many rows, about, a trial looks whether the moment is over: seldom enough that looking costs nothing.
const ROWS: usize = 16_384;

impl Pace {
    /// Candles a second, of all trials and threads together; none where no trial ran.
    pub fn candles_per_second(self) -> Option<f64> {
        (self.candles > 0 && self.seconds > 0.0).then(|| self.candles as f64 / self.seconds)
    }
}

/// Stops every lane once it is over.
struct Moment(Instant);

impl Moment {
    fn is_over(&self) -> bool {
        Instant::now() >= self.0
    }
}

impl Inspector for Moment {
    fn instants(&self, stage: &Stage) -> Vec<Timestamp> {
        checkpoints(stage, u32::try_from(stage.rows() / ROWS).unwrap_or(u32::MAX))
    }

    fn reason_to_stop(&self, _: &Stage, _: Timestamp, _: &SoFar<'_>, _: u64) -> Option<String> {
        self.is_over().then(String::new)
    }
}

impl Crew<'_> {
    /// Runs parts in an order drawn by `seed`, side by side as the sweep would, until `moment` is over or there are no more.
    /// Nothing is kept. What plans take to be made counts; writing does not.
    ///
    /// # Errors
    /// When the threads cannot be started.
    pub fn pace(&self, seed: u64, moment: Duration) -> Result<Pace> {
        let pool = self.pool()?;
        let mut parts: Vec<usize> = self.parts().collect();
        let mut chance = Chance::new(seed, STREAM);
        for place in (1..parts.len()).rev() {
            parts.swap(place, chance.below(place as u64 + 1) as usize);
        }
        let begun = Instant::now();
        let moment = Moment(begun + moment);
        let seen = pool.install(|| {
            let parts = parts.into_par_iter().with_max_len(1);
            parts
                .map(|part| self.glance(part, &moment))
                .reduce(|| (0, 0), |one, other| (one.0 + other.0, one.1 + other.1))
        });
        Ok(Pace { trials: seen.0, candles: seen.1, seconds: begun.elapsed().as_secs_f64() })
    }

    /// The trials of a part that ran before the moment was over, and the candles that they played.
    fn glance(&self, part: usize, moment: &Moment) -> (usize, u64) {
        let (mut trials, mut candles) = (0, 0);
        for (scene, numbers) in self.side_by_side(part) {
            if moment.is_over() {
                break;
            }
            let stages: Vec<Stage> = numbers.iter().filter_map(|number| self.stage_of(scene, *number).ok()).collect();
            let manner = Manner { keep: Keep::Totals, inspector: Some(moment), ..Manner::default() };
            for run in Stage::run_lanes(&stages, self.book, manner).into_iter().flatten() {
                trials += 1;
                candles += run.outcome.candles;
            }
        }
        (trials, candles)
    }
}
