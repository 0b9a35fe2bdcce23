//! `tapeline sweep`: one scenario under many combinations of parameters.

use super::timing::{Watch, peak_memory_bytes};
use super::{counted, merge, print, progress};
use crate::catalog::{Book, Dossier, ENGINE_VERSION, Entry, Market, Stage};
use crate::error::{Fault, Result};
use crate::scenario::{Draft, Overrides};
use crate::sweep::{
    Axis, AxisWords, BYTES_PER_RETURN, COLUMNS, Condition, Crew, FORMAT_VERSION, Found, Grid, Keeps, Search, Shard,
    Shelf, Status, SweepFile, Trial, trials_per_part,
};
use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Arguments of `tapeline sweep`, and what else it does.
#[derive(Args, Debug)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true, arg_required_else_help = true)]
pub(super) struct SweepCommand {
    #[command(subcommand)]
    action: Option<Action>,
    #[command(flatten)]
    sweep: Option<SweepArgs>,
}

#[derive(Subcommand, Debug)]
enum Action {
    /// Join the shards of a sweep into the files that one machine would have written
    Merge(merge::MergeArgs),
}

/// What decides a sweep, and how it is run.
#[derive(Args, Debug)]
struct SweepArgs {
    /// The scenario; its [sweep] may name axes of its own
    scenario: PathBuf,
    /// An axis (fast=5..50:5, slow=20,50,100), or a single value for all trials; repeatable
    #[arg(long, value_name = "NAME=VALUES")]
    set: Vec<String>,
    /// Only these combinations: 'fast < slow'
    #[arg(long = "where", value_name = "CONDITION")]
    condition: Option<String>,
    /// The column of which the best trial has most
    #[arg(long, value_name = "COLUMN")]
    objective: Option<String>,
    /// Show only trials of which this holds: 'trades >= 30 and drawdown < 0.2'
    #[arg(long, value_name = "CONDITION")]
    keep: Option<String>,
    /// Which combinations are tried: all, or --trials of them drawn at random
    #[arg(long, value_enum, default_value = "grid")]
    search: SearchWord,
    /// How many combinations are drawn
    #[arg(long, value_name = "N", required_if_eq("search", "random"))]
    trials: Option<u64>,
    /// Seed of the draw
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Refuse a grid of more combinations than this
    #[arg(long, value_name = "N", default_value_t = 1_000_000)]
    limit: u64,
    /// Run this strategy on every desk instead of the scenario's
    #[arg(long, value_name = "NAME")]
    strategy: Option<String>,
    /// The traded period: 20240101-20240601, 20240101- or -20240601; warm-up comes before it
    #[arg(long, value_name = "FROM-TO", allow_hyphen_values = true)]
    timerange: Option<String>,
    /// How many parts are run at once; the result does not depend on it [default: one per core]
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
    /// Run only the I-th of N shares of the trials, into a folder of its own; `sweep merge` joins them
    #[arg(long, value_name = "I/N")]
    shard: Option<Shard>,
    /// Go on with a sweep that was interrupted
    #[arg(long)]
    resume: bool,
    /// Say what the sweep would be, and stop
    #[arg(long)]
    estimate: bool,
    /// Keep no daily returns of the trials; `validate` needs them
    #[arg(long)]
    no_returns: bool,
    /// Keep no daily returns either when they would take more than this
    #[arg(long, value_name = "MEGABYTES", default_value_t = 1_000)]
    returns_limit: u64,
    /// How many of the best trials are shown
    #[arg(long, value_name = "N", default_value_t = 10)]
    top: usize,
    /// Where sweep directories are made
    #[arg(long, value_name = "DIR", default_value = "sweeps")]
    out: PathBuf,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum SearchWord {
    Grid,
    Random,
}

/// What the command line and the scenario's own `[sweep]` come to.
struct Order {
    overrides: Overrides,
    grid: Grid,
    condition: Option<(String, Condition)>,
    keep: Option<Condition>,
    search: Search,
    objective: &'static str,
}

/// Runs the command.
pub(super) fn run(command: &SweepCommand, book: &[Entry]) -> Result<u8> {
    match (&command.action, &command.sweep) {
        (Some(Action::Merge(args)), _) => merge::run(args),
        (None, Some(args)) => sweep(args, book),
        (None, None) => unreachable!("without an action a scenario is required"),
    }
}

fn sweep(args: &SweepArgs, book: &[Entry]) -> Result<u8> {
    let mut watch = Watch::start();
    let scenario = Draft::load(&args.scenario)?;
    let order = Order::of(args, &scenario)?;
    let numbers = order.grid.chosen(order.condition.as_ref().map(|(_, condition)| condition), &order.search)?;
    let plan = scenario.plan(&order.overrides, &Book(book))?;
    let spinner = progress::spinner("loading market data");
    let market = Market::load(&plan);
    spinner.finish_and_clear();
    let market = market?;
    let data = Dossier::of(&plan, &market).data_hashes();
    let stage = Stage::new(plan, market)?;
    let rows = stage.rows();
    let per_part = trials_per_part(rows);
    order.try_one(&scenario, &stage, &numbers, book)?;
    let returns_bytes = numbers.len() as u64 * stage.days() * BYTES_PER_RETURN;
    let fits = returns_bytes <= args.returns_limit.saturating_mul(1_000_000);
    let keeps = if fits && !args.no_returns { Keeps::Returns } else { Keeps::TrialsOnly };
    let file = order.file(&stage, &numbers, per_part, keeps, data);
    let whole = file.folder_name(&stage.plan.identity());
    let folder = args.shard.map_or_else(|| whole.clone(), |shard| shard.folder_name(&whole));
    let shelf = Shelf::at(&args.out.join(folder));
    let threads = args.threads.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from)).max(1);
    if args.estimate {
        return estimate(&shelf, &numbers, rows, per_part, threads, (keeps, returns_bytes)).map(|()| 0);
    }
    let found = args.shard.map_or_else(|| shelf.found(), |_| Shard::found(&shelf));
    match (found, args.shard) {
        (Found::Done, Some(shard)) => {
            print(&format!("{} holds shard {shard} already; nothing was changed\n", shelf.place()))?;
            return Ok(0);
        }
        (Found::Done, None) => {
            shelf.clear_parts()?;
            show(args, &order, &shelf, &shelf.trials(&order.grid.axes)?)?;
            print(&format!("{} holds this sweep already; nothing was changed\n", shelf.folder().display()))?;
            return Ok(0);
        }
        (Found::Begun, _) if !args.resume => {
            return Err(Fault::user(format!("{} holds a part of this sweep", shelf.folder().display()))
                .remedy("add --resume to go on with it, or give another --out"));
        }
        (Found::Begun, _) => {}
        (Found::Nothing, Some(shard)) => shard.begin(&shelf, &whole, &file, &stage.plan.to_toml())?,
        (Found::Nothing, None) => shelf.begin(&file, &stage.plan.to_toml())?,
    }
    let _held = shelf.hold()?;
    let draft = shelf.draft()?;
    let load_seconds = watch.lap();
    let stop = listen();
    let bar = progress::trials(0);
    let best = std::sync::Mutex::new(f64::NEG_INFINITY);
    let crew = Crew {
        stage: &stage,
        draft: &draft,
        book,
        grid: &order.grid,
        numbers: &numbers,
        trials_per_part: per_part,
        shard: args.shard,
        keeps,
        threads,
        stop: &stop,
        watch: &|trials| {
            bar.inc(trials.len() as u64);
            let found = trials.iter().filter_map(|trial| trial.get(order.objective)).fold(f64::NEG_INFINITY, f64::max);
            if let Ok(mut best) = best.lock()
                && found > *best
            {
                *best = found;
                bar.set_message(format!("best {} {found:.3}", order.objective));
            }
        },
    };
    let all = crew.trials_in(crew.parts());
    let there = crew.trials_in(crew.parts().filter(|part| shelf.has(*part)));
    bar.set_length(all as u64);
    bar.inc(there as u64);
    // A trial that panics is a row with its message: the hook's own words would be drawn through the bar.
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let complete = crew.run(&shelf);
    std::panic::set_hook(hook);
    bar.finish_and_clear();
    if !complete? {
        print(&format!("interrupted; {} keeps what is finished: go on with --resume\n", shelf.folder().display()))?;
        return Ok(1);
    }
    let run_seconds = watch.lap();
    match args.shard {
        Some(shard) => shard.seal(&shelf, &file)?,
        None => show(args, &order, &shelf, &shelf.finish(file.parts(), &order.grid.axes, keeps)?)?,
    }
    let ran = all - there;
    let pace = (ran * rows) as f64 / run_seconds.max(f64::MIN_POSITIVE) / 1e6;
    let memory = peak_memory_bytes().map_or_else(|| "n/a".to_owned(), |bytes| format!("{} MB", bytes / 1_000_000));
    print(&format!(
        "loaded in {load_seconds:.3} s, ran {} in {run_seconds:.3} s on {}: {pace:.1} million combinations x candles a second, peak memory {memory}\n",
        counted(ran as u64, "trial"),
        counted(threads as u64, "thread"),
    ))?;
    match args.shard {
        Some(shard) => print(&format!(
            "shard {shard} is done, {all} of {}: {}\njoin the shards with `tapeline sweep merge`\n",
            counted(file.trials, "trial"),
            shelf.place()
        ))?,
        None => print(&format!("trials: {}\n", shelf.folder().join(crate::sweep::TRIALS).display()))?,
    }
    if !fits && !args.no_returns {
        print(&format!("{}: validation needs them\n", returns_words(keeps, returns_bytes)))?;
    }
    Ok(0)
}

