//! Faults from a seed: what goes wrong on purpose, decided here and counted.
//!
//! A fault of an occasion (a request, a message) is drawn for each occasion; a fault of a time comes in windows that are
//! drawn one by one. Both follow from seed, kind and number alone.

use super::connection::Message;
use super::market::Level;
use super::wire::Refused;
use crate::chance::Chance;
use crate::domain::{Quantity, Span, Timestamp};
use crate::error::{Fault, Result, nearest};
use serde::Deserialize;
use std::cell::RefCell;
use std::collections::BTreeMap;

/// What becomes of an answer on its way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fate {
    /// It arrives.
    #[default]
    Whole,
    /// It arrives after so long.
    Late(Span),
    /// The connection breaks instead.
    Lost,
    /// The connection breaks in the middle of it.
    Torn,
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)*) => {
        /// What can go wrong on purpose.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum FaultKind { $($(#[$doc])* $variant,)* }

        impl FaultKind {
            /// Every kind.
            pub const ALL: &'static [FaultKind] = &[$(FaultKind::$variant,)*];

            /// Its name in files and counts.
            pub const fn name(self) -> &'static str {
                match self { $(FaultKind::$variant => $name,)* }
            }
        }
    };
}

kinds! {
    /// A stream message is not sent: the connection breaks before it.
    DisconnectBefore = "disconnect-before",
    /// The connection breaks in the middle of a stream message.
    DisconnectWithin = "disconnect-within",
    /// The connection breaks after a stream message.
    DisconnectAfter = "disconnect-after",
    /// For a while nothing comes on streams, and no connection breaks.
    Silence = "silence",
    /// A stream message comes twice.
    Duplicate = "duplicate",
    /// A stream message comes late, and later ones overtake it.
    Delay = "delay",
    /// A stream message never comes.
    LostMessage = "lost-message",
    /// A request that changes orders is carried out, and its answer is lost with the connection.
    LostAcknowledgement = "lost-acknowledgement",
    /// The answer breaks off in the middle.
    TornAnswer = "torn-answer",
    /// A request that changes orders is carried out and answered with -1007.
    TimeoutPlaced = "timeout-placed",
    /// A request that changes orders is answered with -1007 and not carried out.
    TimeoutNotPlaced = "timeout-not-placed",
    /// A request that changes orders is answered with 502, carried out or not.
    ServerError = "server-error",
    /// A request is answered with -1008 and not carried out.
    Overload = "overload",
    /// An answer comes late.
    LateAnswer = "late-answer",
    /// An order that is to be cancelled fills first.
    CancelLoses = "cancel-loses",
    /// For a while the book shows little, so that takers fill in many parts or not whole.
    PartialFills = "partial-fills",
    /// For a while every request is answered with 429.
    RateLimitStorm = "rate-limit-storm",
    /// For a while the exchange's clock for requests is off.
    ClockSkew = "clock-skew",
    /// For a while nothing trades and no order is taken.
    Maintenance = "maintenance",
    /// For a while lots are ten times as large, and so is the smallest sum.
    FilterChange = "filter-change",
    /// For a while a symbol has no trades.
    QuietSymbol = "quiet-symbol",
    /// User data subscriptions end, with word of it.
    ExpiredStream = "expired-stream",
    /// For a while candle messages do not come.
    StaleCandles = "stale-candles",
    /// A closed candle is never told.
    GappedCandle = "gapped-candle",
    /// A closed candle is told late.
    LateCandle = "late-candle",
}

/// One fault as a file describes it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    kind: String,
    /// Per occasion or window, 0 to 1.
    probability: f64,
    /// How long a late thing is late, a window lasts, or by how much the clock is off.
    #[serde(default = "a_second")]
    milliseconds: i64,
    /// The distance between windows.
    #[serde(default = "ten_minutes")]
    every_seconds: i64,
}

const fn a_second() -> i64 {
    1_000
}

const fn ten_minutes() -> i64 {
    600
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    seed: u64,
    #[serde(default)]
    fault: Vec<Written>,
}

#[derive(Clone, Copy, Debug)]
struct Plan {
    /// Of 2^32.
    probability: u64,
    length: Span,
    every: Span,
}

/// The faults of one exchange.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    seed: u64,
    plans: BTreeMap<FaultKind, Plan>,
    state: RefCell<State>,
}

