//! What a trial is wanted for: a column, and which end of it is the good one.

use super::sheet::{Direction, unknown};
use super::trial::{COLUMNS, Column, FRONT, Status, Trial};
use crate::error::{Fault, Result};
use serde::{Serialize, Serializer};

/// A column to be best in.
#[derive(Clone, Copy, Debug)]
pub struct Objective {
    column: &'static Column,
    direction: Direction,
}

impl Objective {
    /// Reads `sharpe`, or `fills:min` where the good end is not the column's own.
    ///
    /// # Errors
    /// When there is no such column: says which is nearest.
    pub fn parse(text: &str) -> Result<Self> {
        let (name, end) = text.split_once(':').map_or((text, None), |(name, end)| (name, Some(end)));
        let column = COLUMNS
            .iter()
            .find(|column| column.name == name)
            .ok_or_else(|| unknown(name, COLUMNS.iter().map(|column| column.name)).within("the objective"))?;
        let direction = match end {
            None => column.better,
            Some("max") => Direction::Descending,
            Some("min") => Direction::Ascending,
            Some(end) => {
                return Err(Fault::user(format!("the objective {text}: '{end}' is no end of a column"))
                    .remedy(format!("write {name}:max for the most of it, {name}:min for the least")));
            }
        };
        Ok(Objective { column, direction })
    }

    /// Reads several, separated by commas or given one by one.
    ///
    /// # Errors
    /// As [`Objective::parse`], and when a column is there twice.
    pub fn parse_all<'t>(texts: impl IntoIterator<Item = &'t str>) -> Result<Vec<Self>> {
        let mut objectives: Vec<Self> = Vec::new();
        for text in texts.into_iter().flat_map(|text| text.split(',')) {
            let objective = Self::parse(text.trim())?;
            if objectives.iter().any(|other| other.name() == objective.name()) {
                return Err(Fault::user(format!("the objective {} is there twice", objective.name()))
                    .remedy("name each column once"));
            }
            if objective.name() == FRONT {
                return Err(Fault::user("the objective front: the Pareto front is made from the objectives")
                    .remedy("name the columns themselves, such as sharpe,drawdown"));
            }
            objectives.push(objective);
        }
        Ok(objectives)
    }

    /// Its column.
    pub fn name(self) -> &'static str {
        self.column.name
    }

    /// Which end stands first.
    pub fn direction(self) -> Direction {
        self.direction
    }

    /// As it is written, with the end that is meant.
    pub fn text(self) -> String {
        match self.direction {
            Direction::Ascending => format!("{}:min", self.name()),
            Direction::Descending => format!("{}:max", self.name()),
        }
    }

    /// Which end is meant, in a word.
    pub fn end(self) -> &'static str {
        match self.direction {
            Direction::Ascending => "least",
            Direction::Descending => "most",
        }
    }

    /// How good a trial is: more is better. None where it did not run to its end, or the column is undefined.
    pub fn score(self, trial: &Trial) -> Option<f64> {
        let value = trial.get(self.name()).filter(|_| trial.status == Status::Done)?;
        Some(self.score_of(value))
    }

    /// How good a value of the column is: more is better.
    pub fn score_of(self, value: f64) -> f64 {
        match self.direction {
            Direction::Ascending => -value,
            Direction::Descending => value,
        }
    }
}

impl PartialEq for Objective {
    fn eq(&self, other: &Self) -> bool {
        (self.name(), self.direction) == (other.name(), other.direction)
    }
}

impl Serialize for Objective {
    /// As it is written.
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text())
    }
}

/// How good a trial is in each of several; none where one of them has no score.
pub fn scores(objectives: &[Objective], trial: &Trial) -> Option<Vec<f64>> {
    objectives.iter().map(|objective| objective.score(trial)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_has_an_end_of_its_own_and_may_be_turned() {
        let read =
            |text: &str| Objective::parse_all([text]).map(|all| all.iter().map(|one| one.text()).collect::<Vec<_>>());
        assert_eq!(read("sharpe,drawdown").unwrap(), ["sharpe:max", "drawdown:min"]);
        assert_eq!(read("fills:min").unwrap(), ["fills:min"]);
        for (text, says) in [
            ("sharp", "did you mean 'sharpe'"),
            ("sharpe:up", "sharpe:max"),
            ("sharpe,sharpe", "twice"),
            ("sharpe,front", "name the columns themselves"),
        ] {
            let fault = read(text).unwrap_err().to_string();
            assert!(fault.contains(says), "{fault}");
        }
    }
}
