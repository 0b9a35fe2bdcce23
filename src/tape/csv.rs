//! Reading the lines of a foreign CSV file into a table, every number exactly and every refusal with its line.

use super::decimal::{self, DecimalLimits, Exact, Kept, NumberError};
use super::layout::{Cell, Header, Layout, Plan, plan};
use super::merge::{Part, Place};
use super::table::{ABSENT, Measure, Table, is_storable_time};
use crate::domain::{Origin, Side, Timestamp};
use crate::error::{Fault, Result};
use ::csv::ByteRecord;
use std::io::Read;

/// The rows of one file, not yet held against a grid.
pub struct ParsedFile {
    /// The rows and their lines.
    pub part: Part,
    /// The family that the file turned out to be of.
    pub layout: Layout,
    /// When each candle ends, if the file says so; else empty.
    pub close_time: Vec<i64>,
    /// The origin that the file itself declares.
    pub declared: Option<Origin>,
    /// Numbers rounded to the decimal limits asked for.
    pub rounded: u64,
}

impl ParsedFile {
    /// Refuses a file that declares another origin than `asked`.
    pub fn of_origin(self, asked: Origin) -> Result<Self> {
        match self.declared {
            Some(declared) if declared != asked => {
                Err(Fault::user(format!("{} says that its rows are {declared}, not {asked}", self.part.labels[0]))
                    .remedy(format!("read it as {declared}")))
            }
            Some(_) | None => Ok(self),
        }
    }
}

/// Reads a file's text. `label` names it in messages. Candles carry the interval of one minute until
/// [`super::foreign`] or the import gives them theirs.
pub fn read_text(text: &mut dyn Read, label: &str, asked: Option<Layout>, limits: DecimalLimits) -> Result<ParsedFile> {
    let mut reader =
        ::csv::ReaderBuilder::new().has_headers(false).flexible(true).buffer_capacity(1 << 17).from_reader(text);
    let mut record = ByteRecord::new();
    if !reader.read_byte_record(&mut record).map_err(|error| unreadable(&error, label, 1))? {
        return Err(Fault::user(format!("{label} has no lines")).remedy("download it again or leave it out"));
    }
    let first: Vec<String> = record.iter().map(|cell| String::from_utf8_lossy(cell).into_owned()).collect();
    let first: Vec<&str> = first.iter().map(String::as_str).collect();
    let plan = plan(&first, asked).map_err(|fault| fault.within(label))?;
    let mut file = Rows::new(&plan, label, limits);
    if plan.header == Header::Absent {
        file.take(&record, 1)?;
    }
    loop {
        let line = reader.position().line() as u32;
        if !reader.read_byte_record(&mut record).map_err(|error| unreadable(&error, label, line))? {
            break;
        }
        let line = record.position().map_or(line, |position| position.line() as u32);
        file.take(&record, line)?;
    }
    if file.table.is_empty() {
        return Err(Fault::user(format!("{label} has a header and no rows")).remedy("leave it out"));
    }
    Ok(ParsedFile {
        part: Part { labels: vec![label.to_owned()], table: file.table, places: file.places },
        layout: plan.layout,
        close_time: file.close_time,
        declared: None,
        rounded: file.rounded,
    })
}

struct Rows<'a> {
    plan: &'a Plan,
    label: &'a str,
    table: Table,
    places: Vec<Place>,
    close_time: Vec<i64>,
    /// Optional columns that this file does not have.
    missing: Vec<usize>,
    limits: DecimalLimits,
    rounded: u64,
}

impl<'a> Rows<'a> {
    fn new(plan: &'a Plan, label: &'a str, limits: DecimalLimits) -> Self {
        let table = Table::of(plan.layout.kind());
        let given = |index: usize| {
            let by_side = plan.cells.contains(&Cell::Quantity) && index == 2;
            plan.cells.contains(&Cell::Number(index)) || by_side
        };
        let missing = (0..table.columns.len()).filter(|index| !given(*index)).collect();
        Rows { plan, label, table, places: Vec::new(), close_time: Vec::new(), missing, limits, rounded: 0 }
    }

