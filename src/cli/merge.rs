//! `tapeline sweep merge`: the shards of a sweep become one.

use super::sweep::ends;
use super::{print, report, tried};
use crate::catalog::Entry;
use crate::error::{Fault, Result};
use crate::sweep::{Shelf, TRIALS, merge, shards_in};
use clap::Args;
use std::path::PathBuf;

/// Arguments of `tapeline sweep merge`.
#[derive(Args, Debug)]
pub(super) struct MergeArgs {
    /// The folders of all shards, or one that holds them
    #[arg(required = true, value_name = "SHARD")]
    shards: Vec<PathBuf>,
    /// Where sweep directories are made
    #[arg(long, value_name = "DIR", default_value = "sweeps")]
    out: PathBuf,
}

/// Runs the command.
pub(super) fn run(args: &MergeArgs, book: &[Entry]) -> Result<u8> {
    let mut shards: Vec<Shelf> = Vec::new();
    for place in &args.shards {
        shards.extend(shards_in(place)?);
    }
    if shards.is_empty() {
        let places: Vec<String> = args.shards.iter().map(|place| place.display().to_string()).collect();
        return Err(Fault::user(format!("there is no shard in {}", places.join(", ")))
            .remedy("name folders that `tapeline sweep --shard I/N` wrote"));
    }
    let merged = merge(&shards, &args.out)?;
    print(&ends(&merged.trials))?;
    if merged.was_there {
        print(&format!("{} holds this sweep already; nothing was changed\n", merged.shelf.place()))?;
    } else {
        print(&format!("trials: {}\n", merged.shelf.place_of(TRIALS)))?;
    }
    tried::note_and_warn(&merged.shelf, book)?;
    if !merged.was_there {
        print(&report::leave(&merged.shelf, None))?;
    }
    Ok(0)
}
