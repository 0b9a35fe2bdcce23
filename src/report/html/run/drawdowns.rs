//! How deep and how long the account stood below its peaks, and how deep it could have.

use super::curve::Curve;
use super::terms::{number, term};
use crate::metrics::drawdowns::{self, Fall};
use crate::metrics::luck::drawdown_fan::{self, DrawdownFan};
use crate::report::html::page::escape::html;
use crate::report::html::page::{Chart, Page, Table, Zoom, text};
use crate::report::wording;
use serde_json::json;

/// Drawdowns that are listed.
const LISTED: usize = 10;
/// Drawdowns that are marked in the chart.
const MARKED: usize = 5;

/// The whole section: underwater, the worst drawdowns, the fan.
pub fn section(page: &mut Page, curve: &Curve) -> String {
    let falls = drawdowns::falls(&curve.samples);
    let underwater = page.chart(&underwater(&falls), "");
    let worst = match falls.is_empty() {
        true => "<p class=\"soft\">The equity was never below an earlier peak.</p>\n".to_owned(),
        false => format!("<h3>The worst drawdowns</h3>\n{}", table(&falls)),
    };
    let fan = match curve.returns.as_ref().map_err(|undefined| *undefined).and_then(|returns| DrawdownFan::of(returns))
    {
        Ok(fan) => page.chart(&fan_chart(&fan), ""),
        Err(undefined) => format!("<p class=\"soft\">{}: n/a, {}.</p>\n", html(term("fan").name), html(undefined.0)),
    };
    underwater + &worst + &fan
}

fn underwater(falls: &[Fall]) -> Chart {
    let term = term("underwater");
    let trace = json!({
        "type": "scatter", "mode": "lines", "name": "below the peak", "x": "@equity.time", "y": "@equity.drawdown",
        "fill": "tozeroy", "line": { "color": "--loss", "width": 1 }, "detail": true,
        "hovertemplate": "%{x}<br>%{y:.2f} %<extra></extra>",
    });
    let mark = |fall: &Fall| {
        let course = fall.course;
        json!({
            "type": "rect", "xref": "x", "yref": "paper", "y0": 0, "y1": 1, "layer": "below", "line": { "width": 0 },
            "x0": course.peak.millis(), "x1": course.recovery.unwrap_or(course.end).millis(), "fillcolor": "--faint",
        })
    };
    let shapes: Vec<_> = falls.iter().take(MARKED).map(mark).collect();
    let note = format!("{}. The {MARKED} deepest drawdowns are shaded from peak to recovery.", term.definition);
    Chart {
        height: 240,
        zooms: Zoom::Time,
        layout: json!({ "shapes": shapes, "yaxis": { "title": { "text": "%" } } }),
        ..Chart::new("underwater", term.name, &note, vec![trace])
    }
}

fn table(falls: &[Fall]) -> String {
    let heads =
        [text("peak"), text("trough"), text("recovered"), number("depth"), number("days_down"), number("days_up")];
    let mut table = Table::new("The worst drawdowns", &heads);
    for Fall { depth, course } in falls.iter().take(LISTED) {
        let recovered = course.recovery.map_or_else(|| "not by the end".to_owned(), |at| at.date());
        let days = |days: f64| format!("{days:.0}");
        table.row(&[
            course.peak.date(),
            course.trough.date(),
            recovered,
            wording::percent(Some(100.0 * depth)),
            days(course.trough.since(course.peak).days()),
            days(course.recovery.unwrap_or(course.end).since(course.trough).days()),
        ]);
    }
    table.end()
}

fn fan_chart(fan: &DrawdownFan) -> Chart {
    let term = term("fan");
    let row = |place: usize| -> Vec<f64> { fan.quantiles.iter().map(|row| percent(row[place])).collect() };
    let edge = |place: usize, name: &str, fill: Option<&str>| {
        let mut trace = json!({
            "type": "scatter", "mode": "lines", "name": name, "x": fan.days, "y": row(place), "showlegend": fill.is_some(),
            "line": { "color": "--long", "width": 0.5 }, "hovertemplate": format!("day %{{x}}: %{{y:.2f}} %<extra>{name}</extra>"),
        });
        if let Some(fill) = fill {
            trace["fill"] = json!("tonexty");
            trace["fillcolor"] = json!(fill);
        }
        trace
    };
    let line = |name: &str, y: Vec<f64>, colour: &str, dash: &str| {
        json!({
            "type": "scatter", "mode": "lines", "name": name, "x": fan.days, "y": y,
            "line": { "color": colour, "width": 2, "dash": dash },
            "hovertemplate": format!("day %{{x}}: %{{y:.2f}} %<extra>{name}</extra>"),
        })
    };
    let actual = fan.actual.iter().map(|depth| percent(*depth)).collect();
    let traces = vec![
        edge(0, "5 % quantile", None),
        edge(4, "5 to 95 %", Some("--faint")),
        edge(1, "25 % quantile", None),
        edge(3, "25 to 75 %", Some("--faint")),
        line("median", row(2), "--long", "dash"),
        line("this run", actual, "--loss", "solid"),
    ];
    let last = fan.quantiles.last().copied().unwrap_or_default();
    let depth = |place: usize| wording::percent(Some(100.0 * last[place]));
    let note = format!(
        "{}: {}. At the end: half of them above {}, one in twenty above {}; mean block {:.1} days.",
        term.name,
        drawdown_fan::DEFINITION,
        depth(2),
        depth(4),
        fan.block
    );
    Chart {
        height: 320,
        layout: json!({
            "xaxis": { "title": { "text": "days" } }, "yaxis": { "title": { "text": "largest drawdown so far, %" } },
        }),
        ..Chart::new("fan", term.name, &note, traces)
    }
}

/// To the third decimal: a chart shows no more.
fn percent(fraction: f64) -> f64 {
    (100_000.0 * fraction).round() / 1_000.0
}
