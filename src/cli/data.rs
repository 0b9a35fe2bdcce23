//! `tapeline data …`: the store, as words; the work is done by the tape and, for downloads, by the backfill.

mod download;
mod export;
mod resample;
mod trials;
mod words;

use super::{counted, print};
use crate::domain::{Interval, Origin, Timestamp};
use crate::error::{Fault, Result};
use crate::scenario::is_address;
use crate::tape::check::{CheckReport, Rule, Severity, check_series};
use crate::tape::decimal::DecimalLimits;
use crate::tape::deliver::{Delivery, deliver};
use crate::tape::manifest::{Manifest, Provenance};
use crate::tape::merge::Part;
use crate::tape::source::expand;
use crate::tape::store::list_series;
use crate::tape::synth::VENUE;
use crate::tape::table::Table;
use crate::tape::{
    ImportPlan, ImportReport, Layout, OffGrid, QuietMinutes, SeriesKey, SeriesKind, Source, SynthGaps, SynthSpec,
    SynthSymbol, import, synthesize, trades_beneath,
};
use clap::{Args, Subcommand, ValueEnum};
use indicatif::{ProgressBar, ProgressStyle};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Arguments of `tapeline data`.
#[derive(Args, Debug)]
pub struct DataArgs {
    /// What to do with the store.
    #[command(subcommand)]
    pub command: DataCommand,
}

/// The subcommands of `tapeline data`.
#[derive(Subcommand, Debug)]
pub enum DataCommand {
    /// Download an exchange's public candles into the store, verified and resumable
    Download(download::DownloadArgs),
    /// Bring CSV, CSV.gz, zip or Parquet files of candles, trades or quotes into the store
    Import(ImportArgs),
    /// Make coarser candles of the finest ones in the store
    Resample(resample::ResampleArgs),
    /// Write a series of the store to a CSV or Parquet file
    Export(export::ExportArgs),
    /// Check stored series: grid, gaps, prices, outliers, units, checksums; exit code 1 when something is wrong
    Check(CheckArgs),
    /// Generate a seeded synthetic market into the store
    Synth(SynthArgs),
    /// List what the store holds
    List(ListArgs),
    /// List what was ever tried on the store's data, as the trial ledger remembers it
    Trials(trials::TrialsArgs),
}

/// Arguments of `tapeline data import`.
#[derive(Args, Debug)]
pub struct ImportArgs {
    /// Files, or quoted patterns such as 'downloads/*.zip'; all become one series
    #[arg(required = true, value_name = "FILES")]
    pub files: Vec<String>,
    /// Venue and product, such as binance-spot
    #[arg(long)]
    pub venue: String,
    /// The venue's name of the instrument, such as BTCUSDT
    #[arg(long)]
    pub symbol: String,
    /// Length of the candles, such as 1m; leave it out for trades and quotes
    #[arg(long)]
    pub interval: Option<String>,
    /// Where the rows were recorded
    #[arg(long, value_enum, default_value = "real")]
    pub origin: Origin,
    /// Layout of the files
    #[arg(long, value_enum, default_value = "auto")]
    pub layout: LayoutChoice,
    /// What the venue publishes for a minute without trades [default: what is known of the venue]
    #[arg(long, value_enum)]
    pub quiet_minutes: Option<QuietMinutes>,
    /// What to do with candles that do not open on the grid or end early
    #[arg(long, value_enum, default_value = "refuse")]
    pub off_grid: OffGrid,
    /// Round prices to at most so many decimals [default: keep every digit]
    #[arg(long, value_parser = clap::value_parser!(u8).range(0..=18))]
    pub price_decimals: Option<u8>,
    /// Round volumes and amounts to at most so many decimals, where a source writes remains of floats
    #[arg(long, value_parser = clap::value_parser!(u8).range(0..=18))]
    pub quantity_decimals: Option<u8>,
    /// Folder of the store
    #[arg(long, default_value = "data")]
    pub root: PathBuf,
    /// Print the report as JSON
    #[arg(long)]
    pub json: bool,
}

/// A layout by name, or found out.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum LayoutChoice {
    /// From each file's first line
    Auto,
    /// open_time,open,high,low,close,volume[,quote_volume,trades] with a header
    Tapeline,
    /// Binance public data klines, spot or futures, with or without header
    Binance,
    /// date,open,high,low,close,volume with a header
    Freqtrade,
    /// time,id,side,price,amount, or Binance trades and aggTrades
    Trades,
    /// time,bid,bid_quantity,ask,ask_quantity, or Binance bookTicker, with a header
    Quotes,
}

