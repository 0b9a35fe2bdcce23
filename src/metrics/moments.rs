//! Mean, spread and shape of a list of numbers.
//!
//! Deviations are taken from the mean in a second pass: the one-pass formulas lose digits where the mean is large.

use super::Undefined;

/// Shown beside the skewness.
pub const SKEW_DEFINITION: &str =
    "population skewness of the daily returns: third central moment over the cubed population standard deviation";
/// Shown beside the kurtosis.
pub const KURTOSIS_DEFINITION: &str = "population kurtosis of the daily returns, raw: fourth central moment over the squared population variance (a normal distribution has 3)";

/// Values that ought to be the same differ by the rounding of what they came from; below this spread they are equal.
const ROUNDING: f64 = 1e-14;

const FLAT: Undefined = Undefined("the daily returns do not vary");

/// Arithmetic mean.
///
/// # Errors
/// When there is nothing to average.
pub fn mean(values: &[f64]) -> Result<f64, Undefined> {
    if values.is_empty() {
        return Err(Undefined("there is nothing to average"));
    }
    Ok(sum(values.iter().copied()) / values.len() as f64)
}

/// Sample standard deviation (the sum of squares over n - 1).
///
/// # Errors
/// With fewer than two values.
pub fn sample_deviation(values: &[f64]) -> Result<f64, Undefined> {
    if values.len() < 2 {
        return Err(Undefined("fewer than two values"));
    }
    let center = mean(values)?;
    Ok((power_sum(values, center, 2) / (values.len() - 1) as f64).sqrt())
}

/// Sample standard deviation of returns, which must vary as it is divided by.
///
/// # Errors
/// With fewer than two returns, or when they are all the same but for the rounding of equity over equity.
pub fn spread(returns: &[f64]) -> Result<f64, Undefined> {
    let deviation = sample_deviation(returns)?;
    if deviation <= ROUNDING * largest(returns).max(1.0) { Err(FLAT) } else { Ok(deviation) }
}

/// Sample standard deviation of amounts, which must vary as it is divided by.
///
/// # Errors
/// With fewer than two amounts, or when they are all the same but for the rounding of their mean.
pub fn amount_spread(amounts: &[f64]) -> Result<f64, Undefined> {
    let deviation = sample_deviation(amounts)?;
    if deviation <= ROUNDING * largest(amounts) { Err(Undefined("the values do not vary")) } else { Ok(deviation) }
}

/// Population variance (the sum of squares over n).
///
/// # Errors
/// When there are no values.
pub fn population_variance(values: &[f64]) -> Result<f64, Undefined> {
    let center = mean(values)?;
    Ok(power_sum(values, center, 2) / values.len() as f64)
}

/// Population skewness γ₃. A symmetric list has 0.
///
/// # Errors
/// When the values do not vary.
pub fn skew(values: &[f64]) -> Result<f64, Undefined> {
    spread(values)?;
    let (center, variance) = (mean(values)?, population_variance(values)?);
    Ok(power_sum(values, center, 3) / values.len() as f64 / (variance * variance.sqrt()))
}

/// Population kurtosis γ₄, raw: a normal distribution has 3, not 0.
///
/// # Errors
/// When the values do not vary.
pub fn kurtosis(values: &[f64]) -> Result<f64, Undefined> {
    spread(values)?;
    let (center, variance) = (mean(values)?, population_variance(values)?);
    Ok(power_sum(values, center, 4) / values.len() as f64 / (variance * variance))
}

/// The sum, from the first to the last. (`Iterator::sum` promises no starting sign of zero; this starts at +0.)
pub(super) fn sum(values: impl Iterator<Item = f64>) -> f64 {
    values.fold(0.0, |total, value| total + value)
}

fn largest(values: &[f64]) -> f64 {
    values.iter().fold(0.0_f64, |largest, value| largest.max(value.abs()))
}

fn power_sum(values: &[f64], center: f64, power: u32) -> f64 {
    sum(values.iter().map(|value| {
        let deviation = value - center;
        (1..power).fold(deviation, |product, _| product * deviation)
    }))
}

#[cfg(test)]
mod tests {
    use super::super::worked::{W, printed};
    use super::*;

    #[test]
    fn the_worked_series_has_its_published_shape() {
        printed(skew(&W), "-0.4682958276");
        printed(kurtosis(&W), "2.326519872");
    }

    #[test]
    fn small_lists_by_hand() {
        printed(mean(&[1.0, 2.0, 6.0]), "3.000000");
        printed(sample_deviation(&[1.0, 2.0, 6.0]), "2.645751311");
        printed(population_variance(&[1.0, 2.0, 6.0]), "4.6666666667");
        printed(skew(&[-1.0, 0.0, 1.0]), "0.0000");
        printed(kurtosis(&[-1.0, 1.0]), "1.0000");
        assert!(mean(&[]).is_err() && sample_deviation(&[1.0]).is_err() && population_variance(&[]).is_err());
    }

    #[test]
    fn returns_that_differ_by_rounding_only_do_not_vary() {
        let constant = [0.1 + 0.2, 0.3, 0.3, 0.1 + 0.2];
        assert!(sample_deviation(&constant).unwrap() > 0.0);
        assert_eq!(spread(&constant), Err(FLAT));
        assert_eq!(skew(&[0.0; 40]), Err(FLAT));
        assert_eq!(kurtosis(&[0.0; 40]), Err(FLAT));
        assert!(spread(&[0.0, 1e-9, 0.0]).is_ok());
        assert!(amount_spread(&[0.1; 7]).is_err());
        assert!(amount_spread(&[1e-18, 2e-18]).is_ok());
    }
}
