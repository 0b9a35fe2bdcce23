//! Walk-forward: choose on the past, trade what comes next with what was chosen, move on.
//!
//! Unlike every other judgement this one runs sessions: on each training window the combinations of the sweep, on each
//! test window the one that was best before it. Warm-up reads what lies before a window and nothing else. Positions are
//! flattened at the end of a window, in training as in trading: what closing them at the last price would cost is taken
//! off its last day, and the objective is made of that.

use super::finding::{Bound, Finding};
use super::replay::Replay;
use crate::catalog::{LaneRun, Stage};
use crate::domain::{Span, Timestamp};
use crate::engine::Keep;
use crate::error::{Fault, Result};
use crate::metrics::luck::walk_forward::{Piece, Plan, Training, Window, efficiency, windows};
use crate::metrics::probabilistic_sharpe::Evidence;
use crate::metrics::sharpe::sharpe;
use crate::metrics::{DAYS_PER_YEAR, Undefined};
use crate::sweep::{DailyReturns, Objective, Record, Status, TIMERANGE, Trial};
use rayon::prelude::*;
use serde::Serialize;

/// Below this share of what training promised too little of it arrives.
const EFFICIENCY_MIN: f64 = 0.5;

/// What is run again, and how the record is cut.
#[derive(Clone, Copy)]
pub struct Walk<'a> {
    /// What is run.
    pub replay: Replay<'a>,
    /// The combinations to choose from.
    pub numbers: &'a [u64],
    /// In what the best is best.
    pub objective: Objective,
    /// Where training begins.
    pub training: Training,
    /// Days to choose on; when anchored, at first.
    pub train: usize,
    /// Days to trade before the next choice.
    pub test: usize,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct WalkForward {
    /// `anchored` or `rolling`.
    pub training: &'static str,
    /// Days of the first training.
    pub train_days: usize,
    /// Days between two choices.
    pub test_days: usize,
    /// The windows in order of time.
    pub windows: Vec<Walked>,
}

/// One window: what was chosen, and what it did.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Walked {
    /// First day of training.
    pub train_from: String,
    /// First day traded, the day after training.
    pub test_from: String,
    /// The day after the last one traded.
    pub test_to: String,
    /// The combination that was best in training; none where no combination had an objective: nothing is traded then.
    pub trial: Option<u64>,
    /// Its objective in training.
    pub objective: Option<f64>,
    /// Closing over opening equity in training, less one.
    pub train_return: f64,
    /// The same on the days traded.
    pub test_return: f64,
    /// The returns of the days traded.
    #[serde(skip)]
    pub daily: Vec<f64>,
    #[serde(skip)]
    from: Timestamp,
    #[serde(skip)]
    piece: Piece,
}

/// A trial of a window in numbers.
struct Scored {
    number: u64,
    objective: Option<f64>,
    growth: f64,
    days: f64,
    daily: Vec<f64>,
}

