//! Looking at lanes on their way: some are stopped where they stand.

use super::stage::Stage;
use crate::domain::Timestamp;
use crate::engine::SoFar;

/// Looks at lanes at stated instants. What it sees there does not depend on the size of a block.
pub trait Inspector {
    /// The instants at which a session on this stage is looked at.
    fn instants(&self, stage: &Stage) -> Vec<Timestamp>;

    /// Why a session is stopped, if it is. `doubts` is how often the data could not tell what happened.
    fn reason_to_stop(&self, stage: &Stage, at: Timestamp, so_far: &SoFar<'_>, doubts: u64) -> Option<String>;
}

/// That a lane was stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stopped {
    /// At which of the instants.
    pub at: Timestamp,
    /// Why.
    pub reason: String,
}
