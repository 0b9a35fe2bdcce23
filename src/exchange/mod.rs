//! The simulated exchange: Binance spot's protocol in front of the matching of the backtests.
//!
//! [`Core`] is the exchange without sockets, clocks and threads: it is told the time and the requests, and gives answers
//! and messages as values. [`server`] puts it behind HTTP and WebSockets. The room knows nothing of where trades come
//! from: it is handed a [`market::TradeSource`] per symbol.

mod account;
mod connection;
mod core;
mod dispatch;
mod endpoints;
mod faults;
pub mod keyring;
mod limits;
pub mod listing;
pub mod market;
mod params;
mod publish;
mod record;
pub mod server;
mod signing;
mod sockets;
mod stream;
mod trouble;
mod wire;

#[cfg(test)]
mod tests;

pub use connection::{Message, Outgoing, Purpose};
pub use core::Core;
pub use dispatch::{Request, Response};
pub use faults::{Fate, FaultKind, Faults};
pub use signing::KeyProof;
