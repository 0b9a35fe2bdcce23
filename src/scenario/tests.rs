use super::*;
use crate::domain::{Amount, AssetId, DeskId, FeeAsset, InstrumentId, Quantity, Rate, Span};
use crate::error::Result;
use crate::ledger::Accounting;
use crate::strategy::{Action, Axis, AxisKind, Limit, Throttle};
use crate::venue::{IntrabarPolicy, Policy};
use std::path::{Path, PathBuf};

/// A book of the strategies that the shipped scenarios name, as far as a scenario can tell.
pub(super) struct Book;

const fn integer(name: &'static str, default: i64, low: i64) -> Axis {
    Axis { name, about: "candles", kind: AxisKind::Integer { default, low, high: 100_000, step: 1 } }
}

const fn decimal(name: &'static str, default: &'static str, low: &'static str, high: &'static str) -> Axis {
    Axis { name, about: "a number", kind: AxisKind::Decimal { default, low, high, step: "0.01" } }
}

const SIZING: AxisKind = AxisKind::Choice { default: "equity", choices: &["fixed", "equity"] };

static SMA_CROSS: &[Axis] = &[
    integer("fast", 10, 2),
    integer("slow", 50, 3),
    Axis { name: "sizing", about: "how", kind: SIZING },
    decimal("quantity", "0.01", "0.00000001", "1000000000"),
    decimal("fraction", "0.95", "0.01", "1"),
];

static BREAKOUT: &[Axis] = &[
    integer("window", 48, 2),
    integer("atr_window", 14, 2),
    decimal("atr_multiple", "3", "0.1", "100"),
    decimal("fraction", "0.3", "0.01", "1"),
];

static VWAP_REVERSION: &[Axis] = &[
    integer("window", 96, 2),
    decimal("width", "2", "0.1", "10"),
    decimal("adx_limit", "25", "1", "100"),
    decimal("volatility_exit", "2", "1.05", "100"),
    decimal("fraction", "0.3", "0.01", "1"),
];

static SIGNAL_SCORE: &[Axis] = &[
    decimal("enter", "0.4", "0.01", "1"),
    decimal("exit", "0", "-1", "0.99"),
    integer("confirm_minutes", 60, 0),
    integer("cooldown_minutes", 240, 0),
    integer("tranches", 3, 1),
    Axis { name: "tranche_sizes", about: "how", kind: AxisKind::Choice { default: "equal", choices: TRANCHES } },
    decimal("fraction", "0.6", "0.01", "1"),
];

const TRANCHES: &[&str] = &["equal", "pyramid_up", "pyramid_down"];

static BUY_AND_HOLD: &[Axis] = &[decimal("fraction", "0.990", "0.01", "1")];

static SIGNAL: &[Axis] = &[Axis { name: "series", about: "whose sign is followed", kind: AxisKind::Series }];

static ORDER_LIST: &[Axis] = &[Axis { name: "file", about: "CSV of orders", kind: AxisKind::File }];

impl StrategyBook for Book {
    fn names(&self) -> Vec<&'static str> {
        vec!["buy_and_hold", "sma_cross", "breakout", "vwap_reversion", "signal_score", "order_list", "signal"]
    }

    fn axes(&self, name: &str) -> Option<&'static [Axis]> {
        match name {
            "sma_cross" => Some(SMA_CROSS),
            "breakout" => Some(BREAKOUT),
            "vwap_reversion" => Some(VWAP_REVERSION),
            "signal_score" => Some(SIGNAL_SCORE),
            "buy_and_hold" => Some(BUY_AND_HOLD),
            "order_list" => Some(ORDER_LIST),
            "signal" => Some(SIGNAL),
            _ => None,
        }
    }

    fn check(&self, name: &str, parameters: &toml::Table) -> std::result::Result<(), String> {
        let whole = |key: &str| parameters[key].as_integer().unwrap();
        match name {
            "sma_cross" if whole("fast") >= whole("slow") => {
                Err(format!("fast ({}) must be below slow ({})", whole("fast"), whole("slow")))
            }
            _ => Ok(()),
        }
    }
}

