//! The drawing library: the script that the plotting crate embeds, compressed.

use super::pack;
use crate::error::{Fault, Result};
use plotly::Plot;
use std::sync::OnceLock;

/// The script as it stands in a page. Compressed once per process.
///
/// # Errors
/// When the crate embeds it in another way than this engine knows.
pub fn packed() -> Result<&'static str> {
    static PACKED: OnceLock<Option<String>> = OnceLock::new();
    let packed = PACKED.get_or_init(|| script(&Plot::offline_js_sources()).map(|script| pack::text(script.as_bytes())));
    packed.as_deref().ok_or_else(|| Fault::failure("the drawing script is not embedded as expected"))
}

/// Begins to compress the script on a thread of its own, so that it is ready when a page is made. Nothing waits for it.
pub fn prepare() {
    // Where no thread can be had, the page compresses it when it needs it.
    let _ = std::thread::Builder::new().name("library".to_owned()).spawn(|| packed().is_ok());
}

/// Of all the scripts that the crate embeds, only the first is needed here.
fn script(sources: &str) -> Option<&str> {
    let (_, behind_tag) = sources.split_once('>')?;
    Some(behind_tag.split_once("</script>")?.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_script_is_the_one_that_draws() {
        let text = String::from_utf8(pack::open(packed().unwrap())).unwrap();
        assert!(text.contains("plotly.js v") && text.len() > 1_000_000 && !text.contains("<script"));
        assert_eq!(script("<script type=\"x\">one</script>\n<script>two</script>"), Some("one"));
        assert_eq!(script("nothing"), None);
    }
}
