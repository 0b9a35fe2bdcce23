//! Parameters as axes: one description serves help, sweep grids, report columns and checks.

use serde::Serialize;
use serde::de::DeserializeOwned;

/// A strategy's parameters: a serde struct that denies unknown fields, described by axes.
pub trait Params: Serialize + DeserializeOwned + Clone + Send + Sync + 'static {
    /// Its fields, in order.
    fn axes() -> &'static [Axis];

    /// What no single range can say, such as fast below slow.
    ///
    /// # Errors
    /// A sentence for the user.
    fn check(&self) -> Result<(), String> {
        Ok(())
    }
}

/// One parameter.
#[derive(Clone, Copy, Debug)]
pub struct Axis {
    /// The field's name.
    pub name: &'static str,
    /// What it means, with its unit.
    pub about: &'static str,
    /// Its kind, default and range.
    pub kind: AxisKind,
}

/// What values a parameter takes.
#[derive(Clone, Copy, Debug)]
pub enum AxisKind {
    /// Whole numbers.
    Integer {
        /// The value when none is given.
        default: i64,
        /// Smallest.
        low: i64,
        /// Largest.
        high: i64,
        /// Distance of neighbours in a sweep.
        step: i64,
    },
    /// Exact decimals, written as text.
    Decimal {
        /// The value when none is given.
        default: &'static str,
        /// Smallest.
        low: &'static str,
        /// Largest.
        high: &'static str,
        /// Distance of neighbours in a sweep.
        step: &'static str,
    },
    /// One of a list.
    Choice {
        /// The value when none is given.
        default: &'static str,
        /// All of them.
        choices: &'static [&'static str],
    },
    /// The path of a text file, relative to the scenario; the strategy is given its content.
    File,
    /// The name of a series from outside that the scenario has.
    Series,
}

impl Axis {
    /// The default as text; none for a file or a series, which must be given.
    pub fn default_text(&self) -> Option<String> {
        match self.kind {
            AxisKind::Integer { default, .. } => Some(default.to_string()),
            AxisKind::Decimal { default, .. } | AxisKind::Choice { default, .. } => Some(default.to_owned()),
            AxisKind::File | AxisKind::Series => None,
        }
    }

    /// The range as text, for help and errors.
    pub fn range_text(&self) -> String {
        match self.kind {
            AxisKind::Integer { low, high, step, .. } => format!("{low} to {high}, step {step}"),
            AxisKind::Decimal { low, high, step, .. } => format!("{low} to {high}, step {step}"),
            AxisKind::Choice { choices, .. } => choices.join(" | "),
            AxisKind::File => "a file, relative to the scenario".to_owned(),
            AxisKind::Series => "a [[series]] of the scenario".to_owned(),
        }
    }
}
