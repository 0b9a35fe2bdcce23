//! News takes its time back: the venue's account has changed, the desk does not know it yet.

use crate::world::{Call, World, minute, price, quantity};
use std::sync::{Arc, Mutex};
use tapeline::domain::*;
use tapeline::engine::Outcome;
use tapeline::strategy::{BracketTicket, Context, Ticket};
use tapeline::venue::SimVenue;

const A: InstrumentId = InstrumentId(0);

/// What a desk sees: each delivery as `milliseconds what position open-orders`.
fn seen(
    world: &World,
    timers: &[i64],
    mut act: impl FnMut(&mut Context<'_>, i64) + Send,
) -> (Vec<String>, Outcome, SimVenue) {
    let at = |millis: i64| minute(0).after(Span::from_millis(millis));
    let times: Vec<Timestamp> = timers.iter().map(|millis| at(*millis)).collect();
    let lines = Arc::new(Mutex::new(Vec::new()));
    let notes = Arc::clone(&lines);
    let (outcome, venue) = world.run(&times, move |context, call| {
        let millis = context.now().since(minute(0)).nanos() / 1_000_000;
        let what = match call {
            Call::Candles(_) => "candle".to_owned(),
            Call::Timer(_) => {
                act(context, millis);
                return;
            }
            Call::Update(update) => match update.kind {
                UpdateKind::Filled(fill) => format!("filled at {}", fill.price.to_decimal(2).normalize()),
                UpdateKind::Accepted => "accepted".to_owned(),
                UpdateKind::Released { .. } => "released".to_owned(),
                UpdateKind::CancelRejected => "cancel refused".to_owned(),
                UpdateKind::Expired => "expired".to_owned(),
                other => format!("{other:?}"),
            },
        };
        let position = context.position(A).to_decimal(3).normalize();
        notes.lock().unwrap().push(format!("{millis} {what} {position} {}", context.orders().len()));
    });
    assert_eq!(outcome.complaints, []);
    let lines = lines.lock().unwrap().clone();
    (lines, outcome, venue)
}

fn world(response: Span, candles: &str) -> World {
    let mut world = World::new(InstrumentKind::Linear);
    world.policy.response_latency = response;
    world.candles(0, 0, candles);
    world
}

/// A limit order that fills inside the second minute.
fn wish(context: &mut Context<'_>, _: i64) {
    context.submit(Ticket::limit(A, Side::Buy, quantity("1"), price("99"))).unwrap();
}

const DIP: &str = "100/100/100/100 100/101/98/100 100/100/100/100 102/102/102/102";

#[test]
fn a_strategy_decides_without_the_fill_that_it_has_not_heard_of() {
    let at_once = ["60000 candle 0 1", "120000 accepted 0 1", "120000 filled at 99 1 0", "120000 candle 1 0"];
    let (lines, _, _) = seen(&world(Span::ZERO, DIP), &[60_000], wish);
    assert_eq!(lines[..4], at_once);
    // Stamped a millisecond before the close, heard of 299 ms after it: the candle's own delivery comes first.
    let (lines, outcome, _) = seen(&world(Span::from_millis(300), DIP), &[60_000], wish);
    let later = ["60000 candle 0 1", "120000 accepted 0 1", "120000 candle 0 1", "120299 filled at 99 1 0"];
    assert_eq!(lines[..4], later);
    assert_eq!(lines[4..], ["180000 candle 1 0", "240000 candle 1 0"]);
    let fill = &outcome.records.fills[0];
    assert_eq!(fill.at, minute(2).before(Span::from_millis(1)), "the record tells when it happened");
}

#[test]
fn what_filled_meanwhile_cannot_be_cancelled() {
    let act = |context: &mut Context<'_>, millis: i64| match millis {
        60_000 => wish(context, millis),
        _ => context.cancel(OrderId(0)).unwrap(),
    };
    let (lines, _, _) = seen(&world(Span::SECOND.times(70), DIP), &[60_000, 125_000], act);
    // The cancel of 125 s finds nothing and is answered at the next candle, 70 s after its arrival.
    let expected = [
        "60000 candle 0 1",
        "120000 candle 0 1",
        "130000 accepted 0 1",
        "180000 candle 0 1",
        "189999 filled at 99 1 0",
        "195000 cancel refused 1 0",
        "240000 candle 1 0",
    ];
    assert_eq!(lines, expected);
}

#[test]
fn children_protect_at_the_venue_before_the_desk_knows() {
    let act = |context: &mut Context<'_>, _: i64| {
        let stop = Some((OrderKind::StopMarket { trigger: price("98.5") }, Tag::default()));
        let entry = Ticket::limit(A, Side::Buy, quantity("1"), price("99"));
        context.bracket(BracketTicket { entry, stop, target: None }).unwrap();
    };
    let (_, at_once, _) = seen(&world(Span::ZERO, DIP), &[60_000], act);
    let (_, late, _) = seen(&world(Span::SECOND.times(20), DIP), &[60_000], act);
    let fills = |outcome: &Outcome| -> Vec<(Timestamp, Price)> {
        outcome.records.fills.iter().map(|fill| (fill.at, fill.price)).collect()
    };
    assert_eq!(fills(&late), fills(&at_once));
    assert_eq!(fills(&late).len(), 2);
}

#[test]
fn what_is_on_its_way_when_the_data_end_is_in_the_books() {
    for response in [Span::ZERO, Span::SECOND.times(600)] {
        let (lines, outcome, venue) = seen(&world(response, DIP), &[60_000], wish);
        assert_eq!(venue.wallet().held(DeskId(0), A), quantity("1"));
        assert!(lines.iter().any(|line| line.ends_with("filled at 99 1 0")), "{lines:?}");
        // One bought at 99 and worth 102.
        assert_eq!(outcome.final_equity.units() - outcome.opening_equity.units(), 3 * 100_000_000);
        assert_eq!(outcome.open_trades.len(), 1);
    }
}
