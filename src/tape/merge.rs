//! Many parts to one ascending table. Exact duplicates are dropped and counted; two rows that claim the same place with
//! different values are a conflict, and a conflict is refused with both places named.

use super::place::SeriesKind;
use super::table::{ABSENT, Measure, Table};
use crate::domain::Timestamp;
use crate::error::{Fault, Result};

/// Where a row was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Index into the labels of the sources.
    pub label: u32,
    /// The line, or the row, counted from one.
    pub line: u32,
}

/// Rows to be merged with others.
pub struct Part {
    /// How messages name the sources.
    pub labels: Vec<String>,
    /// The rows, in any order.
    pub table: Table,
    /// Where each row was read.
    pub places: Vec<Place>,
}

/// What became of the parts.
#[derive(Debug)]
pub struct Merged {
    /// All rows, ascending, each once.
    pub table: Table,
    /// The labels of all parts, one after the other.
    pub labels: Vec<String>,
    /// Where each row was read.
    pub places: Vec<Place>,
    /// Rows dropped as exact duplicates.
    pub duplicates: u64,
}

/// A row of a part.
#[derive(Clone, Copy)]
struct Entry {
    part: u32,
    row: u32,
}

impl Part {
    /// All rows of one source, in its order.
    pub fn of_rows(label: String, table: Table) -> Self {
        let places = (1..=table.len() as u32).map(|line| Place { label: 0, line }).collect();
        Part { labels: vec![label], table, places }
    }
}

/// Brings the parts to one scale, sorts them and removes exact duplicates. Parts given first win where a duplicate
/// lacks an optional column.
pub fn merge(mut parts: Vec<Part>) -> Result<Merged> {
    let Some(first) = parts.first() else {
        return Err(Fault::user("there is nothing to merge").remedy("name at least one file with rows"));
    };
    let mut merged = Table::like(&first.table);
    for part in &parts {
        merged.decimals = merged.decimals.larger(part.table.decimals);
    }
    for part in &mut parts {
        let label = part.labels.join(", ");
        part.table.raise_to(merged.decimals).map_err(|error| {
            Fault::user(format!("{label}: its numbers do not fit 18 digits at {} decimals", error.decimals))
                .remedy("another file of the import has that many decimals; import it as a series of its own")
        })?;
    }
    let order = ordered(&parts);
    let labels: Vec<String> = parts.iter().flat_map(|part| part.labels.iter().cloned()).collect();
    let first_label: Vec<u32> =
        parts.iter().scan(0, |next, part| Some(std::mem::replace(next, *next + part.labels.len() as u32))).collect();
    let mut places = Vec::with_capacity(order.len());
    let mut duplicates = 0;
    reserve(&mut merged, order.len());
    let mut previous: Option<Entry> = None;
    for place in order {
        let part = &parts[place.part as usize];
        let row = place.row as usize;
        if let Some(kept) = previous
            && same_place(&parts, kept, place)
        {
            absorb(&mut merged, &parts, kept, place)?;
            duplicates += 1;
            continue;
        }
        merged.push_row(&part.table, row);
        let read_at = part.places[row];
        places.push(Place { label: first_label[place.part as usize] + read_at.label, ..read_at });
        previous = Some(place);
    }
    if merged.kind == SeriesKind::Trades {
        refuse_repeated_ids(&merged)?;
    }
    Ok(Merged { table: merged, labels, places, duplicates })
}

fn reserve(table: &mut Table, rows: usize) {
    table.time.reserve(rows);
    for column in &mut table.columns {
        column.reserve(rows);
    }
}

fn key(parts: &[Part], place: Entry) -> (i64, i64) {
    let table = &parts[place.part as usize].table;
    let row = place.row as usize;
    // Trades and quotes of one instant follow their numbers; candles have their time alone.
    (table.time[row], if table.kind.interval().is_none() { table.columns[0][row] } else { 0 })
}

fn ordered(parts: &[Part]) -> Vec<Entry> {
    let mut order = Vec::with_capacity(parts.iter().map(|part| part.table.len()).sum());
    let mut sequence: Vec<usize> = (0..parts.len()).collect();
    sequence.sort_by_key(|index| parts[*index].table.time.first().copied());
    for index in sequence {
        order.extend((0..parts[index].table.len()).map(|row| Entry { part: index as u32, row: row as u32 }));
    }
    // Stable, so that of two equal rows the one of the earlier part comes first; sorted input costs one pass.
    let ascending = order.windows(2).all(|pair| key(parts, pair[0]) < key(parts, pair[1]));
    if !ascending {
        order.sort_by_key(|place| (key(parts, *place), place.part, place.row));
    }
    order
}

fn same_place(parts: &[Part], kept: Entry, place: Entry) -> bool {
    key(parts, kept) == key(parts, place)
}

