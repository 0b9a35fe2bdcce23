//! System quality number (Tharp).

use super::win_rate::NO_TRADE;
use super::{Undefined, moments};

/// Shown beside the number when every trade states its risk.
pub const DEFINITION: &str = "SQN: sqrt(min(trades, 100)) times mean over sample standard deviation of the trades' results in R (net profit over initial risk)";
/// Shown beside the number when the risk of some trade is not known.
pub const MONEY_DEFINITION: &str = "SQN: sqrt(min(trades, 100)) times mean over sample standard deviation of the trades' net profits in account currency, as initial risk is not known";
/// Shown beside the uncapped variant when every trade states its risk.
pub const UNCAPPED_DEFINITION: &str = "as SQN, on results in R, but with all trades counted instead of at most 100";
/// Shown beside the uncapped variant when the risk of some trade is not known.
pub const UNCAPPED_MONEY_DEFINITION: &str =
    "as SQN, on net profits in account currency, but with all trades counted instead of at most 100";

/// The most trades that Tharp lets count: beyond them the number would grow with the mere length of the run.
const TRADES_MAX: usize = 100;

/// `√min(n, 100) · mean / s`, a plain ratio; s over n - 1.
///
/// # Errors
/// With fewer than two trades, and when their results are all the same.
pub fn quality(results: &[f64]) -> Result<f64, Undefined> {
    Ok(ratio(results)? * (results.len().min(TRADES_MAX) as f64).sqrt())
}

/// `√n · mean / s`, a plain ratio; s over n - 1.
///
/// # Errors
/// With fewer than two trades, and when their results are all the same.
pub fn uncapped(results: &[f64]) -> Result<f64, Undefined> {
    Ok(ratio(results)? * (results.len() as f64).sqrt())
}

fn ratio(results: &[f64]) -> Result<f64, Undefined> {
    match results {
        [] => return Err(NO_TRADE),
        [_] => return Err(Undefined("only one closed trade")),
        [..] => {}
    }
    let spread = moments::amount_spread(results).map_err(|_| Undefined("the results of the trades do not vary"))?;
    Ok(moments::mean(results)? / spread)
}

#[cfg(test)]
mod tests {
    use super::super::worked::{W, printed};
    use super::*;

    #[test]
    fn the_worked_series_has_its_published_quality() {
        printed(uncapped(&W), "0.2622135616");
        printed(quality(&W), "0.2622135616");
    }

    #[test]
    fn the_hundred_and_first_trade_counts_in_the_uncapped_number_only() {
        let results: Vec<f64> = W.iter().copied().cycle().take(144).collect();
        let (capped, all) = (quality(&results).unwrap(), uncapped(&results).unwrap());
        assert!((all / capped - 1.2).abs() < 1e-14);
    }

    #[test]
    fn one_trade_or_equal_trades_have_no_quality() {
        assert_eq!(quality(&[]), Err(NO_TRADE));
        assert!(quality(&[1.0]).is_err() && quality(&[2.0, 2.0]).is_err() && uncapped(&[1.0]).is_err());
    }
}
