//! What stands at the top of a run's page: warnings, then the figures that decide.

use super::super::page::{Banner, Figure, Page};
use super::terms::term;
use crate::report::summary::Summary;
use crate::report::wording;

/// What a reader must not miss.
pub fn banners(page: &mut Page, summary: &Summary) {
    if let Some(caution) = summary.caution() {
        page.banner(Banner::Warning, &caution);
    }
    if summary.is_synthetic() {
        let text = "Synthetic data: a generator made these prices. The result says nothing about a market.";
        page.banner(Banner::Warning, text);
    }
    if summary.is_testnet() {
        page.banner(Banner::Warning, "Testnet data: these prices were made at a test network.");
    }
    if let Some(at) = &summary.period.halted_at {
        let text = format!("The run was halted at {at}. Nothing is counted or annualised past it.");
        page.banner(Banner::Stop, &text);
    }
    for halt in &summary.halts {
        page.banner(Banner::Stop, &halt.text);
    }
    for complaint in &summary.complaints {
        page.banner(Banner::Stop, &format!("Complaint at {}: {}", complaint.at, complaint.text));
    }
    let gaps = summary.unexplained_gaps();
    if gaps > 0 {
        let text = format!("The data have {} holes that nothing explains; none was filled in.", wording::count(gaps));
        page.banner(Banner::Warning, &text);
    }
}

/// The figures, each with its definition.
pub fn figures(summary: &Summary) -> Vec<Figure> {
    let (result, currency) = (&summary.result, &summary.currency);
    let money = |text: &str| format!("{} {currency}", wording::money(text));
    let ended = format!("{} from {}", money(&result.final_equity), money(&result.opening_equity));
    let mut figures = vec![figure("result", wording::signed_percent(result.return_percent), ended)];
    if summary.trades.open_at_end > 0 {
        let note = format!("{} if all were closed at the end", money(&result.flattened_equity));
        figures.push(figure("flattened", wording::signed_percent(result.flattened_return_percent), note));
    }
    let hold = &summary.buy_and_hold;
    let note = match &hold.reason {
        Some(reason) => reason.clone(),
        None => format!("the run did {} points", wording::signed_percent(hold.excess_percent).replace(" %", "")),
    };
    figures.push(figure("buy_and_hold", wording::signed_percent(hold.return_percent), note));
    let depth = wording::percent(Some(result.max_drawdown_percent));
    figures.push(figure("drawdown", depth, "over the closes of all candles".to_owned()));
    for key in ["cagr", "sharpe", "profit_factor"] {
        figures.extend(summary.metric(key).map(|row| Figure {
            name: row.label.clone(),
            value: wording::metric(row, currency),
            note: wording::beside(row).unwrap_or("").to_owned(),
            definition: row.definition.clone(),
        }));
        if key == "sharpe" {
            figures.last_mut().into_iter().for_each(|figure| add_interval(figure, summary));
        }
    }
    figures.extend([trades(summary), costs(summary), certainty(summary), certain_share(summary)]);
    figures.extend(band(summary));
    figures
}

/// How sure the Sharpe ratio is, beside it.
fn add_interval(figure: &mut Figure, summary: &Summary) {
    let interval = &summary.sharpe_interval;
    if let (Some(low), Some(high)) = (interval.low, interval.high) {
        let percent = 100.0 * interval.confidence;
        let beside = if figure.note.is_empty() { String::new() } else { format!("; {}", figure.note) };
        figure.note = format!("{percent:.0} % interval {low:.2} to {high:.2}{beside}");
    }
    figure.definition = format!("{}. Interval: {}", figure.definition, interval.definition);
}

fn figure(key: &str, value: String, note: String) -> Figure {
    let term = term(key);
    Figure { name: term.name.to_owned(), value, note, definition: term.definition.to_owned() }
}

fn trades(summary: &Summary) -> Figure {
    let trades = &summary.trades;
    let note = format!(
        "{} won, {} lost, {} open at the end",
        wording::share(trades.winners, trades.closed),
        wording::share(trades.losers, trades.closed),
        wording::count(trades.open_at_end)
    );
    figure("trades", wording::count(trades.closed), note)
}

fn costs(summary: &Summary) -> Figure {
    let costs = &summary.costs;
    let note = format!("fees {}, slippage {}", wording::money(&costs.fees), wording::money(&costs.slippage));
    figure("costs", format!("{} {}", wording::money(&costs.total), summary.currency), note)
}

fn certainty(summary: &Summary) -> Figure {
    let fills = &summary.fills;
    let value = format!("{} of {}", wording::count(fills.ambiguous), wording::count(fills.count));
    let note = format!("{} were certain", wording::share(fills.certain, fills.count));
    figure("ambiguous_fills", value, note)
}

fn certain_share(summary: &Summary) -> Figure {
    let (value, note) = match summary.ambiguity.share_of_gross_profit_percent {
        Some(share) => (Some(100.0 - share), format!("{} rests on ambiguous fills", wording::percent(Some(share)))),
        None => (None, summary.ambiguity.reason.clone().unwrap_or_default()),
    };
    figure("certain_share", wording::percent(value), note)
}

fn band(summary: &Summary) -> Option<Figure> {
    let band = summary.band.as_ref()?;
    let end = wording::signed_percent;
    let value = format!("{} to {}", end(band.worst.return_percent), end(band.best.return_percent));
    Some(figure("band", value, "every doubt against the account, or for it".to_owned()))
}
