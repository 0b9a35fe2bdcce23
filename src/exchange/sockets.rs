//! WebSocket connections as the exchange sees them: subscriptions to market streams, and the WebSocket API.

use super::connection::{Connection, Message, Outgoing, Purpose};
use super::core::Core;
use super::dispatch::Call;
use super::endpoints::{Endpoint, Security, find_socket};
use super::faults::Fate;
use super::params::Params;
use super::signing::{KeyProof, check_time, socket_payload};
use super::stream::Stream;
use super::wire::{Json, Refused, TimeUnit, object};
use crate::domain::{Span, Timestamp};
use serde_json::Value;

/// Most streams of one connection.
const STREAMS: usize = 1_024;
/// Most subscriptions to user data in one connection's life.
const SUBSCRIPTIONS: i64 = 65_535;

impl Core {
    /// A client opens a connection at `now`. `names` are the streams of its address, separated by slashes; names that
    /// are no streams are passed over, as some clients put numbers there.
    ///
    /// # Errors
    /// When the unit of time is unknown.
    pub fn connect(
        &mut self,
        now: Timestamp,
        purpose: Purpose,
        names: &str,
        time_unit: Option<&str>,
        peer: &str,
    ) -> Result<u64, Refused> {
        self.advance(now.max(self.now));
        let unit = match time_unit.map(TimeUnit::named) {
            None => TimeUnit::Milliseconds,
            Some(Some(unit)) => unit,
            Some(None) => {
                let text = "Invalid value for time unit; expected either MICROSECOND or MILLISECOND.";
                return Err(Refused::new(-1194, text));
            }
        };
        if purpose == Purpose::Api {
            self.limits.request(peer, 2, self.now)?;
        }
        let mut connection = Connection::new(purpose, unit, peer, self.now);
        for name in names.split('/').filter(|name| !name.is_empty()) {
            if let Some(stream) = Stream::named(name, |symbol| self.listing.find(symbol)) {
                connection.streams.push((name.to_owned(), stream));
            }
        }
        self.next_connection += 1;
        self.connections.insert(self.next_connection, connection);
        Ok(self.next_connection)
    }

    /// A connection is gone.
    pub fn disconnect(&mut self, connection: u64) {
        self.connections.remove(&connection);
        self.outbox.retain(|outgoing| outgoing.connection != connection);
    }

    /// A client's text message arrives at `now`.
    pub fn receive(&mut self, now: Timestamp, connection: u64, text: &str) {
        self.advance(now.max(self.now));
        let Some(purpose) = self.connections.get(&connection).map(|known| known.purpose) else { return };
        match purpose {
            Purpose::Streams | Purpose::CombinedStreams => {
                let answer = self.control(connection, text);
                self.send(connection, answer.text(TimeUnit::Milliseconds));
            }
            Purpose::Api => self.receive_api(connection, text),
        }
    }

    /// A message that changes the subscriptions of a connection.
    fn control(&mut self, connection: u64, text: &str) -> Json {
        let refuse =
            |code: i64, text: &str, id: Json| object! { "error": object! { "code": code, "msg": text }, "id": id };
        let Ok(message) = serde_json::from_str::<Value>(text) else {
            return refuse(3, "Invalid JSON: expected value at line 1 column 1", Json::Null);
        };
        let id = message.get("id").map_or(Json::Null, |id| Json::Raw(id.to_string()));
        let names: Option<Vec<String>> = message.get("params").map_or(Some(Vec::new()), |params| {
            params.as_array()?.iter().map(|name| Some(name.as_str()?.to_owned())).collect()
        });
        let Some(names) = names else {
            return refuse(2, "Invalid request: params must be an array of strings", id);
        };
        let listing = &self.listing;
        let Some(known) = self.connections.get_mut(&connection) else { return Json::Null };
        let method = message.get("method").and_then(Value::as_str).unwrap_or("");
        let result = match method {
            "SUBSCRIBE" => {
                for name in names {
                    let Some(stream) = Stream::named(&name, |symbol| listing.find(symbol)) else { continue };
                    if known.streams.len() < STREAMS && !known.streams.iter().any(|one| one.1 == stream) {
                        known.streams.push((name, stream));
                    }
                }
                Json::Null
            }
            "UNSUBSCRIBE" => {
                known.streams.retain(|stream| !names.contains(&stream.0));
                Json::Null
            }
            "LIST_SUBSCRIPTIONS" => Json::List(known.streams.iter().map(|stream| (&stream.0).into()).collect()),
            "GET_PROPERTY" => Json::Bool(known.purpose == Purpose::CombinedStreams),
            "SET_PROPERTY" => {
                let combined = message.get("params").and_then(|params| params.get(1)).and_then(Value::as_bool);
                known.purpose = if combined == Some(true) { Purpose::CombinedStreams } else { Purpose::Streams };
                Json::Null
            }
            _ => return refuse(2, "Invalid request: unknown variant", id),
        };
        object! { "result": result, "id": id }
    }

