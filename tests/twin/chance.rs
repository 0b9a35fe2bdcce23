//! Random policies, candles, trades and commands for the twin: a narrow market, so that levels often coincide.

use super::seen::Stand;
use super::{BASE, DESKS, ONLY, QUOTE, Tally, Twin};
use crate::conservation::dice::Dice;
use tapeline::domain::*;
use tapeline::venue::*;

/// What the market shows next.
#[derive(Debug)]
pub enum Data {
    Candle(Candle, Timestamp),
    Trade(MarketTrade),
    Quote(Quote),
}

/// One session's dice and what they have to remember.
pub struct Chance {
    dice: Dice,
    tick: i64,
    /// By what the market's prices differ: history knows ticks finer than those in force.
    step: i64,
    lot: i64,
    trades: bool,
    quotes: bool,
    now: Timestamp,
    price: i64,
    sent: Vec<Order>,
    commands: Tally,
}

const START: Timestamp = Timestamp::from_millis(1_704_067_200_000);

impl Chance {
    pub fn new(seed: u64) -> Chance {
        let mut dice = Dice::new(seed);
        let tick = dice.pick(&[1, 1, 5]);
        let price = dice.pick(&[1_000, 1_000, 1_000, 1_000, 20]) * tick;
        let (lot, trades) = (dice.pick(&[1, 10]), dice.chance(30));
        let step = if dice.chance(20) { 1 } else { tick };
        // A session in two that begins shortly before midnight has a day behind it when it goes on.
        let now = START.after(Span::MINUTE.times(dice.pick(&[0, 24 * 60 - 15])));
        let quotes = trades && dice.chance(50);
        Chance { dice, tick, step, lot, trades, quotes, now, price, sent: Vec::new(), commands: Tally::new() }
    }

    pub fn instrument(&mut self) -> Instrument {
        let rate = |units| Rate::from_units(units);
        Instrument {
            venue: "test".into(),
            symbol: "AAAUSDT".into(),
            kind: self.dice.pick(&[InstrumentKind::Spot, InstrumentKind::Linear]),
            base: BASE,
            quote: QUOTE,
            price_decimals: 2,
            quantity_decimals: 8,
            quote_factor: 1_000,
            base_factor: 1,
            filters: Dated::always(Filters {
                tick: Price::from_units(self.tick),
                lot: Quantity::from_units(self.lot),
                minimum_quantity: Quantity::from_units(self.lot),
                maximum_quantity: None,
                minimum_notional: Amount::ZERO,
                price_band: None,
                maximum_open_orders: self.dice.pick(&[None, None, None, Some(4)]),
            }),
            fees: Dated::always(Fees {
                maker: rate(self.dice.pick(&[-10_000, 0, 75_000, 100_000])),
                taker: rate(self.dice.pick(&[0, 75_000, 100_000, 2_500_000])),
                asset: self.dice.pick(&[FeeAsset::Quote, FeeAsset::Quote, FeeAsset::Received]),
                rounding: self.dice.pick(&[Rounding::Up, Rounding::Down, Rounding::HalfEven]),
            }),
        }
    }

    pub fn policy(&mut self) -> Policy {
        let dice = &mut self.dice;
        let latencies = [Span::ZERO, Span::from_millis(200), Span::SECOND.times(20)];
        Policy {
            intrabar: dice.pick(&[IntrabarPolicy::Worst, IntrabarPolicy::Worst, IntrabarPolicy::Best]),
            limit_fill: {
                let chance = LimitPolicy::TouchByChance { probability: Rate::from_units(50_000_000), seed: 7 };
                dice.pick(&[LimitPolicy::Through, LimitPolicy::Touch, chance])
            },
            limit_gap: dice.pick(&[LimitGapPolicy::AtLimit, LimitGapPolicy::AtLimit, LimitGapPolicy::AtOpen]),
            stop_gap: StopGapPolicy::AtOpen,
            stop_inside: dice.pick(&[
                StopInsidePolicy::AtLevel,
                StopInsidePolicy::AtLevel,
                StopInsidePolicy::AtExtreme,
            ]),
            children: ChildrenPolicy::AtFill,
            market_fill: MarketFillPolicy::NextPrice,
            slippage: Slippage {
                minimum_ticks: dice.pick(&[0, 0, 1, 2]),
                fraction: Rate::from_units(dice.pick(&[0, 0, 10_000, 300_000])),
            },
            participation: dice.pick(&[None, Some(Rate::from_units(10_000_000))]),
            order_latency: dice.pick(&latencies),
            cancel_latency: dice.pick(&latencies),
            response_latency: dice.pick(&[Span::ZERO, Span::ZERO, Span::from_millis(300), Span::SECOND.times(70)]),
            open_tolerance: Span::SECOND,
        }
    }

