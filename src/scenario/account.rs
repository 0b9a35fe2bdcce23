//! The account: its currency, what it opens with, how costs are counted, and the limits above all desks.

use super::section::Section;
use crate::domain::Rate;
use crate::error::Result;
use crate::ledger::Accounting;
use crate::strategy::{Action, Limit};
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// The account as planned.
#[derive(Clone, Debug, PartialEq)]
pub struct AccountPlan {
    /// What everything is valued in.
    pub currency: String,
    /// What the account opens with, by asset code; all above zero.
    pub opening: BTreeMap<String, Decimal>,
    /// Which cost a reducing fill gives up.
    pub accounting: Accounting,
    /// Limits above all desks.
    pub limits: AccountLimitsPlan,
}

/// Limits of the account; money is in its currency.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct AccountLimitsPlan {
    /// Largest worth of all positions.
    pub maximum_exposure: Option<Limit<Decimal>>,
    /// Largest worth of all positions on one symbol.
    pub maximum_symbol_exposure: Option<Limit<Decimal>>,
    /// Largest loss since UTC midnight, as a fraction of the equity then.
    pub daily_loss: Option<Limit<Rate>>,
}

/// The words of the accounting methods.
pub(super) const ACCOUNTINGS: &[(&str, Accounting)] =
    &[("average-cost", Accounting::AverageCost), ("fifo", Accounting::FirstInFirstOut)];

/// The words of the actions.
pub(super) const ACTIONS: &[(&str, Action)] = &[("enforce", Action::Enforce), ("observe", Action::Observe)];

/// Reads `[account]`.
pub(super) fn read(root: &Section<'_>) -> Result<AccountPlan> {
    let section = root.section("account", &["currency", "opening", "accounting", "limits"])?;
    let currency = section.or("currency", "USDT", super::section::Field::name)?.to_owned();
    let mut opening = BTreeMap::new();
    match section.get("opening") {
        None => {
            opening.insert(currency.clone(), Decimal::from(10_000));
        }
        Some(field) => {
            for (code, amount) in field.free_section()?.fields() {
                opening.insert(code.to_owned(), amount.positive()?);
            }
            if opening.is_empty() {
                return Err(field.fault("names no asset").remedy("write for example opening = { USDT = \"10000\" }"));
            }
        }
    }
    let accounting = section.or("accounting", Accounting::AverageCost, |field| field.choice(ACCOUNTINGS))?;
    let limits = section.section("limits", &["maximum_exposure", "maximum_symbol_exposure", "daily_loss"])?;
    let limits = AccountLimitsPlan {
        maximum_exposure: money_limit(&limits, "maximum_exposure")?,
        maximum_symbol_exposure: money_limit(&limits, "maximum_symbol_exposure")?,
        daily_loss: loss_limit(&limits, "daily_loss")?,
    };
    Ok(AccountPlan { currency, opening, accounting, limits })
}

/// A limit of money above zero.
pub(super) fn money_limit(section: &Section<'_>, key: &str) -> Result<Option<Limit<Decimal>>> {
    section.or(key, None, |field| limit(field, super::section::Field::positive))
}

/// A limit of a loss as a fraction of capital.
pub(super) fn loss_limit(section: &Section<'_>, key: &str) -> Result<Option<Limit<Rate>>> {
    let smallest = Decimal::new(1, 8);
    section.or(key, None, |field| limit(field, |value| value.rate(smallest..=Decimal::ONE)))
}

/// A limit as a bare value, as `{ value, action }`, or `"off"`.
pub(super) fn limit<'a, T>(
    field: &super::section::Field<'a>,
    read: impl FnOnce(&super::section::Field<'a>) -> Result<T>,
) -> Result<Option<Limit<T>>> {
    if !field.is_table() {
        let value = field.unless("off", read)?;
        return Ok(value.map(|value| Limit { value, action: Action::Enforce }));
    }
    let section = field.section(&["value", "action"])?;
    let value = read(&section.require("value", "write { value = \"...\", action = \"enforce\" } or \"observe\"")?)?;
    let action = section.or("action", Action::Enforce, |field| field.choice(ACTIONS))?;
    Ok(Some(Limit { value, action }))
}
