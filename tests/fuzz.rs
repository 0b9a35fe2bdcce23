//! Every parser against damaged input: whatever is read either is taken or is refused with a message; nothing panics,
//! and nothing takes for ever. A seeded mutator cuts, repeats, swaps and splices sound texts and puts words in that
//! parsers stumble over. A second of it belongs to the tests; docs/fuzzing.md says how to let it run for longer.

use crate::conservation::dice::Dice;
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tapeline::catalog::{ALL, Book, Dossier, Manner, Market, Stage};
use tapeline::domain::{QuoteColumns, TradeColumns};
use tapeline::error::Fault;
use tapeline::scenario::{self, Overrides, Plan};
use tapeline::tape::{Manifest, Source, read_candle_file, read_outside, read_tick_file};

/// What parsers stumble over.
const WORDS: &[&str] = &[
    "NaN",
    "inf",
    "-inf",
    "-0",
    "1e308",
    "1e-400",
    "1e999999999",
    "0x10",
    "1_000",
    "+1",
    ".",
    "-",
    "..5",
    "5.",
    "",
    "99999999999999999999999999999999999999",
    "0.00000000000000000000000000000000001",
    "170141183460469231731687303715884105728",
    "-9223372036854775808",
    "9223372036854775807",
    "18446744073709551616",
    "\"",
    "\"\"",
    "\\",
    "\r\n",
    "\n\n",
    "\t",
    "\0",
    "\u{feff}",
    "é",
    "\u{202e}",
    ",",
    ",,,,,,,,",
    "[",
    "[[",
    "]]",
    "{",
    "}",
    "=",
    "#",
    "'''",
    "\"\"\"",
    "true",
    "null",
    "[]",
    "{}",
    "2024-13-45",
    "2024-02-30T25:61:61Z",
    "1970-01-01",
    "9999-12-31T23:59:59.999999999Z",
    "-1",
    "0",
    "1m",
    "0m",
    "999999999999h",
    "off",
    "../../../../etc/passwd",
    "/dev/null",
    "/",
    "market",
    "limit",
    "GTD:",
    "file",
    "kind = \"plan\"",
];

/// A text made worse in one to four places.
fn worse(sound: &[u8], other: &[u8], dice: &mut Dice) -> Vec<u8> {
    let mut bytes = sound.to_vec();
    for _ in 0..=dice.below(4) {
        let at = dice.below(bytes.len() + 1);
        let end = (at + dice.below(40)).min(bytes.len());
        match dice.below(12) {
            0 => bytes.truncate(at),
            1 => drop(bytes.drain(at..end)),
            2 => {
                let piece = bytes[at..end].to_vec();
                let times = dice.pick(&[1, 2, 50]);
                bytes.splice(at..at, piece.repeat(times));
            }
            3 => drop(bytes.splice(at..end, dice.pick(WORDS).bytes())),
            4 => drop(bytes.splice(at..at, dice.pick(WORDS).bytes())),
            // A whole cell or value gives way to a word.
            5 | 6 => {
                let edge = |byte: &u8| b",\n=\"".contains(byte);
                let from = bytes[..at].iter().rposition(edge).map_or(0, |place| place + 1);
                let to = bytes[at..].iter().position(edge).map_or(bytes.len(), |place| at + place);
                bytes.splice(from..to, dice.pick(WORDS).bytes());
            }
            // A line again, or two lines change places.
            7 => {
                let mut lines: Vec<Vec<u8>> =
                    bytes.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
                if lines.len() > 1 {
                    let (one, two) = (dice.below(lines.len()), dice.below(lines.len()));
                    if dice.chance(50) {
                        lines.swap(one, two)
                    } else {
                        lines.insert(one, lines[two].clone())
                    }
                    bytes = lines.concat();
                }
            }
            8 if !other.is_empty() => {
                let from = dice.below(other.len());
                let to = (from + 1 + dice.below(60)).min(other.len());
                bytes.splice(at..end, other[from..to].iter().copied());
            }
            9 => drop(bytes.splice(at..at, std::iter::repeat_n(dice.pick(b"[{(\"',9 "), dice.pick(&[3, 200, 20_000])))),
            _ if at < bytes.len() => bytes[at] ^= 1 << dice.below(8),
            _ => {}
        }
    }
    bytes
}

/// What takes bytes or refuses them.
type Reader<'a> = Box<dyn Fn(&[u8]) -> Result<(), Fault> + 'a>;

/// One parser: its name, sound inputs, and what reads a worse one.
struct Target<'a> {
    name: &'static str,
    sound: Vec<Vec<u8>>,
    read: Reader<'a>,
}

/// For how long each parser is tried.
fn patience() -> Duration {
    let seconds = std::env::var("TAPELINE_FUZZ_SECONDS").ok().and_then(|text| text.parse().ok());
    seconds.map_or(Duration::from_millis(150), Duration::from_secs)
}

