//! Figures of the headline: a name, a number, a word on it, and its definition.

use super::escape::html;
use std::fmt::Write;

/// One figure.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Figure {
    /// What it is.
    pub name: String,
    /// How much, as read; a leading sign colours it.
    pub value: String,
    /// What to know about it.
    pub note: String,
    /// How it is computed.
    pub definition: String,
}

/// Figures side by side. The definition of each is folded away beneath it and shown on hovering.
pub fn figures(figures: &[Figure]) -> String {
    let mut out = String::from("<div class=\"cards\">\n");
    for figure in figures {
        let sign = match figure.value.as_bytes().first() {
            Some(b'+') => " pos",
            Some(b'-') => " neg",
            Some(_) | None => "",
        };
        let (name, value, note) = (html(&figure.name), html(&figure.value), html(&figure.note));
        let definition = html(&figure.definition);
        let card = format!(
            "<div class=\"card\" title=\"{definition}\"><div class=\"name\">{name}</div>\
             <div class=\"value{sign}\">{value}</div><div class=\"note\">{note}</div>\
             <details><summary>What it means<span class=\"hidden\">: {name}</span></summary>{definition}</details></div>"
        );
        writeln!(out, "{card}").expect("a string can be written to");
    }
    out + "</div>\n"
}
