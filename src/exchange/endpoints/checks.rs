//! A new order is read and checked: form first, then precision, then filters, then what the market says.

use crate::domain::{InstrumentId, Price, Quantity, Side};
use crate::exchange::account::Account;
use crate::exchange::core::Core;
use crate::exchange::listing::{
    Listed, MAXIMUM_ALGO_ORDERS, MAXIMUM_ORDERS, MAXIMUM_PRICE, MAXIMUM_QUANTITY, PERCENT_DOWN, PERCENT_UP, Status,
};
use crate::exchange::params::Params;
use crate::exchange::record::{Force, OrderType, Ticket};
use crate::exchange::wire::Refused;

/// Names of a leg's parameters: those of an order alone have none before them.
pub(super) struct LegNames {
    pub kind: &'static str,
    pub force: &'static str,
    pub price: &'static str,
    pub stop_price: &'static str,
    pub trailing_delta: &'static str,
    pub iceberg: &'static str,
    pub client_id: &'static str,
    pub strategy: [&'static str; 2],
}

/// The parameters of an order alone.
pub(super) const ALONE: LegNames = LegNames {
    kind: "type",
    force: "timeInForce",
    price: "price",
    stop_price: "stopPrice",
    trailing_delta: "trailingDelta",
    iceberg: "icebergQty",
    client_id: "newClientOrderId",
    strategy: ["strategyId", "strategyType"],
};

pub(super) fn side(params: &Params) -> Result<Side, Refused> {
    match params.require("side")? {
        "BUY" => Ok(Side::Buy),
        "SELL" => Ok(Side::Sell),
        _ => Err(Refused::new(-1117, "Invalid side.")),
    }
}

impl Core {
    /// Reads one order, or one leg of a list, and checks it for form and against the filters.
    pub(super) fn ticket(&mut self, params: &Params, id: InstrumentId, names: &LegNames) -> Result<Ticket, Refused> {
        let side = side(params)?;
        let kind = OrderType::named(params.require(names.kind)?);
        let kind = kind.ok_or_else(|| Refused::new(-1116, "Invalid orderType."))?;
        let force = force(params, kind, names)?;
        if params.get(names.trailing_delta).is_some() {
            return Err(Refused::order("Trailing stop orders are not supported for this symbol."));
        }
        if params.get(names.iceberg).is_some() {
            return Err(Refused::order("Iceberg orders are not supported for this symbol."));
        }
        if params.get("selfTradePreventionMode").is_some_and(|asked| asked != "NONE") {
            return Err(Refused::new(-1013, "This symbol does not allow the specified self-trade prevention mode."));
        }
        let (quantity, quote_quantity) = sizes(params, kind)?;
        let price = stated(params, names.price, kind.has_price())?;
        let stop_price = stated(params, names.stop_price, kind.is_contingent())?;
        let strategy = [params.integer(names.strategy[0])?, params.integer(names.strategy[1])?];
        if strategy[1].is_some_and(|kind| kind < 1_000_000) {
            return Err(Refused::new(-1134, "`strategyType` was less than 1000000."));
        }
        let client_id = match params.name(names.client_id)? {
            Some(name) => name.to_owned(),
            None => self.make_name(),
        };
        let listed = self.listing.listed(id);
        if listed.status != Status::Trading {
            return Err(Refused::order("Market is closed."));
        }
        check_filters(listed, &[price, stop_price], quantity, kind)?;
        let units = |value: i64| value / listed.tick;
        let ticket = Ticket {
            instrument: id,
            side,
            kind,
            force,
            quantity: Quantity::from_units(quantity),
            quote_quantity,
            price: Price::from_units(units(price)),
            stop_price: Price::from_units(units(stop_price)),
            client_id,
            strategy,
        };
        self.check_against_market(&ticket)?;
        Ok(ticket)
    }

    /// A name for what the client has not named: the same in every run.
    pub(super) fn make_name(&mut self) -> String {
        const LETTERS: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
        self.next_name += 1;
        let mut chance = crate::chance::Chance::new(0x6e61_6d65, self.next_name);
        (0..22).map(|_| char::from(LETTERS[chance.below(62) as usize])).collect()
    }

