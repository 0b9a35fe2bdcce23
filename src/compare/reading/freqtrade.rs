//! A backtest result of freqtrade.
//!
//! Its times are those of the candle in which something happened, at the candle's opening. Prices and amounts are binary
//! fractions; each is taken as the shortest decimal that gives it. Fees are stated as rates and become money by the
//! trade's own orders, or by its average prices where the file lists no orders.

use super::bytes::Content;
use super::{Kind, Reading, cell};
use crate::compare::reason::Reason;
use crate::compare::record::{Record, Stated, Trade};
use crate::domain::{Direction, Interval, Timestamp};
use crate::error::{Fault, Result};
use rust_decimal::Decimal;
use serde_json::{Map, Value};
use std::path::Path;

/// What freqtrade states of its own result, by definitions of its own.
const STATED: &[&str] = &[
    "total_trades",
    "profit_total_abs",
    "profit_total",
    "profit_mean",
    "winrate",
    "profit_factor",
    "expectancy",
    "cagr",
    "sharpe",
    "sortino",
    "calmar",
    "sqn",
    "max_drawdown_account",
    "max_drawdown_abs",
    "total_volume",
    "market_change",
    "backtest_start",
    "backtest_end",
    "timeframe",
    "timeframe_detail",
    "max_open_trades",
    "stake_amount",
    "starting_balance",
    "final_balance",
];

/// Reads the result.
pub fn read(path: &Path, content: &Content, reading: &Reading) -> Result<Record> {
    let shown = path.display();
    let root: Value = serde_json::from_str(content.text.trim_start_matches('\u{feff}')).map_err(|error| {
        Fault::user(format!("reading {shown}, line {}, column {}: {error}", error.line(), error.column()))
            .remedy("the file is damaged; export it again")
    })?;
    let strategies = root.get("strategy").and_then(Value::as_object).ok_or_else(|| {
        Fault::user(format!("reading {shown}, field strategy: it is not there"))
            .remedy("name freqtrade's backtest-result file, not its .meta.json, configuration or .last_result.json")
    })?;
    let (name, result) = choose(path, strategies, reading)?;
    let text = |key: &str| result.get(key).and_then(Value::as_str).map(str::to_owned);
    let at = |key: &str| format!("reading {shown}, field strategy.{name}.{key}");
    let list = result.get("trades").and_then(Value::as_array).ok_or_else(|| {
        Fault::user(format!("{}: there is no list of trades", at("trades"))).remedy("export the result with its trades")
    })?;
    let trades = list
        .iter()
        .enumerate()
        .map(|(number, value)| Row { value, at: at(&format!("trades[{number}]")), number }.trade(reading))
        .collect::<Result<Vec<Trade>>>()?;
    let mut notes = vec![
        "times are the opening of the candle in which it happened".to_owned(),
        "fees are its rates on its own orders; funding is in its profits and not in fees".to_owned(),
    ];
    if leaves_fees_out(&trades) {
        notes.push("its profits leave its own fees out: each is the move of the price alone".to_owned());
    }
    let stated = STATED.iter().filter_map(|key| {
        let value = match result.get(*key)? {
            Value::String(text) if !text.is_empty() => text.clone(),
            Value::Number(number) => number.to_string(),
            _ => return None,
        };
        Some(Stated { name: (*key).to_owned(), value })
    });
    Ok(Record {
        name: format!("{} ({name})", path.file_name().unwrap_or_default().to_string_lossy()),
        kind: Kind::Freqtrade,
        digest: content.digest.clone(),
        currency: text("stake_currency"),
        opening: result.get("starting_balance").and_then(decimal),
        candle: text("timeframe").and_then(|word| word.parse::<Interval>().ok()).map(Interval::span),
        trades,
        equity: None,
        decides_on: None,
        metrics: Vec::new(),
        stated: stated.collect(),
        plan: None,
        cautions: Vec::new(),
        notes,
    })
}

fn choose<'a>(path: &Path, strategies: &'a Map<String, Value>, reading: &Reading) -> Result<(&'a String, &'a Value)> {
    let names = || strategies.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
    let shown = path.display();
    if let Some(wanted) = reading.strategy.as_ref().filter(|_| strategies.len() > 1) {
        return strategies.get_key_value(wanted).ok_or_else(|| {
            Fault::user(format!("reading {shown}: there is no strategy '{wanted}' in it"))
                .remedy(format!("it holds {}", names()))
        });
    }
    match strategies.len() {
        1 => Ok(strategies.iter().next().expect("there is one")),
        0 => Err(Fault::user(format!("reading {shown}, field strategy: it is empty")).remedy("run the backtest again")),
        _ => Err(Fault::user(format!("reading {shown}: it holds several strategies: {}", names()))
            .remedy("say which one with --strategy NAME")),
    }
}

/// Whether the stated profits are what the prices gave, although there were fees.
fn leaves_fees_out(trades: &[Trade]) -> bool {
    let small = Decimal::new(1, 9);
    let judged: Vec<bool> = trades
        .iter()
        .filter(|trade| trade.fees.is_some_and(|fees| !fees.is_zero()))
        .filter_map(|trade| {
            let (profit, gross, fees) = (trade.profit?, trade.price_result()?, trade.fees?);
            Some((profit - gross).abs() <= fees.abs() * small)
        })
        .collect();
    !judged.is_empty() && judged.iter().all(|left_out| *left_out)
}

