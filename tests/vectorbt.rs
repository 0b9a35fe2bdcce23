//! The Python package vectorbt as an outside oracle of the profile named after it. Differences that the profile means to
//! keep are listed in docs/profiles.md.

use crate::engines::lists::{self, Chance, Entry, List};
use crate::engines::oracle::Oracle;
use crate::engines::series::Candles;
use crate::engines::{Ours, Terms, Ties, hold_against, ours, run, setting};
use serde_json::json;

/// Decimals beyond the data's: a price times a fraction of a whole basis point is a whole number of them.
const FINER: u8 = 4;
const TERMS: Terms = Terms { profile: "vectorbt", kind: "linear", finer: Some(FINER), basis_points: None };

fn oracle() -> Option<Oracle> {
    Oracle::find("vectorbt", "vectorbt_signals.py")
}

/// What the script is told.
fn told(candles: &Candles, slippage: &str) -> serde_json::Value {
    let mut setting = setting(candles);
    setting["slippage"] = json!(slippage);
    setting["decimals"] = json!(candles.exact_decimals(FINER));
    setting
}

/// Prices to the digits that the script's floats hold. Where they have more, the last may be rounded otherwise.
fn fitted(candles: &Candles, ours: Ours) -> Ours {
    let exact = candles.exact_decimals(FINER);
    let ours = ours.rounded(exact);
    if exact < candles.price_decimals + FINER { ours.apart_by(exact) } else { ours }
}

#[test]
fn the_crossover_trades_as_in_vectorbt() {
    let Some(oracle) = oracle() else { return };
    hold_against(&oracle, Ties::None, |_, candles, directory| {
        let desk = r#"
[[desk]]
strategy = "sma_cross"
parameters = { fast = 10, slow = 50, sizing = "fixed", quantity = "1" }
"#;
        let terms = Terms { kind: "spot", basis_points: Some(5), ..TERMS };
        let (stage, run) = run(directory, candles, terms, desk);
        let mut signals = List::new(candles);
        let mut orders: Vec<_> = run.outcome.records.orders.iter().collect();
        orders.sort_by_key(|order| order.id);
        for order in orders {
            let bar = candles.columns.open_time.partition_point(|open| *open < order.submitted.nanos()) - 1;
            let flags = if order.side.name() == "sell" { "reduce-only" } else { "" };
            let entry = Entry { side: order.side.name(), kind: "market", quantity: 1, level: 0 };
            signals.submit(bar, &order.id.0.to_string(), entry, flags, "");
        }
        std::fs::write(directory.join("orders-0.csv"), signals.text).unwrap();
        (fitted(candles, ours(candles, &stage, &run)), told(candles, "0.0005"))
    });
}

#[test]
fn random_signals_with_stops_trade_as_in_vectorbt() {
    let Some(oracle) = oracle() else { return };
    hold_against(&oracle, Ties::None, |number, candles, directory| {
        let unit = 10i64.pow(FINER.into());
        let list = lists::positions(
            candles,
            &mut Chance(300 + number as u64),
            true,
            candles.price_decimals + FINER,
            |bar, up, chance| {
                let (close, range) = (candles.columns.close[bar], lists::typical_range(candles, bar));
                // Between two prices of the data: no candle touches a level that the package keeps as a fraction.
                let mut level = |sign: i64| {
                    let away = (chance.between(20, 400) * range / 100).max(1);
                    chance.percent(80).then(|| (close + sign * up * away) * unit + unit / 2)
                };
                [level(-1), level(1)]
            },
        );
        std::fs::write(directory.join("orders-0.csv"), list).unwrap();
        let desk = "[[desk]]\nstrategy = \"order_list\"\nparameters = { file = \"orders-0.csv\" }\n";
        let (stage, run) = run(directory, candles, TERMS, desk);
        (fitted(candles, ours(candles, &stage, &run)), told(candles, "0"))
    });
}
