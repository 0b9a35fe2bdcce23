//! The strategies that live in `strategies/`.

use super::Entry;

#[path = "../../strategies/breakout.rs"]
mod breakout;
#[path = "../../strategies/buy_and_hold.rs"]
mod buy_and_hold;
#[path = "../../strategies/order_list.rs"]
mod order_list;
#[path = "../../strategies/signal.rs"]
mod signal;
#[path = "../../strategies/sma_cross.rs"]
mod sma_cross;

/// Every shipped strategy.
pub static ALL: &[Entry] = &[
    Entry::of::<buy_and_hold::BuyAndHold>(),
    Entry::of::<sma_cross::SmaCross>(),
    Entry::of::<breakout::Breakout>(),
    Entry::of::<order_list::OrderList>(),
    Entry::of::<signal::Signal>(),
];
