//! Money is integer arithmetic. Prices and quantities are counts of the instrument's own smallest decimals, amounts are
//! counts of an asset's ledger unit; `rust_decimal` stands at the doors only, and no operation here wraps.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A price in units of 10^-price_decimals of the instrument's quote asset.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct Price(i64);

/// A quantity in units of 10^-quantity_decimals of the instrument's base asset; negative for short positions.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct Quantity(i64);

/// A sum of one asset in units of 10^-decimals of that asset.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct Amount(i128);

/// A fraction in units of 1e-8: a fee of 0.1 % is 100,000 units. Negative for rebates.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct Rate(i64);

/// An integer left its range. The desk that met it is halted with a complaint; nothing wraps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an amount left the range of exact integers")]
pub struct Overflow;

/// How a venue rounds what does not divide evenly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Rounding {
    /// Away from zero for positive values: the usual choice for fees, against the account.
    Up,
    /// Towards negative infinity.
    Down,
    /// To the nearest, ties to even.
    HalfEven,
}

/// Amounts at or beyond this magnitude may not fit a decimal of 96 bits and count as overflow.
#[cfg(test)]
const AMOUNT_LIMIT: i128 = 1 << 95;

macro_rules! counted {
    ($name:ident, $integer:ty) => {
        impl $name {
            /// Nothing.
            pub const ZERO: $name = $name(0);

            /// From a count of units.
            pub const fn from_units(units: $integer) -> Self {
                $name(units)
            }

            /// The count of units.
            pub const fn units(self) -> $integer {
                self.0
            }

            /// Whether the count is zero.
            pub const fn is_zero(self) -> bool {
                self.0 == 0
            }

            /// The magnitude.
            pub const fn abs(self) -> Self {
                $name(self.0.saturating_abs())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}u", self.0)
            }
        }
    };
}

counted!(Price, i64);
counted!(Quantity, i64);
counted!(Amount, i128);
counted!(Rate, i64);

impl Price {
    /// The price `steps` units higher.
    pub fn plus(self, units: i64) -> Result<Self, Overflow> {
        self.0.checked_add(units).map(Price).ok_or(Overflow)
    }
}

impl Quantity {
    /// The largest quantity, used as "no bound".
    pub const MAX: Quantity = Quantity(i64::MAX);

    /// The sum.
    pub fn plus(self, other: Quantity) -> Result<Self, Overflow> {
        self.0.checked_add(other.0).map(Quantity).ok_or(Overflow)
    }

    /// The difference.
    pub fn minus(self, other: Quantity) -> Result<Self, Overflow> {
        self.0.checked_sub(other.0).map(Quantity).ok_or(Overflow)
    }

    /// The same magnitude with the sign turned.
    pub const fn negated(self) -> Self {
        Quantity(self.0.saturating_neg())
    }

    /// The largest multiple of `step` that is not above this quantity (for quantities of zero and up).
    pub const fn floor_to(self, step: Quantity) -> Self {
        if step.0 <= 1 { self } else { Quantity(self.0 - self.0.rem_euclid(step.0)) }
    }

    /// `rate` of this quantity, rounded down.
    pub fn share(self, rate: Rate) -> Result<Self, Overflow> {
        let wide = i128::from(self.0) * i128::from(rate.0);
        let part = match i64::try_from(wide) {
            Ok(narrow) => narrow.div_euclid(Rate::ONE.0),
            Err(_) => i64::try_from(wide.div_euclid(i128::from(Rate::ONE.0))).map_err(|_| Overflow)?,
        };
        Ok(Quantity(part))
    }
}

impl Rate {
    /// The whole: 100 %.
    pub const ONE: Rate = Rate(100_000_000);

    /// From a decimal fraction (0.001 is 0.1 %); none when it has more than eight decimals or is out of range.
    pub fn from_decimal(fraction: Decimal) -> Option<Self> {
        units_of(fraction, 8).map(Rate)
    }

    /// As a decimal fraction.
    pub fn to_decimal(self) -> Decimal {
        Decimal::new(self.0, 8).normalize()
    }
}

impl Amount {
    /// The sum.
    #[inline]
    pub fn plus(self, other: Amount) -> Result<Self, Overflow> {
        in_range(self.0.checked_add(other.0).ok_or(Overflow)?)
    }

    /// The difference.
    #[inline]
    pub fn minus(self, other: Amount) -> Result<Self, Overflow> {
        in_range(self.0.checked_sub(other.0).ok_or(Overflow)?)
    }

    /// The same magnitude with the sign turned.
    pub const fn negated(self) -> Self {
        Amount(-self.0)
    }

    /// So many times this amount.
    #[inline]
    pub fn times(self, factor: i128) -> Result<Self, Overflow> {
        in_range(wide_product(self.0, factor).ok_or(Overflow)?)
    }

    /// Price times quantity times the power of ten that brings the product to the asset's ledger unit.
    #[inline]
    pub fn product(price: Price, quantity: Quantity, factor: i64) -> Result<Self, Overflow> {
        Amount(i128::from(price.0) * i128::from(quantity.0)).times(i128::from(factor))
    }

