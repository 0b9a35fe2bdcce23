//! From when to when a plan is played, by its period, its data and the warm-up of its desks.

use crate::domain::{CandleColumns, Series, SeriesId, Timestamp};
use crate::error::{Fault, Result};
use crate::scenario::{DeskPlan, Plan};
use crate::strategy::Registry;
use std::sync::Arc;

/// When the data begin, when each desk may trade, when it all ends.
#[derive(Clone, Debug)]
pub(super) struct Schedule {
    pub data_from: Timestamp,
    pub tradable_from: Vec<Timestamp>,
    pub start: Timestamp,
    pub end: Timestamp,
}

impl Schedule {
    /// The period begins at the first tradable candle; the warm-up of every desk comes before it, as far as there are
    /// data.
    pub fn of(plan: &Plan, registry: &Registry, columns: &[Arc<CandleColumns>]) -> Result<Self> {
        let end = plan.period.to.unwrap_or(Timestamp::MAX);
        let begin = plan.period.from.unwrap_or(Timestamp::MIN);
        let mut data_from = begin;
        for (desk, followed) in registry.desk_series.iter().enumerate() {
            for series in followed {
                let opens = &columns[usize::from(series.0)].open_time;
                let first = opens.partition_point(|open| *open < begin.nanos());
                let row = first.saturating_sub(registry.warm_up[desk] as usize);
                if let Some(open) = opens.get(row) {
                    data_from = data_from.min(Timestamp::from_nanos(*open));
                }
            }
        }
        let mut tradable_from = Vec::new();
        for (desk, of) in plan.desks.iter().enumerate() {
            let followed = registry.desk_series.get(desk).map(Vec::as_slice).unwrap_or_default();
            let mut from = begin.max(first_open(columns));
            for series in followed {
                from = from.max(warm_from(of, registry, columns, desk, *series, data_from, end)?);
            }
            tradable_from.push(from);
        }
        let start = tradable_from.iter().copied().min().unwrap_or(begin);
        if start >= end.min(last_close(registry, columns)) {
            return Err(Fault::user(format!("no candle is left to trade on: trading could begin at {start}"))
                .remedy("choose a longer period, earlier data, or parameters that need less warm-up"));
        }
        Ok(Schedule { data_from, tradable_from, start, end })
    }
}

/// When a desk's warm-up on one series is over.
fn warm_from(
    desk: &DeskPlan,
    registry: &Registry,
    columns: &[Arc<CandleColumns>],
    index: usize,
    series: SeriesId,
    data_from: Timestamp,
    end: Timestamp,
) -> Result<Timestamp> {
    let warm_up = registry.warm_up[index] as usize;
    let (of, opens) = (registry.series[usize::from(series.0)], &columns[usize::from(series.0)].open_time);
    let first = opens.partition_point(|open| *open < data_from.nanos());
    if warm_up == 0 {
        return Ok(opens.get(first).map_or(Timestamp::MIN, |open| Timestamp::from_nanos(*open)));
    }
    let last = opens.get(first + warm_up - 1).map(|open| Timestamp::from_nanos(*open).after(of.interval.span()));
    last.filter(|close| *close <= end).ok_or_else(|| {
        Fault::user(format!(
            "desk {}: {} needs {warm_up} candles of {} to warm up, and there are {} before the period ends",
            desk.name,
            desk.strategy,
            of.interval,
            opens[first..].partition_point(|open| closed_by(*open, of, end))
        ))
        .remedy("choose a longer period, earlier data, or parameters that need less warm-up")
    })
}

fn closed_by(open: i64, of: Series, end: Timestamp) -> bool {
    Timestamp::from_nanos(open).after(of.interval.span()) <= end
}

fn first_open(columns: &[Arc<CandleColumns>]) -> Timestamp {
    let first = columns.iter().filter_map(|columns| columns.open_time.first().copied()).min();
    first.map_or(Timestamp::MIN, Timestamp::from_nanos)
}

fn last_close(registry: &Registry, columns: &[Arc<CandleColumns>]) -> Timestamp {
    let close = |(series, columns): (&Series, &Arc<CandleColumns>)| {
        let last = columns.open_time.last().copied()?;
        Some(Timestamp::from_nanos(last).after(series.interval.span()))
    };
    registry.series.iter().zip(columns).filter_map(close).max().unwrap_or(Timestamp::MIN)
}
