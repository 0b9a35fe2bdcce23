//! `tapeline compare`: results laid side by side, ours and those of other programs.

use super::{print, progress};
use crate::compare::{self, Comparison, Kind, Reading, Settings};
use crate::domain::Span;
use crate::error::{Fault, Result};
use crate::report;
use clap::Args;
use rust_decimal::Decimal;
use std::path::{Path, PathBuf};

/// Arguments of `tapeline compare`.
#[derive(Args, Debug)]
pub(super) struct CompareArgs {
    /// Results: run directories, backtest results of freqtrade, trades of backtesting.py (CSV), TradingView's list of
    /// trades (CSV). The first is the reference
    #[arg(required = true, num_args = 2.., value_name = "RESULT")]
    results: Vec<PathBuf>,
    /// What the files are; told by their content unless said
    #[arg(long, value_enum)]
    kind: Option<Kind>,
    /// The zone of times that are written without one: UTC, Europe/Berlin, +02:00
    #[arg(long, default_value = "UTC", allow_hyphen_values = true)]
    zone: String,
    /// The symbol of files that name none
    #[arg(long)]
    symbol: Option<String>,
    /// Which strategy of a freqtrade result that holds several
    #[arg(long, value_name = "NAME")]
    strategy: Option<String>,
    /// How far apart the entries of a pair may be: 90s, 5m, 1h, 2d [default: twelve candles, at least one hour]
    #[arg(long, value_name = "LENGTH", value_parser = length)]
    match_within: Option<Span>,
    /// By how much times may differ and still be the same [default: 0s for two runs of ours, else less than a candle]
    #[arg(long, value_name = "LENGTH", value_parser = length)]
    time_tolerance: Option<Span>,
    /// By how much prices may, as a fraction (0.0001 is one basis point) [default: 0 for two runs of ours, else 1e-8]
    #[arg(long, value_name = "FRACTION", value_parser = fraction)]
    price_tolerance: Option<Decimal>,
    /// By how much quantities may, as a fraction [default: as prices]
    #[arg(long, value_name = "FRACTION", value_parser = fraction)]
    quantity_tolerance: Option<Decimal>,
    /// By how much fees may, as a fraction [default: as prices]
    #[arg(long, value_name = "FRACTION", value_parser = fraction)]
    fee_tolerance: Option<Decimal>,
    /// By how much profits may, as a fraction [default: as prices, or what the rounding of a file comes to]
    #[arg(long, value_name = "FRACTION", value_parser = fraction)]
    profit_tolerance: Option<Decimal>,
    /// By how much equity and opening capital may, as a fraction [default: as prices]
    #[arg(long, value_name = "FRACTION", value_parser = fraction)]
    equity_tolerance: Option<Decimal>,
    /// Exit with 1 if anything differs beyond the tolerances, or the accounts' currencies do
    #[arg(long)]
    same: bool,
    /// Print the whole comparison as JSON and nothing else on standard output
    #[arg(long)]
    json: bool,
    /// Write the matched trades to this file
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,
    /// Write the page to this file
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Where the page's folder is made when --html says nothing
    #[arg(long, value_name = "DIR", default_value = "reports")]
    out: PathBuf,
    /// Write no page
    #[arg(long, conflicts_with = "html")]
    no_page: bool,
}

/// Runs the command. Exit code 1 when `--same` is asked for and something differs.
pub(super) fn run(args: &CompareArgs) -> Result<u8> {
    let reading = Reading {
        kind: args.kind,
        symbol: args.symbol.clone(),
        strategy: args.strategy.clone(),
        ..Reading::default().in_zone(&args.zone)?
    };
    if !args.no_page {
        report::page::prepare();
    }
    let spinner = progress::spinner("reading and matching");
    let compared = args.results.iter().map(|path| compare::read(path, &reading)).collect::<Result<Vec<_>>>();
    let compared = compared.and_then(|records| Comparison::of(records, &args.settings()));
    spinner.finish_and_clear();
    let comparison = compared?;
    if let Some(path) = &args.csv {
        report::page::write_text(path, &compare::csv(&comparison))?;
    }
    let page = match (&args.html, args.no_page) {
        (_, true) => None,
        (Some(file), _) => Some(file.clone()),
        (None, _) => Some(args.out.join(format!("compare-{}", comparison.name())).join("compare.html")),
    };
    if let Some(page) = &page {
        let folder = page.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        std::fs::create_dir_all(folder).map_err(|error| {
            Fault::unwritable("making a folder for the page in", folder, &error).remedy(
                "choose a place that can be written to with --html or --out, or leave the page out with --no-page",
            )
        })?;
        compare::write_page(&comparison, page)?;
    }
    if args.json {
        print(&compare::json(&comparison))?;
    } else {
        print(&compare::text(&comparison))?;
        for path in args.csv.iter().map(|path| ("matched trades", path)).chain(page.iter().map(|path| ("report", path)))
        {
            print(&format!("{}: {}\n", path.0, path.1.display()))?;
        }
    }
    Ok(u8::from(args.same && !comparison.is_same()))
}

impl CompareArgs {
    fn settings(&self) -> Settings {
        Settings {
            match_within: self.match_within,
            time: self.time_tolerance,
            price: self.price_tolerance,
            quantity: self.quantity_tolerance,
            fees: self.fee_tolerance,
            profit: self.profit_tolerance,
            equity: self.equity_tolerance,
        }
    }
}

/// A length of time: a whole number and a unit.
fn length(text: &str) -> std::result::Result<Span, String> {
    let wrong = || format!("'{text}' is no length of time; write 90s, 5m, 1h or 2d");
    let at = text.find(|letter: char| !letter.is_ascii_digit()).ok_or_else(wrong)?;
    let count: i64 = text[..at].parse().map_err(|_| wrong())?;
    let unit = match &text[at..] {
        "s" => Span::SECOND,
        "m" => Span::MINUTE,
        "h" => Span::MINUTE.times(60),
        "d" => Span::DAY,
        _ => return Err(wrong()),
    };
    // A century is more than any two trades are apart.
    if count > 36_500 * (Span::DAY.nanos() / unit.nanos()) { Err(wrong()) } else { Ok(unit.times(count)) }
}

/// A fraction from 0 to 1.
fn fraction(text: &str) -> std::result::Result<Decimal, String> {
    let value = if text.contains(['e', 'E']) { Decimal::from_scientific(text).ok() } else { text.parse().ok() };
    value
        .filter(|value: &Decimal| *value >= Decimal::ZERO && *value <= Decimal::ONE)
        .ok_or_else(|| format!("'{text}' is no fraction from 0 to 1"))
}
