//! backtesting.py 0.6.6 (`backtesting._stats.compute_stats`) with its defaults: risk-free rate 0.
//!
//! Of what it prints, `Alpha` and `Beta` are left out: they need a price at every bar. Bars are of a day or finer.

use super::{ProfileRow, deviation, largest, mean, sum, those, unless_zero};
use crate::domain::{Span, Timestamp};

/// What the library is given.
#[derive(Clone, Copy, Debug)]
pub struct Book<'a> {
    /// Equity at every bar, stamped as the library stamps bars. Never empty.
    pub equity: &'a [(Timestamp, f64)],
    /// Closed trades.
    pub trades: &'a [Trade],
    /// What the instrument itself returned, in percent, where that is known.
    pub buy_and_hold: Option<f64>,
}

/// One closed trade as the library sees it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Trade {
    /// Number of the bar of its entry.
    pub entry_bar: usize,
    /// Number of the bar of its exit.
    pub exit_bar: usize,
    /// Its duration.
    pub duration: Span,
    /// Net profit in money.
    pub profit: f64,
    /// Net profit over what the entry cost, a fraction.
    pub rate: f64,
}

/// Why a growth rate is not what the library prints.
const TOTAL_LOSS: &str = "the library sets the mean growth to 0 once a return is -100 % or below, and prints";
/// Why a duration is not what the library prints.
const SHORT_FALLS: &str = "no drawdown lasted longer than one bar: in place of a duration the library prints a depth,";

/// Every line that the library prints and that is here, in its order.
pub fn rows(book: &Book<'_>) -> Vec<ProfileRow> {
    let falls = Falls::of(book.equity);
    let mut rows = account(book);
    rows.extend(growth(book, &falls));
    rows.extend(falls.rows());
    rows.extend(trades(book));
    rows
}

fn account(book: &Book<'_>) -> Vec<ProfileRow> {
    let equity = book.equity;
    let (first, last) = (equity[0].1, equity[equity.len() - 1].1);
    let mut held = vec![0.0; equity.len()];
    for trade in book.trades {
        let end = (trade.exit_bar + 1).min(held.len());
        held[trade.entry_bar.min(end)..end].fill(1.0);
    }
    let peak = largest(equity.iter().map(|(_, worth)| *worth));
    vec![
        ProfileRow::new("Exposure Time [%]", "percent", "bars with a trade open over all bars", mean(&held) * 100.0),
        ProfileRow::new("Equity Final [$]", "currency", "equity at the last bar", last),
        ProfileRow::new("Equity Peak [$]", "currency", "highest equity at a bar", peak),
        ProfileRow::new(
            "Return [%]",
            "percent",
            "change of the equity from first to last bar",
            (last - first) / first * 100.0,
        ),
        ProfileRow::new(
            "Buy & Hold Return [%]",
            "percent",
            "change of the instrument's price from first to last",
            book.buy_and_hold.unwrap_or(f64::NAN),
        ),
    ]
}

/// The rates of a year, from the geometric mean of the daily returns.
struct Yearly {
    growth: f64,
    volatility: f64,
    sharpe: f64,
    sortino: f64,
    calmar: f64,
}

impl Yearly {
    fn of(daily: &[f64], mean_growth: f64, days: f64, depth: f64) -> Self {
        let growth = libm::pow(1.0 + mean_growth, days) - 1.0;
        let spread = deviation(daily);
        let step = 1.0 + mean_growth;
        let volatility = (libm::pow(spread * spread + step * step, days) - libm::pow(step, 2.0 * days)).sqrt();
        let squares: Vec<f64> = daily.iter().map(|rate| rate.min(0.0) * rate.min(0.0)).collect();
        Yearly {
            growth,
            volatility,
            sharpe: growth / unless_zero(volatility),
            sortino: growth / (mean(&squares).sqrt() * days.sqrt()),
            calmar: growth / unless_zero(depth),
        }
    }
}