fn seed() -> u64 {
    std::env::var("TAPELINE_FUZZ_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(1)
}

/// Tries a parser until time is up. A finding is written to a file and named.
fn hold(target: &Target<'_>) {
    for sound in &target.sound {
        (target.read)(sound).unwrap_or_else(|fault| panic!("{}: sound input is refused: {fault}", target.name));
    }
    let (mut taken, mut refused, start) = (0u64, 0u64, Instant::now());
    let mut dice = Dice::new(seed());
    while start.elapsed() < patience() || taken + refused < 200 {
        let sound = &target.sound[dice.below(target.sound.len())];
        let other = &target.sound[dice.below(target.sound.len())];
        let input = worse(sound, other, &mut dice);
        let begun = Instant::now();
        match catch_unwind(AssertUnwindSafe(|| (target.read)(&input))) {
            Ok(Ok(())) => taken += 1,
            Ok(Err(fault)) => {
                refused += 1;
                let said = fault.to_string();
                assert!(!said.trim().is_empty() && said.len() < 4_000, "{}: {said}", target.name);
            }
            Err(_) => {
                let path = std::env::temp_dir().join(format!("tapeline-fuzz-{}-{}", target.name, taken + refused));
                std::fs::write(&path, &input).unwrap();
                panic!("{}: panicked; the input is {}", target.name, path.display());
            }
        }
        if begun.elapsed() > Duration::from_secs(20) {
            let path = std::env::temp_dir().join(format!("tapeline-fuzz-slow-{}", target.name));
            std::fs::write(&path, &input).unwrap();
            panic!("{}: took {:?}; the input is {}", target.name, begun.elapsed(), path.display());
        }
    }
    println!("{}: {taken} taken, {refused} refused", target.name);
    assert!(refused > 0, "{}: nothing was damaged", target.name);
}

fn candles() -> Vec<u8> {
    let line = |minute: i64| {
        format!("{},10{minute}.25,20{minute}.5,9.75,11.125,3.{minute}\n", 1_704_067_200_000 + minute * 60_000)
    };
    ["open_time,open,high,low,close,volume\n".to_owned()]
        .into_iter()
        .chain((0..20).map(line))
        .collect::<String>()
        .into_bytes()
}

/// The archive's own layout, without a header.
fn archive() -> Vec<u8> {
    let line = |minute: i64| {
        let (time, close) = (1_704_067_200_000 + minute * 60_000, 1_704_067_259_999 + minute * 60_000);
        format!("{time},10{minute}.25,20{minute}.5,9.75,11.125,3.{minute},{close},31.5,{minute},1.5,2.5,0\n")
    };
    (0..20).map(line).collect::<String>().into_bytes()
}

fn trades() -> Vec<u8> {
    let line = |trade: i64| format!("{},{trade},buy,10{trade}.25,3.{trade}\n", 1_704_067_200_000 + trade * 700);
    ["time,id,side,price,amount\n".to_owned()].into_iter().chain((0..20).map(line)).collect::<String>().into_bytes()
}

fn quotes() -> Vec<u8> {
    let line = |row: i64| format!("{},{row},10{row}.25,3.{row},11{row}.5,{row}\n", 1_704_067_200_000 + row * 300);
    let head = "time,id,bid,bid_quantity,ask,ask_quantity\n".to_owned();
    [head].into_iter().chain((0..20).map(line)).collect::<String>().into_bytes()
}

fn zipped(text: &[u8]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    zip.start_file("a.csv", zip::write::SimpleFileOptions::default()).unwrap();
    zip.write_all(text).unwrap();
    zip.finish().unwrap().into_inner()
}

fn gzipped(text: &[u8]) -> Vec<u8> {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(text).unwrap();
    gzip.finish().unwrap()
}

/// A reader of files as a reader of bytes.
fn from_file<'a, T>(path: PathBuf, read: impl Fn(&Path) -> Result<T, Fault> + 'a) -> Reader<'a> {
    Box::new(move |bytes| {
        std::fs::write(&path, bytes).unwrap();
        read(&path).map(drop)
    })
}

fn source() -> Source {
    Source::of("v", "S", Some("1m".parse().unwrap()))
}

const SCENARIO: &str = r#"version = 1
name = "fuzz"
[account]
currency = "USDT"
opening = { USDT = "10000", BTC = "0.5" }
limits = { daily_loss = 0.1 }
[period]
from = "2024-01-01T01:00:00Z"
[data]
synthetic = { seed = 3, candles = 300, interval = "1m", missing_per_10_000 = 20 }
[[instrument]]
symbol = "BTCUSDT"
filters = { tick = "0.01", lot = "0.00001", minimum_notional = "10", price_band = { down = "0.2", up = "5" } }
fees = { maker = "0.0002", taker = "0.0004", asset = "received", rounding = "down" }
[[desk]]
name = "trend"
strategy = "sma_cross"
interval = "5m"
share = "0.5"
parameters = { fast = 3, slow = 9, sizing = "fixed", quantity = "0.01" }
limits = { maximum_position = { BTCUSDT = "0.5" }, cooldown = "30m", message_throttle = { value = 10, per = "1s", action = "enforce" } }
[[desk]]
strategy = "order_list"
parameters = { file = "orders.csv" }
[costs]
slippage = { minimum_ticks = 1, basis_points = "2.5" }
participation = "off"
[policy]
intrabar = "adaptive"
"#;

