//! Matching against public trades, and the order in which news reaches a strategy.

use crate::world::{Call, World, free_policy, minute, price, quantity};
use tapeline::domain::*;
use tapeline::strategy::Ticket;
use tapeline::venue::Policy;

const A: InstrumentId = InstrumentId(0);

/// A minute of trades `second:price:quantity` beneath flat candles.
fn world(policy: Policy, trades: &str) -> World {
    let mut world = World::new(InstrumentKind::Linear);
    world.policy = policy;
    world.candles(0, 0, "100/100/100/100 100/100/100/100 100/100/100/100");
    world.trades(A, trades);
    world
}

/// Sends one order at this second and lists its fills: `second price quantity liquidity`.
fn fills(policy: Policy, trades: &str, second: i64, ticket: Ticket) -> Vec<String> {
    let at = minute(0).after(Span::SECOND.times(second));
    let (outcome, _) = world(policy, trades).run(&[at], move |context, call| {
        if let Call::Timer(_) = call {
            context.submit(ticket).unwrap();
        }
    });
    assert_eq!(outcome.complaints, []);
    let line = |fill: &tapeline::engine::FillRecord| {
        let second = fill.at.since(minute(0)).nanos() / Span::SECOND.nanos();
        let (price, quantity) = (fill.price.to_decimal(2), fill.quantity.to_decimal(3));
        format!("{second} {price} {quantity} {}", fill.liquidity.name())
    };
    outcome.records.fills.iter().map(line).collect()
}

#[test]
fn a_market_order_takes_the_first_trade_at_or_after_its_arrival() {
    let trades = "1:100:5 20:101:5 30:99:5";
    let order = || Ticket::market(A, Side::Buy, quantity("1"));
    assert_eq!(fills(free_policy(), trades, 15, order()), ["20 101 1 taker"]);
    // What is decided at an instant has missed the trades of that instant.
    assert_eq!(fills(free_policy(), trades, 20, order()), ["30 99 1 taker"]);
    let late = Policy { order_latency: Span::SECOND.times(6), ..free_policy() };
    assert_eq!(fills(late, trades, 15, order()), ["30 99 1 taker"]);
}

#[test]
fn a_resting_limit_needs_a_trade_through_its_price() {
    let order = Ticket::limit(A, Side::Buy, quantity("1"), price("99"));
    assert_eq!(fills(free_policy(), "10:100:5 20:99:5 30:99.01:5", 15, order), Vec::<String>::new());
    assert_eq!(fills(free_policy(), "1:100:5 20:99:5 30:98.99:5", 5, order), ["30 99 1 maker"]);
}

#[test]
fn a_stop_is_set_off_by_the_first_trade_at_or_beyond_its_level() {
    let order = Ticket::stop(A, Side::Sell, quantity("1"), price("99"));
    assert_eq!(fills(free_policy(), "10:100:5 20:99.01:5 30:98.5:5 40:99:5", 15, order), ["30 98.5 1 taker"]);
    assert_eq!(fills(free_policy(), "10:100:5 20:99:5", 15, order), ["20 99 1 taker"]);
}

#[test]
fn the_participation_cap_applies_to_the_size_of_each_trade() {
    let tenth = Policy { participation: Some(Rate::from_units(10_000_000)), ..free_policy() };
    let order = Ticket::market(A, Side::Buy, quantity("1"));
    assert_eq!(
        fills(tenth, "1:100:5 10:100:5 20:101:4 30:102:9", 5, order),
        ["10 100 0.5 taker", "20 101 0.4 taker", "30 102 0.1 taker"]
    );
}

#[test]
fn news_comes_before_the_candle_that_it_happened_in_and_timers_between() {
    let mut world = World::new(InstrumentKind::Linear);
    world.candles(0, 0, "100/100/100/100 100/101/99/100 100/100/100/100");
    let (sender, receiver) = std::sync::mpsc::channel();
    world.run(&[minute(1), minute(2)], move |context, call| {
        let word = match call {
            Call::Candles(_) => "candle".to_owned(),
            Call::Timer(timer) => format!("timer {}", timer.0 - (1 << 16)),
            Call::Update(OrderUpdate { kind: UpdateKind::Filled(fill), .. }) => format!("fill {:?}", fill.price),
            Call::Update(update) => format!("{:?}", update.kind),
        };
        if word == "timer 0" {
            context.submit(Ticket::market(A, Side::Buy, quantity("1"))).unwrap();
        }
        sender.send(format!("{} {word}", context.now().since(minute(0)).nanos() / Span::MINUTE.nanos())).unwrap();
    });
    let seen: Vec<String> = receiver.iter().collect();
    assert_eq!(seen, ["1 timer 0", "1 candle", "2 fill 10000u", "2 timer 1", "2 candle", "3 candle"]);
}

