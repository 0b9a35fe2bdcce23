//! Request weights by address and order counts by account, in fixed windows aligned to the clock.

use super::wire::Refused;
use crate::domain::{Span, Timestamp};
use std::collections::BTreeMap;

/// What a limit counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RuleKind {
    /// Weights of requests, by address.
    RequestWeight,
    /// Orders, by account.
    Orders,
    /// Requests, by address.
    RawRequests,
}

impl RuleKind {
    /// The exchange's name for it.
    pub const fn name(self) -> &'static str {
        match self {
            RuleKind::RequestWeight => "REQUEST_WEIGHT",
            RuleKind::Orders => "ORDERS",
            RuleKind::RawRequests => "RAW_REQUESTS",
        }
    }
}

/// A limit.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// What it counts.
    pub kind: RuleKind,
    /// The unit of its window.
    pub interval: &'static str,
    /// How many units its window has.
    pub count: i64,
    /// The most in one window.
    pub limit: i64,
    /// The window in seconds.
    seconds: i64,
    /// The window as headers name it.
    short: &'static str,
}

const fn rule(kind: RuleKind, window: (&'static str, i64, i64, &'static str), limit: i64) -> Rule {
    Rule { kind, interval: window.0, count: window.1, limit, seconds: window.2, short: window.3 }
}

/// Every limit.
pub const RULES: [Rule; 4] = [
    rule(RuleKind::RequestWeight, ("MINUTE", 1, 60, "1m"), 6_000),
    rule(RuleKind::Orders, ("SECOND", 10, 10, "10s"), 100),
    rule(RuleKind::Orders, ("DAY", 1, 86_400, "1d"), 200_000),
    rule(RuleKind::RawRequests, ("MINUTE", 5, 300, "5m"), 300_000),
];

/// After so many requests beyond the limit in one window an address is banned.
const PATIENCE: i64 = 20;
/// The first ban; each further one is twice as long, up to three days.
const BAN: Span = Span::from_millis(120_000);

/// What one window has counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Window {
    begin: Timestamp,
    used: i64,
}

impl Window {
    fn at(&mut self, rule: &Rule, now: Timestamp) -> &mut i64 {
        let begin = now.floor(Span::SECOND.times(rule.seconds));
        if self.begin != begin {
            *self = Window { begin, used: 0 };
        }
        &mut self.used
    }
}

#[derive(Clone, Debug, Default)]
struct Address {
    windows: [Window; 4],
    over: i64,
    bans: u32,
    banned_until: Option<Timestamp>,
}

/// Counts of every address and account.
#[derive(Clone, Debug, Default)]
pub struct Limits {
    addresses: BTreeMap<String, Address>,
    accounts: BTreeMap<usize, [Window; 4]>,
}

impl Limits {
    /// Counts a request of some weight from an address.
    ///
    /// # Errors
    /// 429 beyond the limit, 418 while the address is banned.
    pub fn request(&mut self, address: &str, weight: i64, now: Timestamp) -> Result<(), Refused> {
        let counted = self.addresses.entry(address.to_owned()).or_default();
        if let Some(until) = counted.banned_until.filter(|until| *until > now) {
            return Err(banned(until, now));
        }
        let mut over = None;
        for (rule, window) in RULES.iter().zip(&mut counted.windows) {
            let (used, adds) = match rule.kind {
                RuleKind::RequestWeight => (window.at(rule, now), weight),
                RuleKind::RawRequests => (window.at(rule, now), 1),
                RuleKind::Orders => continue,
            };
            *used += adds;
            if *used > rule.limit {
                over = Some(*rule);
            }
        }
        let Some(rule) = over else {
            counted.over = 0;
            return Ok(());
        };
        counted.over += 1;
        if counted.over > PATIENCE {
            let length = BAN.times(1 << counted.bans.min(11)).nanos().min(Span::DAY.times(3).nanos());
            let until = now.after(Span::from_nanos(length));
            counted.bans += 1;
            counted.over = 0;
            counted.banned_until = Some(until);
            return Err(banned(until, now));
        }
        let text = format!(
            "Too much request weight used; current limit is {} request weight per {} {}. Please use WebSocket Streams \
             for live updates to avoid polling the API.",
            rule.limit, rule.count, rule.interval
        );
        Err(Refused { retry_after: Some(seconds_left(&rule, now)), ..Refused::new(-1003, text) })
    }

    /// Gives weight back: successful orders and cancels weigh nothing.
    pub fn forgive(&mut self, address: &str, weight: i64, now: Timestamp) {
        if let Some(counted) = self.addresses.get_mut(address) {
            let used = counted.windows[0].at(&RULES[0], now);
            *used = (*used - weight).max(0);
        }
    }

