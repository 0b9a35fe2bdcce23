//! `fills.csv` and `lots.csv`: every execution, and which closed how much of which.

use crate::domain::Overflow;
use crate::engine::Outcome;
use crate::error::{Fault, Result};
use crate::report::facts::RunFacts;
use crate::report::sheet::Sheet;
use crate::report::trail::Trail;
use std::path::Path;

/// The columns of `fills.csv`.
pub const FILL_COLUMNS: &str = "fill,time,order,trade,desk,symbol,side,price,quantity,notional,quote,fee,\
fee_asset,slippage,liquidity,certainty,tag";

/// The columns of `lots.csv`.
pub const LOT_COLUMNS: &str = "closing_fill,opening_fill,trade,desk,symbol,quantity,opening_time,opening_price,\
closing_time,closing_price";

/// Writes `fills.csv`.
pub fn write(directory: &Path, outcome: &Outcome, facts: &RunFacts<'_>, trail: &Trail<'_>) -> Result<()> {
    let mut sheet = Sheet::create(directory, "fills.csv", FILL_COLUMNS)?;
    for (number, fill) in outcome.records.fills.iter().enumerate() {
        let instrument = facts.instrument(fill.instrument);
        let (quote, fee_asset) = (facts.asset(instrument.quote), facts.asset(fill.fee_asset));
        let money = |price| {
            instrument.notional(price, fill.quantity).map_err(|Overflow| {
                Fault::failure(format!("writing fill {number}: an amount left the range of exact integers"))
            })
        };
        sheet
            .whole(number as u64)
            .time(fill.at)
            .whole(fill.order.0.into())
            .whole(fill.trade.into())
            .text(facts.desk(fill.desk))
            .text(&instrument.symbol)
            .text(fill.side.name())
            .price(fill.price, instrument.price_decimals)
            .quantity(fill.quantity, instrument.quantity_decimals)
            .amount(money(fill.price)?, quote.decimals)
            .text(&quote.code)
            .amount(fill.fee, fee_asset.decimals)
            .text(&fee_asset.code)
            .amount(money(fill.slipped)?, quote.decimals)
            .text(fill.liquidity.name())
            .text(fill.certainty.name())
            .text(trail.order(fill.order).map_or("", |order| facts.tag(order.tag)))
            .end_row()?;
    }
    sheet.finish()
}

/// Writes `lots.csv`.
pub fn write_lots(directory: &Path, outcome: &Outcome, facts: &RunFacts<'_>) -> Result<()> {
    let mut sheet = Sheet::create(directory, "lots.csv", LOT_COLUMNS)?;
    for lot in &outcome.records.lots {
        let (closing, opening) =
            (&outcome.records.fills[lot.closing as usize], &outcome.records.fills[lot.opening as usize]);
        let instrument = facts.instrument(closing.instrument);
        sheet
            .whole(lot.closing.into())
            .whole(lot.opening.into())
            .whole(closing.trade.into())
            .text(facts.desk(closing.desk))
            .text(&instrument.symbol)
            .quantity(lot.quantity, instrument.quantity_decimals)
            .time(opening.at)
            .price(opening.price, instrument.price_decimals)
            .time(closing.at)
            .price(closing.price, instrument.price_decimals)
            .end_row()?;
    }
    sheet.finish()
}