/// Arguments of `tapeline data check`.
#[derive(Args, Debug)]
pub struct CheckArgs {
    /// Series as VENUE/SYMBOL/INTERVAL, VENUE/SYMBOL/trades or VENUE/SYMBOL/quotes; all when none is named
    #[arg(value_name = "SERIES")]
    pub series: Vec<String>,
    /// Rules whose findings are told but do not count as wrong, such as outage
    #[arg(long, value_enum, value_delimiter = ',', value_name = "RULE")]
    pub allow: Vec<Rule>,
    /// Folder of the store
    #[arg(long, default_value = "data")]
    pub root: PathBuf,
    /// Print the findings as JSON
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `tapeline data synth`.
#[derive(Args, Debug)]
pub struct SynthArgs {
    /// Symbols, each with an optional start price: BTCUSDT=30000
    #[arg(long = "symbol", value_name = "SYMBOL[=PRICE]", value_delimiter = ',', default_value = "BTCUSDT=30000")]
    pub symbols: Vec<String>,
    /// Seed; the same seed gives the same bits on every machine
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Venue to file the series under
    #[arg(long, default_value = VENUE)]
    pub venue: String,
    /// Length of the candles
    #[arg(long, default_value = "1m")]
    pub interval: String,
    /// Open time of the first candle
    #[arg(long, default_value = "2020-01-01")]
    pub from: String,
    /// Number of candles
    #[arg(long, default_value_t = 525_600)]
    pub candles: usize,
    /// Volatility of a year as a fraction
    #[arg(long, default_value_t = 0.6)]
    pub volatility: f64,
    /// Drift of a year in log price
    #[arg(long, default_value_t = 0.15, allow_negative_numbers = true)]
    pub drift: f64,
    /// Correlation of the symbols' returns, 0 to 1
    #[arg(long, default_value_t = 0.5)]
    pub correlation: f64,
    /// Decimals of prices
    #[arg(long, default_value_t = 2)]
    pub price_decimals: u8,
    /// Decimals of quantities
    #[arg(long, default_value_t = 5)]
    pub quantity_decimals: u8,
    /// Base quantity traded in an average day
    #[arg(long, default_value_t = 20_000.0)]
    pub daily_volume: f64,
    /// Share of candles without a trade, 0 to 1
    #[arg(long, default_value_t = 0.0)]
    pub quiet_share: f64,
    /// Candles left out, of every 10,000
    #[arg(long, default_value_t = 0)]
    pub missing: u32,
    /// Number of outages
    #[arg(long, default_value_t = 0)]
    pub outages: u32,
    /// Candles left out in each outage
    #[arg(long, default_value_t = 120)]
    pub outage_candles: u32,
    /// Also generate the trades beneath the candles
    #[arg(long)]
    pub trades: bool,
    /// Folder of the store
    #[arg(long, default_value = "data")]
    pub root: PathBuf,
}

/// Arguments of `tapeline data list`.
#[derive(Args, Debug)]
pub struct ListArgs {
    /// Folder of the store
    #[arg(long, default_value = "data")]
    pub root: PathBuf,
    /// Print the list as JSON
    #[arg(long)]
    pub json: bool,
}

/// Runs a subcommand; the result is the process's exit code.
pub fn run(args: DataArgs) -> Result<u8> {
    args.command.places().into_iter().try_for_each(on_this_disk)?;
    match args.command {
        DataCommand::Import(args) => run_import(args),
        DataCommand::Download(args) => download::run(&args),
        DataCommand::Resample(args) => resample::run(&args),
        DataCommand::Export(args) => export::run(&args),
        DataCommand::Check(args) => run_check(&args),
        DataCommand::Synth(args) => run_synth(&args),
        DataCommand::List(args) => run_list(&args),
        DataCommand::Trials(args) => trials::run(&args),
    }
}

impl DataCommand {
    /// The files and folders that it reads and writes.
    fn places(&self) -> Vec<&Path> {
        match self {
            DataCommand::Import(args) => args.files.iter().map(Path::new).chain([args.root.as_path()]).collect(),
            DataCommand::Download(args) => args.cache.iter().chain([&args.root]).map(PathBuf::as_path).collect(),
            DataCommand::Resample(args) => vec![&args.root],
            DataCommand::Export(args) => vec![&args.root, &args.file],
            DataCommand::Check(args) => vec![&args.root],
            DataCommand::Synth(args) => vec![&args.root],
            DataCommand::List(args) => vec![&args.root],
            DataCommand::Trials(args) => vec![&args.root],
        }
    }
}

/// An address of an object would be taken for a folder with a strange name.
fn on_this_disk(place: &Path) -> Result<()> {
    if !is_address(place) {
        return Ok(());
    }
    Err(Fault::user(format!("{}: `tapeline data` works on this machine's disk", place.display())).remedy(
        "name a folder or a file; run, sweep, trials and validate take addresses in an object store, and any tool for it copies a series from there",
    ))
}

fn run_import(args: ImportArgs) -> Result<u8> {
    let plan = ImportPlan {
        root: args.root,
        files: expand(&args.files)?,
        source: Source {
            venue: args.venue,
            symbol: args.symbol,
            interval: args.interval.as_deref().map(interval).transpose()?,
            layout: args.layout.named(),
            origin: args.origin,
            quiet_minutes: args.quiet_minutes,
            limits: DecimalLimits { price: args.price_decimals, quantity: args.quantity_decimals },
        },
        off_grid: args.off_grid,
    };
    // Drawn on standard error, and only when that is a terminal.
    let bar = ProgressBar::new(plan.files.len() as u64);
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len} files · {msg}").map_err(template)?;
    bar.set_style(style);
    let report = import(&plan, &|path: &Path, rows: u64| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        bar.set_message(format!("{name}: {rows} rows"));
        bar.inc(1);
    });
    bar.finish_and_clear();
    let report = report?;
    if args.json {
        print_json(&report)?
    } else {
        print(&told(&report))?
    }
    Ok(0)
}