impl Walk<'_> {
    /// Walks through the days of a record.
    ///
    /// # Errors
    /// When the record is no longer than the first training, the period is an axis, no trial has an objective in any
    /// training, or the chosen one fails on the days traded.
    pub fn run(&self, record: &Record) -> Result<WalkForward> {
        let is_period = |name: &str| name == TIMERANGE || name.starts_with("period.");
        if let Some(axis) = self.replay.grid.axes.iter().find(|axis| is_period(&axis.name)) {
            return Err(Fault::user(format!("walking forward: the axis {} is the period itself", axis.name))
                .remedy("sweep over one period, and let --train and --test cut it"));
        }
        let plan = Plan { rows: record.days, train: self.train, test: self.test, gap: 0, training: self.training };
        let cut = windows(&plan).map_err(|reason| {
            Fault::user(format!("walking forward over {} days: {reason}", record.days))
                .remedy("choose a shorter --train or --test, or sweep a longer period")
        })?;
        let day = |row: usize| record.from.after(Span::DAY.times(row as i64));
        let walked = cut.iter().map(|window| self.window(window, &day)).collect::<Result<Vec<Walked>>>()?;
        if walked.iter().all(|window| window.trial.is_none()) {
            return Err(Fault::user(format!(
                "walking forward: no trial has a {} in any training",
                self.objective.name()
            ))
            .remedy("ratios need 30 daily returns: choose a longer --train, or another --objective"));
        }
        Ok(WalkForward {
            training: match self.training {
                Training::Anchored => "anchored",
                Training::Rolling => "rolling",
            },
            train_days: self.train,
            test_days: self.test,
            windows: walked,
        })
    }

    fn window(&self, window: &Window, day: &dyn Fn(usize) -> Timestamp) -> Result<Walked> {
        let (train_from, test_from, test_to) = (day(window.train.start), day(window.test.start), day(window.test.end));
        let trained = self.scores(self.numbers, train_from, day(window.train.end))?;
        let mut best: Option<(&Scored, f64)> = None;
        for scored in &trained {
            if let Some(score) = scored.objective.map(|value| self.objective.score_of(value))
                && best.is_none_or(|(_, most)| score > most)
            {
                best = Some((scored, score));
            }
        }
        let days = |range: &std::ops::Range<usize>| (range.end - range.start) as f64;
        let mut piece = Piece {
            train_growth: 1.0,
            train_days: days(&window.train),
            test_growth: 1.0,
            test_days: days(&window.test),
        };
        let mut daily = vec![0.0; window.test.len()];
        if let Some((chosen, _)) = best {
            let tested = self.scores(&[chosen.number], test_from, test_to)?;
            let tested = tested.into_iter().next().ok_or_else(|| {
                Fault::failure(format!("walking forward: trial {} does not run from {test_from}", chosen.number))
                    .remedy("its warm-up or its data do not reach there; choose other --train and --test")
            })?;
            (piece.train_growth, piece.train_days) = (chosen.growth, chosen.days);
            (piece.test_growth, piece.test_days) = (tested.growth, tested.days);
            daily = tested.daily;
        }
        Ok(Walked {
            train_from: train_from.date(),
            test_from: test_from.date(),
            test_to: test_to.date(),
            trial: best.map(|(chosen, _)| chosen.number),
            objective: best.and_then(|(chosen, _)| chosen.objective),
            train_return: piece.train_growth - 1.0,
            test_return: piece.test_growth - 1.0,
            daily,
            from: test_from,
            piece,
        })
    }

    /// The combinations over a window; those that do not run on it are left out.
    fn scores(&self, numbers: &[u64], from: Timestamp, to: Timestamp) -> Result<Vec<Scored>> {
        let period = [("period.from".to_owned(), from.to_string()), ("period.to".to_owned(), to.to_string())];
        let staged = |number: &u64| Ok((*number, self.replay.stage_of(*number, &period)?));
        let stages = numbers.par_iter().map(staged).collect::<Result<Vec<_>>>()?;
        let mut found = Vec::new();
        for ((number, stage), (_, end)) in stages.iter().zip(self.replay.run(&stages, Keep::Totals)) {
            found.extend(end.ok().and_then(|run| self.score(*number, stage, run)));
        }
        Ok(found)
    }

    /// A trial of a window with the positions that are still open at its end closed; none where it did not come to its end
    /// or its equity was not positive throughout.
    fn score(&self, number: u64, stage: &Stage, mut run: LaneRun) -> Option<Scored> {
        let outcome = &mut run.outcome;
        let (start, end, flattened) = (outcome.start, outcome.end, outcome.flattened_equity);
        outcome.daily.last_mut()?.1 = flattened;
        outcome.final_equity = flattened;
        let daily = DailyReturns::of_outcome(number, stage, outcome)?.returns;
        let trial = Trial::of(number, Vec::new(), stage, &Ok(run));
        let growth = daily.iter().fold(1.0, |growth, step| growth * (1.0 + step));
        let days = end.since(start).days();
        let objective = trial.get(self.objective.name());
        (trial.status == Status::Done).then_some(Scored { number, objective, growth, days, daily })
    }
}

impl WalkForward {
    /// The returns of all days traded, joined.
    pub fn daily(&self) -> Vec<f64> {
        self.windows.iter().flat_map(|window| window.daily.iter().copied()).collect()
    }

    /// What it says in numbers.
    pub fn findings(&self) -> Vec<Finding> {
        let daily = self.daily();
        let pieces: Vec<Piece> = self.windows.iter().map(|window| window.piece).collect();
        let gained = self.windows.iter().filter(|window| window.test_return > 0.0).count();
        let count = self.windows.len();
        let share = if count == 0 { Err(Undefined("there are no windows")) } else { Ok(gained as f64 / count as f64) };
        vec![
            Finding::of(
                "walk_forward_efficiency",
                "Walk-forward efficiency",
                "ratio",
                efficiency(&pieces),
                format!("Annual growth of all days traded, joined, over that of all trainings, joined: {count} windows, positions flattened at the end of each."),
            )
            .held_to(Bound::AtLeast(EFFICIENCY_MIN)),
            Finding::of(
                "walk_forward_sharpe",
                "Walk-forward Sharpe",
                "ratio",
                sharpe(&daily, DAYS_PER_YEAR),
                format!("Annual Sharpe ratio of the {} days traded with what was best before them.", daily.len()),
            ),
            Finding::of(
                "walk_forward_psr",
                "Walk-forward PSR(0)",
                "probability",
                Evidence::of(&daily).and_then(|evidence| evidence.probability_above(0.0)),
                "Probability that the true ratio of those days is above zero: nothing was chosen on them.",
            ),
            Finding::of(
                "walk_forward_gains",
                "Walk-forward gains",
                "fraction",
                share,
                "Share of the windows that gained on the days traded.",
            ),
        ]
    }

    /// The windows as CSV.
    pub fn windows_csv(&self) -> String {
        let mut text = "train_from,test_from,test_to,trial,objective,train_return,test_return\n".to_owned();
        let shown = |value: Option<f64>| value.map(|value| value.to_string()).unwrap_or_default();
        for window in &self.windows {
            let trial = window.trial.map(|trial| trial.to_string()).unwrap_or_default();
            let (from, test, to) = (&window.train_from, &window.test_from, &window.test_to);
            let (train, tested) = (window.train_return, window.test_return);
            text.push_str(&format!("{from},{test},{to},{trial},{},{train},{tested}\n", shown(window.objective)));
        }
        text
    }

    /// The days traded as CSV, each with the number of its window.
    pub fn returns_csv(&self) -> String {
        let mut text = "window,day,return\n".to_owned();
        for (number, window) in self.windows.iter().enumerate() {
            for (day, step) in window.daily.iter().enumerate() {
                let date = window.from.after(Span::DAY.times(day as i64)).date();
                text.push_str(&format!("{},{date},{step}\n", number + 1));
            }
        }
        text
    }
}