/// Fills of an order that rests from second 5 on, behind a queue, as in [`fills`] with their certainty.
fn behind(ahead: &str, policy: Policy, trades: &str, tickets: &[Ticket]) -> Vec<String> {
    let mut world = world(policy, trades);
    world.queue_ahead = Some(quantity(ahead));
    let tickets = tickets.to_vec();
    let (outcome, _) = world.run(&[minute(0).after(Span::SECOND.times(5))], move |context, call| {
        if let Call::Timer(_) = call {
            for ticket in &tickets {
                context.submit(*ticket).unwrap();
            }
        }
    });
    assert_eq!(outcome.complaints, []);
    let line = |fill: &tapeline::engine::FillRecord| {
        let second = fill.at.since(minute(0)).nanos() / Span::SECOND.nanos();
        format!("{second} {} {} {}", fill.order.0, fill.quantity.to_decimal(3), fill.certainty.name())
    };
    outcome.records.fills.iter().map(line).collect()
}

#[test]
fn a_stated_queue_is_served_before_a_limit_at_its_price() {
    let wish = |amount: &str| Ticket::limit(A, Side::Buy, quantity(amount), price("99"));
    let free = free_policy();
    let none: Vec<String> = Vec::new();
    // Three stand ahead: two are served, then one of two, and one is left for us.
    assert_eq!(behind("3", free, "1:100:5 20:99:2:sell 30:99:2:sell", &[wish("4")]), ["30 0 1 ambiguous"]);
    assert_eq!(behind("3", free, "1:100:5 20:99:2:sell 30:99:1:sell", &[wish("4")]), none, "served, and nothing left");
    // Once served, all that trades there is for us.
    let trades = "1:100:5 20:99:4:sell 30:99.5:9:sell 40:99:2:sell";
    assert_eq!(behind("3", free, trades, &[wish("4")]), ["20 0 1 ambiguous", "40 0 2 ambiguous"]);
    // A taker who buys at 99 does not trade with those who buy there.
    assert_eq!(behind("3", free, "1:100:5 20:99:50", &[wish("4")]), none);
    // Through it, nobody is left ahead.
    assert_eq!(behind("3", free, "1:100:5 20:98.99:1:sell", &[wish("4")]), ["20 0 4 certain"]);
    // Behind nobody the first trade at the price is ours.
    assert_eq!(behind("0", free, "1:100:5 20:99:1:sell", &[wish("4")]), ["20 0 1 ambiguous"]);
    // What one of our orders takes the other does not.
    let two = [wish("4"), wish("4")];
    assert_eq!(behind("3", free, "1:100:5 20:99:8:sell", &two), ["20 0 4 ambiguous", "20 1 1 ambiguous"]);
    // The cap on the share of each trade holds as well: a tenth of five.
    let tenth = Policy { participation: Some(Rate::from_units(10_000_000)), ..free };
    assert_eq!(behind("3", tenth, "1:100:5 20:99:5:sell", &[wish("4")]), ["20 0 0.5 ambiguous"]);
}

#[test]
fn a_replaced_order_queues_again_and_a_smaller_one_does_not() {
    let trades = "1:100:5 20:99:3:sell 40:99:2:sell";
    for (replaced, expected) in [(true, 0), (false, 1)] {
        let mut world = world(free_policy(), trades);
        world.queue_ahead = Some(quantity("3"));
        let second = |count: i64| minute(0).after(Span::SECOND.times(count));
        let (outcome, _) = world.run(&[second(5), second(30)], move |context, call| {
            let Call::Timer(_) = call else { return };
            if context.now() == second(5) {
                context.submit(Ticket::limit(A, Side::Buy, quantity("2"), price("99"))).unwrap();
            } else if replaced {
                let terms = Terms { kind: OrderKind::Limit { price: price("99") }, quantity: quantity("1") };
                context.replace(OrderId(0), terms).unwrap();
            } else {
                context.reduce(OrderId(0), quantity("1")).unwrap();
            }
        });
        assert_eq!(outcome.records.fills.len(), expected, "replaced: {replaced}");
    }
}
