//! Returns by month and year, as a table whose cells are tinted by their size.

use super::curve::Curve;
use super::terms::term;
use crate::report::html::page::escape::html;
use crate::report::wording;
use std::collections::BTreeMap;
use std::fmt::Write;

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// Growth of one year, month by month, then as a whole.
type Year = [Option<f64>; MONTHS.len() + 1];

/// The table; a sentence where equity was not positive throughout, since growth from nothing has no rate.
pub fn table(curve: &Curve) -> String {
    let Some(years) = years(curve) else {
        return "<p class=\"soft\">n/a: the equity was not positive throughout.</p>\n".to_owned();
    };
    let largest = years.values().flatten().flatten().fold(1e-9_f64, |largest, value| largest.max(value.abs()));
    let mut out = String::from(
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Returns by month and year\">\
         <table class=\"heat\"><thead><tr><th scope=\"col\">year</th>",
    );
    for name in MONTHS.iter().chain([&"year"]) {
        put(&mut out, format_args!("<th scope=\"col\" class=\"num\">{name}</th>"));
    }
    out.push_str("</tr></thead><tbody>\n");
    for (year, cells) in &years {
        put(&mut out, format_args!("<tr><th scope=\"row\">{}</th>", html(year)));
        for cell in cells {
            match cell {
                Some(value) => {
                    let (sign, tint) = (if *value < 0.0 { "down" } else { "up" }, 45.0 * value.abs() / largest);
                    let read = wording::signed_percent(Some(100.0 * value));
                    put(&mut out, format_args!("<td class=\"num {sign}\" style=\"--tint:{tint:.1}%\">{read}</td>"));
                }
                None => out.push_str("<td></td>"),
            }
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</tbody></table></div>\n");
    put(&mut out, format_args!("<p class=\"soft note\">{}</p>\n", html(term("month_return").definition)));
    out
}

/// Years in order; none where a sample is not above zero.
fn years(curve: &Curve) -> Option<BTreeMap<String, Year>> {
    let mut years = BTreeMap::<String, Year>::new();
    for pair in curve.samples.windows(2) {
        let ((from, before), (_, now)) = (pair[0], pair[1]);
        if before <= 0.0 || now <= 0.0 {
            return None;
        }
        // A day belongs to the month in which it begins.
        let date = from.date();
        let month: usize = date[5..7].parse().ok()?;
        let cells = years.entry(date[..4].to_owned()).or_default();
        for place in [month - 1, MONTHS.len()] {
            let grown = cells[place].unwrap_or(0.0);
            cells[place] = Some((1.0 + grown) * (now / before) - 1.0);
        }
    }
    Some(years)
}

fn put(out: &mut String, text: std::fmt::Arguments<'_>) {
    out.write_fmt(text).expect("a string can be written to");
}

#[cfg(test)]
mod tests {
    use super::super::rows::EquityRow;
    use super::*;
    use crate::domain::Timestamp;

    fn curve(samples: &[(&str, f64)]) -> Curve {
        let row = |(at, equity): &(&str, f64)| EquityRow {
            at: at.parse::<Timestamp>().unwrap().millis(),
            equity: *equity,
            drawdown: 0.0,
        };
        Curve::of(&samples.iter().map(row).collect::<Vec<_>>(), None)
    }

    #[test]
    fn a_month_compounds_its_days_and_a_year_its_months() {
        let years = years(&curve(&[
            ("2023-12-31T12:00:00Z", 100.0),
            ("2024-01-01", 110.0),
            ("2024-01-02", 121.0),
            ("2024-02-01", 121.0),
            ("2024-02-02", 60.5),
        ]))
        .unwrap();
        let near = |cell: Option<f64>, value: f64| (cell.unwrap() - value).abs() < 1e-12;
        assert!(near(years["2023"][11], 0.1) && near(years["2023"][12], 0.1));
        assert!(near(years["2024"][0], 0.1) && near(years["2024"][1], -0.5) && near(years["2024"][12], -0.45));
        assert_eq!(years["2024"][2], None);
    }

    #[test]
    fn what_was_lost_whole_has_no_months() {
        assert!(table(&curve(&[("2024-01-01", 100.0), ("2024-01-02", 0.0)])).contains("n/a"));
    }
}
