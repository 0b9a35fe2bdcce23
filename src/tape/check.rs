//! Judging what the store holds: the files against their manifest, the rows against what a market can do.
//!
//! Findings are told, never repaired. What counts as wrong makes `tapeline data check` exit with code 1; what is merely
//! suspect, or true but worth knowing, does not.

use super::gaps::{GapKind, find_gaps};
use super::manifest::Manifest;
use super::place::{SeriesKey, SeriesKind};
use super::set::EVER;
use super::store::read_manifest;
use super::suspicion;
use super::table::Table;
use super::{deliver, import};
use crate::domain::{Interval, Origin, Timestamp};
use crate::error::Result;
use serde::Serialize;
use std::path::Path;

/// How grave a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// True and harmless.
    Note,
    /// May be the market, may be the source.
    Suspect,
    /// A defect.
    Wrong,
}

/// What was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// A file is missing, not listed, or not what its manifest says.
    Checksum,
    /// Rows that do not ascend.
    Order,
    /// Two rows for one time, or two trades of one number.
    Duplicate,
    /// An open time that is not on the interval's grid, or a row in the wrong period's file.
    Grid,
    /// Rows missing that the venue would have published.
    Missing,
    /// A hole of an hour and more.
    Outage,
    /// A hole in which the venue may have had no trade.
    Quiet,
    /// A price outside the candle's own range, a price not above zero, a negative volume or quantity, or a bid that is not
    /// below its ask.
    Prices,
    /// Zero volume, though the price moved within the candle.
    MovedWithoutVolume,
    /// Zero volume.
    ZeroVolume,
    /// A spike that the next candle takes back, or a wick far beyond the usual.
    Outlier,
    /// Prices that jump by a power of ten and stay.
    PriceUnit,
    /// Volumes that jump by a power of ten and stay.
    VolumeUnit,
    /// Times before 2009 or after 2100.
    TimeUnit,
    /// Trade numbers that skip.
    TradeNumbers,
}

/// One rule's findings in one series.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Which rule.
    pub rule: Rule,
    /// How grave.
    pub severity: Severity,
    /// How many rows (of a gap: missing rows).
    pub rows: u64,
    /// How many separate places.
    pub places: u64,
    /// The first places, described.
    pub examples: Vec<String>,
}

/// All findings of one series.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CheckReport {
    /// The series.
    pub series: String,
    /// Real, testnet or synthetic.
    pub origin: Origin,
    /// What the venue publishes for quiet intervals.
    pub quiet_minutes: super::QuietMinutes,
    /// Number of rows.
    pub rows: u64,
    /// Time of the first row.
    pub first: Option<String>,
    /// Time of the last row.
    pub last: Option<String>,
    /// The findings, gravest first.
    pub findings: Vec<Finding>,
}

impl CheckReport {
    /// Whether anything is wrong that is not among the `allowed` rules.
    pub fn is_wrong(&self, allowed: &[Rule]) -> bool {
        self.findings.iter().any(|finding| finding.severity == Severity::Wrong && !allowed.contains(&finding.rule))
    }
}

impl Rule {
    /// Every rule, in the order in which findings of one severity are told.
    pub const ALL: [Rule; 15] = [
        Rule::Checksum,
        Rule::Order,
        Rule::Duplicate,
        Rule::Grid,
        Rule::Missing,
        Rule::Outage,
        Rule::Quiet,
        Rule::Prices,
        Rule::MovedWithoutVolume,
        Rule::ZeroVolume,
        Rule::Outlier,
        Rule::PriceUnit,
        Rule::VolumeUnit,
        Rule::TimeUnit,
        Rule::TradeNumbers,
    ];

    /// The word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Rule::Checksum => "checksum",
            Rule::Order => "order",
            Rule::Duplicate => "duplicate",
            Rule::Grid => "grid",
            Rule::Missing => "missing",
            Rule::Outage => "outage",
            Rule::Quiet => "quiet",
            Rule::Prices => "prices",
            Rule::MovedWithoutVolume => "moved-without-volume",
            Rule::ZeroVolume => "zero-volume",
            Rule::Outlier => "outlier",
            Rule::PriceUnit => "price-unit",
            Rule::VolumeUnit => "volume-unit",
            Rule::TimeUnit => "time-unit",
            Rule::TradeNumbers => "trade-numbers",
        }
    }

    /// How grave its findings are.
    pub const fn severity(self) -> Severity {
        match self {
            Rule::Checksum | Rule::Order | Rule::Duplicate | Rule::Grid | Rule::Missing | Rule::Outage => {
                Severity::Wrong
            }
            Rule::Prices | Rule::PriceUnit | Rule::VolumeUnit | Rule::TimeUnit => Severity::Wrong,
            Rule::Outlier | Rule::MovedWithoutVolume | Rule::TradeNumbers => Severity::Suspect,
            Rule::Quiet | Rule::ZeroVolume => Severity::Note,
        }
    }
}

