//! The statistics of a run, from its outcome by way of the room of metrics, which owns their words.

use super::MetricRow;
use crate::domain::{Amount, Timestamp};
use crate::engine::Outcome;
use crate::metrics::{Inputs, Statistics, TradeResult};

/// All statistics. `profits` are those of the finished trades, in their order, in the account's currency, which has so
/// many `decimals`.
pub fn rows(outcome: &Outcome, profits: &[Amount], decimals: u8) -> Vec<MetricRow> {
    let equity: Vec<(Timestamp, f64)> =
        outcome.daily.iter().map(|(at, equity)| (*at, equity.to_f64(decimals))).collect();
    let trades: Vec<TradeResult> = outcome
        .records
        .trades
        .iter()
        .zip(profits)
        .map(|(trade, profit)| TradeResult {
            opened_at: trade.entry_time,
            closed_at: trade.exit_time,
            profit: profit.to_f64(decimals),
            risk: None,
        })
        .collect();
    let open_since: Vec<Timestamp> = outcome.open_trades.iter().map(|trade| trade.entry_time).collect();
    let statistics = Statistics::compute(&Inputs {
        equity: &equity,
        candle_drawdown: Some(outcome.max_drawdown),
        trades: &trades,
        open_since: &open_since,
        halted_at: outcome.halted_at,
    });
    let line = |row: crate::metrics::Row| MetricRow {
        key: row.key.to_owned(),
        label: row.label.to_owned(),
        unit: row.unit.to_owned(),
        definition: row.definition.to_owned(),
        value: row.value.value(),
        reason: row.value.reason().map(str::to_owned),
        note: row.note.map(str::to_owned),
    };
    statistics.rows().into_iter().map(line).collect()
}
