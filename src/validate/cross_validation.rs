//! Combinatorial purged cross-validation (López de Prado 2018, chapters 7 and 12): choose on some of the days, trade the
//! others, in every way the days can be divided.
//!
//! The days are cut into groups in order of time; every choice of so many of them is tested once, the rest trains. A
//! trial's training days are purged of those on which it held a position that reached into what is tested, or was still
//! held on the first days after it, and of an embargo behind each tested stretch. On each split the trial that
//! is best on its training days is chosen; its days in the tested groups join with those of the other
//! splits to paths that each cover all days once. Returns are those of the sweep: positions are carried over borders.

use super::finding::Finding;
use super::measure::{Measure, equity};
use super::replay::{Replay, done};
use crate::catalog::LaneRun;
use crate::domain::{Span, Timestamp};
use crate::engine::Keep;
use crate::error::{Fault, Result};
use crate::metrics::drawdown::Drawdown;
use crate::metrics::luck::Purged;
use crate::metrics::quantile::quantile;
use crate::metrics::sharpe::sharpe;
use crate::metrics::{DAYS_PER_YEAR, Undefined};
use crate::sweep::{Objective, Record};
use rayon::prelude::*;
use serde::Serialize;

/// How the days are divided.
#[derive(Clone, Copy, Debug)]
pub struct Division {
    /// Groups of days.
    pub groups: usize,
    /// How many of them are tested at once.
    pub tested: usize,
    /// Days after a tested stretch that do not train; none is one in a hundred.
    pub embargo: Option<usize>,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CrossValidation {
    /// By what the best of the training days was chosen.
    pub objective: Objective,
    /// Groups of days.
    pub groups: usize,
    /// How many of them were tested at once.
    pub tested: usize,
    /// Days after a tested stretch that did not train.
    pub embargo_days: usize,
    /// Mean share of the days outside the tested groups that still trained, over all splits and chosen trials.
    pub trained_share: f64,
    /// Every way to divide the days.
    pub splits: Vec<Split>,
    /// Every path through all days.
    pub paths: Vec<Path>,
}

/// One way to divide the days.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Split {
    /// The tested groups, from 0.
    pub tested: Vec<usize>,
    /// The best trial in training; none where no trial has the objective there: nothing is traded then.
    pub trial: Option<u64>,
    /// Its objective on its training days.
    pub train_objective: Option<f64>,
    /// The same on the tested days.
    pub test_objective: Option<f64>,
    #[serde(skip)]
    place: Option<usize>,
}

/// One path through all days, each day by a trial that was chosen without it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Path {
    /// Annual Sharpe ratio.
    pub sharpe: Option<f64>,
    /// Closing over opening equity, less one.
    pub total_return: f64,
    /// Largest fall from a peak over the days, a fraction.
    pub drawdown: f64,
}

impl CrossValidation {
    /// Divides the days of a record, with the spans of its trials' positions found by running them again.
    ///
    /// # Errors
    /// When the days cannot be divided so, and when a trial does not run any more.
    pub fn of(replay: &Replay<'_>, record: &Record, division: Division, measure: Measure) -> Result<Self> {
        let spans = record.trials.par_iter().map(|trial| {
            let runs = replay.run(&[(*trial, replay.stage_of(*trial, &[])?)], Keep::All);
            let run = runs.first().and_then(done).ok_or_else(|| {
                Fault::failure(format!("cross-validation: trial {trial} does not run any more"))
                    .remedy("sweep again with this version")
            })?;
            Ok(spans(record, run.1))
        });
        CrossValidation::with_spans(record, &spans.collect::<Result<Vec<_>>>()?, division, measure)
    }

    /// The same with known spans: for each trial and day the last day that a position held on it reached.
    ///
    /// # Errors
    /// When the days cannot be divided so.
    pub fn with_spans(record: &Record, spans: &[Vec<usize>], division: Division, measure: Measure) -> Result<Self> {
        let Division { groups, tested, embargo } = division;
        let embargo = embargo.unwrap_or_else(|| Purged::usual_embargo(record.days));
        let wrong = |reason: Undefined| {
            Fault::user(format!(
                "cross-validation of {} days in {groups} groups, {tested} tested: {reason}",
                record.days
            ))
            .remedy("choose other --cross-validation GROUPS,TESTED, or sweep a longer period")
        };
        let plan = Purged::new(record.days, groups, tested, embargo).map_err(wrong)?;
        let judged = |choice: &Vec<usize>| -> std::result::Result<(Split, f64), Undefined> {
            judge(record, spans, &plan, choice, measure)
        };
        let judged: Vec<(Split, f64)> =
            plan.choices().par_iter().map(judged).collect::<std::result::Result<_, _>>().map_err(wrong)?;
        let trained_share = judged.iter().map(|(_, share)| share).sum::<f64>() / judged.len() as f64;
        let splits: Vec<Split> = judged.into_iter().map(|(split, _)| split).collect();
        let path = |path: Vec<usize>| {
            let days = path.iter().enumerate().flat_map(|(group, split)| {
                let place = splits[*split].place;
                plan.group(group).map(move |day| place.map_or(0.0, |place| record.columns[place][day]))
            });
            Path::of(&days.collect::<Vec<f64>>())
        };
        let paths = plan.paths().into_iter().map(path).collect();
        let objective = measure.objective();
        Ok(CrossValidation { objective, groups, tested, embargo_days: embargo, trained_share, splits, paths })
    }

