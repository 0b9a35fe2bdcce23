//! Calmar ratio (Young 1991).

use super::Undefined;

/// Shown beside the number.
pub const DEFINITION: &str = "compound annual growth rate over the maximum drawdown of the daily sampled equity";

/// CAGR over maximum drawdown, a plain ratio.
///
/// # Errors
/// When there was no drawdown.
pub fn calmar(cagr: f64, max_drawdown: f64) -> Result<f64, Undefined> {
    if max_drawdown > 0.0 { Ok(cagr / max_drawdown) } else { Err(Undefined("there was no drawdown")) }
}

#[cfg(test)]
mod tests {
    use super::super::worked::{W, equity, printed};
    use super::super::{cagr::cagr, drawdown::Drawdown};
    use super::*;

    #[test]
    fn the_worked_series_has_its_published_calmar_ratio() {
        let samples = equity(&W);
        let depth = Drawdown::of(&samples).unwrap().depth;
        printed(calmar(cagr(1.0, samples[12].1, 12.0).unwrap(), depth), "14.5346117");
        assert!(calmar(0.5, 0.0).is_err());
    }
}
