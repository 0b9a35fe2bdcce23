//! Probabilistic Sharpe ratio (Bailey & López de Prado 2012, J. Risk 15(2)).

use super::{Undefined, moments, normal, sharpe};

/// Shown beside the number.
pub const DEFINITION: &str = "PSR(0): probability that the true Sharpe ratio is above 0, given the number, skewness and raw kurtosis of the daily returns";

/// What the estimate of a Sharpe ratio rests on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Evidence {
    /// Sharpe ratio per observation, not annualised.
    pub sharpe: f64,
    /// Number of observations.
    pub observations: usize,
    /// Population skewness γ₃.
    pub skew: f64,
    /// Population kurtosis γ₄, raw: 3 for a normal distribution.
    pub kurtosis: f64,
}

impl Evidence {
    /// What a list of returns says.
    ///
    /// # Errors
    /// With fewer than two returns, or when they do not vary.
    pub fn of(returns: &[f64]) -> Result<Self, Undefined> {
        Ok(Evidence {
            sharpe: sharpe::sharpe(returns, 1.0)?,
            observations: returns.len(),
            skew: moments::skew(returns)?,
            kurtosis: moments::kurtosis(returns)?,
        })
    }

    /// `Φ[(SR - SR*) √(n-1) / √(1 - γ₃ SR + (γ₄-1)/4 SR²)]`: the probability that the true ratio exceeds `benchmark`,
    /// all ratios per observation.
    ///
    /// # Errors
    /// With fewer than two observations, and when the moments leave the ratio no positive variance.
    pub fn probability_above(&self, benchmark: f64) -> Result<f64, Undefined> {
        if self.observations < 2 {
            return Err(Undefined("fewer than two returns"));
        }
        let variance = self.variance()?;
        let observations = (self.observations - 1) as f64;
        Ok(normal::cumulative((self.sharpe - benchmark) * observations.sqrt() / variance.sqrt()))
    }

    /// `1 - γ₃ SR + (γ₄-1)/4 SR²`: the variance of the estimated ratio times n - 1 (Mertens 2002).
    ///
    /// # Errors
    /// When the moments leave the ratio no positive variance.
    pub fn variance(&self) -> Result<f64, Undefined> {
        let ratio = self.sharpe;
        let variance = 1.0 - self.skew * ratio + (self.kurtosis - 1.0) / 4.0 * ratio * ratio;
        if variance > 0.0 {
            Ok(variance)
        } else {
            Err(Undefined("skewness and kurtosis leave the Sharpe ratio no positive variance"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::worked::{W, printed};
    use super::*;

    #[test]
    fn the_worked_series_has_its_published_probability() {
        printed(Evidence::of(&W).unwrap().probability_above(0.0), "0.5973484001");
    }

    #[test]
    fn the_published_monthly_record_is_reproduced_with_raw_kurtosis() {
        let record = Evidence { sharpe: 0.458, observations: 24, skew: -2.448, kurtosis: 10.164 };
        printed(record.probability_above(0.0), "0.913361");
        printed(Evidence { skew: 0.0, kurtosis: 3.0, ..record }.probability_above(0.0), "0.981675");
        // What the two well-known mistakes would give; the test above fails on both.
        printed(Evidence { kurtosis: 7.164, ..record }.probability_above(0.0), "0.919972");
        printed(Evidence { kurtosis: 4.164, ..record }.probability_above(0.0), "0.926805");
    }

    #[test]
    fn a_benchmark_other_than_zero() {
        let record = Evidence { sharpe: 1.14, observations: 250, skew: 0.0, kurtosis: 3.0 };
        printed(record.probability_above(1.0), "0.957278");
    }

    #[test]
    fn impossible_moments_and_single_returns_have_no_probability() {
        let record = Evidence { sharpe: 1.0, observations: 10, skew: 5.0, kurtosis: 3.0 };
        assert!(record.probability_above(0.0).is_err());
        assert!(Evidence { skew: 0.0, observations: 1, ..record }.probability_above(0.0).is_err());
        assert!(Evidence::of(&[0.01; 5]).is_err());
    }
}
