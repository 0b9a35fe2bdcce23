//! A finished trial in numbers: one row of `trials.parquet`.

use super::axis::Axis;
use super::expression::{Condition, Value};
use super::sheet::Direction;
use super::sums::Sums;
use crate::catalog::{LaneEnd, LaneRun, Stage, Stopped};
use crate::domain::Timestamp;
use crate::error::{Fault, FaultKind};
use crate::metrics::{Inputs, Statistics};

/// What became of one combination.
#[derive(Clone, Debug, PartialEq)]
pub struct Trial {
    /// Its number in the grid.
    pub number: u64,
    /// The value of each axis.
    pub values: Vec<String>,
    /// How it ended.
    pub status: Status,
    /// Why, where it did not end well.
    pub message: Option<String>,
    /// The fingerprint of its session, hexadecimal.
    pub fingerprint: Option<String>,
    /// By [`COLUMNS`]; none where a number is not defined.
    pub numbers: Vec<Option<f64>>,
}

/// How a trial ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It ran to the end of the data, or to its halt.
    Done,
    /// The combination is none that the strategy or the data allow.
    Invalid,
    /// It failed or panicked: a bug worth reporting.
    Failed,
    /// It looked hopeless on its way and was not run to the end.
    Stopped,
}

impl Status {
    /// The word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Status::Done => "done",
            Status::Invalid => "invalid",
            Status::Failed => "failed",
            Status::Stopped => "stopped",
        }
    }
}

/// A column of numbers: its name and what it means.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// Its name.
    pub name: &'static str,
    /// What it means, with its unit.
    pub about: &'static str,
    /// Which end of it is wanted.
    pub better: Direction,
    value: fn(&Facts<'_>) -> Option<f64>,
}

/// What the columns are made from.
struct Facts<'a> {
    run: &'a LaneRun,
    statistics: Statistics,
    sums: Sums,
    refusals: u64,
}

macro_rules! column {
    ($name:expr, $about:literal, $value:expr) => {
        Column { name: $name, about: $about, better: Direction::Descending, value: $value }
    };
    (least $name:expr, $about:literal, $value:expr) => {
        Column { name: $name, about: $about, better: Direction::Ascending, value: $value }
    };
}

/// The column of a trial that was stopped.
const STOPPED_AT: &str = "stopped_at";

/// The column that tells on which Pareto front a trial lies.
pub const FRONT: &str = "front";

/// The columns of numbers, in order. Statistics on daily returns are those of a single run's summary.
pub const COLUMNS: &[Column] = &[
    column!("profit", "final less opening equity, account currency", |facts| {
        let outcome = &facts.run.outcome;
        Some(facts.sums.profit(outcome.opening_equity, outcome.final_equity))
    }),
    column!("total_return", "profit as a fraction of the opening equity", |facts| facts.statistic("total_return")),
    column!("cagr", "compound annual growth rate, a fraction", |facts| facts.statistic("cagr")),
    column!(least "volatility", "of daily returns, annualised, a fraction", |facts| facts.statistic("volatility")),
    column!("sharpe", "of daily returns, annualised by 365 days", |facts| facts.statistic("sharpe")),
    column!("sortino", "of daily returns, annualised by 365 days", |facts| facts.statistic("sortino")),
    column!("calmar", "cagr over the drawdown of the daily equity", |facts| facts.statistic("calmar")),
    column!("psr", "probability that the true Sharpe ratio is above zero", |facts| facts.statistic("psr")),
    column!("skew", "of daily returns", |facts| facts.statistic("skew")),
    column!(least "kurtosis", "of daily returns, raw", |facts| facts.statistic("kurtosis")),
    column!(least "drawdown", "largest fall from a peak over the closes of all candles, a fraction", |facts| {
        Some(facts.run.outcome.max_drawdown)
    }),
    column!(least "ulcer", "ulcer index of the daily equity", |facts| facts.statistic("ulcer")),
    column!("trades", "finished round trips", |facts| Some(facts.sums.totals.trades as f64)),
    column!("win_rate", "share of the finished round trips with a profit", |facts| { facts.sums.win_rate() }),
    column!("profit_factor", "gross profit over gross loss of the finished round trips", |facts| {
        facts.sums.profit_factor()
    }),
    column!("expectancy", "mean net profit of a finished round trip, account currency", |facts| {
        facts.sums.expectancy()
    }),
    column!(least "fees", "fees of the finished round trips, account currency", |facts| Some(facts.sums.money(facts.sums.totals.fees))),
    column!(least "slippage", "modelled slippage of the finished round trips, account currency", |facts| {
        Some(facts.sums.money(facts.sums.totals.slippage))
    }),
    column!("fills", "executions", |facts| Some(facts.sums.totals.fills as f64)),
    column!(least "ambiguous_fills", "executions that the data do not prove", |facts| {
        Some(facts.sums.totals.ambiguous_fills as f64)
    }),
    column!("ambiguous_profit", "net profit of the round trips with such an execution, account currency", |facts| {
        Some(facts.sums.money(facts.sums.totals.ambiguous_profit))
    }),
    column!(least "doubts", "how often the data could not tell what happened", |facts| Some(facts.run.doubts as f64)),
    column!(least "refusals", "orders that the desks did not send", |facts| Some(facts.refusals as f64)),
    column!("average_hours", "mean length of a finished round trip, hours", |facts| { facts.sums.average_hours() }),
    column!(least "open_trades", "round trips still open at the end", |facts| {
        Some(facts.run.outcome.open_trades.len() as f64)
    }),
    column!("halted_at", "since when trading was halted, seconds since 1970", |facts| {
        facts.run.outcome.halted_at.map(seconds)
    }),
    column!("stopped_at", "at which checkpoint it was stopped, seconds since 1970", |facts| {
        facts.run.stopped.as_ref().map(|stopped| seconds(stopped.at))
    }),
    column!("days", "length of the period, days of 24 hours", |facts| {
        Some(facts.run.outcome.end.since(facts.run.outcome.start).days())
    }),
    // Known when all trials are: the sweep puts it in as it finishes.
    column!(least FRONT, "Pareto front of the sweep's objectives, from 1; of a sweep with several", |_| None),
];

