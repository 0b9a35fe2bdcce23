//! Whether the choice travels: the halves of the record, where the winner of one was ranked on the other.

use super::headline::not_judged;
use super::sources::Sources;
use super::terms::term;
use crate::report::page::escape::html;
use crate::report::page::{Chart, Page};
use crate::report::wording;
use crate::validate::Half;
use serde_json::json;

/// Dots of the scatter at most.
const DOTS_MAX: usize = 2_000;

/// Bars of the histogram on either side of zero, and the width of each.
const BARS: i64 = 24;
const WIDTH: f64 = 0.25;

/// The section's markup.
pub fn section(page: &mut Page, sources: &Sources) -> String {
    let Some(judged) = &sources.judged else {
        return format!("<p>{}</p>\n", html(&not_judged(sources)));
    };
    let pbo = judged.get("pbo");
    if sources.halves.is_empty() {
        let command = sources.validate_command("");
        let reason = match pbo {
            Some(found) if found.value.is_none() => found.meaning(),
            _ => format!("The halves of the record are not there: run `{command}` again."),
        };
        return format!("<p>{}</p>\n", html(&reason));
    }
    let numbers: Vec<String> = ["pbo", "degradation", "loss_probability", "decay"]
        .iter()
        .filter_map(|key| judged.get(key))
        .map(|found| format!("{} {}", found.label, found.text()))
        .collect();
    let (histogram, scatter) = (logits(&sources.halves), scatter(&sources.halves));
    let places = page.chart(&histogram, "") + &page.chart(&scatter, "");
    format!("<p class=\"soft\">{}.</p>\n<div class=\"pair\">{places}</div>\n", html(&numbers.join(" · ")))
}

/// How the winners of a half ranked on the other.
fn logits(halves: &[Half]) -> Chart {
    // A rank at the median is overfitted: a logit of zero belongs to the bars below.
    let place = |logit: f64| ((logit / WIDTH).ceil() - 1.0).clamp(-BARS as f64, (BARS - 1) as f64) as i64;
    let places: Vec<i64> = halves.iter().map(|half| place(half.logit)).collect();
    let (first, last) = (places.iter().min().copied().unwrap_or(0), places.iter().max().copied().unwrap_or(0));
    let mut counts = vec![0_u64; (last - first + 1) as usize];
    places.iter().for_each(|place| counts[(place - first) as usize] += 1);
    let name = |place: i64| match place {
        _ if place == -BARS => format!("up to {}", (place + 1) as f64 * WIDTH),
        _ if place == BARS - 1 => format!("above {}", place as f64 * WIDTH),
        _ => format!("above {} to {}", place as f64 * WIDTH, (place + 1) as f64 * WIDTH),
    };
    let bars = json!({
        "type": "bar", "x": (first..=last).map(|place| (place as f64 + 0.5) * WIDTH).collect::<Vec<_>>(), "y": counts,
        "width": WIDTH, "text": (first..=last).map(name).collect::<Vec<_>>(), "textposition": "none",
        "marker": { "color": (first..=last).map(|place| if place < 0 { "--loss" } else { "--gain" }).collect::<Vec<_>>() },
        "hovertemplate": "logit %{text}: %{y} halves<extra></extra>",
    });
    let layout = json!({
        "bargap": 0.06, "showlegend": false, "xaxis": { "title": { "text": "logit of the winner's rank out of sample" } },
        "yaxis": { "title": { "text": "halves" } },
    });
    let term = term("logits");
    Chart { height: 300, layout, ..Chart::new("logits", term.name, term.definition, vec![bars]) }
}

/// What the winners did where they won, and on the other half.
fn scatter(halves: &[Half]) -> Chart {
    let both: Vec<(f64, f64, &Half)> =
        halves.iter().filter_map(|half| Some((half.in_sample?, half.out_of_sample?, half))).collect();
    let step = both.len().div_ceil(DOTS_MAX).max(1);
    let shown: Vec<_> = both.iter().step_by(step).collect();
    let dots = |name: &str, colour: &str, symbol: &str, wanted: &dyn Fn(f64) -> bool| {
        let of: Vec<_> = shown.iter().filter(|(_, _, half)| wanted(half.logit)).collect();
        json!({
            "type": "scatter", "mode": "markers", "name": name, "x": of.iter().map(|(x, _, _)| short(*x)).collect::<Vec<_>>(),
            "y": of.iter().map(|(_, y, _)| short(*y)).collect::<Vec<_>>(),
            "text": of.iter().map(|(_, _, half)| format!("trial {}", half.trial)).collect::<Vec<_>>(),
            "marker": { "color": colour, "size": 5, "opacity": 0.55, "symbol": symbol },
            "hovertemplate": "%{text}: in sample %{x:.2f}, out of sample %{y:.2f}<extra></extra>",
        })
    };
    let ends = |of: fn(f64, f64) -> f64, start: f64| both.iter().fold(start, |end, (x, y, _)| of(end, of(*x, *y)));
    let (low, high) = (ends(f64::min, f64::INFINITY), ends(f64::max, f64::NEG_INFINITY));
    let equal = json!({
        "type": "scatter", "mode": "lines", "name": "as good on both", "x": [low, high], "y": [low, high], "hoverinfo": "skip",
        "line": { "color": "--soft", "width": 1, "dash": "dot" },
    });
    let traces = vec![
        equal,
        dots("better than the median", "--gain", "circle", &|logit| logit > 0.0),
        dots("no better", "--loss", "diamond", &|logit| logit <= 0.0),
    ];
    let layout = json!({
        "xaxis": { "title": { "text": "annual Sharpe ratio in sample" } },
        "yaxis": { "title": { "text": "out of sample" } },
    });
    let term = term("in_and_out");
    let count = |number: usize| wording::count(number as u64);
    let note = format!("{}; {} of {} ways are shown", term.definition, count(shown.len()), count(halves.len()));
    Chart { height: 300, layout, ..Chart::new("in-and-out", term.name, &note, traces) }
}

/// A ratio to four decimals: a dot needs no more.
fn short(value: f64) -> f64 {
    (value * 1e4).round() / 1e4
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logits_without_an_end_stand_in_the_outermost_bars() {
        let half = |logit: f64| Half { trial: 0, in_sample: None, out_of_sample: None, rank: 1.0, logit };
        let chart = logits(&[f64::NEG_INFINITY, 0.0, f64::INFINITY].map(half));
        let counts: Vec<u64> = serde_json::from_value(chart.traces[0]["y"].clone()).unwrap();
        let places = |wanted: u64| counts.iter().enumerate().filter(move |(_, count)| **count == wanted);
        assert_eq!(places(1).map(|(place, _)| place).collect::<Vec<_>>(), [0, 23, 47]);
    }
}
