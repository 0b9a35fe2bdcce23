//! What must be durable before the venue sees a command.

use crate::domain::{Command, Timestamp};

/// The journal could not be written: the session stops before anything is sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the journal could not be written: {0}")]
pub struct JournalError(pub String);

/// A durable record of what was decided.
pub trait Journal {
    /// Records the commands decided at `now`; returns only when they are durable.
    ///
    /// # Errors
    /// When they are not.
    fn record(&mut self, now: Timestamp, commands: &[Command]) -> Result<(), JournalError>;
}

/// A backtest keeps no journal: it can be run again.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoJournal;

impl Journal for NoJournal {
    #[inline]
    fn record(&mut self, _now: Timestamp, _commands: &[Command]) -> Result<(), JournalError> {
        Ok(())
    }
}
