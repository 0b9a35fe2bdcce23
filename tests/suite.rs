//! Every integration test, in one binary.

mod conservation;
mod golden;
mod world;
