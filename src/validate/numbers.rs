//! The numbers of a judgement that come from the files of a sweep alone.

use super::finding::{Bound, Finding};
use super::judgement::Request;
use super::plateau::Plateau;
use crate::metrics::luck::block_length::BlockLength;
use crate::metrics::luck::deflated::{Selection, deflated};
use crate::metrics::luck::haircut::{Adjustment, haircuts};
use crate::metrics::luck::monte_carlo::{Block, Draw, Growth, Plan};
use crate::metrics::luck::overfitting::{Performance, Split};
use crate::metrics::luck::snooping::{Resampling, reality_check, superior_ability};
use crate::metrics::luck::track_record::{minimum_backtest_years, minimum_observations};
use crate::metrics::luck::{EffectiveTrials, Outlook, Overfitting, TrialMatrix};
use crate::metrics::probabilistic_sharpe::Evidence;
use crate::metrics::sharpe::sharpe;
use crate::metrics::{DAYS_PER_YEAR, Undefined};
use crate::sweep::{Axis, Direction, Objective, Trial};
use crate::trial_ledger::Snapshot;

/// The confidence that is asked of a ratio.
const CONFIDENCE: f64 = 0.95;
/// Above this share of overfitted splits the choice does not travel.
const OVERFITTING_MAX: f64 = 0.2;
/// Above this probability the best is what luck gives.
const SPA_MAX: f64 = 0.05;
/// Below this share of the best its neighbours are no plateau.
const PLATEAU_MIN: f64 = 0.5;
/// Blocks of a record that is long enough.
const BLOCKS: usize = 16;
/// The fewest days of a block.
const BLOCK_DAYS_MIN: usize = 10;
/// The share of the opening equity at which an account counts as ruined.
const RUIN: f64 = 0.5;

/// A number, or why there is none.
type Defined = std::result::Result<f64, Undefined>;

/// Everything the numbers are made from.
pub(super) struct Judge<'a> {
    /// Returns of the judged trials.
    pub matrix: &'a TrialMatrix<'a>,
    /// Trials that ran to their end, judged or not.
    pub done: usize,
    /// Returns of the best.
    pub best: &'a [f64],
    /// Its place among the judged.
    pub place: usize,
    /// How to judge.
    pub request: &'a Request<'a>,
}

/// What halving the record showed.
pub(super) struct Halved {
    /// Equal blocks that it was cut into.
    blocks: usize,
    /// What happened to the winners.
    pub found: std::result::Result<Overfitting, Undefined>,
}

