//! An entry fills inside a candle: what its children can have seen of the rest of it.
//!
//! The certainty table of docs/fills.md, for a long entry (a short one is its mirror image). The open is first, the
//! close is last, both extremes are visited, and the path between is continuous.

use super::SimVenue;
use super::book::{Posture, Resting};
use super::on_candle::Bar;
use super::path::Travel;
use super::policy::{ChildrenPolicy, IntrabarPolicy};
use crate::domain::{Certainty, Link, Order, OrderId, OrderKind};

/// Which child trades in the candle of its entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Exit {
    /// The protective stop.
    Stop(Certainty),
    /// The profit target.
    Target(Certainty),
    /// Neither, for certain.
    None,
    /// Neither, because the policy decided a doubt that way.
    Doubtful,
}

/// Which child an assumed path meets first after the entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum First {
    Stop,
    Target,
    Neither,
}

/// What the candle shows of one child.
#[derive(Clone, Copy, Debug)]
struct Sight {
    /// Somewhere in its range the candle reaches the level.
    reached: bool,
    /// The close lies beyond the level.
    closed_beyond: bool,
}

impl SimVenue {
    /// The children of an entry that filled inside the candle, by the certainty table.
    pub(super) fn children_inside(&mut self, book: usize, entry: &Order, bar: &Bar) {
        let Link::Entry { stop, target } = entry.link else { return };
        let (stop_sight, target_sight) = (self.sight(book, stop, bar), self.sight(book, target, bar));
        let exit = match self.policy.children {
            ChildrenPolicy::AtFill => {
                let first = self.first_on_path(book, entry, [stop, target], bar);
                decide(self.policy.intrabar, entry, stop_sight, target_sight, first)
            }
            ChildrenPolicy::NextCandleUnlessMarket => deferred(entry.kind, stop_sight, target_sight),
        };
        let (child, certainty) = match exit {
            Exit::None => return,
            Exit::Doubtful => {
                self.doubt();
                return;
            }
            Exit::Stop(certainty) => (stop, certainty),
            Exit::Target(certainty) => (target, certainty),
        };
        if certainty == Certainty::Ambiguous {
            self.doubt();
        }
        let Some(index) = child.and_then(|child| self.books[book].find(child)) else { return };
        self.child_inside(book, index, entry, bar, certainty);
    }

    /// A child acts in the candle of its entry.
    fn child_inside(&mut self, book: usize, index: usize, entry: &Order, bar: &Bar, mut certainty: Certainty) {
        let resting = self.books[book].orders[index];
        let order = resting.order;
        if let (OrderKind::Limit { price }, ChildrenPolicy::NextCandleUnlessMarket) = (order.kind, self.policy.children)
        {
            // The exception for a stop entry: one that filled at the open may have jumped over its target.
            let price = order.gap_price(price, &bar.candle, self.policy.limit_gap);
            self.make(book, index, price, bar.inside, certainty);
            return;
        }
        let from = self.entry_on_path(book, entry, bar);
        let Some(level) = self.level_inside(book, &resting, bar, from, &mut certainty) else { return };
        // A stop on the wrong side of its entry is set off by the very price that filled the entry.
        let level = match entry.kind.stated_price() {
            Some(entry) if !order.kind.is_favourable() => order.side.worse(level, entry),
            Some(_) | None => level,
        };
        let certainty = self.touch_certainty(book, &resting, &bar.candle, certainty);
        self.act_inside(book, index, level, bar, certainty);
    }

    /// A stop entry has filled at the open. Its children react to the open by themselves, unless the policy makes them
    /// sleep through this candle: then the same exception holds as for an entry inside it.
    pub(super) fn children_after_open(&mut self, book: usize, entry: &Order, bar: &Bar) {
        match self.policy.children {
            ChildrenPolicy::AtFill => {}
            ChildrenPolicy::NextCandleUnlessMarket => self.children_inside(book, entry, bar),
        }
    }

    /// An entry that arrived inside the candle has filled at its end: its stop may have been reached since.
    pub(super) fn stop_after_late_entry(&mut self, book: usize, entry: &Order, bar: &Bar) {
        let Link::Entry { stop, .. } = entry.link else { return };
        let reached = self.sight(book, stop, bar).is_some_and(|sight| sight.reached);
        if !reached || self.policy.intrabar == IntrabarPolicy::Best {
            return;
        }
        let Some(index) = stop.and_then(|stop| self.books[book].find(stop)) else { return };
        let resting = self.books[book].orders[index];
        let Some(wait) = resting.wait() else { return };
        let certainty = self.doubt();
        self.act_inside(book, index, resting.order.side.worse(wait.level, bar.candle.close), bar, certainty);
    }

    /// Which child the assumed path meets first after the entry's level; neither where no path is assumed.
    fn first_on_path(&self, book: usize, entry: &Order, children: [Option<OrderId>; 2], bar: &Bar) -> First {
        let IntrabarPolicy::Path(order) = self.policy.intrabar else { return First::Neither };
        let from = self.entry_on_path(book, entry, bar);
        let [stop, target] = children.map(|child| {
            let index = self.books[book].find(child?)?;
            self.act_on_path(book, &self.books[book].orders[index], order, bar, from).map(|(travel, _)| travel)
        });
        match (stop, target) {
            (None, None) => First::Neither,
            (Some(_), None) => First::Stop,
            (None, Some(_)) => First::Target,
            (Some(stop), Some(target)) => {
                if target < stop {
                    First::Target
                } else {
                    First::Stop
                }
            }
        }
    }

