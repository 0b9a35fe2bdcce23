//! Every integration test, in one binary.

mod books;
mod bad_input;
mod cli;
mod conservation;
mod determinism;
mod golden;
mod on_trades;
mod house;
mod lookahead;
mod outside;
mod real_data;
mod replacement;
mod world;
