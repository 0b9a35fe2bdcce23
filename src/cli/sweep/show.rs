//! What a finished sweep says on the terminal.

use super::order::Order;
use crate::cli::{counted, print};
use crate::error::Result;
use crate::sweep::{Shelf, Status, Trial, fronts, scores};

/// How many trials came to what end.
pub(in crate::cli) fn ends(trials: &[Trial]) -> String {
    let ended = |status: Status| trials.iter().filter(|trial| trial.status == status).count();
    let stopped = match ended(Status::Stopped) {
        0 => String::new(),
        count => format!(", {count} stopped on the way and not ranked"),
    };
    format!(
        "{}: {} done, {} invalid, {} failed{stopped}\n",
        counted(trials.len() as u64, "trial"),
        ended(Status::Done),
        ended(Status::Invalid),
        ended(Status::Failed)
    )
}

/// The best trials, and how many came to what end.
pub(super) fn show(top: usize, order: &Order, shelf: &Shelf, trials: &[Trial]) -> Result<()> {
    let mut text = ends(trials);
    let kept =
        trials.iter().filter(|trial| order.keep.as_ref().is_none_or(|keep| trial.satisfies(&order.grid.axes, keep)));
    let mut best: Vec<(&Trial, Vec<f64>)> =
        kept.filter_map(|trial| Some((trial, scores(&order.objectives, trial)?))).collect();
    best.sort_by(|one, other| other.1[0].total_cmp(&one.1[0]).then(one.0.number.cmp(&other.0.number)));
    if order.objectives.len() > 1 {
        let fronts = fronts(&best.iter().map(|(_, scores)| scores.clone()).collect::<Vec<_>>());
        let mut places = fronts.iter();
        best.retain(|_| places.next() == Some(&1));
        text.push_str(&format!("{} on the Pareto front\n", counted(best.len() as u64, "trial")));
    }
    let best: Vec<&Trial> = best.into_iter().map(|(trial, _)| trial).collect();
    let mut columns: Vec<&str> = order.objectives.iter().map(|objective| objective.name()).collect();
    for name in ["total_return", "drawdown", "trades", "profit_factor"] {
        if !columns.contains(&name) {
            columns.push(name);
        }
    }
    let axes: Vec<&str> = order.grid.axes.iter().map(|axis| axis.name.as_str()).collect();
    let head: Vec<&str> = ["trial"].into_iter().chain(axes).chain(columns.iter().copied()).collect();
    let mut lines: Vec<Vec<String>> = vec![head.into_iter().map(str::to_owned).collect()];
    for trial in best.iter().take(top) {
        let number = |name: &&str| trial.get(name).map_or_else(|| "n/a".to_owned(), |value| short(name, value));
        let cells = [trial.number.to_string()].into_iter().chain(trial.values.iter().cloned());
        lines.push(cells.chain(columns.iter().map(number)).collect());
    }
    text.push_str(&aligned(&lines));
    let first_invalid = trials.iter().find(|trial| trial.status == Status::Invalid);
    let none_done = trials.iter().all(|trial| trial.status != Status::Done);
    if let (true, Some(invalid)) = (none_done, first_invalid) {
        let message = invalid.message.as_deref().unwrap_or("without a message");
        text.push_str(&format!("trial {} ({}) is invalid: {message}\n", invalid.number, invalid.values.join(", ")));
    }
    if let Some(failed) = trials.iter().find(|trial| trial.status == Status::Failed) {
        let message = failed.message.as_deref().unwrap_or("without a message");
        text.push_str(&format!("trial {} ({}) failed: {message}\n", failed.number, failed.values.join(", ")));
    }
    if let Some(best) = best.first() {
        let place = shelf.place_of(&best.number.to_string());
        text.push_str(&format!("the best again, with its report: tapeline run --trial {place}\n"));
    }
    print(&text)
}

/// A number of a column for people.
pub(in crate::cli) fn short(name: &str, value: f64) -> String {
    match name {
        "trades" | "fills" | "refusals" | "doubts" | "ambiguous_fills" | "open_trades" => format!("{value:.0}"),
        _ => format!("{value:.4}"),
    }
}

/// Columns flush right, two spaces between them.
pub(in crate::cli) fn aligned(lines: &[Vec<String>]) -> String {
    let columns = lines.first().map_or(0, Vec::len);
    let width = |column: usize| lines.iter().map(|line| line[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = String::new();
    for line in lines {
        let cells: Vec<String> = line.iter().zip(&widths).map(|(cell, width)| format!("{cell:>width$}")).collect();
        text.push_str(cells.join("  ").trim_end());
        text.push('\n');
    }
    text
}
