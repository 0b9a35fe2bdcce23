//! The smallest stories of where the venue did not keep to docs/fills.md once.

use super::{BASE, ONLY, QUOTE, venue};
use tapeline::domain::*;
use tapeline::venue::{IntrabarPolicy, LimitPolicy, Policy, SimVenue, Slippage, Venue};

const START: Timestamp = Timestamp::from_millis(1_704_067_200_000);

/// No costs, orders at the open, changes twenty seconds later.
fn policy() -> Policy {
    Policy {
        limit_fill: LimitPolicy::Touch,
        slippage: Slippage { minimum_ticks: 0, fraction: Rate::ZERO },
        participation: None,
        order_latency: Span::ZERO,
        cancel_latency: Span::SECOND.times(20),
        ..Policy::default()
    }
}

/// One contract with a tick and a lot of one and no fees, and what it has told.
struct Story {
    venue: SimVenue,
    minute: i64,
}

impl Story {
    fn new(policy: Policy) -> Story {
        let unit = Quantity::from_units(1);
        let instrument = Instrument {
            venue: "test".into(),
            symbol: "AAAUSDT".into(),
            kind: InstrumentKind::Linear,
            base: BASE,
            quote: QUOTE,
            price_decimals: 2,
            quantity_decimals: 8,
            quote_factor: 1_000,
            base_factor: 1,
            filters: Dated::always(Filters {
                tick: Price::from_units(1),
                lot: unit,
                minimum_quantity: unit,
                maximum_quantity: None,
                minimum_notional: Amount::ZERO,
                price_band: None,
                maximum_open_orders: None,
            }),
            fees: Dated::always(Fees {
                maker: Rate::ZERO,
                taker: Rate::ZERO,
                asset: FeeAsset::Quote,
                rounding: Rounding::Up,
            }),
        };
        Story { venue: venue(&instrument, policy), minute: 0 }
    }

    /// Sends a command so many seconds after the candle at hand opened.
    fn send(&mut self, second: i64, command: Command) {
        let open = START.after(Span::MINUTE.times(self.minute));
        self.venue.submit(open.after(Span::SECOND.times(second)), command);
    }

    fn replace(&mut self, order: u32, kind: OrderKind, units: i64) {
        let target = Target { desk: DeskId(0), instrument: ONLY, order: OrderId(order) };
        self.send(0, Command::Replace(target, Terms { kind, quantity: Quantity::from_units(units) }));
    }

    /// The next candle, and which orders it fills: `order quantity at price certainty`.
    fn candle(&mut self, prices: [i64; 4], volume: i64) -> Vec<String> {
        let open_time = START.after(Span::MINUTE.times(self.minute));
        self.minute += 1;
        let [open, high, low, close] = prices.map(Price::from_units);
        let candle = Candle { open_time, open, high, low, close, volume: Quantity::from_units(volume) };
        self.venue.candle(ONLY, &candle, open_time.after(Span::MINUTE));
        self.fills()
    }

    fn trade(&mut self, second: i64, price: i64) -> Vec<String> {
        let time = START.after(Span::SECOND.times(second));
        let (price, quantity) = (Price::from_units(price), Quantity::from_units(1_000));
        self.venue.trade(ONLY, &MarketTrade { time, price, quantity, taker: Side::Buy });
        self.fills()
    }

    fn fills(&mut self) -> Vec<String> {
        let told = std::iter::from_fn(|| self.venue.poll(Timestamp::MAX));
        let fills = told.filter_map(|news| match news.kind {
            UpdateKind::Filled(fill) => {
                let (quantity, price) = (fill.quantity.units(), fill.price.units());
                Some(format!("{} {quantity} at {price} {}", news.order.0, fill.certainty.name()))
            }
            _ => None,
        });
        fills.collect()
    }
}

fn order(id: u32, side: Side, kind: OrderKind) -> Order {
    Order {
        id: OrderId(id),
        desk: DeskId(0),
        instrument: ONLY,
        side,
        kind,
        quantity: Quantity::from_units(10),
        time_in_force: TimeInForce::GoodTillCancelled,
        effect: PositionEffect::Any,
        crossing: Crossing::Allowed,
        link: Link::None,
        tag: Tag::default(),
    }
}

