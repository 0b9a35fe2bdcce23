//! Which trade of one list is which of another: one to one, in order, by the time of entry.

use crate::domain::{Span, Timestamp};
use crate::error::{Fault, Result};

/// More candidates than this are no comparison but a tolerance that means nothing.
const CANDIDATES_MAX: usize = 100_000_000;

/// When a trade began and ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Times {
    /// Its first fill.
    pub entry: Timestamp,
    /// Its last.
    pub exit: Timestamp,
}

/// One finding, in order of entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The trades at these places are one.
    Pair(usize, usize),
    /// Only the first list has it.
    OnlyFirst(usize),
    /// Only the second list has it.
    OnlySecond(usize),
}

/// What a way of matching costs: distances of entries in nanoseconds, then those of exits.
type Cost = (u128, u128);

/// How a state was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum From {
    Nowhere,
    Pair,
    First,
    Second,
}

/// The cheapest matching of two lists that ascend in [`Times`]. A pair costs the distance of its entries, and no pair is
/// further apart than `within`; a trade that stays alone costs half of `within`, so that a pair within it is never given
/// up for two that are alone unless others become closer for it. Of equally cheap ways that with the closer exits is
/// taken, then the one that pairs earlier. Along one axis a cheapest matching need not cross itself, so it is found in
/// order, over those places only that are within reach of each other.
///
/// # Errors
/// When so many trades are within reach of each other that matching them says nothing.
pub fn align(first: &[Times], second: &[Times], within: Span) -> Result<Vec<Step>> {
    let reach = within.nanos().max(0);
    let window = |at: Timestamp| {
        let (low, high) = (at.nanos().saturating_sub(reach), at.nanos().saturating_add(reach));
        let from = second.partition_point(|times| times.entry.nanos() < low);
        (from, second.partition_point(|times| times.entry.nanos() <= high).max(from))
    };
    let windows: Vec<(usize, usize)> = first.iter().map(|times| window(times.entry)).collect();
    let candidates: usize = windows.iter().map(|(from, to)| to - from + 2).sum();
    if candidates > CANDIDATES_MAX {
        return Err(Fault::user(format!(
            "matching {} trades with {}: {candidates} pairs are within the time that a pair may be apart",
            first.len(),
            second.len()
        ))
        .remedy("let pairs be less far apart with --match-within, such as --match-within 5m"));
    }
    Ok(Board { first, second, reach: reach as u128, windows }.solve())
}

struct Board<'a> {
    first: &'a [Times],
    second: &'a [Times],
    reach: u128,
    windows: Vec<(usize, usize)>,
}

/// A row of states: how cheaply so many of the second list are dealt with, from `start` on.
struct Row {
    start: usize,
    cost: Vec<Cost>,
    from: Vec<From>,
}

