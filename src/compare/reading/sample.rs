//! Records for tests.

use super::Kind;
use crate::compare::record::{Record, Trade};
use crate::domain::{Direction, Timestamp};
use rust_decimal::Decimal;

/// A long of two, from 100 to 110, between these seconds.
pub fn trade(number: &str, entry: i64, exit: i64) -> Trade {
    Trade {
        number: number.into(),
        symbol: Some("BTCUSDT".into()),
        direction: Direction::Long,
        entry_time: Timestamp::from_millis(entry * 1_000),
        exit_time: Timestamp::from_millis(exit * 1_000),
        open_at_end: false,
        entry_price: Decimal::from(100),
        exit_price: Some(Decimal::from(110)),
        quantity: Some(Decimal::from(2)),
        fees: Some(Decimal::ONE),
        slippage: None,
        profit: Some(Decimal::from(19)),
        quote: Some("USDT".into()),
        entry_tag: None,
        exit_reason: None,
        exit_kind: None,
    }
}

/// A record of these trades.
pub fn record(kind: Kind, trades: Vec<Trade>) -> Record {
    let mut record = Record {
        name: "sample".into(),
        kind,
        digest: "0".into(),
        currency: Some("USDT".into()),
        opening: Some(Decimal::from(1_000)),
        candle: None,
        trades,
        equity: None,
        decides_on: None,
        metrics: Vec::new(),
        stated: Vec::new(),
        plan: None,
        cautions: Vec::new(),
        notes: Vec::new(),
    };
    record.sort();
    record
}