    /// What depends on prices: the band around the average price, the smallest sum, and which side a stop is on.
    fn check_against_market(&self, ticket: &Ticket) -> Result<(), Refused> {
        let market = &self.markets[usize::from(ticket.instrument.0)];
        let listed = self.listing.listed(ticket.instrument);
        let Some(last) = market.last() else { return Err(Refused::order("Market is closed.")) };
        // The average as a fraction: quote units over base units.
        let (quote, base) = market.average(self.now, 5).unwrap_or((last.price.units().into(), 1));
        let stated = [ticket.price, ticket.stop_price].into_iter().filter(|price| !price.is_zero());
        for price in stated {
            let scaled = i128::from(price.units()) * i128::from(base) * 100;
            if scaled > quote * i128::from(PERCENT_UP) || scaled < quote * i128::from(PERCENT_DOWN) {
                return Err(Refused::filter("PERCENT_PRICE_BY_SIDE"));
            }
        }
        let floor = i128::from(listed.minimum_notional) * 100_000_000 / i128::from(listed.tick);
        let quantity = i128::from(ticket.quantity.units());
        let worth = match (ticket.kind, ticket.quote_quantity) {
            (OrderType::Market, sum) if sum > 0 => i128::from(sum) * 100_000_000 / i128::from(listed.tick),
            (OrderType::Market | OrderType::StopLoss | OrderType::TakeProfit, _) => quote * quantity / i128::from(base),
            _ => i128::from(ticket.price.units()) * quantity,
        };
        if worth < floor {
            return Err(Refused::filter("NOTIONAL"));
        }
        if ticket.kind.is_contingent() {
            let above = ticket.kind.stop_above(ticket.side);
            let beyond = if above { ticket.stop_price > last.price } else { ticket.stop_price < last.price };
            if !beyond {
                return Err(Refused::order("Order would trigger immediately."));
            }
        }
        Ok(())
    }
}

/// What depends on the account: names that are in use, and how many orders are open.
pub(super) fn check_against_account(account: &Account, tickets: &[&Ticket]) -> Result<(), Refused> {
    let id = tickets[0].instrument;
    let open: Vec<&Ticket> = account.open_orders(Some(id)).map(|place| &account.orders[place].ticket).collect();
    for (index, ticket) in tickets.iter().enumerate() {
        let same = |other: &&Ticket| other.client_id == ticket.client_id;
        if open.iter().any(same) || tickets[..index].iter().any(same) {
            return Err(Refused::order("Duplicate order sent."));
        }
    }
    let stay = |ticket: &&&Ticket| ticket.kind != OrderType::Market;
    if open.len() + tickets.iter().filter(stay).count() > MAXIMUM_ORDERS {
        return Err(Refused::filter("MAX_NUM_ORDERS"));
    }
    let contingent = |tickets: &[&Ticket]| tickets.iter().filter(|ticket| ticket.kind.is_contingent()).count();
    if contingent(tickets) > 0 && contingent(&open) + contingent(tickets) > MAXIMUM_ALGO_ORDERS {
        return Err(Refused::filter("MAX_NUM_ALGO_ORDERS"));
    }
    Ok(())
}

fn force(params: &Params, kind: OrderType, names: &LegNames) -> Result<Force, Refused> {
    let takes = kind.has_price() && kind != OrderType::LimitMaker;
    match (params.get(names.force), takes) {
        (None, true) => Err(Refused::mandatory(names.force)),
        (None, false) => Ok(Force::Gtc),
        (Some(_), false) => Err(Refused::not_required(names.force)),
        (Some(name), true) => {
            let force = Force::named(name).ok_or_else(|| Refused::new(-1115, "Invalid timeInForce."))?;
            // A stop that has gone off is an ordinary limit order here: it rests.
            if kind.is_contingent() && force != Force::Gtc {
                return Err(Refused::order("Unsupported order combination"));
            }
            Ok(force)
        }
    }
}

/// Quantity and sum of the quote asset, in units of 1e-8: one of them for a market order, the first for the others.
fn sizes(params: &Params, kind: OrderType) -> Result<(i64, i64), Refused> {
    let (quantity, sum) = (params.decimal("quantity")?, params.decimal("quoteOrderQty")?);
    match (kind, quantity, sum) {
        (OrderType::Market, None, Some(0)) => Err(Refused::new(-1013, "Invalid quantity.")),
        (OrderType::Market, None, Some(sum)) => Ok((0, sum)),
        (OrderType::Market, None, None) => {
            Err(Refused::new(-1102, "Param 'quantity' or 'quoteOrderQty' must be sent, but both were empty/null!"))
        }
        (OrderType::Market, Some(_), Some(_)) => {
            Err(Refused::new(-1128, "Combination of optional parameters invalid."))
        }
        (_, _, Some(_)) => Err(Refused::not_required("quoteOrderQty")),
        (_, None, None) => Err(Refused::mandatory("quantity")),
        (_, Some(0), None) => Err(Refused::new(-1013, "Invalid quantity.")),
        (_, Some(quantity), None) => Ok((quantity, 0)),
    }
}

/// A price that this type of order states, or zero.
fn stated(params: &Params, name: &str, wanted: bool) -> Result<i64, Refused> {
    match (params.decimal(name)?, wanted) {
        (None, true) => Err(Refused::mandatory(name)),
        (None, false) => Ok(0),
        (Some(_), false) => Err(Refused::not_required(name)),
        (Some(0), true) => Err(Refused::new(-1013, "Invalid price.")),
        (Some(price), true) => Ok(price),
    }
}

fn check_filters(listed: &Listed, prices: &[i64], quantity: i64, kind: OrderType) -> Result<(), Refused> {
    for price in prices.iter().filter(|price| **price > 0) {
        if *price > MAXIMUM_PRICE || *price % listed.tick != 0 {
            return Err(Refused::filter("PRICE_FILTER"));
        }
    }
    if quantity > 0 && (quantity < listed.lot || quantity % listed.lot != 0) {
        return Err(Refused::filter("LOT_SIZE"));
    }
    if quantity > MAXIMUM_QUANTITY {
        return Err(Refused::filter(if kind == OrderType::Market { "MARKET_LOT_SIZE" } else { "LOT_SIZE" }));
    }
    Ok(())
}
