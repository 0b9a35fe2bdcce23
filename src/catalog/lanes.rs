//! Lanes: many sessions side by side over one tape, block after block.
//!
//! A lane is a whole session: the same engine, venue, ledger and risk checks as a single run, and the same fingerprint.
//! Lanes that follow the same series from the same row on share the tape, the block at hand and every indicator column:
//! each distinct one is computed once per block by the machine of a single run.

use super::inspection::{Inspector, Stopped};
use super::schedule::Schedule;
use super::stage::{Cast, Derived, Hire, Manner, Stage};
use crate::domain::{CandleColumns, SeriesId, Timestamp};
use crate::engine::{Block, Columns, Feed, NoJournal, Outcome, Session, TapeFeed};
use crate::error::{Fault, Result};
use crate::strategy::{Registry, Source, Trader};
use crate::venue::SimVenue;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// A finished lane.
#[derive(Debug)]
pub struct LaneRun {
    /// What it came to.
    pub outcome: Outcome,
    /// How often the data could not tell what happened.
    pub doubts: u64,
    /// Where and why it was stopped: what it came to is then no result.
    pub stopped: Option<Stopped>,
}

/// What became of a lane: its run, or why there is none. A lane that panics is a failure of its own and of no other.
pub type LaneEnd = Result<LaneRun>;

/// A session under way.
struct Lane<T> {
    /// Its place among the stages.
    place: usize,
    session: Session<T, SimVenue, NoJournal>,
    /// The shared columns that its slots stand for.
    slots: Vec<usize>,
    /// When it is looked at, the next instant last.
    instants: Vec<Timestamp>,
    stopped: Option<Stopped>,
}

/// Lanes over one tape.
struct Group<T> {
    /// The place of a stage whose data they all play.
    place: usize,
    cast: CastRest,
    sources: Vec<(SeriesId, Source)>,
    lanes: Vec<Lane<T>>,
}

/// What of a cast is needed to cut the tape.
struct CastRest {
    registry: Registry,
    columns: Vec<Arc<CandleColumns>>,
    schedule: Schedule,
}

impl Stage {
    /// Runs each of `stages` with the traders that `hire` builds, in lanes. The stages stand on the same data and differ
    /// in the parameters of their desks only. The ends come in the order of the stages.
    pub fn run_lanes_with<T: Trader>(stages: &[Stage], manner: Manner<'_>, mut hire: impl Hire<T>) -> Vec<LaneEnd> {
        let mut ends: Vec<Option<LaneEnd>> = stages.iter().map(|_| None).collect();
        let (mut groups, mut derived) = (Vec::<Group<T>>::new(), Derived::default());
        for (place, stage) in stages.iter().enumerate() {
            let cast = guarded(|| stage.cast(manner, &mut hire, &mut derived));
            match cast.and_then(|cast| cast) {
                Ok(cast) => join(&mut groups, stages, place, cast),
                Err(fault) => ends[place] = Some(Err(fault)),
            }
        }
        for group in groups {
            for (place, end) in group.play(stages, manner) {
                ends[place] = Some(end);
            }
        }
        ends.into_iter().map(|end| end.expect("every lane has come to an end")).collect()
    }
}

/// Puts a session into the group that plays the same rows of the same series, or into a new one.
fn join<T: Trader>(groups: &mut Vec<Group<T>>, stages: &[Stage], place: usize, cast: Cast<T>) {
    let Cast { registry, columns, schedule, session } = cast;
    let plays_the_same = |group: &Group<T>| {
        let CastRest { registry: known, schedule: played, .. } = &group.cast;
        let in_detail = |place: usize| stages[place].plays_in_detail();
        known.series == registry.series
            && in_detail(group.place) == in_detail(place)
            && (played.data_from, played.end) == (schedule.data_from, schedule.end)
    };
    let found = groups.iter().position(plays_the_same);
    let declared = registry.columns.clone();
    let group = match found {
        Some(at) => &mut groups[at],
        None => groups.push_mut(Group {
            place,
            cast: CastRest { registry, columns, schedule },
            sources: Vec::new(),
            lanes: Vec::new(),
        }),
    };
    let slots = declared.into_iter().map(|source| group.column(source)).collect();
    group.lanes.push(Lane { place, session, slots, instants: Vec::new(), stopped: None });
}

