//! The limits of a scenario: of the account and of each desk, every one enforced, only observed, or off.

use super::section::{Field, Section, did_you_mean};
use super::series::span;
use crate::domain::{Rate, Span};
use crate::error::Result;
use crate::strategy::{Action, Limit, Throttle};
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// Limits of the account; money is in its currency.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct AccountLimitsPlan {
    /// Largest worth of all positions.
    pub maximum_exposure: Option<Limit<Decimal>>,
    /// Largest worth of all positions on one symbol.
    pub maximum_symbol_exposure: Option<Limit<Decimal>>,
    /// Most open orders of all desks.
    pub maximum_open_orders: Option<Limit<u32>>,
    /// Largest loss since UTC midnight, as a fraction of the equity then.
    pub daily_loss: Option<Limit<Rate>>,
    /// Largest fall below the highest equity, as a fraction of that.
    pub drawdown: Option<Limit<Rate>>,
}

/// Limits of a desk; money is in the account's currency.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DeskLimitsPlan {
    /// Largest price times quantity of one order.
    pub maximum_order_notional: Option<Limit<Decimal>>,
    /// Largest quantity of one order by symbol, in its base asset.
    pub maximum_order_quantity: BTreeMap<String, Limit<Decimal>>,
    /// Largest position by symbol, in its base asset.
    pub maximum_position: BTreeMap<String, Limit<Decimal>>,
    /// Largest worth of the position on one symbol.
    pub maximum_symbol_exposure: Option<Limit<Decimal>>,
    /// Largest worth of all its positions.
    pub maximum_desk_exposure: Option<Limit<Decimal>>,
    /// Most open orders.
    pub maximum_open_orders: Option<Limit<u32>>,
    /// Largest quantity per UTC day by symbol, in its base asset.
    pub daily_quantity: BTreeMap<String, Limit<Decimal>>,
    /// Most trades begun per UTC day.
    pub daily_trades: Option<Limit<u32>>,
    /// Largest loss since UTC midnight, as a fraction of its capital then.
    pub daily_loss: Option<Limit<Rate>>,
    /// Largest fall below its highest capital, as a fraction of that.
    pub drawdown: Option<Limit<Rate>>,
    /// Most losing trades in a row.
    pub consecutive_losses: Option<Limit<u32>>,
    /// Shortest time between the close of a trade and the next on the symbol.
    pub cooldown: Option<Limit<Span>>,
    /// Largest distance of an order's prices from the last price, as a fraction of that.
    pub price_collar: Option<Limit<Rate>>,
    /// Most submissions and replacements in a time.
    pub message_throttle: Option<Limit<Throttle>>,
    /// For how long the same order again is a duplicate.
    pub duplicate_order: Option<Limit<Span>>,
}

const ACCOUNT_KEYS: &[&str] =
    &["maximum_exposure", "maximum_symbol_exposure", "maximum_open_orders", "daily_loss", "drawdown"];

const DESK_KEYS: &[&str] = &[
    "maximum_order_notional",
    "maximum_order_quantity",
    "maximum_position",
    "maximum_symbol_exposure",
    "maximum_desk_exposure",
    "maximum_open_orders",
    "daily_quantity",
    "daily_trades",
    "daily_loss",
    "drawdown",
    "consecutive_losses",
    "cooldown",
    "price_collar",
    "message_throttle",
    "duplicate_order",
];

/// The words of the actions.
pub(super) const ACTIONS: &[(&str, Action)] = &[("enforce", Action::Enforce), ("observe", Action::Observe)];

/// Most messages that a throttle can allow in its time: the desk remembers when each was sent.
const MESSAGES_MOST: i64 = 100_000;

impl AccountLimitsPlan {
    /// Reads `[account.limits]`.
    pub(super) fn read(account: &Section<'_>) -> Result<Self> {
        let section = account.section("limits", ACCOUNT_KEYS)?;
        Ok(AccountLimitsPlan {
            maximum_exposure: money(&section, "maximum_exposure")?,
            maximum_symbol_exposure: money(&section, "maximum_symbol_exposure")?,
            maximum_open_orders: count(&section, "maximum_open_orders")?,
            daily_loss: fraction(&section, "daily_loss")?,
            drawdown: fraction(&section, "drawdown")?,
        })
    }

    /// Makes every limit one that is only counted.
    pub(super) fn observe(&mut self) {
        observe(&mut self.maximum_exposure);
        observe(&mut self.maximum_symbol_exposure);
        observe(&mut self.maximum_open_orders);
        observe(&mut self.daily_loss);
        observe(&mut self.drawdown);
    }
}

impl DeskLimitsPlan {
    /// Reads `[desk.limits]`.
    pub(super) fn read(desk: &Section<'_>, symbols: &[String]) -> Result<Self> {
        let section = desk.section("limits", DESK_KEYS)?;
        let by_symbol = |key| section.or(key, BTreeMap::new(), |field| by_symbol(field, symbols));
        Ok(DeskLimitsPlan {
            maximum_order_notional: money(&section, "maximum_order_notional")?,
            maximum_order_quantity: by_symbol("maximum_order_quantity")?,
            maximum_position: by_symbol("maximum_position")?,
            maximum_symbol_exposure: money(&section, "maximum_symbol_exposure")?,
            maximum_desk_exposure: money(&section, "maximum_desk_exposure")?,
            maximum_open_orders: count(&section, "maximum_open_orders")?,
            daily_quantity: by_symbol("daily_quantity")?,
            daily_trades: count(&section, "daily_trades")?,
            daily_loss: fraction(&section, "daily_loss")?,
            drawdown: fraction(&section, "drawdown")?,
            consecutive_losses: count(&section, "consecutive_losses")?,
            cooldown: time(&section, "cooldown")?,
            price_collar: fraction(&section, "price_collar")?,
            message_throttle: section.or("message_throttle", None, throttle)?,
            duplicate_order: time(&section, "duplicate_order")?,
        })
    }

