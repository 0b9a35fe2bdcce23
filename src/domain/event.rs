//! What comes in and what goes out: events and commands.

use super::{
    Amount, AssetId, Candle, DeskId, Group, InstrumentId, MarketTrade, Order, OrderId, OrderUpdate, Quote, SeriesId,
    Terms, Timestamp,
};
use serde::{Deserialize, Serialize};

/// Identifies a timer within a desk; its meaning is the strategy's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TimerId(pub u32);

/// Something that the desk learned.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// When the desk learned of it.
    pub at: Timestamp,
    /// What it was.
    pub kind: EventKind,
}

/// The closed list of what can be learned. Funding settlements and mark prices will take their place here.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum EventKind {
    /// Candles closed, all of them at one instant.
    Candles(Vec<(SeriesId, Candle)>),
    /// A public trade happened.
    Trade(InstrumentId, MarketTrade),
    /// Best bid and ask changed.
    Quote(InstrumentId, Quote),
    /// News of an order of ours.
    Order(OrderUpdate),
    /// Nothing but the time: a timer of a desk is due.
    Clock,
    /// Someone steers the session.
    Control(Control),
    /// Money came into or left the account by declaration.
    Transfer(Transfer),
}

/// Orders to the session itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Control {
    /// A desk takes no new risk from now on.
    Halt(DeskId),
}

/// A declared change of the account's balance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transfer {
    /// Which asset.
    pub asset: AssetId,
    /// How much; negative for a withdrawal.
    pub amount: Amount,
}

/// What a desk asks of the venue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Command {
    /// Take this order.
    Submit(Order),
    /// Take these orders as one group.
    SubmitGroup(Box<Group>),
    /// Cancel an order.
    Cancel(Target),
    /// Give an order new terms. It loses its place.
    Replace(Target, Terms),
    /// Make an order smaller: these terms are its own but for the quantity. It keeps its place.
    Reduce(Target, Terms),
    /// Cancel an order and take another one.
    CancelReplace(Box<CancelReplace>),
}

/// A cancel and a new order in one message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CancelReplace {
    /// What is to be cancelled.
    pub target: Target,
    /// The new order, on the same instrument.
    pub order: Order,
    /// What becomes of the new order when the cancel fails.
    pub on_failure: CancelFailure,
}

/// What becomes of the new order of a cancel-replace when the order to be cancelled is not open any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum CancelFailure {
    /// It is not attempted (STOP_ON_FAILURE).
    Stop,
    /// It is sent all the same (ALLOW_FAILURE).
    Allow,
}

/// The open order that a command means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// Whose it is.
    pub desk: DeskId,
    /// What it trades.
    pub instrument: InstrumentId,
    /// Its number.
    pub order: OrderId,
}
