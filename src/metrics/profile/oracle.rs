//! The profiles against the committed table of `tests/oracles/metrics.py`, which runs the released libraries; and our own
//! metrics against empyrical-reloaded.

use super::{ProfileRow, backtesting_py, quantstats};
use crate::domain::{Span, Timestamp};
use crate::metrics::{drawdown, returns, sharpe, sortino, tail_ratio, total_return, value_at_risk, volatility};
use serde_json::Value;

fn table() -> Value {
    serde_json::from_str(include_str!("../../../tests/oracles/metrics.json")).unwrap()
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|one| one.as_f64().unwrap()).collect()
}

/// The number of a cell; `raises …` is none.
fn printed(cell: &Value) -> f64 {
    cell.as_f64().unwrap_or_else(|| match cell.as_str().unwrap() {
        "inf" => f64::INFINITY,
        "-inf" => f64::NEG_INFINITY,
        _ => f64::NAN,
    })
}

/// Within 1e-9 of the larger, or both not a number. Sums of other orders leave a rest where the truth is zero.
fn agree(found: f64, wanted: f64) -> bool {
    let apart = (found - wanted).abs();
    found == wanted || (found.is_nan() && wanted.is_nan()) || apart <= 1e-9 * wanted.abs() || apart < 1e-15
}

/// Compares every row with its cell, and demands a stated difference just where they disagree.
fn compare(name: &str, rows: &[ProfileRow], cells: &Value, faults: &mut Vec<String>) -> usize {
    let cells = cells.as_object().unwrap();
    assert_eq!(rows.len(), cells.len(), "{name}: one row for every number of the library");
    let mut compared = 0;
    for row in rows {
        let cell = cells.get(row.label).unwrap_or_else(|| panic!("the library has no {}", row.label));
        match &row.difference {
            None if agree(row.value, printed(cell)) => compared += 1,
            None => faults.push(format!("{name} {}: {} instead of {cell}", row.label, row.value)),
            Some(_) => {}
        }
    }
    compared
}

#[test]
fn the_quantstats_profile_prints_what_quantstats_prints() {
    let (mut faults, mut compared) = (Vec::new(), 0);
    for (name, case) in table()["returns"].as_object().unwrap() {
        let rows = quantstats::rows(&numbers(&case["returns"]));
        compared += compare(name, &rows, &case["quantstats"], &mut faults);
        let stated: Vec<&str> = rows.iter().filter(|row| row.difference.is_some()).map(|row| row.label).collect();
        match name.as_str() {
            "doubled" => assert_eq!(stated.len(), rows.len() - 1, "all but comp take the returns for prices"),
            "all_gains" | "one_day" | "constant" | "zeros" => {
                assert_eq!(stated, ["calmar"]);
                assert_eq!(case["quantstats"]["calmar"], "raises ZeroDivisionError");
            }
            _ => assert_eq!(stated, Vec::<&str>::new(), "{name}"),
        }
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
    assert!(compared > 450, "only {compared} numbers were compared");
}

#[test]
fn the_backtesting_py_profile_prints_what_backtesting_py_prints() {
    let (mut faults, mut compared) = (Vec::new(), 0);
    for (name, case) in table()["runs"].as_object().unwrap() {
        // 2024-01-01.
        let start = Timestamp::from_millis(1_704_067_200_000);
        let bar = Span::HOUR.times(case["hours"].as_i64().unwrap());
        let equity: Vec<(Timestamp, f64)> = (0..)
            .zip(numbers(&case["equity"]))
            .map(|(number, worth)| (start.after(bar.times(number)), worth))
            .collect();
        let trades: Vec<backtesting_py::Trade> = case["trades"]
            .as_array()
            .unwrap()
            .iter()
            .map(numbers)
            .map(|trade| backtesting_py::Trade {
                entry_bar: trade[0] as usize,
                exit_bar: trade[1] as usize,
                duration: bar.times((trade[1] - trade[0]) as i64),
                profit: trade[2],
                rate: trade[3],
            })
            .collect();
        let book = backtesting_py::Book { equity: &equity, trades: &trades, buy_and_hold: Some(20.0) };
        let rows = backtesting_py::rows(&book);
        compared += compare(name, &rows, &case["stats"], &mut faults);
        for row in rows.iter().filter(|row| row.difference.is_some()) {
            let said = row.difference.as_ref().unwrap().rsplit(' ').next().unwrap().parse().unwrap();
            let cell = printed(&case["stats"][row.label]);
            assert!(agree(said, cell), "{name} {}: the library is said to print {said}, it prints {cell}", row.label);
            assert!(!agree(row.value, cell), "{name} {}: a difference that is none", row.label);
            assert!(
                ["total_loss", "one_losing_day", "two_days", "trade_lost_whole"].contains(&name.as_str()),
                "{name}"
            );
        }
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
    assert!(compared > 450, "only {compared} numbers were compared");
}

#[test]
fn our_own_metrics_are_those_of_empyrical_where_both_are_defined() {
    let (mut faults, mut compared) = (Vec::new(), 0);
    for (name, case) in table()["returns"].as_object().unwrap() {
        let daily = numbers(&case["returns"]);
        let mut worth = 1.0;
        let mut equity = vec![(Timestamp::from_nanos(0), worth)];
        for (number, rate) in (1..).zip(&daily) {
            worth *= 1.0 + rate;
            equity.push((Timestamp::from_nanos(0).after(Span::DAY.times(number)), worth));
        }
        let ours = [
            ("total_return", total_return::total_return(1.0, worth)),
            ("volatility", volatility::volatility(&daily, 365.0)),
            ("sharpe", sharpe::sharpe(&daily, 365.0)),
            ("sortino", sortino::sortino(&daily, 0.0, 365.0)),
            ("max_drawdown", drawdown::Drawdown::of(&equity).map(|fall| 0.0 - fall.depth)),
            ("var_95", value_at_risk::value_at_risk(&daily, value_at_risk::TAIL).map(|loss| 0.0 - loss)),
            ("tail_ratio", tail_ratio::tail_ratio(&daily)),
        ];
        // Equity at zero has no daily returns here; empyrical goes on.
        assert_eq!(returns::daily(&equity).is_err(), name == "total_loss");
        for (key, value) in ours {
            let theirs = printed(&case["empyrical"][key]);
            match value {
                Ok(value) if agree(value, theirs) => compared += 1,
                // It asks for two days; the downside deviation needs a loss only.
                Ok(_) if (name.as_str(), key) == ("one_losing_day", "sortino") && theirs.is_nan() => {}
                Ok(value) => faults.push(format!("{name} {key}: {value} instead of {theirs}")),
                // Ours is undefined where theirs is infinite, no number, or a spread of zero.
                Err(_) if !theirs.is_finite() || theirs == 0.0 => {}
                Err(undefined) => faults.push(format!("{name} {key}: {undefined} instead of {theirs}")),
            }
        }
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
    assert!(compared > 70, "only {compared} numbers were compared");
}
