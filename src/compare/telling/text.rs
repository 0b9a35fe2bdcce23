//! A comparison for the terminal: plain text of 80 columns where names allow it.

use super::super::comparison::letter;
use super::super::parting::Parting;
use super::super::{Comparison, Side};
use super::{introduction, read_difference, read_known, tolerated};
use crate::report::wording;
use std::fmt::Write;

/// Columns of a number's name.
const NAME: usize = 29;
/// Columns of a number.
const NUMBER: usize = 17;
/// Columns of a terminal.
const WIDTH: usize = 80;
/// Lines of plan differences that a terminal is given.
const PLAN_LINES: usize = 20;

/// The comparison.
pub fn text(comparison: &Comparison) -> String {
    let mut out = String::new();
    for (place, record) in comparison.records.iter().enumerate() {
        line(&mut out, format_args!("{}  {}", letter(place), introduction(record)));
        for said in record.cautions.iter().chain(&record.notes) {
            wrapped(&mut out, "   ", said);
        }
    }
    for side in &comparison.sides {
        of_side(&mut out, comparison, side);
    }
    out
}

fn of_side(out: &mut String, comparison: &Comparison, side: &Side) {
    let (one, two) = (letter(0), letter(side.record));
    out.push('\n');
    wrapped(out, "", &format!("{one} and {two}: {}", tolerated(side)));
    for note in &side.notes {
        wrapped(out, "   ", note);
    }
    line(out, format_args!("\n{:<NAME$}{one:>NUMBER$}{two:>NUMBER$}{:>NUMBER$}", "", "difference"));
    for row in &side.figures {
        let values = [read_known(&row.reference, &row.unit), read_known(&row.other, &row.unit)];
        let difference = read_difference(row.difference, &row.unit);
        line(out, format_args!("{:<NAME$}{:>NUMBER$}{:>NUMBER$}{difference:>NUMBER$}", row.name, values[0], values[1]));
    }
    let found = &side.matching;
    let count = |number: usize| wording::count(number as u64);
    line(
        out,
        format_args!(
            "\ntrades: {} matched ({} differ), {} only in {one}, {} only in {two}",
            count(found.pairs.len()),
            count(side.differing()),
            count(found.only_reference.len()),
            count(found.only_other.len())
        ),
    );
    if let Some(plan) = &side.plan {
        line(out, format_args!("plans: {} keys differ", plan.len()));
        for difference in plan.iter().take(PLAN_LINES) {
            let said = |value: &Option<String>| value.clone().unwrap_or_else(|| "not there".to_owned());
            line(
                out,
                format_args!("   {}: {} / {}", difference.key, said(&difference.reference), said(&difference.other)),
            );
        }
        if plan.len() > PLAN_LINES {
            line(out, format_args!("   and {} more", plan.len() - PLAN_LINES));
        }
    }
    let stated = &comparison.records[side.record].stated;
    if !stated.is_empty() {
        let each: Vec<String> = stated.iter().map(|stated| format!("{} {}", stated.name, stated.value)).collect();
        wrapped(out, "", &format!("{two} states of itself, by definitions of its own: {}", each.join(", ")));
    }
    let told = |parting: Option<&Parting>| parting.map(|parting| format!("{}: {}", parting.at, parting.text));
    if let Some(account) = &side.account {
        wrapped(out, "", &format!("they differ from the start: {account}"));
    }
    match told(side.first()) {
        None if !side.is_same() => line(out, format_args!("no trade and no sample of equity parts")),
        None => line(out, format_args!("{one} and {two} do not part: nothing differs beyond the tolerances")),
        Some(first) => wrapped(out, "", &format!("they part first at {first}")),
    }
    if let (Some(first), Some(equity)) = (&side.first_trade, &side.first_equity)
        && first.at <= equity.at
    {
        wrapped(out, "", &format!("equity parts at {}: {}", equity.at, equity.text));
    }
}

/// Text broken to the width; lines behind the first are indented.
fn wrapped(out: &mut String, indent: &str, text: &str) {
    let options = textwrap::Options::new(WIDTH).initial_indent(indent).subsequent_indent("   ");
    line(out, format_args!("{}", textwrap::fill(text, options)));
}

fn line(out: &mut String, text: std::fmt::Arguments<'_>) {
    out.write_fmt(text).expect("a string can be written to");
    out.push('\n');
}
