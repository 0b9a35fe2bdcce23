//! The twin: a slow and plain model of one instrument's exchange, written from docs/fills.md, that has to equal the fast
//! one in every word of news on a million random cases.
//!
//! It shares the vocabulary of `domain` and nothing else with the venue. Every price is looked at as a cost (see
//! `seen`), so that each rule is there once and not once per side; nothing is skipped, kept for later or found by
//! search. It has no wallet: the accounts are ample, and what a poor one may do is tested in `conservation`. It knows the
//! worst and the best policy, not assumed paths and profiles.

mod arrival;
mod candle;
mod chance;
mod deal;
mod inside;
mod quotes;
mod rules;
mod seen;
mod stories;

use chance::Chance;
use seen::Placed;
use std::collections::BTreeMap;
use tapeline::domain::*;
use tapeline::venue::{FeeTier, FeeTiers, Policy, SimVenue, Venue};

const CASES: u64 = 1_000_000;
const QUOTE: AssetId = AssetId(0);
const BASE: AssetId = AssetId(1);
const ONLY: InstrumentId = InstrumentId(0);
const DESKS: usize = 2;

/// How often each rule decided something.
pub type Tally = BTreeMap<&'static str, u64>;

/// Something on its way to the exchange.
#[derive(Clone)]
pub struct Request {
    arrive: Timestamp,
    desk: DeskId,
    ask: Ask,
}

#[derive(Clone)]
pub enum Ask {
    One(Order),
    Bracket(Bracket),
    Pair([Order; 2]),
    Cancel(OrderId),
    Replace(OrderId, Terms),
    Reduce(OrderId, Terms),
    Swap(CancelReplace),
    Expire(OrderId),
}

impl Ask {
    /// The order that it changes; none for what is new.
    fn changes(&self) -> Option<OrderId> {
        match self {
            Ask::One(_) | Ask::Bracket(_) | Ask::Pair(_) => None,
            Ask::Cancel(id) | Ask::Replace(id, _) | Ask::Reduce(id, _) | Ask::Expire(id) => Some(*id),
            Ask::Swap(swap) => Some(swap.target.order),
        }
    }
}

/// The model: rules, open orders in order of arrival, what is on its way, and what it has told.
pub struct Twin {
    policy: Policy,
    kind: InstrumentKind,
    tick: i128,
    lot: i128,
    fees: Fees,
    tiers: Vec<FeeTier>,
    /// Every fill's instant and notional.
    traded: Vec<(Timestamp, i128)>,
    /// What stands ahead of a limit order that takes a place; none is no queue.
    queue: Option<i128>,
    /// Best bid and ask, where the session has quotes.
    best: Option<quotes::Best>,
    /// What ours have taken of the trade at hand behind the queue.
    behind: i128,
    most_orders: Option<usize>,
    orders: Vec<Placed>,
    requests: Vec<Request>,
    last: Option<Price>,
    /// What of the candle or trade at hand is left for us; none is no bound.
    budget: Option<i128>,
    /// Of the trades before, the share below a lot.
    carried: i128,
    /// Whether an order wanted a part of the trade at hand.
    wanted: bool,
    /// By desk, the position.
    held: Vec<i128>,
    /// Entries that a touch by chance of the candle's open has filled.
    entered_by_chance: Vec<OrderId>,
    news: Vec<OrderUpdate>,
    tally: Tally,
}

impl Twin {
    fn new(instrument: &Instrument, policy: Policy) -> Twin {
        let filters = *instrument.filters_at(Timestamp::MIN);
        Twin {
            policy,
            kind: instrument.kind,
            tick: filters.tick.units().into(),
            lot: filters.lot.units().into(),
            fees: *instrument.fees_at(Timestamp::MIN),
            tiers: Vec::new(),
            traded: Vec::new(),
            queue: None,
            best: None,
            behind: 0,
            most_orders: filters.maximum_open_orders.map(|most| most as usize),
            orders: Vec::new(),
            requests: Vec::new(),
            last: None,
            budget: None,
            carried: 0,
            wanted: false,
            held: vec![0; DESKS],
            entered_by_chance: Vec::new(),
            news: Vec::new(),
            tally: Tally::new(),
        }
    }

    fn find(&self, id: OrderId) -> Option<usize> {
        self.orders.iter().position(|placed| placed.order.id == id)
    }

    fn rule(&mut self, what: &'static str) {
        *self.tally.entry(what).or_default() += 1;
    }

    fn tell(&mut self, order: &Order, at: Timestamp, kind: UpdateKind) {
        self.tell_about(order.id, order.desk, at, kind);
    }

    fn tell_about(&mut self, order: OrderId, desk: DeskId, at: Timestamp, kind: UpdateKind) {
        self.rule(chance::word(&kind));
        self.news.push(OrderUpdate { order, desk, at, kind });
    }

    /// The news that has reached the desk by now. It travels in order.
    fn delivered(&mut self, now: Timestamp) -> Vec<OrderUpdate> {
        let travels = |news: &OrderUpdate| news.at.after(self.policy.response_latency) <= now;
        let here = self.news.iter().position(|news| !travels(news)).unwrap_or(self.news.len());
        if here < self.news.len() {
            self.rule("news on its way");
        }
        self.news.drain(..here).collect()
    }

