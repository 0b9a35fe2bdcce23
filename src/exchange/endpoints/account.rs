//! Answers to questions for the asker's own account.

use crate::domain::{InstrumentId, Span, Timestamp};
use crate::exchange::account::Account;
use crate::exchange::core::Core;
use crate::exchange::dispatch::Call;
use crate::exchange::limits::RuleKind;
use crate::exchange::listing::quantity;
use crate::exchange::params::Params;
use crate::exchange::record::{FillRecord, OrderRecord, OrderStatus};
use crate::exchange::wire::{Json, Refused, object, order as wire};

type Answer = Result<Json, Refused>;

impl Core {
    /// The asker's account. Only questions that are signed come here.
    pub(super) fn account_of(&self, call: &Call) -> usize {
        call.account.expect("who asks for an account has proved whose it is")
    }

    /// The order that a request names; none when there is no such order.
    pub(super) fn named_order(
        &self,
        account: usize,
        id: InstrumentId,
        params: &Params,
        names: (&str, &str),
    ) -> Result<Option<usize>, Refused> {
        let (number, client_id) = (params.integer(names.0)?, params.name(names.1)?);
        let account = &self.accounts[account];
        match (number, client_id) {
            (None, None) => {
                let text = format!("Param '{}' or '{}' must be sent, but both were empty/null!", names.1, names.0);
                Err(Refused::new(-1102, text))
            }
            (Some(number), None) => Ok(account.by_number(id, number)),
            (None, Some(client_id)) => Ok(account.by_client_id(id, client_id)),
            (Some(number), Some(client_id)) => {
                let place = account.by_number(id, number);
                Ok(place.filter(|place| account.orders[*place].ticket.client_id == client_id))
            }
        }
    }
}

pub(super) fn order(core: &mut Core, call: &Call) -> Answer {
    let (account, id) = (core.account_of(call), core.symbol(&call.params)?);
    let place = core.named_order(account, id, &call.params, ("orderId", "origClientOrderId"))?;
    let place = place.ok_or_else(|| Refused::new(-2013, "Order does not exist."))?;
    Ok(wire::queried(&core.listing, &core.accounts[account].orders[place]))
}

pub(super) fn open_orders(core: &mut Core, call: &Call) -> Answer {
    let account = &core.accounts[core.account_of(call)];
    let id = match call.params.get("symbol") {
        Some(_) => Some(core.symbol(&call.params)?),
        None => None,
    };
    let rows = account.open_orders(id).map(|place| wire::queried(&core.listing, &account.orders[place]));
    Ok(Json::List(rows.collect()))
}

/// The span of a question for history, checked: a day at most.
fn window(params: &Params) -> Result<(Option<Timestamp>, Option<Timestamp>), Refused> {
    let (begin, end) = (params.time("startTime")?, params.time("endTime")?);
    if let (Some(begin), Some(end)) = (begin, end) {
        if end < begin {
            return Err(Refused::new(-1127, "Lookup interval is too big."));
        }
        if end.since(begin) > Span::DAY {
            return Err(Refused::new(-1127, "More than 24 hours between startTime and endTime."));
        }
    }
    Ok((begin, end))
}

pub(super) fn all_orders(core: &mut Core, call: &Call) -> Answer {
    let (account, id) = (&core.accounts[core.account_of(call)], core.symbol(&call.params)?);
    let limit = call.params.limit(500, 1_000)?;
    let from = call.params.integer("orderId")?;
    let (begin, end) = window(&call.params)?;
    let fits = |record: &&OrderRecord| {
        record.ticket.instrument == id
            && record.status != OrderStatus::Rejected
            && from.is_none_or(|from| record.number >= from)
            && begin.is_none_or(|begin| record.created >= begin)
            && end.is_none_or(|end| record.created <= end)
    };
    let rows: Vec<&OrderRecord> = account.orders.iter().filter(fits).collect();
    let rows = section(&rows, from.is_some() || begin.is_some(), limit);
    Ok(Json::List(rows.iter().map(|record| wire::queried(&core.listing, record)).collect()))
}

