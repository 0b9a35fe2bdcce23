//! What random sessions once found wrong, each as the smallest story: requests that cross, groups that get in each
//! other's way, orders whose moment has passed.

use crate::world::{Call, USDT, World, minute, price, quantity};
use std::sync::{Arc, Mutex};
use tapeline::domain::*;
use tapeline::strategy::{BracketTicket, Ticket};
use tapeline::venue::SimVenue;

const A: InstrumentId = InstrumentId(0);

/// What a story does.
#[derive(Clone, Copy)]
pub enum Do {
    Submit(Ticket),
    Bracket(BracketTicket),
    Cancel(u32),
    Replace(u32, Terms),
    Reduce(u32, Quantity),
    Swap(u32, Ticket, CancelFailure),
}

/// Does each thing at its second and lists the news as `seconds order what`.
pub fn story(world: &World, steps: &[(i64, Do)]) -> (Vec<String>, SimVenue) {
    let times: Vec<Timestamp> = steps.iter().map(|(second, _)| minute(0).after(Span::SECOND.times(*second))).collect();
    let heard = Arc::new(Mutex::new(Vec::new()));
    let news = Arc::clone(&heard);
    let (outcome, venue) = world.run(&times, move |context, call| match call {
        Call::Timer(timer) => match steps[timer.0 as usize - (1 << 16)].1 {
            Do::Submit(ticket) => drop(context.submit(ticket).unwrap()),
            Do::Bracket(ticket) => drop(context.bracket(ticket).unwrap()),
            Do::Cancel(order) => context.cancel(OrderId(order)).unwrap(),
            Do::Replace(order, terms) => context.replace(OrderId(order), terms).unwrap(),
            Do::Reduce(order, quantity) => context.reduce(OrderId(order), quantity).unwrap(),
            Do::Swap(order, ticket, then) => drop(context.cancel_replace(OrderId(order), ticket, then).unwrap()),
        },
        Call::Update(update) => {
            let what = match update.kind {
                UpdateKind::Triggered => "triggered".to_owned(),
                UpdateKind::Accepted => "accepted".to_owned(),
                UpdateKind::Held => "held".to_owned(),
                UpdateKind::Released { quantity } => format!("released for {}", quantity.to_decimal(3)),
                UpdateKind::Filled(fill) => {
                    format!("filled {} at {}", fill.quantity.to_decimal(3), fill.price.to_decimal(2))
                }
                UpdateKind::Cancelled(reason) => format!("cancelled, {}", reason.name()),
                UpdateKind::CancelRejected => "cancel refused".to_owned(),
                UpdateKind::Replaced(_) => "replaced".to_owned(),
                UpdateKind::ReplaceRejected(_) => "replacement refused".to_owned(),
                UpdateKind::Expired => "expired".to_owned(),
                UpdateKind::Rejected(reason) => format!("rejected, {}", reason.name()),
            };
            let seconds = update.at.since(minute(0)).nanos() / Span::SECOND.nanos();
            news.lock().unwrap().push(format!("{seconds} {} {what}", update.order.0));
        }
        Call::Candles(_) => {}
    });
    assert_eq!(outcome.complaints, []);
    let heard = heard.lock().unwrap().clone();
    (heard, venue)
}

/// A contract with these candles, and a quiet one at 100 before them.
pub fn linear(candles: &str) -> World {
    let mut world = World::new(InstrumentKind::Linear);
    world.candles(0, -1, "100/100/100/100");
    world.candles(0, 0, candles);
    world
}

pub fn limit(side: Side, amount: &str, level: &str) -> Ticket {
    Ticket::limit(A, side, quantity(amount), price(level))
}

pub fn stop(side: Side, amount: &str, level: &str) -> Ticket {
    Ticket::stop(A, side, quantity(amount), price(level))
}

pub fn bracket(entry: Ticket, stop: Option<&str>, target: Option<&str>) -> Do {
    let stop = stop.map(|level| (OrderKind::StopMarket { trigger: price(level) }, Tag::default()));
    let target = target.map(|level| (OrderKind::Limit { price: price(level) }, Tag::default()));
    Do::Bracket(BracketTicket { entry, stop, target })
}

#[test]
fn a_cancel_that_overtakes_its_order_is_refused_and_the_order_arrives() {
    let mut world = linear("100/100/100/100 100/100/100/100 100/100/100/100");
    world.policy.order_latency = Span::SECOND.times(90);
    let (news, _) = story(&world, &[(0, Do::Submit(limit(Side::Buy, "1", "90"))), (10, Do::Cancel(0))]);
    assert_eq!(news, ["10 0 cancel refused", "90 0 accepted", "180 0 expired"]);
}

