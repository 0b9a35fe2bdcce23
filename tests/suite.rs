//! Every integration test, in one binary.

mod books;
mod conservation;
mod determinism;
mod golden;
mod house;
mod lookahead;
mod world;
