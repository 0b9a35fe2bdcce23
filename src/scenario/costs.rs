//! What trading costs beyond fees, and how doubts inside a candle are decided.

use super::profile::{PROFILES, Profile};
use super::section::{Field, Section};
use crate::domain::{Rate, Span};
use crate::error::Result;
use crate::venue::{
    ChildrenPolicy, IntrabarPolicy, LimitGapPolicy, LimitPolicy, MarketFillPolicy, PathOrder, Policy, Slippage,
    StopGapPolicy, StopInsidePolicy,
};
use rust_decimal::Decimal;

/// The words of the intrabar policies.
pub(super) const INTRABARS: &[(&str, IntrabarPolicy)] = &[
    ("worst", IntrabarPolicy::Worst),
    ("detail", IntrabarPolicy::Detail),
    ("best", IntrabarPolicy::Best),
    ("ohlc", IntrabarPolicy::Path(PathOrder::HighFirst)),
    ("olhc", IntrabarPolicy::Path(PathOrder::LowFirst)),
    ("adaptive", IntrabarPolicy::Path(PathOrder::Nearer)),
    ("colour", IntrabarPolicy::Path(PathOrder::Colour)),
    ("stop-first", IntrabarPolicy::StopFirst),
];

/// The words of the limit policies; chance is a table instead.
pub(super) const LIMITS: &[(&str, LimitPolicy)] = &[("through", LimitPolicy::Through), ("touch", LimitPolicy::Touch)];

/// The words of the policies for limits that are gapped over.
pub(super) const LIMIT_GAPS: &[(&str, LimitGapPolicy)] = &[
    ("at-limit", LimitGapPolicy::AtLimit),
    ("at-open", LimitGapPolicy::AtOpen),
    ("into-candle", LimitGapPolicy::IntoCandle),
];

/// The words of the policies for stops that are gapped over.
pub(super) const STOP_GAPS: &[(&str, StopGapPolicy)] =
    &[("at-open", StopGapPolicy::AtOpen), ("at-level-in-candle", StopGapPolicy::AtLevelInCandle)];

/// The words of the policies for stops that go off inside a candle.
pub(super) const STOPS_INSIDE: &[(&str, StopInsidePolicy)] =
    &[("at-level", StopInsidePolicy::AtLevel), ("at-extreme", StopInsidePolicy::AtExtreme)];

/// The words of the policies for market orders.
pub(super) const MARKETS: &[(&str, MarketFillPolicy)] =
    &[("next-price", MarketFillPolicy::NextPrice), ("same-close", MarketFillPolicy::SameClose)];

/// The words of the policies for bracket children.
pub(super) const CHILDREN: &[(&str, ChildrenPolicy)] =
    &[("at-fill", ChildrenPolicy::AtFill), ("next-candle-unless-market", ChildrenPolicy::NextCandleUnlessMarket)];

const POLICY_KEYS: &[&str] =
    &["profile", "market", "intrabar", "limit", "limit_gap", "stop_gap", "stop_inside", "children"];

/// Longest latency or tolerance: an hour.
const LONGEST_MS: i64 = 3_600_000;

/// Reads `[costs]` and `[policy]`.
pub(super) fn read(root: &Section<'_>) -> Result<(Policy, Option<Profile>)> {
    let policy = root.section("policy", POLICY_KEYS)?;
    let costs = root.section("costs", &["slippage", "participation", "latency_ms", "open_tolerance_ms"])?;
    let profile = policy.or("profile", None, |field| field.unless("off", |field| field.choice(PROFILES)))?;
    let base = profile.map_or_else(Policy::default, Profile::policy);
    let stated = Policy {
        intrabar: policy.or("intrabar", base.intrabar, |field| field.choice(INTRABARS))?,
        limit_fill: policy.or("limit", base.limit_fill, limit_fill)?,
        limit_gap: policy.or("limit_gap", base.limit_gap, |field| field.choice(LIMIT_GAPS))?,
        stop_inside: policy.or("stop_inside", base.stop_inside, |field| field.choice(STOPS_INSIDE))?,
        stop_gap: policy.or("stop_gap", base.stop_gap, |field| field.choice(STOP_GAPS))?,
        children: policy.or("children", base.children, |field| field.choice(CHILDREN))?,
        market_fill: policy.or("market", base.market_fill, |field| field.choice(MARKETS))?,
        ..read_costs(&costs, &base)?
    };
    if let Some(profile) = profile {
        let base = if profile.leaves_slippage_open() { Policy { slippage: stated.slippage, ..base } } else { base };
        contradiction(&policy, &costs, &base, &stated)?;
    } else {
        only_in_profile(&policy, &stated)?;
    }
    Ok((stated, profile))
}