impl<T: Trader> Group<T> {
    /// The shared column of a source.
    fn column(&mut self, source: (SeriesId, Source)) -> usize {
        self.sources.iter().position(|other| *other == source).unwrap_or_else(|| {
            self.sources.push(source);
            self.sources.len() - 1
        })
    }

    fn play(mut self, stages: &[Stage], manner: Manner<'_>) -> Vec<(usize, LaneEnd)> {
        let stage = &stages[self.place];
        let CastRest { registry, columns, schedule } = &self.cast;
        let tape = stage.tape(registry, columns, schedule);
        let recipes = self.sources.iter().map(|(series, source)| stage.recipe(registry, *series, *source));
        let mut columns = Columns::of(recipes);
        for lane in &mut self.lanes {
            lane.instants = manner.inspector.map(|by| by.instants(&stages[lane.place])).unwrap_or_default();
            lane.instants.sort_unstable_by(|one, other| other.cmp(one));
        }
        let instants = self.lanes.iter().flat_map(|lane| lane.instants.iter().copied()).collect();
        let mut feed = TapeFeed::new(&tape, manner.block_rows).ending_at(instants);
        let assets = stage.listing.assets.len();
        let (mut ends, all, mut done) = (Vec::new(), tape.candles() as u64, 0);
        while let Some(block) = feed.next() {
            (manner.watch)(done, all);
            let new = block.series.iter().zip(&block.new_from).map(|(series, from)| series.rows.len() - from);
            done += new.sum::<usize>() as u64;
            columns.fill(&block);
            self.lanes.retain_mut(|lane| match lane.step(&block, &columns) {
                Ok(()) => true,
                Err(fault) => {
                    ends.push((lane.place, Err(fault)));
                    false
                }
            });
            if let Some(inspector) = manner.inspector {
                let reached = feed.reached();
                let look = |lane: &mut Lane<T>| lane.look(&stages[lane.place], inspector, reached);
                let stopped: Vec<Lane<T>> = self.lanes.extract_if(.., look).collect();
                ends.extend(stopped.into_iter().map(|lane| (lane.place, lane.finish(assets))));
            }
        }
        (manner.watch)(all, all);
        ends.extend(self.lanes.into_iter().map(|lane| (lane.place, lane.finish(assets))));
        ends
    }
}

impl<T: Trader> Lane<T> {
    fn step(&mut self, block: &Block<'_>, columns: &Columns) -> Result<()> {
        if self.session.is_over() {
            return Ok(());
        }
        let slices: Vec<(SeriesId, &[f64])> = self.slots.iter().map(|column| columns.slice(*column)).collect();
        let session = &mut self.session;
        guarded(|| session.run_block(block, &slices))?.map_err(|error| Fault::failure(error.to_string()))
    }

    /// Whether it is stopped where it stands.
    fn look(&mut self, stage: &Stage, inspector: &dyn Inspector, reached: Timestamp) -> bool {
        while let Some(at) = self.instants.pop_if(|at| *at <= reached) {
            // Before it may trade, and once it is over, there is nothing to see. A worth beyond all numbers halts it anyway.
            if let (false, Ok(so_far)) = (self.session.is_over(), self.session.so_far())
                && at > so_far.start
                && let Some(reason) = inspector.reason_to_stop(stage, at, &so_far, self.session.venue.doubts())
            {
                self.stopped = Some(Stopped { at, reason });
                return true;
            }
        }
        false
    }

    fn finish(self, assets: usize) -> LaneEnd {
        let (outcome, venue) = guarded(|| self.session.finish(SimVenue::close, assets))?;
        Ok(LaneRun { outcome, doubts: venue.doubts(), stopped: self.stopped })
    }
}

/// Does something of one trial; its panic is its failure. Nothing of the trial is used after it.
///
/// # Errors
/// When it panicked.
pub fn guarded<R>(work: impl FnOnce() -> R) -> Result<R> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|panic| {
        let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
        let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
        Fault::failure(format!("it panicked: {}", text.as_deref().unwrap_or("without a message")))
    })
}
