//! Golden cases of a touch that fills by chance.

use super::{A, QUIET, Send, bracket, check, order};
use crate::world::{Call, World, minute, price, quantity};
use tapeline::domain::*;
use tapeline::strategy::Ticket;
use tapeline::venue::{LimitPolicy, Policy};

fn by_chance(probability: &str, seed: u64) -> Policy {
    let probability = Rate::from_decimal(probability.parse().unwrap()).unwrap();
    Policy { limit_fill: LimitPolicy::TouchByChance { probability, seed }, ..crate::world::free_policy() }
}

#[test]
fn a_touch_by_chance_is_a_doubt_and_a_price_beyond_it_none() {
    use Side::Buy;
    let (always, never) = (by_chance("1", 7), by_chance("0", 7));
    let wish = || vec![Send::Order(-60, order(Buy, "limit", "99"))];
    let holding = || super::holding(Buy, "95", "105");
    let entry = || vec![Send::Bracket(-60, bracket(order(Buy, "limit", "99"), "", "101"))];
    let through = &["buy 1 @ 99 maker certain"];
    let touched = &["buy 1 @ 99 maker ambiguous"];
    check(vec![
        ("G2, the draw fills", always, QUIET, "100/101/99.00/100", wish(), touched),
        ("G2, the draw does not", never, QUIET, "100/101/99.00/100", wish(), &[]),
        ("G3, the draw would fill", always, QUIET, "100/101/98.99/100", wish(), through),
        ("G3, the draw would not", never, QUIET, "100/101/98.99/100", wish(), through),
        ("opens at it", always, QUIET, "99/100/99/100", wish(), touched),
        ("opens at it and goes on", always, QUIET, "99/100/98/100", wish(), through),
        ("opens at it, no draw", never, QUIET, "99/100/99/100", wish(), &[]),
        ("opens at it and goes on, no draw", never, QUIET, "99/100/98/100", wish(), through),
        ("target touched", always, QUIET, "100/105/99/100", holding(), &["sell 1 @ 105 maker ambiguous"]),
        ("target touched, no draw", never, QUIET, "100/105/99/100", holding(), &[]),
        ("both touched", always, QUIET, "100/105/95/100", holding(), &["sell 1 @ 95 taker ambiguous"]),
        ("both touched, no draw", never, QUIET, "100/105/95/100", holding(), &["sell 1 @ 95 taker certain"]),
        (
            "target of an entry inside, closed at it",
            always,
            QUIET,
            "100/101/98.5/101",
            entry(),
            &["buy 1 @ 99 maker certain", "sell 1 @ 101 maker ambiguous"],
        ),
        ("the same, no draw", never, QUIET, "100/101/98.5/101", entry(), through),
        // What comes late, or becomes a limit order inside the candle, needs a price beyond it.
        ("late, closes at it", always, QUIET, "100/101/99/99", vec![Send::Order(20, order(Buy, "limit", "99"))], &[]),
    ]);
}

/// A fresh limit order for each of so many candles that touch it: in which it fills, and how many doubts there were.
fn touches(policy: Policy, candles: i64) -> (Vec<i64>, u64) {
    let mut world = World::new(InstrumentKind::Linear);
    world.policy = policy;
    world.candles(0, 0, "100/100/100/100");
    (0..candles).for_each(|row| world.candles(0, 1 + row, "100/101/99/100"));
    let times: Vec<Timestamp> = (0..candles).map(|row| minute(1 + row)).collect();
    let (outcome, venue) = world.run(&times, |context, call| {
        if let Call::Timer(_) = call {
            let until = context.now().after(Span::SECOND.times(60));
            context.submit(Ticket::limit(A, Side::Buy, quantity("1"), price("99")).good_till(until)).unwrap();
        }
    });
    assert_eq!(outcome.complaints, []);
    let filled = outcome.records.fills.iter().map(|fill| fill.order.0.into()).collect();
    (filled, venue.doubts())
}

#[test]
fn chance_fills_its_share_of_touches_and_counts_them_all_as_doubts() {
    let (filled, doubts) = touches(by_chance("0.3", 7), 2_000);
    assert_eq!(doubts, 2_000, "filled or not");
    // Four standard deviations of 2,000 draws at 0.3 are 82.
    assert!(filled.len().abs_diff(600) < 82, "{}", filled.len());
    assert_eq!(touches(by_chance("0.3", 7), 2_000).0, filled, "the same seed draws the same");
    assert_ne!(touches(by_chance("0.3", 8), 2_000).0, filled, "another seed draws anew");
    let more = touches(by_chance("0.6", 7), 2_000).0;
    assert!(filled.iter().all(|order| more.contains(order)), "what fills at 0.3 fills at 0.6");
    assert_eq!(touches(crate::world::free_policy(), 50), (vec![], 0), "without chance a touch is no doubt");
}
