//! `tapeline sweep`: one scenario under many combinations of parameters.

mod estimate;
mod order;
mod show;

pub(super) use show::{aligned, ends, short};

use super::timing::{Watch, machine_memory_bytes, peak_memory_bytes};
use super::{counted, merge, print, progress, report, tried};
use crate::catalog::Entry;
use crate::error::{Fault, Result};
use crate::sweep::{BYTES_PER_RETURN, Crew, Demand, Found, Guide, Keeps, Scene, Shard, Shelf, THREAD_NAME, TRIALS};
use crate::sweep_report;
use crate::trial_ledger::SNAPSHOT;
use clap::{Args, Subcommand, ValueEnum};
use estimate::Estimate;
use indicatif::ProgressBar;
use order::Order;
use show::show;
use std::io::IsTerminal;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

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
    /// The column in which the best trial is best, at its own good end or at COLUMN:max, COLUMN:min. Several, repeated or
    /// with commas: the Pareto front
    #[arg(long, value_name = "COLUMN")]
    objective: Vec<String>,
    /// Show only trials of which this holds: 'trades >= 30 and drawdown < 0.2'
    #[arg(long, value_name = "CONDITION")]
    keep: Option<String>,
    /// Stop a trial at the first checkpoint at which this holds of what it has come to: 'drawdown > 0.5'
    #[arg(long, value_name = "CONDITION")]
    stop_when: Option<String>,
    /// How many checkpoints cut the period into pieces of equal length
    #[arg(long, value_name = "N", default_value_t = 9, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    checkpoints: u32,
    /// Which combinations are tried: all, or --trials of them
    #[arg(long, value_enum, default_value = "grid")]
    search: SearchWord,
    /// How many combinations are tried
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    trials: Option<u64>,
    /// Seed of everything that is drawn
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many combinations a guided search proposes at once [default: 16, nsga2 64]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(4..=4096))]
    batch: Option<u64>,
    /// Refuse to try more combinations than this
    #[arg(long, value_name = "N", default_value_t = 1_000_000)]
    limit: u64,
    /// Run this strategy on every desk instead of the scenario's
    #[arg(long, value_name = "NAME")]
    strategy: Option<String>,
    /// Try each of these symbols alone: instruments of the scenario, or some that take the place of its only one
    #[arg(long, value_name = "SYMBOLS", value_delimiter = ',')]
    symbols: Vec<String>,
    /// Try these scenarios as well: other costs, other rules, other markets
    #[arg(long, value_name = "FILES", value_delimiter = ',')]
    scenarios: Vec<PathBuf>,
    /// The traded period: 20240101-20240601, 20240101- or -20240601; warm-up comes before it. Several are tried each
    #[arg(long, value_name = "FROM-TO", value_delimiter = ',', allow_hyphen_values = true)]
    timerange: Vec<String>,
    /// How many parts are run at once; the result does not depend on it [default: one per core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=512))]
    threads: Option<u16>,
    /// How much memory the sweep may take; the result does not depend on it [default: half of the machine's]
    #[arg(long, value_name = "MEGABYTES", value_parser = clap::value_parser!(u64).range(1..=1_000_000_000))]
    memory: Option<u64>,
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
    /// All of them
    Grid,
    /// Drawn at random
    Random,
    /// Spread evenly by a Sobol sequence
    Sobol,
    /// Guided: where good trials are dense (tree-structured Parzen estimator)
    Tpe,
    /// Guided: a normal distribution that moves and turns (CMA-ES), for axes of numbers
    Cmaes,
    /// Guided: a genetic search for the Pareto front of several objectives (NSGA-II)
    Nsga2,
}

/// Runs the command.
pub(super) fn run(command: &SweepCommand, book: &[Entry]) -> Result<u8> {
    match (&command.action, &command.sweep) {
        (Some(Action::Merge(args)), _) => merge::run(args, book),
        (None, Some(args)) => sweep(args, book),
        (None, None) => unreachable!("without an action a scenario is required"),
    }
}

