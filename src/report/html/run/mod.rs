//! The page of a run, made from the files of its directory and from nothing else.

mod curve;
mod distribution;
mod drawdowns;
mod equity;
mod headline;
mod months;
mod near;
mod price;
mod rolling;
mod rows;
mod tables;
mod telling;
mod terms;

use super::page::escape::html;
use super::page::{DataTable, Page};
use crate::domain::Timestamp;
use crate::error::{Fault, Result};
use crate::report::profile::MetricsProfile;
use crate::report::summary::Summary;
use crate::report::wording;
use curve::Curve;
use std::path::Path;

/// The page's name within the run's directory.
pub const REPORT: &str = "report.html";

/// How much of a run its page shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Extent {
    /// All trades up to 2,000, of more the most telling 500. The default.
    #[default]
    Telling,
    /// Every trade, however large the page becomes.
    Full,
}

/// Makes `report.html` of the run in this directory, from its files alone, with the metrics of another library where one is named.
///
/// # Errors
/// When a file of the run is missing, damaged or of an unknown version, or the page cannot be written.
pub fn build(run: &Path, extent: Extent, profile: Option<MetricsProfile>) -> Result<()> {
    let summary = Summary::read(run)?;
    let path = run.join("plan.toml");
    let plan = std::fs::read_to_string(&path).map_err(|error| Fault::io("reading", &path, &error))?;
    // Its own name and not the way to it: the page is the same wherever the run lies.
    let whole = run.canonicalize().map_err(|error| Fault::io("finding", run, &error))?;
    let name = whole.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut page = Page::new(&summary.name, &beneath(&summary));
    headline::banners(&mut page, &summary);
    page.headline(&headline::figures(&summary));
    let sources = Sources::read(run, &summary)?;
    let places = match extent {
        Extent::Telling => telling::trades(&sources.trades.percent),
        Extent::Full => (0..sources.trades.percent.len()).collect(),
    };
    let columns: Vec<&'static str> = terms::TRADE_FIELDS.iter().map(|field| field.key).collect();
    let shown = rows::trades(run, &columns, &places)?;
    account(&mut page, &summary, &sources);
    prices(&mut page, &sources, &shown, extent);
    trades(&mut page, &shown, sources.trades.percent.len());
    returns(&mut page, &sources);
    let body = distribution::charts(&mut page, &sources.curve, &sources.trades);
    page.section("results", "Distributions", &body);
    let body = drawdowns::section(&mut page, &sources.curve);
    page.section("drawdowns", "Drawdowns", &body);
    statistics(&mut page, &summary);
    if let Some(profile) = profile {
        page.section("profile", "Another library's statistics", &tables::profile(run, &summary, profile));
    }
    page.section("desks", "Desks", &tables::desks(&summary));
    page.section("symbols", "Symbols", &tables::symbols(&summary));
    page.section("groups", "Reasons and tags", &tables::groups(&summary));
    page.section("costs", "Costs and fills", &tables::costs(&summary));
    page.section("orders", "Orders and refusals", &tables::orders(&summary));
    let gaps = match tables::gaps(&summary) {
        none if none.is_empty() => none,
        listed => format!("<h3>Holes in the data</h3><div class=\"wide\">{listed}</div>"),
    };
    page.section("data", "Market data", &format!("<div class=\"wide\">{}</div>{gaps}", tables::data(&summary)));
    page.section("conditions", "Conditions", &tables::policy(&summary));
    page.section("again", "The same again", &again(&summary, &plan, &name));
    page.script(price::SCRIPT);
    page.write(&run.join(REPORT))
}

fn beneath(summary: &Summary) -> String {
    let period = &summary.period;
    let (from, to) = (wording::minute(&period.start), wording::minute(&period.end));
    let length = wording::length(period.seconds.parse().unwrap_or(0.0));
    let symbols = summary.symbols.iter().map(|symbol| symbol.symbol.as_str()).collect::<Vec<_>>().join(", ");
    let (candles, version) = (wording::count(summary.candles), &summary.engine_version);
    format!("{symbols} · {from} to {to} UTC ({length}) · {candles} candles · Tapeline {version}")
}

/// What the charts are made from.
struct Sources {
    equity: Vec<rows::EquityRow>,
    sampled: &'static str,
    curve: Curve,
    prices: Vec<rows::PriceChart>,
    trades: rows::Trades,
    candles: Vec<near::Candles>,
    tracks: Vec<near::Track>,
}

