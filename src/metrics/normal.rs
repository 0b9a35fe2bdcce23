//! The standard normal distribution.

/// The probability that a standard normal variable is at most `x`.
///
/// By the complementary error function, which keeps its digits in the far tail.
pub fn cumulative(x: f64) -> f64 {
    0.5 * libm::erfc(-x * std::f64::consts::FRAC_1_SQRT_2)
}

/// The 97.5 % quantile: two-sided 95 % intervals.
pub const QUANTILE_975: f64 = 1.959_963_984_540_054;

/// The value below which a standard normal variable lies with probability `share`; minus and plus infinity at 0 and 1,
/// not a number outside of them.
///
/// Wichura's algorithm AS 241 (1988, Applied Statistics 37(3)), about 16 digits. For a share close to 1, take the
/// negative of the quantile of its complement: the complement keeps the digits that the share has lost.
pub fn quantile(share: f64) -> f64 {
    const CENTRE_TOP: [f64; 8] = [
        2509.0809287301227,
        33430.57558358813,
        67265.7709270087,
        45921.95393154987,
        13731.69376550946,
        1971.5909503065513,
        133.14166789178438,
        3.3871328727963665,
    ];
    const CENTRE_BOTTOM: [f64; 8] = [
        5226.495278852854,
        28729.085735721943,
        39307.89580009271,
        21213.794301586597,
        5394.196021424751,
        687.1870074920579,
        42.31333070160091,
        1.0,
    ];
    const TAIL_TOP: [f64; 8] = [
        0.0007745450142783414,
        0.022723844989269184,
        0.2417807251774506,
        1.2704582524523684,
        3.6478483247632045,
        5.769497221460691,
        4.630337846156546,
        1.4234371107496835,
    ];
    const TAIL_BOTTOM: [f64; 8] = [
        1.0507500716444169e-09,
        0.0005475938084995345,
        0.015198666563616457,
        0.14810397642748008,
        0.6897673349851,
        1.6763848301838038,
        2.053191626637759,
        1.0,
    ];
    const FAR_TOP: [f64; 8] = [
        2.0103343992922881e-07,
        2.7115555687434876e-05,
        0.0012426609473880784,
        0.026532189526576124,
        0.29656057182850487,
        1.7848265399172913,
        5.463784911164114,
        6.657904643501103,
    ];
    const FAR_BOTTOM: [f64; 8] = [
        2.0442631033899397e-15,
        1.421511758316446e-07,
        1.8463183175100548e-05,
        0.0007868691311456133,
        0.014875361290850615,
        0.1369298809227358,
        0.599832206555888,
        1.0,
    ];

    if share.is_nan() || !(0.0..=1.0).contains(&share) {
        return f64::NAN;
    }
    if share == 0.0 || share == 1.0 {
        return if share == 0.0 { f64::NEG_INFINITY } else { f64::INFINITY };
    }
    let off = share - 0.5;
    if off.abs() <= 0.425 {
        let r = 0.180625 - off * off;
        return off * polynomial(&CENTRE_TOP, r) / polynomial(&CENTRE_BOTTOM, r);
    }
    let tail = if off < 0.0 { share } else { 1.0 - share };
    let r = libm::sqrt(-libm::log(tail));
    let size = if r <= 5.0 {
        polynomial(&TAIL_TOP, r - 1.6) / polynomial(&TAIL_BOTTOM, r - 1.6)
    } else {
        polynomial(&FAR_TOP, r - 5.0) / polynomial(&FAR_BOTTOM, r - 5.0)
    };
    if off < 0.0 { -size } else { size }
}

/// By Horner's rule, the highest power first.
fn polynomial(coefficients: &[f64], x: f64) -> f64 {
    coefficients.iter().fold(0.0, |sum, coefficient| sum * x + coefficient)
}

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
