//! The simulated exchange.

use super::book::{Book, Posture, Request, RequestKind, Resting};
use super::path::Travel;
use super::{FeeTiers, Policy, PriceBand, Venue, Wallet};
use crate::domain::{
    Amount, Asset, AssetId, CancelReason, Candle, Certainty, Command, DeskId, Instrument, InstrumentId, Link,
    MarketTrade, OrderId, OrderUpdate, Overflow, Price, Quantity, Quote, Timestamp, UpdateKind,
};
use std::collections::VecDeque;
use std::sync::Arc;

/// An exchange that decides fills from market data: one account, any number of instruments.
#[derive(Clone, Debug)]
pub struct SimVenue {
    pub(super) assets: Arc<[Asset]>,
    pub(super) instruments: Arc<[Instrument]>,
    pub(super) policy: Policy,
    pub(super) books: Vec<Book>,
    pub(super) wallet: Wallet,
    /// Last known prices of third fee assets, by asset: the instrument that prices them.
    pub(super) fee_prices: Vec<Option<InstrumentId>>,
    /// Fees by volume, where an instrument has such.
    pub(super) tiers: Option<Box<FeeTiers>>,
    pub(super) news: VecDeque<OrderUpdate>,
    pub(super) hits: Vec<(Travel, OrderId)>,
    pub(super) doubts: u64,
    /// Entries of brackets that a touch by chance of the candle's open has filled.
    pub(super) entered_by_chance: Vec<OrderId>,
}

impl SimVenue {
    /// An exchange with an empty account. `fee_prices` names, per asset, the instrument whose last price values it
    /// when fees are taken from it.
    pub fn new(
        assets: Arc<[Asset]>,
        instruments: Arc<[Instrument]>,
        policy: Policy,
        desks: usize,
        fee_prices: Vec<Option<InstrumentId>>,
    ) -> Self {
        let count = instruments.len();
        SimVenue {
            wallet: Wallet::new(assets.len(), count, desks),
            assets,
            instruments,
            policy,
            books: vec![Book::default(); count],
            fee_prices,
            tiers: None,
            news: VecDeque::new(),
            hits: Vec::new(),
            doubts: 0,
            entered_by_chance: Vec::new(),
        }
    }

    /// Money comes into the account.
    pub fn deposit(&mut self, asset: AssetId, amount: Amount) -> Result<(), Overflow> {
        self.wallet.transfer(asset, amount)
    }

    /// The account as the exchange knows it.
    pub fn wallet(&self) -> &Wallet {
        &self.wallet
    }

    /// How often the candles could not tell what happened and the policy decided, fills and non-fills alike.
    pub fn doubts(&self) -> u64 {
        self.doubts
    }

    /// Open orders, for tests of conservation.
    pub fn open_orders(&self) -> impl Iterator<Item = OrderId> + '_ {
        self.books.iter().flat_map(|book| book.orders.iter().map(|resting| resting.order.id))
    }

    /// The data are over: orders still on their way or open expire.
    pub fn close(&mut self, at: Timestamp) {
        for book in 0..self.books.len() {
            let requests = std::mem::take(&mut self.books[book].requests);
            for request in requests {
                match request.kind {
                    RequestKind::New(order) => self.tell(order.desk, order.id, at, UpdateKind::Expired),
                    RequestKind::Group(group) => {
                        for order in group.orders() {
                            self.tell(order.desk, order.id, at, UpdateKind::Expired);
                        }
                    }
                    RequestKind::CancelReplace(swap) => {
                        self.tell(swap.order.desk, swap.order.id, at, UpdateKind::Expired);
                    }
                    RequestKind::Cancel(_)
                    | RequestKind::Replace(..)
                    | RequestKind::Reduce(..)
                    | RequestKind::Expire(_) => {}
                }
            }
            while let Some(resting) = self.books[book].orders.pop() {
                self.unlock(&resting);
                self.tell(resting.order.desk, resting.order.id, at, UpdateKind::Expired);
            }
        }
    }

    #[inline]
    pub(super) fn tell(&mut self, desk: DeskId, order: OrderId, at: Timestamp, kind: UpdateKind) {
        self.news.push_back(OrderUpdate { order, desk, at, kind });
    }

    pub(super) fn unlock(&mut self, resting: &Resting) {
        if let Some(lock) = resting.lock {
            self.wallet.unlock(lock).expect("a lock that was taken can be given back");
        }
    }

    /// Takes an order out of the book for good, with its news, and its children or the other of its pair with it.
    pub(super) fn remove(&mut self, book: usize, index: usize, at: Timestamp, kind: UpdateKind) {
        let resting = self.books[book].orders.remove(index);
        self.unlock(&resting);
        self.tell(resting.order.desk, resting.order.id, at, kind);
        self.orphan_children(book, &resting, at);
        if let Link::Pair { sibling } = resting.order.link
            && let Some(index) = self.books[book].find(sibling)
        {
            self.remove(book, index, at, UpdateKind::Cancelled(CancelReason::PairGone));
        }
    }

    /// Children that still wait for an entry that is gone will wait for ever: they go too. Children already released
    /// for a part of it stay.
    pub(super) fn orphan_children(&mut self, book: usize, entry: &Resting, at: Timestamp) {
        let Link::Entry { stop, target } = entry.order.link else { return };
        for child in [stop, target].into_iter().flatten() {
            let Some(index) = self.books[book].find(child) else { continue };
            if self.books[book].orders[index].posture == Posture::Held {
                self.remove(book, index, at, UpdateKind::Cancelled(CancelReason::EntryGone));
            }
        }
    }

    /// The smallest amount of an asset that the venue books.
    pub(super) fn increment(&self, asset: AssetId) -> i64 {
        self.assets[usize::from(asset.0)].increment
    }

    /// Notes that the data could not tell.
    pub(super) fn doubt(&mut self) -> Certainty {
        self.doubts += 1;
        Certainty::Ambiguous
    }
}