impl Sources {
    fn read(run: &Path, summary: &Summary) -> Result<Self> {
        let halted_at = summary.period.halted_at.as_ref().and_then(|at| at.parse().ok());
        let daily = rows::equity(run)?;
        let curve = Curve::of(&daily, halted_at);
        let every_candle = near::equity(run)?;
        Ok(Sources {
            equity: equity::rows(&daily, &every_candle),
            sampled: if every_candle.is_empty() {
                "at the start, every UTC midnight and the end"
            } else {
                "at the close of every candle, lowest and highest of each stretch where there are too many"
            },
            curve,
            prices: rows::prices(run)?,
            trades: rows::all_trades(run)?,
            candles: near::candles(run)?,
            tracks: near::indicators(run)?,
        })
    }
}

/// Equity, benchmark, drawdown.
fn account(page: &mut Page, summary: &Summary, sources: &Sources) {
    let start = summary.period.start.parse().map_or(0, Timestamp::millis);
    let opening = summary.result.opening_equity.parse().unwrap_or(0.0);
    let benchmark = equity::benchmark(&sources.prices, opening, start);
    let chart = equity::chart(page, &sources.equity, sources.sampled, &benchmark, &summary.currency);
    let body = page.chart(&chart, "");
    page.section("account", "Equity", &body);
}

/// Candles with the trades on them.
fn prices(page: &mut Page, sources: &Sources, shown: &[Vec<String>], extent: Extent) {
    let place = |key: &str| terms::TRADE_FIELDS.iter().position(|field| field.key == key).expect("a column of trades");
    let [symbol, entry, exit, percent] = ["symbol", "entry_time", "exit_time", "profit_percent"].map(place);
    let size = |row: &Vec<String>| row[percent].parse::<f64>().unwrap_or(0.0).abs();
    let mut telling: Vec<&Vec<String>> = shown.iter().collect();
    telling.sort_by(|one, other| size(other).total_cmp(&size(one)));
    let trade = |row: &&Vec<String>| Some((row[symbol].clone(), row[entry].parse().ok()?, row[exit].parse().ok()?));
    let source = price::Source {
        bars: &sources.prices,
        candles: &sources.candles,
        tracks: &sources.tracks,
        trades: &telling.iter().filter_map(trade).collect::<Vec<_>>(),
        whole: extent == Extent::Full,
    };
    let body = price::place(page, &source);
    if !body.is_empty() {
        page.section("prices", "Prices", &body);
    }
}

/// The table of trades.
fn trades(page: &mut Page, shown: &[Vec<String>], all: usize) {
    let table = DataTable { id: "trades", label: "Trades", fields: terms::TRADE_FIELDS, picks: true };
    let table = table.with(shown, &mut page.columns);
    page.section("round-trips", "Trades", &(trades_note(shown.len(), all) + &table));
}

/// By month and year, and over the last days.
fn returns(page: &mut Page, sources: &Sources) {
    let months = format!("<h3>{}</h3>\n{}", html(terms::term("month_return").name), months::table(&sources.curve));
    let rolling = match rolling::chart(page, &sources.curve, &sources.trades) {
        Ok(chart) => page.chart(&chart, ""),
        Err(reason) => format!("<p class=\"soft\">Rolling figures: n/a, {}.</p>\n", html(&reason)),
    };
    page.section("returns", "Returns", &(months + &rolling));
}

fn trades_note(shown: usize, all: usize) -> String {
    let all_text = wording::count(all as u64);
    if all == 0 {
        return "<p class=\"soft\">There was no trade.</p>\n".to_owned();
    }
    if shown == all {
        return format!("<p class=\"soft\">All {all_text}. More columns in trades.csv.</p>\n");
    }
    let (shown, edge) = (wording::count(shown as u64), telling::TRADES_SHOWN / 10);
    format!(
        "<p class=\"soft\">The most telling {shown} of {all_text}, here and in the charts: the first and last {edge}, \
         and the largest gains and losses in equal number. All are in trades.csv, and on the page that \
         <code>tapeline report --full</code> makes.</p>\n"
    )
}

fn statistics(page: &mut Page, summary: &Summary) {
    page.section("statistics", "Statistics", &tables::metrics("Statistics", &summary.metrics, &summary.currency));
}

fn again(summary: &Summary, plan: &str, run: &str) -> String {
    let (fingerprint, run, plan) = (html(&summary.fingerprint), html(&shell_word(run)), html(plan));
    format!(
        "<p>Fingerprint <code>{fingerprint}</code>. Run the plan again and compare bit by bit, from the folder that\n\
         holds this one:</p>\n<pre tabindex=\"0\"><code>tapeline verify {run}</code></pre>\n\
         <details><summary>plan.toml</summary><pre tabindex=\"0\"><code>{plan}</code></pre></details>\n"
    )
}

/// A path as one word of a command line.
fn shell_word(path: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-/\\:".contains(&byte);
    if path.bytes().all(is_plain) { path.to_owned() } else { format!("'{}'", path.replace('\'', "'\\''")) }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
