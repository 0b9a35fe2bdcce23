//! From a file to a plan: versions first, then what the command line changes, then section by section.

use super::account::{self, AccountPlan};
use super::change::Overrides;
use super::costs;
use super::desk;
use super::instrument::{self, InstrumentPlan, Matching};
use super::market;
use super::parameters::{InputFiles, StrategyBook};
use super::plan::{BandRuns, EquityRows, Period, Plan, is_address};
use super::section::{Field, Section, did_you_mean, is_name};
use super::tree::{self, Table, Value};
use super::{VERSION, series, valuation};
use crate::error::{Fault, Result};
use crate::venue::{IntrabarPolicy, LimitPolicy, Policy};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Reads a scenario or a plan from a file.
///
/// # Errors
/// When the file cannot be read, or anything in it or in the overrides is not as docs/scenarios.md says.
pub fn load(path: &Path, overrides: &Overrides, book: &dyn StrategyBook) -> Result<Plan> {
    read(&text_of(path)?, path, overrides, book)
}

pub(super) fn text_of(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).map_err(|error| {
        Fault::io("reading the scenario", path, &error)
            .remedy("name a scenario file, such as scenarios/quickstart.toml")
    })
}

/// Reads the text of a scenario or a plan. Relative paths in a scenario start at the folder of `path`.
///
/// # Errors
/// As [`load`].
pub fn read(text: &str, path: &Path, overrides: &Overrides, book: &dyn StrategyBook) -> Result<Plan> {
    let file = path.display().to_string();
    let mut tree = tree::parse(text, &file)?;
    check_version(&tree, &file)?;
    if is_plan(&tree) {
        let plan = resolve(&tree, path, &file, book)?;
        complete(&plan, text, &file)?;
        if overrides.is_empty() {
            return Ok(plan);
        }
    }
    overrides.apply(&mut tree, book)?;
    resolve(&tree, path, &file, book)
}

const SCENARIO_KEYS: &[&str] = &[
    "version",
    "kind",
    "name",
    "account",
    "period",
    "data",
    "instrument",
    "series",
    "costs",
    "policy",
    "desk",
    "output",
    "sweep",
];

const PLAN_KEYS: &[&str] = &[
    "version",
    "kind",
    "name",
    "account",
    "period",
    "data",
    "instrument",
    "series",
    "costs",
    "policy",
    "desk",
    "output",
    "directory",
    "file",
];

/// The words of the equity output.
pub(super) const EQUITY_ROWS: &[(&str, EquityRows)] =
    &[("daily", EquityRows::Daily), ("candle", EquityRows::EveryCandle)];

/// The words of the band.
pub(super) const BAND_RUNS: &[(&str, BandRuns)] = &[("off", BandRuns::Off), ("worst-best", BandRuns::WorstAndBest)];

pub(super) fn check_version(tree: &Table, file: &str) -> Result<()> {
    let Some(node) = tree.get("version") else {
        return Err(Fault::user(format!("{file}: version is missing"))
            .remedy(format!("begin the file with version = {VERSION}")));
    };
    match &node.value {
        Value::Integer(text) if *text == VERSION.to_string() => Ok(()),
        Value::Integer(text) => Err(super::section::fault(
            file,
            &node.place,
            "version",
            format!("format version {text} is unknown; this tapeline reads version {VERSION}"),
        )
        .remedy("use the tapeline that the file was written for, or write it anew after docs/scenarios.md")),
        other => Err(super::section::fault(
            file,
            &node.place,
            "version",
            format!("must be a whole number, but is {}", other.kind()),
        )
        .remedy(format!("write version = {VERSION}"))),
    }
}

fn is_plan(tree: &Table) -> bool {
    matches!(tree.get("kind").map(|node| &node.value), Some(Value::Text(kind)) if kind == "plan")
}

