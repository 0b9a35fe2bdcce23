//! A table of many rows that the reader sorts and filters: the first rows stand in the page, all of them in its columns.

use super::columns::Columns;
use super::escape::{html, json};
use crate::domain::Timestamp;
use crate::report::wording;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde_json::json;
use std::fmt::Write;

/// Rows that stand in the page before anybody asks for more. `table.js` shows more of them by as many.
const FIRST_ROWS: usize = 50;

/// What a link is called.
const LINK: &str = "report";

/// Decimals of a packed number, at most.
const DECIMALS_MAX: usize = 12;

/// What is in a column, and so how it reads and sorts. `format.js` writes each as [`Kind::read`] does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A number that names the row.
    Number,
    /// How many.
    Count,
    /// Money, to the cent.
    Money,
    /// A price or a quantity, to eight digits.
    Price,
    /// A percentage with its sign.
    Percent,
    /// A plain ratio, to three decimals.
    Ratio,
    /// An instant, to the minute.
    Time,
    /// A length of time in seconds, its two largest units.
    Length,
    /// Words.
    Text,
    /// A place beside the page, percent-encoded: a link to it.
    Link,
}

/// A column of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field<'a> {
    /// Its name in files and in filters.
    pub key: &'a str,
    /// Its name for people.
    pub name: &'a str,
    /// What it means.
    pub definition: &'a str,
    /// What is in it.
    pub kind: Kind,
}

/// A table of many rows.
#[derive(Clone, Copy, Debug)]
pub struct DataTable<'a> {
    /// Its name within the page: its columns are packed as `id.key`.
    pub id: &'a str,
    /// What it lists, for readers of screens.
    pub label: &'a str,
    /// Its columns; the first names the row.
    pub fields: &'a [Field<'a>],
    /// Whether a row may be chosen: a script of the page then hears of it as the event `pick`.
    pub picks: bool,
}

impl Kind {
    /// Whether its cells stand to the left.
    const fn is_text(self) -> bool {
        matches!(self, Kind::Text | Kind::Link)
    }

    const fn word(self) -> &'static str {
        match self {
            Kind::Number => "number",
            Kind::Count => "count",
            Kind::Money => "money",
            Kind::Price => "price",
            Kind::Percent => "percent",
            Kind::Ratio => "ratio",
            Kind::Time => "time",
            Kind::Length => "length",
            Kind::Text => "text",
            Kind::Link => "link",
        }
    }

    /// A cell of a file as people read it. Empty stays empty.
    pub fn read(self, cell: &str) -> String {
        let rounded = |places| cell.parse::<Decimal>().ok().map(|value| value.round_dp(places));
        match self {
            _ if cell.is_empty() => String::new(),
            Kind::Number | Kind::Text => cell.to_owned(),
            Kind::Count => cell.parse().map_or_else(|_| cell.to_owned(), wording::count),
            Kind::Money => wording::money(cell),
            Kind::Price => wording::price(cell),
            Kind::Percent => wording::signed_percent(rounded(2).and_then(|value| value.to_f64())),
            Kind::Ratio => rounded(3).map_or_else(|| cell.to_owned(), |value| format!("{value:.3}")),
            Kind::Time => wording::minute(cell),
            Kind::Length => wording::length(cell.parse().unwrap_or(0.0)),
            Kind::Link => LINK.to_owned(),
        }
    }
}

