//! `tapeline data download`: an exchange's public candles into the store, by way of a cache of verified files.

use super::{interval, print_json, told};
use crate::backfill::{Addresses, Edge, News, Product, Wish, bring, moment};
use crate::cli::print;
use crate::domain::Timestamp;
use crate::error::{Fault, Result};
use crate::tape::{ImportPlan, ImportReport, OffGrid, Source, import};
use clap::{Args, ValueEnum};
use indicatif::{DecimalBytes, ProgressBar, ProgressStyle};
use std::cell::{Cell, RefCell};
use std::path::PathBuf;

/// Arguments of `tapeline data download`.
#[derive(Args, Debug)]
pub struct DownloadArgs {
    /// The exchange
    #[arg(value_enum)]
    pub exchange: Exchange,
    /// Symbols as the exchange writes them, such as BTCUSDT
    #[arg(required = true, value_name = "SYMBOL")]
    pub symbols: Vec<String>,
    /// Length of the candles
    #[arg(long, default_value = "1m")]
    pub interval: String,
    /// The first year (2024), month (2024-01) or day (2024-01-15)
    #[arg(long)]
    pub from: String,
    /// The last year, month or day, whole [default: the present]
    #[arg(long)]
    pub to: Option<String>,
    /// Spot, or futures margined in USDT
    #[arg(long, value_enum, default_value = "spot")]
    pub product: ProductChoice,
    /// What to do with candles that do not open on the grid or end early
    #[arg(long, value_enum, default_value = "refuse")]
    pub off_grid: OffGrid,
    /// Folder of the store
    #[arg(long, default_value = "data")]
    pub root: PathBuf,
    /// Folder of fetched files; what is there is not fetched again [default: downloads in the store's folder]
    #[arg(long)]
    pub cache: Option<PathBuf>,
    /// Address of the archive [default: the exchange's own]
    #[arg(long, env = "TAPELINE_BINANCE_ARCHIVE_URL", value_name = "URL")]
    pub archive_url: Option<String>,
    /// Address of the REST interface [default: the exchange's own]
    #[arg(long, env = "TAPELINE_BINANCE_REST_URL", value_name = "URL")]
    pub rest_url: Option<String>,
    /// Print the reports as JSON
    #[arg(long)]
    pub json: bool,
}

/// An exchange by name.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Exchange {
    /// Binance's public archive, and its REST interface for what is not there yet
    Binance,
}

/// A product by name.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum ProductChoice {
    /// Spot, filed as binance-spot
    Spot,
    /// Futures margined in USDT or USDC, filed as binance-usdm
    Usdm,
}

/// The exit code of a process that was interrupted, as shells have it.
const INTERRUPTED: i32 = 130;

/// Runs the command.
pub(super) fn run(args: &DownloadArgs) -> Result<u8> {
    let Exchange::Binance = args.exchange;
    let product = match args.product {
        ProductChoice::Spot => Product::Spot,
        ProductChoice::Usdm => Product::Usdm,
    };
    let interval = interval(&args.interval)?;
    let from = moment(&args.from, Edge::Begin).map_err(|fault| fault.within("--from"))?;
    let to = match &args.to {
        Some(text) => moment(text, Edge::End).map_err(|fault| fault.within("--to"))?,
        None => Timestamp::MAX,
    };
    let usual = product.addresses();
    let addresses = Addresses {
        archive: address(args.archive_url.as_deref(), usual.archive),
        rest: address(args.rest_url.as_deref(), usual.rest),
    };
    let cache = args.cache.clone().unwrap_or_else(|| args.root.join("downloads"));
    let bar = bar();
    stop_cleanly(&bar)?;
    let mut reports = Vec::new();
    for symbol in &args.symbols {
        let wish = Wish { product, symbol, interval, from, to, addresses: &addresses, cache: &cache };
        let brought = follow(&bar, symbol, |watch| bring(&wish, watch))?;
        bar.set_message(format!("{symbol}: importing"));
        let plan = ImportPlan {
            root: args.root.clone(),
            files: brought.files,
            source: Source::of(product.venue(), &symbol.to_ascii_uppercase(), Some(interval)),
            off_grid: args.off_grid,
        };
        let report = import(&plan, &|_, _| {});
        bar.finish_and_clear();
        let report = report?;
        if !args.json {
            print(&told(&report))?;
            print(&brought.notes.iter().map(|note| format!("  {note}\n")).collect::<String>())?;
        }
        reports.push(Report { import: report, notes: brought.notes });
    }
    if args.json {
        print_json(&reports)?;
    }
    Ok(0)
}

/// What became of one symbol.
#[derive(serde::Serialize)]
struct Report {
    #[serde(flatten)]
    import: ImportReport,
    notes: Vec<String>,
}

fn address(given: Option<&str>, usual: String) -> String {
    given.map_or(usual, |given| given.trim_end_matches('/').to_owned())
}

fn bar() -> ProgressBar {
    let bar = ProgressBar::new(0);
    // The template is a constant: a mistake in it shows as the plain default bar.
    if let Ok(style) = ProgressStyle::with_template("{bar:20} {pos}/{len} days · {msg}") {
        bar.set_style(style);
    }
    bar
}

/// An interrupt ends the process at once: every file is whole or not there, and the part of one that was being fetched
/// is gone on with the next time.
fn stop_cleanly(bar: &ProgressBar) -> Result<()> {
    let bar = bar.clone();
    let stop = move || {
        bar.finish_and_clear();
        eprintln!("error: interrupted\n  what to do: run the same command again; what was fetched is kept");
        std::process::exit(INTERRUPTED);
    };
    ctrlc::set_handler(stop).map_err(|error| Fault::failure(format!("preparing for an interrupt: {error}")))
}

/// Shows on the bar what happens while `work` is done.
fn follow<T>(bar: &ProgressBar, symbol: &str, work: impl FnOnce(&dyn Fn(News<'_>)) -> Result<T>) -> Result<T> {
    let (fetched, doing) = (Cell::new(0u64), RefCell::new(String::new()));
    let show = || bar.set_message(format!("{} · {}", doing.borrow(), DecimalBytes(fetched.get())));
    bar.reset();
    let done = work(&|news| match news {
        News::Days(days) => bar.set_length(days),
        News::Begun(name) => {
            name.clone_into(&mut doing.borrow_mut());
            show();
        }
        News::Bytes(bytes) => {
            fetched.set(fetched.get() + bytes);
            show();
        }
        News::Done(days) => bar.inc(days),
        News::Waiting { seconds, why } => bar.set_message(format!("{symbol} · waiting {seconds} s: {why}")),
    });
    if done.is_err() {
        bar.finish_and_clear();
    }
    done
}