const ORDERS: &str = "time,action,id,symbol,side,type,quantity,price,stop_price,trail,time_in_force,flags,group
2024-01-01T01:01:00Z,submit,a,BTCUSDT,buy,market,0.01,,,,,,g
2024-01-01T01:01:00Z,submit,b,BTCUSDT,sell,stop-market,0.01,,25000,,,,g
2024-01-01T01:01:00Z,submit,c,BTCUSDT,sell,limit,0.01,35000,,,,,g
1704071000000,replace,b,,,,,,26000,,,,
2024-01-01T01:20:00Z,cancel,c,,,,,,,,,,
2024-01-01T01:30:00Z,submit,d,BTCUSDT,buy,limit,0.02,20000,,,GTD:2024-01-01T02:00:00Z,post-only,
2024-01-01T01:31:00Z,submit,e,BTCUSDT,sell,trailing-stop,0.01,,,1%,,reduce-only,
2024-01-01T01:32:00Z,submit,f,BTCUSDT,buy,market,0.01,,,,IOC,,
";

/// A scenario whose order list stands beside it, read into a plan.
fn read_scenario(folder: &Path, text: &str) -> Result<Plan, Fault> {
    scenario::read(text, &folder.join("s.toml"), &Overrides::default(), &Book(ALL))
}

#[test]
fn no_input_makes_a_parser_panic() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let at = |name: &str| root.join(name);
    std::fs::write(at("orders.csv"), ORDERS).unwrap();
    let plan = read_scenario(root, SCENARIO).unwrap();
    let stage = Stage::new(plan.clone(), Market::load(&plan).unwrap()).unwrap();
    let manifest = {
        let file = at("sound.csv");
        std::fs::write(&file, archive()).unwrap();
        let plan = tapeline::tape::ImportPlan {
            root: at("store"),
            files: vec![file],
            source: source(),
            off_grid: tapeline::tape::OffGrid::Refuse,
        };
        tapeline::tape::import(&plan, &|_, _| {}).unwrap();
        let found = glob::glob(&at("store/**/manifest.json").to_string_lossy()).unwrap().next().unwrap().unwrap();
        std::fs::read(found).unwrap()
    };
    let summary = {
        let run = stage.run(ALL, Manner::default()).unwrap();
        let dossier = Dossier::of(&stage.plan, &Market::load(&plan).unwrap());
        dossier.write(&at("run"), &stage, &run).unwrap().0.to_json().into_bytes()
    };
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let outside =
        b"available_at,score,other\n2024-01-01,1,2\n2024-01-01T00:05:00Z,0.25,\n1704067800000,-3e-2,7\n".to_vec();
    let targets = [
        Target {
            name: "candles.csv",
            sound: vec![candles(), archive()],
            read: from_file(at("c.csv"), |path| read_candle_file(path, &source())),
        },
        Target {
            name: "candles.csv.gz",
            sound: vec![gzipped(&candles())],
            read: from_file(at("c.csv.gz"), |path| read_candle_file(path, &source())),
        },
        Target {
            name: "candles.zip",
            sound: vec![zipped(&candles()), zipped(&archive())],
            read: from_file(at("c.zip"), |path| read_candle_file(path, &source())),
        },
        Target {
            name: "trades.csv",
            sound: vec![trades()],
            read: from_file(at("t.csv"), |path| read_tick_file::<TradeColumns>(path, &Source::of("v", "S", None))),
        },
        Target {
            name: "quotes.csv",
            sound: vec![quotes()],
            read: from_file(at("q.csv"), |path| read_tick_file::<QuoteColumns>(path, &Source::of("v", "S", None))),
        },
        Target {
            name: "outside.csv",
            sound: vec![outside],
            read: from_file(at("o.csv"), |path| read_outside(path, "score")),
        },
        Target {
            name: "manifest.json",
            sound: vec![manifest],
            read: Box::new(|bytes| Manifest::parse(bytes).map(drop)),
        },
        Target {
            name: "scenario.toml",
            sound: vec![SCENARIO.as_bytes().to_vec()],
            read: Box::new(|bytes| read_scenario(root, &text(bytes)).map(drop)),
        },
        Target {
            name: "plan.toml",
            sound: vec![plan.to_toml().into_bytes()],
            read: Box::new(|bytes| read_scenario(root, &text(bytes)).map(drop)),
        },
        Target {
            name: "orders.csv",
            sound: vec![ORDERS.as_bytes().to_vec()],
            read: Box::new(|bytes| {
                let mut stage = stage.clone();
                stage.plan.files.insert("orders.csv".to_owned(), text(bytes));
                stage.run(ALL, Manner::default()).map(drop)
            }),
        },
        Target {
            name: "summary.json",
            sound: vec![summary],
            read: Box::new(|bytes| tapeline::report::Summary::from_json(&text(bytes)).map(drop)),
        },
    ];
    let wanted = std::env::var("TAPELINE_FUZZ_TARGET").ok();
    for target in targets.iter().filter(|target| wanted.as_deref().is_none_or(|wanted| wanted == target.name)) {
        hold(target);
    }
}
