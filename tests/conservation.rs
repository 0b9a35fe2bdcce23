//! Conservation: random sessions, in which every unit is accounted for and every order ends once.

mod audit;
mod chance_world;
pub mod dice;
mod gambler;

use crate::world::World;
use audit::Audit;
use dice::Dice;
use gambler::{Gambler, News};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use tapeline::domain::*;
use tapeline::engine::{Block, Columns, Feed, Idle, Journal, JournalError, Outcome, Session, TapeFeed};
use tapeline::ledger::Entry;
use tapeline::venue::{SimVenue, Venue};

const SESSIONS: u64 = 10_000;

/// How often each thing happened.
#[derive(Default)]
pub struct Tally(BTreeMap<String, u64>);

impl Tally {
    fn count(&mut self, what: &str) {
        match self.0.get_mut(what) {
            Some(count) => *count += 1,
            None => drop(self.0.insert(what.to_owned(), 1)),
        }
    }
}

/// What must have happened at least once for the sessions to prove anything about it.
const EXPECTED: &[&str] = &[
    "market",
    "limit",
    "stop-market",
    "stop-limit",
    "take-profit",
    "take-profit-limit",
    "trailing-stop",
    "triggered",
    "pair",
    "post-only",
    "fill or kill",
    "good till cancelled",
    "immediate or cancel",
    "good till date",
    "reduce-only",
    "bracket with stop and target",
    "bracket with a stop",
    "bracket with a target",
    "bracket without children",
    "children released",
    "cancel",
    "cancel too late",
    "replace",
    "replaced",
    "replacement refused",
    "reduce",
    "cancel-replace",
    "news on its way",
    "rejected: NOT_ATTEMPTED",
    "filled",
    "filled in part",
    "expired",
    "cancelled: requested",
    "cancelled: immediate-or-cancel",
    "cancelled: sibling-filled",
    "cancelled: fill-or-kill",
    "cancelled: pair-gone",
    "cancelled: entry-gone",
    "cancelled: nothing-to-reduce",
    "cancelled: insufficient-balance",
    "rejected: PRICE_FILTER",
    "rejected: LOT_SIZE",
    "rejected: NOTIONAL",
    "rejected: PERCENT_PRICE",
    "rejected: MAX_NUM_ORDERS",
    "rejected: INSUFFICIENT_BALANCE",
    "rejected: REDUCE_ONLY",
    "rejected: WOULD_TAKE",
    "rejected: PAIR_REFUSED",
    "rejected: EXPIRED_BEFORE_ARRIVAL",
    "maker",
    "taker",
    "certain",
    "ambiguous",
    "no fee",
    "rebate",
    "fee in the quote asset",
    "fee in the base asset",
    "fee in a third asset",
    "spot fill",
    "linear fill",
    "position turned",
    "fill against a trade",
    "fill against a quote",
    "taker bound by a quote",
    "market order late in its candle",
    "limit late in its candle",
    "stop at its trigger",
    "stop beyond its trigger",
    "candle decided in detail",
    "candle without its detail",
    "desk refusal",
    "refused: maximum-order-quantity",
    "refused: daily-quantity",
    "refused: daily-trades",
    "refused: cooldown",
    "refused: maximum-open-orders",
    "refused: price-collar",
    "refused: duplicate-order",
    "refused: message-throttle",
    "refused: drawdown",
];

#[test]
fn ten_thousand_random_sessions_lose_no_unit_and_no_order() {
    let mut tally = Tally::default();
    let mut failed = Vec::new();
    for seed in 0..SESSIONS {
        // A failure names the session that it happened in, and the others go on.
        let checked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| check(seed, &mut tally)));
        if checked.is_err() {
            failed.push(seed);
        }
        if failed.len() >= 20 {
            break;
        }
    }
    assert!(failed.is_empty(), "the sessions of these seeds failed, see above: {failed:?}");
    for (what, count) in &tally.0 {
        println!("{count:>9} {what}");
    }
    let missing: Vec<_> = EXPECTED.iter().filter(|what| !tally.0.contains_key(**what)).collect();
    assert!(missing.is_empty(), "the sessions never showed {missing:?}");
}

/// One session: audited step by step, then run again in other manners.
fn check(seed: u64, tally: &mut Tally) {
    let mut dice = Dice::new(seed);
    let (world, desks) = chance_world::world(&mut dice);
    let audited = audited(&world, desks, seed, tally);
    for (idle, block_rows) in [(Idle::Turn, 1_024), (Idle::Skip, 7), (Idle::Skip, 1_024)] {
        let session = World { idle, block_rows, ..world.clone() };
        let (outcome, _) = session.run_all(gamblers(&world, desks, seed, None), &[]);
        assert_eq!(outcome.fingerprint, audited.fingerprint, "{idle:?} with blocks of {block_rows}");
    }
    let (outcome, _) = world.run_as_it_comes(gamblers(&world, desks, seed, None), &[]);
    assert_eq!(outcome.fingerprint, audited.fingerprint, "as it comes");
}

fn gamblers(world: &World, desks: usize, seed: u64, news: Option<&News>) -> Vec<Gambler> {
    let gambler = |desk: usize| Gambler {
        dice: Dice::new(seed ^ (desk as u64 + 1) << 40),
        instruments: world.instruments.len(),
        actions_left: 40,
        news: news.map(Arc::clone),
    };
    (0..desks).map(gambler).collect()
}

