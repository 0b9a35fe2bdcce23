//! `trades.csv`: the round trips, those still open at the end included.

use crate::domain::{Amount, ClosedTrade, Direction, Overflow, Price};
use crate::engine::Outcome;
use crate::error::{Fault, Result};
use crate::report::facts::RunFacts;
use crate::report::sheet::Sheet;
use crate::report::trail::Trail;
use std::path::Path;

/// The file's columns.
pub const COLUMNS: &str = "trade,desk,symbol,direction,status,entry_time,exit_time,duration_seconds,quantity,\
entry_price,exit_price,profit,profit_percent,fees,slippage,mae,mfe,mae_percent,mfe_percent,worst_price,best_price,\
entry_notional,exit_notional,quote,entry_fills,exit_fills,ambiguous_fills,entry_tag,exit_tag,exit_reason,stop_price,target_price,\
initial_stop_price,entry_order,exit_order,entry_candle,exit_candle,end_drawdown,cumulative_profit";

/// Decimals of a percentage.
const PERCENT_DECIMALS: u8 = 6;
/// Decimals of an average price beyond the instrument's own.
const AVERAGE_DECIMALS: u8 = 8;

/// Writes the file.
pub fn write(directory: &Path, outcome: &Outcome, facts: &RunFacts<'_>, trail: &Trail<'_>) -> Result<()> {
    let mut sheet = Sheet::create(directory, "trades.csv", COLUMNS)?;
    let closed = outcome.records.trades.iter().map(|trade| (trade, "closed"));
    let open = outcome.open_trades.iter().map(|trade| (trade, "open"));
    let trades = outcome.records.trades.len() + outcome.open_trades.len();
    assert_eq!(trades, facts.candles_of_trades.len(), "every trade has its candles");
    let mut cumulative_profit = Amount::ZERO;
    for ((trade, status), candles) in closed.chain(open).zip(facts.candles_of_trades) {
        let profit = facts.in_currency(trade, trade.profit, &outcome.last_prices);
        cumulative_profit = profit
            .and_then(|profit| cumulative_profit.plus(profit))
            .map_err(|Overflow| Fault::failure("summing up the trades: an amount left the range of exact integers"))?;
        row(&mut sheet, facts, trail, &Line { trade, status, candles, cumulative_profit })?;
    }
    sheet.finish()
}

/// What a row is made of, beside the names and orders.
struct Line<'a> {
    trade: &'a ClosedTrade,
    status: &'static str,
    candles: &'a [u32; 2],
    cumulative_profit: Amount,
}

fn row(sheet: &mut Sheet, facts: &RunFacts<'_>, trail: &Trail<'_>, line: &Line<'_>) -> Result<()> {
    let trade = line.trade;
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
        .text(line.status)
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
    for level in [trail.stop(trade), trail.target(trade), trail.first_stop(trade)] {
        match level {
            Some(price) => sheet.price(price, prices),
            None => sheet.nothing(),
        };
    }
    for order in [trail.entry_order(trade), trail.exit_order(trade)] {
        match order {
            Some(order) => sheet.whole(order.0.into()),
            None => sheet.nothing(),
        };
    }
    let [entry, exit] = *line.candles;
    let given_back = trade.profit.plus(trade.fees).and_then(|before_fees| before_fees.minus(mfe));
    sheet
        .whole(entry.into())
        .whole(exit.into())
        .amount(given_back.unwrap_or(Amount::ZERO), money)
        .amount(line.cumulative_profit, facts.currency().decimals)
        .end_row()
}

/// The result before fees if all that was opened had been closed at `price`.
fn excursion(facts: &RunFacts<'_>, trade: &ClosedTrade, price: Price) -> std::result::Result<Amount, Overflow> {
    let worth = facts.instrument(trade.instrument).notional(price, trade.quantity)?;
    match trade.direction {
        Direction::Long => worth.minus(trade.entry_notional),
        Direction::Short => trade.entry_notional.minus(worth),
    }
}
