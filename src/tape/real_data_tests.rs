//! The store on candles and trades recorded at real exchanges. Skipped, and said so, where they are not at hand.

use super::check::{Rule, check_series};
use super::{
    ImportPlan, OffGrid, QuietMinutes, SeriesKey, Source, TradeSet, candles_from_trades, import, load_candles,
    load_ticks, read_candle_file, read_tick_file, resample,
};
use crate::domain::{Interval, Timestamp};
use std::path::{Path, PathBuf};

fn sources(pattern: &str) -> Option<Vec<PathBuf>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/market-data");
    let files: Vec<PathBuf> = glob::glob(&folder.join(pattern).to_string_lossy()).unwrap().flatten().collect();
    if files.is_empty() {
        println!("skipped: no real market data at {}/{pattern}", folder.display());
        return None;
    }
    Some(files)
}

fn plan(root: &Path, files: Vec<PathBuf>, venue: &str, symbol: &str, interval: Option<Interval>) -> ImportPlan {
    ImportPlan { root: root.to_owned(), files, source: Source::of(venue, symbol, interval), off_grid: OffGrid::Refuse }
}

fn source(symbol: &str) -> Source {
    Source { quiet_minutes: Some(QuietMinutes::Absent), ..Source::of("binance-spot", symbol, None) }
}

#[test]
fn all_bitfinex_minutes_are_imported_checked_and_loaded() {
    let Some(files) = sources("bitfinex-spot/1m/BTCUSD-*.csv.gz") else { return };
    let root = tempfile::tempdir().unwrap();
    let mut plan = plan(root.path(), files, "bitfinex-spot", "BTCUSD", Some(Interval::MINUTE));
    let refused = import(&plan, &|_, _| {}).unwrap_err().to_string();
    assert!(refused.contains("0.44371910999999997") && refused.contains("--quantity-decimals"), "{refused}");
    plan.source.limits.quantity = Some(8);
    let report = import(&plan, &|_, _| {}).unwrap();
    assert_eq!((report.rows_read, report.receipt.rows_added), (1_279_046, 1_279_046));
    assert_eq!((report.rounded, report.inconsistent), (35_134, 0));
    let key = SeriesKey::parse("bitfinex-spot/BTCUSD/1m").unwrap();
    let report = check_series(root.path(), &key).unwrap();
    let rows = |rule| report.findings.iter().find(|finding| finding.rule == rule).map(|finding| finding.rows);
    // 20,391 + 5,101 + 7,302 missing rows are stated by the data's own table.
    assert_eq!(rows(Rule::Outage).unwrap() + rows(Rule::Quiet).unwrap(), 32_794);
    assert!(report.is_wrong(&[]) && !report.is_wrong(&[Rule::Outage]));
    let set = load_candles(root.path(), "bitfinex-spot", "BTCUSD", Interval::MINUTE, Timestamp::MIN, Timestamp::MAX);
    let set = set.unwrap();
    let high = set.columns.high.iter().max().unwrap();
    assert_eq!(crate::domain::Price::from_units(*high).to_decimal(set.price_decimals).to_string(), "19891");
}

#[test]
fn binance_minutes_are_whole_but_for_the_months_between_the_files() {
    for symbol in ["BTCUSDT", "ETHUSDT"] {
        let Some(files) = sources(&format!("binance-spot/1m/{symbol}-*.csv.gz")) else { return };
        let root = tempfile::tempdir().unwrap();
        import(&plan(root.path(), files, "binance-spot", symbol, Some(Interval::MINUTE)), &|_, _| {}).unwrap();
        let key = SeriesKey::parse(&format!("binance-spot/{symbol}/1m")).unwrap();
        let report = check_series(root.path(), &key).unwrap();
        let found: Vec<(Rule, u64)> = report.findings.iter().map(|finding| (finding.rule, finding.rows)).collect();
        assert_eq!(found, vec![(Rule::Outage, 385_056)], "{symbol}");
    }
}

#[test]
fn recorded_trades_aggregate_to_the_recorded_candles_exactly() {
    let Some(trades) = sources("freqtrade-testdata/trades/XRPETH-*.csv.gz") else { return };
    let Some(candles) = sources("freqtrade-testdata/1m/XRPETH-*.csv.gz") else { return };
    let set = read_candle_file(&candles[0], &source("XRPETH")).unwrap();
    assert_eq!(set.interval, Interval::MINUTE);
    let direct: TradeSet = read_tick_file(&trades[0], &source("XRPETH")).unwrap();
    let root = tempfile::tempdir().unwrap();
    import(&plan(root.path(), trades, "binance-spot", "XRPETH", None), &|_, _| {}).unwrap();
    let stored: TradeSet = load_ticks(root.path(), "binance-spot", "XRPETH", Timestamp::MIN, Timestamp::MAX).unwrap();
    assert_eq!(stored, direct);
    let made = candles_from_trades(stored.columns.rows(), Interval::MINUTE).unwrap();
    assert_eq!((stored.price_decimals, stored.quantity_decimals), (set.price_decimals, set.quantity_decimals));
    assert_eq!(made, set.columns);
}

#[test]
fn recorded_trades_make_the_same_hours_as_the_minutes_made_of_them() {
    let Some(trades) = sources("freqtrade-testdata/trades/XRPETH-*.csv.gz") else { return };
    let set: TradeSet = read_tick_file(&trades[0], &source("XRPETH")).unwrap();
    let minutes = candles_from_trades(set.columns.rows(), Interval::MINUTE).unwrap();
    let hours = candles_from_trades(set.columns.rows(), Interval::HOUR).unwrap();
    let derived = resample(minutes.rows(), Interval::MINUTE, Interval::HOUR, Timestamp::MAX).unwrap();
    assert_eq!((derived.columns, derived.unclosed), (hours, 0));
}

#[test]
fn binance_minutes_sum_to_five_minutes_without_a_flag() {
    let Some(files) = sources("binance-spot/1m/BTCUSDT-1m-2025-05-20*.csv.gz") else { return };
    let set = read_candle_file(&files[0], &source("BTCUSDT")).unwrap();
    let five: Interval = "5m".parse().unwrap();
    let derived = resample(set.columns.rows(), set.interval, five, Timestamp::MIN).unwrap();
    assert_eq!((derived.columns.len(), derived.incomplete.len(), derived.unclosed), (97_920 / 5, 0, 0));
    let Some(coarse) = sources("binance-spot/5m/BTCUSDT-5m-2024-03-01*.csv.gz") else { return };
    let archive = read_candle_file(&coarse[0], &source("BTCUSDT")).unwrap();
    let mut compared = 0;
    for row in 0..archive.columns.len() {
        let time = Timestamp::from_nanos(archive.columns.open_time[row]);
        let mine = derived.columns.first_at_or_after(time);
        if derived.columns.open_time.get(mine) != Some(&time.nanos()) {
            continue;
        }
        let price = |column: &[i64], row: usize, decimals: u8| {
            crate::domain::Price::from_units(column[row]).to_decimal(decimals)
        };
        for (theirs, ours) in [
            (&archive.columns.open, &derived.columns.open),
            (&archive.columns.high, &derived.columns.high),
            (&archive.columns.low, &derived.columns.low),
            (&archive.columns.close, &derived.columns.close),
        ] {
            let (left, right) = (price(theirs, row, archive.price_decimals), price(ours, mine, set.price_decimals));
            assert_eq!(left, right, "{time}");
        }
        compared += 1;
    }
    assert!(compared > 12_000, "{compared}");
}