fn growth(book: &Book<'_>, falls: &Falls) -> Vec<ProfileRow> {
    let daily = daily_returns(book.equity);
    let days = days_per_year(book.equity);
    let (start, end) = (book.equity[0], book.equity[book.equity.len() - 1]);
    let years = end.0.since(start.0).days() / 365.25;
    let cagr = if years == 0.0 { f64::NAN } else { libm::pow(end.1 / start.1, 1.0 / years) - 1.0 };
    let right = Yearly::of(&daily, geometric_mean(&daily), days, falls.depth);
    let printed = Yearly::of(&daily, printed_geometric_mean(&daily), days, falls.depth);
    let line = |label, unit, definition, scale: f64, pick: fn(&Yearly) -> f64| {
        let mut row = ProfileRow::new(label, unit, definition, scale * pick(&right));
        row.difference = differs(scale * pick(&printed), row.value, TOTAL_LOSS);
        row
    };
    vec![
        line(
            "Return (Ann.) [%]",
            "percent",
            "(1 + geometric mean of the daily returns)^A - 1; A is 365, or 252 where few bars are at weekends",
            100.0,
            |year| year.growth,
        ),
        line(
            "Volatility (Ann.) [%]",
            "percent",
            "sqrt((variance + (1 + g)^2)^A - (1 + g)^(2 A)), g the geometric mean of the daily returns",
            100.0,
            |year| year.volatility,
        ),
        ProfileRow::new("CAGR [%]", "percent", "(last / first equity)^(365.25 / days) - 1", cagr * 100.0),
        line("Sharpe Ratio", "ratio", "Return (Ann.) over Volatility (Ann.)", 1.0, |year| year.sharpe),
        line(
            "Sortino Ratio",
            "ratio",
            "Return (Ann.) over root mean square of the daily losses times sqrt(A)",
            1.0,
            |year| year.sortino,
        ),
        line("Calmar Ratio", "ratio", "Return (Ann.) over the maximum drawdown", 1.0, |year| year.calmar),
    ]
}

/// What the library prints, where that is another number.
fn differs(printed: f64, value: f64, why: &str) -> Option<String> {
    let same = printed == value || (printed.is_nan() && value.is_nan());
    (!same).then(|| format!("{why} {printed}"))
}

/// Drawdowns over the bars.
struct Falls {
    depth: f64,
    /// Lengths of those longer than one bar.
    lengths: Vec<Span>,
    /// Depths of those; of every bar under water where there is none.
    depths: Vec<f64>,
    /// Half of the bars follow the one before within this.
    period: Span,
}

impl Falls {
    fn of(equity: &[(Timestamp, f64)]) -> Self {
        let mut peak = f64::NEG_INFINITY;
        let below: Vec<f64> = equity
            .iter()
            .map(|(_, worth)| {
                peak = peak.max(*worth);
                1.0 - worth / peak
            })
            .collect();
        let (mut before, mut lengths, mut depths) = (None, Vec::new(), Vec::new());
        for place in (0..below.len()).filter(|place| below[*place] == 0.0 || place + 1 == below.len()) {
            if let Some(start) = before.replace(place).filter(|start| place > start + 1) {
                lengths.push(equity[place].0.since(equity[start].0));
                depths.push(largest(below[start..=place].iter().copied()));
            }
        }
        if lengths.is_empty() {
            depths = those(&below, |fall| fall != 0.0);
        }
        let depth = below.iter().copied().fold(0.0, f64::max);
        Falls { depth, lengths, depths, period: period(equity) }
    }

    fn rows(&self) -> Vec<ProfileRow> {
        let mut longest = ProfileRow::new(
            "Max. Drawdown Duration",
            "days",
            "longest time from one peak to the next equal or higher one, of drawdowns longer than a bar",
            self.longest(),
        );
        let mut average = ProfileRow::new(
            "Avg. Drawdown Duration",
            "days",
            "mean of these times",
            rounded_up(average(&self.lengths), self.period),
        );
        if self.lengths.is_empty() && !self.depths.is_empty() {
            longest.difference = differs(largest(self.depths.iter().copied()), f64::NAN, SHORT_FALLS);
            average.difference = differs(mean(&self.depths), f64::NAN, SHORT_FALLS);
        }
        vec![
            ProfileRow::new(
                "Max. Drawdown [%]",
                "percent",
                "lowest equity below a peak before it",
                0.0 - self.depth * 100.0,
            ),
            ProfileRow::new(
                "Avg. Drawdown [%]",
                "percent",
                "mean depth of the drawdowns longer than a bar; where there is none, of the bars under water",
                -mean(&self.depths) * 100.0,
            ),
            longest,
            average,
        ]
    }

    fn longest(&self) -> f64 {
        rounded_up(self.lengths.iter().copied().max(), self.period)
    }
}

