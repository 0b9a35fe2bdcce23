//! Cancels, replacements and amendments.

use super::checks::ALONE;
use super::orders::{DESK, response_type, venue_kind};
use crate::domain::{Command, InstrumentId, OrderId, Quantity, Target, Terms};
use crate::exchange::core::Core;
use crate::exchange::dispatch::Call;
use crate::exchange::listing::quantity;
use crate::exchange::params::Params;
use crate::exchange::record::{OrderRecord, OrderStatus};
use crate::exchange::wire::{Json, Refused, object, order as wire};

/// `DELETE /api/v3/order`.
pub(super) fn cancel(core: &mut Core, call: &Call) -> Result<Json, Refused> {
    let (account, id) = (core.account_of(call), core.symbol(&call.params)?);
    let place = core.named_order(account, id, &call.params, ("orderId", "origClientOrderId"))?;
    let place = core.cancel_order(account, place, &call.params, "newClientOrderId")?;
    Ok(wire::cancelled(&core.listing, &core.accounts[account].orders[place], core.now))
}

/// `DELETE /api/v3/openOrders`.
pub(super) fn cancel_all(core: &mut Core, call: &Call) -> Result<Json, Refused> {
    let (account, id) = (core.account_of(call), core.symbol(&call.params)?);
    let open: Vec<usize> = core.accounts[account].open_orders(Some(id)).collect();
    if open.is_empty() {
        return Err(Refused::unknown_order());
    }
    let mut told = Vec::new();
    let name = core.make_name();
    for place in open {
        if !core.accounts[account].orders[place].status.is_open() {
            continue;
        }
        core.cancel_open(account, place, &name)?;
        let (listing, owner) = (&core.listing, &core.accounts[account]);
        let record = &owner.orders[place];
        let list = owner.lists.iter().find(|list| list.number == record.list);
        let report = |record: &OrderRecord| wire::cancelled(listing, record, core.now);
        told.push(match list {
            Some(list) => wire::list_with_reports(listing, owner, list, report),
            None => report(record),
        });
    }
    Ok(Json::List(told))
}

impl Core {
    /// Cancels the order that was named, if it is open and the request's restrictions allow it.
    fn cancel_order(
        &mut self,
        account: usize,
        place: Option<usize>,
        params: &Params,
        name: &str,
    ) -> Result<usize, Refused> {
        let wanted = match params.get("cancelRestrictions") {
            None => None,
            Some("ONLY_NEW") => Some(OrderStatus::New),
            Some("ONLY_PARTIALLY_FILLED") => Some(OrderStatus::PartiallyFilled),
            Some(_) => {
                let text = "`cancelRestrictions` has to be either `ONLY_NEW` or `ONLY_PARTIALLY_FILLED`.";
                return Err(Refused::new(-1145, text));
            }
        };
        let given = params.name(name)?.map(str::to_owned);
        let place = place.filter(|place| self.accounts[account].orders[*place].status.is_open());
        let place = place.ok_or_else(Refused::unknown_order)?;
        if wanted.is_some_and(|wanted| self.accounts[account].orders[place].status != wanted) {
            return Err(Refused::new(-2011, "Order was not canceled due to cancel restrictions."));
        }
        let cancel_id = given.unwrap_or_else(|| self.make_name());
        self.cancel_open(account, place, &cancel_id)?;
        Ok(place)
    }

    /// Cancels an open order, and the other of its list with it.
    pub(super) fn cancel_open(&mut self, account: usize, place: usize, cancel_id: &str) -> Result<(), Refused> {
        if self.faults.cancel_loses(self.now) {
            self.fill_before_cancel(account, place);
        }
        let owner = &mut self.accounts[account];
        let list = owner.orders[place].list;
        let of_list = owner.lists.iter().find(|known| known.number == list).map(|known| known.orders.clone());
        for place in of_list.unwrap_or_else(|| vec![place]) {
            cancel_id.clone_into(&mut owner.orders[place].cancel_id);
        }
        owner.change_refused = None;
        let target = target(owner.orders[place].ticket.instrument, place);
        self.send_to_venue(account, Command::Cancel(target));
        match self.accounts[account].change_refused.take() {
            Some(_) => Err(Refused::unknown_order()),
            None => Ok(()),
        }
    }
}

fn target(instrument: InstrumentId, place: usize) -> Target {
    Target { desk: DESK, instrument, order: OrderId(place as u32) }
}

