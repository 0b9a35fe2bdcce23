//! The exchange's order filters: the same check at the desk before sending and at the venue on arrival.

use crate::domain::{Filters, Instrument, OrderKind, Price, Quantity, Rate, RejectReason, Trail};

/// Whether an order passes the filters, with the exchange's reason when it does not. `last` is the last traded price.
/// Source: Binance's filter definitions (PRICE_FILTER, LOT_SIZE, NOTIONAL, PERCENT_PRICE).
#[inline]
pub fn check(
    instrument: &Instrument,
    filters: &Filters,
    kind: OrderKind,
    quantity: Quantity,
    last: Option<Price>,
) -> Result<(), RejectReason> {
    let units = quantity.units();
    let too_large = filters.maximum_quantity.is_some_and(|maximum| quantity > maximum);
    if units <= 0 || quantity < filters.minimum_quantity || too_large || !is_multiple(units, filters.lot.units()) {
        return Err(RejectReason::LotSize);
    }
    if let Some(price) = kind.limit() {
        check_price(filters, price, last)?;
    }
    if let Some(price) = kind.trigger() {
        check_price(filters, price, last)?;
    }
    if let OrderKind::TrailingStop { trail } = kind {
        let fits = match trail {
            Trail::Distance(distance) => distance.units() > 0 && is_multiple(distance.units(), filters.tick.units()),
            Trail::Fraction(rate) => rate.units() > 0 && rate < Rate::ONE,
        };
        if !fits {
            return Err(RejectReason::PriceFilter);
        }
    }
    if let (false, Some(price)) = (filters.minimum_notional.is_zero(), kind.stated_price().or(last)) {
        let notional = instrument.notional(price, quantity).map_err(|_| RejectReason::Overflow)?;
        if notional < filters.minimum_notional {
            return Err(RejectReason::Notional);
        }
    }
    Ok(())
}

fn check_price(filters: &Filters, price: Price, last: Option<Price>) -> Result<(), RejectReason> {
    if price.units() <= 0 || !is_multiple(price.units(), filters.tick.units()) {
        return Err(RejectReason::PriceFilter);
    }
    if let (Some(band), Some(last)) = (filters.price_band, last) {
        let scaled = i128::from(price.units()) * i128::from(Rate::ONE.units());
        let bound = |rate: Rate| i128::from(last.units()) * i128::from(rate.units());
        if scaled < bound(band.down) || scaled > bound(band.up) {
            return Err(RejectReason::PercentPrice);
        }
    }
    Ok(())
}

#[inline]
fn is_multiple(units: i64, step: i64) -> bool {
    step <= 1 || units % step == 0
}
