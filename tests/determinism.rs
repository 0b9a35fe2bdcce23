//! Determinism: one scenario, one result, however it is run.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use tapeline::catalog::{ALL, Book, Manner, Market, Stage};
use tapeline::engine::Idle;
use tapeline::scenario::{self, Overrides};
use tapeline::strategy::SetupError;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn stage(name: &str) -> Stage {
    stage_with(name, &Overrides::default())
}

fn stage_with(name: &str, overrides: &Overrides) -> Stage {
    let path = root().join("scenarios").join(name);
    let plan = scenario::load(&path, overrides, &Book(ALL)).unwrap_or_else(|fault| panic!("{fault}"));
    let market = Market::load(&plan).unwrap();
    Stage::new(plan, market).unwrap()
}

fn fingerprint(stage: &Stage, manner: Manner<'_>) -> String {
    format!("{:032x}", stage.run(ALL, manner).unwrap().outcome.fingerprint)
}

/// The fingerprints that the shipped scenarios have on every machine and in every build. A change of the engine, of a
/// strategy or of the synthetic market changes them on purpose; then the lines that this test prints replace those of
/// tests/fingerprints.txt, and the commit says why.
#[test]
fn the_shipped_scenarios_have_their_known_fingerprints() {
    let known = std::fs::read_to_string(root().join("tests/fingerprints.txt")).unwrap();
    let mut lines: Vec<&str> = known.lines().filter(|line| !line.starts_with('#')).collect();
    lines.retain(|line| !line.trim().is_empty());
    assert!(lines.len() >= 2, "tests/fingerprints.txt names quickstart and portfolio");
    let names = lines.iter().map(|line| line.split_once(' ').expect("name and fingerprint").0);
    let now: Vec<String> = names
        .map(|name| format!("{name} {}", fingerprint(&stage(&format!("{name}.toml")), Manner::default())))
        .collect();
    assert_eq!(now, lines, "\nthe fingerprints now:\n{}\n", now.join("\n"));
}

#[test]
fn idle_skipping_block_size_and_dispatch_change_nothing() {
    // The benchmark decides on the finest candles themselves: there the strategy says which of them can matter to it.
    let weeks = Overrides { timerange: Some("20200101-20200201".into()), ..Overrides::default() };
    let whole = Overrides::default();
    for (name, overrides) in
        [("quickstart.toml", &whole), ("portfolio.toml", &whole), ("benchmark-single.toml", &weeks)]
    {
        let stage = stage_with(name, overrides);
        let expected = fingerprint(&stage, Manner::default());
        assert_eq!(fingerprint(&stage, Manner::default()), expected, "{name} twice");
        for (idle, block_rows) in [(Idle::Turn, 1_024), (Idle::Skip, 1), (Idle::Skip, 100), (Idle::Skip, 100_000)] {
            let manner = Manner { idle, block_rows, ..Manner::default() };
            assert_eq!(fingerprint(&stage, manner), expected, "{name}: {idle:?}, blocks of {block_rows}");
        }
        let boxed = stage.run_with(Manner::default(), |desk, setup| {
            let entry = ALL.iter().find(|entry| entry.name == desk.strategy);
            let entry = entry.ok_or_else(|| SetupError(desk.strategy.clone()))?;
            (entry.hire)(&desk.parameters, setup)
        });
        assert_eq!(format!("{:032x}", boxed.unwrap().outcome.fingerprint), expected, "{name} with boxed desks");
    }
}

/// Runs the program in a process and a folder of its own and reads every file that it wrote.
fn run(scenario: &str, folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let output = Command::new(env!("CARGO_BIN_EXE_tapeline"))
        .arg("run")
        .arg(root().join("scenarios").join(scenario))
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let run = std::fs::read_dir(folder.join("reports")).unwrap().next().unwrap().unwrap().path();
    let files = std::fs::read_dir(&run).unwrap().map(|entry| entry.unwrap().path());
    let name = |path: &PathBuf| PathBuf::from(run.file_name().unwrap()).join(path.file_name().unwrap());
    files.map(|path| (name(&path), std::fs::read(&path).unwrap())).collect()
}

#[test]
fn two_processes_write_the_same_files() {
    for scenario in ["quickstart.toml", "portfolio.toml"] {
        let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (one, other) = (run(scenario, one.path()), run(scenario, other.path()));
        assert!(one.keys().eq(other.keys()), "{scenario}: {:?} and {:?}", one.keys(), other.keys());
        assert!(one.len() >= 7, "{:?}", one.keys());
        for (name, bytes) in &one {
            // How long it took is the one thing that differs.
            if !name.ends_with("timing.json") {
                assert!(other[name] == *bytes, "{} differs between two processes", name.display());
            }
        }
    }
}
