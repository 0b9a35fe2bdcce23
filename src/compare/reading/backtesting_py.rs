//! Trades of backtesting.py: `stats._trades.to_csv(...)`.
//!
//! Releases differ in columns: `SL`, `TP`, `Commission` and `Tag` came late. Before `Commission` was there, what trading
//! cost was in the prices, and nothing tells it apart. Times are the opening of the bar; they carry the zone of the
//! user's data, mostly none.

use super::bytes::Content;
use super::sheet::Sheet;
use super::{Kind, Reading};
use crate::compare::record::{Record, Trade};
use crate::domain::Direction;
use crate::error::{Fault, Result};
use rust_decimal::Decimal;
use std::path::Path;

/// Reads the list.
pub fn read(path: &Path, content: &Content, reading: &Reading) -> Result<Record> {
    let mut sheet = Sheet::open(path, &content.text, reading)?;
    let need = |name: &str| sheet.required(sheet.find(&[name]));
    let [size, entry_price, exit_price] = [need("Size")?, need("EntryPrice")?, need("ExitPrice")?];
    let [entry_time, exit_time, profit] = [need("EntryTime")?, need("ExitTime")?, need("PnL")?];
    let [index, commission, tag] = [sheet.find(&[""]), sheet.find(&["Commission"]), sheet.find(&["Tag"])];
    let (mut trades, mut without_zone) = (Vec::new(), false);
    while sheet.next()? {
        if sheet.text(&entry_time).is_some_and(|text| text.bytes().all(|byte| byte.is_ascii_digit())) {
            return Err(Fault::user(
                sheet.wrong(&entry_time, "a time").to_string().lines().next().unwrap_or("").to_owned(),
            )
            .remedy("the data had no time index: give backtesting.py a DatetimeIndex and export again"));
        }
        without_zone |= !sheet.has_zone(&entry_time);
        let signed = sheet.number(&size)?.filter(|size| !size.is_zero()).ok_or_else(|| sheet.wrong(&size, "a size"))?;
        let words = |column| sheet.text(column).map(str::to_owned);
        trades.push(Trade {
            number: words(&index).unwrap_or_else(|| trades.len().to_string()),
            symbol: None,
            direction: if signed > Decimal::ZERO { Direction::Long } else { Direction::Short },
            open_at_end: false,
            entry_price: sheet.number(&entry_price)?.ok_or_else(|| sheet.wrong(&entry_price, "a price"))?,
            exit_price: Some(sheet.number(&exit_price)?.ok_or_else(|| sheet.wrong(&exit_price, "a price"))?),
            quantity: Some(signed.abs()),
            fees: sheet.number(&commission)?,
            slippage: None,
            profit: sheet.number(&profit)?,
            quote: None,
            entry_tag: words(&tag),
            exit_reason: None,
            exit_kind: None,
            entry_time: sheet.time(&entry_time)?,
            exit_time: sheet.time(&exit_time)?,
        });
    }
    let mut notes =
        vec!["times are the opening of the bar; trades still open at the end are not in its list".to_owned()];
    if without_zone {
        notes.push(format!("its times name no zone; they are taken to be in {}", reading.zone_name));
    }
    if trades.iter().all(|trade: &Trade| trade.fees.is_none()) {
        notes.push("it states no commission: this release has it in the prices".to_owned());
    }
    notes.extend(super::doubtful(sheet.doubtful_times, reading));
    Ok(super::listed(path, Kind::BacktestingPy, content, trades, notes))
}
