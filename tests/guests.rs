//! The shipped strategies on small markets made by hand: what they do, and when.

use crate::outside::Folder;
use std::collections::BTreeMap;

type Rows = Vec<BTreeMap<String, String>>;

/// Minutes that go sideways before those of a test: enough for every indicator to have settled.
const BEFORE: usize = 480;

/// A market of one minute per price from 2024 on, which went sideways before: each candle opens at the close before it and
/// reaches a little beyond both.
fn minutes(closes: &[f64], reach: f64) -> String {
    let mut text = String::from("open_time,open,high,low,close,volume\n");
    let mut open = 100.0f64;
    for (minute, close) in sideways(BEFORE).iter().chain(closes).enumerate() {
        let (high, low) = (open.max(*close) + reach, open.min(*close) - reach);
        let open_time = 1_704_067_200 + minute * 60 - BEFORE * 60;
        text.push_str(&format!("{open_time},{open:.2},{high:.2},{low:.2},{close:.2},1000\n"));
        open = *close;
    }
    text
}

/// Runs one desk on a market without costs, an instrument of `kind`, and returns its orders in order of submission, and
/// its trades.
fn run(kind: &str, market: &str, strategy: &str, parameters: &str) -> (Rows, Rows) {
    let folder = Folder::new();
    folder.put("minutes.csv", market);
    folder.put(
        "s.toml",
        format!(
            "version = 1\n[account]\nopening = {{ USDT = \"10000\" }}\n[costs]\nlatency_ms = {{ order = 0, cancel = 0 }}\n\
             slippage = {{ minimum_ticks = 0, basis_points = \"0\" }}\n[[instrument]]\nsymbol = \"ABCUSDT\"\n\
             kind = \"{kind}\"\nfile = \"minutes.csv\"\nfilters = {{ tick = \"0.01\", lot = \"0.001\" }}\n\
             fees = {{ maker = \"0\", taker = \"0\" }}\n[[desk]]\nstrategy = \"{strategy}\"\nparameters = {parameters}\n"
        ),
    );
    let (run, summary) = folder.run("s.toml", "reports", &[]);
    assert_eq!(summary["refusals"], serde_json::Value::Array(Vec::new()));
    let mut orders = folder.rows(&format!("{run}/orders.csv"));
    orders.sort_by_key(|order| order["order"].parse::<u32>().unwrap());
    (orders, folder.rows(&format!("{run}/trades.csv")))
}

/// `minute side tag` of each order.
fn said(orders: &Rows) -> Vec<String> {
    let minute = |order: &BTreeMap<String, String>| order["submitted"][11..16].to_owned();
    orders.iter().map(|order| format!("{} {} {}", minute(order), order["side"], order["tag"])).collect()
}

/// Prices that rise and fall by one around 100 for `count` minutes: no trend, and a band of about one.
fn sideways(count: usize) -> Vec<f64> {
    [100.5, 101.0, 100.5, 100.0, 99.5, 99.0, 99.5, 100.0].into_iter().cycle().take(count).collect()
}

const REVERSION: &str = "window = 32, width = \"2\", adx_window = 5, adx_limit = \"50\", atr_window = 5";

#[test]
fn reversion_buys_below_the_band_and_sells_at_the_average() {
    let mut closes = sideways(64);
    // Minute 64 closes far below; the market stays there for a minute, and comes back.
    closes.extend([97.0, 97.0, 98.5, 99.5, 100.5, 100.0]);
    let (orders, trades) =
        run("spot", &minutes(&closes, 0.1), "vwap_reversion", &format!("{{ {REVERSION}, volatility_exit = \"9\" }}"));
    assert_eq!(said(&orders), ["01:05 buy below-band", "01:09 sell at-vwap"]);
    assert_eq!((trades[0]["entry_price"].as_str(), trades[0]["exit_price"].as_str()), ("97", "100.5"));
}

#[test]
fn reversion_sells_short_above_the_band_where_it_may() {
    let mut closes = sideways(64);
    closes.extend([103.0, 103.0, 101.5, 100.5, 99.5, 100.0]);
    let parameters = format!("{{ {REVERSION}, volatility_exit = \"9\", sides = \"both\" }}");
    let (orders, trades) = run("linear", &minutes(&closes, 0.1), "vwap_reversion", &parameters);
    assert_eq!(said(&orders), ["01:05 sell above-band", "01:09 buy at-vwap"]);
    assert_eq!(trades[0]["direction"], "short");
    let (orders, _) = run("linear", &minutes(&closes, 0.1), "vwap_reversion", &format!("{{ {REVERSION} }}"));
    assert_eq!(said(&orders), Vec::<String>::new(), "long only");
}

