//! Stretches: runs of rows at which nothing can happen but a decision of the one desk that follows them, or nothing at
//! all. What a stretch passes over is what whole turns would have found: the tests hold both to one fingerprint.

use super::block::{Block, CloseTimes};
use super::equity::Run;
use super::journal::{Journal, JournalError};
use super::session::{Idle, Role, Session};
use crate::domain::{CandleRows, Price, SeriesId, Timestamp, extremes};
use crate::ledger::Line;
use crate::strategy::{Books, Context, Trader, View};
use crate::venue::{PriceBand, Venue};
use std::ops::Range;

/// What stretches a block allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stretchable {
    /// One series is all there is, and one desk follows it: it is called at every row.
    Followed,
    /// One series is the finest of all and nobody follows it: until a coarser candle closes, nobody is called.
    Silent,
    /// None: every instant is a whole turn.
    No,
}

/// The rows that a stretch has passed over.
#[derive(Clone, Copy, Debug, Default)]
struct Passed {
    rows: usize,
    /// Lowest close.
    lowest: i64,
    /// Highest close.
    highest: i64,
}

/// The finest series of the one instrument.
const FINEST: SeriesId = SeriesId(0);

impl<T: Trader, V: Venue, J: Journal> Session<T, V, J> {
    /// What stretches this block allows.
    pub(super) fn stretchable(&self, block: &Block<'_>) -> Stretchable {
        let finest = self.roles.iter().filter(|role| role.is_finest()).count();
        let alone = finest == 1 && self.roles.first() == Some(&Role::Matched) && block.trades.is_empty();
        if self.idle == Idle::Turn || !alone || self.engine.equity.keeps_every_candle() {
            return Stretchable::No;
        }
        let followers = self.engine.followed.iter().filter(|followed| followed.contains(&FINEST)).count();
        match (followers, block.series.len(), self.engine.traders.len()) {
            (0, _, _) => Stretchable::Silent,
            (1, 1, 1) => Stretchable::Followed,
            (_, _, _) => Stretchable::No,
        }
    }

