//! Tables that stand in the page as they are.

use super::escape::html;
use std::fmt::Write;

/// How a column stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    /// To the left.
    Text,
    /// To the right, digits under digits.
    Number,
}

/// The head of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// Its name.
    pub name: &'static str,
    /// What its numbers mean; empty where the name says all.
    pub definition: &'static str,
    /// How it stands.
    pub align: Align,
}

/// A column of text.
pub const fn text(name: &'static str) -> Head {
    Head { name, definition: "", align: Align::Text }
}

/// A column of numbers, with their definition.
pub const fn number(name: &'static str, definition: &'static str) -> Head {
    Head { name, definition, align: Align::Number }
}

/// A table under construction.
#[derive(Clone, Debug)]
pub struct Table {
    out: String,
    heads: Vec<Head>,
    rows: usize,
}

impl Table {
    /// A table with these columns, called `label` by readers of screens.
    pub fn new(label: &str, heads: &[Head]) -> Self {
        let label = html(label);
        let mut out = format!("<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{label}\">");
        out.push_str("<table><thead><tr>");
        for head in heads {
            let title = match head.definition {
                "" => String::new(),
                definition => format!(" title=\"{}\"", html(definition)),
            };
            let class = if head.align == Align::Number { " class=\"num\"" } else { "" };
            let cell = if head.name.is_empty() {
                "<td></td>".to_owned()
            } else {
                format!("<th scope=\"col\"{class}{title}>{}</th>", html(head.name))
            };
            out.push_str(&cell);
        }
        out.push_str("</tr></thead><tbody>\n");
        Table { out, heads: heads.to_vec(), rows: 0 }
    }

    /// One more row, a cell per column.
    pub fn row<T: AsRef<str>>(&mut self, cells: &[T]) {
        self.out.push_str("<tr>");
        for (cell, head) in cells.iter().zip(&self.heads) {
            let cell = cell.as_ref();
            let sign = if head.align == Align::Number && cell.starts_with('-') { " neg" } else { "" };
            match head.align {
                Align::Number => write!(self.out, "<td class=\"num{sign}\">{}</td>", html(cell)),
                Align::Text => write!(self.out, "<td>{}</td>", html(cell)),
            }
            .expect("a string can be written to");
        }
        self.out.push_str("</tr>\n");
        self.rows += 1;
    }

    /// Whether it has no row.
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// The table, with the definitions of its columns folded away beneath.
    pub fn end(self) -> String {
        let mut out = self.out + "</tbody></table></div>\n";
        let defined: Vec<&Head> = self.heads.iter().filter(|head| !head.definition.is_empty()).collect();
        if !defined.is_empty() {
            out.push_str("<details class=\"terms\"><summary>What the columns mean</summary><dl>");
            for head in defined {
                let (name, definition) = (html(head.name), html(head.definition));
                write!(out, "<dt>{name}</dt><dd>{definition}</dd>").expect("a string can be written to");
            }
            out.push_str("</dl></details>\n");
        }
        out
    }
}
