//! Limits of desks and accounts: each is tried enforced, observed and absent, with whole turns and with stretches.

use super::world::*;
use std::path::Path;
use tapeline::catalog::{ALL, Book, Manner, Market, Stage};
use tapeline::domain::*;
use tapeline::engine::{Idle, Outcome};
use tapeline::scenario::{self, Overrides};
use tapeline::strategy::{AccountLimits, Action, BracketTicket, Context, Limit, Limits, Throttle, Ticket};

const A: InstrumentId = InstrumentId(0);
const B: InstrumentId = InstrumentId(1);

/// What a desk does at the close of the candle that opened in this minute.
type Deeds = fn(&mut Context<'_>, i64);

/// Which limits are set, and what they do.
type Setting = fn(&mut Limits, &mut AccountLimits, Action);

fn limit<T>(value: T, action: Action) -> Option<Limit<T>> {
    Some(Limit { value, action })
}

fn buy(count: &str) -> Ticket {
    Ticket::market(A, Side::Buy, quantity(count))
}

fn sell(count: &str) -> Ticket {
    Ticket::market(A, Side::Sell, quantity(count))
}

fn bid(count: &str, at: &str) -> Ticket {
    Ticket::limit(A, Side::Buy, quantity(count), price(at))
}

/// Sends an order; whether it passed is read off the outcome.
fn send(context: &mut Context<'_>, ticket: Ticket) {
    let _ = context.submit(ticket);
}

/// Two contracts whose candles close at these prices, a minute each, from the given minute on.
fn world(from: i64, closes: &str) -> World {
    let mut world = World::new(InstrumentKind::Linear);
    world.add_instrument("BBBUSDT", InstrumentKind::Linear);
    let prices: Vec<&str> = closes.split_whitespace().collect();
    let candles: Vec<String> = prices.iter().map(|close| format!("{close}/{close}/{close}/{close}")).collect();
    world.candles(0, from, &candles.join(" "));
    world.candles(1, from, &candles.join(" "));
    world
}

/// Candles that stand at 100 for so many minutes.
fn still(from: i64, minutes: usize) -> World {
    world(from, &vec!["100"; minutes].join(" "))
}

fn run(world: &World, script: Deeds) -> Outcome {
    let one = |idle: Idle| {
        let world = World { idle, ..world.clone() };
        let (outcome, _) = world.run(&[], |context, call| match call {
            // The minute in which the candle opened.
            Call::Candles(_) => script(context, context.now().since(minute(1)).nanos() / Span::MINUTE.nanos()),
            Call::Update(_) | Call::Timer(_) => {}
        });
        assert!(outcome.complaints.is_empty(), "{:?}", outcome.complaints);
        outcome
    };
    let (skipping, turning) = (one(Idle::Skip), one(Idle::Turn));
    assert_eq!(skipping.fingerprint, turning.fingerprint);
    assert_eq!(skipping.desks[0].refusal_list, turning.desks[0].refusal_list);
    skipping
}

/// Runs the script with the limit enforced, observed and absent. Enforced, it refuses at exactly these minutes, and
/// nothing else is refused; observed, it counts and changes nothing. Returns the first outcome.
fn check(world: &World, set: Setting, script: Deeds, refusal: Refusal, minutes: &[i64]) -> Outcome {
    let with = |action: Option<Action>| {
        let mut world = world.clone();
        if let Some(action) = action {
            set(&mut world.limits, &mut world.account_limits, action);
        }
        run(&world, script)
    };
    let enforced = with(Some(Action::Enforce));
    let list = &enforced.desks[0].refusal_list;
    let found: Vec<i64> = list.iter().map(|record| record.at.since(minute(1)).nanos() / Span::MINUTE.nanos()).collect();
    let names: Vec<&str> = list.iter().map(|record| record.refusal.name()).collect();
    assert_eq!(found, minutes, "{names:?}");
    let halted = |record: &Refusal| matches!(record, Refusal::Halted | Refusal::AccountHalted);
    assert!(list.iter().all(|record| record.refusal == refusal || halted(&record.refusal)), "{names:?}");
    assert_eq!(list[0].refusal, refusal);
    let (observed, absent) = (with(Some(Action::Observe)), with(None));
    assert!(observed.desks[0].refusals.iter().all(|count| *count == 0));
    assert!(observed.desks[0].observed[refusal as usize] > 0, "it was not observed");
    assert_eq!(observed.desks[0].observed.iter().filter(|count| **count > 0).count(), 1);
    assert_eq!(observed.fingerprint, absent.fingerprint, "observing changed something");
    assert!(absent.desks[0].observed.iter().all(|count| *count == 0));
    assert_ne!(enforced.fingerprint, absent.fingerprint, "enforcing changed nothing");
    enforced
}

#[test]
fn an_order_of_too_large_a_quantity_is_refused() {
    let set: Setting = |limits, _, action| limits.maximum_order_quantity = vec![limit(quantity("2"), action)];
    let script: Deeds = |context, at| match at {
        0 => send(context, buy("2")),
        1 => send(context, buy("2.001")),
        2 => send(context, buy("1")),
        // What only reduces passes, and so does another symbol.
        3 => send(context, sell("3")),
        4 => send(context, Ticket::market(B, Side::Buy, quantity("5"))),
        _ => {}
    };
    check(&still(0, 8), set, script, Refusal::MaximumOrderQuantity, &[1]);
}

#[test]
fn one_open_order_too_many_is_refused_and_a_bracket_counts_its_children() {
    let set: Setting = |limits, _, action| limits.maximum_open_orders = limit(3, action);
    let script: Deeds = |context, at| match at {
        0 => {
            for level in ["50", "51", "52", "53"] {
                send(context, bid("1", level));
            }
        }
        1 => {
            let first = context.orders()[0].order.id;
            let replaced = Terms { kind: OrderKind::Limit { price: price("49") }, quantity: quantity("1") };
            context.replace(first, replaced).unwrap();
        }
        2 => {
            for id in context.orders().iter().map(|open| open.order.id).collect::<Vec<_>>() {
                context.cancel(id).unwrap();
            }
        }
        4 => send(context, bid("1", "50")),
        5 => {
            let stop = Some((OrderKind::StopMarket { trigger: price("40") }, Tag(0)));
            let target = Some((OrderKind::Limit { price: price("200") }, Tag(0)));
            let _ = context.bracket(BracketTicket { entry: bid("1", "60"), stop, target });
        }
        6 => {
            let stop = Some((OrderKind::StopMarket { trigger: price("40") }, Tag(0)));
            let _ = context.bracket(BracketTicket { entry: bid("1", "61"), stop, target: None });
        }
        _ => {}
    };
    check(&still(0, 9), set, script, Refusal::MaximumOpenOrders, &[0, 5]);
}

#[test]
fn a_day_has_its_quantity_with_what_is_in_flight_and_midnight_starts_it_afresh() {
    let set: Setting = |limits, _, action| limits.daily_quantity = vec![limit(quantity("5"), action)];
    let script: Deeds = |context, at| match at {
        1430 => send(context, buy("2")),
        1431 => send(context, sell("2")),
        1432 => send(context, bid("0.5", "50")),
        // 4 traded, 0.5 in flight.
        1433 => send(context, buy("0.501")),
        1434 => send(context, buy("0.5")),
        1435 => send(context, buy("0.001")),
        1436 => send(context, sell("0.5")),
        1437 => send(context, Ticket::market(B, Side::Buy, quantity("9"))),
        // This one closes at midnight itself; 0.5 still waits.
        1439 => send(context, buy("4.5")),
        1440 => send(context, buy("0.001")),
        _ => {}
    };
    check(&still(1425, 20), set, script, Refusal::DailyQuantity, &[1433, 1435, 1440]);
}

#[test]
fn a_day_has_its_trades_and_midnight_starts_it_afresh() {
    let set: Setting = |limits, _, action| limits.daily_trades = limit(2, action);
    let script: Deeds = |context, at| match at {
        1430 => send(context, buy("2")),
        // More of the same trade.
        1431 => send(context, buy("1")),
        // Turned around: the second trade.
        1432 => send(context, sell("4")),
        1433 => send(context, buy("2")),
        1434 => send(context, buy("1").reduce_only()),
        1435 => send(context, Ticket::market(B, Side::Buy, quantity("1"))),
        // This one closes at midnight itself.
        1439 => send(context, bid("1", "50")),
        1440 => send(context, Ticket::market(B, Side::Buy, quantity("1"))),
        // One has begun, one waits.
        1442 => send(context, Ticket::market(B, Side::Sell, quantity("3"))),
        _ => {}
    };
    check(&still(1425, 20), set, script, Refusal::DailyTrades, &[1433, 1435, 1442]);
}

#[test]
fn each_entry_that_waits_on_a_flat_symbol_may_begin_a_trade_of_the_day() {
    let set: Setting = |limits, _, action| limits.daily_trades = limit(2, action);
    let script: Deeds = |context, at| match at {
        0 => send(context, bid("1", "50")),
        1 => send(context, bid("1", "51")),
        // Both may come, the second after the first is closed again.
        2 => send(context, bid("1", "52")),
        _ => {}
    };
    check(&still(0, 6), set, script, Refusal::DailyTrades, &[2]);
}

#[test]
fn an_exit_that_would_let_another_order_open_counts_as_opening() {
    let set: Setting = |limits, _, action| limits.daily_trades = limit(1, action);
    let script: Deeds = |context, at| match at {
        0 => send(context, buy("2")),
        // It reduces what is held.
        1 => send(context, Ticket::limit(A, Side::Sell, quantity("1.5"), price("150"))),
        2 => send(context, Ticket::stop(A, Side::Sell, quantity("0.5"), price("60")).reduce_only()),
        // Once this one has filled, the other sells what is not there any more.
        3 => send(context, Ticket::stop(A, Side::Sell, quantity("1"), price("61")).reduce_only()),
        _ => {}
    };
    check(&still(0, 7), set, script, Refusal::DailyTrades, &[3]);
}

#[test]
fn a_new_trade_waits_out_the_cooldown_on_its_symbol() {
    let set: Setting = |limits, _, action| limits.cooldown = limit(Span::MINUTE.times(3), action);
    let script: Deeds = |context, at| match at {
        0 => send(context, buy("1")),
        // More of the same trade, then its end: filled in the candle of minute 3, which closes at 4.
        1 => send(context, buy("1")),
        2 => send(context, sell("2")),
        3 | 4 => send(context, buy("1")),
        5 => send(context, Ticket::market(B, Side::Buy, quantity("1"))),
        7 => send(context, buy("1")),
        _ => {}
    };
    check(&still(0, 10), set, script, Refusal::Cooldown, &[3, 4]);
}

#[test]
fn a_price_or_trigger_too_far_from_the_last_is_refused() {
    let set: Setting = |limits, _, action| limits.price_collar = limit(Rate::from_units(10_000_000), action);
    let script: Deeds = |context, at| {
        let stop_limit = |trigger: &str, at: &str| {
            let kind = OrderKind::StopLimit { trigger: price(trigger), price: price(at) };
            Ticket::new(A, Side::Buy, kind, quantity("1"))
        };
        match at {
            0 => send(context, bid("1", "90")),
            1 => send(context, bid("1", "89.99")),
            2 => send(context, Ticket::stop(A, Side::Buy, quantity("1"), price("110"))),
            3 => send(context, Ticket::stop(A, Side::Buy, quantity("1"), price("110.01"))),
            4 => send(context, stop_limit("105", "110.01")),
            5 => send(context, stop_limit("110.01", "110")),
            6 => send(context, buy("1")),
            // Protection may lie where it likes.
            8 => send(context, Ticket::stop(A, Side::Sell, quantity("1"), price("50")).reduce_only()),
            _ => {}
        }
    };
    check(&still(0, 11), set, script, Refusal::PriceCollar, &[1, 3, 4, 5]);
}

#[test]
fn messages_that_come_too_fast_are_held_back_but_never_a_cancel() {
    let set: Setting = |limits, _, action| {
        limits.message_throttle = limit(Throttle { messages: 2, per: Span::MINUTE.times(2) }, action);
    };
    let script: Deeds = |context, at| match at {
        0 => {
            send(context, bid("1", "50"));
            send(context, bid("1", "51"));
            let first = context.orders()[0].order.id;
            context.cancel(first).unwrap();
            send(context, bid("1", "52"));
        }
        1 => {
            let open = context.orders()[0].order;
            let terms = Terms { kind: OrderKind::Limit { price: price("49") }, quantity: open.quantity };
            let _ = context.replace(open.id, terms);
        }
        // Two minutes after the first two there is room again.
        2 => send(context, buy("1")),
        3 => send(context, bid("1", "53")),
        // Reducing orders are messages too.
        4 => {
            send(context, sell("0.5").reduce_only());
            send(context, sell("0.5").reduce_only());
        }
        _ => {}
    };
    check(&still(0, 9), set, script, Refusal::MessageThrottle, &[0, 1, 4]);
}

#[test]
fn the_same_order_again_is_refused_while_it_is_open_and_a_while_after_it_was_sent() {
    let set: Setting = |limits, _, action| limits.duplicate_order = limit(Span::MINUTE.times(3), action);
    let script: Deeds = |context, at| match at {
        0 => {
            for ticket in [bid("1", "50"), bid("1", "50"), bid("2", "50"), bid("1", "51")] {
                send(context, ticket);
            }
        }
        1 => send(context, buy("1")),
        // Filled by now, but the last one sent.
        3 => send(context, buy("1")),
        4 => send(context, buy("1")),
        // Open for long, and not the last one.
        6 => send(context, bid("1", "50")),
        // To the terms of another one, and to its own.
        7 => {
            let [first, second] = [0, 1].map(|index| context.orders()[index].order);
            let _ = context.replace(first.id, Terms { kind: first.kind, quantity: second.quantity });
            context.replace(second.id, Terms { kind: second.kind, quantity: second.quantity }).unwrap();
        }
        _ => {}
    };
    check(&still(0, 10), set, script, Refusal::DuplicateOrder, &[0, 3, 6, 7]);
}

/// Up from 100 to 120 and down to 90 with half of the capital: the peak is 1.1 million, the fall 13.6 %.
fn rise_and_fall() -> World {
    world(0, "100 100 110 120 110 100 100 95 90 90 120 130 130 130")
}

const HALF: Deeds = |context, at| match at {
    0 => send(context, buy("5000")),
    5 => send(context, bid("1", "10")),
    9 => send(context, buy("1")),
    10 => send(context, buy("2")),
    // Reducing orders pass.
    11 => send(context, sell("5000").reduce_only()),
    _ => {}
};

#[test]
fn a_drawdown_from_the_peak_halts_the_desk() {
    let set: Setting = |limits, _, action| limits.drawdown = limit(Rate::from_units(13_636_363), action);
    let outcome = check(&rise_and_fall(), set, HALF, Refusal::Drawdown, &[9, 10]);
    let halt = outcome.desks[0].halt.as_ref().expect("the desk is halted");
    assert_eq!((halt.at, outcome.account_halt.is_none()), (minute(10), true));
    assert!(halt.reason.contains("a drawdown of 0.13636363 from the peak"), "{}", halt.reason);
    assert_eq!(outcome.halted_at, Some(minute(10)));
    assert_eq!(outcome.desks[0].refusals[Refusal::Halted as usize], 1);
}

#[test]
fn a_drawdown_short_of_its_limit_halts_nobody() {
    let mut world = rise_and_fall();
    world.limits.drawdown = limit(Rate::from_units(13_636_364), Action::Enforce);
    let outcome = run(&world, HALF);
    assert!(outcome.desks[0].halt.is_none() && outcome.desks[0].refusal_list.is_empty());
}

#[test]
fn a_drawdown_of_the_account_halts_all_desks() {
    let set: Setting = |_, limits, action| limits.drawdown = limit(Rate::from_units(13_636_363), action);
    let outcome = check(&rise_and_fall(), set, HALF, Refusal::Drawdown, &[9, 10]);
    assert_eq!(outcome.account_halt.as_ref().map(|halt| halt.at), Some(minute(10)));
    assert!(outcome.desks[0].halt.is_none());
    assert_eq!(outcome.desks[0].refusals[Refusal::AccountHalted as usize], 1);
}

#[test]
fn the_accounts_open_orders_are_those_of_all_desks() {
    for most in [3, 4, 5] {
        let mut world = still(0, 4);
        world.account_limits.maximum_open_orders = limit(most, Action::Enforce);
        let trader = || {
            Script(move |context: &mut Context<'_>, call: Call<'_>| {
                if matches!(call, Call::Candles(_)) && context.now() == minute(1) {
                    let levels = ["50", "51", "52"];
                    levels.iter().for_each(|level| send(context, bid("1", level)));
                }
            })
        };
        let (outcome, _) = world.run_all(vec![trader(), trader()], &[]);
        let counts: Vec<u64> =
            outcome.desks.iter().map(|desk| desk.refusals[Refusal::MaximumOpenOrders as usize]).collect();
        assert_eq!(counts, [0, u64::from(6 - most)], "the first desk comes first");
    }
}

/// The peak is kept in stretches as in whole turns, whether a strategy is called at every candle, says what can wake
/// it, or decides on coarser candles; and the halt says since when.
#[test]
fn a_halt_at_a_drawdown_is_the_same_in_stretches_and_in_whole_turns() {
    let weeks = Some("20200101-20200301".to_owned());
    let cases = [
        ("quickstart.toml", "account.limits.drawdown", "0.02", None),
        ("quickstart.toml", "desk.sma_cross.limits.drawdown", "0.05", None),
        ("benchmark-single.toml", "desk.sma_cross.limits.drawdown", "0.00002", weeks),
    ];
    for (name, key, value, timerange) in cases {
        let set = vec![(key.to_owned(), value.to_owned())];
        let overrides = Overrides { set, timerange, ..Overrides::default() };
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios").join(name);
        let plan = scenario::load(&path, &overrides, &Book(ALL)).unwrap();
        let market = Market::load(&plan).unwrap();
        let stage = Stage::new(plan, market).unwrap();
        let run = |idle: Idle| stage.run(ALL, Manner { idle, ..Manner::default() }).unwrap().outcome;
        let (skipping, turning) = (run(Idle::Skip), run(Idle::Turn));
        assert!(skipping.halted_at.is_some(), "{name}: {key} = {value} was never reached");
        assert_eq!(skipping.halted_at, turning.halted_at, "{name}: {key}");
        assert_eq!(skipping.fingerprint, turning.fingerprint, "{name}: {key}");
    }
}
