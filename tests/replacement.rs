//! New terms that arrive at a candle's open meet that open, as a new order would.

use crate::world::{Call, World, minute, price, quantity};
use tapeline::domain::*;
use tapeline::strategy::Ticket;

const A: InstrumentId = InstrumentId(0);

/// Holds (or wants) one unit, has an order resting, replaces it as the candle opens, and lists the fills from there on.
fn fills(sends: &[Ticket], terms: OrderKind, candles: &str) -> Vec<String> {
    let mut world = World::new(InstrumentKind::Linear);
    world.policy.cancel_latency = Span::from_millis(200);
    world.candles(0, 0, "100/100/100/100 100/100/100/100 100/100/100/100");
    world.candles(0, 3, candles);
    let sends = sends.to_vec();
    let resting = OrderId(sends.len() as u32 - 1);
    let (outcome, _) = world.run(&[minute(1), minute(3)], move |context, call| {
        let Call::Timer(_) = call else { return };
        if context.now() == minute(1) {
            for ticket in &sends {
                context.submit(*ticket).unwrap();
            }
        } else {
            context.replace(resting, Terms { kind: terms, quantity: quantity("1") }).unwrap();
        }
    });
    assert_eq!(outcome.complaints, []);
    let shown = outcome.records.fills.iter().filter(|fill| fill.at >= minute(3)).map(|fill| {
        let (side, value) = (fill.side.name(), fill.price.to_decimal(2).normalize());
        format!("{side} {value} {} {}", fill.liquidity.name(), fill.certainty.name())
    });
    shown.collect()
}

#[test]
fn a_stop_that_is_moved_to_the_wrong_side_of_the_open_pays_the_open_and_not_its_level() {
    let stop = |level: &str| Ticket::stop(A, Side::Sell, quantity("1"), price(level));
    let held = [Ticket::market(A, Side::Buy, quantity("1")), stop("90")];
    let terms = |level: &str| OrderKind::StopMarket { trigger: price(level) };
    // Nobody traded at 98 in the one-price candle at 97.
    assert_eq!(fills(&held, terms("98"), "97/97/97/97"), ["sell 97 taker certain"]);
    assert_eq!(fills(&held, terms("98"), "97/99/96/97"), ["sell 97 taker certain"]);
    // On the right side it waits for its level.
    assert_eq!(fills(&held, terms("98"), "99/99/97/97"), ["sell 98 taker certain"]);
    assert!(fills(&held, terms("98"), "99/100/98.5/99").is_empty());
}

#[test]
fn a_limit_that_is_moved_beyond_the_open_takes_at_the_open() {
    let wish = [Ticket::limit(A, Side::Buy, quantity("1"), price("90"))];
    let terms = |level: &str| OrderKind::Limit { price: price(level) };
    assert_eq!(fills(&wish, terms("101"), "99/100/98/99"), ["buy 99 taker certain"]);
    assert_eq!(fills(&wish, terms("98.5"), "99/100/98/99"), ["buy 98.5 maker certain"]);
}