/// Keeps every command with the instant of its cause.
#[derive(Clone, Default)]
struct Book(Arc<Mutex<Vec<(Timestamp, Command)>>>);

impl Journal for Book {
    fn record(&mut self, now: Timestamp, commands: &[Command]) -> Result<(), JournalError> {
        self.0.lock().unwrap().extend(commands.iter().map(|command| (now, command.clone())));
        Ok(())
    }
}

/// A feed that ends after each block, so that the session can be looked at in between.
struct OneBlock<'t>(TapeFeed<'t>, bool);

impl Feed for OneBlock<'_> {
    fn next(&mut self) -> Option<Block<'_>> {
        self.1 = !self.1;
        if self.1 { self.0.next() } else { None }
    }
}

fn audited(world: &World, desks: usize, seed: u64, tally: &mut Tally) -> Outcome {
    let (news, book) = (News::default(), Book::default());
    let traders = gamblers(world, desks, seed, Some(&news));
    let mut session = world.session_journalled(traders, &[], book.clone());
    let mut feed = OneBlock(TapeFeed::new(&world.tape, 1), false);
    loop {
        if feed.0.clone().next().is_none() {
            break;
        }
        session.run(&mut feed, &mut Columns::of([])).unwrap();
        feed.1 = false;
        if session.venue.news_at() == Timestamp::MAX {
            between_turns(world, desks, &session);
        } else {
            tally.count("news on its way");
        }
        if is_over(world, &session) {
            break;
        }
    }
    let mut positions = BTreeMap::new();
    // News that is still on its way may change them.
    let desks_told = if session.venue.news_at() == Timestamp::MAX { desks } else { 0 };
    for desk in (0..desks_told).map(|desk| DeskId(desk as u16)) {
        for instrument in (0..world.instruments.len()).map(|index| InstrumentId(index as u16)) {
            let units = session.engine.ledger().position(desk, instrument).quantity().units();
            positions.insert((desk, instrument), units);
        }
    }
    let (outcome, venue) = session.finish(SimVenue::close, world.assets.len());
    assert_eq!(venue.open_orders().count(), 0, "nothing stays open at the venue");
    let mut audit = Audit::new(world);
    for (at, command) in book.0.lock().unwrap().iter() {
        audit.command(*at, command, tally);
    }
    for update in news.lock().unwrap().iter() {
        audit.news(update, tally);
    }
    for desk in &outcome.desks {
        for refusal in Refusal::ALL.iter().filter(|refusal| desk.refusals[**refusal as usize] > 0) {
            tally.count("desk refusal");
            tally.count(&format!("refused: {}", refusal.name()));
        }
    }
    let counts = outcome.detail;
    for (what, count) in [("candle decided in detail", counts.decided), ("candle without its detail", counts.fell_back)]
    {
        (0..count).for_each(|_| tally.count(what));
    }
    let locked: Vec<i128> =
        (0..world.assets.len()).map(|asset| venue.wallet().locked(AssetId(asset as u16)).units()).collect();
    audit.close(&outcome, &positions, &locked);
    outcome
}

/// The venue's account and ours agree whenever no news is on its way.
fn between_turns<J: Journal>(world: &World, desks: usize, session: &Session<Gambler, SimVenue, J>) {
    let (ledger, wallet) = (session.engine.ledger(), session.venue.wallet());
    ledger.assert_desks_sum_to_account();
    let all_spot = world.instruments.iter().all(|instrument| instrument.kind == InstrumentKind::Spot);
    for asset in (0..world.assets.len()).map(|asset| AssetId(asset as u16)) {
        let (free, locked) = (wallet.free(asset).units(), wallet.locked(asset).units());
        assert_eq!(free + locked, ledger.accounts().owned(asset).units(), "asset {}", asset.0);
        assert!(locked >= ledger.accounts().balance(asset, Entry::Margin).units(), "locked {locked}");
        assert!(free >= 0 || !all_spot, "the venue lends nothing: {free} of asset {}", asset.0);
    }
    for desk in (0..desks).map(|desk| DeskId(desk as u16)) {
        for instrument in (0..world.instruments.len()).map(|index| InstrumentId(index as u16)) {
            let ours = ledger.position(desk, instrument).quantity();
            assert_eq!(wallet.held(desk, instrument), ours, "what the desk holds, by the venue and by us");
        }
    }
    // An order is open at the desk or not; at the venue it is open only if it is at the desk.
    let at_desks = |id| session.engine.floor().desks.iter().any(|desk| desk.find(id).is_some());
    assert!(session.venue.open_orders().all(at_desks), "the venue has no order that the desks have not");
    let mut open: Vec<OrderId> = session.venue.open_orders().collect();
    open.sort_unstable();
    open.dedup();
    assert_eq!(open.len(), session.venue.open_orders().count(), "no order is open twice");
}

fn is_over<J: Journal>(world: &World, session: &Session<Gambler, SimVenue, J>) -> bool {
    let floor = session.engine.floor();
    let flat = (0..world.instruments.len()).all(|index| !session.engine.ledger().is_open(InstrumentId(index as u16)));
    floor.all_halted() && flat && floor.desks.iter().all(|desk| desk.orders.is_empty())
}
