//! Every integration test, in one binary.

mod arrivals;
mod backtesting_py;
mod bad_input;
mod books;
mod cli;
mod conservation;
mod derived;
mod determinism;
mod download;
mod golden;
mod guests;
mod house;
mod limits;
mod lookahead;
mod mutations;
mod on_trades;
mod outside;
mod real_data;
mod replacement;
mod series;
mod sweep;
mod truth;
mod twin;
mod world;
