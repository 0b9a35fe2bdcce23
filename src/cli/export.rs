//! `tapeline export`: the tables of a finished run, typed, for other programs.

use super::{counted, print};
use crate::error::Result;
use crate::report::{RunFormat, export};
use clap::Args;
use std::path::PathBuf;

/// Arguments of `tapeline export`.
#[derive(Args, Debug)]
pub(super) struct ExportArgs {
    /// The directory of the run
    run: PathBuf,
    /// The folder to make
    folder: PathBuf,
    /// What to write
    #[arg(long, value_enum, default_value = "parquet")]
    format: RunFormat,
}

/// Runs the command.
pub(super) fn run(args: &ExportArgs) -> Result<u8> {
    let files = export(&args.run, &args.folder, args.format)?;
    print(&format!("{} written to {}\n", counted(files.len() as u64, "table"), args.folder.display()))?;
    Ok(0)
}
