//! The page's tables.

use super::super::page::escape::html;
use super::super::page::{Table, text};
use super::terms::number;
use crate::report::profile::{self, MetricsProfile};
use crate::report::summary::{Count, GroupLine, MetricRow, Summary};
use crate::report::wording;
use std::path::Path;

/// A column of numbers whose rows say what they are.
const VALUE: super::super::page::Head = super::super::page::number("value", "");

/// The statistics with their definitions, from one place of the list to another.
pub fn metrics(label: &str, rows: &[MetricRow], currency: &str) -> String {
    let mut table = Table::new(label, &[text("statistic"), VALUE, text("definition")]);
    for row in rows {
        let definition = match (&row.reason, &row.note) {
            (Some(reason), _) => format!("n/a: {reason}. {}", row.definition),
            (None, Some(note)) => format!("{note}. {}", row.definition),
            (None, None) => row.definition.clone(),
        };
        table.row(&[row.label.clone(), wording::metric(row, currency), definition]);
    }
    table.end()
}

/// The metrics of another library by its own definitions, or why there are none.
pub fn profile(run: &Path, summary: &Summary, profile: MetricsProfile) -> String {
    let profile = match profile::of(run, summary, profile) {
        Ok(profile) => profile,
        Err(fault) => return format!("<p class=\"soft\">n/a: {}</p>\n", html(&fault.to_string())),
    };
    let mut table =
        Table::new("Another library's statistics", &[text("metric"), VALUE, text("unit"), text("definition")]);
    for row in &profile.rows {
        let definition = match &row.difference {
            Some(difference) => format!("{} Not what the library prints: {difference}", row.definition),
            None => row.definition.to_owned(),
        };
        table.row(&[row.label.to_owned(), profile::shown(row.value), row.unit.to_owned(), definition]);
    }
    format!("<p class=\"soft\">As defined by {}.</p>\n{}", html(profile.title), table.end())
}

/// Desk by desk.
pub fn desks(summary: &Summary) -> String {
    let heads = [
        text("desk"),
        text("strategy"),
        text("parameters"),
        number("desk_result"),
        number("closed_profit"),
        number("finished"),
        number("win_share"),
        number("fills"),
        number("fees"),
        number("slippage"),
        number("refusals"),
        text("halted"),
    ];
    let mut table = Table::new("Desks", &heads);
    for desk in &summary.desks {
        let parameters = desk.parameters.iter().map(|(name, value)| format!("{name} = {value}"));
        table.row(&[
            desk.name.clone(),
            desk.strategy.clone(),
            parameters.collect::<Vec<_>>().join(", "),
            wording::money(&desk.profit),
            wording::money(&desk.closed_profit),
            wording::count(desk.trades),
            wording::share(desk.winners, desk.trades),
            wording::count(desk.fills),
            wording::money(&desk.fees),
            wording::money(&desk.slippage),
            wording::count(desk.refusals.iter().map(|refusal| refusal.count).sum()),
            desk.halted_at.clone().unwrap_or_else(|| "no".to_owned()),
        ]);
    }
    table.end()
}

/// Instrument by instrument.
pub fn symbols(summary: &Summary) -> String {
    let heads = [
        text("symbol"),
        text("venue"),
        text("quote"),
        number("closed_profit"),
        number("open_profit"),
        number("finished"),
        number("win_share"),
        number("fees"),
        number("slippage"),
        number("first_price"),
        number("last_price"),
        number("buy_and_hold"),
    ];
    let mut table = Table::new("Symbols", &heads);
    let price = |price: &Option<String>| match price {
        Some(price) => wording::price(price),
        None => wording::UNDEFINED.to_owned(),
    };
    for symbol in &summary.symbols {
        table.row(&[
            symbol.symbol.clone(),
            symbol.venue.clone(),
            symbol.quote.clone(),
            wording::money(&symbol.closed_profit),
            wording::money(&symbol.open_profit),
            wording::count(symbol.trades),
            wording::share(symbol.winners, symbol.trades),
            wording::money(&symbol.fees),
            wording::money(&symbol.slippage),
            price(&symbol.first_price),
            price(&symbol.last_price),
            wording::signed_percent(symbol.buy_and_hold_percent),
        ]);
    }
    table.end()
}