/// Collects findings, rule by rule.
#[derive(Default)]
pub struct Findings {
    list: Vec<Finding>,
}

const EXAMPLES: usize = 5;

impl Findings {
    /// Adds a place where `rule` is broken by `rows` rows.
    pub fn add(&mut self, rule: Rule, rows: u64, example: impl FnOnce() -> String) {
        let at = match self.list.iter().position(|finding| finding.rule == rule) {
            Some(at) => at,
            None => {
                let severity = rule.severity();
                self.list.push(Finding { rule, severity, rows: 0, places: 0, examples: Vec::new() });
                self.list.len() - 1
            }
        };
        let finding = &mut self.list[at];
        finding.rows += rows;
        finding.places += 1;
        if finding.examples.len() < EXAMPLES {
            finding.examples.push(example());
        }
    }

    /// The findings, gravest first.
    pub fn into_list(mut self) -> Vec<Finding> {
        self.list.sort_by_key(|finding| (std::cmp::Reverse(finding.severity), finding.rule));
        self.list
    }
}

/// Checks one series of the store.
pub fn check_series(root: &Path, key: &SeriesKey) -> Result<CheckReport> {
    let manifest = read_manifest(root, key)?;
    let mut findings = Findings::default();
    let table = read_all(root, key, &manifest, &mut findings)?;
    match key.kind() {
        SeriesKind::Candles(interval) => check_candles(&table, interval, manifest.quiet_minutes, &mut findings),
        SeriesKind::Trades => check_trades(&table, &mut findings),
        SeriesKind::Quotes => check_quotes(&table, &mut findings),
    }
    let time = |row: Option<&i64>| row.map(|nanos| Timestamp::from_nanos(*nanos).to_string());
    Ok(CheckReport {
        series: key.to_string(),
        origin: manifest.origin,
        quiet_minutes: manifest.quiet_minutes,
        rows: table.len() as u64,
        first: time(table.time.first()),
        last: time(table.time.last()),
        findings: findings.into_list(),
    })
}

/// Reads every file of a series, each held against the manifest. A damaged one is a finding, and its rows are left out.
fn read_all(root: &Path, key: &SeriesKey, manifest: &Manifest, findings: &mut Findings) -> Result<Table> {
    let folder = key.folder(root);
    let mut all = Table::of(key.kind());
    for (period, entry) in &manifest.files {
        let path = folder.join(format!("{period}.parquet"));
        let bytes = match std::fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) => {
                findings.add(Rule::Checksum, entry.rows, || format!("{}: {error}", path.display()));
                continue;
            }
        };
        if deliver::sha256_text(&bytes) != entry.sha256 {
            findings
                .add(Rule::Checksum, entry.rows, || format!("{}: its SHA-256 is not the manifest's", path.display()));
        }
        match deliver::verified(&path, entry, key.kind()) {
            Ok(table) => {
                let stray = |row: &&i64| key.period_of(Timestamp::from_nanos(**row)).to_string() != *period;
                let ends = [table.time.first(), table.time.last()];
                if let Some(nanos) = ends.into_iter().flatten().find(stray) {
                    let time = Timestamp::from_nanos(*nanos);
                    findings.add(Rule::Grid, 1, || format!("{} holds a row of {time}", path.display()));
                }
                let rows = table.len() as u64;
                if all.append(table).is_err() {
                    findings.add(Rule::PriceUnit, rows, || {
                        format!("{}: its decimals and the other files' do not fit together", path.display())
                    });
                }
            }
            Err(fault) => findings.add(Rule::Checksum, entry.rows, || fault.to_string().replace('\n', ";")),
        }
    }
    for stranger in strangers(&folder, manifest) {
        findings.add(Rule::Checksum, 0, || format!("{stranger} is not in the manifest and is ignored"));
    }
    Ok(all)
}

fn strangers(folder: &Path, manifest: &Manifest) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut names: Vec<String> = entries
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| name.strip_suffix(".parquet").is_some_and(|period| !manifest.files.contains_key(period)))
        .collect();
    names.sort();
    names
}