fn limit(price: i64) -> OrderKind {
    OrderKind::Limit { price: Price::from_units(price) }
}

fn stop_limit(trigger: i64, price: i64) -> OrderKind {
    OrderKind::StopLimit { trigger: Price::from_units(trigger), price: Price::from_units(price) }
}

/// An entry to buy with one child.
fn with_child(entry: OrderKind, child: OrderKind) -> Command {
    let (id, child_id) = (OrderId(0), OrderId(1));
    let is_target = child.is_favourable();
    let mut entry = order(0, Side::Buy, entry);
    let child = Order {
        link: Link::Child { entry: id, sibling: None },
        effect: PositionEffect::ReduceOnly,
        ..order(child_id.0, Side::Sell, child)
    };
    let (stop, target) = if is_target { (None, Some(child)) } else { (Some(child), None) };
    entry.link = Link::Entry { stop: stop.map(|stop| stop.id), target: target.map(|target| target.id) };
    Command::SubmitGroup(Box::new(Group::Bracket(Bracket { entry, stop, target })))
}

#[test]
fn what_is_refused_races_nothing() {
    let mut story = Story::new(policy());
    story.send(0, Command::Submit(Order { crossing: Crossing::PostOnly, ..order(0, Side::Buy, limit(1_000)) }));
    assert!(story.candle([1_005, 1_006, 1_002, 1_004], 1_000).is_empty());
    // Post-only beyond the market: whatever happens inside, it is refused, and the order is as it was.
    story.replace(0, limit(1_010), 10);
    assert_eq!(story.candle([1_004, 1_006, 995, 1_004], 1_000), ["0 10 at 1000 certain"]);
}

#[test]
fn a_race_weighs_what_is_left() {
    let mut story = Story::new(Policy { participation: Some(Rate::from_units(10_000_000)), ..policy() });
    story.send(0, Command::Submit(order(0, Side::Buy, limit(1_000))));
    assert_eq!(story.candle([1_002, 1_002, 1_000, 1_002], 90), ["0 9 at 1000 certain"]);
    // One is left: at 1000 it loses 10 by the close, at 995 only 5.
    story.replace(0, limit(995), 10);
    assert_eq!(story.candle([1_002, 1_003, 990, 990], 1_000), ["0 1 at 1000 ambiguous"]);
}

#[test]
fn a_race_weighs_the_limit_order_that_it_became() {
    let mut story = Story::new(policy());
    story.send(0, Command::Submit(order(0, Side::Buy, stop_limit(1_000, 998))));
    assert!(story.candle([1_001, 1_002, 1_000, 1_001], 1_000).is_empty());
    // Off since its first open. At 998 it loses 8 by the close, under its new limit 15.
    story.replace(0, stop_limit(1_100, 1_005), 10);
    assert_eq!(story.candle([1_001, 1_002, 990, 990], 1_000), ["0 10 at 1005 certain"]);
}

#[test]
fn a_target_before_its_entry_is_no_exit() {
    let mut story = Story::new(policy());
    story.send(0, with_child(stop_limit(1_002, 1_000), limit(1_005)));
    // 1001, up to 1006 (off at 1002), down through 1000 (filled) to 995, 996: the target was passed before the fill.
    assert_eq!(story.candle([1_001, 1_006, 995, 996], 1_000), ["0 10 at 1000 certain"]);
}

#[test]
fn a_cancel_or_expiry_races_a_late_order_too() {
    let target = Target { desk: DeskId(0), instrument: ONLY, order: OrderId(0) };
    let till = TimeInForce::GoodTillDate(START.after(Span::SECOND.times(30)));
    let late = Policy { order_latency: Span::SECOND.times(20), ..policy() };
    // It comes at 20 s and is gone at 30 s; the price may have passed it later.
    for expires in [false, true] {
        for (intrabar, fills) in [(IntrabarPolicy::Worst, 1), (IntrabarPolicy::Best, 0)] {
            let mut story = Story::new(Policy { intrabar, ..late });
            let bare = order(0, Side::Buy, limit(1_000));
            if expires {
                story.send(0, Command::Submit(Order { time_in_force: till, ..bare }));
            } else {
                story.send(0, Command::Submit(bare));
                story.send(10, Command::Cancel(target));
            }
            let filled = story.candle([1_005, 1_006, 990, 995], 1_000);
            assert_eq!(filled, vec!["0 10 at 1000 ambiguous"; fills], "{intrabar:?}, expires: {expires}");
        }
    }
}

