//! Rows out of the store into one file for others: CSV in this program's own layout, or Parquet, every digit exact.
//!
//! Whatever is written here can be imported again and gives the same bits.

use super::gaps::Stretch;
use super::parquet::{Coding, encode};
use super::place::{SeriesKey, SeriesKind};
use super::store::read_table;
use super::table::{ABSENT, Table};
use crate::domain::Timestamp;
use crate::error::{Fault, Result};
use rust_decimal::Decimal;
use std::io::{BufWriter, Write};
use std::path::Path;

/// What an exported file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportFormat {
    /// Text with a header, times as ISO 8601 in UTC.
    Csv,
    /// As the store's own files are.
    Parquet,
}

impl ExportFormat {
    /// The format that a file's name asks for.
    pub fn of_name(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "csv" => Some(ExportFormat::Csv),
            "parquet" => Some(ExportFormat::Parquet),
            _ => None,
        }
    }
}

/// Writes the rows of a series that lie within `stretch` to `path`, whole or not at all, and returns how many they are.
///
/// # Errors
/// When the series has no rows there or is damaged, or the file stands already or cannot be written.
pub fn export(root: &Path, key: &SeriesKey, stretch: Stretch, path: &Path, format: ExportFormat) -> Result<u64> {
    if path.exists() {
        return Err(Fault::user(format!("exporting to {}: it exists already", path.display()))
            .remedy("remove it first, or name another file"));
    }
    let (manifest, table) = read_table(root, key, stretch)?;
    let unwritable = |error: &std::io::Error| {
        Fault::unwritable("exporting to", path, error)
            .remedy("name a file in a folder that can be written and has room")
    };
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        Some(_) | None => Path::new("."),
    };
    let draft = draft_in(folder).map_err(|error| unwritable(&error))?;
    let mut writer = BufWriter::with_capacity(1 << 18, draft);
    let written = match format {
        ExportFormat::Csv => write_csv(&table, key, &mut writer),
        ExportFormat::Parquet => writer.write_all(&encode(&table, key, manifest.origin, Coding::STORE)?),
    };
    written.map_err(|error| unwritable(&error))?;
    let draft = writer.into_inner().map_err(|error| unwritable(error.error()))?;
    draft.as_file().sync_all().map_err(|error| unwritable(&error))?;
    draft.persist_noclobber(path).map_err(|error| unwritable(&error.error))?;
    Ok(table.len() as u64)
}

/// A temporary file is its owner's alone; an export is as readable as any other file that the user makes.
#[cfg(unix)]
fn draft_in(folder: &Path) -> std::io::Result<tempfile::NamedTempFile> {
    use std::os::unix::fs::PermissionsExt;
    tempfile::Builder::new().prefix(".export-").permissions(std::fs::Permissions::from_mode(0o666)).tempfile_in(folder)
}

#[cfg(not(unix))]
fn draft_in(folder: &Path) -> std::io::Result<tempfile::NamedTempFile> {
    tempfile::Builder::new().prefix(".export-").tempfile_in(folder)
}

fn write_csv(table: &Table, key: &SeriesKey, writer: &mut impl Write) -> std::io::Result<()> {
    match key.kind() {
        SeriesKind::Candles(_) => write_candles(table, writer),
        SeriesKind::Trades => write_trades(table, writer),
        SeriesKind::Quotes => write_quotes(table, writer),
    }
}

fn write_candles(table: &Table, writer: &mut impl Write) -> std::io::Result<()> {
    let kept: Vec<usize> = (0..table.columns.len()).filter(|column| table.has(*column)).collect();
    write!(writer, "open_time")?;
    for column in &kept {
        write!(writer, ",{}", table.fields()[*column].name)?;
    }
    writeln!(writer)?;
    for row in 0..table.len() {
        write!(writer, "{}", Timestamp::from_nanos(table.time[row]))?;
        for column in &kept {
            match table.columns[*column][row] {
                ABSENT => write!(writer, ",")?,
                units => write!(writer, ",{}", decimal(table, *column, units))?,
            }
        }
        writeln!(writer)?;
    }
    Ok(())
}

fn write_trades(table: &Table, writer: &mut impl Write) -> std::io::Result<()> {
    writeln!(writer, "time,id,side,price,amount")?;
    for row in 0..table.len() {
        let [id, price, signed] = [0, 1, 2].map(|column| table.columns[column][row]);
        let side = if signed < 0 { "sell" } else { "buy" };
        let (price, amount) = (decimal(table, 1, price), decimal(table, 2, signed).abs());
        writeln!(writer, "{},{id},{side},{price},{amount}", Timestamp::from_nanos(table.time[row]))?;
    }
    Ok(())
}

fn write_quotes(table: &Table, writer: &mut impl Write) -> std::io::Result<()> {
    writeln!(writer, "time,id,bid,bid_quantity,ask,ask_quantity")?;
    for row in 0..table.len() {
        write!(writer, "{},{}", Timestamp::from_nanos(table.time[row]), table.columns[0][row])?;
        for column in 1..table.columns.len() {
            write!(writer, ",{}", decimal(table, column, table.columns[column][row]))?;
        }
        writeln!(writer)?;
    }
    Ok(())
}

fn decimal(table: &Table, column: usize, units: i64) -> Decimal {
    Decimal::new(units, u32::from(table.decimals.of(table.fields()[column].measure))).normalize()
}
