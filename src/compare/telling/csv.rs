//! The matched trades as CSV.

use super::super::comparison::letter;
use super::super::{Comparison, terms};
use super::matched;

/// Every pair of every side, with the letter of the other record in front.
pub fn csv(comparison: &Comparison) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let head = std::iter::once("other").chain(terms::MATCHED.iter().map(|field| field.key));
    writer.write_record(head).expect("memory can be written to");
    for side in &comparison.sides {
        let name = letter(side.record);
        for row in matched(comparison, side) {
            let cells = std::iter::once(name.as_str()).chain(row.iter().map(String::as_str));
            writer.write_record(cells).expect("memory can be written to");
        }
    }
    let bytes = writer.into_inner().expect("memory can be written to");
    String::from_utf8(bytes).expect("the cells are text")
}