/// One of the words, or `{ touch_probability = "0.3", seed = 7 }`.
fn limit_fill(field: &Field<'_>) -> Result<LimitPolicy> {
    if !field.is_table() {
        return field.choice(LIMITS);
    }
    let section = field.section(&["touch_probability", "seed"])?;
    let remedy = "say how often a touch fills, such as limit = { touch_probability = \"0.3\", seed = 7 }";
    Ok(LimitPolicy::TouchByChance {
        probability: section.require("touch_probability", remedy)?.rate(Decimal::ZERO..=Decimal::ONE)?,
        seed: section.or("seed", 1, |field| Ok(field.integer(0..=i64::MAX)?.unsigned_abs()))?,
    })
}

fn read_costs(costs: &Section<'_>, base: &Policy) -> Result<Policy> {
    let slippage = costs.section("slippage", &["minimum_ticks", "basis_points"])?;
    let latency = costs.section("latency_ms", &["order", "cancel", "response"])?;
    let milliseconds = |section: &Section<'_>, key: &str, default: Span| {
        section.or(key, default, |field| field.integer(0..=LONGEST_MS).map(Span::from_millis))
    };
    let smallest = Decimal::new(1, 8);
    Ok(Policy {
        slippage: Slippage {
            minimum_ticks: slippage
                .or("minimum_ticks", base.slippage.minimum_ticks, |field| field.integer(0..=1_000_000))?,
            fraction: slippage.or("basis_points", base.slippage.fraction, |field| {
                let points = field.decimal_within(Decimal::ZERO..=Decimal::from(5_000))?;
                let fraction = Rate::from_decimal(points / Decimal::from(10_000));
                fraction.ok_or_else(|| field.fault(format!("{points} has more than four decimals")))
            })?,
        },
        participation: costs.or("participation", base.participation, |field| {
            field.unless("off", |field| field.rate(smallest..=Decimal::ONE))
        })?,
        order_latency: milliseconds(&latency, "order", base.order_latency)?,
        cancel_latency: milliseconds(&latency, "cancel", base.cancel_latency)?,
        response_latency: milliseconds(&latency, "response", base.response_latency)?,
        open_tolerance: milliseconds(costs, "open_tolerance_ms", base.open_tolerance)?,
        ..*base
    })
}

fn latencies(policy: &Policy) -> [Span; 3] {
    [policy.order_latency, policy.cancel_latency, policy.response_latency]
}

/// A profile is all or nothing: a key that says something else is refused.
fn contradiction(policy: &Section<'_>, costs: &Section<'_>, base: &Policy, stated: &Policy) -> Result<()> {
    let differs = [
        (policy, "intrabar", base.intrabar != stated.intrabar),
        (policy, "limit", base.limit_fill != stated.limit_fill),
        (policy, "limit_gap", base.limit_gap != stated.limit_gap),
        (policy, "stop_gap", base.stop_gap != stated.stop_gap),
        (policy, "stop_inside", base.stop_inside != stated.stop_inside),
        (policy, "children", base.children != stated.children),
        (policy, "market", base.market_fill != stated.market_fill),
        (costs, "slippage", base.slippage != stated.slippage),
        (costs, "participation", base.participation != stated.participation),
        (costs, "latency_ms", latencies(base) != latencies(stated)),
        (costs, "open_tolerance_ms", base.open_tolerance != stated.open_tolerance),
    ];
    for (section, key, differs) in differs {
        if differs && let Some(field) = section.get(key) {
            return Err(field
                .fault("contradicts policy.profile, which sets it")
                .remedy("remove this key, or remove the profile"));
        }
    }
    Ok(())
}

/// Some rules exist for a profile's sake only.
fn only_in_profile(policy: &Section<'_>, stated: &Policy) -> Result<()> {
    let foreign = [
        ("intrabar", stated.intrabar == IntrabarPolicy::StopFirst),
        ("limit_gap", stated.limit_gap != LimitGapPolicy::AtLimit),
        ("stop_gap", stated.stop_gap != StopGapPolicy::AtOpen),
        ("children", stated.children != ChildrenPolicy::AtFill),
        ("market", stated.market_fill != MarketFillPolicy::NextPrice),
    ];
    for (key, foreign) in foreign {
        if foreign && let Some(field) = policy.get(key) {
            return Err(field
                .fault("this rule is offered within a profile only")
                .remedy("remove the key, or set policy.profile to the engine that has this rule"));
        }
    }
    Ok(())
}
