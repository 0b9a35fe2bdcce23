//! What a strategy holds while it decides: the market up to now, its books, and the way to its desk.

mod amend;

use super::desk::{Floor, OpenOrder, RefusalRecord};
use super::risk::{Passed, Sends};
use super::setup::Slot;
use super::ticket::{BracketTicket, Ticket};
use super::view::View;
use super::{Outbox, desk::Desk};
use crate::domain::{
    Amount, AssetId, Bracket, Candle, Command, Crossing, DeskId, Group, Instrument, InstrumentId, Link, Order,
    OrderChange, OrderId, OrderKind, OrderState, Overflow, PositionEffect, Price, Quantity, Refusal, Series, SeriesId,
    Side, Tag, Target, Terms, TimeInForce, TimerId, Timestamp,
};
use crate::ledger::{Ledger, Line, Position};

/// The account's books as the desks share them.
#[derive(Debug)]
pub struct Books<'a> {
    /// The ledger.
    pub ledger: &'a mut Ledger,
    /// The desks.
    pub floor: &'a mut Floor,
    /// Last prices by instrument; zero while none is known.
    pub marks: &'a mut [Price],
    /// What the account is worth at these prices, once it has been asked for.
    pub worth: &'a mut Option<Amount>,
}

impl Books<'_> {
    /// What the whole account is worth at the last prices, in its currency.
    ///
    /// # Errors
    /// When the worth leaves the range of exact integers.
    #[inline]
    pub fn equity(&mut self) -> Result<Amount, Overflow> {
        if let Some(worth) = *self.worth {
            return Ok(worth);
        }
        let worth = self.ledger.equity(self.marks)?;
        *self.worth = Some(worth);
        Ok(worth)
    }
}

/// The hands and eyes of one strategy at one instant.
#[derive(Debug)]
pub struct Context<'a> {
    now: Timestamp,
    desk: DeskId,
    view: View<'a>,
    books: Books<'a>,
    outbox: &'a mut Outbox,
}

impl<'a> Context<'a> {
    /// The context of `desk` at `now`.
    pub fn new(now: Timestamp, desk: DeskId, view: View<'a>, books: Books<'a>, outbox: &'a mut Outbox) -> Self {
        Context { now, desk, view, books, outbox }
    }

    /// Moves on to a later row of one series within a stretch in which nothing else happens: its close is the price.
    #[inline]
    pub fn advance(&mut self, series: SeriesId, row: usize, now: Timestamp, instrument: InstrumentId, close: Price) {
        self.now = now;
        self.view.at[usize::from(series.0)].set(row);
        self.books.marks[usize::from(instrument.0)] = close;
        *self.books.worth = None;
    }

    /// What the account is worth now, by the line of the stretch at hand.
    #[inline]
    pub fn know_worth(&mut self, line: Line, close: Price) {
        *self.books.worth = line.worth(close).ok();
    }

    /// Candles have closed between these prices since the last decision, while the account was worth what `line` says.
    #[inline]
    pub fn passed_closes(&mut self, instrument: InstrumentId, line: Line, lowest: i64, highest: i64) {
        self.books.raise_peaks_over(instrument, line, lowest, highest);
    }

    /// Whether a stretch has to stop here: the desk has decided something, set a timer or was halted.
    #[inline]
    pub fn must_stop(&mut self) -> bool {
        self.outbox.must_stop()
    }

    /// The instant of this delivery.
    #[inline]
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// The last closed candle of a series; none while none has closed.
    #[inline]
    pub fn candle(&self, series: SeriesId) -> Option<Candle> {
        self.view.candle(series)
    }

    /// Which instrument at which interval a series is.
    pub fn series(&self, series: SeriesId) -> Series {
        self.view.series[usize::from(series.0)].series
    }

    /// The close of the last closed candle of a series.
    #[inline]
    pub fn close(&self, series: SeriesId) -> Option<Price> {
        self.view.close(series)
    }

