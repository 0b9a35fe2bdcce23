//! How results spread: of days and of trades, by size, by length, by the hour and the weekday of the entry.

use super::curve::Curve;
use super::rows::Trades;
use super::terms::term;
use crate::report::html::page::{Chart, Page, Term};
use crate::report::wording;
use serde_json::{Value, json};

/// Bars on either side of zero; the outermost hold everything beyond.
const SIDE: i64 = 30;
/// Of values by size, the share at either end that may fall into the outermost bars.
const TAIL: f64 = 0.01;

/// Lengths of trades: up to how many seconds, and its name.
const LENGTHS: [(f64, &str); 9] = [
    (60.0, "< 1 min"),
    (300.0, "1–5 min"),
    (900.0, "5–15 min"),
    (3_600.0, "15–60 min"),
    (14_400.0, "1–4 h"),
    (43_200.0, "4–12 h"),
    (86_400.0, "12–24 h"),
    (604_800.0, "1–7 d"),
    (f64::INFINITY, "> 7 d"),
];

const WEEKDAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// All distributions, as charts side by side.
pub fn charts(page: &mut Page, curve: &Curve, trades: &Trades) -> String {
    let mut drawn = Vec::new();
    if let Ok(returns) = &curve.returns {
        let percents: Vec<f64> = returns.iter().map(|value| 100.0 * value).filter(|percent| *percent != 0.0).collect();
        if !percents.is_empty() {
            let mut chart = by_size("daily-returns", term("daily_returns"), "days", &percents);
            let still = wording::count((returns.len() - percents.len()) as u64);
            chart.note = format!("{}; {still} days without any are left out", chart.note);
            drawn.push(chart);
        }
    }
    let closed = Closed::of(trades);
    if !closed.percent.is_empty() {
        drawn.push(by_size("trade-results", term("trade_results"), "trades", &closed.percent));
        drawn.push(excursions());
        let lengths: Vec<&str> = LENGTHS.iter().map(|(_, name)| *name).collect();
        drawn.push(by_class("by-length", term("by_length"), &lengths, &closed, &closed.length_class()));
        let hours: Vec<String> = (0..24).map(|hour| format!("{hour:02}")).collect();
        let hours: Vec<&str> = hours.iter().map(String::as_str).collect();
        drawn.push(by_class("by-hour", term("by_hour"), &hours, &closed, &closed.hour()));
        drawn.push(by_class("by-weekday", term("by_weekday"), &WEEKDAYS, &closed, &closed.weekday()));
    }
    if drawn.is_empty() {
        return "<p class=\"soft\">No trade was finished.</p>\n".to_owned();
    }
    let places: Vec<String> = drawn.iter().map(|chart| page.chart(chart, "")).collect();
    format!("<div class=\"pair\">{}</div>\n", places.concat())
}

/// Finished trades.
struct Closed {
    entry: Vec<i64>,
    seconds: Vec<f64>,
    percent: Vec<f64>,
}

impl Closed {
    fn of(trades: &Trades) -> Self {
        let places: Vec<usize> = (0..trades.closed.len()).filter(|place| trades.closed[*place]).collect();
        Closed {
            entry: places.iter().map(|place| trades.entry[*place]).collect(),
            seconds: places.iter().map(|place| (trades.exit[*place] - trades.entry[*place]) as f64 / 1_000.0).collect(),
            percent: places.iter().map(|place| trades.percent[*place]).collect(),
        }
    }

    fn length_class(&self) -> Vec<usize> {
        let class = |seconds: &f64| LENGTHS.iter().position(|(to, _)| seconds < to).unwrap_or(LENGTHS.len() - 1);
        self.seconds.iter().map(class).collect()
    }

    fn hour(&self) -> Vec<usize> {
        self.entry.iter().map(|at| at.rem_euclid(86_400_000) as usize / 3_600_000).collect()
    }

    /// Monday is 0; the first of January 1970 was a Thursday.
    fn weekday(&self) -> Vec<usize> {
        self.entry.iter().map(|at| (at.div_euclid(86_400_000) + 3).rem_euclid(7) as usize).collect()
    }
}

/// How many values are of each size.
fn by_size(id: &str, term: &Term, what: &str, percents: &[f64]) -> Chart {
    let bins = Bins::of(percents);
    let colours: Vec<&str> = bins.places().map(|place| if place < 0 { "--loss" } else { "--gain" }).collect();
    let centres: Vec<f64> = bins.places().map(|place| (place as f64 + 0.5) * bins.width).collect();
    let names: Vec<String> = bins.places().map(|place| bins.name(place)).collect();
    let trace = json!({
        "type": "bar", "name": what, "x": centres, "y": bins.counts, "text": names, "textposition": "none",
        "width": bins.width, "marker": { "color": colours }, "hovertemplate": format!("%{{text}}: %{{y}} {what}<extra></extra>"),
    });
    let layout =
        json!({ "bargap": 0.06, "xaxis": { "title": { "text": "%" } }, "yaxis": { "title": { "text": what } } });
    Chart { height: 280, layout, ..Chart::new(id, term.name, term.definition, vec![trace]) }
}

/// Counts of values in bins of one width, of which one begins at zero.
struct Bins {
    width: f64,
    first: i64,
    counts: Vec<u64>,
}

