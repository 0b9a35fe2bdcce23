//! Warm-up: more history before the start changes nothing.
//!
//! From instants drawn at random the strategy trades a stretch of candles, once after the warm-up that it declared and
//! once after far more history. Where the two differ, what it decided depended on where the data begin; the smallest
//! warm-up with which it does not is searched for.

use super::compare::difference;
use super::watched::{Cast, Shown, show};
use crate::catalog::Stage;
use crate::chance::Chance;
use crate::domain::{InstrumentId, Timestamp};
use crate::error::{Fault, Result};
use rayon::prelude::*;
use std::collections::BTreeSet;

/// What tells the stream of these draws from others of the same seed.
const STREAM: u64 = 0x7761_726d_0000;

/// How to audit.
#[derive(Clone, Copy)]
pub struct WarmUp<'a> {
    /// From how many instants trading begins.
    pub starts: usize,
    /// Candles of the first instrument that are traded from each.
    pub rows: usize,
    /// Seed of the instants.
    pub seed: u64,
    /// Told after each start.
    pub watch: &'a (dyn Fn() + Sync),
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WarmUpReport {
    /// Starts that were compared.
    pub starts: usize,
    /// The warm-up declared, in candles of each series that a desk follows: the largest of all desks.
    pub declared: u32,
    /// The warm-up of the runs with far more history.
    pub longest: u32,
    /// Fills that were compared.
    pub compared: usize,
    /// Starts whose runs differ.
    pub differing: usize,
    /// The first of them.
    pub divergence: Option<Divergence>,
    /// The smallest warm-up found with which no start differs; none where even half of the longest is not enough.
    pub sufficient: Option<u32>,
}

/// A decision that depended on where the data begin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Divergence {
    /// Where trading began.
    pub start: Timestamp,
    /// The first line that differs.
    pub text: String,
}

/// A start with its run after far more history.
struct Start {
    stage: Stage,
    from: Timestamp,
    reference: Shown,
}

impl WarmUpReport {
    /// Whether no start differs.
    pub fn is_sound(&self) -> bool {
        self.differing == 0
    }
}

impl WarmUp<'_> {
    /// Audits a stage whose desks are filled by `cast`.
    ///
    /// # Errors
    /// When the stage cannot be run, and when the data have no room for more history and a stretch to trade.
    pub fn run(&self, stage: &Stage, cast: &Cast<'_>) -> Result<WarmUpReport> {
        let declared = show(stage, cast, 0)?.warm_up;
        let candles = stage.candles(InstrumentId(0));
        let span = stage.plan.instruments[0].interval.span();
        let close = |row: usize| Timestamp::from_nanos(candles.open_time[row]).after(span);
        // At most half of the data are history, at most a quarter is traded from one start.
        let rows = self.rows.min(candles.len() / 4);
        let history = candles.len() / 2;
        let longest = self.longest(stage, declared, close(history))?;
        let mut chance = Chance::new(self.seed, STREAM);
        let last = candles.len() - 1 - rows;
        let mut places = BTreeSet::new();
        for _ in 0..self.starts {
            places.insert(history + chance.below((last - history + 1) as u64) as usize);
        }
        let begin = |place: &usize| -> Result<Start> {
            let mut stage = stage.clone();
            (stage.plan.period.from, stage.plan.period.to) = (Some(close(*place)), Some(close(place + rows)));
            let reference = show(&stage, cast, longest)?;
            Ok(Start { stage, from: close(*place), reference })
        };
        let places: Vec<usize> = places.into_iter().collect();
        let starts: Vec<Start> = places.par_iter().map(begin).collect::<Result<_>>()?;
        let found: Vec<Option<Divergence>> = starts
            .par_iter()
            .map(|start| {
                let found = start.differs(cast, declared);
                (self.watch)();
                found
            })
            .collect::<Result<_>>()?;
        let differing = found.iter().flatten().count();
        let sufficient = if differing == 0 { Some(declared) } else { sufficient(&starts, cast, declared, longest)? };
        Ok(WarmUpReport {
            starts: starts.len(),
            declared,
            longest,
            compared: starts.iter().map(|start| start.reference.fills.len()).sum(),
            differing,
            divergence: found.into_iter().flatten().next(),
            sufficient,
        })
    }

    /// The longest warm-up for which there are candles before `earliest` in every series that a desk follows.
    fn longest(&self, stage: &Stage, declared: u32, earliest: Timestamp) -> Result<u32> {
        let fits = |interval_nanos: i64, index: usize| {
            let first = stage.candles(InstrumentId(index as u16)).open_time.first().copied().unwrap_or_default();
            (earliest.nanos() - first) / interval_nanos
        };
        let coarsest = stage.plan.desks.iter().map(|desk| desk.interval.span().nanos()).max().unwrap_or(1);
        let room = (0..stage.plan.instruments.len()).map(|index| fits(coarsest, index)).min().unwrap_or(0);
        // A candle that is missing is one less; a twentieth is kept back for them.
        let room = u32::try_from((room - room / 20 - 1).max(0)).unwrap_or(u32::MAX);
        if room < declared.saturating_mul(2).max(declared + 10) {
            return Err(Fault::user(format!(
                "the first half of the data has room for a warm-up of {room} candles, and {declared} are declared: there is no more history to compare with"
            ))
            .remedy("audit on a longer period"));
        }
        Ok(room)
    }
}

impl Start {
    /// What differs when the desks warm up on so many candles.
    fn differs(&self, cast: &Cast<'_>, warm_up: u32) -> Result<Option<Divergence>> {
        let shown = show(&self.stage, cast, warm_up)?;
        let found = difference(&shown, &self.reference, self.from, Timestamp::MAX);
        Ok(found.map(|(_, text)| Divergence { start: self.from, text }))
    }
}

/// The smallest warm-up with which no start differs, by halving; none where half of the longest is not enough, since
/// beyond it the reference itself proves little.
fn sufficient(starts: &[Start], cast: &Cast<'_>, declared: u32, longest: u32) -> Result<Option<u32>> {
    let agrees = |warm_up: u32| -> Result<bool> {
        let found: Vec<bool> = starts
            .par_iter()
            .map(|start| start.differs(cast, warm_up).map(|found| found.is_none()))
            .collect::<Result<_>>()?;
        Ok(found.into_iter().all(|agrees| agrees))
    };
    let (mut too_few, mut enough) = (declared, longest / 2);
    if enough <= too_few || !agrees(enough)? {
        return Ok(None);
    }
    while enough - too_few > 1 {
        let middle = too_few + (enough - too_few) / 2;
        if agrees(middle)? { enough = middle } else { too_few = middle }
    }
    Ok(Some(enough))
}
