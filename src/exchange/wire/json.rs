//! JSON with its fields in the order in which they were written, and with instants that are told in the unit that the
//! client asked for.

use crate::domain::Timestamp;
use std::fmt::Write;

/// A JSON value.
#[derive(Clone, Debug, PartialEq)]
pub enum Json {
    /// Nothing.
    Null,
    /// True or false.
    Bool(bool),
    /// A whole number.
    Integer(i64),
    /// Text, numbers that are told as text among it.
    Text(String),
    /// An instant, in the client's unit.
    Time(Timestamp),
    /// The last unit of time before an instant: when a candle that ends there closes.
    TimeBefore(Timestamp),
    /// Values in order.
    List(Vec<Json>),
    /// Fields in order.
    Object(Vec<(&'static str, Json)>),
    /// A value that came as JSON and is passed on as it stands.
    Raw(String),
}

/// The unit in which instants are told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TimeUnit {
    /// Thousandths of a second.
    #[default]
    Milliseconds,
    /// Millionths of a second.
    Microseconds,
}

impl TimeUnit {
    /// By the exchange's name for it.
    pub fn named(name: &str) -> Option<TimeUnit> {
        match name.to_ascii_uppercase().as_str() {
            "MILLISECOND" => Some(TimeUnit::Milliseconds),
            "MICROSECOND" => Some(TimeUnit::Microseconds),
            _ => None,
        }
    }

    /// An instant in this unit.
    pub fn count(self, time: Timestamp) -> i64 {
        match self {
            TimeUnit::Milliseconds => time.millis(),
            TimeUnit::Microseconds => time.nanos().div_euclid(1_000),
        }
    }
}

/// An object from fields in order.
macro_rules! object {
    ($($name:literal : $value:expr),* $(,)?) => {
        $crate::exchange::wire::Json::Object(vec![$(($name, $crate::exchange::wire::Json::from($value))),*])
    };
}
pub(in crate::exchange) use object;

impl Json {
    /// Appends a field to an object.
    pub fn push(&mut self, name: &'static str, value: impl Into<Json>) {
        if let Json::Object(fields) = self {
            fields.push((name, value.into()));
        }
    }

    /// The text of this value.
    pub fn text(&self, unit: TimeUnit) -> String {
        let mut text = String::new();
        self.write(unit, &mut text);
        text
    }

    fn write(&self, unit: TimeUnit, out: &mut String) {
        match self {
            Json::Null => out.push_str("null"),
            Json::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            Json::Integer(value) => write!(out, "{value}").expect("writing to text succeeds"),
            Json::Text(text) => quote(text, out),
            Json::Time(time) => write!(out, "{}", unit.count(*time)).expect("writing to text succeeds"),
            Json::TimeBefore(time) => write!(out, "{}", unit.count(*time) - 1).expect("writing to text succeeds"),
            Json::Raw(text) => out.push_str(text),
            Json::List(values) => {
                out.push('[');
                for (index, value) in values.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    value.write(unit, out);
                }
                out.push(']');
            }
            Json::Object(fields) => {
                out.push('{');
                for (index, (name, value)) in fields.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    quote(name, out);
                    out.push(':');
                    value.write(unit, out);
                }
                out.push('}');
            }
        }
    }
}

fn quote(text: &str, out: &mut String) {
    out.push_str(&serde_json::to_string(text).expect("text is JSON"));
}

impl From<bool> for Json {
    fn from(value: bool) -> Self {
        Json::Bool(value)
    }
}

impl From<i64> for Json {
    fn from(value: i64) -> Self {
        Json::Integer(value)
    }
}

impl From<&str> for Json {
    fn from(value: &str) -> Self {
        Json::Text(value.to_owned())
    }
}

impl From<String> for Json {
    fn from(value: String) -> Self {
        Json::Text(value)
    }
}

impl From<&String> for Json {
    fn from(value: &String) -> Self {
        Json::Text(value.clone())
    }
}

impl From<Timestamp> for Json {
    fn from(value: Timestamp) -> Self {
        Json::Time(value)
    }
}

impl From<Vec<Json>> for Json {
    fn from(value: Vec<Json>) -> Self {
        Json::List(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_keep_their_order_and_instants_their_unit() {
        let time = Timestamp::from_millis(1_700_000_000_123);
        let value =
            object! { "z": 1, "a": "q\"x", "t": time, "l": vec![Json::TimeBefore(time), Json::Null, true.into()] };
        let millis = r#"{"z":1,"a":"q\"x","t":1700000000123,"l":[1700000000122,null,true]}"#;
        let micros = r#"{"z":1,"a":"q\"x","t":1700000000123000,"l":[1700000000122999,null,true]}"#;
        assert_eq!(value.text(TimeUnit::Milliseconds), millis);
        assert_eq!(value.text(TimeUnit::Microseconds), micros);
    }
}