    fn receive_api(&mut self, connection: u64, text: &str) {
        let message: Value = match serde_json::from_str(text) {
            Ok(message @ Value::Object(_)) => message,
            Ok(_) | Err(_) => {
                let refused = Refused::new(-1135, "Invalid JSON Request");
                return self.reply(connection, Json::Null, None, Err(refused), true, Fate::Whole);
            }
        };
        let id = message.get("id").map_or(Json::Null, |id| Json::Raw(id.to_string()));
        let params = params_of(message.get("params"));
        let shows = params.get("returnRateLimits").is_none_or(|value| value != "false");
        let method = message.get("method").and_then(Value::as_str).unwrap_or("").to_owned();
        let (account, answer, fate) = self.call_api(connection, &method, &params);
        self.reply(connection, id, account, answer, shows, fate);
    }

    /// Carries out a method of the WebSocket API.
    fn call_api(
        &mut self,
        connection: u64,
        method: &str,
        params: &Params,
    ) -> (Option<usize>, Result<Json, Refused>, Fate) {
        let peer = self.connections[&connection].peer.clone();
        let endpoint = find_socket(method);
        let weight = endpoint.map_or(2, |endpoint| (endpoint.weight)(params));
        if let Err(refused) = self.limits.request(&peer, weight, self.now) {
            return (None, Err(refused), Fate::Whole);
        }
        let Some(endpoint) = endpoint else {
            return (None, self.session_method(connection, method, params), Fate::Whole);
        };
        let account = match self.api_owner(connection, endpoint, params) {
            Ok(account) => account,
            Err(refused) => return (None, Err(refused), Fate::Whole),
        };
        let call = Call { params: params.clone(), account };
        let (answer, fate) = self.answer(endpoint, &call);
        if answer.is_ok() && endpoint.free_when_done {
            self.limits.forgive(&peer, weight, self.now);
        }
        (account.filter(|_| endpoint.changes_orders), answer, fate)
    }

    /// Whose call it is: by its own signature, or by the session's logon.
    fn api_owner(&self, connection: u64, endpoint: &Endpoint, params: &Params) -> Result<Option<usize>, Refused> {
        let session = self.connections[&connection].session.as_ref();
        match (endpoint.security, params.get("apiKey"), session) {
            (Security::Open, _, _) => Ok(None),
            (Security::Key | Security::Signed, None, Some((_, account))) => {
                if endpoint.security == Security::Signed {
                    check_time(params, self.faults.clock(self.now))?;
                }
                Ok(Some(*account))
            }
            (security, key, _) => self.owner(security, key, params, || socket_payload(params)),
        }
    }

