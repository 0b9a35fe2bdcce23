//! The server, and a wire to it that can be cut.

use serde::Deserialize;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

/// What a user signs with.
#[derive(Clone, Debug, Deserialize)]
pub struct Keys {
    pub key: String,
    pub secret: String,
}

/// Who may do everything and who nothing, and where the server is.
#[derive(Deserialize)]
struct Hello {
    endpoint: String,
    trader: Keys,
    visitor: Keys,
}

/// A server of the process's own; it ends with the process, whose end of the pipe closes then.
pub struct Server {
    pub endpoint: String,
    pub trader: Keys,
    pub visitor: Keys,
    pipes: Mutex<(ChildStdin, BufReader<ChildStdout>)>,
    _process: Child,
}

impl Server {
    /// The server. Without a Python that has moto the test is skipped, and says so; where oracles are required, it fails.
    pub fn running() -> Option<&'static Self> {
        static SERVER: OnceLock<Option<Server>> = OnceLock::new();
        let server = SERVER.get_or_init(Self::start).as_ref();
        if server.is_none() {
            let text = "no S3-compatible server is at hand; run tests/setup.sh, or name a Python that has \
                        tests/oracles/requirements.txt in TAPELINE_PYTHON";
            let required = std::env::var_os("TAPELINE_REQUIRE_ORACLES").is_some_and(|value| value == "1");
            assert!(!required, "{text}");
            println!("skipped: {text}");
        }
        server
    }

    fn start() -> Option<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let script = root.join("tests/oracles/s3_server.py");
        let python = std::env::var_os("TAPELINE_PYTHON").map_or(root.join(".venv/bin/python"), PathBuf::from);
        let version = Command::new(&python).arg(&script).arg("--version").output().ok()?;
        if !version.status.success() {
            return None;
        }
        let spawned = Command::new(&python).arg(&script).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let mut process = spawned.unwrap();
        let (input, output) = (process.stdin.take().unwrap(), process.stdout.take().unwrap());
        let mut output = BufReader::new(output);
        let mut line = String::new();
        output.read_line(&mut line).unwrap();
        let Hello { endpoint, trader, visitor } = serde_json::from_str(&line).unwrap();
        Some(Server { endpoint, trader, visitor, pipes: Mutex::new((input, output)), _process: process })
    }

    /// Has the server do something beside its door; see its script.
    pub fn ask(&self, words: &[&str]) -> serde_json::Value {
        let mut pipes = self.pipes.lock().unwrap();
        writeln!(pipes.0, "{}", words.join("\t")).unwrap();
        let mut line = String::new();
        pipes.1.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{words:?}: {error}: {line}"))
    }
}

/// Sets what a command is to know of a store, and nothing else that this process may know of one.
pub fn environment(command: &mut Command, endpoint: &str, keys: &Keys) {
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy().into_owned();
        if text.starts_with("AWS_") || text.to_lowercase().ends_with("_proxy") {
            command.env_remove(&name);
        }
    }
    command.env("AWS_ENDPOINT_URL", endpoint).env("AWS_REGION", "us-east-1");
    command.env("AWS_ACCESS_KEY_ID", &keys.key).env("AWS_SECRET_ACCESS_KEY", &keys.secret);
}

/// An address where nobody listens.
pub fn free_port() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

/// A wire to a server.
pub struct Wire {
    pub endpoint: String,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    /// How many more bytes of content go through to the server; below zero for all.
    left: AtomicI64,
    /// Whether it stays cut.
    for_good: AtomicBool,
    is_down: AtomicBool,
    cuts: AtomicUsize,
}

impl Wire {
    /// Lays a wire to a server.
    pub fn to(endpoint: &str) -> Self {
        let server = endpoint.strip_prefix("http://").unwrap().to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let state = Arc::new(State { left: AtomicI64::new(-1), ..State::default() });
        let shared = Arc::clone(&state);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if shared.is_down.load(Ordering::SeqCst) {
                    continue;
                }
                let (state, server) = (Arc::clone(&shared), server.clone());
                std::thread::spawn(move || drop(carry(stream, &server, &state)));
            }
        });
        Wire { endpoint, state }
    }

    /// Cuts it after so many more bytes towards the server, once or for good.
    pub fn cut_after(&self, bytes: i64, for_good: bool) {
        self.state.for_good.store(for_good, Ordering::SeqCst);
        self.state.left.store(bytes, Ordering::SeqCst);
    }

    /// How often it was cut.
    pub fn cuts(&self) -> usize {
        self.state.cuts.load(Ordering::SeqCst)
    }
}

fn carry(client: TcpStream, server: &str, state: &State) -> std::io::Result<()> {
    let server = TcpStream::connect(server)?;
    let (mut back, mut answers) = (client.try_clone()?, server.try_clone()?);
    std::thread::spawn(move || {
        let copied = std::io::copy(&mut answers, &mut back);
        back.shutdown(Shutdown::Both).and(copied.map(drop))
    });
    let (mut from, mut to) = (client, server);
    let mut buffer = [0; 4_096];
    loop {
        let length = from.read(&mut buffer)?;
        if length == 0 {
            return to.shutdown(Shutdown::Write);
        }
        let left = state.left.load(Ordering::SeqCst);
        if left >= 0 && left < length as i64 {
            to.write_all(&buffer[..left as usize])?;
            state.left.store(-1, Ordering::SeqCst);
            state.is_down.store(state.for_good.load(Ordering::SeqCst), Ordering::SeqCst);
            state.cuts.fetch_add(1, Ordering::SeqCst);
            to.shutdown(Shutdown::Both)?;
            return from.shutdown(Shutdown::Both);
        }
        if left >= 0 {
            state.left.fetch_sub(length as i64, Ordering::SeqCst);
        }
        to.write_all(&buffer[..length])?;
    }
}