fn decimal(value: &Value) -> Option<Decimal> {
    match value {
        Value::Number(number) => cell::decimal(&number.to_string()),
        _ => None,
    }
}

/// A trade in the list.
struct Row<'a> {
    value: &'a Value,
    at: String,
    number: usize,
}

impl Row<'_> {
    fn trade(&self, reading: &Reading) -> Result<Trade> {
        let word = |keys: [&str; 2]| {
            let found = keys.iter().find_map(|key| self.value.get(*key)).and_then(Value::as_str);
            found.filter(|text| !text.is_empty()).map(str::to_owned)
        };
        let pair = word(["pair", "pair"]).ok_or_else(|| self.wrong("pair", "a name"))?;
        let reason = word(["exit_reason", "sell_reason"]);
        let kind = reason.as_deref().and_then(|word| Reason::of(Kind::Freqtrade, word));
        let is_short = match self.value.get("is_short") {
            None | Some(Value::Null) => false,
            Some(Value::Bool(is_short)) => *is_short,
            Some(_) => return Err(self.wrong("is_short", "true or false")),
        };
        let is_open = self.value.get("is_open").and_then(Value::as_bool).unwrap_or(false);
        let entry_price = self.number("open_rate")?.ok_or_else(|| self.wrong("open_rate", "a number"))?;
        let (exit_price, quantity) = (self.number("close_rate")?, self.number("amount")?);
        Ok(Trade {
            number: self.number.to_string(),
            quote: pair.split('/').nth(1).map(|rest| rest.split(':').next().unwrap_or(rest).to_owned()),
            symbol: Some(pair),
            direction: if is_short { Direction::Short } else { Direction::Long },
            entry_time: self.time("open_timestamp", "open_date", reading)?,
            exit_time: self.time("close_timestamp", "close_date", reading)?,
            open_at_end: is_open || kind == Some(Reason::End),
            fees: self.fees(entry_price, exit_price, quantity)?,
            entry_price,
            exit_price,
            quantity,
            slippage: None,
            profit: self.number("profit_abs")?,
            entry_tag: word(["enter_tag", "buy_tag"]),
            exit_reason: reason,
            exit_kind: kind,
        })
    }

    fn number(&self, key: &str) -> Result<Option<Decimal>> {
        match self.value.get(key) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => decimal(value).map(Some).ok_or_else(|| self.wrong(key, "a number")),
        }
    }

    fn time(&self, stamp: &str, date: &str, reading: &Reading) -> Result<Timestamp> {
        if let Some(millis) = self.value.get(stamp).and_then(Value::as_f64) {
            return Ok(Timestamp::from_millis(millis as i64));
        }
        let text = self.value.get(date).and_then(Value::as_str);
        // Its dates are in UTC whatever zone other files are in.
        let utc = Reading { zone: jiff::tz::TimeZone::UTC, ..reading.clone() };
        text.and_then(|text| cell::time(text, &utc)).map(|(at, _)| at).ok_or_else(|| self.wrong(date, "a time"))
    }

    /// What its rates come to, on each filled order, or else on the average prices. Absent where the file does not tell.
    fn fees(&self, entry: Decimal, exit: Option<Decimal>, quantity: Option<Decimal>) -> Result<Option<Decimal>> {
        let (Some(opening), Some(closing)) = (self.number("fee_open")?, self.number("fee_close")?) else {
            return Ok(None);
        };
        let is_filled = |order: &Value| !matches!(order.get("order_filled_timestamp"), None | Some(Value::Null));
        // A list without a filled order does not tell what was paid: the trade had one.
        let orders = self.value.get("orders").and_then(Value::as_array);
        if let Some(orders) = orders.filter(|orders| orders.iter().any(is_filled)) {
            let fee = |order: &Value| {
                let is_entry = order.get("ft_is_entry")?.as_bool()?;
                let notional = decimal(order.get("amount")?)?.checked_mul(decimal(order.get("safe_price")?)?)?;
                let rate = if is_entry { opening } else { closing };
                if is_filled(order) { notional.checked_mul(rate) } else { Some(Decimal::ZERO) }
            };
            return Ok(orders.iter().map(fee).try_fold(Decimal::ZERO, |sum, fee| sum.checked_add(fee?)));
        }
        let both = || {
            let quantity = quantity?;
            let opened = entry.checked_mul(quantity)?.checked_mul(opening)?;
            opened.checked_add(exit?.checked_mul(quantity)?.checked_mul(closing)?)
        };
        Ok(both())
    }

    fn wrong(&self, key: &str, what: &str) -> Fault {
        let found = self.value.get(key).map_or_else(|| "nothing".to_owned(), Value::to_string);
        Fault::user(format!("{}.{key}: {found} is not {what}", self.at)).remedy("the file is damaged; export it again")
    }
}
