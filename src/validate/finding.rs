//! One number of a judgement with the words that belong beside it.

use crate::metrics::{Metric, Undefined};
use serde::ser::{Serialize, SerializeMap, Serializer};

/// A number, what it says, and what it has to reach where the verdict rests on it.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// Its name in files.
    pub key: &'static str,
    /// Its name for people.
    pub label: &'static str,
    /// `ratio` (annual), `probability`, `fraction`, `days`, `years`, `count` or `slope`.
    pub unit: &'static str,
    /// The number, or why there is none.
    pub value: Metric,
    /// What it says, in one sentence.
    pub meaning: String,
    /// What it has to reach, where the verdict rests on it.
    pub bound: Option<Bound>,
}

/// What a number has to reach.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Bound {
    /// So much or more.
    AtLeast(f64),
    /// So much or less.
    AtMost(f64),
}

impl Finding {
    /// A number that informs.
    pub fn of(
        key: &'static str,
        label: &'static str,
        unit: &'static str,
        value: Result<f64, Undefined>,
        meaning: impl Into<String>,
    ) -> Self {
        Finding { key, label, unit, value: value.into(), meaning: meaning.into(), bound: None }
    }

    /// The same as a part of the verdict.
    #[must_use]
    pub fn held_to(mut self, bound: Bound) -> Self {
        self.bound = Some(bound);
        self
    }

    /// Whether it reaches its bound; none where it has no bound or there is no number.
    pub fn passes(&self) -> Option<bool> {
        let (bound, value) = (self.bound?, self.value.value()?);
        Some(match bound {
            Bound::AtLeast(least) => value >= least,
            Bound::AtMost(most) => value <= most,
        })
    }
}

impl Bound {
    /// In words.
    pub fn words(self) -> String {
        match self {
            Bound::AtLeast(least) => format!("at least {least}"),
            Bound::AtMost(most) => format!("at most {most}"),
        }
    }
}

impl Serialize for Finding {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("key", self.key)?;
        map.serialize_entry("label", self.label)?;
        map.serialize_entry("unit", self.unit)?;
        map.serialize_entry("value", &self.value.value())?;
        if let Some(reason) = self.value.reason() {
            map.serialize_entry("reason", reason)?;
        }
        map.serialize_entry("meaning", &self.meaning)?;
        match self.bound {
            Some(Bound::AtLeast(least)) => map.serialize_entry("at_least", &least)?,
            Some(Bound::AtMost(most)) => map.serialize_entry("at_most", &most)?,
            None => {}
        }
        if self.bound.is_some() {
            map.serialize_entry("passes", &self.passes())?;
        }
        map.end()
    }
}
