//! The pump: market data in, turn by turn, until the feed ends.
//!
//! One turn, at one instant, always in this order: all market data to the venue; the venue's news to the desks; timers;
//! the view of every series that closed; one call per desk. Commands are journalled with the instant of their cause and
//! reach the venue later, by its latency.
//!
//! Where one series is all there is, rows at which nothing can happen but the strategy's own decision are run through
//! as a stretch. The tests run everything with that off as well and demand the same fingerprint.

use super::columns::Columns;
use super::core::Engine;
use super::detail::DetailCounts;
use super::feed::Feed;
use super::journal::{Journal, JournalError};
use super::outcome::{DeskOutcome, Outcome, Totals};
use crate::domain::{
    Amount, AssetId, CandleRows, ClosedTrade, Command, Direction, InstrumentId, Overflow, Price, Series, SeriesId,
    Span, Tag, Timestamp,
};
use crate::ledger::Entry;
use crate::strategy::{SeriesView, Trader, View};
use crate::venue::Venue;
use std::cell::Cell;

/// Whether rows at which nothing can happen are passed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Idle {
    /// They are: the default.
    #[default]
    Skip,
    /// Every row takes a whole turn: the slow twin that the tests compare with.
    Turn,
}

/// What the candles of a series are used for beside being shown to those who follow it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The finest stream of its instrument: the venue matches it, the account is marked by it.
    Matched,
    /// The finest candles of an instrument whose trades are matched: excursions are measured on them.
    Measured,
    /// Coarser candles: only shown.
    Shown,
}

impl Role {
    pub(super) fn is_finest(self) -> bool {
        match self {
            Role::Matched | Role::Measured => true,
            Role::Shown => false,
        }
    }
}

/// An engine, a venue and a journal.
#[derive(Debug)]
pub struct Session<T, V, J> {
    /// The desks' side.
    pub engine: Engine<T>,
    /// The other side.
    pub venue: V,
    journal: J,
    pub(super) idle: Idle,
    /// By series: what its candles are used for beside being shown.
    pub(super) roles: Vec<Role>,
    pub(super) closed: Vec<SeriesId>,
    /// The series that the blocks have shown.
    pub(super) series: Vec<Series>,
    pub(super) end: Timestamp,
    pub(super) candles: u64,
    pub(super) market_trades: u64,
    pub(super) market_quotes: u64,
    /// What became of the candles that finer rows were asked about.
    pub(super) detail: DetailCounts,
    pub(super) halted_at: Option<Timestamp>,
}

/// What a session under way has come to.
#[derive(Clone, Copy, Debug)]
pub struct SoFar<'a> {
    /// From when on orders were possible.
    pub start: Timestamp,
    /// Equity at the start, in the account's currency.
    pub opening_equity: Amount,
    /// Equity now, open positions at the last close.
    pub equity: Amount,
    /// Largest drawdown over the closes of all candles, as a fraction of the peak.
    pub max_drawdown: f64,
    /// Sums by instrument; instruments beyond the last one that was traded may be missing.
    pub totals: &'a [Totals],
    /// Last known price of each instrument; zero if there was none.
    pub prices: &'a [Price],
    /// Orders that the desks did not send.
    pub refusals: u64,
}

/// The name of the closure that ends what is still open when the data end.
pub const END_OF_DATA: Tag = Tag(u32::MAX);

impl<T: Trader, V: Venue, J: Journal> Session<T, V, J> {
    /// A session. `roles` says, by series, what its candles are used for.
    pub fn new(engine: Engine<T>, venue: V, journal: J, roles: Vec<Role>, idle: Idle) -> Self {
        let end = engine.start;
        Session {
            engine,
            venue,
            journal,
            idle,
            roles,
            closed: Vec::new(),
            series: Vec::new(),
            end,
            candles: 0,
            market_trades: 0,
            market_quotes: 0,
            detail: DetailCounts::default(),
            halted_at: None,
        }
    }