fn seconds(at: Timestamp) -> f64 {
    at.nanos() as f64 / 1e9
}

impl Facts<'_> {
    fn statistic(&self, key: &str) -> Option<f64> {
        self.statistics.get(key).and_then(|metric| metric.value())
    }
}

impl Trial {
    /// The row of a lane that has ended.
    pub fn of(number: u64, values: Vec<String>, stage: &Stage, end: &LaneEnd) -> Self {
        if let Ok(LaneRun { stopped: Some(stopped), .. }) = end {
            return Trial::stopped(number, values, stopped);
        }
        match end.as_ref().map_err(Fault::clone).and_then(|run| Facts::of(stage, run).map(|facts| (run, facts))) {
            Ok((run, facts)) => Trial {
                number,
                values,
                status: if run.outcome.complaints.is_empty() { Status::Done } else { Status::Failed },
                message: run.outcome.complaints.first().map(|complaint| complaint.text.clone()),
                fingerprint: Some(format!("{:032x}", run.outcome.fingerprint)),
                numbers: COLUMNS.iter().map(|column| (column.value)(&facts)).collect(),
            },
            Err(fault) => Trial::without_run(number, values, &fault),
        }
    }

    /// The row of a lane that was stopped: when and why, and no number that could be taken for that of a whole run.
    fn stopped(number: u64, values: Vec<String>, stopped: &Stopped) -> Self {
        let at = |column: &Column| (column.name == STOPPED_AT).then_some(seconds(stopped.at));
        Trial {
            number,
            values,
            status: Status::Stopped,
            message: Some(stopped.reason.clone()),
            fingerprint: None,
            numbers: COLUMNS.iter().map(at).collect(),
        }
    }

    /// The row of a combination that could not be run.
    pub fn without_run(number: u64, values: Vec<String>, fault: &Fault) -> Self {
        let status = match fault.kind() {
            FaultKind::User => Status::Invalid,
            FaultKind::Failure => Status::Failed,
        };
        let (message, numbers) = (Some(fault.to_string()), vec![None; COLUMNS.len()]);
        Trial { number, values, status, message, fingerprint: None, numbers }
    }

    /// Whether a condition holds of its axes and columns.
    pub fn satisfies(&self, axes: &[Axis], condition: &Condition) -> bool {
        condition.holds(&|name| {
            if let Some(index) = COLUMNS.iter().position(|known| known.name == name) {
                return Some(self.numbers[index].map_or(Value::Missing, Value::Number));
            }
            let index = axes.iter().position(|axis| axis.name == name)?;
            Some(Value::of(&self.values[index]))
        })
    }

    /// The number of a column.
    pub fn get(&self, column: &str) -> Option<f64> {
        COLUMNS.iter().position(|known| known.name == column).and_then(|index| self.numbers[index])
    }
}

impl<'a> Facts<'a> {
    fn of(stage: &Stage, run: &'a LaneRun) -> Result<Self, Fault> {
        let (outcome, listing) = (&run.outcome, &stage.listing);
        let decimals = listing.assets[usize::from(listing.valuation.currency().0)].decimals;
        let equity: Vec<(Timestamp, f64)> =
            outcome.daily.iter().map(|(at, equity)| (*at, equity.to_f64(decimals))).collect();
        let statistics = Statistics::compute(&Inputs {
            equity: &equity,
            candle_drawdown: Some(outcome.max_drawdown),
            halted_at: outcome.halted_at,
            ..Inputs::default()
        });
        let sums = Sums::of(stage, &outcome.records.totals, &outcome.last_prices)?;
        let refusals = outcome.desks.iter().flat_map(|desk| &desk.refusals).sum();
        Ok(Facts { run, statistics, sums, refusals })
    }
}
