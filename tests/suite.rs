//! Every integration test, in one binary.

mod conservation;
mod golden;
mod on_trades;
mod world;
