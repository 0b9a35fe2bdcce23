//! The Python package backtesting.py as an outside oracle of the profile named after it. Differences that the profile
//! means to keep are listed in docs/backtesting-py.md.

use crate::engines::lists::{self, Chance, Entry, List};
use crate::engines::oracle::Oracle;
use crate::engines::{Terms, Ties, hold_against, ours, run, setting};

const TERMS: Terms = Terms { profile: "backtesting.py", kind: "linear", finer: None, basis_points: None };

#[test]
fn the_crossover_trades_as_in_backtesting_py() {
    let Some(oracle) = Oracle::find("backtesting.py", "backtesting_py.py") else { return };
    hold_against(&oracle, Ties::None, |_, candles, directory| {
        let desk = r#"
[[desk]]
strategy = "sma_cross"
parameters = { fast = 10, slow = 50, sizing = "fixed", quantity = "1" }
"#;
        let (stage, run) = run(directory, candles, Terms { kind: "spot", ..TERMS }, desk);
        let mut signals = List::new(candles);
        let mut orders: Vec<_> = run.outcome.records.orders.iter().collect();
        orders.sort_by_key(|order| order.id);
        for order in orders {
            let bar = candles.columns.open_time.partition_point(|open| *open < order.submitted.nanos()) - 1;
            let entry = Entry { side: order.side.name(), kind: "market", quantity: 1, level: 0 };
            signals.submit(bar, &order.id.0.to_string(), entry, "", "");
        }
        std::fs::write(directory.join("orders-0.csv"), signals.text).unwrap();
        (ours(candles, &stage, &run), setting(candles))
    });
}

#[test]
fn random_brackets_trade_as_in_backtesting_py() {
    let Some(oracle) = Oracle::find("backtesting.py", "backtesting_py.py") else { return };
    hold_against(&oracle, Ties::None, |number, candles, directory| {
        let list = lists::brackets(candles, &mut Chance(100 + number as u64));
        std::fs::write(directory.join("orders-0.csv"), list).unwrap();
        let desk = "[[desk]]\nstrategy = \"order_list\"\nparameters = { file = \"orders-0.csv\" }\n";
        let (stage, run) = run(directory, candles, TERMS, desk);
        (ours(candles, &stage, &run), setting(candles))
    });
}

#[test]
fn random_single_orders_trade_as_in_backtesting_py() {
    let Some(oracle) = Oracle::find("backtesting.py", "backtesting_py.py") else { return };
    hold_against(&oracle, Ties::FillsOfOneCandle, |number, candles, directory| {
        let list = lists::singles(candles, &mut Chance(200 + number as u64));
        std::fs::write(directory.join("orders-0.csv"), list).unwrap();
        let desk = "[[desk]]\nstrategy = \"order_list\"\nparameters = { file = \"orders-0.csv\" }\n";
        let (stage, run) = run(directory, candles, TERMS, desk);
        (ours(candles, &stage, &run), setting(candles))
    });
}
