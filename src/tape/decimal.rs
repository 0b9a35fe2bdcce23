//! Decimal text to exact integers. No float ever stands between a source's digits and the store.

/// A decimal number: `units` times 10^-`decimals`, without trailing zeros in the fraction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exact {
    /// The digits as an integer.
    pub units: i64,
    /// How many of them stand behind the point.
    pub decimals: u8,
}

/// Why text is no number that the store can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NumberError {
    /// Nothing between the commas.
    #[error("is empty")]
    Empty,
    /// NaN or infinity.
    #[error("is not a finite number")]
    NotFinite,
    /// Letters, two points, a lone sign.
    #[error("is not a decimal number")]
    NotANumber,
    /// More digits than exact 64-bit decimals hold.
    #[error("has more digits than the store holds exactly (18)")]
    TooLong,
}

/// The most decimals to keep, where a source writes more than it means. None keeps every digit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DecimalLimits {
    /// Of prices.
    pub price: Option<u8>,
    /// Of base and quote quantities.
    pub quantity: Option<u8>,
}

/// Whether every digit of the text was kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// All of them.
    Exactly,
    /// Rounded half to even at the limit.
    Rounded,
}

/// The store's decimals have at most this many digits (DECIMAL(18, n) on 64 bits).
pub const DIGITS: u8 = 18;

/// Numbers of this magnitude and above have more than [`DIGITS`] digits.
pub const LIMIT: i64 = 1_000_000_000_000_000_000;

/// Ten to the power of `exponent`, none when 64 bits cannot hold it.
pub fn power_of_ten(exponent: u8) -> Option<i64> {
    10i64.checked_pow(u32::from(exponent))
}

/// `units` at `from` decimals, as units at the larger or equal `to` decimals; none when they no longer fit.
pub fn rescale(units: i64, from: u8, to: u8) -> Option<i64> {
    let lifted = units.checked_mul(power_of_ten(to.checked_sub(from)?)?)?;
    (lifted.abs() < LIMIT).then_some(lifted)
}

/// Reads a plain or exponential decimal exactly.
pub fn parse(text: &[u8]) -> Result<Exact, NumberError> {
    let text = text.trim_ascii();
    let (negative, digits) = match text.split_first() {
        None => return Err(NumberError::Empty),
        Some((b'-', rest)) => (true, rest),
        Some((b'+', rest)) => (false, rest),
        Some(_) => (false, text),
    };
    let mut units: i64 = 0;
    let mut decimals: i32 = 0;
    // Zeros behind the point count only once another digit follows them.
    let mut waiting_zeros: u32 = 0;
    let mut seen_digit = false;
    let mut seen_point = false;
    let mut exponent: i32 = 0;
    for (at, byte) in digits.iter().enumerate() {
        match byte {
            b'0' if seen_point => {
                seen_digit = true;
                waiting_zeros += 1;
            }
            b'0'..=b'9' => {
                seen_digit = true;
                let lift = 10i64.checked_pow(waiting_zeros + 1).ok_or(NumberError::TooLong)?;
                units = units.checked_mul(lift).ok_or(NumberError::TooLong)?;
                units = units.checked_add(i64::from(byte - b'0')).ok_or(NumberError::TooLong)?;
                if seen_point {
                    decimals += waiting_zeros as i32 + 1;
                }
                waiting_zeros = 0;
            }
            b'.' if !seen_point => seen_point = true,
            b'e' | b'E' if seen_digit => {
                exponent = parse_exponent(&digits[at + 1..])?;
                break;
            }
            _ => return Err(refusal(digits)),
        }
    }
    if !seen_digit {
        return Err(refusal(digits));
    }
    normalized(if negative { -units } else { units }, decimals - exponent)
}

/// Reads a decimal and rounds it half to even to at most `limit` decimals.
pub fn parse_limited(text: &[u8], limit: u8) -> Result<(Exact, Kept), NumberError> {
    let text = text.trim_ascii();
    let limit_length = usize::from(limit);
    let plain_fraction = text.iter().position(|byte| *byte == b'.').map(|point| point + 1);
    if let Some(begin) = plain_fraction
        && text.len() - begin > limit_length
        && text[begin..].iter().all(u8::is_ascii_digit)
    {
        // The digits beyond the limit may be more than 64 bits hold, so they are judged as text.
        let (kept, beyond) = text.split_at(begin + limit_length);
        let exact = parse(kept)?;
        let units = rescale(exact.units, exact.decimals, limit).ok_or(NumberError::TooLong)?;
        let tie = beyond[0] == b'5' && beyond[1..].iter().all(|digit| *digit == b'0');
        let up = if tie { units % 2 != 0 } else { beyond[0] >= b'5' };
        let sign = if text[0] == b'-' { -1 } else { 1 };
        let rounded = normalized(units + if up { sign } else { 0 }, i32::from(limit))?;
        let lossless = beyond.iter().all(|digit| *digit == b'0');
        return Ok((rounded, if lossless { Kept::Exactly } else { Kept::Rounded }));
    }
    let exact = parse(text)?;
    let Some(excess) = exact.decimals.checked_sub(limit).filter(|excess| *excess > 0) else {
        return Ok((exact, Kept::Exactly));
    };
    let unit = power_of_ten(excess).ok_or(NumberError::TooLong)?;
    let (whole, rest) = (exact.units.div_euclid(unit), exact.units.rem_euclid(unit));
    let up = rest * 2 > unit || (rest * 2 == unit && whole % 2 != 0);
    Ok((normalized(whole + i64::from(up), i32::from(limit))?, Kept::Rounded))
}

