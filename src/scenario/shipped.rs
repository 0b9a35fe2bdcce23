use super::tests::Book;
use super::*;
use crate::domain::{Rate, Span};
use crate::strategy::Action;
use crate::venue::Policy;
use std::path::{Path, PathBuf};

fn shipped(name: &str) -> Plan {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios").join(name);
    load(&path, &Overrides::default(), &Book).unwrap_or_else(|fault| panic!("{fault}"))
}

fn every_file() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    files.sort();
    files
}

fn facts(plan: &Plan) -> Vec<DataFacts> {
    let one = |instrument: &InstrumentPlan| match &instrument.supply {
        Supply::Synthetic(symbol) => {
            DataFacts { price_decimals: symbol.price_decimals, quantity_decimals: symbol.quantity_decimals }
        }
        Supply::Store { .. } | Supply::Files { .. } => panic!("shipped scenarios need no data"),
    };
    plan.instruments.iter().map(one).collect()
}

#[test]
fn every_shipped_scenario_resolves_lists_and_is_named_after_its_file() {
    let files = every_file();
    assert!(files.len() >= 7, "{files:?}");
    for path in files {
        let plan = load(&path, &Overrides::default(), &Book).unwrap_or_else(|fault| panic!("{fault}"));
        assert_eq!(plan.name, path.file_stem().unwrap().to_string_lossy());
        let listing = plan.listing(&facts(&plan)).unwrap_or_else(|fault| panic!("{fault}"));
        for desk in &plan.desks {
            plan.limits(desk, &listing).unwrap();
            assert_eq!(plan.symbols(desk).len(), desk.symbols.len());
        }
        plan.account_limits(&listing).unwrap();
        assert!(!plan.deposits(&listing).unwrap().is_empty());
        let again = read(&plan.to_toml(), &path, &Overrides::default(), &Book).unwrap();
        assert_eq!(again, plan);
    }
}

#[test]
fn the_benchmark_runs_with_every_default_and_every_limit_enforced() {
    let plan = shipped("benchmark-single.toml");
    assert_eq!(plan.policy(), Policy::default());
    assert_eq!(plan.synthetic.as_ref().unwrap().candles, 2_628_000);
    assert_eq!(plan.instruments[0].fees.rows()[0].1.taker, Rate::from_units(100_000));
    let desk = &plan.desks[0];
    assert_eq!(desk.parameters["fast"].as_integer(), Some(10));
    assert_eq!(desk.parameters["slow"].as_integer(), Some(50));
    assert_eq!(desk.parameters["sizing"].as_str(), Some("fixed"));
    let listing = plan.listing(&facts(&plan)).unwrap();
    let limits = plan.limits(desk, &listing).unwrap();
    let money = [limits.maximum_order_notional, limits.maximum_symbol_exposure, limits.maximum_desk_exposure];
    assert!(money.iter().all(|limit| limit.unwrap().action == Action::Enforce));
    assert_eq!(limits.maximum_position[0].unwrap().action, Action::Enforce);
    assert_eq!(limits.daily_loss.unwrap().action, Action::Enforce);
    for quantity in [limits.maximum_order_quantity[0], limits.daily_quantity[0]] {
        assert_eq!(quantity.unwrap().action, Action::Enforce);
    }
    for count in [limits.consecutive_losses, limits.maximum_open_orders, limits.daily_trades] {
        assert_eq!(count.unwrap().action, Action::Enforce);
    }
    for fraction in [limits.drawdown, limits.price_collar] {
        assert_eq!(fraction.unwrap().action, Action::Enforce);
    }
    for time in [limits.cooldown, limits.duplicate_order] {
        assert_eq!(time.unwrap().action, Action::Enforce);
    }
    assert_eq!(limits.message_throttle.unwrap().action, Action::Enforce);
    let account = plan.account_limits(&listing).unwrap();
    assert_eq!(account.maximum_exposure.unwrap().action, Action::Enforce);
    assert_eq!(account.maximum_symbol_exposure.unwrap().action, Action::Enforce);
    assert_eq!(account.daily_loss.unwrap().action, Action::Enforce);
    assert_eq!(account.drawdown.unwrap().action, Action::Enforce);
    assert_eq!(account.maximum_open_orders.unwrap().action, Action::Enforce);
}

#[test]
fn a_stress_scenario_is_the_quick_start_with_one_thing_worse() {
    let calm = shipped("quickstart.toml");
    let worse = |name: &str, change: fn(&mut Plan)| {
        let stress = shipped(name);
        let mut expected = calm.clone();
        // The stress scenarios leave the limits out, so that nothing but the stress changes what is traded.
        expected.name.clone_from(&stress.name);
        expected.account.limits = AccountLimitsPlan::default();
        expected.desks[0].limits = DeskLimitsPlan::default();
        change(&mut expected);
        assert_eq!(stress, expected);
    };
    worse("stress-slow-exchange.toml", |plan| {
        plan.policy.order_latency = Span::from_millis(5_000);
        plan.policy.cancel_latency = Span::from_millis(5_000);
    });
    worse("stress-double-fees.toml", |plan| {
        let doubled = Rate::from_units(200_000);
        let fees = FeesPlan { maker: doubled, taker: doubled, ..FeesPlan::default() };
        plan.instruments[0].fees = crate::domain::Dated::always(fees);
    });
    worse("stress-thin-volume.toml", |plan| {
        plan.policy.participation = Some(Rate::from_units(100_000));
        let Supply::Synthetic(symbol) = &mut plan.instruments[0].supply else { panic!("synthetic") };
        symbol.daily_volume = 2_000.into();
    });
    worse("stress-gaps.toml", |plan| {
        let market = plan.synthetic.as_mut().unwrap();
        (market.missing_per_10_000, market.outages, market.outage_candles) = (50, 24, 240);
    });
}

#[test]
fn every_key_that_a_plan_states_is_documented() {
    let page = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/scenarios.md")).unwrap();
    let mut keys: Vec<String> = Vec::new();
    for text in [super::tests::SMALL, super::tests::LARGE] {
        let written = super::tests::read_with(text, &Overrides::default()).unwrap().to_toml();
        let mut section = String::new();
        for line in written.lines() {
            if line.starts_with('[') {
                section = line.trim_matches(['[', ']']).to_owned();
            } else if let Some((key, _)) = line.split_once(" = ").filter(|_| section != "desk.parameters") {
                keys.push(key.to_owned());
            }
        }
        keys.push(section);
    }
    assert!(keys.len() > 100, "{keys:?}");
    for key in keys {
        let documented = [format!("`{key}`"), format!("`[{key}]`")].iter().any(|form| page.contains(form.as_str()));
        assert!(documented, "docs/scenarios.md says nothing about {key}");
    }
}