/// The smallest scenario.
pub(super) const SMALL: &str = r#"version = 1
[data]
synthetic = { seed = 3 }
[[instrument]]
symbol = "BTCUSDT"
[[desk]]
strategy = "sma_cross"
"#;

/// A scenario in which nearly every key is stated.
pub(super) const LARGE: &str = r#"version = 1
name = "large"
[account]
currency = "USDT"
opening = { USDT = 10000.5, BTC = "0.25", BNB = "3" }
accounting = "fifo"
[account.limits]
maximum_exposure = 20000
maximum_symbol_exposure = { value = "15000", action = "observe" }
daily_loss = "0.05"
drawdown = "0.3"
maximum_open_orders = { value = 30, action = "observe" }
[period]
from = 2024-01-05
to = 1706745600000
[data]
store = "../data"
[[instrument]]
symbol = "BTCUSDT"
venue = "binance-spot"
match = "trades"
[[instrument.filters]]
tick = "0.01"
lot = "0.00001"
minimum_notional = 10
price_band = { down = "0.2", up = "5" }
maximum_open_orders = 200
[[instrument.filters]]
from = "2024-01-20"
tick = "0.1"
maximum_quantity = "9000.000001"
[instrument.fees]
maker = "-0.0001"
taker = 1e-3
asset = "BNB"
rounding = "half-even"
[[instrument]]
symbol = "ETHBTC"
venue = "binance-spot"
base = "ETH"
quote = "BTC"
interval = "5m"
fees = { asset = "received" }
[[instrument]]
symbol = "BNBUSDT"
venue = "binance-spot"
[[instrument]]
symbol = "SOLUSDT_PERP"
base = "SOL"
quote = "USDT"
venue = "binance-usdm"
kind = "linear"
file = "sol.csv.gz"
[costs]
slippage = { minimum_ticks = 2, basis_points = "1.5" }
participation = 0.05
latency_ms = { order = 150, cancel = 90 }
open_tolerance_ms = 500
[policy]
intrabar = "best"
limit = "touch"
[[desk]]
name = "slow"
strategy = "sma_cross"
symbols = ["BTCUSDT", "ETHBTC"]
interval = "15m"
share = "0.333"
parameters = { fast = 20, slow = 0x64, quantity = "0.5" }
[desk.limits]
maximum_order_notional = 5000
maximum_position = { BTCUSDT = "0.5", ETHBTC = { value = 2, action = "observe" } }
maximum_symbol_exposure = 1
maximum_desk_exposure = 2
daily_loss = { value = 0.1 }
consecutive_losses = 5
maximum_order_quantity = { BTCUSDT = "0.25" }
maximum_open_orders = 7
daily_quantity = { value = 3, action = "observe" }
daily_trades = 9
drawdown = 0.25
cooldown = { value = "90m", action = "observe" }
price_collar = 0.02
message_throttle = { value = 20, per = "10s", action = "observe" }
duplicate_order = "5s"
[[desk]]
strategy = "buy_and_hold"
symbols = ["SOLUSDT_PERP"]
[[desk]]
strategy = "buy_and_hold"
symbols = ["BNBUSDT"]
limits = { maximum_position = 7 }
[output]
equity = "candle"
"#;

pub(super) fn read_with(text: &str, overrides: &Overrides) -> Result<Plan> {
    super::read(text, Path::new("scenarios/test.toml"), overrides, &Book)
}

fn plan(text: &str) -> Plan {
    read_with(text, &Overrides::default()).unwrap()
}

fn set(pairs: &[(&str, &str)]) -> Overrides {
    let set = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Overrides { set, ..Overrides::default() }
}

fn facts(decimals: &[(u8, u8)]) -> Vec<DataFacts> {
    let one = |(price_decimals, quantity_decimals): &(u8, u8)| DataFacts {
        price_decimals: *price_decimals,
        quantity_decimals: *quantity_decimals,
    };
    decimals.iter().map(one).collect()
}

