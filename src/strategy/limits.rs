//! What a desk and an account may do: each limit is enforced, only counted, or absent.

use crate::domain::{Amount, Quantity, Rate, Span};

/// What happens when a limit is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// The order is refused.
    Enforce,
    /// The order passes and the case is counted.
    Observe,
}

/// A bound and what happens at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit<T> {
    /// The bound.
    pub value: T,
    /// What happens beyond it.
    pub action: Action,
}

/// A pace: so many messages within any stretch of time of this length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Throttle {
    /// How many, above zero.
    pub messages: u32,
    /// Within how long, above zero.
    pub per: Span,
}

/// The limits of one desk. Absent ones are none. Money is in ledger units of the account's currency.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// Largest price times quantity of one order.
    pub maximum_order_notional: Option<Limit<Amount>>,
    /// Largest position per instrument in its quantity units, by instrument; none beyond the end.
    pub maximum_position: Vec<Option<Limit<Quantity>>>,
    /// Largest worth of the position on one symbol, open orders included.
    pub maximum_symbol_exposure: Option<Limit<Amount>>,
    /// Largest worth of all the desk's positions, open orders included.
    pub maximum_desk_exposure: Option<Limit<Amount>>,
    /// Largest loss since UTC midnight, as a fraction of the desk's capital at midnight.
    pub daily_loss: Option<Limit<Rate>>,
    /// Most losing trades in a row; reaching it halts the desk.
    pub consecutive_losses: Option<Limit<u32>>,
    /// Largest fall of the desk's capital below its peak at any close, as a fraction of that; reaching it halts the desk.
    pub drawdown: Option<Limit<Rate>>,
    /// Largest quantity of one order per instrument in its quantity units, by instrument; none beyond the end.
    pub maximum_order_quantity: Vec<Option<Limit<Quantity>>>,
    /// Largest quantity traded and in flight per UTC day, as above.
    pub daily_quantity: Vec<Option<Limit<Quantity>>>,
    /// Most trades, from flat to flat, begun per UTC day.
    pub daily_trades: Option<Limit<u32>>,
    /// Shortest time between the close of a trade and the order that begins the next on the symbol.
    pub cooldown: Option<Limit<Span>>,
    /// Most orders open at once, held ones included.
    pub maximum_open_orders: Option<Limit<u32>>,
    /// Largest distance of an order's price or trigger from the last price, as a fraction of that.
    pub price_collar: Option<Limit<Rate>>,
    /// For how long the same order again is a duplicate; while the first is open it always is.
    pub duplicate_order: Option<Limit<Span>>,
    /// Most submissions and replacements in a time.
    pub message_throttle: Option<Limit<Throttle>>,
}

/// The limits of the account, above all desks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AccountLimits {
    /// Largest worth of all positions of all desks, open orders included.
    pub maximum_exposure: Option<Limit<Amount>>,
    /// Largest worth of all desks' positions on one symbol, open orders included.
    pub maximum_symbol_exposure: Option<Limit<Amount>>,
    /// Largest loss since UTC midnight, as a fraction of the account's equity at midnight.
    pub daily_loss: Option<Limit<Rate>>,
    /// Largest fall of the equity below its peak at any close, as a fraction of that; reaching it halts the account.
    pub drawdown: Option<Limit<Rate>>,
    /// Most orders of all desks open at once, held ones included.
    pub maximum_open_orders: Option<Limit<u32>>,
}
