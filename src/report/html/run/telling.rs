//! Which trades tell most, where there are too many to show.

/// No more trades than this are shown.
pub const TRADES_SHOWN: usize = 500;
/// Up to this many trades are shown all.
pub const ALL_TRADES: usize = 2_000;

/// The places of the trades to show, ascending: all of a few; of many the first and last fifty, and the largest gains
/// and losses in equal number.
pub fn trades(results: &[f64]) -> Vec<usize> {
    if results.len() <= ALL_TRADES {
        return (0..results.len()).collect();
    }
    let edge = TRADES_SHOWN / 10;
    let mut chosen = vec![false; results.len()];
    chosen[..edge].fill(true);
    chosen[results.len() - edge..].fill(true);
    let mut by_result: Vec<usize> = (edge..results.len() - edge).collect();
    by_result.sort_by(|a, b| results[*a].total_cmp(&results[*b]).then(a.cmp(b)));
    let each = (TRADES_SHOWN - 2 * edge) / 2;
    for place in by_result.iter().take(each).chain(by_result.iter().rev().take(each)) {
        chosen[*place] = true;
    }
    (0..results.len()).filter(|place| chosen[*place]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_many_trades_the_ends_and_the_extremes_are_shown() {
        let results: Vec<f64> = (0..5_000).map(|place: i64| ((place * 7_919) % 4_999) as f64 - 2_500.0).collect();
        let shown = trades(&results);
        assert_eq!(shown.len(), TRADES_SHOWN);
        assert!(shown.windows(2).all(|pair| pair[0] < pair[1]));
        let place_of = |value: f64| results.iter().position(|result| *result == value).unwrap();
        let (best, worst) =
            (results.iter().copied().fold(f64::MIN, f64::max), results.iter().copied().fold(f64::MAX, f64::min));
        for place in [0, 49, 4_950, 4_999, place_of(best), place_of(worst)] {
            assert!(shown.contains(&place), "{place}");
        }
        assert_eq!(trades(&results[..2_000]).len(), 2_000);
    }
}
