//! The page of a sweep, made from the files of its folder and from nothing else.

mod again;
mod distribution;
mod ends;
mod front;
mod headline;
mod heat;
mod judged;
mod judgement;
mod measure;
mod overfitting;
mod parallel;
mod plateau;
mod sources;
mod terms;
mod trials;
mod walk;

use crate::error::Result;
use crate::report::page::Page;
use crate::report::wording;
use crate::sweep::{Objective, Shelf, Trial};
use sources::Sources;

pub use sources::{RUNS, run_of};

/// The page's name within the sweep's folder.
pub const REPORT: &str = "report.html";

/// Makes `report.html` of the sweep in this folder, from its files alone. The best are best in `objective`; without one
/// in that of `validation.json`, else of `sweep.toml`, else by the Sharpe ratio.
///
/// # Errors
/// When a file of the sweep is missing, damaged or of an unknown version, or the page cannot be written.
pub fn build(shelf: &Shelf, objective: Option<Objective>) -> Result<()> {
    let sources = Sources::read(shelf, objective)?;
    let text = page(&sources)?.text()?;
    shelf.put(REPORT, text.as_bytes())
}

/// The trials of a sweep, and the places of those that have the objective, best first; the objective as for [`build`].
///
/// # Errors
/// As [`build`].
pub fn ranked(shelf: &Shelf, objective: Option<Objective>) -> Result<(Vec<Trial>, Vec<usize>)> {
    let sources = Sources::read(shelf, objective)?;
    Ok((sources.trials, sources.ranked))
}

fn page(sources: &Sources) -> Result<Page> {
    let mut page = Page::new(&sources.file.name, &beneath(sources));
    headline::banners(&mut page, sources);
    page.headline(&headline::figures(sources));
    page.section("judgement", "Judgement", &judgement::section(sources));
    let trials = trials::section(&mut page, sources);
    let (heat, parallel) = (heat::section(&mut page, sources), parallel::section(&mut page, sources));
    page.section("parameters", "Parameters", &(heat + &parallel));
    let body = distribution::section(&mut page, sources);
    page.section("distribution", "All trials", &body);
    let body = plateau::section(&mut page, sources);
    page.section("plateau", "Neighbours", &body);
    if let Some(body) = front::section(&mut page, sources) {
        page.section("front", "Pareto front", &body);
    }
    let body = overfitting::section(&mut page, sources);
    page.section("overfitting", "Overfitting", &body);
    let body = walk::section(&mut page, sources);
    page.section("walk-forward", "Walking forward", &body);
    page.section("top", "Trials", &trials);
    page.section("ends", "What did not run", &ends::section(sources));
    page.section("again", "The same again", &again::section(sources));
    for script in [measure::SCRIPT, heat::SCRIPT, parallel::SCRIPT, distribution::SCRIPT, front::SCRIPT] {
        page.script(script);
    }
    Ok(page)
}

fn beneath(sources: &Sources) -> String {
    let file = &sources.file;
    let axes: Vec<String> = sources.axes.iter().map(|axis| axis.name.clone()).collect();
    let series: Vec<&str> = file.data.iter().map(|(series, _)| series.as_str()).collect();
    let (trials, version) = (wording::count(sources.trials.len() as u64), &file.engine_version);
    let plural = if sources.trials.len() == 1 { "" } else { "s" };
    format!(
        "{trials} trial{plural} over {} · {} · {} search · Tapeline {version}",
        axes.join(", "),
        series.join(", "),
        file.search
    )
}
