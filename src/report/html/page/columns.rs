//! The numbers of a page, packed: columns of small differences in one compressed block, read back by `unpack.js`.

use super::pack;
use serde_json::{Value, json};

/// Magnitudes stay below this many units, so that a difference of two is exact in the script's doubles.
const UNITS_MAX: f64 = 1_125_899_906_842_624.0;

/// Columns of a page by name, under construction.
///
/// A number is kept as a count of 10^-decimals. Every count is written as its difference from the one before, zigzag
/// and in bytes of seven bits; zero stands for a missing number, so everything else is shifted up by one.
#[derive(Clone, Debug, Default)]
pub struct Columns {
    entries: Vec<Value>,
    bytes: Vec<u8>,
}

/// Bars of a price chart: parallel columns of prices.
#[derive(Clone, Copy, Debug)]
pub struct Bars<'a> {
    /// First prices.
    pub open: &'a [f64],
    /// Highest prices.
    pub high: &'a [f64],
    /// Lowest prices.
    pub low: &'a [f64],
    /// Last prices.
    pub close: &'a [f64],
}

impl Columns {
    /// A column of whole numbers, such as times in milliseconds since 1970.
    pub fn whole(&mut self, name: &str, values: impl IntoIterator<Item = i64>) {
        self.column(name, 0, values.into_iter().map(Some));
    }

    /// A column of numbers to so many decimals, fewer where they are too large for that. What is not finite is missing.
    pub fn numbers(&mut self, name: &str, decimals: u8, values: &[f64]) {
        let (decimals, factor) = scale(decimals, &[values]);
        self.column(name, decimals, values.iter().map(|value| counted(*value, factor)));
    }

    /// A column of words. Each different one is kept once.
    pub fn words<'a>(&mut self, name: &str, values: impl IntoIterator<Item = &'a str>) {
        let mut places = std::collections::BTreeMap::new();
        let mut words = Vec::new();
        let codes: Vec<i64> = values
            .into_iter()
            .map(|word| {
                *places.entry(word).or_insert_with(|| {
                    words.push(word);
                    words.len() as i64 - 1
                })
            })
            .collect();
        self.column(name, 0, codes.into_iter().map(Some));
        let entry = self.entries.last_mut().expect("a column was just added");
        entry["words"] = json!(words);
    }

    /// Four columns of prices: `name.open`, `name.high`, `name.low`, `name.close`. Closes are written as they change, the
    /// others as their distance from what is near: the close before, or the higher and the lower end of the body.
    pub fn bars(&mut self, name: &str, decimals: u8, bars: Bars<'_>) {
        let (decimals, factor) = scale(decimals, &[bars.open, bars.high, bars.low, bars.close]);
        let units = |values: &[f64]| -> Vec<i64> {
            values.iter().map(|value| counted(*value, factor).unwrap_or_default()).collect()
        };
        let (open, high, low, close) = (units(bars.open), units(bars.high), units(bars.low), units(bars.close));
        let body = || open.iter().zip(&close).map(|(open, close)| (*open.min(close), *open.max(close)));
        let before = std::iter::once(0).chain(close.iter().copied());
        self.column(&format!("{name}.close"), decimals, close.iter().copied().map(Some));
        self.apart(
            &format!("{name}.open"),
            decimals,
            "opens",
            open.iter().zip(before).map(|(open, before)| open - before),
        );
        self.apart(
            &format!("{name}.high"),
            decimals,
            "highs",
            high.iter().zip(body()).map(|(high, (_, top))| high - top),
        );
        self.apart(&format!("{name}.low"), decimals, "lows", low.iter().zip(body()).map(|(low, (foot, _))| foot - low));
    }

    /// The block as it stands in the page: the length of the list of columns, the list, the bytes; compressed, as text.
    pub fn packed(&self) -> String {
        let list = Value::Array(self.entries.clone()).to_string();
        let length = u32::try_from(list.len()).expect("a page has fewer columns than that");
        let mut block = Vec::with_capacity(4 + list.len() + self.bytes.len());
        block.extend_from_slice(&length.to_le_bytes());
        block.extend_from_slice(list.as_bytes());
        block.extend_from_slice(&self.bytes);
        pack::text(&block)
    }

    fn column(&mut self, name: &str, decimals: i32, values: impl Iterator<Item = Option<i64>>) {
        let mut before = 0;
        let written = values.map(|value| {
            let step = value.map(|value| value - before);
            before = value.unwrap_or(before);
            step
        });
        self.write(name, decimals, "steps", written.collect::<Vec<_>>());
    }

    fn apart(&mut self, name: &str, decimals: i32, kind: &str, values: impl Iterator<Item = i64>) {
        self.write(name, decimals, kind, values.map(Some).collect());
    }

    fn write(&mut self, name: &str, decimals: i32, kind: &str, values: Vec<Option<i64>>) {
        debug_assert!(self.entries.iter().all(|entry| entry["name"] != name), "two columns are called {name}");
        self.entries.push(json!({
            "name": name, "kind": kind, "at": self.bytes.len(), "count": values.len(), "decimals": decimals,
        }));
        for value in values {
            let code = value.map_or(0, |value| (((value << 1) ^ (value >> 63)) as u64) + 1);
            varint(&mut self.bytes, code);
        }
    }
}

