//! `tapeline audit`: whether a strategy decides by what it could have known.

use super::{counted, print, progress, wrapped};
use crate::audit::{FORESIGHT_MAX, Foresight, LookAhead, LookAheadReport, WarmUp, WarmUpReport, from_book};
use crate::catalog::{Book, Entry, Market, Stage};
use crate::error::{Fault, Result};
use crate::scenario::{self, Overrides};
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// Arguments of `tapeline audit`.
#[derive(Args, Debug)]
pub(super) struct AuditArgs {
    #[command(subcommand)]
    audit: Audit,
}

#[derive(Subcommand, Debug)]
enum Audit {
    /// Replay with other futures behind many instants: what was decided before has to be the same
    Lookahead(LookAheadArgs),
    /// Replay with more history before many starts: what is decided has to be the same
    #[command(name = "warmup")]
    WarmUp(WarmUpArgs),
}

/// What both audits are about.
#[derive(Args, Debug)]
struct Subject {
    /// The strategy; parameters come from the scenario where it is the scenario's own, else they are its defaults
    strategy: String,
    /// The scenario
    scenario: PathBuf,
    /// Change a parameter (fast=20), or any key of the scenario; repeatable
    #[arg(long, value_name = "NAME=VALUE")]
    set: Vec<String>,
    /// The traded period: 20240101-20240601, 20240101- or -20240601
    #[arg(long, value_name = "FROM-TO", allow_hyphen_values = true)]
    timerange: Option<String>,
    /// Seed of the instants and of what lies behind them
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

#[derive(Args, Debug)]
struct LookAheadArgs {
    #[command(flatten)]
    subject: Subject,
    /// At how many instants the market is cut, half of them where something was decided; each with three futures
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..))]
    cuts: u32,
}

#[derive(Args, Debug)]
struct WarmUpArgs {
    #[command(flatten)]
    subject: Subject,
    /// From how many instants trading begins
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
    starts: u32,
    /// How many of the finest candles are traded from each start, at most a quarter of the data
    #[arg(long, value_name = "N", default_value_t = 5_000, value_parser = clap::value_parser!(u32).range(1..))]
    candles: u32,
}

/// Runs the command. Exit code 1 when a decision depended on what it must not.
pub(super) fn run(args: &AuditArgs, book: &[Entry]) -> Result<u8> {
    match &args.audit {
        Audit::Lookahead(args) => look_ahead(args, book),
        Audit::WarmUp(args) => warm_up(args, book),
    }
}

fn look_ahead(args: &LookAheadArgs, book: &[Entry]) -> Result<u8> {
    let stage = args.subject.stage(book)?;
    let bar = progress::replays(u64::from(args.cuts), "cuts");
    let audit = LookAhead { cuts: args.cuts as usize, seed: args.subject.seed, watch: &|| bar.inc(1) };
    let report = audit.run(&stage, &from_book(book));
    bar.finish_and_clear();
    let report = report?;
    print(&look_ahead_text(&args.subject.strategy, &report))?;
    Ok(u8::from(!report.is_sound()))
}

fn warm_up(args: &WarmUpArgs, book: &[Entry]) -> Result<u8> {
    let stage = args.subject.stage(book)?;
    let bar = progress::replays(u64::from(args.starts), "starts");
    let (starts, rows) = (args.starts as usize, args.candles as usize);
    let report = WarmUp { starts, rows, seed: args.subject.seed, watch: &|| bar.inc(1) }.run(&stage, &from_book(book));
    bar.finish_and_clear();
    let report = report?;
    print(&warm_up_text(&args.subject.strategy, &report))?;
    Ok(u8::from(!report.is_sound()))
}

impl Subject {
    fn stage(&self, book: &[Entry]) -> Result<Stage> {
        if !book.iter().any(|entry| entry.name == self.strategy) {
            let names: Vec<&str> = book.iter().map(|entry| entry.name).collect();
            return Err(Fault::user(format!("there is no strategy '{}'", self.strategy))
                .remedy(format!("choose one of {}", names.join(", "))));
        }
        let set = self.set.iter().map(|text| Overrides::parse_set(text)).collect::<Result<_>>()?;
        let (strategy, timerange) = (Some(self.strategy.clone()), self.timerange.clone());
        let overrides = Overrides { strategy, set, timerange, ..Overrides::default() };
        let plan = scenario::load(&self.scenario, &overrides, &Book(book))?;
        let spinner = progress::spinner("loading market data");
        let market = Market::load(&plan);
        spinner.finish_and_clear();
        Stage::new(plan, market?)
    }
}

fn look_ahead_text(strategy: &str, report: &LookAheadReport) -> String {
    let mut text = format!(
        "{strategy}: {} ({} at decisions), each with the future truncated, poisoned and shifted; {} of the run, {} compared\n",
        counted(report.cuts as u64, "cut"),
        report.at_decisions,
        counted(report.fills as u64, "fill"),
        report.compared
    );
    for foresight in &report.foresights {
        text.push_str(&foresight_text(foresight));
    }
    if let Some(leak) = &report.leak {
        text.push_str(&format!("with the market {} at {}:\n", leak.future.name(), leak.cut));
        text.push_str(&wrapped(&leak.text, "  "));
        text.push('\n');
    }
    let verdict = match (&report.leak, report.is_sound()) {
        (Some(_), _) => "LEAKS: a decision depended on what had not happened yet",
        (None, false) => "LEAKS: a series from outside knows the prices after it; its available_at is too early",
        (None, true) if report.fills == 0 => "sound as far as it goes: nothing was traded, so nothing was tested",
        (None, true) => "sound: no decision before a cut depended on what lay behind it",
    };
    text + &format!("verdict: {verdict}\n")
}

fn foresight_text(found: &Foresight) -> String {
    let judged = if found.is_credible() {
        "no more than could have been known".to_owned()
    } else {
        format!("MORE than could have been known (limit {FORESIGHT_MAX})")
    };
    format!(
        "series {} and {}: rank correlation of its {} with the price {} after it {:.3} over {} rows: {judged}\n",
        found.series,
        found.symbol,
        found.of.name(),
        counted(found.step as u64, "step"),
        found.correlation,
        found.rows
    )
}

fn warm_up_text(strategy: &str, report: &WarmUpReport) -> String {
    let mut text = format!(
        "{strategy}: {} with the declared warm-up of {} and with {}; {} compared\n",
        counted(report.starts as u64, "start"),
        counted(u64::from(report.declared), "candle"),
        report.longest,
        counted(report.compared as u64, "fill"),
    );
    if let Some(divergence) = &report.divergence {
        text.push_str(&format!("{} differ, the first at the start {}:\n", report.differing, divergence.start));
        text.push_str(&wrapped(&divergence.text, "  "));
        text.push('\n');
        text.push_str(&match report.sufficient {
            Some(enough) => format!("a warm-up of {enough} candles would do, as far as these starts tell\n"),
            None => "no warm-up up to half of the longest would do: it may depend on where the data begin for ever\n"
                .to_owned(),
        });
    }
    let verdict = match (report.is_sound(), report.compared) {
        (false, _) => "TOO SHORT: more history before the start changes what is decided",
        (true, 0) => "sound as far as it goes: nothing was traded, so nothing was tested",
        (true, _) => "sound: more history before the start changes nothing",
    };
    text + &format!("verdict: {verdict}\n")
}