    /// The value of an indicator at the last closed candle of its series; none while it is undefined.
    #[inline]
    pub fn value(&self, slot: Slot) -> Option<f64> {
        self.view.value(usize::from(slot.0))
    }

    /// What an instrument is.
    pub fn instrument(&self, id: InstrumentId) -> &Instrument {
        &self.books.floor.instruments[usize::from(id.0)]
    }

    /// The last known price of an instrument; none while there is none.
    #[inline]
    pub fn last(&self, id: InstrumentId) -> Option<Price> {
        let mark = self.books.marks[usize::from(id.0)];
        if mark.is_zero() { None } else { Some(mark) }
    }

    /// The desk's position on an instrument, signed.
    #[inline]
    pub fn position(&self, id: InstrumentId) -> Quantity {
        self.books.ledger.position(self.desk, id).quantity()
    }

    /// The desk's position on an instrument that can be traded: what is less than a lot, such as fees have left, is none.
    pub fn holds(&self, id: InstrumentId) -> Quantity {
        let position = self.position(id);
        let lot = self.instrument(id).filters_at(self.now).lot;
        if position.abs() < lot { Quantity::ZERO } else { position }
    }

    /// The desk's position on an instrument with its cost, lots and round trip.
    pub fn holding(&self, id: InstrumentId) -> &Position {
        self.books.ledger.position(self.desk, id)
    }

    /// The desk's capital at the last prices, in ledger units of the account's currency: its own share, or the whole
    /// account when it draws from the pool.
    ///
    /// # Errors
    /// When the worth leaves the range of exact integers.
    pub fn equity(&mut self) -> Result<Amount, Overflow> {
        self.books.desk_equity(self.desk)
    }

    /// The account's currency.
    pub fn currency(&self) -> AssetId {
        self.books.ledger.valuation().currency()
    }

    /// What the desk may still spend of an instrument's quote asset.
    pub fn spendable(&self, id: InstrumentId) -> Amount {
        self.books.ledger.spendable(self.desk, self.instrument(id).quote)
    }

    /// The desk's open orders in order of submission.
    #[inline]
    pub fn orders(&self) -> &[OpenOrder] {
        &self.books.floor.desks[usize::from(self.desk.0)].orders
    }

    /// Whether the desk may submit yet; before, it is warming up.
    #[inline]
    pub fn is_tradable(&self) -> bool {
        self.now >= self.books.floor.desks[usize::from(self.desk.0)].tradable_from
    }

    /// Sends an order.
    ///
    /// # Errors
    /// The desk's refusal, which is counted and listed.
    pub fn submit(&mut self, ticket: Ticket) -> Result<OrderId, Refusal> {
        self.check_pace(&ticket)?;
        let passed = self.check(&ticket, 1)?;
        let id = self.next_order();
        let order = order(id, self.desk, &ticket, Link::None);
        self.keep(order, passed).map_err(|refusal| self.refuse(&ticket, refusal))?;
        self.send(Command::Submit(order));
        Ok(id)
    }

    /// Notes an order that the strategy itself holds back, so that it is counted and listed like a refused one.
    pub fn decline(&mut self, ticket: &Ticket, refusal: Refusal) {
        self.refuse(ticket, refusal);
    }

