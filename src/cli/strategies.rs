//! `tapeline strategies`: what there is to run, and with which parameters.

use super::{print, wrapped};
use crate::catalog::Entry;
use crate::error::{Fault, Result, nearest};
use clap::Args;

/// Arguments of `tapeline strategies`.
#[derive(Args, Debug)]
pub(super) struct StrategiesArgs {
    /// One strategy, with its parameters
    name: Option<String>,
}

/// Runs the command.
pub(super) fn run(args: &StrategiesArgs, book: &[Entry]) -> Result<u8> {
    match &args.name {
        None => {
            let width = book.iter().map(|entry| entry.name.len()).max().unwrap_or(0);
            let lines = book.iter().map(|entry| {
                let about = wrapped(entry.about, &" ".repeat(width + 2));
                format!("{:width$}  {}\n", entry.name, about.trim_start())
            });
            print(&lines.collect::<String>())?;
        }
        Some(name) => {
            let entry = book.iter().find(|entry| entry.name == *name).ok_or_else(|| unknown(name, book))?;
            print(&described(entry))?;
        }
    }
    Ok(0)
}

fn described(entry: &Entry) -> String {
    let mut text = format!("{}\n{}\n", entry.name, wrapped(entry.about, "  "));
    for axis in (entry.axes)() {
        let default = axis.default_text().map_or("required".to_owned(), |default| format!("default {default}"));
        let about = wrapped(axis.about, "      ");
        text.push_str(&format!("\n  {}  ({default}; {})\n{about}\n", axis.name, axis.range_text()));
    }
    text
}

fn unknown(name: &str, book: &[Entry]) -> Fault {
    let fault = Fault::user(format!("there is no strategy '{name}'"));
    match nearest(name, book.iter().map(|entry| entry.name)) {
        Some(near) => fault.remedy(format!("did you mean '{near}'? `tapeline strategies` lists all")),
        None => fault.remedy("`tapeline strategies` lists all"),
    }
}
