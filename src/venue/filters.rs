//! The exchange's order filters: the same check at the desk before sending and at the venue on arrival.

use crate::domain::{Filters, Instrument, OrderKind, Price, Quantity, Rate, RejectReason};

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
    let price = match kind.stated_price() {
        Some(price) => {
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
            Some(price)
        }
        None => last,
    };
    if let (false, Some(price)) = (filters.minimum_notional.is_zero(), price) {
        let notional = instrument.notional(price, quantity).map_err(|_| RejectReason::Overflow)?;
        if notional < filters.minimum_notional {
            return Err(RejectReason::Notional);
        }
    }
    Ok(())
}

#[inline]
fn is_multiple(units: i64, step: i64) -> bool {
    step <= 1 || units % step == 0
}