#[test]
fn reversion_leaves_a_market_that_goes_wild_and_does_not_buy_the_same_fall_again() {
    let mut closes = sideways(64);
    closes.extend([97.0, 97.0, 90.0, 82.0, 75.0, 70.0, 66.0, 64.0]);
    let parameters = format!("{{ {REVERSION}, volatility_exit = \"2\" }}");
    let (orders, _) = run("spot", &minutes(&closes, 0.1), "vwap_reversion", &parameters);
    // The average range by hand: 1.2 at the entry, then 1.0, 2.24 at 90 and 3.43 at 82, the first that is twice 1.2.
    assert_eq!(said(&orders), ["01:05 buy below-band", "01:08 sell volatility-exit"]);
}

#[test]
fn reversion_leaves_a_trend_alone() {
    let mut closes = sideways(64);
    closes.extend((1..30).map(|step| 100.0 - f64::from(step) * 0.05));
    // The same fall as above, out of a slide that has gone on for half an hour.
    closes.extend([94.0, 94.0, 98.0, 100.0, 101.0]);
    let held = |adx_limit: &str| {
        let parameters =
            format!("{{ window = 32, width = \"2\", adx_window = 5, adx_limit = \"{adx_limit}\", atr_window = 5 }}");
        said(&run("spot", &minutes(&closes, 0.0), "vwap_reversion", &parameters).0)
    };
    assert_eq!(held("25"), Vec::<String>::new());
    assert!(!held("100").is_empty(), "without the filter it would have bought");
}

/// A market that stands, rises for a while, and falls.
fn hill() -> String {
    let mut closes = sideways(40);
    closes.extend((1..=30).map(|step| 100.0 + f64::from(step)));
    closes.extend((1..=30).map(|step| 130.0 - f64::from(step)));
    minutes(&closes, 0.1)
}

const SCORE: &str = "rsi_window = 5, average_window = 10, macd_fast = 4, macd_slow = 8, macd_signal = 4, atr_window = 5, \
                     macd_weight = \"0\", enter = \"0.7\", exit = \"0\"";

#[test]
fn the_score_builds_a_position_in_tranches_and_leaves_it_when_it_cools() {
    let parameters =
        format!("{{ {SCORE}, confirm_minutes = 2, cooldown_minutes = 5, tranches = 3, fraction = \"0.9\" }}");
    let (orders, trades) = run("spot", &hill(), "signal_score", &parameters);
    let said = said(&orders);
    assert_eq!(orders.len(), 4, "{said:?}");
    let tags: Vec<&str> = orders.iter().map(|order| order["tag"].as_str()).collect();
    assert_eq!(tags[..3], ["enter-hot", "add-hot", "add-hot"], "{said:?}");
    assert!(["exit-cool", "exit-cold", "exit-neutral"].contains(&tags[3]), "{said:?}");
    let minute =
        |order: usize| said[order][3..5].parse::<i32>().unwrap() + 60 * said[order][..2].parse::<i32>().unwrap();
    assert_eq!([minute(1) - minute(0), minute(2) - minute(1)], [5, 5], "the cooldown: {said:?}");
    assert_eq!((trades.len(), trades[0]["entry_fills"].as_str()), (1, "3"));
    assert_eq!(trades[0]["entry_tag"], "enter-hot", "the temperature stands in the list of trades");
}

#[test]
fn what_has_not_lasted_for_the_time_of_confirmation_is_not_followed() {
    let first = |minutes: i32| {
        let parameters = format!("{{ {SCORE}, confirm_minutes = {minutes}, tranches = 1 }}");
        let (orders, _) = run("spot", &hill(), "signal_score", &parameters);
        orders.first().map(|order| order["submitted"][..16].to_owned())
    };
    assert!(first(0).unwrap().starts_with("2023"), "a swing of the market that stands");
    // The hill begins with the close of minute 40, at 00:41, and the score calls for a position from there on.
    assert_eq!([first(1), first(4)].map(Option::unwrap), ["2024-01-01T00:42", "2024-01-01T00:45"]);
    assert_eq!(first(45), None, "no score lasts for three quarters of an hour on this hill");
}

