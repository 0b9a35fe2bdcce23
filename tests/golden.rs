//! The golden cases of docs/fills.md: slippage 0, fees 0, tick 0.01.

mod exchange;
mod kinds;
mod profiles;

use crate::world::{Call, World, minute, price, quantity};
use std::sync::Arc;
use tapeline::domain::*;
use tapeline::engine::{Role, TapeSeries};
use tapeline::strategy::{BracketTicket, Ticket};
use tapeline::venue::{IntrabarPolicy, LimitGapPolicy, LimitPolicy, Policy};

const A: InstrumentId = InstrumentId(0);

/// What a case sends, and when: seconds relative to the open of the case's candle. Before it stand quiet candles.
#[derive(Clone)]
enum Send {
    /// Submit an order by itself.
    Order(i64, Ticket),
    /// Submit a bracket.
    Bracket(i64, BracketTicket),
    /// Submit two orders of which only one may fill.
    Pair(i64, [Ticket; 2]),
    /// Cancel the n-th submitted order.
    Cancel(i64, u32),
}

fn order(side: Side, kind: &str, level: &str) -> Ticket {
    let amount = quantity("1");
    match kind {
        "market" => Ticket::market(A, side, amount),
        "limit" => Ticket::limit(A, side, amount, price(level)),
        "stop" => Ticket::stop(A, side, amount, price(level)),
        "take" => Ticket::new(A, side, OrderKind::TakeProfit { trigger: price(level) }, amount),
        "trail" => Ticket::trailing_stop(A, side, amount, Trail::Distance(price(level))),
        "trail part" => {
            Ticket::trailing_stop(A, side, amount, Trail::Fraction(Rate::from_decimal(level.parse().unwrap()).unwrap()))
        }
        other => panic!("{other}"),
    }
}

fn bracket(entry: Ticket, stop: &str, target: &str) -> BracketTicket {
    let level = |text: &str| (!text.is_empty()).then(|| price(text));
    let stop = level(stop).map(|trigger| (OrderKind::StopMarket { trigger }, Tag::default()));
    let target = level(target).map(|price| (OrderKind::Limit { price }, Tag::default()));
    BracketTicket { entry, stop, target }
}

/// Runs `sends` against the candles and lists the fills of the case's candle and later: `price liquidity certainty`.
fn fills(policy: Policy, before: &str, candles: &str, sends: &[Send]) -> Vec<String> {
    let mut world = World::new(InstrumentKind::Linear);
    world.policy = policy;
    let lead = before.split_whitespace().count() as i64;
    world.candles(0, 0, before);
    world.candles(0, lead, candles);
    let open = minute(lead);
    let at = |send: &Send| match send {
        Send::Order(seconds, _) | Send::Bracket(seconds, _) | Send::Pair(seconds, _) | Send::Cancel(seconds, _) => {
            open.after(Span::SECOND.times(*seconds))
        }
    };
    let times: Vec<Timestamp> = sends.iter().map(at).collect();
    let sends = sends.to_vec();
    let mut next = 0;
    let (outcome, _) = world.run(&times, move |context, call| {
        let Call::Timer(_) = call else { return };
        match sends[next].clone() {
            Send::Order(_, ticket) => drop(context.submit(ticket).unwrap()),
            Send::Bracket(_, ticket) => drop(context.bracket(ticket).unwrap()),
            Send::Pair(_, tickets) => drop(context.pair(tickets).unwrap()),
            Send::Cancel(_, id) => context.cancel(OrderId(id)).unwrap(),
        }
        next += 1;
    });
    assert_eq!(outcome.complaints, []);
    let shown = outcome.records.fills.iter().filter(|fill| fill.at >= open).map(|record| {
        let (value, side) = (record.price.to_decimal(2), record.side.name());
        let amount = record.quantity.to_decimal(3);
        format!("{side} {amount} @ {value} {} {}", record.liquidity.name(), record.certainty.name())
    });
    shown.collect()
}

