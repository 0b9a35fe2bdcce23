//! Errors of the exchange: a code, a text, and the HTTP status they come with.

use super::json::{Json, object};

/// Why a request is refused.
#[derive(Clone, Debug, PartialEq)]
pub struct Refused {
    /// HTTP status.
    pub status: u16,
    /// The exchange's code.
    pub code: i64,
    /// Its text.
    pub message: String,
    /// What some errors say besides.
    pub data: Option<Box<Json>>,
    /// Seconds after which a limit is over.
    pub retry_after: Option<i64>,
}

impl Refused {
    /// A refusal with the status that its code usually has.
    pub fn new(code: i64, message: impl Into<String>) -> Self {
        let status = match code {
            -1003 | -1015 => 429,
            -2014 | -2015 => 401,
            -1000 | -1001 | -1006 | -1007 => 500,
            -1008 => 503,
            _ => 400,
        };
        Refused { status, code, message: message.into(), data: None, retry_after: None }
    }

    /// A parameter that has to be there is not.
    pub fn mandatory(name: &str) -> Self {
        Refused::new(-1102, format!("Mandatory parameter '{name}' was not sent, was empty/null, or malformed."))
    }

    /// A parameter with characters that it may not have.
    pub fn illegal(name: &str, legal: &str) -> Self {
        let text = format!("Illegal characters found in parameter '{name}'; legal range is '{legal}'.");
        Refused::new(-1100, text)
    }

    /// A parameter that does not belong there.
    pub fn not_required(name: &str) -> Self {
        Refused::new(-1106, format!("Parameter '{name}' sent when not required."))
    }

    /// A parameter with a value that makes no sense.
    pub fn invalid(name: &str) -> Self {
        Refused::new(-1130, format!("Data sent for parameter '{name}' is not valid."))
    }

    /// An order breaks a filter.
    pub fn filter(name: &str) -> Self {
        Refused::new(-1013, format!("Filter failure: {name}"))
    }

    /// The matching engine refuses an order.
    pub fn order(message: &str) -> Self {
        Refused::new(-2010, message)
    }

    /// No such symbol.
    pub fn symbol() -> Self {
        Refused::new(-1121, "Invalid symbol.")
    }

    /// A cancel that names no open order.
    pub fn unknown_order() -> Self {
        Refused::new(-2011, "Unknown order sent.")
    }

    /// The body of the answer.
    pub fn body(&self) -> Json {
        let mut body = object! { "code": self.code, "msg": &self.message };
        if let Some(data) = &self.data {
            body.push("data", (**data).clone());
        }
        body
    }
}