impl Order {
    fn of(args: &SweepArgs, scenario: &Draft) -> Result<Self> {
        let words = scenario.sweep();
        let mut axes: Vec<Axis> = Vec::new();
        let mut set = Vec::new();
        for text in &args.set {
            let (name, value) = Overrides::parse_set(text)?;
            match Axis::parse(&name, &value)? {
                Some(axis) => axes.push(axis),
                None => set.push((name, value)),
            }
        }
        for (name, text) in &words.axes {
            if axes.iter().any(|axis| axis.name == *name) || set.iter().any(|(known, _)| known == name) {
                continue;
            }
            match Axis::parse(name, text)? {
                Some(axis) => axes.push(axis),
                None => set.push((name.clone(), text.clone())),
            }
        }
        let parsed = |text: &String| Condition::parse(text).map(|condition| (text.clone(), condition));
        let condition = args.condition.as_ref().or(words.filter.as_ref()).map(parsed).transpose()?;
        let keep = args.keep.as_ref().map(|text| Condition::parse(text)).transpose()?;
        let objective = args.objective.as_ref().or(words.objective.as_ref()).map_or("sharpe", String::as_str);
        let objective = COLUMNS.iter().find(|column| column.name == objective).ok_or_else(|| {
            let known: Vec<&str> = COLUMNS.iter().map(|column| column.name).collect();
            Fault::user(format!("there is no column '{objective}' to be best in"))
                .remedy(format!("choose one of {}", known.join(", ")))
        })?;
        let search = match (args.search, args.trials) {
            (SearchWord::Random, Some(trials)) => Search::Random { trials, seed: args.seed },
            (SearchWord::Random | SearchWord::Grid, _) => Search::Grid,
        };
        if let (Some(shard), false) = (args.shard, search.is_known_beforehand()) {
            return Err(Fault::user(format!(
                "--shard {shard}: this search chooses its trials by the results of others"
            ))
            .remedy("run it on one machine, or shard a grid or a random search"));
        }
        let overrides = Overrides { strategy: args.strategy.clone(), set, timerange: args.timerange.clone() };
        let grid = Grid::new(axes, args.limit)?;
        Ok(Order { overrides, grid, condition, keep, search, objective: objective.name })
    }