#[derive(Clone, Debug, Default)]
struct State {
    occasions: BTreeMap<FaultKind, u64>,
    windows: BTreeMap<FaultKind, i64>,
    counts: BTreeMap<FaultKind, u64>,
}

/// What becomes of a request.
#[derive(Clone, Debug, Default)]
pub(super) struct RequestFault {
    /// It is not carried out, and this is the answer.
    pub instead: Option<Refused>,
    /// It is not carried out and there is no answer.
    pub unheard: bool,
    /// It is carried out, and this is the answer.
    pub afterwards: Option<Refused>,
    pub fate: Fate,
}

/// How much of each level a taker finds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Split(bool);

/// What a stream message tells, for faults that choose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Told {
    /// A candle that has closed.
    ClosedCandle,
    /// A candle that is forming.
    FormingCandle,
    /// Anything else.
    Other,
}

impl Faults {
    /// Reads a file of faults; `name` is what messages call it.
    ///
    /// # Errors
    /// When it is no such file, a kind is unknown, or a number is out of its range.
    pub fn read(text: &str, name: &str) -> Result<Faults> {
        let wrong = |what: String| {
            Fault::user(format!("reading faults from {name}: {what}")).remedy("see the page on the simulated exchange")
        };
        let file: File = toml::from_str(text).map_err(|error| wrong(error.to_string()))?;
        let mut plans = BTreeMap::new();
        for fault in file.fault {
            let known = FaultKind::ALL.iter().find(|kind| kind.name() == fault.kind);
            let kind = *known.ok_or_else(|| {
                let names = FaultKind::ALL.iter().map(|kind| kind.name());
                let meant = nearest(&fault.kind, names).map(|name| format!("; did you mean {name}?"));
                wrong(format!("'{}' is no kind of fault{}", fault.kind, meant.unwrap_or_default()))
            })?;
            if !(0.0..=1.0).contains(&fault.probability) {
                return Err(wrong(format!("{}: probability {} is not 0 to 1", fault.kind, fault.probability)));
            }
            if !(1..=86_400).contains(&fault.every_seconds) || fault.milliseconds.abs() > 86_400_000 {
                return Err(wrong(format!("{}: every_seconds is 1 to 86400, milliseconds a day at most", fault.kind)));
            }
            let plan = Plan {
                probability: (fault.probability * 4_294_967_296.0) as u64,
                length: Span::from_millis(fault.milliseconds),
                every: Span::SECOND.times(fault.every_seconds),
            };
            if plans.insert(kind, plan).is_some() {
                return Err(wrong(format!("{} stands there twice", fault.kind)));
            }
        }
        Ok(Faults { seed: file.seed, plans, state: RefCell::default() })
    }

    /// What has gone wrong so far.
    pub(super) fn counts(&self) -> Vec<(&'static str, u64)> {
        self.state.borrow().counts.iter().map(|(kind, count)| (kind.name(), *count)).collect()
    }

    fn count(&self, kind: FaultKind) {
        *self.state.borrow_mut().counts.entry(kind).or_default() += 1;
    }

    fn chance(&self, kind: FaultKind, number: u64) -> u64 {
        Chance::new(self.seed ^ ((kind as u64 + 1) << 40), number).bits() >> 32
    }

    /// Whether it happens at this occasion.
    fn strikes(&self, kind: FaultKind) -> Option<Plan> {
        let plan = *self.plans.get(&kind)?;
        let number = {
            let mut state = self.state.borrow_mut();
            let occasions = state.occasions.entry(kind).or_default();
            *occasions += 1;
            *occasions
        };
        let strikes = self.chance(kind, number) < plan.probability;
        if strikes {
            self.count(kind);
        }
        strikes.then_some(plan)
    }

    /// Whether its window is open; a window counts once.
    fn lasts(&self, kind: FaultKind, now: Timestamp) -> Option<Plan> {
        let plan = *self.plans.get(&kind)?;
        let begin = now.floor(plan.every);
        let number = begin.nanos() / plan.every.nanos();
        // Each window of a kind begins somewhere in its period, so that kinds do not begin together.
        let free = (plan.every.nanos() - plan.length.nanos().abs()).max(1);
        let offset = Chance::new(self.seed ^ 0x6f66, self.chance(kind, number.cast_unsigned())).below(free as u64);
        let begin = begin.after(Span::from_nanos(offset as i64));
        let end = begin.after(Span::from_nanos(plan.length.nanos().abs().max(1)));
        let open = self.chance(kind, number.cast_unsigned()) < plan.probability && begin <= now && now < end;
        if open && self.state.borrow_mut().windows.insert(kind, number) != Some(number) {
            self.count(kind);
        }
        open.then_some(plan)
    }

