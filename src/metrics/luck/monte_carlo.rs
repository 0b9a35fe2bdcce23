//! What else the same trades could have come to: resampled and shuffled in blocks (Politis & Romano 1994 for the blocks;
//! Efron 1979 for the bootstrap).
//!
//! A shuffle keeps every result once: where results are amounts the end is the same and only the way there differs, which
//! gives a distribution of drawdowns. A resample draws with replacement, which gives one of the end as well. Both keep
//! what follows what inside a block only, and both know only what happened: they understate risk.

use super::super::{Undefined, cagr, quantile, wilson};
use super::block_length::BlockLength;
use super::resample::StationaryBootstrap;
use crate::chance::Chance;

/// Shown beside the quantiles.
pub const DEFINITION: &str = "5, 50 and 95 % quantiles of growth, drawdown and end over orders of the same results drawn at random in blocks by the stationary bootstrap";
/// Shown beside the probability of ruin.
pub const RUIN_DEFINITION: &str = "share of the drawn orders in which the equity was at or below the stated share of the opening equity at any time, with its 95 % Wilson interval for the number of draws";

/// What tells the stream of these draws from others of the same seed.
const STREAM: u64 = 0x7061_7468_7300;

/// How another order is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Draw {
    /// Every result once, in another order.
    Shuffle,
    /// With replacement.
    Resample,
}

/// How results make equity.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Growth {
    /// Results are amounts, added to this opening equity: positions of a fixed size.
    Added {
        /// Equity before the first result.
        opening: f64,
    },
    /// Results are returns as fractions, multiplied: positions that grow with the equity. Equity begins at 1.
    Compounded,
}

/// How long blocks are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Block {
    /// As long as the results themselves ask for ([`BlockLength`]); single ones where they ask for nothing.
    Estimated,
    /// This mean number of results; 1 draws each on its own, which supposes that none depends on another.
    Mean(f64),
}

/// What is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Plan {
    /// With or without replacement.
    pub draw: Draw,
    /// Amounts or returns.
    pub growth: Growth,
    /// How long blocks are.
    pub block: Block,
    /// Days that all results together took, for the annual growth.
    pub days: f64,
    /// Share of the opening equity at or below which the account counts as ruined, from 0 to less than 1.
    pub ruin: f64,
    /// How many orders are drawn.
    pub replications: usize,
    /// Seed of the draws.
    pub seed: u64,
}

/// Three quantiles of a distribution.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Band {
    /// 5 % lie below.
    pub low: f64,
    /// Half lie below.
    pub middle: f64,
    /// 95 % lie below.
    pub high: f64,
}

/// A share that was counted, with its 95 % Wilson interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Share {
    /// The share.
    pub value: f64,
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

/// What could have been.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Outlook {
    /// Compound annual growth rate, a fraction; -1 where everything was lost.
    pub growth: Band,
    /// Largest drawdown result by result, a fraction of the peak; more than 1 where a loss was larger than all there was.
    pub drawdown: Band,
    /// Equity at the end, in the currency of the opening or as a multiple of it. An account that lost everything trades
    /// no further.
    pub closing: Band,
    /// Probability of ruin.
    pub ruin: Share,
    /// The mean block length that was used.
    pub block: f64,
}

impl Outlook {
    /// Draws orders of the results.
    ///
    /// # Errors
    /// With fewer than two results or one that is no finite number; when opening equity, days, ruin or block are out of
    /// their ranges; without replications.
    pub fn of(results: &[f64], plan: &Plan) -> Result<Self, Undefined> {
        let paths = paths(results, plan)?;
        let ruined = paths.drawn.iter().filter(|path| path.lowest <= plan.ruin * opening(plan.growth)).count() as f64;
        let drawn = plan.replications as f64;
        let (low, high) = wilson::interval(ruined, drawn);
        let growth = |path: &Path| -> Result<f64, Undefined> {
            if path.closing <= 0.0 { Ok(-1.0) } else { cagr::cagr(opening(plan.growth), path.closing, plan.days) }
        };
        let growths: Vec<f64> = paths.drawn.iter().map(growth).collect::<Result<_, _>>()?;
        Ok(Outlook {
            growth: Band::of(&growths)?,
            drawdown: Band::of(&paths.drawn.iter().map(|path| path.drawdown).collect::<Vec<_>>())?,
            closing: Band::of(&paths.drawn.iter().map(|path| path.closing).collect::<Vec<_>>())?,
            ruin: Share { value: ruined / drawn, low, high },
            block: paths.block,
        })
    }
}

