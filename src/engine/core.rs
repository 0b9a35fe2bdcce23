//! The engine: news is booked and passed on, candles are shown, decisions are collected.

use super::abreast::Prices;
use super::equity::EquityTrack;
use super::fingerprint::Fingerprint;
use super::outcome::{Complaint, FillRecord, Keep, Records};
use crate::domain::{
    Amount, Command, DeskId, Fill, InstrumentId, OrderChange, OrderUpdate, Overflow, Price, Rounding, SeriesId,
    TimerId, Timestamp, UpdateKind,
};
use crate::ledger::{Ledger, Line, Seen};
use crate::strategy::{Books, Context, Floor, Outbox, Slumber, Trader, View};

/// The desks' side of a session: traders, their orders, and the account's books.
#[derive(Debug)]
pub struct Engine<T> {
    pub(super) traders: Vec<T>,
    pub(super) followed: Vec<Vec<SeriesId>>,
    pub(super) ledger: Ledger,
    pub(super) floor: Floor,
    pub(super) marks: Vec<Price>,
    /// What the account is worth at these marks, while it is known.
    pub(super) worth: Option<Amount>,
    pub(super) seen: Vec<Seen>,
    pub(super) outbox: Outbox,
    pub(super) records: Records,
    pub(super) equity: EquityTrack,
    pub(super) fingerprint: Fingerprint,
    pub(super) complaints: Vec<Complaint>,
    pub(super) first_prices: Vec<Price>,
    pub(super) start: Timestamp,
    /// What each desk was worth when the books were opened.
    pub(super) opening_by_desk: Vec<Amount>,
    closed: Vec<SeriesId>,
    /// By desk: how far its promise about the candles of its one series has been looked up.
    pub(super) slumbers: Vec<Slumber>,
    promises: Vec<Promise>,
}

/// How long a desk that follows one series sleeps, as it stands since it was last called.
#[derive(Clone, Copy, Debug)]
struct Promise {
    /// The one series that it follows; none where it follows several.
    series: Option<SeriesId>,
    /// The row before which no candle can matter to it.
    until: usize,
}

impl Promise {
    fn of(followed: &[SeriesId]) -> Self {
        let series = if let [series] = followed { Some(*series) } else { None };
        Promise { series, until: 0 }
    }
}

/// What keeps an order's news from being booked: a bug or an overflow.
type Trouble = String;

impl<T: Trader> Engine<T> {
    /// An engine whose desk `i` is run by `traders[i]` and follows `followed[i]`. The ledger holds the opening
    /// balances already.
    pub fn new(
        traders: Vec<T>,
        followed: Vec<Vec<SeriesId>>,
        ledger: Ledger,
        floor: Floor,
        start: Timestamp,
        every_candle: bool,
        keep: Keep,
    ) -> Self {
        let instruments = floor.instruments.len();
        assert!(traders.len() == floor.desks.len() && traders.len() == followed.len(), "one trader for each desk");
        Engine {
            slumbers: vec![Slumber::default(); traders.len()],
            promises: followed.iter().map(|series| Promise::of(series)).collect(),
            traders,
            followed,
            ledger,
            floor,
            marks: vec![Price::ZERO; instruments],
            worth: None,
            seen: vec![Seen { low: Price::ZERO, high: Price::ZERO }; instruments],
            outbox: Outbox::default(),
            records: Records::new(keep),
            equity: EquityTrack::new(start, Amount::ZERO, every_candle),
            fingerprint: Fingerprint::default(),
            complaints: Vec::new(),
            first_prices: vec![Price::ZERO; instruments],
            start,
            opening_by_desk: Vec::new(),
            closed: Vec::new(),
        }
    }

    /// Makes room for what this many candles are likely to bring. Room that is not used costs nothing.
    pub fn expect_candles(&mut self, candles: usize) {
        const CANDLES_PER_FILL: usize = 32;
        const MOST: usize = 1 << 20;
        self.records.expect((candles / CANDLES_PER_FILL).min(MOST));
    }

    /// A candle of the finest series of its instrument closed, with these prices.
    #[inline]
    pub(super) fn see(&mut self, instrument: InstrumentId, seen: Seen, close: Price) {
        let index = usize::from(instrument.0);
        self.seen[index] = seen;
        self.marks[index] = close;
        self.worth = None;
    }

    /// The first price of an instrument is the open of its first candle at or after the start.
    #[inline]
    pub(super) fn open_first_price(
        &mut self,
        instrument: InstrumentId,
        open_time: Timestamp,
        open: impl FnOnce() -> i64,
    ) {
        let first = &mut self.first_prices[usize::from(instrument.0)];
        if first.is_zero() && open_time >= self.start {
            *first = Price::from_units(open());
        }
    }