/// `POST /api/v3/order/cancelReplace`.
pub(super) fn cancel_replace(core: &mut Core, call: &Call) -> Result<Json, Refused> {
    let (account, id) = (core.account_of(call), core.symbol(&call.params)?);
    let goes_on = match call.params.require("cancelReplaceMode")? {
        "STOP_ON_FAILURE" => false,
        "ALLOW_FAILURE" => true,
        _ => return Err(Refused::invalid("cancelReplaceMode")),
    };
    let names = ("cancelOrderId", "cancelOrigClientOrderId");
    let old = core.named_order(account, id, &call.params, names)?;
    // The form of the new order is checked before anything happens.
    let ticket = core.ticket(&call.params, id, &ALONE)?;
    let response = response_type(&call.params, ticket.kind)?;
    let cancelled = core.cancel_order(account, old, &call.params, "cancelNewClientOrderId");
    let cancel_answer = match &cancelled {
        Ok(place) => wire::cancelled(&core.listing, &core.accounts[account].orders[*place], core.now),
        Err(refused) => refused.body(),
    };
    let placed = (cancelled.is_ok() || goes_on).then(|| core.place_order(account, ticket));
    let (word, new_answer) = match &placed {
        None => ("NOT_ATTEMPTED", Json::Null),
        Some(Ok(place)) => ("SUCCESS", core.answer_for(account, *place, response)),
        Some(Err(refused)) => ("FAILURE", refused.body()),
    };
    let both = object! {
        "cancelResult": if cancelled.is_ok() { "SUCCESS" } else { "FAILURE" },
        "newOrderResult": word,
        "cancelResponse": cancel_answer,
        "newOrderResponse": new_answer,
    };
    match (cancelled.is_ok(), placed.is_some_and(|placed| placed.is_ok())) {
        (true, true) => Ok(both),
        (false, false) => {
            let data = Some(Box::new(both));
            Err(Refused { data, ..Refused::new(-2022, "Order cancel-replace failed.") })
        }
        (true, false) | (false, true) => {
            let (status, data) = (409, Some(Box::new(both)));
            Err(Refused { status, data, ..Refused::new(-2021, "Order cancel-replace partially failed.") })
        }
    }
}

/// `PUT /api/v3/order/amend/keepPriority`.
pub(super) fn amend(core: &mut Core, call: &Call) -> Result<Json, Refused> {
    let (account, id) = (core.account_of(call), core.symbol(&call.params)?);
    let place = core.named_order(account, id, &call.params, ("orderId", "origClientOrderId"))?;
    let wanted = call.params.decimal("newQty")?.ok_or_else(|| Refused::mandatory("newQty"))?;
    let place = place.filter(|place| core.accounts[account].orders[*place].status.is_open());
    let place = place.ok_or_else(|| Refused::new(-2013, "Order does not exist."))?;
    let record = &core.accounts[account].orders[place];
    if wanted == 0 || wanted % core.listing.listed(id).lot != 0 || wanted <= record.executed.units() {
        return Err(Refused::filter("LOT_SIZE"));
    }
    if wanted >= record.ticket.quantity.units() {
        return Err(Refused::new(-2038, "Order amend (quantity increase) is not supported."));
    }
    if record.amends >= 10 {
        return Err(Refused::new(-2038, "Filter failure: MAX_NUM_ORDER_AMENDS"));
    }
    let original = record.ticket.client_id.clone();
    let terms = Terms { kind: venue_kind(&record.ticket), quantity: Quantity::from_units(wanted) };
    let name = match call.params.name("newClientOrderId")? {
        Some(name) => name.to_owned(),
        None => original.clone(),
    };
    core.accounts[account].change_refused = None;
    core.accounts[account].orders[place].ticket.client_id = name;
    core.send_to_venue(account, Command::Reduce(target(id, place), terms));
    if let Some(reason) = core.accounts[account].change_refused.take() {
        core.accounts[account].orders[place].ticket.client_id = original;
        return Err(super::orders::refusal(reason));
    }
    let (listing, record) = (&core.listing, &core.accounts[account].orders[place]);
    let quote = listing.instrument(id).quote;
    Ok(object! {
        "transactTime": core.now,
        "executionId": core.next_execution,
        "amendedOrder": object! {
            "symbol": &listing.listed(id).spec.symbol,
            "orderId": record.number,
            "orderListId": record.list,
            "origClientOrderId": original,
            "clientOrderId": &record.ticket.client_id,
            "price": listing.price(id, record.ticket.price.units()),
            "qty": quantity(record.ticket.quantity.units()),
            "executedQty": quantity(record.executed.units()),
            "preventedQty": quantity(0),
            "quoteOrderQty": quantity(0),
            "cumulativeQuoteQty": listing.amount(quote, record.executed_quote),
            "status": record.status.name(),
            "timeInForce": record.ticket.force.name(),
            "type": record.ticket.kind.name(),
            "side": wire::side(record.ticket.side),
            "workingTime": record.working.map_or(Json::Integer(-1), Json::Time),
            "selfTradePreventionMode": "NONE",
        },
    })
}
