//! What a session leaves behind.

use super::detail::DetailCounts;
use crate::domain::{
    Amount, AssetId, CancelReason, Certainty, ClosedTrade, Crossing, DeskId, InstrumentId, Link, Liquidity, Order,
    OrderId, OrderKind, OrderUpdate, Overflow, PositionEffect, Price, Quantity, RejectReason, Side, Tag, TimeInForce,
    Timestamp, Trail, UpdateKind,
};
use crate::ledger::LotMatch;
use crate::strategy::{Halt, OpenOrder, RefusalRecord};
use std::collections::BTreeMap;

/// What a session keeps of what happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Keep {
    /// Everything, one by one: what a report needs. The default.
    #[default]
    All,
    /// Only the totals: a sweep's memory must not grow with its fills.
    Totals,
}

/// Everything that happened, one by one, and in sum.
#[derive(Clone, Debug, Default)]
pub struct Records {
    /// Orders in order of their end.
    pub orders: Vec<OrderRecord>,
    /// Fills in order of booking; a fill's number is its place here.
    pub fills: Vec<FillRecord>,
    /// What few orders have, in order of their end.
    pub extras: Vec<OrderExtra>,
    /// Finished round trips in order of their end.
    pub trades: Vec<ClosedTrade>,
    /// Which closing fill closed how much of which opening fill.
    pub lots: Vec<LotMatch>,
    /// The first triggers of children of brackets that were given another one since.
    pub first_triggers: BTreeMap<OrderId, Price>,
    /// Sums by instrument; instruments beyond the last one that was traded may be missing.
    pub totals: Vec<Totals>,
    keep: Keep,
}

/// What happened on one instrument, in sum. Amounts are in ledger units of its quote asset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Totals {
    /// Orders that are over.
    pub orders: u64,
    /// Executions.
    pub fills: u64,
    /// Those of orders that waited.
    pub maker_fills: u64,
    /// Those that the data do not prove.
    pub ambiguous_fills: u64,
    /// Finished round trips.
    pub trades: u64,
    /// Finished with a profit.
    pub winners: u64,
    /// Finished with a loss.
    pub losers: u64,
    /// Sum of the winners' profits.
    pub gross_profit: Amount,
    /// Sum of the losers' losses, zero or below.
    pub gross_loss: Amount,
    /// Fees of the finished round trips.
    pub fees: Amount,
    /// Modelled slippage of the finished round trips.
    pub slippage: Amount,
    /// Profit of the finished round trips with an ambiguous fill.
    pub ambiguous_profit: Amount,
    /// How long the finished round trips were open, in nanoseconds.
    pub open_nanos: i128,
}

impl Totals {
    /// The same with every amount valued by `worth`.
    ///
    /// # Errors
    /// When a worth leaves the range of exact integers.
    pub fn valued(&self, worth: impl Fn(Amount) -> Result<Amount, Overflow>) -> Result<Self, Overflow> {
        Ok(Totals {
            gross_profit: worth(self.gross_profit)?,
            gross_loss: worth(self.gross_loss)?,
            fees: worth(self.fees)?,
            slippage: worth(self.slippage)?,
            ambiguous_profit: worth(self.ambiguous_profit)?,
            ..*self
        })
    }

    /// Both together; their amounts are of one asset.
    ///
    /// # Errors
    /// When a sum leaves the range of exact integers.
    pub fn plus(&self, other: &Totals) -> Result<Self, Overflow> {
        Ok(Totals {
            orders: self.orders + other.orders,
            fills: self.fills + other.fills,
            maker_fills: self.maker_fills + other.maker_fills,
            ambiguous_fills: self.ambiguous_fills + other.ambiguous_fills,
            trades: self.trades + other.trades,
            winners: self.winners + other.winners,
            losers: self.losers + other.losers,
            gross_profit: self.gross_profit.plus(other.gross_profit)?,
            gross_loss: self.gross_loss.plus(other.gross_loss)?,
            fees: self.fees.plus(other.fees)?,
            slippage: self.slippage.plus(other.slippage)?,
            ambiguous_profit: self.ambiguous_profit.plus(other.ambiguous_profit)?,
            open_nanos: self.open_nanos + other.open_nanos,
        })
    }

