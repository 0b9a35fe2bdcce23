//! Two runs side by side: the first line in which they differ.

use super::future::Future;
use super::watched::{Lines, Shown};
use crate::domain::Timestamp;

/// The first difference between what two runs showed before `until`; none when they are alike there.
pub(super) fn difference(one: &Shown, other: &Shown, from: Timestamp, until: Timestamp) -> Option<(Timestamp, String)> {
    let lists = [
        ("fill", &one.fills, &other.fills),
        ("order", &one.orders, &other.orders),
        ("refusal", &one.refusals, &other.refusals),
        ("delivery", &one.log, &other.log),
    ];
    let found = lists.into_iter().filter_map(|(what, one, other)| first(what, one, other, from, until));
    found.min_by_key(|(at, _)| *at)
}

/// The first difference between two lists as far as both were decided within `from..until`.
fn first(what: &str, one: &Lines, other: &Lines, from: Timestamp, until: Timestamp) -> Option<(Timestamp, String)> {
    let within = |(at, _): &&(Timestamp, String)| *at >= from && *at < until;
    let (mut left, mut right) = (one.iter().filter(within), other.iter().filter(within));
    let mut place = 0usize;
    loop {
        place += 1;
        let (was, is) = (left.next(), right.next());
        if was.is_none() && is.is_none() {
            return None;
        }
        if was != is {
            let at = was.into_iter().chain(is).map(|(at, _)| *at).min().unwrap_or(from);
            return Some((at, format!("{what} {place}: {} became {}", shown(was), shown(is))));
        }
    }
}

fn shown(line: Option<&(Timestamp, String)>) -> String {
    line.map_or_else(|| "nothing".to_owned(), |(at, text)| format!("[{at} {text}]"))
}

/// The first difference between the decisions taken at the cut itself, from what had closed by then. Where the data end
/// there, what is open expires at the same instant, afterwards.
pub(super) fn difference_at(one: &Shown, other: &Shown, cut: Timestamp, future: Future) -> Option<String> {
    let at_cut = |shown: &Shown| -> Vec<String> {
        shown.log.iter().filter(|(at, _)| *at == cut).map(|(_, text)| text.clone()).collect()
    };
    let (expected, mut got) = (at_cut(one), at_cut(other));
    match future {
        Future::Truncated => {
            let end = got.iter().position(|text| text.contains("kind: Expired")).unwrap_or(got.len());
            // An order that has its own date expires in both.
            got.truncate(end.max(expected.len()));
        }
        Future::Poisoned | Future::Shifted => {}
    }
    (got != expected).then(|| format!("at the cut: {expected:?} became {got:?}"))
}
