//! Kelly fraction (Kelly 1956).

use super::averages::{NO_LOSS, NO_WIN, losses, payoff, wins};
use super::win_rate::NO_TRADE;
use super::{Undefined, moments, wilson};

/// Shown beside the number.
pub const DEFINITION: &str = "p - (1 - p) / b: p the share of wins among the trades that won or lost (zero trades left out), b average win over absolute average loss";
/// Shown beside the ends of its interval.
pub const INTERVAL_DEFINITION: &str = "Kelly fraction at this end of the 95 % Wilson score interval of the share of wins, average win and loss as measured";
/// Shown beside the continuous variant.
pub const CONTINUOUS_DEFINITION: &str = "mean daily return over the population variance of the daily returns";

/// The Kelly fraction and how far it can be trusted, as shares of capital.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Kelly {
    /// `p - q / b`.
    pub fraction: f64,
    /// The same at the lower end of the 95 % Wilson interval of p.
    pub low: f64,
    /// The same at its upper end.
    pub high: f64,
}

impl Kelly {
    /// From net profits; trades that neither won nor lost are left out.
    ///
    /// # Errors
    /// Without trades, when none won, and when none lost.
    pub fn of(profits: &[f64]) -> Result<Self, Undefined> {
        if profits.is_empty() {
            return Err(NO_TRADE);
        }
        let (won, lost) = (wins(profits).len() as f64, losses(profits).len() as f64);
        if won == 0.0 {
            return Err(NO_WIN);
        }
        if lost == 0.0 {
            return Err(NO_LOSS);
        }
        let ratio = payoff(profits)?;
        let at = |share: f64| share - (1.0 - share) / ratio;
        let (low, high) = wilson::interval(won, won + lost);
        Ok(Kelly { fraction: at(won / (won + lost)), low: at(low), high: at(high) })
    }
}

/// `μ / σ²` of returns with population variance: the leverage that maximises growth if returns were normal.
///
/// # Errors
/// When the returns do not vary.
pub fn continuous(returns: &[f64]) -> Result<f64, Undefined> {
    moments::spread(returns)?;
    Ok(moments::mean(returns)? / moments::population_variance(returns)?)
}

#[cfg(test)]
mod tests {
    use super::super::worked::{W, printed};
    use super::*;

    #[test]
    fn the_worked_series_has_its_published_kelly_fractions() {
        printed(Kelly::of(&W).map(|kelly| kelly.fraction), "0.09253246753");
        printed(continuous(&W), "3.94771");
    }

    #[test]
    fn a_zero_trade_changes_nothing() {
        let with_more: Vec<f64> = W.iter().copied().chain([0.0; 9]).collect();
        assert_eq!(Kelly::of(&with_more), Kelly::of(&W));
    }

    #[test]
    fn the_interval_is_that_of_the_share_of_wins() {
        let kelly = Kelly::of(&W).unwrap();
        assert!(kelly.low < kelly.fraction && kelly.fraction < kelly.high);
        assert!(kelly.low < 0.0, "eleven trades prove no edge");
    }

    #[test]
    fn without_a_win_or_a_loss_there_is_no_fraction() {
        assert_eq!(Kelly::of(&[]), Err(NO_TRADE));
        assert_eq!(Kelly::of(&[1.0, 0.0]), Err(NO_LOSS));
        assert_eq!(Kelly::of(&[-1.0, 0.0]), Err(NO_WIN));
        assert!(continuous(&[0.0; 40]).is_err());
    }
}