    fn add(&mut self, trade: &ClosedTrade) -> Result<(), Overflow> {
        self.trades += 1;
        if trade.profit > Amount::ZERO {
            self.winners += 1;
            self.gross_profit = self.gross_profit.plus(trade.profit)?;
        } else if trade.profit < Amount::ZERO {
            self.losers += 1;
            self.gross_loss = self.gross_loss.plus(trade.profit)?;
        }
        self.fees = self.fees.plus(trade.fees)?;
        self.slippage = self.slippage.plus(trade.slippage)?;
        if trade.ambiguous_fills > 0 {
            self.ambiguous_profit = self.ambiguous_profit.plus(trade.profit)?;
        }
        self.open_nanos += i128::from(trade.exit_time.since(trade.entry_time).nanos());
        Ok(())
    }
}

impl Records {
    /// Nothing yet, of which this much will be kept.
    pub fn new(keep: Keep) -> Self {
        Records { keep, ..Records::default() }
    }

    /// Makes room for this many fills, so that the records need not move as they grow.
    pub(super) fn expect(&mut self, fills: usize) {
        if self.keep == Keep::All {
            self.orders.reserve(fills);
            self.fills.reserve(fills);
            self.trades.reserve(fills / 2);
            self.lots.reserve(fills / 2);
        }
    }

    /// What is kept.
    pub(super) fn keep(&self) -> Keep {
        self.keep
    }

    #[inline]
    fn totals(&mut self, instrument: InstrumentId) -> &mut Totals {
        let index = usize::from(instrument.0);
        if index >= self.totals.len() {
            self.totals.resize(index + 1, Totals::default());
        }
        &mut self.totals[index]
    }

    /// An order traded.
    #[inline]
    pub(super) fn note_fill(&mut self, fill: FillRecord) {
        let totals = self.totals(fill.instrument);
        totals.fills += 1;
        totals.maker_fills += u64::from(fill.liquidity == Liquidity::Maker);
        totals.ambiguous_fills += u64::from(fill.certainty == Certainty::Ambiguous);
        if self.keep == Keep::All {
            self.fills.push(fill);
        }
    }

    /// A round trip is over.
    pub(super) fn note_trade(&mut self, trade: &ClosedTrade) -> Result<(), Overflow> {
        self.totals(trade.instrument).add(trade)?;
        if self.keep == Keep::All {
            self.trades.push(*trade);
        }
        Ok(())
    }

    /// An order is about to take new terms.
    pub(super) fn note_terms(&mut self, order: &Order) {
        if self.keep == Keep::All
            && let Link::Child { .. } = order.link
            && let Some(trigger) = order.kind.trigger()
        {
            self.first_triggers.entry(order.id).or_insert(trigger);
        }
    }

    /// An order is over.
    pub(super) fn note_order(&mut self, open: &OpenOrder, last: &OrderUpdate) {
        let order = &open.order;
        self.totals(order.instrument).orders += 1;
        if self.keep == Keep::Totals {
            return;
        }
        let (kind, level, second) = match order.kind {
            OrderKind::Market => (KindOfOrder::Market, Price::ZERO, None),
            OrderKind::Limit { price } => (KindOfOrder::Limit, price, None),
            OrderKind::StopMarket { trigger } => (KindOfOrder::StopMarket, trigger, None),
            OrderKind::StopLimit { trigger, price } => (KindOfOrder::StopLimit, trigger, Some(Second::Limit(price))),
            OrderKind::TakeProfit { trigger } => (KindOfOrder::TakeProfit, trigger, None),
            OrderKind::TakeProfitLimit { trigger, price } => {
                (KindOfOrder::TakeProfitLimit, trigger, Some(Second::Limit(price)))
            }
            OrderKind::TrailingStop { trail } => (KindOfOrder::TrailingStop, Price::ZERO, Some(Second::Trail(trail))),
        };
        let ending = match last.kind {
            UpdateKind::Cancelled(reason) => Ending::Cancelled(reason),
            UpdateKind::Rejected(reason) => Ending::Rejected(reason),
            UpdateKind::Expired => Ending::Expired,
            UpdateKind::Accepted
            | UpdateKind::Held
            | UpdateKind::Released { .. }
            | UpdateKind::Triggered
            | UpdateKind::Filled(_)
            | UpdateKind::CancelRejected
            | UpdateKind::Replaced(_)
            | UpdateKind::ReplaceRejected(_) => Ending::Filled,
        };
        self.orders.push(OrderRecord {
            id: order.id,
            tag: order.tag,
            submitted: open.submitted,
            ended: last.at,
            level,
            quantity: order.quantity,
            filled: open.filled,
            desk: order.desk,
            instrument: order.instrument,
            side: order.side,
            kind,
            effect: order.effect,
            ending,
        });
        let is_plain = order.time_in_force == TimeInForce::GoodTillCancelled
            && order.crossing == Crossing::Allowed
            && order.link == Link::None
            && second.is_none();
        if !is_plain {
            self.extras.push(OrderExtra {
                id: order.id,
                time_in_force: order.time_in_force,
                crossing: order.crossing,
                link: order.link,
                second,
            });
        }
    }
}

