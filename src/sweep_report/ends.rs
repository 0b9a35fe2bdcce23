//! What was refused, stopped, failed, halted or never traded.

use super::sources::Sources;
use super::terms::{number, term};
use crate::report::page::{Table, text};
use crate::report::wording;
use crate::sweep::{Status, Trial};
use std::collections::BTreeMap;

/// Messages that are listed at most.
const MESSAGES_MAX: usize = 50;

/// The section's markup.
pub fn section(sources: &Sources) -> String {
    let mut table = Table::new("Ends of the trials", &[text("trials that"), number("count"), text("what it means")]);
    let count = |holds: &dyn Fn(&Trial) -> bool| sources.trials.iter().filter(|trial| holds(trial)).count() as u64;
    let is = |status: Status| move |trial: &Trial| trial.status == status;
    let is_done = is(Status::Done);
    let lines: [(&str, u64); 7] = [
        ("ended_done", count(&is_done)),
        ("ended_invalid", count(&is(Status::Invalid))),
        ("ended_failed", count(&is(Status::Failed))),
        ("ended_stopped", count(&is(Status::Stopped))),
        ("never_traded", count(&|trial| is_done(trial) && trial.get("trades") == Some(0.0))),
        ("halted", count(&|trial| is_done(trial) && trial.get("halted_at").is_some())),
        ("without_objective", count(&|trial| is_done(trial) && sources.objective.score(trial).is_none())),
    ];
    for (key, count) in lines {
        let term = term(key);
        table.row(&[term.name.to_owned(), wording::count(count), term.definition.to_owned()]);
    }
    table.end() + &messages(sources)
}

/// What was said, with how many trials it was said of and the first of them.
fn messages(sources: &Sources) -> String {
    let mut said: BTreeMap<(&str, &str), (u64, u64)> = BTreeMap::new();
    for trial in &sources.trials {
        if let Some(message) = &trial.message {
            let (count, _) = said.entry((trial.status.name(), message)).or_insert((0, trial.number));
            *count += 1;
        }
    }
    if said.is_empty() {
        return String::new();
    }
    let mut lines: Vec<_> = said.into_iter().collect();
    lines.sort_by(|one, other| other.1.0.cmp(&one.1.0).then(one.1.1.cmp(&other.1.1)));
    let heads = [text("status"), text("message"), number("count"), number("first_trial")];
    let mut table = Table::new("Messages", &heads);
    for ((status, message), (count, first)) in lines.iter().take(MESSAGES_MAX) {
        table.row(&[(*status).to_owned(), (*message).to_owned(), wording::count(*count), first.to_string()]);
    }
    let more = match lines.len().saturating_sub(MESSAGES_MAX) {
        0 => String::new(),
        more => {
            format!("<p class=\"soft\">And {} other messages, in trials.parquet.</p>\n", wording::count(more as u64))
        }
    };
    format!("<h3>What was said</h3>\n{}{more}", table.end())
}
