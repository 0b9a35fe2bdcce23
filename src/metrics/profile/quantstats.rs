//! QuantStats 0.0.86 (`quantstats.stats`) with its defaults: 252 periods a year, risk-free rate 0, compounding.

use super::{ProfileRow, deviation, largest, mean, sum, those, unless_zero};
use crate::metrics::{normal, quantile, streak};

/// The library's default, also for markets that never close.
const PERIODS: f64 = 252.0;
/// Confidence of the tails.
const CONFIDENCE: f64 = 0.95;

/// Every metric of a series of daily simple returns, in the library's names.
pub fn rows(returns: &[f64]) -> Vec<ProfileRow> {
    let series = Series::of(returns);
    let mut rows = series.growth();
    rows.extend(series.ratios());
    rows.extend(series.falls());
    rows.extend(series.tails());
    rows.extend(series.days());
    if is_taken_for_prices(returns) {
        for row in rows.iter_mut().filter(|row| row.label != "comp") {
            row.difference = Some(
                "the library takes this series for prices, as no return is negative and one is above 1 \
                 (+100 %), and prints a number of the changes of the returns"
                    .to_owned(),
            );
        }
    }
    rows
}

/// Whether `_prepare_returns` would divide each return by the one before it.
fn is_taken_for_prices(returns: &[f64]) -> bool {
    returns.iter().all(|rate| *rate >= 0.0) && returns.iter().any(|rate| *rate > 1.0)
}

struct Series<'a> {
    returns: &'a [f64],
    count: f64,
    mean: f64,
    deviation: f64,
    wins: Vec<f64>,
    losses: Vec<f64>,
    /// What one unit has become at the end.
    wealth: f64,
    /// After each day, how far below the highest wealth so far, as a fraction, zero or below.
    drawdowns: Vec<f64>,
}

impl<'a> Series<'a> {
    fn of(returns: &'a [f64]) -> Self {
        let (mut wealth, mut peak) = (1.0_f64, 1.0_f64);
        let mut drawdowns = Vec::with_capacity(returns.len());
        for rate in returns {
            wealth *= 1.0 + rate;
            peak = peak.max(wealth);
            drawdowns.push(wealth / peak - 1.0);
        }
        Series {
            returns,
            count: returns.len() as f64,
            mean: mean(returns),
            deviation: deviation(returns),
            wins: those(returns, |rate| rate > 0.0),
            losses: those(returns, |rate| rate < 0.0),
            wealth,
            drawdowns,
        }
    }

    fn growth(&self) -> Vec<ProfileRow> {
        let expected = libm::pow(self.wealth, 1.0 / self.count) - 1.0;
        vec![
            ProfileRow::new("comp", "fraction", "product of all (1 + return), less 1", self.wealth - 1.0),
            ProfileRow::new("expected_return", "fraction", "geometric mean of the daily returns", expected),
            ProfileRow::new("cagr", "fraction", "(1 + comp)^(252 / days) - 1", self.cagr()),
            ProfileRow::new(
                "volatility",
                "fraction",
                "sample standard deviation of the daily returns times sqrt(252)",
                self.deviation * PERIODS.sqrt(),
            ),
        ]
    }

    fn ratios(&self) -> Vec<ProfileRow> {
        let plain = self.mean / self.deviation;
        let sortino = self.sortino();
        let gained_to_lost = self.mean * self.count / unless_zero(self.lost());
        let omega = if self.count < 2.0 { f64::NAN } else { self.won() / unless_zero(self.lost()) };
        let variance = 1.0 - self.skew() * plain + (self.kurtosis() + 3.0 - 1.0) / 4.0 * plain * plain;
        let probability = normal::cumulative(plain / (variance / (self.count - 1.0)).sqrt());
        vec![
            ProfileRow::new(
                "sharpe",
                "ratio",
                "mean daily return over its sample standard deviation, times sqrt(252)",
                plain * PERIODS.sqrt(),
            ),
            ProfileRow::new(
                "probabilistic_sharpe_ratio",
                "fraction",
                "normal probability of the daily Sharpe ratio over its error by bias-corrected skewness and kurtosis",
                probability,
            ),
            ProfileRow::new(
                "sortino",
                "ratio",
                "mean daily return over sqrt(sum of squared losses / all days), times sqrt(252)",
                sortino,
            ),
            ProfileRow::new("adjusted_sortino", "ratio", "sortino over sqrt(2)", sortino / 2.0_f64.sqrt()),
            ProfileRow::new("omega", "ratio", "sum of gains over absolute sum of losses, threshold 0", omega),
            ProfileRow::new(
                "gain_to_pain_ratio",
                "ratio",
                "sum of returns over absolute sum of losses",
                gained_to_lost,
            ),
            ProfileRow::new(
                "risk_return_ratio",
                "ratio",
                "mean daily return over its sample standard deviation",
                self.mean / unless_zero(self.deviation),
            ),
        ]
    }

