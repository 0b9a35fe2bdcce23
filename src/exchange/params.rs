//! Parameters of a request: text by name, read with the exchange's own complaints.

use super::wire::Refused;
use super::wire::decimal::{Read, read};
use crate::domain::Timestamp;

/// Digits with an optional fraction, as the exchange says it.
const NUMBER: &str = "^([0-9]{1,20})(\\.[0-9]{1,20})?$";
/// Names that clients may give.
const NAME: &str = "^[a-zA-Z0-9-_]{1,36}$";

/// Parameters in the order in which they came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Params(pub Vec<(String, String)>);

impl Params {
    /// The parameters of a query and of a form; where both have one, the query's counts.
    pub fn read(query: &str, body: &str) -> Params {
        let mut params = Params::default();
        for part in query.split('&').chain(body.split('&')).filter(|part| !part.is_empty()) {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            let name = decoded(name);
            if params.get(&name).is_none() {
                params.0.push((name, decoded(value)));
            }
        }
        params
    }

    /// A parameter that was sent; an empty one counts as not sent.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|known| known.0 == name).map(|known| known.1.as_str()).filter(|value| !value.is_empty())
    }

    /// A parameter that has to be there.
    pub fn require(&self, name: &str) -> Result<&str, Refused> {
        self.get(name).ok_or_else(|| Refused::mandatory(name))
    }

    /// A whole number.
    pub fn integer(&self, name: &str) -> Result<Option<i64>, Refused> {
        let Some(text) = self.get(name) else { return Ok(None) };
        text.parse().map(Some).map_err(|_| Refused::illegal(name, "^[0-9]{1,20}$"))
    }

    /// A count of rows: `usual` where none was sent, and no more than `most`.
    pub fn limit(&self, usual: usize, most: usize) -> Result<usize, Refused> {
        match self.integer("limit")? {
            None => Ok(usual),
            Some(limit) if limit < 1 => Err(Refused::illegal("limit", "^[0-9]{1,20}$")),
            Some(limit) => Ok(usize::try_from(limit).unwrap_or(most).min(most)),
        }
    }

    /// An instant, in milliseconds or microseconds.
    pub fn time(&self, name: &str) -> Result<Option<Timestamp>, Refused> {
        Ok(self.integer(name)?.map(instant))
    }

    /// A decimal in units of 1e-8.
    pub fn decimal(&self, name: &str) -> Result<Option<i64>, Refused> {
        let Some(text) = self.get(name) else { return Ok(None) };
        match read(text) {
            Read::Units(units) => Ok(Some(units)),
            Read::TooPrecise => Err(Refused::new(-1111, format!("Parameter '{name}' has too much precision."))),
            Read::Illegal => Err(Refused::illegal(name, NUMBER)),
        }
    }

    /// A name that the client gives.
    pub fn name(&self, name: &str) -> Result<Option<&str>, Refused> {
        let Some(text) = self.get(name) else { return Ok(None) };
        let fits =
            text.len() <= 36 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.:/".contains(&byte));
        if fits { Ok(Some(text)) } else { Err(Refused::illegal(name, NAME)) }
    }

    /// Whether a switch is on.
    pub fn is_true(&self, name: &str) -> bool {
        self.get(name).is_some_and(|value| value.eq_ignore_ascii_case("true"))
    }
}

/// An instant from a count of milliseconds or microseconds, told by its size.
pub fn instant(count: i64) -> Timestamp {
    if count >= 100_000_000_000_000 {
        Timestamp::from_nanos(count.saturating_mul(1_000))
    } else {
        Timestamp::from_millis(count)
    }
}

/// Text with its percent escapes resolved.
fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let escape = (bytes[at] == b'%').then(|| text.get(at + 1..at + 3)).flatten();
        match escape.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                out.push(byte);
                at += 3;
            }
            None => {
                out.push(if bytes[at] == b'+' { b' ' } else { bytes[at] });
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn query_and_form_are_read_together_and_the_query_counts() {
        let params = Params::read("symbol=BTCUSDT&price=1%2E5&x=", "price=2&side=BUY&symbols=%5B%22A%22%5D");
        assert_eq!(params.get("symbol"), Some("BTCUSDT"));
        assert_eq!(params.decimal("price"), Ok(Some(150_000_000)));
        assert_eq!(params.get("side"), Some("BUY"));
        assert_eq!(params.get("symbols"), Some("[\"A\"]"));
        assert_eq!(params.get("x"), None);
        assert_eq!(params.require("y").unwrap_err().code, -1102);
        let bad = Params::read("quantity=1e-5&price=0.000000001&newClientOrderId=a%20b", "");
        assert_eq!(bad.decimal("quantity").unwrap_err().code, -1100);
        assert_eq!(bad.decimal("price").unwrap_err().code, -1111);
        assert_eq!(bad.name("newClientOrderId").unwrap_err().code, -1100);
    }
}
