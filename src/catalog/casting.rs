//! Who plays: the plan's own strategies, found in the catalogue and brought on the stage.
//!
//! An entry knows the stage that it runs on; the stage knows no entry. This file alone knows both.

use super::entry::Entry;
use super::lanes::LaneEnd;
use super::stage::{Hire, Manner, Run, Stage};
use crate::error::Result;
use crate::report::{Band, BandEnd};
use crate::scenario::{BandRuns, DeskPlan};
use crate::strategy::{Setup, SetupError, Trader};
use crate::venue::IntrabarPolicy;

impl Stage {
    /// Runs the plan's own strategies, and the ends of the band of doubt if the plan asks for them.
    ///
    /// # Errors
    /// When a strategy cannot be set up, or the data do not reach for its warm-up.
    pub fn run(&self, book: &[Entry], manner: Manner<'_>) -> Result<Run> {
        let run = self.run_once(book, manner)?;
        match self.plan.band {
            BandRuns::Off => Ok(run),
            BandRuns::WorstAndBest => {
                let band = Band {
                    worst: self.end_with(book, manner, IntrabarPolicy::Worst)?,
                    best: self.end_with(book, manner, IntrabarPolicy::Best)?,
                };
                Ok(Run { band: Some(band), ..run })
            }
        }
    }

    /// What the plan comes to with every doubt decided in one way.
    fn end_with(&self, book: &[Entry], manner: Manner<'_>, intrabar: IntrabarPolicy) -> Result<BandEnd> {
        let mut stage = self.clone();
        stage.plan.policy.intrabar = intrabar;
        let outcome = stage.run_once(book, manner)?.outcome;
        Ok(BandEnd { final_equity: outcome.final_equity, trades: outcome.records.trades.len() as u64 })
    }

    fn run_once(&self, book: &[Entry], manner: Manner<'_>) -> Result<Run> {
        match self.only_entry(book) {
            Some(entry) => (entry.backtest)(self, manner),
            None => self.run_with(manner, hire_from(book)),
        }
    }

    /// Runs the plans of these stages side by side. They stand on the same data and differ in the parameters of their
    /// desks only. The ends come in the order of the stages.
    pub fn run_lanes(stages: &[Stage], book: &[Entry], manner: Manner<'_>) -> Vec<LaneEnd> {
        let entry = stages.first().and_then(|stage| stage.only_entry(book));
        let same = |entry: &&Entry| {
            stages.iter().all(|stage| stage.only_entry(book).is_some_and(|other| other.name == entry.name))
        };
        match entry.filter(same) {
            Some(entry) => (entry.lanes)(stages, manner),
            None => Stage::run_lanes_with(stages, manner, hire_from(book)),
        }
    }

    /// Where all desks run the same strategy, the session is compiled for it.
    fn only_entry<'b>(&self, book: &'b [Entry]) -> Option<&'b Entry> {
        let first = self.plan.desks.first()?;
        let alike = self.plan.desks.iter().all(|desk| desk.strategy == first.strategy);
        book.iter().find(|entry| alike && entry.name == first.strategy)
    }
}

/// Desks whose strategies differ in type share a session of boxed traders.
fn hire_from(book: &[Entry]) -> impl Hire<Box<dyn Trader>> {
    |desk: &DeskPlan, setup: &mut Setup<'_>| match book.iter().find(|entry| entry.name == desk.strategy) {
        Some(entry) => (entry.hire)(&desk.parameters, setup),
        None => Err(SetupError(format!("there is no strategy '{}'", desk.strategy))),
    }
}
