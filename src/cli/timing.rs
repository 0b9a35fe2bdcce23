//! How long things took: told on the terminal and kept in `timing.json`, never in a file that is compared.

use crate::error::{Fault, Result};
use serde::Serialize;
use std::path::Path;
use std::time::Instant;

/// The time of each part of a run.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(super) struct Timing {
    /// Version of this file's form.
    pub format_version: u32,
    /// Reading the scenario and the data.
    pub load_seconds: f64,
    /// The session itself.
    pub run_seconds: f64,
    /// Writing the files and the report.
    pub write_seconds: f64,
    /// Candles of all series over the session's time.
    pub candles_per_second: f64,
    /// The largest resident memory of the process so far; none where the system does not tell.
    pub peak_memory_bytes: Option<u64>,
}

/// A stopwatch.
pub(super) struct Watch(Instant);

impl Watch {
    pub fn start() -> Self {
        Watch(Instant::now())
    }

    /// Seconds since the start or the last call.
    pub fn lap(&mut self) -> f64 {
        let now = Instant::now();
        let seconds = now.duration_since(self.0).as_secs_f64();
        self.0 = now;
        seconds
    }
}

impl Timing {
    /// Writes `timing.json` into a run's directory.
    pub fn write(&self, run: &Path) -> Result<()> {
        let path = run.join("timing.json");
        let text = serde_json::to_string_pretty(self)
            .map_err(|error| Fault::failure(format!("writing {}: {error}", path.display())))?;
        std::fs::write(&path, text + "\n").map_err(|error| Fault::io("writing", &path, &error))
    }

    /// The line under the table.
    pub fn line(&self) -> String {
        let memory = match self.peak_memory_bytes {
            Some(bytes) => format!("{} MB", bytes / 1_000_000),
            None => "n/a".to_owned(),
        };
        format!(
            "loaded in {:.3} s, ran in {:.3} s, wrote in {:.3} s, peak memory {memory}\n",
            self.load_seconds, self.run_seconds, self.write_seconds
        )
    }
}

/// The largest resident memory of this process so far, where the system tells (Linux).
pub(super) fn peak_memory_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kibibytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kibibytes * 1024)
}

/// How much memory this process may have at all, where the system tells (Linux): the machine's, or less where a control
/// group sets a limit.
pub(super) fn machine_memory_bytes() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find(|line| line.starts_with("MemTotal:"))?;
    let kibibytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    // Version 2 of control groups; without a limit the file says `max`.
    let limit = std::fs::read_to_string("/sys/fs/cgroup/memory.max").ok();
    let limit = limit.and_then(|text| text.trim().parse::<u64>().ok()).unwrap_or(u64::MAX);
    Some((kibibytes * 1024).min(limit))
}
