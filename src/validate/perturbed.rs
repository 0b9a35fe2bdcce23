//! Perturbed candles through the whole engine: does the best trial live on what the prices did, or on their last digit?
//!
//! Every close is moved by a small random factor, and so is the open that follows it, so that candles still join. The
//! factor of candle t is 1 + amount · r · z: z a normal draw, r the median range of the instrument's candles over
//! their close. High and low move by the mean of the factors of open and close, and are widened where they would cut
//! through either. Prices are rounded to their own units; volumes and times stay. The market comes back to where it was
//! after every candle: what is tested is the decision, not another history.

use super::finding::Finding;
use super::replay::{Replay, done};
use crate::chance::Chance;
use crate::domain::{CandleColumns, InstrumentId};
use crate::engine::Keep;
use crate::error::{Fault, Result};
use crate::metrics::Undefined;
use crate::metrics::quantile::quantile;
use crate::scenario::Matching;
use rayon::prelude::*;
use serde::Serialize;

/// What tells the streams of these draws from others of the same seed.
const STREAM: u64 = 0x7065_7274_0000;

/// How candles are perturbed.
#[derive(Clone, Copy, Debug)]
pub struct Perturbation {
    /// How many markets are drawn.
    pub replications: usize,
    /// The size of the factors, in median ranges of a candle.
    pub amount: f64,
    /// Seed of the draws.
    pub seed: u64,
}

/// What the best trial came to on perturbed markets.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Perturbed {
    /// The trial that was run.
    pub trial: u64,
    /// The size of the factors, in median ranges of a candle.
    pub amount: f64,
    /// Seed of the draws.
    pub seed: u64,
    /// By market: closing over opening equity, less one; none where the run did not come to its end.
    pub returns: Vec<Option<f64>>,
    /// By market: the annual Sharpe ratio.
    pub sharpes: Vec<Option<f64>>,
}

impl Perturbed {
    /// Runs a trial on perturbed markets.
    ///
    /// # Errors
    /// When orders are matched on trades, of which candles are only the outline, and when the trial does not come to a
    /// plan any more.
    pub fn of(replay: &Replay<'_>, trial: u64, perturbation: Perturbation) -> Result<Self> {
        let stage = replay.stage_of(trial, &[])?;
        if stage.plan.instruments.iter().any(|instrument| instrument.matching == Matching::Trades) {
            return Err(Fault::user("perturbing candles: orders are matched on trades")
                .remedy("leave --perturb out, or sweep with matching on candles"));
        }
        let found: Vec<(Option<f64>, Option<f64>)> = (0..perturbation.replications)
            .into_par_iter()
            .map(|market| {
                let stream = |id: InstrumentId| STREAM + ((market as u64) << 16) + u64::from(id.0);
                let drawn = stage.with_candles(|id, _, candles| {
                    perturbed(candles, perturbation.amount, &mut Chance::new(perturbation.seed, stream(id)))
                });
                let runs = replay.run(&[(trial, drawn)], Keep::Totals);
                let run = runs.first().and_then(done);
                let number = |column| run.and_then(|(trial, _)| trial.get(column));
                (number("total_return"), number("sharpe"))
            })
            .collect();
        let (returns, sharpes) = found.into_iter().unzip();
        Ok(Perturbed { trial, amount: perturbation.amount, seed: perturbation.seed, returns, sharpes })
    }

    /// What they say in numbers.
    pub fn findings(&self) -> Vec<Finding> {
        let count = self.returns.len();
        let ratios: Vec<f64> = self.sharpes.iter().flatten().copied().collect();
        let at = |share: f64| quantile(&ratios, share);
        let gained = self.returns.iter().flatten().filter(|gain| **gain > 0.0).count();
        let share = if count == 0 { Err(Undefined("no market was drawn")) } else { Ok(gained as f64 / count as f64) };
        vec![
            Finding::of(
                "perturbed_sharpe",
                "Perturbed, median",
                "ratio",
                at(0.5),
                format!(
                    "Median annual Sharpe ratio of the best trial on {count} markets whose closes were moved by {} median ranges of a candle.",
                    self.amount
                ),
            ),
            Finding::of("perturbed_sharpe_low", "Perturbed, 5 %", "ratio", at(0.05), "One market in twenty gave less."),
            Finding::of(
                "perturbed_gains",
                "Perturbed, gains",
                "fraction",
                share,
                "Share of the perturbed markets on which it gained.",
            ),
        ]
    }

