//! The judgement of a sweep: `validation.json`.

use super::bands::Bands;
use super::cross_validation::CrossValidation;
use super::finding::Finding;
use super::halves::Half;
use super::numbers::{Judge, plateau};
use super::perturbed::Perturbed;
use super::verdict::Verdict;
use super::walk::WalkForward;
use crate::error::{Fault, Result};
use crate::metrics::luck::TrialMatrix;
use crate::sweep::{Axis, DailyReturns, Objective, Record, Status, Trial};
use crate::trial_ledger::Snapshot;
use serde::Serialize;

/// The format of `validation.json` that this engine writes.
pub const FORMAT_VERSION: u32 = 2;

/// The file of a judgement.
pub const VALIDATION: &str = "validation.json";

/// How to judge.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// In what the best trial is best.
    pub objective: Objective,
    /// Seed of the sample that is clustered and of the resamples.
    pub seed: u64,
    /// How many resamples are drawn.
    pub replications: usize,
    /// How many trials are clustered at most.
    pub sample_max: usize,
    /// What else was ever tried on the same data.
    pub ledger: Option<&'a Snapshot>,
    /// What whoever reads the judgement has to know.
    pub warnings: &'a [&'static str],
}

/// What came of running trials of the sweep again, as far as that was asked for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Replays {
    /// Walking forward.
    pub walk_forward: Option<WalkForward>,
    /// Combinatorial purged cross-validation.
    pub cross_validation: Option<CrossValidation>,
    /// The best trials under the worst and the best policy.
    pub bands: Option<Bands>,
    /// The best trial on perturbed candles.
    pub perturbed: Option<Perturbed>,
}

/// What a sweep amounts to.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Judgement {
    /// Version of this format.
    pub format_version: u32,
    /// What the scenario calls itself.
    pub name: String,
    /// By what the best was chosen.
    pub objective: Objective,
    /// Seed of everything that was drawn.
    pub seed: u64,
    /// Resamples drawn.
    pub replications: usize,
    /// Trials of the sweep.
    pub trials: usize,
    /// Trials that ran to their end.
    pub done: usize,
    /// Trials whose returns were judged.
    pub judged: usize,
    /// First UTC day judged.
    pub first_day: String,
    /// Last UTC day judged.
    pub last_day: String,
    /// Days judged.
    pub days: usize,
    /// The number of the best trial.
    pub best: u64,
    /// Its parameters.
    pub parameters: Vec<(String, String)>,
    /// What whoever reads this has to know.
    pub warnings: Vec<&'static str>,
    /// The numbers.
    pub findings: Vec<Finding>,
    /// What came of walking forward, where that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub walk_forward: Option<WalkForward>,
    /// What came of combinatorial purged cross-validation, where that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cross_validation: Option<CrossValidation>,
    /// What the best trials come to under the worst and the best policy, where that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bands: Option<Bands>,
    /// What the best trial came to on perturbed candles, where that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub perturbed: Option<Perturbed>,
    /// The ways to halve the record; they stand in a file of their own.
    #[serde(skip)]
    pub halves: Vec<Half>,
    /// What they amount to.
    pub verdict: Verdict,
}

impl Judgement {
    /// Judges the trials of a sweep by their daily returns.
    ///
    /// # Errors
    /// When there is nothing to judge.
    pub fn of(
        name: &str,
        axes: &[Axis],
        trials: &[Trial],
        returns: &[DailyReturns],
        request: &Request<'_>,
    ) -> Result<Self> {
        let record = Record::of(returns)?;
        let done = trials.iter().filter(|trial| trial.status == Status::Done).count();
        let (place, best) = best(trials, &record, request.objective)?;
        let columns = record.columns.iter().map(Vec::as_slice);
        let matrix =
            TrialMatrix::of(columns).map_err(|reason| Fault::failure(format!("judging the sweep: {reason}")))?;
        // A trial that was stopped on its way was a try all the same.
        let stopped = trials.iter().filter(|trial| trial.status == Status::Stopped).count();
        let judge = Judge { matrix: &matrix, done: done + stopped, best: &record.columns[place], place, request };
        let halved = judge.halved();
        let mut findings = judge.findings(&halved);
        findings.extend(plateau(trials, axes, best, request.objective));
        Ok(Judgement {
            format_version: FORMAT_VERSION,
            name: name.to_owned(),
            objective: request.objective,
            seed: request.seed,
            replications: request.replications,
            trials: trials.len(),
            done,
            judged: record.trials.len(),
            first_day: record.from.date(),
            last_day: record.last_day().date(),
            days: record.days,
            best: best.number,
            parameters: axes.iter().map(|axis| axis.name.clone()).zip(best.values.iter().cloned()).collect(),
            warnings: request.warnings.to_vec(),
            walk_forward: None,
            cross_validation: None,
            bands: None,
            perturbed: None,
            verdict: Verdict::of(&findings),
            halves: halved.found.map_or_else(|_| Vec::new(), |found| Half::all(&found, &record.trials)),
            findings,
        })
    }

    /// The same with what came of running trials again.
    #[must_use]
    pub fn with(mut self, replays: Replays) -> Self {
        let Replays { walk_forward, cross_validation, bands, perturbed } = replays;
        self.findings.extend(walk_forward.iter().flat_map(WalkForward::findings));
        self.findings.extend(cross_validation.iter().flat_map(CrossValidation::findings));
        self.findings.extend(bands.iter().flat_map(Bands::findings));
        self.findings.extend(perturbed.iter().flat_map(Perturbed::findings));
        self.verdict = Verdict::of(&self.findings);
        Judgement { walk_forward, cross_validation, bands, perturbed, ..self }
    }

    /// The finding of this key.
    pub fn get(&self, key: &str) -> Option<&Finding> {
        self.findings.iter().find(|finding| finding.key == key)
    }
}

/// The judged trial that is best in the objective, and its place among the judged; of equals the first.
fn best<'t>(trials: &'t [Trial], record: &Record, objective: Objective) -> Result<(usize, &'t Trial)> {
    let mut best: Option<(usize, &Trial, f64)> = None;
    for trial in trials {
        let (Some(value), Ok(place)) = (objective.score(trial), record.trials.binary_search(&trial.number)) else {
            continue;
        };
        if best.is_none_or(|(_, _, most)| value > most) {
            best = Some((place, trial, value));
        }
    }
    best.map(|(place, trial, _)| (place, trial)).ok_or_else(|| {
        Fault::user(format!("no judged trial has a {}", objective.name()))
            .remedy("choose another --objective, or a longer period")
    })
}
