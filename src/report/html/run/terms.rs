//! What the numbers of a run's page mean: the one text that the page, its tables and `docs/report.md` show.

use super::super::page::{Align, Field, Head, Kind, Term};

/// Everything that the page shows beside the statistics of `docs/metrics.md` and the columns of `trades.csv`.
pub const TERMS: &[Term] = &[
    Term::of(
        "result",
        "Result",
        "%",
        "equity at the end over equity at the start, less one, open positions at the last close; the account's currency",
    ),
    Term::of(
        "flattened",
        "Result, flattened",
        "%",
        "the same had every open position been closed at market at the end, modelled slippage and taker fee included",
    ),
    Term::of(
        "buy_and_hold",
        "Buy and hold",
        "%",
        "opening capital in equal parts in every instrument from its first to its last price, without costs, in the account's currency",
    ),
    Term::of(
        "drawdown",
        "Largest drawdown",
        "%",
        "largest fall of the equity below an earlier peak, taken at the close of every candle, in percent of that peak",
    ),
    Term::of(
        "trades",
        "Trades",
        "trades",
        "round trips from flat to flat that were closed; won and lost by their result net of fees",
    ),
    Term::of(
        "costs",
        "Costs",
        "account's currency",
        "fees and modelled slippage of all trades, open ones included; slippage is already in the prices of the fills",
    ),
    Term::of(
        "ambiguous_fills",
        "Ambiguous fills",
        "fills",
        "fills that some price path which fits the data would not have given: decided by the policy, against the account",
    ),
    Term::of(
        "certain_share",
        "Gross profit that is certain",
        "%",
        "share of the gross profit of all winning trades that was made by trades without an ambiguous fill",
    ),
    Term::of(
        "band",
        "Band of doubt",
        "%",
        "the result with every doubt that the data leave open decided against the account, and for it; a measure of how much rests on doubts, not a bound",
    ),
    Term::of(
        "month_return",
        "Returns by month and year",
        "%",
        "equity at the end of the month over equity at its start, less one, by the samples at UTC midnight; the first and the last month may be a part of one",
    ),
    Term::of(
        "rolling_sharpe",
        "Rolling Sharpe",
        "ratio",
        "Sharpe: mean daily return over its sample standard deviation, times the square root of 365",
    ),
    Term::of(
        "rolling_volatility",
        "Rolling volatility",
        "%",
        "Volatility: that standard deviation times the square root of 365, in percent",
    ),
    Term::of(
        "rolling_exposure",
        "Rolling exposure",
        "%",
        "Exposure: share of the time with at least one position open, in percent",
    ),
    Term::of(
        "daily_returns",
        "Daily returns",
        "days",
        "how many days had a return of this size, in percent; the outermost bars hold everything beyond",
    ),
    Term::of(
        "trade_results",
        "Results of trades",
        "trades",
        "how many finished trades had a result of this size, in percent of what was put in, net of fees; the outermost bars hold everything beyond",
    ),
    Term::of(
        "excursions",
        "Excursions of the shown trades",
        "%",
        "how far each trade stood to lose (MAE) and to gain (MFE) before fees while it was open, against its result, in percent of what was put in",
    ),
    Term::of(
        "by_length",
        "Trades by length",
        "%",
        "mean result of the finished trades in percent of what was put in, and their number, by the time from first to last fill",
    ),
    Term::of("by_hour", "Trades by hour", "%", "the same by the UTC hour of the first fill"),
    Term::of("by_weekday", "Trades by weekday", "%", "the same by the UTC weekday of the first fill"),
    Term::of(
        "underwater",
        "Underwater",
        "%",
        "how far the equity at UTC midnight stood below its highest so far, in percent of that",
    ),
    Term::of("depth", "depth", "%", "largest fall below the peak, in percent of it, by the samples at UTC midnight"),
    Term::of("days_down", "days down", "days", "days from peak to trough"),
    Term::of(
        "days_up",
        "days up",
        "days",
        "days from the trough until the peak was reached again, or to the end of the run",
    ),
    Term::of(
        "fan",
        "Drawdowns that could have been",
        "%",
        "quantiles of the largest drawdown so far over other orders of the same daily returns",
    ),
    Term::of(
        "closed_profit",
        "closed",
        "quote asset, or account's currency by desk",
        "sum of the results of finished trades, net of fees",
    ),
    Term::of(
        "open_profit",
        "open",
        "quote asset",
        "what the trades still open at the end would have come to, closing costs included",
    ),
    Term::of(
        "desk_result",
        "result",
        "account's currency",
        "the desk's equity at the end less its share at the start, open positions at the last close",
    ),
    Term::of("finished", "trades", "trades", "finished round trips"),
    Term::of("win_share", "win rate", "%", "finished trades with a result above zero over all finished trades"),
    Term::of("fills", "fills", "fills", "executions"),
    Term::of("fees", "fees", "account's currency, or quote asset by symbol", "fees of the trades, open ones included"),
    Term::of(
        "slippage",
        "slippage",
        "account's currency, or quote asset by symbol",
        "modelled slippage of the trades, open ones included; already in their prices",
    ),
    Term::of("refusals", "refusals", "orders", "orders that the desk did not send"),
    Term::of("first_price", "first price", "quote per base", "first known price at or after the start"),
    Term::of("last_price", "last price", "quote per base", "last known price"),
    Term::of(
        "group_profit",
        "profit",
        "account's currency",
        "sum of the results of the finished trades of this line, net of fees",
    ),
    Term::of("mean_profit", "mean profit", "account's currency", "that sum over their number"),
    Term::of(
        "ambiguous_trades",
        "ambiguous",
        "trades",
        "of the trades of this line, those with at least one ambiguous fill",
    ),
    Term::of("rows", "rows", "rows", "rows of market data"),
    Term::of("holes", "holes", "holes", "stretches of missing rows"),
    Term::of("missing_rows", "missing rows", "rows", "rows missing in all holes together"),
    Term::of(
        "unexplained",
        "unexplained",
        "holes",
        "holes that no known interruption of the exchange explains; nothing was filled in",
    ),
];