fn told(report: &ImportReport) -> String {
    let receipt = &report.receipt;
    let mut text = format!(
        "{}: {}, {} read, {} added, {} dropped, {} of the store written, {} unchanged\n",
        report.series,
        counted(report.files, "file"),
        counted(report.rows_read, "row"),
        receipt.rows_added,
        counted(receipt.duplicates, "duplicate"),
        counted(receipt.written.len() as u64, "file"),
        receipt.unchanged.len()
    );
    if report.off_grid_dropped > 0 {
        let dropped = counted(report.off_grid_dropped, "shifted candle");
        text.push_str(&format!("  {dropped} left out (--off-grid drop)\n"));
    }
    if report.rounded > 0 {
        text.push_str(&format!("  {} rounded to the decimals asked for\n", counted(report.rounded, "number")));
    }
    if report.inconsistent > 0 {
        text.push_str(&format!(
            "  {} with a price outside its own range, kept as the source has it: `tapeline data check {}` lists them\n",
            counted(report.inconsistent, "candle"),
            report.series
        ));
    }
    text
}

fn run_check(args: &CheckArgs) -> Result<u8> {
    let keys: Vec<SeriesKey> = if args.series.is_empty() {
        list_series(&args.root)?.into_iter().map(|(key, _)| key).collect()
    } else {
        args.series.iter().map(|name| SeriesKey::parse(name)).collect::<Result<_>>()?
    };
    if keys.is_empty() {
        return Err(empty_store(&args.root));
    }
    let reports: Vec<CheckReport> = keys.iter().map(|key| check_series(&args.root, key)).collect::<Result<_>>()?;
    let wrong = reports.iter().any(|report| report.is_wrong(&args.allow));
    if args.json {
        print_json(&reports)?;
    } else {
        let mut text = String::new();
        for report in &reports {
            describe(report, &args.allow, &mut text);
        }
        print(&text)?;
    }
    Ok(u8::from(wrong))
}

fn describe(report: &CheckReport, allowed: &[Rule], text: &mut String) {
    let verdict = if report.is_wrong(allowed) { "WRONG" } else { "sound" };
    let extent = match (&report.first, &report.last) {
        (Some(first), Some(last)) => format!("{first} to {last}"),
        _ => "empty".to_owned(),
    };
    let rows = counted(report.rows, "row");
    text.push_str(&format!("{}  {verdict}  {rows}  {extent}  {}\n", report.series, report.origin));
    for finding in &report.findings {
        let severity = match finding.severity {
            Severity::Wrong if allowed.contains(&finding.rule) => "allowed",
            Severity::Wrong => "wrong",
            Severity::Suspect => "suspect",
            Severity::Note => "note",
        };
        let (name, rows, places) = (finding.rule.name(), finding.rows, finding.places);
        let noun = if rows == 1 { "row" } else { "rows" };
        let places_told = counted(places, "place");
        text.push_str(&format!("  {severity:<8} {name:<21} {rows:>9} {noun} in {places_told}\n"));
        if finding.severity == Severity::Note {
            continue;
        }
        for example in &finding.examples {
            text.push_str(&format!("             {example}\n"));
        }
        if places > finding.examples.len() as u64 {
            text.push_str(&format!("             … and {} more\n", places - finding.examples.len() as u64));
        }
    }
}

