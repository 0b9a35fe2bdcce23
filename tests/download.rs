//! `tapeline data download` against an exchange on 127.0.0.1: what it asks, what it keeps, what it refuses.

pub mod loopback;

use crate::outside::{Done, Folder};
use loopback::{Exchange, HOUR, Mood, World, lines, sha256, zipped};
use std::process::{Child, Command, Stdio};
use tapeline::domain::{Interval, Timestamp};
use tapeline::tape::{CandleSet, load_candles};

const DAY: i64 = 24 * HOUR;

fn at(text: &str) -> i64 {
    text.parse::<Timestamp>().unwrap().millis()
}

fn month(name: &str) -> String {
    format!("/data/spot/monthly/klines/BTCUSDT/1h/BTCUSDT-1h-{name}.zip")
}

fn day(name: &str) -> String {
    format!("/data/spot/daily/klines/BTCUSDT/1h/BTCUSDT-1h-{name}.zip")
}

/// Listed in the middle of December 2024; two months and most days of the third are in the archive.
fn world() -> World {
    let mut world =
        World { listed: at("2024-12-10"), last: at("2025-03-20"), clock: at("2025-03-20"), ..World::default() };
    for (name, from, to) in [("2024-12", "2024-12-10", "2025-01-01"), ("2025-01", "2025-01-01", "2025-02-01")] {
        world.put(&month(name), zipped(&format!("BTCUSDT-1h-{name}.csv"), &lines(at(from), at(to))));
    }
    for number in 1..=26 {
        let (name, begin) = (format!("2025-02-{number:02}"), at("2025-02-01") + (number - 1) * DAY);
        world.put(&day(&name), zipped(&format!("BTCUSDT-1h-{name}.csv"), &lines(begin, begin + DAY)));
    }
    world
}

const SPAN: [&str; 4] = ["--from", "2024-10", "--to", "2025-02"];

fn command(folder: &Folder, exchange: &Exchange, more: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tapeline"));
    command.args(["data", "download", "binance", "btcusdt", "--interval", "1h"]).args(more);
    command.env("TAPELINE_BINANCE_ARCHIVE_URL", &exchange.address).env("TAPELINE_BINANCE_REST_URL", &exchange.address);
    for proxy in ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"] {
        command.env_remove(proxy);
    }
    command.current_dir(folder.path()).stdin(Stdio::null());
    command
}

fn download(folder: &Folder, exchange: &Exchange, more: &[&str]) -> Done {
    let output = command(folder, exchange, more).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Done { code: output.status.code().unwrap_or(-1), out: text(output.stdout), err: text(output.stderr) }
}

fn must(folder: &Folder, exchange: &Exchange, more: &[&str]) -> String {
    let done = download(folder, exchange, more);
    assert_eq!((done.code, done.err.as_str()), (0, ""), "{}", done.out);
    done.out
}

