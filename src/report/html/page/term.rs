//! What a number means: the one text that a page, its tables and the documentation show.

/// A number of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Term {
    /// Its name in the list of the page.
    pub key: &'static str,
    /// Its name for people.
    pub name: &'static str,
    /// Its unit.
    pub unit: &'static str,
    /// What it means.
    pub definition: &'static str,
}

impl Term {
    /// A number with its name, its unit and what it means.
    pub const fn of(key: &'static str, name: &'static str, unit: &'static str, definition: &'static str) -> Self {
        Term { key, name, unit, definition }
    }

    /// The row that the documentation has of it.
    pub fn row(&self) -> String {
        format!("| `{}` | {} | {} | {} |", self.key, self.name, self.unit, self.definition)
    }
}
