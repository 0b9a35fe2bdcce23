//! Cells that other programs write: numbers, and times with or without a zone.

use super::Reading;
use crate::domain::Timestamp;
use rust_decimal::Decimal;
use rust_decimal::prelude::FromPrimitive;

/// What stands where a program has no number.
const NOTHING: [&str; 7] = ["", "-", "—", "–", "n/a", "nan", "none"];

/// A cell without a value.
pub fn is_nothing(cell: &str) -> bool {
    NOTHING.contains(&cell.trim().to_lowercase().as_str())
}

/// A decimal with a point, possibly with thousands apart, a typographic minus, a percent sign or an exponent.
pub fn decimal(cell: &str) -> Option<Decimal> {
    let mut text = cell.trim().trim_end_matches('%').trim_end().replace('\u{2212}', "-");
    if text.contains(',') {
        let whole = text.split('.').next().unwrap_or("");
        let groups: Vec<&str> = whole.trim_start_matches('-').split(',').collect();
        let is_grouped = groups.len() > 1 && !groups[0].is_empty() && groups[0].len() <= 3;
        if !is_grouped || groups[1..].iter().any(|group| group.len() != 3) || text.ends_with(',') {
            return None;
        }
        text = text.replace(',', "");
    }
    match text.contains(['e', 'E']) {
        // A power beyond what decimals hold, such as 1e-30, is rounded like any further digit.
        true => Decimal::from_scientific(&text).ok().or_else(|| text.parse().ok().and_then(Decimal::from_f64)),
        false => text.parse().ok(),
    }
}

/// A time. Without a zone it is taken to be in the reading's; the second part says whether that zone has it once.
pub fn time(cell: &str, reading: &Reading) -> Option<(Timestamp, bool)> {
    let text = cell.trim();
    let nanos = |time: jiff::Timestamp| i64::try_from(time.as_nanosecond()).ok().map(Timestamp::from_nanos);
    if let Ok(time) = text.parse::<jiff::Timestamp>() {
        return Some((nanos(time)?, true));
    }
    let civil = match text.parse::<jiff::civil::DateTime>() {
        Ok(civil) => civil,
        Err(_) => text.parse::<jiff::civil::Date>().ok()?.at(0, 0, 0, 0),
    };
    let found = reading.zone.to_ambiguous_timestamp(civil);
    let once = !found.is_ambiguous();
    Some((nanos(found.compatible().ok()?)?, once))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_written_and_others_refused() {
        let read = |cell: &str| decimal(cell).map(|value| value.normalize().to_string());
        assert_eq!(read("43,980.10").as_deref(), Some("43980.1"));
        assert_eq!(read("\u{2212}1,234,567").as_deref(), Some("-1234567"));
        assert_eq!(read("9.64e-05").as_deref(), Some("0.0000964"));
        assert_eq!(read("1.5 %").as_deref(), Some("1.5"));
        assert_eq!(read("4.44e-40").as_deref(), Some("0"));
        for wrong in ["1,5", "1.234,5", "12,34.5", "x", "", "1,234,"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_time_without_a_zone_is_in_the_zone_that_is_said() {
        let at = |cell: &str, zone: &str| time(cell, &Reading::default().in_zone(zone).unwrap()).unwrap();
        assert_eq!(at("2024-01-03 15:00", "UTC").0.to_string(), "2024-01-03T15:00:00Z");
        assert_eq!(at("2024-01-03 15:00", "+02:00").0.to_string(), "2024-01-03T13:00:00Z");
        assert_eq!(at("2024-01-03", "UTC").0.to_string(), "2024-01-03T00:00:00Z");
        assert_eq!(at("2024-01-03 15:00:00+00:00", "+02:00").0.to_string(), "2024-01-03T15:00:00Z");
        assert_eq!(time("yesterday", &Reading::default()), None);
        assert!(Reading::default().in_zone("Nowhere/Atall").is_err());
    }
}