impl Judge<'_> {
    /// All of them, in order.
    pub(super) fn findings(&self, halved: &Halved) -> Vec<Finding> {
        let parts = [
            self.ratio(),
            self.deflation(),
            self.overfitting(halved),
            self.snooping(),
            self.haircuts(),
            self.outlook(),
        ];
        parts.into_iter().flatten().collect()
    }

    fn ratio(&self) -> Vec<Finding> {
        let evidence = Evidence::of(self.best);
        let needed = evidence.and_then(|evidence| minimum_observations(&evidence, 0.0, CONFIDENCE));
        let days = self.best.len();
        vec![
            Finding::of(
                "sharpe",
                "Sharpe of the best",
                "ratio",
                sharpe(self.best, DAYS_PER_YEAR),
                "Annual Sharpe ratio of the best trial on the days judged.",
            ),
            Finding::of(
                "psr",
                "PSR(0)",
                "probability",
                evidence.and_then(|evidence| evidence.probability_above(0.0)),
                "Probability that its true Sharpe ratio is above zero, had it been the only trial.",
            ),
            Finding::of(
                "minimum_track_record",
                "Minimum track record",
                "days",
                needed,
                format!(
                    "Days after which a ratio like this is above zero with 95 % confidence, had it been the only trial; {days} were judged."
                ),
            ),
        ]
    }

    fn deflation(&self) -> Vec<Finding> {
        let evidence = Evidence::of(self.best);
        let ratios: Vec<f64> = self.matrix.columns().iter().filter_map(|column| sharpe(column, 1.0).ok()).collect();
        let effective = EffectiveTrials::of(self.matrix, self.request.sample_max, self.request.seed);
        // A trial that could not be judged was a try all the same.
        let unjudged = (self.done - self.matrix.trials()) as f64;
        let count = effective.map(|effective| effective.count() + unjudged);
        let hurdle = |count: Defined| Selection::of(&ratios, count?)?.hurdle();
        let probability = |count| deflated(&evidence?, &Selection::of(&ratios, count?)?);
        let all = Ok(self.done as f64);
        let years = count.and_then(|count| minimum_backtest_years(count, sharpe(self.best, DAYS_PER_YEAR)?));
        let sampled = effective.map_or(0, |effective| effective.sampled);
        let mut findings = vec![
            Finding::of(
                "effective_trials",
                "Effective trials",
                "count",
                count,
                format!(
                    "How many independent tries these {} trials amount to: the larger of a count by average correlation and one by clusters of {sampled} of them.",
                    self.done
                ),
            ),
            Finding::of(
                "hurdle",
                "Luckiest Sharpe",
                "ratio",
                hurdle(count).map(|ratio| ratio * DAYS_PER_YEAR.sqrt()),
                "Annual Sharpe ratio that the best of so many tries without any skill is expected to show.",
            ),
            Finding::of(
                "dsr",
                "Deflated Sharpe",
                "probability",
                probability(count),
                "Probability that the true Sharpe ratio is above what the luckiest of this sweep's effective trials would show.",
            )
            .held_to(Bound::AtLeast(CONFIDENCE)),
            Finding::of(
                "dsr_all",
                "Deflated, every trial",
                "probability",
                probability(all),
                format!(
                    "The same with each of the {} trials counted as a try of its own: too strict where trials are alike.",
                    self.done
                ),
            ),
            Finding::of(
                "minimum_backtest",
                "Minimum backtest",
                "years",
                years,
                format!(
                    "Years below which so many tries without any skill are expected to reach this ratio; {:.2} were judged.",
                    self.best.len() as f64 / DAYS_PER_YEAR
                ),
            ),
        ];
        if let Some(ledger) = self.request.ledger {
            findings.extend(against_ledger(ledger, evidence, count, hurdle(count)));
        }
        findings
    }

    /// Every way to halve the record, with the trial that was best on one half.
    pub(super) fn halved(&self) -> Halved {
        // An even number of blocks, each of enough days.
        let blocks = (self.matrix.rows() / BLOCK_DAYS_MIN).min(BLOCKS) & !1;
        let found = match blocks {
            0 => Err(Undefined("fewer than 20 days were judged")),
            blocks => Overfitting::of(self.matrix, blocks, Performance::Sharpe),
        };
        Halved { blocks, found }
    }

    fn overfitting(&self, Halved { blocks, found }: &Halved) -> Vec<Finding> {
        let of = |value: fn(&Overfitting) -> Defined| found.as_ref().map_err(|reason| *reason).and_then(value);
        let splits = found.as_ref().map_or(0, |found| found.splits.len());
        vec![
            Finding::of(
                "pbo",
                "Probability of overfitting",
                "probability",
                of(|found| Ok(found.probability)),
                format!("How often the trial with the largest Sharpe ratio on one half of the days is no better than the median on the other: {splits} ways to halve {blocks} blocks. About one half without any skill."),
            )
            .held_to(Bound::AtMost(OVERFITTING_MAX)),
            Finding::of(
                "degradation",
                "Degradation",
                "slope",
                of(|found| found.slope),
                "Change of the winner's ratio on the other half for each unit of its ratio on the half where it won; near -1 is what noise gives.",
            ),
            Finding::of(
                "loss_probability",
                "Probability of loss",
                "probability",
                of(|found| Ok(found.loss_probability)),
                "How often the winner of one half lost money on the other.",
            ),
            Finding::of(
                "decay",
                "Decay",
                "fraction",
                of(decay),
                "What the winners of a half lose of their ratio on the other half: one less the mean there over the mean where they won.",
            ),
        ]
    }

    fn snooping(&self) -> Vec<Finding> {
        let block = BlockLength::stationary_or_single(self.best);
        let Request { replications, seed, .. } = *self.request;
        let resampling = Resampling { block, replications, seed };
        let white = reality_check(self.matrix, resampling);
        let hansen = superior_ability(self.matrix, resampling);
        vec![
            Finding::of(
                "reality_check",
                "Reality check",
                "probability",
                white.map(|found| found.upper),
                format!("White: how often the best of as many trials that earn nothing on average would earn as much; {replications} resamples in blocks of {block:.1} days."),
            ),
            Finding::of(
                "spa_lower",
                "SPA, lower bound",
                "probability",
                hansen.map(|found| found.lower),
                "Hansen's test below, if trials that lost are as bad as they look.",
            ),
            Finding::of(
                "spa",
                "SPA",
                "probability",
                hansen.map(|found| found.consistent),
                "Hansen: how often the best of as many trials that earn nothing on average would do as well for its risk.",
            )
            .held_to(Bound::AtMost(SPA_MAX)),
            Finding::of(
                "spa_upper",
                "SPA, upper bound",
                "probability",
                hansen.map(|found| found.upper),
                "The same if every trial, however bad, might earn nothing on average.",
            ),
        ]
    }

    /// What else the same days could have come to, in another order and with other weights.
    fn outlook(&self) -> Vec<Finding> {
        let plan = Plan {
            draw: Draw::Resample,
            growth: Growth::Compounded,
            block: Block::Estimated,
            days: self.best.len() as f64,
            ruin: RUIN,
            replications: self.request.replications,
            seed: self.request.seed,
        };
        let found = Outlook::of(self.best, &plan);
        let of = |value: fn(&Outlook) -> f64| found.as_ref().map(value).map_err(|reason| *reason);
        let block = found.map_or(0.0, |found| found.block);
        vec![
            Finding::of(
                "outlook_growth_low",
                "Resampled growth, 5 %",
                "fraction",
                of(|found| found.growth.low),
                format!(
                    "Annual growth below which one in twenty of {} resamples of the best trial's days stays, drawn in blocks of {block:.1} days.",
                    self.request.replications
                ),
            ),
            Finding::of(
                "outlook_growth",
                "Resampled growth, median",
                "fraction",
                of(|found| found.growth.middle),
                "Annual growth of the middle one.",
            ),
            Finding::of(
                "outlook_drawdown",
                "Resampled drawdown, median",
                "fraction",
                of(|found| found.drawdown.middle),
                "Largest fall from a peak, day by day, of the middle one.",
            ),
            Finding::of(
                "outlook_drawdown_high",
                "Resampled drawdown, 95 %",
                "fraction",
                of(|found| found.drawdown.high),
                "One in twenty falls further.",
            ),
            Finding::of(
                "outlook_ruin",
                "Resampled ruin",
                "probability",
                of(|found| found.ruin.value),
                format!("How often the equity came down to {RUIN} of the opening."),
            ),
        ]
    }

    fn haircuts(&self) -> Vec<Finding> {
        let ratios: Vec<Option<f64>> = self.matrix.columns().iter().map(|column| sharpe(column, 1.0).ok()).collect();
        let tried: Vec<f64> = ratios.iter().flatten().copied().collect();
        let place = ratios[..self.place].iter().flatten().count();
        let left = |adjustment| {
            ratios[self.place].ok_or(Undefined("the returns of the best do not vary"))?;
            let found = haircuts(&tried, self.best.len(), adjustment)?;
            Ok(found[place].sharpe * DAYS_PER_YEAR.sqrt())
        };
        vec![
            Finding::of(
                "haircut_bonferroni",
                "Sharpe after Bonferroni",
                "ratio",
                left(Adjustment::Bonferroni),
                "What is left of the annual ratio when its p-value is multiplied by the number of trials: no false find at all.",
            ),
            Finding::of(
                "haircut_holm",
                "Sharpe after Holm",
                "ratio",
                left(Adjustment::Holm),
                "The same in steps, never harsher.",
            ),
            Finding::of(
                "haircut_bhy",
                "Sharpe after BHY",
                "ratio",
                left(Adjustment::Bhy),
                "The same with some share of false finds allowed among all finds.",
            ),
        ]
    }
}