/// Compares a repeated row with the one kept, and takes over optional cells that the kept one lacks.
fn absorb(merged: &mut Table, parts: &[Part], kept: Entry, place: Entry) -> Result<()> {
    let last = merged.len() - 1;
    let fields = merged.fields();
    let table = &parts[place.part as usize].table;
    for (index, field) in fields.iter().enumerate() {
        let theirs = table.columns[index][place.row as usize];
        let mine = &mut merged.columns[index][last];
        if *mine == theirs || (!field.required && theirs == ABSENT) {
            continue;
        }
        if !field.required && *mine == ABSENT {
            *mine = theirs;
            continue;
        }
        let decimals = merged.decimals.of(field.measure);
        let (mine, theirs) = (shown(*mine, decimals), shown(theirs, decimals));
        let time = Timestamp::from_nanos(merged.time[last]);
        return Err(Fault::user(format!(
            "two rows for {time} differ in '{}': {} says {mine}, {} says {theirs}",
            field.name,
            where_is(parts, kept),
            where_is(parts, place),
        ))
        .remedy("decide which source is right and import without the other"));
    }
    Ok(())
}

fn where_is(parts: &[Part], place: Entry) -> String {
    let part = &parts[place.part as usize];
    let Place { label, line } = part.places[place.row as usize];
    format!("{} line {line}", part.labels[label as usize])
}

fn shown(units: i64, decimals: u8) -> rust_decimal::Decimal {
    rust_decimal::Decimal::new(units, u32::from(decimals)).normalize()
}

/// A trade number belongs to one trade: the same number at another time is a conflict that sorting by time cannot see.
fn refuse_repeated_ids(table: &Table) -> Result<()> {
    let ids = &table.columns[0];
    debug_assert_eq!(table.fields()[0].measure, Measure::Count);
    if ids.windows(2).all(|pair| pair[0] < pair[1]) {
        return Ok(());
    }
    let mut sorted: Vec<(i64, i64)> = ids.iter().copied().zip(table.time.iter().copied()).collect();
    sorted.sort_unstable();
    for pair in sorted.windows(2) {
        if pair[0].0 == pair[1].0 {
            let [at, other] = [pair[0].1, pair[1].1].map(Timestamp::from_nanos);
            return Err(Fault::user(format!("trade number {} appears at {at} and again at {other}", pair[0].0))
                .remedy("decide which source is right and import without the other"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::decimal::parse;
    use super::*;
    use crate::domain::Interval;

    /// A part from `minute price [quote_volume]` lines; every price column gets the one price, volume is 1.
    fn part(label: &str, text: &str) -> Part {
        let mut table = Table::of(SeriesKind::Candles(Interval::MINUTE));
        for row in text.lines() {
            let cells: Vec<&str> = row.split_whitespace().collect();
            table.time.push(cells[0].parse::<i64>().unwrap() * 60_000_000_000);
            for column in 0..4 {
                table.push_exact(column, parse(cells[1].as_bytes()).unwrap()).unwrap();
            }
            table.push_exact(4, parse(b"1").unwrap()).unwrap();
            match cells.get(2) {
                Some(quote) => table.push_exact(5, parse(quote.as_bytes()).unwrap()).unwrap(),
                None => table.columns[5].push(ABSENT),
            }
            (6..10).for_each(|column| table.columns[column].push(ABSENT));
        }
        Part::of_rows(label.into(), table)
    }

    #[test]
    fn parts_unite_ascending_at_the_larger_scale_and_duplicates_are_counted() {
        let merged = merge(vec![part("b", "3 10.25\n4 11"), part("a", "1 9.5\n2 9.75\n3 10.250")]).unwrap();
        let minutes: Vec<i64> = merged.table.time.iter().map(|time| time / 60_000_000_000).collect();
        assert_eq!(minutes, vec![1, 2, 3, 4]);
        assert_eq!(merged.table.columns[0], vec![950, 975, 1_025, 1_100]);
        let labels: Vec<u32> = merged.places.iter().map(|place| place.label).collect();
        assert_eq!((merged.duplicates, labels), (1, vec![1, 1, 0, 0]));
    }

    #[test]
    fn a_file_that_runs_backwards_is_turned_round() {
        let merged = merge(vec![part("a", "3 1\n2 1\n1 1")]).unwrap();
        assert!(merged.table.time.is_sorted());
    }

    #[test]
    fn a_duplicate_adds_the_columns_that_the_kept_row_lacks() {
        let merged = merge(vec![part("a", "1 5"), part("b", "1 5 77")]).unwrap();
        assert_eq!((merged.table.columns[5].clone(), merged.duplicates), (vec![77], 1));
    }

    #[test]
    fn a_conflict_names_both_files_and_lines() {
        let fault = merge(vec![part("a.csv", "1 5\n2 6"), part("b.csv", "2 6.5")]).unwrap_err().to_string();
        for word in ["a.csv line 2 says 6", "b.csv line 1 says 6.5", "'open'", "1970-01-01T00:02:00Z"] {
            assert!(fault.contains(word), "{word} in {fault}");
        }
    }
}
