//! Shards of a sweep: run apart, killed, resumed and merged they are the sweep that one machine writes, byte for byte;
//! what does not belong together is refused by name.

use crate::outside::{Done, Folder, Listing, listing};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tapeline::sweep::Shelf;

/// 960 trials in 15 parts.
pub const SCENARIO: &str = r#"version = 1
name = "wide"
[data]
synthetic = { seed = 3, candles = 6000 }
[[instrument]]
symbol = "BTCUSDT"
[[desk]]
strategy = "sma_cross"
parameters = { fast = 10, slow = 50, fraction = "0.5" }
[sweep]
axes = { fast = "1..30", slow = "25..180:5" }
"#;

fn world() -> Folder {
    let folder = Folder::new();
    folder.put("wide.toml", SCENARIO);
    folder
}

/// Runs one shard of the scenario.
fn shard(folder: &Folder, shard: &str, more: &[&str]) -> String {
    folder.must(&[&["sweep", "wide.toml", "--shard", shard, "--threads", "1"], more].concat())
}

/// The folders under `out`, by name.
pub fn folders(out: &Path) -> Vec<String> {
    let names = std::fs::read_dir(out).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.collect();
    names.sort();
    names
}

/// Every file of the whole sweep under `out`, with its folder's name.
fn whole(folder: &Folder, out: &str) -> (String, Listing) {
    let names = folders(&folder.at(out));
    let name = names.into_iter().find(|name| !name.contains(".shard-")).expect("a whole sweep");
    let files = listing(&folder.at(&format!("{out}/{name}")));
    (name, files)
}