impl Board<'_> {
    /// A trade alone. One nanosecond more than half: a pair exactly at the edge is a pair. Everything counts twice.
    fn alone(&self, times: usize) -> Cost {
        ((self.reach + 1) * times as u128, 0)
    }

    fn pair(&self, one: usize, other: usize) -> Cost {
        let apart = |a: Timestamp, b: Timestamp| u128::from(a.nanos().abs_diff(b.nanos()));
        let (one, other) = (self.first[one], self.second[other]);
        (2 * apart(one.entry, other.entry), apart(one.exit, other.exit))
    }

    fn solve(&self) -> Vec<Step> {
        let mut rows: Vec<(usize, Vec<From>)> = Vec::with_capacity(self.first.len());
        // Before any of the first list, those of the second list that come earlier are alone.
        let mut before = Row { start: 0, cost: vec![(0, 0)], from: Vec::new() };
        for (place, (from, to)) in self.windows.iter().copied().enumerate() {
            let mut row = self.row(place, from, to, &before);
            rows.push((row.start, std::mem::take(&mut row.from)));
            before = row;
        }
        self.walk_back(&rows)
    }

    /// The states behind the trade at `place`: `from..=to` of the second list are dealt with.
    fn row(&self, place: usize, from: usize, to: usize, before: &Row) -> Row {
        let plus = |one: Cost, other: Cost| (one.0 + other.0, one.1 + other.1);
        // What the row before says, continued: beyond its end all further ones of the second list are alone.
        let earlier = |done: usize| {
            let last = before.start + before.cost.len() - 1;
            match done {
                done if done < before.start => None,
                done if done <= last => Some(before.cost[done - before.start]),
                done => Some(plus(before.cost[last - before.start], self.alone(done - last))),
            }
        };
        let mut row =
            Row { start: from, cost: Vec::with_capacity(to - from + 1), from: Vec::with_capacity(to - from + 1) };
        for done in from..=to {
            let mut best: Option<(Cost, From)> = None;
            let mut offer = |cost: Option<Cost>, from: From| {
                if let Some(cost) = cost
                    && best.is_none_or(|(least, _)| cost < least)
                {
                    best = Some((cost, from));
                }
            };
            if done > from {
                offer(earlier(done - 1).map(|cost| plus(cost, self.pair(place, done - 1))), From::Pair);
            }
            offer(earlier(done).map(|cost| plus(cost, self.alone(1))), From::First);
            offer(row.cost.last().map(|cost| plus(*cost, self.alone(1))), From::Second);
            let (cost, from) = best.unwrap_or(((u128::MAX / 2, 0), From::Nowhere));
            row.cost.push(cost);
            row.from.push(from);
        }
        row
    }

    fn walk_back(&self, rows: &[(usize, Vec<From>)]) -> Vec<Step> {
        let mut steps = Vec::with_capacity(self.first.len() + self.second.len());
        let (mut place, mut done) = (self.first.len(), self.second.len());
        while place > 0 {
            let (start, ways) = &rows[place - 1];
            match ways.get(done - start).copied().unwrap_or(From::Second) {
                From::Pair => {
                    (place, done) = (place - 1, done - 1);
                    steps.push(Step::Pair(place, done));
                }
                From::First => {
                    place -= 1;
                    steps.push(Step::OnlyFirst(place));
                }
                From::Second => {
                    done -= 1;
                    steps.push(Step::OnlySecond(done));
                }
                From::Nowhere => unreachable!("every state on the way was reached"),
            }
        }
        steps.extend((0..done).rev().map(Step::OnlySecond));
        steps.reverse();
        steps
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(entries: &[i64]) -> Vec<Times> {
        let at = |seconds: i64| Timestamp::from_millis(seconds * 1_000);
        entries.iter().map(|entry| Times { entry: at(*entry), exit: at(entry + 100) }).collect()
    }

    fn pairs(first: &[Times], second: &[Times], within: i64) -> Vec<(usize, usize)> {
        let steps = align(first, second, Span::from_millis(within * 1_000)).unwrap();
        let (mut seen, mut found) = ((vec![0; first.len()], vec![0; second.len()]), Vec::new());
        for step in steps {
            match step {
                Step::Pair(one, other) => {
                    found.push((one, other));
                    (seen.0[one], seen.1[other]) = (seen.0[one] + 1, seen.1[other] + 1);
                }
                Step::OnlyFirst(one) => seen.0[one] += 1,
                Step::OnlySecond(other) => seen.1[other] += 1,
            }
        }
        assert!(seen.0.iter().chain(&seen.1).all(|times| *times == 1), "every trade is told once");
        found
    }

    /// Every way of matching in order, tried: the least cost there is.
    fn least(board: &Board<'_>, one: usize, other: usize) -> Cost {
        if one == board.first.len() {
            return board.alone(board.second.len() - other);
        }
        if other == board.second.len() {
            return board.alone(board.first.len() - one);
        }
        let plus = |a: Cost, b: Cost| (a.0 + b.0, a.1 + b.1);
        let alone = [least(board, one + 1, other), least(board, one, other + 1)].map(|rest| plus(rest, board.alone(1)));
        let apart = board.pair(one, other);
        let pair = (apart.0 <= 2 * board.reach).then(|| plus(apart, least(board, one + 1, other + 1)));
        alone.into_iter().chain(pair).min().unwrap()
    }

    fn cost(board: &Board<'_>, pairs: &[(usize, usize)]) -> Cost {
        let alone = board.alone(board.first.len() + board.second.len() - 2 * pairs.len());
        pairs.iter().fold(alone, |sum, (one, other)| {
            let pair = board.pair(*one, *other);
            (sum.0 + pair.0, sum.1 + pair.1)
        })
    }

    #[test]
    fn the_nearest_are_one_and_what_is_too_far_stays_alone() {
        assert_eq!(pairs(&list(&[0, 100]), &list(&[1, 103]), 10), [(0, 0), (1, 1)]);
        assert_eq!(pairs(&list(&[0, 100]), &list(&[98, 500]), 10), [(1, 0)]);
        assert_eq!(pairs(&list(&[0]), &list(&[10]), 10), [(0, 0)], "at the edge it is a pair");
        assert_eq!(pairs(&list(&[0]), &list(&[11]), 10), []);
        assert_eq!(pairs(&list(&[]), &list(&[1, 2]), 10), []);
        assert_eq!(pairs(&list(&[1, 2]), &list(&[]), 10), []);
    }

    #[test]
    fn of_entries_at_one_time_those_with_the_same_exits_are_one() {
        let at = Timestamp::from_millis;
        let times = |exit: i64| Times { entry: at(0), exit: at(exit) };
        assert_eq!(pairs(&[times(5), times(50)], &[times(50)], 10), [(1, 0)]);
        assert_eq!(pairs(&[times(5)], &[times(1), times(6)], 10), [(0, 1)]);
    }

    #[test]
    fn no_matching_is_cheaper_than_the_one_found() {
        let mut state = 9u64;
        let mut draw = |most: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % most
        };
        for _ in 0..400 {
            let mut some = || {
                let count = draw(7);
                let mut times: Vec<i64> = (0..count).map(|_| draw(40) as i64).collect();
                times.sort_unstable();
                let mut times = list(&times);
                times.iter_mut().for_each(|times| times.exit = Timestamp::from_millis(draw(60) as i64 * 1_000));
                times.sort_unstable();
                times
            };
            let (first, second) = (some(), some());
            let board = Board { first: &first, second: &second, reach: 8_000_000_000, windows: Vec::new() };
            let found = pairs(&first, &second, 8);
            assert_eq!(cost(&board, &found), least(&board, 0, 0), "{first:?} {second:?}");
        }
    }

    #[test]
    fn a_tolerance_that_means_nothing_is_refused() {
        let many = list(&(0..20_000).collect::<Vec<i64>>());
        let fault = align(&many, &many, Span::DAY).unwrap_err();
        assert!(fault.to_string().contains("--match-within") && fault.exit_code() == 2, "{fault}");
        assert_eq!(pairs(&many, &many, 60).len(), 20_000);
    }
}
