//! What a sweep would be: its size, and its time from a moment of really running it.

use super::quietly;
use crate::cli::{counted, print, progress};
use crate::error::Result;
use crate::sweep::{Crew, Keeps, Pace, Shelf};
use indicatif::HumanDuration;
use std::time::Duration;

/// A sweep that is only looked at.
pub(super) struct Estimate<'a> {
    pub crew: &'a Crew<'a>,
    /// How many trials the whole sweep has.
    pub trials: u64,
    /// The most candles of a trial.
    pub rows: usize,
    /// What the daily returns take before compression.
    pub returns_bytes: u64,
    pub seed: u64,
}

/// How long a sample of the trials is run.
const MOMENT: Duration = Duration::from_secs(1);

impl Estimate<'_> {
    /// Says what the sweep would be.
    pub fn tell(&self, shelf: &Shelf) -> Result<u8> {
        let Estimate { crew, trials, rows, .. } = *self;
        print(&format!(
            "trials   {trials}\ncandles  {rows} each, {:.1} million combinations x candles\nparts    {} of up to {} trials, {} at once\nreturns  {}\n",
            (trials * rows as u64) as f64 / 1e6,
            trials.div_ceil(crew.trials_per_part as u64),
            crew.trials_per_part,
            crew.threads,
            returns_words(crew.keeps, self.returns_bytes),
        ))?;
        let spinner = progress::spinner("running a sample of the trials");
        let pace = quietly(|| crew.pace(self.seed, MOMENT));
        spinner.finish_and_clear();
        print(&format!("time     {}\nfolder   {}\n", self.time(pace?), shelf.place()))?;
        Ok(0)
    }

    /// How long the trials of this machine will take, and where that is from.
    fn time(&self, pace: Pace) -> String {
        let Some(rate) = pace.candles_per_second() else {
            return "n/a: no trial was there to be run".to_owned();
        };
        let crew = self.crew;
        let candles: u64 =
            crew.numbers.iter().map(|number| crew.scenes[crew.grid.scene(*number)].stage.rows() as u64).sum();
        // Of a shard some of them; of a guided search, which knows its first batch only, more.
        let own = match crew.shard {
            Some(_) => crew.trials_in(crew.parts()) as u64,
            None => self.trials,
        };
        let seconds = candles as f64 / crew.numbers.len() as f64 * own as f64 / rate;
        let about = match Duration::try_from_secs_f64(seconds) {
            Ok(_) if seconds < 1.0 => "less than a second".to_owned(),
            Ok(long) => format!("about {}", HumanDuration(long)),
            Err(_) => "longer than can be said".to_owned(),
        };
        let rule = if crew.stop_rule.is_some() { ", without --stop-when" } else { "" };
        format!(
            "{about} on {}{rule}, an estimate: {} drawn by seed {} ran for {:.1} s at {:.1} million combinations x candles a second",
            counted(crew.threads as u64, "thread"),
            counted(pace.trials as u64, "trial"),
            self.seed,
            pace.seconds,
            rate / 1e6,
        )
    }
}

/// What becomes of the daily returns.
pub(super) fn returns_words(keeps: Keeps, bytes: u64) -> String {
    let megabytes = bytes as f64 / 1e6;
    match keeps {
        Keeps::Returns => format!("daily returns are kept, {megabytes:.1} MB before compression"),
        Keeps::TrialsOnly => format!("daily returns are not kept; they would be {megabytes:.1} MB (--returns-limit)"),
    }
}