    fn falls(&self) -> Vec<ProfileRow> {
        let depth = self.depth();
        let ulcer = self.ulcer();
        let mut calmar = ProfileRow::new(
            "calmar",
            "ratio",
            "cagr over the absolute maximum drawdown",
            self.cagr() / unless_zero(depth),
        );
        if depth == 0.0 {
            calmar.difference = Some("the library stops with a ZeroDivisionError".to_owned());
        }
        let performance = (self.wealth - 1.0) / unless_zero(ulcer);
        // The tail of the drawdowns, as if they were normal.
        let pitfall = -shortfall(mean(&self.drawdowns), deviation(&self.drawdowns)) / unless_zero(self.deviation);
        let serenity = sum(self.returns) / unless_zero(ulcer * pitfall);
        vec![
            ProfileRow::new(
                "max_drawdown",
                "fraction",
                "lowest wealth over the highest before it, less 1; zero or below",
                0.0 - depth,
            ),
            calmar,
            ProfileRow::new("ulcer_index", "fraction", "root of the sum of squared drawdowns over days less 1", ulcer),
            ProfileRow::new("ulcer_performance_index", "ratio", "comp over ulcer_index", performance),
            ProfileRow::new(
                "serenity_index",
                "ratio",
                "sum of returns over (ulcer_index times the normal shortfall of the drawdowns over the deviation)",
                serenity,
            ),
            ProfileRow::new(
                "recovery_factor",
                "ratio",
                "absolute sum of returns over absolute maximum drawdown: a loss counts as a gain",
                sum(self.returns).abs() / unless_zero(depth),
            ),
        ]
    }

    fn tails(&self) -> Vec<ProfileRow> {
        let tails = self.tail_ratio();
        let at_risk = self.mean + unless_zero(self.deviation) * normal::quantile(1.0 - CONFIDENCE);
        let gains = mean(&those(self.returns, |rate| rate >= 0.0));
        vec![
            ProfileRow::new(
                "value_at_risk",
                "fraction",
                "5 % quantile of the normal distribution with the returns' mean and deviation; a loss is negative",
                at_risk,
            ),
            ProfileRow::new(
                "cvar",
                "fraction",
                "mean beyond value_at_risk of that normal distribution; a loss is negative",
                shortfall(self.mean, self.deviation),
            ),
            ProfileRow::new("skew", "ratio", "bias-corrected skewness", self.skew()),
            ProfileRow::new("kurtosis", "ratio", "bias-corrected excess kurtosis", self.kurtosis()),
            ProfileRow::new("tail_ratio", "ratio", "absolute 95 % quantile over 5 % quantile", tails),
            ProfileRow::new(
                "outlier_win_ratio",
                "ratio",
                "99 % quantile over the mean of the returns that are not negative",
                self.quantile(0.99) / unless_zero(gains),
            ),
            ProfileRow::new(
                "outlier_loss_ratio",
                "ratio",
                "1 % quantile over the mean of the negative returns",
                self.quantile(0.01) / unless_zero(mean(&self.losses)),
            ),
            ProfileRow::new("best", "fraction", "highest daily return", largest(self.returns.iter().copied())),
            ProfileRow::new(
                "worst",
                "fraction",
                "lowest daily return",
                self.returns.iter().copied().fold(f64::NAN, f64::min),
            ),
        ]
    }

