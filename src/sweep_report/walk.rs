//! Walking forward: what was chosen window by window, and what it did next.

use super::judged::{Walk, Window};
use super::measure;
use super::plateau::escaped;
use super::sources::Sources;
use super::terms::{number, term};
use crate::report::page::escape::html;
use crate::report::page::{Chart, Page, Table, text};
use crate::report::wording;
use serde_json::{Value, json};

/// The section's markup.
pub fn section(page: &mut Page, sources: &Sources) -> String {
    let Some(judged) = &sources.judged else {
        return not_walked(sources);
    };
    let Some(walk) = &judged.walk_forward else {
        return not_walked(sources);
    };
    let keys = ["walk_forward_efficiency", "walk_forward_sharpe", "walk_forward_psr", "walk_forward_gains"];
    let numbers = keys.iter().filter_map(|key| judged.get(key));
    let numbers: Vec<String> = numbers.map(|found| format!("{} {}", found.label, found.text())).collect();
    // Anchored training begins on one day and grows window by window.
    let at_first = if walk.training == "anchored" { " at first" } else { "" };
    let lead = format!(
        "Training is {}, of {} days{at_first}, {} days traded between two choices. {}.",
        walk.training,
        walk.train_days,
        walk.test_days,
        numbers.join(" · ")
    );
    let mut places = page.chart(&returns(walk), "");
    places.push_str(&page.chart(&chosen(sources, walk), ""));
    format!("<p class=\"soft\">{}</p>\n<div class=\"pair\">{places}</div>\n{}", html(&lead), table(sources, walk))
}

fn not_walked(sources: &Sources) -> String {
    if !sources.keeps_returns() {
        return "<p>Not walked forward: the sweep kept no daily returns.</p>\n".to_owned();
    }
    let command = sources.validate_command("--walk-forward rolling --train 180 --test 60");
    format!(
        "<p>Not walked forward: nobody has chosen on the past and traded what came next. Run <code>{}</code>.</p>\n",
        html(&command)
    )
}

/// Training and trading, side by side.
fn returns(walk: &Walk) -> Chart {
    let names: Vec<&str> = walk.windows.iter().map(|window| window.test_from.as_str()).collect();
    let bars = |name: &str, colour: &str, of: fn(&Window) -> f64| {
        json!({
            "type": "bar", "name": name, "x": names, "y": walk.windows.iter().map(|window| 100.0 * of(window)).collect::<Vec<_>>(),
            "marker": { "color": colour },
            "hovertemplate": format!("window from %{{x}}, {name}: %{{y:.2f}} %<extra></extra>"),
        })
    };
    let traces = vec![
        bars("training", "--soft", |window| window.train_return),
        bars("traded after it", "--long", |window| window.test_return),
    ];
    let layout = json!({ "xaxis": { "type": "category" }, "yaxis": { "title": { "text": "%" } }, "barmode": "group" });
    let term = term("windows");
    Chart { height: 300, layout, ..Chart::new("windows", term.name, term.definition, traces) }
}

/// The parameters chosen, each as its place along its axis.
fn chosen(sources: &Sources, walk: &Walk) -> Chart {
    let names: Vec<&str> = walk.windows.iter().map(|window| window.test_from.as_str()).collect();
    let colours = ["--long", "--loss", "--gain", "--fourth", "--benchmark", "--fifth"];
    let trace = |number: usize| -> Value {
        let values = super::heat::values(sources, number);
        let text_of = |window: &Window| Some(sources.trial(window.trial?)?.values[number].as_str());
        let last = (values.len().max(2) - 1) as f64;
        let place = |window: &Window| {
            let text = text_of(window)?;
            Some(values.iter().position(|value| value == text)? as f64 / last)
        };
        let words: Vec<String> =
            walk.windows.iter().map(|window| escaped(text_of(window).unwrap_or_default())).collect();
        let colour = colours[number % colours.len()];
        json!({
            "type": "scatter", "mode": "lines+markers", "name": escaped(&sources.axes[number].name), "x": names, "text": words, "connectgaps": false,
            "y": walk.windows.iter().map(place).collect::<Vec<_>>(), "line": { "color": colour, "shape": "hv", "width": 1.6 },
            "marker": { "color": colour, "size": 7, "symbol": number },
            "hovertemplate": "%{x}: %{text}",
        })
    };
    let traces = (0..sources.axes.len()).map(trace).collect();
    let layout = json!({
        "xaxis": { "type": "category" }, "showlegend": true,
        "yaxis": { "range": [-0.08, 1.08], "tickvals": [0, 1], "ticktext": ["least", "most"] },
    });
    let term = term("chosen");
    Chart { height: 300, layout, ..Chart::new("chosen", term.name, term.definition, traces) }
}

fn table(sources: &Sources, walk: &Walk) -> String {
    let heads = [
        text("training from"),
        text("traded from"),
        text("traded to before"),
        number("window_trial"),
        text("parameters"),
        number("window_objective"),
        number("train_return"),
        number("test_return"),
    ];
    let mut table = Table::new("Windows of walking forward", &heads);
    let objective = sources.judged.as_ref().map_or("", |judged| judged.objective.name());
    for window in &walk.windows {
        let trial = window.trial.and_then(|number| sources.trial(number));
        table.row(&[
            window.train_from.clone(),
            window.test_from.clone(),
            window.test_to.clone(),
            window.trial.map_or_else(|| "none".to_owned(), |number| number.to_string()),
            trial.map_or_else(String::new, |trial| sources.parameters(trial)),
            window.objective.map_or_else(|| wording::UNDEFINED.to_owned(), |value| measure::text(objective, value)),
            wording::signed_percent(Some(100.0 * window.train_return)),
            wording::signed_percent(Some(100.0 * window.test_return)),
        ]);
    }
    format!("<div class=\"wide\">{}</div>", table.end())
}