    /// `rate` of this amount, rounded by `rounding` to a whole multiple of `increment` units.
    #[inline]
    pub fn fee(self, rate: Rate, increment: i64, rounding: Rounding) -> Result<Self, Overflow> {
        let wide = wide_product(self.0, i128::from(rate.0)).ok_or(Overflow)?;
        let unit = i128::from(Rate::ONE.0) * i128::from(increment);
        Amount(divide(wide, unit, rounding)).times(i128::from(increment))
    }

    /// This amount times `numerator` / `denominator`, rounded. `denominator` must be positive.
    #[inline]
    pub fn scaled(self, numerator: i128, denominator: i128, rounding: Rounding) -> Result<Self, Overflow> {
        in_range(divide(wide_product(self.0, numerator).ok_or(Overflow)?, denominator, rounding))
    }

    /// As a decimal with the asset's decimals, trailing zeros removed.
    pub fn to_decimal(self, decimals: u8) -> Decimal {
        Decimal::try_from_i128_with_scale(self.0, u32::from(decimals))
            .expect("amounts are kept within 95 bits")
            .normalize()
    }

    /// From a decimal; none when it has more decimals than the asset, or is out of range.
    pub fn from_decimal(value: Decimal, decimals: u8) -> Option<Self> {
        let value = value.normalize();
        let lift = u32::from(decimals).checked_sub(value.scale())?;
        let units = value.mantissa().checked_mul(10i128.checked_pow(lift)?)?;
        in_range(units).ok()
    }

    /// As a real number of whole assets, for statistics.
    #[inline]
    pub fn to_f64(self, decimals: u8) -> f64 {
        self.0 as f64 / power_of_ten(decimals)
    }
}

/// Ten to the power of some decimals. A double holds these exactly, so looking one up is the same as computing it.
#[inline]
fn power_of_ten(decimals: u8) -> f64 {
    const EXACT: [f64; 23] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
        1e20, 1e21, 1e22,
    ];
    match EXACT.get(usize::from(decimals)) {
        Some(power) => *power,
        None => computed_power_of_ten(decimals),
    }
}

/// The same beyond the list. Out of the way: a compiler that sees it computes it beside every look at the list.
#[cold]
#[inline(never)]
fn computed_power_of_ten(decimals: u8) -> f64 {
    10f64.powi(i32::from(decimals))
}

/// The product of two counts; none beyond 128 bits. Two factors that fit 64 bits cannot get there: the common case is
/// one multiplication without a wide overflow check.
#[inline]
pub fn wide_product(one: i128, other: i128) -> Option<i128> {
    match (i64::try_from(one), i64::try_from(other)) {
        (Ok(one), Ok(other)) => Some(i128::from(one) * i128::from(other)),
        _ => one.checked_mul(other),
    }
}

/// The product of two counts, or the end of the range that it lies beyond.
#[inline]
pub fn saturating_product(one: i128, other: i128) -> i128 {
    wide_product(one, other).unwrap_or_else(|| one.saturating_mul(other))
}

#[inline]
fn in_range(units: i128) -> Result<Amount, Overflow> {
    // Both bounds in one comparison of the upper word: it lies in −2^31..2^31 exactly when the whole does in ±2^95.
    let upper = (units >> 64) as i64;
    let shifted = upper.wrapping_add(1 << 31).cast_unsigned();
    if shifted < 1 << 32 { Ok(Amount(units)) } else { Err(Overflow) }
}

/// Integer division with a stated rounding. The narrow path gives the same result several times faster.
#[inline]
fn divide(numerator: i128, denominator: i128, rounding: Rounding) -> i128 {
    if let (Ok(top), Ok(bottom)) = (u64::try_from(numerator), u64::try_from(denominator)) {
        let (quotient, rest) = (top / bottom, top % bottom);
        return i128::from(quotient + u64::from(rounds_up(quotient & 1 == 1, rest.into(), denominator, rounding)));
    }
    let (quotient, rest) = (numerator.div_euclid(denominator), numerator.rem_euclid(denominator));
    quotient + i128::from(rounds_up(quotient & 1 == 1, rest, denominator, rounding))
}

#[inline]
fn rounds_up(quotient_is_odd: bool, rest: i128, denominator: i128, rounding: Rounding) -> bool {
    match rounding {
        Rounding::Up => rest > 0,
        Rounding::Down => false,
        Rounding::HalfEven => rest * 2 > denominator || (rest * 2 == denominator && quotient_is_odd),
    }
}

fn units_of(value: Decimal, decimals: u8) -> Option<i64> {
    let value = value.normalize();
    let lift = u32::from(decimals).checked_sub(value.scale())?;
    let units = value.mantissa().checked_mul(10i128.checked_pow(lift)?)?;
    i64::try_from(units).ok()
}

impl Price {
    /// From a decimal; none when it has more decimals than the instrument, or is out of range.
    pub fn from_decimal(value: Decimal, decimals: u8) -> Option<Self> {
        units_of(value, decimals).map(Price)
    }

