//! Limits on losses: what this day, the time since the peak, or a run of bad trades has cost.

use super::context::Books;
use super::limits::{Action, Limit};
use super::risk::overflow;
use crate::domain::{Amount, DeskId, InstrumentId, Overflow, Price, Rate, Refusal, Timestamp};
use crate::ledger::Line;

impl Books<'_> {
    pub(super) fn check_halts(&mut self, desk: DeskId, now: Timestamp) -> Result<(), Refusal> {
        if self.floor.halt.is_some() {
            return Err(Refusal::AccountHalted);
        }
        let of = &self.floor.desks[usize::from(desk.0)];
        if of.halt.is_some() {
            return Err(Refusal::Halted);
        }
        let (desk_limit, losses_limit, losses) =
            (of.limits.daily_loss, of.limits.consecutive_losses, of.losses_in_a_row);
        if self.floor.watches_drawdown {
            self.check_drawdown(desk, now)?;
        }
        if let Some(limit) = self.floor.limits.daily_loss {
            let equity = self.equity().map_err(overflow)?;
            let start = self.floor.equity_at_midnight;
            self.daily_loss(desk, limit, start, equity)?;
        }
        if let Some(limit) = desk_limit {
            let equity = self.desk_equity(desk).map_err(overflow)?;
            let start = self.floor.desks[usize::from(desk.0)].equity_at_midnight;
            self.daily_loss(desk, limit, start, equity)?;
        }
        if let Some(limit) = losses_limit
            && losses >= limit.value
        {
            if limit.action == Action::Enforce {
                self.floor.desk(desk).halt(now, format!("{losses} losing trades in a row"));
            }
            self.judge(desk, limit.action, Refusal::ConsecutiveLosses)?;
        }
        Ok(())
    }

    #[inline]
    fn daily_loss(&mut self, desk: DeskId, limit: Limit<Rate>, start: Amount, equity: Amount) -> Result<(), Refusal> {
        if has_fallen(start, equity, limit.value) {
            return self.judge(desk, limit.action, Refusal::DailyLoss);
        }
        Ok(())
    }

    #[inline]
    fn check_drawdown(&mut self, desk: DeskId, now: Timestamp) -> Result<(), Refusal> {
        if let Some(limit) = self.floor.limits.drawdown {
            let equity = self.equity().map_err(overflow)?;
            if has_fallen(self.floor.peak, equity, limit.value) {
                if limit.action == Action::Enforce {
                    self.floor.halt(now, drawdown_of(limit.value));
                }
                self.judge(desk, limit.action, Refusal::Drawdown)?;
            }
        }
        if let Some(limit) = self.floor.desks[usize::from(desk.0)].limits.drawdown {
            let equity = self.desk_equity(desk).map_err(overflow)?;
            let of = self.floor.desk(desk);
            if has_fallen(of.peak, equity, limit.value) {
                if limit.action == Action::Enforce {
                    of.halt(now, drawdown_of(limit.value));
                }
                self.judge(desk, limit.action, Refusal::Drawdown)?;
            }
        }
        Ok(())
    }

    /// A candle has closed and the account is worth `equity`: the peaks that limits on drawdowns are measured from. The
    /// worth of a desk beyond the exact integers raises none.
    pub fn raise_peaks(&mut self, equity: Amount) {
        self.floor.peak = self.floor.peak.max(equity);
        for desk in self.floor.desks.iter_mut().filter(|desk| desk.limits.drawdown.is_some()) {
            let has_share = self.ledger.desk(desk.id).has_share;
            let worth = if has_share { self.ledger.desk_equity(desk.id, self.marks) } else { Ok(equity) };
            if let Ok(worth) = worth {
                desk.peak = desk.peak.max(worth);
            }
        }
    }

    /// Candles of one instrument have closed between these prices while nothing else happened and the account was worth
    /// what `line` says. A straight line is highest at one of its ends.
    pub fn raise_peaks_over(&mut self, instrument: InstrumentId, line: Line, lowest: i64, highest: i64) {
        let ends = [lowest, highest].map(Price::from_units);
        let worth = line.worth(line.better(ends[0], ends[1]));
        if let Ok(worth) = worth {
            self.floor.peak = self.floor.peak.max(worth);
        }
        for index in 0..self.floor.desks.len() {
            let desk = &mut self.floor.desks[index];
            if desk.limits.drawdown.is_none() {
                continue;
            }
            if self.ledger.desk(desk.id).has_share {
                self.raise_own_peak(index, instrument, ends);
            } else if let Ok(worth) = worth {
                desk.peak = desk.peak.max(worth);
            }
        }
    }

    /// The same for a desk with capital of its own, whose line may fall where the account's rises.
    fn raise_own_peak(&mut self, index: usize, instrument: InstrumentId, ends: [Price; 2]) {
        let desk = self.floor.desks[index].id;
        let price = usize::from(instrument.0);
        let mark = self.marks[price];
        for end in ends {
            self.marks[price] = end;
            if let Ok(worth) = self.ledger.desk_equity(desk, self.marks) {
                let peak = &mut self.floor.desks[index].peak;
                *peak = worth.max(*peak);
            }
        }
        self.marks[price] = mark;
    }

    /// The capital of a desk: its own share, or the whole account when it draws from the pool.
    #[inline]
    pub fn desk_equity(&mut self, desk: DeskId) -> Result<Amount, Overflow> {
        if self.ledger.desk(desk).has_share { self.ledger.desk_equity(desk, self.marks) } else { self.equity() }
    }
}

/// Whether `equity` lies below `from` by this fraction of it or more.
#[inline]
fn has_fallen(from: Amount, equity: Amount, fraction: Rate) -> bool {
    let loss = from.units() - equity.units();
    if loss <= 0 {
        return false;
    }
    let (one, fraction) = (i128::from(Rate::ONE.units()), i128::from(fraction.units()));
    match (i64::try_from(loss), i64::try_from(from.units())) {
        // Two factors that fit 64 bits cannot overflow 128.
        (Ok(loss), Ok(from)) => i128::from(loss) * one >= i128::from(from) * fraction,
        (_, _) => loss.saturating_mul(one) >= from.units().saturating_mul(fraction),
    }
}

/// The reason of a halt, in words.
fn drawdown_of(limit: Rate) -> String {
    format!("a drawdown of {} from the peak, its limit, or more", limit.to_decimal().normalize())
}