/// Waits until some part is finished, or the process is.
fn wait_for_a_part(process: &mut Child, parts: &Path) {
    let began = Instant::now();
    while began.elapsed() < Duration::from_secs(120) {
        let has_part = std::fs::read_dir(parts).is_ok_and(|mut entries| {
            entries.any(|entry| entry.unwrap().path().extension().is_some_and(|extension| extension == "parquet"))
        });
        if has_part || process.try_wait().unwrap().is_some() {
            return;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    panic!("no part was finished");
}

#[test]
fn three_shards_one_of_them_killed_are_the_whole_sweep_byte_for_byte() {
    let folder = world();
    folder.must(&["sweep", "wide.toml", "--out", "alone"]);
    let (name, alone) = whole(&folder, "alone");
    let names: Vec<&str> = alone.keys().map(String::as_str).collect();
    assert_eq!(names, ["plan.toml", "report.html", "returns.parquet", "scenario.toml", "sweep.toml", "trials.parquet"]);

    let second = format!("sweeps/{name}.shard-2-of-3");
    loop {
        let mut process = Command::new(env!("CARGO_BIN_EXE_tapeline"))
            .args(["sweep", "wide.toml", "--shard", "2/3", "--threads", "1"])
            .current_dir(folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        wait_for_a_part(&mut process, &folder.at(&second).join("parts"));
        process.kill().unwrap();
        process.wait().unwrap();
        if !folder.at(&second).join("parts.sha256").exists() {
            break;
        }
        // It was faster than the look at it.
        std::fs::remove_dir_all(folder.at(&second)).unwrap();
    }
    shard(&folder, "1/3", &[]);
    shard(&folder, "3/3", &[]);
    let unfinished = folder.tapeline(&["sweep", "merge", "sweeps"]);
    assert_eq!(unfinished.code, 2);
    assert!(
        unfinished.err.contains("shard 2/3 in") && unfinished.err.contains("is not finished"),
        "{}",
        unfinished.err
    );
    let again = folder.tapeline(&["sweep", "wide.toml", "--shard", "2/3"]);
    assert!(again.code == 2 && again.err.contains("--resume"), "{}", again.err);
    let said = shard(&folder, "2/3", &["--resume"]);
    assert!(said.contains("shard 2/3 is done, 320 of 960 trials"), "{said}");

    // A finished shard is left as it is, and answers questions.
    let before = listing(&folder.at("sweeps"));
    assert!(shard(&folder, "2/3", &[]).contains("holds shard 2/3 already; nothing was changed"));
    let asked = folder.must(&["trials", &second, "--columns", "trial", "--csv"]);
    assert_eq!(asked.lines().count(), 321, "{asked}");
    assert!(listing(&folder.at("sweeps")) == before, "a finished shard was changed");

    let said = folder.must(&["sweep", "merge", "sweeps", "--out", "merged"]);
    assert!(said.contains("960 trials: ") && said.contains("trials.parquet"), "{said}");
    let merged = whole(&folder, "merged");
    assert_eq!(merged.0, name);
    assert!(merged.1 == alone, "the merged files differ from those of one machine");
    // Whoever was killed right after the last file has left parts.
    folder.put(&format!("merged/{name}/parts/000000.parquet"), "");
    assert!(folder.must(&["sweep", "merge", "sweeps", "--out", "merged"]).contains("nothing was changed"));
    assert!(whole(&folder, "merged").1 == alone, "merging twice changed something");
    assert!(listing(&folder.at("sweeps")) == before, "merging changed the shards");
}

#[test]
fn a_merge_that_was_cut_short_goes_on_and_a_sweep_may_finish_it() {
    let folder = world();
    for number in ["1/2", "2/2"] {
        shard(&folder, number, &["--no-returns", "--search", "random", "--trials", "300"]);
    }
    let random = ["--no-returns", "--search", "random", "--trials", "300"];
    folder.must(&[&["sweep", "wide.toml", "--out", "alone"], &random[..]].concat());
    let (name, alone) = whole(&folder, "alone");
    let names: Vec<&str> = alone.keys().map(String::as_str).collect();
    assert_eq!(names, ["plan.toml", "report.html", "scenario.toml", "sweep.toml", "trials.parquet"]);
    let first = format!("sweeps/{name}.shard-1-of-2");
    for out in ["cut", "other"] {
        for file in ["plan.toml", "scenario.toml", "sweep.toml", "parts/000002.parquet"] {
            folder.put(&format!("{out}/{name}/{file}"), std::fs::read(folder.at(&format!("{first}/{file}"))).unwrap());
        }
    }
    folder.must(&["sweep", "merge", "sweeps", "--out", "cut"]);
    assert!(whole(&folder, "cut").1 == alone, "the merge that went on differs");
    folder.must(&[&["sweep", "wide.toml", "--out", "other", "--resume"], &random[..]].concat());
    assert!(whole(&folder, "other").1 == alone, "the sweep that went on differs");
}

#[test]
fn a_shard_without_a_part_is_done_at_once() {
    let folder = world();
    let few = ["--set", "fast=5,6", "--set", "slow=30,40"];
    for number in ["1/2", "2/2"] {
        shard(&folder, number, &few);
    }
    folder.must(&[&["sweep", "wide.toml", "--out", "alone"], &few[..]].concat());
    folder.must(&["sweep", "merge", "sweeps", "--out", "merged"]);
    assert!(whole(&folder, "merged") == whole(&folder, "alone"));
}

fn refused(done: &Done, says: &[&str]) {
    assert_eq!(done.code, 2, "{says:?}: {}{}", done.out, done.err);
    for part in says {
        assert!(done.err.contains(part), "{part}: {}", done.err);
    }
}

#[test]
fn what_does_not_belong_together_is_refused_by_name_and_nothing_is_written() {
    let folder = world();
    let few = ["--set", "fast=1..8", "--set", "slow=30..180:5"];
    for number in ["1/3", "2/3", "3/3"] {
        shard(&folder, number, &few);
    }
    let names = folders(&folder.at("sweeps"));
    let own: Vec<String> = names.iter().map(|name| format!("sweeps/{name}")).collect();
    let [one, two, three] = [own[0].as_str(), own[1].as_str(), own[2].as_str()];
    let merge = |shards: &[&str]| folder.tapeline(&[&["sweep", "merge", "--out", "merged"], shards].concat());

    refused(&merge(&[one, three]), &["shard 2/3 of wide-", "is missing"]);
    refused(&merge(&[two]), &["shards 1/3, 3/3 of wide-", "are missing"]);
    refused(&merge(&[one, two, three, two]), &["shard 2/3 is there twice", two]);
    refused(&merge(&[one, two, "nowhere"]), &["nowhere"]);
    folder.put("empty/readme", "");
    refused(&merge(&["empty"]), &["there is no shard in empty"]);

    // Each of them as the third: of another sweep in one respect.
    let data = ["--set", "data.synthetic.seed=4"];
    let plan = ["--set", "account.opening.USDT=5000"];
    let condition = ["--where", "fast != 4"];
    let axes = ["--set", "fast=2..9"];
    let foreign: [(&str, &[&str], &str, &str); 6] = [
        ("data", &data, "3/3", "other data (synthetic/BTCUSDT)"),
        ("plan", &plan, "3/3", "another plan"),
        ("condition", &condition, "3/3", "another condition"),
        ("axes", &axes, "3/3", "other axes"),
        ("returns", &["--no-returns"], "3/3", "another choice of daily returns"),
        ("count", &[], "4/4", "4 shards instead of 3"),
    ];
    for (out, more, number, says) in foreign {
        let few = if out == "axes" { &few[2..] } else { &few[..] };
        shard(&folder, number, &[few, more, &["--out", out]].concat());
        let third = format!("{out}/{}", folders(&folder.at(out))[0]);
        refused(&merge(&[one, two, &third]), &[&third, "does not belong to", says]);
    }

    // Of another engine.
    let copy = |to: &str, change: &dyn Fn(&str, Vec<u8>) -> Vec<u8>| {
        for (name, content) in listing(&folder.at(three)) {
            if !name.ends_with('/') {
                folder.put(&format!("{to}/{name}"), change(&name, content));
            }
        }
    };
    copy("older", &|name, content| match name {
        "sweep.toml" => {
            let text = String::from_utf8(content).unwrap();
            let version = format!("engine_version = \"{}\"", env!("CARGO_PKG_VERSION"));
            assert!(text.contains(&version));
            text.replace(&version, "engine_version = \"0.0.9\"").into_bytes()
        }
        _ => content,
    });
    refused(&merge(&[one, two, "older"]), &["older was run by tapeline 0.0.9"]);

    // A part that is not what its checksum says, and one that is not there.
    copy("damaged", &|name, mut content| {
        if name == "parts/000002.parquet" {
            let middle = content.len() / 2;
            content[middle] ^= 1;
        }
        content
    });
    let damaged = merge(&[one, two, "damaged"]);
    assert_eq!(damaged.code, 1);
    assert!(damaged.err.contains("damaged: parts/000002.parquet is not what its checksum says"), "{}", damaged.err);
    std::fs::remove_file(folder.at("damaged/parts/000002.parquet")).unwrap();
    refused(&merge(&[one, two, "damaged"]), &["damaged/parts/000002.parquet"]);

    assert!(!folder.at("merged").exists(), "something was written");
    folder.must(&["sweep", "merge", "--out", "merged", three, one, two]);
}

#[test]
fn words_that_name_no_shard_are_refused_and_two_processes_do_not_run_one_sweep() {
    let folder = world();
    for text in ["0/3", "4/3", "3", "a/b"] {
        refused(&folder.tapeline(&["sweep", "wide.toml", "--shard", text]), &["--shard", "1/8"]);
    }
    refused(&folder.tapeline(&["sweep"]), &["Usage"]);
    refused(&folder.tapeline(&["sweep", "merge"]), &["SHARD"]);
    assert!(!folder.at("sweeps").exists());

    shard(&folder, "1/2", &[]);
    let name = folders(&folder.at("sweeps")).remove(0);
    std::fs::remove_file(folder.at(&format!("sweeps/{name}/parts.sha256"))).unwrap();
    let held = Shelf::at(&folder.at(&format!("sweeps/{name}"))).lock().unwrap();
    let second = folder.tapeline(&["sweep", "wide.toml", "--shard", "1/2", "--resume"]);
    assert_eq!(second.code, 1);
    assert!(second.err.contains("is being run by another process"), "{}", second.err);
    drop(held);
    shard(&folder, "1/2", &["--resume"]);
}
