//! The charts as data for the drawing script. Colours of text and grid are the page's, so that it may turn dark.

use super::escape;
use super::rows::{EquityRow, PriceChart, PriceRow, TradeRow};
use crate::domain::Timestamp;
use plotly::color::NamedColor;
use plotly::common::{Direction, Fill, HoverInfo, Line, Marker, MarkerSymbol, Mode, Orientation, Visible};
use plotly::layout::{Axis, AxisType, DragMode, HoverMode, Legend, Margin};
use plotly::{Candlestick, Layout, Plot, Scatter};

const EQUITY: &str = "#2f7ed8";
const BENCHMARK: &str = "#a07b2c";
const LOSS: &str = "#d64550";
const GAIN: &str = "#1b9e77";
const LONG: &str = "#0a84ff";
const SHORT: &str = "#bf5af2";

/// The account over time above its drawdown, and the benchmark.
pub fn equity(rows: &[EquityRow], benchmark: &[(i64, f64)], currency: &str) -> String {
    let times: Vec<i64> = rows.iter().map(|row| row.at).collect();
    let worth = rows.iter().map(|row| cents(row.equity)).collect();
    let drawdown = rows.iter().map(|row| cents(row.drawdown)).collect();
    let mut plot = Plot::new();
    if !benchmark.is_empty() {
        let (at, worth): (Vec<i64>, Vec<f64>) = benchmark.iter().map(|(at, worth)| (*at, cents(*worth))).unzip();
        plot.add_trace(
            Scatter::new(at, worth)
                .mode(Mode::Lines)
                .name("buy and hold")
                .line(Line::new().color(BENCHMARK).width(1.2)),
        );
    }
    plot.add_trace(
        Scatter::new(times.clone(), worth).mode(Mode::Lines).name("equity").line(Line::new().color(EQUITY).width(2.0)),
    );
    plot.add_trace(
        Scatter::new(times, drawdown)
            .mode(Mode::Lines)
            .name("drawdown %")
            .y_axis("y2")
            .fill(Fill::ToZeroY)
            .line(Line::new().color(LOSS).width(1.0)),
    );
    let layout = layout(460)
        .y_axis(Axis::new().domain(&[0.32, 1.0]).title(escape::html(currency)))
        .y_axis2(Axis::new().domain(&[0.0, 0.24]).title("drawdown %").anchor("x"));
    plot.set_layout(layout);
    plot.to_json()
}

/// Bars of one instrument with the trades that are shown.
pub fn price(symbol: &str, bars: &[PriceRow], trades: &[TradeRow]) -> String {
    let column = |value: fn(&PriceRow) -> f64| bars.iter().map(value).collect::<Vec<f64>>();
    let times: Vec<i64> = bars.iter().map(|row| row.at).collect();
    let candles = Candlestick::new(
        times,
        column(|row| row.open),
        column(|row| row.high),
        column(|row| row.low),
        column(|row| row.close),
    )
    .name(escape::html(symbol))
    .increasing(Direction::Increasing { line: Line::new().color(GAIN).width(1.0) })
    .decreasing(Direction::Decreasing { line: Line::new().color(LOSS).width(1.0) })
    .hover_info(HoverInfo::XAndYAndZ);
    let mut plot = Plot::new();
    plot.add_trace(Box::new(candles));
    let own: Vec<&TradeRow> = trades.iter().filter(|trade| trade.cell("symbol") == symbol).collect();
    for direction in ["long", "short"] {
        let of: Vec<&TradeRow> = own.iter().copied().filter(|trade| trade.cell("direction") == direction).collect();
        if of.is_empty() {
            continue;
        }
        let (colour, symbol) =
            if direction == "long" { (LONG, MarkerSymbol::TriangleUp) } else { (SHORT, MarkerSymbol::TriangleDown) };
        plot.add_trace(marks(&of, "entry", direction, Marker::new().color(colour).symbol(symbol).size(9)));
    }
    if !own.is_empty() {
        let colours: Vec<&str> = own.iter().map(|trade| if trade.profit_percent > 0.0 { GAIN } else { LOSS }).collect();
        let marker = Marker::new().color_array(colours).symbol(MarkerSymbol::Circle).size(7);
        let marker = marker.line(Line::new().color(NamedColor::White).width(0.5));
        plot.add_trace(marks(&own, "exit", "all", marker));
    }
    plot.set_layout(layout(420).y_axis(Axis::new().title(escape::html(symbol))));
    plot.to_json()
}