    /// Some combination must come to a plan: else a name or a value is wrong for all of them, and one message is better
    /// than a thousand rows.
    fn try_one(&self, scenario: &Draft, stage: &Stage, numbers: &[u64], book: &[Entry]) -> Result<()> {
        const TRIED: usize = 1_000;
        let mut first = None;
        // Spread over all of them: the first ones may be those that do not fit together.
        for number in numbers.iter().step_by(numbers.len().div_ceil(TRIED)) {
            let set = self.overrides.set.iter().cloned().chain(self.grid.settings(*number)).collect();
            let overrides = Overrides { set, ..self.overrides.clone() };
            match scenario.plan(&overrides, &Book(book)).and_then(|plan| stage.with_plan(plan)) {
                Ok(_) => return Ok(()),
                Err(fault) => first = first.or(Some(fault)),
            }
        }
        first.map_or(Ok(()), Err)
    }

    fn file(
        &self,
        stage: &Stage,
        numbers: &[u64],
        per_part: usize,
        keeps: Keeps,
        data: Vec<(String, String)>,
    ) -> SweepFile {
        let (search, seed) = match self.search {
            Search::Grid => ("grid", None),
            Search::Random { seed, .. } => ("random", Some(seed)),
        };
        let words = |axis: &Axis| AxisWords { name: axis.name.clone(), values: axis.values.clone() };
        SweepFile {
            format_version: FORMAT_VERSION,
            engine_version: ENGINE_VERSION.to_owned(),
            name: stage.plan.name.clone(),
            condition: self.condition.as_ref().map(|(text, _)| text.clone()),
            search: search.to_owned(),
            seed,
            trials: numbers.len() as u64,
            trials_per_part: per_part as u64,
            returns: keeps == Keeps::Returns,
            data,
            axis: self.grid.axes.iter().map(words).collect(),
        }
    }
}

/// Set by the first Ctrl-C: parts under way are finished and kept. The second one ends the process.
fn listen() -> Arc<AtomicBool> {
    let stop = Arc::new(AtomicBool::new(false));
    let heard = Arc::clone(&stop);
    // Without a handler Ctrl-C ends the process at once; finished parts are kept all the same.
    let _ = ctrlc::set_handler(move || {
        if heard.swap(true, Ordering::Relaxed) {
            std::process::exit(130);
        }
        eprintln!("finishing the parts under way; once more to stop at once");
    });
    stop
}

