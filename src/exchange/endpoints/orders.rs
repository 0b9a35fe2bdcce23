//! New orders: sent to the account's venue, met with the displayed book, answered at once.

use super::checks::{ALONE, check_against_account};
use crate::domain::{
    Amount, Command, Crossing, DeskId, InstrumentId, Link, Order, OrderId, OrderKind, PositionEffect, Quantity,
    RejectReason, Side, Tag, TimeInForce,
};
use crate::exchange::account::News;
use crate::exchange::core::Core;
use crate::exchange::dispatch::Call;
use crate::exchange::market::Level;
use crate::exchange::params::Params;
use crate::exchange::record::{FillRecord, Force, OrderRecord, OrderStatus, OrderType, ResponseType, Ticket};
use crate::exchange::wire::{Json, Refused, object, order as wire};
use crate::venue::Displayed;

/// The one desk of an account at its venue.
pub(super) const DESK: DeskId = DeskId(0);

/// `POST /api/v3/order`.
pub(super) fn place(core: &mut Core, call: &Call) -> Result<Json, Refused> {
    let (account, id) = (core.account_of(call), core.symbol(&call.params)?);
    let ticket = core.ticket(&call.params, id, &ALONE)?;
    let response = response_type(&call.params, ticket.kind)?;
    let place = core.place_order(account, ticket)?;
    Ok(core.answer_for(account, place, response))
}

/// `POST /api/v3/order/test`: the same checks, and nothing happens.
pub(super) fn test(core: &mut Core, call: &Call) -> Result<Json, Refused> {
    let (account, id) = (core.account_of(call), core.symbol(&call.params)?);
    let ticket = core.ticket(&call.params, id, &ALONE)?;
    check_against_account(&core.accounts[account], &[&ticket])?;
    if !call.params.is_true("computeCommissionRates") {
        return Ok(object! {});
    }
    let fees = core.listing.instrument(id).fees_at(core.now);
    let places = |rate: crate::domain::Rate| crate::exchange::listing::quantity(rate.units());
    let zero = || object! { "maker": places(crate::domain::Rate::ZERO), "taker": places(crate::domain::Rate::ZERO) };
    Ok(object! {
        "standardCommissionForOrder": object! { "maker": places(fees.maker), "taker": places(fees.taker) },
        "specialCommissionForOrder": zero(),
        "taxCommissionForOrder": zero(),
        "discount": object! {
            "enabledForAccount": false,
            "enabledForSymbol": false,
            "discountAsset": "BNB",
            "discount": places(crate::domain::Rate::ZERO),
        },
    })
}

/// How much the client wants to hear.
pub(super) fn response_type(params: &Params, kind: OrderType) -> Result<ResponseType, Refused> {
    match params.get("newOrderRespType") {
        None if matches!(kind, OrderType::Market | OrderType::Limit) => Ok(ResponseType::Full),
        None | Some("ACK") => Ok(ResponseType::Ack),
        Some("RESULT") => Ok(ResponseType::Result),
        Some("FULL") => Ok(ResponseType::Full),
        Some(_) => Err(Refused::invalid("newOrderRespType")),
    }
}

impl Core {
    /// Sends an order; its place among the account's.
    pub(super) fn place_order(&mut self, account: usize, mut ticket: Ticket) -> Result<usize, Refused> {
        check_against_account(&self.accounts[account], &[&ticket])?;
        self.limits.orders(account, 1, self.now)?;
        if ticket.kind == OrderType::Market {
            self.size_market_order(account, &mut ticket)?;
        }
        let record = self.new_record(ticket, -1);
        let place = self.accounts[account].keep(record);
        let order = venue_order(&self.accounts[account].orders[place], place, Link::None);
        self.send_to_venue(account, Command::Submit(order));
        match self.accounts[account].refusals.get(&place) {
            Some(reason) => Err(refusal(*reason)),
            None => Ok(place),
        }
    }

