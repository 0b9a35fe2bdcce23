//! Decimals as the exchange writes them: eight places, never an exponent.

/// Places of every amount on the wire.
pub const PLACES: u8 = 8;

/// Ten to the power of some decimals.
pub fn ten_to(decimals: u8) -> i128 {
    10i128.pow(u32::from(decimals))
}

/// A count of units of 10^-`decimals` with eight places, or with as many as it needs where eight do not hold it.
pub fn shown(units: i128, decimals: u8) -> String {
    if decimals <= PLACES {
        return written(units * ten_to(PLACES - decimals), PLACES);
    }
    let surplus = ten_to(decimals - PLACES);
    if units % surplus == 0 { written(units / surplus, PLACES) } else { written(units, decimals) }
}

fn written(units: i128, places: u8) -> String {
    let (one, sign) = (ten_to(places), if units < 0 { "-" } else { "" });
    let units = units.unsigned_abs() as i128;
    format!("{sign}{}.{:0width$}", units / one, units % one, width = usize::from(places))
}

/// What a text that should be a number is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Read {
    /// So many units of 1e-8.
    Units(i64),
    /// Digits beyond the eighth place.
    TooPrecise,
    /// Not digits with an optional fraction, or too large.
    Illegal,
}

/// Reads digits with an optional fraction.
pub fn read(text: &str) -> Read {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |part: &str| (1..=20).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(fraction) {
        return Read::Illegal;
    }
    let kept = fraction.trim_end_matches('0');
    if kept.len() > usize::from(PLACES) {
        return Read::TooPrecise;
    }
    match format!("{whole}{kept:0<8}").parse() {
        Ok(units) => Read::Units(units),
        Err(_) => Read::Illegal,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_with_eight_places_and_read_exactly() {
        assert_eq!(shown(6_774_575, 2), "67745.75000000");
        assert_eq!(shown(-5, 8), "-0.00000005");
        assert_eq!(shown(12_300, 10), "0.00000123");
        assert_eq!(shown(12_345, 10), "0.0000012345");
        assert_eq!(read("0.00000123"), Read::Units(123));
        assert_eq!(read("1.10000000000"), Read::Units(110_000_000));
        assert_eq!(read("0.000000001"), Read::TooPrecise);
        for text in ["", "1e-5", "-1", ".5", "5.", "1,5", "99999999999999999999"] {
            assert_eq!(read(text), Read::Illegal, "{text}");
        }
    }
}
