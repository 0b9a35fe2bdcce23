//! What the numbers of a comparison mean: the one text that the page, its tables and `docs/compare.md` show.

use crate::report::page::{Field, Kind, Term};

/// Numbers that are computed for every record by one definition, in order of display.
pub const TERMS: &[Term] = &[
    Term::of("closed", "Finished trades", "trades", "round trips, without those that ended only because the data did"),
    Term::of(
        "open",
        "Open at the end",
        "trades",
        "trades that ended only because the data did; in no other number here",
    ),
    Term::of("longs", "Longs", "trades", "finished trades that gain when the price rises"),
    Term::of("shorts", "Shorts", "trades", "finished trades that gain when the price falls"),
    Term::of("win_rate", "Win rate", "%", "finished trades with a profit above zero over all finished trades"),
    Term::of("mean_hours", "Mean length", "hours", "mean time from first to last fill of the finished trades"),
    Term::of(
        "volume",
        "Volume",
        "money",
        "entry price times quantity plus exit price times quantity, over the finished trades",
    ),
    Term::of(
        "price_result",
        "Price result",
        "money",
        "(exit price − entry price) × quantity, turned round for shorts, summed over the finished trades: what the moves of the prices came to before any cost",
    ),
    Term::of("fees", "Fees", "money", "sum of the fees of the finished trades"),
    Term::of(
        "slippage",
        "Slippage",
        "money",
        "sum of the modelled slippage of the finished trades; already in their prices",
    ),
    Term::of(
        "profit",
        "Profit",
        "money",
        "sum of the results of the finished trades as each file states them, which is mostly net of fees; see the notes",
    ),
    Term::of(
        "profit_factor",
        "Profit factor",
        "ratio",
        "sum of the profits above zero over the sum of those below, without its sign",
    ),
    Term::of("best", "Best trade", "money", "largest profit of a finished trade"),
    Term::of("worst", "Worst trade", "money", "smallest profit of a finished trade"),
    Term::of(
        "closed_return",
        "Return of finished trades",
        "%",
        "that profit in percent of what the account held at the start",
    ),
    Term::of(
        "closed_drawdown",
        "Drawdown of finished trades",
        "%",
        "largest fall of opening capital plus profits so far, taken at each exit, in percent of the peak before it",
    ),
    Term::of("final_equity", "Equity at the end", "money", "worth of the account, open positions at the last close"),
    Term::of("equity_return", "Return", "%", "equity at the end over equity at the start, less one"),
    Term::of(
        "daily_drawdown",
        "Daily drawdown",
        "%",
        "largest fall of equity below an earlier peak, by the samples at UTC midnight, in percent of that peak",
    ),
    Term::of(
        "daily_sharpe",
        "Daily Sharpe",
        "ratio",
        "mean daily return over its sample standard deviation, times the square root of 365, by the samples at UTC midnight",
    ),
];

const fn field(key: &'static str, name: &'static str, kind: Kind, definition: &'static str) -> Field<'static> {
    Field { key, name, definition, kind }
}

/// Columns of matched trades, in files and on the page. Differences are the other's number less the reference's.
pub const MATCHED: &[Field<'static>] = &[
    field("reference_trade", "#", Kind::Text, "the reference's own name of the trade"),
    field("other_trade", "other #", Kind::Text, "the other's own name of it"),
    field("symbol", "symbol", Kind::Text, "as the reference writes it"),
    field("direction", "side", Kind::Text, "long or short"),
    field("entry_time", "entry", Kind::Time, "first fill, in the reference"),
    field("entry_seconds", "entry later by s", Kind::Price, "how much later the other entered, in seconds"),
    field("exit_seconds", "exit later by s", Kind::Price, "how much later the other ended, in seconds"),
    field("entry_price", "entry price", Kind::Price, "average entry price, in the reference"),
    field("entry_price_difference", "Δ entry price", Kind::Price, "difference of average entry prices"),
    field(
        "entry_price_basis_points",
        "Δ entry bp",
        Kind::Price,
        "that difference in hundredths of a percent of the reference's price",
    ),
    field("exit_price_difference", "Δ exit price", Kind::Price, "difference of average exit prices"),
    field("quantity_difference", "Δ quantity", Kind::Price, "difference of opened quantities"),
    field(
        "fees_difference",
        "Δ fees",
        Kind::Money,
        "difference of fees; empty where one side does not know them or the assets differ",
    ),
    field("profit", "profit", Kind::Money, "result, in the reference"),
    field(
        "profit_difference",
        "Δ profit",
        Kind::Money,
        "difference of results; empty where one side states none or the assets differ",
    ),
    field("reference_reason", "exit by", Kind::Text, "what closed it, in the reference's words"),
    field("other_reason", "other exit by", Kind::Text, "what closed it, in the other's words"),
    field(
        "reason",
        "reasons",
        Kind::Text,
        "whether both words mean the same: agree, differ or unknown; see the list of known words",
    ),
    field("apart", "differs in", Kind::Text, "what is beyond the tolerances; empty where nothing is"),
];

/// Columns of trades that one side alone has.
pub const ALONE: &[Field<'static>] = &[
    field("only_in", "only in", Kind::Text, "which record has it"),
    field("trade", "#", Kind::Text, "its own file's name of it"),
    field("symbol", "symbol", Kind::Text, "as its file writes it"),
    field("direction", "side", Kind::Text, "long or short"),
    field("entry_time", "entry", Kind::Time, "first fill"),
    field("exit_time", "exit", Kind::Time, "last fill, or the end of the data"),
    field("quantity", "quantity", Kind::Price, "how much was opened"),
    field("entry_price", "entry price", Kind::Price, "average entry price"),
    field("exit_price", "exit price", Kind::Price, "average exit price"),
    field("profit", "profit", Kind::Money, "its result as its file states it"),
    field("exit_reason", "exit by", Kind::Text, "what closed it, in its file's words"),
];

/// The term of this key.
///
/// Panics without one: a bug of this room, which the test below finds.
pub fn term(key: &str) -> &'static Term {
    TERMS.iter().find(|term| term.key == key).unwrap_or_else(|| panic!("no term is called {key}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_on_comparisons_has_every_term_word_for_word() {
        let documentation = include_str!("../../docs/compare.md");
        for line in TERMS.iter().map(Term::row) {
            assert!(documentation.contains(&line), "docs/compare.md lacks: {line}");
        }
        for Field { key, name, definition, .. } in MATCHED.iter().chain(ALONE) {
            let line = format!("| `{key}` | {name} | {definition} |");
            assert!(documentation.contains(&line), "docs/compare.md lacks: {line}");
        }
    }
}
