//! The trial ledger: every distinct trial that was ever run on a data set, kept beside the data.
//!
//! How lucky the best of many trials may be depends on how many there were, and nobody remembers those of last month.
//! So each sweep and each run notes what it tried. A trial is the same when its plan (whatever the run's name, folders
//! and outputs) and the content of its data are; it counts once, however often it is run, by whatever engine.
//!
//! A data set is told by its venue and symbol, not by its content: one more day of candles does not make it another
//! one. What is read back is a snapshot, which lies beside the sweep or the run that asked for it.

mod entry;
mod scope;
mod snapshot;
mod store;

pub use entry::{Identity, TrialEntry, identity};
pub use scope::Scope;
pub use snapshot::{FORMAT_VERSION, Group, SAMPLE, SNAPSHOT, Snapshot};
pub use store::{DataSetLine, FILE, TrialLedger, Unkept, place};
