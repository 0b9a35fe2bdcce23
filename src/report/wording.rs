//! How numbers read for people: grouped, rounded, signed. The exact ones stand in the files.

use super::summary::MetricRow;
use rust_decimal::Decimal;

/// What stands where there is no number.
pub const UNDEFINED: &str = "n/a";

/// Money shared out over a count, as [`money`]; undefined over none.
pub fn mean(exact: &str, count: u64) -> String {
    let value = exact.parse::<Decimal>().ok().and_then(|sum| sum.checked_div(Decimal::from(count)));
    value.map_or_else(|| UNDEFINED.to_owned(), |value| money(&value.to_string()))
}

/// A count with its thousands apart.
pub fn count(number: u64) -> String {
    grouped(&number.to_string())
}

/// Money to the cent, or to four digits below one; text that is no number comes back as it is.
pub fn money(exact: &str) -> String {
    let Ok(value) = exact.parse::<Decimal>() else { return exact.to_owned() };
    if value.abs() < Decimal::ONE {
        return value.round_sf(4).unwrap_or(value).normalize().to_string();
    }
    grouped(&format!("{:.2}", value.round_dp(2)))
}

/// A price to eight digits, as fine as its market needs; text that is no number comes back as it is.
pub fn price(exact: &str) -> String {
    let Ok(value) = exact.parse::<Decimal>() else { return exact.to_owned() };
    grouped(&value.round_sf(8).unwrap_or(value).normalize().to_string())
}

/// A percentage that may be undefined.
pub fn percent(value: Option<f64>) -> String {
    value.map_or_else(|| UNDEFINED.to_owned(), |value| format!("{} %", grouped(&format!("{value:.2}"))))
}

/// A percentage with its sign always there.
pub fn signed_percent(value: Option<f64>) -> String {
    value.map_or_else(|| UNDEFINED.to_owned(), |value| format!("{} %", grouped(&format!("{value:+.2}"))))
}

/// One part of a whole, as a percentage.
pub fn share(part: u64, whole: u64) -> String {
    percent((whole > 0).then(|| 100.0 * part as f64 / whole as f64))
}

/// A statistic with its unit, or `n/a`. Fractions read as percentages, money in the account's `currency`.
pub fn metric(row: &MetricRow, currency: &str) -> String {
    let Some(value) = row.value else { return UNDEFINED.to_owned() };
    match row.unit.as_str() {
        "fraction" => percent(Some(100.0 * value)),
        "ratio" => plain(value),
        "currency" => format!("{} {currency}", plain(value)),
        unit => format!("{} {unit}", plain(value)),
    }
}

/// What must be said beside a statistic: why there is none, or what to know about it. Mostly nothing.
pub fn beside(row: &MetricRow) -> Option<&str> {
    row.reason.as_deref().or(row.note.as_deref())
}

/// A length of time given in seconds: its two largest units.
pub fn length(seconds: f64) -> String {
    let whole = seconds.max(0.0) as u64;
    let parts = [(whole / 86_400, "d"), (whole / 3_600 % 24, "h"), (whole / 60 % 60, "min"), (whole % 60, "s")];
    let Some(first) = parts.iter().position(|(number, _)| *number > 0) else { return format!("{seconds:.3} s") };
    let shown = parts[first..].iter().take(2).filter(|(number, _)| *number > 0);
    shown.map(|(number, unit)| format!("{} {unit}", count(*number))).collect::<Vec<_>>().join(" ")
}

/// An instant to the minute, as a person writes it.
pub fn minute(iso: &str) -> String {
    match (iso.get(..10), iso.get(11..16)) {
        (Some(date), Some(time)) => format!("{date} {time}"),
        _ => iso.to_owned(),
    }
}

fn plain(value: f64) -> String {
    if value.fract() == 0.0 && value.abs() < 1e15 {
        return grouped(&format!("{value:.0}"));
    }
    match value.abs() {
        0.01.. => grouped(&format!("{value:.2}")),
        0.000_001.. => format!("{value:.6}"),
        _ => format!("{value:.2e}"),
    }
}

/// Puts a comma before every third digit in front of the point.
fn grouped(number: &str) -> String {
    let (whole, rest) = number.split_at(number.find('.').unwrap_or(number.len()));
    let start = whole.find(|c: char| c.is_ascii_digit()).unwrap_or(0);
    let mut out = String::with_capacity(number.len() + number.len() / 3);
    out.push_str(&whole[..start]);
    for (index, digit) in whole[start..].chars().enumerate() {
        if index > 0 && (whole.len() - start - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_reads_grouped_and_rounded() {
        let pairs = [
            ("10000", "10,000.00"),
            ("-1234567.891", "-1,234,567.89"),
            ("999.995", "1,000.00"),
            ("0.00012345678", "0.0001235"),
            ("0", "0"),
            ("-12", "-12.00"),
            ("not money", "not money"),
        ];
        for (exact, read) in pairs {
            assert_eq!(money(exact), read);
        }
        let pairs = [("67745.70", "67,745.7"), ("0.000012345", "0.000012345"), ("1.23456789012", "1.2345679")];
        for (exact, read) in pairs {
            assert_eq!(price(exact), read);
        }
    }

    #[test]
    fn what_is_undefined_reads_so() {
        assert_eq!(percent(None), "n/a");
        assert_eq!(share(0, 0), "n/a");
        assert_eq!(share(1, 4), "25.00 %");
        assert_eq!(signed_percent(Some(1234.5)), "+1,234.50 %");
    }

    #[test]
    fn a_statistic_reads_in_its_unit() {
        let read = |value: Option<f64>, unit: &str| {
            let text = String::new;
            let (key, label, definition, unit) = (text(), text(), text(), unit.to_owned());
            metric(&MetricRow { key, label, unit, definition, value, reason: None, note: None }, "USDT")
        };
        assert_eq!(read(Some(0.1234), "fraction"), "12.34 %");
        assert_eq!(read(Some(-1.5), "ratio"), "-1.50");
        assert_eq!(read(Some(12_345.678), "currency"), "12,345.68 USDT");
        assert_eq!(read(Some(9.0), "days"), "9 days");
        assert_eq!(read(None, "R"), "n/a");
    }

    #[test]
    fn a_length_shows_its_two_largest_units() {
        let pairs = [
            (0.2, "0.200 s"),
            (59.0, "59 s"),
            (3_600.0, "1 h"),
            (90_061.0, "1 d 1 h"),
            (86_460.0, "1 d"),
            (150.0, "2 min 30 s"),
        ];
        for (seconds, read) in pairs {
            assert_eq!(length(seconds), read);
        }
    }
}
