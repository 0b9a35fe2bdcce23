//! Expectancy: what a trade brought on average.

use super::win_rate::NO_TRADE;
use super::{TradeResult, Undefined, moments::mean};

/// Shown beside the number.
pub const DEFINITION: &str = "mean net profit of all closed trades, zero trades included";
/// Shown beside the number in R.
pub const MULTIPLES_DEFINITION: &str = "mean over all closed trades of net profit over initial risk";

/// Mean net profit, in currency.
///
/// # Errors
/// Without trades.
pub fn expectancy(profits: &[f64]) -> Result<f64, Undefined> {
    mean(profits).map_err(|_| NO_TRADE)
}

/// Net profit over initial risk, trade by trade: R multiples.
///
/// # Errors
/// Without trades, and unless every trade states a risk above zero: an average over some of them would be another
/// strategy's.
pub fn multiples(trades: &[TradeResult]) -> Result<Vec<f64>, Undefined> {
    if trades.is_empty() {
        return Err(NO_TRADE);
    }
    let multiple = |trade: &TradeResult| match trade.risk {
        Some(risk) if risk > 0.0 => Ok(trade.profit / risk),
        Some(_) | None => Err(Undefined("not every trade states its initial risk")),
    };
    trades.iter().map(multiple).collect()
}

#[cfg(test)]
mod tests {
    use super::super::worked::{W, printed, trades};
    use super::*;

    #[test]
    fn the_worked_series_has_its_published_expectancy() {
        printed(expectancy(&W), "0.001583333");
        assert_eq!(expectancy(&[]), Err(NO_TRADE));
    }

    #[test]
    fn multiples_need_the_risk_of_every_trade() {
        let mut two = trades(&[30.0, -5.0]);
        assert!(multiples(&two).is_err());
        two[0].risk = Some(10.0);
        assert!(multiples(&two).is_err());
        two[1].risk = Some(0.0);
        assert!(multiples(&two).is_err());
        two[1].risk = Some(5.0);
        assert_eq!(multiples(&two), Ok(vec![3.0, -1.0]));
        assert_eq!(multiples(&[]), Err(NO_TRADE));
    }
}
