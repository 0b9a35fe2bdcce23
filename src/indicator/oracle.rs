//! The machines against the committed table of `tests/oracles/indicators.py`, made in exact rational arithmetic.

use super::trial::filled;
use super::*;
use crate::domain::{Candle, CandleColumns, Price, Quantity, Timestamp};

const TABLE: &str = include_str!("../../tests/oracles/indicators.csv");
const PRICE_COLUMNS: usize = 4;

fn spec_named(name: &str) -> Spec {
    let (kind, window) = name.strip_suffix(')').and_then(|text| text.split_once('(')).expect("kind(window)");
    let window = window.parse().expect("a window");
    match kind {
        "sma" => Spec::Sma { window },
        "ema" => Spec::Ema { window },
        "rsi" => Spec::Rsi { window },
        "atr" => Spec::Atr { window },
        "standard_deviation" => Spec::StandardDeviation { window },
        "rolling_high" => Spec::RollingHigh { window },
        "rolling_low" => Spec::RollingLow { window },
        unknown => panic!("the table names an indicator that is not built: {unknown}"),
    }
}

/// How far a value may stand from the exact one: nothing where one correctly rounded operation makes it.
fn tolerance(spec: Spec) -> f64 {
    match spec {
        Spec::Sma { .. } | Spec::RollingHigh { .. } | Spec::RollingLow { .. } => 0.0,
        // Real prices of the table are about 70,000.
        Spec::Ema { .. } | Spec::Atr { .. } | Spec::StandardDeviation { .. } => 1e-9 * 70_000.0 * 1e-3,
        Spec::Rsi { .. } => 1e-9,
    }
}

#[test]
fn every_value_of_the_exact_table_is_met() {
    let mut lines = TABLE.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let header = lines.next().unwrap();
    let rows: Vec<Vec<&str>> = lines.collect();
    let mut candles = CandleColumns::default();
    for (minute, row) in rows.iter().enumerate() {
        let price = |column: usize| Price::from_units(row[column].parse().unwrap());
        candles.push(&Candle {
            open_time: Timestamp::from_millis(minute as i64 * 60_000),
            open: price(0),
            high: price(1),
            low: price(2),
            close: price(3),
            volume: Quantity::from_units(1),
        });
    }
    let mut compared = 0;
    for (column, name) in header.iter().enumerate().skip(PRICE_COLUMNS) {
        let spec = spec_named(name);
        assert_eq!(spec.name(), *name);
        for (row, value) in filled(spec, 2, candles.rows()).into_iter().enumerate() {
            match rows[row][column] {
                "" => assert!(value.is_nan(), "{name} has a value at row {row}, before its warm-up"),
                exact => {
                    let distance = (value - exact.parse::<f64>().unwrap()).abs();
                    assert!(distance <= tolerance(spec), "{name} at row {row}: {value} instead of {exact}");
                    compared += 1;
                }
            }
        }
    }
    assert_eq!((rows.len(), header.len(), compared > 3_500), (240, PRICE_COLUMNS + 17, true), "{compared} compared");
}