    /// A candle of a finest series, which opened at `open_time`, is shown: round trips measure their excursions on it.
    /// Prices that nobody needs are left alone: they may be far away in memory.
    #[inline]
    pub(super) fn show_candle(
        &mut self,
        instrument: InstrumentId,
        open_time: Timestamp,
        prices: impl FnOnce() -> Prices,
    ) {
        if self.ledger.is_open(instrument) {
            let prices = prices();
            let [low, high, close] = [prices.low, prices.high, prices.close].map(Price::from_units);
            self.ledger.saw_candle(instrument, open_time, Seen { low, high }, close);
        }
    }

    /// A market trade happened.
    pub(super) fn see_trade(&mut self, instrument: InstrumentId, price: Price) {
        let index = usize::from(instrument.0);
        self.seen[index] = Seen { low: price, high: price };
        self.marks[index] = price;
        self.worth = None;
    }

    /// News of an order: booked, then passed on to its desk.
    pub fn update(&mut self, now: Timestamp, update: &OrderUpdate, view: View<'_>) {
        self.fingerprint.update(update);
        match self.book(update) {
            Ok(()) => self.deliver(now, update.desk, view, |trader, context| trader.on_update(context, update)),
            Err(trouble) => self.complain(now, Some(update.desk), trouble),
        }
    }

    fn book(&mut self, update: &OrderUpdate) -> Result<(), Trouble> {
        let desk = self.floor.desk(update.desk);
        let Some(index) = desk.find(update.order) else {
            // An ask that crossed the end of its order is refused: that is news, not trouble.
            return match update.kind {
                UpdateKind::CancelRejected | UpdateKind::ReplaceRejected(_) => Ok(()),
                UpdateKind::Accepted
                | UpdateKind::Held
                | UpdateKind::Released { .. }
                | UpdateKind::Triggered
                | UpdateKind::Filled(_)
                | UpdateKind::Cancelled(_)
                | UpdateKind::Replaced(_)
                | UpdateKind::Expired
                | UpdateKind::Rejected(_) => {
                    Err(format!("news of order {} that is not open: {:?}", update.order.0, update.kind))
                }
            };
        };
        let open = &mut desk.orders[index];
        let change = change_of(&update.kind);
        let Some((state, waits)) = open.after(change) else {
            return Err(format!("order {} cannot go from {} by {change:?}", update.order.0, open.state.name()));
        };
        (open.state, open.waits) = (state, waits);
        let overflow = |Overflow| format!("order {}: {Overflow}", update.order.0);
        if let UpdateKind::Replaced(_) | UpdateKind::ReplaceRejected(_) = update.kind {
            open.note_answer();
        }
        if let UpdateKind::Replaced(terms) = update.kind {
            self.records.note_terms(&open.order);
            let freed = open.take_terms(terms).map_err(overflow)?;
            let asset = open.reserved_asset;
            self.ledger.release(update.desk, asset, freed).map_err(overflow)?;
        }
        if let UpdateKind::Filled(fill) = &update.kind {
            self.book_fill(index, fill, update).map_err(overflow)?;
        }
        if state.is_terminal() {
            let desk = self.floor.desk(update.desk);
            let open = &desk.orders[index];
            let released = self.ledger.release(update.desk, open.reserved_asset, open.reserved);
            if released.is_ok() {
                self.records.note_order(open, update);
            }
            desk.orders.remove(index);
            released.map_err(overflow)?;
        }
        Ok(())
    }

    /// Books what the order at `index` of its desk has traded.
    #[inline]
    fn book_fill(&mut self, index: usize, fill: &Fill, update: &OrderUpdate) -> Result<(), Overflow> {
        let desk = self.floor.desk(update.desk);
        let open = &mut desk.orders[index];
        let part = if open.state.is_terminal() {
            open.reserved
        } else {
            let leaves = open.leaves().units().max(fill.quantity.units());
            open.reserved.scaled(fill.quantity.units().into(), leaves.into(), Rounding::Down)?
        };
        open.reserved = open.reserved.minus(part)?;
        open.filled = open.filled.plus(fill.quantity)?;
        let order = &open.order;
        self.worth = None;
        self.ledger.release(update.desk, open.reserved_asset, part)?;
        let (keeps_lots, lots) = (self.records.keep() == Keep::All, &mut self.records.lots);
        let seen = self.seen[usize::from(order.instrument.0)];
        let before = self.ledger.position(order.desk, order.instrument).quantity();
        let booking = self.ledger.fill(order, fill, update.at, seen, &self.marks, |lot| {
            if keeps_lots {
                lots.push(lot);
            }
        })?;
        let after = self.ledger.position(order.desk, order.instrument).quantity();
        self.records.note_fill(FillRecord {
            order: order.id,
            trade: booking.trade,
            at: update.at,
            price: fill.price,
            quantity: fill.quantity,
            fee: fill.fee,
            slipped: fill.slipped,
            fee_asset: fill.fee_asset,
            desk: order.desk,
            instrument: order.instrument,
            side: order.side,
            liquidity: fill.liquidity,
            certainty: fill.certainty,
        });
        let instrument = order.instrument;
        desk.note_fill(update.at, instrument, before, after);
        if let Some(trade) = &booking.closed {
            desk.losses_in_a_row = if trade.profit < Amount::ZERO { desk.losses_in_a_row + 1 } else { 0 };
            self.records.note_trade(trade)?;
        }
        Ok(())
    }