    /// Sends an entry with children that are held until it fills. Returns the entry's number; the stop, if there is
    /// one, has the next, the target the one after.
    ///
    /// # Errors
    /// The desk's refusal, which is counted and listed.
    pub fn bracket(&mut self, ticket: BracketTicket) -> Result<OrderId, Refusal> {
        let entry = ticket.entry;
        ticket.check_form().map_err(|refusal| self.refuse(&entry, refusal))?;
        let child = |(kind, tag)| Ticket { effect: PositionEffect::ReduceOnly, ..exit(&entry, kind, tag) };
        let (stop, target) = (ticket.stop.map(child), ticket.target.map(child));
        self.check_pace(&entry)?;
        let passed = self.check(&entry, 1 + [stop, target].iter().flatten().count())?;
        let mark = self.last(entry.instrument);
        for child in [stop, target].iter().flatten() {
            self.books.check_form(child, mark, self.now).map_err(|refusal| self.refuse(child, refusal))?;
        }
        let id = self.next_order();
        let stop_id = stop.map(|_| self.next_order());
        let target_id = target.map(|_| self.next_order());
        let parent = order(id, self.desk, &entry, Link::Entry { stop: stop_id, target: target_id });
        self.keep(parent, passed).map_err(|refusal| self.refuse(&entry, refusal))?;
        let mut open = |child: Option<Ticket>, id: Option<OrderId>, sibling: Option<OrderId>| {
            let (child, id) = child.zip(id)?;
            let link = Link::Child { entry: parent.id, sibling };
            let order = order(id, self.desk, &child, link);
            let nothing = Passed { reserve: Amount::ZERO, asset: passed.asset };
            self.keep(order, nothing).ok().map(|()| order)
        };
        let stop = open(stop, stop_id, target_id);
        let target = open(target, target_id, stop_id);
        self.send(Command::SubmitGroup(Box::new(Group::Bracket(Bracket { entry: parent, stop, target }))));
        Ok(id)
    }

    /// Sends two orders of which only one may fill (OCO): same instrument, side and quantity, neither of them a market
    /// order or one that has to fill at arrival. Returns the first one's number; the second has the next.
    ///
    /// # Errors
    /// The desk's refusal, which is counted and listed.
    pub fn pair(&mut self, tickets: [Ticket; 2]) -> Result<OrderId, Refusal> {
        let [first, second] = tickets;
        let waits = |ticket: &Ticket| ticket.kind != OrderKind::Market && !ticket.time_in_force.is_immediate();
        let same = first.instrument == second.instrument && first.side == second.side && first.effect == second.effect;
        if !same || first.quantity != second.quantity || !tickets.iter().all(waits) {
            return Err(self.refuse(&first, Refusal::Form));
        }
        self.check_pace(&first)?;
        let passed = [self.check(&first, 2)?, self.check(&second, 2)?];
        let ids = [self.next_order(), self.next_order()];
        let [one, other] =
            [0, 1].map(|at| order(ids[at], self.desk, &tickets[at], Link::Pair { sibling: ids[1 - at] }));
        // Only one of them will trade: the dearer one's money is set aside once.
        let reserve = passed[0].reserve.max(passed[1].reserve);
        self.keep(one, Passed { reserve, asset: passed[0].asset }).map_err(|refusal| self.refuse(&first, refusal))?;
        self.keep(other, Passed { reserve: Amount::ZERO, asset: passed[1].asset })
            .map_err(|refusal| self.refuse(&second, refusal))?;
        self.send(Command::SubmitGroup(Box::new(Group::Pair([one, other]))));
        Ok(ids[0])
    }

    /// Asks to cancel an open order.
    ///
    /// # Errors
    /// When it is not an open order of this desk.
    pub fn cancel(&mut self, id: OrderId) -> Result<(), Refusal> {
        let desk = self.books.floor.desk(self.desk);
        let open = desk.find(id).map(|index| &mut desk.orders[index]);
        let Some(open) = open else { return Err(self.refuse_unknown(Refusal::UnknownOrder)) };
        let Some(state) = open.state.after(OrderChange::AskCancel) else {
            return Err(self.refuse_unknown(Refusal::UnknownOrder));
        };
        open.state = state;
        let target = Target { desk: self.desk, instrument: open.order.instrument, order: id };
        self.outbox.push(Command::Cancel(target));
        Ok(())
    }