/// So many decimals as the largest of the values leaves room for, and what a value is multiplied by.
fn scale(wanted: u8, columns: &[&[f64]]) -> (i32, f64) {
    let values = columns.iter().flat_map(|values| values.iter()).filter(|value| value.is_finite());
    let largest = values.fold(0.0_f64, |largest, value| largest.max(value.abs()));
    let mut decimals = i32::from(wanted);
    while largest * power(decimals) > UNITS_MAX {
        decimals -= 1;
    }
    (decimals, power(decimals))
}

fn power(decimals: i32) -> f64 {
    let tens = (0..decimals.abs()).fold(1.0, |power, _| power * 10.0);
    if decimals < 0 { 1.0 / tens } else { tens }
}

fn counted(value: f64, factor: f64) -> Option<i64> {
    value.is_finite().then(|| (value * factor).round() as i64)
}

fn varint(bytes: &mut Vec<u8>, mut code: u64) {
    while code >= 0x80 {
        bytes.push(code as u8 | 0x80);
        code >>= 7;
    }
    bytes.push(code as u8);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a script reads: the list of columns and the codes of one of them.
    fn read(columns: &Columns, name: &str) -> (Value, Vec<u64>) {
        let block = pack::open(&columns.packed());
        let length = u32::from_le_bytes(block[..4].try_into().unwrap()) as usize;
        let list: Vec<Value> = serde_json::from_slice(&block[4..4 + length]).unwrap();
        let entry = list.into_iter().find(|entry| entry["name"] == name).unwrap();
        let mut at = 4 + length + entry["at"].as_u64().unwrap() as usize;
        let codes = (0..entry["count"].as_u64().unwrap()).map(|_| {
            let (mut code, mut shift) = (0, 0);
            loop {
                let byte = block[at];
                at += 1;
                code |= u64::from(byte & 0x7f) << shift;
                shift += 7;
                if byte < 0x80 {
                    return code;
                }
            }
        });
        let codes = codes.collect();
        (entry, codes)
    }

    #[test]
    fn numbers_are_kept_as_steps_and_missing_ones_as_zero() {
        let mut columns = Columns::default();
        columns.numbers("price", 2, &[1.25, f64::NAN, 1.2, 301.0]);
        let (entry, codes) = read(&columns, "price");
        assert_eq!((entry["decimals"].as_i64(), codes), (Some(2), vec![251, 0, 10, 2 * 29_980 + 1]));
    }

    #[test]
    fn what_is_large_has_fewer_decimals() {
        let mut columns = Columns::default();
        columns.numbers("equity", 8, &[3e12, -1.0]);
        let (entry, _) = read(&columns, "equity");
        assert_eq!(entry["decimals"], 2);
        columns.numbers("vast", 2, &[1e20]);
        assert_eq!(read(&columns, "vast").0["decimals"], -5);
    }

    #[test]
    fn a_word_is_kept_once() {
        let mut columns = Columns::default();
        columns.words("symbol", ["B", "A", "B"]);
        let (entry, codes) = read(&columns, "symbol");
        assert_eq!((entry["words"].clone(), codes), (json!(["B", "A"]), vec![1, 3, 2]));
    }

    #[test]
    fn bars_are_kept_as_distances_from_what_is_near() {
        let mut columns = Columns::default();
        let bars = Bars { open: &[10.0, 12.0], high: &[13.0, 12.0], low: &[9.0, 8.0], close: &[12.0, 9.0] };
        columns.bars("bars", 0, bars);
        let codes = |name: &str| read(&columns, name).1;
        assert_eq!(codes("bars.close"), [25, 6]);
        assert_eq!(codes("bars.open"), [21, 1]);
        assert_eq!(codes("bars.high"), [3, 1]);
        assert_eq!(codes("bars.low"), [3, 3]);
    }
}
