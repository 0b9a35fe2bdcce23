//! The report page: one self-contained file, made from the files of a run and from nothing else.

mod charts;
mod escape;
mod page;
mod rows;
mod tables;
mod telling;

use super::summary::Summary;
use crate::domain::Timestamp;
use crate::error::{Fault, Result};
use page::{Chart, Page};
use plotly::Plot;
use std::io::Write;
use std::path::Path;

/// The page's name within the run's directory.
pub const REPORT: &str = "report.html";

/// Points of a curve, and bars of all price charts together.
const CURVE_POINTS: usize = 2_000;
const BARS: usize = 6_000;
const BARS_OF_ONE: usize = 2_000;

/// Makes `report.html` of the run in this directory, from its files alone.
///
/// # Errors
/// When a file of the run is missing, damaged or of an unknown version, or the page cannot be written.
pub fn build(run: &Path) -> Result<()> {
    let summary = Summary::read(run)?;
    let path = run.join("plan.toml");
    let plan = std::fs::read_to_string(&path).map_err(|error| Fault::io("reading", &path, &error))?;
    let results = rows::trade_results(run)?;
    let shown = telling::trades(&results);
    let trades = rows::trades(run, &shown, &results)?;
    let charts = charts_of(run, &summary, &trades)?;
    // Its own name and not the way to it: the page is the same wherever the run lies.
    let whole = run.canonicalize().map_err(|error| Fault::io("finding", run, &error))?;
    let name = whole.file_name().unwrap_or_default().to_string_lossy();
    let page = Page {
        summary: &summary,
        plan: &plan,
        trades: &trades,
        trades_in_file: results.len(),
        charts: &charts,
        run: &name,
    };
    put_in_place(run, &[&page.before_script(), drawing_script(&Plot::offline_js_sources())?, &Page::behind_script()])
}

fn charts_of(run: &Path, summary: &Summary, trades: &[rows::TradeRow]) -> Result<Vec<Chart>> {
    let curve = telling::equity(&rows::equity(run)?, CURVE_POINTS);
    let mut prices = rows::prices(run)?;
    let most = (BARS / prices.len().max(1)).min(BARS_OF_ONE);
    for chart in &mut prices {
        chart.rows = telling::bars(&chart.rows, most);
    }
    let start = summary.period.start.parse().map_or(0, Timestamp::millis);
    let opening = summary.result.opening_equity.parse().unwrap_or(0.0);
    let benchmark = charts::benchmark(&prices, opening, start);
    let foreign = summary.symbols.iter().any(|symbol| symbol.quote != summary.currency);
    let note = match (benchmark.is_empty(), foreign) {
        (true, _) => "Equity at the start, every UTC midnight and the end.".to_owned(),
        (false, false) => "Equity at the start, every UTC midnight and the end. Buy and hold: equal parts of the \
             opening capital in every symbol, without costs."
            .to_owned(),
        (false, true) => "Equity at the start, every UTC midnight and the end. Buy and hold: equal parts of the \
             opening capital in every symbol, each by its price in its own quote asset, without costs."
            .to_owned(),
    };
    let equity = Chart {
        title: "Equity and drawdown".to_owned(),
        note,
        data: charts::equity(&curve, &benchmark, &summary.currency),
    };
    let price = |chart: &rows::PriceChart| Chart {
        title: format!("{}: price, entries and exits", chart.symbol),
        note: "Drag to zoom, double-click to see all again, click a name above to hide it.".to_owned(),
        data: charts::price(&chart.symbol, &chart.rows, trades),
    };
    Ok(std::iter::once(equity).chain(prices.iter().map(price)).collect())
}

/// The drawing script's own element: of all the scripts that the crate embeds, only the first is needed here.
fn drawing_script(sources: &str) -> Result<&str> {
    const END: &str = "</script>";
    let end = sources.find(END).ok_or_else(|| Fault::failure("the embedded drawing script has no end"))?;
    Ok(&sources[..end + END.len()])
}

fn put_in_place(run: &Path, parts: &[&str]) -> Result<()> {
    let path = run.join(REPORT);
    let doing = |error: &std::io::Error| Fault::io("writing", &path, error);
    let mut draft = draft_in(run).map_err(|error| doing(&error))?;
    for part in parts {
        draft.write_all(part.as_bytes()).map_err(|error| doing(&error))?;
    }
    draft.as_file().sync_all().map_err(|error| doing(&error))?;
    draft.persist(&path).map_err(|error| doing(&error.error))?;
    Ok(())
}

/// A temporary file is its owner's alone; a page is as readable as any other file that the user makes.
#[cfg(unix)]
fn draft_in(run: &Path) -> std::io::Result<tempfile::NamedTempFile> {
    use std::os::unix::fs::PermissionsExt;
    tempfile::Builder::new().prefix(".report-").permissions(std::fs::Permissions::from_mode(0o666)).tempfile_in(run)
}

#[cfg(not(unix))]
fn draft_in(run: &Path) -> std::io::Result<tempfile::NamedTempFile> {
    tempfile::Builder::new().prefix(".report-").tempfile_in(run)
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
