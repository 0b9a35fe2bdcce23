//! Every integration test, in one binary.

mod books;
mod conservation;
mod determinism;
mod golden;
mod on_trades;
mod house;
mod lookahead;
mod world;
