//! How much of a sweep's best result is luck: the statistics of `metrics::luck` over its trials, and a verdict by stated
//! thresholds.
//!
//! Judged are files alone, trials and their daily returns; only walking forward runs sessions again. What chance draws has
//! a seed, so that the same sweep has the same judgement on every machine.

mod finding;
mod judgement;
mod plateau;
mod verdict;
mod walk;

pub use finding::{Bound, Finding};
pub use judgement::{FORMAT_VERSION, Judgement, Request, VALIDATION};
pub use plateau::Plateau;
pub use verdict::{Outcome, Verdict};
pub use walk::{Walk, WalkForward, Walked};
