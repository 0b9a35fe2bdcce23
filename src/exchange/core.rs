//! The exchange without sockets, clocks and threads: it is told the time and the requests, and gives answers and
//! messages as values.

use super::account::{Account, News};
use super::connection::{Connection, Outgoing};
use super::faults::Faults;
use super::limits::Limits;
use super::listing::Listing;
use super::market::SymbolMarket;
use super::signing::KeyProof;
use super::wire::report;
use crate::domain::{Amount, AssetId, InstrumentId, MarketTrade, Timestamp};
use crate::error::{Fault, Result};
use crate::venue::Venue;
use std::collections::{BTreeMap, VecDeque};

/// Who a key belongs to.
#[derive(Clone, Debug)]
pub(super) struct KeyEntry {
    pub account: usize,
    pub proof: KeyProof,
}

/// The simulated exchange.
pub struct Core {
    pub(super) now: Timestamp,
    pub(super) listing: Listing,
    pub(super) markets: Vec<SymbolMarket>,
    pub(super) accounts: Vec<Account>,
    pub(super) keys: BTreeMap<String, KeyEntry>,
    pub(super) limits: Limits,
    pub(super) connections: BTreeMap<u64, Connection>,
    pub(super) outbox: VecDeque<Outgoing>,
    pub(super) faults: Faults,
    pub(super) next_order: i64,
    pub(super) next_list: i64,
    pub(super) next_fill: i64,
    pub(super) next_execution: i64,
    pub(super) next_connection: u64,
    pub(super) next_name: u64,
}

impl Core {
    /// An exchange that opens at `now`, with one market for each symbol of the listing, in its order.
    pub fn new(now: Timestamp, listing: Listing, markets: Vec<SymbolMarket>, faults: Faults) -> Self {
        assert_eq!(markets.len(), listing.symbols.len(), "every symbol has a market");
        Core {
            now,
            listing,
            markets,
            accounts: Vec::new(),
            keys: BTreeMap::new(),
            limits: Limits::default(),
            connections: BTreeMap::new(),
            outbox: VecDeque::new(),
            faults,
            next_order: 0,
            next_list: 0,
            next_fill: 0,
            next_execution: 0,
            next_connection: 0,
            next_name: 0,
        }
    }

    /// Opens an account with these balances, in units of 1e-8.
    ///
    /// # Errors
    /// When an asset is not listed, or a balance leaves the range of exact integers.
    pub fn open_account(&mut self, name: &str, balances: &[(String, i64)]) -> Result<usize> {
        let mut account = Account::new(&self.listing);
        for (code, units) in balances {
            let refuse = |what: &str| {
                Fault::user(format!("opening account {name}: {what} {code}"))
                    .remedy("name an asset of the listed symbols and a balance that it can hold")
            };
            let place = self.listing.assets.iter().position(|asset| asset.code == *code);
            let place = place.ok_or_else(|| refuse("no symbol trades"))?;
            let amount = Amount::from_units((*units).into())
                .times(self.listing.assets[place].increment.into())
                .map_err(|_| refuse("too much"))?;
            account.venue.deposit(AssetId(place as u16), amount).map_err(|_| refuse("too much"))?;
        }
        account.changed_balances();
        self.accounts.push(account);
        Ok(self.accounts.len() - 1)
    }

    /// Gives an account a key.
    pub fn add_key(&mut self, account: usize, key: &str, proof: KeyProof) {
        self.keys.insert(key.to_owned(), KeyEntry { account, proof });
    }

    /// The exchange's time.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// What is traded.
    pub fn listing(&self) -> &Listing {
        &self.listing
    }

    /// The next instant at which something happens by itself; none when nothing does.
    pub fn next_instant(&self) -> Option<Timestamp> {
        let trades = self.markets.iter().filter_map(SymbolMarket::next_at);
        let tick = self.has_streams().then(|| next_tick(self.now));
        let late = self.outbox.iter().map(|outgoing| outgoing.at).filter(|at| *at > self.now);
        trades.chain(tick).chain(late).min().map(|at| at.max(self.now))
    }