impl DataTable<'_> {
    /// Packs the rows, whose cells are as in a file, and gives the table with its first rows.
    pub fn with<R: AsRef<[String]>>(&self, rows: &[R], columns: &mut Columns) -> String {
        for (place, field) in self.fields.iter().enumerate() {
            let cells = rows.iter().map(|row| row.as_ref()[place].as_str());
            pack(columns, &format!("{}.{}", self.id, field.key), field.kind, cells);
        }
        let mut out = self.tools(rows.len());
        out.push_str(&self.head());
        for (number, row) in rows.iter().take(FIRST_ROWS).enumerate() {
            self.row(&mut out, number, row.as_ref());
        }
        out.push_str("</tbody></table></div>\n");
        let hidden = if rows.len() > FIRST_ROWS { "" } else { " hidden" };
        put(&mut out, format_args!("<button type=\"button\" class=\"more\"{hidden}>Show more</button></div>\n"));
        out.push_str("<details class=\"terms\"><summary>What the columns mean</summary><dl>");
        for field in self.fields.iter().filter(|field| !field.definition.is_empty()) {
            let (name, key, definition) = (html(field.name), html(field.key), html(field.definition));
            put(&mut out, format_args!("<dt>{name} (<code>{key}</code>)</dt><dd>{definition}</dd>"));
        }
        out + "</dl></details>\n"
    }

    fn tools(&self, rows: usize) -> String {
        let (id, label) = (html(self.id), html(self.label));
        let fields: Vec<_> = self
            .fields
            .iter()
            .map(|field| json!({ "key": field.key, "name": field.name, "kind": field.kind.word() }))
            .collect();
        let spec = json!({ "fields": fields, "rows": rows, "first": FIRST_ROWS, "picks": self.picks });
        let spec = json(&spec.to_string());
        let count = wording::count(rows as u64);
        let example = self.fields.iter().find(|field| matches!(field.kind, Kind::Money | Kind::Percent | Kind::Ratio));
        let example = example.map_or_else(String::new, |field| format!(", {}>0", field.key));
        format!(
            "<div class=\"data-table\" id=\"{id}\"><script type=\"application/json\" data-table=\"{id}\">{spec}</script>\n\
             <div class=\"tools\"><label>Filter <input type=\"search\" placeholder=\"word{example}\" size=\"28\"></label> \
             <span class=\"soft\" role=\"status\">{count} of {count}</span></div>\n\
             <div class=\"scroll tall\" tabindex=\"0\" role=\"region\" aria-label=\"{label}\">"
        )
    }

    fn head(&self) -> String {
        let mut out = String::from("<table><thead><tr>");
        for field in self.fields {
            let class = if field.kind.is_text() { "" } else { " class=\"num\"" };
            let (key, name, definition) = (html(field.key), html(field.name), html(field.definition));
            put(
                &mut out,
                format_args!(
                    "<th scope=\"col\"{class} title=\"{definition}\"><button type=\"button\" data-sort=\"{key}\">{name}</button></th>"
                ),
            );
        }
        out + "</tr></thead><tbody>\n"
    }

    fn row(&self, out: &mut String, number: usize, cells: &[String]) {
        put(out, format_args!("<tr data-row=\"{number}\">"));
        for (place, (field, cell)) in self.fields.iter().zip(cells).enumerate() {
            let address = cell;
            let read = field.kind.read(cell);
            let sign = if cell.starts_with('-') { " neg" } else { "" };
            let cell = match (place, self.picks) {
                (0, true) => format!("<button type=\"button\" class=\"pick\">{}</button>", html(&read)),
                _ => html(&read),
            };
            match field.kind {
                Kind::Link if cell.is_empty() => put(out, format_args!("<td></td>")),
                Kind::Link => put(out, format_args!("<td><a href=\"{}\">{LINK}</a></td>", html(address))),
                Kind::Text => put(out, format_args!("<td>{cell}</td>")),
                _ => put(out, format_args!("<td class=\"num{sign}\">{cell}</td>")),
            }
        }
        out.push_str("</tr>\n");
    }
}

fn pack<'a>(columns: &mut Columns, name: &str, kind: Kind, cells: impl Iterator<Item = &'a str> + Clone) {
    let numbers = |cells: &mut dyn Iterator<Item = &'a str>| -> Vec<f64> {
        cells.map(|cell| cell.parse().unwrap_or(f64::NAN)).collect()
    };
    match kind {
        Kind::Text | Kind::Link => columns.words(name, cells),
        Kind::Time => {
            let millis = |cell: &str| cell.parse::<Timestamp>().map_or(f64::NAN, |at| at.millis() as f64);
            columns.numbers(name, 0, &cells.map(millis).collect::<Vec<_>>());
        }
        Kind::Number | Kind::Count | Kind::Money | Kind::Price | Kind::Percent | Kind::Ratio | Kind::Length => {
            let decimals = cells.clone().map(|cell| cell.find('.').map_or(0, |point| cell.len() - point - 1)).max();
            let decimals = decimals.unwrap_or(0).min(DECIMALS_MAX) as u8;
            columns.numbers(name, decimals, &numbers(&mut cells.into_iter()));
        }
    }
}

fn put(out: &mut String, text: std::fmt::Arguments<'_>) {
    out.write_fmt(text).expect("a string can be written to");
}
