//! Who plays: the plan's own strategies, found in the catalogue and brought on the stage.
//!
//! An entry knows the stage that it runs on; the stage knows no entry. This file alone knows both.

use super::entry::Entry;
use super::stage::{Manner, Run, Stage};
use crate::error::Result;
use crate::report::{Band, BandEnd};
use crate::scenario::{BandRuns, DeskPlan};
use crate::strategy::SetupError;
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

    /// Where all desks run the same strategy, the session is compiled for it.
    fn run_once(&self, book: &[Entry], manner: Manner<'_>) -> Result<Run> {
        let entry = |desk: &DeskPlan| book.iter().find(|entry| entry.name == desk.strategy);
        let first = self.plan.desks.first().and_then(entry);
        let alike = self.plan.desks.windows(2).all(|pair| pair[0].strategy == pair[1].strategy);
        match first {
            Some(first) if alike => (first.backtest)(self, manner),
            Some(_) | None => self.run_with(manner, |desk, setup| match entry(desk) {
                Some(entry) => (entry.hire)(&desk.parameters, setup),
                None => Err(SetupError(format!("there is no strategy '{}'", desk.strategy))),
            }),
        }
    }
}