#[test]
fn a_pyramid_buys_more_or_less_with_every_tranche() {
    let spent = |sizes: &str| {
        let parameters = format!(
            "{{ {SCORE}, confirm_minutes = 2, cooldown_minutes = 1, tranches = 3, tranche_sizes = \"{sizes}\", fraction = \"0.9\" }}"
        );
        let (orders, _) = run("spot", &hill(), "signal_score", &parameters);
        let spent: Vec<f64> = orders[..3].iter().map(|order| order["notional"].parse::<f64>().unwrap()).collect();
        spent.iter().map(|spent| (spent / 1_500.0).round() as i64).collect::<Vec<_>>()
    };
    assert_eq!(spent("equal"), [2, 2, 2]);
    assert_eq!(spent("pyramid_up"), [1, 2, 3]);
    assert_eq!(spent("pyramid_down"), [3, 2, 1]);
}

#[test]
fn the_score_goes_from_long_to_short_by_way_of_nothing() {
    let parameters = format!(
        "{{ {SCORE}, confirm_minutes = 0, cooldown_minutes = 3, tranches = 1, sides = \"both\", fraction = \"0.5\" }}"
    );
    let (orders, trades) = run("linear", &hill(), "signal_score", &parameters);
    let said = said(&orders);
    let directions: Vec<&str> = trades.iter().map(|trade| trade["direction"].as_str()).collect();
    assert_eq!(directions.last(), Some(&"short"), "{said:?}");
    assert!(directions.contains(&"long"), "{said:?}");
    assert!(said.last().unwrap().ends_with("sell enter-cold"), "{said:?}");
}

#[test]
fn the_breakout_brings_a_trailing_stop_along_and_nothing_else_sells() {
    let (orders, trades) =
        run("spot", &hill(), "breakout", "{ window = 20, atr_window = 5, atr_multiple = \"4\", fraction = \"0.5\" }");
    let said = said(&orders);
    assert_eq!(orders.len(), 2, "one entry and its stop: {said:?}");
    let [entry, stop] = &orders[..] else { panic!("{said:?}") };
    assert_eq!(
        (entry["tag"].as_str(), entry["type"].as_str(), entry["role"].as_str()),
        ("breakout", "market", "entry")
    );
    assert_eq!(
        (stop["type"].as_str(), stop["role"].as_str(), stop["state"].as_str()),
        ("trailing-stop", "trailing-stop", "filled")
    );
    assert_eq!(stop["group_order"], entry["order"]);
    // The highest price is 130.1; the stop stays `trail` behind it.
    let (trail, sold) = (stop["trail"].parse::<f64>().unwrap(), trades[0]["exit_price"].parse::<f64>().unwrap());
    assert!((sold - (130.1 - trail)).abs() < 0.005, "trail {trail}, sold at {sold}");
    assert_eq!(trades[0]["exit_reason"], "trailing-stop");
}

#[test]
fn the_page_on_strategies_describes_every_shipped_one() {
    let page = std::fs::read_to_string(crate::outside::repository("docs/strategies.md")).unwrap();
    let mut described: Vec<&str> = page.lines().filter_map(|line| line.strip_prefix("## ")).collect();
    let mut shipped: Vec<&str> = tapeline::catalog::ALL.iter().map(|entry| entry.name).collect();
    described.sort_unstable();
    shipped.sort_unstable();
    assert_eq!(described, shipped);
}

#[test]
fn parameters_that_do_not_fit_together_are_refused() {
    let folder = Folder::new();
    let refused = |scenario: &str, set: &[&str], why: &str| {
        let path = crate::outside::repository("scenarios").join(scenario);
        let mut arguments = vec!["run", path.to_str().unwrap()];
        set.iter().for_each(|set| arguments.extend(["--set", set]));
        let done = folder.tapeline(&arguments);
        assert_eq!(done.code, 2, "{set:?}: {done:?}");
        assert!(done.err.contains(why), "{set:?}: {}", done.err);
    };
    refused("score.toml", &["exit=0.4"], "exit (0.4) must be below enter (0.4)");
    refused("score.toml", &["macd_fast=26"], "macd_fast (26) must be below macd_slow (26)");
    let weights = ["rsi_weight=0", "average_weight=0", "macd_weight=0"];
    refused("score.toml", &weights, "rsi_weight, average_weight and macd_weight are all zero");
    refused("score.toml", &["sides=both"], "BTCUSDT is spot and cannot be short");
    refused("reversion.toml", &["sides=both"], "BTCUSDT is spot and cannot be short");
    refused("reversion.toml", &["volatility_exit=1"], "volatility_exit");
    assert!(folder.listing().is_empty(), "nothing is written");
}
