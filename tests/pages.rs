//! Pages as a reader meets them: opened from disk in a headless Chromium, looked at, used, printed.

use crate::engines::oracle::python;
use crate::outside::{Folder, repository};
use std::path::{Path, PathBuf};
use std::process::Command;

/// A Python with a browser's driver, and the script that reads pages.
struct Reader {
    python: PathBuf,
    script: PathBuf,
}

impl Reader {
    /// Finds both. Without a browser the test is skipped, and says so; where oracles are required, it fails.
    fn find() -> Option<Self> {
        let script = repository("tests/browser/report_page.py");
        let python = python("a browser", &script)?;
        Some(Reader { python, script })
    }

    /// Whatever is wrong with these pages.
    fn complaints(&self, what: &str, folder: &Folder, pages: &[PathBuf]) -> Vec<String> {
        let result = folder.at(&format!("{what}.json"));
        let output = Command::new(&self.python).arg(&self.script).arg(what).arg(&result).args(pages).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_str(&std::fs::read_to_string(result).unwrap()).unwrap()
    }
}

/// Runs a scenario and gives its page.
fn page(folder: &Folder, name: &str, scenario: &str) -> PathBuf {
    folder.put(&format!("{name}.toml"), scenario);
    let (run, _) = folder.run(&format!("{name}.toml"), &format!("runs-{name}"), &[]);
    folder.at(&run).join("report.html")
}

/// A scenario on minutes of a synthetic market.
fn synthetic(name: &str, candles: usize, more: &str) -> String {
    format!("version = 1\nname = \"{name}\"\n[data]\nsynthetic = {{ seed = 5, candles = {candles} }}\n{more}")
}

const BITCOIN: &str = "[[instrument]]\nsymbol = \"BTCUSDT\"\n";

/// A desk that replays orders.
fn orders(folder: &Folder, name: &str, rows: &str) -> String {
    let head = "time,action,id,symbol,side,type,quantity,price,stop_price,group\n";
    folder.put(&format!("{name}.csv"), format!("{head}{rows}"));
    format!("[[desk]]\nstrategy = \"order_list\"\nparameters = {{ file = \"{name}.csv\" }}\n")
}

/// A market that jumps from 100 to this price, with all the money on the other side of it.
fn lost(folder: &Folder, name: &str, after: &str, (enter, leave): (&str, &str)) -> String {
    let mut candles = String::from("open_time,open,high,low,close,volume\n");
    let start = 1_704_067_200_000_i64;
    for row in 0..40 * 1_440 {
        let price = if row < 20 * 1_440 { "100.00" } else { after };
        candles += &format!("{},{price},{price},{price},{price},1000000\n", start + row * 60_000);
    }
    folder.put(&format!("{name}-candles.csv"), candles);
    let rows =
        format!("2024-01-02,submit,in,XUSDT,{enter},market,90,,,\n2024-02-05,submit,out,XUSDT,{leave},market,90,,,\n");
    let desk = orders(folder, name, &rows);
    let market = format!("symbol = \"XUSDT\"\nkind = \"linear\"\nfile = \"{name}-candles.csv\"\n");
    format!("version = 1\nname = \"{name}\"\n[output]\nequity = \"candle\"\n[[instrument]]\n{market}{desk}")
}

/// Runs that are as much or as little as can be.
fn extremes(folder: &Folder) -> Vec<PathBuf> {
    let crossover = "[[desk]]\nstrategy = \"sma_cross\"\nparameters = { fast = 10, slow = 50, fraction = \"0.5\" }\n";
    let bracket = "2024-01-01T02:00:00Z,submit,in,BTCUSDT,buy,market,0.1,,,g\n\
                   2024-01-01T02:00:00Z,submit,stop,BTCUSDT,sell,stop-market,0.1,,29000,g\n\
                   2024-01-01T02:00:00Z,submit,goal,BTCUSDT,sell,limit,0.1,31000,,g\n";
    let fifty: String = (0..50).map(|number| format!("[[instrument]]\nsymbol = \"C{number:02}USDT\"\n")).collect();
    let never = "2024-01-01T02:00:00Z,submit,in,BTCUSDT,buy,limit,0.1,1,,\n";
    let limits = "[account.limits]\ndrawdown = \"0.02\"\n";
    let run = |name: &str, scenario: &str| page(folder, name, scenario);
    vec![
        run("empty", &synthetic("empty", 90_000, &(BITCOIN.to_owned() + &orders(folder, "none", never)))),
        run("one-trade", &synthetic("one-trade", 90_000, &(BITCOIN.to_owned() + &orders(folder, "one", bracket)))),
        run("loss", &lost(folder, "loss", "0.01", ("buy", "sell"))),
        run("ruin", &lost(folder, "ruin", "300.00", ("sell", "buy"))),
        run("one-candle", &synthetic("one-candle", 1, &format!("{BITCOIN}[[desk]]\nstrategy = \"buy_and_hold\"\n"))),
        run("halted", &synthetic("halted", 120_000, &format!("{limits}{BITCOIN}{crossover}"))),
        run("fifty", &synthetic("fifty", 6_000, &(fifty + crossover))),
        run(
            "long",
            &synthetic(
                "long",
                3_000_000,
                &format!("{BITCOIN}{}", crossover.replace("10, slow = 50", "60, slow = 900")),
            ),
        ),
    ]
}

#[test]
fn a_reader_uses_the_page_of_the_quick_start() {
    let Some(reader) = Reader::find() else { return };
    let folder = Folder::new();
    let quickstart = repository("scenarios/quickstart.toml");
    let (run, _) = folder.run(quickstart.to_str().unwrap(), "reports", &[]);
    let pages = [folder.at(&run).join("report.html")];
    assert_eq!(reader.complaints("use", &folder, &pages), Vec::<String>::new());
    assert_eq!(reader.complaints("check", &folder, &pages), Vec::<String>::new());
}

