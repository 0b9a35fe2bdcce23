//! The numbers of other libraries, by their own definitions: to lay beside what those libraries print.
//!
//! A profile follows the released version that it names, conventions included: what is infinite there is infinite
//! here, and what is no number there is none here. Only where a release prints what contradicts its own definition is
//! the right value kept, and the row says what the library prints. `tests/oracles/metrics.py` runs the releases;
//! docs/metrics.md explains every listed difference.

pub mod backtesting_py;
#[cfg(test)]
mod oracle;
pub mod quantstats;

/// A metric as a library defines it.
#[derive(Clone, Debug, PartialEq)]
pub struct ProfileRow {
    /// The library's own name for it: of the function, or of the line that it prints.
    pub label: &'static str,
    /// `fraction` (0.01 is one percent), `percent`, `ratio`, `currency`, `days` or `count`.
    pub unit: &'static str,
    /// How the library computes it, in one line.
    pub definition: &'static str,
    /// The value; infinite or not a number where the library has it so.
    pub value: f64,
    /// What the library prints instead, and why that is not the value.
    pub difference: Option<String>,
}

impl ProfileRow {
    pub(super) fn new(label: &'static str, unit: &'static str, definition: &'static str, value: f64) -> Self {
        ProfileRow { label, unit, definition, value, difference: None }
    }
}

/// The mean; not a number over nothing, as in pandas.
fn mean(values: &[f64]) -> f64 {
    super::moments::mean(values).unwrap_or(f64::NAN)
}

/// The sample standard deviation; not a number for fewer than two values, as in pandas.
fn deviation(values: &[f64]) -> f64 {
    super::moments::sample_deviation(values).unwrap_or(f64::NAN)
}

/// The sum, from the first to the last.
fn sum(values: &[f64]) -> f64 {
    super::moments::sum(values.iter().copied())
}

/// The values that pass.
fn those(values: &[f64], pass: impl Fn(f64) -> bool) -> Vec<f64> {
    values.iter().copied().filter(|value| pass(*value)).collect()
}

/// The value, or not a number in place of zero: the libraries' way of not dividing by it.
fn unless_zero(value: f64) -> f64 {
    if value == 0.0 { f64::NAN } else { value }
}

/// The largest value; not a number over nothing.
fn largest(values: impl IntoIterator<Item = f64>) -> f64 {
    values.into_iter().fold(f64::NAN, f64::max)
}
