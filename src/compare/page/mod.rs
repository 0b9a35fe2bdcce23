//! The page of a comparison: made from the comparison alone, so that the same results give the same bytes.

mod charts;
mod tables;

use super::comparison::letter;
use super::telling::{alone, introduction, matched, read_difference, read_known, tolerated};
use super::terms::{ALONE, MATCHED, term};
use super::{Comparison, Side};
use crate::error::Result;
use crate::report::page::escape::html;
use crate::report::page::{Banner, DataTable, Figure, Page};
use crate::report::wording;
use std::fmt::Write;
use std::path::Path;

/// Figures that a headline shows, where both sides know them: the first of each pair that is there.
const HEADLINE: [[&str; 2]; 6] = [
    ["equity_return", "closed_return"],
    ["daily_drawdown", "closed_drawdown"],
    ["profit", "price_result"],
    ["closed", "closed"],
    ["win_rate", "win_rate"],
    ["fees", "volume"],
];

/// Writes the page.
///
/// # Errors
/// When it cannot be written.
pub fn write(comparison: &Comparison, path: &Path) -> Result<()> {
    let names: Vec<&str> = comparison.records.iter().map(|record| record.name.as_str()).collect();
    let title = names.join(" against ");
    let beneath = format!("{} results side by side · Tapeline {}", names.len(), env!("CARGO_PKG_VERSION"));
    let mut page = Page::new(&title, &beneath);
    for (place, record) in comparison.records.iter().enumerate() {
        for caution in &record.cautions {
            page.banner(Banner::Warning, &format!("{}: {caution}", letter(place)));
        }
    }
    page.headline(&comparison.sides.iter().flat_map(|side| headline(comparison, side)).collect::<Vec<_>>());
    let body = sources(comparison);
    page.section("results", "Results", &body);
    let body = charts::accounts(&mut page, comparison);
    page.section("equity", "Equity", &body);
    for side in &comparison.sides {
        of_side(&mut page, comparison, side);
    }
    page.write(path)
}

fn headline(comparison: &Comparison, side: &Side) -> Vec<Figure> {
    let (one, two) = (letter(0), letter(side.record));
    let first = side.first();
    let found = &side.matching;
    let count = |number: usize| wording::count(number as u64);
    let mut figures = vec![
        Figure {
            name: format!("{one} and {two} part first"),
            value: match (&side.account, first) {
                (Some(_), _) => "from the start".to_owned(),
                (None, Some(parting)) => wording::minute(&parting.at.to_string()),
                (None, None) => "nowhere".to_owned(),
            },
            note: side.account.clone().or_else(|| first.map(|parting| parting.text.clone())).unwrap_or_else(|| {
                "nothing differs beyond the tolerances".to_owned()
            }),
            definition:
                "the earliest instant at which a matched pair differs in time, price, quantity, fees or profit \
                         beyond the tolerances, at which a trade of one side begins that the other lacks, or for which both state \
                         another equity; from the start where the accounts are in other currencies or began with another capital"
                    .to_owned(),
        },
        Figure {
            name: format!("{one} and {two}: matched trades"),
            value: count(found.pairs.len()),
            note: format!(
                "{} differ; {} only in {one}, {} only in {two}",
                count(side.differing()),
                count(found.only_reference.len()),
                count(found.only_other.len())
            ),
            definition:
                "trades of one symbol and direction, one to one, so that the entries are as close together as can be"
                    .to_owned(),
        },
    ];
    for keys in HEADLINE {
        let row = keys.iter().find_map(|key| {
            side.figures.iter().find(|row| row.key == *key && row.reference.is_ok() && row.other.is_ok())
        });
        figures.extend(row.map(|row| {
            let [reference, other] = [(&row.reference, 0), (&row.other, side.record)].map(|(known, record)| {
                let value = read_known(known, &row.unit);
                match (row.unit.as_str(), &comparison.records[record].currency) {
                    ("money", Some(currency)) => format!("{value} {currency}"),
                    _ => value,
                }
            });
            Figure {
                name: format!("{}, {two} less {one}", row.name),
                // A difference is neither good nor bad: without a sign in front it keeps the colour of text.
                value: format!("Δ {}", read_difference(row.difference, &row.unit)),
                note: format!("{one} {reference}, {two} {other}"),
                definition: term(&row.key).definition.to_owned(),
            }
        }));
    }
    figures
}

/// Who is compared, what they say of themselves, what was assumed.
fn sources(comparison: &Comparison) -> String {
    let mut out = String::new();
    for (place, record) in comparison.records.iter().enumerate() {
        let role = if place == 0 { ", the reference" } else { "" };
        let said = html(&introduction(record));
        put(
            &mut out,
            format_args!(
                "<h3>{}{role}</h3><p>{said}<br><span class=\"soft\">SHA-256 <code>{}</code></span></p>\n",
                letter(place),
                record.digest
            ),
        );
        if !record.notes.is_empty() {
            out.push_str("<ul>");
            record.notes.iter().for_each(|note| put(&mut out, format_args!("<li>{}</li>", html(note))));
            out.push_str("</ul>\n");
        }
        if !record.stated.is_empty() {
            put(
                &mut out,
                format_args!(
                    "<details><summary>What {} states of itself</summary>{}</details>\n",
                    letter(place),
                    tables::stated(record)
                ),
            );
        }
    }
    out
}

/// Everything about one record beside the reference.
fn of_side(page: &mut Page, comparison: &Comparison, side: &Side) {
    let (one, two) = (letter(0), letter(side.record));
    let id = |what: &str| format!("{what}-{}", side.record);
    let mut body = format!("<p>Tolerances: {}.</p>\n", html(&tolerated(side)));
    side.notes.iter().for_each(|note| put(&mut body, format_args!("<p>{}.</p>\n", html(note))));
    body.push_str("<ul>");
    for parting in side.first_trade.iter().chain(&side.first_equity) {
        put(&mut body, format_args!("<li><strong>{}</strong>: {}</li>", parting.at, html(&parting.text)));
    }
    if let Some(account) = &side.account {
        put(&mut body, format_args!("<li><strong>from the start</strong>: {}</li>", html(account)));
    }
    if side.is_same() {
        body.push_str("<li>Nothing differs beyond the tolerances.</li>");
    }
    body.push_str("</ul>\n");
    body.push_str(&tables::figures(comparison, side));
    page.section(&id("numbers"), &format!("{one} and {two}"), &body);
    if let Some(plan) = &side.plan {
        page.section(&id("plan"), "Plans", &tables::plan(&one, &two, plan));
    }
    let rows = matched(comparison, side);
    let table_id = id("matched");
    let mut body = charts::entries(page, side, &rows);
    let label = format!("Matched trades of {one} and {two}");
    let table = DataTable { id: &table_id, label: &label, fields: MATCHED, picks: false };
    body.push_str(&table.with(&rows, &mut page.columns));
    page.section(&id("pairs"), &format!("Matched trades, {two} less {one}"), &body);
    let rows = alone(comparison, side);
    let body = if rows.is_empty() {
        "<p>Every trade has its counterpart.</p>\n".to_owned()
    } else {
        let table_id = id("alone");
        let label = format!("Trades without a counterpart in {one} or {two}");
        DataTable { id: &table_id, label: &label, fields: ALONE, picks: false }.with(&rows, &mut page.columns)
    };
    page.section(&id("unmatched"), "Without a counterpart", &body);
}

fn put(out: &mut String, text: std::fmt::Arguments<'_>) {
    out.write_fmt(text).expect("a string can be written to");
}
