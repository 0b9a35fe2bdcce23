//! What the process has needed.

/// The largest resident memory of this process so far; zero where the system does not tell.
pub fn peak_memory_megabytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    let kibibytes = line.and_then(|line| line.split_whitespace().nth(1)).and_then(|number| number.parse::<u64>().ok());
    kibibytes.unwrap_or_default() * 1_024 / 1_000_000
}
