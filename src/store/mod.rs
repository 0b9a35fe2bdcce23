//! The durable memory of a session: everything that it was told, in order, and everything that it decided, before any of
//! it is sent.
//!
//! One SQLite file belongs to one account in one environment. What the session was told is an *event*, what it decided a
//! *command*; a command names the event that caused it. Both are written in one transaction, and only when that is on the
//! disk may a command leave the process. A session is rebuilt by playing its events to a new engine and comparing each
//! command with the one that is written; the books are never stored, because they follow.
//!
//! This room knows what happened, not what it means: no strategy, no venue, no wire.

mod identity;
mod recorder;
mod schema;
mod sending;
#[cfg(test)]
mod tests;

pub use identity::{Environment, Epoch, Identity};
pub use recorder::{Recorded, Recorder, Store};
pub use sending::{Attempt, Sending};
