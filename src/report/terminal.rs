//! The table that a new user sees when a run is over: plain text, 80 columns, no colour.

use super::summary::Summary;
use super::wording;
use std::fmt::Write;

/// Columns of a terminal.
const WIDTH: usize = 80;
/// Columns of a row's name.
const NAME: usize = 20;

/// How fast the run went, as the caller measured it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Pace {
    /// It was not measured: the table is made from files.
    Unknown,
    /// Candles a second.
    CandlesPerSecond(f64),
}

/// The table of a run.
pub fn table(summary: &Summary, pace: Pace) -> String {
    let mut table = Table(String::new());
    warnings(&mut table, summary);
    head(&mut table, summary);
    result(&mut table, summary);
    trading(&mut table, summary);
    risk(&mut table, summary);
    if let Pace::CandlesPerSecond(pace) = pace {
        table.row("speed", &format!("{} candles/s", wording::count(pace.round().max(0.0) as u64)));
    }
    table.row("fingerprint", &summary.fingerprint);
    table.0
}

struct Table(String);

impl Table {
    /// One row; what does not fit goes on below, under its own column.
    fn row(&mut self, name: &str, text: &str) {
        let mut name = name;
        for line in wrapped(text, WIDTH - NAME) {
            writeln!(self.0, "{name:<NAME$}{line}").expect("a string can be written to");
            name = "";
        }
    }

    fn line(&mut self, text: &str) {
        for line in wrapped(text, WIDTH) {
            writeln!(self.0, "{line}").expect("a string can be written to");
        }
    }
}

/// Lines of at most `width` characters, broken at spaces where there are any.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut used = 0;
    for word in text.split_whitespace() {
        let mut letters: Vec<char> = word.chars().collect();
        if used > 0 && used + 1 + letters.len() > width {
            lines.push(String::new());
            used = 0;
        } else if used > 0 {
            lines.last_mut().expect("never empty").push(' ');
            used += 1;
        }
        while letters.len() > width {
            lines.last_mut().expect("never empty").extend(letters.drain(..width));
            lines.push(String::new());
        }
        used += letters.len();
        lines.last_mut().expect("never empty").extend(letters);
    }
    lines
}

fn warnings(table: &mut Table, summary: &Summary) {
    if let Some(caution) = summary.caution() {
        table.line(&caution);
    }
    if summary.is_synthetic() {
        table.line("SYNTHETIC DATA: a generator made these prices; the result says nothing about a market.");
    }
    if summary.is_testnet() {
        table.line("TESTNET DATA: these prices were made at a test network.");
    }
    for halt in &summary.halts {
        table.line(&format!("HALT: {}", halt.text));
    }
    for complaint in &summary.complaints {
        table.line(&format!("COMPLAINT at {}: {}", complaint.at, complaint.text));
    }
    match summary.unexplained_gaps() {
        0 => {}
        gaps => table.line(&format!("GAPS: {} holes in the data that nothing explains.", wording::count(gaps))),
    }
}

fn head(table: &mut Table, summary: &Summary) {
    let period = &summary.period;
    table.row("run", &summary.name);
    let seconds = period.seconds.parse().unwrap_or(0.0);
    let length = wording::length(seconds);
    table.row("period", &format!("{} to {} ({length})", wording::minute(&period.start), wording::minute(&period.end)));
    if let Some(at) = &period.halted_at {
        table.row("halted at", &format!("{at}: nothing is counted or annualised past it"));
    }
}

fn result(table: &mut Table, summary: &Summary) {
    let (result, currency) = (&summary.result, &summary.currency);
    let opening = wording::money(&result.opening_equity);
    let sum =
        |equity: &str, percent| format!("{} {currency} ({})", wording::money(equity), wording::signed_percent(percent));
    table.row("opening equity", &format!("{opening} {currency}"));
    table.row("result", &sum(&result.final_equity, result.return_percent));
    if summary.trades.open_at_end > 0 {
        table.row("  if closed at end", &sum(&result.flattened_equity, result.flattened_return_percent));
    }
    let hold = &summary.buy_and_hold;
    let undefined = |reason: &Option<String>| reason.as_ref().map_or_else(String::new, |reason| format!(" ({reason})"));
    let hold_text = format!("{}{}", wording::signed_percent(hold.return_percent), undefined(&hold.reason));
    table.row("buy and hold", &hold_text);
}