    /// Fees by volume; none as often as not.
    pub fn tiers(&mut self, instrument: &Instrument) -> Vec<FeeTier> {
        if self.dice.chance(50) {
            return Vec::new();
        }
        let fees = instrument.fees_at(Timestamp::MIN);
        let lower = |rate: Rate, by: i64| Rate::from_units(rate.units() - by);
        let tier = |volume: i128, by: i64| FeeTier {
            volume: Amount::from_units(volume * i128::from(self.price) * 1_000),
            maker: lower(fees.maker, by),
            taker: lower(fees.taker, by.min(fees.taker.units())),
        };
        vec![tier(1, 5_000), tier(400, 20_000)]
    }

    /// What stands ahead at a limit's price, where trades are matched.
    pub fn queue(&mut self) -> Option<i128> {
        (self.trades && self.dice.chance(50)).then(|| self.dice.between(0, 400).into())
    }

    /// How many candles or trades the session has.
    pub fn steps(&self) -> usize {
        if self.trades { 60 } else { 30 }
    }

    fn near(&mut self, from: i64, reach: i64) -> i64 {
        (from + self.dice.between(-reach, reach) * self.step).max(self.tick)
    }

    pub fn next_data(&mut self) -> Data {
        if self.trades {
            let wait = self.dice.pick(&[0, 0, 100, 200, 3_000, 20_000, 50_000]);
            let time = self.now.after(Span::from_millis(wait));
            if self.quotes && self.dice.chance(50) {
                return Data::Quote(self.quote(time));
            }
            let reach = self.dice.pick(&[0, 1, 1, 3, 8]);
            let units = self.dice.between(1, 300);
            let price = Price::from_units(self.near(self.price, reach));
            let taker = self.dice.pick(&[Side::Buy, Side::Sell]);
            return Data::Trade(MarketTrade { time, price, quantity: Quantity::from_units(units), taker });
        }
        let missing = if self.dice.chance(8) { self.dice.between(1, 3) } else { 0 };
        let open_time = self.now.after(Span::MINUTE.times(missing));
        let gap = self.dice.pick(&[0, 0, 0, 1, 6]);
        let open = self.near(self.price, gap);
        let wide = self.dice.pick(&[0, 1, 2, 5, 5, 10, 16]);
        let (one, other, close) = (self.near(open, wide), self.near(open, wide), self.near(open, wide));
        let extremes = [open, one, other, close];
        let volume = match self.dice.below(10) {
            0 => 0,
            1..4 => self.dice.between(1, 400),
            _ => self.dice.between(1, 20_000),
        };
        let candle = Candle {
            open_time,
            open: Price::from_units(open),
            high: Price::from_units(extremes.into_iter().max().unwrap()),
            low: Price::from_units(extremes.into_iter().min().unwrap()),
            close: Price::from_units(close),
            volume: Quantity::from_units(volume),
        };
        Data::Candle(candle, open_time.after(Span::MINUTE))
    }

