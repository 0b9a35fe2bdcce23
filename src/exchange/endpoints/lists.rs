//! Order lists: two orders of which only one may fill (OCO).

use super::checks::{LegNames, check_against_account, side};
use super::orders::{refusal, venue_order};
use crate::domain::{Command, Group, Link, OrderId, RejectReason, Side};
use crate::exchange::core::Core;
use crate::exchange::dispatch::Call;
use crate::exchange::params::Params;
use crate::exchange::record::{ListRecord, OrderRecord, OrderType, ResponseType, Ticket};
use crate::exchange::wire::report::list_status_event;
use crate::exchange::wire::{Json, Refused, order as wire};

const ABOVE: LegNames = LegNames {
    kind: "aboveType",
    force: "aboveTimeInForce",
    price: "abovePrice",
    stop_price: "aboveStopPrice",
    trailing_delta: "aboveTrailingDelta",
    iceberg: "aboveIcebergQty",
    client_id: "aboveClientOrderId",
    strategy: ["aboveStrategyId", "aboveStrategyType"],
};

const BELOW: LegNames = LegNames {
    kind: "belowType",
    force: "belowTimeInForce",
    price: "belowPrice",
    stop_price: "belowStopPrice",
    trailing_delta: "belowTrailingDelta",
    iceberg: "belowIcebergQty",
    client_id: "belowClientOrderId",
    strategy: ["belowStrategyId", "belowStrategyType"],
};

/// `POST /api/v3/orderList/oco`.
pub(super) fn place_oco(core: &mut Core, call: &Call) -> Result<Json, Refused> {
    let (account, id) = (core.account_of(call), core.symbol(&call.params)?);
    check_types(&call.params)?;
    let response = match call.params.get("newOrderRespType") {
        None | Some("ACK") => ResponseType::Ack,
        Some("RESULT") => ResponseType::Result,
        Some("FULL") => ResponseType::Full,
        Some(_) => return Err(Refused::invalid("newOrderRespType")),
    };
    let above = core.ticket(&call.params, id, &ABOVE)?;
    let below = core.ticket(&call.params, id, &BELOW)?;
    if level(&above) <= level(&below) {
        return Err(Refused::order("The relationship of the prices for the orders is not correct."));
    }
    check_against_account(&core.accounts[account], &[&above, &below])?;
    core.limits.orders(account, 2, core.now)?;
    let client_id = match call.params.name("listClientOrderId")? {
        Some(name) => name.to_owned(),
        None => core.make_name(),
    };
    core.next_list += 1;
    let (number, now) = (core.next_list, core.now);
    // As on the exchange, the order that waits for its stop comes first.
    let tickets = if below.kind.is_contingent() { [below, above] } else { [above, below] };
    let records = tickets.map(|ticket| core.new_record(ticket, number));
    let places = records.map(|record| core.accounts[account].keep(record));
    let owner = &mut core.accounts[account];
    owner.lists.push(ListRecord { number, client_id, instrument: id, orders: places.to_vec(), created: now });
    let [one, other] = places;
    let linked = |place: usize, sibling: usize| {
        venue_order(&owner.orders[place], place, Link::Pair { sibling: OrderId(sibling as u32) })
    };
    let pair = Group::Pair([linked(one, other), linked(other, one)]);
    core.send_to_venue(account, Command::SubmitGroup(Box::new(pair)));
    let owner = &core.accounts[account];
    let reasons: Vec<RejectReason> = places.iter().filter_map(|place| owner.refusals.get(place).copied()).collect();
    if let Some(reason) = reasons.iter().find(|reason| **reason != RejectReason::PairRefused).or(reasons.first()) {
        let refused = refusal(*reason);
        core.accounts[account].lists.pop();
        return Err(refused);
    }
    let list = owner.lists.last().expect("the list was just made").clone();
    let event = list_status_event(&core.listing, owner, &list, now);
    core.publish_user(account, event);
    let owner = &core.accounts[account];
    let report = |record: &OrderRecord| match response {
        ResponseType::Ack => wire::ack(&core.listing, record, now),
        ResponseType::Result | ResponseType::Full => wire::result(&core.listing, record, now),
    };
    Ok(wire::list_with_reports(&core.listing, owner, &list, report))
}