    /// Runs until the feed ends or every desk is halted and flat. `columns` are the indicators that the desks declared.
    ///
    /// # Errors
    /// When the journal cannot be written.
    pub fn run(&mut self, feed: &mut impl Feed, columns: &mut Columns) -> Result<(), JournalError> {
        while let Some(block) = feed.next() {
            columns.fill(&block);
            self.run_block(&block, &columns.slices())?;
            if self.is_over() {
                break;
            }
        }
        Ok(())
    }

    /// What it has come to so far.
    ///
    /// # Errors
    /// When the account's worth leaves the range of exact integers.
    pub fn so_far(&self) -> Result<SoFar<'_>, Overflow> {
        let engine = &self.engine;
        Ok(SoFar {
            start: engine.start,
            opening_equity: engine.equity.daily()[0].1,
            equity: engine.ledger.equity(&engine.marks)?,
            max_drawdown: engine.equity.max_drawdown(),
            totals: &engine.records.totals,
            prices: &engine.marks,
            refusals: engine.floor.desks.iter().flat_map(|desk| &desk.refusals).sum(),
        })
    }

    /// Whether every desk is halted and flat: nothing that comes can change anything any more.
    pub fn is_over(&self) -> bool {
        self.halted_at.is_some() && self.engine.is_over()
    }

    /// Hands the decisions of a delivery to the journal, then to the venue.
    #[inline]
    pub(super) fn send(&mut self, now: Timestamp) -> Result<(), JournalError> {
        if self.engine.outbox.is_empty() {
            return Ok(());
        }
        self.journal.record(now, self.engine.outbox.commands())?;
        for command in self.engine.outbox.drain() {
            self.engine.fingerprint.command(now, &command);
            self.venue.submit(now, command);
        }
        Ok(())
    }

    /// The data are over: what is open expires, positions are marked, and the books are closed.
    pub fn finish(mut self, expire: impl FnOnce(&mut V, Timestamp), assets: usize) -> (Outcome, V) {
        let end = self.end;
        expire(&mut self.venue, end);
        // The market is over: its series are still known by name, and none has a candle any more.
        let over = |series: &Series| SeriesView { series: *series, rows: CandleRows::default() };
        let series: Vec<SeriesView<'_>> = self.series.iter().map(over).collect();
        let at: Vec<Cell<usize>> = series.iter().map(|_| Cell::new(usize::MAX)).collect();
        let view = View { series: &series, columns: &[], at: &at };
        // What is still on its way back is in the books too: they are closed on what happened.
        while let Some(update) = self.venue.poll(Timestamp::MAX) {
            self.engine.update(end, &update, view);
            // Nothing that is decided now can reach the venue any more: it is over as it is decided.
            let unsent: Vec<Command> = self.engine.outbox.drain().collect();
            unsent.iter().for_each(|command| self.engine.expire_unsent(end, command));
        }
        self.engine.ledger.assert_desks_sum_to_account();
        let (open_trades, closing) = self.close_open_trades(end);
        let engine = &mut self.engine;
        let final_equity = engine.ledger.equity(&engine.marks).unwrap_or(Amount::ZERO);
        engine.equity.finish(end, final_equity);
        let balances: Vec<(Amount, Amount)> = (0..assets)
            .map(|asset| {
                let id = AssetId(asset as u16);
                (engine.ledger.accounts().owned(id), engine.ledger.accounts().balance(id, Entry::Fees))
            })
            .collect();
        for (owned, fees) in &balances {
            engine.fingerprint.amount(*owned);
            engine.fingerprint.amount(*fees);
        }
        engine.fingerprint.amount(final_equity);
        engine.fingerprint.word(engine.equity.max_drawdown().to_bits());
        for (at, equity) in engine.equity.daily() {
            engine.fingerprint.signed(at.nanos());
            engine.fingerprint.amount(*equity);
        }
        let desks = engine.floor.desks.iter().map(|desk| {
            let start = engine.opening_by_desk.get(usize::from(desk.id.0)).copied().unwrap_or(Amount::ZERO);
            let worth = engine.ledger.desk_equity(desk.id, &engine.marks).unwrap_or(Amount::ZERO);
            DeskOutcome {
                halt: desk.halt.clone(),
                refusals: desk.refusals.clone(),
                observed: desk.observed.clone(),
                refusal_list: desk.refusal_list.clone(),
                profit: Amount::from_units(worth.units() - start.units()),
            }
        });
        let outcome = Outcome {
            start: engine.start,
            end,
            halted_at: self.halted_at,
            account_halt: engine.floor.halt.clone(),
            opening_equity: engine.equity.daily()[0].1,
            final_equity,
            flattened_equity: Amount::from_units(final_equity.units() - closing.units()),
            daily: engine.equity.daily().to_vec(),
            every_candle: None,
            max_drawdown: engine.equity.max_drawdown(),
            open_trades,
            desks: desks.collect(),
            complaints: std::mem::take(&mut engine.complaints),
            balances,
            first_prices: engine.first_prices.clone(),
            last_prices: engine.marks.clone(),
            candles: self.candles,
            market_trades: self.market_trades,
            market_quotes: self.market_quotes,
            detail: self.detail,
            fingerprint: engine.fingerprint.digest(),
            records: std::mem::take(&mut engine.records),
        };
        let outcome = Outcome { every_candle: engine.equity.take_every_candle(), ..outcome };
        (outcome, self.venue)
    }

    /// What is still open, closed for the record at the last price less what closing would cost; and that cost in the
    /// account's currency.
    fn close_open_trades(&mut self, end: Timestamp) -> (Vec<ClosedTrade>, Amount) {
        let (mut trades, mut total) = (Vec::new(), Amount::ZERO);
        let engine = &self.engine;
        for desk in &engine.floor.desks {
            for index in 0..engine.marks.len() {
                let instrument = InstrumentId(index as u16);
                let position = engine.ledger.position(desk.id, instrument);
                let (Some(open), mark) = (position.open, engine.marks[index]) else { continue };
                let closed = self.closing_costs(instrument, position.quantity(), mark, end).and_then(|cost| {
                    let of = &engine.floor.instruments[index];
                    let worth = of.notional(mark, position.quantity().abs())?;
                    let unrealised = of.notional(mark, position.quantity())?.minus(position.basis.cost)?;
                    let in_currency = engine.ledger.valuation().worth(of.quote, cost, &engine.marks)?;
                    let exit = match open.direction {
                        Direction::Long => worth.minus(cost)?,
                        Direction::Short => worth.plus(cost)?,
                    };
                    let mut trade = open.close(desk.id, instrument, end, END_OF_DATA);
                    trade.exit_notional = trade.exit_notional.plus(exit)?;
                    trade.profit = trade.profit.plus(unrealised)?.minus(cost)?;
                    Ok((trade, in_currency))
                });
                if let Ok((trade, cost)) = closed {
                    trades.push(trade);
                    total = total.plus(cost).unwrap_or(total);
                }
            }
        }
        (trades, total)
    }

    fn closing_costs(
        &self,
        instrument: InstrumentId,
        position: crate::domain::Quantity,
        mark: Price,
        end: Timestamp,
    ) -> Result<Amount, Overflow> {
        self.venue.cost_of_closing(instrument, position, mark, end.before(Span::from_nanos(1)))
    }

    /// Opens the books: the equity that the session starts with, at the first known prices.
    pub fn open(&mut self, marks: &[Price]) -> Result<(), Overflow> {
        self.engine.marks.copy_from_slice(marks);
        self.engine.worth = None;
        let equity = self.engine.ledger.equity(&self.engine.marks)?;
        let every_candle = self.engine.equity.keeps_every_candle();
        self.engine.equity = super::EquityTrack::new(self.engine.start, equity, every_candle);
        self.engine.opening_by_desk = (0..self.engine.floor.desks.len())
            .map(|desk| {
                let id = self.engine.floor.desks[desk].id;
                self.engine.ledger.desk_equity(id, &self.engine.marks)
            })
            .collect::<Result<_, _>>()?;
        let start = self.engine.start;
        self.engine.start_day(equity, start);
        self.engine.floor.open_peaks();
        Ok(())
    }
}
