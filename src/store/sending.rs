//! What became of each attempt to send a command.

/// Where an attempt stands. Only what is certainly not placed may be tried again, under another client id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sending {
    /// Durable, and possibly on its way: after a crash nobody knows whether it was sent.
    Intended,
    /// The venue has it.
    Accepted,
    /// The venue refused it.
    Refused,
    /// It certainly never reached the venue's book.
    NotPlaced,
    /// It was sent and not answered: to be asked about, never to be sent again.
    Unknown,
}

impl Sending {
    /// Every state, in order.
    pub const ALL: [Sending; 5] =
        [Sending::Intended, Sending::Accepted, Sending::Refused, Sending::NotPlaced, Sending::Unknown];

    /// Its word in the store.
    pub const fn word(self) -> &'static str {
        match self {
            Sending::Intended => "intended",
            Sending::Accepted => "accepted",
            Sending::Refused => "refused",
            Sending::NotPlaced => "not-placed",
            Sending::Unknown => "unknown",
        }
    }

    /// Whether this may follow on `before`. What is settled stays settled; what is unknown is settled by asking.
    pub const fn may_follow(self, before: Sending) -> bool {
        match (before, self) {
            (Sending::Intended, Sending::Intended) => false,
            (Sending::Intended, Sending::Accepted | Sending::Refused | Sending::NotPlaced | Sending::Unknown) => true,
            (Sending::Unknown, Sending::Accepted | Sending::Refused | Sending::NotPlaced) => true,
            (Sending::Unknown, Sending::Intended | Sending::Unknown) => false,
            (Sending::Accepted | Sending::Refused | Sending::NotPlaced, _) => false,
        }
    }

    /// Whether the venue has to be asked about it.
    pub const fn is_open(self) -> bool {
        match self {
            Sending::Intended | Sending::Unknown => true,
            Sending::Accepted | Sending::Refused | Sending::NotPlaced => false,
        }
    }
}

/// One attempt to send a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// The client order id under which it goes. Never used twice.
    pub client_id: String,
    /// The epoch of the command.
    pub epoch: u64,
    /// The number of the command in its epoch.
    pub command: u64,
    /// Where it stands.
    pub state: Sending,
    /// What was learned last, in words.
    pub note: String,
}