#[test]
fn a_reader_uses_the_page_of_a_comparison() {
    let Some(reader) = Reader::find() else { return };
    let folder = Folder::new();
    let desk = "[[desk]]\nstrategy = \"sma_cross\"\nparameters = { fast = 10, slow = 50, fraction = \"0.5\" }\n";
    folder.put("cross.toml", synthetic("cross", 120_000, &format!("{BITCOIN}{desk}")));
    let (one, _) = folder.run("cross.toml", "reports", &[]);
    let (two, _) = folder.run("cross.toml", "reports", &["--set", "fast=11"]);
    folder.put("nothing.csv", "Trade #,Type,Date and time,Signal,Price USDT,Size (qty),Net PnL USDT\n");
    folder.must(&["compare", &one, &two, "--html", "two/compare.html"]);
    folder.must(&["compare", &one, &two, "nothing.csv", "--html", "three/compare.html"]);
    let pages = [folder.at("two/compare.html"), folder.at("three/compare.html")];
    assert_eq!(reader.complaints("compare", &folder, &pages[..1]), Vec::<String>::new());
    assert_eq!(reader.complaints("check", &folder, &pages), Vec::<String>::new());
}

#[test]
fn pages_of_extreme_runs_are_whole() {
    let Some(reader) = Reader::find() else { return };
    let folder = Folder::new();
    let pages = extremes(&folder);
    for page in &pages {
        let size = std::fs::metadata(page).unwrap().len();
        println!("{}: {size} bytes", short(page));
        assert!(size < 6_000_000, "{}: {size} bytes", short(page));
    }
    assert_eq!(reader.complaints("check", &folder, &pages), Vec::<String>::new());
}

/// A sweep's page, after the given judgement.
fn swept(folder: &Folder, name: &str, scenario: &str, axes: &[&str], judgement: Option<&[&str]>) -> PathBuf {
    folder.put(&format!("{name}.toml"), scenario);
    let sweep = folder.sweep(&[&[&format!("{name}.toml"), "--out", &format!("sweeps-{name}")], axes].concat());
    if let Some(more) = judgement {
        folder.must(&[&["validate", &sweep, "--replications", "100"], more].concat());
    }
    folder.at(&sweep).join("report.html")
}

const MEAN_CROSS: &str = "[[desk]]\nstrategy = \"sma_cross\"\ninterval = \"1h\"\nparameters = { fast = 10, slow = 50, fraction = \"0.5\" }\n";

#[test]
fn a_reader_uses_the_page_of_a_sweep() {
    let Some(reader) = Reader::find() else { return };
    let folder = Folder::new();
    let scenario = synthetic("swept", 200_000, &(BITCOIN.to_owned() + MEAN_CROSS));
    let axes =
        ["--set", "fast=4..40:4", "--set", "slow=20..200:20", "--set", "sizing=fixed,equity", "--where", "fast < slow"];
    let walk = ["--walk-forward", "rolling", "--train", "40", "--test", "20"];
    let pages = [swept(&folder, "swept", &scenario, &axes, Some(&walk))];
    folder.must(&["report", pages[0].parent().unwrap().to_str().unwrap(), "--top", "2"]);
    assert_eq!(reader.complaints("sweep", &folder, &pages), Vec::<String>::new());
    assert_eq!(reader.complaints("check", &folder, &pages), Vec::<String>::new());
}

#[test]
fn pages_of_extreme_sweeps_are_whole() {
    let Some(reader) = Reader::find() else { return };
    let folder = Folder::new();
    let market = |name: &str, candles: usize| synthetic(name, candles, &(BITCOIN.to_owned() + MEAN_CROSS));
    let two = BITCOIN.to_owned() + "[[instrument]]\nsymbol = \"ETHUSDT\"\n" + MEAN_CROSS;
    let sweep = |name: &str, axes: &[&str]| swept(&folder, name, &market(name, 90_000), axes, None);
    let many = ["--set", "fast=2..101", "--set", "slow=102..300:2"];
    let pages = vec![
        sweep("one-trial", &["--set", "fast=5,10", "--where", "fast == 5"]),
        sweep("one-axis", &["--set", "fast=4..40:4"]),
        sweep("words", &["--set", "sizing=fixed,equity"]),
        sweep("refused", &["--set", "fast=5,60", "--set", "slow=10,50"]),
        sweep("guided", &["--set", "fast=2..90", "--set", "slow=100..400:3", "--search", "tpe", "--trials", "60"]),
        sweep("several", &["--set", "fast=4..40:4", "--set", "slow=50,100", "--objective", "sharpe,drawdown"]),
        sweep("periods", &["--set", "fast=4..16:4", "--timerange", "20240101-20240120,20240120-"]),
        swept(
            &folder,
            "symbols",
            &synthetic("symbols", 60_000, &two),
            &["--set", "fast=4,8", "--symbols", "BTCUSDT,ETHUSDT"],
            Some(&[]),
        ),
        swept(&folder, "many", &market("many", 50_000).replace("interval = \"1h\"\n", ""), &many, None),
    ];
    for page in &pages {
        let size = std::fs::metadata(page).unwrap().len();
        println!("{}: {size} bytes", short(page));
        assert!(size < 6_000_000, "{}: {size} bytes", short(page));
    }
    assert_eq!(reader.complaints("check", &folder, &pages), Vec::<String>::new());
}

fn short(page: &Path) -> String {
    page.parent().and_then(Path::file_name).unwrap_or_default().to_string_lossy().into_owned()
}
