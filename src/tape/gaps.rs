//! Holes in a candle series: where grid rows are missing, how many, and what kind of hole it is. Nothing is filled in.

use super::set::QuietMinutes;
use crate::domain::{Interval, Span, Timestamp};
use serde::Serialize;

/// A half-open stretch of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// Its first instant.
    pub from: Timestamp,
    /// The first instant after it.
    pub to: Timestamp,
}

/// What kind of hole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum GapKind {
    /// Nobody traded, and the venue publishes nothing then. Not a defect.
    Quiet,
    /// Rows are missing that the venue would have published.
    Missing,
    /// A long hole: the venue was down, or the archive is.
    Outage,
    /// The asked stretch begins before the first row: the instrument was not listed yet, or was not imported.
    BeforeListing,
    /// The asked stretch ends after the last row.
    AfterLast,
}

/// A run of missing grid rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gap {
    /// Open time of the first missing row.
    pub from: Timestamp,
    /// Open time of the first row after the hole.
    pub to: Timestamp,
    /// Number of missing rows.
    pub count: u64,
    /// What kind of hole.
    pub kind: GapKind,
}

impl GapKind {
    /// The word for it.
    pub const fn name(self) -> &'static str {
        match self {
            GapKind::Quiet => "quiet",
            GapKind::Missing => "missing",
            GapKind::Outage => "outage",
            GapKind::BeforeListing => "before-listing",
            GapKind::AfterLast => "after-last",
        }
    }

    /// Whether a run over such a hole must be told so.
    pub const fn is_unexplained(self) -> bool {
        match self {
            GapKind::Quiet | GapKind::BeforeListing => false,
            GapKind::Missing | GapKind::Outage | GapKind::AfterLast => true,
        }
    }
}

/// Finds the holes between ascending open times and at the ends of the stretch. A hole of at least an hour and at
/// least two rows is an outage.
pub fn find_gaps(open_time: &[i64], interval: Interval, quiet: QuietMinutes, asked: Stretch) -> Vec<Gap> {
    let span = interval.span().nanos();
    let mut gaps = Vec::new();
    let (Some(first), Some(last)) = (open_time.first(), open_time.last()) else {
        return gaps;
    };
    if asked.from != Timestamp::MIN {
        let begin = first_open_at_or_after(asked.from, interval);
        push(&mut gaps, begin, *first, span, GapKind::BeforeListing);
    }
    for pair in open_time.windows(2) {
        if pair[1] - pair[0] > span {
            let kind = kind_between(pair[1] - pair[0] - span, span, quiet);
            push(&mut gaps, pair[0] + span, pair[1], span, kind);
        }
    }
    if asked.to != Timestamp::MAX {
        // Only candles that close within the stretch belong to it.
        let end = interval.open_of(asked.to).nanos();
        push(&mut gaps, last.saturating_add(span), end, span, GapKind::AfterLast);
    }
    gaps
}

fn kind_between(hole: i64, span: i64, quiet: QuietMinutes) -> GapKind {
    if hole >= Span::HOUR.nanos() && hole >= 2 * span {
        return GapKind::Outage;
    }
    match quiet {
        QuietMinutes::Absent => GapKind::Quiet,
        QuietMinutes::ZeroVolume => GapKind::Missing,
    }
}

fn push(gaps: &mut Vec<Gap>, from: i64, to: i64, span: i64, kind: GapKind) {
    // Less than a whole step is a shifted row, not a missing one.
    let count = if to > from { ((to - from) / span) as u64 } else { 0 };
    if count > 0 {
        gaps.push(Gap { from: Timestamp::from_nanos(from), to: Timestamp::from_nanos(to), count, kind });
    }
}

fn first_open_at_or_after(time: Timestamp, interval: Interval) -> i64 {
    let open = interval.open_of(time);
    if open == time { open.nanos() } else { open.after(interval.span()).nanos() }
}

#[cfg(test)]
mod tests {
    use super::super::set::EVER;
    use super::*;

    fn minutes(list: &[i64]) -> Vec<i64> {
        list.iter().map(|minute| minute * Span::MINUTE.nanos()).collect()
    }

    fn kinds(list: &[i64], quiet: QuietMinutes, asked: Stretch) -> Vec<(GapKind, u64)> {
        let gaps = find_gaps(&minutes(list), Interval::MINUTE, quiet, asked);
        gaps.iter().map(|gap| (gap.kind, gap.count)).collect()
    }

    #[test]
    fn a_whole_series_has_no_gaps() {
        assert_eq!(kinds(&[5, 6, 7], QuietMinutes::ZeroVolume, EVER), vec![]);
        assert_eq!(kinds(&[], QuietMinutes::ZeroVolume, EVER), vec![]);
    }

    #[test]
    fn a_hole_is_typed_by_its_length_and_the_venue_s_habit() {
        let list = [0, 1, 4, 64, 124, 185];
        assert_eq!(
            kinds(&list, QuietMinutes::ZeroVolume, EVER),
            vec![(GapKind::Missing, 2), (GapKind::Missing, 59), (GapKind::Missing, 59), (GapKind::Outage, 60)]
        );
        assert_eq!(
            kinds(&list, QuietMinutes::Absent, EVER),
            vec![(GapKind::Quiet, 2), (GapKind::Quiet, 59), (GapKind::Quiet, 59), (GapKind::Outage, 60)]
        );
    }

    #[test]
    fn the_ends_of_the_asked_stretch_are_held_against_the_rows() {
        let at = |minute: i64| Timestamp::from_nanos(minute * Span::MINUTE.nanos());
        let asked = Stretch { from: at(0), to: at(20) };
        assert_eq!(
            kinds(&[10, 11], QuietMinutes::ZeroVolume, asked),
            vec![(GapKind::BeforeListing, 10), (GapKind::AfterLast, 8)]
        );
        let asked = Stretch { from: at(10), to: at(12) };
        assert_eq!(kinds(&[10, 11], QuietMinutes::ZeroVolume, asked), vec![]);
    }

    #[test]
    fn one_missing_hour_of_hourly_candles_is_no_outage() {
        let hours: Vec<i64> = [0, 2, 5].iter().map(|hour| hour * Span::HOUR.nanos()).collect();
        let gaps = find_gaps(&hours, Interval::HOUR, QuietMinutes::ZeroVolume, EVER);
        assert_eq!(gaps.iter().map(|gap| gap.kind).collect::<Vec<_>>(), vec![GapKind::Missing, GapKind::Outage]);
    }
}