fn parse_exponent(text: &[u8]) -> Result<i32, NumberError> {
    let text = std::str::from_utf8(text).map_err(|_| NumberError::NotANumber)?;
    let exponent: i32 = text.parse().map_err(|_| NumberError::NotANumber)?;
    if exponent.abs() > 40 { Err(NumberError::TooLong) } else { Ok(exponent) }
}

fn normalized(mut units: i64, mut decimals: i32) -> Result<Exact, NumberError> {
    if units == 0 {
        return Ok(Exact { units: 0, decimals: 0 });
    }
    while decimals < 0 {
        units = units.checked_mul(10).ok_or(NumberError::TooLong)?;
        decimals += 1;
    }
    while decimals > 0 && units % 10 == 0 {
        units /= 10;
        decimals -= 1;
    }
    if decimals > i32::from(DIGITS) || units.abs() >= LIMIT {
        return Err(NumberError::TooLong);
    }
    Ok(Exact { units, decimals: decimals as u8 })
}

fn refusal(digits: &[u8]) -> NumberError {
    let text = digits.to_ascii_lowercase();
    let words: [&[u8]; 4] = [b"nan", b"inf", b"infinity", b"null"];
    if words.contains(&text.as_slice()) { NumberError::NotFinite } else { NumberError::NotANumber }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_read_exactly_and_trailing_zeros_dropped() {
        for (text, units, decimals) in [
            ("0", 0, 0),
            ("0.00000000", 0, 0),
            ("67745.75000000", 6_774_575, 2),
            ("0.00141342", 141_342, 8),
            ("13752.18233851", 1_375_218_233_851, 8),
            ("100", 100, 0),
            ("100.", 100, 0),
            (".5", 5, 1),
            ("-2.50", -25, 1),
            ("+7", 7, 0),
            ("1e-05", 1, 5),
            ("1.5E+3", 1_500, 0),
            ("12.340e1", 1_234, 1),
            ("999999999999999999", 999_999_999_999_999_999, 0),
            ("0.10203", 10_203, 5),
            (" 1.2 ", 12, 1),
            ("0.000000000000000000000", 0, 0),
        ] {
            assert_eq!(parse(text.as_bytes()), Ok(Exact { units, decimals }), "{text}");
        }
    }

    #[test]
    fn text_that_is_no_exact_number_is_refused_by_kind() {
        for (text, error) in [
            ("", NumberError::Empty),
            ("  ", NumberError::Empty),
            ("NaN", NumberError::NotFinite),
            ("-inf", NumberError::NotFinite),
            ("Infinity", NumberError::NotFinite),
            ("1.2.3", NumberError::NotANumber),
            ("-", NumberError::NotANumber),
            (".", NumberError::NotANumber),
            ("1,5", NumberError::NotANumber),
            ("0x10", NumberError::NotANumber),
            ("1e", NumberError::NotANumber),
            ("1e999", NumberError::TooLong),
            ("1000000000000000000", NumberError::TooLong),
            ("99999999999999999999999", NumberError::TooLong),
            ("0.30000000000000004441", NumberError::TooLong),
        ] {
            assert_eq!(parse(text.as_bytes()), Err(error), "{text}");
        }
    }

    #[test]
    fn digits_beyond_a_limit_are_rounded_half_to_even() {
        for (text, expect, kept) in [
            ("0.44371910999999997", (44_371_911, 8), Kept::Rounded),
            ("0.0000004800000000000001", (48, 8), Kept::Rounded),
            ("0.000000015", (2, 8), Kept::Rounded),
            ("0.000000025", (2, 8), Kept::Rounded),
            ("0.00000002500000000000000000001", (3, 8), Kept::Rounded),
            ("-0.000000015", (-2, 8), Kept::Rounded),
            ("1.5e-8", (2, 8), Kept::Rounded),
            ("1.500000000000000000000000000", (15, 1), Kept::Exactly),
            ("7", (7, 0), Kept::Exactly),
        ] {
            let (exact, found) = parse_limited(text.as_bytes(), 8).unwrap();
            assert_eq!(((exact.units, exact.decimals), found), (expect, kept), "{text}");
        }
        assert_eq!(parse_limited(b"NaN", 8), Err(NumberError::NotFinite));
        assert_eq!(parse_limited(b"1.x", 0), Err(NumberError::NotANumber));
    }

    #[test]
    fn rescaling_is_exact_or_refused() {
        assert_eq!(rescale(12, 1, 3), Some(1_200));
        assert_eq!(rescale(12, 3, 3), Some(12));
        assert_eq!(rescale(12, 3, 1), None);
        assert_eq!(rescale(10, 0, 17), None);
    }
}