/// What becomes of the daily returns.
fn returns_words(keeps: Keeps, bytes: u64) -> String {
    let megabytes = bytes as f64 / 1e6;
    match keeps {
        Keeps::Returns => format!("daily returns are kept, {megabytes:.1} MB before compression"),
        Keeps::TrialsOnly => format!("daily returns are not kept; they would be {megabytes:.1} MB (--returns-limit)"),
    }
}

fn estimate(
    shelf: &Shelf,
    numbers: &[u64],
    rows: usize,
    per_part: usize,
    threads: usize,
    (keeps, returns_bytes): (Keeps, u64),
) -> Result<()> {
    print(&format!(
        "trials   {}\ncandles  {rows} each, {:.1} million combinations x candles\nparts    {} of up to {per_part} trials, {threads} at once\nreturns  {}\nfolder   {}\n",
        numbers.len(),
        (numbers.len() * rows) as f64 / 1e6,
        numbers.len().div_ceil(per_part),
        returns_words(keeps, returns_bytes),
        shelf.folder().display()
    ))
}

/// How many trials came to what end.
pub(super) fn ends(trials: &[Trial]) -> String {
    let ended = |status: Status| trials.iter().filter(|trial| trial.status == status).count();
    format!(
        "{}: {} done, {} invalid, {} failed\n",
        counted(trials.len() as u64, "trial"),
        ended(Status::Done),
        ended(Status::Invalid),
        ended(Status::Failed)
    )
}

/// The best trials, and how many came to what end.
fn show(args: &SweepArgs, order: &Order, shelf: &Shelf, trials: &[Trial]) -> Result<()> {
    let mut text = ends(trials);
    let mut best: Vec<&Trial> = trials
        .iter()
        .filter(|trial| trial.get(order.objective).is_some())
        .filter(|trial| order.keep.as_ref().is_none_or(|keep| trial.satisfies(&order.grid.axes, keep)))
        .collect();
    let objective = |trial: &Trial| trial.get(order.objective).unwrap_or(f64::NEG_INFINITY);
    best.sort_by(|one, other| objective(other).total_cmp(&objective(one)).then(one.number.cmp(&other.number)));
    let mut columns = vec![order.objective];
    columns.extend(
        ["total_return", "drawdown", "trades", "profit_factor"].iter().filter(|name| **name != order.objective),
    );
    let axes: Vec<&str> = order.grid.axes.iter().map(|axis| axis.name.as_str()).collect();
    let head: Vec<&str> = ["trial"].into_iter().chain(axes).chain(columns.iter().copied()).collect();
    let mut lines: Vec<Vec<String>> = vec![head.into_iter().map(str::to_owned).collect()];
    for trial in best.iter().take(args.top) {
        let number = |name: &&str| trial.get(name).map_or_else(|| "n/a".to_owned(), |value| short(name, value));
        let cells = [trial.number.to_string()].into_iter().chain(trial.values.iter().cloned());
        lines.push(cells.chain(columns.iter().map(number)).collect());
    }
    text.push_str(&aligned(&lines));
    let first_invalid = trials.iter().find(|trial| trial.status == Status::Invalid);
    let none_done = trials.iter().all(|trial| trial.status != Status::Done);
    if let (true, Some(invalid)) = (none_done, first_invalid) {
        let message = invalid.message.as_deref().unwrap_or("without a message");
        text.push_str(&format!("trial {} ({}) is invalid: {message}\n", invalid.number, invalid.values.join(", ")));
    }
    if let Some(failed) = trials.iter().find(|trial| trial.status == Status::Failed) {
        let message = failed.message.as_deref().unwrap_or("without a message");
        text.push_str(&format!("trial {} ({}) failed: {message}\n", failed.number, failed.values.join(", ")));
    }
    if let Some(best) = best.first() {
        let place = shelf.folder().join(best.number.to_string());
        text.push_str(&format!("the best again, with its report: tapeline run --trial {}\n", place.display()));
    }
    print(&text)
}

/// A number of a column for people.
pub(super) fn short(name: &str, value: f64) -> String {
    match name {
        "trades" | "fills" | "refusals" | "doubts" | "ambiguous_fills" | "open_trades" => format!("{value:.0}"),
        _ => format!("{value:.4}"),
    }
}

/// Columns flush right, two spaces between them.
pub(super) fn aligned(lines: &[Vec<String>]) -> String {
    let columns = lines.first().map_or(0, Vec::len);
    let width = |column: usize| lines.iter().map(|line| line[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = String::new();
    for line in lines {
        let cells: Vec<String> = line.iter().zip(&widths).map(|(cell, width)| format!("{cell:>width$}")).collect();
        text.push_str(cells.join("  ").trim_end());
        text.push('\n');
    }
    text
}
