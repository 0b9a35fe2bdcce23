//! How much of a sweep's best result is luck: the statistics of `metrics::luck` over its trials, and a verdict by stated
//! thresholds.
//!
//! Judged are files alone, trials and their daily returns; only what is asked for by name runs sessions again: walking
//! forward, cross-validation (for the spans of positions), bands of policy and perturbed candles. What chance draws has
//! a seed, so that the same sweep has the same judgement on every machine.

mod bands;
mod cross_validation;
mod finding;
mod halves;
mod judgement;
mod measure;
mod numbers;
mod perturbed;
mod plateau;
mod replay;
mod verdict;
mod walk;

pub use bands::{Band, Bands};
pub use cross_validation::{CrossValidation, Division, Path, Split};
pub use finding::{Bound, Finding};
pub use halves::{HALVES, Half};
pub use judgement::{FORMAT_VERSION, Judgement, Replays, Request, VALIDATION};
pub use measure::Measure;
pub use perturbed::{Perturbation, Perturbed};
pub use plateau::{Plateau, Terrain};
pub use replay::Replay;
pub use verdict::{Outcome, Verdict};
pub use walk::{Walk, WalkForward, Walked};