    /// Whether market data up to this instant meet an order or a request.
    fn is_met(&self, until: Timestamp) -> bool {
        !self.orders.is_empty() || self.requests.iter().any(|request| request.arrive <= until)
    }
}

/// One session: the same commands and market data go to both, and after every step they have said the same.
fn session(seed: u64, cases: &mut u64, tally: &mut Tally, mut trace: Option<&mut Vec<String>>) -> Result<(), String> {
    let mut chance = Chance::new(seed);
    let instrument = chance.instrument();
    let policy = chance.policy();
    let mut twin = Twin::new(&instrument, policy);
    let mut venue = venue(&instrument, policy);
    twin.tiers = chance.tiers(&instrument);
    twin.queue = chance.queue();
    if let Some(tiers) = FeeTiers::new(std::slice::from_ref(&instrument), vec![Dated::always(twin.tiers.clone())]) {
        venue.charge_by_volume(tiers);
    }
    if let Some(ahead) = twin.queue {
        venue.stand_behind(ONLY, Quantity::from_units(ahead as i64));
    }
    if let Some(trace) = &mut trace {
        trace.push(format!("{policy:?}\n{:?} {instrument:?}", instrument.kind));
        trace.push(format!("{:?} queue {:?}", twin.tiers, twin.queue));
    }
    for step in 0..chance.steps() {
        let data = chance.next_data();
        for (now, command) in chance.commands(&twin, &data) {
            if let Some(trace) = &mut trace {
                trace.push(format!("{now} {command:?}"));
            }
            twin.submit(now, &command);
            venue.submit(now, command);
        }
        if let Some(trace) = &mut trace {
            trace.push(format!("step {step}: {data:?}"));
        }
        let now = match &data {
            chance::Data::Candle(candle, close) => {
                *cases += u64::from(twin.is_met(close.before(Span::from_nanos(1))));
                twin.candle(candle, *close);
                venue.candle(ONLY, candle, *close);
                *close
            }
            chance::Data::Quote(quote) => {
                *cases += u64::from(twin.is_met(quote.time));
                twin.quote_changed(quote);
                venue.quote(ONLY, quote);
                quote.time
            }
            chance::Data::Trade(trade) => {
                *cases += u64::from(twin.is_met(trade.time));
                twin.trade_happened(trade);
                venue.trade(ONLY, trade);
                trade.time
            }
        };
        let told: Vec<OrderUpdate> = std::iter::from_fn(|| venue.poll(now)).collect();
        let expected = twin.delivered(now);
        if let Some(trace) = &mut trace {
            trace.extend(expected.iter().map(|news| format!("    {} {:?}", news.order.0, news)));
        }
        if let Some(index) = (0..told.len().max(expected.len())).find(|index| told.get(*index) != expected.get(*index))
        {
            let (told, expected) = (told.get(index), expected.get(index));
            return Err(format!("step {step}: the venue told {told:?}\n    and not {expected:?}"));
        }
        let (open, expected): (Vec<OrderId>, _) = (venue.open_orders().collect(), twin.ids());
        if open != expected {
            return Err(format!("step {step}: open are {open:?} and not {expected:?}"));
        }
        for desk in 0..DESKS {
            let held = venue.wallet().held(DeskId(desk as u16), ONLY).units();
            if i128::from(held) != twin.held[desk] {
                return Err(format!("step {step}: desk {desk} holds {held} and not {}", twin.held[desk]));
            }
        }
    }
    for (what, count) in &twin.tally {
        *tally.entry(what).or_default() += count;
    }
    chance.count(&policy, tally);
    Ok(())
}

fn venue(instrument: &Instrument, policy: Policy) -> SimVenue {
    let asset = |code: &str| Asset { code: code.into(), decimals: 8, increment: 1 };
    let assets = vec![asset("USDT"), asset("AAA")].into();
    let mut venue = SimVenue::new(assets, vec![instrument.clone()].into(), policy, DESKS, vec![None; 2]);
    for asset in [QUOTE, BASE] {
        venue.deposit(asset, Amount::from_units(1_000_000_000_000_000_000_000_000)).unwrap();
    }
    venue
}

#[test]
fn the_venue_equals_its_twin_on_a_million_cases() {
    let (mut cases, mut tally, mut seed) = (0, Tally::new(), 0);
    while cases < CASES {
        if let Err(difference) = session(seed, &mut cases, &mut tally, None) {
            let mut trace = Vec::new();
            let _ = session(seed, &mut 0, &mut Tally::new(), Some(&mut trace));
            panic!("{}\nseed {seed}, {difference}", trace.join("\n"));
        }
        seed += 1;
    }
    println!("{cases} cases in {seed} sessions");
    for (what, count) in &tally {
        println!("{count:>9} {what}");
    }
    let missing: Vec<_> = rules::EXPECTED.iter().filter(|what| !tally.contains_key(**what)).collect();
    assert!(missing.is_empty(), "the cases never showed {missing:?}");
}
