//! `tapeline validate`: how much of a sweep's best result is luck.

use super::{print, wrapped};
use crate::error::{Fault, Result};
use crate::metrics::Metric;
use crate::sweep::{COLUMNS, Shelf, unknown};
use crate::validate::{Finding, Judgement, Request, VALIDATION};
use clap::Args;
use std::path::PathBuf;

/// Arguments of `tapeline validate`.
#[derive(Args, Debug)]
pub(super) struct ValidateArgs {
    /// The folder of a finished sweep
    sweep: PathBuf,
    /// The column of which the best trial has most
    #[arg(long, value_name = "COLUMN", default_value = "sharpe")]
    objective: String,
    /// Seed of the sample of trials that is clustered and of the resamples
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many resamples are drawn
    #[arg(long, value_name = "N", default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(100..=1_000_000))]
    replications: u32,
    /// How many trials are clustered at most; time grows with the third power
    #[arg(long, value_name = "N", default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(2..=10_000))]
    sample: u32,
    /// Print validation.json and nothing else on standard output
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub(super) fn run(args: &ValidateArgs) -> Result<u8> {
    if !COLUMNS.iter().any(|column| column.name == args.objective) {
        return Err(unknown(&args.objective, COLUMNS.iter().map(|column| column.name)).within("--objective"));
    }
    let shelf = Shelf::at(&args.sweep);
    let file = shelf.file()?;
    let axes = file.axes();
    let returns = shelf.returns()?;
    let trials = shelf.trials(&axes)?;
    let request = Request {
        objective: &args.objective,
        seed: args.seed,
        replications: args.replications as usize,
        sample_max: args.sample as usize,
    };
    let judgement = Judgement::of(&file.name, &axes, &trials, &returns, &request)?;
    let text = serde_json::to_string_pretty(&judgement);
    let text = text.map_err(|error| Fault::failure(format!("writing {VALIDATION}: {error}")))? + "\n";
    let place = shelf.put(VALIDATION, text.as_bytes())?;
    if args.json {
        print(&text)?;
    } else {
        print(&table(&judgement))?;
        print(&format!("{}\n", place.display()))?;
    }
    Ok(0)
}

/// The judgement for people.
fn table(judgement: &Judgement) -> String {
    let parameters: Vec<String> = judgement.parameters.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let mut text = wrapped(
        &format!(
            "{}: {} trials, {} done, {} judged on {} days from {} to {}; trial {} ({}) has most {}",
            judgement.name,
            judgement.trials,
            judgement.done,
            judgement.judged,
            judgement.days,
            judgement.first_day,
            judgement.last_day,
            judgement.best,
            parameters.join(", "),
            judgement.objective
        ),
        "",
    );
    text.push('\n');
    for finding in &judgement.findings {
        text.push_str(&format!("\n{:<28}{}\n", finding.label, shown(finding)));
        text.push_str(&wrapped(&finding.meaning, "  "));
        text.push('\n');
    }
    text.push('\n');
    text.push_str(&wrapped(&format!("verdict: {}", judgement.verdict.text), ""));
    text.push('\n');
    text
}

fn shown(finding: &Finding) -> String {
    let value = match finding.value {
        Metric::Value(value) => match finding.unit {
            "count" | "days" => format!("{value:.1}"),
            _ => format!("{value:.4}"),
        },
        Metric::Undefined(reason) => format!("n/a ({reason})"),
    };
    let held = match (finding.bound, finding.passes()) {
        (Some(bound), Some(true)) => format!("  holds: {}", bound.words()),
        (Some(bound), Some(false)) => format!("  FAILS: {}", bound.words()),
        (Some(bound), None) => format!("  not known: {}", bound.words()),
        (None, _) => String::new(),
    };
    value + &held
}