    /// The data are over: the orders of a command that nobody can take any more expire. Their desk is not called again.
    pub(super) fn expire_unsent(&mut self, at: Timestamp, command: &Command) {
        let orders = match command {
            Command::Submit(order) => vec![*order],
            Command::SubmitGroup(group) => group.orders().collect(),
            Command::CancelReplace(swap) => vec![swap.order],
            Command::Cancel(_) | Command::Replace(..) | Command::Reduce(..) => Vec::new(),
        };
        for order in orders {
            let update = OrderUpdate { order: order.id, desk: order.desk, at, kind: UpdateKind::Expired };
            if let Err(trouble) = self.book(&update) {
                self.complain(at, Some(order.desk), trouble);
            }
        }
    }

    /// A timer of a desk is due.
    pub(super) fn timer(&mut self, now: Timestamp, desk: DeskId, timer: TimerId, view: View<'_>) {
        self.deliver(now, desk, view, |trader, context| trader.on_timer(context, timer));
    }

    /// Candles closed, of these series in ascending order: each desk that follows one of them is called once, in order.
    /// Where `may_sleep`, a desk is left alone that has promised that its candle cannot matter.
    pub(super) fn candles(&mut self, now: Timestamp, closed: &[SeriesId], view: View<'_>, may_sleep: bool) {
        for desk in 0..self.traders.len() {
            if may_sleep && self.sleeps(desk, view) {
                continue;
            }
            let mut mine = std::mem::take(&mut self.closed);
            mine.clear();
            let followed = self.followed[desk].iter().copied();
            mine.extend(followed.filter(|series| closed.binary_search(series).is_ok()));
            if !mine.is_empty() {
                let id = self.floor.desks[desk].id;
                self.deliver(now, id, view, |trader, context| trader.on_candles(context, &mine));
            }
            self.closed = mine;
        }
    }

    /// Whether a desk that follows one series has promised that its last closed candle cannot matter.
    #[inline]
    fn sleeps(&mut self, desk: usize, view: View<'_>) -> bool {
        let Promise { series, until } = self.promises[desk];
        let Some(series) = series else { return false };
        let row = view.at[usize::from(series.0)].get();
        row < until || self.sleeps_on(desk, series, row, view)
    }

    /// The same behind what is known of its promise: it is asked again.
    fn sleeps_on(&mut self, desk: usize, series: SeriesId, row: usize, view: View<'_>) -> bool {
        let rows = view.series[usize::from(series.0)].rows.len();
        let wake = self.traders[desk].wake();
        // Before the first candle there is none to sleep through.
        if row >= rows || wake.series(view) != Some(series) {
            return false;
        }
        let asleep = self.slumbers[desk].asleep(wake, view, row, rows);
        self.promises[desk].until = row + asleep;
        asleep > 0
    }

    /// A new block has come: rows are counted anew.
    pub(super) fn begin_block(&mut self) {
        self.slumbers.fill(Slumber::default());
        self.promises.iter_mut().for_each(|promise| promise.until = 0);
    }

    /// A desk has been called: it may promise something else.
    #[inline]
    pub(super) fn ask_again(&mut self, desk: DeskId) {
        self.promises[usize::from(desk.0)].until = 0;
    }

