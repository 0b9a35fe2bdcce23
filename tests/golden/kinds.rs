//! Golden cases of the kinds of order beyond market, limit and stop-market, of pairs, and of what may not take.

use super::{A, QUIET, Send, check, fills, order};
use crate::world::{price, quantity};
use tapeline::domain::*;
use tapeline::strategy::{BracketTicket, Ticket};
use tapeline::venue::{IntrabarPolicy, PathOrder, Policy};

/// An order that becomes a limit order at its trigger.
fn order_limit(side: Side, kind: &str, trigger: &str, limit: &str) -> Ticket {
    let (trigger, price) = (price(trigger), price(limit));
    let kind = match kind {
        "stop" => OrderKind::StopLimit { trigger, price },
        "take" => OrderKind::TakeProfitLimit { trigger, price },
        other => panic!("{other}"),
    };
    Ticket::new(A, side, kind, quantity("1"))
}

#[test]
fn trailing_stops_fill_as_the_table_says() {
    use Side::{Buy, Sell};
    let free = crate::world::free_policy();
    let best = Policy { intrabar: IntrabarPolicy::Best, ..free };
    let quiet_110 = "110/110/110/110 110/110/110/110";
    let long = |exit: Ticket| vec![Send::Order(-60, order(Buy, "market", "")), Send::Order(-60, exit)];
    let trail = || long(order(Sell, "trail", "5"));
    let entry = |stop: &str| {
        let kind = OrderKind::TrailingStop { trail: Trail::Distance(price(stop)) };
        let entry = order(Buy, "limit", "99");
        vec![Send::Bracket(-60, BracketTicket { entry, stop: Some((kind, Tag::default())), target: None })]
    };
    check(vec![
        ("G12", free, quiet_110, "109/115/106/112", trail(), &["sell 1 @ 106 taker ambiguous"]),
        ("G12 best", best, quiet_110, "109/115/106/112", trail(), &[]),
        ("G13", free, quiet_110, "109/115/106/109", trail(), &["sell 1 @ 106 taker ambiguous"]),
        ("G13 best", best, quiet_110, "109/115/106/109", trail(), &["sell 1 @ 110 taker ambiguous"]),
        ("old level reached", free, quiet_110, "109/112/104/106", trail(), &["sell 1 @ 105 taker certain"]),
        ("gap", free, quiet_110, "104/112/103/106", trail(), &["sell 1 @ 104 taker certain"]),
        (
            "follows, then exits",
            free,
            quiet_110,
            "109/115/111/114 112/113/109/112",
            trail(),
            &["sell 1 @ 110 taker certain"],
        ),
        ("the open takes it along", free, quiet_110, "116/117/110.5/113", trail(), &["sell 1 @ 111 taker certain"]),
        ("stays out of reach", free, quiet_110, "109/110/105.01/106", trail(), &[]),
        (
            "late in its candle",
            free,
            QUIET,
            "100/103/97/99 99/99/94/94",
            { vec![Send::Order(-60, order(Buy, "market", "")), Send::Order(20, order(Sell, "trail", "7"))] },
            &[],
        ),
        (
            "late and in reach",
            free,
            QUIET,
            "100/103/97/99",
            { vec![Send::Order(-60, order(Buy, "market", "")), Send::Order(20, order(Sell, "trail", "5"))] },
            &["sell 1 @ 99 taker ambiguous"],
        ),
        (
            "child, adverse extreme after the entry",
            free,
            QUIET,
            "100/101/96/98",
            entry("2"),
            &["buy 1 @ 99 maker certain", "sell 1 @ 97 taker certain"],
        ),
        (
            "child, may have followed",
            free,
            QUIET,
            "100/103/98.5/100.5",
            entry("2"),
            &["buy 1 @ 99 maker certain", "sell 1 @ 98.5 taker ambiguous"],
        ),
        (
            "child follows the close",
            free,
            QUIET,
            "100/100.4/98.5/100.4 100/100/98.3/99",
            entry("2"),
            &["buy 1 @ 99 maker certain", "sell 1 @ 98.4 taker certain"],
        ),
    ]);
    let part = long(order(Sell, "trail part", "0.05"));
    assert_eq!(fills(free, quiet_110, "109/110/104/106", &part), ["sell 1 @ 104.5 taker certain"]);
}

