//! Quantiles by linear interpolation (type 7 of Hyndman & Fan 1996; the default of NumPy, pandas and R).

use super::Undefined;

/// The quantile at `share` (0 to 1) of the values, in any order: position `share · (n - 1)` of the sorted list.
///
/// # Errors
/// When there are no values, or one of them is not a number.
pub fn quantile(values: &[f64], share: f64) -> Result<f64, Undefined> {
    Ok(of_sorted(&sorted(values)?, share))
}

/// The quantile of values in ascending order, of which there is at least one.
pub(super) fn of_sorted(sorted: &[f64], share: f64) -> f64 {
    let place = share.clamp(0.0, 1.0) * (sorted.len() - 1) as f64;
    let below = place.floor() as usize;
    let above = (below + 1).min(sorted.len() - 1);
    sorted[below] + (place - below as f64) * (sorted[above] - sorted[below])
}

/// The values in ascending order.
///
/// # Errors
/// When there are no values, or one of them is not a number.
pub(super) fn sorted(values: &[f64]) -> Result<Vec<f64>, Undefined> {
    if values.is_empty() {
        return Err(Undefined("there are no values"));
    }
    if values.iter().any(|value| value.is_nan()) {
        return Err(Undefined("a value is not a number"));
    }
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    Ok(sorted)
}

#[cfg(test)]
mod tests {
    use super::super::worked::printed;
    use super::*;

    #[test]
    fn quantiles_interpolate_between_neighbours() {
        let values = [4.0, 1.0, 3.0, 2.0];
        printed(quantile(&values, 0.0), "1.000");
        printed(quantile(&values, 1.0), "4.000");
        printed(quantile(&values, 0.5), "2.500");
        printed(quantile(&values, 0.05), "1.150");
        printed(quantile(&[7.0], 0.3), "7.000");
        assert!(quantile(&[], 0.5).is_err() && quantile(&[1.0, f64::NAN], 0.5).is_err());
    }
}