    /// Methods about the session and its subscriptions to user data.
    fn session_method(&mut self, connection: u64, method: &str, params: &Params) -> Result<Json, Refused> {
        match method {
            "session.logon" => {
                let key = params.require("apiKey")?;
                let account = self.owner(Security::Signed, Some(key), params, || socket_payload(params))?;
                let account = account.expect("a signed request has an owner");
                if matches!(self.keys[key].proof, KeyProof::Hmac(_)) {
                    return Err(Refused::new(-4056, "HMAC_SHA256 API key is not supported."));
                }
                self.known(connection).session = Some((key.to_owned(), account));
                Ok(self.session_status(connection))
            }
            "session.status" => Ok(self.session_status(connection)),
            "session.logout" => {
                self.known(connection).session = None;
                Ok(self.session_status(connection))
            }
            "session.subscriptions" => {
                let users = &self.connections[&connection].users;
                let row = |subscription: &i64| object! { "subscriptionId": *subscription };
                Ok(Json::List(users.keys().map(row).collect()))
            }
            "userDataStream.subscribe" => {
                let session = self.connections[&connection].session.clone();
                let (_, account) =
                    session.ok_or_else(|| Refused::new(-2015, "Invalid API-key, IP, or permissions for action."))?;
                self.subscribe(connection, account)
            }
            "userDataStream.subscribe.signature" => {
                let key = params.get("apiKey");
                let account = self.owner(Security::Signed, key, params, || socket_payload(params))?;
                self.subscribe(connection, account.expect("a signed request has an owner"))
            }
            "userDataStream.unsubscribe" => {
                let wanted = params.integer("subscriptionId")?;
                let users = &mut self.known(connection).users;
                let before = users.len();
                users.retain(|subscription, _| wanted.is_some_and(|wanted| wanted != *subscription));
                if users.len() == before {
                    return Err(Refused::new(-2036, "User Data Stream subscription not active."));
                }
                Ok(object! {})
            }
            "" => Err(Refused::new(-1135, "Invalid JSON Request")),
            _ => Err(Refused::new(-1020, "This operation is not supported.")),
        }
    }

    fn known(&mut self, connection: u64) -> &mut Connection {
        self.connections.get_mut(&connection).expect("the connection that asks is open")
    }

    fn subscribe(&mut self, connection: u64, account: usize) -> Result<Json, Refused> {
        let known = self.known(connection);
        if known.users.values().any(|owner| *owner == account) {
            return Err(Refused::new(-2035, "User Data Stream subscription already active."));
        }
        if known.next_subscription >= SUBSCRIPTIONS {
            return Err(Refused::new(-2042, "User Data Stream subscription limit reached."));
        }
        let subscription = known.next_subscription;
        known.next_subscription += 1;
        known.users.insert(subscription, account);
        Ok(object! { "subscriptionId": subscription })
    }

    fn session_status(&self, connection: u64) -> Json {
        let known = &self.connections[&connection];
        let key = known.session.as_ref().map_or(Json::Null, |session| (&session.0).into());
        let since = if known.session.is_some() { Json::Time(known.opened) } else { Json::Null };
        object! {
            "apiKey": key,
            "authorizedSince": since,
            "connectedSince": known.opened,
            "returnRateLimits": true,
            "serverTime": self.now,
            "userDataStream": !known.users.is_empty(),
        }
    }

    fn reply(
        &mut self,
        connection: u64,
        id: Json,
        account: Option<usize>,
        answer: Result<Json, Refused>,
        shows: bool,
        fate: Fate,
    ) {
        let Some(known) = self.connections.get(&connection) else { return };
        let (unit, peer) = (known.unit, known.peer.clone());
        let mut json = match answer {
            Ok(result) => object! { "id": id, "status": 200, "result": result },
            Err(mut refused) => {
                if let Some(seconds) = refused.retry_after {
                    let until = self.now.after(Span::SECOND.times(seconds));
                    refused.data = Some(Box::new(object! { "serverTime": self.now, "retryAfter": until.millis() }));
                }
                object! { "id": id, "status": i64::from(refused.status), "error": refused.body() }
            }
        };
        if shows {
            let row = |(rule, count): (&'static super::limits::Rule, i64)| {
                object! {
                    "rateLimitType": rule.kind.name(),
                    "interval": rule.interval,
                    "intervalNum": rule.count,
                    "limit": rule.limit,
                    "count": count,
                }
            };
            let used = self.limits.used(&peer, account, self.now);
            json.push("rateLimits", used.into_iter().map(row).collect::<Vec<_>>());
        }
        let text = json.text(unit);
        let (at, message) = match fate {
            Fate::Whole => (self.now, Message::Text(text)),
            Fate::Late(by) => (self.now.after(by), Message::Text(text)),
            Fate::Lost => (self.now, Message::Cut),
            Fate::Torn => (self.now, Message::Torn(text)),
        };
        self.outbox.push_back(Outgoing { at, connection, message });
    }
}

/// The parameters of a call as text: numbers and lists as they are written.
fn params_of(params: Option<&Value>) -> Params {
    let Some(Value::Object(fields)) = params else { return Params::default() };
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    };
    Params(fields.iter().map(|(name, value)| (name.clone(), text(value))).collect())
}
