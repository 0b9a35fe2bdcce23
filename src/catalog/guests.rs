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
#[path = "../../strategies/signal_score.rs"]
mod signal_score;
#[path = "../../strategies/sma_cross.rs"]
mod sma_cross;
#[path = "../../strategies/vwap_reversion.rs"]
mod vwap_reversion;

/// Every shipped strategy.
pub static ALL: &[Entry] = &[
    Entry::of::<buy_and_hold::BuyAndHold>(),
    Entry::of::<sma_cross::SmaCross>(),
    Entry::of::<breakout::Breakout>(),
    Entry::of::<vwap_reversion::VwapReversion>(),
    Entry::of::<signal_score::SignalScore>(),
    Entry::of::<order_list::OrderList>(),
    Entry::of::<signal::Signal>(),
];