impl Band {
    fn of(values: &[f64]) -> Result<Self, Undefined> {
        let sorted = quantile::sorted(values)?;
        let at = |share| quantile::of_sorted(&sorted, share);
        Ok(Band { low: at(0.05), middle: at(0.5), high: at(0.95) })
    }
}

/// What one order came to.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Path {
    closing: f64,
    lowest: f64,
    drawdown: f64,
}

struct Paths {
    drawn: Vec<Path>,
    block: f64,
}

fn paths(results: &[f64], plan: &Plan) -> Result<Paths, Undefined> {
    if results.len() < 2 {
        return Err(Undefined("fewer than two results to draw from"));
    }
    if results.iter().any(|result| !result.is_finite()) {
        return Err(Undefined("a result is not a finite number"));
    }
    let opening = opening(plan.growth);
    if !opening.is_finite() || opening <= 0.0 {
        return Err(Undefined("the opening equity is not positive"));
    }
    if !(0.0..1.0).contains(&plan.ruin) {
        return Err(Undefined("ruin is a share of the opening equity, from 0 to less than 1"));
    }
    if !plan.days.is_finite() || plan.days <= 0.0 {
        return Err(Undefined("no time has passed"));
    }
    if plan.replications == 0 {
        return Err(Undefined("nothing is known without draws"));
    }
    let block = match plan.block {
        Block::Estimated => BlockLength::stationary_or_single(results),
        Block::Mean(length) => length,
    };
    let bootstrap = StationaryBootstrap::of_mean_length(block)?;
    let mut chance = Chance::new(plan.seed, STREAM);
    let mut order = vec![0; results.len()];
    let drawn = (0..plan.replications)
        .map(|_| {
            match plan.draw {
                Draw::Shuffle => order = bootstrap.shuffle(&mut chance, results.len()),
                Draw::Resample => bootstrap.draw(&mut chance, &mut order),
            }
            walk(order.iter().map(|place| results[*place]), plan.growth)
        })
        .collect();
    Ok(Paths { drawn, block })
}

fn opening(growth: Growth) -> f64 {
    match growth {
        Growth::Added { opening } => opening,
        Growth::Compounded => 1.0,
    }
}

fn walk(results: impl Iterator<Item = f64>, growth: Growth) -> Path {
    let mut worth = opening(growth);
    let (mut peak, mut lowest, mut drawdown) = (worth, worth, 0.0_f64);
    for result in results {
        worth = match growth {
            Growth::Added { .. } => worth + result,
            Growth::Compounded => worth * (1.0 + result),
        };
        peak = peak.max(worth);
        lowest = lowest.min(worth);
        drawdown = drawdown.max(1.0 - worth / peak);
        if worth <= 0.0 {
            break;
        }
    }
    Path { closing: worth, lowest, drawdown }
}

#[cfg(test)]
mod tests {
    use super::super::super::drawdown::Drawdown;
    use super::super::super::worked::{W, equity};
    use super::*;

    const PLAN: Plan = Plan {
        draw: Draw::Shuffle,
        growth: Growth::Added { opening: 1000.0 },
        block: Block::Mean(1.0),
        days: 365.0,
        ruin: 0.5,
        replications: 2000,
        seed: 1,
    };

    /// Whole amounts, so that sums are exact in any order.
    fn amounts() -> Vec<f64> {
        let mut chance = Chance::new(3, 0);
        (0..120).map(|_| chance.below(61) as f64 - 28.0).collect()
    }

    #[test]
    fn a_shuffle_of_amounts_keeps_the_end_and_spreads_the_drawdown() {
        let total: f64 = amounts().iter().sum();
        for block in [Block::Mean(1.0), Block::Mean(6.0), Block::Estimated] {
            let paths = paths(&amounts(), &Plan { block, ..PLAN }).unwrap();
            assert!(paths.drawn.iter().all(|path| path.closing == 1000.0 + total));
            let found = Outlook::of(&amounts(), &Plan { block, ..PLAN }).unwrap();
            assert_eq!(found.closing, Band { low: 1000.0 + total, middle: 1000.0 + total, high: 1000.0 + total });
            assert!(found.drawdown.low < found.drawdown.middle && found.drawdown.middle < found.drawdown.high);
        }
    }