fn number(text: &str) -> rust_decimal::Decimal {
    text.parse().unwrap()
}

#[test]
fn what_is_not_stated_has_the_truthful_default() {
    let plan = plan(SMALL);
    assert_eq!(plan.name, "test");
    assert_eq!(plan.policy(), Policy::default());
    assert_eq!(plan.account.currency, "USDT");
    assert_eq!(plan.account.opening["USDT"], number("10000"));
    assert_eq!(plan.account.accounting, Accounting::AverageCost);
    assert_eq!(plan.period, Period::default());
    let instrument = &plan.instruments[0];
    assert_eq!((instrument.base.as_str(), instrument.quote.as_str()), ("BTC", "USDT"));
    assert_eq!(instrument.venue, "synthetic");
    assert_eq!(instrument.fees.rows()[0].1, FeesPlan::default());
    assert_eq!(instrument.fees.rows()[0].1.taker.to_decimal(), number("0.001"));
    let desk = &plan.desks[0];
    assert_eq!((desk.name.as_str(), desk.interval.to_string().as_str(), desk.share), ("sma_cross", "1m", None));
    assert_eq!(desk.symbols, ["BTCUSDT"]);
    assert_eq!(desk.parameters["slow"].as_integer(), Some(50));
    assert_eq!(desk.parameters["fraction"].as_str(), Some("0.95"));
    assert_eq!(plan.directory, PathBuf::new(), "a plan that needs no file names no folder");
}

#[test]
fn what_is_stated_is_taken_exactly() {
    let plan = plan(LARGE);
    assert_eq!(plan.account.opening["USDT"], number("10000.5"));
    assert_eq!(
        plan.account.limits.daily_loss,
        Some(Limit { value: Rate::from_units(5_000_000), action: Action::Enforce })
    );
    assert_eq!(plan.account.limits.maximum_symbol_exposure.unwrap().action, Action::Observe);
    assert_eq!(plan.period.from.unwrap().to_string(), "2024-01-05T00:00:00Z");
    assert_eq!(plan.period.to.unwrap().to_string(), "2024-02-01T00:00:00Z");
    let bitcoin = &plan.instruments[0];
    assert_eq!(bitcoin.matching, Matching::Trades);
    let [(_, early), (from, late)] = bitcoin.filters.rows() else { panic!("two rows") };
    assert_eq!(from.to_string(), "2024-01-20T00:00:00Z");
    assert_eq!((early.tick, late.tick), (Some(number("0.01")), Some(number("0.1"))));
    assert_eq!((late.lot, late.maximum_open_orders), (early.lot, Some(200)), "a row takes over what it does not state");
    assert_eq!(bitcoin.fees.rows()[0].1.maker, Rate::from_units(-10_000));
    assert_eq!(bitcoin.fees.rows()[0].1.taker, Rate::from_units(100_000));
    assert_eq!(plan.policy.slippage.fraction, Rate::from_units(15_000));
    assert_eq!(plan.policy.order_latency, Span::from_millis(150));
    assert_eq!(plan.policy.intrabar, IntrabarPolicy::Best);
    let names: Vec<&str> = plan.desks.iter().map(|desk| desk.name.as_str()).collect();
    assert_eq!(names, ["slow", "buy_and_hold", "buy_and_hold-2"]);
    assert_eq!(plan.desks[0].parameters["slow"].as_integer(), Some(100));
    assert_eq!(plan.desks[0].limits.maximum_position["ETHBTC"].action, Action::Observe);
    assert_eq!(plan.desks[2].limits.maximum_position["BNBUSDT"].value, number("7"));
    assert_eq!(plan.desks[1].parameters["fraction"].as_str(), Some("0.99"));
}