fn trades(book: &Book<'_>) -> Vec<ProfileRow> {
    let profits: Vec<f64> = book.trades.iter().map(|trade| trade.profit).collect();
    let rates: Vec<f64> = book.trades.iter().map(|trade| trade.rate).collect();
    let times: Vec<Span> = book.trades.iter().map(|trade| trade.duration).collect();
    let (won, lost) = (those(&profits, |profit| profit > 0.0), those(&profits, |profit| profit < 0.0));
    let count = profits.len() as f64;
    let share = won.len() as f64 / count;
    let period = period(book.equity);
    let gained = sum(&those(&rates, |rate| rate > 0.0));
    let given = sum(&those(&rates, |rate| rate < 0.0)).abs();
    let typical = geometric_mean(&rates);
    let mut each =
        ProfileRow::new("Avg. Trade [%]", "percent", "geometric mean of the trades' returns", typical * 100.0);
    each.difference = differs(printed_geometric_mean(&rates) * 100.0, each.value, TOTAL_LOSS);
    vec![
        ProfileRow::new("# Trades", "count", "closed trades", count),
        ProfileRow::new("Win Rate [%]", "percent", "trades with a profit above 0 over all", share * 100.0),
        ProfileRow::new(
            "Best Trade [%]",
            "percent",
            "highest return of a trade",
            largest(rates.iter().copied()) * 100.0,
        ),
        ProfileRow::new(
            "Worst Trade [%]",
            "percent",
            "lowest return of a trade",
            rates.iter().copied().fold(f64::NAN, f64::min) * 100.0,
        ),
        each,
        ProfileRow::new(
            "Max. Trade Duration",
            "days",
            "longest trade, rounded up to whole days, hours, minutes or seconds, as the bars are",
            rounded_up(times.iter().copied().max(), period),
        ),
        ProfileRow::new(
            "Avg. Trade Duration",
            "days",
            "mean of the trades, rounded up likewise",
            rounded_up(average(&times), period),
        ),
        ProfileRow::new(
            "Profit Factor",
            "ratio",
            "sum of the winners' returns over absolute sum of the losers' returns: of rates, not of money",
            gained / unless_zero(given),
        ),
        ProfileRow::new("Expectancy [%]", "percent", "mean return of a trade", mean(&rates) * 100.0),
        ProfileRow::new(
            "SQN",
            "ratio",
            "sqrt(trades) times mean over sample standard deviation of the trades' profits",
            count.sqrt() * mean(&profits) / unless_zero(deviation(&profits)),
        ),
        ProfileRow::new(
            "Kelly Criterion",
            "fraction",
            "p - (1 - p) / (mean profit of winners over mean loss of losers), p the win rate",
            share - (1.0 - share) / (mean(&won) / -mean(&lost)),
        ),
    ]
}

/// From the last equity of a UTC day to the last of the next day that has any.
fn daily_returns(equity: &[(Timestamp, f64)]) -> Vec<f64> {
    let days = equity.chunk_by(|one, other| one.0.midnight() == other.0.midnight());
    let last: Vec<f64> = days.map(|day| day[day.len() - 1].1).collect();
    last.windows(2).map(|pair| pair[1] / pair[0] - 1.0).filter(|rate| !rate.is_nan()).collect()
}

/// 365 where more than three fifths of the usual share of bars are at weekends, else 252.
fn days_per_year(equity: &[(Timestamp, f64)]) -> f64 {
    // The first of January 1970 was a Thursday: day 3 of a week that begins on Monday.
    let weekday = |at: Timestamp| (at.nanos().div_euclid(Span::DAY.nanos()) + 3).rem_euclid(7);
    let weekend = equity.iter().filter(|(at, _)| weekday(*at) >= 5).count() as f64;
    if weekend / equity.len() as f64 > 2.0 / 7.0 * 0.6 { 365.0 } else { 252.0 }
}

fn geometric_mean(rates: &[f64]) -> f64 {
    if rates.iter().any(|rate| *rate < -1.0) {
        return f64::NAN;
    }
    let logarithms: Vec<f64> = rates.iter().map(|rate| libm::log(1.0 + rate)).collect();
    libm::exp(mean(&logarithms)) - 1.0
}

fn printed_geometric_mean(rates: &[f64]) -> f64 {
    if rates.iter().any(|rate| *rate <= -1.0) { 0.0 } else { geometric_mean(rates) }
}

/// The median distance of the last hundred bars.
fn period(equity: &[(Timestamp, f64)]) -> Span {
    let last = &equity[equity.len().saturating_sub(100)..];
    let mut steps: Vec<i64> = last.windows(2).map(|pair| pair[1].0.since(pair[0].0).nanos()).collect();
    steps.sort_unstable();
    let middle = steps.len() / 2;
    let median = match (steps.get(middle), steps.len().is_multiple_of(2)) {
        (None, _) => 0,
        (Some(step), false) => *step,
        (Some(step), true) => steps[middle - 1].midpoint(*step),
    };
    Span::from_nanos(median)
}

fn average(spans: &[Span]) -> Option<Span> {
    let total: i128 = spans.iter().map(|span| i128::from(span.nanos())).sum();
    let average = total.checked_div(spans.len() as i128)?;
    Some(Span::from_nanos(i64::try_from(average).expect("an average is no longer than the longest")))
}

/// In days, rounded up to the coarsest of day, hour, minute and second that the period of the bars is made of.
fn rounded_up(span: Option<Span>, period: Span) -> f64 {
    let Some(span) = span else { return f64::NAN };
    let is_made_of = |unit: &&Span| period.nanos() > 0 && period.nanos() % unit.nanos() == 0;
    let units = [Span::DAY, Span::HOUR, Span::MINUTE, Span::SECOND];
    let unit = units.iter().find(is_made_of).map_or(1, |unit| unit.nanos());
    let whole = span.nanos().div_euclid(unit) + i64::from(span.nanos().rem_euclid(unit) > 0);
    Span::from_nanos(unit * whole).days()
}
