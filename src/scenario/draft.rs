//! A scenario that is resolved many times with different changes: what a sweep starts from.

use super::change::Overrides;
use super::parameters::StrategyBook;
use super::plan::Plan;
use super::reading;
use super::section::Section;
use super::tree::{self, Table};
use crate::error::Result;
use std::path::{Path, PathBuf};

/// A scenario or plan that was read once.
#[derive(Clone, Debug)]
pub struct Draft {
    tree: Table,
    path: PathBuf,
    file: String,
    sweep: SweepWords,
    text: String,
}

/// What `[sweep]` of a scenario says, as written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SweepWords {
    /// Names and the values to try, in order of the names: `5..24`, `30..128:2` or `equal,pyramid-up`.
    pub axes: Vec<(String, String)>,
    /// Which combinations are tried at all.
    pub filter: Option<String>,
    /// The statistic that the best trial has most of.
    pub objective: Option<String>,
}

impl Draft {
    /// Reads a scenario or a plan from a file.
    ///
    /// # Errors
    /// When the file cannot be read, is no TOML, or is of another version.
    pub fn load(path: &Path) -> Result<Self> {
        Self::of_text(reading::text_of(path)?, path, &path.display().to_string())
    }

    /// Reads a scenario or a plan from its text. Relative paths in it start at the folder of `path`; messages call it
    /// `file`.
    ///
    /// # Errors
    /// When it is no TOML, or of another version.
    pub fn of_text(text: String, path: &Path, file: &str) -> Result<Self> {
        let tree = tree::parse(&text, file)?;
        reading::check_version(&tree, file)?;
        let sweep = sweep_words(&tree, file)?;
        Ok(Draft { tree, path: path.to_owned(), file: file.to_owned(), sweep, text })
    }

    /// The same with these changes made once for all plans.
    ///
    /// # Errors
    /// When a change names nothing of the scenario.
    pub fn changed(mut self, overrides: &Overrides, book: &dyn StrategyBook) -> Result<Self> {
        overrides.apply(&mut self.tree, book)?;
        Ok(self)
    }

    /// The same under another name in messages: what is kept of them must not depend on where the file lies.
    #[must_use]
    pub fn named(self, file: &str) -> Self {
        Draft { file: file.to_owned(), ..self }
    }

    /// The text as it was read.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Where it was read from, or is said to have been.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What the scenario calls itself.
    ///
    /// # Errors
    /// When it has no name and its file's name is none.
    pub fn name(&self) -> Result<String> {
        reading::name_of(&self.tree, &self.path, &self.file)
    }

    /// What `[sweep]` says.
    pub fn sweep(&self) -> &SweepWords {
        &self.sweep
    }

    /// The plan that the scenario comes to with these changes.
    ///
    /// # Errors
    /// As [`super::load`].
    pub fn plan(&self, overrides: &Overrides, book: &dyn StrategyBook) -> Result<Plan> {
        let mut tree = self.tree.clone();
        overrides.apply(&mut tree, book)?;
        reading::resolve(&tree, &self.path, &self.file, book)
    }
}

fn sweep_words(tree: &Table, file: &str) -> Result<SweepWords> {
    let Some(node) = tree.get("sweep") else { return Ok(SweepWords::default()) };
    let alone = Table::from([("sweep".to_owned(), node.clone())]);
    let root = Section::root(file, &alone, &["sweep"])?;
    let section = root.section("sweep", &["axes", "where", "objective"])?;
    let text = |key: &str| section.get(key).map(|field| field.text().map(str::to_owned)).transpose();
    let axes = match section.get("axes") {
        Some(field) => field
            .free_section()?
            .fields()
            .map(|(name, field)| Ok((name.to_owned(), field.text()?.to_owned())))
            .collect::<Result<_>>()?,
        None => Vec::new(),
    };
    Ok(SweepWords { axes, filter: text("where")?, objective: text("objective")? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_section_is_read_as_written_and_refuses_what_it_does_not_know() {
        let read = |text: &str| sweep_words(&tree::parse(text, "a.toml").unwrap(), "a.toml");
        let words =
            read("[sweep]\naxes = { slow = \"30..128:2\", fast = \"5..24\" }\nwhere = \"fast < slow\"\n").unwrap();
        let axes = [("fast", "5..24"), ("slow", "30..128:2")].map(|(name, text)| (name.to_owned(), text.to_owned()));
        assert_eq!(words.axes, axes);
        assert_eq!((words.filter.as_deref(), words.objective), (Some("fast < slow"), None));
        let fault = read("[sweep]\nobjectiv = \"sharpe\"\n").unwrap_err().to_string();
        assert!(fault.contains("a.toml:2") && fault.contains("objective"), "{fault}");
        assert!(read("[sweep]\naxes = { fast = 5 }\n").is_err());
        assert!(read("[sweep]\naxes = 3\n").is_err());
    }
}
