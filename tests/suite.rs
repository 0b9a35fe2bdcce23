//! Every integration test, in one binary.

mod bad_input;
mod cli;
mod conservation;
mod golden;
mod outside;
mod real_data;
mod replacement;
mod world;