/// A plan states everything, so writing it again must give the same text: nothing was left to a default that another
/// engine may choose otherwise.
fn complete(plan: &Plan, text: &str, file: &str) -> Result<()> {
    let again = plan.to_toml();
    if again == text {
        return Ok(());
    }
    let differs = again.lines().zip(text.lines()).position(|(left, right)| left != right);
    let line = differs.unwrap_or_else(|| again.lines().count().min(text.lines().count())) + 1;
    Err(Fault::user(format!("{file}:{line}: this plan is not complete, or not as tapeline writes plans"))
        .remedy("a plan is not edited by hand: remove its `kind`, `directory` and `file` to make it a scenario"))
}

/// A profile says what happens inside a candle, such as that a child waits for the next one. Trades leave nothing of
/// that to say, and no next candle to wait for.
fn candles_only(root: &Section<'_>, instruments: &[InstrumentPlan]) -> Result<()> {
    match instruments.iter().find(|instrument| instrument.matching == Matching::Trades) {
        None => Ok(()),
        Some(on_trades) => Err(root
            .fault(format!("policy.profile decides within candles, but {} is matched on trades", on_trades.symbol))
            .remedy("set its match = \"candles\", or remove the profile")),
    }
}

/// The policy of finer data needs such for every instrument whose candles are matched.
fn detail_is_named(root: &Section<'_>, instruments: &[InstrumentPlan], policy: &Policy) -> Result<()> {
    let without =
        |instrument: &&InstrumentPlan| instrument.matching == Matching::Candles && instrument.detail.is_none();
    match instruments.iter().find(without).filter(|_| policy.intrabar == IntrabarPolicy::Detail) {
        None => Ok(()),
        Some(without) => Err(root
            .fault(format!("policy.intrabar = \"detail\" asks finer data, and {} names none", without.symbol))
            .remedy("add its detail: a shorter interval such as \"1m\", or \"trades\"")),
    }
}

/// With a stated queue, the queue says what a trade at a limit order's price does.
fn only_through(root: &Section<'_>, instruments: &[InstrumentPlan], limit: LimitPolicy) -> Result<()> {
    let queued = instruments.iter().find(|instrument| instrument.queue_ahead.is_some());
    match (queued, limit) {
        (None, _) | (Some(_), LimitPolicy::Through) => Ok(()),
        (Some(queued), LimitPolicy::Touch | LimitPolicy::TouchByChance { .. }) => Err(root
            .fault(format!("policy.limit fills at a touch, but {} has a queue_ahead that decides there", queued.symbol))
            .remedy("set policy.limit = \"through\", or remove queue_ahead")),
    }
}

pub(super) fn resolve(tree: &Table, path: &Path, file: &str, book: &dyn StrategyBook) -> Result<Plan> {
    let keys = if is_plan(tree) { PLAN_KEYS } else { SCENARIO_KEYS };
    let root = Section::root(file, tree, keys)?;
    root.or("kind", (), |field| field.choice(&[("scenario", ()), ("plan", ())]))?;
    let name = name(&root, path)?;
    let mut account = account::read(&root)?;
    let period = period(&root)?;
    let data = market::read(&root)?;
    let instruments = instrument::read(&root, &data, &account.currency)?;
    let (policy, profile) = costs::read(&root)?;
    let directory = directory(&root, path)?;
    let mut files = InputFiles::of(book);
    let series = series::read(&root, &directory, &mut files)?;
    let mut desks = desk::read(&root, &desk::names(tree), &instruments, book, &directory, &mut files)?;
    let output = root.section("output", &["equity", "band"])?;
    let equity = output.or("equity", EquityRows::Daily, |field| field.choice(EQUITY_ROWS))?;
    let band = output.or("band", BandRuns::Off, |field| field.choice(BAND_RUNS))?;

    only_through(&root, &instruments, policy.limit_fill)?;
    detail_is_named(&root, &instruments, &policy)?;
    if profile.is_some() {
        candles_only(&root, &instruments)?;
        // The engines that a profile follows know no limits: passing one is counted, not refused.
        account.limits.observe();
        desks.iter_mut().for_each(|desk| desk.limits.observe());
    }
    let assets = valuation::assets(&account.currency, &instruments);
    let complain = |(message, remedy): valuation::Complaint| root.fault(message).remedy(remedy);
    valuation::paths(&assets, &instruments).map_err(complain)?;
    valuation::order(&assets, &instruments).map_err(complain)?;
    valuation::fee_prices(&assets, &instruments).map_err(complain)?;
    check_opening(&root, &account, &assets)?;
    check_hashes(&root, &files.hashes)?;

    let uses_synthetic = instruments.iter().any(|instrument| matches!(instrument.supply, market::Supply::Synthetic(_)));
    let mut plan = Plan {
        name,
        account,
        period,
        synthetic: data.synthetic.filter(|_| uses_synthetic),
        instruments,
        series,
        policy,
        profile,
        desks,
        equity,
        band,
        directory,
        files: files.texts,
        hashes: files.hashes,
        assets,
    };
    if !plan.uses_paths() {
        plan.directory = PathBuf::new();
    }
    Ok(plan)
}

