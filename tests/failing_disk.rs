//! Disks that are full, folders that cannot be written to, readers that are gone: one clear error, exit code 1 where the
//! machine is at fault, and nothing half-written.

#![cfg(unix)]

use crate::outside::Folder;
use std::process::Command;

const SOUND: &str = r#"version = 1
[data]
synthetic = { seed = 3, candles = 20000 }
[[instrument]]
symbol = "BTCUSDT"
[[desk]]
strategy = "sma_cross"
parameters = { fast = 10, slow = 50 }
"#;

/// What a line of a shell did, with the program as `$TAPELINE`.
fn shell(folder: &Folder, line: &str) -> (i32, String, String) {
    let output = Command::new("sh")
        .args(["-c", line])
        .env("TAPELINE", env!("CARGO_BIN_EXE_tapeline"))
        .current_dir(folder.path())
        .stdin(std::process::Stdio::null())
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap_or(-1), text(output.stdout), text(output.stderr))
}

/// A folder with everything that the commands below need.
fn prepared() -> Folder {
    let folder = Folder::new();
    folder.put("s.toml", SOUND);
    folder.must(&["data", "synth", "--candles", "20000"]);
    folder.must(&["data", "export", "synthetic/BTCUSDT/1m", "candles.csv"]);
    folder
}

/// Commands that write, and by how many blocks of 512 bytes they certainly cannot be done.
const WRITERS: &[(&str, u32)] = &[
    ("run s.toml --out reports", 16),
    ("data synth --candles 20000 --symbol ETHUSDT", 64),
    ("data import candles.csv --venue v --symbol S --interval 1m", 64),
    ("data resample synthetic/BTCUSDT --interval 5m", 16),
    ("data export synthetic/BTCUSDT/1m other.csv", 64),
    ("data export synthetic/BTCUSDT/1m other.parquet", 64),
];

/// Locks stay, and folders that hold nothing.
fn is_trace(name: &str) -> bool {
    name.ends_with('/') || name.ends_with(".lock")
}

/// Says what must hold after a command that could not write: an error, no panic, no file beside those that were there.
fn refused(folder: &Folder, before: &crate::outside::Listing, what: &str, (code, _, said): (i32, String, String)) {
    assert_eq!(code, 1, "{what}: {said}");
    assert!(said.starts_with("error: ") && !said.contains("panicked"), "{what}: {said}");
    assert!(said.lines().count() <= 2, "{what}: {said}");
    let after = folder.listing();
    for (name, content) in &after {
        assert!(is_trace(name) || before.get(name) == Some(content), "{what} left {name} behind or changed it: {said}");
    }
    assert!(before.keys().all(|name| after.contains_key(name)), "{what} took something away");
}

#[test]
fn a_write_that_fails_midway_leaves_no_file_behind() {
    let folder = prepared();
    let before = folder.listing();
    for (command, most) in WRITERS {
        for blocks in [0, 1, 3, *most] {
            // A file may grow to so many blocks; the next byte is refused as a full disk would.
            let line = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$TAPELINE\" {command}");
            refused(&folder, &before, &format!("{command} in {blocks} blocks"), shell(&folder, &line));
        }
        let (code, _, said) = shell(&folder, &format!("exec \"$TAPELINE\" {command}"));
        assert_eq!(code, 0, "{command} with room: {said}");
        // The next command begins where this one did.
        for name in folder.listing().keys().filter(|name| !before.contains_key(*name) && !name.ends_with('/')) {
            std::fs::remove_file(folder.at(name)).unwrap();
        }
        for name in folder.listing().keys().rev().filter(|name| !before.contains_key(*name)) {
            let _ = std::fs::remove_dir(folder.at(name));
        }
    }
}

#[test]
fn a_full_disk_is_said_and_leaves_no_file_behind() {
    let folder = prepared();
    std::fs::create_dir(folder.at("small")).unwrap();
    let mount = |then: &str| {
        format!("unshare --user --map-root-user --mount sh -c 'mount -t tmpfs -o size=32k none small && {then}'")
    };
    if shell(&folder, &mount("true")).0 != 0 {
        println!("SKIPPED: no small file system can be mounted here; nothing was tested");
        return;
    }
    for command in ["run s.toml --out small", "data export synthetic/BTCUSDT/1m small/other.csv"] {
        let line =
            mount(&format!("\"$TAPELINE\" {command}; code=$?; find small -type f ! -name \"*.lock\"; exit $code"));
        let (code, out, said) = shell(&folder, &line);
        assert_eq!(code, 1, "{command}: {said}");
        assert!(said.starts_with("error: ") && said.contains("No space left"), "{command}: {said}");
        assert_eq!(out, "", "{command} left files behind");
    }
}