    /// A bid and an ask near the last price; now and then an old one again.
    fn quote(&mut self, time: Timestamp) -> Quote {
        let reach = self.dice.pick(&[0, 1, 1, 3, 8]);
        let bid = self.near(self.price, reach);
        let ask = bid + self.step * self.dice.pick(&[1, 1, 2, 5]);
        let mut size = || Quantity::from_units(self.dice.between(0, self.dice.clone().pick(&[0, 20, 300])));
        Quote {
            time,
            bid: Price::from_units(bid),
            bid_quantity: size(),
            ask: Price::from_units(ask),
            ask_quantity: size(),
        }
    }

    /// What is sent between the market data before and these.
    pub fn commands(&mut self, twin: &Twin, data: &Data) -> Vec<(Timestamp, Command)> {
        let (end, price) = match data {
            Data::Candle(candle, close) => (*close, candle.close),
            Data::Trade(trade) => (trade.time, trade.price),
            Data::Quote(quote) => (quote.time, quote.bid),
        };
        let length = end.since(self.now).nanos();
        let count = self.dice.pick(if self.trades { &[0, 0, 1, 1] } else { &[0, 1, 1, 2, 3] });
        let mut instants: Vec<i64> = (0..count)
            .map(|_| match self.dice.below(10) {
                0..6 => 0,
                6 => length.min(1_000_000_000),
                _ => self.dice.between(0, length),
            })
            .collect();
        instants.sort_unstable();
        let mut commands = Vec::new();
        for instant in instants {
            let command = self.command(twin, self.now.after(Span::from_nanos(instant)));
            commands.push((self.now.after(Span::from_nanos(instant)), command));
        }
        self.now = end;
        self.price = price.units();
        commands
    }

    fn command(&mut self, twin: &Twin, now: Timestamp) -> Command {
        let some = match self.sent.len() {
            0 => None,
            sent if twin.orders.is_empty() || self.dice.chance(15) => {
                Some(self.sent[sent - 1 - self.dice.below(sent.min(4))])
            }
            _ => Some(self.sent[twin.orders[self.dice.below(twin.orders.len())].order.id.0 as usize]),
        };
        let target = |order: &Order| Target { desk: order.desk, instrument: ONLY, order: order.id };
        match (self.dice.below(100), some) {
            (0..10, Some(order)) => {
                *self.commands.entry("cancel").or_default() += 1;
                Command::Cancel(target(&order))
            }
            (10..24, Some(order)) => Command::Replace(target(&order), self.terms(twin, &order)),
            (24..32, Some(order)) => Command::Reduce(target(&order), self.smaller(twin, &order)),
            (32..38, Some(order)) => {
                let new = Order { desk: order.desk, ..self.order(twin, now) };
                self.send(new);
                let on_failure = self.dice.pick(&[CancelFailure::Stop, CancelFailure::Allow]);
                *self.commands.entry("cancel-replace").or_default() += 1;
                Command::CancelReplace(Box::new(CancelReplace { target: target(&order), order: new, on_failure }))
            }
            (38..48, _) => self.pair(twin, now),
            (48..68, _) => self.bracket(twin, now),
            _ => {
                let order = self.order(twin, now);
                self.send(order);
                Command::Submit(order)
            }
        }
    }

    fn send(&mut self, order: Order) {
        for what in [
            order.kind.name(),
            match order.time_in_force {
                TimeInForce::GoodTillCancelled => "good till cancelled",
                TimeInForce::ImmediateOrCancel => "immediate or cancel",
                TimeInForce::FillOrKill => "fill or kill",
                TimeInForce::GoodTillDate(_) => "good till date",
            },
            match order.crossing {
                Crossing::Allowed => "may cross",
                Crossing::PostOnly => "post-only",
            },
            match order.link {
                Link::None => "single order",
                Link::Entry { stop: Some(_), target: Some(_) } => "bracket with stop and target",
                Link::Entry { stop: Some(_), target: None } => "bracket with a stop",
                Link::Entry { stop: None, target: Some(_) } => "bracket with a target",
                Link::Entry { stop: None, target: None } => "bracket without children",
                Link::Child { .. } => "child",
                Link::Pair { .. } => "one of a pair",
            },
        ] {
            *self.commands.entry(what).or_default() += 1;
        }
        self.sent.push(order);
    }

