//! The machines against the committed tables of `tests/oracles/indicators.py`: one made in exact rational arithmetic,
//! one by the released TA-Lib.

use super::trial::filled;
use super::*;
use crate::domain::{Candle, CandleColumns, Price, Quantity, Rate, Timestamp};

const EXACT: &str = include_str!("../../tests/oracles/indicators.csv");
const TALIB: &str = include_str!("../../tests/oracles/indicators_talib.csv");

/// Columns of the exact table before the indicators: open time, four prices, volume.
const CANDLE_COLUMNS: usize = 6;
const CANDLES: usize = 240;

/// What TA-Lib must be met within: this part of the price, or of a hundred per cent.
const ENOUGH: f64 = 1e-9;

const TWO: Rate = Rate::from_units(200_000_000);
const ONE_AND_A_HALF: Rate = Rate::from_units(150_000_000);
const BANDS: [Band; 3] = [Band::Upper, Band::Middle, Band::Lower];

/// Every indicator of the exact table, in its order.
fn tabled() -> Vec<Spec> {
    let mut specs = Vec::new();
    specs.extend([1, 3, 20].map(|window| Spec::Sma { window }));
    specs.extend([1, 12].map(|window| Spec::Ema { window }));
    specs.extend([1, 3, 20].map(|window| Spec::Wma { window }));
    specs.extend([2, 14].map(|window| Spec::Rsi { window }));
    for (fast, slow, signal) in [(3, 10, 4), (12, 26, 9)] {
        let lines = [MacdLine::Line, MacdLine::Signal, MacdLine::Histogram];
        specs.extend(lines.map(|line| Spec::Macd { fast, slow, signal, line }));
    }
    specs.extend([1, 14].map(|window| Spec::Atr { window }));
    for window in [2, 14] {
        let lines = [DirectionalLine::Adx, DirectionalLine::Plus, DirectionalLine::Minus];
        specs.extend(lines.map(|line| Spec::Directional { window, line }));
    }
    for (window, width) in [(5, ONE_AND_A_HALF), (20, TWO)] {
        specs.extend(BANDS.map(|band| Spec::Bollinger { window, width, band }));
    }
    for (window, range) in [(20, 10), (5, 14)] {
        specs.extend(BANDS.map(|band| Spec::Keltner { window, range, width: ONE_AND_A_HALF, band }));
    }
    for window in [1, 20] {
        specs.extend(BANDS.map(|band| Spec::Donchian { window, band }));
    }
    for (window, smooth, signal) in [(14, 1, 3), (5, 3, 3), (14, 3, 5)] {
        let lines = [StochasticLine::K, StochasticLine::D];
        specs.extend(lines.map(|line| Spec::Stochastic { window, smooth, signal, line }));
    }
    specs.extend([2, 20].map(|window| Spec::StandardDeviation { window }));
    specs.extend([2, 20].map(|window| Spec::ZScore { window }));
    specs.extend([1, 10].map(|window| Spec::RateOfChange { window }));
    for (window, width) in [(1, TWO), (20, Rate::from_units(250_000_000))] {
        specs.extend(BANDS.map(|band| Spec::RollingVwap { window, width, band }));
    }
    specs.extend(BANDS.map(|band| Spec::SessionVwap { width: TWO, band }));
    specs.push(Spec::OnBalanceVolume);
    specs.extend([1, 5, 55].into_iter().flat_map(|window| [Spec::RollingHigh { window }, Spec::RollingLow { window }]));
    specs
}

/// A table by its header and its rows.
struct Table {
    header: Vec<String>,
    rows: Vec<csv::StringRecord>,
}

impl Table {
    fn of(text: &str) -> Self {
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let header = reader.headers().unwrap().iter().map(str::to_owned).collect();
        let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        assert_eq!(rows.len(), CANDLES);
        Table { header, rows }
    }

    /// NaN where the table says nothing; none when there is no such column.
    fn column(&self, name: &str) -> Option<Vec<f64>> {
        let place = self.header.iter().position(|known| known == name)?;
        let value = |cell: &str| if cell.is_empty() { f64::NAN } else { cell.parse().unwrap() };
        Some(self.rows.iter().map(|row| value(&row[place])).collect())
    }

    fn candles(&self) -> CandleColumns {
        let mut candles = CandleColumns::default();
        for row in &self.rows {
            let number = |column: usize| row[column].parse::<i64>().unwrap();
            candles.push(&Candle {
                open_time: Timestamp::from_millis(number(0)),
                open: Price::from_units(number(1)),
                high: Price::from_units(number(2)),
                low: Price::from_units(number(3)),
                close: Price::from_units(number(4)),
                volume: Quantity::from_units(number(5)),
            });
        }
        candles
    }
}

