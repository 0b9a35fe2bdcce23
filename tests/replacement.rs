//! New terms that arrive at a candle's open meet that open, as a new order would.

use crate::world::{Call, World, minute, price, quantity};
use tapeline::domain::*;
use tapeline::engine::Ending;
use tapeline::strategy::{BracketTicket, Ticket};

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

#[test]
fn a_child_that_waits_for_its_entry_waits_on_when_it_is_replaced() {
    let mut world = World::new(InstrumentKind::Spot);
    world.candles(0, 0, "100/100/100/100 100/100/100/100 100/100/100/100 100/100/100/100");
    let child = OrderId(1);
    let (outcome, _) = world.run(&[minute(1), minute(2), minute(3)], move |context, call| {
        let Call::Timer(_) = call else { return };
        let stop = |level: &str| OrderKind::StopMarket { trigger: price(level) };
        if context.now() == minute(1) {
            let entry = Ticket::limit(A, Side::Buy, quantity("1"), price("90"));
            context.bracket(BracketTicket { entry, stop: Some((stop("80"), Tag::default())), target: None }).unwrap();
        } else if context.now() == minute(2) {
            context.replace(child, Terms { kind: stop("81"), quantity: quantity("1") }).unwrap();
        } else {
            let open = context.orders().iter().find(|open| open.order.id == child).unwrap();
            assert_eq!((open.state, open.order.kind), (OrderState::Held, stop("81")));
            assert!(open.waits);
        }
    });
    assert_eq!(outcome.complaints, []);
}

#[test]
fn what_is_decided_in_the_news_of_the_last_expiry_is_in_the_records() {
    let mut world = World::new(InstrumentKind::Linear);
    world.candles(0, 0, "100/100/100/100 100/100/100/100 100/100/100/100");
    let far = || Ticket::limit(A, Side::Buy, quantity("1"), price("90"));
    let mut decided = 0;
    let (outcome, _) = world.run(&[minute(1)], |context, call| match call {
        Call::Timer(_) => drop(context.submit(far()).unwrap()),
        Call::Update(update) if update.kind == UpdateKind::Expired => {
            context.submit(far()).unwrap();
            let entry = far();
            let stop = Some((OrderKind::StopMarket { trigger: price("80") }, Tag::default()));
            context.bracket(BracketTicket { entry, stop, target: None }).unwrap();
            decided += 3;
        }
        Call::Update(_) | Call::Candles(_) => {}
    });
    assert_eq!((outcome.complaints, decided), (vec![], 3));
    let endings: Vec<Ending> = outcome.records.orders.iter().map(|order| order.ending).collect();
    assert_eq!(endings, [Ending::Expired; 4]);
}
