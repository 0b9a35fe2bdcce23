//! From a request to its answer: where it goes, what it weighs, whose it is, and what is wrong with it.

use super::core::Core;
use super::endpoints::{Endpoint, Security, find};
use super::faults::Fate;
use super::params::Params;
use super::signing::{check_time, rest_payload};
use super::wire::{Json, Refused, TimeUnit};
use crate::domain::Timestamp;

/// A REST request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// `GET`, `POST`, `PUT` or `DELETE`.
    pub method: String,
    /// Its path, without the query.
    pub path: String,
    /// Its query as it was sent, without the question mark.
    pub query: String,
    /// Its body as it was sent.
    pub body: String,
    /// The header `X-MBX-APIKEY`.
    pub key: Option<String>,
    /// The header `X-MBX-TIME-UNIT`.
    pub time_unit: Option<String>,
    /// The address that it came from.
    pub peer: String,
}

/// An answer, and what becomes of it on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// HTTP status.
    pub status: u16,
    /// Headers beside the usual ones.
    pub headers: Vec<(String, String)>,
    /// The body: JSON.
    pub body: String,
    /// What becomes of it.
    pub fate: Fate,
}

/// A request that is being answered.
pub(super) struct Call {
    pub params: Params,
    pub account: Option<usize>,
}

impl Core {
    /// Answers a REST request that arrives at `now`.
    pub fn request(&mut self, now: Timestamp, request: &Request) -> Response {
        self.advance(now.max(self.now));
        let unit = match request.time_unit.as_deref().map(TimeUnit::named) {
            None => Some(TimeUnit::Milliseconds),
            Some(unit) => unit,
        };
        let Some(unit) = unit else {
            let text = "Invalid value for time unit; expected either MICROSECOND or MILLISECOND.";
            return self.respond(request, None, Err(Refused::new(-1194, text)), TimeUnit::default(), Fate::Whole);
        };
        let Some(endpoint) = find(&request.method, &request.path) else {
            let nothing = Refused { status: 404, ..Refused::new(-1020, "This operation is not supported.") };
            return self.respond(request, None, Err(nothing), unit, Fate::Whole);
        };
        let mut call = Call { params: Params::read(&request.query, &request.body), account: None };
        let weight = (endpoint.weight)(&call.params);
        let counted = self.limits.request(&request.peer, weight, self.now);
        let known = counted.and_then(|()| {
            let payload = || rest_payload(&request.query, &request.body);
            self.owner(endpoint.security, request.key.as_deref(), &call.params, payload)
        });
        let answer = match known {
            Ok(account) => {
                call.account = account;
                self.answer(endpoint, &call)
            }
            Err(refused) => (Err(refused), Fate::Whole),
        };
        if answer.0.is_ok() && endpoint.free_when_done {
            self.limits.forgive(&request.peer, weight, self.now);
        }
        self.respond(request, call.account, answer.0, unit, answer.1)
    }

    /// Carries a request out, through whatever the faults make of it.
    pub(super) fn answer(&mut self, endpoint: &Endpoint, call: &Call) -> (Result<Json, Refused>, Fate) {
        let fault = self.faults.request(self.now, endpoint.changes_orders);
        if let Some(refused) = fault.instead {
            return (Err(refused), fault.fate);
        }
        if fault.unheard {
            return (Ok(Json::Null), fault.fate);
        }
        let answer = (endpoint.handler)(self, call);
        match fault.afterwards {
            Some(refused) => (Err(refused), fault.fate),
            None => (answer, fault.fate),
        }
    }

    /// Whose request it is, where it has to be somebody's.
    pub(super) fn owner(
        &self,
        security: Security,
        key: Option<&str>,
        params: &Params,
        payload: impl FnOnce() -> String,
    ) -> Result<Option<usize>, Refused> {
        if security == Security::Open {
            return Ok(None);
        }
        let bad_form = || Refused::new(-2014, "API-key format invalid.");
        let key = key.filter(|key| key.len() >= 16 && key.is_ascii()).ok_or_else(bad_form)?;
        let unknown = || Refused::new(-2015, "Invalid API-key, IP, or permissions for action.");
        let entry = self.keys.get(key).ok_or_else(unknown)?;
        if security == Security::Key {
            return Ok(Some(entry.account));
        }
        params.require("timestamp")?;
        let signature = params.require("signature")?;
        if !entry.proof.signed(&payload(), signature) {
            return Err(Refused::new(-1022, "Signature for this request is not valid."));
        }
        check_time(params, self.faults.clock(self.now))?;
        Ok(Some(entry.account))
    }

    fn respond(
        &mut self,
        request: &Request,
        account: Option<usize>,
        answer: Result<Json, Refused>,
        unit: TimeUnit,
        fate: Fate,
    ) -> Response {
        let mut headers = Vec::new();
        let orders = request.path.contains("/order") && request.method == "POST" && answer.is_ok();
        for (rule, used) in self.limits.used(&request.peer, account.filter(|_| orders), self.now) {
            headers.push((rule.header(), used.to_string()));
        }
        let (status, body) = match answer {
            Ok(json) => (200, json.text(unit)),
            Err(refused) => {
                if let Some(seconds) = refused.retry_after {
                    headers.push(("retry-after".to_owned(), seconds.to_string()));
                }
                (refused.status, refused.body().text(unit))
            }
        };
        Response { status, headers, body, fate }
    }
}
