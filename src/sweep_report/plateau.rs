//! How the neighbours of the best trials do, and what happens as one parameter moves away.

use super::measure;
use super::sources::Sources;
use super::terms::{number, term};
use crate::report::page::{Chart, Page, Table, text};
use crate::report::wording;
use crate::sweep::Trial;
use crate::validate::Terrain;
use serde_json::{Value, json};

/// Of so many of the best trials the neighbours are looked at.
const LEADERS: usize = 8;

/// Steps away from the best that a line goes at most.
const STEPS_MAX: i64 = 25;

/// Colours of the lines, one axis after the other.
const COLOURS: [&str; 6] = ["--long", "--loss", "--gain", "--fourth", "--benchmark", "--fifth"];

/// The section's markup.
pub fn section(page: &mut Page, sources: &Sources) -> String {
    let leaders = &sources.ranked[..sources.ranked.len().min(LEADERS)];
    if leaders.is_empty() {
        return format!("<p class=\"soft\">No trial has a {}.</p>\n", sources.objective.name());
    }
    if sources.axes.iter().all(|axis| !axis.is_numeric()) {
        return "<p class=\"soft\">No axis holds numbers: nothing is one step away.</p>\n".to_owned();
    }
    let terrain = Terrain::of(&sources.trials, &sources.axes);
    let around = around(sources, &terrain, leaders);
    let mut places = page.chart(&around, "");
    if let Some(chart) = slices(sources, &terrain, leaders[0]) {
        places.push_str(&page.chart(&chart, ""));
    }
    format!("<div class=\"pair\">{places}</div>\n{}", table(sources, &terrain, leaders))
}

/// The objective of each leader, and of its neighbours.
fn around(sources: &Sources, terrain: &Terrain<'_>, leaders: &[usize]) -> Chart {
    let name = sources.objective.name();
    let value = |place: &usize| sources.trials[*place].get(name);
    let label = |place: usize| format!("trial {}", sources.trials[place].number);
    let (mut x, mut y, mut words) = (Vec::new(), Vec::new(), Vec::new());
    for leader in leaders {
        for other in terrain.neighbours(*leader) {
            x.push(label(*leader));
            y.push(value(&other));
            words.push(described(sources, &sources.trials[other]));
        }
    }
    let dots = json!({
        "type": "scatter", "mode": "markers", "name": "neighbours", "x": x, "y": y, "text": words, "hoverinfo": "text",
        "marker": { "color": "--long", "size": 8, "opacity": 0.75 },
    });
    let names: Vec<String> = leaders.iter().map(|leader| label(*leader)).collect();
    let stars = json!({
        "type": "scatter", "mode": "markers", "name": "the trial itself", "x": names,
        "y": leaders.iter().map(value).collect::<Vec<_>>(), "hoverinfo": "text",
        "text": leaders.iter().map(|leader| described(sources, &sources.trials[*leader])).collect::<Vec<_>>(),
        "marker": { "color": "--loss", "size": 13, "symbol": "star" },
    });
    let layout = json!({
        "xaxis": { "type": "category", "categoryorder": "array", "categoryarray": names },
        "yaxis": { "title": { "text": name } },
    });
    let term = term("around");
    Chart { height: 320, layout, ..Chart::new("around", term.name, term.definition, vec![dots, stars]) }
}

/// The objective as one parameter after the other moves away from the best.
fn slices(sources: &Sources, terrain: &Terrain<'_>, best: usize) -> Option<Chart> {
    let name = sources.objective.name();
    let mut traces: Vec<Value> = Vec::new();
    for (number, axis) in sources.axes.iter().enumerate() {
        let mut found = terrain.along(best, number);
        found.retain(|(steps, _)| steps.abs() <= STEPS_MAX);
        if found.len() < 2 {
            continue;
        }
        let value = |place: usize| sources.trials[place].get(name);
        let words = |(_, place): &(i64, usize)| {
            let trial = &sources.trials[*place];
            let shown = value(*place).map_or_else(|| "undefined".to_owned(), |value| measure::text(name, value));
            escaped(&format!("{}={}: {name} {shown}, trial {}", axis.name, trial.values[number], trial.number))
        };
        let colour = COLOURS[traces.len() % COLOURS.len()];
        traces.push(json!({
            "type": "scatter", "mode": "lines+markers", "name": escaped(&axis.name), "connectgaps": false, "hoverinfo": "text",
            "x": found.iter().map(|(steps, _)| *steps).collect::<Vec<_>>(),
            "y": found.iter().map(|(_, place)| value(*place)).collect::<Vec<_>>(),
            "text": found.iter().map(words).collect::<Vec<_>>(),
            "line": { "color": colour, "width": 1.6 }, "marker": { "color": colour, "size": 6, "symbol": traces.len() },
        }));
    }
    if traces.is_empty() {
        return None;
    }
    let layout = json!({
        "xaxis": { "title": { "text": "steps away from the best" }, "zeroline": true }, "yaxis": { "title": { "text": name } },
        "showlegend": true,
    });
    let term = term("slices");
    Some(Chart { height: 320, layout, ..Chart::new("slices", term.name, term.definition, traces) })
}

fn table(sources: &Sources, terrain: &Terrain<'_>, leaders: &[usize]) -> String {
    let heads = [
        number("trial"),
        text("parameters"),
        number("objective"),
        number("neighbours"),
        number("neighbours_mean"),
        number("neighbours_worst"),
        number("near"),
        number("near_share"),
    ];
    let mut table = Table::new("Neighbours of the best trials", &heads);
    for leader in leaders {
        let trial = &sources.trials[*leader];
        let value = trial.get(sources.objective.name()).unwrap_or(f64::NAN);
        let share = |share: f64| wording::percent(share.is_finite().then_some(100.0 * share));
        let found = match terrain.plateau(*leader, sources.objective) {
            Ok(found) => [
                wording::count(found.neighbours as u64),
                share(found.mean),
                share(found.worst),
                wording::count(found.near as u64),
                share(found.share),
            ],
            Err(reason) => [reason.0, "", "", "", ""]
                .map(|text| if text.is_empty() { text.to_owned() } else { format!("n/a: {text}") }),
        };
        let own = [trial.number.to_string(), sources.parameters(trial), measure::text(sources.objective.name(), value)];
        table.row(&own.into_iter().chain(found).collect::<Vec<_>>());
    }
    format!("<div class=\"wide\">{}</div>", table.end())
}

/// A trial in one line, as the drawing library takes text.
fn described(sources: &Sources, trial: &Trial) -> String {
    let name = sources.objective.name();
    let value = trial.get(name).map_or_else(|| "undefined".to_owned(), |value| measure::text(name, value));
    escaped(&format!("{}: {name} {value}, trial {}", sources.parameters(trial), trial.number))
}

/// The drawing library reads some markup in text: here it is text.
pub fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
