//! Exposure: the share of the time in the market.

use super::{TradeResult, Undefined};
use crate::domain::{Span, Timestamp};

/// Shown beside the number.
pub const DEFINITION: &str = "share of the run's time with at least one position open; positions held at once count once, those open at the end count";

/// The period from `start` to `end`, and what was open during it.
#[derive(Clone, Copy, Debug)]
pub struct Presence<'a> {
    /// The beginning of the run.
    pub start: Timestamp,
    /// Its end.
    pub end: Timestamp,
    /// Positions that were closed again.
    pub closed: &'a [TradeResult],
    /// Since when the positions still open at the end were open.
    pub open_since: &'a [Timestamp],
}

/// The share of the time with at least one position open, a fraction.
///
/// # Errors
/// When no time has passed.
pub fn exposure(presence: &Presence<'_>) -> Result<f64, Undefined> {
    let Presence { start, end, closed, open_since } = *presence;
    if end <= start {
        return Err(Undefined("no time has passed"));
    }
    let closed = closed.iter().map(|trade| (trade.opened_at, trade.closed_at));
    let open = open_since.iter().map(|since| (*since, end));
    let mut stretches: Vec<(Timestamp, Timestamp)> = closed.chain(open).collect();
    stretches.sort_unstable();
    // Everything before `counted_to` has been looked at.
    let (mut counted_to, mut total) = (start, 0_i64);
    for (from, to) in stretches {
        let (from, to) = (from.max(counted_to), to.min(end));
        if to > from {
            total = total.saturating_add(to.since(from).nanos());
            counted_to = to;
        }
    }
    Ok(Span::from_nanos(total).days() / end.since(start).days())
}

#[cfg(test)]
mod tests {
    use super::super::worked::{day, printed};
    use super::*;

    fn share(closed: &[(i64, i64)], open_since: &[i64]) -> Result<f64, Undefined> {
        let trade = |&(from, to): &(i64, i64)| TradeResult {
            opened_at: day(from),
            closed_at: day(to),
            profit: 0.0,
            risk: None,
        };
        let closed: Vec<TradeResult> = closed.iter().map(trade).collect();
        let open_since: Vec<Timestamp> = open_since.iter().copied().map(day).collect();
        exposure(&Presence { start: day(0), end: day(10), closed: &closed, open_since: &open_since })
    }

    #[test]
    fn positions_held_at_once_count_once() {
        printed(share(&[], &[]), "0.000");
        printed(share(&[(1, 3), (5, 6)], &[]), "0.300");
        printed(share(&[(5, 6), (1, 8), (2, 3), (7, 9)], &[]), "0.800");
        printed(share(&[(0, 10), (0, 10)], &[]), "1.000");
        printed(share(&[(1, 3)], &[9, 8]), "0.400");
    }

    #[test]
    fn only_the_time_of_the_run_counts() {
        printed(share(&[(-5, 2), (9, 40)], &[]), "0.300");
        let nothing = Presence { start: day(1), end: day(1), closed: &[], open_since: &[] };
        assert!(exposure(&nothing).is_err());
    }
}
