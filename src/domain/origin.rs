//! Where market data come from.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Where rows come from. A series has exactly one origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// Recorded at a real exchange.
    Real,
    /// Recorded at an exchange's test network.
    Testnet,
    /// Made by a generator.
    Synthetic,
}

impl Origin {
    /// Every origin.
    pub const ALL: [Origin; 3] = [Origin::Real, Origin::Testnet, Origin::Synthetic];

    /// The word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Origin::Real => "real",
            Origin::Testnet => "testnet",
            Origin::Synthetic => "synthetic",
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
