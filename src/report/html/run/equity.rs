//! The account over time, beside the benchmark, above its drawdown.

use super::super::page::{Chart, Page, Zoom};
use super::rows::{EquityRow, PriceChart};
use serde_json::json;

/// Decimals of money and of percentages in charts.
const DECIMALS: u8 = 2;
/// Decimals of percentages.
const PERCENT_DECIMALS: u8 = 3;

/// Points that the page keeps of an equity at every candle.
const MOST: usize = 20_000;

/// What the chart shows: the equity at every candle where the run kept it, else that of every day.
pub fn rows(daily: &[EquityRow], every_candle: &[(i64, f64)]) -> Vec<EquityRow> {
    if every_candle.is_empty() {
        return daily.to_vec();
    }
    let opening = daily.first().map(|row| (row.at, row.equity));
    let opening = opening.filter(|(at, _)| *at < every_candle[0].0);
    let mut peak = f64::MIN;
    let row = |(at, equity): (i64, f64)| {
        peak = peak.max(equity);
        let drawdown = if peak > 0.0 { (equity / peak - 1.0) * 100.0 } else { 0.0 };
        EquityRow { at, equity, drawdown }
    };
    let rows: Vec<EquityRow> = opening.into_iter().chain(every_candle.iter().copied()).map(row).collect();
    thinned(&rows)
}

/// Few enough of them: of each stretch the first, the lowest, the highest and the one furthest below its peak, and the last of all.
fn thinned(rows: &[EquityRow]) -> Vec<EquityRow> {
    let stretch = (4 * rows.len()).div_ceil(MOST).max(4);
    if rows.len() <= MOST {
        return rows.to_vec();
    }
    let mut kept = Vec::with_capacity(MOST + 1);
    for part in rows.chunks(stretch) {
        let by = |key: fn(&EquityRow) -> f64| {
            let ordered = |one: &usize, other: &usize| key(&part[*one]).total_cmp(&key(&part[*other]));
            ((0..part.len()).min_by(ordered), (0..part.len()).max_by(ordered))
        };
        let ((lowest, highest), (deepest, _)) = (by(|row| row.equity), by(|row| row.drawdown));
        let mut places: Vec<usize> = [Some(0), lowest, highest, deepest].into_iter().flatten().collect();
        places.sort_unstable();
        places.dedup();
        kept.extend(places.into_iter().map(|place| part[place]));
    }
    if kept.last() != rows.last() {
        kept.extend(rows.last());
    }
    kept
}

/// The chart of equity and drawdown.
pub fn chart(page: &mut Page, rows: &[EquityRow], sampled: &str, benchmark: &[(i64, f64)], currency: &str) -> Chart {
    let columns = &mut page.columns;
    columns.whole("equity.time", rows.iter().map(|row| row.at));
    columns.numbers("equity.worth", DECIMALS, &rows.iter().map(|row| row.equity).collect::<Vec<_>>());
    columns.numbers("equity.drawdown", PERCENT_DECIMALS, &rows.iter().map(|row| row.drawdown).collect::<Vec<_>>());
    let line = |name: &str, x: &str, y: &str, colour: &str, width: f64| {
        json!({
            "type": "scatter", "mode": "lines", "name": name, "x": x, "y": y, "detail": true,
            "line": { "color": colour, "width": width }, "hovertemplate": format!("%{{x}}<br>%{{y:,.2f}}<extra>{name}</extra>"),
        })
    };
    let mut traces = Vec::new();
    if !benchmark.is_empty() {
        columns.whole("benchmark.time", benchmark.iter().map(|(at, _)| *at));
        columns.numbers("benchmark.worth", DECIMALS, &benchmark.iter().map(|(_, worth)| *worth).collect::<Vec<_>>());
        traces.push(line("buy and hold", "@benchmark.time", "@benchmark.worth", "--benchmark", 1.3));
    }
    traces.push(line("equity", "@equity.time", "@equity.worth", "--long", 2.0));
    let mut drawdown = line("drawdown %", "@equity.time", "@equity.drawdown", "--loss", 1.0);
    drawdown["yaxis"] = json!("y2");
    drawdown["fill"] = json!("tozeroy");
    traces.push(drawdown);
    let held = match benchmark.is_empty() {
        true => "",
        false => {
            " Buy and hold: equal parts of the opening capital in every symbol by its price in its own quote asset, \
             without costs."
        }
    };
    let note = format!("Equity {sampled}.{held}");
    Chart {
        height: 440,
        zooms: Zoom::Time,
        layout: json!({
            "hovermode": "x",
            "yaxis": { "domain": [0.32, 1], "title": { "text": super::super::page::escape::html(currency) } },
            "yaxis2": { "domain": [0, 0.24], "title": { "text": "drawdown %" }, "anchor": "x" },
        }),
        ..Chart::new("equity", "Equity, buy and hold, and drawdown", &note, traces)
    }
}

