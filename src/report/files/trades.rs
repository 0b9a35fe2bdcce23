//! `trades.csv`: the round trips, those still open at the end included.

use crate::domain::{Amount, ClosedTrade, Direction, Overflow, Price};
use crate::engine::Outcome;
use crate::error::Result;
use crate::report::facts::RunFacts;
use crate::report::sheet::Sheet;
use crate::report::trail::Trail;
use std::path::Path;

/// The file's columns.
pub const COLUMNS: &str = "trade,desk,symbol,direction,status,entry_time,exit_time,duration_seconds,quantity,\
entry_price,exit_price,profit,profit_percent,fees,slippage,mae,mfe,mae_percent,mfe_percent,worst_price,best_price,\
entry_notional,exit_notional,quote,entry_fills,exit_fills,ambiguous_fills,entry_tag,exit_tag,exit_reason,stop_price,target_price";

/// Decimals of a percentage.
const PERCENT_DECIMALS: u8 = 6;
/// Decimals of an average price beyond the instrument's own.
const AVERAGE_DECIMALS: u8 = 8;

/// Writes the file.
pub fn write(directory: &Path, outcome: &Outcome, facts: &RunFacts<'_>, trail: &Trail<'_>) -> Result<()> {
    let mut sheet = Sheet::create(directory, "trades.csv", COLUMNS)?;
    for trade in &outcome.records.trades {
        row(&mut sheet, facts, trail, trade, "closed")?;
    }
    for trade in &outcome.open_trades {
        row(&mut sheet, facts, trail, trade, "open")?;
    }
    sheet.finish()
}

fn row(
    sheet: &mut Sheet,
    facts: &RunFacts<'_>,
    trail: &Trail<'_>,
    trade: &ClosedTrade,
    status: &'static str,
) -> Result<()> {
    let instrument = facts.instrument(trade.instrument);
    let quote = facts.asset(instrument.quote);
    let (prices, quantities, money) = (instrument.price_decimals, instrument.quantity_decimals, quote.decimals);
    // One quantity unit at a price of one unit, in ledger units: what turns a notional into an average price.
    let per_price = |units: i64| i128::from(units) * i128::from(instrument.quote_factor) * 10i128.pow(prices.into());
    let average = (prices + AVERAGE_DECIMALS).min(20);
    let entry_notional = trade.entry_notional.units();
    let percent = |part: Amount| Amount::from_units(part.units().saturating_mul(100));
    let excursion = |price| excursion(facts, trade, price).unwrap_or(Amount::ZERO);
    let (mae, mfe) = (excursion(trade.worst_price), excursion(trade.best_price));
    sheet
        .whole(trade.number.into())
        .text(facts.desk(trade.desk))
        .text(&instrument.symbol)
        .text(trade.direction.name())
        .text(status)
        .time(trade.entry_time)
        .time(trade.exit_time)
        .seconds(trade.exit_time.since(trade.entry_time))
        .quantity(trade.quantity, quantities)
        .quotient(trade.entry_notional, per_price(trade.quantity.units()), average)
        .quotient(trade.exit_notional, per_price(trail.closed_quantity(trade)), average)
        .amount(trade.profit, money)
        .quotient(percent(trade.profit), entry_notional, PERCENT_DECIMALS)
        .amount(trade.fees, money)
        .amount(trade.slippage, money)
        .amount(mae, money)
        .amount(mfe, money)
        .quotient(percent(mae), entry_notional, PERCENT_DECIMALS)
        .quotient(percent(mfe), entry_notional, PERCENT_DECIMALS)
        .price(trade.worst_price, prices)
        .price(trade.best_price, prices)
        .amount(trade.entry_notional, money)
        .amount(trade.exit_notional, money)
        .text(&quote.code)
        .whole(trade.entry_fills.into())
        .whole(trade.exit_fills.into())
        .whole(trade.ambiguous_fills.into())
        .text(facts.tag(trade.entry_tag))
        .text(facts.tag(trade.exit_tag))
        .text(trail.exit_reason(trade));
    for level in [trail.stop(trade), trail.target(trade)] {
        match level {
            Some(price) => sheet.price(price, prices),
            None => sheet.nothing(),
        };
    }
    sheet.end_row()
}

/// The result before fees if all that was opened had been closed at `price`.
fn excursion(facts: &RunFacts<'_>, trade: &ClosedTrade, price: Price) -> std::result::Result<Amount, Overflow> {
    let worth = facts.instrument(trade.instrument).notional(price, trade.quantity)?;
    match trade.direction {
        Direction::Long => worth.minus(trade.entry_notional),
        Direction::Short => trade.entry_notional.minus(worth),
    }
}