    /// As a decimal, trailing zeros removed.
    pub fn to_decimal(self, decimals: u8) -> Decimal {
        Decimal::new(self.0, u32::from(decimals)).normalize()
    }

    /// As a real number, for indicators and charts.
    #[inline]
    pub fn to_f64(self, decimals: u8) -> f64 {
        self.0 as f64 / power_of_ten(decimals)
    }
}

impl Quantity {
    /// From a decimal; none when it has more decimals than the instrument, or is out of range.
    pub fn from_decimal(value: Decimal, decimals: u8) -> Option<Self> {
        units_of(value, decimals).map(Quantity)
    }

    /// As a decimal, trailing zeros removed.
    pub fn to_decimal(self, decimals: u8) -> Decimal {
        Decimal::new(self.0, u32::from(decimals)).normalize()
    }

    /// As a real number, for statistics.
    #[inline]
    pub fn to_f64(self, decimals: u8) -> f64 {
        self.0 as f64 / power_of_ten(decimals)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn a_decimal_enters_exactly_or_not_at_all() {
        assert_eq!(Price::from_decimal(decimal("67745.75"), 2), Some(Price(6_774_575)));
        assert_eq!(Price::from_decimal(decimal("67745.750"), 2), Some(Price(6_774_575)));
        assert_eq!(Price::from_decimal(decimal("67745.755"), 2), None);
        assert_eq!(Quantity::from_decimal(decimal("99999999999999"), 8), None);
        assert_eq!(Price(6_774_570).to_decimal(2), decimal("67745.7"));
    }

    #[test]
    fn a_fee_is_rounded_as_the_venue_rounds() {
        let notional = Amount(1_000_001);
        let rate = Rate::from_decimal(decimal("0.001")).unwrap();
        assert_eq!(notional.fee(rate, 1, Rounding::Up), Ok(Amount(1_001)));
        assert_eq!(notional.fee(rate, 1, Rounding::Down), Ok(Amount(1_000)));
        assert_eq!(notional.fee(rate, 1, Rounding::HalfEven), Ok(Amount(1_000)));
        assert_eq!(Amount(500).fee(rate, 1, Rounding::HalfEven), Ok(Amount(0)));
        assert_eq!(Amount(1_500).fee(rate, 1, Rounding::HalfEven), Ok(Amount(2)));
        assert_eq!(notional.fee(rate, 100, Rounding::Up), Ok(Amount(1_100)));
        let rebate = Rate::from_decimal(decimal("-0.001")).unwrap();
        assert_eq!(notional.fee(rebate, 1, Rounding::Up), Ok(Amount(-1_000)));
    }

    #[test]
    fn the_narrow_division_equals_the_wide_one() {
        for rounding in [Rounding::Up, Rounding::Down, Rounding::HalfEven] {
            for top in [0i128, 1, 49, 50, 51, 149, 150, 151, 250, 1 << 62] {
                let narrow = divide(top, 100, rounding);
                let wide = divide(top - (100 << 70), 100, rounding) + (1 << 70);
                assert_eq!(narrow, wide, "{top} {rounding:?}");
            }
        }
    }

    #[test]
    fn a_product_is_the_same_by_either_way() {
        let ends = [i128::MIN, i128::from(i64::MIN) - 1, i128::from(i64::MIN), -1, 0, 7, 1 << 63, 1 << 64, i128::MAX];
        for one in ends {
            for other in ends {
                assert_eq!(wide_product(one, other), one.checked_mul(other));
                assert_eq!(saturating_product(one, other), one.saturating_mul(other));
            }
        }
    }

    #[test]
    fn a_power_of_ten_is_what_it_computes_to() {
        for decimals in 0..30 {
            assert_eq!(power_of_ten(decimals).to_bits(), 10f64.powi(i32::from(decimals)).to_bits(), "{decimals}");
        }
    }

    #[test]
    fn nothing_wraps() {
        assert_eq!(Amount::product(Price(i64::MAX), Quantity(i64::MAX), 1), Err(Overflow));
        assert_eq!(Amount(AMOUNT_LIMIT - 1).plus(Amount(1)), Err(Overflow));
        assert_eq!(Amount(AMOUNT_LIMIT - 2).plus(Amount(1)), Ok(Amount(AMOUNT_LIMIT - 1)));
        assert_eq!(Amount(-AMOUNT_LIMIT).minus(Amount(1)), Err(Overflow));
        assert_eq!(Amount(1 - AMOUNT_LIMIT).minus(Amount(1)), Ok(Amount(-AMOUNT_LIMIT)));
        assert_eq!(Amount(-AMOUNT_LIMIT).to_decimal(0).to_string(), "-39614081257132168796771975168");
        assert_eq!(Quantity(i64::MAX).plus(Quantity(1)), Err(Overflow));
        assert_eq!(Quantity(100).share(Rate::ONE), Ok(Quantity(100)));
    }
}