/// Which types may stand above and below.
fn check_types(params: &Params) -> Result<(), Refused> {
    let side = side(params)?;
    let read =
        |name: &str| OrderType::named(params.require(name)?).ok_or_else(|| Refused::new(-1116, "Invalid orderType."));
    let (above, below) = (read("aboveType")?, read("belowType")?);
    let of_stop = |kind: OrderType| matches!(kind, OrderType::StopLoss | OrderType::StopLossLimit);
    let of_profit =
        |kind: OrderType| matches!(kind, OrderType::LimitMaker | OrderType::TakeProfit | OrderType::TakeProfitLimit);
    let refuse = |code: i64, text: &str| Err(Refused::new(code, text));
    if [above, below].iter().any(|kind| !of_stop(*kind) && !of_profit(*kind)) {
        return refuse(-1158, "Order type not supported in OCO.");
    }
    if above == OrderType::LimitMaker && below == OrderType::LimitMaker {
        return refuse(-1168, "At least one OCO order must be contingent.");
    }
    let (stop, profit) = if side == Side::Buy { (above, below) } else { (below, above) };
    match side {
        Side::Buy if stop == OrderType::LimitMaker => refuse(-1165, "A limit order in a buy OCO must be below."),
        Side::Sell if stop == OrderType::LimitMaker => refuse(-1166, "A limit order in a sell OCO must be above."),
        Side::Buy if of_stop(profit) => refuse(-1196, "A stop loss order in a buy OCO must be above."),
        Side::Sell if of_stop(profit) => refuse(-1197, "A stop loss order in a sell OCO must be below."),
        Side::Buy if of_profit(stop) => refuse(-1198, "A take profit order in a buy OCO must be below."),
        Side::Sell if of_profit(stop) => refuse(-1199, "A take profit order in a sell OCO must be above."),
        Side::Buy | Side::Sell => Ok(()),
    }
}

/// Where a leg acts: its stop price, or its limit.
fn level(ticket: &Ticket) -> crate::domain::Price {
    if ticket.kind.is_contingent() { ticket.stop_price } else { ticket.price }
}

/// Lists that the exchange knows and this one does not take.
pub(super) fn unsupported(core: &mut Core, call: &Call) -> Result<Json, Refused> {
    core.symbol(&call.params)?;
    Err(Refused::order("OTO orders are not supported for this symbol."))
}

impl Core {
    /// The list that a request names.
    fn named_list(&self, account: usize, params: &Params, name: &str) -> Result<Option<ListRecord>, Refused> {
        let (number, client_id) = (params.integer("orderListId")?, params.name(name)?);
        if number.is_none() && client_id.is_none() {
            let text = format!("Param '{name}' or 'orderListId' must be sent, but both were empty/null!");
            return Err(Refused::new(-1102, text));
        }
        let fits = |list: &&ListRecord| {
            number.is_none_or(|number| list.number == number)
                && client_id.is_none_or(|client_id| list.client_id == client_id)
        };
        Ok(self.accounts[account].lists.iter().rev().find(fits).cloned())
    }
}

/// `DELETE /api/v3/orderList`.
pub(super) fn cancel_list(core: &mut Core, call: &Call) -> Result<Json, Refused> {
    let (account, id) = (core.account_of(call), core.symbol(&call.params)?);
    let list = core.named_list(account, &call.params, "listClientOrderId")?.filter(|list| list.instrument == id);
    let list = list.ok_or_else(Refused::unknown_order)?;
    let open = list.orders.iter().find(|place| core.accounts[account].orders[**place].status.is_open());
    let place = *open.ok_or_else(Refused::unknown_order)?;
    let name = match call.params.name("newClientOrderId")? {
        Some(name) => name.to_owned(),
        None => core.make_name(),
    };
    core.cancel_open(account, place, &name)?;
    let report = |record: &OrderRecord| wire::cancelled(&core.listing, record, core.now);
    Ok(wire::list_with_reports(&core.listing, &core.accounts[account], &list, report))
}

/// `GET /api/v3/orderList`.
pub(super) fn list(core: &mut Core, call: &Call) -> Result<Json, Refused> {
    let account = core.account_of(call);
    let list = core.named_list(account, &call.params, "origClientOrderId")?;
    let list = list.ok_or_else(|| Refused::new(-2018, "Order list does not exist."))?;
    Ok(wire::list(&core.listing, &core.accounts[account], &list))
}

/// `GET /api/v3/allOrderList`.
pub(super) fn all_lists(core: &mut Core, call: &Call) -> Result<Json, Refused> {
    let account = &core.accounts[core.account_of(call)];
    let limit = call.params.limit(500, 1_000)?;
    let from = call.params.integer("fromId")?;
    let fits = |list: &&ListRecord| from.is_none_or(|from| list.number >= from);
    let rows = account.lists.iter().filter(fits).take(limit);
    Ok(Json::List(rows.map(|list| wire::list(&core.listing, account, list)).collect()))
}

/// `GET /api/v3/openOrderList`.
pub(super) fn open_lists(core: &mut Core, call: &Call) -> Result<Json, Refused> {
    let account = &core.accounts[core.account_of(call)];
    let is_open = |list: &&ListRecord| list.orders.iter().any(|place| account.orders[*place].status.is_open());
    let rows = account.lists.iter().filter(is_open);
    Ok(Json::List(rows.map(|list| wire::list(&core.listing, account, list)).collect()))
}
