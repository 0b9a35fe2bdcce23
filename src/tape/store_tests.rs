//! The store from end to end: imports, loads, refusals and damage, through the public doors only.

use super::check::{Rule, check_series};
use super::manifest::Manifest;
use super::store::read_manifest;
use super::{
    CandleSet, GapKind, ImportPlan, ImportReport, OffGrid, QuietMinutes, SeriesKey, SeriesKind, Source, import,
    load_candles, load_ticks, read_candle_file,
};
use crate::domain::{Interval, Origin, Timestamp, TradeColumns};
use crate::error::Result;
use std::path::PathBuf;
use tempfile::TempDir;

/// A store and a folder of sources that vanish with it.
struct Bench {
    folder: TempDir,
}

impl Bench {
    fn new() -> Self {
        Bench { folder: tempfile::tempdir().unwrap() }
    }

    fn root(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    fn plan(&self, files: &[PathBuf]) -> ImportPlan {
        ImportPlan {
            root: self.root(),
            files: files.to_vec(),
            source: Source::of("binance-spot", "BTCUSDT", Some(Interval::MINUTE)),
            off_grid: OffGrid::Refuse,
        }
    }

    fn import(&self, files: &[PathBuf]) -> Result<ImportReport> {
        import(&self.plan(files), &|_, _| {})
    }

    fn load(&self, from: &str, to: &str) -> Result<CandleSet> {
        let [from, to] = [from, to].map(|text| text.parse::<Timestamp>().unwrap());
        load_candles(&self.root(), "binance-spot", "BTCUSDT", Interval::MINUTE, from, to)
    }

    fn all(&self) -> Result<CandleSet> {
        load_candles(&self.root(), "binance-spot", "BTCUSDT", Interval::MINUTE, Timestamp::MIN, Timestamp::MAX)
    }

    fn manifest(&self) -> Manifest {
        read_manifest(&self.root(), &key()).unwrap()
    }
}

fn key() -> SeriesKey {
    SeriesKey::parse("binance-spot/BTCUSDT/1m").unwrap()
}

fn source() -> Source {
    Source::of("binance-spot", "BTCUSDT", None)
}

const HEAD: &str = "open_time,open,high,low,close,volume\n";

/// Lines of minutes from 2024-07-31 23:58 on, all with this price.
fn minutes(range: std::ops::Range<i64>, price: &str) -> String {
    let line = |minute: i64| format!("{},{price},{price},{price},{price},1.5\n", 1_722_470_280_000 + minute * 60_000);
    HEAD.to_owned() + &range.map(line).collect::<String>()
}

fn fault(result: Result<impl std::fmt::Debug>) -> String {
    result.unwrap_err().to_string()
}

#[test]
fn what_is_imported_is_loaded_back_whatever_file_it_came_from() {
    let bench = Bench::new();
    let file = bench.file("a.csv", &minutes(0..5, "67745.75"));
    let report = bench.import(std::slice::from_ref(&file)).unwrap();
    assert_eq!((report.rows_read, report.receipt.rows_added), (5, 5));
    assert_eq!(report.receipt.written, ["2024-07", "2024-08"]);
    let stored = bench.all().unwrap();
    assert_eq!((stored.price_decimals, stored.quantity_decimals, stored.origin), (2, 1, Origin::Real));
    assert_eq!(stored.columns.open, vec![6_774_575; 5]);
    let direct = read_candle_file(&file, &source()).unwrap();
    assert_eq!((direct.columns, direct.content_hash), (stored.columns, stored.content_hash));
    let parquet = bench.root().join("candles/binance-spot/BTCUSDT/1m/2024-08.parquet");
    let month = read_candle_file(&parquet, &source()).unwrap();
    assert_eq!(month.content_hash, bench.load("2024-08-01", "2024-09-01").unwrap().content_hash);
}

#[test]
fn a_load_takes_the_asked_stretch_and_tells_what_is_missing_at_its_ends() {
    let bench = Bench::new();
    bench.import(&[bench.file("a.csv", &minutes(0..5, "1"))]).unwrap();
    let set = bench.load("2024-07-31T23:59:00Z", "2024-08-01T00:01:00Z").unwrap();
    assert_eq!((set.columns.len(), set.gaps()), (2, vec![]));
    let set = bench.load("2024-07-31T23:00:00Z", "2024-08-01T00:10:00Z").unwrap();
    let gaps: Vec<(GapKind, u64)> = set.gaps().iter().map(|gap| (gap.kind, gap.count)).collect();
    assert_eq!(gaps, vec![(GapKind::BeforeListing, 58), (GapKind::AfterLast, 7)]);
    let nothing = fault(bench.load("2020-01-01", "2020-02-01"));
    assert!(nothing.contains("no rows between") && nothing.contains("2024-07-31T23:58:00Z"), "{nothing}");
}

#[test]
fn importing_again_changes_nothing() {
    let bench = Bench::new();
    let source = bench.file("a.csv", &minutes(0..5, "1"));
    bench.import(std::slice::from_ref(&source)).unwrap();
    let before = bench.manifest();
    let report = bench.import(&[source]).unwrap();
    assert_eq!((report.receipt.rows_added, report.receipt.duplicates), (0, 5));
    assert_eq!((report.receipt.written.len(), bench.manifest()), (0, before));
}

#[test]
fn an_overlap_with_other_values_is_refused_and_leaves_the_store_as_it_was() {
    let bench = Bench::new();
    bench.import(&[bench.file("a.csv", &minutes(0..5, "1"))]).unwrap();
    let before = (bench.manifest(), bench.all().unwrap());
    let text = fault(bench.import(&[bench.file("b.csv", &minutes(3..9, "1.5"))]));
    for word in ["2024-08.parquet line 2 says 1", "b.csv line 2 says 1.5", "2024-08-01T00:01:00Z"] {
        assert!(text.contains(word), "{word} in {text}");
    }
    assert_eq!((bench.manifest(), bench.all().unwrap()), before);
}

#[test]
fn an_import_joins_what_is_stored_and_names_both_sources() {
    let bench = Bench::new();
    bench.import(&[bench.file("a.csv", &minutes(0..4, "1"))]).unwrap();
    let report = bench.import(&[bench.file("b.csv", &minutes(3..6, "1.00"))]).unwrap();
    assert_eq!((report.receipt.rows_added, report.receipt.duplicates), (2, 1));
    let sources: Vec<String> = bench.manifest().files["2024-08"].sources.iter().map(|s| s.name.clone()).collect();
    assert_eq!(sources, ["a.csv", "b.csv"]);
    assert_eq!(bench.all().unwrap().columns.len(), 6);
}

#[test]
fn files_of_different_decimals_are_loaded_at_the_larger() {
    let bench = Bench::new();
    bench.import(&[bench.file("a.csv", &minutes(0..2, "7"))]).unwrap();
    bench.import(&[bench.file("b.csv", &minutes(2..4, "7.125"))]).unwrap();
    let decimals: Vec<u8> = bench.manifest().files.values().map(|file| file.price_decimals).collect();
    assert_eq!(decimals, [0, 3]);
    let set = bench.all().unwrap();
    assert_eq!((set.price_decimals, set.columns.close), (3, vec![7_000, 7_000, 7_125, 7_125]));
}

#[test]
fn origins_never_mix() {
    let bench = Bench::new();
    bench.import(&[bench.file("a.csv", &minutes(0..2, "7"))]).unwrap();
    let mut plan = bench.plan(&[bench.file("b.csv", &minutes(2..4, "7"))]);
    plan.source.origin = Origin::Testnet;
    let text = fault(import(&plan, &|_, _| {}));
    assert!(text.contains("holds real data; testnet rows cannot join"), "{text}");
    let parquet = bench.root().join("candles/binance-spot/BTCUSDT/1m/2024-07.parquet");
    let pretended = Source { origin: Origin::Synthetic, ..source() };
    assert!(fault(read_candle_file(&parquet, &pretended)).contains("are real, not synthetic"));
}

#[test]
fn optional_columns_survive_the_store() {
    let bench = Bench::new();
    let text = "open_time,open,high,low,close,volume,quote_volume,trades\n1722470280000,1,1,1,1,2,2.25,3\n";
    bench.import(&[bench.file("a.csv", text)]).unwrap();
    let plain = format!("{HEAD}1722470280000,1,1,1,1,2\n1722470340000,1,1,1,1,2\n");
    let report = bench.import(&[bench.file("b.csv", &plain)]).unwrap();
    assert_eq!((report.receipt.rows_added, report.receipt.duplicates), (1, 1));
    let path = bench.root().join("candles/binance-spot/BTCUSDT/1m/2024-07.parquet");
    let table = super::parquet::StoredFile::open(&path).unwrap().table(SeriesKind::Candles(Interval::MINUTE)).unwrap();
    assert_eq!(table.columns[5], vec![225, super::table::ABSENT]);
    assert_eq!(table.columns[6], vec![3, super::table::ABSENT]);
}

#[test]
fn a_changed_byte_is_noticed_by_load_and_check() {
    let bench = Bench::new();
    let text = HEAD.to_owned()
        + &(0..1_000i64)
            .map(|n| format!("{},9,9,9,9,{}\n", 1_722_211_200_000 + n * 60_000, n * 7_919 % 1_013))
            .collect::<String>();
    bench.import(&[bench.file("a.csv", &text)]).unwrap();
    let path = bench.root().join("candles/binance-spot/BTCUSDT/1m/2024-07.parquet");
    let sound = std::fs::read(&path).unwrap();
    assert!(!check_series(&bench.root(), &key()).unwrap().is_wrong(&[]));
    let mut noticed = 0;
    for at in (4..sound.len() - 8).step_by(97) {
        let mut bytes = sound.clone();
        bytes[at] ^= 0x10;
        std::fs::write(&path, &bytes).unwrap();
        let report = check_series(&bench.root(), &key()).unwrap();
        assert!(report.findings.iter().any(|finding| finding.rule == Rule::Checksum), "byte {at}");
        noticed += u32::from(bench.all().is_err());
        if let Ok(set) = bench.all() {
            // A byte of the footer that says nothing about the rows.
            assert_eq!(set.columns.volume[5], 5 * 7_919 % 1_013);
        }
    }
    assert!(noticed > 5, "{noticed}");
    std::fs::remove_file(&path).unwrap();
    assert!(fault(bench.all()).contains("2024-07.parquet"));
    assert!(check_series(&bench.root(), &key()).unwrap().is_wrong(&[]));
}

#[test]
fn a_file_that_the_manifest_does_not_know_is_reported_and_ignored() {
    let bench = Bench::new();
    bench.import(&[bench.file("a.csv", &minutes(0..5, "1"))]).unwrap();
    let folder = bench.root().join("candles/binance-spot/BTCUSDT/1m");
    std::fs::copy(folder.join("2024-07.parquet"), folder.join("2023-07.parquet")).unwrap();
    assert_eq!(bench.all().unwrap().columns.len(), 5);
    let report = check_series(&bench.root(), &key()).unwrap();
    assert!(report.findings[0].examples[0].contains("2023-07.parquet is not in the manifest"), "{report:?}");
}

#[test]
fn a_series_that_is_not_there_is_answered_with_the_nearest_name() {
    let bench = Bench::new();
    bench.import(&[bench.file("a.csv", &minutes(0..5, "1"))]).unwrap();
    let near = load_candles(&bench.root(), "binance-spot", "BTCUSD", Interval::MINUTE, Timestamp::MIN, Timestamp::MAX);
    assert!(fault(near).contains("did you mean binance-spot/BTCUSDT/1m?"));
    let trades = load_ticks::<TradeColumns>(&bench.root(), "binance-spot", "BTCUSDT", Timestamp::MIN, Timestamp::MAX);
    assert!(fault(trades).contains("binance-spot/BTCUSDT/trades"));
}

#[test]
fn a_manifest_of_the_future_is_refused_everywhere() {
    let bench = Bench::new();
    let source = bench.file("a.csv", &minutes(0..5, "1"));
    bench.import(std::slice::from_ref(&source)).unwrap();
    let path = bench.root().join("candles/binance-spot/BTCUSDT/1m/manifest.json");
    let text = std::fs::read_to_string(&path).unwrap().replace("\"version\": 1", "\"version\": 9");
    std::fs::write(&path, text).unwrap();
    for text in [
        fault(bench.all()),
        fault(bench.import(&[source])),
        fault(check_series(&bench.root(), &key())),
        fault(super::list_series(&bench.root())),
    ] {
        assert!(text.contains("version 9") && text.contains("manifest.json"), "{text}");
    }
}

#[test]
fn candles_off_the_grid_are_refused_or_left_out_as_asked() {
    let bench = Bench::new();
    let text = format!("{HEAD}1722470280000,1,1,1,1,2\n1722470347000,1,1,1,1,2\n1722470400000,1,1,1,1,2\n");
    let source = bench.file("a.csv", &text);
    let refused = fault(bench.import(std::slice::from_ref(&source)));
    assert!(refused.contains("a.csv line 3") && refused.contains("--off-grid drop"), "{refused}");
    assert!(!bench.root().exists(), "a refused import writes nothing");
    let mut plan = bench.plan(&[source]);
    plan.off_grid = OffGrid::Drop;
    let report = import(&plan, &|_, _| {}).unwrap();
    assert_eq!((report.off_grid_dropped, report.receipt.rows_added), (1, 2));
    let short = "1722470280000,1,1,1,1,2,1722470339999,2,1,1,1,0\n1722470340000,1,1,1,1,2,1722470350000,2,1,1,1,0\n";
    let early = fault(bench.import(&[bench.file("k.csv", short)]));
    assert!(early.contains("k.csv line 2") && early.contains("ends early or late"), "{early}");
}

#[test]
fn every_kind_of_bad_request_is_one_clear_fault() {
    let bench = Bench::new();
    let candles = bench.file("c.csv", &minutes(0..2, "1"));
    let trades = bench.file("t.csv", "time,id,side,price,amount\n1722470280000,1,buy,1,1\n");
    let with = |change: fn(&mut ImportPlan), files: &[PathBuf]| {
        let mut plan = bench.plan(files);
        change(&mut plan);
        fault(import(&plan, &|_, _| {}))
    };
    assert!(with(|plan| plan.source.interval = None, std::slice::from_ref(&candles)).contains("--interval"));
    assert!(with(|_| (), std::slice::from_ref(&trades)).contains("leave --interval out"));
    assert!(with(|_| (), &[candles.clone(), trades]).contains("import them separately"));
    assert!(with(|plan| plan.source.symbol = "../BTC".into(), std::slice::from_ref(&candles)).contains("folder name"));
    assert!(with(|plan| plan.files.clear(), std::slice::from_ref(&candles)).contains("no files"));
    assert!(with(|plan| plan.source.interval = "5m".parse().ok(), std::slice::from_ref(&candles)).contains("grid"));
    let missing = [bench.folder.path().join("missing.csv")];
    assert!(with(|_| (), &missing).contains("missing.csv"));
    let occupied = with(|plan| plan.root = plan.files[0].clone(), &[candles]);
    assert!(occupied.contains("--root"), "{occupied}");
}

#[test]
fn trades_are_stored_by_time_and_number_and_a_repeated_number_is_a_conflict() {
    let bench = Bench::new();
    let mut plan = bench.plan(&[
        bench.file("b.csv", "time,id,side,price,amount\n1722470281000,3,sell,2.5,1\n1722470280000,2,buy,2,0.5\n"),
        bench.file("a.csv", "time,id,side,price,amount\n1722470280000,1,buy,1,1\n1722470280000,2,buy,2,0.5\n"),
    ]);
    plan.source.interval = None;
    let report = import(&plan, &|_, _| {}).unwrap();
    assert_eq!((report.series.as_str(), report.receipt.duplicates), ("binance-spot/BTCUSDT/trades", 1));
    let set =
        load_ticks::<TradeColumns>(&bench.root(), "binance-spot", "BTCUSDT", Timestamp::MIN, Timestamp::MAX).unwrap();
    assert_eq!((set.ids, set.columns.price), (vec![1, 2, 3], vec![10, 20, 25]));
    assert_eq!(set.columns.signed_quantity, vec![10, 5, -10]);
    plan.files = vec![bench.file("c.csv", "time,id,side,price,amount\n1722470299000,2,buy,2,0.5\n")];
    assert!(fault(import(&plan, &|_, _| {})).contains("trade number 2 appears at"));
}

#[test]
fn what_a_venue_publishes_in_quiet_minutes_is_kept_with_the_series() {
    let bench = Bench::new();
    let source = bench.file("a.csv", &minutes(0..2, "1"));
    let mut plan = bench.plan(std::slice::from_ref(&source));
    plan.source.quiet_minutes = Some(QuietMinutes::Absent);
    import(&plan, &|_, _| {}).unwrap();
    bench.import(&[source]).unwrap();
    assert_eq!(bench.all().unwrap().quiet_minutes, QuietMinutes::Absent);
}

#[test]
fn a_write_that_fails_leaves_the_store_as_it_was() {
    let bench = Bench::new();
    bench.import(&[bench.file("a.csv", &minutes(0..4, "1"))]).unwrap();
    let before = (bench.manifest(), bench.all().unwrap());
    // A folder where a file should be written: fails for every user, root included.
    let obstacle = bench.root().join("candles/binance-spot/BTCUSDT/1m/manifest.json.writing");
    std::fs::create_dir(&obstacle).unwrap();
    let text = fault(bench.import(&[bench.file("b.csv", &minutes(4..8, "1"))]));
    assert!(text.contains("manifest.json.writing"), "{text}");
    std::fs::remove_dir(&obstacle).unwrap();
    assert_eq!((bench.manifest(), bench.all().unwrap()), before);
    assert!(!check_series(&bench.root(), &key()).unwrap().is_wrong(&[]));
}
