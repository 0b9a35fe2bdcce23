//! Total return.

use super::Undefined;

/// Shown beside the number.
pub const DEFINITION: &str = "equity at the end over equity at the start, less one; open positions at the last price";

/// `E_n / E_0 - 1`, a fraction.
///
/// # Errors
/// When the opening equity is not positive.
pub fn total_return(opening: f64, closing: f64) -> Result<f64, Undefined> {
    if opening > 0.0 { Ok(closing / opening - 1.0) } else { Err(Undefined("the opening equity is not positive")) }
}

#[cfg(test)]
mod tests {
    use super::super::worked::{W, equity, printed};
    use super::*;

    #[test]
    fn the_worked_series_ends_at_its_published_equity() {
        printed(Ok(equity(&W)[12].1), "1.01670805");
        printed(total_return(200.0, 150.0), "-0.2500");
        printed(total_return(200.0, -50.0), "-1.2500");
        assert!(total_return(0.0, 1.0).is_err());
    }
}