fn start(folder: &Folder, exchange: &Exchange, more: &[&str]) -> Child {
    command(folder, exchange, more).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

fn stored(folder: &Folder, venue: &str) -> CandleSet {
    load_candles(&folder.at("data"), venue, "BTCUSDT", Interval::HOUR, Timestamp::MIN, Timestamp::MAX).unwrap()
}

/// The store holds every hour from `from` to before `to` and nothing else.
fn holds(folder: &Folder, from: &str, to: &str) {
    let set = stored(folder, "binance-spot");
    let hours: Vec<i64> = (at(from)..at(to)).step_by(HOUR as usize).map(|millis| millis * 1_000_000).collect();
    assert!(*set.columns.open_time == hours, "{} hours where {} were expected", set.columns.len(), hours.len());
    folder.must(&["data", "check"]);
}

#[test]
fn months_days_and_rest_make_one_history_and_a_second_call_asks_for_nothing() {
    let (folder, exchange) = (Folder::new(), Exchange::open(world()));
    let said = must(&folder, &exchange, &SPAN);
    assert!(said.contains("BTCUSDT is listed since 2024-12-10T00:00:00Z: there is nothing before"), "{said}");
    assert!(!said.contains("has no candle"), "{said}");
    holds(&folder, "2024-12-10", "2025-03-01");
    let manifest = folder.text("data/candles/binance-spot/BTCUSDT/1h/manifest.json");
    assert!(manifest.contains("\"real\"") && manifest.contains("BTCUSDT-1h-2024-12.zip"), "{manifest}");
    let asked = exchange.asked();
    let count = |part: &str| asked.iter().filter(|path| path.contains(part)).count();
    // One month too early says that there is a listing; no day before it is asked for.
    assert_eq!((count("2024-10"), count("2024-11"), count("startTime=0")), (1, 0, 1), "{asked:?}");
    assert_eq!((count("/BTCUSDT-1h-2025-01.zip"), count("daily/klines/BTCUSDT/1h/BTCUSDT-1h-2025-02-27")), (2, 1));
    assert_eq!(count("/api/v3/klines"), 3, "the listing and two days: {asked:?}");
    let before = folder.listing();
    must(&folder, &exchange, &SPAN);
    assert_eq!(exchange.asked(), Vec::<String>::new());
    assert!(folder.listing() == before, "the second call changed something");
}

#[test]
fn a_checksum_that_the_file_has_not_is_told_after_a_second_look_and_nothing_is_imported() {
    let (folder, exchange) = (Folder::new(), Exchange::open(world()));
    let path = month("2025-01");
    exchange.change(|world| {
        let stated = format!("{}  BTCUSDT-1h-2025-01.zip\n", sha256(b"another file"));
        world.files.insert(format!("{path}.CHECKSUM"), stated.into_bytes());
    });
    let done = download(&folder, &exchange, &SPAN);
    assert_eq!((done.code, done.out.as_str()), (1, ""), "{}", done.err);
    assert!(done.err.contains("2025-01.zip has the SHA-256") && done.err.contains("what to do"), "{}", done.err);
    assert_eq!(exchange.asked().iter().filter(|asked| **asked == path).count(), 2);
    assert!(!folder.at("data/candles").exists());
    // Mended, and what had been verified before is not asked for again.
    exchange.change(|world| {
        let content = world.files[&path].clone();
        world.put(&path, content);
    });
    must(&folder, &exchange, &SPAN);
    assert!(!exchange.asked().iter().any(|asked| asked.contains("2024-12.zip")));
    holds(&folder, "2024-12-10", "2025-03-01");
}

#[test]
fn a_zip_that_cannot_be_unpacked_is_refused_though_its_checksum_fits() {
    for damage in [
        |zip: &mut Vec<u8>| zip.truncate(zip.len() / 2),
        |zip: &mut Vec<u8>| {
            let middle = zip.len() / 2;
            zip[middle] ^= 0xff;
        },
    ] {
        let (folder, exchange) = (Folder::new(), Exchange::open(world()));
        exchange.change(|world| {
            let mut content = world.files[&month("2024-12")].clone();
            damage(&mut content);
            world.put(&month("2024-12"), content);
        });
        let done = download(&folder, &exchange, &SPAN);
        assert_eq!((done.code, done.out.as_str()), (1, ""), "{}", done.err);
        assert!(done.err.contains("cannot be unpacked") && done.err.contains("what to do"), "{}", done.err);
        assert!(!folder.at("data/candles").exists());
        assert!(!folder.listing().keys().any(|name| name.contains("2024-12.zip")), "a damaged file was kept");
    }
}

#[test]
fn too_many_requests_are_answered_by_waiting_as_long_as_is_asked_for() {
    for status in [429, 418, 503] {
        let (folder, exchange) = (Folder::new(), Exchange::open(world()));
        exchange.change(|world| {
            world.upset(&month("2025-01"), Mood::Later(status, 1));
            world.upset("/api/v3/klines", Mood::Later(status, 0));
        });
        must(&folder, &exchange, &["--from", "2025-01", "--to", "2025-02"]);
        let asked = exchange.asked();
        assert_eq!(asked.iter().filter(|path| **path == month("2025-01")).count(), 2, "{status}");
        holds(&folder, "2025-01-01", "2025-03-01");
    }
    let (folder, exchange) = (Folder::new(), Exchange::open(world()));
    exchange.change(|world| world.upset(&month("2025-01"), Mood::Later(418, 86_400)));
    let done = download(&folder, &exchange, &["--from", "2025-01", "--to", "2025-01"]);
    assert_eq!(done.code, 1);
    assert!(done.err.contains("418") && done.err.contains("86400 s of silence"), "{}", done.err);
}

#[test]
fn a_connection_that_breaks_is_gone_on_with_where_it_broke() {
    let (folder, exchange) = (Folder::new(), Exchange::open(world()));
    let path = month("2025-01");
    exchange.change(|world| {
        world.upset(&path, Mood::Break(1_000));
        world.upset(&path, Mood::Break(500));
        world.upset("/api/v3/klines", Mood::Break(20));
    });
    must(&folder, &exchange, &["--from", "2025-01", "--to", "2025-02"]);
    let asked: Vec<String> = exchange.asked().into_iter().filter(|asked| asked.starts_with(&path)).collect();
    assert_eq!(
        asked,
        [format!("{path}.CHECKSUM"), path.clone(), format!("{path} from 1000"), format!("{path} from 1500")]
    );
    holds(&folder, "2025-01-01", "2025-03-01");
}

#[test]
fn killed_between_files_or_within_one_it_loses_nothing_that_was_whole() {
    let (folder, exchange) = (Folder::new(), Exchange::open(world()));
    let path = month("2025-01");
    exchange.change(|world| world.upset(&path, Mood::Silence));
    let mut child = start(&folder, &exchange, &SPAN);
    exchange.wait_for(&path);
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(!folder.at("data/candles").exists());
    exchange.asked();
    // Within a file: 3,000 bytes of it have come, then an interrupt.
    exchange.change(|world| {
        world.upset(&path, Mood::Break(3_000));
        world.upset(&path, Mood::Silence);
    });
    let child = start(&folder, &exchange, &SPAN);
    exchange.wait_for(&format!("{path} from 3000"));
    exchange.asked();
    Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    let done = child.wait_with_output().unwrap();
    let said = String::from_utf8(done.stderr).unwrap();
    assert_eq!((done.status.code(), done.stdout.as_slice()), (Some(130), &b""[..]), "{said}");
    assert!(said.starts_with("error: interrupted\n  what to do: run the same command again"), "{said}");
    must(&folder, &exchange, &SPAN);
    let asked = exchange.asked();
    assert!(!asked.iter().any(|asked| asked.contains("2024-12.zip")), "{asked:?}");
    assert!(asked.contains(&format!("{path} from 3000")), "{asked:?}");
    holds(&folder, "2024-12-10", "2025-03-01");
}

#[test]
fn a_cached_file_that_was_changed_is_fetched_again() {
    let (folder, exchange) = (Folder::new(), Exchange::open(world()));
    let span = ["--from", "2025-01", "--to", "2025-01", "--cache", "kept"];
    must(&folder, &exchange, &span);
    exchange.asked();
    let file = "kept/binance-spot/BTCUSDT/1h/BTCUSDT-1h-2025-01.zip";
    let mut content = std::fs::read(folder.at(file)).unwrap();
    content[100] ^= 1;
    folder.put(file, content);
    must(&folder, &exchange, &span);
    assert_eq!(exchange.asked(), [format!("{}.CHECKSUM", month("2025-01")), month("2025-01")]);
    holds(&folder, "2025-01-01", "2025-02-01");
}

#[test]
fn the_day_that_is_not_over_is_taken_as_far_as_it_will_not_change() {
    let clock = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_millis() as i64;
    let today = clock / DAY * DAY;
    let world = World { listed: at("2020-01-01"), last: clock, clock, ..World::default() };
    let (folder, exchange) = (Folder::new(), Exchange::open(world));
    let yesterday = Timestamp::from_millis(today - DAY).date();
    must(&folder, &exchange, &["--from", &yesterday]);
    // An hour is taken ten minutes after its close.
    let closed = (clock - 10 * 60_000 - today).div_euclid(HOUR);
    assert_eq!(stored(&folder, "binance-spot").columns.len() as i64, 24 + closed);
    exchange.asked();
    let two = clock + 2 * HOUR;
    exchange.change(|world| (world.clock, world.last) = (two, two));
    must(&folder, &exchange, &["--from", &yesterday]);
    assert!(stored(&folder, "binance-spot").columns.len() as i64 > 24 + closed);
}

#[test]
fn futures_come_from_their_own_folders_with_headers() {
    let mut world =
        World { listed: at("2024-05-01"), last: at("2024-06-03"), clock: at("2024-06-20"), ..World::default() };
    let header = "open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,taker_buy_quote_volume,ignore\n";
    world.put(
        "/data/futures/um/monthly/klines/BTCUSDT/1h/BTCUSDT-1h-2024-05.zip",
        zipped("BTCUSDT-1h-2024-05.csv", &format!("{header}{}", lines(at("2024-05-01"), at("2024-06-01")))),
    );
    let (folder, exchange) = (Folder::new(), Exchange::open(world));
    let said = must(&folder, &exchange, &["--product", "usdm", "--from", "2024-05", "--to", "2024-06-03"]);
    assert!(said.contains("BTCUSDT has no candle on 2024-06-03, neither in the archive nor over REST"), "{said}");
    assert!(exchange.asked().iter().any(|asked| asked.starts_with("/fapi/v1/klines?symbol=BTCUSDT&interval=1h")));
    assert_eq!(stored(&folder, "binance-usdm").columns.len(), 33 * 24);
}

#[test]
fn a_wish_that_cannot_be_met_is_one_clear_fault() {
    let (folder, exchange) = (Folder::new(), Exchange::open(world()));
    for (more, code, part) in [
        (vec!["--from", "someday"], 2, "--from: 'someday' is not a time"),
        (vec!["--from", "2024-13"], 2, "--from: '2024-13' is not a time"),
        (vec!["--from", "2025-02", "--to", "2025-01"], 2, "no day between --from and --to"),
        (vec!["--from", "2999-01"], 2, "no day between --from and --to"),
        (vec!["--from", "2025-01", "--archive-url", "data/here"], 2, "'data/here' is no address"),
        (vec!["--from", "2025-01", "--rest-url", "ftp://x"], 2, "'ftp://x' is no address"),
        (vec!["--from", "2024-10", "--to", "2024-11"], 2, "its first candle is that of 2024-12-10T00:00:00Z"),
        (vec!["--from", "2025-01", "--to", "2025-01", "--cache", "file/x"], 2, "--cache"),
        (vec!["--from", "2025-01", "--to", "2025-01", "--root", "file", "--cache", "c"], 2, "--root"),
    ] {
        folder.put("file", "a file where a folder is needed");
        let done = download(&folder, &exchange, &more);
        assert_eq!((done.code, done.out.as_str()), (code, ""), "{more:?}: {}", done.err);
        assert!(done.err.starts_with("error: ") && done.err.contains(part), "{more:?}: {}", done.err);
        assert!(done.err.lines().nth(1).unwrap().starts_with("  what to do: "), "{more:?}: {}", done.err);
        assert!(!folder.at("data/candles").exists(), "{more:?}");
    }
    let done = folder.tapeline(&["data", "download", "binance", "BTC/USDT", "--from", "2025-01"]);
    assert_eq!(done.code, 2);
    assert!(done.err.contains("'BTC/USDT' is no symbol of Binance"), "{}", done.err);
    let done = folder.tapeline(&["data", "download", "binance", "BTCUSDT", "--interval", "1w", "--from", "2025-01"]);
    assert_eq!(done.code, 2);
    assert!(done.err.contains("no 1w candles by the day") && done.err.contains("data resample"), "{}", done.err);
}
