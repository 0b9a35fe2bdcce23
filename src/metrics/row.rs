//! A number, or the reason why there is none, with the words that belong beside it.

use std::fmt;

/// Why a metric has no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Undefined(pub &'static str);

/// A number, or the reason why there is none.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Metric {
    /// The number; always finite.
    Value(f64),
    /// There is none, and this is why.
    Undefined(&'static str),
}

/// One line of the table of metrics: the vocabulary that the terminal, `summary.json` and the report share.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Row {
    /// Its name in files: lower case with underscores, never changed once published.
    pub key: &'static str,
    /// Its name for people.
    pub label: &'static str,
    /// `fraction` (0.01 is one percent), `ratio`, `currency` (the account's), `days`, `hours`, `trades` or `R`.
    pub unit: &'static str,
    /// What it is, in one line.
    pub definition: &'static str,
    /// The number, or why there is none.
    pub value: Metric,
    /// What a reader has to know about this number in this run.
    pub note: Option<&'static str>,
}

impl Metric {
    /// The number, if there is one.
    pub const fn value(self) -> Option<f64> {
        match self {
            Metric::Value(value) => Some(value),
            Metric::Undefined(_) => None,
        }
    }

    /// Why there is no number, if there is none.
    pub const fn reason(self) -> Option<&'static str> {
        match self {
            Metric::Value(_) => None,
            Metric::Undefined(reason) => Some(reason),
        }
    }
}

impl From<Result<f64, Undefined>> for Metric {
    fn from(result: Result<f64, Undefined>) -> Self {
        match result {
            // A minus zero is shown as the zero it is.
            Ok(value) if value.is_finite() => Metric::Value(value + 0.0),
            Ok(_) => Metric::Undefined("the value is too large to be a number"),
            Err(Undefined(reason)) => Metric::Undefined(reason),
        }
    }
}

impl fmt::Display for Metric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Metric::Value(value) => fmt::Display::fmt(value, f),
            Metric::Undefined(reason) => write!(f, "n/a ({reason})"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_number_says_so() {
        assert_eq!(Metric::from(Ok(0.25)), Metric::Value(0.25));
        assert_eq!(Metric::from(Ok(-0.0)).to_string(), "0");
        assert_eq!(Metric::from(Ok(f64::INFINITY)).value(), None);
        assert_eq!(Metric::from(Ok(f64::NAN)).value(), None);
        let missing = Metric::from(Err(Undefined("no closed trade")));
        assert_eq!((missing.value(), missing.reason()), (None, Some("no closed trade")));
        assert_eq!(missing.to_string(), "n/a (no closed trade)");
        assert_eq!(format!("{:.2}", Metric::Value(0.126)), "0.13");
    }
}