/// One less the winners' mean ratio out of sample over that in sample.
fn decay(found: &Overfitting) -> Defined {
    let mean = |of: fn(&Split) -> f64| found.splits.iter().map(of).sum::<f64>() / found.splits.len() as f64;
    let (inside, outside) = (mean(|split| split.in_sample), mean(|split| split.out_of_sample));
    if !inside.is_finite() || !outside.is_finite() {
        return Err(Undefined("the returns of a winner do not vary on a half"));
    }
    if inside <= 0.0 {
        Err(Undefined("the winners have no positive ratio in sample"))
    } else {
        Ok(1.0 - outside / inside)
    }
}

/// The same against every trial that was ever run on the data. Of two hurdles and two counts the larger one counts: what
/// else was tried cannot make this sweep's best any better.
fn against_ledger(
    ledger: &Snapshot,
    evidence: std::result::Result<Evidence, Undefined>,
    own_count: Defined,
    own_hurdle: Defined,
) -> Vec<Finding> {
    let count = own_count.map(|own| own.max(ledger.effective_trials));
    let variance = ledger.sharpe_variance.ok_or(Undefined("no trial of the ledger has a Sharpe ratio"));
    let hurdle = count.and_then(|trials| Selection { trials, variance: variance? }.hurdle());
    let hurdle = hurdle.and_then(|hurdle| Ok(hurdle.max(own_hurdle?)));
    vec![
        Finding::of(
            "ledger_trials",
            "Trials in the ledger",
            "count",
            Ok(ledger.trials as f64),
            "Distinct trials that were ever run on any of the same series on any of the same days, these among them.",
        ),
        Finding::of(
            "ledger_effective_trials",
            "Effective, in the ledger",
            "count",
            count,
            "How many independent tries those amount to, never fewer than this sweep alone.",
        ),
        Finding::of(
            "dsr_ledger",
            "Deflated, by the ledger",
            "probability",
            hurdle.and_then(|hurdle| evidence?.probability_above(hurdle)),
            "Probability that the true Sharpe ratio is above what the luckiest of everything ever tried would show.",
        )
        .held_to(Bound::AtLeast(CONFIDENCE)),
    ]
}

