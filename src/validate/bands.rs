//! Worst and best: the trials at the top with every doubt decided against the account, and for it.
//!
//! Where a candle does not tell what happened inside it, the sweep's policy decided. A result that lives on how it
//! decided is no result. The two ends are a sensitivity, not a strict bound: a stop that is hit early can avoid a
//! larger loss later.

use super::finding::Finding;
use super::replay::{Replay, done};
use crate::engine::Keep;
use crate::error::Result;
use crate::metrics::Undefined;
use crate::sweep::{Objective, Trial};
use crate::venue::IntrabarPolicy;
use serde::Serialize;

/// The trials at the top, best first.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Bands {
    /// In what the best is best.
    pub objective: Objective,
    /// One for each trial.
    pub trials: Vec<Band>,
}

/// What a trial comes to under both ends of doubt.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Band {
    /// Its number.
    pub trial: u64,
    /// Its objective in the sweep.
    pub objective: Option<f64>,
    /// The objective with every doubt decided against the account.
    pub worst: Option<f64>,
    /// The same with every doubt decided for it.
    pub best: Option<f64>,
    /// How often the data could not tell what happened, in the sweep.
    pub doubts: Option<f64>,
}

impl Bands {
    /// Runs the first `count` of the trials that are best in the objective, of equals those with the lower number.
    ///
    /// # Errors
    /// When a trial does not come to a plan any more.
    pub fn of(replay: &Replay<'_>, trials: &[Trial], objective: Objective, count: usize) -> Result<Self> {
        let mut top: Vec<(&Trial, f64)> =
            trials.iter().filter_map(|trial| Some((trial, objective.score(trial)?))).collect();
        top.sort_by(|one, other| other.1.total_cmp(&one.1).then(one.0.number.cmp(&other.0.number)));
        top.truncate(count);
        let under = |intrabar: IntrabarPolicy| -> Result<Vec<Option<f64>>> {
            let stage_of = |(trial, _): &(&Trial, f64)| {
                let mut stage = replay.stage_of(trial.number, &[])?;
                stage.plan.policy.intrabar = intrabar;
                Ok((trial.number, stage))
            };
            let stages = top.iter().map(stage_of).collect::<Result<Vec<_>>>()?;
            let runs = replay.run(&stages, Keep::Totals);
            Ok(runs.iter().map(|run| done(run)?.0.get(objective.name())).collect())
        };
        let (worst, best) = (under(IntrabarPolicy::Worst)?, under(IntrabarPolicy::Best)?);
        let bands = top.iter().zip(worst).zip(best).map(|(((trial, _), worst), best)| Band {
            trial: trial.number,
            objective: trial.get(objective.name()),
            worst,
            best,
            doubts: trial.get("doubts"),
        });
        Ok(Bands { objective, trials: bands.collect() })
    }

    /// What they say in numbers, about the best trial and about all.
    pub fn findings(&self) -> Vec<Finding> {
        let first = self.trials.first();
        let missing = Undefined("the trial does not end in an objective under this policy");
        let of_best = |value: fn(&Band) -> Option<f64>| first.and_then(value).ok_or(missing);
        // By their worst end, who of them comes first?
        let leader = self
            .trials
            .iter()
            .filter_map(|band| Some((band.trial, self.objective.score_of(band.worst?))))
            .reduce(|most, next| if next.1 > most.1 { next } else { most });
        let stays = leader.zip(first).map(|((leader, _), first)| f64::from(u8::from(leader == first.trial)));
        let count = self.trials.len();
        vec![
            Finding::of(
                "band_worst",
                "Best, doubts against it",
                "ratio",
                of_best(|band| band.worst),
                format!(
                    "The {} of the best trial with every doubt of the candles decided against the account.",
                    self.objective.name()
                ),
            ),
            Finding::of(
                "band_best",
                "Best, doubts for it",
                "ratio",
                of_best(|band| band.best),
                "The same with every doubt decided for it: what lies between the two is not known.",
            ),
            Finding::of(
                "band_leader",
                "Best stays best",
                "count",
                stays.ok_or(missing),
                format!(
                    "1 where the best trial is also the best of the first {count} with every doubt against them, else 0."
                ),
            ),
        ]
    }

    /// The bands as CSV.
    pub fn csv(&self) -> String {
        let mut text = format!("trial,{0},{0}_worst,{0}_best,doubts\n", self.objective.name());
        let shown = |value: Option<f64>| value.map(|value| value.to_string()).unwrap_or_default();
        for band in &self.trials {
            let (objective, worst, best) = (shown(band.objective), shown(band.worst), shown(band.best));
            text.push_str(&format!("{},{objective},{worst},{best},{}\n", band.trial, shown(band.doubts)));
        }
        text
    }
}