fn run_synth(args: &SynthArgs) -> Result<u8> {
    let interval = interval(&args.interval)?;
    let spec = SynthSpec {
        seed: args.seed,
        venue: args.venue.clone(),
        symbols: args.symbols.iter().map(|text| symbol(text, args)).collect::<Result<_>>()?,
        correlation: args.correlation,
        interval,
        from: args.from.parse::<Timestamp>().map_err(|error| Fault::user(format!("--from: {error}")))?,
        candles: args.candles,
        gaps: SynthGaps {
            missing_per_10_000: args.missing,
            outages: args.outages,
            outage_candles: args.outage_candles,
        },
    };
    for set in synthesize(&spec)? {
        let (price, quantity) = (set.price_decimals, set.quantity_decimals);
        let trades = if args.trades { Some(trades_beneath(&set, args.seed)?) } else { None };
        let key = SeriesKey::new(&set.venue, &set.symbol, SeriesKind::Candles(interval))?;
        let candles = Table::from_candles(set.columns, interval, price, quantity);
        store_synthetic(&args.root, key, candles, args.seed)?;
        if let Some(trades) = trades {
            let key = SeriesKey::new(&trades.venue, &trades.symbol, SeriesKind::Trades)?;
            store_synthetic(
                &args.root,
                key,
                Table::from_trades(trades.columns, trades.ids, price, quantity),
                args.seed,
            )?;
        }
    }
    Ok(0)
}

fn store_synthetic(root: &Path, key: SeriesKey, table: Table, seed: u64) -> Result<()> {
    let label = format!("tapeline data synth, seed {seed}");
    let name = key.to_string();
    let receipt = deliver(
        root,
        Delivery {
            key,
            origin: Origin::Synthetic,
            quiet_minutes: Some(QuietMinutes::ZeroVolume),
            parts: vec![Part::of_rows(label.clone(), table)],
            provenance: vec![Provenance { name: label, sha256: String::new(), rounded: 0 }],
        },
    )?;
    let added = counted(receipt.rows_added, "row");
    print(&format!("{name}: {added} added, {} there already, synthetic\n", receipt.duplicates))
}

fn symbol(text: &str, args: &SynthArgs) -> Result<SynthSymbol> {
    let (name, price) = match text.split_once('=') {
        Some((name, price)) => {
            let price = price.parse().map_err(|_| {
                Fault::user(format!("--symbol {text}: '{price}' is not a price")).remedy("write it as BTCUSDT=30000")
            })?;
            (name, price)
        }
        None => (text, 30_000.0),
    };
    Ok(SynthSymbol {
        symbol: name.to_owned(),
        start_price: price,
        price_decimals: args.price_decimals,
        quantity_decimals: args.quantity_decimals,
        annual_volatility: args.volatility,
        annual_drift: args.drift,
        daily_volume: args.daily_volume,
        quiet_share: args.quiet_share,
    })
}

fn run_list(args: &ListArgs) -> Result<u8> {
    let series = list_series(&args.root)?;
    if args.json {
        let manifests: Vec<&Manifest> = series.iter().map(|(_, manifest)| manifest).collect();
        print_json(&manifests)?;
        return Ok(0);
    }
    if series.is_empty() {
        return Err(empty_store(&args.root));
    }
    let width = series.iter().map(|(key, _)| key.to_string().len()).max().unwrap_or(0);
    let hashes: BTreeMap<String, String> =
        series.iter().map(|(key, manifest)| (key.to_string(), manifest.content_sha256())).collect();
    let mut text = format!(
        "{:<width$}  {:>11}  {:<20}  {:<20}  {:<9}  {:>10}  made of\n",
        "series", "rows", "first", "last", "origin", "size"
    );
    for (key, manifest) in &series {
        let (first, last) = match manifest.extent() {
            Some((first, last)) => (first.to_string(), last.to_string()),
            None => ("-".to_owned(), "-".to_owned()),
        };
        let bytes: u64 = manifest.files.values().map(|file| file.bytes).sum();
        let size = indicatif::DecimalBytes(bytes).to_string();
        let (key, rows, origin) = (key.to_string(), manifest.rows(), manifest.origin.to_string());
        let made_of = match &manifest.derived {
            None => "files".to_owned(),
            Some(derived) if hashes.get(&derived.from) == Some(&derived.content_sha256) => derived.from.clone(),
            Some(derived) => format!("{}, which has changed since: resample again", derived.from),
        };
        text.push_str(&format!(
            "{key:<width$}  {rows:>11}  {first:<20}  {last:<20}  {origin:<9}  {size:>10}  {made_of}\n"
        ));
    }
    print(&text)?;
    Ok(0)
}

