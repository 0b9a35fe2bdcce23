//! Every integration test, in one binary.

mod golden;
mod world;
