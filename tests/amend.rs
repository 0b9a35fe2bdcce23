//! An order made smaller in its place, and another order in an open one's stead.

use crate::arrivals::{Do, bracket, limit, linear, stop, story};
use crate::world::{Call, USDT, World, minute, price, quantity};
use tapeline::domain::*;
use tapeline::engine::Ending;
use tapeline::strategy::{Action, Limit, Ticket};

fn wish(amount: &str, level: &str) -> Do {
    Do::Submit(limit(Side::Buy, amount, level))
}

#[test]
fn a_smaller_order_keeps_its_place_and_a_replaced_one_loses_it() {
    // A tenth of 100 is for us: 10 for two orders at one price.
    let world = || {
        let mut world = linear("100/100/100/100 100/100/100/100 100/100/98/99*100");
        world.policy.participation = Some(Rate::from_units(10_000_000));
        world
    };
    let two = [(0, wish("8", "99")), (0, wish("8", "99"))];
    let reduced = [two[0], two[1], (60, Do::Reduce(0, quantity("6")))];
    let (news, _) = story(&world(), &reduced);
    assert_eq!(news[2..5], ["60 0 replaced", "179 0 filled 6 at 99", "179 1 filled 4 at 99"]);
    let terms = Terms { kind: OrderKind::Limit { price: price("99") }, quantity: quantity("6") };
    let replaced = [two[0], two[1], (60, Do::Replace(0, terms))];
    let (news, _) = story(&world(), &replaced);
    assert_eq!(news[2..5], ["60 0 replaced", "179 1 filled 8 at 99", "179 0 filled 2 at 99"]);
}

#[test]
fn a_reduction_gives_back_what_it_no_longer_needs() {
    for (reduces, expected) in [(false, Err(Refusal::InsufficientBalance)), (true, Ok(OrderId(1)))] {
        let mut world = World::new(InstrumentKind::Spot);
        world.candles(0, -1, "100/100/100/100 100/100/100/100 100/100/100/100 100/100/100/100");
        world.opening = vec![(USDT, Amount::from_units(1_000 * 100_000_000), None)];
        let said = std::sync::Mutex::new(None);
        let (outcome, _) = world.run(&[minute(0), minute(1), minute(2)], |context, call| {
            let Call::Timer(_) = call else { return };
            match context.now() {
                now if now == minute(0) => drop(context.submit(limit(Side::Buy, "10", "99")).unwrap()),
                now if now == minute(1) && reduces => context.reduce(OrderId(0), quantity("4")).unwrap(),
                // Ten at 99 leave 10 of 1,000, four leave 604.
                now if now == minute(2) => *said.lock().unwrap() = Some(context.submit(limit(Side::Buy, "6", "98"))),
                _ => {}
            }
        });
        assert_eq!(said.into_inner().unwrap().unwrap(), expected);
        let rejected = outcome.records.orders.iter().any(|order| matches!(order.ending, Ending::Rejected(_)));
        assert!(!rejected, "the venue has the money free as well");
    }
}

#[test]
fn a_late_reduction_races_the_fill_that_it_makes_smaller() {
    for (candle, expected) in [
        // Two bought at 99.5 gain by a close at 100: so it was one.
        ("100/101/99/100", ["80 0 replaced", "119 0 filled 1 at 99.5"]),
        // They lose by a close at 99.2: so it was two, and the reduction found nothing.
        ("100/101/99/99.2", ["119 0 filled 2 at 99.5", "80 0 replacement refused"]),
    ] {
        let world = linear(&format!("100/100/100/100 {candle}"));
        let (news, venue) = story(&world, &[(0, wish("2", "99.5")), (80, Do::Reduce(0, quantity("1")))]);
        assert_eq!(news[1..], expected, "{candle}");
        assert_eq!(venue.doubts(), 1);
    }
}

#[test]
fn the_desk_reduces_only_downwards_and_only_what_is_open() {
    let world = linear("100/100/100/100 100/100/100/100");
    let (outcome, _) = world.run(&[minute(0), minute(1)], |context, call| {
        let Call::Timer(_) = call else { return };
        if context.now() == minute(0) {
            context.submit(limit(Side::Buy, "2", "90")).unwrap();
            context.pair([limit(Side::Sell, "2", "110"), stop(Side::Sell, "2", "80")]).unwrap();
            return;
        }
        for quantity in [quantity("2"), quantity("3"), Quantity::ZERO] {
            assert_eq!(context.reduce(OrderId(0), quantity), Err(Refusal::Terms));
        }
        assert_eq!(context.reduce(OrderId(1), quantity("1")), Err(Refusal::Terms), "one of a pair");
        assert_eq!(context.reduce(OrderId(9), quantity("1")), Err(Refusal::UnknownOrder));
        context.reduce(OrderId(0), quantity("1")).unwrap();
    });
    assert_eq!(outcome.complaints, []);
    assert_eq!(outcome.records.orders.iter().find(|order| order.id == OrderId(0)).unwrap().quantity, quantity("1"));
}

#[test]
fn a_child_made_smaller_protects_less_and_its_entry_goes_on() {
    let world = linear("100/100/100/100 100/100/98/99 98/98/96/96");
    let steps = [(0, bracket(limit(Side::Buy, "2", "99"), Some("97"), None)), (120, Do::Reduce(1, quantity("1")))];
    let (news, _) = story(&world, &steps);
    assert_eq!(news[2..], ["119 0 filled 2 at 99", "119 1 released for 2", "120 1 replaced", "179 1 filled 1 at 97"]);
}