    /// Where on the assumed path the entry filled.
    fn entry_on_path(&self, book: usize, entry: &Order, bar: &Bar) -> Travel {
        let IntrabarPolicy::Path(order) = self.policy.intrabar else { return 0 };
        let resting = Resting::new(*entry, entry.quantity, Posture::Resting);
        self.act_on_path(book, &resting, order, bar, 0).map_or(0, |(travel, _)| travel)
    }

    fn sight(&self, book: usize, child: Option<OrderId>, bar: &Bar) -> Option<Sight> {
        let index = self.books[book].find(child?)?;
        let resting = &self.books[book].orders[index];
        let tick = self.instruments[book].filters_at(bar.candle.open_time).tick;
        let rule = self.limit_rule(resting, bar.candle.open_time);
        Some(Sight {
            reached: resting.reached_by(&bar.candle, rule, tick),
            closed_beyond: resting.reached_at(bar.candle.close, rule, tick),
        })
    }
}

/// The certainty table. A stop or target that does not exist is never reached.
fn decide(policy: IntrabarPolicy, entry: &Order, stop: Option<Sight>, target: Option<Sight>, first: First) -> Exit {
    let nothing = Sight { reached: false, closed_beyond: false };
    let (stop, target) = (stop.unwrap_or(nothing), target.unwrap_or(nothing));
    let doubtful = |worst: Exit, best: Exit| match (policy, first) {
        (IntrabarPolicy::Worst | IntrabarPolicy::Detail | IntrabarPolicy::StopFirst, _) => worst,
        (IntrabarPolicy::Best, _) => best,
        (IntrabarPolicy::Path(_), First::Stop) => Exit::Stop(Certainty::Ambiguous),
        (IntrabarPolicy::Path(_), First::Target) => Exit::Target(Certainty::Ambiguous),
        (IntrabarPolicy::Path(_), First::Neither) => Exit::Doubtful,
    };
    let stop_or_target = || doubtful(Exit::Stop(Certainty::Ambiguous), Exit::Target(Certainty::Ambiguous));
    // It went off on the way to the favourable extreme and filled on the way back: that extreme may lie before its fill.
    let fills_on_the_way_back = match entry.kind {
        OrderKind::StopLimit { trigger, price } => price != trigger && entry.side.better(price, trigger) == price,
        OrderKind::Market
        | OrderKind::Limit { .. }
        | OrderKind::StopMarket { .. }
        | OrderKind::TakeProfit { .. }
        | OrderKind::TakeProfitLimit { .. }
        | OrderKind::TrailingStop { .. } => false,
    };
    match entry.kind {
        // A limit fills on the way to the adverse extreme, so that extreme is still to come.
        OrderKind::Limit { .. } | OrderKind::TakeProfit { .. } | OrderKind::TakeProfitLimit { .. } => {
            match (stop.reached, target.reached) {
                (true, true) => stop_or_target(),
                (true, false) => Exit::Stop(Certainty::Certain),
                (false, true) if target.closed_beyond => Exit::Target(Certainty::Certain),
                (false, true) => doubtful(Exit::Doubtful, Exit::Target(Certainty::Ambiguous)),
                (false, false) => Exit::None,
            }
        }
        // A stop triggers on the way to the favourable extreme; the adverse one may lie before or after.
        OrderKind::StopMarket { .. }
        | OrderKind::StopLimit { .. }
        | OrderKind::TrailingStop { .. }
        | OrderKind::Market => match (stop.reached, target.reached) {
            (false, true) if fills_on_the_way_back => doubtful(Exit::Doubtful, Exit::Target(Certainty::Ambiguous)),
            (false, true) => Exit::Target(Certainty::Certain),
            (false, false) => Exit::None,
            (true, true) => stop_or_target(),
            (true, false) if stop.closed_beyond => Exit::Stop(Certainty::Certain),
            (true, false) => doubtful(Exit::Stop(Certainty::Ambiguous), Exit::Doubtful),
        },
    }
}

/// The rule of the package backtesting.py: in the candle of a stop entry only a target whose stop was not reached.
fn deferred(entry: OrderKind, stop: Option<Sight>, target: Option<Sight>) -> Exit {
    let (stop_reached, target_reached) =
        (stop.is_some_and(|sight| sight.reached), target.is_some_and(|sight| sight.reached));
    match entry {
        OrderKind::StopMarket { .. } if target_reached && !stop_reached => Exit::Target(Certainty::Certain),
        OrderKind::StopMarket { .. }
        | OrderKind::Limit { .. }
        | OrderKind::Market
        | OrderKind::StopLimit { .. }
        | OrderKind::TakeProfit { .. }
        | OrderKind::TakeProfitLimit { .. }
        | OrderKind::TrailingStop { .. } => Exit::None,
    }
}

impl Order {
    /// Whether this is a child of the bracket that `entry` opens.
    pub(super) fn is_child_of(&self, entry: OrderId) -> bool {
        match self.link {
            Link::Child { entry: parent, .. } => parent == entry,
            Link::None | Link::Entry { .. } | Link::Pair { .. } => false,
        }
    }

    /// Whether this is a child of any bracket.
    pub(super) fn is_child(&self) -> bool {
        matches!(self.link, Link::Child { .. })
    }
}