#[test]
fn data_sources_are_named_with_whole_paths() {
    let plan = plan(LARGE);
    let folder = std::env::current_dir().unwrap().join("scenarios");
    let DataSource::Store { root, venue, symbol, interval } = plan.source(&plan.instruments[1]) else {
        panic!("a store")
    };
    assert_eq!(root, folder.join("../data"));
    assert_eq!((venue.as_str(), symbol.as_str(), interval.to_string().as_str()), ("binance-spot", "ETHBTC", "5m"));
    let files = plan.source(&plan.instruments[3]);
    assert_eq!(files, DataSource::Files { candles: Some(folder.join("sol.csv.gz")), trades: None, finer: None });
}

#[test]
fn a_plan_read_again_is_the_same_plan_and_the_same_text() {
    let profile = format!("{SMALL}[desk.limits]\ndaily_loss = 0.1\n[policy]\nprofile = \"backtesting.py\"\n");
    let texts = [SMALL, LARGE, &profile];
    for text in texts {
        let first = plan(text);
        let written = first.to_toml();
        let again = super::read(&written, Path::new("/elsewhere/plan.toml"), &Overrides::default(), &Book).unwrap();
        assert_eq!(again, first);
        assert_eq!(again.to_toml(), written);
    }
}

#[test]
fn a_plan_states_every_value() {
    let written = plan(SMALL).to_toml();
    for line in [
        "opening = { USDT = \"10000\" }",
        "participation = \"0.1\"",
        "slippage = { minimum_ticks = 1, basis_points = \"1\" }",
        "latency_ms = { order = 200, cancel = 200, response = 0 }",
        "queue_ahead = \"off\"",
        "tiers = \"off\"",
        "limit = \"through\"",
        "limit_gap = \"at-limit\"",
        "seed = 3",
        "annual_volatility = \"0.6\"",
        "taker = \"0.001\"",
        "share = \"pool\"",
        "consecutive_losses = \"off\"",
        "daily_quantity = \"off\"",
        "cooldown = \"off\"",
        "message_throttle = \"off\"",
    ] {
        assert!(written.lines().any(|other| other == line), "{line} is not in\n{written}");
    }
}

#[test]
fn the_identity_of_a_plan_does_not_depend_on_where_it_lies() {
    let here = super::read(LARGE, Path::new("/one/large.toml"), &Overrides::default(), &Book).unwrap();
    let there = super::read(LARGE, Path::new("/two/large.toml"), &Overrides::default(), &Book).unwrap();
    assert_ne!(here.to_toml(), there.to_toml());
    assert_eq!(here.identity(), there.identity());
    assert_ne!(here.identity(), plan(SMALL).identity());
}

#[test]
fn a_plan_with_a_line_missing_or_changed_in_form_is_refused() {
    let written = plan(SMALL).to_toml();
    let without = written.replace("participation = \"0.1\"\n", "");
    let reformed = written.replace("participation = \"0.1\"", "participation = 0.10");
    for text in [without, reformed] {
        let fault = read_with(&text, &Overrides::default()).unwrap_err();
        assert!(fault.to_string().contains("this plan is not complete"), "{fault}");
    }
}

#[test]
fn a_plan_can_be_run_with_changes() {
    let written = plan(SMALL).to_toml();
    let changed = read_with(&written, &set(&[("fast", "7")])).unwrap();
    assert_eq!(changed.desks[0].parameters["fast"].as_integer(), Some(7));
}

#[test]
fn the_command_line_changes_parameters_of_all_desks_or_one() {
    let all = read_with(LARGE, &set(&[("fraction", "0.5")])).unwrap();
    assert!(all.desks.iter().all(|desk| desk.parameters["fraction"].as_str() == Some("0.5")));
    let one = read_with(LARGE, &set(&[("buy_and_hold-2.fraction", "0.5")])).unwrap();
    let fractions: Vec<&str> = one.desks.iter().map(|desk| desk.parameters["fraction"].as_str().unwrap()).collect();
    assert_eq!(fractions, ["0.95", "0.99", "0.5"]);
}

