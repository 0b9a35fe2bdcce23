//! The hall: events in, commands out. One turn, one pump.
//!
//! The engine never learns which kind of session it serves. It reads no clock: time is a field of what it is handed.

mod abreast;
mod block;
mod columns;
mod core;
mod detail;
mod equity;
mod feed;
mod fingerprint;
mod journal;
mod outcome;
mod session;
mod stretch;
mod turn;

pub use block::{Block, TradesInBlock};
pub use columns::{Columns, Recipe};
pub use core::Engine;
pub use detail::{DetailColumns, DetailCounts, TapeDetail};
pub use equity::EquityTrack;
pub use feed::{Feed, Tape, TapeFeed, TapeSeries, TapeTrades};
pub use fingerprint::Fingerprint;
pub use journal::{Journal, JournalError, NoJournal};
pub use outcome::{
    Complaint, DeskOutcome, Ending, FillRecord, Keep, KindOfOrder, OrderExtra, OrderRecord, Outcome, Records, Second,
    Totals,
};
pub use session::{END_OF_DATA, Idle, Role, Session, SoFar};