impl Venue for SimVenue {
    fn submit(&mut self, now: Timestamp, command: Command) {
        let (instrument, request) = match command {
            Command::Submit(order) => {
                let arrive = now.after(self.policy.order_latency);
                (order.instrument, Request { arrive, desk: order.desk, kind: RequestKind::New(order) })
            }
            Command::SubmitGroup(group) => {
                let arrive = now.after(self.policy.order_latency);
                let (instrument, desk) = (group.first().instrument, group.first().desk);
                (instrument, Request { arrive, desk, kind: RequestKind::Group(group) })
            }
            Command::Cancel(target) => {
                let arrive = now.after(self.policy.cancel_latency);
                (target.instrument, Request { arrive, desk: target.desk, kind: RequestKind::Cancel(target.order) })
            }
            Command::Replace(target, terms) => {
                let arrive = now.after(self.policy.cancel_latency);
                let kind = RequestKind::Replace(target.order, terms);
                (target.instrument, Request { arrive, desk: target.desk, kind })
            }
            Command::Reduce(target, terms) => {
                let arrive = now.after(self.policy.cancel_latency);
                let kind = RequestKind::Reduce(target.order, terms);
                (target.instrument, Request { arrive, desk: target.desk, kind })
            }
            Command::CancelReplace(swap) => {
                let arrive = now.after(self.policy.cancel_latency);
                let target = swap.target;
                (target.instrument, Request { arrive, desk: target.desk, kind: RequestKind::CancelReplace(swap) })
            }
        };
        self.receive(usize::from(instrument.0), request, now);
    }

    fn candle(&mut self, instrument: InstrumentId, candle: &Candle, close_time: Timestamp) {
        self.match_candle(usize::from(instrument.0), candle, close_time);
    }

    fn trade(&mut self, instrument: InstrumentId, trade: &MarketTrade) {
        self.match_trade(usize::from(instrument.0), trade);
    }

    fn quote(&mut self, instrument: InstrumentId, quote: &Quote) {
        self.match_quote(usize::from(instrument.0), quote);
    }

    fn passed(&mut self, instrument: InstrumentId, last: Price) {
        self.books[usize::from(instrument.0)].last = Some(last);
    }

    #[inline]
    fn poll(&mut self, now: Timestamp) -> Option<OrderUpdate> {
        // News travels in order, as on one connection: what comes first holds up what comes behind it.
        if self.news_at() <= now { self.news.pop_front() } else { None }
    }

    #[inline]
    fn news_at(&self) -> Timestamp {
        self.news.front().map_or(Timestamp::MAX, |update| update.at.after(self.policy.response_latency))
    }

    #[inline]
    fn calm_until(&self, instrument: InstrumentId) -> Timestamp {
        // News of a fill at the same close is there before the next candle.
        if !self.news.is_empty() {
            return Timestamp::MIN;
        }
        self.books[usize::from(instrument.0)].calm_until()
    }

    #[inline]
    fn band(&self, instrument: InstrumentId) -> PriceBand {
        self.books[usize::from(instrument.0)].band()
    }

    fn cost_of_closing(
        &self,
        instrument: InstrumentId,
        position: Quantity,
        mark: Price,
        at: Timestamp,
    ) -> Result<Amount, Overflow> {
        self.cost_of_closing(usize::from(instrument.0), position, mark, at)
    }
}
