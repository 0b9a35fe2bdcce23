//! Candles of every symbol with the trades on them and what the strategies read; one chart, a symbol at a time.

use super::near::{Candles, Track};
use super::rows::PriceChart;
use crate::domain::Timestamp;
use crate::report::html::page::escape::html;
use crate::report::html::page::{Bars, Chart, Page, Zoom};
use crate::report::windows;
use serde_json::{Value, json};
use std::ops::Range;

/// What draws the chart and takes it to a trade.
pub const SCRIPT: &str = include_str!("price.js");

/// Trades drawn at once; within a stretch with more, the largest gains and losses.
const MARKS: usize = 1_500;

/// Bytes that single candles and indicators may take in a page, packed, and about how many a row of each takes.
const NEAR_BYTES: usize = 2_200_000;
const CANDLE_BYTES: usize = 6;
const VALUE_BYTES: usize = 4;

/// Digits of an indicator beyond those of the price.
const FINER: u8 = 2;

/// What is drawn.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// Merged bars of every symbol.
    pub bars: &'a [PriceChart],
    /// Single candles near trades.
    pub candles: &'a [Candles],
    /// What the strategies read.
    pub tracks: &'a [Track],
    /// The shown trades, those that tell most first: symbol, entry and exit.
    pub trades: &'a [(String, Timestamp, Timestamp)],
    /// Whether everything is shown, however large the page becomes.
    pub whole: bool,
}

/// The chart, with the choice of a symbol where there are several; nothing without prices.
pub fn place(page: &mut Page, source: &Source<'_>) -> String {
    if source.bars.is_empty() {
        return String::new();
    }
    let stretches: Vec<Vec<Range<i64>>> = source.bars.iter().map(|chart| stretches(source, chart)).collect();
    let symbols: Vec<Value> = source
        .bars
        .iter()
        .enumerate()
        .map(|(number, chart)| pack(page, source, number, chart, &stretches[number]))
        .collect();
    let indicators: Vec<Value> = source
        .tracks
        .iter()
        .enumerate()
        .filter_map(|(number, track)| {
            let of = source.bars.iter().position(|chart| chart.symbol == track.symbol)?;
            Some(pack_track(page, source, number, track, of, &stretches[of]))
        })
        .collect();
    let mut inside = String::from("<div class=\"tools\">");
    if source.bars.len() > 1 {
        inside.push_str("<label>Symbol <select id=\"price-symbol\">");
        for (number, chart) in source.bars.iter().enumerate() {
            inside.push_str(&format!("<option value=\"{number}\">{}</option>", html(&chart.symbol)));
        }
        inside.push_str("</select></label>");
    }
    inside.push_str("<span class=\"soft\" id=\"price-status\" role=\"status\"></span></div>");
    let note = "Candles are merged until they fit; zoom in and they part again, one by one near the shown trades. Drag to \
                zoom, double-click to see all. Click a trade in the table below to see it here, with the stop and the \
                target of its bracket. Indicators are those that the strategy read, at the closes of its candles.";
    let chart = Chart {
        height: 560,
        zooms: Zoom::Time,
        maker: Some("price"),
        layout: json!({ "hovermode": "x", "yaxis": { "hoverformat": ",.8~r" } }),
        facts: json!({ "symbols": symbols, "indicators": indicators, "most": MARKS }),
        ..Chart::new("price", "Price, entries and exits", note, Vec::new())
    };
    page.chart(&chart, &inside)
}

/// The stretches of time, in milliseconds, of which one symbol's candles are shown one by one.
fn stretches(source: &Source<'_>, chart: &PriceChart) -> Vec<Range<i64>> {
    let Some(candles) = source.candles.iter().find(|candles| candles.symbol == chart.symbol) else { return Vec::new() };
    if source.whole {
        return std::iter::once(i64::MIN..i64::MAX).collect();
    }
    let tracks = source.tracks.iter().filter(|track| track.symbol == chart.symbol).count();
    let own = || source.trades.iter().filter(|(symbol, ..)| *symbol == chart.symbol);
    let row = |at: Timestamp| candles.at.partition_point(|open| *open <= at.millis()).saturating_sub(1);
    let trades: Vec<(usize, usize)> = own().map(|(_, entry, exit)| (row(*entry), row(*exit))).collect();
    let part = NEAR_BYTES * trades.len() / source.trades.len().max(1);
    let budget = part / (CANDLE_BYTES + VALUE_BYTES * tracks);
    let ranges = windows::near(&trades, candles.at.len(), budget);
    ranges.into_iter().map(|range| candles.at[range.start]..candles.at[range.end - 1] + 1).collect()
}

/// The rows of ascending times that lie within the stretches.
fn within(at: &[i64], stretches: &[Range<i64>]) -> Vec<usize> {
    let rows = |range: &Range<i64>| {
        at.partition_point(|time| *time < range.start)..at.partition_point(|time| *time < range.end)
    };
    stretches.iter().flat_map(rows).collect()
}

fn pack(page: &mut Page, source: &Source<'_>, number: usize, chart: &PriceChart, stretches: &[Range<i64>]) -> Value {
    let name = format!("bars.{number}");
    page.columns.whole(&format!("{name}.time"), chart.at.iter().copied());
    let bars = Bars { open: &chart.open, high: &chart.high, low: &chart.low, close: &chart.close };
    page.columns.bars(&name, chart.decimals, bars);
    let candles = source.candles.iter().find(|candles| candles.symbol == chart.symbol);
    let single = candles.map(|candles| (candles, within(&candles.at, stretches))).filter(|(_, rows)| !rows.is_empty());
    let single = single.map(|(candles, rows)| {
        let name = format!("single.{number}");
        page.columns.whole(&format!("{name}.time"), rows.iter().map(|row| candles.at[*row]));
        let [open, high, low, close] =
            [0, 1, 2, 3].map(|column: usize| rows.iter().map(|row| candles.prices[column][*row]).collect::<Vec<f64>>());
        page.columns.bars(&name, chart.decimals, Bars { open: &open, high: &high, low: &low, close: &close });
        name
    });
    json!({
        "name": chart.symbol, "bars": name, "single": single, "merged": chart.candles,
        "milliseconds": chart.candle_millis(),
    })
}

fn pack_track(
    page: &mut Page,
    source: &Source<'_>,
    number: usize,
    track: &Track,
    of: usize,
    stretches: &[Range<i64>],
) -> Value {
    let chart = &source.bars[of];
    let every = track.at.len().div_ceil(chart.at.len().max(1)).max(1);
    let mut rows: Vec<usize> = within(&track.at, stretches);
    rows.extend((0..track.at.len()).filter(|row| row % every == 0));
    rows.sort_unstable();
    rows.dedup();
    let name = format!("track.{number}");
    page.columns.whole(&format!("{name}.time"), rows.iter().map(|row| track.at[*row]));
    let values: Vec<f64> = rows.iter().map(|row| track.values[*row]).collect();
    page.columns.numbers(&format!("{name}.value"), chart.decimals + FINER, &values);
    let label = format!("{} {}", track.indicator, track.interval);
    json!({ "name": label, "symbol": track.symbol, "column": name, "panel": u8::from(!track.is_price) })
}
