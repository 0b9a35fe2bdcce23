//! The heat map: two axes chosen by the reader, the others held or gathered, one number as colour.

use super::measure;
use super::sources::Sources;
use super::terms::term;
use crate::report::page::escape::html;
use crate::report::page::{Chart, Page};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fmt::Write;

/// What draws it.
pub const SCRIPT: &str = include_str!("heat.js");

/// Cells along an axis at most; of an axis with more values, neighbours share one.
const CELLS_MAX: usize = 60;

/// How the trials of one cell become one number: its word for the script, and its name.
const GATHERED: [(&str, &str); 4] =
    [("best", "the best"), ("median", "the median"), ("worst", "the worst"), ("mean", "the mean")];

/// The section's markup.
pub fn section(page: &mut Page, sources: &Sources) -> String {
    if sources.ranked.is_empty() && measures(sources).is_empty() {
        return "<p class=\"soft\">No trial has any numbers: there is nothing to draw.</p>\n".to_owned();
    }
    let term = term("heat");
    let facts = json!({ "axes": axes(sources), "metrics": measures(sources), "most": CELLS_MAX });
    let chart =
        Chart { height: 460, maker: Some("heat"), facts, ..Chart::new("heat", term.name, term.definition, Vec::new()) };
    let selects = selects(sources);
    let status = "<p class=\"soft\" id=\"heat-status\" role=\"status\">A click on a cell, or Enter on the one that the arrow keys point at, \
                  shows its trials in the table below.</p>\n";
    page.chart(&chart, &selects) + status
}

/// The values of an axis that the shown trials have: numbers in their order, words in that of the sweep.
pub fn values(sources: &Sources, number: usize) -> Vec<String> {
    let tried: BTreeSet<&str> =
        sources.shown.iter().map(|place| sources.trials[*place].values[number].as_str()).collect();
    let axis = &sources.axes[number];
    let mut values: Vec<String> = axis.values.iter().filter(|value| tried.contains(value.as_str())).cloned().collect();
    if axis.is_numeric() {
        let number = |text: &String| text.parse().unwrap_or(f64::NAN);
        values.sort_by(|one, other| f64::total_cmp(&number(one), &number(other)));
    }
    values
}

/// The axes as the scripts know them.
pub fn axes(sources: &Sources) -> Vec<Value> {
    let axis = |number: usize| {
        let axis = &sources.axes[number];
        json!({ "name": axis.name, "numeric": axis.is_numeric(), "values": values(sources, number) })
    };
    (0..sources.axes.len()).map(axis).collect()
}

/// The numbers that any shown trial has, the objective first.
pub fn measures(sources: &Sources) -> Vec<Value> {
    let first = sources.objective.name();
    let has = |name: &str| sources.shown.iter().any(|place| sources.trials[*place].get(name).is_some());
    let mut columns: Vec<_> = measure::all().filter(|column| has(column.name)).collect();
    columns.sort_by_key(|column| column.name != first);
    let with_end = |facts: Value, name: &str| {
        let mut facts = facts;
        if name == first {
            facts["least"] = json!(sources.objective.end() == "least");
        }
        facts
    };
    columns.into_iter().map(|column| with_end(measure::facts(column), column.name)).collect()
}

fn selects(sources: &Sources) -> String {
    let mut out = String::from("<div class=\"tools\">");
    let names: Vec<&str> = sources.axes.iter().map(|axis| axis.name.as_str()).collect();
    let numbered = || names.iter().enumerate().map(|(number, name)| (number.to_string(), (*name).to_owned()));
    let measures = measures(sources);
    let keys = measures.iter().map(|facts| facts["key"].as_str().unwrap_or_default().to_owned());
    out.push_str(&select("heat-metric", "Colour", keys.map(|key| (key.clone(), key)), 0));
    let words = GATHERED.iter().map(|(word, name)| ((*word).to_owned(), (*name).to_owned()));
    out.push_str(&select("heat-gather", "of several trials", words, 0));
    if names.len() > 1 {
        let (across, down) = widest(sources);
        out.push_str(&select("heat-x", "Across", numbered(), across));
        out.push_str(&select("heat-y", "Down", numbered(), down));
        for (number, name) in names.iter().enumerate() {
            let all = std::iter::once((String::new(), "all values".to_owned()));
            let one = values(sources, number).into_iter().enumerate().map(|(place, text)| (place.to_string(), text));
            out.push_str(&select(&format!("heat-hold-{number}"), name, all.chain(one), 0));
        }
    }
    out + "</div>\n"
}

/// The two axes with most values: the first to look at.
fn widest(sources: &Sources) -> (usize, usize) {
    let mut order: Vec<usize> = (0..sources.axes.len()).collect();
    order.sort_by_key(|number| std::cmp::Reverse(values(sources, *number).len()));
    (order[0], order[1])
}

/// A labelled selection.
pub fn select(id: &str, label: &str, options: impl Iterator<Item = (String, String)>, chosen: usize) -> String {
    let mut out = format!("<label id=\"{id}-label\">{} <select id=\"{id}\">", html(label));
    for (place, (value, name)) in options.enumerate() {
        let chosen = if place == chosen { " selected" } else { "" };
        write!(out, "<option value=\"{}\"{chosen}>{}</option>", html(&value), html(&name))
            .expect("a string can be written to");
    }
    out + "</select></label> "
}
