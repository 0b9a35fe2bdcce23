//! Charts of a comparison.

use super::super::comparison::letter;
use super::super::figures::realised;
use super::super::record::Record;
use super::super::terms::MATCHED;
use super::super::{Comparison, Side};
use crate::domain::Timestamp;
use crate::report::page::escape::html;
use crate::report::page::{Chart, Page, Zoom};
use serde_json::{Value, json};

/// Colours of the records, in order; beyond them they begin again.
const COLOURS: [&str; 5] = ["--long", "--loss", "--benchmark", "--fourth", "--fifth"];
const DASHES: [&str; 4] = ["solid", "dash", "dot", "dashdot"];
/// Decimals of percentages.
const DECIMALS: u8 = 4;

type Curve = Vec<(Timestamp, f64)>;

/// Accounts overlaid, their drawdowns, and how far each is from the reference.
pub fn accounts(page: &mut Page, comparison: &Comparison) -> String {
    let records = &comparison.records;
    // One kind of curve for all: at market where everybody has that, else by finished trades alone.
    let marked: Option<Vec<Curve>> = records.iter().map(|record| record.equity.clone()).collect();
    let is_marked = marked.is_some();
    let curves = match marked {
        Some(curves) => curves.into_iter().map(Ok).collect(),
        None => records.iter().map(realised).collect::<Vec<_>>(),
    };
    let note = if is_marked {
        "Equity at the start, every UTC midnight and the end, open positions at market, in percent of the first sample."
    } else {
        "Opening capital plus the results of the trades finished so far, at each exit, in percent of opening capital. Open \
         positions are not in it, because not every result tells them."
    };
    let mut out = String::new();
    let mut traces = Vec::new();
    for (place, (record, curve)) in records.iter().zip(&curves).enumerate() {
        match curve {
            Ok(curve) => {
                pack(page, place, curve);
                traces.extend(lines(place, record));
            }
            Err(reason) => {
                let (letter, reason) = (letter(place), html(reason));
                out.push_str(&format!("<p class=\"soft\">{letter} has no line: {reason}.</p>\n"));
            }
        }
    }
    if traces.is_empty() {
        return out;
    }
    let chart = Chart {
        height: 460,
        zooms: Zoom::Time,
        layout: json!({
            "hovermode": "x",
            "yaxis": { "domain": [0.36, 1], "title": { "text": "% of opening" } },
            "yaxis2": { "domain": [0, 0.28], "title": { "text": "drawdown %" }, "anchor": "x" },
        }),
        ..Chart::new("accounts", "Accounts in percent of their opening, and drawdowns", note, traces)
    };
    out.push_str(&page.chart(&chart, ""));
    out + &distances(page, comparison, &curves)
}

fn pack(page: &mut Page, place: usize, curve: &Curve) {
    let first = curve.first().map_or(1.0, |(_, worth)| *worth);
    let share: Vec<f64> = curve.iter().map(|(_, worth)| 100.0 * worth / first).collect();
    let mut peak = f64::MIN;
    let falls = share.iter().map(|worth| {
        peak = peak.max(*worth);
        100.0 * (worth / peak - 1.0)
    });
    let falls: Vec<f64> = falls.collect();
    page.columns.whole(&format!("account{place}.time"), curve.iter().map(|(at, _)| at.millis()));
    page.columns.numbers(&format!("account{place}.share"), DECIMALS, &share);
    page.columns.numbers(&format!("account{place}.fall"), DECIMALS, &falls);
}

fn style(place: usize) -> Value {
    // Lines are told apart without colours as well.
    let dash = DASHES[(place + place / COLOURS.len()) % DASHES.len()];
    json!({ "color": COLOURS[place % COLOURS.len()], "width": 1.8, "dash": dash })
}

fn lines(place: usize, record: &Record) -> [Value; 2] {
    let name = format!("{} {}", letter(place), shortened(&record.name));
    let name = html(&name);
    let line = |column: &str| {
        json!({
            "type": "scatter", "mode": "lines", "name": name, "detail": true, "line": style(place),
            "x": format!("@account{place}.time"), "y": format!("@account{place}.{column}"),
            "legendgroup": place.to_string(),
            "hovertemplate": format!("%{{x}}<br>%{{y:,.2f}} %<extra>{}</extra>", letter(place)),
        })
    };
    let mut fall = line("fall");
    fall["yaxis"] = json!("y2");
    fall["showlegend"] = json!(false);
    [line("share"), fall]
}

