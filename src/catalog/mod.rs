//! The catalogue: every strategy by name, and how a plan becomes a session.
//!
//! Adding a strategy touches its file and one line of [`ALL`].

mod entry;
mod guests;

pub use entry::Entry;
pub use guests::ALL;
