//! Fewer points that tell the same story: which trades to show, which bars to draw.

use super::rows::{EquityRow, PriceRow};

/// No more trades than this are shown.
pub const TRADES_SHOWN: usize = 1_000;
/// Up to this many trades are shown all.
pub const ALL_TRADES: usize = 2_000;

/// The places of the trades to show, ascending: all of a few; of many the first and last hundred, and the largest gains
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

/// The rows of a curve at which it must be drawn to keep its look: of each of `most` / 2 stretches its lowest and its
/// highest point, and both ends of the curve.
pub fn equity(rows: &[EquityRow], most: usize) -> Vec<EquityRow> {
    if rows.len() <= most {
        return rows.to_vec();
    }
    let size = rows.len().div_ceil((most / 2).max(1));
    let mut kept = Vec::with_capacity(most + 2);
    for (stretch, part) in rows.chunks(size).enumerate() {
        let worth = |place: &usize| part[*place].equity;
        let places = || 0..part.len();
        let low = places().min_by(|a, b| worth(a).total_cmp(&worth(b))).unwrap_or(0);
        let high = places().max_by(|a, b| worth(a).total_cmp(&worth(b))).unwrap_or(0);
        let mut both = vec![low, high];
        if stretch == 0 {
            both.push(0);
        }
        if (stretch + 1) * size >= rows.len() {
            both.push(part.len() - 1);
        }
        both.sort_unstable();
        both.dedup();
        kept.extend(both.into_iter().map(|place| part[place]));
    }
    kept
}

/// Bars merged into at most `most`.
pub fn bars(rows: &[PriceRow], most: usize) -> Vec<PriceRow> {
    let size = rows.len().div_ceil(most.max(1)).max(1);
    let merge = |part: &[PriceRow]| PriceRow {
        at: part[0].at,
        open: part[0].open,
        high: part.iter().map(|row| row.high).fold(f64::MIN, f64::max),
        low: part.iter().map(|row| row.low).fold(f64::MAX, f64::min),
        close: part[part.len() - 1].close,
    };
    rows.chunks(size).map(merge).collect()
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
        for place in [0, 99, 4_900, 4_999, place_of(best), place_of(worst)] {
            assert!(shown.contains(&place), "{place}");
        }
        assert_eq!(trades(&results[..2_000]).len(), 2_000);
    }

    #[test]
    fn a_thinned_curve_keeps_its_ends_and_extremes() {
        let rows: Vec<EquityRow> = (0..10_001)
            .map(|at: i64| EquityRow { at, equity: ((at * 7_919) % 10_007) as f64, drawdown: 0.0 })
            .collect();
        let kept = equity(&rows, 500);
        assert!(kept.len() <= 504, "{}", kept.len());
        assert_eq!((kept[0], kept[kept.len() - 1]), (rows[0], rows[10_000]));
        let extremes = |rows: &[EquityRow]| {
            let worth = rows.iter().map(|row| row.equity);
            (worth.clone().fold(f64::MIN, f64::max), worth.fold(f64::MAX, f64::min))
        };
        assert_eq!(extremes(&kept), extremes(&rows));
        assert!(kept.windows(2).all(|pair| pair[0].at < pair[1].at));
    }
}
