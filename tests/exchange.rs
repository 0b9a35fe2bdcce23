//! The simulated exchange on the network: released clients go through the conformance matrix, and its own edges are held
//! by plain HTTP. Everything is on 127.0.0.1.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

const KEY: &str = "a-key-of-this-test-alone";
const SECRET: &str = "a-secret-of-this-test-alone";

/// A running exchange; it ends with the test.
struct Exchange {
    child: Child,
    address: String,
    output: BufReader<std::process::ChildStdout>,
    _folder: tempfile::TempDir,
}

impl Exchange {
    fn start(arguments: &[&str], faults: Option<&str>) -> Exchange {
        let folder = tempfile::tempdir().unwrap();
        let accounts = folder.path().join("accounts.toml");
        let text = format!(
            "[[account]]\nname = 'one'\nbalances = {{ USDT = '100000', BTC = '1' }}\n\
             [[account.key]]\nkey = '{KEY}'\nsecret = '{SECRET}'\n"
        );
        std::fs::write(&accounts, text).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_tapeline"));
        command.args(["exchange", "--port", "0", "--control", "--history", "24", "--accounts"]).arg(&accounts);
        if let Some(faults) = faults {
            let path = folder.path().join("faults.toml");
            std::fs::write(&path, faults).unwrap();
            command.arg("--faults").arg(path);
        }
        let mut child = command.args(arguments).stdout(Stdio::piped()).spawn().unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut address = String::new();
        while address.is_empty() {
            let mut line = String::new();
            assert!(output.read_line(&mut line).unwrap() > 0, "the exchange ended before it listened");
            if let Some(rest) = line.trim().strip_prefix("REST:") {
                address = rest.trim().trim_start_matches("http://").trim_end_matches("/api").to_owned();
            }
        }
        Exchange { child, address, output, _folder: folder }
    }

    /// Sends a request and reads all of the answer until the exchange closes the connection.
    fn ask(&self, method: &str, path: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        write!(stream, "{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
        let mut answer = Vec::new();
        // A connection that breaks is what some tests want to see.
        let _ = stream.read_to_end(&mut answer);
        String::from_utf8_lossy(&answer).into_owned()
    }

    /// Ends it as Ctrl-C does; what it says last.
    fn end(mut self) -> String {
        let interrupt = Command::new("kill").args(["-INT", &self.child.id().to_string()]).status().unwrap();
        assert!(interrupt.success());
        let mut rest = String::new();
        self.output.read_to_string(&mut rest).unwrap();
        assert!(self.child.wait().unwrap().success());
        rest
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        // Whatever became of the test, nothing goes on running.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn python() -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(".venv-clients/bin/python");
    if !path.exists() {
        let required = std::env::var_os("TAPELINE_REQUIRE_ORACLES").is_some_and(|value| value == "1");
        assert!(!required, "tests/setup.sh has not made .venv-clients");
        println!("skipped: tests/setup.sh has not made .venv-clients");
    }
    path.exists().then_some(path)
}

fn conforms(script: &str, rows: usize) {
    let Some(python) = python() else { return };
    let exchange = Exchange::start(&[], None);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients");
    let output = Command::new(python)
        .arg(folder.join(script))
        .args([&format!("http://{}", exchange.address), KEY, SECRET])
        .output()
        .unwrap();
    let (told, complained) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{told}\n{complained}\n{}", exchange.end());
    assert_eq!(told.lines().filter(|line| line.starts_with("row ")).count(), rows, "{told}");
}

#[test]
fn ccxt_trades_on_it() {
    conforms("ccxt_client.py", 19);
}

#[test]
fn python_binance_trades_on_it() {
    conforms("python_binance_client.py", 21);
}

#[test]
fn the_exchanges_own_client_trades_on_it() {
    conforms("official_client.py", 10);
}

#[test]
fn it_answers_plain_http_counts_weight_and_ends_with_a_summary() {
    let exchange = Exchange::start(&["--speed", "60"], None);
    let answer = exchange.ask("GET", "/api/v3/ping");
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("{}"), "{answer}");
    assert!(answer.to_lowercase().contains("x-mbx-used-weight-1m: 1\r\n"), "{answer}");
    assert!(exchange.ask("POST", "/api/v3/userDataStream").starts_with("HTTP/1.1 410"));
    assert!(exchange.ask("GET", "/api/v3/nothing").starts_with("HTTP/1.1 404"));
    assert!(exchange.ask("GET", "/api/v3/account").contains("-2014"));
    let end = exchange.end();
    assert!(end.contains("\n4 requests, 0 WebSocket connections"), "{end}");
}

#[test]
fn a_clock_that_clients_move_stands_still() {
    let exchange =
        Exchange::start(&["--speed", "as-fast-as-clients", "--start", "2024-03-01T12:00:00Z", "--seed", "7"], None);
    let time = |exchange: &Exchange| exchange.ask("GET", "/api/v3/time");
    assert!(time(&exchange).ends_with(r#"{"serverTime":1709294400000}"#));
    assert!(exchange.ask("POST", "/tapeline/advance?milliseconds=90000").contains(r#"{"now":1709294490000}"#));
    assert!(time(&exchange).ends_with(r#"{"serverTime":1709294490000}"#));
    let again =
        Exchange::start(&["--speed", "as-fast-as-clients", "--start", "2024-03-01T12:00:00Z", "--seed", "7"], None);
    again.ask("POST", "/tapeline/advance?milliseconds=90000");
    for path in [
        "/api/v3/klines?symbol=BTCUSDT&interval=1m",
        "/api/v3/depth?symbol=ETHUSDT",
        "/api/v3/aggTrades?symbol=BTCUSDT",
    ] {
        let body = |answer: String| answer.split("\r\n\r\n").nth(1).unwrap_or("").to_owned();
        let (one, other) = (body(exchange.ask("GET", path)), body(again.ask("GET", path)));
        assert!(one.len() > 1_000 && one == other, "{path}");
    }
}

#[test]
fn connections_break_on_purpose_and_are_counted() {
    let faults = "seed = 1\n[[fault]]\nkind = 'torn-answer'\nprobability = 1.0\n";
    let exchange = Exchange::start(&[], Some(faults));
    let answer = exchange.ask("GET", "/api/v3/exchangeInfo");
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let length =
        head.to_lowercase().lines().find_map(|line| line.strip_prefix("content-length: ")?.parse::<usize>().ok());
    assert_eq!(body.len(), length.unwrap() / 2);
    assert!(exchange.end().contains("fault torn-answer: 1"));
}

#[test]
fn wrong_words_are_told_before_anything_listens() {
    let run = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_tapeline")).arg("exchange").args(arguments).output().unwrap();
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let cases = [
        (vec!["--speed", "fast"], "--speed fast is no speed"),
        (vec!["--speed", "as-fast-as-clients"], "needs --control"),
        (vec!["--symbol", "BTCXYZ"], "which asset its prices are in"),
        (vec!["--accounts", "nowhere.toml"], "nowhere.toml"),
    ];
    for (arguments, expected) in cases {
        let (code, told) = run(&arguments);
        assert!(code == Some(2) && told.contains(expected), "{arguments:?}: {code:?} {told}");
    }
}