/// The term of this key.
///
/// Panics without one: a bug of this room, which the test below finds.
pub fn term(key: &str) -> &'static Term {
    TERMS.iter().find(|term| term.key == key).unwrap_or_else(|| panic!("no term is called {key}"))
}

/// A column of numbers with its term.
pub fn number(key: &str) -> Head {
    let term = term(key);
    Head { name: term.name, definition: term.definition, align: Align::Number }
}

const fn field(key: &'static str, name: &'static str, kind: Kind, definition: &'static str) -> Field<'static> {
    Field { key, name, definition, kind }
}

/// The columns of `trades.csv` that the page lists. Their definitions are those of `docs/files.md`.
pub const TRADE_FIELDS: &[Field<'static>] = &[
    field("trade", "#", Kind::Number, "counted from zero in order of opening"),
    field("desk", "desk", Kind::Text, "whose it was"),
    field("symbol", "symbol", Kind::Text, "on what"),
    field("direction", "side", Kind::Text, ""),
    field("status", "status", Kind::Text, "`open`: still open when the data ended"),
    field("entry_time", "entry", Kind::Time, "its first fill"),
    field("exit_time", "exit", Kind::Time, "its last fill, or the end of the data"),
    field("duration_seconds", "length", Kind::Length, "from `entry_time` to `exit_time`"),
    field("quantity", "quantity", Kind::Price, "all that was opened, less fees taken from the base asset"),
    field("entry_price", "entry price", Kind::Price, "`entry_notional` per unit of `quantity`"),
    field("exit_price", "exit price", Kind::Price, "`exit_notional` per unit closed"),
    field("profit", "profit", Kind::Money, "result net of fees"),
    field("profit_percent", "profit %", Kind::Percent, "`profit` of `entry_notional`"),
    field("fees", "fees", Kind::Money, "all fees of its fills, valued in the quote asset"),
    field("slippage", "slippage", Kind::Money, "all modelled slippage of its fills; already in the prices"),
    field("mae_percent", "MAE %", Kind::Percent, "`mae` of `entry_notional`"),
    field("mfe_percent", "MFE %", Kind::Percent, "`mfe` of `entry_notional`"),
    field("ambiguous_fills", "ambiguous", Kind::Count, "of all these, those that the data cannot prove"),
    field("entry_tag", "entered as", Kind::Text, "the strategy's name for the order that opened it"),
    field("exit_tag", "exited as", Kind::Text, "its name for the order that closed it; `end_of_data` for open ones"),
    field(
        "exit_reason",
        "exit by",
        Kind::Text,
        "what closed it: `stop`, `trailing-stop` or `target` of a bracket, else the order's type, or `end_of_data`",
    ),
    field(
        "stop_price",
        "stop",
        Kind::Price,
        "latest trigger of the stop of its bracket; empty without one, for a trailing stop, and for a stop that was not over when the data ended",
    ),
    field(
        "target_price",
        "target",
        Kind::Price,
        "latest level of the target of its bracket; empty without one, and for a target that was not over when the data ended",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_on_reports_has_every_term_word_for_word() {
        let documentation = include_str!("../../../../docs/report.md");
        for line in TERMS.iter().map(Term::row) {
            assert!(documentation.contains(&line), "docs/report.md lacks: {line}");
        }
        let documented = documentation.lines().filter(|line| line.starts_with("| `")).count();
        assert_eq!(documented, TERMS.len(), "docs/report.md describes something that is not there");
    }

    #[test]
    fn the_columns_of_trades_mean_what_the_page_on_files_says() {
        let documentation = include_str!("../../../../docs/files.md");
        for Field { key, definition, .. } in TRADE_FIELDS {
            let line = documentation.lines().find(|line| line.starts_with(&format!("| `{key}` |")));
            let line = line.unwrap_or_else(|| panic!("docs/files.md has no column {key}"));
            assert!(line.ends_with(&format!("| {definition} |")) || definition.is_empty(), "{line}\n{definition}");
        }
    }
}
