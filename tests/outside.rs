//! The program as a user meets it: a folder, commands, what they print and what they leave behind.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

/// A folder of its own in which the program is run.
pub struct Folder(tempfile::TempDir);

/// What a command did.
#[derive(Debug)]
pub struct Done {
    pub code: i32,
    pub out: String,
    pub err: String,
}

/// Every file below a folder, by its path in it.
pub type Listing = BTreeMap<String, Vec<u8>>;

impl Folder {
    /// An empty one.
    pub fn new() -> Self {
        Folder(tempfile::tempdir().unwrap())
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// A path inside.
    pub fn at(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    /// Writes a file.
    pub fn put(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.at(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }

    /// The text of a file.
    pub fn text(&self, name: &str) -> String {
        std::fs::read_to_string(self.at(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// Runs the program here.
    pub fn tapeline(&self, arguments: &[&str]) -> Done {
        let output = Command::new(env!("CARGO_BIN_EXE_tapeline"))
            .args(arguments)
            .current_dir(self.path())
            .stdin(std::process::Stdio::null())
            .output()
            .unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Done { code: output.status.code().unwrap_or(-1), out: text(output.stdout), err: text(output.stderr) }
    }

    /// Runs a command that must succeed, and returns what it printed.
    pub fn must(&self, arguments: &[&str]) -> String {
        let done = self.tapeline(arguments);
        assert_eq!(done.code, 0, "{arguments:?}: {}{}", done.out, done.err);
        assert_eq!(done.err, "", "{arguments:?} is not quiet on standard error");
        done.out
    }

    /// Runs a scenario into `out` and returns the run's folder, relative to this one, and its summary.
    pub fn run(&self, scenario: &str, out: &str, more: &[&str]) -> (String, serde_json::Value) {
        let before = self.runs(out);
        let text = self.must(&[&["run", scenario, "--json", "--out", out], more].concat());
        let new: Vec<String> = self.runs(out).into_iter().filter(|run| !before.contains(run)).collect();
        assert_eq!(new.len(), 1, "one new run");
        (new[0].clone(), serde_json::from_str(&text).unwrap())
    }

    fn runs(&self, out: &str) -> Vec<String> {
        let Ok(entries) = std::fs::read_dir(self.at(out)) else { return Vec::new() };
        entries.map(|entry| format!("{out}/{}", entry.unwrap().file_name().to_string_lossy())).collect()
    }

    /// The one folder under `out`, by its path in this one.
    pub fn only(&self, out: &str) -> String {
        let mut names = self.runs(out);
        assert_eq!(names.len(), 1, "{names:?}");
        names.remove(0)
    }

    /// Runs a sweep and returns its folder, relative to this one.
    pub fn sweep(&self, arguments: &[&str]) -> String {
        let text = self.must(&[&["sweep"], arguments].concat());
        let line = text.lines().find_map(|line| line.strip_prefix("trials: ")).unwrap();
        line.strip_suffix("/trials.parquet").unwrap().to_owned()
    }

    /// Starts a command that writes under `out` and can be resumed, and kills it, so many times: first after `pause`
    /// milliseconds, each time `step` later.
    pub fn kill_again_and_again(&self, arguments: &[&str], out: &str, kills: u32, (pause, step): (u64, u64)) {
        let (mut killed, mut pause) = (0, pause);
        while killed < kills {
            let mut process = Command::new(env!("CARGO_BIN_EXE_tapeline"))
                .args(arguments)
                .current_dir(self.path())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            std::thread::sleep(Duration::from_millis(pause));
            if process.try_wait().unwrap().is_some() {
                // It was faster: from the beginning again, with less time.
                std::fs::remove_dir_all(self.at(out)).unwrap();
                pause = pause / 2 + 1;
                continue;
            }
            process.kill().unwrap();
            process.wait().unwrap();
            (killed, pause) = (killed + 1, pause + step);
        }
    }

    /// Everything in it.
    pub fn listing(&self) -> Listing {
        listing(self.path())
    }

    /// The rows of a CSV file, each by column.
    pub fn rows(&self, name: &str) -> Vec<BTreeMap<String, String>> {
        let mut reader = csv::Reader::from_path(self.at(name)).unwrap();
        reader.deserialize().map(|row| row.unwrap()).collect()
    }
}

/// Every file below `root`; a folder counts as an entry too, so that none is left behind unseen.
pub fn listing(root: &Path) -> Listing {
    let mut files = Listing::new();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(root).unwrap().to_string_lossy().into_owned();
            if path.is_dir() {
                files.insert(format!("{name}/"), Vec::new());
                folders.push(path);
            } else {
                files.insert(name, std::fs::read(&path).unwrap());
            }
        }
    }
    files
}

/// A small scenario: a synthetic market with this much of it, one symbol, this desk, and further sections.
pub fn small(market: &str, desk: &str, rest: &str) -> String {
    format!(
        "version = 1\nname = \"small\"\n[data]\nsynthetic = {{ seed = 3, {market} }}\n\
         [[instrument]]\nsymbol = \"BTCUSDT\"\n[[desk]]\n{desk}\n{rest}\n"
    )
}

/// The desk of most small scenarios.
pub const SMA_CROSS: &str = "strategy = \"sma_cross\"\nparameters = { fast = 10, slow = 50, fraction = \"0.5\" }";

/// A file of the repository.
pub fn repository(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}
