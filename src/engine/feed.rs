//! Where a session's market data come from.

use super::block::{Block, TradesInBlock};
use super::detail::TapeDetail;
use crate::domain::{CandleColumns, InstrumentId, QuoteColumns, Series, Timestamp, TradeColumns};
use crate::strategy::SeriesView;
use std::sync::Arc;

/// A source of market data, handed over in blocks.
pub trait Feed {
    /// The next stretch of data, or none at the end.
    fn next(&mut self) -> Option<Block<'_>>;
}

/// Recorded market data, shared by any number of sessions.
#[derive(Clone, Debug, Default)]
pub struct Tape {
    /// Candles by series number.
    pub series: Vec<TapeSeries>,
    /// Market trades, for instruments that match on trades.
    pub trades: Vec<TapeTrades>,
    /// Finer rows beneath the candles, for instruments whose candles they decide.
    pub details: Vec<TapeDetail>,
}

/// All candles of one series.
#[derive(Clone, Debug)]
pub struct TapeSeries {
    /// Which instrument at which interval.
    pub series: Series,
    /// Its candles.
    pub columns: Arc<CandleColumns>,
}

/// All market trades of one instrument.
#[derive(Clone, Debug)]
pub struct TapeTrades {
    /// Whose.
    pub instrument: InstrumentId,
    /// Its trades.
    pub columns: Arc<TradeColumns>,
    /// Its quotes beside them; empty where the data have none.
    pub quotes: Arc<QuoteColumns>,
}

/// A cursor over a tape that hands out blocks.
#[derive(Clone, Debug)]
pub struct TapeFeed<'t> {
    tape: &'t Tape,
    rows: usize,
    next_row: Vec<usize>,
    next_trade: Vec<usize>,
    next_quote: Vec<usize>,
    /// Instants at which a block has to end, the next one last.
    halts: Vec<Timestamp>,
    reached: Timestamp,
}

impl Tape {
    /// The instant at which the last candle closes, the last trade happens or the last quote begins.
    pub fn end(&self) -> Timestamp {
        let closes = self.series.iter().filter_map(|series| {
            let open = series.columns.open_time.last()?;
            Some(Timestamp::from_nanos(*open).after(series.series.interval.span()))
        });
        let trades = self.trades.iter().flat_map(|trades| [&trades.columns.time, &trades.quotes.time]);
        let trades = trades.filter_map(|time| time.last().copied());
        closes.chain(trades.map(Timestamp::from_nanos)).max().unwrap_or(Timestamp::MIN)
    }

    /// Number of candles of all series.
    pub fn candles(&self) -> usize {
        self.series.iter().map(|series| series.columns.len()).sum()
    }
}

impl<'t> TapeFeed<'t> {
    /// The rows of the densest series in one block when nothing else is said: its candles and a few indicator columns
    /// stay in the nearest cache.
    pub const BLOCK_ROWS: usize = 1_024;

    /// A cursor at the beginning of the tape, with blocks of at most `rows` rows of each series.
    pub fn new(tape: &'t Tape, rows: usize) -> Self {
        TapeFeed {
            tape,
            rows: rows.max(1),
            next_row: vec![0; tape.series.len()],
            next_trade: vec![0; tape.trades.len()],
            next_quote: vec![0; tape.trades.len()],
            halts: Vec::new(),
            reached: Timestamp::MIN,
        }
    }

    /// The same, with a block ending at each of these instants: what is looked at between blocks is then seen as it stands
    /// there, whatever the size of a block.
    #[must_use]
    pub fn ending_at(mut self, mut instants: Vec<Timestamp>) -> Self {
        instants.sort_unstable_by(|one, other| other.cmp(one));
        instants.dedup();
        self.halts = instants;
        self
    }

    /// Everything up to this instant has been handed out.
    pub fn reached(&self) -> Timestamp {
        self.reached
    }

    /// The latest instant such that no series has more than the block's rows up to it.
    fn until(&self) -> Option<Timestamp> {
        let mut until = None;
        for (series, next) in self.tape.series.iter().zip(&self.next_row) {
            let open = &series.columns.open_time;
            let Some(last) = open.len().checked_sub(1).filter(|last| next <= last) else { continue };
            let row = last.min(*next + self.rows - 1);
            let close = Timestamp::from_nanos(open[row]).after(series.series.interval.span());
            until = Some(until.map_or(close, |until: Timestamp| until.min(close)));
        }
        if until.is_none() {
            let left = (0..self.tape.trades.len()).any(|index| {
                let trades = &self.tape.trades[index];
                self.next_trade[index] < trades.columns.len() || self.next_quote[index] < trades.quotes.len()
            });
            return left.then_some(Timestamp::MAX);
        }
        until
    }
}

impl Feed for TapeFeed<'_> {
    fn next(&mut self) -> Option<Block<'_>> {
        let mut until = self.until()?;
        if let Some(halt) = self.halts.pop_if(|halt| *halt <= until) {
            until = halt;
        }
        self.reached = until;
        let mut block =
            Block { series: Vec::new(), new_from: Vec::new(), trades: Vec::new(), details: &self.tape.details };
        for (series, next) in self.tape.series.iter().zip(&mut self.next_row) {
            let open_until = until.before(series.series.interval.span()).nanos();
            let window = series.columns.len().min(*next + self.rows);
            let opens = &series.columns.open_time[*next..window];
            // The series that bounds the block has all its rows in it.
            let all = opens.last().is_none_or(|last| *last <= open_until);
            let end = if all { window } else { *next + opens.partition_point(|open| *open <= open_until) };
            let start = next.saturating_sub(1);
            let rows = series.columns.slice(start, end);
            block.series.push(SeriesView { series: series.series, rows });
            block.new_from.push(*next - start);
            *next = end;
        }
        let next = self.next_trade.iter_mut().zip(&mut self.next_quote);
        for (trades, (next, next_quote)) in self.tape.trades.iter().zip(next) {
            let end = |time: &[i64], next: usize| next + time[next..].partition_point(|at| *at <= until.nanos());
            let (to, to_quote) = (end(&trades.columns.time, *next), end(&trades.quotes.time, *next_quote));
            let (rows, quotes) = (trades.columns.slice(*next, to), trades.quotes.slice(*next_quote, to_quote));
            block.trades.push(TradesInBlock { instrument: trades.instrument, rows, quotes });
            (*next, *next_quote) = (to, to_quote);
        }
        Some(block)
    }
}
