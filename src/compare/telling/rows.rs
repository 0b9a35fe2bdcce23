//! Matched and unmatched trades as rows of cells, the same in files and on the page.

use super::super::comparison::letter;
use super::super::record::Trade;
use super::super::{Comparison, Side};
use super::{basis_points, cell};
use rust_decimal::Decimal;

/// The pairs of a side, with the columns of `terms::MATCHED`.
pub fn matched(comparison: &Comparison, side: &Side) -> Vec<Vec<String>> {
    let (reference, other) = (&comparison.records[0], &comparison.records[side.record]);
    let seconds = |nanos: i64| (Decimal::from(nanos) / Decimal::from(1_000_000_000)).normalize().to_string();
    let words = |text: &Option<String>| text.clone().unwrap_or_default();
    let row = |pair: &super::super::pairs::Pair| {
        let (one, two) = (&reference.trades[pair.reference], &other.trades[pair.other]);
        let apart: Vec<&str> = pair.apart.iter().map(|aspect| aspect.name()).collect();
        vec![
            one.number.clone(),
            two.number.clone(),
            words(&one.symbol),
            one.direction.name().to_owned(),
            one.entry_time.to_string(),
            seconds(pair.entry_nanos),
            seconds(pair.exit_nanos),
            cell(Some(one.entry_price)),
            cell(pair.entry_price),
            cell(basis_points(pair.entry_price, one.entry_price)),
            cell(pair.exit_price),
            cell(pair.quantity),
            cell(pair.fees),
            cell(one.profit),
            cell(pair.profit),
            words(&one.exit_reason),
            words(&two.exit_reason),
            pair.reason.name().to_owned(),
            apart.join("; "),
        ]
    };
    side.matching.pairs.iter().map(row).collect()
}

/// Trades that one of the two lacks, in order of entry, with the columns of `terms::ALONE`.
pub fn alone(comparison: &Comparison, side: &Side) -> Vec<Vec<String>> {
    let trades = |record: usize, places: &[usize]| -> Vec<(usize, &Trade)> {
        places.iter().map(|place| (record, &comparison.records[record].trades[*place])).collect()
    };
    let mut all = trades(0, &side.matching.only_reference);
    all.extend(trades(side.record, &side.matching.only_other));
    all.sort_by_key(|(record, trade)| (trade.entry_time, *record));
    let words = |text: &Option<String>| text.clone().unwrap_or_default();
    let row = |(record, trade): (usize, &Trade)| {
        vec![
            letter(record),
            trade.number.clone(),
            words(&trade.symbol),
            trade.direction.name().to_owned(),
            trade.entry_time.to_string(),
            trade.exit_time.to_string(),
            cell(trade.quantity),
            cell(Some(trade.entry_price)),
            cell(trade.exit_price),
            cell(trade.profit),
            words(&trade.exit_reason),
        ]
    };
    all.into_iter().map(row).collect()
}