    /// What it says in numbers.
    pub fn findings(&self) -> Vec<Finding> {
        let ratios: Vec<f64> = self.paths.iter().filter_map(|path| path.sharpe).collect();
        let at = |share: f64| quantile(&ratios, share);
        let (count, splits) = (self.paths.len(), self.splits.len());
        let lost = self.paths.iter().filter(|path| path.total_return < 0.0).count() as f64 / count as f64;
        vec![
            Finding::of(
                "cross_validation_sharpe",
                "Cross-validated, median",
                "ratio",
                at(0.5),
                format!(
                    "Median annual Sharpe ratio of {count} paths through all days, each day by the trial that has {} {} without it: {splits} ways to test {} of {} groups, purged by the spans of positions, {} days of embargo.",
                    self.objective.end(),
                    self.objective.name(),
                    self.tested,
                    self.groups,
                    self.embargo_days
                ),
            ),
            Finding::of(
                "cross_validation_low",
                "Cross-validated, worst",
                "ratio",
                at(0.0),
                "The worst of these paths.",
            ),
            Finding::of(
                "cross_validation_losses",
                "Cross-validated, losses",
                "fraction",
                Ok(lost),
                "Share of these paths that lost money.",
            ),
        ]
    }

    /// The splits as CSV.
    pub fn splits_csv(&self) -> String {
        let mut text = format!("tested,trial,train_{0},test_{0}\n", self.objective.name());
        for split in &self.splits {
            let tested: Vec<String> = split.tested.iter().map(usize::to_string).collect();
            let trial = split.trial.map(|trial| trial.to_string()).unwrap_or_default();
            let (train, test) = (shown(split.train_objective), shown(split.test_objective));
            text.push_str(&format!("{},{trial},{train},{test}\n", tested.join(" ")));
        }
        text
    }

    /// The paths as CSV.
    pub fn paths_csv(&self) -> String {
        let mut text = "path,sharpe,total_return,drawdown\n".to_owned();
        for (number, path) in self.paths.iter().enumerate() {
            let (gain, drawdown) = (path.total_return, path.drawdown);
            text.push_str(&format!("{},{},{gain},{drawdown}\n", number + 1, shown(path.sharpe)));
        }
        text
    }
}

fn shown(value: Option<f64>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

impl Path {
    fn of(days: &[f64]) -> Self {
        let equity = equity(days);
        let drawdown = Drawdown::of(&equity).map_or(0.0, |fall| fall.depth);
        Path { sharpe: sharpe(days, DAYS_PER_YEAR).ok(), total_return: equity[days.len()].1 - 1.0, drawdown }
    }
}

/// Chooses on one division of the days; also the share of the days outside the test that trained the chosen one.
fn judge(
    record: &Record,
    spans: &[Vec<usize>],
    plan: &Purged,
    choice: &[usize],
    measure: Measure,
) -> std::result::Result<(Split, f64), Undefined> {
    let outside = record.days - choice.iter().map(|group| plan.group(*group).len()).sum::<usize>();
    let mut best: Option<(usize, f64, usize)> = None;
    let score = |value: f64| measure.objective().score_of(value);
    for (place, (column, ends)) in record.columns.iter().zip(spans).enumerate() {
        let train = plan.split(choice, ends)?.train;
        let days: Vec<f64> = train.iter().map(|day| column[*day]).collect();
        if let Ok(value) = measure.value(&days)
            && best.is_none_or(|(_, most, _)| score(value) > score(most))
        {
            best = Some((place, value, train.len()));
        }
    }
    let test = |place: usize| -> Option<f64> {
        let days: Vec<f64> =
            choice.iter().flat_map(|group| plan.group(*group)).map(|day| record.columns[place][day]).collect();
        measure.value(&days).ok()
    };
    let split = Split {
        tested: choice.to_vec(),
        trial: best.map(|(place, ..)| record.trials[place]),
        train_objective: best.map(|(_, value, _)| value),
        test_objective: best.and_then(|(place, ..)| test(place)),
        place: best.map(|(place, ..)| place),
    };
    Ok((split, best.map_or(0.0, |(.., trained)| trained as f64 / outside.max(1) as f64)))
}

/// For each day of the record the last day that a position held on it reached; the day itself without one.
fn spans(record: &Record, run: &LaneRun) -> Vec<usize> {
    let last = record.days - 1;
    let day = |at: Timestamp| {
        let days = at.midnight().since(record.from).nanos() / Span::DAY.nanos();
        usize::try_from(days.max(0)).unwrap_or(0).min(last)
    };
    let mut ends: Vec<usize> = (0..record.days).collect();
    let trades = run.outcome.records.trades.iter().chain(&run.outcome.open_trades);
    for trade in trades.filter(|trade| trade.exit_time >= record.from) {
        let until = day(trade.exit_time);
        for end in &mut ends[day(trade.entry_time)..=until] {
            *end = (*end).max(until);
        }
    }
    ends
}
