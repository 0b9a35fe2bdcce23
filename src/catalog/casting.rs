//! Who plays: the plan's own strategies, found in the catalogue and brought on the stage.
//!
//! An entry knows the stage that it runs on; the stage knows no entry. This file alone knows both.

use super::entry::Entry;
use super::stage::{Manner, Run, Stage};
use crate::error::Result;
use crate::scenario::DeskPlan;
use crate::strategy::SetupError;

impl Stage {
    /// Runs the plan's own strategies. Where all desks run the same one, the session is compiled for it.
    ///
    /// # Errors
    /// When a strategy cannot be set up, or the data do not reach for its warm-up.
    pub fn run(&self, book: &[Entry], manner: Manner<'_>) -> Result<Run> {
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
