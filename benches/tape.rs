//! The tape's speed: generating, importing and loading 2,628,000 minutes, five years of one symbol.

use divan::Bencher;
use divan::counter::ItemsCount;
use std::io::Write;
use std::path::Path;
use tapeline::domain::{Interval, Origin, Timestamp};
use tapeline::tape::deliver::{Delivery, deliver};
use tapeline::tape::manifest::Provenance;
use tapeline::tape::merge::Part;
use tapeline::tape::table::Table;
use tapeline::tape::{
    CandleSet, ImportPlan, OffGrid, SeriesKey, Source, SynthGaps, SynthSpec, SynthSymbol, import, load_candles,
    resample, synthesize,
};

const CANDLES: usize = 2_628_000;

fn main() {
    divan::main();
}

fn minutes() -> CandleSet {
    let spec = SynthSpec {
        seed: 1,
        venue: "synthetic".into(),
        symbols: vec![SynthSymbol::named("BTCUSDT")],
        correlation: 0.0,
        interval: Interval::MINUTE,
        from: "2019-01-01".parse().expect("a date"),
        candles: CANDLES,
        gaps: SynthGaps::default(),
    };
    synthesize(&spec).expect("a sound spec").remove(0)
}

fn fill(root: &Path) {
    let set = minutes();
    let delivery = Delivery {
        key: SeriesKey::parse("synthetic/BTCUSDT/1m").expect("a series"),
        origin: Origin::Synthetic,
        quiet_minutes: None,
        parts: vec![Part::of_rows("bench".into(), Table::from_candles(set.columns, Interval::MINUTE, 2, 5))],
        provenance: vec![Provenance { name: "bench".into(), sha256: String::new(), rounded: 0 }],
    };
    deliver(root, delivery).expect("a writable folder");
}

#[divan::bench(sample_count = 5)]
fn synthesize_minutes(bencher: Bencher) {
    bencher.counter(ItemsCount::new(CANDLES)).bench(minutes);
}

#[divan::bench(sample_count = 20)]
fn load_and_verify_minutes(bencher: Bencher) {
    let root = tempfile::tempdir().expect("a folder");
    fill(root.path());
    bencher
        .counter(ItemsCount::new(CANDLES))
        .bench(|| load_candles(root.path(), "synthetic", "BTCUSDT", Interval::MINUTE, Timestamp::MIN, Timestamp::MAX));
}

#[divan::bench(sample_count = 20)]
fn resample_minutes_to_hours(bencher: Bencher) {
    let set = minutes();
    bencher
        .counter(ItemsCount::new(CANDLES))
        .bench(|| resample(set.columns.rows(), Interval::MINUTE, Interval::HOUR, Timestamp::MAX));
}

#[divan::bench(sample_count = 3)]
fn import_gzipped_minutes(bencher: Bencher) {
    let folder = tempfile::tempdir().expect("a folder");
    let set = minutes();
    let mut files = Vec::new();
    for (year, rows) in (0..CANDLES).step_by(CANDLES / 5).enumerate() {
        let path = folder.path().join(format!("{year}.csv.gz"));
        let file = std::fs::File::create(&path).expect("a file");
        let mut text = flate2::write::GzEncoder::new(std::io::BufWriter::new(file), flate2::Compression::fast());
        writeln!(text, "open_time,open,high,low,close,volume").expect("room");
        for row in rows..CANDLES.min(rows + CANDLES / 5) {
            let candle = set.columns.rows().candle(row);
            let [open, high, low, close] =
                [candle.open, candle.high, candle.low, candle.close].map(|price| price.to_decimal(2));
            let (time, volume) = (candle.open_time.millis(), candle.volume.to_decimal(5));
            writeln!(text, "{time},{open},{high},{low},{close},{volume}").expect("room");
        }
        text.finish().expect("room");
        files.push(path);
    }
    bencher.counter(ItemsCount::new(CANDLES)).with_inputs(|| tempfile::tempdir().expect("a folder")).bench_values(
        |root| {
            let plan = ImportPlan {
                root: root.path().to_owned(),
                files: files.clone(),
                source: Source { origin: Origin::Synthetic, ..Source::of("v", "S", Some(Interval::MINUTE)) },
                off_grid: OffGrid::Refuse,
            };
            import(&plan, &|_, _| {}).expect("sound files");
            root
        },
    );
}