impl Bins {
    fn of(values: &[f64]) -> Self {
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        let at = |share: f64| sorted[(share * (sorted.len() - 1) as f64) as usize];
        let reach = at(TAIL).abs().max(at(1.0 - TAIL).abs());
        let width = round_width(reach / (SIDE as f64 - 2.0));
        let place = |value: f64| ((value / width).floor() as i64).clamp(-SIDE, SIDE - 1);
        let (first, last) = (place(sorted[0]), place(sorted[sorted.len() - 1]));
        let mut counts = vec![0; (last - first + 1) as usize];
        for value in values {
            counts[(place(*value) - first) as usize] += 1;
        }
        Bins { width, first, counts }
    }

    fn places(&self) -> impl Iterator<Item = i64> {
        self.first..self.first + self.counts.len() as i64
    }

    fn name(&self, place: i64) -> String {
        let (from, to) = (place as f64 * self.width, (place + 1) as f64 * self.width);
        match place {
            _ if place == -SIDE => format!("below {} %", short(to)),
            _ if place == SIDE - 1 => format!("{} % and above", short(from)),
            _ => format!("{} to {} %", short(from), short(to)),
        }
    }
}

/// A number without the noise of its last bits.
fn short(value: f64) -> String {
    let text = format!("{value:.6}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// The least of 1, 2 and 5 times a power of ten that is not below a width.
fn round_width(width: f64) -> f64 {
    let mut power = 1e-6;
    while power < 1e12 {
        for step in [1.0, 2.0, 5.0] {
            if step * power >= width {
                return step * power;
            }
        }
        power *= 10.0;
    }
    power
}

/// The shown trades: what each stood to lose and to gain while it was open, against what it came to.
fn excursions() -> Chart {
    let term = term("excursions");
    let dots = |name: &str, column: &str, colour: &str, symbol: &str| {
        json!({
            "type": "scatter", "mode": "markers", "name": name, "x": format!("@trades.{column}"),
            "y": "@trades.profit_percent", "text": "@trades.trade",
            "marker": { "color": colour, "symbol": symbol, "size": 6, "opacity": 0.7 },
            "hovertemplate": format!("#%{{text}}: {name} %{{x:.2f}} %, result %{{y:.2f}} %<extra></extra>"),
        })
    };
    let traces =
        vec![dots("MAE", "mae_percent", "--loss", "circle"), dots("MFE", "mfe_percent", "--long", "diamond-open")];
    let layout =
        json!({ "xaxis": { "title": { "text": "excursion %" } }, "yaxis": { "title": { "text": "result %" } } });
    Chart { height: 280, layout, ..Chart::new("excursions", term.name, term.definition, traces) }
}

/// How many trades fall into each class, and their mean result.
fn by_class(id: &str, term: &Term, names: &[&str], closed: &Closed, classes: &[usize]) -> Chart {
    let (mut counts, mut sums) = (vec![0_u64; names.len()], vec![0.0; names.len()]);
    for (class, percent) in classes.iter().zip(&closed.percent) {
        counts[*class] += 1;
        sums[*class] += percent;
    }
    let mean = |(sum, count): (&f64, &u64)| if *count == 0 { Value::Null } else { json!(sum / *count as f64) };
    let means: Vec<Value> = sums.iter().zip(&counts).map(mean).collect();
    let colours: Vec<&str> = sums.iter().map(|sum| if *sum < 0.0 { "--loss" } else { "--gain" }).collect();
    let traces = vec![
        json!({
            "type": "bar", "name": "mean result %", "x": names, "y": means, "marker": { "color": colours },
            "hovertemplate": "%{x}: %{y:.3f} % on average<extra></extra>",
        }),
        json!({
            "type": "scatter", "mode": "lines+markers", "name": "trades", "x": names, "y": counts, "yaxis": "y2",
            "line": { "color": "--soft", "width": 1, "dash": "dot" }, "marker": { "color": "--soft", "size": 5 },
            "hovertemplate": "%{x}: %{y} trades<extra></extra>",
        }),
    ];
    let layout = json!({
        "xaxis": { "type": "category" },
        "yaxis": { "title": { "text": "mean result %" } },
        "yaxis2": { "title": { "text": "trades" }, "overlaying": "y", "side": "right", "rangemode": "tozero", "showgrid": false },
    });
    Chart { height: 280, layout, ..Chart::new(id, term.name, term.definition, traces) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_is_in_one_bin_and_zero_begins_one() {
        let values: Vec<f64> = (-500..1_500).map(|step| f64::from(step) / 100.0).chain([-900.0, 900.0]).collect();
        let bins = Bins::of(&values);
        assert_eq!(bins.counts.iter().sum::<u64>(), values.len() as u64);
        assert_eq!((bins.first, bins.counts.len()), (-SIDE, 2 * SIDE as usize));
        assert_eq!((bins.width, bins.counts[0], bins.counts[SIDE as usize]), (1.0, 1, 100));
        assert_eq!(
            (bins.name(-SIDE), bins.name(0), bins.name(SIDE - 1)),
            ("below -29 %".to_owned(), "0 to 1 %".to_owned(), "29 % and above".to_owned())
        );
        assert_eq!(Bins::of(&[0.0]).counts, [1]);
    }

    #[test]
    fn hours_and_weekdays_are_those_of_the_entry_in_utc() {
        let at: crate::domain::Timestamp = "2024-02-04T23:59:00Z".parse().unwrap();
        let trades = Trades {
            entry: vec![at.millis(), -1],
            exit: vec![at.millis() + 60_000, 86_400_000 * 8],
            percent: vec![1.0, 2.0],
            closed: vec![true, true],
        };
        let closed = Closed::of(&trades);
        assert_eq!((closed.hour(), closed.weekday()), (vec![23, 23], vec![6, 2]));
        assert_eq!(closed.length_class(), [1, 8]);
    }
}