    /// A record with the next number.
    pub(super) fn new_record(&mut self, ticket: Ticket, list: i64) -> OrderRecord {
        self.next_order += 1;
        OrderRecord {
            number: self.next_order,
            list,
            executed: Quantity::ZERO,
            executed_quote: Amount::ZERO,
            status: OrderStatus::New,
            created: self.now,
            updated: self.now,
            working: (ticket.kind == OrderType::Market).then_some(self.now),
            expiry_reason: None,
            cancel_id: String::new(),
            amends: 0,
            ticket,
        }
    }

    /// What the displayed book still holds for an account.
    pub(super) fn displayed(&self, account: usize, id: InstrumentId) -> [Vec<Level>; 2] {
        let market = &self.markets[usize::from(id.0)];
        let split = self.faults.split(self.now);
        [Side::Sell, Side::Buy].map(|side| {
            let levels = market.ladder().facing(side);
            let left = self.accounts[account].left_of(id, side, market.update(), levels);
            split.of(&left, self.listing.listed(id).lot)
        })
    }

    /// A command meets the account's venue now, and its news are told.
    pub(super) fn send_to_venue(&mut self, account: usize, command: Command) -> Vec<News> {
        let id = instrument_of(&command);
        let [bids, asks] = self.displayed(account, id);
        let is_market = matches!(&command, Command::Submit(order) if order.kind == OrderKind::Market);
        let displayed = Displayed { bids: &bids, asks: &asks };
        if let (true, Command::Submit(order)) = (is_market, &command) {
            self.tell_market_order(account, order.id.0 as usize);
        }
        self.accounts[account].venue.arrive(self.now, command, displayed);
        let news = self.settle(account);
        let taken: Vec<FillRecord> = news.iter().filter_map(|one| one.fill).filter(|fill| !fill.is_maker).collect();
        let update = self.markets[usize::from(id.0)].update();
        self.accounts[account].note_taken(id, update, &taken);
        news
    }

    /// The venue acknowledges a market order by its fills; its owner's stream hears of it first.
    fn tell_market_order(&mut self, account: usize, place: usize) {
        let record = self.accounts[account].orders[place].clone();
        self.next_execution += 1;
        let news = News { order: place, execution: "NEW", fill: None, record };
        let event =
            crate::exchange::wire::report::execution_report(&self.listing, &news, self.next_execution, self.now);
        self.publish_user(account, event);
    }

    /// A market order's quantity, where a sum was given, and whether the account can pay for it.
    fn size_market_order(&mut self, account: usize, ticket: &mut Ticket) -> Result<(), Refused> {
        let (id, side) = (ticket.instrument, ticket.side);
        let (listed, instrument) = (self.listing.listed(id), self.listing.instrument(id));
        let [bids, asks] = self.displayed(account, id);
        let levels = if side == Side::Buy { asks } else { bids };
        if ticket.quote_quantity > 0 {
            // In price units times quantity units, as levels are multiplied below.
            let mut left = i128::from(ticket.quote_quantity) * 100_000_000 / i128::from(listed.tick);
            let mut quantity = 0i64;
            for (price, there) in &levels {
                let most = i64::try_from(left / i128::from(price.units())).unwrap_or(i64::MAX);
                let taken = most.min(there.units());
                left -= i128::from(taken) * i128::from(price.units());
                quantity = quantity.saturating_add(taken);
                if taken < there.units() {
                    break;
                }
            }
            let quantity = quantity - quantity % listed.lot;
            if quantity < listed.lot {
                return Err(Refused::order("Order book liquidity is less than `LOT_SIZE` filter minimum quantity."));
            }
            ticket.quantity = Quantity::from_units(quantity);
        }
        let short = || Refused::order("Account has insufficient balance for requested action.");
        let wallet = self.accounts[account].venue.wallet();
        if side == Side::Sell {
            let enough = wallet.free(instrument.base) >= instrument.base_amount(ticket.quantity);
            return if enough { Ok(()) } else { Err(short()) };
        }
        let mut left = ticket.quantity.units();
        let mut cost = Amount::ZERO;
        for (price, there) in &levels {
            let taken = left.min(there.units());
            let part = instrument.notional(*price, Quantity::from_units(taken)).map_err(|_| short())?;
            cost = cost.plus(part).map_err(|_| short())?;
            left -= taken;
        }
        if wallet.free(instrument.quote) < cost { Err(short()) } else { Ok(()) }
    }