pub(super) fn name_of(tree: &Table, path: &Path, file: &str) -> Result<String> {
    let keys: Vec<&str> = tree.keys().map(String::as_str).collect();
    name(&Section::root(file, tree, &keys)?, path)
}

fn name(root: &Section<'_>, path: &Path) -> Result<String> {
    if let Some(field) = root.get("name") {
        return field.name().map(str::to_owned);
    }
    let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    if is_name(&stem) {
        return Ok(stem);
    }
    Err(root.fault("the file's name cannot name the run").remedy("add name = \"...\" of letters, digits, '-' and '_'"))
}

fn period(root: &Section<'_>) -> Result<Period> {
    let section = root.section("period", &["from", "to"])?;
    let period = Period {
        from: section.or("from", None, |field| field.unless("first", Field::time))?,
        to: section.or("to", None, |field| field.unless("last", Field::time))?,
    };
    match (period.from, period.to) {
        (Some(from), Some(to)) if from >= to => {
            let field = section.get("to").or_else(|| section.get("from"));
            let message = format!("the period from {from} to {to} is empty");
            Err(field
                .map_or_else(|| section.fault(&message), |field| field.fault(&message))
                .remedy("the end must be later than the beginning"))
        }
        _ => Ok(period),
    }
}

/// Where relative paths start: said by a plan, else the scenario's own folder.
fn directory(root: &Section<'_>, path: &Path) -> Result<PathBuf> {
    if let Some(field) = root.get("directory") {
        return field.text().map(PathBuf::from);
    }
    if is_address(path) {
        return Ok(path.parent().unwrap_or(path).to_owned());
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let whole = std::path::absolute(folder).map_err(|error| Fault::io("finding the folder of", path, &error))?;
    // `absolute` keeps a lone dot at the end.
    Ok(whole.components().collect())
}

fn check_opening(root: &Section<'_>, account: &AccountPlan, assets: &[String]) -> Result<()> {
    for code in account.opening.keys() {
        if assets.contains(code) {
            continue;
        }
        let known: Vec<&str> = assets.iter().map(String::as_str).collect();
        let fault = root.fault(format!("account.opening names {code}, which no instrument trades"));
        return Err(fault.remedy(did_you_mean(code, &known)));
    }
    Ok(())
}

/// A plan knows its input files: a changed one would be another run.
fn check_hashes(root: &Section<'_>, found: &BTreeMap<String, String>) -> Result<()> {
    let Some(field) = root.get("file") else { return Ok(()) };
    for item in field.items()? {
        let section = item.section(&["path", "sha256"])?;
        let remedy = "every input file of a plan has path and sha256";
        let path = section.require("path", remedy)?.text()?;
        let hash = section.require("sha256", remedy)?.text()?;
        if found.get(path).is_some_and(|found| found != hash) {
            return Err(section
                .fault(format!("the input file {path} is not the one this plan was made with"))
                .remedy("restore the file, or run the scenario again for a new plan"));
        }
    }
    Ok(())
}
