//! The standard normal distribution.

/// The probability that a standard normal variable is at most `x`.
///
/// By the complementary error function, which keeps its digits in the far tail.
pub fn cumulative(x: f64) -> f64 {
    0.5 * libm::erfc(-x * std::f64::consts::FRAC_1_SQRT_2)
}

/// The 97.5 % quantile: two-sided 95 % intervals.
pub const QUANTILE_975: f64 = 1.959_963_984_540_054;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_points_of_the_normal_distribution() {
        assert_eq!(cumulative(0.0), 0.5);
        assert!((cumulative(QUANTILE_975) - 0.975).abs() < 1e-15);
        assert!((cumulative(-1.0) - 0.158_655_253_931_457_05).abs() < 1e-16);
        assert!((cumulative(-10.0) / 7.619_853_024_160_527e-24 - 1.0).abs() < 1e-12);
        assert!((cumulative(1.7) + cumulative(-1.7) - 1.0).abs() < 1e-15);
    }
}