#[test]
fn a_folder_that_cannot_be_written_to_is_said() {
    let folder = prepared();
    let before = folder.listing();
    // Not even the superuser may make files there.
    for (command, code) in [
        ("run s.toml --out /proc/reports", 2),
        ("data synth --candles 100 --root /proc/store", 2),
        ("data export synthetic/BTCUSDT/1m /proc/other.csv", 2),
    ] {
        let done = shell(&folder, &format!("exec \"$TAPELINE\" {command}"));
        assert!(done.0 == code && done.2.starts_with("error: ") && done.2.contains("/proc/"), "{command}: {done:?}");
        assert!(!done.2.contains("panicked"), "{command}: {}", done.2);
        assert!(folder.listing() == before, "{command} left something behind");
    }
}

#[test]
fn a_reader_that_is_gone_or_full_is_no_panic() {
    let folder = prepared();
    for command in ["strategies", "run s.toml --json", "data check --json", "data list", "--help"] {
        for sink in ["> /dev/full", "| true", ">&-"] {
            let (_, _, said) = shell(&folder, &format!("\"$TAPELINE\" {command} {sink}"));
            assert!(!said.contains("panicked"), "{command} {sink}: {said}");
        }
    }
}

/// A sweep of 200 trials in parts of 64 on a disk that another file fills; `then` says what becomes of that file.
fn sweep_on_a_full_disk(folder: &Folder, then: &str) -> (i32, String, String) {
    folder.put("s.toml", SOUND);
    std::fs::create_dir_all(folder.at("small")).unwrap();
    let line = format!(
        "mount -t tmpfs -o size=256k none small && dd if=/dev/zero of=small/ballast bs=1k count=225 2>/dev/null\n\
         sweep='\"$TAPELINE\" sweep s.toml --set fast=5..24 --set slow=30..75:5 --out small --threads 1'\n{then}"
    );
    folder.put("line.sh", line);
    shell(folder, "unshare --user --map-root-user --mount sh line.sh")
}

/// Whether a small file system can be mounted here, and a terminal be played.
fn can_play() -> bool {
    let folder = Folder::new();
    let line = "unshare --user --map-root-user --mount sh -c 'mount -t tmpfs none /mnt' && script -qec true /dev/null";
    let can = shell(&folder, line).0 == 0;
    if !can {
        println!("SKIPPED: no small file system can be mounted here, or there is no `script`; nothing was tested");
    }
    can
}

#[test]
fn a_sweep_on_a_full_disk_stops_in_a_pipe_and_is_gone_on_with() {
    if !can_play() {
        return;
    }
    let folder = Folder::new();
    let then = "eval \"$sweep\"; code=$?; find small -name '*.writing'; rm small/ballast\n\
                eval \"$sweep --resume\" > again.txt || exit 9; cp small/*/trials.parquet small/*/returns.parquet .\n\
                exit $code";
    let (code, out, said) = sweep_on_a_full_disk(&folder, then);
    assert_eq!(code, 1, "{out}{said}");
    assert!(said.starts_with("error: ") && said.contains("No space left") && said.contains("--resume"), "{said}");
    assert_eq!(out, "", "nothing half-written is left");
    folder.must(&["sweep", "s.toml", "--set", "fast=5..24", "--set", "slow=30..75:5", "--out", "large"]);
    let place = std::fs::read_dir(folder.at("large")).unwrap().next().unwrap().unwrap().path();
    for name in ["trials.parquet", "returns.parquet"] {
        let whole = std::fs::read(place.join(name)).unwrap();
        assert!(whole == std::fs::read(folder.at(name)).unwrap(), "{name} differs");
    }
}

#[test]
fn a_sweep_on_a_full_disk_waits_on_a_terminal() {
    if !can_play() {
        return;
    }
    let folder = Folder::new();
    // The room comes back when the sweep has said that it waits for it.
    let then = "( while ! grep -q paused said.txt 2>/dev/null; do sleep 0.1; done; rm small/ballast ) &\n\
                TERM=xterm script -qefc \"$sweep\" said.txt > /dev/null";
    let (code, out, said) = sweep_on_a_full_disk(&folder, then);
    assert_eq!(code, 0, "{out}{said}{}", folder.text("said.txt"));
    assert!(folder.text("said.txt").contains("200 trials: "), "{}", folder.text("said.txt"));
}
