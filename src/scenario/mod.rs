//! The scenario: the world of a run as its author wrote it, resolved into a plan in which nothing is left to guess.
//!
//! Words come in, numbers go out. This room reads the scenario and the input files of its strategies and no market
//! data: it says which data are wanted, and once the decimals of those are known it lists assets and instruments. It
//! never learns what a strategy does, nor where data come from. Every key is described in docs/scenarios.md.

mod account;
mod change;
mod costs;
mod desk;
mod draft;
mod filters;
mod instrument;
mod limits;
mod listing;
mod market;
mod only_symbol;
mod parameters;
mod plan;
mod profile;
mod reading;
mod section;
mod series;
mod tiers;
mod tree;
mod valuation;
mod written;

#[cfg(test)]
mod exchange_tests;
#[cfg(test)]
mod refusals;
#[cfg(test)]
mod shipped;
#[cfg(test)]
mod tests;

pub use account::AccountPlan;
pub use change::Overrides;
pub use desk::DeskPlan;
pub use draft::{Draft, SweepWords};
pub use filters::{FeeAssetPlan, FeesPlan, FiltersPlan};
pub use instrument::{DetailSource, InstrumentPlan, Matching};
pub use limits::{AccountLimitsPlan, DeskLimitsPlan};
pub use listing::{DataFacts, Deposit, Listing};
pub use market::{DataSource, QuoteSupply, Supply, SyntheticMarket, SyntheticSymbol, real};
pub use parameters::{StrategyBook, input_on_disk};
pub use plan::{BandRuns, EquityRows, Period, Plan, is_address};
pub use profile::Profile;
pub use reading::{load, read};
pub use series::SeriesPlan;
pub use tiers::FeeTierPlan;

/// The version of the scenario and plan format that this engine reads and writes.
pub const VERSION: i64 = 1;