#[test]
fn the_command_line_changes_any_key() {
    let changes = set(&[
        ("costs.participation", "off"),
        ("costs.slippage.basis_points", "0"),
        ("policy.intrabar", "worst"),
        ("account.opening", "{ USDT = 5 }"),
        ("instrument.BTCUSDT.fees.taker", "0.002"),
        ("desk.slow.share", "1"),
        ("desk.slow.limits.daily_loss", "off"),
        ("output.equity", "daily"),
    ]);
    let plan = read_with(LARGE, &changes).unwrap();
    assert_eq!(plan.policy.participation, None);
    assert_eq!(plan.policy.slippage.fraction, Rate::ZERO);
    assert_eq!(plan.policy.intrabar, IntrabarPolicy::Worst);
    assert_eq!(plan.account.opening.len(), 1);
    assert_eq!(plan.instruments[0].fees.rows()[0].1.taker, Rate::from_units(200_000));
    assert_eq!(plan.desks[0].share, Some(Rate::ONE));
    assert_eq!(plan.desks[0].limits.daily_loss, None);
    assert_eq!(plan.equity, EquityRows::Daily);
}

#[test]
fn the_strategy_of_every_desk_can_be_replaced() {
    let replace = |strategy: &str| Overrides { strategy: Some(strategy.into()), ..Overrides::default() };
    let plan = read_with(LARGE, &replace("breakout")).unwrap();
    assert!(
        plan.desks.iter().all(|desk| desk.strategy == "breakout" && desk.parameters["window"].as_integer() == Some(48))
    );
    let kept = read_with(LARGE, &replace("sma_cross")).unwrap();
    assert_eq!(kept.desks[0].parameters["fast"].as_integer(), Some(20), "its own parameters stay");
    let without = SMALL.replace("[[desk]]\nstrategy = \"sma_cross\"\n", "");
    let plan = read_with(&without, &replace("buy_and_hold")).unwrap();
    assert_eq!(plan.desks[0].symbols, ["BTCUSDT"]);
}

#[test]
fn a_timerange_replaces_the_period() {
    let period = |range: &str| {
        let overrides = Overrides { timerange: Some(range.into()), ..Overrides::default() };
        let period = read_with(LARGE, &overrides).unwrap().period;
        let text = |time: Option<crate::domain::Timestamp>| time.map_or("-".to_owned(), |time| time.to_string());
        format!("{} {}", text(period.from), text(period.to))
    };
    assert_eq!(period("20240101-20240601"), "2024-01-01T00:00:00Z 2024-06-01T00:00:00Z");
    assert_eq!(period("20240101-"), "2024-01-01T00:00:00Z -");
    assert_eq!(period("-20240601"), "- 2024-06-01T00:00:00Z");
    assert_eq!(period("2024-01-01T06:00..2024-06-01"), "2024-01-01T06:00:00Z 2024-06-01T00:00:00Z");
    assert_eq!(period("1704067200000-"), "2024-01-01T00:00:00Z -");
}

#[test]
fn a_profile_sets_every_rule_and_only_observes_limits() {
    let text = format!(
        "{SMALL}[desk.limits]\ndaily_loss = 0.1\nmaximum_position = 1\nmaximum_order_quantity = 1\ndaily_quantity = 1\n\
         maximum_open_orders = 1\ndaily_trades = 1\ndrawdown = 0.1\ncooldown = \"1h\"\nprice_collar = 0.1\n\
         message_throttle = 1\nduplicate_order = \"1s\"\n[account.limits]\ndrawdown = 0.1\nmaximum_open_orders = 1\n\
         [policy]\nprofile = \"backtesting.py\"\n"
    );
    let plan = plan(&text);
    assert_eq!(plan.policy(), Policy::backtesting_py());
    assert_eq!(plan.profile, Some(Profile::BacktestingPy));
    assert_eq!(plan.desks[0].limits.daily_loss.unwrap().action, Action::Observe);
    assert_eq!(plan.desks[0].limits.maximum_position["BTCUSDT"].action, Action::Observe);
    let written = plan.to_toml();
    assert_eq!(written.matches("action = \"observe\"").count(), 13, "{written}");
    assert_eq!(written.matches("action = \"enforce\"").count(), 0, "{written}");
    let agreeing = text.replace("[policy]", "[policy]\nlimit = \"touch\"");
    assert_eq!(read_with(&agreeing, &Overrides::default()).unwrap(), plan);
}

