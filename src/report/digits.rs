//! Numbers and times as exact text, written straight into a buffer: a large run writes millions of them.

use crate::domain::{Amount, Rounding, Span, Timestamp};

const PAIRS: &[u8; 200] = b"0001020304050607080910111213141516171819\
    2021222324252627282930313233343536373839\
    4041424344454647484950515253545556575859\
    6061626364656667686970717273747576777879\
    8081828384858687888990919293949596979899";

/// Room for the digits of any 128-bit number.
const WIDEST: usize = 40;

/// The largest power of ten whose remainder fits 64 bits.
const CHUNK: u128 = 10_000_000_000_000_000_000;
const CHUNK_DIGITS: usize = 19;

/// Writes a whole number.
pub fn whole(out: &mut Vec<u8>, number: u64) {
    let mut digits = [0u8; WIDEST];
    let from = put_u64(&mut digits, WIDEST, number);
    out.extend_from_slice(&digits[from..]);
}

/// Writes `units` counts of 10^-`decimals` exactly, without trailing zeros: the same text as the decimal's own.
pub fn decimal(out: &mut Vec<u8>, units: i128, decimals: u8) {
    let mut digits = [b'0'; WIDEST];
    let magnitude = units.unsigned_abs();
    let from = match u64::try_from(magnitude) {
        Ok(0) => {
            out.push(b'0');
            return;
        }
        Ok(narrow) => put_u64(&mut digits, WIDEST, narrow),
        Err(_) => put_u128(&mut digits, magnitude),
    };
    if units < 0 {
        out.push(b'-');
    }
    let (mut to, mut places) = (WIDEST, usize::from(decimals));
    while places > 0 && digits[to - 1] == b'0' {
        to -= 1;
        places -= 1;
        if to == from {
            break;
        }
    }
    let digits = &digits[from..to];
    if places == 0 {
        out.extend_from_slice(digits);
    } else if digits.len() > places {
        let (before, behind) = digits.split_at(digits.len() - places);
        out.extend_from_slice(before);
        out.push(b'.');
        out.extend_from_slice(behind);
    } else {
        out.extend_from_slice(b"0.");
        out.resize(out.len() + places - digits.len(), b'0');
        out.extend_from_slice(digits);
    }
}

/// Writes `part` / `whole` with at most `decimals` decimals, rounded half to even. Nothing when `whole` is not above
/// zero or the quotient leaves the range of amounts.
pub fn quotient(out: &mut Vec<u8>, part: Amount, whole: i128, decimals: u8) {
    if whole <= 0 {
        return;
    }
    if let Ok(units) = part.scaled(10i128.pow(decimals.into()), whole, Rounding::HalfEven) {
        decimal(out, units.units(), decimals);
    }
}

/// Writes an instant as ISO 8601 in UTC, with as many decimals of a second as it needs.
pub fn time(out: &mut Vec<u8>, at: Timestamp) {
    let days = at.nanos().div_euclid(Span::DAY.nanos());
    let rest = at.nanos().rem_euclid(Span::DAY.nanos());
    let (year, month, day) = civil(days);
    let seconds = (rest / 1_000_000_000) as usize;
    let pair = |number: usize| [PAIRS[2 * number], PAIRS[2 * number + 1]];
    let [c0, c1] = pair(year / 100);
    let [y0, y1] = pair(year % 100);
    let [m0, m1] = pair(month);
    let [d0, d1] = pair(day);
    let [h0, h1] = pair(seconds / 3600);
    let [n0, n1] = pair(seconds / 60 % 60);
    let [s0, s1] = pair(seconds % 60);
    out.extend_from_slice(&[c0, c1, y0, y1, b'-', m0, m1, b'-', d0, d1, b'T', h0, h1, b':', n0, n1, b':', s0, s1]);
    let nanos = rest % 1_000_000_000;
    if nanos != 0 {
        let at = out.len();
        decimal(out, nanos.into(), 9);
        out.remove(at);
    }
    out.push(b'Z');
}

/// Writes a span in seconds.
pub fn seconds(out: &mut Vec<u8>, span: Span) {
    decimal(out, span.nanos().into(), 9);
}

/// The text that `write` leaves in an empty buffer.
pub fn text(write: impl FnOnce(&mut Vec<u8>)) -> String {
    let mut out = Vec::with_capacity(32);
    write(&mut out);
    out.into_iter().map(char::from).collect()
}

fn put_u64(digits: &mut [u8; WIDEST], mut at: usize, mut number: u64) -> usize {
    while number >= 100 {
        let pair = (number % 100) as usize * 2;
        number /= 100;
        at -= 2;
        digits[at..at + 2].copy_from_slice(&PAIRS[pair..pair + 2]);
    }
    if number >= 10 {
        let pair = number as usize * 2;
        at -= 2;
        digits[at..at + 2].copy_from_slice(&PAIRS[pair..pair + 2]);
    } else {
        at -= 1;
        digits[at] = b'0' + number as u8;
    }
    at
}

fn put_u128(digits: &mut [u8; WIDEST], mut number: u128) -> usize {
    // The buffer is full of zeros, so a chunk with fewer digits than it has room for is already padded.
    let (mut end, mut from) = (WIDEST, WIDEST);
    while number > 0 {
        from = put_u64(digits, end, (number % CHUNK) as u64);
        number /= CHUNK;
        end = end.saturating_sub(CHUNK_DIGITS);
    }
    from
}

/// The civil date of a day counted from 1970-01-01 (Hinnant's algorithm); years 1677 to 2262.
fn civil(days: i64) -> (usize, usize, usize) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year as usize, month as usize, day as usize)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_quotient_is_rounded_half_to_even_and_nothing_divides_by_zero() {
        let check = |part, whole, decimals| text(|out| quotient(out, Amount::from_units(part), whole, decimals));
        assert_eq!(check(1, 8, 2), "0.12");
        assert_eq!(check(3, 8, 2), "0.38");
        assert_eq!(check(-1, 3, 6), "-0.333333");
        assert_eq!(check(5, 0, 2), "");
        assert_eq!(check(2_000, 10, 8), "200");
    }

    proptest! {
        #[test]
        fn a_decimal_reads_as_the_decimal_library_writes_it(units in -(1i128 << 95)..(1i128 << 95), shift in 0u32..96, decimals in 0u8..=18) {
            let units = units >> shift;
            let written = text(|out| decimal(out, units, decimals));
            prop_assert_eq!(written, Amount::from_units(units).to_decimal(decimals).to_string());
        }

        #[test]
        fn tens_lose_their_zeros_behind_the_point_only(tens in 0u32..28, decimals in 0u8..=18) {
            let units = 10i128.pow(tens);
            let written = text(|out| decimal(out, -units, decimals));
            prop_assert_eq!(written, Amount::from_units(-units).to_decimal(decimals).to_string());
        }

        #[test]
        fn a_time_reads_as_the_time_library_writes_it(nanos in (i64::MIN + 1)..i64::MAX, whole in 0u32..4) {
            let step = [1, 1_000_000, 1_000_000_000, 86_400_000_000_000][whole as usize];
            let at = Timestamp::from_nanos(nanos / step * step);
            prop_assert_eq!(text(|out| time(out, at)), at.to_string());
        }
    }
}