#[test]
fn an_immediate_order_that_comes_while_nothing_trades_has_the_next_price_as_its_moment() {
    let ticket = limit(Side::Buy, "1", "99").immediate_or_cancel();
    let world = linear("100/100/100/100 100/100/100/100*0 100/101/98/100");
    let (news, _) = story(&world, &[(60, Do::Submit(ticket))]);
    assert_eq!(news, ["60 0 accepted", "120 0 cancelled, immediate-or-cancel"]);
    let mut world = linear("100/100/100/100 100/100/98/98");
    world.trades(A, "5:100:1 70:100:1 80:98:1");
    let (news, _) = story(&world, &[(60, Do::Submit(ticket))]);
    assert_eq!(news, ["60 0 accepted", "70 0 cancelled, immediate-or-cancel"]);
}

#[test]
fn new_terms_that_arrive_at_the_open_meet_the_open() {
    let mut world = linear("100/100/100/100 100/100/100/100 100/100/99/99.5");
    world.policy.cancel_latency = Span::from_millis(200);
    let terms = Terms { kind: OrderKind::StopMarket { trigger: price("101") }, quantity: quantity("1") };
    let (news, _) = story(&world, &[(0, Do::Submit(stop(Side::Sell, "1", "95"))), (120, Do::Replace(0, terms))]);
    assert_eq!(news, ["0 0 accepted", "120 0 replaced", "120 0 filled 1 at 100"], "not at 101: that never traded");
}

#[test]
fn a_stop_on_the_wrong_side_of_its_entry_is_set_off_at_the_entry() {
    let world = linear("100/100/100/100 100/102/98/100");
    let (news, _) = story(&world, &[(0, bracket(limit(Side::Buy, "1", "99"), Some("103"), None))]);
    assert_eq!(news[2..], ["119 0 filled 1 at 99", "119 1 released for 1", "119 1 filled 1 at 99"]);
}

#[test]
fn a_group_that_ends_at_the_open_hides_no_other_order_from_it() {
    let world = linear("100/100/100/100 100/100/100/100 106/107/103/106");
    let entry = Ticket::market(A, Side::Buy, quantity("1"));
    let steps = [(0, bracket(entry, Some("95"), Some("105"))), (60, Do::Submit(stop(Side::Buy, "1", "104")))];
    let (news, _) = story(&world, &steps);
    assert!(news.contains(&"120 2 filled 1 at 105".to_owned()), "{news:?}");
    assert!(news.contains(&"120 3 filled 1 at 106".to_owned()), "not at 104, which the open had passed: {news:?}");
}

#[test]
fn a_child_made_smaller_while_it_was_held_protects_no_more_than_that() {
    let world = linear("100/100/100/100 100/100/100/100 100/100/96/98");
    let terms = Terms { kind: OrderKind::StopMarket { trigger: price("97") }, quantity: quantity("1") };
    let steps = [(0, bracket(limit(Side::Buy, "2", "99"), Some("97"), None)), (60, Do::Replace(1, terms))];
    let (news, _) = story(&world, &steps);
    let end = ["179 0 filled 2 at 99", "179 1 released for 1", "179 1 filled 1 at 97"];
    assert_eq!(news[3..], end);
}

#[test]
fn what_an_unpaid_order_had_locked_is_free_once() {
    let mut world = World::new(InstrumentKind::Spot);
    world.candles(0, -1, "99/99/99/99 99/99/99/99 120/120/120/120");
    let all = Amount::from_units(1_000 * 100_000_000);
    world.opening = vec![(USDT, all, None)];
    let (news, venue) = story(&world, &[(0, Do::Submit(stop(Side::Buy, "9", "100")))]);
    assert_eq!(news, ["0 0 accepted", "60 0 cancelled, insufficient-balance"], "1,080 are more than there is");
    assert_eq!((venue.wallet().free(USDT), venue.wallet().locked(USDT)), (all, Amount::ZERO));
}

#[test]
fn an_order_that_arrives_with_a_trade_meets_it() {
    let mut world = linear("100/100/100/100 100/101/100/101");
    world.trades(A, "1:100:1 60:100:1 61:101:1");
    world.policy.order_latency = Span::SECOND.times(2);
    let (news, _) = story(&world, &[(58, Do::Submit(Ticket::market(A, Side::Buy, quantity("1"))))]);
    assert_eq!(news, ["60 0 filled 1 at 100"]);
}