#[test]
fn input_files_are_read_and_a_changed_one_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let orders = folder.path().join("orders.csv");
    std::fs::write(&orders, "time,action\n").unwrap();
    let path = folder.path().join("replay.toml");
    let text = SMALL.replace("\"sma_cross\"", "\"order_list\"\nparameters = { file = \"orders.csv\" }");
    std::fs::write(&path, text).unwrap();
    let plan = load(&path, &Overrides::default(), &Book).unwrap();
    assert_eq!(plan.files["orders.csv"], "time,action\n");
    assert_eq!(plan.hashes["orders.csv"].len(), 64);
    assert_eq!(plan.desks[0].parameters["file"].as_str(), Some("orders.csv"));

    let elsewhere = tempfile::tempdir().unwrap();
    let written = elsewhere.path().join("plan.toml");
    std::fs::write(&written, plan.to_toml()).unwrap();
    assert_eq!(load(&written, &Overrides::default(), &Book).unwrap(), plan);
    std::fs::write(&orders, "time,action,id\n").unwrap();
    let fault = load(&written, &Overrides::default(), &Book).unwrap_err();
    assert!(fault.to_string().contains("orders.csv is not the one this plan was made with"), "{fault}");
    std::fs::remove_file(&orders).unwrap();
    let fault = load(&written, &Overrides::default(), &Book).unwrap_err();
    assert!(fault.to_string().contains("reading the input file"), "{fault}");
    assert_eq!(fault.exit_code(), 2);
}

#[test]
fn a_series_is_planned_with_its_hash_and_every_default() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("m.parquet"), b"\xff\x00 any bytes").unwrap();
    let path = folder.path().join("follow.toml");
    let text = SMALL.replace("\"sma_cross\"", "\"signal\"\nparameters = { series = \"slow\" }")
        + "[[series]]\nname = \"score\"\nfile = \"m.parquet\"\n\
           [[series]]\nname = \"slow\"\nfile = \"m.parquet\"\ncolumn = \"b\"\nmaximum_age = \"120m\"\n";
    let plan = super::read(&text, &path, &Overrides::default(), &Book).unwrap();
    let planned: Vec<(&str, &str)> =
        plan.series.iter().map(|series| (series.name.as_str(), series.column.as_str())).collect();
    assert_eq!(planned, [("score", "score"), ("slow", "b")]);
    assert_eq!((plan.series[0].maximum_age, plan.series[1].maximum_age), (None, Some(Span::HOUR.times(2))));
    assert_eq!((plan.hashes["m.parquet"].len(), plan.files.len()), (64, 0));
    let written = plan.to_toml();
    assert!(written.contains("column = \"b\"\nmaximum_age = \"2h\"\n"), "{written}");
    assert_eq!(super::read(&written, &path, &Overrides::default(), &Book).unwrap(), plan);
    let page = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/scenarios.md")).unwrap();
    for key in ["[[series]]", "name", "file", "column", "maximum_age"] {
        assert!(page.contains(&format!("`{key}`")), "docs/scenarios.md says nothing about {key}");
    }
    let without = set(&[("series.slow.maximum_age", "off")]);
    assert_eq!(super::read(&text, &path, &without, &Book).unwrap().series[1].maximum_age, None);
}

