//! The page's tables.

use super::escape::html;
use super::rows::{TRADE_COLUMNS, TradeRow};
use crate::report::summary::{Count, GroupLine, Summary};
use crate::report::wording;
use std::fmt::Write;

/// How a column stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Align {
    Text,
    Number,
}

/// A table under construction.
struct Table {
    out: String,
    columns: Vec<(&'static str, Align)>,
}

impl Table {
    fn new(columns: &[(&'static str, Align)]) -> Self {
        let mut out = String::from("<div class=\"scroll\"><table><thead><tr>");
        for (name, align) in columns {
            write!(out, "<th{}>{}</th>", class(*align), html(name)).expect("a string can be written to");
        }
        out.push_str("</tr></thead><tbody>\n");
        Table { out, columns: columns.to_vec() }
    }

    fn row<T: AsRef<str>>(&mut self, cells: &[T]) {
        self.out.push_str("<tr>");
        for (cell, (_, align)) in cells.iter().zip(&self.columns) {
            let cell = cell.as_ref();
            let sign = if *align == Align::Number && cell.starts_with('-') { " neg" } else { "" };
            match align {
                Align::Number => write!(self.out, "<td class=\"num{sign}\">{}</td>", html(cell)),
                Align::Text => write!(self.out, "<td>{}</td>", html(cell)),
            }
            .expect("a string can be written to");
        }
        self.out.push_str("</tr>\n");
    }

    fn end(self) -> String {
        self.out + "</tbody></table></div>\n"
    }
}

fn class(align: Align) -> &'static str {
    match align {
        Align::Text => "",
        Align::Number => " class=\"num\"",
    }
}

use Align::{Number, Text};

/// Every statistic with its definition.
pub fn metrics(summary: &Summary) -> String {
    let mut table = Table::new(&[("statistic", Text), ("value", Number), ("definition", Text)]);
    for row in &summary.metrics {
        let definition = match (&row.reason, &row.note) {
            (Some(reason), _) => format!("n/a: {reason}. {}", row.definition),
            (None, Some(note)) => format!("{note}. {}", row.definition),
            (None, None) => row.definition.clone(),
        };
        table.row(&[row.label.clone(), wording::metric(row, &summary.currency), definition]);
    }
    table.end()
}

/// The trades that are shown.
pub fn trades(rows: &[TradeRow]) -> String {
    let heads = [
        ("#", Number),
        ("desk", Text),
        ("symbol", Text),
        ("side", Text),
        ("status", Text),
        ("entry", Text),
        ("exit", Text),
        ("length", Number),
        ("quantity", Number),
        ("entry price", Number),
        ("exit price", Number),
        ("profit", Number),
        ("profit %", Number),
        ("fees", Number),
        ("entered as", Text),
        ("exit by", Text),
        ("ambiguous", Number),
    ];
    let mut table = Table::new(&heads);
    for row in rows {
        let cells = TRADE_COLUMNS.iter().zip(&row.cells).map(|(column, cell)| match *column {
            "entry_time" | "exit_time" => wording::minute(cell),
            "duration_seconds" => wording::length(cell.parse().unwrap_or(0.0)),
            "entry_price" | "exit_price" => wording::price(cell),
            "profit" | "fees" => wording::money(cell),
            "profit_percent" => format!("{:+.2}", row.profit_percent),
            "ambiguous_fills" if cell == "0" => String::new(),
            _ => cell.clone(),
        });
        table.row(&cells.collect::<Vec<_>>());
    }
    table.end()
}

/// Desk by desk.
pub fn desks(summary: &Summary) -> String {
    let heads = [
        ("desk", Text),
        ("strategy", Text),
        ("parameters", Text),
        ("result", Number),
        ("closed", Number),
        ("trades", Number),
        ("win rate", Number),
        ("fills", Number),
        ("fees", Number),
        ("slippage", Number),
        ("refusals", Number),
        ("halted", Text),
    ];
    let mut table = Table::new(&heads);
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
        ("symbol", Text),
        ("venue", Text),
        ("quote", Text),
        ("closed", Number),
        ("open", Number),
        ("trades", Number),
        ("win rate", Number),
        ("fees", Number),
        ("slippage", Number),
        ("first price", Number),
        ("last price", Number),
        ("buy and hold", Number),
    ];
    let mut table = Table::new(&heads);
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
    let mut table = Table::new(&[("", Text), ("", Number), ("", Text)]);
    let (costs, fills, currency) = (&summary.costs, &summary.fills, summary.currency.as_str());
    let mut row = |name: &str, value: String, note: &str| table.row(&[name, value.as_str(), note]);
    row("fees", wording::money(&costs.fees), currency);
    row("modelled slippage", wording::money(&costs.slippage), currency);
    row("fees and slippage", wording::money(&costs.total), currency);
    for fee in &costs.fees_by_asset {
        row("  fees taken by the venue", wording::money(&fee.amount), &fee.asset);
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
    let mut table = Table::new(&[("orders", Text), ("what", Text), ("count", Number)]);
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
        ("finished trades", Text),
        ("name", Text),
        ("trades", Number),
        ("win rate", Number),
        ("profit", Number),
        ("mean profit", Number),
        ("fees", Number),
        ("ambiguous", Number),
    ];
    let mut table = Table::new(&heads);
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
        ("venue", Text),
        ("symbol", Text),
        ("interval", Text),
        ("origin", Text),
        ("rows", Number),
        ("first", Text),
        ("last", Text),
        ("holes", Number),
        ("missing rows", Number),
        ("unexplained", Number),
        ("content hash", Text),
    ];
    let mut table = Table::new(&heads);
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
    let heads = [("symbol", Text), ("interval", Text), ("from", Text), ("to", Text), ("rows", Number), ("kind", Text)];
    let mut table = Table::new(&heads);
    let mut any = false;
    for data in &summary.data {
        for gap in &data.gaps.listed {
            any = true;
            let (from, to) = (wording::minute(&gap.from), wording::minute(&gap.to));
            table.row(&[&data.symbol, &data.interval, &from, &to, &wording::count(gap.rows), &gap.kind]);
        }
    }
    if any { table.end() } else { String::new() }
}

/// What the scenario decided about the simulated exchange, and what is ours at the end.
pub fn policy(summary: &Summary) -> String {
    let mut table = Table::new(&[("simulated exchange", Text), ("", Text)]);
    for (name, value) in &summary.policy {
        table.row(&[name, value]);
    }
    for balance in &summary.balances {
        table.row(&[&format!("balance at the end, {}", balance.asset), &balance.owned]);
    }
    table.end()
}
