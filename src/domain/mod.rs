//! The vocabulary of the trading floor: time, money, assets, instruments, series, candles, orders, fills, events.
//!
//! This room knows nothing: no file, no socket, no wire shape, no clock, and no float in any amount.

pub mod basis;
pub mod candle;
pub mod dated;
pub mod event;
pub mod fill;
pub mod instrument;
pub mod money;
pub mod order;
pub mod origin;
pub mod outside;
pub mod quote;
pub mod reason;
pub mod series;
pub mod time;
pub mod trade;
pub mod transition;

pub use basis::{CostBasis, Settled};
pub use candle::{Candle, CandleColumns, CandleRows, MarketTrade, TradeColumns, TradeRows, extremes};
pub use dated::Dated;
pub use event::{CancelFailure, CancelReplace, Command, Control, Event, EventKind, Target, TimerId, Transfer};
pub use fill::{Certainty, Fill, Liquidity};
pub use instrument::{
    Asset, AssetId, FeeAsset, Fees, Filters, Instrument, InstrumentId, InstrumentKind, PriceBandRule,
};
pub use money::{Amount, Overflow, Price, Quantity, Rate, Rounding, saturating_product, wide_product};
pub use order::{
    Bracket, Crossing, DeskId, Group, Link, Order, OrderId, OrderKind, OrderUpdate, PositionEffect, Side, Tag, Terms,
    TimeInForce, Trail, UpdateKind,
};
pub use origin::Origin;
pub use outside::{OutsideId, OutsideSeries};
pub use quote::{Quote, QuoteColumns, QuoteRows};
pub use reason::{CancelReason, Refusal, RejectReason};
pub use series::{Series, SeriesId};
pub use time::{Interval, Span, Timestamp};
pub use trade::{ClosedTrade, Direction};
pub use transition::{OrderChange, OrderState};
