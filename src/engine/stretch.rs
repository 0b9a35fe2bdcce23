//! Stretches: runs of rows at which nothing can happen but a decision of the one desk that follows them, or nothing at
//! all. What a stretch passes over is what whole turns would have found: the tests hold both to one fingerprint.

use super::block::{Block, CloseTimes};
use super::equity::Run;
use super::journal::{Journal, JournalError};
use super::session::{Idle, Role, Session};
use crate::domain::{Amount, CandleRows, Price, SeriesId, Timestamp};
use crate::strategy::{Books, Context, Trader, View};
use crate::venue::{PriceBand, Venue};

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
        let index = usize::from(instrument.0);
        let mark_before = self.engine.marks[index];
        let Some(slope) = self.engine.ledger.slope(instrument) else { return Ok(0) };
        let Ok(equity_before) = self.engine.equity_now() else { return Ok(0) };
        let band = solvent(self.venue.band(instrument), equity_before, mark_before, slope);
        let ahead = rows.slice(from, end);
        let count = match stretchable {
            Stretchable::Followed => self.call_through(view, &times[0], from, &ahead, band),
            Stretchable::Silent | Stretchable::No => {
                let count = if band == PriceBand::OPEN { ahead.len() } else { band.holds_for(&ahead) };
                if count > 0 {
                    if self.engine.floor.watches_drawdown && times[0].get(from) > Some(self.engine.start) {
                        self.engine.books().raise_peaks_over(instrument, &ahead.close[..count]);
                    }
                    view.at[0].set(from + count - 1);
                    self.engine.marks[index] = Price::from_units(ahead.close[count - 1]);
                    self.engine.worth = None;
                }
                count
            }
        };
        if count == 0 {
            return Ok(0);
        }
        let passed = ahead.slice(0, count);
        let now = times[0].get(from + count - 1).unwrap_or(self.end);
        self.end = now;
        self.candles += count as u64;
        self.venue.passed(instrument, Price::from_units(passed.close[count - 1]));
        if now > self.engine.start {
            self.engine.equity.note_run(Run::around(equity_before, mark_before, slope, passed.close));
        }
        if self.engine.ledger.is_open(instrument) {
            let low = passed.low.iter().copied().min().unwrap_or_default();
            let high = passed.high.iter().copied().max().unwrap_or_default();
            self.engine.ledger.saw(instrument, Price::from_units(low), Price::from_units(high));
        }
        self.send(now)?;
        Ok(count)
    }

    /// Calls the one desk at every row until it decides something or the prices leave the band. Returns how many rows
    /// that took.
    #[inline]
    fn call_through(
        &mut self,
        view: View<'_>,
        times: &CloseTimes<'_>,
        from: usize,
        ahead: &CandleRows<'_>,
        band: PriceBand,
    ) -> usize {
        let instrument = view.series[0].series.instrument;
        let desk = self.engine.floor.desks[0].id;
        let watches = band != PriceBand::OPEN;
        let start = self.engine.start;
        // The price that peaks have counted already; nothing is bought or sold here, so only a close beyond all those
        // counted can be a new one.
        let mark = self.engine.marks[usize::from(instrument.0)].units();
        let (mut lowest, mut highest) = (mark, mark);
        let counts = self.engine.floor.watches_drawdown && times.get(from) > Some(start);
        let books = Books {
            ledger: &mut self.engine.ledger,
            floor: &mut self.engine.floor,
            marks: &mut self.engine.marks,
            worth: &mut self.engine.worth,
        };
        let mut context = Context::new(self.end, desk, view, books, &mut self.engine.outbox);
        let trader = &mut self.engine.traders[0];
        let mut offset = 0;
        while offset < ahead.len() {
            let asleep = trader.wake().asleep(view, from + offset, from + ahead.len());
            // The candle that wakes it must lie in the band as well.
            let next = ahead.len().min(offset + asleep + 1);
            let free = if watches { band.holds_for(&ahead.slice(offset, next)) } else { next - offset };
            if free == 0 {
                return offset;
            }
            if counts {
                let closes = &ahead.close[offset..offset + free];
                let (low, high) =
                    closes.iter().fold((lowest, highest), |(low, high), close| (low.min(*close), high.max(*close)));
                if (low, high) != (lowest, highest) {
                    context.passed_closes(instrument, &[low, high]);
                    (lowest, highest) = (low, high);
                }
            }
            offset += free;
            let row = offset - 1;
            let now = times.get(from + row).unwrap_or(context.now());
            context.advance(FINEST, instrument, from + row, now, Price::from_units(ahead.close[row]));
            if free > asleep {
                ahead.fetch(offset);
                trader.on_candles(&mut context, &[FINEST]);
                if context.must_stop() {
                    return offset;
                }
            }
        }
        ahead.len()
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
            .min(self.engine.equity.next_midnight())
            .min(if unopened { self.engine.start } else { Timestamp::MAX });
        for (coarse, row) in times.iter().zip(next).skip(1) {
            limit = limit.min(coarse.get(*row).map_or(Timestamp::MAX, before));
        }
        times[0].rows_until(from, limit)
    }
}

/// The band narrowed so that it also ends before the account's equity reaches zero: that is for a whole turn to see.
fn solvent(band: PriceBand, equity: Amount, mark: Price, slope: i128) -> PriceBand {
    let base = equity.units().saturating_sub(slope.saturating_mul(mark.units().into()));
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
