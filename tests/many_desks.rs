//! Accounts with many desks: each sleeps by its own promise, and nothing that it would have decided awake is lost.

use std::path::Path;
use tapeline::catalog::{ALL, Book, Manner, Market, Stage};
use tapeline::engine::Idle;
use tapeline::scenario::{Overrides, read};

/// Three desks that sleep, on minutes and on coarser candles, and one with two symbols that never does.
const SCENARIO: &str = r#"
version = 1
name = "many-desks"
account.currency = "USDT"
account.opening = { USDT = "1000000" }
account.limits.maximum_exposure = "900000"
account.limits.maximum_symbol_exposure = "500000"
account.limits.drawdown = "0.9"
data.synthetic = { seed = 5, candles = 20_000, from = "2024-01-01", correlation = "0.6" }

[[instrument]]
symbol = "BTCUSDT"
filters = { tick = "0.01", lot = "0.00001", minimum_notional = "5" }

[[instrument]]
symbol = "ETHUSDT"
synthetic = { start_price = "2000", quantity_decimals = 4 }
filters = { tick = "0.01", lot = "0.0001", minimum_notional = "5" }

[[desk]]
name = "minutes"
strategy = "sma_cross"
symbols = ["BTCUSDT"]
interval = "1m"
parameters = { fast = 5, slow = 20, sizing = "fixed", quantity = "0.01" }
limits = { maximum_desk_exposure = "100000", drawdown = "0.8" }

[[desk]]
name = "other-minutes"
strategy = "sma_cross"
symbols = ["ETHUSDT"]
interval = "1m"
parameters = { fast = 7, slow = 30, sizing = "fixed", quantity = "0.1" }

[[desk]]
name = "coarse"
strategy = "sma_cross"
symbols = ["ETHUSDT"]
interval = "5m"
parameters = { fast = 3, slow = 12, sizing = "fixed", quantity = "0.2" }

[[desk]]
name = "both"
strategy = "sma_cross"
symbols = ["BTCUSDT", "ETHUSDT"]
interval = "1m"
parameters = { fast = 10, slow = 40, sizing = "fixed", quantity = "0.02" }
"#;

/// Twelve symbols that close together: crossovers on most, breakouts with stops that rest, and a desk over three of them.
fn many_symbols(gaps: &str) -> String {
    let mut text = format!(
        "version = 1\nname = \"many-symbols\"\naccount.currency = \"USDT\"\naccount.opening = {{ USDT = \"1000000\" }}\n\
         account.limits.maximum_exposure = \"900000\"\naccount.limits.drawdown = \"0.9\"\n\
         data.synthetic = {{ seed = 8, candles = 6000, from = \"2024-01-01\", correlation = \"0.5\"{gaps} }}\n"
    );
    for symbol in 0..12 {
        let (strategy, parameters) = match symbol % 4 {
            3 => ("breakout", "window = 30, fraction = \"0.02\", atr_multiple = \"3\""),
            _ => ("sma_cross", "fast = 5, slow = 20, sizing = \"fixed\", quantity = \"0.01\""),
        };
        text.push_str(&format!(
            "[[instrument]]\nsymbol = \"C{symbol:02}USDT\"\nsynthetic = {{ start_price = \"{}\" }}\n\
             [[desk]]\nname = \"desk-{symbol}\"\nstrategy = \"{strategy}\"\nsymbols = [\"C{symbol:02}USDT\"]\n\
             interval = \"1m\"\nparameters = {{ {parameters} }}\n",
            10_000 + 700 * symbol
        ));
    }
    text + "[[desk]]\nname = \"three\"\nstrategy = \"sma_cross\"\nsymbols = [\"C00USDT\", \"C05USDT\", \"C11USDT\"]\n\
            interval = \"1m\"\nparameters = { fast = 8, slow = 30, sizing = \"fixed\", quantity = \"0.01\" }\n"
}

#[test]
fn symbols_side_by_side_are_played_as_one_after_the_other() {
    for gaps in ["", ", missing_per_10_000 = 5"] {
        let text = many_symbols(gaps);
        let plan = read(&text, Path::new("many-symbols.toml"), &Overrides::default(), &Book(ALL)).unwrap();
        let stage = Stage::new(plan.clone(), Market::load(&plan).unwrap()).unwrap();
        let by_turns = stage.run(ALL, Manner { idle: Idle::Turn, ..Manner::default() }).unwrap().outcome;
        assert!(by_turns.complaints.is_empty(), "{:?}", by_turns.complaints);
        for desk in 0..13 {
            let fills = by_turns.records.fills.iter().filter(|fill| fill.desk.0 == desk).count();
            assert!(fills > 20, "desk {desk} has {fills} fills");
        }
        for block_rows in [1, 5, 16, 100, 1_024] {
            let skipping = stage.run(ALL, Manner { block_rows, ..Manner::default() }).unwrap().outcome;
            assert_eq!(skipping.fingerprint, by_turns.fingerprint, "blocks of {block_rows}{gaps}");
            assert_eq!((skipping.candles, skipping.end), (by_turns.candles, by_turns.end));
        }
    }
}

#[test]
fn desks_that_sleep_decide_what_they_would_decide_awake() {
    let plan = read(SCENARIO, Path::new("many-desks.toml"), &Overrides::default(), &Book(ALL)).unwrap();
    let market = Market::load(&plan).unwrap();
    let stage = Stage::new(plan, market).unwrap();
    let awake = stage.run(ALL, Manner { idle: Idle::Turn, ..Manner::default() }).unwrap().outcome;
    assert!(awake.complaints.is_empty(), "{:?}", awake.complaints);
    for desk in 0..4 {
        let fills = awake.records.fills.iter().filter(|fill| fill.desk.0 == desk).count();
        assert!(fills > 100, "desk {desk} has {fills} fills");
    }
    for block_rows in [1, 7, 100, 1_024] {
        let asleep = stage.run(ALL, Manner { idle: Idle::Skip, block_rows, ..Manner::default() }).unwrap().outcome;
        assert_eq!(asleep.fingerprint, awake.fingerprint, "blocks of {block_rows}");
    }
}