    fn days(&self) -> Vec<ProfileRow> {
        let moved = those(self.returns, |rate| rate != 0.0);
        let share = if moved.is_empty() { 0.0 } else { self.wins.len() as f64 / moved.len() as f64 };
        let payoff = mean(&self.wins) / mean(&self.losses).abs();
        let factor = match self.lost() == 0.0 {
            true if self.won() == 0.0 => 0.0,
            true => f64::INFINITY,
            false => self.won() / self.lost(),
        };
        let kelly = (payoff * share - (1.0 - share)) / unless_zero(payoff);
        let ruin = libm::pow((1.0 - share) / (1.0 + share), self.count);
        let exposure = (moved.len() as f64 / self.count * 100.0).ceil() / 100.0;
        let run = |streak: Result<f64, _>| streak.unwrap_or(0.0);
        vec![
            ProfileRow::new("win_rate", "fraction", "days that won over days that won or lost", share),
            ProfileRow::new("avg_win", "fraction", "mean of the days that won", mean(&self.wins)),
            ProfileRow::new("avg_loss", "fraction", "mean of the days that lost", mean(&self.losses)),
            ProfileRow::new("avg_return", "fraction", "mean of the days that won or lost", mean(&moved)),
            ProfileRow::new("payoff_ratio", "ratio", "avg_win over absolute avg_loss", payoff),
            ProfileRow::new("profit_factor", "ratio", "sum of gains over absolute sum of losses, of days", factor),
            ProfileRow::new("cpc_index", "ratio", "profit_factor * win_rate * payoff_ratio", factor * share * payoff),
            ProfileRow::new("common_sense_ratio", "ratio", "profit_factor * tail_ratio", factor * self.tail_ratio()),
            ProfileRow::new("kelly_criterion", "fraction", "p - (1 - p) / payoff_ratio, p the win_rate of days", kelly),
            ProfileRow::new("risk_of_ruin", "fraction", "((1 - p) / (1 + p))^days, p the win_rate of days", ruin),
            ProfileRow::new(
                "consecutive_wins",
                "count",
                "most winning days in a row",
                run(streak::winning(self.returns)),
            ),
            ProfileRow::new(
                "consecutive_losses",
                "count",
                "most losing days in a row",
                run(streak::losing(self.returns)),
            ),
            ProfileRow::new("exposure", "fraction", "share of days that moved, rounded up to a percent", exposure),
        ]
    }

    fn cagr(&self) -> f64 {
        // Wealth below zero has no rate.
        if self.wealth < 0.0 { f64::NAN } else { libm::pow(self.wealth, 1.0 / (self.count / PERIODS)) - 1.0 }
    }

    fn sortino(&self) -> f64 {
        let squares: Vec<f64> = self.losses.iter().map(|rate| rate * rate).collect();
        self.mean / unless_zero((sum(&squares) / self.count).sqrt()) * PERIODS.sqrt()
    }

    fn won(&self) -> f64 {
        sum(&self.wins)
    }

    fn lost(&self) -> f64 {
        sum(&self.losses).abs()
    }

    fn depth(&self) -> f64 {
        self.drawdowns.iter().fold(0.0, |deepest: f64, fall| deepest.max(-fall))
    }

    fn ulcer(&self) -> f64 {
        let squares: Vec<f64> = self.drawdowns.iter().map(|fall| fall * fall).collect();
        (sum(&squares) / (self.count - 1.0)).sqrt()
    }

    fn quantile(&self, share: f64) -> f64 {
        quantile::quantile(self.returns, share).unwrap_or(f64::NAN)
    }

    fn tail_ratio(&self) -> f64 {
        (self.quantile(CONFIDENCE) / unless_zero(self.quantile(1.0 - CONFIDENCE))).abs()
    }

    /// Sum of the deviations from the mean to this power.
    fn powers(&self, power: i32) -> f64 {
        sum(&self
            .returns
            .iter()
            .map(|rate| (1..power).fold(rate - self.mean, |product, _| product * (rate - self.mean)))
            .collect::<Vec<_>>())
    }

    fn skew(&self) -> f64 {
        let (n, squares) = (self.count, self.powers(2));
        if n < 3.0 || squares == 0.0 {
            return f64::NAN;
        }
        n * (n - 1.0).sqrt() / (n - 2.0) * self.powers(3) / (squares * squares.sqrt())
    }

    fn kurtosis(&self) -> f64 {
        let (n, squares) = (self.count, self.powers(2));
        if n < 4.0 || squares == 0.0 {
            return f64::NAN;
        }
        let scale = (n - 2.0) * (n - 3.0);
        n * (n + 1.0) * (n - 1.0) * self.powers(4) / (scale * squares * squares) - 3.0 * (n - 1.0) * (n - 1.0) / scale
    }
}

/// The mean of the worst 5 % of a normal distribution.
fn shortfall(mean: f64, deviation: f64) -> f64 {
    if deviation == 0.0 || deviation.is_nan() {
        return mean;
    }
    let edge = normal::quantile(1.0 - CONFIDENCE);
    let density = libm::exp(-edge * edge / 2.0) / (2.0 * std::f64::consts::PI).sqrt();
    mean - deviation * density / (1.0 - CONFIDENCE)
}
