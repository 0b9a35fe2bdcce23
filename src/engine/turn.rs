//! One instant, whole: what a turn does, and which instant comes next.

use super::abreast::{Abreast, Prices, next_close};
use super::block::{Block, CloseTimes};
use super::journal::{Journal, JournalError};
use super::session::{Idle, Role, Session};
use super::stretch::Stretchable;
use crate::domain::{InstrumentId, Price, SeriesId, Span, Timestamp};
use crate::ledger::Seen;
use crate::strategy::{SeriesView, Trader, View};
use crate::venue::Venue;
use std::cell::Cell;

/// How far a block has been played.
#[derive(Debug)]
struct Place<'a> {
    times: Vec<CloseTimes<'a>>,
    /// By series: the next row.
    next: Vec<usize>,
    /// By instrument that is matched on trades.
    next_trade: Vec<NextTrade>,
    /// The prices of all series side by side, where they close together and each is matched.
    abreast: Option<Abreast>,
}

/// The next rows of an instrument's trades and quotes within a block.
#[derive(Clone, Copy, Debug, Default)]
struct NextTrade {
    trade: usize,
    quote: usize,
}

impl<'a> Place<'a> {
    fn at_the_start(block: &Block<'a>, times: Vec<CloseTimes<'a>>, may_be_abreast: bool) -> Self {
        let next = block.new_from.clone();
        let next_trade = vec![NextTrade::default(); block.trades.len()];
        let abreast = if may_be_abreast { Abreast::of(&times, &next) } else { None };
        Place { times, next, next_trade, abreast }
    }
}

impl<T: Trader, V: Venue, J: Journal> Session<T, V, J> {
    /// Runs through one block, with the indicator columns that the desks declared, in the order of their slots.
    ///
    /// # Errors
    /// When the journal cannot be written.
    pub fn run_block(&mut self, block: &Block<'_>, columns: &[(SeriesId, &[f64])]) -> Result<(), JournalError> {
        let times = block.series.iter().map(CloseTimes::of).collect();
        self.play(block, columns, times, self.may_be_abreast(block), self.stretchable(block))
    }

    /// Market data as they reach a live session: trades and quotes at their own instants, then the new candles, at most one of
    /// each series, all together at `at`, which is at or after their closes. Instants never go back: what is late is handed in
    /// with the instant of its coming.
    ///
    /// # Errors
    /// When the journal cannot be written.
    pub fn deliver(
        &mut self,
        at: Timestamp,
        block: &Block<'_>,
        columns: &[(SeriesId, &[f64])],
    ) -> Result<(), JournalError> {
        let of = |(shown, new_from): (&SeriesView<'_>, &usize)| {
            assert!(shown.rows.len() <= new_from + 1, "one candle of a series at an instant");
            CloseTimes::Together { at, rows: shown.rows.len() }
        };
        let times = block.series.iter().zip(&block.new_from).map(of).collect();
        self.play(block, columns, times, false, Stretchable::No)
    }

