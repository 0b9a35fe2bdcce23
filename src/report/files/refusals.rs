//! `refusals.csv`: the orders that a desk did not send, as far as they were listed.

use crate::engine::Outcome;
use crate::error::Result;
use crate::report::facts::RunFacts;
use crate::report::sheet::Sheet;
use std::path::Path;

/// The file's columns.
pub const COLUMNS: &str = "time,desk,symbol,side,quantity,reason";

/// Writes the file, desk by desk.
pub fn write(directory: &Path, outcome: &Outcome, facts: &RunFacts<'_>) -> Result<()> {
    let mut sheet = Sheet::create(directory, "refusals.csv", COLUMNS)?;
    for (number, desk) in outcome.desks.iter().enumerate() {
        let name = facts.desks.get(number).map_or("?", |desk| desk.name.as_str());
        for record in &desk.refusal_list {
            let decimals = facts
                .instruments
                .get(usize::from(record.instrument.0))
                .map_or(0, |instrument| instrument.quantity_decimals);
            sheet
                .time(record.at)
                .text(name)
                .text(facts.symbol(record.instrument))
                .text(record.side.name())
                .quantity(record.quantity, decimals)
                .text(record.refusal.name())
                .end_row()?;
        }
    }
    sheet.finish()
}
