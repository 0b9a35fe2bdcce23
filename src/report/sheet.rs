//! A CSV file under construction: cells are appended to one buffer, which is handed on when it is full.

use super::digits;
use crate::domain::{Amount, Price, Quantity, Span, Timestamp};
use crate::error::{Fault, Result};
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

/// The buffer is written out beyond this many bytes.
const FULL: usize = 1 << 18;

/// One CSV file (RFC 4180, but with bare line feeds).
#[derive(Debug)]
pub struct Sheet {
    path: PathBuf,
    file: File,
    buffer: Vec<u8>,
}

impl Sheet {
    /// Starts the file with its head line.
    pub fn create(directory: &Path, name: &str, columns: &str) -> Result<Self> {
        let path = directory.join(name);
        let file = File::create(&path).map_err(|error| Fault::io("creating", &path, &error))?;
        let mut buffer = Vec::with_capacity(FULL + (1 << 12));
        buffer.extend_from_slice(columns.as_bytes());
        buffer.push(b'\n');
        Ok(Sheet { path, file, buffer })
    }

    /// A cell of text, quoted where it must be.
    pub fn text(&mut self, text: &str) -> &mut Self {
        if text.bytes().any(|byte| matches!(byte, b',' | b'"' | b'\n' | b'\r')) {
            self.buffer.push(b'"');
            for byte in text.bytes() {
                if byte == b'"' {
                    self.buffer.push(b'"');
                }
                self.buffer.push(byte);
            }
            self.buffer.push(b'"');
        } else {
            self.buffer.extend_from_slice(text.as_bytes());
        }
        self.next()
    }

    /// A cell that stays empty.
    pub fn nothing(&mut self) -> &mut Self {
        self.next()
    }

    /// A cell with a whole number.
    pub fn whole(&mut self, number: u64) -> &mut Self {
        digits::whole(&mut self.buffer, number);
        self.next()
    }

    /// A cell with a price.
    pub fn price(&mut self, price: Price, decimals: u8) -> &mut Self {
        digits::decimal(&mut self.buffer, price.units().into(), decimals);
        self.next()
    }

    /// A cell with a quantity.
    pub fn quantity(&mut self, quantity: Quantity, decimals: u8) -> &mut Self {
        digits::decimal(&mut self.buffer, quantity.units().into(), decimals);
        self.next()
    }

    /// A cell with an amount.
    pub fn amount(&mut self, amount: Amount, decimals: u8) -> &mut Self {
        digits::decimal(&mut self.buffer, amount.units(), decimals);
        self.next()
    }

    /// A cell with `part` / `whole`, rounded half to even; empty when there is no such number.
    pub fn quotient(&mut self, part: Amount, whole: i128, decimals: u8) -> &mut Self {
        digits::quotient(&mut self.buffer, part, whole, decimals);
        self.next()
    }

    /// A cell with an instant.
    pub fn time(&mut self, at: Timestamp) -> &mut Self {
        digits::time(&mut self.buffer, at);
        self.next()
    }

    /// A cell with a span in seconds.
    pub fn seconds(&mut self, span: Span) -> &mut Self {
        digits::seconds(&mut self.buffer, span);
        self.next()
    }

    /// Ends the row.
    pub fn end_row(&mut self) -> Result<()> {
        if let Some(last) = self.buffer.last_mut() {
            *last = b'\n';
        }
        if self.buffer.len() >= FULL { self.hand_on() } else { Ok(()) }
    }

    /// Ends the file.
    pub fn finish(mut self) -> Result<()> {
        self.hand_on()
    }

    fn next(&mut self) -> &mut Self {
        self.buffer.push(b',');
        self
    }

    fn hand_on(&mut self) -> Result<()> {
        let written = self.file.write_all(&self.buffer);
        self.buffer.clear();
        written.map_err(|error| Fault::io("writing", &self.path, &error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_a_name_holds_comes_back_from_the_file() {
        let directory = tempfile::tempdir().unwrap();
        let names = ["plain", "a,b", "say \"no\"", "two\nlines", "", " edge "];
        let mut sheet = Sheet::create(directory.path(), "names.csv", "name,number").unwrap();
        for name in names {
            sheet.text(name).whole(7).end_row().unwrap();
        }
        sheet.finish().unwrap();
        let mut reader = csv::Reader::from_path(directory.path().join("names.csv")).unwrap();
        let read: Vec<(String, u64)> = reader.deserialize().map(|row| row.unwrap()).collect();
        assert_eq!(read, names.map(|name| (name.to_owned(), 7)));
    }
}
