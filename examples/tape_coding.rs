//! Measures encodings and compressions of the store's files, for the table in docs/data.md.
//!
//! `cargo run --release --example tape_coding -- [MONTHS]` writes synthetic minutes in every coding, reads them back
//! on all cores and prints size and speed; then it measures the generator and a load through the store.

use parquet::basic::{Compression, Encoding, ZstdLevel};
use rayon::prelude::*;
use std::time::Instant;
use tapeline::domain::{Origin, Timestamp};
use tapeline::tape::deliver::{Delivery, deliver};
use tapeline::tape::manifest::Provenance;
use tapeline::tape::merge::Part;
use tapeline::tape::parquet::{Coding, Dictionary, StoredFile, encode};
use tapeline::tape::table::Table;
use tapeline::tape::{
    SeriesKey, Source, SynthGaps, SynthSpec, SynthSymbol, load_candles, read_candle_file, synthesize,
};

const ROWS_PER_FILE: usize = 43_800;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let key = SeriesKey::parse("synthetic/BTCUSDT/1m")?;
    let mut spec = SynthSpec {
        seed: 1,
        venue: "synthetic".into(),
        symbols: vec![SynthSymbol::named("BTCUSDT")],
        correlation: 0.0,
        interval: "1m".parse()?,
        from: "2019-01-01".parse()?,
        candles: 2_628_000,
        gaps: SynthGaps::default(),
    };
    let begin = Instant::now();
    let synthetic = synthesize(&spec)?.remove(0);
    println!("synthesize {} candles: {:.3} s", synthetic.columns.len(), begin.elapsed().as_secs_f64());
    spec.candles = 1;

    let mut samples = vec![("synthetic", synthetic.clone())];
    if let Some(path) = std::env::args().nth(1) {
        let source = Source::of("bitfinex-spot", "BTCUSD", None);
        samples.push(("real", read_candle_file(std::path::Path::new(&path), &source)?));
    }
    for (name, set) in &samples {
        let table = Table::from_candles(set.columns.clone(), set.interval, set.price_decimals, set.quantity_decimals);
        println!(
            "\n{name}: {} rows\n{:<28} {:>8} {:>12} {:>14}",
            table.len(),
            "coding",
            "MB",
            "bytes/candle",
            "M candles/s"
        );
        for (label, coding) in codings()? {
            let starts: Vec<usize> = (0..table.len()).step_by(ROWS_PER_FILE).collect();
            let files: Vec<bytes::Bytes> = starts
                .par_iter()
                .map(|from| {
                    let slice = table.slice(*from, table.len().min(from + ROWS_PER_FILE));
                    encode(&slice, &key, Origin::Synthetic, coding).map(bytes::Bytes::from)
                })
                .collect::<Result<_, _>>()?;
            let size: usize = files.iter().map(bytes::Bytes::len).sum();
            let mut best = f64::INFINITY;
            for _ in 0..7 {
                let begin = Instant::now();
                files.par_iter().try_for_each(|file| read_six(file.clone()))?;
                best = best.min(begin.elapsed().as_secs_f64());
            }
            println!(
                "{label:<28} {:>8.1} {:>12.1} {:>14.1}",
                size as f64 / 1e6,
                size as f64 / table.len() as f64,
                table.len() as f64 / best / 1e6
            );
        }
    }

    let root = tempfile::tempdir()?;
    let rows = synthetic.columns.len();
    let table = Table::from_candles(synthetic.columns, synthetic.interval, 2, 5);
    let begin = Instant::now();
    deliver(
        root.path(),
        Delivery {
            key,
            origin: Origin::Synthetic,
            quiet_minutes: None,
            parts: vec![Part::of_rows("synth".into(), table)],
            provenance: vec![Provenance { name: "synth".into(), sha256: String::new(), rounded: 0 }],
        },
    )?;
    println!("\nwrite {rows} candles to the store: {:.3} s", begin.elapsed().as_secs_f64());
    for _ in 0..5 {
        let begin = Instant::now();
        let interval = "1m".parse()?;
        let set = load_candles(root.path(), "synthetic", "BTCUSDT", interval, Timestamp::MIN, Timestamp::MAX)?;
        let seconds = begin.elapsed().as_secs_f64();
        println!(
            "load, verify and hash: {:.3} s, {:.1} M candles/s",
            seconds,
            set.columns.len() as f64 / seconds / 1e6
        );
    }
    Ok(())
}

fn read_six(file: bytes::Bytes) -> tapeline::error::Result<()> {
    let file = StoredFile::from_bytes(file, "sample".into())?;
    let mut target = vec![0i64; file.rows()];
    for name in ["open_time", "open", "high", "low", "close", "volume"] {
        file.read_required(name, &mut target, |stored| stored)?;
    }
    Ok(())
}

fn codings() -> Result<Vec<(String, Coding)>, parquet::errors::ParquetError> {
    let compressions = [
        ("none", Compression::UNCOMPRESSED),
        ("lz4", Compression::LZ4_RAW),
        ("snappy", Compression::SNAPPY),
        ("zstd-1", Compression::ZSTD(ZstdLevel::try_new(1)?)),
        ("zstd-3", Compression::ZSTD(ZstdLevel::try_new(3)?)),
    ];
    let encodings = [
        ("plain", Encoding::PLAIN, Dictionary::Off),
        ("dictionary", Encoding::PLAIN, Dictionary::Tried),
        ("delta", Encoding::DELTA_BINARY_PACKED, Dictionary::Off),
        ("byte-split", Encoding::BYTE_STREAM_SPLIT, Dictionary::Off),
    ];
    let mut codings = Vec::new();
    for (encoding, values, dictionary) in encodings {
        for (compression, method) in compressions {
            let coding = Coding { time: Encoding::DELTA_BINARY_PACKED, values, dictionary, compression: method };
            codings.push((format!("{encoding} + {compression}"), coding));
        }
    }
    let plain_time = Coding {
        time: Encoding::PLAIN,
        ..Coding {
            values: Encoding::PLAIN,
            dictionary: Dictionary::Off,
            compression: Compression::UNCOMPRESSED,
            time: Encoding::PLAIN,
        }
    };
    codings.push(("all plain, times too".into(), plain_time));
    Ok(codings)
}