    /// Asks for new terms for an open order: the same kind with another price, trigger or trail, another total quantity
    /// (not for one of a pair).
    ///
    /// # Errors
    /// When it is not an open order of this desk, or the terms do not fit it.
    pub fn replace(&mut self, id: OrderId, terms: Terms) -> Result<(), Refusal> {
        let index = self.books.floor.desk(self.desk).find(id);
        let Some(index) = index else { return Err(self.refuse_unknown(Refusal::UnknownOrder)) };
        let open = self.books.floor.desk(self.desk).orders[index];
        let same_kind = open.order.kind.name() == terms.kind.name() && terms.kind != OrderKind::Market;
        let paired = matches!(open.order.link, Link::Pair { .. }) && terms.quantity != open.order.quantity;
        if !same_kind || paired || terms.quantity.units() <= open.filled.units() {
            return Err(self.refuse_unknown(Refusal::Terms));
        }
        let ticket = open.ticket_with(terms);
        let state = self.check_change(&open, &ticket)?;
        self.reserve_for(index, &open, &ticket).map_err(|refusal| self.refuse(&ticket, refusal))?;
        let open = &mut self.books.floor.desk(self.desk).orders[index];
        open.state = state;
        open.ask(terms.quantity);
        let target = Target { desk: self.desk, instrument: ticket.instrument, order: id };
        self.send(Command::Replace(target, terms));
        Ok(())
    }

    /// Whether an open order may be asked to become what `ticket` says, and in which state it then is.
    fn check_change(&mut self, open: &OpenOrder, ticket: &Ticket) -> Result<OrderState, Refusal> {
        self.check_pace(ticket)?;
        let mark = self.last(open.order.instrument);
        self.books.check_form(ticket, mark, self.now).map_err(|refusal| self.refuse(ticket, refusal))?;
        open.state.after(OrderChange::AskReplace).ok_or_else(|| self.refuse_unknown(Refusal::UnknownOrder))
    }

    /// New terms may cost more than was set aside: the whole new order is checked as if the old one were gone, and the
    /// larger of the two sums stays reserved until the venue has answered.
    fn reserve_for(&mut self, index: usize, open: &OpenOrder, ticket: &Ticket) -> Result<(), Refusal> {
        // A child never trades more than its entry did, whatever its terms.
        if matches!(open.order.link, Link::Child { .. }) {
            return Ok(());
        }
        let removed = self.books.floor.desk(self.desk).orders.remove(index);
        let released = self.books.ledger.release(self.desk, open.reserved_asset, open.reserved);
        let rest = Ticket { quantity: Quantity::from_units(ticket.quantity.units() - open.filled.units()), ..*ticket };
        let checked = match released {
            Ok(()) => self.books.check(self.desk, &rest, Sends::Replacement, self.now),
            Err(Overflow) => Err(Refusal::Overflow),
        };
        let reserve = match checked {
            Ok(passed) => passed.reserve.max(open.reserved),
            Err(_) => open.reserved,
        };
        let restored = self.books.ledger.reserve(self.desk, open.reserved_asset, reserve);
        let reserved = if restored.is_ok() { reserve } else { Amount::ZERO };
        self.books.floor.desk(self.desk).orders.insert(index, OpenOrder { reserved, ..removed });
        checked.map(|_| ())
    }

    /// Brings the desk's position on an instrument to `quantity` with a market order, counting what is in flight.
    /// Does nothing when it is there already.
    ///
    /// # Errors
    /// The desk's refusal, which is counted and listed.
    #[inline]
    pub fn target(&mut self, id: InstrumentId, quantity: Quantity, tag: Tag) -> Result<Option<OrderId>, Refusal> {
        let position = self.position(id).units();
        if position == quantity.units() && self.orders().is_empty() {
            return Ok(None);
        }
        self.move_to(id, quantity, tag)
    }

