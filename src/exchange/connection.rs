//! WebSocket connections: who is subscribed to what, and what is on its way to them.

use super::stream::Stream;
use super::wire::TimeUnit;
use crate::domain::Timestamp;
use std::collections::BTreeMap;

/// What a connection is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Market streams, each message as it stands.
    Streams,
    /// Market streams, each message with the name of its stream.
    CombinedStreams,
    /// The WebSocket API, user data among it.
    Api,
}

/// One open connection.
#[derive(Clone, Debug)]
pub struct Connection {
    pub(super) purpose: Purpose,
    pub(super) unit: TimeUnit,
    pub(super) peer: String,
    /// Market streams by the names that the client uses, in order of subscription.
    pub(super) streams: Vec<(String, Stream)>,
    /// Whose session it is, after a logon: key and account.
    pub(super) session: Option<(String, usize)>,
    /// Accounts whose news go out here, by number of subscription.
    pub(super) users: BTreeMap<i64, usize>,
    pub(super) next_subscription: i64,
    pub(super) opened: Timestamp,
}

impl Connection {
    /// A fresh connection.
    pub(super) fn new(purpose: Purpose, unit: TimeUnit, peer: &str, opened: Timestamp) -> Self {
        Connection {
            purpose,
            unit,
            peer: peer.to_owned(),
            streams: Vec::new(),
            session: None,
            users: BTreeMap::new(),
            next_subscription: 0,
            opened,
        }
    }

    /// Whether market data go out here.
    pub(super) fn wants_market(&self) -> bool {
        !self.streams.is_empty()
    }
}

/// What goes out to a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// A text message.
    Text(String),
    /// The beginning of a text message, and then the connection breaks.
    Torn(String),
    /// The connection breaks.
    Cut,
}

/// A message on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
    /// When it is sent.
    pub at: Timestamp,
    /// To which connection.
    pub connection: u64,
    /// What.
    pub message: Message,
}
