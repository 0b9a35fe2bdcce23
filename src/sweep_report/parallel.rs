//! Parallel coordinates: a line for each trial through its parameters and its numbers.

use super::heat::{axes, measures, select};
use super::sources::Sources;
use super::terms::term;
use crate::report::page::escape::html;
use crate::report::page::{Chart, Page};
use serde_json::json;
use std::fmt::Write;

/// What draws it.
pub const SCRIPT: &str = include_str!("parallel.js");

/// Lines of the top share at most.
const TOP_MAX: usize = 150;
/// Lines of all others at most, beside the extremes of every column.
const OTHERS_MAX: usize = 300;

/// Columns that stand there at first, beside the objective.
const FIRST: [&str; 3] = ["total_return", "drawdown", "trades"];

/// The figure's markup; nothing where no trial has any numbers.
pub fn section(page: &mut Page, sources: &Sources) -> String {
    if sources.ranked.is_empty() {
        return String::new();
    }
    let term = term("parallel");
    let measures = measures(sources);
    let facts = json!({ "axes": axes(sources), "metrics": measures, "top": TOP_MAX, "others": OTHERS_MAX });
    let chart = Chart {
        height: 380,
        maker: Some("parallel"),
        facts,
        ..Chart::new("parallel", term.name, term.definition, Vec::new())
    };
    let shares = [("0.01", "1 %"), ("0.05", "5 %"), ("0.1", "10 %"), ("0.25", "25 %")];
    let shares = shares.iter().map(|(value, name)| ((*value).to_owned(), (*name).to_owned()));
    let mut tools =
        format!("<div class=\"tools\">{}</div>\n", select("parallel-share", "Highlighted: the best", shares, 1));
    tools.push_str(
        "<details class=\"tools\"><summary>Columns</summary><fieldset><legend class=\"hidden\">Columns shown</legend>",
    );
    for facts in &measures {
        let key = facts["key"].as_str().unwrap_or_default();
        let checked = if key == sources.objective.name() || FIRST.contains(&key) { " checked" } else { "" };
        write!(
            tools,
            "<label><input type=\"checkbox\" name=\"parallel-metric\" value=\"{0}\"{checked}> {0}</label> ",
            html(key)
        )
        .expect("a string can be written to");
    }
    tools.push_str("</fieldset></details>\n");
    page.chart(&chart, &tools)
}
