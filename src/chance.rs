//! Seeded chance with the same bits on every machine: xoshiro256++ and arithmetic that IEEE 754 fixes to the last bit.

/// A stream of chance.
#[derive(Clone, Debug)]
pub struct Chance {
    state: [u64; 4],
}

impl Chance {
    /// A stream from a seed; `stream` tells apart streams of one seed.
    pub fn new(seed: u64, stream: u64) -> Self {
        let mut word = seed ^ stream.wrapping_mul(0xD1B5_4A32_D192_ED03);
        let state = std::array::from_fn(|_| {
            // SplitMix64, as the authors of xoshiro advise for seeding.
            word = word.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let mut mixed = word;
            mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            mixed ^ (mixed >> 31)
        });
        Chance { state }
    }

    /// The next 64 bits.
    #[inline]
    pub fn bits(&mut self) -> u64 {
        let [a, b, c, d] = self.state;
        let result = a.wrapping_add(d).rotate_left(23).wrapping_add(a);
        let (c2, d2) = (c ^ a, d ^ b);
        self.state = [a ^ d2, b ^ c2, c2 ^ (b << 17), d2.rotate_left(45)];
        result
    }

    /// A real number strictly between 0 and 1.
    #[inline]
    pub fn unit(&mut self) -> f64 {
        ((self.bits() >> 11) as f64 + 0.5) * (1.0 / 9_007_199_254_740_992.0)
    }

    /// A whole number from 0 to `below` minus one.
    #[inline]
    pub fn below(&mut self, below: u64) -> u64 {
        ((u128::from(self.bits()) * u128::from(below)) >> 64) as u64
    }

    /// A draw from the exponential law with mean 1.
    #[inline]
    pub fn exponential(&mut self) -> f64 {
        -short_log(self.unit())
    }

    /// A draw from the normal law with mean 0 and deviation 1.
    #[inline]
    pub fn normal(&mut self) -> f64 {
        inverse_normal(self.unit())
    }
}

/// Acklam's rational approximation of the inverse normal distribution (relative error below 1.2e-9).
#[inline]
fn inverse_normal(p: f64) -> f64 {
    const A: [f64; 6] = [
        -3.969683028665376e1,
        2.209460984245205e2,
        -2.759285104469687e2,
        1.38357751867269e2,
        -3.066479806614716e1,
        2.506628277459239,
    ];
    const B: [f64; 5] =
        [-5.447609879822406e1, 1.615858368580409e2, -1.556989798598866e2, 6.680131188771972e1, -1.328068155288572e1];
    const LOW: f64 = 0.02425;
    if p < LOW {
        return tail(p);
    }
    if p > 1.0 - LOW {
        return -tail(1.0 - p);
    }
    let q = p - 0.5;
    let r = q * q;
    let top = ((((A[0] * r + A[1]) * r + A[2]) * r + A[3]) * r + A[4]) * r + A[5];
    let bottom = ((((B[0] * r + B[1]) * r + B[2]) * r + B[3]) * r + B[4]) * r + 1.0;
    top * q / bottom
}

#[cold]
fn tail(p: f64) -> f64 {
    const C: [f64; 6] = [
        -7.784894002430293e-3,
        -3.223964580411365e-1,
        -2.400758277161838,
        -2.549732539343734,
        4.374664141464968,
        2.938163982698783,
    ];
    const D: [f64; 4] = [7.784695709041462e-3, 3.224671290700398e-1, 2.445134137142996, 3.754408661907416];
    let q = libm::sqrt(-2.0 * libm::log(p));
    let top = ((((C[0] * q + C[1]) * q + C[2]) * q + C[3]) * q + C[4]) * q + C[5];
    let bottom = (((D[0] * q + D[1]) * q + D[2]) * q + D[3]) * q + 1.0;
    top / bottom
}

/// The natural logarithm of a normal positive number, to about 1e-10: enough for chance, and several times as fast.
#[inline]
fn short_log(x: f64) -> f64 {
    let bits = x.to_bits();
    // The mantissa in [2/3, 4/3), so that the series below converges quickly.
    let shifted = bits.wrapping_sub(0x3FE5_5555_5555_5555);
    let exponent = (shifted as i64) >> 52;
    let mantissa = f64::from_bits(bits.wrapping_sub((exponent as u64) << 52));
    let s = (mantissa - 1.0) / (mantissa + 1.0);
    let q = s * s;
    let series = 2.0 + q * (2.0 / 3.0 + q * (2.0 / 5.0 + q * (2.0 / 7.0 + q * (2.0 / 9.0 + q * (2.0 / 11.0)))));
    exponent as f64 * std::f64::consts::LN_2 + s * series
}

/// e^x, by a short series where x is small and the series exact to 1e-13, else by `libm`.
#[inline]
pub fn exp(x: f64) -> f64 {
    if x.abs() < 0.02 {
        1.0 + x * (1.0 + x * (0.5 + x * (1.0 / 6.0 + x * (1.0 / 24.0 + x * (1.0 / 120.0)))))
    } else {
        libm::exp(x)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stream_is_the_published_one() {
        // Reference output of xoshiro256++ for the state 1, 2, 3, 4.
        let mut chance = Chance { state: [1, 2, 3, 4] };
        let first: Vec<u64> = (0..4).map(|_| chance.bits()).collect();
        assert_eq!(first, vec![41_943_041, 58_720_359, 3_588_806_011_781_223, 3_591_011_842_654_386]);
    }

    #[test]
    fn normal_draws_have_the_moments_of_the_normal_law() {
        let mut chance = Chance::new(7, 0);
        let draws: Vec<f64> = (0..200_000).map(|_| chance.normal()).collect();
        let count = draws.len() as f64;
        let mean = draws.iter().sum::<f64>() / count;
        let variance = draws.iter().map(|draw| draw * draw).sum::<f64>() / count;
        let beyond_two = draws.iter().filter(|draw| draw.abs() > 2.0).count() as f64 / count;
        assert!(mean.abs() < 0.01 && (variance - 1.0).abs() < 0.02, "{mean} {variance}");
        assert!((beyond_two - 0.0455).abs() < 0.003, "{beyond_two}");
    }

    #[test]
    fn the_short_logarithm_meets_the_long_one() {
        for x in [1e-17, 1e-9, 0.01, 0.3, 0.5, 0.666, 0.667, 0.9, 0.999_999, 1.0] {
            assert!((short_log(x) - libm::log(x)).abs() < 1e-9, "{x} {} {}", short_log(x), libm::log(x));
        }
    }

    #[test]
    fn the_short_exponential_meets_the_long_one() {
        for x in [-0.0199, -0.01, -1e-6, 0.0, 1e-6, 0.01, 0.0199] {
            assert!((exp(x) - libm::exp(x)).abs() < 2e-13, "{x}");
        }
    }
}