impl LayoutChoice {
    fn named(self) -> Option<Layout> {
        match self {
            LayoutChoice::Auto => None,
            LayoutChoice::Tapeline => Some(Layout::Tapeline),
            LayoutChoice::Binance => Some(Layout::Binance),
            LayoutChoice::Freqtrade => Some(Layout::Freqtrade),
            LayoutChoice::Trades => Some(Layout::Trades),
            LayoutChoice::Quotes => Some(Layout::Quotes),
        }
    }
}

fn interval(text: &str) -> Result<Interval> {
    text.parse().map_err(|error| Fault::user(format!("--interval: {error}")))
}

fn empty_store(root: &Path) -> Fault {
    Fault::user(format!("the store {} holds nothing", root.display()))
        .remedy("bring data in with `tapeline data download`, `import` or `synth`, or name another --root")
}

fn template(error: indicatif::style::TemplateError) -> Fault {
    Fault::failure(format!("drawing the progress bar: {error}"))
}

fn print_json(value: &impl serde::Serialize) -> Result<()> {
    let mut text = serde_json::to_string_pretty(value).map_err(|error| Fault::failure(format!("as JSON: {error}")))?;
    text.push('\n');
    print(&text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::{CommandFactory, Parser};

    #[derive(Parser, Debug)]
    struct Words {
        #[command(flatten)]
        data: DataArgs,
    }

    fn tapeline_data(words: &str, root: &Path) -> Result<u8> {
        let root = root.to_string_lossy().into_owned();
        let words = words.split_whitespace().map(|word| if word == "ROOT" { root.as_str() } else { word });
        run(Words::try_parse_from(std::iter::once("data").chain(words)).expect("the words are right").data)
    }

    #[test]
    fn the_words_fit_together() {
        Words::command().debug_assert();
        for wrong in [
            "",
            "import",
            "import a.csv --venue v",
            "check --allow colour",
            "synth --seed x",
            "import a --venue v --symbol s --quantity-decimals 19",
        ] {
            let words = std::iter::once("data").chain(wrong.split_whitespace());
            assert!(Words::try_parse_from(words).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_check_exits_with_one_when_something_is_wrong_and_is_not_allowed() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path();
        assert_eq!(tapeline_data("list --root ROOT", path).unwrap_err().exit_code(), 2);
        assert_eq!(tapeline_data("check --root ROOT", path).unwrap_err().exit_code(), 2);
        assert_eq!(tapeline_data("synth --candles 2000 --trades --root ROOT", path).unwrap(), 0);
        assert_eq!(tapeline_data("check --root ROOT", path).unwrap(), 0);
        assert_eq!(tapeline_data("list --json --root ROOT", path).unwrap(), 0);
        let holed = "synth --symbol HOLED --candles 2000 --outages 1 --root ROOT";
        assert_eq!(tapeline_data(holed, path).unwrap(), 0);
        assert_eq!(tapeline_data("check --root ROOT", path).unwrap(), 1);
        assert_eq!(tapeline_data("check synthetic/BTCUSDT/1m --root ROOT", path).unwrap(), 0);
        assert_eq!(tapeline_data("check --json --allow outage --root ROOT", path).unwrap(), 0);
        assert_eq!(tapeline_data("check synthetic/NOBODY/1m --root ROOT", path).unwrap_err().exit_code(), 2);
    }

    #[test]
    fn synthetic_series_do_not_join_real_ones() {
        let root = tempfile::tempdir().unwrap();
        let source = root.path().join("a.csv");
        std::fs::write(&source, "open_time,open,high,low,close,volume\n1577836800000,1,1,1,1,1\n").unwrap();
        let words = format!("import {} --venue v --symbol BTCUSDT --interval 1m --root ROOT", source.display());
        assert_eq!(tapeline_data(&words, root.path()).unwrap(), 0);
        let joined = tapeline_data("synth --venue v --candles 10 --root ROOT", root.path());
        assert!(joined.unwrap_err().to_string().contains("synthetic rows cannot join"));
    }
}
