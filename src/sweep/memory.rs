//! What a sweep takes of memory, stated before it runs, and how many sessions may stand side by side in what is given.
//!
//! The tape is there once, each session has a small state that grows with the days of its period, and the rows of all
//! trials come together at the end. The figures are bounds from above: sizes that are known, and for the rest what sweeps
//! of a few and of hundreds of sessions were measured to take, rounded up.

use super::scene::Scene;
use crate::error::{Fault, Result};

/// The program itself, its buffers and its allocator's reserve.
const PROCESS: u64 = 40_000_000;
/// What a thread takes beside its sessions: the block at hand, indicator columns, a part being written.
const THREAD: u64 = 8_000_000;
/// A session with one desk on one instrument.
const LANE: u64 = 48_000;
/// Each further desk and instrument of it.
const LANE_MEMBER: u64 = 16_000;
/// A day of a session: its equity, then its return, while lists grow.
const LANE_DAY: u64 = 64;
/// The row of a trial when all are brought together, with room for the file that is made of them.
const TRIAL: u64 = 2_000;
/// Each axis of it.
const TRIAL_AXIS: u64 = 80;
/// A candle of a coarser series that is derived from the finest.
const CANDLE: u64 = 48;

/// What a sweep takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Demand {
    fixed: u64,
    per_thread: u64,
    per_lane: u64,
}

impl Demand {
    /// Of a sweep of so many trials on these scenes.
    pub fn of(scenes: &[Scene], trials: u64, axes: usize) -> Self {
        let mut parts: Vec<(usize, u64)> = scenes.iter().flat_map(|scene| scene.stage.data_bytes()).collect();
        // Scenes may share their data.
        parts.sort_unstable();
        parts.dedup();
        let tape: u64 = parts.iter().map(|(_, bytes)| bytes).sum();
        let largest = |of: &dyn Fn(&Scene) -> u64| scenes.iter().map(of).max().unwrap_or_default();
        let own = largest(&|scene| {
            let plan = &scene.stage.plan;
            // A period is cut out of the tape by each part that plays it.
            let is_cut = plan.period.from.is_some() || plan.period.to.is_some();
            let all: u64 = scene.stage.data_bytes().map(|(_, bytes)| bytes).sum();
            let coarse = plan.desks.iter().map(|desk| {
                let finest = plan.instruments.iter().map(|instrument| instrument.interval.span().nanos()).min();
                let share = finest.unwrap_or(1) as f64 / desk.interval.span().nanos() as f64;
                if share < 1.0 { (scene.stage.rows() as f64 * share) as u64 * CANDLE } else { 0 }
            });
            coarse.sum::<u64>() + if is_cut { all } else { 0 }
        });
        let lane = largest(&|scene| {
            let members = (scene.stage.plan.desks.len() + scene.stage.plan.instruments.len()) as u64;
            LANE + LANE_MEMBER * members + LANE_DAY * scene.stage.days()
        });
        Demand {
            fixed: PROCESS + tape + trials * (TRIAL + TRIAL_AXIS * axes as u64),
            per_thread: THREAD + own,
            per_lane: lane,
        }
    }

    /// With so many sessions side by side on each of so many threads.
    pub fn bytes(&self, threads: usize, lanes: usize) -> u64 {
        self.fixed + threads as u64 * (self.per_thread + lanes as u64 * self.per_lane)
    }

    /// How many sessions may stand side by side on each thread, at most `most`.
    ///
    /// # Errors
    /// When not even one may.
    pub fn lanes(&self, allowed: u64, threads: usize, most: usize) -> Result<usize> {
        let left = allowed.saturating_sub(self.bytes(threads, 0));
        let lanes = usize::try_from(left / (threads as u64 * self.per_lane)).unwrap_or(most).min(most);
        if lanes > 0 {
            return Ok(lanes);
        }
        let megabytes = |bytes: u64| bytes.div_ceil(1_000_000);
        Err(Fault::user(format!(
            "the sweep takes at least {} MB on {threads} threads, more than the {} MB that it may",
            megabytes(self.bytes(threads, 1)),
            megabytes(allowed)
        ))
        .remedy("raise --memory, or try fewer --threads, trials, symbols or scenarios at once"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_lanes_as_hold_and_none_is_refused() {
        let demand = Demand { fixed: 50_000_000, per_thread: 10_000_000, per_lane: 1_000_000 };
        assert_eq!(demand.bytes(2, 64), 198_000_000);
        assert_eq!(demand.lanes(198_000_000, 2, 64).unwrap(), 64);
        assert_eq!(demand.lanes(900_000_000, 2, 64).unwrap(), 64);
        assert_eq!(demand.lanes(80_000_000, 2, 64).unwrap(), 5);
        assert!(demand.bytes(2, 5) <= 80_000_000);
        let fault = demand.lanes(71_000_000, 2, 64).unwrap_err().to_string();
        assert!(fault.contains("at least 72 MB on 2 threads, more than the 71 MB"), "{fault}");
    }
}