/// Entries or exits as marks.
fn marks(trades: &[&TradeRow], what: &str, direction: &str, marker: Marker) -> Box<Scatter<i64, f64>> {
    let column = |suffix: &str| format!("{what}_{suffix}");
    let (time, price) = (column("time"), column("price"));
    let millis = |trade: &&TradeRow| trade.cell(&time).parse::<Timestamp>().map_or(0, Timestamp::millis);
    let at = trades.iter().map(millis).collect();
    let prices = trades.iter().map(|trade| trade.cell(&price).parse().unwrap_or(f64::NAN)).collect();
    let text = |trade: &&TradeRow| {
        let (number, percent) = (trade.cell("trade"), trade.profit_percent);
        escape::html(&format!("#{number} {} {percent:+.2} % {}", trade.cell("direction"), trade.cell("exit_reason")))
    };
    let name = if what == "exit" { "exits".to_owned() } else { format!("{direction} entries") };
    Scatter::new(at, prices)
        .mode(Mode::Markers)
        .name(name)
        .marker(marker)
        .text_array(trades.iter().map(text).collect::<Vec<_>>())
        .hover_template(format!("{what} %{{y}}<br>%{{x}}<br>%{{text}}<extra></extra>"))
        .visible(Visible::True)
}

/// Equal parts of the opening capital in each instrument, from its first bar on, at the closes of the bars.
pub fn benchmark(charts: &[PriceChart], opening: f64, start: i64) -> Vec<(i64, f64)> {
    let rows_of = |chart: &PriceChart| chart.rows.iter().filter(|row| row.at >= start).copied().collect::<Vec<_>>();
    let parts: Vec<Vec<PriceRow>> = charts.iter().map(rows_of).filter(|rows| !rows.is_empty()).collect();
    if parts.is_empty() || parts.len() != charts.len() {
        return Vec::new();
    }
    let mut times: Vec<i64> = parts.iter().flatten().map(|row| row.at).collect();
    times.sort_unstable();
    times.dedup();
    let mut next = vec![0; parts.len()];
    let each = opening / parts.len() as f64;
    let at = |time: i64| {
        let mut worth = 0.0;
        for (rows, next) in parts.iter().zip(&mut next) {
            while *next < rows.len() && rows[*next].at <= time {
                *next += 1;
            }
            let close = if *next == 0 { rows[0].open } else { rows[*next - 1].close };
            worth += each * (close / rows[0].open);
        }
        (time, worth)
    };
    times.into_iter().map(at).collect()
}

fn layout(height: usize) -> Layout {
    Layout::new()
        .height(height)
        .auto_size(true)
        .margin(Margin::new().left(70).right(20).top(10).bottom(40))
        .x_axis(Axis::new().type_(AxisType::Date).range_slider(plotly::layout::RangeSlider::new().visible(false)))
        .legend(Legend::new().orientation(Orientation::Horizontal).x(0.0).y(1.08))
        .hover_mode(HoverMode::Closest)
        .drag_mode(DragMode::Zoom)
}

/// To the second decimal: a chart shows no more, and digits are most of a page's weight.
fn cents(value: f64) -> f64 {
    if value.abs() < 10.0 { (value * 1e6).round() / 1e6 } else { (value * 100.0).round() / 100.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_benchmark_holds_equal_parts_from_first_to_last_price() {
        let row = |at, open, close| PriceRow { at, open, high: open, low: close, close };
        let chart = |symbol: &str, rows| PriceChart { symbol: symbol.into(), rows };
        let charts = [
            chart("A", vec![row(-5, 1.0, 1.0), row(0, 10.0, 11.0), row(10, 11.0, 20.0)]),
            chart("B", vec![row(0, 100.0, 100.0), row(20, 100.0, 50.0)]),
        ];
        assert_eq!(benchmark(&charts, 1_000.0, 0), [(0, 1_050.0), (10, 1_500.0), (20, 1_250.0)]);
        assert_eq!(benchmark(&[chart("A", vec![])], 1_000.0, 0), []);
    }
}
