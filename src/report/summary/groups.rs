//! Finished trades by what opened and what closed them.

use super::GroupLine;
use super::count::amount_text;
use crate::domain::{Amount, ClosedTrade, Overflow};
use crate::engine::Outcome;
use crate::report::facts::RunFacts;
use crate::report::trail::Trail;
use std::collections::BTreeMap;

/// The finished trades of a run, grouped three ways.
#[derive(Debug)]
pub struct Groups {
    pub entry_tags: Vec<GroupLine>,
    pub exit_tags: Vec<GroupLine>,
    pub exit_reasons: Vec<GroupLine>,
}

/// What is summed of one group, in the account's currency.
#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    trades: u64,
    winners: u64,
    losers: u64,
    ambiguous: u64,
    profit: Amount,
    fees: Amount,
}

impl Groups {
    /// Groups an outcome's finished trades. `profits` are theirs, in the account's currency.
    pub fn of(
        outcome: &Outcome,
        facts: &RunFacts<'_>,
        trail: &Trail<'_>,
        profits: &[Amount],
    ) -> Result<Self, Overflow> {
        Ok(Groups {
            entry_tags: lines(outcome, facts, profits, &|trade| facts.tag(trade.entry_tag))?,
            exit_tags: lines(outcome, facts, profits, &|trade| facts.tag(trade.exit_tag))?,
            exit_reasons: lines(outcome, facts, profits, &|trade| trail.exit_reason(trade))?,
        })
    }
}

/// One line for each name, the names in order.
fn lines<'a>(
    outcome: &Outcome,
    facts: &RunFacts<'_>,
    profits: &[Amount],
    name: &dyn Fn(&ClosedTrade) -> &'a str,
) -> Result<Vec<GroupLine>, Overflow> {
    let mut tallies: BTreeMap<&str, Tally> = BTreeMap::new();
    for (trade, profit) in outcome.records.trades.iter().zip(profits) {
        let fees = facts.in_currency(trade, trade.fees, &outcome.last_prices)?;
        let tally = tallies.entry(name(trade)).or_default();
        tally.trades += 1;
        tally.winners += u64::from(*profit > Amount::ZERO);
        tally.losers += u64::from(*profit < Amount::ZERO);
        tally.ambiguous += u64::from(trade.ambiguous_fills > 0);
        tally.profit = tally.profit.plus(*profit)?;
        tally.fees = tally.fees.plus(fees)?;
    }
    let money = |amount| amount_text(amount, facts.currency().decimals);
    let line = |(name, tally): (&str, Tally)| GroupLine {
        name: name.to_owned(),
        trades: tally.trades,
        winners: tally.winners,
        losers: tally.losers,
        profit: money(tally.profit),
        fees: money(tally.fees),
        ambiguous: tally.ambiguous,
    };
    Ok(tallies.into_iter().map(line).collect())
}