    #[inline]
    fn deliver(&mut self, now: Timestamp, desk: DeskId, view: View<'_>, call: impl FnOnce(&mut T, &mut Context<'_>)) {
        self.ask_again(desk);
        let books =
            Books { ledger: &mut self.ledger, floor: &mut self.floor, marks: &mut self.marks, worth: &mut self.worth };
        let mut context = Context::new(now, desk, view, books, &mut self.outbox);
        call(&mut self.traders[usize::from(desk.0)], &mut context);
    }

    /// What the account is worth at the last prices.
    #[inline]
    pub(super) fn equity_now(&mut self) -> Result<Amount, Overflow> {
        self.books().equity()
    }

    /// What the account is worth by the price of one instrument from here on, where that is a straight line.
    #[inline]
    pub(super) fn line(&mut self, instrument: InstrumentId) -> Option<Line> {
        let slope = self.ledger.slope(instrument)?;
        let worth = self.equity_now().ok()?;
        Some(Line::through(worth, self.marks[usize::from(instrument.0)], slope))
    }

    #[inline]
    pub(super) fn books(&mut self) -> Books<'_> {
        Books { ledger: &mut self.ledger, floor: &mut self.floor, marks: &mut self.marks, worth: &mut self.worth }
    }

    /// Marks the account at the last prices, at the close of a candle.
    pub(super) fn mark(&mut self, now: Timestamp) {
        if now <= self.start {
            return;
        }
        match self.equity_now() {
            Ok(equity) => {
                self.equity.note(now, equity);
                if self.floor.watches_drawdown {
                    self.books().raise_peaks(equity);
                }
                if equity.units() <= 0 {
                    self.floor.halt(now, "the account's equity is gone; liquidation is not modelled yet");
                }
            }
            Err(Overflow) => self.complain(now, None, format!("equity: {Overflow}")),
        }
    }

    /// A UTC midnight has passed: its equity is noted, and daily limits start afresh.
    pub(super) fn roll_days(&mut self, now: Timestamp) {
        while self.equity.next_midnight() < now {
            let midnight = self.equity.next_midnight();
            let equity = self.ledger.equity(&self.marks).unwrap_or(Amount::ZERO);
            self.equity.sample_midnight(equity);
            self.start_day(equity, midnight);
        }
    }

    /// Remembers what the desks and the account are worth as the day begins.
    pub(super) fn start_day(&mut self, equity: Amount, midnight: Timestamp) {
        self.floor.equity_at_midnight = equity;
        for desk in 0..self.floor.desks.len() {
            let id = self.floor.desks[desk].id;
            let worth =
                if self.ledger.desk(id).has_share { self.ledger.desk_equity(id, &self.marks) } else { Ok(equity) };
            match worth {
                Ok(worth) => self.floor.desks[desk].equity_at_midnight = worth,
                Err(Overflow) => self.complain(midnight, Some(id), format!("equity: {Overflow}")),
            }
        }
    }

    /// Something that must not happen did: the desk, or the account, takes no new risk from now on.
    #[cold]
    pub(super) fn complain(&mut self, now: Timestamp, desk: Option<DeskId>, text: String) {
        match desk {
            Some(desk) => self.floor.desk(desk).halt(now, text.clone()),
            None => self.floor.halt(now, text.clone()),
        }
        if self.complaints.len() < 1_000 {
            self.complaints.push(Complaint { at: now, desk, text });
        }
    }

    /// Since when nothing new can happen: every desk is halted, nothing is open and nothing is held.
    pub(super) fn is_over(&self) -> bool {
        self.floor.all_halted()
            && self.floor.desks.iter().all(|desk| desk.orders.is_empty())
            && (0..self.marks.len()).all(|index| !self.ledger.is_open(InstrumentId(index as u16)))
    }

    /// The account's books, for looking at between turns.
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// The desks, for looking at between turns.
    pub fn floor(&self) -> &Floor {
        &self.floor
    }

    /// What happened so far.
    pub fn records(&self) -> &Records {
        &self.records
    }

    /// What must not have happened so far.
    pub fn complaints(&self) -> &[Complaint] {
        &self.complaints
    }
}

fn change_of(kind: &UpdateKind) -> OrderChange {
    match kind {
        UpdateKind::Accepted => OrderChange::Accept,
        UpdateKind::Held => OrderChange::Hold,
        UpdateKind::Released { .. } => OrderChange::Release,
        UpdateKind::Triggered => OrderChange::Trigger,
        UpdateKind::Filled(fill) if fill.leaves.is_zero() => OrderChange::FillAll,
        UpdateKind::Filled(_) => OrderChange::FillPart,
        UpdateKind::Cancelled(_) => OrderChange::Cancel,
        UpdateKind::CancelRejected | UpdateKind::ReplaceRejected(_) => OrderChange::RefuseAsk,
        UpdateKind::Replaced(_) => OrderChange::Replace,
        UpdateKind::Expired => OrderChange::Expire,
        UpdateKind::Rejected(_) => OrderChange::Reject,
    }
}