    fn terms(&mut self, twin: &Twin, order: &Order) -> Terms {
        let kind = self.kind_like(order.kind);
        let units = (order.quantity.units() + self.lot * self.dice.pick(&[0, 0, 0, -3, 5])).max(self.lot);
        let held = twin.find(order.id).is_some_and(|index| twin.orders[index].stand == Stand::Held);
        *self.commands.entry(if held { "terms for a held child" } else { "terms" }).or_default() += 1;
        Terms { kind, quantity: Quantity::from_units(units + i64::from(self.dice.chance(2))) }
    }

    /// Its own terms but for a quantity that is smaller, most of the time.
    fn smaller(&mut self, twin: &Twin, order: &Order) -> Terms {
        let now = twin.find(order.id).map_or(*order, |index| twin.orders[index].order);
        let units = now.quantity.units() - self.lot * self.dice.pick(&[1, 1, 2, 5, 0]);
        *self.commands.entry("reduce").or_default() += 1;
        Terms { kind: order.kind, quantity: Quantity::from_units(units + i64::from(self.dice.chance(2))) }
    }

    fn kind_like(&mut self, kind: OrderKind) -> OrderKind {
        match kind {
            OrderKind::Market => OrderKind::Market,
            OrderKind::Limit { .. } => OrderKind::Limit { price: self.level() },
            OrderKind::StopMarket { .. } => OrderKind::StopMarket { trigger: self.level() },
            OrderKind::StopLimit { .. } => OrderKind::StopLimit { trigger: self.level(), price: self.level() },
            OrderKind::TakeProfit { .. } => OrderKind::TakeProfit { trigger: self.level() },
            OrderKind::TakeProfitLimit { .. } => {
                OrderKind::TakeProfitLimit { trigger: self.level(), price: self.level() }
            }
            OrderKind::TrailingStop { .. } => OrderKind::TrailingStop { trail: self.trail() },
        }
    }

    /// A price near the last one; now and then not a multiple of the tick.
    fn level(&mut self) -> Price {
        let reach = self.dice.pick(&[2, 5, 5, 12]);
        let level = self.price / self.tick + self.dice.between(-reach, reach);
        let odd = i64::from(self.dice.chance(1));
        Price::from_units(level.max(1) * self.tick + odd)
    }

    fn trail(&mut self) -> Trail {
        if self.dice.chance(60) {
            Trail::Distance(Price::from_units(self.dice.between(1, 8) * self.tick))
        } else {
            Trail::Fraction(Rate::from_units(self.dice.between(1, 12) * 100_000))
        }
    }

    fn order(&mut self, twin: &Twin, now: Timestamp) -> Order {
        let desk = self.dice.below(DESKS);
        let held = twin.held[desk];
        let mut side = self.dice.pick(&[Side::Buy, Side::Sell]);
        let reduces = held != 0 && self.dice.chance(35);
        if reduces {
            side = if held > 0 { Side::Sell } else { Side::Buy };
        }
        let level = Price::from_units(self.tick);
        let kinds = [
            OrderKind::Market,
            OrderKind::Limit { price: level },
            OrderKind::Limit { price: level },
            OrderKind::StopMarket { trigger: level },
            OrderKind::StopMarket { trigger: level },
            OrderKind::StopLimit { trigger: level, price: level },
            OrderKind::TakeProfit { trigger: level },
            OrderKind::TakeProfitLimit { trigger: level, price: level },
            OrderKind::TrailingStop { trail: Trail::Distance(level) },
        ];
        let kind = self.dice.pick(&kinds);
        let kind = self.kind_like(kind);
        let is_limit = matches!(kind, OrderKind::Limit { .. });
        let until = now.after(Span::SECOND.times(self.dice.between(1, 150)));
        let time_in_force = match (self.dice.below(12), kind) {
            (0..2, OrderKind::Market | OrderKind::Limit { .. } | OrderKind::StopMarket { .. }) => {
                TimeInForce::ImmediateOrCancel
            }
            (2, OrderKind::Market | OrderKind::Limit { .. }) => TimeInForce::FillOrKill,
            (3..6, _) => TimeInForce::GoodTillDate(until),
            _ => TimeInForce::GoodTillCancelled,
        };
        let post = is_limit && !time_in_force.is_immediate() && self.dice.chance(15);
        let lots = self.dice.between(1, self.dice.clone().pick(&[3, 20, 60]));
        let quantity = lots * self.lot + i64::from(self.dice.chance(1));
        let effect = if reduces || self.dice.chance(4) { PositionEffect::ReduceOnly } else { PositionEffect::Any };
        Order {
            id: OrderId(self.sent.len() as u32),
            desk: DeskId(desk as u16),
            instrument: ONLY,
            side,
            kind,
            quantity: Quantity::from_units(quantity),
            time_in_force,
            effect,
            crossing: if post { Crossing::PostOnly } else { Crossing::Allowed },
            link: Link::None,
            tag: Tag::default(),
        }
    }

