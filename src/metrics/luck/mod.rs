//! How much of a result is luck: what the best of many trials is worth, and what else could have happened.
//!
//! One small file per subject, each with the paper that its formula is from. Everything is a pure function of its
//! inputs and, where chance is drawn, of a stated seed: the same bits on every machine. Ratios here are per observation
//! unless they say otherwise, and kurtosis is raw. This room never learns what a trial was or who asks.

pub mod block_length;
pub mod combinations;
pub mod deflated;
pub mod drawdown_fan;
pub mod effective_trials;
pub mod expected_maximum;
pub mod haircut;
pub mod monte_carlo;
pub mod overfitting;
pub mod purged;
pub mod resample;
pub mod sharpe_bootstrap;
pub mod sharpe_interval;
pub mod snooping;
pub mod track_record;
pub mod trials;
pub mod walk_forward;

#[cfg(test)]
mod oracle;

pub use effective_trials::EffectiveTrials;
pub use monte_carlo::Outlook;
pub use overfitting::Overfitting;
pub use purged::Purged;
pub use snooping::Verdict;
pub use trials::TrialMatrix;
