//! Rank correlation (Spearman 1904, "The proof and measurement of association between two things").

use super::Undefined;

/// Shown beside the number.
pub const DEFINITION: &str = "rank correlation: Pearson's correlation of the ranks of both series, equals sharing their average rank; from -1 to 1";

/// The correlation of the ranks of two series of the same length.
///
/// # Errors
/// With fewer than three pairs, when the series differ in length, and when one of them never varies.
pub fn rank_correlation(one: &[f64], other: &[f64]) -> Result<f64, Undefined> {
    if one.len() != other.len() {
        return Err(Undefined("the series differ in length"));
    }
    if one.len() < 3 {
        return Err(Undefined("fewer than three pairs"));
    }
    let (one, other) = (ranks(one), ranks(other));
    // Ranks have a known mean, whatever the ties.
    let middle = (one.len() as f64 + 1.0) / 2.0;
    let (mut products, mut left, mut right) = (0.0, 0.0, 0.0);
    for (one, other) in one.iter().zip(&other) {
        products += (one - middle) * (other - middle);
        left += (one - middle) * (one - middle);
        right += (other - middle) * (other - middle);
    }
    if left == 0.0 || right == 0.0 {
        return Err(Undefined("one of the series never varies"));
    }
    Ok((products / (left * right).sqrt()).clamp(-1.0, 1.0))
}

/// Ranks from 1; equals share their average rank.
fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_unstable_by(|one, other| values[*one].total_cmp(&values[*other]));
    let mut ranks = vec![0.0; values.len()];
    let mut from = 0;
    while from < order.len() {
        let same = order[from..].iter().take_while(|place| values[**place] == values[order[from]]).count().max(1);
        let rank = from as f64 + (same as f64 + 1.0) / 2.0;
        order[from..from + same].iter().for_each(|place| ranks[*place] = rank);
        from += same;
    }
    ranks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_is_all_that_counts() {
        let rising = [1.0, 2.0, 4.0, 8.0, 16.0];
        assert_eq!(rank_correlation(&rising, &[0.1, 0.2, 0.3, 0.4, 9.0]), Ok(1.0));
        assert_eq!(rank_correlation(&rising, &[5.0, 4.0, 3.0, 2.0, -1.0]), Ok(-1.0));
        // Without ties: 1 - 6 Σd² / (n (n² - 1)), here with d = -1, 1, 0, -1, 1.
        let found = rank_correlation(&rising, &[20.0, 10.0, 30.0, 50.0, 40.0]).unwrap();
        assert!((found - (1.0 - 6.0 * 4.0 / 120.0)).abs() < 1e-15, "{found}");
    }

    #[test]
    fn equals_share_their_rank() {
        assert_eq!(ranks(&[3.0, 1.0, 3.0, 2.0, 3.0]), [4.0, 1.0, 4.0, 2.0, 4.0]);
        assert!(rank_correlation(&[1.0, 1.0, 1.0], &[1.0, 2.0, 3.0]).is_err());
        assert!(rank_correlation(&[1.0, 2.0], &[1.0, 2.0]).is_err());
        assert!(rank_correlation(&[1.0, 2.0, 3.0], &[1.0, 2.0]).is_err());
    }
}
