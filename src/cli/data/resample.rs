//! `tapeline data resample`: coarser candles as a series of their own.

use super::{interval, print_json};
use crate::cli::{counted, print};
use crate::error::{Fault, Result};
use crate::tape::{DeriveReport, derive};
use clap::Args;
use std::path::PathBuf;

/// Arguments of `tapeline data resample`.
#[derive(Args, Debug)]
pub struct ResampleArgs {
    /// Instruments as VENUE/SYMBOL, such as binance-spot/BTCUSDT
    #[arg(required = true, value_name = "VENUE/SYMBOL")]
    pub instruments: Vec<String>,
    /// Lengths of the candles to make, such as 5m,1h,1d
    #[arg(long, required = true, value_delimiter = ',')]
    pub interval: Vec<String>,
    /// Folder of the store
    #[arg(long, default_value = "data")]
    pub root: PathBuf,
    /// Print the reports as JSON
    #[arg(long)]
    pub json: bool,
}

/// Open times of incomplete candles that are printed.
const TOLD: usize = 5;

/// Runs the command.
pub(super) fn run(args: &ResampleArgs) -> Result<u8> {
    let intervals = args.interval.iter().map(|text| interval(text)).collect::<Result<Vec<_>>>()?;
    let mut reports = Vec::new();
    for instrument in &args.instruments {
        let Some((venue, symbol)) = instrument.split_once('/').filter(|(_, symbol)| !symbol.contains('/')) else {
            return Err(Fault::user(format!("'{instrument}' does not name an instrument"))
                .remedy("write VENUE/SYMBOL, such as binance-spot/BTCUSDT"));
        };
        for interval in &intervals {
            let report = derive(&args.root, venue, symbol, *interval)?;
            if !args.json {
                print(&told(&report))?;
            }
            reports.push(report);
        }
    }
    if args.json {
        print_json(&reports)?;
    }
    Ok(0)
}

fn told(report: &DeriveReport) -> String {
    let unchanged = if report.unchanged { ", unchanged" } else { "" };
    let mut text =
        format!("{}: {} made of {}{unchanged}\n", report.series, counted(report.rows, "candle"), report.from);
    if report.incomplete > 0 {
        let first = report.incomplete_at.iter().take(TOLD).cloned().collect::<Vec<_>>().join(", ");
        let more = if report.incomplete > TOLD as u64 { ", …" } else { "" };
        let incomplete = counted(report.incomplete, "candle");
        text.push_str(&format!("  {incomplete} incomplete (column missing_rows): {first}{more}\n"));
    }
    if report.unclosed > 0 {
        let rows = counted(report.unclosed, "finer row");
        text.push_str(&format!("  {rows} at the end left out: the candle has not closed\n"));
    }
    text
}
