//! What a scenario says about the exchange beyond the plain rules: chance at a touch, late news, fees by volume, queues.

use super::refusals::check;
use super::tests::{SMALL, read_with};
use super::{FeeTierPlan, Overrides, Plan};
use crate::domain::{Rate, Span};
use crate::venue::LimitPolicy;
use std::path::Path;

/// A scenario in which an exchange has all of them that go together.
const TEXT: &str = r#"version = 1
[data]
store = "../data"
[[instrument]]
symbol = "BTCUSDT"
venue = "binance-spot"
match = "trades"
[[instrument.fees]]
maker = "0.001"
taker = "0.001"
tiers = [{ volume = 1000000, taker = "0.0009" }, { volume = "5000000", maker = "-0.0001", taker = "0.0005" }]
[[instrument.fees]]
from = "2024-03-01"
maker = "0.002"
taker = "0.002"
[[instrument.fees]]
from = "2024-06-01"
tiers = "off"
[costs]
latency_ms = { response = 120 }
[policy]
limit = { touch_probability = "0.3", seed = 7 }
[[desk]]
strategy = "sma_cross"
"#;

fn plan(text: &str) -> Plan {
    read_with(text, &Overrides::default()).unwrap()
}

#[test]
fn every_value_is_read_and_written_again() {
    let first = plan(TEXT);
    let probability = Rate::from_units(30_000_000);
    assert_eq!(first.policy.limit_fill, LimitPolicy::TouchByChance { probability, seed: 7 });
    assert_eq!(first.policy.response_latency, Span::from_millis(120));
    let rows = first.instruments[0].fees.rows();
    let tier = |volume: i64, maker: i64, taker: i64| FeeTierPlan {
        volume: volume.into(),
        maker: Rate::from_units(maker),
        taker: Rate::from_units(taker),
    };
    assert_eq!(rows[0].1.tiers, [tier(1_000_000, 100_000, 90_000), tier(5_000_000, -10_000, 50_000)]);
    assert_eq!(rows[1].1.tiers, rows[0].1.tiers, "a row takes over what it does not state");
    assert_eq!(rows[2].1.tiers, []);
    let queued = TEXT.replace("match = \"trades\"", "match = \"trades\"\nqueue_ahead = \"2.5\"");
    let queued = queued.replace("limit = { touch_probability = \"0.3\", seed = 7 }", "");
    assert_eq!(plan(&queued).instruments[0].queue_ahead, Some("2.5".parse().unwrap()));
    for text in [TEXT, &queued] {
        let written = plan(text).to_toml();
        let again =
            super::read(&written, Path::new("/elsewhere/plan.toml"), &Overrides::default(), &super::tests::Book);
        assert_eq!(again.unwrap().to_toml(), written);
    }
}

#[test]
fn the_plain_rules_are_the_default() {
    let plain = plan(SMALL);
    assert_eq!(plain.policy.limit_fill, LimitPolicy::Through);
    assert_eq!(plain.policy.response_latency, Span::ZERO);
    assert_eq!((plain.instruments[0].queue_ahead, plain.instruments[0].fees.rows()[0].1.tiers.len()), (None, 0));
}

#[test]
fn values_that_make_no_sense_are_refused() {
    check(
        TEXT,
        &[
            ("\"0.3\"", "\"1.5\"", &["policy.limit.touch_probability", "outside 0 to 1"]),
            ("\"0.3\"", "\"-0.1\"", &["policy.limit.touch_probability", "outside 0 to 1"]),
            ("touch_probability = \"0.3\", ", "", &["touch_probability is missing", "touch_probability = \"0.3\""]),
            ("seed = 7", "seed = -7", &["policy.limit.seed", "outside 0 to"]),
            ("seed = 7", "sead = 7", &["policy.limit: unknown key 'sead'", "'seed'"]),
            ("limit = {", "limit = \"tuch\" #", &["policy.limit: 'tuch' is none of through, touch"]),
            ("response = 120", "response = -1", &["costs.latency_ms.response", "outside 0 to"]),
            ("response = 120", "respond = 120", &["costs.latency_ms: unknown key 'respond'"]),
            ("volume = 1000000", "volume = 6000000", &["tiers: a volume is not above the one before"]),
            ("volume = 1000000", "volume = 0", &["fees[1].tiers[1].volume", "must be above zero"]),
            ("volume = 1000000, ", "", &["volume is missing"]),
            ("taker = \"0.0009\"", "taker = \"0.0011\"", &["tiers: a rate is above"]),
            ("taker = \"0.0005\"", "taker = \"0.00095\"", &["tiers: a rate is above"]),
            ("taker = \"0.0009\"", "taker = \"0.9\"", &["fees[1].tiers[1].taker", "0.1 % is 0.001"]),
            ("taker = \"0.0009\"", "takr = \"0.0009\"", &["unknown key 'takr'", "'taker'"]),
            ("tiers = \"off\"", "tiers = \"none\"", &["fees[3].tiers: must be a list"]),
            ("taker = \"0.002\"", "taker = \"0.0008\"", &["fees[2]: tiers: a rate is above"]),
            (
                "match = \"trades\"",
                "queue_ahead = 3",
                &["queue_ahead: a queue is served by trades", "match = \"trades\""],
            ),
            ("match = \"trades\"", "match = \"trades\"\nqueue_ahead = -3", &["queue_ahead", "must not be below zero"]),
            (
                "match = \"trades\"",
                "match = \"trades\"\nqueue_ahead = 3",
                &["policy.limit fills at a touch", "queue_ahead"],
            ),
        ],
    );
}

#[test]
fn a_profile_allows_none_of_it() {
    let sound = format!("{SMALL}[costs]\nparticipation = \"off\"\n[policy]\nprofile = \"backtesting.py\"\n");
    let contradicts = &["contradicts policy.profile"][..];
    let profile = "profile = \"backtesting.py\"";
    check(
        &sound,
        &[
            (profile, "profile = \"backtesting.py\"\nlimit = { touch_probability = 1 }", contradicts),
            ("participation = \"off\"", "latency_ms = { response = 1 }", contradicts),
        ],
    );
}