#[test]
fn triggered_limits_take_profits_and_pairs_fill_as_the_table_says() {
    use Side::{Buy, Sell};
    let free = crate::world::free_policy();
    let best = Policy { intrabar: IntrabarPolicy::Best, ..free };
    let capped = Policy { participation: Some(Rate::from_units(10_000_000)), ..free };
    let send = |seconds: i64, ticket: Ticket| vec![Send::Order(seconds, ticket)];
    let stop_limit = || order_limit(Sell, "stop", "99.5", "99");
    let take = || order(Sell, "take", "101");
    let take_limit = || order_limit(Sell, "take", "101", "100.8");
    let pair = || {
        let long = Send::Order(-60, order(Buy, "market", ""));
        let legs = [order(Sell, "limit", "105").reduce_only(), order(Sell, "stop", "95").reduce_only()];
        vec![long, Send::Pair(-60, legs)]
    };
    check(vec![
        (
            "stop-limit, close proves it",
            free,
            QUIET,
            "100/101/98/99.2",
            send(-60, stop_limit()),
            &["sell 1 @ 99 taker certain"],
        ),
        ("stop-limit, waits", free, QUIET, "100/101/98/98.5", send(-60, stop_limit()), &[]),
        (
            "stop-limit, waits: best",
            best,
            QUIET,
            "100/101/98/98.5",
            send(-60, stop_limit()),
            &["sell 1 @ 99.5 taker ambiguous"],
        ),
        (
            "stop-limit, next candle",
            free,
            QUIET,
            "100/101/98/98.5 98.5/99.5/98/99",
            send(-60, stop_limit()),
            &["sell 1 @ 99 maker certain"],
        ),
        (
            "stop-limit, open between",
            free,
            QUIET,
            "99.2/100/98/98",
            send(-60, stop_limit()),
            &["sell 1 @ 99.2 taker certain"],
        ),
        ("stop-limit, open beyond", free, QUIET, "98/98.5/97/98", send(-60, stop_limit()), &[]),
        (
            "stop-limit, arrives at the open",
            free,
            QUIET,
            "99.2/100/98/98",
            send(0, stop_limit()),
            &["sell 1 @ 99.2 taker certain"],
        ),
        ("stop-limit, late", free, QUIET, "100/101/98/99.2", send(20, stop_limit()), &["sell 1 @ 99 taker ambiguous"]),
        (
            "stop-limit, late, waits",
            free,
            QUIET,
            "100/101/98/98.5 98.5/99.5/98/99",
            send(20, stop_limit()),
            &["sell 1 @ 99 maker certain"],
        ),
        ("take-profit", free, QUIET, "100/102/99/100", send(-60, take()), &["sell 1 @ 101 taker certain"]),
        ("take-profit, gap", free, QUIET, "103/104/102/103", send(-60, take()), &["sell 1 @ 103 taker certain"]),
        ("take-profit, late", free, QUIET, "100/102/99/100", send(20, take()), &[]),
        (
            "take-profit, late, proved",
            free,
            QUIET,
            "100/102/99/101.5",
            send(20, take()),
            &["sell 1 @ 101 taker certain"],
        ),
        (
            "take-profit-limit, close proves it",
            free,
            QUIET,
            "100/102/99/100.9",
            send(-60, take_limit()),
            &["sell 1 @ 100.8 taker certain"],
        ),
        ("take-profit-limit, waits", free, QUIET, "100/102/99/100.5", send(-60, take_limit()), &[]),
        (
            "fill or kill, too little volume",
            capped,
            QUIET,
            "100/101/99/100*5",
            { send(0, order(Buy, "limit", "101").fill_or_kill()) },
            &[],
        ),
        (
            "fill or kill",
            capped,
            QUIET,
            "100/101/99/100",
            send(0, order(Buy, "limit", "101").fill_or_kill()),
            &["buy 1 @ 100 taker certain"],
        ),
        (
            "immediate or cancel, too little volume",
            capped,
            QUIET,
            "100/101/99/100*5",
            { send(0, order(Buy, "limit", "101").immediate_or_cancel()) },
            &["buy 0.5 @ 100 taker certain"],
        ),
        ("post-only would take", free, QUIET, "100/101/99/100", send(0, order(Buy, "limit", "101").post_only()), &[]),
        (
            "post-only would take before the open",
            free,
            QUIET,
            "100/101/99/100",
            { send(-60, order(Buy, "limit", "101").post_only()) },
            &[],
        ),
        (
            "post-only rests",
            free,
            QUIET,
            "100/101/99/100",
            send(0, order(Buy, "limit", "99.5").post_only()),
            &["buy 1 @ 99.5 maker certain"],
        ),
        (
            "post-only, late, the close beyond it",
            free,
            QUIET,
            "100/101/99/99.2",
            { send(20, order(Buy, "limit", "99.5").post_only()) },
            &[],
        ),
        ("pair: both reached", free, QUIET, "100/106/94/101", pair(), &["sell 1 @ 95 taker ambiguous"]),
        ("pair: both reached, best", best, QUIET, "100/106/94/101", pair(), &["sell 1 @ 105 maker ambiguous"]),
        (
            "pair: the open decides for the limit",
            free,
            QUIET,
            "105.5/107/94/96",
            pair(),
            &["sell 1 @ 105 maker certain"],
        ),
        ("pair: the open decides for the stop", free, QUIET, "94/106/93/100", pair(), &["sell 1 @ 94 taker certain"]),
        ("pair: cancelled as one", free, QUIET, "100/106/94/101", [pair(), vec![Send::Cancel(0, 2)]].concat(), &[]),
    ]);
}