fn sweep(args: &SweepArgs, book: &[Entry]) -> Result<u8> {
    let mut watch = Watch::start();
    let order = Order::of(args, book)?;
    let numbers = order.numbers()?;
    // A search that does not fit the axes is better refused before anything is loaded or written.
    let mut guide = order.guide()?;
    let spinner = progress::spinner("loading market data");
    let scenes = order.open(&numbers, book);
    spinner.finish_and_clear();
    let scenes = scenes?;
    let rows = scenes.iter().map(|scene| scene.stage.rows()).max().unwrap_or_default();
    let per_part = order.trials_per_part(rows);
    let returns_bytes = returns_bytes(&order, &scenes, &numbers);
    let fits = returns_bytes <= args.returns_limit.saturating_mul(1_000_000);
    let keeps = if fits && !args.no_returns { Keeps::Returns } else { Keeps::TrialsOnly };
    let file = order.file(&scenes, &numbers, per_part, keeps);
    let plan = &scenes[0].stage.plan;
    let whole = file.folder_name(&plan.identity());
    let folder = args.shard.map_or_else(|| whole.clone(), |shard| shard.folder_name(&whole));
    let shelf = Shelf::open(&args.out.join(folder))?;
    let cores = || std::thread::available_parallelism().map_or(1, usize::from);
    let threads = args.threads.map_or_else(cores, usize::from);
    let budget = Budget::of(args, Demand::of(&scenes, file.trials, order.grid.axes.len()), threads, per_part)?;
    let goes_on = AtomicBool::new(false);
    let quiet = Crew {
        scenes: &scenes,
        book,
        grid: &order.grid,
        numbers: &numbers,
        first_part: 0,
        trials_per_part: per_part,
        shard: args.shard,
        keeps,
        threads,
        stop_rule: order.stop_rule.as_ref(),
        lanes: budget.lanes,
        stop: &goes_on,
        watch: &|_| {},
        when_full: &|_| false,
    };
    if args.estimate {
        print(&budget.line())?;
        return Estimate { crew: &quiet, trials: file.trials, rows, returns_bytes, seed: args.seed }.tell(&shelf);
    }
    let found = || args.shard.map_or_else(|| shelf.found(), |_| Shard::found(&shelf));
    if found() == Found::Done {
        return there_already(args, &order, &shelf, book);
    }
    if args.shard.is_none() {
        crate::report::page::prepare();
    }
    let lock = shelf.lock()?;
    match (found(), args.shard) {
        // Another process came to the end of it just now.
        (Found::Done, _) => return there_already(args, &order, &shelf, book),
        (Found::Begun, _) if !args.resume => {
            return Err(Fault::user(format!("{} holds a part of this sweep", shelf.place()))
                .remedy("add --resume to go on with it, or give another --out"));
        }
        (Found::Begun, _) => {}
        (Found::Nothing, Some(shard)) => shard.begin(&shelf, &whole, &file, &order.beside(plan))?,
        (Found::Nothing, None) => shelf.begin(&file, &order.beside(plan))?,
    }
    if std::io::stderr().is_terminal() {
        eprint!("{}", budget.line());
    }
    let load_seconds = watch.lap();
    let stop = listen();
    let bar = progress::trials(0);
    let first = order.objectives[0];
    let best = std::sync::Mutex::new(f64::NEG_INFINITY);
    let ran = AtomicU64::new(0);
    let crew = Crew {
        stop: &stop,
        watch: &|trials| {
            bar.inc(trials.len() as u64);
            ran.fetch_add(trials.len() as u64, Ordering::Relaxed);
            let found = trials.iter().filter_map(|trial| first.score(trial)).fold(f64::NEG_INFINITY, f64::max);
            if let Ok(mut best) = best.lock()
                && found > *best
            {
                *best = found;
                // The score of the least is its negative.
                bar.set_message(format!("best {} {:.3}", first.name(), first.score_of(found)));
            }
        },
        when_full: &|fault| wait_for_room(&bar, &stop, fault),
        ..quiet
    };
    let all = guide.as_ref().map_or_else(|| crew.trials_in(crew.parts()) as u64, |_| file.trials);
    bar.set_length(all);
    let parts = quietly(|| match &mut guide {
        Some(guide) => guide.run(&crew, &shelf, &|there| bar.inc(there as u64)),
        None => {
            bar.inc(crew.trials_in(crew.parts().filter(|part| shelf.has(*part))) as u64);
            crew.run(&shelf).map(|complete| complete.then(|| file.parts()))
        }
    })?;
    let run_seconds = watch.lap();
    let trials = match (parts, args.shard) {
        (None, _) => None,
        (Some(_), Some(shard)) => crew.patiently(|| shard.seal(&shelf, &file)).map(|()| None)?,
        (Some(parts), None) => Some(crew.patiently(|| shelf.finish(parts, &file))?),
    };
    bar.finish_and_clear();
    drop(lock);
    if parts.is_none() {
        print(&format!("interrupted; {} keeps what is finished: go on with --resume\n", shelf.place()))?;
        return Ok(1);
    }
    let mut all = all;
    if let Some(trials) = &trials {
        all = trials.len() as u64;
        show(args.top, &order, &shelf, trials)?;
        tried::note_and_warn(&shelf, book)?;
    }
    if let Some(guide) = &guide {
        print(&guided_words(guide, file.trials, all))?;
    }
    let ran = ran.into_inner();
    let pace = (ran * rows as u64) as f64 / run_seconds.max(f64::MIN_POSITIVE) / 1e6;
    let memory = peak_memory_bytes().map_or_else(|| "n/a".to_owned(), |bytes| format!("{} MB", bytes / 1_000_000));
    print(&format!(
        "loaded in {load_seconds:.3} s, ran {} in {run_seconds:.3} s on {}: {pace:.1} million combinations x candles a second, peak memory {memory}\n",
        counted(ran, "trial"),
        counted(threads as u64, "thread"),
    ))?;
    match args.shard {
        Some(shard) => print(&format!(
            "shard {shard} is done, {all} of {}: {}\njoin the shards with `tapeline sweep merge`\n",
            counted(file.trials, "trial"),
            shelf.place()
        ))?,
        None => {
            print(&format!("trials: {}\n", shelf.place_of(TRIALS)))?;
            print(&report::leave(&shelf, Some(first)))?;
        }
    }
    if !fits && !args.no_returns {
        print(&format!("{}: validation needs them\n", estimate::returns_words(keeps, returns_bytes)))?;
    }
    Ok(0)
}