    fn take(&mut self, record: &ByteRecord, line: u32) -> Result<()> {
        if record.len() != self.plan.cells.len() {
            let (found, expected) = (record.len(), self.plan.cells.len());
            return Err(self
                .wrong(line, format!("has {found} cells where {expected} are expected"))
                .remedy("the line is cut or from another file; repair it or download the file again"));
        }
        let mut quantity = None;
        let mut taker = Side::Buy;
        for (cell, text) in self.plan.cells.iter().zip(record) {
            match cell {
                Cell::Time => {
                    let time = self.time(text, line)?;
                    self.table.time.push(time);
                }
                Cell::CloseTime => {
                    let time = self.time(text, line)?;
                    self.close_time.push(time);
                }
                Cell::Number(column) => self.number(*column, text, line)?,
                Cell::Quantity => quantity = Some(text),
                Cell::Side => taker = self.side(text, line)?,
                Cell::BuyerIsMaker => taker = self.taker_of_flag(text, line)?,
                Cell::Ignored => {}
            }
        }
        if let Some(text) = quantity {
            self.quantity(text, taker, line)?;
        }
        for column in &self.missing {
            let stand_in = self.table.fields()[*column].stand_in();
            self.table.columns[*column].push(stand_in);
        }
        if let Some(why) = self.table.wrong_with_last() {
            return Err(self.wrong(line, why).remedy("correct the line or leave it out; nothing was imported"));
        }
        self.places.push(Place { label: 0, line });
        Ok(())
    }

    fn time(&self, text: &[u8], line: u32) -> Result<i64> {
        let text = text.trim_ascii();
        // Digits are the common case, and millions of them come.
        if !text.is_empty() && text.len() != 8 && text.iter().all(u8::is_ascii_digit) {
            let number = text
                .iter()
                .try_fold(0i64, |number, digit| number.checked_mul(10)?.checked_add(i64::from(digit - b'0')));
            if let Some(time) = number.and_then(Timestamp::from_magnitude)
                && is_storable_time(time.nanos())
            {
                return Ok(time.nanos());
            }
        }
        let shown = String::from_utf8_lossy(text);
        let time: Timestamp = shown.parse().map_err(|error| self.wrong(line, format!("{error}")))?;
        if !is_storable_time(time.nanos()) {
            return Err(self.wrong(line, format!("the time '{shown}' lies before 1970 or after 2260")));
        }
        Ok(time.nanos())
    }

    fn number(&mut self, column: usize, text: &[u8], line: u32) -> Result<()> {
        let field = &self.table.fields()[column];
        let (name, measure) = (field.name, field.measure);
        if !field.required && text.trim_ascii().is_empty() {
            self.table.columns[column].push(ABSENT);
            return Ok(());
        }
        let value = self.decimal(measure, text).map_err(|error| self.bad_cell(line, name, text, error))?;
        let refusal = match measure {
            Measure::Price if value.units <= 0 => Some("a price must be above zero"),
            Measure::Quantity | Measure::Quote | Measure::Count if value.units < 0 => Some("it must not be negative"),
            Measure::Count if value.decimals > 0 => Some("it must be a whole number"),
            Measure::Price | Measure::Quantity | Measure::Quote | Measure::Count => None,
        };
        if let Some(why) = refusal {
            return Err(self.bad_cell(line, name, text, why));
        }
        self.push(column, name, value, text, line)
    }

    fn decimal(&mut self, measure: Measure, text: &[u8]) -> std::result::Result<Exact, NumberError> {
        let limit = match measure {
            Measure::Price => self.limits.price,
            Measure::Quantity | Measure::Quote => self.limits.quantity,
            Measure::Count => None,
        };
        let Some(limit) = limit else {
            return decimal::parse(text);
        };
        let (exact, kept) = decimal::parse_limited(text, limit)?;
        self.rounded += u64::from(kept == Kept::Rounded);
        Ok(exact)
    }

    fn quantity(&mut self, text: &[u8], taker: Side, line: u32) -> Result<()> {
        let mut value =
            self.decimal(Measure::Quantity, text).map_err(|error| self.bad_cell(line, "amount", text, error))?;
        if value.units <= 0 {
            return Err(self.bad_cell(line, "amount", text, "a trade's amount must be above zero"));
        }
        if taker == Side::Sell {
            value.units = -value.units;
        }
        self.push(2, "amount", value, text, line)
    }