    /// What the exchange takes for the time when it judges requests.
    pub(super) fn clock(&self, now: Timestamp) -> Timestamp {
        // A skewed clock stays so for its whole period: it has no other length than its error.
        let Some(plan) = self.plans.get(&FaultKind::ClockSkew) else { return now };
        let number = now.nanos().div_euclid(plan.every.nanos());
        if self.chance(FaultKind::ClockSkew, number.cast_unsigned()) >= plan.probability {
            return now;
        }
        if self.state.borrow_mut().windows.insert(FaultKind::ClockSkew, number) != Some(number) {
            self.count(FaultKind::ClockSkew);
        }
        now.after(plan.length)
    }

    /// Whether nothing trades.
    pub(super) fn maintenance(&self, now: Timestamp) -> bool {
        self.lasts(FaultKind::Maintenance, now).is_some()
    }

    /// Whether the filters are the other ones.
    pub(super) fn other_filters(&self, now: Timestamp) -> bool {
        self.lasts(FaultKind::FilterChange, now).is_some()
    }

    /// Whether the first symbol has no trades.
    pub(super) fn quiet(&self, now: Timestamp) -> bool {
        self.lasts(FaultKind::QuietSymbol, now).is_some()
    }

    /// Whether user data subscriptions end now.
    pub(super) fn expires_streams(&self, now: Timestamp) -> bool {
        let known = self.state.borrow().windows.get(&FaultKind::ExpiredStream).copied();
        self.lasts(FaultKind::ExpiredStream, now).is_some()
            && self.state.borrow().windows.get(&FaultKind::ExpiredStream).copied() != known
    }

    /// Whether an order fills before it can be cancelled.
    pub(super) fn cancel_loses(&self, _: Timestamp) -> bool {
        self.strikes(FaultKind::CancelLoses).is_some()
    }

    /// How much of each level a taker finds now.
    pub(super) fn split(&self, now: Timestamp) -> Split {
        Split(self.lasts(FaultKind::PartialFills, now).is_some())
    }

    /// What becomes of a request.
    pub(super) fn request(&self, now: Timestamp, changes_orders: bool) -> RequestFault {
        use FaultKind::{LateAnswer, LostAcknowledgement, Overload, RateLimitStorm};
        use FaultKind::{ServerError, TimeoutNotPlaced, TimeoutPlaced, TornAnswer};
        let mut fault = RequestFault::default();
        if let Some(plan) = self.lasts(RateLimitStorm, now) {
            let text = "Too many requests queued.";
            let seconds = plan.length.millis().div_euclid(1_000).max(1);
            fault.instead = Some(Refused { retry_after: Some(seconds), ..Refused::new(-1003, text) });
            return fault;
        }
        if self.strikes(Overload).is_some() {
            let text = "Server is currently overloaded with other requests. Please try again in a few minutes.";
            fault.instead = Some(Refused::new(-1008, text));
            return fault;
        }
        if let Some(plan) = self.strikes(LateAnswer) {
            fault.fate = Fate::Late(plan.length);
        }
        if self.strikes(TornAnswer).is_some() {
            fault.fate = Fate::Torn;
        }
        if !changes_orders {
            return fault;
        }
        let timeout = || {
            let text =
                "Timeout waiting for response from backend server. Send status unknown; execution status unknown.";
            Refused::new(-1007, text)
        };
        if self.strikes(LostAcknowledgement).is_some() {
            fault.fate = Fate::Lost;
        } else if self.strikes(TimeoutPlaced).is_some() {
            fault.afterwards = Some(timeout());
        } else if self.strikes(TimeoutNotPlaced).is_some() {
            // Half of the time nobody even says that it timed out.
            match self.coin(TimeoutNotPlaced) {
                true => fault.instead = Some(timeout()),
                false => (fault.unheard, fault.fate) = (true, Fate::Lost),
            }
        } else if self.strikes(ServerError).is_some() {
            let text = "An unexpected response was received from the message bus. Execution status unknown.";
            let refused = Refused { status: 502, ..Refused::new(-1006, text) };
            match self.coin(ServerError) {
                true => fault.instead = Some(refused),
                false => fault.afterwards = Some(refused),
            }
        }
        fault
    }

