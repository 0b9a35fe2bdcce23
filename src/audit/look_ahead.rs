//! Look-ahead: what has not happened yet changes nothing.
//!
//! The strategy is run on the whole market, then on the market as it was known at an instant with other futures behind
//! it; up to the instant all runs have to be the same, exactly. Half of the instants are drawn from all candles, half
//! from those at whose close something was decided: a single decision that knew the next candle is met there.

use super::compare::{difference, difference_at};
use super::foresight::Foresight;
use super::future::Future;
use super::watched::{Cast, Shown, show};
use crate::catalog::Stage;
use crate::chance::Chance;
use crate::domain::{InstrumentId, Timestamp};
use crate::error::{Fault, Result};
use rayon::prelude::*;
use std::collections::BTreeSet;

/// What tells the stream of these draws from others of the same seed.
const STREAM: u64 = 0x6c6f_6f6b_0000;

/// How to audit.
#[derive(Clone, Copy)]
pub struct LookAhead<'a> {
    /// At how many instants the market is cut.
    pub cuts: usize,
    /// Seed of the instants and of the futures.
    pub seed: u64,
    /// Told after each cut.
    pub watch: &'a (dyn Fn() + Sync),
}

/// What was found.
#[derive(Clone, Debug, PartialEq)]
pub struct LookAheadReport {
    /// Instants at which the market was cut, each with every future.
    pub cuts: usize,
    /// Those among them at which something was decided.
    pub at_decisions: usize,
    /// Fills of the whole run.
    pub fills: usize,
    /// Fills that were compared, summed over all replays.
    pub compared: usize,
    /// The earliest leak.
    pub leak: Option<Leak>,
    /// What each series from outside knows of the candles after it.
    pub foresights: Vec<Foresight>,
}

/// A decision that depended on what had not happened yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leak {
    /// Where the market was cut.
    pub cut: Timestamp,
    /// What lay behind the cut.
    pub future: Future,
    /// The first line that differs.
    pub text: String,
}

impl LookAheadReport {
    /// Whether nothing was found.
    pub fn is_sound(&self) -> bool {
        self.leak.is_none() && self.foresights.iter().all(Foresight::is_credible)
    }
}

impl LookAhead<'_> {
    /// Audits a stage whose desks are filled by `cast`.
    ///
    /// # Errors
    /// When the stage cannot be run, or the run ends in a complaint.
    pub fn run(&self, stage: &Stage, cast: &Cast<'_>) -> Result<LookAheadReport> {
        let whole = show(stage, cast, 0)?;
        if let Some(complaint) = &whole.complaint {
            return Err(Fault::failure(format!("the run to be audited was halted: {complaint}")));
        }
        let (cuts, at_decisions) = self.instants(stage, &whole)?;
        let leaks: Vec<Option<Leak>> = cuts
            .par_iter()
            .enumerate()
            .map(|(index, cut)| self.cut(stage, cast, &whole, index, *cut))
            .collect::<Result<_>>()?;
        let before = |cut: &Timestamp| whole.fills.iter().filter(|(at, _)| at < cut).count();
        Ok(LookAheadReport {
            cuts: cuts.len(),
            at_decisions,
            fills: whole.fills.len(),
            compared: Future::ALL.len() * cuts.iter().map(before).sum::<usize>(),
            leak: leaks.into_iter().flatten().next(),
            foresights: Foresight::of(stage),
        })
    }

    /// Replays with every future behind one cut.
    fn cut(&self, stage: &Stage, cast: &Cast<'_>, whole: &Shown, index: usize, cut: Timestamp) -> Result<Option<Leak>> {
        let mut chance = Chance::new(self.seed, STREAM + 1 + index as u64);
        for future in Future::ALL {
            let other = show(&future.of(stage, cut, &mut chance), cast, 0)
                .map_err(|fault| fault.within(format!("the market {} at {cut}", future.name())))?;
            let shown = future.shows_until(stage, cut);
            let before = difference(whole, &other, Timestamp::MIN, shown).map(|(_, text)| text);
            let at_cut = || difference_at(whole, &other, cut, future).filter(|_| shown == cut);
            if let Some(text) = before.or_else(at_cut) {
                (self.watch)();
                return Ok(Some(Leak { cut, future, text }));
            }
        }
        (self.watch)();
        Ok(None)
    }

    /// Closes of the first instrument's candles, ascending, and how many of them saw a decision.
    fn instants(&self, stage: &Stage, whole: &Shown) -> Result<(Vec<Timestamp>, usize)> {
        let span = stage.plan.instruments[0].interval.span();
        let closes =
            stage.candles(InstrumentId(0)).open_time.iter().map(|open| Timestamp::from_nanos(*open).after(span));
        // Behind the last one lies no future.
        let mut closes: Vec<Timestamp> = closes.filter(|close| *close > whole.start && *close <= whole.end).collect();
        closes.pop();
        let decided: BTreeSet<Timestamp> = whole.log.iter().map(|(at, _)| *at).collect();
        let decided: Vec<Timestamp> = closes.iter().copied().filter(|close| decided.contains(close)).collect();
        if closes.is_empty() {
            return Err(Fault::user("no candle is left to cut at").remedy("choose a longer period"));
        }
        let mut chance = Chance::new(self.seed, STREAM);
        let mut cuts = BTreeSet::new();
        draw(&decided, self.cuts / 2, &mut chance, &mut cuts);
        let at_decisions = cuts.len();
        draw(&closes, self.cuts - at_decisions, &mut chance, &mut cuts);
        Ok((cuts.into_iter().collect(), at_decisions))
    }
}

/// Adds so many of the instants, each as likely as any other; all, where there are no more.
fn draw(from: &[Timestamp], count: usize, chance: &mut Chance, into: &mut BTreeSet<Timestamp>) {
    let mut left: Vec<Timestamp> = from.iter().copied().filter(|instant| !into.contains(instant)).collect();
    for _ in 0..count.min(left.len()) {
        let place = chance.below(left.len() as u64) as usize;
        into.insert(left.swap_remove(place));
    }
}
