//! Valid files with flipped, cut and repeated bytes: an import either takes them or refuses them whole; it never panics
//! and never leaves half a store. Seeded: every machine tries the same few hundred.

use crate::conservation::dice::Dice;
use crate::outside::listing;
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::Write;
use std::path::Path;
use tapeline::domain::Interval;
use tapeline::tape::check::check_series;
use tapeline::tape::set::EVER;
use tapeline::tape::{ExportFormat, ImportPlan, OffGrid, SeriesKey, Source, export, import};

const CASES: u64 = 120;

fn text() -> String {
    let line = |minute: i64| {
        let (time, close) = (1_704_067_200_000 + minute * 60_000, 1_704_067_259_999 + minute * 60_000);
        format!("{time},10{minute}.25,20{minute}.5,9.75,11.125,3.{minute},{close},31.5,{minute},1.5,2.5,0\n")
    };
    (0..40).map(line).collect()
}

fn plan(root: &Path, file: &Path) -> ImportPlan {
    let source = Source::of("v", "S", Some(Interval::MINUTE));
    ImportPlan { root: root.to_owned(), files: vec![file.to_owned()], source, off_grid: OffGrid::Refuse }
}

fn mutated(sound: &[u8], dice: &mut Dice) -> Vec<u8> {
    let mut bytes = sound.to_vec();
    for _ in 0..=dice.below(3) {
        let at = dice.below(bytes.len());
        match dice.below(6) {
            0 => bytes.truncate(at.max(1)),
            1 => {
                let piece = bytes[at..(at + 1 + dice.below(40)).min(bytes.len())].to_vec();
                bytes.splice(at..at, piece);
            }
            2 => drop(bytes.remove(at)),
            3 => bytes[at] = dice.pick(b",.\n\r\"-+eE0 9\0\xff"),
            _ => bytes[at] ^= 1 << dice.below(8),
        }
        if bytes.is_empty() {
            bytes.push(b'\n');
        }
    }
    bytes
}

#[test]
fn no_damage_to_a_file_makes_an_import_panic_or_leave_half_a_store() {
    let folder = tempfile::tempdir().unwrap();
    let key = SeriesKey::parse("v/S/1m").unwrap();
    let csv = text().into_bytes();
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(&csv).unwrap();
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    zip.start_file("a.csv", zip::write::SimpleFileOptions::default()).unwrap();
    zip.write_all(&csv).unwrap();
    let sound_file = folder.path().join("sound.csv");
    std::fs::write(&sound_file, &csv).unwrap();
    let store = folder.path().join("sound");
    import(&plan(&store, &sound_file), &|_, _| {}).unwrap();
    let parquet = folder.path().join("sound.parquet");
    export(&store, &key, EVER, &parquet, ExportFormat::Parquet).unwrap();
    let kinds = [
        ("csv", csv.clone()),
        ("gz", gzip.finish().unwrap()),
        ("zip", zip.finish().unwrap().into_inner()),
        ("parquet", std::fs::read(&parquet).unwrap()),
    ];
    let mut dice = Dice::new(20_240_101);
    for (kind, sound) in kinds {
        let (mut taken, mut refused) = (0, 0);
        for case in 0..CASES {
            let (file, root) =
                (folder.path().join(format!("{case}.{kind}")), folder.path().join(format!("{case}-{kind}")));
            std::fs::write(&file, mutated(&sound, &mut dice)).unwrap();
            match import(&plan(&root, &file), &|_, _| {}) {
                // What was taken is a store that can be read and checked, whatever the rows say.
                Ok(report) => {
                    let checked = check_series(&root, &key).unwrap();
                    assert_eq!(checked.rows, report.receipt.rows_added, "{kind} case {case}");
                    taken += 1;
                }
                Err(fault) => {
                    assert!(!fault.to_string().is_empty());
                    let left = if root.exists() { listing(&root) } else { Default::default() };
                    assert!(
                        left.keys().all(|name| name.ends_with('/') || name.ends_with(".lock")),
                        "{kind} {case}: {left:?}"
                    );
                    refused += 1;
                }
            }
        }
        println!("{kind}: {taken} taken, {refused} refused");
        assert!(refused > 0, "{kind}: nothing was damaged");
    }
}