#[test]
fn the_best_policy_decides_a_late_stop_the_other_way() {
    let late = Policy { order_latency: Span::SECOND.times(20), intrabar: IntrabarPolicy::Best, ..policy() };
    let mut story = Story::new(late);
    let trigger = Price::from_units(995);
    story.send(0, Command::Submit(order(0, Side::Sell, OrderKind::StopMarket { trigger })));
    // The low may have come before the stop.
    assert!(story.candle([1_000, 1_001, 990, 1_000], 1_000).is_empty());
}

#[test]
fn children_of_a_replaced_entry_live_from_its_fill_on() {
    for replaced in [false, true] {
        let mut story = Story::new(Policy { cancel_latency: Span::ZERO, ..policy() });
        let stop = OrderKind::StopMarket { trigger: Price::from_units(985) };
        story.send(1, with_child(limit(990), stop));
        assert!(story.trade(2, 1_000).is_empty());
        if replaced {
            story.replace(0, limit(990), 10);
        }
        let filled = story.trade(70, 980);
        assert_eq!(filled, ["0 10 at 990 certain", "1 10 at 980 certain"], "replaced: {replaced}");
    }
}

#[test]
fn a_replaced_order_has_lost_its_place() {
    let mut story = Story::new(Policy {
        participation: Some(Rate::from_units(10_000_000)),
        cancel_latency: Span::ZERO,
        ..policy()
    });
    story.send(0, Command::Submit(order(0, Side::Buy, limit(1_000))));
    story.send(0, Command::Submit(order(1, Side::Buy, limit(1_000))));
    assert!(story.candle([1_005, 1_006, 1_002, 1_004], 1_000).is_empty());
    story.replace(0, limit(1_000), 10);
    // Ten for both of them.
    assert_eq!(story.candle([1_004, 1_006, 995, 1_004], 100), ["1 10 at 1000 certain"]);
}

#[test]
fn a_late_reduction_of_a_late_order_is_weighed_at_the_price_of_the_late_order() {
    let slippage = Slippage { minimum_ticks: 5, fraction: Rate::ZERO };
    let (order_latency, cancel_latency) = (Span::SECOND.times(20), Span::SECOND.times(30));
    let mut story = Story::new(Policy { order_latency, cancel_latency, slippage, ..policy() });
    let kind = OrderKind::StopMarket { trigger: Price::from_units(1_000) };
    story.send(0, Command::Submit(order(0, Side::Sell, kind)));
    let target = Target { desk: DeskId(0), instrument: ONLY, order: OrderId(0) };
    story.send(0, Command::Reduce(target, Terms { kind, quantity: Quantity::from_units(5) }));
    // It takes at the close less slippage and loses with every unit; at its own level it would have gained.
    assert_eq!(story.candle([1_003, 1_004, 985, 990], 1_000), ["0 10 at 985 ambiguous"]);
}

#[test]
fn a_reduction_that_comes_before_a_late_fill_leaves_the_rest_to_fill() {
    let late = Policy {
        order_latency: Span::SECOND.times(20),
        cancel_latency: Span::SECOND.times(30),
        intrabar: IntrabarPolicy::Best,
        ..policy()
    };
    let mut story = Story::new(late);
    story.send(0, Command::Submit(order(0, Side::Buy, limit(1_000))));
    let target = Target { desk: DeskId(0), instrument: ONLY, order: OrderId(0) };
    story.send(0, Command::Reduce(target, Terms { kind: limit(1_000), quantity: Quantity::from_units(4) }));
    // Every unit loses five by the close: for the account, four are better than ten.
    assert_eq!(story.candle([1_003, 1_004, 990, 995], 1_000), ["0 4 at 1000 ambiguous"]);
}

