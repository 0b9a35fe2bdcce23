//! A run of ours, from its files.

use super::sheet::Sheet;
use super::{Kind, Reading, bytes};
use crate::compare::reason::Reason;
use crate::compare::record::{Record, Trade};
use crate::domain::{Direction, Interval, Span};
use crate::error::{Fault, Result};
use crate::report::Summary;
use std::path::Path;

/// Reads the run in this directory.
pub fn read(run: &Path) -> Result<Record> {
    let summary = Summary::read(run)?;
    let file = |name: &str| {
        let path = run.join(name);
        let text = std::fs::read_to_string(&path).map_err(|error| {
            Fault::io("reading", &path, &error).remedy("the run is not whole; run its plan again into a new directory")
        })?;
        Ok((path, text))
    };
    let (trades_path, trades_text) = file("trades.csv")?;
    let (equity_path, equity_text) = file("equity.csv")?;
    let (_, plan) = file("plan.toml")?;
    let reading = Reading::default();
    let candles = summary.data.iter().filter_map(|data| data.interval.parse::<Interval>().ok());
    let number = |text: &str| text.parse().ok();
    let whole = run.canonicalize().map_err(|error| Fault::io("finding", run, &error))?;
    let mut cautions: Vec<String> = summary.caution().into_iter().collect();
    if summary.is_synthetic() {
        cautions.push("synthetic data: a generator made the prices".to_owned());
    }
    if summary.is_testnet() {
        cautions.push("testnet data: the prices were made at a test network".to_owned());
    }
    cautions.extend(summary.halts.iter().map(|halt| halt.text.clone()));
    let mut record = Record {
        name: whole.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        kind: Kind::Tapeline,
        digest: bytes::digest(&[
            summary.to_json().as_bytes(),
            trades_text.as_bytes(),
            equity_text.as_bytes(),
            plan.as_bytes(),
        ]),
        currency: Some(summary.currency.clone()),
        opening: number(&summary.result.opening_equity),
        // What happened inside a candle is stamped just before its close. Of several series the finest counts: a longer one
        // beside it would hide trades that are late.
        candle: candles.map(Interval::span).min_by_key(|span: &Span| span.nanos()),
        trades: trades(&trades_path, &trades_text, &reading)?,
        equity: Some(equity(&equity_path, &equity_text, &reading)?),
        decides_on: decides_on(&plan),
        metrics: summary.metrics.clone(),
        stated: Vec::new(),
        plan: Some(plan),
        cautions,
        notes: Vec::new(),
    };
    record.sort();
    Ok(record)
}

/// The longest interval of the plan's desks.
fn decides_on(plan: &str) -> Option<Span> {
    let plan: toml::Table = plan.parse().ok()?;
    let desks = plan.get("desk")?.as_array()?;
    let intervals = desks.iter().filter_map(|desk| desk.get("interval")?.as_str()?.parse::<Interval>().ok());
    intervals.map(Interval::span).max_by_key(|span| span.nanos())
}

fn trades(path: &Path, text: &str, reading: &Reading) -> Result<Vec<Trade>> {
    let mut sheet = Sheet::open(path, text, reading)?;
    let column = |name: &str| sheet.required(sheet.find(&[name]));
    let [number, symbol, direction, status] =
        [column("trade")?, column("symbol")?, column("direction")?, column("status")?];
    let [entry_time, exit_time] = [column("entry_time")?, column("exit_time")?];
    let [quantity, entry_price, exit_price] = [column("quantity")?, column("entry_price")?, column("exit_price")?];
    let [fees, slippage, profit, quote] = [column("fees")?, column("slippage")?, column("profit")?, column("quote")?];
    let [entry_tag, exit_reason] = [column("entry_tag")?, column("exit_reason")?];
    let mut trades = Vec::new();
    while sheet.next()? {
        let side = match sheet.text(&direction) {
            Some("long") => Direction::Long,
            Some("short") => Direction::Short,
            Some(_) | None => return Err(sheet.wrong(&direction, "long or short")),
        };
        let words = |column| sheet.text(column).map(str::to_owned);
        let reason = words(&exit_reason);
        trades.push(Trade {
            number: words(&number).unwrap_or_default(),
            symbol: words(&symbol),
            direction: side,
            open_at_end: sheet.text(&status) == Some("open"),
            entry_price: sheet.number(&entry_price)?.ok_or_else(|| sheet.wrong(&entry_price, "a price"))?,
            exit_price: sheet.number(&exit_price)?,
            quantity: sheet.number(&quantity)?,
            fees: sheet.number(&fees)?,
            slippage: sheet.number(&slippage)?,
            profit: sheet.number(&profit)?,
            quote: words(&quote),
            entry_tag: words(&entry_tag),
            exit_kind: reason.as_deref().and_then(|word| Reason::of(Kind::Tapeline, word)),
            exit_reason: reason,
            entry_time: sheet.time(&entry_time)?,
            exit_time: sheet.time(&exit_time)?,
        });
    }
    Ok(trades)
}

fn equity(path: &Path, text: &str, reading: &Reading) -> Result<Vec<(crate::domain::Timestamp, f64)>> {
    let mut sheet = Sheet::open(path, text, reading)?;
    let [time, worth] = [sheet.required(sheet.find(&["time"]))?, sheet.required(sheet.find(&["equity"]))?];
    let mut rows = Vec::new();
    while sheet.next()? {
        let value = sheet.text(&worth).and_then(|text| text.parse().ok()).filter(|value: &f64| value.is_finite());
        let value = value.ok_or_else(|| sheet.wrong(&worth, "a number"))?;
        rows.push((sheet.time(&time)?, value));
    }
    Ok(rows)
}
