//! The worth of the account over time: exact at every UTC midnight, its drawdown at every candle.

use crate::domain::{Amount, Span, Timestamp, saturating_product};
use crate::ledger::Line;

/// Peak, drawdown and daily samples of the account's equity.
///
/// The drawdown is a statistic: it is taken on equity rounded once to the nearest float, and depends only on each
/// peak and the lowest equity before the next one, not on how the candles were grouped.
#[derive(Clone, Debug)]
pub struct EquityTrack {
    peak: f64,
    /// Lowest equity since that peak.
    trough: f64,
    /// Lowest equity as a fraction of its peak, over all peaks before.
    low: f64,
    next_midnight: Timestamp,
    daily: Vec<(Timestamp, Amount)>,
    every_candle: Option<Vec<(Timestamp, Amount)>>,
}

/// A run of closes during which the account held the same.
#[derive(Clone, Copy, Debug)]
pub struct Run<'a> {
    /// What the account is worth by the close.
    pub line: Line,
    /// The closes in price units.
    pub closes: &'a [i64],
    /// The lowest of them.
    pub lowest: i64,
    /// The highest of them.
    pub highest: i64,
}

impl EquityTrack {
    /// Starts at `start` with the opening equity.
    pub fn new(start: Timestamp, opening: Amount, every_candle: bool) -> Self {
        EquityTrack {
            peak: opening.units() as f64,
            trough: opening.units() as f64,
            low: 1.0,
            next_midnight: start.midnight().after(Span::DAY),
            daily: vec![(start, opening)],
            every_candle: every_candle.then(Vec::new),
        }
    }

    /// The next UTC midnight at which equity has to be sampled.
    #[inline]
    pub fn next_midnight(&self) -> Timestamp {
        self.next_midnight
    }

    /// Notes the equity at the next midnight and waits for the one after.
    pub fn sample_midnight(&mut self, equity: Amount) {
        self.daily.push((self.next_midnight, equity));
        self.next_midnight = self.next_midnight.after(Span::DAY);
    }

    /// The session is over: the last part of a day is a sample of its own.
    pub fn finish(&mut self, at: Timestamp, equity: Amount) {
        match self.daily.last_mut() {
            Some(last) if last.0 >= at => *last = (last.0, equity),
            Some(_) | None => self.daily.push((at, equity)),
        }
    }

    /// Whether every candle's equity is kept.
    pub fn keeps_every_candle(&self) -> bool {
        self.every_candle.is_some()
    }

    /// Notes the equity at the close of a candle.
    #[inline]
    pub fn note(&mut self, at: Timestamp, equity: Amount) {
        if let Some(rows) = &mut self.every_candle {
            rows.push((at, equity));
        }
        self.note_worth(rounded(equity.units()));
    }

    #[inline]
    fn note_worth(&mut self, worth: f64) {
        if worth > self.peak {
            self.low = self.fall();
            self.peak = worth;
            self.trough = worth;
        } else if worth < self.trough {
            self.trough = worth;
        }
    }

    /// The lowest equity as a fraction of its peak, the present peak included.
    fn fall(&self) -> f64 {
        let now = self.trough / self.peak;
        if now < self.low { now } else { self.low }
    }

    /// Notes the equity at every close of a run, in order.
    pub fn note_run(&mut self, run: Run<'_>) {
        let Line { base, slope } = run.line;
        if slope == 0 {
            if !run.closes.is_empty() {
                self.note_worth(rounded(base));
            }
            return;
        }
        let worth = |close: i64| rounded(base.saturating_add(saturating_product(slope, close.into())));
        let (one, other) = (worth(run.lowest), worth(run.highest));
        if one.max(other) <= self.peak {
            // Rounding keeps order: without a new peak only the lowest equity of the run can matter.
            self.note_worth(one.min(other));
            return;
        }
        for close in run.closes {
            self.note_worth(worth(*close));
        }
    }

    /// The largest fall below a previous peak, as a fraction of it, over the closes of all candles. An account that
    /// started with nothing has none.
    pub fn max_drawdown(&self) -> f64 {
        let fall = self.fall();
        if fall.is_nan() { 0.0 } else { 1.0 - fall }
    }

    /// Equity at the start, at each UTC midnight, and at the end.
    pub fn daily(&self) -> &[(Timestamp, Amount)] {
        &self.daily
    }

    /// Equity at every candle, when it was asked for.
    pub fn take_every_candle(&mut self) -> Option<Vec<(Timestamp, Amount)>> {
        self.every_candle.take()
    }
}

/// The nearest double. Most worths fit 64 bits, for which there is an instruction.
#[inline]
fn rounded(units: i128) -> f64 {
    #[cold]
    #[inline(never)]
    fn wide(units: i128) -> f64 {
        units as f64
    }
    i64::try_from(units).map_or_else(|_| wide(units), |units| units as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_in_pieces_is_the_same_run() {
        let closes: Vec<i64> = (0..500).map(|i: i64| 10_000 + (i * 7919 % 613) - (i * 104_729 % 401)).collect();
        for (base, slope) in [(5_000_000, 37), (9_000_000, -37), (1 << 70, 1 << 57), (0, 1 << 60)] {
            let new = || EquityTrack::new(Timestamp::from_nanos(0), Amount::from_units(base + slope * 10_000), false);
            let mut one_by_one = new();
            for close in &closes {
                let worth = base + slope * i128::from(*close);
                one_by_one.note(Timestamp::from_nanos(0), Amount::from_units(worth));
            }
            for size in [1, 7, 36, 500] {
                let mut pieces = new();
                for closes in closes.chunks(size) {
                    let (lowest, highest) = crate::domain::extremes(closes, closes);
                    pieces.note_run(Run { line: Line { base, slope }, closes, lowest, highest });
                }
                assert_eq!(pieces.max_drawdown().to_bits(), one_by_one.max_drawdown().to_bits());
            }
            assert!(one_by_one.max_drawdown() > 0.0);
        }
    }
}