#[test]
fn a_cancel_replace_cancels_and_then_takes_the_new_order() {
    for on_failure in [CancelFailure::Stop, CancelFailure::Allow] {
        let world = linear("100/100/100/100 100/100/100/100 100/100/95/96");
        let steps = [(0, wish("1", "90")), (60, Do::Swap(0, limit(Side::Buy, "2", "97"), on_failure))];
        let (news, _) = story(&world, &steps);
        let expected = ["0 0 accepted", "60 0 cancelled, requested", "60 1 accepted", "179 1 filled 2 at 97"];
        assert_eq!(news, expected, "{on_failure:?}");
    }
}

#[test]
fn when_there_is_nothing_to_cancel_the_new_order_stops_or_goes_on() {
    for (on_failure, answer) in
        [(CancelFailure::Stop, "130 1 rejected, NOT_ATTEMPTED"), (CancelFailure::Allow, "130 1 accepted")]
    {
        let mut world = linear("100/100/100/100 100/100/98/99 99/99/99/99");
        world.policy.cancel_latency = Span::SECOND.times(70);
        // Sent at 60 s; the old order fills in the minute that it takes.
        let steps = [(0, wish("1", "99")), (60, Do::Swap(0, limit(Side::Buy, "1", "97"), on_failure))];
        let (news, _) = story(&world, &steps);
        assert_eq!(news[1..4], ["119 0 filled 1 at 99", "130 0 cancel refused", answer], "{on_failure:?}");
    }
}

#[test]
fn a_new_order_that_comes_with_the_open_meets_it_as_one_that_has_just_come() {
    // With the market at 95 a new limit at 97 takes there; one that had rested would have paid 97.
    let world = linear("100/100/100/100 100/100/100/100 95/96/94/95");
    let steps = [(0, wish("1", "90")), (120, Do::Swap(0, limit(Side::Buy, "1", "97"), CancelFailure::Stop))];
    let (news, _) = story(&world, &steps);
    assert_eq!(news[1..], ["120 0 cancelled, requested", "120 1 accepted", "120 1 filled 1 at 95"]);
}

#[test]
fn a_late_cancel_replace_races_the_fill_that_it_would_prevent() {
    let swap = |on_failure| Do::Swap(0, limit(Side::Buy, "1", "90"), on_failure);
    for (candle, on_failure, expected) in [
        // A fill at 99.5 gains by the close: it did not happen.
        ("100/101/99/100", CancelFailure::Stop, ["80 0 cancelled, requested", "80 1 accepted"]),
        ("100/101/99/100", CancelFailure::Allow, ["80 0 cancelled, requested", "80 1 accepted"]),
        // It loses: it happened, and nothing is left to cancel.
        ("100/101/99/99.2", CancelFailure::Stop, ["119 0 filled 1 at 99.5", "80 0 cancel refused"]),
        ("100/101/99/99.2", CancelFailure::Allow, ["119 0 filled 1 at 99.5", "80 0 cancel refused"]),
    ] {
        let world = linear(&format!("100/100/100/100 {candle}"));
        let (news, _) = story(&world, &[(0, wish("1", "99.5")), (80, swap(on_failure))]);
        assert_eq!(news[1..3], expected, "{candle} {on_failure:?}");
    }
}

/// What the desk of an account with 1,000 USDT says to a cancel-replace of an order for 990.
fn swapped(on_failure: CancelFailure, new: Ticket, most: Option<&str>) -> Result<OrderId, Refusal> {
    let mut world = World::new(InstrumentKind::Spot);
    world.candles(0, -1, "100/100/100/100 100/100/100/100 100/100/100/100");
    world.opening = vec![(USDT, Amount::from_units(1_000 * 100_000_000), None)];
    let limit_of = |most: &str| Some(Limit { value: quantity(most), action: Action::Enforce });
    world.limits.maximum_position = most.map(|most| vec![limit_of(most)]).unwrap_or_default();
    let said = std::sync::Mutex::new(None);
    let (outcome, _) = world.run(&[minute(0), minute(1)], |context, call| {
        let Call::Timer(_) = call else { return };
        if context.now() == minute(0) {
            context.submit(limit(Side::Buy, "10", "99")).unwrap();
        } else {
            *said.lock().unwrap() = Some(context.cancel_replace(OrderId(0), new, on_failure));
        }
    });
    assert_eq!(outcome.complaints, []);
    said.into_inner().unwrap().unwrap()
}

#[test]
fn money_covers_both_orders_of_a_cancel_replace() {
    // The old one may fill before it is gone.
    let (whole, little) = (limit(Side::Buy, "10", "98"), limit(Side::Buy, "0.1", "98"));
    for on_failure in [CancelFailure::Stop, CancelFailure::Allow] {
        assert_eq!(swapped(on_failure, whole, None), Err(Refusal::InsufficientBalance));
        assert_eq!(swapped(on_failure, little, None), Ok(OrderId(1)));
    }
}

#[test]
fn limits_see_both_orders_of_a_cancel_replace() {
    // The old one may fill all but a lot before its cancel comes.
    let new = limit(Side::Buy, "0.1", "98");
    assert_eq!(swapped(CancelFailure::Stop, new, Some("10")), Err(Refusal::MaximumPosition));
    assert_eq!(swapped(CancelFailure::Stop, new, Some("10.1")), Ok(OrderId(1)));
}

#[test]
fn a_cancel_replace_stays_on_its_instrument() {
    let elsewhere = Ticket { instrument: InstrumentId(1), ..limit(Side::Buy, "1", "98") };
    assert_eq!(swapped(CancelFailure::Stop, elsewhere, None), Err(Refusal::Terms));
}