/// How the neighbours of the best do.
pub(super) fn plateau(trials: &[Trial], axes: &[Axis], best: &Trial, objective: Objective) -> Vec<Finding> {
    let name = objective.name();
    let (share, half) = match objective.direction() {
        Direction::Descending => (format!("Mean {name} of"), format!("at least half of the best's {name}")),
        Direction::Ascending => {
            (format!("Mean, over its own, of the best's {name} for"), format!("at most twice the best's {name}"))
        }
    };
    let found = Plateau::of(trials, axes, best, objective);
    let neighbours = found.map_or_else(|_| "trials".to_owned(), |found| format!("{} trials", found.neighbours));
    vec![
        Finding::of(
            "plateau_mean",
            "Neighbours, mean",
            "fraction",
            found.map(|found| found.mean),
            format!("{share} the {neighbours} one step away on the grid, as a share of the best: a lonely peak is more often luck."),
        )
        .held_to(Bound::AtLeast(PLATEAU_MIN)),
        Finding::of(
            "plateau_worst",
            "Neighbours, worst",
            "fraction",
            found.map(|found| found.worst),
            "The worst of them, as a share of the best.",
        ),
        Finding::of(
            "plateau_share",
            "Plateau",
            "fraction",
            found.map(|found| found.share),
            format!(
                "Share of the {} trials at most two steps away along every axis that have {half}.",
                found.map_or(0, |found| found.near)
            ),
        ),
    ]
}