#[test]
fn a_late_order_expires_in_the_candle_of_its_end() {
    let mut story = Story::new(Policy { order_latency: Span::SECOND.times(20), ..policy() });
    let until = TimeInForce::GoodTillDate(START.after(Span::SECOND.times(30)));
    story.send(0, Command::Submit(Order { time_in_force: until, ..order(0, Side::Buy, limit(900)) }));
    assert!(story.candle([1_003, 1_004, 990, 995], 1_000).is_empty());
    assert_eq!(story.venue.open_orders().count(), 0);
    assert_eq!(story.venue.band(ONLY), tapeline::venue::PriceBand::OPEN);
}

#[test]
fn the_close_does_not_prove_the_one_moment_of_a_late_order() {
    for time_in_force in [TimeInForce::ImmediateOrCancel, TimeInForce::FillOrKill] {
        for (intrabar, fills) in [(IntrabarPolicy::Worst, 1), (IntrabarPolicy::Best, 0)] {
            let mut story = Story::new(Policy { intrabar, order_latency: Span::SECOND.times(20), ..policy() });
            story.send(0, Command::Submit(Order { time_in_force, ..order(0, Side::Buy, limit(1_000)) }));
            let filled = story.candle([1_003, 1_004, 990, 995], 1_000);
            assert_eq!(filled, vec!["0 10 at 1000 ambiguous"; fills], "{time_in_force:?} {intrabar:?}");
            assert_eq!((story.venue.doubts(), story.venue.open_orders().count()), (1, 0));
        }
    }
}

#[test]
fn what_follows_an_entry_by_chance_at_the_open_is_no_more_certain_than_that() {
    let limit_fill = LimitPolicy::TouchByChance { probability: Rate::ONE, seed: 1 };
    let mut story = Story::new(Policy { limit_fill, ..policy() });
    story.send(0, with_child(limit(1_000), limit(1_005)));
    assert!(story.candle([1_003, 1_004, 1_002, 1_003], 1_000).is_empty());
    // The open touches the entry; had that not filled, the low would have, and the target may have been before.
    assert_eq!(story.candle([1_000, 1_010, 995, 1_000], 1_000), ["0 10 at 1000 ambiguous", "1 10 at 1005 ambiguous"]);
}

#[test]
fn under_the_rule_of_the_same_close_a_market_order_in_the_stead_of_another_gets_it_too() {
    let mut story = Story::new(Policy::vectorbt());
    story.send(0, Command::Submit(order(0, Side::Buy, limit(900))));
    assert!(story.candle([1_003, 1_004, 990, 995], 1_000).is_empty());
    let target = Target { desk: DeskId(0), instrument: ONLY, order: OrderId(0) };
    let swap = CancelReplace { target, order: order(1, Side::Buy, OrderKind::Market), on_failure: CancelFailure::Stop };
    story.send(0, Command::CancelReplace(Box::new(swap)));
    assert_eq!(story.candle([1_010, 1_020, 1_000, 1_015], 1_000), ["1 10 at 995 certain"]);
}

#[test]
fn a_stop_inside_a_candle_takes_at_its_level_or_at_the_worst_that_the_candle_shows() {
    use tapeline::venue::StopInsidePolicy::{AtExtreme, AtLevel};
    for (stop_inside, at, late_at) in [(AtLevel, 995, 992), (AtExtreme, 990, 990)] {
        let stop = Command::Submit(order(0, Side::Sell, OrderKind::StopMarket { trigger: Price::from_units(995) }));
        let mut story = Story::new(Policy { stop_inside, ..policy() });
        story.send(0, stop.clone());
        assert_eq!(story.candle([1_000, 1_001, 990, 992], 1_000), [format!("0 10 at {at} certain")]);
        let mut story = Story::new(Policy { stop_inside, order_latency: Span::SECOND.times(20), ..policy() });
        story.send(0, stop);
        assert_eq!(story.candle([1_000, 1_001, 990, 992], 1_000), [format!("0 10 at {late_at} ambiguous")]);
        // A gap is a price of the market's own.
        let mut story = Story::new(Policy { stop_inside, ..policy() });
        story.send(0, Command::Submit(order(0, Side::Sell, OrderKind::StopMarket { trigger: Price::from_units(995) })));
        assert!(story.candle([1_000, 1_001, 997, 998], 1_000).is_empty());
        assert_eq!(story.candle([993, 994, 980, 985], 1_000), ["0 10 at 993 certain"]);
    }
}