/// A quiet market at 100 in which a long (or short) position of one is taken at 100 before the case.
fn holding(side: Side, stop: &str, target: &str) -> Vec<Send> {
    vec![Send::Bracket(-60, bracket(order(side, "market", ""), stop, target))]
}

const QUIET: &str = "100/100/100/100 100/100/100/100";

#[test]
fn every_golden_case_of_the_spine_fills_as_the_table_says() {
    use Side::{Buy, Sell};
    let free = crate::world::free_policy();
    let touch = Policy { limit_fill: LimitPolicy::Touch, ..free };
    let at_open = Policy { limit_gap: LimitGapPolicy::AtOpen, ..free };
    let best = Policy { intrabar: IntrabarPolicy::Best, ..free };
    let delayed = Policy { order_latency: Span::from_millis(200), cancel_latency: Span::from_millis(200), ..free };
    let capped = Policy { participation: Some(Rate::from_units(10_000_000)), ..free };
    let send = |seconds: i64, ticket: Ticket| vec![Send::Order(seconds, ticket)];
    let with = |seconds: i64, entry: Ticket, stop: &str, target: &str| {
        vec![Send::Bracket(seconds, bracket(entry, stop, target))]
    };
    let ten = |ticket: Ticket| Ticket { quantity: quantity("10"), ..ticket };
    let late_cancel = |holder: Vec<Send>, id: u32| [holder, vec![Send::Cancel(20, id)]].concat();
    let resting_99_5 = send(-60, order(Buy, "limit", "99.5"));
    let quiet_105 = "105/105/105/105 105/105/105/105";
    let quiet_102 = "102/102/102/102 102/102/102/102";
    let cases: Vec<Case<'_>> = vec![
        ("G1", delayed, QUIET, "100/101/99/100", send(0, order(Buy, "market", "")), &["buy 1 @ 100 taker certain"]),
        ("G2", free, QUIET, "100/101/99/100", send(-60, order(Buy, "limit", "99")), &[]),
        (
            "G2 touch",
            touch,
            QUIET,
            "100/101/99/100",
            send(-60, order(Buy, "limit", "99")),
            &["buy 1 @ 99 maker certain"],
        ),
        ("G3", free, QUIET, "100/101/98.99/100", send(-60, order(Buy, "limit", "99")), &["buy 1 @ 99 maker certain"]),
        ("G4", free, quiet_105, "95/97/94/96", send(-60, order(Buy, "limit", "100")), &["buy 1 @ 100 maker certain"]),
        (
            "G4 open",
            at_open,
            quiet_105,
            "95/97/94/96",
            send(-60, order(Buy, "limit", "100")),
            &["buy 1 @ 95 maker certain"],
        ),
        ("G5", free, quiet_105, "95/97/94/96", send(0, order(Buy, "limit", "100")), &["buy 1 @ 95 taker certain"]),
        (
            "G6",
            free,
            quiet_102,
            "102/103/98/99",
            send(-60, order(Sell, "stop", "100")),
            &["sell 1 @ 100 taker certain"],
        ),
        ("G7", free, quiet_102, "90/92/88/91", send(-60, order(Sell, "stop", "100")), &["sell 1 @ 90 taker certain"]),
        ("G8", free, QUIET, "100/106/94/101", holding(Buy, "95", "105"), &["sell 1 @ 95 taker ambiguous"]),
        ("G8 best", best, QUIET, "100/106/94/101", holding(Buy, "95", "105"), &["sell 1 @ 105 maker ambiguous"]),
        ("G9", free, QUIET, "100/106/94/99", holding(Sell, "105", "95"), &["buy 1 @ 105 taker ambiguous"]),
        ("G9 best", best, QUIET, "100/106/94/99", holding(Sell, "105", "95"), &["buy 1 @ 95 maker ambiguous"]),
        ("G10", free, QUIET, "105.5/107/94/96", holding(Buy, "95", "105"), &["sell 1 @ 105 maker certain"]),
        ("G11", free, QUIET, "94/106/93/100", holding(Buy, "95", "105"), &["sell 1 @ 94 taker certain"]),
        (
            "G14",
            free,
            QUIET,
            "100/101/96/98",
            with(-60, order(Buy, "limit", "99"), "97", ""),
            &["buy 1 @ 99 maker certain", "sell 1 @ 97 taker certain"],
        ),
        (
            "G15",
            free,
            QUIET,
            "100/102/98.5/100",
            with(-60, order(Buy, "limit", "99"), "", "101"),
            &["buy 1 @ 99 maker certain"],
        ),
        (
            "G15 best",
            best,
            QUIET,
            "100/102/98.5/100",
            with(-60, order(Buy, "limit", "99"), "", "101"),
            &["buy 1 @ 99 maker certain", "sell 1 @ 101 maker ambiguous"],
        ),
        (
            "G16",
            free,
            QUIET,
            "100/102/98.5/101.5",
            with(-60, order(Buy, "limit", "99"), "", "101"),
            &["buy 1 @ 99 maker certain", "sell 1 @ 101 maker certain"],
        ),
        (
            "G17",
            free,
            QUIET,
            "100/106/99/103",
            with(-60, order(Buy, "stop", "102"), "98", "105"),
            &["buy 1 @ 102 taker certain", "sell 1 @ 105 maker certain"],
        ),
        (
            "G18",
            free,
            QUIET,
            "100/106/99/103",
            with(-60, order(Buy, "stop", "102"), "99.5", "105"),
            &["buy 1 @ 102 taker certain", "sell 1 @ 99.5 taker ambiguous"],
        ),
        (
            "G18 best",
            best,
            QUIET,
            "100/106/99/103",
            with(-60, order(Buy, "stop", "102"), "99.5", "105"),
            &["buy 1 @ 102 taker certain", "sell 1 @ 105 maker ambiguous"],
        ),
        (
            "G19",
            free,
            QUIET,
            "100/103/99/101",
            with(-60, order(Buy, "stop", "102"), "99.5", ""),
            &["buy 1 @ 102 taker certain", "sell 1 @ 99.5 taker ambiguous"],
        ),
        (
            "G20",
            capped,
            QUIET,
            "100/101/98/99*20",
            send(-60, ten(order(Buy, "limit", "99"))),
            &["buy 2 @ 99 maker certain"],
        ),
        ("G21", free, QUIET, "90/90/90/90*0", send(-60, order(Buy, "limit", "99")), &[]),
        ("G21 stop", free, QUIET, "90/90/90/90*0", send(-60, order(Sell, "stop", "99")), &[]),
        ("G29", delayed, QUIET, "100/101/99/100", send(0, order(Buy, "market", "")), &["buy 1 @ 100 taker certain"]),
        (
            "G30",
            free,
            QUIET,
            "100/103/99/102 101.5/102/101/102",
            send(20, order(Buy, "market", "")),
            &["buy 1 @ 102 taker certain"],
        ),
        ("G31", free, QUIET, "100/101/99/100", send(20, order(Buy, "limit", "99.5")), &[]),
        (
            "G31 through",
            free,
            QUIET,
            "100/101/99/99.4",
            send(20, order(Buy, "limit", "99.5")),
            &["buy 1 @ 99.5 taker certain"],
        ),
        (
            "G32",
            free,
            QUIET,
            "100/101/99/100.5",
            send(20, order(Sell, "stop", "99.5")),
            &["sell 1 @ 99.5 taker ambiguous"],
        ),
        (
            "G32 beyond",
            free,
            QUIET,
            "100/101/99/99.2",
            send(20, order(Sell, "stop", "99.5")),
            &["sell 1 @ 99.2 taker ambiguous"],
        ),
        ("G33", free, QUIET, "100/101/99/100", late_cancel(resting_99_5.clone(), 0), &[]),
        ("G33 beyond", free, QUIET, "100/101/99/99.2", late_cancel(resting_99_5, 0), &["buy 1 @ 99.5 maker ambiguous"]),
        (
            "G34",
            free,
            QUIET,
            "100/101/99/100.5",
            late_cancel(holding(Buy, "99.5", ""), 1),
            &["sell 1 @ 99.5 taker ambiguous"],
        ),
        ("G34 beyond", free, QUIET, "100/101/99/99.2", late_cancel(holding(Buy, "99.5", ""), 1), &[]),
    ];
    check(cases);
}

