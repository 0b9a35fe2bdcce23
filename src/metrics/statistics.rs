//! All metrics of a run, in the order in which they are shown.

use super::drawdown::Drawdown;
use super::exposure::{self, Presence};
use super::kelly::{self, Kelly};
use super::probabilistic_sharpe::{self, Evidence};
use super::{
    DAILY_RETURNS_MIN, DAYS_PER_YEAR, Metric, Row, Undefined, autocorrelation, averages, cagr, calmar, drawdown,
    duration, expectancy, moments, profit_factor, quality, returns, sharpe, sortino, streak, tail_ratio, total_return,
    ulcer, value_at_risk, volatility, win_rate,
};
use crate::domain::Timestamp;

/// What the metrics are made from.
#[derive(Clone, Copy, Debug, Default)]
pub struct Inputs<'a> {
    /// Equity in the account's currency, open positions, fees and funding included: at the start, at every UTC
    /// midnight, and at the end.
    pub equity: &'a [(Timestamp, f64)],
    /// Largest drawdown over the closes of all candles as a fraction, where it was tracked.
    pub candle_drawdown: Option<f64>,
    /// Closed round trips in order of closing.
    pub trades: &'a [TradeResult],
    /// Since when the positions still open at the end were open.
    pub open_since: &'a [Timestamp],
    /// Since when trading was halted, if it was.
    pub halted_at: Option<Timestamp>,
}

/// One closed round trip.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TradeResult {
    /// Its first entry fill.
    pub opened_at: Timestamp,
    /// Its last exit fill.
    pub closed_at: Timestamp,
    /// Result net of fees, in the account's currency.
    pub profit: f64,
    /// What it stood to lose at its stop when it was opened, in the account's currency, where that is known.
    pub risk: Option<f64>,
}

/// All metrics of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Statistics {
    rows: Vec<Row>,
}

/// Beside everything measured only up to a halt.
const HALTED: &str = "the run was halted: measured up to the close of the day of the halt";
/// Beside a recovery that did not come.
const UNRECOVERED: &str = "not recovered by the end of the run";

const TOO_FEW: Undefined = Undefined("fewer than 30 daily returns");

impl Statistics {
    /// Computes every metric.
    ///
    /// Ratios and everything annualised need 30 daily returns. After a halt the account only waits: those metrics are
    /// then taken up to the first equity sample at or after the halt, so that the day of the halt counts whole and
    /// the idle days after it neither thin out the risk nor stretch the year. Total return, drawdowns, and the
    /// figures on trades are of the whole run; Calmar divides by the drawdown of the whole run.
    pub fn compute(inputs: &Inputs<'_>) -> Self {
        let mut sheet = Statistics { rows: Vec::with_capacity(48) };
        let measured = Measured::of(inputs);
        sheet.add_growth(inputs, &measured);
        sheet.add_drawdown(inputs);
        sheet.add_distribution(&measured);
        sheet.add_trades(inputs);
        sheet
    }

    /// The metrics in the order in which they are shown.
    pub fn rows(&self) -> Vec<Row> {
        self.rows.clone()
    }

    /// The metric of this key, if there is such a key.
    pub fn get(&self, key: &str) -> Option<Metric> {
        self.rows.iter().find(|row| row.key == key).map(|row| row.value)
    }

    fn add_growth(&mut self, inputs: &Inputs<'_>, measured: &Measured<'_>) {
        let halted = measured.note;
        let depth = Drawdown::of(inputs.equity).map(|fall| fall.depth);
        let growth = measured.growth();
        let ratio = growth.and_then(|growth| calmar::calmar(growth, depth?));
        let daily = measured.returns();
        let lo = daily.and_then(|daily| autocorrelation::lo_factor(daily, DAYS_PER_YEAR as usize));
        let sharpe_lo = daily.and_then(|daily| Ok(sharpe::sharpe(daily, 1.0)? * lo?));
        let probability = daily.and_then(|daily| Evidence::of(daily)?.probability_above(0.0));

        self.add("total_return", "Total return", "fraction", total_return::DEFINITION, whole_return(inputs));
        self.add("cagr", "CAGR", "fraction", cagr::DEFINITION, growth).note = halted;
        self.add(
            "volatility",
            "Volatility",
            "fraction",
            volatility::DEFINITION,
            measured.yearly(volatility::volatility),
        )
        .note = halted;
        self.add("sharpe", "Sharpe", "ratio", sharpe::DEFINITION, measured.yearly(sharpe::sharpe)).note = halted;
        self.add("lo_factor", "Lo's factor", "ratio", autocorrelation::DEFINITION, lo).note = halted;
        self.add("sharpe_lo", "Sharpe by Lo", "ratio", autocorrelation::SHARPE_DEFINITION, sharpe_lo).note = halted;
        self.add("psr", "PSR(0)", "fraction", probabilistic_sharpe::DEFINITION, probability).note = halted;
        let sortino = measured.yearly(|daily, periods| sortino::sortino(daily, 0.0, periods));
        self.add("sortino", "Sortino", "ratio", sortino::DEFINITION, sortino).note = halted;
        self.add("calmar", "Calmar", "ratio", calmar::DEFINITION, ratio).note = halted;
    }

