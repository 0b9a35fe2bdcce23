//! The account: its currency, what it opens with, how costs are counted, and the limits above all desks.

use super::limits::AccountLimitsPlan;
use super::section::Section;
use crate::error::Result;
use crate::ledger::Accounting;
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

/// The words of the accounting methods.
pub(super) const ACCOUNTINGS: &[(&str, Accounting)] =
    &[("average-cost", Accounting::AverageCost), ("fifo", Accounting::FirstInFirstOut)];

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
    let limits = AccountLimitsPlan::read(&section)?;
    Ok(AccountPlan { currency, opening, accounting, limits })
}
