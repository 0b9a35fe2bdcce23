//! Which rows lie near trades: where a chart shows candles one by one.

use std::ops::Range;

/// Rows before an entry and behind an exit, at most and at least.
const BESIDE: Range<usize> = 5..60;
/// Rows that a trade has at least, however many trades share a budget.
const LEAST: usize = 4 * BESIDE.start;

/// Stretches of rows near trades, ascending and apart. `trades` are pairs of the rows of entry and exit, those that matter
/// most first; where not all find room in about `budget` rows, the last ones have none. Of a trade that is longer than
/// its part of the budget, the rows near entry and exit are kept and those between are left out.
pub fn near(trades: &[(usize, usize)], rows: usize, budget: usize) -> Vec<Range<usize>> {
    if trades.is_empty() || rows == 0 {
        return Vec::new();
    }
    let each = (budget / trades.len()).max(LEAST);
    let mut wanted = Vec::with_capacity(trades.len());
    for (entry, exit) in trades.iter().take(budget.div_ceil(LEAST)) {
        let length = exit.saturating_sub(*entry) + 1;
        let around = |from: usize, to: usize, beside: usize| from.saturating_sub(beside)..(to + beside + 1).min(rows);
        if length + 2 * BESIDE.start <= each {
            let beside = ((each - length) / 2).clamp(BESIDE.start, BESIDE.end);
            wanted.push(around(*entry, *exit, beside));
        } else {
            let beside = (each / 4).clamp(BESIDE.start, BESIDE.end);
            wanted.push(around(*entry, *entry, beside));
            wanted.push(around(*exit, *exit, beside));
        }
    }
    wanted.retain(|range| !range.is_empty());
    wanted.sort_by_key(|range| range.start);
    let mut joined: Vec<Range<usize>> = Vec::new();
    for range in wanted {
        match joined.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            Some(_) | None => joined.push(range),
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    fn total(ranges: &[Range<usize>]) -> usize {
        ranges.iter().map(ExactSizeIterator::len).sum()
    }

    #[test]
    fn a_trade_with_room_is_shown_whole_with_what_lies_beside_it() {
        let one = |trades: &[(usize, usize)], rows, budget| near(trades, rows, budget).into_iter().next();
        assert_eq!(one(&[(100, 110)], 1_000, 10_000), Some(40..171));
        assert_eq!(one(&[(100, 110), (150, 160)], 165, 10_000), Some(40..165));
        assert_eq!(near(&[(100, 110), (150, 160)], 165, 10_000).len(), 1);
        assert_eq!(one(&[(0, 0)], 3, 100), Some(0..3));
        assert!(near(&[], 10, 10).is_empty() && near(&[(0, 0)], 0, 10).is_empty());
    }

    #[test]
    fn of_a_long_trade_both_ends_are_shown() {
        assert_eq!(near(&[(1_000, 9_000)], 10_000, 400), [940..1_061, 8_940..9_061]);
    }

    #[test]
    fn many_trades_share_the_budget_and_the_last_ones_go_without() {
        let trades: Vec<(usize, usize)> = (0..1_000).map(|trade| (trade * 1_000, trade * 1_000 + 30)).collect();
        let found = near(&trades, 1_000_000, 50_000);
        assert!((40_000..=50_000).contains(&total(&found)), "{}", total(&found));
        let scarce = near(&trades, 1_000_000, 2_000);
        assert_eq!((scarce[0].clone(), scarce.len()), (0..6, 200));
        assert!(found.windows(2).all(|pair| pair[0].end < pair[1].start));
    }
}
