//! The daily returns of many trials on the days that all of them cover.

use super::returns::DailyReturns;
use crate::domain::{Span, Timestamp};
use crate::error::{Fault, Result};

/// Columns of equal length, one per judged trial.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// The numbers of the judged trials, ascending.
    pub trials: Vec<u64>,
    /// The returns of each on the common days.
    pub columns: Vec<Vec<f64>>,
    /// The first of the days, at its midnight.
    pub from: Timestamp,
    /// How many days there are.
    pub days: usize,
    /// Trials that cover less than half of the longest record's days: to judge them would leave too few days to all.
    pub short: usize,
}

impl Record {
    /// Cuts the returns to the UTC days that all trials cover. Warm-ups differ, so some trials begin later than others; the
    /// day on which a trial begins counts as it is.
    ///
    /// # Errors
    /// Without returns, and when the trials have no day in common.
    pub fn of(returns: &[DailyReturns]) -> Result<Self> {
        let longest = returns.iter().map(|row| row.returns.len()).max().unwrap_or(0);
        let judged: Vec<&DailyReturns> = returns.iter().filter(|row| 2 * row.returns.len() >= longest).collect();
        let end = |row: &DailyReturns| row.first_day() + row.returns.len() as i64;
        let first = judged.iter().map(|row| row.first_day()).max();
        let last = judged.iter().map(|row| end(row)).min();
        let (Some(first), Some(last)) = (first, last) else {
            return Err(Fault::user("there is nothing to judge: no trial ran to its end with an equity above zero"));
        };
        if first >= last {
            return Err(Fault::user("the trials have no day in common")
                .remedy("sweep one period at a time: returns of different days cannot be compared"));
        }
        let cut = |row: &&DailyReturns| {
            let skipped = (first - row.first_day()) as usize;
            row.returns[skipped..skipped + (last - first) as usize].to_vec()
        };
        Ok(Record {
            trials: judged.iter().map(|row| row.trial).collect(),
            columns: judged.iter().map(cut).collect(),
            from: Timestamp::from_nanos(first * Span::DAY.nanos()),
            days: (last - first) as usize,
            short: returns.len() - judged.len(),
        })
    }

    /// The last of the days, at its midnight.
    pub fn last_day(&self) -> Timestamp {
        self.from.after(Span::DAY.times(self.days as i64 - 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(trial: u64, first: i64, days: usize) -> DailyReturns {
        let from = Timestamp::from_nanos(first * Span::DAY.nanos()).after(Span::HOUR.times(trial as i64));
        let to = from.midnight().after(Span::DAY.times(days as i64));
        let returns = (0..days).map(|day| (first + day as i64) as f64 + trial as f64 / 10.0).collect();
        DailyReturns { trial, from, to, returns }
    }

    #[test]
    fn what_is_compared_are_the_same_days() {
        let record = Record::of(&[row(1, 100, 10), row(2, 103, 7), row(3, 106, 4), row(5, 101, 8)]).unwrap();
        assert_eq!((record.trials, record.days, record.short), (vec![1, 2, 5], 6, 1));
        assert_eq!(record.columns[0], [103.1, 104.1, 105.1, 106.1, 107.1, 108.1]);
        assert_eq!(record.columns[2], [103.5, 104.5, 105.5, 106.5, 107.5, 108.5]);
        assert_eq!(record.from.nanos(), 103 * Span::DAY.nanos());
    }

    #[test]
    fn without_a_common_day_nothing_is_judged() {
        let fault = Record::of(&[row(1, 100, 10), row(2, 110, 10)]).unwrap_err();
        assert!(fault.to_string().contains("no day in common"), "{fault}");
        assert_eq!(Record::of(&[]).unwrap_err().exit_code(), 2);
    }
}