    fn coin(&self, kind: FaultKind) -> bool {
        let number = self.state.borrow().occasions.get(&kind).copied().unwrap_or(0);
        Chance::new(self.seed ^ 0x636f_696e, number ^ ((kind as u64) << 32)).below(2) == 0
    }

    /// What becomes of a stream message: nothing, or messages with their times.
    pub(super) fn event(&self, now: Timestamp, told: Told, text: String) -> Vec<(Timestamp, Message)> {
        if self.lasts(FaultKind::Silence, now).is_some() || self.strikes(FaultKind::LostMessage).is_some() {
            return Vec::new();
        }
        if told != Told::Other && self.lasts(FaultKind::StaleCandles, now).is_some() {
            return Vec::new();
        }
        if told == Told::ClosedCandle {
            if self.strikes(FaultKind::GappedCandle).is_some() {
                return Vec::new();
            }
            if let Some(plan) = self.strikes(FaultKind::LateCandle) {
                return vec![(now.after(plan.length), Message::Text(text))];
            }
        }
        if self.strikes(FaultKind::DisconnectBefore).is_some() {
            return vec![(now, Message::Cut)];
        }
        if self.strikes(FaultKind::DisconnectWithin).is_some() {
            return vec![(now, Message::Torn(text))];
        }
        if self.strikes(FaultKind::DisconnectAfter).is_some() {
            return vec![(now, Message::Text(text)), (now, Message::Cut)];
        }
        if let Some(plan) = self.strikes(FaultKind::Delay) {
            return vec![(now.after(plan.length), Message::Text(text))];
        }
        if self.strikes(FaultKind::Duplicate).is_some() {
            return vec![(now, Message::Text(text.clone())), (now, Message::Text(text))];
        }
        vec![(now, Message::Text(text))]
    }
}

impl Split {
    /// What a taker finds of these levels: all, or a lot each of the first three.
    pub(super) fn of(self, levels: &[Level], lot: i64) -> Vec<Level> {
        if !self.0 {
            return levels.to_vec();
        }
        levels.iter().take(3).map(|level| (level.0, Quantity::from_units(lot.min(level.1.units())))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_names_its_faults_and_a_slip_is_told() {
        let faults = Faults::read("seed = 1\n[[fault]]\nkind = 'overload'\nprobability = 1.0\n", "x.toml").unwrap();
        let fault = faults.request(Timestamp::from_millis(0), false);
        assert_eq!(fault.instead.unwrap().code, -1008);
        assert_eq!(faults.counts(), [("overload", 1)]);
        let slip = "seed = 1\n[[fault]]\nkind = 'overlaod'\nprobability = 0.5\n";
        assert!(Faults::read(slip, "x.toml").unwrap_err().to_string().contains("did you mean overload?"));
        let beyond = "seed = 1\n[[fault]]\nkind = 'overload'\nprobability = 1.5\n";
        assert_eq!(Faults::read(beyond, "x.toml").unwrap_err().exit_code(), 2);
    }

    #[test]
    fn faults_follow_from_their_seed() {
        let told = |seed: u64| {
            let text = format!("seed = {seed}\n[[fault]]\nkind = 'duplicate'\nprobability = 0.3\n");
            let faults = Faults::read(&text, "x.toml").unwrap();
            let event = |_| faults.event(Timestamp::from_millis(0), Told::Other, "m".to_owned()).len();
            let lengths: Vec<usize> = (0..300).map(event).collect();
            let twice = lengths.iter().filter(|length| **length == 2).count();
            assert!((50..130).contains(&twice) && faults.counts() == [("duplicate", twice as u64)], "{twice}");
            lengths
        };
        assert_eq!(told(1), told(1));
        assert_ne!(told(1), told(2));
    }

    #[test]
    fn a_window_opens_about_as_often_as_asked_and_counts_once() {
        let text =
            "seed = 3\n[[fault]]\nkind = 'maintenance'\nprobability = 0.5\nmilliseconds = 5000\nevery_seconds = 60";
        let faults = Faults::read(text, "x.toml").unwrap();
        let open = (0..60 * 200).filter(|second| faults.maintenance(Timestamp::from_millis(second * 1_000))).count();
        let windows = faults.counts()[0].1;
        assert!((70..130).contains(&windows) && open as u64 >= windows * 4, "{open} {windows}");
    }
}
