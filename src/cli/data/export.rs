//! `tapeline data export`: a series as a file for others.

use crate::backfill::{Edge, moment};
use crate::cli::{counted, print, progress};
use crate::domain::Timestamp;
use crate::error::{Fault, Result};
use crate::tape::gaps::Stretch;
use crate::tape::{ExportFormat, SeriesKey, export};
use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// Arguments of `tapeline data export`.
#[derive(Args, Debug)]
pub struct ExportArgs {
    /// The series as VENUE/SYMBOL/INTERVAL, VENUE/SYMBOL/trades or VENUE/SYMBOL/quotes
    pub series: String,
    /// The file to write
    pub file: PathBuf,
    /// What to write [default: what the file's name ends in]
    #[arg(long, value_enum)]
    pub format: Option<FormatChoice>,
    /// The first year, month (2024-01), day or time [default: the first row]
    #[arg(long)]
    pub from: Option<String>,
    /// The last year, month or day, which is written whole, or the time before which to end [default: the last row]
    #[arg(long)]
    pub to: Option<String>,
    /// Folder of the store
    #[arg(long, default_value = "data")]
    pub root: PathBuf,
}

/// A format by name.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum FormatChoice {
    /// Text that `tapeline data import` reads
    Csv,
    /// Exact decimals, as the store's own files
    Parquet,
}

/// Runs the command.
pub(super) fn run(args: &ExportArgs) -> Result<u8> {
    let key = SeriesKey::parse(&args.series)?;
    let named = match args.format {
        Some(FormatChoice::Csv) => Some(ExportFormat::Csv),
        Some(FormatChoice::Parquet) => Some(ExportFormat::Parquet),
        None => ExportFormat::of_name(&args.file),
    };
    let format = named.ok_or_else(|| {
        Fault::user(format!("the name {} ends neither in .csv nor in .parquet", args.file.display()))
            .remedy("name the file so, or add --format csv or --format parquet")
    })?;
    let edge = |option: &str, text: &Option<String>, edge: Edge, open: Timestamp| match text {
        Some(text) => moment(text, edge).map_err(|fault| fault.within(option)),
        None => Ok(open),
    };
    let stretch = Stretch {
        from: edge("--from", &args.from, Edge::Begin, Timestamp::MIN)?,
        to: edge("--to", &args.to, Edge::End, Timestamp::MAX)?,
    };
    let spinner = progress::spinner("exporting");
    let rows = export(&args.root, &key, stretch, &args.file, format);
    spinner.finish_and_clear();
    print(&format!("{key}: {} written to {}\n", counted(rows?, "row"), args.file.display()))?;
    Ok(0)
}