/// Judges candle rows; also for rows that never were in a store.
pub fn check_candles(table: &Table, interval: Interval, quiet: super::QuietMinutes, findings: &mut Findings) {
    let at = |row: usize| Timestamp::from_nanos(table.time[row]);
    check_times(table, findings);
    for row in 0..table.len() {
        if !interval.opens_at(at(row)) {
            findings.add(Rule::Grid, 1, || format!("{} does not open on the {interval} grid", at(row)));
        }
    }
    if table.time.is_sorted() {
        for gap in find_gaps(&table.time, interval, quiet, EVER) {
            let rule = match gap.kind {
                GapKind::Quiet => Rule::Quiet,
                GapKind::Missing => Rule::Missing,
                GapKind::Outage => Rule::Outage,
                // Nothing was asked for, so nothing lies before or after.
                GapKind::BeforeListing | GapKind::AfterLast => continue,
            };
            findings.add(rule, gap.count, || format!("{} to {}: {} rows", gap.from, gap.to, gap.count));
        }
    }
    let [open, high, low, close, volume] = [0, 1, 2, 3, 4].map(|column| table.columns[column].as_slice());
    for row in 0..table.len() {
        let sound = import::consistent(open[row], high[row], low[row], close[row]) && low[row] > 0 && volume[row] >= 0;
        if !sound {
            findings.add(Rule::Prices, 1, || {
                let price = |units: i64| crate::domain::Price::from_units(units).to_decimal(table.decimals.price);
                let [open, high, low, close] = [open, high, low, close].map(|column| price(column[row]));
                format!("{}: open {open}, high {high}, low {low}, close {close}", at(row))
            });
        }
        if volume[row] == 0 {
            let still = low[row] == high[row];
            let rule = if still { Rule::ZeroVolume } else { Rule::MovedWithoutVolume };
            findings.add(rule, 1, || at(row).to_string());
        }
    }
    suspicion::outliers(table, findings);
    suspicion::price_units(table, findings);
    suspicion::volume_units(table, findings);
}

fn check_trades(table: &Table, findings: &mut Findings) {
    check_times(table, findings);
    let ids = &table.columns[0];
    for (row, pair) in ids.windows(2).enumerate() {
        if pair[1] > pair[0] + 1 {
            let skipped = (pair[1] - pair[0] - 1) as u64;
            findings.add(Rule::TradeNumbers, skipped, || {
                format!("{} after {}: {skipped} numbers skipped", Timestamp::from_nanos(table.time[row]), pair[0])
            });
        }
    }
}

fn check_quotes(table: &Table, findings: &mut Findings) {
    check_times(table, findings);
    let [bid, bid_quantity, ask, ask_quantity] = [1, 2, 3, 4].map(|column| table.columns[column].as_slice());
    for row in 0..table.len() {
        if bid[row] <= 0 || ask[row] <= bid[row] || bid_quantity[row] < 0 || ask_quantity[row] < 0 {
            findings.add(Rule::Prices, 1, || {
                let price = |units: i64| crate::domain::Price::from_units(units).to_decimal(table.decimals.price);
                let time = Timestamp::from_nanos(table.time[row]);
                format!("{time}: bid {}, ask {}", price(bid[row]), price(ask[row]))
            });
        }
    }
}

