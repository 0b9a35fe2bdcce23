//! What the ledger says about the trials that count against a result: `trial-ledger.json`.

use super::scope::Scope;
use super::store::TrialLedger;
use crate::error::{Fault, Result};
use crate::metrics::luck::{EffectiveTrials, TrialMatrix};
use crate::metrics::moments::population_variance;
use crate::sweep::{DailyReturns, Record};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;

/// The format of a snapshot that this program writes and reads.
pub const FORMAT_VERSION: u32 = 1;

/// The file of a snapshot, beside the sweep or the run that it was taken for.
pub const SNAPSHOT: &str = "trial-ledger.json";

/// Of how many trials of a data set the daily returns are kept, to tell how different they are.
pub const SAMPLE: usize = 300;

/// A trial that counts.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Counted {
    pub data_set: String,
    pub to_day: i64,
    pub sharpe: Option<f64>,
    /// Where it is in the sample.
    pub returns: Option<DailyReturns>,
}

/// The trials on any of the same series on any of the same days.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Snapshot {
    /// Version of this format.
    pub format_version: u32,
    /// The series whose trials count.
    pub series: Vec<String>,
    /// Distinct trials.
    pub trials: u64,
    /// Trials with a Sharpe ratio.
    pub with_sharpe: u64,
    /// Population variance of their Sharpe ratios per day; none without any.
    pub sharpe_variance: Option<f64>,
    /// How many independent tries all trials amount to: the sum over the groups.
    pub effective_trials: f64,
    /// At most so many trials of a data set are in the sample that is clustered, by the smallest hashes.
    pub sample_max: u64,
    /// The trials of one data set that end on the same day: only their returns can be compared.
    pub groups: Vec<Group>,
}

/// Trials that are compared with each other.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// The data set.
    pub data_set: String,
    /// The day after the last one traded, counted from 1970-01-01.
    pub to_day: i64,
    /// Distinct trials.
    pub trials: u64,
    /// Those of them that were clustered.
    pub sampled: u64,
    /// How many independent tries they amount to.
    pub effective_trials: f64,
}

impl Snapshot {
    /// Asks a ledger.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn of(ledger: &TrialLedger, scope: &Scope) -> Result<Self> {
        Ok(Snapshot::from_counted(scope, ledger.counted(scope)?))
    }

    pub(super) fn from_counted(scope: &Scope, counted: Vec<Counted>) -> Self {
        let sharpes: Vec<f64> = counted.iter().filter_map(|trial| trial.sharpe).collect();
        let trials = counted.len() as u64;
        let mut groups: BTreeMap<(String, i64), (u64, Vec<DailyReturns>)> = BTreeMap::new();
        for trial in counted {
            let (count, sample) = groups.entry((trial.data_set, trial.to_day)).or_default();
            *count += 1;
            sample.extend(trial.returns);
        }
        let groups: Vec<Group> = groups
            .into_iter()
            .map(|((data_set, to_day), (trials, sample))| {
                let sampled = sample.len() as u64;
                Group { data_set, to_day, trials, sampled, effective_trials: effective(trials, sample) }
            })
            .collect();
        Snapshot {
            format_version: FORMAT_VERSION,
            series: scope.series.clone(),
            trials,
            with_sharpe: sharpes.len() as u64,
            sharpe_variance: population_variance(&sharpes).ok(),
            effective_trials: groups.iter().map(|group| group.effective_trials).sum(),
            sample_max: SAMPLE as u64,
            groups,
        }
    }

    /// As text.
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).expect("a snapshot has only plain values") + "\n"
    }

    /// Reads the snapshot in a folder; none where there is none.
    ///
    /// # Errors
    /// When it cannot be read, or is of a version that this program does not know.
    pub fn read(folder: &Path) -> Result<Option<Self>> {
        #[derive(Deserialize)]
        struct Versioned {
            format_version: u32,
        }
        let path = folder.join(SNAPSHOT);
        if !path.exists() {
            return Ok(None);
        }
        let text = std::fs::read_to_string(&path).map_err(|error| Fault::io("reading", &path, &error))?;
        let damaged = |error: serde_json::Error| {
            Fault::user(format!("reading {}: {error}", path.display())).remedy("take the file away")
        };
        let Versioned { format_version } = serde_json::from_str(&text).map_err(damaged)?;
        if format_version != FORMAT_VERSION {
            return Err(Fault::user(format!(
                "reading {}: format_version {format_version} is not known; this engine reads {FORMAT_VERSION}",
                path.display()
            ))
            .remedy("use the tapeline that wrote it, or take the file away"));
        }
        serde_json::from_str(&text).map(Some).map_err(damaged)
    }
}