/// What trading cost, and how the fills came about.
pub fn costs(summary: &Summary) -> String {
    let mut table = Table::new("Costs and fills", &[text("what"), VALUE, text("of")]);
    let (costs, fills, currency) = (&summary.costs, &summary.fills, summary.currency.as_str());
    let mut row = |name: &str, value: String, note: &str| table.row(&[name, value.as_str(), note]);
    row("fees", wording::money(&costs.fees), currency);
    row("modelled slippage", wording::money(&costs.slippage), currency);
    row("funding", wording::UNDEFINED.to_owned(), "not modelled");
    row("fees and slippage", wording::money(&costs.total), currency);
    for fee in &costs.fees_by_asset {
        row("  fees taken by the venue", wording::money(&fee.amount), &fee.asset);
        row("    for orders that waited (maker)", wording::money(&fee.maker), &fee.asset);
        row("    for orders that took (taker)", wording::money(&fee.taker), &fee.asset);
    }
    row("fills", wording::count(fills.count), "");
    row("  maker", wording::count(fills.maker), &wording::share(fills.maker, fills.count));
    row("  taker", wording::count(fills.taker), &wording::share(fills.taker, fills.count));
    row("  certain", wording::count(fills.certain), &wording::share(fills.certain, fills.count));
    row("  ambiguous", wording::count(fills.ambiguous), &wording::share(fills.ambiguous, fills.count));
    let ambiguity = &summary.ambiguity;
    row("trades with an ambiguous fill", wording::count(ambiguity.trades), "");
    row("  their profit", wording::money(&ambiguity.profit), currency);
    let reason = ambiguity.reason.as_deref().unwrap_or("");
    row(
        "  part of the gross profit that rests on them",
        wording::percent(ambiguity.share_of_gross_profit_percent),
        reason,
    );
    row("doubts that the data could not settle", wording::count(summary.doubts), "");
    if let Some(detail) = &summary.detail {
        row("candles that finer data decided", wording::count(detail.decided), "");
        row("  candles without finer data, decided against the account", wording::count(detail.fell_back), "");
    }
    if let Some(band) = &summary.band {
        let about = "a measure of how much rests on doubts, not a bound";
        row("  result with every one against the account", wording::signed_percent(band.worst.return_percent), about);
        row("  result with every one for it", wording::signed_percent(band.best.return_percent), "");
    }
    table.end()
}

/// Orders by their end, refusals, limits.
pub fn orders(summary: &Summary) -> String {
    let mut table =
        Table::new("Orders and refusals", &[text("orders"), text("what"), super::super::page::number("count", "")]);
    let mut section = |name: &str, counts: &[Count]| {
        for count in counts {
            table.row(&[name, &count.name, &wording::count(count.count)]);
        }
    };
    section("by their end", &summary.orders);
    section("reasons", &summary.order_reasons);
    section("refused by the desk", &summary.refusals);
    section("limits only observed", &summary.observed_limits);
    for desk in &summary.desks {
        if summary.desks.len() > 1 {
            section(&format!("refused by desk {}", desk.name), &desk.refusals);
        }
    }
    table.end()
}

/// Finished trades by the names of their orders and by how they were closed.
pub fn groups(summary: &Summary) -> String {
    if summary.exit_reasons.is_empty() {
        return "<p class=\"soft\">No trade was finished.</p>\n".to_owned();
    }
    let heads = [
        text("finished trades"),
        text("name"),
        number("finished"),
        number("win_share"),
        number("group_profit"),
        number("mean_profit"),
        number("fees"),
        number("ambiguous_trades"),
    ];
    let mut table = Table::new("What opened and closed the trades", &heads);
    let mut section = |what: &str, lines: &[GroupLine]| {
        for line in lines {
            let name = if line.name.is_empty() { "(none)" } else { &line.name };
            table.row(&[
                what.to_owned(),
                name.to_owned(),
                wording::count(line.trades),
                wording::share(line.winners, line.trades),
                wording::money(&line.profit),
                wording::mean(&line.profit, line.trades),
                wording::money(&line.fees),
                wording::count(line.ambiguous),
            ]);
        }
    };
    section("closed by", &summary.exit_reasons);
    section("entered as", &summary.entry_tags);
    section("exited as", &summary.exit_tags);
    table.end()
}

/// The market data and their holes.
pub fn data(summary: &Summary) -> String {
    let heads = [
        text("venue"),
        text("symbol"),
        text("interval"),
        text("origin"),
        number("rows"),
        text("first"),
        text("last"),
        number("holes"),
        number("missing_rows"),
        number("unexplained"),
        text("content hash"),
    ];
    let mut table = Table::new("Market data", &heads);
    for data in &summary.data {
        table.row(&[
            data.venue.clone(),
            data.symbol.clone(),
            data.interval.clone(),
            data.origin.name().to_owned(),
            wording::count(data.rows),
            wording::minute(&data.first),
            wording::minute(&data.last),
            wording::count(data.gaps.count),
            wording::count(data.gaps.missing_rows),
            wording::count(data.gaps.unexplained),
            data.content_hash.clone(),
        ]);
    }
    table.end()
}

/// The holes that are named; nothing when there are none.
pub fn gaps(summary: &Summary) -> String {
    let heads = [text("symbol"), text("interval"), text("from"), text("to"), number("rows"), text("kind")];
    let mut table = Table::new("Holes in the data", &heads);
    for data in &summary.data {
        for gap in &data.gaps.listed {
            let (from, to) = (wording::minute(&gap.from), wording::minute(&gap.to));
            table.row(&[&data.symbol, &data.interval, &from, &to, &wording::count(gap.rows), &gap.kind]);
        }
    }
    if table.is_empty() { String::new() } else { table.end() }
}

/// What the scenario decided about the simulated exchange, and what is ours at the end.
pub fn policy(summary: &Summary) -> String {
    let mut table = Table::new("Conditions", &[text("simulated exchange"), text("rule")]);
    for (name, value) in &summary.policy {
        table.row(&[name, value]);
    }
    for balance in &summary.balances {
        table.row(&[&format!("balance at the end, {}", balance.asset), &balance.owned]);
    }
    table.end()
}