    /// Runs through as many rows as can be, from the next one on. Returns how many.
    #[inline]
    pub(super) fn stretch(
        &mut self,
        stretchable: Stretchable,
        view: View<'_>,
        times: &[CloseTimes<'_>],
        next: &[usize],
    ) -> Result<usize, JournalError> {
        if stretchable == Stretchable::No {
            return Ok(0);
        }
        let (shown, from) = (&view.series[0], next[0]);
        let Some(end) = self.stretch_end(view, times, next) else { return Ok(0) };
        let (rows, instrument) = (shown.rows, shown.series.instrument);
        let Some(line) = self.engine.line(instrument) else { return Ok(0) };
        let band = solvent(self.venue.band(instrument), line);
        let passed = match stretchable {
            Stretchable::Followed => self.call_through(view, &times[0], from..end, line, band),
            Stretchable::Silent | Stretchable::No => self.pass_silently(view, &times[0], from..end, line, band),
        };
        if passed.rows == 0 {
            return Ok(0);
        }
        let end = from + passed.rows;
        let now = times[0].get(end - 1).unwrap_or(self.end);
        self.end = now;
        self.candles += passed.rows as u64;
        self.venue.passed(instrument, Price::from_units(rows.close[end - 1]));
        if now > self.engine.start {
            let (lowest, highest) = (passed.lowest, passed.highest);
            self.engine.equity.note_run(Run { line, closes: &rows.close[from..end], lowest, highest });
        }
        if self.engine.ledger.is_open(instrument) {
            let (low, high) = extremes(&rows.low[from..end], &rows.high[from..end]);
            self.engine.ledger.saw(instrument, Price::from_units(low), Price::from_units(high));
        }
        if stretchable == Stretchable::Followed {
            self.engine.ask_again(self.engine.floor.desks[0].id);
        }
        self.send(now)?;
        Ok(passed.rows)
    }

    /// Passes the rows that nobody follows, as long as the prices stay in the band.
    fn pass_silently(
        &mut self,
        view: View<'_>,
        times: &CloseTimes<'_>,
        ahead: Range<usize>,
        line: Line,
        band: PriceBand,
    ) -> Passed {
        let (shown, from) = (&view.series[0], ahead.start);
        let instrument = shown.series.instrument;
        let rows = if band == PriceBand::OPEN { ahead.len() } else { band.holds_for(&shown.rows, ahead) };
        if rows == 0 {
            return Passed::default();
        }
        let closes = &shown.rows.close[from..from + rows];
        let (lowest, highest) = extremes(closes, closes);
        if self.engine.floor.watches_drawdown && times.get(from) > Some(self.engine.start) {
            self.engine.books().raise_peaks_over(instrument, line, lowest, highest);
        }
        view.at[0].set(from + rows - 1);
        self.engine.marks[usize::from(instrument.0)] = Price::from_units(closes[rows - 1]);
        self.engine.worth = None;
        Passed { rows, lowest, highest }
    }

    /// Calls the one desk at every row until it decides something or the prices leave the band.
    #[inline]
    fn call_through(
        &mut self,
        view: View<'_>,
        times: &CloseTimes<'_>,
        ahead: Range<usize>,
        line: Line,
        band: PriceBand,
    ) -> Passed {
        let (rows, instrument) = (view.series[0].rows, view.series[0].series.instrument);
        let desk = self.engine.floor.desks[0].id;
        let watches = band != PriceBand::OPEN;
        let open = self.engine.ledger.is_open(instrument);
        // While nothing is held, no close changes what anything is worth.
        let varies = open || line.slope != 0;
        // The price that peaks have counted already; nothing is bought or sold here, so only a close beyond all those
        // counted can be a new one.
        let mark = self.engine.marks[usize::from(instrument.0)].units();
        let counts = self.engine.floor.watches_drawdown && times.get(ahead.start) > Some(self.engine.start);
        let books = Books {
            ledger: &mut self.engine.ledger,
            floor: &mut self.engine.floor,
            marks: &mut self.engine.marks,
            worth: &mut self.engine.worth,
        };
        let mut context = Context::new(self.end, desk, view, books, &mut self.engine.outbox);
        let (trader, slumber) = (&mut self.engine.traders[0], &mut self.engine.slumbers[0]);
        let (mut lowest, mut highest) = (i64::MAX, i64::MIN);
        let mut row = ahead.start;
        while row < ahead.end {
            let wake = trader.wake();
            if slumber.is_open(wake, row) {
                let asleep = slumber.asleep(wake, view, row, rows.len());
                fetch(&rows, row, asleep, open);
            }
            let asleep = slumber.asleep(wake, view, row, rows.len()).min(ahead.end - row);
            // The candle that wakes it must lie in the band as well.
            let next = ahead.end.min(row + asleep + 1);
            let free = if watches { band.holds_for(&rows, row..next) } else { next - row };
            if free == 0 {
                break;
            }
            if varies {
                let closes = &rows.close[row..row + free];
                let (low, high) = extremes(closes, closes);
                if counts && (low < lowest.min(mark) || high > highest.max(mark)) {
                    context.passed_closes(instrument, line, low, high);
                }
                (lowest, highest) = (lowest.min(low), highest.max(high));
            }
            row += free;
            let now = times.get(row - 1).unwrap_or(context.now());
            let close = Price::from_units(rows.close[row - 1]);
            context.advance(FINEST, row - 1, now, instrument, close);
            if free > asleep {
                context.know_worth(line, close);
                trader.on_candles(&mut context, &[FINEST]);
                if context.must_stop() {
                    // While the order is on its way, memory brings what comes after it: an order from flat opens.
                    let asleep = slumber.asleep(trader.wake(), view, row, rows.len());
                    fetch(&rows, row, asleep, !open);
                    break;
                }
            }
        }
        Passed { rows: row - ahead.start, lowest, highest }
    }

    /// The row behind the last one that closes before anything else is due; none when the next row itself is not free.
    #[inline]
    fn stretch_end(&self, view: View<'_>, times: &[CloseTimes<'_>], next: &[usize]) -> Option<usize> {
        let (instrument, from) = (view.series[0].series.instrument, next[0]);
        if self.engine.marks[usize::from(instrument.0)].is_zero() || self.engine.floor.halt.is_some() {
            return None;
        }
        let before = |at: Timestamp| Timestamp::from_nanos(at.nanos().saturating_sub(1));
        // The first price at or after the start is noted by a whole turn.
        let unopened = self.engine.first_prices[usize::from(instrument.0)].is_zero();
        let mut limit = self
            .venue
            .calm_until(instrument)
            .min(before(self.engine.floor.next_timer_at()))
            .min(before(self.venue.news_at()))
            .min(self.engine.equity.next_midnight())
            .min(if unopened { self.engine.start } else { Timestamp::MAX });
        for (coarse, row) in times.iter().zip(next).skip(1) {
            limit = limit.min(coarse.get(*row).map_or(Timestamp::MAX, before));
        }
        times[0].rows_until(from, limit)
    }
}

/// Asks memory for the row that an order of the next waking would meet, and for the ranges up to there where a position
/// sees them.
#[inline]
fn fetch(rows: &CandleRows<'_>, row: usize, asleep: usize, sees_ranges: bool) {
    rows.fetch(row + asleep + 1);
    if sees_ranges {
        rows.fetch_ranges(row..rows.len().min(row + asleep));
    }
}

/// The band narrowed so that it also ends before the account's equity reaches zero: that is for a whole turn to see.
#[inline]
fn solvent(band: PriceBand, line: Line) -> PriceBand {
    let Line { base, slope } = line;
    if slope == 0 || (slope > 0 && base >= 0) {
        return band;
    }
    let zero = i64::try_from((-base).div_euclid(slope)).unwrap_or(i64::MAX);
    if slope < 0 {
        PriceBand { low: band.low, high: band.high.min(zero.saturating_sub(1)) }
    } else {
        PriceBand { low: band.low.max(zero.saturating_add(1)), high: band.high }
    }
}