/// What a difference is judged against.
fn scale(spec: Spec) -> f64 {
    match spec {
        Spec::Rsi { .. } | Spec::Directional { .. } | Spec::Stochastic { .. } | Spec::RateOfChange { .. } => 100.0,
        Spec::ZScore { .. } => 1.0,
        Spec::OnBalanceVolume => 1.0,
        // Real prices of the table.
        _ => 70_000.0,
    }
}

/// How far a value may stand from the exact one: nothing where one correctly rounded operation makes it.
fn tolerance(spec: Spec) -> f64 {
    match spec {
        Spec::Sma { .. }
        | Spec::RollingHigh { .. }
        | Spec::RollingLow { .. }
        | Spec::Donchian { .. }
        | Spec::OnBalanceVolume => 0.0,
        _ => 1e-12 * scale(spec),
    }
}

/// The largest distance where both have a value.
fn worst(left: &[f64], right: &[f64]) -> f64 {
    left.iter().zip(right).map(|(left, right)| (left - right).abs()).fold(0.0, f64::max)
}

/// The first candle with a value, counted from one.
fn first(values: &[f64]) -> usize {
    values.iter().position(|value| !value.is_nan()).map_or(0, |row| row + 1)
}

#[test]
fn every_value_of_the_exact_table_is_met() {
    let table = Table::of(EXACT);
    let candles = table.candles();
    let names: Vec<String> = tabled().iter().map(Spec::name).collect();
    assert_eq!(names, table.header[CANDLE_COLUMNS..]);
    let mut compared = 0;
    for spec in tabled() {
        let name = spec.name();
        let (ours, exact) = (filled(spec, 2, candles.rows()), table.column(&name).unwrap());
        for (row, (value, exact)) in ours.into_iter().zip(exact).enumerate() {
            assert_eq!(value.is_nan(), exact.is_nan(), "{name} at row {row}: {value} instead of {exact}");
            let distance = (value - exact).abs();
            assert!(exact.is_nan() || distance <= tolerance(spec), "{name} at row {row}: {value} instead of {exact}");
            compared += usize::from(!exact.is_nan());
        }
    }
    println!("{compared} values of {} columns are met", names.len());
    assert!(compared > 14_000, "{compared} compared");
}

#[test]
fn every_value_of_talib_is_met_from_its_first_candle_on() {
    let (exact_table, talib_table) = (Table::of(EXACT), Table::of(TALIB));
    let candles = exact_table.candles();
    println!(
        "indicator, first value here / in TA-Lib, worst distance, TA-Lib's from the exact value, ours, without value"
    );
    let mut compared = Vec::new();
    for spec in tabled() {
        let name = spec.name();
        let Some(theirs) = talib_table.column(&name) else { continue };
        let (ours, exact) = (filled(spec, 2, candles.rows()), exact_table.column(&name).unwrap());
        let (here, there) = (first(&ours), first(&theirs));
        assert_eq!(there, here + later_in_talib(spec), "{name}: {here} here, {there} in TA-Lib");
        let mut without_value = 0;
        for row in there - 1..CANDLES {
            let (value, other) = (ours[row], theirs[row]);
            assert!(!other.is_nan(), "{name} at row {row}: TA-Lib has no value");
            if value.is_nan() {
                // Nothing moved: 0 / 0, which TA-Lib takes for nought.
                assert!(matches!(spec, Spec::Stochastic { .. }), "{name} at row {row}: no value instead of {other}");
                without_value += 1;
                continue;
            }
            let met = (value - other).abs() <= ENOUGH * scale(spec);
            assert!(met, "{name} at row {row}: {value} instead of {other}, exactly {}", exact[row]);
        }
        let (distance, of_talib, of_ours) = (worst(&ours, &theirs), worst(&theirs, &exact), worst(&ours, &exact));
        println!("{name}, {here} / {there}, {distance:.1e}, {of_talib:.1e}, {of_ours:.1e}, {without_value}");
        compared.push(name);
    }
    assert_eq!(compared, talib_table.header);
    assert!(compared.len() > 40, "{compared:?}");
}

/// By how many candles TA-Lib's first value comes later than it could: it shows all lines of an indicator from the
/// candle on at which the last of them begins.
fn later_in_talib(spec: Spec) -> usize {
    match spec {
        Spec::Macd { signal, line: MacdLine::Line, .. } => signal as usize - 1,
        Spec::Stochastic { signal, line: StochasticLine::K, .. } => signal as usize - 1,
        _ => 0,
    }
}