    /// Makes every limit one that is only counted.
    pub(super) fn observe(&mut self) {
        observe(&mut self.maximum_order_notional);
        for by_symbol in [&mut self.maximum_order_quantity, &mut self.maximum_position, &mut self.daily_quantity] {
            by_symbol.values_mut().for_each(|limit| limit.action = Action::Observe);
        }
        observe(&mut self.maximum_symbol_exposure);
        observe(&mut self.maximum_desk_exposure);
        observe(&mut self.maximum_open_orders);
        observe(&mut self.daily_trades);
        observe(&mut self.daily_loss);
        observe(&mut self.drawdown);
        observe(&mut self.consecutive_losses);
        observe(&mut self.cooldown);
        observe(&mut self.price_collar);
        observe(&mut self.message_throttle);
        observe(&mut self.duplicate_order);
    }
}

fn observe<T>(limit: &mut Option<Limit<T>>) {
    if let Some(limit) = limit {
        limit.action = Action::Observe;
    }
}

/// A limit of money above zero.
fn money(section: &Section<'_>, key: &str) -> Result<Option<Limit<Decimal>>> {
    section.or(key, None, |field| limit(field, Field::positive))
}

/// A limit as a fraction of capital or of a price.
fn fraction(section: &Section<'_>, key: &str) -> Result<Option<Limit<Rate>>> {
    let smallest = Decimal::new(1, 8);
    section.or(key, None, |field| limit(field, |value| value.rate(smallest..=Decimal::ONE)))
}

/// A limit of a number, one or more.
fn count(section: &Section<'_>, key: &str) -> Result<Option<Limit<u32>>> {
    section.or(key, None, |field| limit(field, |value| whole(value, i64::from(u32::MAX))))
}

/// A limit as a length of time.
fn time(section: &Section<'_>, key: &str) -> Result<Option<Limit<Span>>> {
    section.or(key, None, |field| limit(field, span))
}

fn whole(field: &Field<'_>, most: i64) -> Result<u32> {
    Ok(u32::try_from(field.integer(1..=most)?).unwrap_or(u32::MAX))
}

/// A limit as a bare value, as `{ value, action }`, or `"off"`.
fn limit<'a, T>(field: &Field<'a>, read: impl FnOnce(&Field<'a>) -> Result<T>) -> Result<Option<Limit<T>>> {
    if !field.is_table() {
        let value = field.unless("off", read)?;
        return Ok(value.map(|value| Limit { value, action: Action::Enforce }));
    }
    let section = field.section(&["value", "action"])?;
    Ok(Some(Limit { value: read(&value_of(&section)?)?, action: action_of(&section)? }))
}

/// A limit of messages in a time: a second, when it is not said.
fn throttle(field: &Field<'_>) -> Result<Option<Limit<Throttle>>> {
    if !field.is_table() {
        let read = |field: &Field<'_>| Ok(Throttle { messages: whole(field, MESSAGES_MOST)?, per: Span::SECOND });
        return limit(field, read);
    }
    let section = field.section(&["value", "per", "action"])?;
    let messages = whole(&value_of(&section)?, MESSAGES_MOST)?;
    let per = section.or("per", Span::SECOND, span)?;
    Ok(Some(Limit { value: Throttle { messages, per }, action: action_of(&section)? }))
}

fn value_of<'a>(section: &Section<'a>) -> Result<Field<'a>> {
    section.require("value", "write { value = \"...\", action = \"enforce\" } or \"observe\"")
}

fn action_of(section: &Section<'_>) -> Result<Action> {
    section.or("action", Action::Enforce, |field| field.choice(ACTIONS))
}

/// One limit for each of the desk's symbols, or a table of limits by symbol.
fn by_symbol(field: &Field<'_>, symbols: &[String]) -> Result<BTreeMap<String, Limit<Decimal>>> {
    let by_symbol = match field.is_table() {
        true => Some(field.free_section()?).filter(|section| section.get("value").is_none()),
        false => None,
    };
    let Some(section) = by_symbol else {
        let same = limit(field, Field::positive)?;
        return Ok(
            same.map_or_else(BTreeMap::new, |same| symbols.iter().map(|symbol| (symbol.clone(), same)).collect())
        );
    };
    let known: Vec<&str> = symbols.iter().map(String::as_str).collect();
    let mut limits = BTreeMap::new();
    for (symbol, field) in section.fields() {
        if !known.contains(&symbol) {
            return Err(field.fault(format!("the desk does not trade {symbol}")).remedy(did_you_mean(symbol, &known)));
        }
        if let Some(limit) = limit(&field, Field::positive)? {
            limits.insert(symbol.to_owned(), limit);
        }
    }
    Ok(limits)
}