type Case<'a> = (&'a str, Policy, &'a str, &'a str, Vec<Send>, &'a [&'a str]);

fn check(cases: Vec<Case<'_>>) {
    let mut wrong = Vec::new();
    for (name, policy, before, candles, sends, expected) in cases {
        let got = fills(policy, before, candles, &sends);
        if got != expected {
            wrong.push(format!("{name}: expected {expected:?}, got {got:?}"));
        }
        let mirrored = mirror(policy, before, candles, &sends);
        let turned: Vec<String> = expected.iter().map(|line| mirror_line(line)).collect();
        if mirrored != turned {
            wrong.push(format!("{name} mirrored: expected {turned:?}, got {mirrored:?}"));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn under_the_profile_a_stop_entry_at_the_open_meets_its_target_in_the_same_candle() {
    let profile = Policy::backtesting_py();
    let entry = || bracket(order(Side::Buy, "stop", "102"), "98", "105");
    let cases: [(&str, i64, &str, &[&str]); 6] = [
        ("resting", -60, "103/106/102/104", &["buy 1 @ 103 taker certain", "sell 1 @ 105 maker certain"]),
        ("arriving", 0, "103/106/102/104", &["buy 1 @ 103 taker certain", "sell 1 @ 105 maker certain"]),
        ("beyond the target", 0, "106/107/105/106", &["buy 1 @ 106 taker certain", "sell 1 @ 106 maker certain"]),
        ("stop reached too", 0, "103/106/98/104", &["buy 1 @ 103 taker certain"]),
        ("resting, stop reached too", -60, "103/106/98/104", &["buy 1 @ 103 taker certain"]),
        ("target not reached", 0, "103/104/102/104", &["buy 1 @ 103 taker certain"]),
    ];
    for (name, seconds, candle, expected) in cases {
        let sends = [Send::Bracket(seconds, entry())];
        assert_eq!(fills(profile, QUIET, candle, &sends), expected, "{name}");
        let turned: Vec<String> = expected.iter().map(|line| mirror_line(line)).collect();
        assert_eq!(mirror(profile, QUIET, candle, &sends), turned, "{name} mirrored");
    }
}

#[test]
fn a_cancel_that_arrives_with_the_open_is_in_time_whatever_was_sent_before_it() {
    let free = crate::world::free_policy();
    let resting = Send::Order(-60, order(Side::Buy, "limit", "99.5"));
    let (new, cancel) = (Send::Order(0, order(Side::Buy, "market", "")), Send::Cancel(0, 0));
    for sends in [[resting.clone(), cancel.clone(), new.clone()], [resting, new, cancel]] {
        assert_eq!(fills(free, QUIET, "99/99/99/99", &sends), ["buy 1 @ 99 taker certain"]);
    }
}

/// The same case reflected about 200: prices turned, sides swapped.
fn mirror(policy: Policy, before: &str, candles: &str, sends: &[Send]) -> Vec<String> {
    let ticket = |ticket: &Ticket| Ticket { side: ticket.side.opposite(), kind: mirror_kind(ticket.kind), ..*ticket };
    let sends: Vec<Send> = sends
        .iter()
        .map(|send| match send {
            Send::Order(at, order) => Send::Order(*at, ticket(order)),
            Send::Bracket(at, group) => Send::Bracket(
                *at,
                BracketTicket {
                    entry: ticket(&group.entry),
                    stop: group.stop.map(|(kind, tag)| (mirror_kind(kind), tag)),
                    target: group.target.map(|(kind, tag)| (mirror_kind(kind), tag)),
                },
            ),
            Send::Pair(at, pair) => Send::Pair(*at, pair.each_ref().map(ticket)),
            Send::Cancel(at, id) => Send::Cancel(*at, *id),
        })
        .collect();
    fills(policy, &mirror_candles(before), &mirror_candles(candles), &sends)
}

fn mirror_kind(kind: OrderKind) -> OrderKind {
    match kind {
        OrderKind::Market | OrderKind::TrailingStop { .. } => kind,
        OrderKind::Limit { price } => OrderKind::Limit { price: reflect(price) },
        OrderKind::StopMarket { trigger } => OrderKind::StopMarket { trigger: reflect(trigger) },
        OrderKind::StopLimit { trigger, price } => {
            OrderKind::StopLimit { trigger: reflect(trigger), price: reflect(price) }
        }
        OrderKind::TakeProfit { trigger } => OrderKind::TakeProfit { trigger: reflect(trigger) },
        OrderKind::TakeProfitLimit { trigger, price } => {
            OrderKind::TakeProfitLimit { trigger: reflect(trigger), price: reflect(price) }
        }
    }
}

fn reflect(level: Price) -> Price {
    Price::from_units(20_000 - level.units())
}

fn mirror_candles(text: &str) -> String {
    let turned = text.split_whitespace().map(|word| {
        let (prices, volume) = word.split_once('*').unwrap_or((word, "1000"));
        let turned: Vec<String> =
            prices.split('/').map(|text| reflect(price(text)).to_decimal(2).to_string()).collect();
        format!("{}/{}/{}/{}*{volume}", turned[0], turned[2], turned[1], turned[3])
    });
    turned.collect::<Vec<_>>().join(" ")
}

fn mirror_line(line: &str) -> String {
    let words: Vec<&str> = line.split(' ').collect();
    let side = if words[0] == "buy" { "sell" } else { "buy" };
    format!("{side} {} @ {} {} {}", words[1], reflect(price(words[3])).to_decimal(2), words[4], words[5])
}

#[test]
fn a_strategy_on_one_symbol_sees_the_others_candle_of_the_same_instant_g27() {
    let mut world = World::new(InstrumentKind::Spot);
    world.add_instrument("BBBUSDT", InstrumentKind::Spot);
    world.candles(0, 0, "1/1/1/1 2/2/2/2 3/3/3/3");
    world.candles(1, 0, "10/10/10/10 20/20/20/20 30/30/30/30");
    let (sender, receiver) = std::sync::mpsc::channel();
    world.run(&[], move |context, call| {
        if let Call::Candles(closed) = call {
            assert_eq!(closed, [SeriesId(0), SeriesId(1)], "one call for both");
            let close = |series| context.close(series).unwrap().units();
            sender.send((context.now(), close(SeriesId(0)), close(SeriesId(1)))).unwrap();
        }
    });
    let seen: Vec<_> = receiver.iter().collect();
    assert_eq!(seen, [(minute(1), 100, 1_000), (minute(2), 200, 2_000), (minute(3), 300, 3_000)]);
}

#[test]
fn a_minute_and_the_five_minutes_it_completes_come_in_one_call_finest_first_g28() {
    let mut world = World::new(InstrumentKind::Spot);
    world.candles(0, 0, "1/1/1/1 2/2/2/2 3/3/3/3 4/4/4/4 5/5/5/5 6/6/6/6");
    world.tape.series.push(TapeSeries {
        series: Series { instrument: A, interval: "5m".parse().unwrap() },
        columns: Arc::new(CandleColumns::default()),
    });
    world.roles.push(Role::Shown);
    world.candles(1, 0, "1/5/1/5");
    let (sender, receiver) = std::sync::mpsc::channel();
    world.run(&[], move |context, call| {
        if let Call::Candles(closed) = call {
            let coarse = context.close(SeriesId(1)).map(Price::units);
            sender.send((context.now(), closed.to_vec(), coarse)).unwrap();
        }
    });
    let seen: Vec<_> = receiver.iter().collect();
    let (fine, coarse) = (SeriesId(0), SeriesId(1));
    assert_eq!(seen[3], (minute(4), vec![fine], None));
    assert_eq!(seen[4], (minute(5), vec![fine, coarse], Some(500)));
    assert_eq!(seen[5], (minute(6), vec![fine], Some(500)));
}
