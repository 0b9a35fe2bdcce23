//! The parts that every page is made of: one self-contained file that opens from disk, asks nobody for anything, and
//! shows its text and tables before its charts.
//!
//! A page is text first: headline, tables, the captions of charts. Behind it stand the numbers of all charts and tables
//! as one compressed block ([`Columns`]) and the drawing library, compressed as well; the browser inflates both. The
//! scripts beside this file do that: `unpack.js` (the block), `look.js` (light and dark, colours), `format.js` (how
//! numbers read), `chart.js` (drawing, zooming, sampling), `table.js` (sorting, filtering), `start.js` (the order of it
//! all). What only one kind of page needs comes with that page.

mod chart;
mod columns;
mod data_table;
pub mod escape;
mod figure;
mod library;
mod pack;
mod table;
mod term;

pub use chart::{Chart, Zoom};
pub use columns::{Bars, Columns};
pub use data_table::{DataTable, Field, Kind};
pub use figure::{Figure, figures};
pub use library::prepare;
pub use table::{Align, Head, Table, number, text};
pub use term::Term;

use crate::error::{Fault, Result};
use escape::html;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

const STYLE: &str = include_str!("page.css");
const SCRIPTS: [&str; 5] = [
    include_str!("unpack.js"),
    include_str!("look.js"),
    include_str!("format.js"),
    include_str!("chart.js"),
    include_str!("table.js"),
];
const START: &str = include_str!("start.js");

/// What a browser may do with a page: run and dress what is in it, ask nobody for anything.
const RULES: &str = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:";

/// How grave a banner is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Banner {
    /// To be known before anything else is read.
    Warning,
    /// Something ended or failed.
    Stop,
}

/// A page under construction.
#[derive(Clone, Debug)]
pub struct Page {
    title: String,
    body: String,
    contents: Vec<(String, String)>,
    main: String,
    data: String,
    scripts: Vec<&'static str>,
    /// The numbers of its charts and tables.
    pub columns: Columns,
}

impl Page {
    /// An empty page. The line beneath its title says of what it is.
    pub fn new(title: &str, beneath: &str) -> Self {
        let body = format!("<h1>{}</h1>\n<p class=\"soft\">{}</p>\n", html(title), html(beneath));
        Page {
            title: title.to_owned(),
            body,
            contents: Vec::new(),
            main: String::new(),
            data: String::new(),
            scripts: Vec::new(),
            columns: Columns::default(),
        }
    }

    /// What a reader must not miss, above everything else.
    pub fn banner(&mut self, banner: Banner, text: &str) {
        let class = match banner {
            Banner::Warning => "warn",
            Banner::Stop => "stop",
        };
        writeln!(self.body, "<p class=\"banner {class}\">{}</p>", html(text)).expect("a string can be written to");
    }

    /// The figures of the headline.
    pub fn headline(&mut self, figures: &[Figure]) {
        self.body.push_str(&figure::figures(figures));
    }

    /// One more section; `body` is markup, put together from the parts of this room.
    pub fn section(&mut self, id: &str, title: &str, body: &str) {
        let (id, title) = (html(id), html(title));
        writeln!(self.main, "<section id=\"{id}\"><h2>{title}</h2>\n{body}</section>")
            .expect("a string can be written to");
        self.contents.push((id, title));
    }

    /// Adds a chart's data and gives the place to put it, with `inside` between caption and drawing.
    pub fn chart(&mut self, chart: &Chart, inside: &str) -> String {
        self.data.push_str(&chart.data());
        chart.place(inside)
    }

    /// A script of this kind of page, run before charts are drawn.
    pub fn script(&mut self, script: &'static str) {
        self.scripts.push(script);
    }

    /// The whole page.
    ///
    /// # Errors
    /// When the drawing library is not embedded as expected.
    pub fn text(&self) -> Result<String> {
        let mut out = String::with_capacity(4 << 20);
        let title = html(&self.title);
        let mut put = |text: &str| out.push_str(text);
        put("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
        put(&format!("<meta http-equiv=\"Content-Security-Policy\" content=\"{RULES}\">\n"));
        put("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
        put(&format!("<title>{title} · Tapeline</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n"));
        put("<a class=\"skip\" href=\"#main\">Skip to the report</a>\n<header>\n<nav aria-label=\"Contents\"><ul>\n");
        for (id, title) in &self.contents {
            put(&format!("<li><a href=\"#{id}\">{title}</a></li>\n"));
        }
        put("</ul></nav>\n<button type=\"button\" id=\"look\">Look: as the system</button>\n</header>\n");
        put("<main id=\"main\">\n");
        put(&self.body);
        put(
            "<noscript><p class=\"banner warn\">Charts need scripts; all tables are complete without.</p></noscript>\n",
        );
        put(&self.main);
        put("</main>\n");
        put(&self.data);
        put(&format!("<script type=\"text/plain\" id=\"columns\">{}</script>\n", self.columns.packed()));
        put(&format!("<script type=\"text/plain\" id=\"library\">{}</script>\n", library::packed()?));
        put("<script>\n(() => {\n\"use strict\";\n");
        for script in SCRIPTS.iter().chain(&self.scripts).chain([&START]) {
            put(script);
        }
        put("})();\n</script>\n</body>\n</html>\n");
        Ok(out)
    }

    /// Writes the page beside its place and renames it: there is no half of a page.
    ///
    /// # Errors
    /// When it cannot be written, or the drawing library is not embedded as expected.
    pub fn write(&self, path: &Path) -> Result<()> {
        write_text(path, &self.text()?)
    }
}

/// Writes a text beside its place and renames it, over what was there.
///
/// # Errors
/// When it cannot be written.
pub fn write_text(path: &Path, text: &str) -> Result<()> {
    let doing = |error: &std::io::Error| {
        Fault::unwritable("writing", path, error).remedy("choose a place that can be written to")
    };
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        Some(_) | None => Path::new("."),
    };
    let mut draft = draft_in(folder).map_err(|error| doing(&error))?;
    draft.write_all(text.as_bytes()).map_err(|error| doing(&error))?;
    draft.as_file().sync_all().map_err(|error| doing(&error))?;
    draft.persist(path).map_err(|error| doing(&error.error))?;
    Ok(())
}

/// A temporary file is its owner's alone; a page is as readable as any other file that the user makes.
#[cfg(unix)]
fn draft_in(folder: &Path) -> std::io::Result<tempfile::NamedTempFile> {
    use std::os::unix::fs::PermissionsExt;
    tempfile::Builder::new().prefix(".report-").permissions(std::fs::Permissions::from_mode(0o666)).tempfile_in(folder)
}

#[cfg(not(unix))]
fn draft_in(folder: &Path) -> std::io::Result<tempfile::NamedTempFile> {
    tempfile::Builder::new().prefix(".report-").tempfile_in(folder)
}
