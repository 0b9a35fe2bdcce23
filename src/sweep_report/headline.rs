//! What stands at the top of a sweep's page: warnings, then the figures that decide.

use super::measure;
use super::sources::{BEST_SHOWN, Sources, TRIALS_SHOWN};
use super::terms::term;
use crate::domain::Origin;
use crate::metrics::quantile::quantile;
use crate::report::page::{Banner, Figure, Page};
use crate::report::wording;
use crate::sweep::{Status, Trial};

/// What a reader must not miss.
pub fn banners(page: &mut Page, sources: &Sources) {
    if sources.comes_from(Origin::Synthetic) {
        let text = "Synthetic data: a generator made these prices. The trials say nothing about a market.";
        page.banner(Banner::Warning, text);
    }
    if sources.comes_from(Origin::Testnet) {
        page.banner(Banner::Warning, "Testnet data: these prices were made at a test network.");
    }
    if !sources.is_done {
        let (there, all) = (wording::count(sources.trials.len() as u64), wording::count(sources.file.trials));
        page.banner(Banner::Stop, &format!("The sweep is not finished: {there} of {all} trials are there."));
    }
    match &sources.judged {
        Some(judged) => {
            let banner = if judged.verdict.outcome == "stands" { None } else { Some(Banner::Warning) };
            if let Some(banner) = banner {
                page.banner(banner, &format!("Verdict: {}.", judged.verdict.text));
            }
            judged.warnings.iter().for_each(|warning| page.banner(Banner::Warning, warning));
        }
        None => page.banner(Banner::Warning, &not_judged(sources)),
    }
    if let Some(text) = apart(sources) {
        page.banner(Banner::Warning, &text);
    }
    if sources.shown.len() < sources.trials.len() {
        let (shown, all) = (wording::count(TRIALS_SHOWN as u64), wording::count(sources.trials.len() as u64));
        let best = wording::count(BEST_SHOWN as u64);
        page.banner(
            Banner::Warning,
            &format!(
                "Charts and the table show {shown} of {all} trials: the best {best} and an even share of the others. \
                 Figures, quantiles and neighbours are of all."
            ),
        );
    }
}

/// That the judgement is not about the trial that stands beside it as the best.
fn apart(sources: &Sources) -> Option<String> {
    let judged = sources.judged.as_ref()?;
    let best = sources.best().filter(|best| best.number != judged.best)?;
    Some(format!(
        "The verdict and its numbers are about trial {}, the judged trial with {} {}, and not about the best trial of this \
         page, {}, with {} {}.",
        judged.best,
        judged.objective.end(),
        judged.objective.name(),
        best.number,
        sources.objective.end(),
        sources.objective.name(),
    ))
}

/// Why there is no judgement, and what to do.
pub fn not_judged(sources: &Sources) -> String {
    if sources.keeps_returns() {
        let command = sources.validate_command("");
        format!("Not validated: nobody has judged how much of the best result is luck. Run `{command}`.")
    } else {
        "Not validated: the sweep kept no daily returns, so that nothing tells how much of the best result is luck. \
         Sweep again without --no-returns, or with a higher --returns-limit."
            .to_owned()
    }
}

/// The figures, each with its definition.
pub fn figures(sources: &Sources) -> Vec<Figure> {
    let mut figures = vec![trials(sources)];
    figures.extend(best(sources));
    if let Some(judged) = &sources.judged {
        let verdict = match judged.verdict.outcome.as_str() {
            "stands" => "stands",
            "may_be_luck" => "may be luck",
            _ => "cannot be judged",
        };
        let counts = format!("{} of {} trials judged on {} days", judged.judged, judged.done, judged.days);
        let note = format!("trial {}; {counts}", judged.best);
        figures.push(figure("verdict", verdict.to_owned(), note));
        let counted = judged.get("effective_trials").map(|found| found.text()).unwrap_or_default();
        for key in FINDINGS {
            figures.extend(judged.get(key).map(|found| Figure {
                name: found.label.clone(),
                value: found.text(),
                note: match *key {
                    "dsr" => format!("{}; {counted} effective trials counted", found.held()),
                    "sharpe" => format!("on the {} days judged", judged.days),
                    "hurdle" => format!("expected of {counted} tries without any skill"),
                    _ => found.held(),
                },
                definition: found.meaning(),
            }));
        }
    }
    figures
}

/// The findings that stand at the top.
const FINDINGS: &[&str] = &["sharpe", "hurdle", "dsr", "dsr_ledger", "pbo", "plateau_mean", "walk_forward_efficiency"];

fn figure(key: &str, value: String, note: String) -> Figure {
    let term = term(key);
    Figure { name: term.name.to_owned(), value, note, definition: term.definition.to_owned() }
}

fn trials(sources: &Sources) -> Figure {
    let count = |status: Status| wording::count(sources.ended(status));
    let stopped = match sources.ended(Status::Stopped) {
        0 => String::new(),
        stopped => format!(", {} stopped", wording::count(stopped)),
    };
    let (done, invalid, failed) = (count(Status::Done), count(Status::Invalid), count(Status::Failed));
    let note = format!("{done} done, {invalid} invalid, {failed} failed{stopped}");
    figure("trials", wording::count(sources.trials.len() as u64), note)
}

fn best(sources: &Sources) -> Vec<Figure> {
    let name = sources.objective.name();
    let Some(best) = sources.best() else {
        return vec![figure("best", wording::UNDEFINED.to_owned(), format!("no trial has a {name}"))];
    };
    let value = |trial: &Trial| trial.get(name).unwrap_or(f64::NAN);
    let values: Vec<f64> = sources.ranked.iter().map(|place| value(&sources.trials[*place])).collect();
    let chosen = format!("{} {name}: trial {} ({})", sources.objective.end(), best.number, sources.parameters(best));
    let mut figures = vec![figure("best", measure::text(name, value(best)), chosen)];
    if name != "total_return" {
        let result = wording::signed_percent(best.get("total_return").map(|value| 100.0 * value));
        let number = |name: &str| best.get(name).map_or_else(|| "n/a".to_owned(), |value| measure::text(name, value));
        let note = format!("largest drawdown {}, {} trades", number("drawdown"), number("trades"));
        figures.push(figure("best_result", result, note));
    }
    let at = |share: f64| quantile(&values, share).unwrap_or(f64::NAN);
    let note =
        format!("half of all lie between {} and {}", measure::text(name, at(0.25)), measure::text(name, at(0.75)));
    figures.push(figure("median", measure::text(name, at(0.5)), note));
    figures
}
