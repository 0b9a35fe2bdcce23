//! Which keys of two plans differ.

use crate::error::{Fault, Result};
use std::collections::{BTreeMap, BTreeSet};

/// One key that differs; absent where a plan does not have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanDifference {
    /// The way to it: `desk[0].parameters.fast`.
    pub key: String,
    /// What the reference says.
    pub reference: Option<String>,
    /// What the other says.
    pub other: Option<String>,
}

/// The keys that differ, in order of their names.
///
/// # Errors
/// When a plan is no TOML.
pub fn differences(reference: &str, other: &str) -> Result<Vec<PlanDifference>> {
    let (reference, other) = (leaves(reference)?, leaves(other)?);
    let keys: BTreeSet<&String> = reference.keys().chain(other.keys()).collect();
    let differing = keys.into_iter().filter(|key| reference.get(*key) != other.get(*key));
    Ok(differing
        .map(|key| PlanDifference {
            key: key.clone(),
            reference: reference.get(key).cloned(),
            other: other.get(key).cloned(),
        })
        .collect())
}

fn leaves(plan: &str) -> Result<BTreeMap<String, String>> {
    let table: toml::Table = plan.parse().map_err(|error: toml::de::Error| {
        Fault::user(format!("reading a run's plan.toml: {}", error.message()))
            .remedy("the file was changed after the run; run the scenario again into a new directory")
    })?;
    let mut found = BTreeMap::new();
    gather(&mut found, String::new(), &toml::Value::Table(table));
    Ok(found)
}

fn gather(found: &mut BTreeMap<String, String>, key: String, value: &toml::Value) {
    match value {
        toml::Value::Table(table) => {
            for (name, value) in table {
                let way = if key.is_empty() { name.clone() } else { format!("{key}.{name}") };
                gather(found, way, value);
            }
        }
        toml::Value::Array(list) if list.iter().any(toml::Value::is_table) => {
            for (place, value) in list.iter().enumerate() {
                gather(found, format!("{key}[{place}]"), value);
            }
        }
        toml::Value::String(text) => {
            found.insert(key, text.clone());
        }
        other => {
            found.insert(key, other.to_string());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_that_differ_are_named_by_their_way() {
        let one = "name = \"a\"\nlist = [1, 2]\n[[desk]]\nparameters = { fast = 24, slow = 120 }\n";
        let two = "name = \"a\"\nlist = [1, 3]\n[[desk]]\nparameters = { fast = 12, slow = 120 }\nmore = true\n";
        let found = differences(one, two).unwrap();
        let said = |difference: &PlanDifference| {
            (difference.key.clone(), difference.reference.clone(), difference.other.clone())
        };
        let text = |text: &str| Some(text.to_owned());
        assert_eq!(
            found.iter().map(said).collect::<Vec<_>>(),
            [
                ("desk[0].more".to_owned(), None, text("true")),
                ("desk[0].parameters.fast".to_owned(), text("24"), text("12")),
                ("list".to_owned(), text("[1, 2]"), text("[1, 3]")),
            ]
        );
        assert_eq!(differences(one, one).unwrap(), []);
        assert!(differences("= 3", one).is_err());
    }
}
