//! The roof: words in, words out.
//!
//! A crate with strategies of its own calls [`main`] with its list and has every command over them.

mod audit;
mod compare;
pub mod data;
mod exchange;
mod export;
mod merge;
mod progress;
mod report;
mod run;
mod strategies;
mod sweep;
mod timing;
mod trials;
mod tried;
mod validate;
mod verify;

use crate::catalog::Entry;
use crate::error::Fault;
use clap::{Parser, Subcommand};
use std::io::{IsTerminal, Write};
use std::process::ExitCode;

/// A measuring tape for trading ideas: truthful backtests of crypto strategies, fast.
#[derive(Parser, Debug)]
#[command(name = "tapeline", version, arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Run a scenario and write its report
    Run(run::RunArgs),
    /// Run a scenario under many combinations of parameters
    Sweep(sweep::SweepCommand),
    /// Ask questions of a sweep's trials
    Trials(trials::TrialsArgs),
    /// Judge how much of a sweep's best result is luck
    Validate(validate::ValidateArgs),
    /// Check whether a strategy decides by what it could have known
    Audit(audit::AuditArgs),
    /// List the strategies, or one with its parameters
    Strategies(strategies::StrategiesArgs),
    /// Run a finished run's plan again and compare every file bit by bit
    Verify(verify::VerifyArgs),
    /// Make the report.html of a finished run or of a sweep again from its files
    Report(report::ReportArgs),
    /// Write the tables of a finished run as Parquet or JSON
    Export(export::ExportArgs),
    /// Lay results side by side: runs, and results of freqtrade, backtesting.py and TradingView
    Compare(compare::CompareArgs),
    /// Serve a simulated exchange that other programs trade on
    Exchange(Box<exchange::ExchangeArgs>),
    /// Download, import, generate, check, resample, export and list market data
    Data(data::DataArgs),
}

/// The whole program over these strategies: parses the process's arguments, runs the command, prints a fault to
/// standard error. Exit code 0 when all is well, 2 for the user's mistakes, 1 for failures and failed checks.
pub fn main(book: &[Entry]) -> ExitCode {
    let arguments = Arguments::parse();
    let result = match arguments.command {
        Command::Run(args) => run::run(&args, book),
        Command::Sweep(args) => sweep::run(&args, book),
        Command::Trials(args) => trials::run(&args),
        Command::Validate(args) => validate::run(&args, book),
        Command::Audit(args) => audit::run(&args, book),
        Command::Strategies(args) => strategies::run(&args, book),
        Command::Verify(args) => verify::run(&args, book),
        Command::Report(args) => report::run(&args, book),
        Command::Export(args) => export::run(&args),
        Command::Compare(args) => compare::run(&args),
        Command::Exchange(args) => exchange::run(&args),
        Command::Data(args) => data::run(args),
    };
    match result {
        Ok(code) => ExitCode::from(code),
        Err(fault) => {
            // Where even this cannot be written, the exit code still says it.
            let _ = writeln!(std::io::stderr(), "error: {fault}");
            ExitCode::from(fault.exit_code())
        }
    }
}

/// A number of things, the noun as the number wants it.
fn counted(count: u64, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

/// Text broken at word borders to fit the terminal, or 80 columns where there is none; every line begins with `indent`.
fn wrapped(text: &str, indent: &str) -> String {
    let width = if std::io::stdout().is_terminal() { textwrap::termwidth() } else { 80 };
    let options = textwrap::Options::new(width).initial_indent(indent).subsequent_indent(indent);
    textwrap::fill(text, options)
}

/// Prints to standard output. A reader that has gone away is no fault: there is nobody left to tell.
fn print(text: &str) -> Result<(), Fault> {
    match std::io::stdout().write_all(text.as_bytes()).and_then(|()| std::io::stdout().flush()) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        Err(error) => Err(Fault::failure(format!("writing to standard output: {error}"))),
    }
}
