//! The catalogue as the scenario sees it.

use super::{Entry, reach};
use crate::error::Result as Fallible;
use crate::scenario::{StrategyBook, input_on_disk};
use crate::strategy::Axis;
use std::path::Path;

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

    fn input(&self, place: &Path) -> Fallible<Vec<u8>> {
        input_on_disk(&reach::here(place)?)
    }
}
