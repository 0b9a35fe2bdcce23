//! Every integration test, in one binary.

mod backtesting_py;
mod golden;
mod world;
