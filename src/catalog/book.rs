//! The catalogue as the scenario sees it.

use super::Entry;
use crate::scenario::StrategyBook;
use crate::strategy::Axis;

/// A list of strategies by name.
#[derive(Clone, Copy, Debug)]
pub struct Book<'a>(pub &'a [Entry]);

impl StrategyBook for Book<'_> {
    fn names(&self) -> Vec<&'static str> {
        self.0.iter().map(|entry| entry.name).collect()
    }

    fn axes(&self, name: &str) -> Option<&'static [Axis]> {
        self.0.iter().find(|entry| entry.name == name).map(|entry| (entry.axes)())
    }

    fn check(&self, name: &str, parameters: &toml::Table) -> Result<(), String> {
        match self.0.iter().find(|entry| entry.name == name) {
            Some(entry) => (entry.check)(parameters),
            None => Err(format!("there is no strategy '{name}'")),
        }
    }
}
