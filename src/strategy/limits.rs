//! What a desk and an account may do: each limit is enforced, only counted, or absent.

use crate::domain::{Amount, Quantity, Rate};

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
}