    fn add_drawdown(&mut self, inputs: &Inputs<'_>) {
        let fall = Drawdown::of(inputs.equity);
        let depth = fall.map(|fall| fall.depth);
        let candle_depth = inputs.candle_drawdown.ok_or(Undefined("not tracked for this run"));
        let unrecovered = fall.is_ok_and(|fall| fall.is_unrecovered()).then_some(UNRECOVERED);

        self.add("max_drawdown", "Max drawdown", "fraction", drawdown::DEFINITION, depth);
        let label = "Max drawdown, every candle";
        self.add("max_drawdown_candles", label, "fraction", drawdown::CANDLES_DEFINITION, candle_depth);
        let longest = fall.map(|fall| fall.longest as f64);
        self.add("drawdown_longest", "Longest drawdown", "days", drawdown::LONGEST_DEFINITION, longest);
        let days = fall.and_then(|fall| fall.fall_days());
        self.add("drawdown_fall", "Max drawdown, peak to trough", "days", drawdown::FALL_DEFINITION, days);
        let days = fall.and_then(|fall| fall.recovery_days());
        self.add("drawdown_recovery", "Max drawdown, recovery", "days", drawdown::RECOVERY_DEFINITION, days).note =
            unrecovered;
        self.add("ulcer", "Ulcer index", "fraction", ulcer::DEFINITION, ulcer::ulcer(inputs.equity));
    }

    fn add_distribution(&mut self, measured: &Measured<'_>) {
        let (halted, daily) = (measured.note, measured.returns());
        let tail = value_at_risk::TAIL;
        let edge = daily.and_then(|daily| value_at_risk::value_at_risk(daily, tail));
        let beyond = daily.and_then(|daily| value_at_risk::conditional(daily, tail));
        self.add("var_95", "VaR 95 %", "fraction", value_at_risk::DEFINITION, edge).note = halted;
        self.add("cvar_95", "CVaR 95 %", "fraction", value_at_risk::CONDITIONAL_DEFINITION, beyond).note = halted;
        let tails = daily.and_then(tail_ratio::tail_ratio);
        self.add("tail_ratio", "Tail ratio", "ratio", tail_ratio::DEFINITION, tails).note = halted;
        self.add("skew", "Skewness", "ratio", moments::SKEW_DEFINITION, daily.and_then(moments::skew)).note = halted;
        let kurtosis = daily.and_then(moments::kurtosis);
        self.add("kurtosis", "Kurtosis, raw", "ratio", moments::KURTOSIS_DEFINITION, kurtosis).note = halted;
        let continuous = daily.and_then(kelly::continuous);
        let label = "Kelly, continuous";
        self.add("kelly_continuous", label, "ratio", kelly::CONTINUOUS_DEFINITION, continuous).note = halted;
    }

