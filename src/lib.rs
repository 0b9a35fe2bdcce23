//! Tapeline: a truthful, fast backtesting and simulation engine for crypto trading strategies.
//!
//! The house has floors, and a room uses only lower ones; see ARCHITECTURE.md.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod audit;
pub mod backfill;
pub mod catalog;
pub mod chance;
pub mod cli;
pub mod compare;
pub mod database;
pub mod domain;
pub mod engine;
pub mod error;
pub mod exchange;
pub mod indicator;
pub mod ledger;
pub mod metrics;
pub mod objects;
pub mod report;
pub mod scenario;
pub mod store;
pub mod strategy;
pub mod sweep;
pub mod sweep_report;
pub mod tape;
pub mod trial_ledger;
pub mod validate;
pub mod venue;