/// A name that leaves room for the chart.
fn shortened(name: &str) -> String {
    const LONGEST: usize = 36;
    match name.chars().count() {
        0..=LONGEST => name.to_owned(),
        _ => name.chars().take(LONGEST - 1).chain(['…']).collect(),
    }
}

/// Accounts less the reference, at the instants of either.
fn distances(page: &mut Page, comparison: &Comparison, curves: &[Result<Curve, String>]) -> String {
    let Some(Ok(reference)) = curves.first() else { return String::new() };
    let share = |curve: &Curve| -> Curve {
        let first = curve.first().map_or(1.0, |(_, worth)| *worth);
        curve.iter().map(|(at, worth)| (*at, 100.0 * worth / first)).collect()
    };
    let reference = share(reference);
    let mut traces = Vec::new();
    for side in &comparison.sides {
        let place = side.record;
        let Ok(curve) = &curves[place] else { continue };
        let apart: Vec<(Timestamp, f64, f64)> = steps(&reference, &share(curve));
        page.columns.whole(&format!("apart{place}.time"), apart.iter().map(|(at, ..)| at.millis()));
        let points: Vec<f64> = apart.iter().map(|(_, one, two)| two - one).collect();
        page.columns.numbers(&format!("apart{place}.points"), DECIMALS, &points);
        let (one, two) = (letter(0), letter(place));
        traces.push(json!({
            "type": "scatter", "mode": "lines", "name": format!("{two} less {one}"), "detail": true, "line": style(place),
            "x": format!("@apart{place}.time"), "y": format!("@apart{place}.points"),
            "hovertemplate": format!("%{{x}}<br>%{{y:,.3f}} points<extra>{two} less {one}</extra>"),
        }));
    }
    let note = "In percentage points of the opening, at the instants of either line; between two instants a line keeps \
                the level before.";
    let chart = Chart {
        height: 260,
        zooms: Zoom::Time,
        layout: json!({ "yaxis": { "title": { "text": "points" } }, "showlegend": true }),
        ..Chart::new("distances", "Difference from the reference", note, traces)
    };
    page.chart(&chart, "")
}

/// Both curves at the instants of either, each at its level before.
fn steps(one: &Curve, two: &Curve) -> Vec<(Timestamp, f64, f64)> {
    let mut times: Vec<Timestamp> = one.iter().chain(two).map(|(at, _)| *at).collect();
    times.sort_unstable();
    times.dedup();
    let level = |curve: &Curve, at: Timestamp| match curve.partition_point(|(time, _)| *time <= at) {
        0 => curve.first().map_or(100.0, |(_, worth)| *worth),
        behind => curve[behind - 1].1,
    };
    times.into_iter().map(|at| (at, level(one, at), level(two, at))).collect()
}

/// Where entries differ in price, over time. Nothing without a difference.
pub fn entries(page: &mut Page, side: &Side, rows: &[Vec<String>]) -> String {
    let place = |key: &str| MATCHED.iter().position(|field| field.key == key).expect("a column of matched trades");
    let [time, points, number] = ["entry_time", "entry_price_basis_points", "reference_trade"].map(place);
    let dots: Vec<(i64, f64, &str)> = rows
        .iter()
        .filter_map(|row| {
            let at: Timestamp = row[time].parse().ok()?;
            Some((at.millis(), row[points].parse().ok()?, row[number].as_str()))
        })
        .collect();
    if dots.iter().all(|(_, points, _)| *points == 0.0) {
        return String::new();
    }
    let name = format!("entries{}", side.record);
    page.columns.whole(&format!("{name}.time"), dots.iter().map(|(at, ..)| *at));
    page.columns.numbers(
        &format!("{name}.points"),
        DECIMALS,
        &dots.iter().map(|(_, points, _)| *points).collect::<Vec<_>>(),
    );
    page.columns.words(&format!("{name}.number"), dots.iter().map(|(.., number)| *number));
    let traces = vec![json!({
        "type": "scatter", "mode": "markers", "name": "trade", "marker": { "color": "--long", "size": 5 },
        "x": format!("@{name}.time"), "y": format!("@{name}.points"), "text": format!("@{name}.number"),
        "hovertemplate": "trade %{text}<br>%{x}<br>%{y:,.2f} bp<extra></extra>",
    })];
    let note =
        "Difference of average entry prices of each matched pair, in hundredths of a percent of the reference's price.";
    let chart = Chart {
        height: 240,
        layout: json!({ "xaxis": { "type": "date" }, "yaxis": { "title": { "text": "basis points" } } }),
        ..Chart::new(&name, "Difference of entry prices", note, traces)
    };
    page.chart(&chart, "")
}
