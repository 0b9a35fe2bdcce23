//! Whose memory a file is, and under which conditions a part of it was written.

use crate::domain::Timestamp;

/// Where orders go. It is a part of every key: what was tried on paper is never taken for what was bought with money.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Environment {
    /// Live market data, fills simulated here.
    Paper,
    /// A simulated exchange on this machine.
    Local,
    /// The exchange's test network.
    Testnet,
    /// The exchange's demonstration accounts.
    Demo,
    /// Real money.
    Live,
}

impl Environment {
    /// Every environment, in order.
    pub const ALL: [Environment; 5] =
        [Environment::Paper, Environment::Local, Environment::Testnet, Environment::Demo, Environment::Live];

    /// Its word in files and on the command line.
    pub const fn word(self) -> &'static str {
        match self {
            Environment::Paper => "paper",
            Environment::Local => "local",
            Environment::Testnet => "testnet",
            Environment::Demo => "demo",
            Environment::Live => "live",
        }
    }
}

/// One account in one environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Where its orders go.
    pub environment: Environment,
    /// The exchange and product: `binance-spot`.
    pub venue: String,
    /// The account's name, as the user calls it.
    pub account: String,
}

impl std::fmt::Display for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} account {} in environment {}", self.venue, self.account, self.environment.word())
    }
}

/// A stretch of a session's life under one preset and one engine. Commands are compared within an epoch; another preset or
/// another engine may decide otherwise and begins a new one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Epoch {
    /// What runs: the resolved preset, TOML.
    pub preset: String,
    /// The engine's version.
    pub engine_version: String,
    /// When it began.
    pub opened_at: Timestamp,
    /// What the engine was opened with, JSON: balances, positions adopted, first prices.
    pub opening: String,
}
