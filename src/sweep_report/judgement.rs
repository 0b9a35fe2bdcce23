//! Every number of the judgement, with its bound and what it says.

use super::headline::not_judged;
use super::judged::Found;
use super::sources::Sources;
use crate::report::page::escape::html;
use crate::report::page::{Table, number, text};

/// The section's markup.
pub fn section(sources: &Sources) -> String {
    let Some(judged) = &sources.judged else {
        return format!("<p>{}</p>\n", html(&not_judged(sources)));
    };
    let objective = judged.objective;
    let mut out = format!(
        "<p><strong>{}.</strong></p>\n<p class=\"soft\">Judged is trial {}, the judged trial with {} {}: {} trials on the {} days from {} to {} that all of them cover.</p>\n",
        html(&capital(&judged.verdict.text)),
        judged.best,
        objective.end(),
        objective.name(),
        judged.judged,
        judged.days,
        html(&judged.first_day),
        html(&judged.last_day),
    );
    let (bounded, others) = judged.findings.iter().partition(|found| found.is_bounded());
    out.push_str(&table("Numbers that the verdict rests on", bounded));
    let count = judged.findings.iter().filter(|found| !found.is_bounded()).count();
    let others = table("Numbers that inform", others);
    out + &format!("<details><summary>{count} numbers that inform</summary>{others}</details>\n")
}

fn table(label: &str, findings: Vec<&Found>) -> String {
    let heads = [text("number"), number("value", ""), text("has to be"), text("what it says")];
    let mut table = Table::new(label, &heads);
    for found in findings {
        table.row(&[found.label.clone(), found.text(), found.held(), found.meaning()]);
    }
    table.end()
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