    #[inline(never)]
    fn move_to(&mut self, id: InstrumentId, quantity: Quantity, tag: Tag) -> Result<Option<OrderId>, Refusal> {
        let desk = &self.books.floor.desks[usize::from(self.desk.0)];
        let flying = desk.in_flight(id, Side::Buy).units() - desk.in_flight(id, Side::Sell).units();
        let missing = quantity.units().saturating_sub(self.position(id).units()).saturating_sub(flying);
        let side = if missing > 0 { Side::Buy } else { Side::Sell };
        let lot = self.instrument(id).filters_at(self.now).lot;
        let amount = Quantity::from_units(missing.saturating_abs()).floor_to(lot);
        if amount.is_zero() {
            return Ok(None);
        }
        self.submit(Ticket::market(id, side, amount).tag(tag)).map(Some)
    }

    /// Asks to be woken at an instant.
    pub fn wake(&mut self, at: Timestamp) -> TimerId {
        self.outbox.interrupt();
        self.books.floor.wake(self.desk, at)
    }

    fn check_pace(&mut self, ticket: &Ticket) -> Result<(), Refusal> {
        self.books.check_pace(self.desk, self.now).map_err(|refusal| self.refuse(ticket, refusal))
    }

    /// Checks an order that is sent with others, so many in all.
    fn check(&mut self, ticket: &Ticket, orders: usize) -> Result<Passed, Refusal> {
        let checked = self.books.check(self.desk, ticket, Sends::New { orders }, self.now);
        checked.map_err(|refusal| self.refuse(ticket, refusal))
    }

    /// Sends what the throttle counts.
    #[inline]
    fn send(&mut self, command: Command) {
        let now = self.now;
        self.desk().tally.note_message(now);
        self.outbox.push(command);
    }

    fn next_order(&mut self) -> OrderId {
        let id = OrderId(self.books.floor.next_order);
        self.books.floor.next_order += 1;
        id
    }

    #[inline]
    fn keep(&mut self, order: Order, passed: Passed) -> Result<(), Refusal> {
        let reserved = self.books.ledger.reserve(self.desk, passed.asset, passed.reserve);
        reserved.map_err(|Overflow| Refusal::Overflow)?;
        let state = OrderState::Intent.after(OrderChange::Send).expect("an intent can be sent");
        let now = self.now;
        let desk = self.desk();
        if order.effect == PositionEffect::Any {
            desk.tally.note_order(&order, now);
        }
        desk.orders.push(OpenOrder {
            order,
            state,
            filled: Quantity::ZERO,
            asked: Quantity::ZERO,
            replacing: 0,
            waits: false,
            reserved: passed.reserve,
            reserved_asset: passed.asset,
            submitted: now,
        });
        Ok(())
    }

    #[cold]
    fn refuse(&mut self, ticket: &Ticket, refusal: Refusal) -> Refusal {
        let record = RefusalRecord {
            at: self.now,
            instrument: ticket.instrument,
            side: ticket.side,
            quantity: ticket.quantity,
            refusal,
        };
        self.outbox.interrupt();
        self.desk().note_refusal(record)
    }

    /// A cancel or replacement that names no fitting order is counted with the desk's refusals.
    #[cold]
    fn refuse_unknown(&mut self, refusal: Refusal) -> Refusal {
        self.desk().refusals[refusal as usize] += 1;
        refusal
    }

    fn desk(&mut self) -> &mut Desk {
        self.books.floor.desk(self.desk)
    }
}

fn order(id: OrderId, desk: DeskId, ticket: &Ticket, link: Link) -> Order {
    Order {
        id,
        desk,
        instrument: ticket.instrument,
        side: ticket.side,
        kind: ticket.kind,
        quantity: ticket.quantity,
        time_in_force: ticket.time_in_force,
        effect: ticket.effect,
        crossing: ticket.crossing,
        link,
        tag: ticket.tag,
    }
}

/// An order that closes what `entry` opens.
fn exit(entry: &Ticket, kind: OrderKind, tag: Tag) -> Ticket {
    let (side, time_in_force) = (entry.side.opposite(), TimeInForce::GoodTillCancelled);
    Ticket { side, kind, time_in_force, crossing: Crossing::Allowed, tag, ..*entry }
}
