//! The exchange's one clock: it runs with the machine's, faster by a factor, or stands until it is told to move.

use crate::domain::{Span, Timestamp};
use std::time::{Duration, Instant};

/// How time passes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Pace {
    /// So many times as fast as the machine's clock; 1 is real time.
    Times(f64),
    /// Only when a client moves it.
    AsFastAsClients,
}

/// The clock.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clock {
    pace: Pace,
    began: Instant,
    from: Timestamp,
}

impl Clock {
    /// A clock that shows `from` now.
    pub fn new(pace: Pace, from: Timestamp) -> Self {
        Clock { pace, began: Instant::now(), from }
    }

    /// What it shows; `last` is what it showed before.
    pub fn now(&self, last: Timestamp) -> Timestamp {
        match self.pace {
            Pace::Times(factor) => {
                let passed = self.began.elapsed().as_secs_f64() * factor * 1e9;
                self.from.after(Span::from_nanos(passed as i64)).max(last)
            }
            Pace::AsFastAsClients => last,
        }
    }

    /// How long the machine has to wait until it shows `at`; none when it only moves by hand.
    pub fn until(&self, at: Timestamp, now: Timestamp) -> Option<Duration> {
        self.wait(at.since(now))
    }

    /// How long the machine has to wait until so much time has passed here; none when it only moves by hand.
    pub fn wait(&self, span: Span) -> Option<Duration> {
        match self.pace {
            Pace::Times(factor) => Some(Duration::from_nanos((span.nanos().max(0) as f64 / factor) as u64)),
            Pace::AsFastAsClients => None,
        }
    }
}