#[test]
fn an_assumed_path_decides_what_the_candle_leaves_open_and_only_that() {
    use Side::{Buy, Sell};
    let along = |order| Policy { intrabar: IntrabarPolicy::Path(order), ..crate::world::free_policy() };
    let (ohlc, olhc) = (along(PathOrder::HighFirst), along(PathOrder::LowFirst));
    let (adaptive, colour) = (along(PathOrder::Nearer), along(PathOrder::Colour));
    let quiet_110 = "110/110/110/110 110/110/110/110";
    let holding = || super::holding(Buy, "95", "105");
    let trail = || vec![Send::Order(-60, order(Buy, "market", "")), Send::Order(-60, order(Sell, "trail", "5"))];
    let entry = |kind: &str, level: &str, stop: &str, target: &str| {
        vec![Send::Bracket(-60, super::bracket(order(Buy, kind, level), stop, target))]
    };
    let (stopped, taken) = (["sell 1 @ 95 taker ambiguous"], ["sell 1 @ 105 maker ambiguous"]);
    let in_and_taken = ["buy 1 @ 102 taker certain", "sell 1 @ 105 maker ambiguous"];
    let in_and_stopped = ["buy 1 @ 102 taker certain", "sell 1 @ 99.5 taker ambiguous"];
    // What is high first for a long is low first for the short that mirrors it.
    for (name, policy, candle, sends, expected) in [
        ("G8 ohlc", ohlc, "100/106/94/101", holding(), &taken[..]),
        ("G8 olhc", olhc, "100/106/94/101", holding(), &stopped[..]),
        ("G8 adaptive, the low is nearer", adaptive, "99/106/94/101", holding(), &stopped[..]),
        ("G8 adaptive, the high is nearer", adaptive, "101/106/94/101", holding(), &taken[..]),
        ("G8 adaptive, equally near and long", adaptive, "100/106/94/101", holding(), &stopped[..]),
        ("G8 colour, rising", colour, "100/106/94/101", holding(), &stopped[..]),
        ("G8 colour, falling", colour, "100/106/94/99", holding(), &taken[..]),
        ("G10 is certain on every path", olhc, "105.5/107/94/96", holding(), &["sell 1 @ 105 maker certain"][..]),
        ("G18 ohlc", ohlc, "100/106/99/103", entry("stop", "102", "99.5", "105"), &in_and_taken[..]),
        ("G18 olhc", olhc, "100/106/99/103", entry("stop", "102", "99.5", "105"), &in_and_taken[..]),
        ("G19 ohlc", ohlc, "100/103/99/101", entry("stop", "102", "99.5", ""), &in_and_stopped[..]),
        ("G19 olhc", olhc, "100/103/99/101", entry("stop", "102", "99.5", ""), &["buy 1 @ 102 taker certain"][..]),
        ("G15 ohlc", ohlc, "100/102/98.5/100", entry("limit", "99", "", "101"), &["buy 1 @ 99 maker certain"][..]),
        ("G15 olhc", olhc, "100/102/98.5/100", entry("limit", "99", "", "101"), {
            &["buy 1 @ 99 maker certain", "sell 1 @ 101 maker ambiguous"][..]
        }),
    ] {
        assert_eq!(fills(policy, QUIET, candle, &sends), expected, "{name}");
    }
    assert_eq!(fills(ohlc, quiet_110, "109/115/106/112", &trail()), ["sell 1 @ 110 taker ambiguous"], "G12 ohlc");
    assert!(fills(olhc, quiet_110, "109/115/106/112", &trail()).is_empty(), "G12 olhc");
    assert_eq!(fills(olhc, quiet_110, "109/115/106/109", &trail()), ["sell 1 @ 110 taker ambiguous"], "G13 olhc");
}
