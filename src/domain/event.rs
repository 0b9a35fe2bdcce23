//! What comes in and what goes out: events and commands.

use super::{
    Amount, AssetId, Candle, DeskId, Group, InstrumentId, MarketTrade, Order, OrderId, OrderUpdate, Quote, SeriesId,
    Terms, Timestamp,
};

/// Identifies a timer within a desk; its meaning is the strategy's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TimerId(pub u32);

/// Something that the desk learned.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// When the desk learned of it.
    pub at: Timestamp,
    /// What it was.
    pub kind: EventKind,
}

/// The closed list of what can be learned. Funding settlements and mark prices will take their place here.
#[derive(Clone, Debug, PartialEq)]
pub enum EventKind {
    /// A candle closed.
    Candle(SeriesId, Candle),
    /// A public trade happened.
    Trade(InstrumentId, MarketTrade),
    /// Best bid and ask changed.
    Quote(InstrumentId, Quote),
    /// News of an order of ours.
    Order(OrderUpdate),
    /// A timer of a desk is due.
    Timer(DeskId, TimerId),
    /// Someone steers the session.
    Control(Control),
    /// Money came into or left the account by declaration.
    Transfer(Transfer),
}

/// Orders to the session itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Control {
    /// A desk takes no new risk from now on.
    Halt(DeskId),
}

/// A declared change of the account's balance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transfer {
    /// Which asset.
    pub asset: AssetId,
    /// How much; negative for a withdrawal.
    pub amount: Amount,
}

/// What a desk asks of the venue.
#[derive(Clone, Debug, PartialEq, Eq)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CancelReplace {
    /// What is to be cancelled.
    pub target: Target,
    /// The new order, on the same instrument.
    pub order: Order,
    /// What becomes of the new order when the cancel fails.
    pub on_failure: CancelFailure,
}

/// What becomes of the new order of a cancel-replace when the order to be cancelled is not open any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CancelFailure {
    /// It is not attempted (STOP_ON_FAILURE).
    Stop,
    /// It is sent all the same (ALLOW_FAILURE).
    Allow,
}

/// The open order that a command means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Target {
    /// Whose it is.
    pub desk: DeskId,
    /// What it trades.
    pub instrument: InstrumentId,
    /// Its number.
    pub order: OrderId,
}
