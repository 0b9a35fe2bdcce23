//! Candles of every symbol with the trades on them; one chart, a symbol at a time.

use super::super::page::escape::html;
use super::super::page::{Bars, Chart, Page, Zoom};
use super::rows::PriceChart;
use serde_json::{Value, json};

/// What draws the chart and takes it to a trade.
pub const SCRIPT: &str = include_str!("price.js");

/// Trades drawn at once; within a zoomed stretch with more, the largest gains and losses.
const MARKS: usize = 1_500;

/// The chart, with the choice of a symbol where there are several; nothing without prices.
pub fn place(page: &mut Page, charts: &[PriceChart]) -> String {
    if charts.is_empty() {
        return String::new();
    }
    let symbols: Vec<Value> = charts.iter().enumerate().map(|(number, chart)| pack(page, number, chart)).collect();
    let mut inside = String::from("<div class=\"tools\">");
    if charts.len() > 1 {
        inside.push_str("<label>Symbol <select id=\"price-symbol\">");
        for (number, chart) in charts.iter().enumerate() {
            inside.push_str(&format!("<option value=\"{number}\">{}</option>", html(&chart.symbol)));
        }
        inside.push_str("</select></label>");
    }
    inside.push_str("<span class=\"soft\" id=\"price-status\" role=\"status\"></span></div>");
    let note = "Candles are merged until they fit; zoom in and they part again. Drag to zoom, double-click to see all. \
                Click a trade in the table below to see it here, with its stop and target.";
    let chart = Chart {
        height: 520,
        zooms: Zoom::Time,
        maker: Some("price"),
        facts: json!({ "symbols": symbols, "indicators": [], "most": MARKS }),
        ..Chart::new("price", "Price, entries and exits", note, Vec::new())
    };
    page.chart(&chart, &inside)
}

fn pack(page: &mut Page, number: usize, chart: &PriceChart) -> Value {
    let name = format!("bars.{number}");
    page.columns.whole(&format!("{name}.time"), chart.at.iter().copied());
    let bars = Bars { open: &chart.open, high: &chart.high, low: &chart.low, close: &chart.close };
    page.columns.bars(&name, chart.decimals, bars);
    json!({
        "name": chart.symbol, "bars": name, "single": null, "merged": chart.candles,
        "milliseconds": chart.candle_millis(),
    })
}