    /// The markets as CSV.
    pub fn csv(&self) -> String {
        let mut text = "market,total_return,sharpe\n".to_owned();
        let shown = |value: &Option<f64>| value.map(|value| value.to_string()).unwrap_or_default();
        for (market, (gain, sharpe)) in self.returns.iter().zip(&self.sharpes).enumerate() {
            text.push_str(&format!("{},{},{}\n", market + 1, shown(gain), shown(sharpe)));
        }
        text
    }
}

/// Candles with every close, and the open after it, moved a little.
fn perturbed(candles: &CandleColumns, amount: f64, chance: &mut Chance) -> CandleColumns {
    let size = amount * median_range(candles);
    let mut changed = candles.clone();
    let moved = |price: i64, factor: f64| ((price as f64 * factor).round() as i64).max(1);
    let mut before = 1.0;
    for row in 0..candles.len() {
        // A factor stays positive whatever is asked for.
        let after = (1.0 + size * chance.normal()).max(0.01);
        let (open, close) = (moved(candles.open[row], before), moved(candles.close[row], after));
        let middle = (before + after) / 2.0;
        changed.open[row] = open;
        changed.close[row] = close;
        changed.high[row] = moved(candles.high[row], middle).max(open).max(close);
        changed.low[row] = moved(candles.low[row], middle).min(open).min(close);
        before = after;
    }
    changed
}

/// The median of high less low over close; zero without candles.
fn median_range(candles: &CandleColumns) -> f64 {
    let range = |row: usize| (candles.high[row] - candles.low[row]) as f64 / (candles.close[row].max(1)) as f64;
    let ranges: Vec<f64> = (0..candles.len()).map(range).collect();
    quantile(&ranges, 0.5).unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn market() -> CandleColumns {
        let (mut columns, mut chance) = (CandleColumns::default(), Chance::new(3, 0));
        let mut price = 30_000i64;
        for row in 0..2_000i64 {
            let close = price + chance.below(41) as i64 - 20;
            columns.open_time_mut().push(row * 60_000_000_000);
            columns.open.push(price);
            columns.high.push(price.max(close) + chance.below(9) as i64);
            columns.low.push(price.min(close) - chance.below(9) as i64);
            columns.close.push(close);
            columns.volume.push(5);
            price = close;
        }
        columns
    }

    #[test]
    fn perturbed_candles_are_candles_and_the_seed_decides_them() {
        let market = market();
        let drawn = |amount: f64, seed| perturbed(&market, amount, &mut Chance::new(seed, 0));
        let other = drawn(0.5, 1);
        for row in 0..market.len() {
            let (open, close) = (other.open[row], other.close[row]);
            assert!(other.low[row] <= open.min(close) && other.high[row] >= open.max(close) && other.low[row] > 0);
            // Where candles joined they still do, but for the rounding of either.
            assert!(row == 0 || (other.open[row] - other.close[row - 1]).abs() <= 1);
        }
        assert_eq!((&other.open_time, &other.volume), (&market.open_time, &market.volume));
        assert_eq!(drawn(0.5, 1), other);
        assert_ne!(drawn(0.5, 2), other);
        assert_eq!(drawn(0.0, 1), market, "no perturbation is the market itself");
    }

    #[test]
    fn closes_move_by_what_is_said_and_do_not_wander_off() {
        let market = market();
        let other = perturbed(&market, 0.5, &mut Chance::new(9, 0));
        let moves: Vec<f64> =
            market.close.iter().zip(&other.close).map(|(was, is)| *is as f64 / *was as f64 - 1.0).collect();
        let deviation = (moves.iter().map(|by| by * by).sum::<f64>() / moves.len() as f64).sqrt();
        let expected = 0.5 * median_range(&market);
        assert!((deviation / expected - 1.0).abs() < 0.1, "{deviation} and {expected}");
        let late: f64 = moves[1_900..].iter().sum::<f64>() / 100.0;
        assert!(late.abs() < 5.0 * expected / 10.0, "{late}");
    }
}