    fn pair(&mut self, twin: &Twin, now: Timestamp) -> Command {
        let (mut first, mut second) = (self.order(twin, now), self.order(twin, now));
        second.id = OrderId(first.id.0 + 1);
        first.link = Link::Pair { sibling: second.id };
        second.link = Link::Pair { sibling: first.id };
        let Order { desk, side, quantity, effect, .. } = first;
        let second = Order { desk, side, quantity, effect, ..second };
        self.send(first);
        self.send(second);
        Command::SubmitGroup(Box::new(Group::Pair([first, second])))
    }

    fn bracket(&mut self, twin: &Twin, now: Timestamp) -> Command {
        let mut entry = Order { effect: PositionEffect::Any, ..self.order(twin, now) };
        let (with_stop, with_target) = (self.dice.chance(80), self.dice.chance(80));
        let stop = with_stop.then(|| OrderId(entry.id.0 + 1));
        let target = with_target.then(|| OrderId(entry.id.0 + 1 + u32::from(with_stop)));
        let around = entry.kind.stated_price().map_or(self.price, Price::units);
        let sign = entry.side.sign();
        let mut away = |direction: i64| {
            let distance = self.dice.between(if self.dice.clone().chance(10) { -2 } else { 0 }, 8);
            let price = around - around % self.tick + direction * distance * self.tick;
            Price::from_units(price.max(self.tick))
        };
        let (one, other, up, further) = (away(-sign), away(-sign), away(sign), away(sign));
        let stops = [
            OrderKind::StopMarket { trigger: one },
            OrderKind::StopMarket { trigger: one },
            OrderKind::StopLimit { trigger: one, price: other },
            OrderKind::TrailingStop { trail: self.trail() },
        ];
        let targets = [
            OrderKind::Limit { price: up },
            OrderKind::Limit { price: up },
            OrderKind::TakeProfit { trigger: up },
            OrderKind::TakeProfitLimit { trigger: up, price: further },
        ];
        let child = |id: OrderId, kind: OrderKind, sibling: Option<OrderId>| Order {
            id,
            kind,
            side: entry.side.opposite(),
            time_in_force: TimeInForce::GoodTillCancelled,
            effect: PositionEffect::ReduceOnly,
            crossing: Crossing::Allowed,
            link: Link::Child { entry: entry.id, sibling },
            ..entry
        };
        let stop_order = stop.map(|id| child(id, self.dice.pick(&stops), target));
        let target_order = target.map(|id| child(id, self.dice.pick(&targets), stop));
        entry.link = Link::Entry { stop, target };
        let bracket = Bracket { entry, stop: stop_order, target: target_order };
        for order in Group::Bracket(bracket).orders() {
            self.send(order);
        }
        Command::SubmitGroup(Box::new(Group::Bracket(bracket)))
    }