#[test]
fn decimals_are_fine_enough_for_every_product() {
    let plan = plan(LARGE);
    assert_eq!(plan.assets(), ["USDT", "BTC", "ETH", "BNB", "SOL"]);
    let listing = plan.listing(&facts(&[(2, 5), (6, 4), (1, 3), (3, 0)])).unwrap();
    let decimals: Vec<u8> = listing.assets.iter().map(|asset| asset.decimals).collect();
    // BTC: eight of its fees, or ETH's eight and six of the price. USDT: BTC's fourteen and two of the tick.
    assert_eq!(decimals, [16, 14, 8, 8, 0]);
    let increments: Vec<i64> = listing.assets.iter().map(|asset| asset.increment).collect();
    assert_eq!(increments, [100_000_000, 1_000_000, 1, 1, 1]);
    let scales: Vec<(u8, u8)> = listing
        .instruments
        .iter()
        .map(|instrument| (instrument.price_decimals, instrument.quantity_decimals))
        .collect();
    assert_eq!(scales, [(2, 8), (6, 8), (1, 3), (3, 0)]);
    for instrument in listing.instruments.iter() {
        let (base, quote) =
            (&listing.assets[usize::from(instrument.base.0)], &listing.assets[usize::from(instrument.quote.0)]);
        let power = |of: u8, less: u8| 10i64.pow(u32::from(of - less));
        assert_eq!(instrument.base_factor, power(base.decimals, instrument.quantity_decimals));
        assert_eq!(
            instrument.quote_factor,
            power(quote.decimals, instrument.price_decimals + instrument.quantity_decimals)
        );
    }
    let bitcoin = &listing.instruments[0];
    assert_eq!(bitcoin.filters.rows()[1].1.tick.units(), 10);
    assert_eq!(bitcoin.filters.rows()[1].1.maximum_quantity.unwrap().units(), 900_000_000_100);
    assert_eq!(bitcoin.filters.rows()[0].1.lot.units(), 1_000);
    assert_eq!(bitcoin.filters.rows()[0].1.minimum_notional.units(), 100_000_000_000_000_000);
    assert_eq!(bitcoin.fees.rows()[0].1.asset, FeeAsset::Third(AssetId(3)));
    let ether = &listing.instruments[1];
    assert_eq!((ether.filters.rows()[0].1.tick.units(), ether.filters.rows()[0].1.lot.units()), (1, 10_000));
    assert_eq!(listing.fee_prices, [None, None, None, Some(InstrumentId(2)), None]);
}

#[test]
fn every_asset_is_worth_what_its_chain_of_prices_says() {
    let plan = plan(LARGE);
    let listing = plan.listing(&facts(&[(2, 5), (6, 4), (1, 3), (3, 0)])).unwrap();
    let marks: Vec<crate::domain::Price> =
        [4_000_050, 50_000, 6_001, 100_500].map(crate::domain::Price::from_units).into();
    let worth = |asset: u16, whole: &str| {
        let decimals = listing.assets[usize::from(asset)].decimals;
        let amount = Amount::from_decimal(number(whole), decimals).unwrap();
        listing.valuation.worth(AssetId(asset), amount, &marks).unwrap().to_decimal(16)
    };
    assert_eq!(worth(0, "1"), number("1"));
    assert_eq!(worth(1, "0.00000001"), number("0.000400005"));
    assert_eq!(worth(2, "2"), number("4000.05"));
    assert_eq!(worth(3, "0.5"), number("300.05"));
    assert_eq!(worth(4, "3"), number("301.5"));
}

#[test]
fn shares_are_cut_from_every_opening_balance_and_the_pool_gets_the_rest() {
    let plan = plan(LARGE);
    let listing = plan.listing(&facts(&[(2, 5), (6, 4), (1, 3), (3, 0)])).unwrap();
    let deposits = plan.deposits(&listing).unwrap();
    for (code, opening) in &plan.account.opening {
        let index = plan.assets().iter().position(|asset| asset == code).unwrap();
        let asset = &listing.assets[index];
        let of_asset: Vec<&Deposit> = deposits.iter().filter(|deposit| usize::from(deposit.asset.0) == index).collect();
        let sum: i128 = of_asset.iter().map(|deposit| deposit.amount.units()).sum();
        assert_eq!(Amount::from_units(sum).to_decimal(asset.decimals), *opening);
        assert_eq!(of_asset.iter().map(|deposit| deposit.desk).collect::<Vec<_>>(), [Some(DeskId(0)), None]);
        assert!(of_asset.iter().all(|deposit| deposit.amount.units() % i128::from(asset.increment) == 0));
    }
    let dollars = deposits.iter().find(|deposit| deposit.asset == AssetId(0)).unwrap();
    assert_eq!(dollars.amount.to_decimal(16), number("3330.1665"));
}

