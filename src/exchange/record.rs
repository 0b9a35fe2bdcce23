//! What an account's orders, lists and fills look like from outside.

use crate::domain::{Amount, AssetId, InstrumentId, Price, Quantity, Side, Timestamp};

/// The exchange's types of orders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrderType {
    /// At a price or better.
    Limit,
    /// The same, never taking.
    LimitMaker,
    /// At once.
    Market,
    /// At market once the price moves against the holder.
    StopLoss,
    /// At a limit once the price moves against the holder.
    StopLossLimit,
    /// At market once the price moves in the holder's favour.
    TakeProfit,
    /// At a limit once the price moves in the holder's favour.
    TakeProfitLimit,
}

impl OrderType {
    /// Every type.
    pub const ALL: [OrderType; 7] = [
        OrderType::Limit,
        OrderType::LimitMaker,
        OrderType::Market,
        OrderType::StopLoss,
        OrderType::StopLossLimit,
        OrderType::TakeProfit,
        OrderType::TakeProfitLimit,
    ];

    /// The exchange's name for it.
    pub const fn name(self) -> &'static str {
        match self {
            OrderType::Limit => "LIMIT",
            OrderType::LimitMaker => "LIMIT_MAKER",
            OrderType::Market => "MARKET",
            OrderType::StopLoss => "STOP_LOSS",
            OrderType::StopLossLimit => "STOP_LOSS_LIMIT",
            OrderType::TakeProfit => "TAKE_PROFIT",
            OrderType::TakeProfitLimit => "TAKE_PROFIT_LIMIT",
        }
    }

    /// The type of this name.
    pub fn named(name: &str) -> Option<OrderType> {
        OrderType::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Whether it waits for a stop price.
    pub const fn is_contingent(self) -> bool {
        match self {
            OrderType::Limit | OrderType::LimitMaker | OrderType::Market => false,
            OrderType::StopLoss | OrderType::StopLossLimit | OrderType::TakeProfit | OrderType::TakeProfitLimit => true,
        }
    }

    /// Whether it states a limit price.
    pub const fn has_price(self) -> bool {
        match self {
            OrderType::Limit | OrderType::LimitMaker | OrderType::StopLossLimit | OrderType::TakeProfitLimit => true,
            OrderType::Market | OrderType::StopLoss | OrderType::TakeProfit => false,
        }
    }

    /// Whether its stop price lies above the market for this side.
    pub const fn stop_above(self, side: Side) -> bool {
        let stop_loss = matches!(self, OrderType::StopLoss | OrderType::StopLossLimit);
        matches!((side, stop_loss), (Side::Buy, true) | (Side::Sell, false))
    }
}

/// Where an order stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrderStatus {
    /// Open, nothing traded.
    New,
    /// Open, some traded.
    PartiallyFilled,
    /// All traded.
    Filled,
    /// Taken back.
    Canceled,
    /// Ended by the exchange.
    Expired,
    /// Never taken.
    Rejected,
}

impl OrderStatus {
    /// The exchange's name for it.
    pub const fn name(self) -> &'static str {
        match self {
            OrderStatus::New => "NEW",
            OrderStatus::PartiallyFilled => "PARTIALLY_FILLED",
            OrderStatus::Filled => "FILLED",
            OrderStatus::Canceled => "CANCELED",
            OrderStatus::Expired => "EXPIRED",
            OrderStatus::Rejected => "REJECTED",
        }
    }

    /// Whether it can still trade.
    pub const fn is_open(self) -> bool {
        matches!(self, OrderStatus::New | OrderStatus::PartiallyFilled)
    }
}

/// How much an answer to a new order tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResponseType {
    /// That it was taken.
    Ack,
    /// And where it stands.
    Result,
    /// And its fills.
    Full,
}

/// Times in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Force {
    /// Until cancelled.
    Gtc,
    /// What does not fill at once expires.
    Ioc,
    /// All at once or nothing.
    Fok,
}

impl Force {
    /// The exchange's name for it.
    pub const fn name(self) -> &'static str {
        match self {
            Force::Gtc => "GTC",
            Force::Ioc => "IOC",
            Force::Fok => "FOK",
        }
    }

    /// The one of this name.
    pub fn named(name: &str) -> Option<Force> {
        [Force::Gtc, Force::Ioc, Force::Fok].into_iter().find(|force| force.name() == name)
    }
}

/// What a client asks for, read and checked for form.
#[derive(Clone, Debug, PartialEq)]
pub struct Ticket {
    /// What it trades.
    pub instrument: InstrumentId,
    /// Which way.
    pub side: Side,
    /// Its type.
    pub kind: OrderType,
    /// How long it stays.
    pub force: Force,
    /// How much, zero when a sum of the quote asset is given.
    pub quantity: Quantity,
    /// The sum of the quote asset to spend or to receive, in units of 1e-8; zero for none.
    pub quote_quantity: i64,
    /// Its limit; zero for none.
    pub price: Price,
    /// Its stop price; zero for none.
    pub stop_price: Price,
    /// The client's name for it.
    pub client_id: String,
    /// Numbers of the client's own.
    pub strategy: [Option<i64>; 2],
}

/// An order as the exchange keeps it.
#[derive(Clone, Debug, PartialEq)]
pub struct OrderRecord {
    /// The exchange's number.
    pub number: i64,
    /// The list it belongs to, −1 for none.
    pub list: i64,
    /// What was asked for.
    pub ticket: Ticket,
    /// What has traded.
    pub executed: Quantity,
    /// For what.
    pub executed_quote: Amount,
    /// Where it stands.
    pub status: OrderStatus,
    /// When it came.
    pub created: Timestamp,
    /// When it last changed.
    pub updated: Timestamp,
    /// Since when it has been on the book, if it has.
    pub working: Option<Timestamp>,
    /// Why it expired.
    pub expiry_reason: Option<&'static str>,
    /// The name of the request that cancelled it.
    pub cancel_id: String,
    /// How often it has been made smaller.
    pub amends: i64,
}

/// A fill as the exchange keeps it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FillRecord {
    /// Its number.
    pub id: i64,
    /// The place of its order among the account's.
    pub order: usize,
    /// At which price.
    pub price: Price,
    /// How much.
    pub quantity: Quantity,
    /// For what.
    pub quote: Amount,
    /// The fee.
    pub commission: Amount,
    /// What the fee was taken from.
    pub commission_asset: AssetId,
    /// When.
    pub time: Timestamp,
    /// Whether the order waited.
    pub is_maker: bool,
}

/// An order list.
#[derive(Clone, Debug, PartialEq)]
pub struct ListRecord {
    /// The exchange's number.
    pub number: i64,
    /// The client's name for it.
    pub client_id: String,
    /// What it trades.
    pub instrument: InstrumentId,
    /// Places of its orders among the account's.
    pub orders: Vec<usize>,
    /// When it came.
    pub created: Timestamp,
}
