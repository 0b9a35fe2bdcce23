//! One chart: what is drawn, and what stands beside it for those who read instead of look.

use super::escape::{html, json};
use serde_json::{Value, json};
use std::fmt::Write;

/// A chart in the words of the drawing library.
///
/// Within `traces` and `layout` a text `@name` stands for a packed column and a text `--name` for a colour of the style
/// sheet, so that a chart turns dark with its page. A trace of lines may say `"detail": true`: it is then thinned to the
/// width of the chart, lowest and highest of each stretch kept, and sampled anew whenever the reader zooms.
#[derive(Clone, Debug, PartialEq)]
pub struct Chart {
    /// Its name within the page.
    pub id: String,
    /// What it shows, in one line: its caption, and its name for readers of screens.
    pub title: String,
    /// What the numbers mean, where they come from; stands beneath.
    pub note: String,
    /// Height in pixels.
    pub height: u32,
    /// What is drawn.
    pub traces: Vec<Value>,
    /// Axes, legends, bars.
    pub layout: Value,
    /// Which script makes the traces of a zoomed stretch; the library's own for none. See `chart.js`.
    pub maker: Option<&'static str>,
    /// What that script needs to know.
    pub facts: Value,
    /// Whether the reader may zoom along its horizontal axis; then it has buttons for that.
    pub zooms: Zoom,
}

/// Whether a chart may be zoomed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Zoom {
    /// Along the horizontal axis, which is in time.
    Time,
    /// Not at all.
    No,
}

impl Chart {
    /// A chart that the drawing library makes by itself.
    pub fn new(id: &str, title: &str, note: &str, traces: Vec<Value>) -> Self {
        Chart {
            id: id.to_owned(),
            title: title.to_owned(),
            note: note.to_owned(),
            height: 320,
            traces,
            layout: json!({}),
            maker: None,
            facts: Value::Null,
            zooms: Zoom::No,
        }
    }

    /// Where it stands. `inside` comes between the caption and the drawing: selections, buttons.
    pub fn place(&self, inside: &str) -> String {
        let (id, title, height) = (html(&self.id), html(&self.title), self.height);
        let mut out = format!("<figure class=\"figure\" data-figure=\"{id}\"><figcaption>{title}</figcaption>{inside}");
        if self.zooms == Zoom::Time {
            write!(out, "<div class=\"tools\" role=\"group\" aria-label=\"{title}: time shown\">").expect(WRITTEN);
            for (step, name) in STEPS {
                write!(out, "<button type=\"button\" data-step=\"{step}\" data-of=\"{id}\">{name}</button>")
                    .expect(WRITTEN);
            }
            out.push_str("</div>");
        }
        write!(
            out,
            "<div class=\"chart\" id=\"{id}\" style=\"height:{height}px\" role=\"group\" aria-label=\"{title}\"></div>"
        )
        .expect(WRITTEN);
        if !self.note.is_empty() {
            write!(out, "<p class=\"soft\">{}</p>", html(&self.note)).expect(WRITTEN);
        }
        out + "</figure>\n"
    }

    /// What the script draws it from.
    pub fn data(&self) -> String {
        let spec = json!({
            "traces": self.traces, "layout": self.layout, "maker": self.maker, "facts": self.facts,
            "zooms": self.zooms == Zoom::Time,
        });
        let (id, spec) = (html(&self.id), json(&spec.to_string()));
        format!("<script type=\"application/json\" data-chart=\"{id}\">{spec}</script>\n")
    }
}

const WRITTEN: &str = "a string can be written to";

/// What the buttons beside a chart do.
const STEPS: [(&str, &str); 5] =
    [("in", "Zoom in"), ("out", "Zoom out"), ("earlier", "Earlier"), ("later", "Later"), ("all", "All")];