/// The first rows where a beginning was given, else the last.
fn section<T>(rows: &[T], from_start: bool, limit: usize) -> &[T] {
    if from_start { &rows[..limit.min(rows.len())] } else { &rows[rows.len().saturating_sub(limit)..] }
}

pub(super) fn my_trades(core: &mut Core, call: &Call) -> Answer {
    let (account, id) = (&core.accounts[core.account_of(call)], core.symbol(&call.params)?);
    let limit = call.params.limit(500, 1_000)?;
    let (order, from) = (call.params.integer("orderId")?, call.params.integer("fromId")?);
    let (begin, end) = window(&call.params)?;
    if (from.is_some() && (begin.is_some() || end.is_some())) || (order.is_some() && (begin.is_some() || end.is_some()))
    {
        return Err(Refused::new(-1128, "Combination of optional parameters invalid."));
    }
    let of = |account: &Account, fill: &FillRecord| {
        let record = &account.orders[fill.order];
        record.ticket.instrument == id && order.is_none_or(|order| record.number == order)
    };
    let fits = |fill: &&FillRecord| {
        of(account, fill)
            && from.is_none_or(|from| fill.id >= from)
            && begin.is_none_or(|begin| fill.time >= begin)
            && end.is_none_or(|end| fill.time <= end)
    };
    let rows: Vec<&FillRecord> = account.fills.iter().filter(fits).collect();
    let rows = section(&rows, from.is_some() || begin.is_some(), limit);
    Ok(Json::List(rows.iter().map(|fill| wire::trade(&core.listing, account, fill)).collect()))
}

pub(super) fn account(core: &mut Core, call: &Call) -> Answer {
    let account = core.account_of(call);
    let omit = call.params.is_true("omitZeroBalances");
    Ok(wire::account(&core.listing, &core.accounts[account], account as i64 + 1, omit))
}

/// Rates of maker and taker, and nothing for buyer and seller.
fn rates(maker: &str, taker: &str) -> Json {
    object! { "maker": maker, "taker": taker, "buyer": quantity(0), "seller": quantity(0) }
}

pub(super) fn commission(core: &mut Core, call: &Call) -> Answer {
    let id = core.symbol(&call.params)?;
    let fees = core.listing.instrument(id).fees_at(core.now);
    let (zero, rate) = (quantity(0), |rate: crate::domain::Rate| quantity(rate.units()));
    Ok(object! {
        "symbol": &core.listing.listed(id).spec.symbol,
        "standardCommission": rates(&rate(fees.maker), &rate(fees.taker)),
        "specialCommission": rates(&zero, &zero),
        "taxCommission": rates(&zero, &zero),
        "discount": object! {
            "enabledForAccount": false,
            "enabledForSymbol": false,
            "discountAsset": "BNB",
            "discount": &zero,
        },
    })
}

pub(super) fn trade_fees(core: &mut Core, _: &Call) -> Answer {
    let row = |index: usize| {
        let id = InstrumentId(index as u16);
        let fees = core.listing.instrument(id).fees_at(core.now);
        object! {
            "symbol": &core.listing.listed(id).spec.symbol,
            "makerCommission": quantity(fees.maker.units()),
            "takerCommission": quantity(fees.taker.units()),
        }
    };
    Ok(Json::List((0..core.markets.len()).map(row).collect()))
}

pub(super) fn order_limits(core: &mut Core, call: &Call) -> Answer {
    let used = core.limits.used("", call.account, core.now);
    let row = |(rule, count): (&'static crate::exchange::limits::Rule, i64)| {
        object! {
            "rateLimitType": rule.kind.name(),
            "interval": rule.interval,
            "intervalNum": rule.count,
            "limit": rule.limit,
            "count": count,
        }
    };
    Ok(Json::List(used.into_iter().filter(|used| used.0.kind == RuleKind::Orders).map(row).collect()))
}

/// There is nothing of this kind here.
pub(super) fn none(_: &mut Core, _: &Call) -> Answer {
    Ok(Json::List(Vec::new()))
}

/// The way that is gone.
pub(super) fn gone(_: &mut Core, _: &Call) -> Answer {
    Err(Refused { status: 410, ..Refused::new(-1020, "This operation is not supported.") })
}