    fn add_trades(&mut self, inputs: &Inputs<'_>) {
        let profits: Vec<f64> = inputs.trades.iter().map(|trade| trade.profit).collect();
        let profits = profits.as_slice();
        let multiples = expectancy::multiples(inputs.trades);
        let (results, quality_definition, uncapped_definition) = match &multiples {
            Ok(multiples) => (multiples.as_slice(), quality::DEFINITION, quality::UNCAPPED_DEFINITION),
            Err(_) => (profits, quality::MONEY_DEFINITION, quality::UNCAPPED_MONEY_DEFINITION),
        };
        let expectancy_r = multiples.as_deref().map_err(|undefined| *undefined).and_then(moments::mean);
        let kelly = Kelly::of(profits);

        self.add("trades", "Closed trades", "trades", "round trips that were closed", Ok(profits.len() as f64));
        self.add("win_rate", "Win rate", "fraction", win_rate::DEFINITION, win_rate::win_rate(profits));
        let factor = profit_factor::profit_factor(profits);
        self.add("profit_factor", "Profit factor", "ratio", profit_factor::DEFINITION, factor);
        self.add("expectancy", "Expectancy", "currency", expectancy::DEFINITION, expectancy::expectancy(profits));
        self.add("expectancy_r", "Expectancy in R", "R", expectancy::MULTIPLES_DEFINITION, expectancy_r);
        self.add("sqn", "SQN", "ratio", quality_definition, quality::quality(results));
        self.add("sqn_uncapped", "SQN, uncapped", "ratio", uncapped_definition, quality::uncapped(results));
        self.add("kelly", "Kelly", "fraction", kelly::DEFINITION, kelly.map(|kelly| kelly.fraction));
        self.add("kelly_low", "Kelly, low", "fraction", kelly::INTERVAL_DEFINITION, kelly.map(|kelly| kelly.low));
        self.add("kelly_high", "Kelly, high", "fraction", kelly::INTERVAL_DEFINITION, kelly.map(|kelly| kelly.high));
        self.add("average_win", "Average win", "currency", averages::WIN_DEFINITION, averages::win(profits));
        self.add("average_loss", "Average loss", "currency", averages::LOSS_DEFINITION, averages::loss(profits));
        self.add("payoff", "Payoff ratio", "ratio", averages::PAYOFF_DEFINITION, averages::payoff(profits));
        let most = averages::largest_win(profits);
        self.add("largest_win", "Largest win", "currency", averages::LARGEST_WIN_DEFINITION, most);
        let most = averages::largest_loss(profits);
        self.add("largest_loss", "Largest loss", "currency", averages::LARGEST_LOSS_DEFINITION, most);
        let streak = streak::winning(profits);
        self.add("winning_streak", "Longest winning streak", "trades", streak::WINNING_DEFINITION, streak);
        let streak = streak::losing(profits);
        self.add("losing_streak", "Longest losing streak", "trades", streak::LOSING_DEFINITION, streak);
        let hours = duration::average_hours(inputs.trades);
        self.add("average_duration", "Average duration", "hours", duration::DEFINITION, hours);
        self.add("exposure", "Exposure", "fraction", exposure::DEFINITION, time_in_market(inputs));
    }

    fn add(
        &mut self,
        key: &'static str,
        label: &'static str,
        unit: &'static str,
        definition: &'static str,
        value: Result<f64, Undefined>,
    ) -> &mut Row {
        self.rows.push_mut(Row { key, label, unit, definition, value: value.into(), note: None })
    }
}

/// The daily returns that ratios are taken from: of all the run, or up to the first equity sample at or after a halt.
///
/// # Errors
/// As [`returns::daily`].
pub fn measured_returns(equity: &[(Timestamp, f64)], halted_at: Option<Timestamp>) -> Result<Vec<f64>, Undefined> {
    Measured::of(&Inputs { equity, halted_at, ..Inputs::default() }).daily
}

/// The part of the run that ratios are taken from: all of it, or up to the halt.
struct Measured<'a> {
    equity: &'a [(Timestamp, f64)],
    daily: Result<Vec<f64>, Undefined>,
    note: Option<&'static str>,
}

impl<'a> Measured<'a> {
    fn of(inputs: &Inputs<'a>) -> Self {
        let (equity, note) = match inputs.halted_at {
            None => (inputs.equity, None),
            Some(halt) => {
                let before = inputs.equity.partition_point(|(at, _)| *at < halt);
                (&inputs.equity[..(before + 1).min(inputs.equity.len())], Some(HALTED))
            }
        };
        Measured { equity, daily: returns::daily(equity), note }
    }

    /// The daily returns, if there are enough for a ratio.
    fn returns(&self) -> Result<&[f64], Undefined> {
        match &self.daily {
            Ok(daily) if daily.len() < DAILY_RETURNS_MIN => Err(TOO_FEW),
            Ok(daily) => Ok(daily),
            Err(undefined) => Err(*undefined),
        }
    }

    fn yearly(&self, metric: impl Fn(&[f64], f64) -> Result<f64, Undefined>) -> Result<f64, Undefined> {
        metric(self.returns()?, DAYS_PER_YEAR)
    }

    fn growth(&self) -> Result<f64, Undefined> {
        self.returns()?;
        let &[first, .., last] = self.equity else { return Err(TOO_FEW) };
        cagr::cagr(first.1, last.1, last.0.since(first.0).days())
    }
}

fn whole_return(inputs: &Inputs<'_>) -> Result<f64, Undefined> {
    match inputs.equity {
        &[first, .., last] => total_return::total_return(first.1, last.1),
        [] | [_] => Err(Undefined("fewer than two equity samples")),
    }
}

fn time_in_market(inputs: &Inputs<'_>) -> Result<f64, Undefined> {
    match inputs.equity {
        &[(start, _), .., (end, _)] => {
            exposure::exposure(&Presence { start, end, closed: inputs.trades, open_since: inputs.open_since })
        }
        [] | [_] => Err(Undefined("fewer than two equity samples")),
    }
}

#[cfg(test)]
mod tests;
