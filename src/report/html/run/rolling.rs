//! Sharpe ratio, volatility and exposure of the last days, day by day.

use super::curve::Curve;
use super::rows::Trades;
use super::terms::term;
use crate::domain::Timestamp;
use crate::metrics::{DAYS_PER_YEAR, sharpe, volatility};
use crate::report::html::page::{Chart, Page, Zoom};
use serde_json::json;

/// Days looked back over, and how many daily returns a run needs for that: longer spans first.
const WINDOWS: [(usize, usize); 2] = [(90, 180), (30, 60)];

/// The chart, or why there is none.
pub fn chart(page: &mut Page, curve: &Curve, trades: &Trades) -> Result<Chart, String> {
    let returns = curve.returns.as_ref().map_err(|undefined| undefined.0.to_owned())?;
    let fitting = WINDOWS.iter().find(|(_, needed)| returns.len() >= *needed);
    let (window, _) = fitting.ok_or_else(|| "fewer than 60 daily returns".to_owned())?;
    let exposures = exposures(&curve.samples[..curve.measured], trades);
    let ends = *window..=returns.len();
    page.columns.whole("rolling.time", ends.clone().map(|end| curve.samples[end].0.millis()));
    let over = |measure: &dyn Fn(&[f64]) -> f64, values: &[f64]| -> Vec<f64> {
        ends.clone().map(|end| measure(&values[end - window..end])).collect()
    };
    let ratio = over(&|days| sharpe::sharpe(days, DAYS_PER_YEAR).unwrap_or(f64::NAN), returns);
    let spread = over(&|days| 100.0 * volatility::volatility(days, DAYS_PER_YEAR).unwrap_or(f64::NAN), returns);
    let mean = |days: &[f64]| 100.0 * days.iter().sum::<f64>() / days.len() as f64;
    let exposed = over(&mean, &exposures);
    for (name, values) in [("sharpe", ratio), ("volatility", spread), ("exposure", exposed)] {
        page.columns.numbers(&format!("rolling.{name}"), 3, &values);
    }
    let line = |name: &str, axis: &str, colour: &str, unit: &str| {
        json!({
            "type": "scatter", "mode": "lines", "name": name, "x": "@rolling.time", "y": format!("@rolling.{name}"),
            "yaxis": axis, "line": { "color": colour, "width": 1.6 }, "detail": true,
            "hovertemplate": format!("%{{x}}<br>%{{y:.2f}}{unit}<extra>{name}</extra>"),
        })
    };
    let traces = vec![
        line("sharpe", "y", "--long", ""),
        line("volatility", "y2", "--loss", " %"),
        line("exposure", "y3", "--benchmark", " %"),
    ];
    let note = format!(
        "The last {window} days, day by day. {}. {}. {}.",
        term("rolling_sharpe").definition,
        term("rolling_volatility").definition,
        term("rolling_exposure").definition
    );
    Ok(Chart {
        height: 460,
        zooms: Zoom::Time,
        layout: json!({
            "xaxis": { "anchor": "y3" },
            "yaxis": { "domain": [0.70, 1], "title": { "text": "Sharpe" } },
            "yaxis2": { "domain": [0.36, 0.64], "title": { "text": "volatility %" } },
            "yaxis3": { "domain": [0, 0.30], "title": { "text": "exposure %" }, "rangemode": "tozero" },
        }),
        ..Chart::new("rolling", "Sharpe ratio, volatility and exposure of the last days", &note, traces)
    })
}

/// Of the time from each sample to the next, the share with at least one position open.
fn exposures(samples: &[(Timestamp, f64)], trades: &Trades) -> Vec<f64> {
    let mut spans: Vec<(i64, i64)> = trades.entry.iter().copied().zip(trades.exit.iter().copied()).collect();
    spans.sort_unstable();
    let mut joined: Vec<(i64, i64)> = Vec::with_capacity(spans.len());
    for (from, to) in spans {
        match joined.last_mut() {
            Some(last) if from <= last.1 => last.1 = last.1.max(to),
            Some(_) | None => joined.push((from, to)),
        }
    }
    let days = samples.windows(2).map(|pair| (pair[0].0.millis(), pair[1].0.millis()));
    days.map(|(from, to)| {
        let first = joined.partition_point(|span| span.1 <= from);
        let touching = joined[first..].iter().take_while(|span| span.0 < to);
        let open: i64 = touching.map(|span| span.1.min(to) - span.0.max(from)).sum();
        if to > from { open as f64 / (to - from) as f64 } else { 0.0 }
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_held_at_once_count_once() {
        let at = Timestamp::from_millis;
        let samples = [(at(0), 1.0), (at(100), 1.0), (at(200), 1.0), (at(300), 1.0)];
        let trades = Trades { entry: vec![150, 20, 10], exit: vec![250, 30, 60], ..Trades::default() };
        assert_eq!(exposures(&samples, &trades), [0.5, 0.5, 0.5]);
        assert_eq!(exposures(&samples, &Trades::default()), [0.0; 3]);
    }
}
