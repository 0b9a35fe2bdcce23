//! Tail ratio.

use super::{Undefined, quantile::quantile};

/// Shown beside the number.
pub const DEFINITION: &str = "absolute 95 % quantile of the daily returns over their absolute 5 % quantile";

/// `|q95| / |q05|` of the returns, a plain ratio.
///
/// # Errors
/// Without returns, and when the 5 % quantile is zero.
pub fn tail_ratio(returns: &[f64]) -> Result<f64, Undefined> {
    let (best, worst) = (quantile(returns, 0.95)?, quantile(returns, 0.05)?);
    if worst == 0.0 {
        return Err(Undefined("the 5 % quantile of the daily returns is zero"));
    }
    Ok(best.abs() / worst.abs())
}

#[cfg(test)]
mod tests {
    use super::super::worked::{W, printed};
    use super::*;

    #[test]
    fn the_worked_series_has_its_published_tail_ratio() {
        printed(tail_ratio(&W), "0.9396551724");
        assert!(tail_ratio(&[0.0; 50]).is_err() && tail_ratio(&[]).is_err());
    }
}