    /// Counts new orders of an account.
    ///
    /// # Errors
    /// 429 when there were too many.
    pub fn orders(&mut self, account: usize, count: i64, now: Timestamp) -> Result<(), Refused> {
        let windows = self.accounts.entry(account).or_default();
        for (rule, window) in RULES.iter().zip(windows.iter_mut()).filter(|(rule, _)| rule.kind == RuleKind::Orders) {
            if *window.at(rule, now) + count > rule.limit {
                let text = format!(
                    "Too many new orders; current limit is {} orders per {} {}.",
                    rule.limit, rule.count, rule.interval
                );
                return Err(Refused { retry_after: Some(seconds_left(rule, now)), ..Refused::new(-1015, text) });
            }
        }
        for (rule, window) in RULES.iter().zip(windows).filter(|(rule, _)| rule.kind == RuleKind::Orders) {
            *window.at(rule, now) += count;
        }
        Ok(())
    }

    /// An order of the account has traded for the first time: it no longer counts as unfilled.
    pub fn filled(&mut self, account: usize, now: Timestamp) {
        let windows = self.accounts.entry(account).or_default();
        for (rule, window) in RULES.iter().zip(windows).filter(|(rule, _)| rule.kind == RuleKind::Orders) {
            let used = window.at(rule, now);
            *used = (*used - 1).max(0);
        }
    }

    /// What each limit has counted: of this address, and of this account where one is given.
    pub fn used(&mut self, address: &str, account: Option<usize>, now: Timestamp) -> Vec<(&'static Rule, i64)> {
        let mut of_address = self.addresses.get(address).map_or([Window::default(); 4], |counted| counted.windows);
        let mut of_account = account.and_then(|account| self.accounts.get(&account).copied()).unwrap_or_default();
        let mut used = Vec::new();
        for (index, rule) in RULES.iter().enumerate() {
            match rule.kind {
                RuleKind::RequestWeight => used.push((rule, *of_address[index].at(rule, now))),
                RuleKind::Orders if account.is_some() => used.push((rule, *of_account[index].at(rule, now))),
                RuleKind::Orders | RuleKind::RawRequests => {}
            }
        }
        used
    }
}

impl Rule {
    /// The header that tells how much of it is used.
    pub fn header(&self) -> String {
        match self.kind {
            RuleKind::RequestWeight => format!("x-mbx-used-weight-{}", self.short),
            RuleKind::Orders => format!("x-mbx-order-count-{}", self.short),
            RuleKind::RawRequests => format!("x-mbx-raw-requests-{}", self.short),
        }
    }
}

fn seconds_left(rule: &Rule, now: Timestamp) -> i64 {
    let end = now.floor(Span::SECOND.times(rule.seconds)).after(Span::SECOND.times(rule.seconds));
    (end.since(now).millis() + 999).div_euclid(1_000).max(1)
}

fn banned(until: Timestamp, now: Timestamp) -> Refused {
    let text = format!(
        "Way too much request weight used; IP banned until {}. Please use WebSocket Streams for live updates to avoid \
         bans.",
        until.millis()
    );
    let seconds = (until.since(now).millis() + 999).div_euclid(1_000).max(1);
    Refused { status: 418, retry_after: Some(seconds), ..Refused::new(-1003, text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_millis(1_700_000_040_000 + second * 1_000)
    }

    #[test]
    fn windows_are_fixed_and_who_goes_on_is_banned() {
        let mut limits = Limits::default();
        let start = at(0).floor(Span::MINUTE).after(Span::SECOND.times(50));
        limits.request("a", 6_000, start).unwrap();
        let refused = limits.request("a", 1, start).unwrap_err();
        assert_eq!((refused.status, refused.code, refused.retry_after), (429, -1003, Some(10)));
        limits.request("b", 1, start).unwrap();
        let next = start.after(Span::SECOND.times(10));
        limits.request("a", 6_000, next).unwrap();
        let last = (0..=PATIENCE).map(|_| limits.request("a", 1, next).unwrap_err()).last().unwrap();
        assert_eq!((last.status, last.retry_after), (418, Some(120)));
        assert_eq!(limits.request("a", 1, next.after(Span::SECOND.times(119))).unwrap_err().status, 418);
        limits.request("a", 1, next.after(Span::SECOND.times(120))).unwrap();
    }

    #[test]
    fn an_order_counts_until_it_fills() {
        let mut limits = Limits::default();
        let start = at(0).floor(Span::SECOND.times(10));
        (0..100).for_each(|_| limits.orders(0, 1, start).unwrap());
        let refused = limits.orders(0, 1, start).unwrap_err();
        assert_eq!((refused.status, refused.code), (429, -1015));
        assert_eq!(refused.message, "Too many new orders; current limit is 100 orders per 10 SECOND.");
        limits.filled(0, start);
        limits.orders(0, 1, start).unwrap();
        limits.orders(0, 1, start.after(Span::SECOND.times(10))).unwrap();
    }
}
