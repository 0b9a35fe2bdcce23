//! The catalogue: every strategy by name, and how a plan becomes a session.
//!
//! Adding a strategy touches its file and one line of [`ALL`].

mod archive;
mod beneath;
mod book;
mod casting;
mod entry;
mod guests;
mod inspection;
mod lanes;
mod market;
mod reach;
mod schedule;
mod stage;
mod tracks;

pub use archive::{Dossier, ENGINE_VERSION};
pub use beneath::DetailSet;
pub use book::Book;
pub use entry::Entry;
pub use guests::ALL;
pub use inspection::{Inspector, Stopped};
pub use lanes::{LaneEnd, LaneRun, guarded};
pub use market::{InstrumentData, Market};
pub use reach::{draft, plan};
pub use stage::{Hire, Manner, Run, Stage};
