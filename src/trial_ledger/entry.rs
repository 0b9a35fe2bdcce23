//! A trial as the ledger knows it.

use crate::domain::{Span, Timestamp};
use crate::scenario::Plan;
use crate::sweep::DailyReturns;
use sha2::{Digest, Sha256};

/// What tells a trial from all others: the first half of a SHA-256. Being a hash it is as good as drawn at random.
pub type Identity = [u8; 16];

/// A trial that was run.
#[derive(Clone, Debug, PartialEq)]
pub struct TrialEntry {
    /// What tells it from all others.
    pub identity: Identity,
    /// Its strategies, in the order of the desks.
    pub strategies: String,
    /// The first UTC day that it traded, counted from 1970-01-01.
    pub from_day: i64,
    /// The day after the last one.
    pub to_day: i64,
    /// Its Sharpe ratio per day; none where it is not defined.
    pub sharpe: Option<f64>,
    /// Whether it ran to its end: one that was stopped on its way is known better once it does.
    pub is_whole: bool,
}

/// The identity of a trial on data with these hashes by series.
pub fn identity(plan: &Plan, data: &[(String, String)]) -> Identity {
    let mut hash = Sha256::new();
    hash.update("trial 1\n");
    hash.update(plan.trial_identity());
    for (series, content) in data {
        hash.update(format!("{series} {content}\n"));
    }
    let mut identity = Identity::default();
    identity.copy_from_slice(&hash.finalize()[..16]);
    identity
}

impl TrialEntry {
    /// A trial by the period of its plan or its session, which ran to its end.
    pub fn without_returns(
        identity: Identity,
        plan: &Plan,
        (from, to): (Timestamp, Timestamp),
        sharpe: Option<f64>,
    ) -> Self {
        let day = |at: Timestamp| at.midnight().nanos() / Span::DAY.nanos();
        let mut strategies: Vec<&str> = plan.desks.iter().map(|desk| desk.strategy.as_str()).collect();
        strategies.dedup();
        TrialEntry {
            identity,
            strategies: strategies.join("+"),
            from_day: day(from),
            to_day: day(Timestamp::from_nanos(to.nanos() - 1)) + 1,
            sharpe,
            is_whole: true,
        }
    }

    /// The same, stopped on its way.
    #[must_use]
    pub fn stopped(self) -> Self {
        TrialEntry { is_whole: false, ..self }
    }

    /// The days that it really traded.
    pub fn traded(&mut self, returns: &DailyReturns) {
        self.from_day = returns.first_day();
        self.to_day = self.from_day + returns.returns.len() as i64;
    }
}
