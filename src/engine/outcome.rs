//! What a session leaves behind.

use crate::domain::{Amount, ClosedTrade, DeskId, Fill, InstrumentId, OrderId, Price, Side, Timestamp};
use crate::ledger::LotMatch;
use crate::strategy::{Halt, OrderRecord, RefusalRecord};

/// Everything that happened, one by one.
#[derive(Clone, Debug, Default)]
pub struct Records {
    /// Orders in order of their end.
    pub orders: Vec<OrderRecord>,
    /// Fills in order of booking; a fill's number is its place here.
    pub fills: Vec<FillRecord>,
    /// Finished round trips in order of their end.
    pub trades: Vec<ClosedTrade>,
    /// Which closing fill closed how much of which opening fill.
    pub lots: Vec<LotMatch>,
}

/// A booked fill.
#[derive(Clone, Copy, Debug)]
pub struct FillRecord {
    /// Of which order.
    pub order: OrderId,
    /// Whose.
    pub desk: DeskId,
    /// On what.
    pub instrument: InstrumentId,
    /// Which way.
    pub side: Side,
    /// When it happened at the venue.
    pub at: Timestamp,
    /// The round trip that it reduced, or else opened or enlarged.
    pub trade: u32,
    /// The fill itself.
    pub fill: Fill,
}

/// Something that must not happen and did: the desk was halted over it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complaint {
    /// When.
    pub at: Timestamp,
    /// Which desk; none for the account.
    pub desk: Option<DeskId>,
    /// What.
    pub text: String,
}

/// What one desk came to.
#[derive(Clone, Debug)]
pub struct DeskOutcome {
    /// Why it was halted, if it was.
    pub halt: Option<Halt>,
    /// How often each refusal was given, by [`crate::domain::Refusal::ALL`].
    pub refusals: Vec<u64>,
    /// How often each observed limit was passed.
    pub observed: Vec<u64>,
    /// Refusals one by one, up to a bound.
    pub refusal_list: Vec<RefusalRecord>,
    /// Its result: its equity at the end less its share at the start, in the account's currency.
    pub profit: Amount,
}

/// The result of a session, complete enough to write every report from.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// From when on orders were possible.
    pub start: Timestamp,
    /// The last instant of the data, or of the halt that ended the run.
    pub end: Timestamp,
    /// Since when every desk was halted, if that came.
    pub halted_at: Option<Timestamp>,
    /// Why the account as a whole was halted, if it was.
    pub account_halt: Option<Halt>,
    /// Equity at the start, in the account's currency.
    pub opening_equity: Amount,
    /// Equity at the end, open positions at the last close.
    pub final_equity: Amount,
    /// Equity at the end if every open position were closed at market, slippage and taker fee included.
    pub flattened_equity: Amount,
    /// Equity at the start, at every UTC midnight and at the end.
    pub daily: Vec<(Timestamp, Amount)>,
    /// Equity at every candle, when it was asked for.
    pub every_candle: Option<Vec<(Timestamp, Amount)>>,
    /// Largest drawdown over the closes of all candles, as a fraction of the peak.
    pub max_drawdown: f64,
    /// Everything that happened, one by one.
    pub records: Records,
    /// Round trips still open at the end, closed at the last price for the record; not part of the statistics.
    pub open_trades: Vec<ClosedTrade>,
    /// Desk by desk.
    pub desks: Vec<DeskOutcome>,
    /// What must not have happened.
    pub complaints: Vec<Complaint>,
    /// Balances at the end: per asset what is ours, and what went as fees.
    pub balances: Vec<(Amount, Amount)>,
    /// First known price of each instrument at or after the start; zero if there was none.
    pub first_prices: Vec<Price>,
    /// Last known price of each instrument; zero if there was none.
    pub last_prices: Vec<Price>,
    /// Candles delivered, of all series.
    pub candles: u64,
    /// Market trades delivered.
    pub market_trades: u64,
    /// Hash over every command, every piece of news and the final books.
    pub fingerprint: u128,
}
