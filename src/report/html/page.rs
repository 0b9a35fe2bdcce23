//! The page as a whole: what stands where.

use super::escape::{html, json};
use super::rows::TradeRow;
use super::{tables, telling};
use crate::report::summary::Summary;
use crate::report::wording;
use std::fmt::Write;

/// The page's looks.
const STYLE: &str = include_str!("page.css");
/// What turns the charts' data into charts.
const SCRIPT: &str = include_str!("page.js");

/// What the page is made of.
#[derive(Debug)]
pub struct Page<'a> {
    /// The run in numbers.
    pub summary: &'a Summary,
    /// The resolved plan.
    pub plan: &'a str,
    /// The trades that are shown.
    pub trades: &'a [TradeRow],
    /// How many there are in the file.
    pub trades_in_file: usize,
    /// Charts: a title, what it is, its data as JSON.
    pub charts: &'a [Chart],
    /// How this run is called on the command line.
    pub run: &'a str,
}

/// One chart.
#[derive(Clone, Debug)]
pub struct Chart {
    /// What it shows.
    pub title: String,
    /// A note beneath.
    pub note: String,
    /// Its data as JSON.
    pub data: String,
}

impl Page<'_> {
    /// The page up to where the drawing script goes.
    pub fn before_script(&self) -> String {
        let mut out = String::with_capacity(1 << 20);
        self.head(&mut out);
        self.banners(&mut out);
        self.cards(&mut out);
        for (number, chart) in self.charts.iter().enumerate() {
            let (title, note) = (html(&chart.title), html(&chart.note));
            put(&mut out, format_args!("<section><h2>{title}</h2><div class=\"chart\" id=\"chart-{number}\"></div>"));
            put(&mut out, format_args!("<p class=\"soft\">{note}</p></section>\n"));
        }
        self.sections(&mut out);
        out.push_str("</main>\n");
        for (number, chart) in self.charts.iter().enumerate() {
            put(&mut out, format_args!("<script type=\"application/json\" data-chart=\"chart-{number}\">"));
            out.push_str(&json(&chart.data));
            out.push_str("</script>\n");
        }
        out
    }

    /// The page from behind the drawing script.
    pub fn behind_script() -> String {
        format!("<script>\n{SCRIPT}</script>\n</body>\n</html>\n")
    }

    fn head(&self, out: &mut String) {
        let (summary, name) = (self.summary, html(&self.summary.name));
        put(out, format_args!("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"));
        out.push_str("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
        put(out, format_args!("<title>{name} · Tapeline</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n"));
        let period = &summary.period;
        let (from, to) = (wording::minute(&period.start), wording::minute(&period.end));
        let length = wording::length(period.seconds.parse().unwrap_or(0.0));
        put(out, format_args!("<h1>{name}</h1>\n<p class=\"soft\">"));
        let symbols = summary.symbols.iter().map(|symbol| html(&symbol.symbol)).collect::<Vec<_>>().join(", ");
        let candles = wording::count(summary.candles);
        put(out, format_args!("{symbols} · {from} to {to} UTC ({length}) · {candles} candles · Tapeline "));
        put(out, format_args!("{}</p>\n", html(&summary.engine_version)));
    }

    fn banners(&self, out: &mut String) {
        let summary = self.summary;
        let mut banner = |kind: &str, text: &str| {
            put(out, format_args!("<div class=\"banner {kind}\">{}</div>\n", html(text)));
        };
        if let Some(caution) = summary.caution() {
            banner("warn", &caution);
        }
        if summary.is_synthetic() {
            banner("warn", "Synthetic data: a generator made these prices. The result says nothing about a market.");
        }
        if summary.is_testnet() {
            banner("warn", "Testnet data: these prices were made at a test network.");
        }
        if let Some(at) = &summary.period.halted_at {
            banner("stop", &format!("The run was halted at {at}. Nothing is counted or annualised past it."));
        }
        for halt in &summary.halts {
            banner("stop", &halt.text);
        }
        for complaint in &summary.complaints {
            banner("stop", &format!("Complaint at {}: {}", complaint.at, complaint.text));
        }
        let gaps = summary.unexplained_gaps();
        if gaps > 0 {
            banner(
                "warn",
                &format!("The data have {} holes that nothing explains; none was filled in.", wording::count(gaps)),
            );
        }
    }

    fn cards(&self, out: &mut String) {
        let summary = self.summary;
        let (result, currency) = (&summary.result, &summary.currency);
        out.push_str("<div class=\"cards\">\n");
        let mut card = |name: &str, value: &str, note: &str| {
            let sign = match value.as_bytes().first() {
                Some(b'+') => " pos",
                Some(b'-') => " neg",
                Some(_) | None => "",
            };
            let (name, value, note) = (html(name), html(value), html(note));
            put(out, format_args!("<div class=\"card\"><div class=\"name\">{name}</div>"));
            put(out, format_args!("<div class=\"value{sign}\">{value}</div><div class=\"note\">{note}</div></div>\n"));
        };
        let money = |text: &str| format!("{} {currency}", wording::money(text));
        let ended = format!("{} from {}", money(&result.final_equity), money(&result.opening_equity));
        card("Result", &wording::signed_percent(result.return_percent), &ended);
        if summary.trades.open_at_end > 0 {
            let note = format!("{} if all were closed at the end", money(&result.flattened_equity));
            card("Result, flattened", &wording::signed_percent(result.flattened_return_percent), &note);
        }
        let hold = &summary.buy_and_hold;
        let note = match &hold.reason {
            Some(reason) => reason.clone(),
            None => format!("the run did {} points", wording::signed_percent(hold.excess_percent).replace(" %", "")),
        };
        card("Buy and hold", &wording::signed_percent(hold.return_percent), &note);
        card(
            "Largest drawdown",
            &wording::percent(Some(result.max_drawdown_percent)),
            "over the closes of all candles",
        );
        for key in ["cagr", "sharpe", "profit_factor"] {
            if let Some(row) = summary.metric(key) {
                card(&row.label, &wording::metric(row, currency), wording::beside(row).unwrap_or(""));
            }
        }
        let trades = &summary.trades;
        let note = format!(
            "{} won, {} lost, {} open at the end",
            wording::share(trades.winners, trades.closed),
            wording::share(trades.losers, trades.closed),
            wording::count(trades.open_at_end)
        );
        card("Trades", &wording::count(trades.closed), &note);
        let costs = &summary.costs;
        let note = format!("fees {}, slippage {}", wording::money(&costs.fees), wording::money(&costs.slippage));
        card("Costs", &money(&costs.total), &note);
        let note = match summary.ambiguity.share_of_gross_profit_percent {
            Some(share) => format!("{} of the gross profit rests on them", wording::percent(Some(share))),
            None => "no profit rests on them".to_owned(),
        };
        let fills = &summary.fills;
        let count = format!("{} of {}", wording::count(fills.ambiguous), wording::count(fills.count));
        card("Ambiguous fills", &count, &note);
        out.push_str("</div>\n");
    }

    fn sections(&self, out: &mut String) {
        let summary = self.summary;
        let mut section = |title: &str, body: &str| {
            put(out, format_args!("<section><h2>{}</h2>\n{body}</section>\n", html(title)));
        };
        section("Statistics", &tables::metrics(summary));
        section("Desks", &tables::desks(summary));
        section("Symbols", &tables::symbols(summary));
        section("Costs and fills", &tables::costs(summary));
        section("Orders and refusals", &tables::orders(summary));
        section("What opened and closed the trades", &tables::groups(summary));
        section("Trades", &format!("{}<div class=\"wide\">{}</div>", self.trades_note(), tables::trades(self.trades)));
        let gaps = match tables::gaps(summary) {
            none if none.is_empty() => none,
            listed => format!("<h3>Holes in the data</h3><div class=\"wide\">{listed}</div>"),
        };
        section("Market data", &format!("<div class=\"wide\">{}</div>{gaps}", tables::data(summary)));
        section("Conditions", &tables::policy(summary));
        let plan =
            format!("<details><summary>plan.toml</summary><pre><code>{}</code></pre></details>\n", html(self.plan));
        let (fingerprint, run) = (html(&summary.fingerprint), html(&shell_word(self.run)));
        let verify = format!(
            "<p>Fingerprint <code>{fingerprint}</code>. Run the plan again and compare bit by bit, from the folder that\n             holds this one:</p>\n\
             <pre><code>tapeline verify {run}</code></pre>\n"
        );
        section("The same again", &(verify + &plan));
    }

    fn trades_note(&self) -> String {
        let (shown, all) = (self.trades.len(), self.trades_in_file);
        let all_text = wording::count(all as u64);
        if all == 0 {
            return "<p class=\"soft\">There was no trade.</p>\n".to_owned();
        }
        if shown == all {
            return format!("<p class=\"soft\">All {all_text}. More columns in trades.csv.</p>\n");
        }
        let (shown, edge) = (wording::count(shown as u64), telling::TRADES_SHOWN / 10);
        format!(
            "<p class=\"soft\">The most telling {shown} of {all_text}, here and in the charts: the first and last {edge}, \
             and the largest gains and losses in equal number. All are in trades.csv.</p>\n"
        )
    }
}

/// A path as one word of a command line.
fn shell_word(path: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-/\\:".contains(&byte);
    if path.bytes().all(is_plain) { path.to_owned() } else { format!("'{}'", path.replace('\'', "'\\''")) }
}

fn put(out: &mut String, text: std::fmt::Arguments<'_>) {
    out.write_fmt(text).expect("a string can be written to");
}