#[test]
fn limits_arrive_in_the_engines_units() {
    let plan = plan(LARGE);
    let listing = plan.listing(&facts(&[(2, 5), (6, 4), (1, 3), (3, 0)])).unwrap();
    let limits = plan.limits(&plan.desks[0], &listing).unwrap();
    assert_eq!(limits.maximum_order_notional.unwrap().value.to_decimal(16), number("5000"));
    let positions: Vec<Option<i64>> =
        limits.maximum_position.iter().map(|limit| limit.map(|limit| limit.value.units())).collect();
    assert_eq!(positions, [Some(50_000_000), Some(200_000_000), None, None]);
    assert_eq!(limits.consecutive_losses, Some(Limit { value: 5, action: Action::Enforce }));
    let quantities = |limits: &[Option<Limit<Quantity>>]| -> Vec<Option<(i64, Action)>> {
        limits.iter().map(|limit| limit.map(|limit| (limit.value.units(), limit.action))).collect()
    };
    assert_eq!(quantities(&limits.maximum_order_quantity), [Some((25_000_000, Action::Enforce)), None, None, None]);
    let both = Some((300_000_000, Action::Observe));
    assert_eq!(quantities(&limits.daily_quantity), [both, both, None, None]);
    assert_eq!(limits.maximum_open_orders, Some(Limit { value: 7, action: Action::Enforce }));
    assert_eq!(limits.daily_trades, Some(Limit { value: 9, action: Action::Enforce }));
    assert_eq!(limits.drawdown, Some(Limit { value: Rate::from_units(25_000_000), action: Action::Enforce }));
    assert_eq!(limits.cooldown, Some(Limit { value: Span::MINUTE.times(90), action: Action::Observe }));
    assert_eq!(limits.price_collar, Some(Limit { value: Rate::from_units(2_000_000), action: Action::Enforce }));
    let throttle = Throttle { messages: 20, per: Span::SECOND.times(10) };
    assert_eq!(limits.message_throttle, Some(Limit { value: throttle, action: Action::Observe }));
    assert_eq!(limits.duplicate_order, Some(Limit { value: Span::SECOND.times(5), action: Action::Enforce }));
    let others = plan.limits(&plan.desks[1], &listing).unwrap();
    assert_eq!((others.message_throttle, others.cooldown, others.drawdown), (None, None, None));
    let account = plan.account_limits(&listing).unwrap();
    assert_eq!(account.maximum_exposure.unwrap().value.to_decimal(16), number("20000"));
    assert_eq!(account.drawdown, Some(Limit { value: Rate::from_units(30_000_000), action: Action::Enforce }));
    assert_eq!(account.maximum_open_orders, Some(Limit { value: 30, action: Action::Observe }));
}

#[test]
fn decimals_beyond_the_exact_integers_are_refused() {
    let plan = plan(LARGE);
    let fault = plan.listing(&facts(&[(4, 5), (8, 10), (1, 3), (3, 0)])).unwrap_err();
    assert!(fault.to_string().contains("USDT would need 22 decimals"), "{fault}");
    let fine = read_with(SMALL, &set(&[("account.opening", "{ USDT = 0.00000000001 }")])).unwrap();
    let listing = fine.listing(&facts(&[(2, 5)])).unwrap();
    let fault = fine.deposits(&listing).unwrap_err();
    assert!(fault.to_string().contains("opening balance of USDT: 0.00000000001 has more decimals"), "{fault}");
}
