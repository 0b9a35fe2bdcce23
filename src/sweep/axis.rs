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
        let mut sorted: Vec<&String> = values.iter().collect();
        sorted.sort();
        if let Some(pair) = sorted.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(wrong(format!("{} stands twice", pair[0])));
        }
        Ok(Some(Axis { name: name.to_owned(), values }))
    }
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
        ] {
            let fault = Axis::parse("fast", text).unwrap_err().to_string();
            assert!(fault.contains(says), "{text}: {fault}");
        }
    }
}