    #[test]
    fn a_resample_spreads_the_end_around_what_was() {
        let total: f64 = amounts().iter().sum();
        let plan = Plan { draw: Draw::Resample, ruin: 0.0, replications: 4000, ..PLAN };
        let found = Outlook::of(&amounts(), &plan).unwrap();
        assert!(found.closing.low < 1000.0 + total && 1000.0 + total < found.closing.high);
        // The deviation of a sum of 120 draws; 90 % lie within 1.645 of them.
        let mean = total / 120.0;
        let deviation = amounts().iter().map(|one| (one - mean) * (one - mean)).sum::<f64>().sqrt();
        let width = (found.closing.high - found.closing.low) / (2.0 * 1.645 * deviation);
        assert!((width - 1.0).abs() < 0.06, "{width}");
    }

    #[test]
    fn one_block_without_replacement_is_what_really_happened() {
        let plan = Plan { growth: Growth::Compounded, block: Block::Mean(f64::INFINITY), days: 12.0, ..PLAN };
        let found = Outlook::of(&W, &plan).unwrap();
        let real = Drawdown::of(&equity(&W)).unwrap();
        assert_eq!(found.drawdown.low, real.depth);
        assert_eq!(found.drawdown.high, real.depth);
        assert!((found.growth.middle - 0.655_336_572_4).abs() < 1e-9);
        assert_eq!(found.ruin.value, 0.0);
        assert!(found.ruin.high > 0.0);
    }

    #[test]
    fn losses_that_come_together_are_worse_than_the_same_losses_apart() {
        // Twenty gains, twenty losses, and so on: blocks keep them together, single draws mix them.
        let runs: Vec<f64> = (0..400).map(|trade| if trade / 20 % 2 == 0 { 6.0 } else { -5.0 }).collect();
        let single = Outlook::of(&runs, &Plan { draw: Draw::Resample, ..PLAN }).unwrap();
        let blocks = Outlook::of(&runs, &Plan { draw: Draw::Resample, block: Block::Estimated, ..PLAN }).unwrap();
        assert!(blocks.block > 5.0 && single.block == 1.0);
        assert!(blocks.drawdown.high > 1.3 * single.drawdown.high, "{single:?} {blocks:?}");
    }

    #[test]
    fn ruin_counts_wherever_on_the_way_it_was_and_ends_the_account() {
        // Two coins: up 60 or down 60 of 100. Down first is ruin at one half; down twice is the end.
        let found = Outlook::of(
            &[60.0, -60.0],
            &Plan { draw: Draw::Resample, growth: Growth::Added { opening: 100.0 }, replications: 20_000, ..PLAN },
        )
        .unwrap();
        assert!((found.ruin.value - 0.5).abs() < 0.012 && found.ruin.low < 0.5 && 0.5 < found.ruin.high);
        assert_eq!((found.closing.low, found.closing.high, found.growth.low), (-20.0, 220.0, -1.0));
        let path = walk([-1.5, 1.0, 1.0].into_iter(), Growth::Compounded);
        assert_eq!(path, Path { closing: -0.5, lowest: -0.5, drawdown: 1.5 });
    }

    #[test]
    fn the_same_seed_draws_the_same_and_another_does_not() {
        let plan = Plan { draw: Draw::Resample, ..PLAN };
        assert_eq!(Outlook::of(&amounts(), &plan), Outlook::of(&amounts(), &plan));
        assert_ne!(Outlook::of(&amounts(), &plan), Outlook::of(&amounts(), &Plan { seed: 2, ..plan }));
    }

    #[test]
    fn what_is_out_of_range_is_refused() {
        let refused = |plan: Plan| Outlook::of(&W, &plan).is_err();
        assert!(refused(Plan { ruin: 1.0, ..PLAN }) && refused(Plan { ruin: -0.1, ..PLAN }));
        assert!(refused(Plan { days: 0.0, ..PLAN }) && refused(Plan { replications: 0, ..PLAN }));
        assert!(refused(Plan { growth: Growth::Added { opening: 0.0 }, ..PLAN }));
        assert!(refused(Plan { block: Block::Mean(0.5), ..PLAN }));
        assert!(Outlook::of(&[1.0], &PLAN).is_err() && Outlook::of(&[1.0, f64::NAN], &PLAN).is_err());
    }
}