/// An order that is over. Kept small: there may be millions.
#[derive(Clone, Copy, Debug)]
pub struct OrderRecord {
    /// The order with its latest terms.
    pub id: OrderId,
    /// Its name.
    pub tag: Tag,
    /// When it was submitted.
    pub submitted: Timestamp,
    /// When it ended.
    pub ended: Timestamp,
    /// Its trigger, or the price of a limit order; zero for a market order and a trailing stop.
    pub level: Price,
    /// How much was ordered.
    pub quantity: Quantity,
    /// How much of that traded.
    pub filled: Quantity,
    /// Whose it was.
    pub desk: DeskId,
    /// On what.
    pub instrument: InstrumentId,
    /// Which way.
    pub side: Side,
    /// Which kind.
    pub kind: KindOfOrder,
    /// What it was allowed to do.
    pub effect: PositionEffect,
    /// How it ended.
    pub ending: Ending,
}

/// The kind of an order without its price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KindOfOrder {
    /// Market.
    Market,
    /// Limit.
    Limit,
    /// Stop-market.
    StopMarket,
    /// Stop-limit.
    StopLimit,
    /// Take-profit.
    TakeProfit,
    /// Take-profit-limit.
    TakeProfitLimit,
    /// Trailing stop.
    TrailingStop,
}

impl KindOfOrder {
    /// The field's name for this kind.
    pub const fn name(self) -> &'static str {
        match self {
            KindOfOrder::Market => "market",
            KindOfOrder::Limit => "limit",
            KindOfOrder::StopMarket => "stop-market",
            KindOfOrder::StopLimit => "stop-limit",
            KindOfOrder::TakeProfit => "take-profit",
            KindOfOrder::TakeProfitLimit => "take-profit-limit",
            KindOfOrder::TrailingStop => "trailing-stop",
        }
    }
}

/// How an order ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// All of it traded.
    Filled,
    /// It was cancelled, for this reason.
    Cancelled(CancelReason),
    /// Its time was over.
    Expired,
    /// The venue refused it, for this reason.
    Rejected(RejectReason),
}

/// What few orders have: a life of its own, a group, a second price, a trail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OrderExtra {
    /// Which order.
    pub id: OrderId,
    /// How long it was to stay.
    pub time_in_force: TimeInForce,
    /// Whether it was allowed to take.
    pub crossing: Crossing,
    /// Its group.
    pub link: Link,
    /// What its kind states beside its level.
    pub second: Option<Second>,
}

/// What some kinds of order state beside their level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Second {
    /// The price of the limit order that it becomes.
    Limit(Price),
    /// How far it trails.
    Trail(Trail),
}

impl OrderExtra {
    /// What an order has when nothing was said.
    pub const fn none(id: OrderId) -> Self {
        OrderExtra {
            id,
            time_in_force: TimeInForce::GoodTillCancelled,
            crossing: Crossing::Allowed,
            link: Link::None,
            second: None,
        }
    }
}

/// A booked fill. Kept small: there may be millions.
#[derive(Clone, Copy, Debug)]
pub struct FillRecord {
    /// Of which order.
    pub order: OrderId,
    /// The round trip that it reduced, or else opened or enlarged.
    pub trade: u32,
    /// When it happened at the venue.
    pub at: Timestamp,
    /// The price.
    pub price: Price,
    /// How much.
    pub quantity: Quantity,
    /// What the venue took, in ledger units of `fee_asset`.
    pub fee: Amount,
    /// How much worse the price was than the reference price.
    pub slipped: Price,
    /// The asset that the fee was taken from.
    pub fee_asset: AssetId,
    /// Whose it was.
    pub desk: DeskId,
    /// On what.
    pub instrument: InstrumentId,
    /// Which way.
    pub side: Side,
    /// Whether we waited or crossed.
    pub liquidity: Liquidity,
    /// Whether the data prove it.
    pub certainty: Certainty,
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
    /// Quotes delivered.
    pub market_quotes: u64,
    /// What became of the candles that finer rows were asked about.
    pub detail: DetailCounts,
    /// Hash over every command, every piece of news and the final books.
    pub fingerprint: u128,
}
