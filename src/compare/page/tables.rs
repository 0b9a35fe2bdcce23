//! Tables that stand in the page as they are.

use super::super::comparison::letter;
use super::super::figures::Known;
use super::super::plans::PlanDifference;
use super::super::record::Record;
use super::super::telling::{read_difference, read_known};
use super::super::{Comparison, Side};
use crate::report::page::escape::html;
use crate::report::page::{Align, Head, Table, text};

const fn number(name: &'static str) -> Head {
    Head { name, definition: "", align: Align::Number }
}

/// Numbers by one definition; what each means is folded away beneath.
pub fn figures(comparison: &Comparison, side: &Side) -> String {
    let (one, two) = (letter(0), letter(side.record));
    let label = format!("Numbers of {one} and {two}");
    let heads = [text("number"), number("reference"), number("other"), number("other less reference")];
    let mut table = Table::new(&label, &heads);
    let mut meanings = String::new();
    for row in &side.figures {
        let cell = |known: &Known, record: usize| {
            let unit = match (known, row.unit.as_str(), &comparison.records[record].currency) {
                (Ok(_), "money" | "currency", Some(currency)) => format!(" {currency}"),
                _ => String::new(),
            };
            format!("{}{unit}", read_known(known, &row.unit))
        };
        table.row(&[
            row.name.clone(),
            cell(&row.reference, 0),
            cell(&row.other, side.record),
            read_difference(row.difference, &row.unit),
        ]);
        let reasons = [(&one, &row.reference), (&two, &row.other)].into_iter().filter_map(|(name, known)| {
            let reason = known.as_ref().err().filter(|reason| !reason.is_empty())?;
            Some(format!("; {name} has none: {reason}"))
        });
        let meaning = format!("{}{}", row.definition, reasons.collect::<String>());
        meanings.push_str(&format!("<dt>{}</dt><dd>{}</dd>", html(&row.name), html(&meaning)));
    }
    format!(
        "<h3>Numbers by one definition; {one} is the reference, {two} the other</h3>\n{}\
         <details class=\"terms\"><summary>What the numbers mean, and why some are n/a</summary><dl>{meanings}</dl></details>\n",
        table.end()
    )
}

/// What a file says of itself, as it says it.
pub fn stated(record: &Record) -> String {
    let mut table =
        Table::new("Numbers of the file itself", &[text("its own name"), text("value, by its own definition")]);
    for stated in &record.stated {
        table.row(&[&stated.name, &stated.value]);
    }
    table.end()
}

/// Keys of two plans that differ.
pub fn plan(one: &str, two: &str, plan: &[PlanDifference]) -> String {
    if plan.is_empty() {
        return "<p>Both plans say the same.</p>\n".to_owned();
    }
    let mut table = Table::new("Keys that differ", &[text("key of plan.toml"), text("reference"), text("other")]);
    for difference in plan {
        let said = |value: &Option<String>| value.clone().unwrap_or_else(|| "not there".to_owned());
        table.row(&[difference.key.clone(), said(&difference.reference), said(&difference.other)]);
    }
    format!("<p class=\"soft\">{} is the reference, {} the other.</p>\n{}", html(one), html(two), table.end())
}
