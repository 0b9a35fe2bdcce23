//! Months and days in UTC, as archives divide time.

use crate::domain::Timestamp;
use crate::error::{Fault, Result};
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// Which end of a range a word stands for: a month or a day is meant whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edge {
    /// The first instant of what the word names.
    Begin,
    /// The first instant after it.
    End,
}

/// A part of a range of time that one file may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// A whole month, named by its first day.
    Month(Date),
    /// A whole day.
    Day(Date),
    /// The day that is not over.
    Today(Date),
}

/// Reads `2024` (a year), `2024-01` (a month), `2024-01-31` (a day) or a time.
///
/// # Errors
/// When it is none of them.
pub fn moment(text: &str, edge: Edge) -> Result<Timestamp> {
    let text = text.trim();
    let date = |text: String| text.parse::<Date>().ok();
    let stretch = match text.len() {
        4 => date(format!("{text}-01-01")).map(|year| (year, next_day(year.last_of_year()))),
        7 => date(format!("{text}-01")).map(|month| (month, next_month(month))),
        10 => date(text.to_owned()).map(|day| (day, next_day(day))),
        _ => None,
    };
    match (stretch, edge) {
        (Some((first, _)), Edge::Begin) => Ok(start(first)),
        (Some((_, next)), Edge::End) => Ok(start(next)),
        (None, _) => text.parse().map_err(|error: crate::domain::time::TimeError| {
            Fault::user(error.to_string()).remedy("write a month such as 2024-01, a day or a time")
        }),
    }
}

/// The months and days from the one that holds `from` to the one before `to`, none of them beyond `now`.
pub(super) fn pieces(from: Timestamp, to: Timestamp, now: Timestamp) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut day = day_of(from);
    let end = to.min(now);
    while start(day) < end {
        let (tomorrow, month) = (next_day(day), next_month(day));
        if start(tomorrow) > now {
            pieces.push(Piece::Today(day));
            day = tomorrow;
        } else if day.day() == 1 && start(month) <= end {
            pieces.push(Piece::Month(day));
            day = month;
        } else {
            pieces.push(Piece::Day(day));
            day = tomorrow;
        }
    }
    pieces
}

/// The days of the month that begins with `first`.
pub(super) fn days_of(first: Date) -> impl Iterator<Item = Date> {
    first.series(jiff::Span::new().days(1)).take_while(move |day| day.month() == first.month())
}

/// The day that holds an instant.
pub(super) fn day_of(time: Timestamp) -> Date {
    let time = jiff::Timestamp::from_nanosecond(i128::from(time.nanos())).expect("64-bit nanoseconds are in range");
    time.to_zoned(TimeZone::UTC).date()
}

/// The first instant of a day. Days beyond the range of instants, 1677 to 2262, are taken as its ends.
pub(super) fn start(day: Date) -> Timestamp {
    let zoned = day.to_zoned(TimeZone::UTC).expect("every date exists in UTC");
    let nanos = zoned.timestamp().as_nanosecond();
    Timestamp::from_nanos(nanos.clamp(i128::from(i64::MIN), i128::from(i64::MAX)) as i64)
}

pub(super) fn next_day(day: Date) -> Date {
    day.tomorrow().unwrap_or(Date::MAX)
}

pub(super) fn next_month(day: Date) -> Date {
    next_day(day.last_of_month())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn told(from: &str, to: &str, now: &str) -> String {
        let word = |piece: Piece| match piece {
            Piece::Month(day) => format!("M{}-{:02}", day.year(), day.month()),
            Piece::Day(day) => format!("D{day}"),
            Piece::Today(day) => format!("T{day}"),
        };
        pieces(at(from), at(to), at(now)).into_iter().map(word).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_year_a_month_or_a_day_is_meant_whole() {
        assert_eq!(moment("2023", Edge::Begin), Ok(at("2023-01-01")));
        assert_eq!(moment("2023", Edge::End), Ok(at("2024-01-01")));
        assert_eq!(moment("2024-02", Edge::Begin), Ok(at("2024-02-01")));
        assert_eq!(moment("2024-02", Edge::End), Ok(at("2024-03-01")));
        assert_eq!(moment("2024-02-29", Edge::End), Ok(at("2024-03-01")));
        assert_eq!(moment("2024-12", Edge::End), Ok(at("2025-01-01")));
        assert_eq!(moment("2024-02-29T12:00:00Z", Edge::End), Ok(at("2024-02-29T12:00:00Z")));
        assert_eq!(moment("20240229", Edge::Begin), Ok(at("2024-02-29")));
        for wrong in ["", "2024-13", "2023-02-29", "January", "2024-1"] {
            assert_eq!(moment(wrong, Edge::Begin).unwrap_err().exit_code(), 2, "{wrong}");
        }
    }

    #[test]
    fn whole_months_are_taken_whole_and_the_rest_day_by_day() {
        let now = "2024-03-03T10:00:00Z";
        assert_eq!(told("2023-12-30", "2024-03-01", now), "D2023-12-30 D2023-12-31 M2024-01 M2024-02");
        assert_eq!(told("2024-02-01", "2024-02-02T05:00:00Z", now), "D2024-02-01 D2024-02-02");
        assert_eq!(told("2024-03-01", "2025-01-01", now), "D2024-03-01 D2024-03-02 T2024-03-03");
        assert_eq!(told("2024-03-04", "2025-01-01", now), "");
        assert_eq!(days_of(start_day("2024-02-01")).count(), 29);
    }

    fn start_day(text: &str) -> Date {
        day_of(at(text))
    }
}