fn trading(table: &mut Table, summary: &Summary) {
    let (trades, fills, currency) = (&summary.trades, &summary.fills, &summary.currency);
    let open = match trades.open_at_end {
        0 => String::new(),
        open => format!(", {} open at the end", wording::count(open)),
    };
    table.row("trades", &format!("{}{open}", wording::count(trades.closed)));
    table.row("win rate", &wording::share(trades.winners, trades.closed));
    let costs = &summary.costs;
    let (fees, slippage) = (wording::money(&costs.fees), wording::money(&costs.slippage));
    let total = wording::money(&costs.total);
    table.row("costs", &format!("{total} {currency} (fees {fees}, slippage {slippage})"));
    let kinds = format!("{} maker, {} taker", wording::count(fills.maker), wording::count(fills.taker));
    table.row("fills", &format!("{} ({kinds})", wording::count(fills.count)));
    table.row("ambiguous fills", &ambiguous(summary));
    if summary.doubts > 0 {
        table.row("doubts", &format!("{} that the data could not settle", wording::count(summary.doubts)));
    }
    if let Some(detail) = &summary.detail {
        let (decided, fell_back) = (wording::count(detail.decided), wording::count(detail.fell_back));
        table.row(
            "detail",
            &format!("{decided} candles decided by finer data, {fell_back} without, against the account"),
        );
    }
    if let Some(band) = &summary.band {
        let (worst, best) = (band.worst.return_percent, band.best.return_percent);
        let interval = format!("{} to {}", wording::signed_percent(worst), wording::signed_percent(best));
        table.row("band of doubt", &format!("{interval} with every doubt against the account, or for it"));
    }
    table.row("refusals", &counted(&summary.refusals));
    if !summary.observed_limits.is_empty() {
        table.row("observed limits", &counted(&summary.observed_limits));
    }
}

/// How many fills the data cannot prove and what rests on them; where there is none, that alone.
fn ambiguous(summary: &Summary) -> String {
    let fills = &summary.fills;
    if fills.ambiguous == 0 {
        return "none".to_owned();
    }
    let resting = match summary.ambiguity.share_of_gross_profit_percent {
        Some(share) => format!("; {} of the gross profit rests on them", wording::percent(Some(share))),
        None => String::new(),
    };
    format!("{} ({}){resting}", wording::count(fills.ambiguous), wording::share(fills.ambiguous, fills.count))
}

fn counted(counts: &[super::summary::Count]) -> String {
    if counts.is_empty() {
        return "none".to_owned();
    }
    let each = counts.iter().map(|count| format!("{} {}", count.name, wording::count(count.count)));
    each.collect::<Vec<_>>().join(", ")
}

fn risk(table: &mut Table, summary: &Summary) {
    table.row("max drawdown", &wording::percent(Some(summary.result.max_drawdown_percent)));
    for key in ["cagr", "sharpe", "sortino", "profit_factor"] {
        if let Some(row) = summary.metric(key) {
            let beside = wording::beside(row).map_or_else(String::new, |beside| format!(" ({beside})"));
            table.row(&row.label, &format!("{}{beside}", wording::metric(row, &summary.currency)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample::Sample;
    use crate::strategy::Halt;

    fn table_of(sample: &Sample, pace: Pace) -> String {
        table(&Summary::of(&sample.outcome, &sample.facts()).unwrap(), pace)
    }

    #[test]
    fn the_table_fits_a_terminal_and_is_plain() {
        let mut sample = Sample::of(101, 2);
        let reason = "a very long reason ".repeat(8) + &"x".repeat(200);
        sample.outcome.desks[1].halt = Some(Halt { at: sample.outcome.start, reason });
        let text = table_of(&sample, Pace::CandlesPerSecond(43_210_987.6));
        assert!(text.lines().all(|line| line.chars().count() <= WIDTH), "{text}");
        assert!(!text.contains('\u{1b}'));
        for must in [
            "SYNTHETIC DATA",
            "HALT: desk",
            "101, 2 open at the end",
            "43,210,988 candles/s",
            "insufficient-balance 2",
            "GAPS: 2",
            "if closed at end",
        ] {
            assert!(text.contains(must), "{must}\n{text}");
        }
    }

    #[test]
    fn a_run_without_trades_has_no_win_rate() {
        let text = table_of(&Sample::empty(), Pace::Unknown);
        assert!(text.contains("win rate            n/a\n"), "{text}");
        assert!(text.contains("trades              0\n"), "{text}");
        assert!(text.contains("buy and hold        n/a (an instrument has no price in the period)"), "{text}");
        assert!(text.contains("Sharpe              n/a (fewer than 30 daily returns)"), "{text}");
        assert!(!text.contains("candles/s"));
    }
}