fn check_times(table: &Table, findings: &mut Findings) {
    // No crypto market is older than the first block; what lies beyond was read in the wrong unit.
    const EARLIEST: i64 = 1_230_940_800_000_000_000;
    const LATEST: i64 = 4_102_444_800_000_000_000;
    let is_numbered = table.kind.interval().is_none();
    for (row, nanos) in table.time.iter().enumerate() {
        let time = Timestamp::from_nanos(*nanos);
        if !(EARLIEST..LATEST).contains(nanos) {
            findings.add(Rule::TimeUnit, 1, || format!("{time} is no time of a crypto market"));
        }
        if row > 0 {
            let before = table.time[row - 1];
            if *nanos < before {
                findings.add(Rule::Order, 1, || format!("{time} follows {}", Timestamp::from_nanos(before)));
            } else if *nanos == before && !(is_numbered && table.columns[0][row] != table.columns[0][row - 1]) {
                findings.add(Rule::Duplicate, 1, || format!("{time} comes twice"));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::QuietMinutes;
    use super::*;
    use crate::domain::CandleColumns;

    const DAY: usize = 1_440;

    /// Calm minutes from 2024-01-01 with prices near 10,000 and volume near 500.
    fn calm(rows: usize) -> CandleColumns {
        let mut columns = CandleColumns::default();
        let mut previous = 10_000;
        for row in 0..rows as i64 {
            let close = 10_000 + (row * 7_919 % 31) - 15;
            columns.open_time_mut().push(1_704_067_200_000_000_000 + row * 60_000_000_000);
            columns.open.push(previous);
            columns.close.push(close);
            columns.high.push(previous.max(close) + 3);
            columns.low.push(previous.min(close) - 3);
            columns.volume.push(500 + row * 31 % 97);
            previous = close;
        }
        columns
    }

    fn found(columns: CandleColumns) -> Vec<(Rule, u64)> {
        let table = Table::from_candles(columns, Interval::MINUTE, 2, 3);
        let mut findings = Findings::default();
        check_candles(&table, Interval::MINUTE, QuietMinutes::ZeroVolume, &mut findings);
        findings.into_list().into_iter().map(|finding| (finding.rule, finding.rows)).collect()
    }

    #[test]
    fn calm_rows_are_without_findings() {
        assert_eq!(found(calm(8 * DAY)), vec![]);
    }

    #[test]
    fn each_defect_is_found_by_its_rule() {
        let with = |change: fn(&mut CandleColumns)| {
            let mut columns = calm(8 * DAY);
            change(&mut columns);
            found(columns)
        };
        assert_eq!(with(|c| c.high[100] = c.close[100] - 30), vec![(Rule::Prices, 1)]);
        assert_eq!(with(|c| c.volume[100] = -1), vec![(Rule::Prices, 1)]);
        assert_eq!(with(|c| c.volume[100] = 0), vec![(Rule::MovedWithoutVolume, 1)]);
        assert_eq!(with(|c| c.open_time_mut()[100] += 1_000), vec![(Rule::Grid, 1)]);
        assert_eq!(with(|c| c.open_time_mut()[100] = c.open_time[99]), vec![(Rule::Duplicate, 1), (Rule::Missing, 1)]);
        assert_eq!(with(|c| c.open_time_mut().swap(99, 100)), vec![(Rule::Order, 1)]);
        assert_eq!(with(|c| drop_rows(c, 100..103)), vec![(Rule::Missing, 3)]);
        assert_eq!(with(|c| drop_rows(c, 100..160)), vec![(Rule::Outage, 60)]);
        assert_eq!(with(|c| scale(&mut c.volume[4 * DAY..], 1_000)), vec![(Rule::VolumeUnit, 1)]);
        let wrong_unit = with(|c| c.open_time_mut().iter_mut().for_each(|time| *time /= 1_000));
        assert!(wrong_unit.contains(&(Rule::TimeUnit, 8 * DAY as u64)), "{wrong_unit:?}");
    }

    #[test]
    fn prices_in_another_unit_are_found_where_they_begin() {
        let mut columns = calm(8 * DAY);
        for column in [&mut columns.open, &mut columns.high, &mut columns.low, &mut columns.close] {
            scale(&mut column[4 * DAY..], 100);
        }
        assert_eq!(found(columns), vec![(Rule::PriceUnit, 1)]);
    }

    #[test]
    fn a_spike_that_is_taken_back_is_an_outlier_and_a_lasting_move_is_not() {
        let mut spike = calm(8 * DAY);
        (spike.close[100], spike.high[100]) = (13_000, 13_000);
        (spike.open[101], spike.high[101]) = (13_000, 13_000);
        assert_eq!(found(spike), vec![(Rule::Outlier, 1)]);
        let mut wick = calm(8 * DAY);
        wick.low[100] = 7_000;
        assert_eq!(found(wick), vec![(Rule::Outlier, 1)]);
        let mut crash = calm(8 * DAY);
        (crash.close[99], crash.low[99]) = (5_000, 5_000);
        for column in [&mut crash.open, &mut crash.high, &mut crash.low, &mut crash.close] {
            column[100..].iter_mut().for_each(|price| *price /= 2);
        }
        assert_eq!(found(crash), vec![]);
    }

    #[test]
    fn a_venue_without_quiet_candles_may_miss_minutes_but_not_hours() {
        let mut columns = calm(8 * DAY);
        drop_rows(&mut columns, 1_000..1_060);
        drop_rows(&mut columns, 100..103);
        let table = Table::from_candles(columns, Interval::MINUTE, 2, 3);
        let mut findings = Findings::default();
        check_candles(&table, Interval::MINUTE, QuietMinutes::Absent, &mut findings);
        let graded: Vec<_> = findings.into_list().iter().map(|finding| (finding.rule, finding.severity)).collect();
        assert_eq!(graded, vec![(Rule::Outage, Severity::Wrong), (Rule::Quiet, Severity::Note)]);
    }

    fn scale(column: &mut [i64], by: i64) {
        column.iter_mut().for_each(|value| *value *= by);
    }

    fn drop_rows(columns: &mut CandleColumns, rows: std::ops::Range<usize>) {
        for column in columns.each_mut() {
            column.drain(rows.clone());
        }
    }
}