/// What so many trials amount to by a sample of them. Where nothing can be compared, each counts: doubts go against the
/// strategy.
fn effective(trials: u64, mut sample: Vec<DailyReturns>) -> f64 {
    let sampled = sample.len();
    for (number, row) in sample.iter_mut().enumerate() {
        row.trial = number as u64;
    }
    let Ok(record) = Record::of(&sample) else { return trials as f64 };
    let measured = TrialMatrix::of(record.columns.iter().map(Vec::as_slice))
        .and_then(|matrix| EffectiveTrials::of(&matrix, SAMPLE, 0));
    let Ok(measured) = measured else { return trials as f64 };
    // Those too short to be compared count as they are; both shares stand for the trials that were not sampled.
    let share = trials as f64 / sampled as f64;
    let compared = record.trials.len() as f64 * share;
    (measured.among(compared) + record.short as f64 * share).min(trials as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chance::Chance;
    use crate::domain::{Span, Timestamp};

    fn trial(data_set: &str, to_day: i64, returns: Option<Vec<f64>>) -> Counted {
        let returns = returns.map(|returns| {
            let to = Timestamp::from_nanos(to_day * Span::DAY.nanos());
            DailyReturns { trial: 0, from: to.before(Span::DAY.times(returns.len() as i64)), to, returns }
        });
        Counted { data_set: data_set.to_owned(), to_day, sharpe: Some(0.1), returns }
    }

    fn noise(seed: u64, days: usize) -> Vec<f64> {
        let mut chance = Chance::new(seed, 1);
        (0..days).map(|_| chance.normal() * 0.01).collect()
    }

    fn snapshot(counted: Vec<Counted>) -> Snapshot {
        Snapshot::from_counted(&Scope { series: vec!["a/B".to_owned()], from_day: 0, to_day: 99_999 }, counted)
    }

    #[test]
    fn copies_count_once_strangers_each_and_what_is_not_sampled_in_proportion() {
        let copies = |count: usize| (0..count).map(|_| trial("a/B", 20_000, Some(noise(5, 200))));
        let found = snapshot(copies(40).collect());
        assert_eq!(found.trials, 40);
        assert!((found.effective_trials - 1.0).abs() < 1e-6, "{}", found.effective_trials);
        let strangers = |count: u64| (0..count).map(|seed| trial("a/B", 20_000, Some(noise(seed, 400))));
        let found = snapshot(strangers(30).collect());
        assert!(found.effective_trials > 28.0 && found.effective_trials <= 30.0, "{}", found.effective_trials);
        // Thirty strangers among ninety that are known by number only: three times as many.
        let unseen = (0..60).map(|_| trial("a/B", 20_000, None));
        let found = snapshot(strangers(30).chain(unseen).collect());
        assert!(found.effective_trials > 84.0 && found.effective_trials <= 90.0, "{}", found.effective_trials);
        assert_eq!((found.groups.len(), found.groups[0].sampled), (1, 30));
    }

    #[test]
    fn other_periods_and_data_sets_are_tries_of_their_own() {
        let of = |data_set: &str, to_day| (0..5).map(move |_| trial(data_set, to_day, Some(noise(1, 90)))).collect();
        let all: Vec<Vec<Counted>> = vec![of("a/B", 20_000), of("a/B", 20_001), of("a/B c/D", 20_000)];
        let found = snapshot(all.into_iter().flatten().collect());
        assert_eq!((found.trials, found.groups.len()), (15, 3));
        assert!((found.effective_trials - 3.0).abs() < 1e-6);
        let none = snapshot((0..7).map(|_| trial("a/B", 20_000, None)).collect());
        assert_eq!(none.effective_trials, 7.0, "what cannot be compared counts");
        let empty = snapshot(Vec::new());
        assert_eq!((empty.trials, empty.sharpe_variance), (0, None));
        assert_eq!(serde_json::from_str::<Snapshot>(&found.to_json()).unwrap(), found);
    }
}