    /// Adds what was sent, and under which policy, to a tally.
    pub fn count(&self, policy: &Policy, tally: &mut Tally) {
        for (what, count) in &self.commands {
            *tally.entry(what).or_default() += count;
        }
        let words = [
            match (self.trades, self.quotes) {
                (true, true) => "session on trades and quotes",
                (true, false) => "session on trades",
                (false, _) => "session on candles",
            },
            if policy.intrabar == IntrabarPolicy::Best { "policy best" } else { "policy worst" },
            match policy.limit_fill {
                LimitPolicy::Through => "policy through",
                LimitPolicy::Touch => "policy touch",
                LimitPolicy::TouchByChance { .. } => "policy touch by chance",
            },
            if policy.stop_inside == StopInsidePolicy::AtLevel {
                "policy stop at level"
            } else {
                "policy stop at extreme"
            },
            if policy.response_latency.nanos() > 0 { "policy late news" } else { "policy news at once" },
            if policy.limit_gap == LimitGapPolicy::AtOpen { "policy gap at open" } else { "policy gap at limit" },
            if policy.participation.is_some() { "policy participation" } else { "policy without a volume cap" },
            if policy.order_latency > Span::SECOND { "policy late orders" } else { "policy orders at the open" },
            if policy.cancel_latency > Span::SECOND { "policy late changes" } else { "policy changes at the open" },
        ];
        for what in words {
            *tally.entry(what).or_default() += 1;
        }
    }
}

/// The tally's word for a piece of news.
pub fn word(kind: &UpdateKind) -> &'static str {
    match kind {
        UpdateKind::Accepted => "accepted",
        UpdateKind::Held => "held",
        UpdateKind::Released { .. } => "released",
        UpdateKind::Triggered => "triggered",
        UpdateKind::Filled(fill) => match (fill.certainty, fill.liquidity) {
            (Certainty::Certain, Liquidity::Maker) => "filled: certain maker",
            (Certainty::Certain, Liquidity::Taker) => "filled: certain taker",
            (Certainty::Ambiguous, Liquidity::Maker) => "filled: ambiguous maker",
            (Certainty::Ambiguous, Liquidity::Taker) => "filled: ambiguous taker",
        },
        UpdateKind::Cancelled(reason) => match reason {
            CancelReason::Requested => "cancelled: requested",
            CancelReason::ImmediateOrCancel => "cancelled: immediate-or-cancel",
            CancelReason::Sibling => "cancelled: sibling-filled",
            CancelReason::EntryGone => "cancelled: entry-gone",
            CancelReason::NothingToReduce => "cancelled: nothing-to-reduce",
            CancelReason::FillOrKill => "cancelled: fill-or-kill",
            CancelReason::WouldTake => "cancelled: would-take",
            CancelReason::PairGone => "cancelled: pair-gone",
            CancelReason::InsufficientBalance | CancelReason::Overflow => "cancelled otherwise",
        },
        UpdateKind::CancelRejected => "cancel refused",
        UpdateKind::Replaced(_) => "replaced",
        UpdateKind::ReplaceRejected(reason) => match reason {
            RejectReason::WouldTake => "replacement refused: WOULD_TAKE",
            RejectReason::UnknownOrder => "replacement refused: UNKNOWN_ORDER",
            _ => "replacement refused: filter",
        },
        UpdateKind::Expired => "expired",
        UpdateKind::Rejected(reason) => match reason {
            RejectReason::PriceFilter => "rejected: PRICE_FILTER",
            RejectReason::LotSize => "rejected: LOT_SIZE",
            RejectReason::MaximumOpenOrders => "rejected: MAX_NUM_ORDERS",
            RejectReason::ReduceOnly => "rejected: REDUCE_ONLY",
            RejectReason::AlreadyExpired => "rejected: EXPIRED_BEFORE_ARRIVAL",
            RejectReason::WouldTake => "rejected: WOULD_TAKE",
            RejectReason::PairRefused => "rejected: PAIR_REFUSED",
            RejectReason::NotAttempted => "rejected: NOT_ATTEMPTED",
            _ => "rejected otherwise",
        },
    }
}
