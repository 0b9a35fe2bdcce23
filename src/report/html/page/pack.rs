//! Bytes as they stand in a page: compressed (RFC 1950) and in base64, for the browser's own inflater.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// How hard is compressed, of 10. Of the 4.7 MB of the charts, 6 would save another 0.14 MB and take twice as long, at every
/// run.
const LEVEL: u8 = 3;

/// Compresses bytes into text. The same bytes give the same text on every machine: the compressor is plain Rust without
/// instructions that only some processors have.
pub fn text(bytes: &[u8]) -> String {
    STANDARD.encode(miniz_oxide::deflate::compress_to_vec_zlib(bytes, LEVEL))
}

/// The bytes of a text made by [`text`].
#[cfg(test)]
pub fn open(text: &str) -> Vec<u8> {
    miniz_oxide::inflate::decompress_to_vec_zlib(&STANDARD.decode(text).unwrap()).unwrap()
}
