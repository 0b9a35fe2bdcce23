//! What a run keeps for its charts: prices merged into few rows, single candles near trades, and the columns that the
//! strategies read.

use super::schedule::Schedule;
use super::stage::{Derived, Run, Stage};
use crate::domain::{CandleColumns, CandleRows, ClosedTrade, InstrumentId, Timestamp};
use crate::engine::Outcome;
use crate::error::Result;
use crate::report::windows;
use crate::report::{IndicatorTrack, NearCandles, Panel, PriceOverview};
use crate::strategy::Source;
use std::ops::Range;

/// Merged rows of all instruments together, and of one at most and at least.
const PRICE_ROWS: usize = 20_000;
const PRICE_ROWS_OF_ONE: Range<usize> = 2_000..12_000;

/// Single candles near trades, of all instruments together.
const NEAR_ROWS: usize = 150_000;

/// Columns that are kept of one series, in the order in which strategies asked for them.
const COLUMNS_OF_ONE: usize = 12;

/// The prices of every instrument over the run.
pub(super) fn prices(stage: &Stage, outcome: &Outcome) -> Vec<PriceOverview> {
    let most = most_rows(stage);
    let overview = |index: usize| {
        let id = InstrumentId(index as u16);
        PriceOverview::of(id, played(stage.candles(id), outcome), most)
    };
    (0..stage.plan.instruments.len()).map(overview).collect()
}

fn most_rows(stage: &Stage) -> usize {
    let instruments = stage.plan.instruments.len().max(1);
    (PRICE_ROWS / instruments).clamp(PRICE_ROWS_OF_ONE.start, PRICE_ROWS_OF_ONE.end)
}

/// The candles of the run: those that warm it up come before.
fn played<'a>(candles: &'a CandleColumns, outcome: &Outcome) -> CandleRows<'a> {
    let from = candles.first_at_or_after(outcome.start);
    let to = candles.first_at_or_after(outcome.end).max(from);
    candles.slice(from, to)
}

/// The candles near the trades of every instrument whose overview has merged them.
pub(super) fn near(stage: &Stage, outcome: &Outcome, prices: &[PriceOverview]) -> Vec<NearCandles> {
    let trades: Vec<&ClosedTrade> = telling(outcome);
    let of_one = |overview: &PriceOverview| {
        let id = overview.instrument;
        let rows = played(stage.candles(id), outcome);
        let own: Vec<(usize, usize)> = trades
            .iter()
            .filter(|trade| trade.instrument == id)
            .map(|trade| (row_at(rows, trade.entry_time), row_at(rows, trade.exit_time)))
            .collect();
        let budget = NEAR_ROWS * own.len() / trades.len().max(1);
        let mut kept = CandleColumns::default();
        for range in windows::near(&own, rows.len(), budget) {
            let part = rows.slice(range.start, range.end).to_columns();
            for (all, new) in kept.each_mut().into_iter().zip(part.each()) {
                all.extend_from_slice(new);
            }
        }
        NearCandles { instrument: id, rows: kept }
    };
    let merged = prices.iter().filter(|overview| overview.candles_per_row > 1);
    merged.map(of_one).filter(|near| !near.rows.is_empty()).collect()
}

/// The candles that hold entry and exit of each round trip, finished ones first.
pub(super) fn candles_of_trades(stage: &Stage, outcome: &Outcome) -> Vec<[u32; 2]> {
    let rows: Vec<CandleRows<'_>> = (0..stage.plan.instruments.len())
        .map(|index| played(stage.candles(InstrumentId(index as u16)), outcome))
        .collect();
    let of_one = |trade: &ClosedTrade| {
        let rows = rows[usize::from(trade.instrument.0)];
        [trade.entry_time, trade.exit_time].map(|at| row_at(rows, at) as u32)
    };
    outcome.records.trades.iter().chain(&outcome.open_trades).map(of_one).collect()
}

/// All trades, those that won or lost most of what was put in first.
fn telling(outcome: &Outcome) -> Vec<&ClosedTrade> {
    let mut trades: Vec<&ClosedTrade> = outcome.records.trades.iter().chain(&outcome.open_trades).collect();
    let size = |trade: &ClosedTrade| trade.profit.units().abs() as f64 / (trade.entry_notional.units() as f64).max(1.0);
    trades.sort_by(|one, other| size(other).total_cmp(&size(one)).then(one.number.cmp(&other.number)));
    trades
}

/// The row whose candle holds an instant, or the one before it.
fn row_at(rows: CandleRows<'_>, at: Timestamp) -> usize {
    rows.open_time.partition_point(|open| *open <= at.nanos()).saturating_sub(1)
}

/// The columns that the strategies read: near trades at every candle, elsewhere as often as there are merged prices.
///
/// # Errors
/// As [`Stage::run`].
pub(super) fn indicators(stage: &Stage, run: &Run, near: &[NearCandles]) -> Result<Vec<IndicatorTrack>> {
    let registry = &run.registry;
    let mut derived = Derived::default();
    let columns = registry.series.iter().map(|series| stage.columns_of(*series, &mut derived));
    let columns = columns.collect::<Result<Vec<_>>>()?;
    let schedule = Schedule::of(&stage.plan, registry, &columns)?;
    let tape = stage.tape(registry, &columns, &schedule);
    let most = most_rows(stage);
    let mut tracks = Vec::new();
    let mut values = Vec::new();
    for (place, (id, source)) in registry.columns.iter().enumerate() {
        let before = registry.columns[..place].iter().filter(|(other, _)| other == id).count();
        if before >= COLUMNS_OF_ONE {
            continue;
        }
        let series = registry.series[usize::from(id.0)];
        let rows = tape.series[usize::from(id.0)].columns.rows();
        values.clear();
        values.resize(rows.len(), f64::NAN);
        stage.recipe(registry, *id, *source).1.machine().fill(rows, &mut values);
        let (name, panel) = match source {
            Source::Indicator(spec) => (spec.name(), if spec.is_price() { Panel::Price } else { Panel::Own }),
            Source::Outside(outside) => (stage.plan.series[usize::from(outside.0)].name.clone(), Panel::Own),
        };
        let opens = near.iter().find(|near| near.instrument == series.instrument);
        let opens = opens.map_or(&[][..], |near| near.rows.open_time.as_slice());
        let mut track = IndicatorTrack {
            instrument: series.instrument,
            interval: series.interval,
            name,
            panel,
            times: Vec::new(),
            values: Vec::new(),
        };
        let first = rows.open_time.partition_point(|open| *open < run.outcome.start.nanos());
        let size = (rows.len() - first).div_ceil(most).max(1);
        let mut place = 0;
        for (row, value) in values.iter().enumerate().skip(first) {
            let (open, close) = (rows.open_time[row], rows.close_time(row, series.interval));
            while opens.get(place).is_some_and(|at| *at < open) {
                place += 1;
            }
            let is_near = opens.get(place).is_some_and(|at| *at < close.nanos());
            if (row - first) % size == size - 1 || row + 1 == rows.len() || is_near {
                track.times.push(close.nanos());
                track.values.push(*value);
            }
        }
        tracks.push(track);
    }
    Ok(tracks)
}