    fn play<'a>(
        &mut self,
        block: &Block<'a>,
        columns: &[(SeriesId, &[f64])],
        times: Vec<CloseTimes<'a>>,
        may_be_abreast: bool,
        stretchable: Stretchable,
    ) -> Result<(), JournalError> {
        if self.series.len() != block.series.len() {
            self.series = block.series.iter().map(|shown| shown.series).collect();
        }
        self.engine.begin_block();
        let mut place = Place::at_the_start(block, times, may_be_abreast);
        // A row delivered with the block before stands first: until a new one closes, it is the last seen.
        let at: Vec<Cell<usize>> = place.next.iter().map(|row| Cell::new(row.wrapping_sub(1))).collect();
        let view = View { series: &block.series, columns, at: &at };
        while let Some(now) = self.next_instant(block, &place) {
            self.engine.roll_days(now);
            let rows = self.stretch(stretchable, view, &place.times, &place.next)?;
            if rows > 0 {
                place.next[0] += rows;
            } else {
                self.turn(now, block, view, &mut place)?;
                self.end = self.end.max(now);
            }
            self.note_halt();
            if self.is_over() {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Between market data: news that has arrived and timers that are due by `now` are attended to at their own instants. The
    /// block shows what was delivered last and brings nothing new. A session on recorded data needs no such call, because its
    /// data tell it how late it is; a live one is called whenever news arrives or a timer is due.
    ///
    /// # Errors
    /// When the journal cannot be written.
    pub fn attend(
        &mut self,
        now: Timestamp,
        block: &Block<'_>,
        columns: &[(SeriesId, &[f64])],
    ) -> Result<(), JournalError> {
        let shown = block.series.iter().zip(&block.new_from);
        let at: Vec<Cell<usize>> = shown
            .map(|(shown, new_from)| {
                assert_eq!(shown.rows.len(), *new_from, "market data are for run_block");
                Cell::new(new_from.wrapping_sub(1))
            })
            .collect();
        let view = View { series: &block.series, columns, at: &at };
        self.engine.begin_block();
        loop {
            let awaited = self.engine.floor.next_timer_at().min(self.venue.news_at());
            if awaited > now || self.is_over() {
                return Ok(());
            }
            let instant = awaited.max(self.end);
            self.engine.roll_days(instant);
            self.attend_at(instant, view)?;
            self.end = instant;
            self.note_halt();
        }
    }

    /// Once every desk is halted, nothing is counted past it.
    fn note_halt(&mut self) {
        if self.halted_at.is_none() && self.engine.floor.all_halted() {
            self.halted_at = Some(self.end);
        }
    }

    /// News that has arrived, then timers that are due.
    fn attend_at(&mut self, now: Timestamp, view: View<'_>) -> Result<(), JournalError> {
        while let Some(update) = self.venue.poll(now) {
            self.engine.update(now, &update, view);
            self.send(now)?;
        }
        while let Some((_, desk, timer)) = self.engine.floor.take_timer(now) {
            self.engine.timer(now, desk, timer, view);
            self.send(now)?;
        }
        Ok(())
    }

    /// Whether every series of a block is a finest one that is matched by nothing but its own candles.
    fn may_be_abreast(&self, block: &Block<'_>) -> bool {
        self.idle == Idle::Skip
            && block.trades.is_empty()
            && block.details.is_empty()
            && self.roles.iter().all(|role| *role == Role::Matched)
    }

    /// The next instant at which anything happens within this block.
    #[inline]
    fn next_instant(&self, block: &Block<'_>, place: &Place<'_>) -> Option<Timestamp> {
        let mut now = next_close(&place.times, &place.next, place.abreast.is_some());
        for (trades, next) in block.trades.iter().zip(&place.next_trade) {
            let times = [trades.rows.time.get(next.trade), trades.quotes.time.get(next.quote)];
            for time in times.into_iter().flatten() {
                now = now.min(Timestamp::from_nanos(*time));
            }
        }
        // Timers and news wait for market data: without data ahead there is nothing that they could act on.
        let awaited = self.engine.floor.next_timer_at().min(self.venue.news_at());
        if now == Timestamp::MAX { None } else { Some(now.min(awaited.max(self.end))) }
    }

    /// One instant, whole.
    fn turn(
        &mut self,
        now: Timestamp,
        block: &Block<'_>,
        view: View<'_>,
        place: &mut Place<'_>,
    ) -> Result<(), JournalError> {
        self.see_trades(now, block, &mut place.next_trade);
        self.closed.clear();
        match &mut place.abreast {
            Some(abreast) => {
                let row = place.next[0];
                if place.times[0].get(row) == Some(now) {
                    self.see_abreast(now, view, abreast.row(view.series, row), row);
                }
            }
            None => self.see_candles(now, block, place),
        }
        self.attend_at(now, view)?;
        if self.closed.is_empty() {
            return Ok(());
        }
        match &mut place.abreast {
            Some(abreast) => {
                let row = place.next[0];
                self.show_abreast(now, view, abreast.row(view.series, row), row);
                place.next.iter_mut().for_each(|next| *next += 1);
            }
            None => self.show(now, view, place),
        }
        self.engine.mark(now);
        let closed = std::mem::take(&mut self.closed);
        self.engine.candles(now, &closed, view, self.idle == Idle::Skip);
        self.closed = closed;
        self.send(now)
    }

    /// Market trades and quotes up to this instant reach the venue.
    fn see_trades(&mut self, now: Timestamp, block: &Block<'_>, next_trade: &mut [NextTrade]) {
        for (trades, next) in block.trades.iter().zip(next_trade) {
            // A quote is valid from its instant on: it comes before the trades of that instant.
            while trades.quotes.time.get(next.quote).is_some_and(|time| *time <= now.nanos()) {
                self.venue.quote(trades.instrument, &trades.quotes.quote(next.quote));
                self.market_quotes += 1;
                next.quote += 1;
            }
            while trades.rows.time.get(next.trade).is_some_and(|time| *time <= now.nanos()) {
                let trade = trades.rows.trade(next.trade);
                self.market_trades += 1;
                next.trade += 1;
                self.engine.see_trade(trades.instrument, trade.price);
                // A request that arrives with the trade meets it.
                let behind = trade.time.after(Span::from_nanos(1));
                if self.idle == Idle::Skip && self.is_idle(trades.instrument, trade.price, trade.price, behind) {
                    self.venue.passed(trades.instrument, trade.price);
                } else {
                    self.venue.trade(trades.instrument, &trade);
                }
            }
        }
    }

    /// The candles that close at this instant reach the venue.
    fn see_candles(&mut self, now: Timestamp, block: &Block<'_>, place: &Place<'_>) {
        for (index, shown) in block.series.iter().enumerate() {
            let row = place.next[index];
            if place.times[index].get(row) == Some(now) {
                self.closed.push(SeriesId(index as u16));
                if self.roles[index] == Role::Matched {
                    let (instrument, rows) = (shown.series.instrument, &shown.rows);
                    let [low, high, close] =
                        [rows.low, rows.high, rows.close].map(|column| Price::from_units(column[row]));
                    rows.fetch_next(row);
                    self.engine.see(instrument, Seen { low, high }, close);
                    if self.idle == Idle::Skip && self.is_idle(instrument, low, high, now) {
                        self.venue.passed(instrument, close);
                    } else if block.details.is_empty() {
                        self.venue.candle(instrument, &rows.candle(row), now);
                    } else {
                        self.match_in_detail(block.details, instrument, &rows.candle(row), now);
                    }
                }
            }
        }
    }

    /// The same where all close together. Candles that matter are asked of memory first and matched afterwards: what they
    /// have beside these prices is far away.
    fn see_abreast(&mut self, now: Timestamp, view: View<'_>, prices: &[Prices], row: usize) {
        for (index, (shown, prices)) in view.series.iter().zip(prices).enumerate() {
            let instrument = shown.series.instrument;
            let [low, high, close] = [prices.low, prices.high, prices.close].map(Price::from_units);
            self.engine.see(instrument, Seen { low, high }, close);
            if self.is_idle(instrument, low, high, now) {
                self.venue.passed(instrument, close);
            } else {
                shown.rows.fetch(row);
                self.closed.push(SeriesId(index as u16));
            }
        }
        for series in self.closed.drain(..) {
            let shown = &view.series[usize::from(series.0)];
            self.venue.candle(shown.series.instrument, &shown.rows.candle(row), now);
        }
        self.closed.extend((0..prices.len()).map(|index| SeriesId(index as u16)));
    }

    /// Moves the view on to the candles that have closed.
    fn show(&mut self, now: Timestamp, view: View<'_>, place: &mut Place<'_>) {
        for series in &self.closed {
            let index = usize::from(series.0);
            let (shown, row) = (&view.series[index], place.next[index]);
            view.at[index].set(row);
            place.next[index] += 1;
            self.candles += 1;
            if self.roles[index].is_finest() {
                let rows = &shown.rows;
                let open_time = match place.times[index] {
                    CloseTimes::Even { .. } | CloseTimes::Listed { .. } => now.before(shown.series.interval.span()),
                    CloseTimes::Together { .. } => Timestamp::from_nanos(rows.open_time[row]),
                };
                self.engine.open_first_price(shown.series.instrument, open_time, || rows.open[row]);
                self.engine.show_candle(shown.series.instrument, open_time, || Prices {
                    low: rows.low[row],
                    high: rows.high[row],
                    close: rows.close[row],
                });
            }
        }
    }

    /// The same where all close together.
    fn show_abreast(&mut self, now: Timestamp, view: View<'_>, prices: &[Prices], row: usize) {
        let open_time = now.before(view.series[0].series.interval.span());
        for ((shown, at), prices) in view.series.iter().zip(view.at).zip(prices) {
            at.set(row);
            self.engine.open_first_price(shown.series.instrument, open_time, || shown.rows.open[row]);
            self.engine.show_candle(shown.series.instrument, open_time, || *prices);
        }
        self.candles += prices.len() as u64;
    }

    /// Whether market data with these extremes cannot matter to the venue.
    #[inline]
    pub(super) fn is_idle(&self, instrument: InstrumentId, low: Price, high: Price, at: Timestamp) -> bool {
        at <= self.venue.calm_until(instrument) && self.venue.band(instrument).holds(low.units(), high.units())
    }
}