/// What a guided search has to say of itself.
fn guided_words(guide: &Guide<'_>, asked: u64, tried: u64) -> String {
    let repeats = guide.repeats();
    let again = format!("{} had been tried already and was not run again\n", counted(repeats, "proposal"));
    let short = format!("no further combination was found: {tried} of {asked} trials were run\n");
    [(repeats > 0).then_some(again), (tried < asked).then_some(short)].into_iter().flatten().collect()
}

/// A sweep, or a shard of one, that was done before.
fn there_already(args: &SweepArgs, order: &Order, shelf: &Shelf, book: &[Entry]) -> Result<u8> {
    if let Some(shard) = args.shard {
        print(&format!("{} holds shard {shard} already; nothing was changed\n", shelf.place()))?;
        return Ok(0);
    }
    shelf.clear_parts()?;
    show(args.top, order, shelf, &shelf.trials(&order.grid.axes)?)?;
    // A process that was killed between its last part and this has not noted anything.
    if !shelf.folder().join(SNAPSHOT).is_file() {
        tried::note_and_warn(shelf, book)?;
    }
    if !shelf.folder().join(sweep_report::REPORT).is_file() {
        report::leave(shelf, order.objectives.first().copied());
    }
    print(&format!("{} holds this sweep already; nothing was changed\n", shelf.place())).map(|()| 0)
}

/// How much memory a sweep may take, and what it is expected to.
struct Budget {
    /// Sessions side by side on a thread.
    lanes: usize,
    expected: u64,
    allowed: u64,
}

impl Budget {
    fn of(args: &SweepArgs, demand: Demand, threads: usize, per_part: usize) -> Result<Self> {
        let half = || machine_memory_bytes().map_or(MEMORY_UNTOLD, |bytes| bytes / 2);
        let allowed = args.memory.map_or_else(half, |megabytes| megabytes * 1_000_000);
        let lanes = demand.lanes(allowed, threads, per_part)?;
        Ok(Budget { lanes, expected: demand.bytes(threads, lanes), allowed })
    }

    fn line(&self) -> String {
        let megabytes = |bytes: u64| bytes.div_ceil(1_000_000);
        let (expected, allowed) = (megabytes(self.expected), megabytes(self.allowed));
        format!(
            "memory   up to {expected} MB of {allowed}, {} side by side on a thread\n",
            counted(self.lanes as u64, "session")
        )
    }
}

/// What a sweep may take where the system does not tell how much there is.
const MEMORY_UNTOLD: u64 = 2_000_000_000;

/// What the daily returns of all trials take before compression.
fn returns_bytes(order: &Order, scenes: &[Scene], numbers: &[u64]) -> u64 {
    let days = numbers.iter().map(|number| scenes[order.grid.scene(*number)].stage.days());
    let mean = days.sum::<u64>() as f64 / numbers.len() as f64;
    (mean * order.trials(numbers) as f64) as u64 * BYTES_PER_RETURN
}

/// Runs the crew. A panic in one of its threads is caught and told as a fault or as a row: the hook's own words would be
/// drawn through the bar. All others are told as ever.
fn quietly<T>(run: impl FnOnce() -> T) -> T {
    let hook = Arc::new(std::panic::take_hook());
    let told = Arc::clone(&hook);
    std::panic::set_hook(Box::new(move |panic| {
        if std::thread::current().name() != Some(THREAD_NAME) {
            told(panic);
        }
    }));
    let done = run();
    std::panic::set_hook(Box::new(move |panic| hook(panic)));
    done
}

/// Where somebody watches, a full disk is waited for; in a pipe the sweep stops and can be gone on with.
fn wait_for_room(bar: &ProgressBar, stop: &AtomicBool, fault: &Fault) -> bool {
    if !std::io::stderr().is_terminal() {
        return false;
    }
    bar.println(format!("paused: {fault}\n  it goes on by itself once there is room; Ctrl-C to stop"));
    for _ in 0..FULL_DISK_SECONDS {
        std::thread::sleep(std::time::Duration::from_secs(1));
        if stop.load(Ordering::Relaxed) {
            return false;
        }
    }
    true
}

/// How long a full disk is left alone before the next attempt.
const FULL_DISK_SECONDS: u32 = 2;

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