    fn push(&mut self, column: usize, name: &str, value: Exact, text: &[u8], line: u32) -> Result<()> {
        self.table.push_exact(column, value).map_err(|error| {
            let why = format!("at {} decimals this column's numbers need more than 18 digits", error.decimals);
            self.bad_cell(line, name, text, why).remedy(
                "if these digits are remains of floats, round them: --quantity-decimals 8 or --price-decimals 8",
            )
        })
    }

    fn side(&self, text: &[u8], line: u32) -> Result<Side> {
        match text.trim_ascii().to_ascii_lowercase().as_slice() {
            b"buy" | b"b" => Ok(Side::Buy),
            b"sell" | b"s" => Ok(Side::Sell),
            _ => Err(self.bad_cell(line, "side", text, "it must be buy or sell")),
        }
    }

    /// The buyer made the price: the taker sold.
    fn taker_of_flag(&self, text: &[u8], line: u32) -> Result<Side> {
        match text.trim_ascii().to_ascii_lowercase().as_slice() {
            b"true" => Ok(Side::Sell),
            b"false" => Ok(Side::Buy),
            _ => Err(self.bad_cell(line, "is_buyer_maker", text, "it must be true or false")),
        }
    }

    fn bad_cell(&self, line: u32, name: &str, text: &[u8], why: impl std::fmt::Display) -> Fault {
        self.wrong(line, format!("column '{name}': '{}': {why}", String::from_utf8_lossy(text)))
            .remedy("correct the line or leave it out; nothing was imported")
    }

    fn wrong(&self, line: u32, what: impl std::fmt::Display) -> Fault {
        Fault::user(format!("{} line {line}: {what}", self.label))
    }
}

