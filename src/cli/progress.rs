//! Progress on a terminal; silence in a pipe.

use indicatif::{ProgressBar, ProgressStyle};
use std::time::Duration;

/// A spinner that says what is being done. Drawn on standard error, and only when that is a terminal.
pub(super) fn spinner(doing: &'static str) -> ProgressBar {
    let bar = ProgressBar::new_spinner().with_message(doing);
    bar.enable_steady_tick(Duration::from_millis(100));
    bar
}

/// A bar over candles, with rate and time left.
pub(super) fn candles() -> ProgressBar {
    let bar = ProgressBar::new(0);
    // The template is a constant: a mistake in it shows as the plain default bar.
    if let Ok(style) = ProgressStyle::with_template("{bar:20} {percent}% · {per_sec} candles · {eta} left") {
        bar.set_style(style);
    }
    bar
}

/// A bar over trials, with rate, time left and the best so far.
pub(super) fn trials(all: u64) -> ProgressBar {
    let bar = ProgressBar::new(all);
    let template = "{bar:20} {pos}/{len} trials · {per_sec} · {eta} left · {msg}";
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar
}

/// A bar over replays, with time left.
pub(super) fn replays(all: u64, what: &str) -> ProgressBar {
    let bar = ProgressBar::new(all);
    if let Ok(style) = ProgressStyle::with_template(&format!("{{bar:20}} {{pos}}/{{len}} {what} · {{eta}} left")) {
        bar.set_style(style);
    }
    bar
}
