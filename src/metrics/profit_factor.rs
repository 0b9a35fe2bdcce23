//! Profit factor.

use super::Undefined;
use super::averages::{NO_LOSS, losses, wins};
use super::moments::sum;
use super::win_rate::NO_TRADE;

/// Shown beside the number.
pub const DEFINITION: &str = "sum of the winning trades over the absolute sum of the losing ones, net of fees";

/// `Σ wins / |Σ losses|` of net profits in account currency, a plain ratio.
///
/// # Errors
/// Without trades, and when none lost.
pub fn profit_factor(profits: &[f64]) -> Result<f64, Undefined> {
    if profits.is_empty() {
        return Err(NO_TRADE);
    }
    let lost = sum(losses(profits).into_iter());
    if lost == 0.0 { Err(NO_LOSS) } else { Ok(sum(wins(profits).into_iter()) / lost.abs()) }
}

#[cfg(test)]
mod tests {
    use super::super::worked::{W, printed};
    use super::*;

    #[test]
    fn the_worked_series_has_its_published_profit_factor() {
        printed(profit_factor(&W), "1.204301075");
        printed(profit_factor(&[-1.0]), "0.0000");
        assert_eq!(profit_factor(&[1.0, 0.0]), Err(NO_LOSS));
        assert_eq!(profit_factor(&[]), Err(NO_TRADE));
    }
}