fn unreadable(error: &::csv::Error, label: &str, line: u32) -> Fault {
    let what = match error.kind() {
        ::csv::ErrorKind::Io(io) if io.kind() == std::io::ErrorKind::UnexpectedEof => {
            "the compressed data ends too early".to_owned()
        }
        ::csv::ErrorKind::Io(io) => io.to_string(),
        _ => error.to_string(),
    };
    Fault::user(format!("{label} at about line {line}: {what}"))
        .remedy("the file is incomplete or damaged; download it again")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<ParsedFile> {
        read_text(&mut text.as_bytes(), "t.csv", None, DecimalLimits::default())
    }

    #[test]
    fn candles_are_read_exactly_from_each_layout() {
        let tapeline = read("open_time,open,high,low,close,volume,quote_volume,trades\n1722003300000,67745.75,67784,67726,67768,26.98425,9.5,17\n").unwrap();
        let table = &tapeline.part.table;
        assert_eq!(table.time, vec![1_722_003_300_000_000_000]);
        let first: Vec<i64> = table.columns.iter().map(|column| column[0]).collect();
        assert_eq!(first, vec![6_774_575, 6_778_400, 6_772_600, 6_776_800, 2_698_425, 95, 17, ABSENT, ABSENT, ABSENT]);
        let binance = read("1722003300000000,67745.75000000,67784.00000000,67726.0,67768.0,26.98425000,1722003359999999,9.5,17,1,2.25,0\n").unwrap();
        assert_eq!(&binance.part.table.columns[..5], &table.columns[..5]);
        assert_eq!(binance.part.table.time, table.time);
        assert_eq!(binance.close_time, vec![1_722_003_359_999_999_000]);
        let freqtrade = read("date,open,high,low,close,volume\r\n2024-07-26 14:15:00+00:00,67745.75,67784.0,67726.0,67768.0,26.98425\r\n").unwrap();
        assert_eq!(&freqtrade.part.table.columns[..5], &table.columns[..5]);
        assert_eq!(freqtrade.part.table.time, table.time);
    }

    #[test]
    fn a_trade_carries_the_taker_s_side_in_its_sign() {
        let ours =
            read("time,id,side,price,amount\n1570752011620,5,sell,0.00141342,23\n1570752011621,6,buy,0.0014,0.5\n")
                .unwrap();
        assert_eq!(ours.part.table.columns, vec![vec![5, 6], vec![141_342, 140_000], vec![-230, 5]]);
        let binance =
            read("5,0.00141342,23,1,1570752011620,True,True\n6,0.0014,0.5,1,1570752011621,False,True\n").unwrap();
        assert_eq!(binance.part.table, ours.part.table);
    }

    #[test]
    fn a_bad_line_is_one_fault_that_names_file_line_and_column() {
        let head = "open_time,open,high,low,close,volume\n1722003300000,1,1,1,1,1\n";
        for (line, words) in [
            ("1722003360000,NaN,1,1,1,1", "column 'open': 'NaN': is not a finite number"),
            ("1722003360000,1,inf,1,1,1", "column 'high'"),
            ("1722003360000,1,1,1,1,-1", "column 'volume': '-1': it must not be negative"),
            ("1722003360000,1,1,0,1,1", "a price must be above zero"),
            ("1722003360000,1,1,1,1", "has 5 cells where 6 are expected"),
            ("1722003360000,1,1,1,x,1", "column 'close': 'x': is not a decimal number"),
            ("1722003360000,1,1,1,,1", "column 'close': '': is empty"),
            ("yesterday,1,1,1,1,1", "'yesterday' is not a time"),
            ("99999999999999999999999,1,1,1,1,1", "is not a time"),
            ("-1722003360000,1,1,1,1,1", "lies before 1970"),
            ("9223372036854775807,1,1,1,1,1", "after 2260"),
            ("1722003360000,99999999999999999999,1,1,1,1", "more digits than the store holds"),
            ("1722003360000,1e400,1,1,1,1", "more digits than the store holds"),
            ("1722003360000,1,100000000000000000,1,1.05,1", "more than 18 digits"),
        ] {
            let fault = read(&format!("{head}{line}\n")).err().unwrap().to_string();
            assert!(fault.contains("t.csv line 3") && fault.contains(words), "{line}: {fault}");
        }
        assert!(read("open_time,open,high,low,close,volume\n").err().unwrap().to_string().contains("no rows"));
        let side = read("time,id,side,price,amount\n1570752011620,5,up,1,1\n").err().unwrap().to_string();
        assert!(side.contains("it must be buy or sell"), "{side}");
    }

    proptest::proptest! {
        #[test]
        fn no_text_whatever_makes_the_reader_panic(
            head in proptest::sample::select(vec![
                "open_time,open,high,low,close,volume\n",
                "time,id,side,price,amount\n",
                "date,open,high,low,close,volume,trades\n",
                "",
            ]),
            body in "[0-9.eE+,\"a-z \n\r-]{0,200}",
        ) {
            if let Ok(file) = read(&format!("{head}{body}")) {
                let rows = file.part.table.len();
                proptest::prop_assert!(rows > 0 && file.part.places.len() == rows);
                proptest::prop_assert!(file.part.table.columns.iter().all(|column| column.len() == rows));
            }
        }

        #[test]
        fn every_decimal_is_read_as_another_reader_reads_it(units in -999_999_999_999_999_999i64..=999_999_999_999_999_999, scale in 0u32..=18) {
            let decimal = rust_decimal::Decimal::new(units, scale);
            let exact = decimal::parse(decimal.to_string().as_bytes()).unwrap();
            let back = rust_decimal::Decimal::new(exact.units, u32::from(exact.decimals));
            proptest::prop_assert_eq!(back, decimal);
            for limit in [0u8, 3, 8] {
                let (rounded, _) = decimal::parse_limited(decimal.to_string().as_bytes(), limit).unwrap();
                let back = rust_decimal::Decimal::new(rounded.units, u32::from(rounded.decimals));
                let expect = decimal.round_dp_with_strategy(u32::from(limit), rust_decimal::RoundingStrategy::MidpointNearestEven);
                proptest::prop_assert_eq!(back, expect);
            }
        }
    }

    #[test]
    fn a_truncated_gzip_is_one_clear_fault() {
        use std::io::Write;
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(b"open_time,open,high,low,close,volume\n").unwrap();
        for minute in 0..5_000i64 {
            writeln!(gzip, "{},1,1,1,1,{}", 1_722_003_300_000 + minute * 60_000, minute * 7_919 % 1_009).unwrap();
        }
        let bytes = gzip.finish().unwrap();
        let cut = &bytes[..bytes.len() / 2];
        let fault =
            read_text(&mut flate2::bufread::MultiGzDecoder::new(cut), "t.csv.gz", None, DecimalLimits::default())
                .err()
                .unwrap();
        assert!(fault.to_string().contains("ends too early"), "{fault}");
    }
}
