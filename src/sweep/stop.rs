//! Stopping hopeless trials on their way: a condition on what they have come to, looked at at stated checkpoints.

use super::expression::{Condition, Value};
use super::sheet::check_words;
use super::sums::Sums;
use crate::catalog::{Inspector, Stage};
use crate::domain::{Span, Timestamp};
use crate::engine::SoFar;
use crate::error::Result;

/// When a trial is stopped.
#[derive(Clone, Debug, PartialEq)]
pub struct StopRule {
    condition: Condition,
    text: String,
    checkpoints: u32,
}

/// What a trial on its way can be judged by.
struct Glance<'a> {
    so_far: &'a SoFar<'a>,
    sums: Sums,
    doubts: u64,
    at: Timestamp,
}

type Number = fn(&Glance<'_>) -> Option<f64>;

/// The columns of `trials.parquet` that are known on the way, as they stand there.
const NUMBERS: &[(&str, Number)] = &[
    ("profit", |glance| Some(glance.sums.profit(glance.so_far.opening_equity, glance.so_far.equity))),
    ("drawdown", |glance| Some(glance.so_far.max_drawdown)),
    ("trades", |glance| Some(glance.sums.totals.trades as f64)),
    ("win_rate", |glance| glance.sums.win_rate()),
    ("profit_factor", |glance| glance.sums.profit_factor()),
    ("expectancy", |glance| glance.sums.expectancy()),
    ("fees", |glance| Some(glance.sums.money(glance.sums.totals.fees))),
    ("slippage", |glance| Some(glance.sums.money(glance.sums.totals.slippage))),
    ("fills", |glance| Some(glance.sums.totals.fills as f64)),
    ("ambiguous_fills", |glance| Some(glance.sums.totals.ambiguous_fills as f64)),
    ("ambiguous_profit", |glance| Some(glance.sums.money(glance.sums.totals.ambiguous_profit))),
    ("doubts", |glance| Some(glance.doubts as f64)),
    ("refusals", |glance| Some(glance.so_far.refusals as f64)),
    ("average_hours", |glance| glance.sums.average_hours()),
    ("days", |glance| Some(glance.at.since(glance.so_far.start).days())),
];

impl StopRule {
    /// Understands a condition. The period is cut by so many checkpoints into pieces of equal length.
    ///
    /// # Errors
    /// When it is no condition, or names what is not known on the way.
    pub fn parse(text: &str, checkpoints: u32) -> Result<Self> {
        let condition = Condition::parse(text)?;
        check_words(&condition, NUMBERS.iter().map(|(name, _)| *name), &[], &[])
            .map_err(|fault| fault.within("--stop-when"))?;
        Ok(StopRule { condition, text: text.to_owned(), checkpoints })
    }

    /// As it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// How many checkpoints there are.
    pub fn checkpoints(&self) -> u32 {
        self.checkpoints
    }
}

/// So many instants that cut the period of a stage into pieces of equal length.
pub(super) fn checkpoints(stage: &Stage, count: u32) -> Vec<Timestamp> {
    let (from, to) = stage.span();
    let length = i128::from(to.nanos()) - i128::from(from.nanos());
    let nanos = |number: u32| length * i128::from(number) / i128::from(count + 1);
    (1..=count).map(|number| from.after(Span::from_nanos(nanos(number) as i64))).collect()
}

impl Inspector for StopRule {
    fn instants(&self, stage: &Stage) -> Vec<Timestamp> {
        checkpoints(stage, self.checkpoints)
    }

    fn reason_to_stop(&self, stage: &Stage, at: Timestamp, so_far: &SoFar<'_>, doubts: u64) -> Option<String> {
        // What cannot be summed up is no reason; the end of the trial will tell.
        let sums = Sums::of(stage, so_far.totals, so_far.prices).ok()?;
        let glance = Glance { so_far, sums, doubts, at };
        let number = |name: &str| {
            let (_, number) = NUMBERS.iter().find(|(known, _)| *known == name)?;
            Some(number(&glance).map_or(Value::Missing, Value::Number))
        };
        if !self.condition.holds(&number) {
            return None;
        }
        let mut names = self.condition.names();
        names.sort_unstable();
        names.dedup();
        let seen = names
            .into_iter()
            .map(|name| format!("{name} {}", super::table::shown(&number(name).unwrap_or(Value::Missing))));
        Some(format!("stopped at {at}, as {}: {}", self.text, seen.collect::<Vec<_>>().join(", ")))
    }
}
