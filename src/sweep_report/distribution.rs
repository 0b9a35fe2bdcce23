//! How all trials spread, with the best of them and the best of as many lucky ones.

use super::heat::{measures, select};
use super::measure;
use super::sources::Sources;
use super::terms::{number, term};
use crate::metrics::quantile::quantile;
use crate::report::page::{Chart, Page, Table};
use crate::report::wording;
use serde_json::json;

/// What draws it.
pub const SCRIPT: &str = include_str!("distribution.js");

/// The quantiles of the table.
const QUANTILES: [(f64, &str); 7] = [
    (0.0, "least"),
    (0.05, "quantile_05"),
    (0.25, "quantile_25"),
    (0.5, "quantile_50"),
    (0.75, "quantile_75"),
    (0.95, "quantile_95"),
    (1.0, "most"),
];

/// The section's markup.
pub fn section(page: &mut Page, sources: &Sources) -> String {
    let measures = measures(sources);
    if measures.is_empty() {
        return "<p class=\"soft\">No trial has any numbers.</p>\n".to_owned();
    }
    let term = term("distribution");
    let luckiest = sources.judged.as_ref().and_then(|judged| judged.get("hurdle")?.value);
    let facts = json!({ "metrics": measures, "luckiest": luckiest });
    let chart = Chart {
        height: 320,
        maker: Some("distribution"),
        facts,
        ..Chart::new("spread", term.name, term.definition, Vec::new())
    };
    let keys = measures.iter().map(|facts| facts["key"].as_str().unwrap_or_default().to_owned());
    let select = select("spread-metric", "Number", keys.map(|key| (key.clone(), key)), 0);
    let chart = page.chart(&chart, &format!("<div class=\"tools\">{select}</div>\n"));
    chart + "<h3>Quantiles of all trials that ran to their end</h3>\n" + &quantiles(sources)
}

fn quantiles(sources: &Sources) -> String {
    let mut heads = vec![crate::report::page::text("number"), number("defined")];
    heads.extend(QUANTILES.iter().map(|(_, key)| number(key)));
    let mut table = Table::new("Quantiles of all trials", &heads);
    for column in measure::all() {
        let done = sources.trials.iter().filter(|trial| trial.status == crate::sweep::Status::Done);
        let mut values: Vec<f64> =
            done.filter_map(|trial| trial.get(column.name)).filter(|value| value.is_finite()).collect();
        if values.is_empty() {
            continue;
        }
        // In order already, seven quantiles cost little more than one.
        values.sort_unstable_by(f64::total_cmp);
        let at = |share: f64| {
            quantile(&values, share)
                .map_or_else(|_| wording::UNDEFINED.to_owned(), |value| measure::text(column.name, value))
        };
        let cells = [column.name.to_owned(), wording::count(values.len() as u64)];
        table.row(&cells.into_iter().chain(QUANTILES.iter().map(|(share, _)| at(*share))).collect::<Vec<_>>());
    }
    format!("<div class=\"wide\">{}</div>", table.end())
}