/// Equal parts of the opening capital in each instrument, from its first bar on, at the closes of the bars.
pub fn benchmark(charts: &[PriceChart], opening: f64, start: i64) -> Vec<(i64, f64)> {
    let firsts: Vec<usize> = charts.iter().map(|chart| chart.at.partition_point(|at| *at < start)).collect();
    if charts.is_empty() || charts.iter().zip(&firsts).any(|(chart, first)| *first == chart.at.len()) {
        return Vec::new();
    }
    let mut times: Vec<i64> =
        charts.iter().zip(&firsts).flat_map(|(chart, first)| chart.at[*first..].iter().copied()).collect();
    times.sort_unstable();
    times.dedup();
    let mut next = firsts.clone();
    let each = opening / charts.len() as f64;
    let at = |time: i64| {
        let mut worth = 0.0;
        for ((chart, first), next) in charts.iter().zip(&firsts).zip(&mut next) {
            while *next < chart.at.len() && chart.at[*next] <= time {
                *next += 1;
            }
            let close = if *next == *first { chart.open[*first] } else { chart.close[*next - 1] };
            worth += each * (close / chart.open[*first]);
        }
        (time, worth)
    };
    times.into_iter().map(at).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_many_points_no_extreme_is_lost() {
        let daily = [EquityRow { at: 0, equity: 100.0, drawdown: 0.0 }];
        let spike = |index: i64| match index {
            70_001 => 500.0,
            70_003 => 3.0,
            99_999 => 42.0,
            _ => 100.0 + (index % 7) as f64,
        };
        let every: Vec<(i64, f64)> = (1..100_000).map(|index| (index, spike(index))).collect();
        let shown = rows(&daily, &every);
        assert!(shown.len() <= MOST + 1 && shown.windows(2).all(|pair| pair[0].at < pair[1].at), "{}", shown.len());
        assert_eq!((shown[0].at, shown[shown.len() - 1].equity), (0, 42.0));
        let row = |at: i64| shown.iter().find(|row| row.at == at).unwrap();
        assert_eq!((row(70_001).equity, row(70_003).equity), (500.0, 3.0));
        assert!((row(70_003).drawdown - -99.4).abs() < 1e-9);
        assert_eq!(rows(&daily, &[]), daily);
        assert_eq!(rows(&daily, &[(0, 7.0), (5, 8.0)]).len(), 2);
    }

    #[test]
    fn the_benchmark_holds_equal_parts_from_first_to_last_price() {
        let chart = |symbol: &str, rows: &[(i64, f64, f64)]| PriceChart {
            symbol: symbol.into(),
            at: rows.iter().map(|row| row.0).collect(),
            open: rows.iter().map(|row| row.1).collect(),
            close: rows.iter().map(|row| row.2).collect(),
            ..PriceChart::default()
        };
        let charts = [
            chart("A", &[(-5, 1.0, 1.0), (0, 10.0, 11.0), (10, 11.0, 20.0)]),
            chart("B", &[(0, 100.0, 100.0), (20, 100.0, 50.0)]),
        ];
        assert_eq!(benchmark(&charts, 1_000.0, 0), [(0, 1_050.0), (10, 1_500.0), (20, 1_250.0)]);
        assert_eq!(benchmark(&[chart("A", &[])], 1_000.0, 0), []);
    }
}
