//! `fills.csv` and `lots.csv`: every execution, and which closed how much of which.

use super::trail::Trail;
use crate::engine::Outcome;
use crate::error::Result;
use crate::report::facts::RunFacts;
use crate::report::sheet::Sheet;
use std::path::Path;

/// The columns of `fills.csv`.
pub const FILL_COLUMNS: &str = "fill,time,order,trade,desk,symbol,side,price,quantity,leaves,notional,quote,fee,\
fee_asset,slippage,liquidity,certainty,tag";

/// The columns of `lots.csv`.
pub const LOT_COLUMNS: &str = "closing_fill,opening_fill,trade,desk,symbol,quantity,opening_time,opening_price,\
closing_time,closing_price";

/// Writes `fills.csv`.
pub fn write(directory: &Path, outcome: &Outcome, facts: &RunFacts<'_>, trail: &Trail<'_>) -> Result<()> {
    let mut sheet = Sheet::create(directory, "fills.csv", FILL_COLUMNS)?;
    for (number, record) in outcome.records.fills.iter().enumerate() {
        let (fill, instrument) = (&record.fill, facts.instrument(record.instrument));
        let (quote, fee_asset) = (facts.asset(instrument.quote), facts.asset(fill.fee_asset));
        sheet
            .whole(number as u64)
            .time(record.at)
            .whole(record.order.0.into())
            .whole(record.trade.into())
            .text(facts.desk(record.desk))
            .text(&instrument.symbol)
            .text(record.side.name())
            .price(fill.price, instrument.price_decimals)
            .quantity(fill.quantity, instrument.quantity_decimals)
            .quantity(fill.leaves, instrument.quantity_decimals)
            .amount(fill.notional, quote.decimals)
            .text(&quote.code)
            .amount(fill.fee, fee_asset.decimals)
            .text(&fee_asset.code)
            .amount(fill.slippage, quote.decimals)
            .text(fill.liquidity.name())
            .text(fill.certainty.name())
            .text(trail.order(record.order).map_or("", |order| facts.tag(order.open.order.tag)))
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
            .price(opening.fill.price, instrument.price_decimals)
            .time(closing.at)
            .price(closing.fill.price, instrument.price_decimals)
            .end_row()?;
    }
    sheet.finish()
}
