//! The statistics of a run, from its outcome by way of the room of metrics, which owns their words.

use super::{IntervalLine, MetricRow};
use crate::domain::{Amount, Timestamp};
use crate::engine::Outcome;
use crate::metrics::luck::sharpe_bootstrap::{self, SharpeBootstrap};
use crate::metrics::statistics::measured_returns;
use crate::metrics::{DAYS_PER_YEAR, Inputs, Statistics, TradeResult};

/// The probability that the interval of the Sharpe ratio is made for.
const CONFIDENCE: f64 = 0.95;

/// All statistics. `profits` are those of the finished trades, in their order, in the account's currency, which has so
/// many `decimals`.
pub fn rows(outcome: &Outcome, profits: &[Amount], decimals: u8) -> Vec<MetricRow> {
    let equity = equity(outcome, decimals);
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

/// How sure the Sharpe ratio is. The account's currency has so many `decimals`.
pub fn sharpe_interval(outcome: &Outcome, decimals: u8) -> IntervalLine {
    let returns = measured_returns(&equity(outcome, decimals), outcome.halted_at);
    let found = returns.and_then(|returns| SharpeBootstrap::of(&returns, DAYS_PER_YEAR));
    IntervalLine {
        confidence: CONFIDENCE,
        low: found.ok().map(|found| found.low),
        high: found.ok().map(|found| found.high),
        block: found.ok().map(|found| found.block),
        definition: sharpe_bootstrap::DEFINITION.to_owned(),
        reason: found.err().map(|undefined| undefined.0.to_owned()),
    }
}

/// Equity at the start, at every UTC midnight and at the end.
fn equity(outcome: &Outcome, decimals: u8) -> Vec<(Timestamp, f64)> {
    outcome.daily.iter().map(|(at, equity)| (*at, equity.to_f64(decimals))).collect()
}
