//! An exchange on 127.0.0.1: its archive, its REST interface, its moods, and a log of what it was asked.

use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, VecDeque};
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// Milliseconds of an hour.
pub const HOUR: i64 = 3_600_000;

/// What goes wrong once with one path.
#[derive(Clone, Debug)]
pub enum Mood {
    /// The connection breaks after so many bytes of the body.
    Break(usize),
    /// A status with a Retry-After of so many seconds.
    Later(u16, u64),
    /// No answer until the other side is gone.
    Silence,
}

/// What the exchange has.
#[derive(Default)]
pub struct World {
    /// Files of the archive by path.
    pub files: BTreeMap<String, Vec<u8>>,
    /// What goes wrong, path by path, in order.
    pub moods: BTreeMap<String, VecDeque<Mood>>,
    /// The hours that there are candles of: from this one, in milliseconds ...
    pub listed: i64,
    /// ... to before this one; the last may be forming.
    pub last: i64,
    /// The server's clock in milliseconds.
    pub clock: i64,
    /// Questions in order: path, and the range where one was asked for.
    pub log: Vec<String>,
}

/// The running exchange.
pub struct Exchange {
    pub address: String,
    world: Arc<Mutex<World>>,
}

impl Exchange {
    /// Opens on a free port.
    pub fn open(world: World) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let world = Arc::new(Mutex::new(world));
        let shared = Arc::clone(&world);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let world = Arc::clone(&shared);
                // A client that goes away in the middle is no failure of the server.
                std::thread::spawn(move || drop(answer(stream, &world)));
            }
        });
        Exchange { address, world }
    }

    /// Changes what it has.
    pub fn change(&self, change: impl FnOnce(&mut World)) {
        change(&mut self.world.lock().unwrap());
    }

    /// What it was asked since the last call.
    pub fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.world.lock().unwrap().log)
    }

    /// Waits until it has been asked this. A program that never asks is not waited for for ever.
    pub fn wait_for(&self, question: &str) {
        for _ in 0..12_000 {
            if self.world.lock().unwrap().log.iter().any(|asked| asked == question) {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        panic!("it was never asked {question}");
    }
}

impl World {
    /// Puts a file and its checksum into the archive.
    pub fn put(&mut self, path: &str, content: Vec<u8>) {
        let name = path.rsplit('/').next().unwrap();
        self.files.insert(format!("{path}.CHECKSUM"), format!("{}  {name}\n", sha256(&content)).into_bytes());
        self.files.insert(path.to_owned(), content);
    }

    /// Something goes wrong with a path, once.
    pub fn upset(&mut self, path: &str, mood: Mood) {
        self.moods.entry(path.to_owned()).or_default().push_back(mood);
    }
}

pub fn sha256(content: &[u8]) -> String {
    Sha256::digest(content).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The cells of the candle of an hour, times in milliseconds.
fn cells(open: i64) -> [String; 12] {
    let price = 20_000 + open / HOUR % 977;
    let [open_price, high, low, close] =
        [price, price + 9, price - 7, price + 3].map(|price| format!("{price}.25000000"));
    let volume = format!("{}.50000000", 1 + open / HOUR % 31);
    let text = str::to_owned;
    let (quote, trades) = (format!("{}.00000000", price * 2), (open / HOUR % 100).to_string());
    let times = (open.to_string(), (open + HOUR - 1).to_string());
    [
        times.0,
        open_price,
        high,
        low,
        close,
        volume,
        times.1,
        quote,
        trades,
        text("1.00000000"),
        text("2.00000000"),
        text("0"),
    ]
}

/// Lines of the archive for the hours from `from` to before `to`; from 2025 on in microseconds, as the exchange has it.
pub fn lines(from: i64, to: i64) -> String {
    let line = |open: i64| {
        let mut cells = cells(open);
        if open >= 1_735_689_600_000 {
            cells[0] = format!("{open}000");
            cells[6] = format!("{}999", open + HOUR - 1);
        }
        cells.join(",") + "\n"
    };
    (from..to).step_by(HOUR as usize).map(line).collect()
}

/// A zip of one file.
pub fn zipped(name: &str, text: &str) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    archive.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
    archive.write_all(text.as_bytes()).unwrap();
    archive.finish().unwrap().into_inner()
}

fn answer(stream: TcpStream, world: &Mutex<World>) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut first = String::new();
    reader.read_line(&mut first)?;
    let target = first.split_whitespace().nth(1).unwrap_or_default().to_owned();
    let mut from = None;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        if line.trim().is_empty() {
            break;
        }
        if let Some(range) = line.to_ascii_lowercase().strip_prefix("range: bytes=") {
            from = range.trim().trim_end_matches('-').parse::<usize>().ok();
        }
    }
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    let (body, mood) = {
        let mut world = world.lock().unwrap();
        world.log.push(match from {
            Some(from) => format!("{path} from {from}"),
            None => target.clone(),
        });
        (body(&world, path, query), world.moods.get_mut(path).and_then(VecDeque::pop_front))
    };
    speak(stream, body, from, mood)
}

/// What there is under a path.
fn body(world: &World, path: &str, query: &str) -> Option<Vec<u8>> {
    match path.rsplit('/').next() {
        Some("time") => Some(format!("{{\"serverTime\":{}}}", world.clock).into_bytes()),
        Some("klines") => {
            let number = |name: &str| -> Option<i64> {
                query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('=')?.parse().ok())
            };
            let from = number("startTime").unwrap().max(world.listed);
            let from = (from + HOUR - 1) / HOUR * HOUR;
            let to = number("endTime").map_or(world.last, |end| world.last.min(end + 1));
            let limit = number("limit").unwrap() as usize;
            let row = |open: i64| {
                let [time, cells @ ..] = cells(open);
                let quoted: Vec<String> = cells.iter().map(|cell| format!("\"{cell}\"")).collect();
                let (close, trades) = (open + HOUR - 1, &cells[7]);
                format!("[{time},{},{close},{},{trades},{}]", quoted[..5].join(","), quoted[6], quoted[8..].join(","))
            };
            let rows: Vec<String> = (from..to).step_by(HOUR as usize).take(limit).map(row).collect();
            Some(format!("[{}]", rows.join(",")).into_bytes())
        }
        _ => world.files.get(path).cloned(),
    }
}

fn speak(mut stream: TcpStream, body: Option<Vec<u8>>, from: Option<usize>, mood: Option<Mood>) -> std::io::Result<()> {
    const USED: &str = "x-mbx-used-weight-1m: 2\r\nConnection: close\r\n";
    match mood {
        Some(Mood::Silence) => {
            // Returns when the other side is gone.
            std::io::copy(&mut stream.try_clone()?, &mut std::io::sink()).map(drop)
        }
        Some(Mood::Later(status, seconds)) => {
            write!(stream, "HTTP/1.1 {status} Later\r\nRetry-After: {seconds}\r\nContent-Length: 0\r\n{USED}\r\n")
        }
        Some(Mood::Break(_)) | None => {
            let Some(body) = body else {
                return write!(stream, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n{USED}\r\n");
            };
            let (status, part) = match from {
                Some(from) if from < body.len() => ("206 Partial Content", &body[from..]),
                Some(_) => ("416 Range Not Satisfiable", &body[..0]),
                None => ("200 OK", &body[..]),
            };
            write!(stream, "HTTP/1.1 {status}\r\nContent-Length: {}\r\n{USED}\r\n", part.len())?;
            match mood {
                Some(Mood::Break(after)) => stream.write_all(&part[..after.min(part.len())]),
                _ => stream.write_all(part),
            }
        }
    }
}