    /// The answer to a new order.
    pub(super) fn answer_for(&self, account: usize, place: usize, response: ResponseType) -> Json {
        let (listing, account) = (&self.listing, &self.accounts[account]);
        let record = &account.orders[place];
        match response {
            ResponseType::Ack => wire::ack(listing, record, record.created),
            ResponseType::Result => wire::result(listing, record, record.created),
            ResponseType::Full => {
                let fills: Vec<FillRecord> =
                    account.fills.iter().rev().take_while(|fill| fill.time >= record.created).copied().collect();
                let mut fills: Vec<FillRecord> = fills.into_iter().filter(|fill| fill.order == place).collect();
                fills.reverse();
                wire::full(listing, record, &fills, record.created)
            }
        }
    }
}

fn instrument_of(command: &Command) -> InstrumentId {
    match command {
        Command::Submit(order) => order.instrument,
        Command::SubmitGroup(group) => group.first().instrument,
        Command::Cancel(target) | Command::Replace(target, _) | Command::Reduce(target, _) => target.instrument,
        Command::CancelReplace(swap) => swap.target.instrument,
    }
}

/// An order as the venue takes it.
pub(super) fn venue_order(record: &OrderRecord, place: usize, link: Link) -> Order {
    let ticket = &record.ticket;
    Order {
        id: OrderId(place as u32),
        desk: DESK,
        instrument: ticket.instrument,
        side: ticket.side,
        kind: venue_kind(ticket),
        quantity: ticket.quantity,
        time_in_force: match ticket.force {
            Force::Gtc => TimeInForce::GoodTillCancelled,
            Force::Ioc => TimeInForce::ImmediateOrCancel,
            Force::Fok => TimeInForce::FillOrKill,
        },
        effect: PositionEffect::Any,
        crossing: if ticket.kind == OrderType::LimitMaker { Crossing::PostOnly } else { Crossing::Allowed },
        link,
        tag: Tag::default(),
    }
}

/// The engine's kind for the exchange's type.
pub(super) fn venue_kind(ticket: &Ticket) -> OrderKind {
    let (price, trigger) = (ticket.price, ticket.stop_price);
    match ticket.kind {
        OrderType::Market => OrderKind::Market,
        OrderType::Limit | OrderType::LimitMaker => OrderKind::Limit { price },
        OrderType::StopLoss => OrderKind::StopMarket { trigger },
        OrderType::StopLossLimit => OrderKind::StopLimit { trigger, price },
        OrderType::TakeProfit => OrderKind::TakeProfit { trigger },
        OrderType::TakeProfitLimit => OrderKind::TakeProfitLimit { trigger, price },
    }
}

/// The exchange's words for the venue's reason.
pub(super) fn refusal(reason: RejectReason) -> Refused {
    match reason {
        RejectReason::PriceFilter
        | RejectReason::LotSize
        | RejectReason::Notional
        | RejectReason::PercentPrice
        | RejectReason::MaximumOpenOrders => Refused::filter(reason.name()),
        RejectReason::InsufficientBalance => Refused::order("Account has insufficient balance for requested action."),
        RejectReason::WouldTake => Refused::order("Order would immediately match and take."),
        RejectReason::UnknownOrder => Refused::unknown_order(),
        RejectReason::ReduceOnly
        | RejectReason::AlreadyExpired
        | RejectReason::Overflow
        | RejectReason::PairRefused
        | RejectReason::NotAttempted => Refused::order("Unsupported order combination"),
    }
}
