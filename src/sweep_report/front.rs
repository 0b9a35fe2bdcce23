//! The Pareto front, where the sweep was for several objectives.

use super::heat::select;
use super::sources::Sources;
use super::terms::term;
use crate::report::page::{Chart, Page};
use serde_json::json;

/// What draws it.
pub const SCRIPT: &str = include_str!("front.js");

/// Dots beside the front at most.
const OTHERS_MAX: usize = 2_000;

/// The section's markup; none with fewer than two objectives, or where no trial lies on a front.
pub fn section(page: &mut Page, sources: &Sources) -> Option<String> {
    let is_on_front = |place: &usize| sources.trials[*place].get(crate::sweep::FRONT).is_some();
    if sources.objectives.len() < 2 || !sources.shown.iter().any(is_on_front) {
        return None;
    }
    let term = term("front");
    let objectives: Vec<_> =
        sources.objectives.iter().map(|objective| json!({ "key": objective.name(), "end": objective.end() })).collect();
    let chart = Chart {
        height: 400,
        maker: Some("front"),
        facts: json!({ "objectives": objectives, "others": OTHERS_MAX }),
        ..Chart::new("front-chart", term.name, term.definition, Vec::new())
    };
    let options =
        || sources.objectives.iter().map(|one| (one.name().to_owned(), format!("{}, {}", one.name(), one.end())));
    let selects = select("front-x", "Across", options(), 0) + &select("front-y", "Up", options(), 1);
    Some(page.chart(&chart, &format!("<div class=\"tools\">{selects}</div>\n")))
}