    /// Time passes up to and including `to`.
    pub fn advance(&mut self, to: Timestamp) {
        while let Some(at) = self.next_event_by(to) {
            if self.has_streams() && next_tick(self.now) <= at.0 {
                let tick = next_tick(self.now);
                self.now = tick;
                self.tick(tick);
                continue;
            }
            self.now = self.now.max(at.0);
            self.trade(at.1);
        }
        self.now = self.now.max(to);
        for market in &mut self.markets {
            market.roll(to);
        }
        self.apply_trouble(to);
    }

    /// The next message that is due: to which connection, and what. Messages to one connection keep their order unless a
    /// fault delays one.
    pub fn poll_event(&mut self) -> Option<Outgoing> {
        let place = self.outbox.iter().position(|outgoing| outgoing.at <= self.now)?;
        self.outbox.remove(place)
    }

    /// What has gone wrong on purpose, by kind of fault.
    pub fn fault_counts(&self) -> Vec<(&'static str, u64)> {
        self.faults.counts()
    }

    /// How many candles could not be made of trades.
    pub fn contradictions(&self) -> u64 {
        self.markets.iter().map(SymbolMarket::contradictions).sum()
    }

    /// Orders and fills of all accounts so far.
    pub fn totals(&self) -> (usize, usize) {
        let orders = self.accounts.iter().map(|account| account.orders.len()).sum();
        (orders, self.accounts.iter().map(|account| account.fills.len()).sum())
    }

    /// The next trade or tick by `to`: when, and which symbol's trade. The index of a mere tick is never used.
    fn next_event_by(&self, to: Timestamp) -> Option<(Timestamp, usize)> {
        let trade = (0..self.markets.len())
            .filter_map(|index| self.markets[index].next_at().map(|at| (at, index)))
            .min()
            .filter(|next| next.0 <= to);
        let tick = Some((next_tick(self.now), 0)).filter(|tick| self.has_streams() && tick.0 <= to);
        trade.or(tick)
    }

    fn has_streams(&self) -> bool {
        self.connections.values().any(Connection::wants_market)
    }

    /// One public trade happens.
    fn trade(&mut self, index: usize) {
        if self.swallows_trade(index, self.now) {
            self.markets[index].skip();
            return;
        }
        let Some(print) = self.markets[index].step() else { return };
        let id = InstrumentId(index as u16);
        let trade = MarketTrade { time: print.time, price: print.price, quantity: print.quantity, taker: print.taker };
        for account in 0..self.accounts.len() {
            if self.accounts[account].open_orders(Some(id)).next().is_none() {
                self.accounts[account].venue.passed(id, trade.price);
                continue;
            }
            self.accounts[account].venue.trade(id, &trade);
            self.settle(account);
        }
        self.publish_trade(id, &print);
    }

    /// Takes an account's news in and tells them on its streams.
    pub(super) fn settle(&mut self, account: usize) -> Vec<News> {
        let news = self.accounts[account].drain(self.now, &mut self.next_fill);
        for one in &news {
            if one.fill.is_some() && one.record.executed == one.fill.map_or(one.record.executed, |fill| fill.quantity) {
                self.limits.filled(account, self.now);
            }
            self.next_execution += 1;
            let event = report::execution_report(&self.listing, one, self.next_execution, self.now);
            self.publish_user(account, event);
        }
        let lists: std::collections::BTreeSet<i64> = news
            .iter()
            .filter(|one| one.record.list >= 0 && !one.record.status.is_open())
            .map(|one| one.record.list)
            .collect();
        for number in lists {
            let known = self.accounts[account].lists.iter().find(|list| list.number == number).cloned();
            if let Some(list) = known {
                let event = report::list_status_event(&self.listing, &self.accounts[account], &list, self.now);
                self.publish_user(account, event);
            }
        }
        let changed = self.accounts[account].changed_balances();
        if !changed.is_empty() {
            self.accounts[account].updated = self.now;
            let event = report::account_position(&self.listing, &self.accounts[account], &changed, self.now);
            self.publish_user(account, event);
        }
        news
    }
}

/// Streams tell what is collected each tenth of a second.
pub(super) fn next_tick(now: Timestamp) -> Timestamp {
    let step = crate::domain::Span::from_millis(100);
    now.floor(step).after(step)
}
