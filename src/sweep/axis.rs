//! One axis of a sweep: a name of the scenario and the values to try.

use crate::error::{Fault, Result};
use rust_decimal::Decimal;

/// A name, as `--set` takes it, and its values in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Axis {
    /// A parameter, `desk.parameter` or `section.key`.
    pub name: String,
    /// The values, as they would be written on the command line.
    pub values: Vec<String>,
}

/// More values than this on one axis are a slip of the finger.
const VALUES_MAX: usize = 1_000_000;

impl Axis {
    /// Reads `5..50:5` (both ends, in steps; without a step, of one) or `20,50,100`; none when the text is a single value.
    ///
    /// # Errors
    /// When a range runs backwards, has no step forward, or too many values, and when a value stands twice.
    pub fn parse(name: &str, text: &str) -> Result<Option<Self>> {
        let wrong = |message: String| {
            Fault::user(format!("the axis {name}={text}: {message}"))
                .remedy("write a range with its step such as 5..50:5, or a list such as 20,50,100")
        };
        let values = match range(text) {
            Some(range) => range.values().map_err(wrong)?,
            None if text.starts_with(['[', '{', '"', '\'']) => return Ok(None),
            None if !text.contains(',') => return Ok(None),
            None => text.split(',').map(|value| value.trim().to_owned()).collect(),
        };
        if let Some(value) = values.iter().find(|value| value.is_empty()) {
            return Err(wrong(format!("there is an empty value{value}")));
        }
        if let Some(twice) = twice(&values) {
            return Err(wrong(twice));
        }
        Ok(Some(Axis { name: name.to_owned(), values }))
    }

    /// An axis of these words; none when there are fewer than two.
    ///
    /// # Errors
    /// When one stands twice, or is empty.
    pub fn of_words(name: &str, words: &[String]) -> Result<Option<Self>> {
        let values: Vec<String> = words.iter().map(|word| word.trim().to_owned()).collect();
        let fault = twice(&values).or_else(|| values.contains(&String::new()).then(|| "a value is empty".to_owned()));
        match fault {
            Some(fault) => Err(Fault::user(format!("the axis {name}={}: {fault}", words.join(",")))
                .remedy("list each value once, separated by commas")),
            None => Ok((values.len() > 1).then(|| Axis { name: name.to_owned(), values })),
        }
    }

    /// Whether every value is a number: then its column in `trials.parquet` is one of numbers.
    pub fn is_numeric(&self) -> bool {
        self.values.iter().all(|value| value.parse::<f64>().is_ok_and(f64::is_finite))
    }
}

/// Two values that are written alike, or that are one and the same number.
fn twice(values: &[String]) -> Option<String> {
    let number = |text: &str| text.parse::<f64>().ok();
    let mut sorted: Vec<&String> = values.iter().collect();
    sorted.sort();
    if let Some(pair) = sorted.windows(2).find(|pair| pair[0] == pair[1]) {
        return Some(format!("{} stands twice", pair[0]));
    }
    let mut numbers: Vec<(f64, &String)> =
        values.iter().filter_map(|value| number(value).map(|number| (number, value))).collect();
    numbers.sort_by(|one, other| one.0.total_cmp(&other.0));
    // A minus zero is a zero.
    let pair = numbers.windows(2).find(|pair| pair[0].0 == pair[1].0)?;
    Some(format!("{} and {} are the same number", pair[0].1, pair[1].1))
}

struct Range {
    from: Decimal,
    to: Decimal,
    step: Decimal,
}

fn range(text: &str) -> Option<Range> {
    let (from, rest) = text.split_once("..")?;
    let (to, step) = rest.split_once(':').unwrap_or((rest, "1"));
    let number = |text: &str| text.trim().parse::<Decimal>().ok();
    Some(Range { from: number(from)?, to: number(to)?, step: number(step)? })
}

impl Range {
    fn values(&self) -> std::result::Result<Vec<String>, String> {
        if self.from > self.to {
            return Err(format!("{} is above {}", self.from, self.to));
        }
        if self.step <= Decimal::ZERO {
            return Err(format!("a step of {} leads nowhere", self.step));
        }
        let mut values = Vec::new();
        let mut value = self.from;
        while value <= self.to {
            if values.len() == VALUES_MAX {
                return Err(format!("more than {VALUES_MAX} values"));
            }
            values.push(value.normalize().to_string());
            value = value.checked_add(self.step).ok_or_else(|| "it leaves the range of numbers".to_owned())?;
        }
        Ok(values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(text: &str) -> Vec<String> {
        Axis::parse("fast", text).unwrap().unwrap().values
    }

    #[test]
    fn ranges_and_lists() {
        assert_eq!(values("5..20:5"), ["5", "10", "15", "20"]);
        assert_eq!(values("5..19:5"), ["5", "10", "15"]);
        assert_eq!(values("1..3"), ["1", "2", "3"]);
        assert_eq!(values("0.1..0.30:0.1"), ["0.1", "0.2", "0.3"]);
        assert_eq!(values("-1..1"), ["-1", "0", "1"]);
        assert_eq!(values("fixed, equity"), ["fixed", "equity"]);
        for single in ["20", "../orders.csv", "fixed", "[1, 2]", "\"a,b\""] {
            assert_eq!(Axis::parse("fast", single).unwrap(), None, "{single}");
        }
    }

    #[test]
    fn what_leads_nowhere_is_refused() {
        for (text, says) in [
            ("9..5", "9 is above 5"),
            ("1..5:0", "leads nowhere"),
            ("1..5:-1", "leads nowhere"),
            ("1,2,1", "1 stands twice"),
            ("1,,2", "empty value"),
            ("0..1:0.0000001", "more than"),
            ("1,1.0", "1 and 1.0 are the same number"),
            ("0.1,0.10000000000000000001", "the same number"),
        ] {
            let fault = Axis::parse("fast", text).unwrap_err().to_string();
            assert!(fault.contains(says), "{text}: {fault}");
        }
    }
}
