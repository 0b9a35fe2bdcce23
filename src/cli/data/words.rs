//! How the tape's choices are written on the command line. The tape itself knows no command line.

use crate::domain::Origin;
use crate::tape::check::Rule;
use crate::tape::{OffGrid, QuietMinutes};
use clap::ValueEnum;
use clap::builder::PossibleValue;

impl ValueEnum for Origin {
    fn value_variants<'a>() -> &'a [Self] {
        &Origin::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(match self {
            Origin::Real => PossibleValue::new("real").help("Recorded at a real exchange"),
            Origin::Testnet => PossibleValue::new("testnet").help("Recorded at an exchange's test network"),
            Origin::Synthetic => PossibleValue::new("synthetic").help("Made by a generator"),
        })
    }
}

impl ValueEnum for QuietMinutes {
    fn value_variants<'a>() -> &'a [Self] {
        &[QuietMinutes::Absent, QuietMinutes::ZeroVolume]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(match self {
            QuietMinutes::Absent => PossibleValue::new("absent").help("No candle: a missing row may be quiet"),
            QuietMinutes::ZeroVolume => {
                PossibleValue::new("zero-volume").help("The last close again: a missing row is a defect")
            }
        })
    }
}

impl ValueEnum for OffGrid {
    fn value_variants<'a>() -> &'a [Self] {
        &[OffGrid::Refuse, OffGrid::Drop]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(match self {
            OffGrid::Refuse => PossibleValue::new("refuse").help("Refuse the import"),
            OffGrid::Drop => PossibleValue::new("drop").help("Leave them out, and count them"),
        })
    }
}

impl ValueEnum for Rule {
    fn value_variants<'a>() -> &'a [Self] {
        &Rule::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.name()))
    }
}
