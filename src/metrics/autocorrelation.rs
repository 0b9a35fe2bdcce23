//! How autocorrelation changes the annualised Sharpe ratio (Lo 2002, FAJ 58(4)).

use super::{Undefined, moments};

/// Shown beside the factor.
pub const DEFINITION: &str = "Lo's factor q / sqrt(q + 2 sum over k<q of (q-k) rho_k), q = 365, rho_k the sample autocorrelation of the daily returns at lag k; sqrt(365) = 19.10 without autocorrelation";
/// Shown beside the ratio.
pub const SHARPE_DEFINITION: &str =
    "Sharpe ratio per day times Lo's factor: annualised with the autocorrelation that the returns really had";

/// By how much more returns there must be than the longest lag used: the last autocorrelations then still rest on as
/// many pairs as there are lags.
const RETURNS_PER_LAG: usize = 2;

/// Sample autocorrelation at `lag`: products of deviations `lag` apart over the sum of squared deviations.
///
/// # Errors
/// When the returns do not vary.
pub fn autocorrelation(returns: &[f64], lag: usize) -> Result<f64, Undefined> {
    moments::spread(returns)?;
    let deviations = deviations(returns)?;
    Ok(lagged(&deviations, lag) / lagged(&deviations, 0))
}

/// `q / √(q + 2 Σ_{k<q} (q - k) ρ_k)`: what to multiply a ratio per period with to get that of `periods` periods.
/// Equals √q when there is no autocorrelation; less where gains follow gains.
///
/// # Errors
/// With fewer than `2 · periods` returns, when they do not vary, and when the estimated variance is not positive.
pub fn lo_factor(returns: &[f64], periods: usize) -> Result<f64, Undefined> {
    if returns.len() < RETURNS_PER_LAG * periods {
        return Err(Undefined("fewer than two returns for each lag: lags up to a year need 730 daily returns"));
    }
    moments::spread(returns)?;
    let deviations = deviations(returns)?;
    let total = lagged(&deviations, 0);
    let weighted = moments::sum((1..periods).map(|lag| (periods - lag) as f64 * (lagged(&deviations, lag) / total)));
    let variance = periods as f64 + 2.0 * weighted;
    if variance <= 0.0 {
        return Err(Undefined("the estimated autocorrelations leave no positive variance"));
    }
    Ok(periods as f64 / variance.sqrt())
}

fn deviations(returns: &[f64]) -> Result<Vec<f64>, Undefined> {
    let center = moments::mean(returns)?;
    Ok(returns.iter().map(|rate| rate - center).collect())
}

fn lagged(deviations: &[f64], lag: usize) -> f64 {
    let later = deviations.get(lag..).unwrap_or_default();
    moments::sum(deviations.iter().zip(later).map(|(one, other)| one * other))
}

#[cfg(test)]
mod tests {
    use super::super::worked::{W, printed};
    use super::*;

    #[test]
    fn autocorrelations_by_hand() {
        // Deviations -1.5 -0.5 0.5 1.5: 0.75 - 0.25 + 0.75 = 1.25 over 5.
        printed(autocorrelation(&[1.0, 2.0, 3.0, 4.0], 1), "0.2500");
        printed(autocorrelation(&[1.0, 2.0, 3.0, 4.0], 3), "-0.4500");
        printed(autocorrelation(&[1.0, 2.0, 3.0, 4.0], 4), "0.0000");
        printed(autocorrelation(&W, 0), "1.0000");
        assert!(autocorrelation(&[0.1; 9], 1).is_err());
    }

    #[test]
    fn the_factor_by_hand() {
        // q = 2, rho_1 = 1/4: 2 / sqrt(2 + 2 * 1/4).
        printed(lo_factor(&[1.0, 2.0, 3.0, 4.0], 2), "1.264911064");
        printed(lo_factor(&W, 1), "1.000000");
    }

    #[test]
    fn gains_that_follow_gains_annualise_to_less_and_swings_to_more() {
        let trend: Vec<f64> = (0..400).map(|i| if i / 20 % 2 == 0 { 0.01 } else { -0.01 }).collect();
        let swing: Vec<f64> = (0..400).map(|i| if i % 2 == 0 { 0.01 } else { -0.01 }).collect();
        let root = 7.0_f64.sqrt();
        assert!(lo_factor(&trend, 7).unwrap() < 0.5 * root);
        assert!(lo_factor(&swing, 7).unwrap() > 2.0 * root);
    }

    #[test]
    fn a_short_run_has_no_factor() {
        assert!(lo_factor(&W, 7).is_err());
        assert!(lo_factor(&W, 6).is_ok());
    }
}
