//! What `validation.json` says, read back.

use crate::error::{Fault, Result};
use crate::report::wording::UNDEFINED;
use crate::sweep::Objective;
use crate::validate::{FORMAT_VERSION, VALIDATION};
use serde::{Deserialize, Deserializer};

/// A judgement as it stands in its file.
#[derive(Clone, Debug, Deserialize)]
pub struct Judged {
    /// By what the best was chosen.
    #[serde(deserialize_with = "objective")]
    pub objective: Objective,
    /// Trials that ran to their end.
    pub done: u64,
    /// Trials whose returns were judged.
    pub judged: u64,
    /// First UTC day judged.
    pub first_day: String,
    /// Last UTC day judged.
    pub last_day: String,
    /// Days judged.
    pub days: u64,
    /// The number of the best trial.
    pub best: u64,
    /// What whoever reads this has to know.
    pub warnings: Vec<String>,
    /// The numbers.
    pub findings: Vec<Found>,
    /// What came of walking forward.
    pub walk_forward: Option<Walk>,
    /// What the numbers amount to.
    pub verdict: Verdict,
}

/// A number of the judgement.
#[derive(Clone, Debug, Deserialize)]
pub struct Found {
    /// Its name in the file.
    pub key: String,
    /// Its name for people.
    pub label: String,
    unit: String,
    /// The number; none where there is none.
    pub value: Option<f64>,
    reason: Option<String>,
    meaning: String,
    at_least: Option<f64>,
    at_most: Option<f64>,
    /// Whether it reaches its bound.
    pub passes: Option<bool>,
}

/// What the numbers amount to.
#[derive(Clone, Debug, Deserialize)]
pub struct Verdict {
    /// In a word.
    pub outcome: String,
    /// In a sentence.
    pub text: String,
}

/// Walking forward.
#[derive(Clone, Debug, Deserialize)]
pub struct Walk {
    /// `anchored` or `rolling`.
    pub training: String,
    /// Days of the first training.
    pub train_days: u64,
    /// Days between two choices.
    pub test_days: u64,
    /// The windows in order of time.
    pub windows: Vec<Window>,
}

/// One window.
#[derive(Clone, Debug, Deserialize)]
pub struct Window {
    /// First day of training.
    pub train_from: String,
    /// First day traded.
    pub test_from: String,
    /// The day after the last one traded.
    pub test_to: String,
    /// What was chosen; none where nothing was.
    pub trial: Option<u64>,
    /// Its objective in training.
    pub objective: Option<f64>,
    /// Return of the training, a fraction.
    pub train_return: f64,
    /// Return of the days traded, a fraction.
    pub test_return: f64,
}

fn objective<'de, D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Objective, D::Error> {
    Objective::parse(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
}

impl Judged {
    /// Reads the text of the file.
    ///
    /// # Errors
    /// When it is damaged, or of a version that this engine does not know.
    pub fn read(text: &str, place: &str) -> Result<Self> {
        #[derive(Deserialize)]
        struct Versioned {
            format_version: u32,
        }
        let damaged = |error: serde_json::Error| {
            Fault::failure(format!("reading {place}: {error}")).remedy("run `tapeline validate` again")
        };
        let Versioned { format_version } = serde_json::from_str(text).map_err(damaged)?;
        if format_version != FORMAT_VERSION {
            return Err(Fault::user(format!(
                "reading {place}: format_version {format_version} is not known; this engine reads {FORMAT_VERSION}"
            ))
            .remedy(format!("run `tapeline validate` again, or remove {VALIDATION}")));
        }
        serde_json::from_str(text).map_err(damaged)
    }

    /// The finding of this key.
    pub fn get(&self, key: &str) -> Option<&Found> {
        self.findings.iter().find(|found| found.key == key)
    }
}

impl Found {
    /// Whether the verdict rests on it.
    pub fn is_bounded(&self) -> bool {
        self.at_least.is_some() || self.at_most.is_some()
    }

    /// The number as it reads, as `tapeline validate` prints it.
    pub fn text(&self) -> String {
        match (self.value, self.unit.as_str()) {
            (None, _) => UNDEFINED.to_owned(),
            (Some(value), "count" | "days") => format!("{value:.1}"),
            (Some(value), _) => format!("{value:.4}"),
        }
    }

    /// What it has to be, and whether it is.
    pub fn held(&self) -> String {
        let wanted = match (self.at_least, self.at_most) {
            (Some(least), _) => format!("at least {least}"),
            (None, Some(most)) => format!("at most {most}"),
            (None, None) => return String::new(),
        };
        match self.passes {
            Some(true) => format!("holds: {wanted}"),
            Some(false) => format!("FAILS: {wanted}"),
            None => format!("not known: {wanted}"),
        }
    }

    /// What it says, and why there is no number.
    pub fn meaning(&self) -> String {
        match &self.reason {
            Some(reason) => format!("n/a: {reason}. {}", self.meaning),
            None => self.meaning.clone(),
        }
    }
}
