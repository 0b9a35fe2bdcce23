//! Breakout: buys a new high, protects it with a stop that follows the price at a distance of so many average ranges.

use crate::domain::{
    InstrumentId, OrderId, OrderKind, OrderUpdate, Price, Quantity, Rate, SeriesId, Side, Tag, Terms, UpdateKind,
};
use crate::indicator::Spec;
use crate::strategy::{Axis, AxisKind, Context, Params, Setup, SetupError, Slot, Strategy, Ticket};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::{Deserialize, Serialize};

/// Buys when a candle closes above the highest high of the candles before it; a resting stop is raised candle by candle.
#[derive(Debug)]
pub struct Breakout {
    lanes: Vec<Lane>,
    multiple: f64,
    fraction: Rate,
    enter: Tag,
    stop: Tag,
}

#[derive(Debug)]
struct Lane {
    series: SeriesId,
    instrument: InstrumentId,
    high: Slot,
    range: Slot,
    high_before: Option<f64>,
    stop: Option<OrderId>,
    decimals: u8,
}

/// Parameters of [`Breakout`].
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BreakoutParams {
    /// Candles whose highest high has to be passed.
    pub window: u32,
    /// Candles of the average true range.
    pub atr_window: u32,
    /// Distance of the stop in average true ranges.
    pub atr_multiple: Decimal,
    /// Share of the desk's capital per position.
    pub fraction: Decimal,
}

impl Params for BreakoutParams {
    fn axes() -> &'static [Axis] {
        &[
            Axis {
                name: "window",
                about: "candles whose highest high has to be passed",
                kind: AxisKind::Integer { default: 48, low: 2, high: 100_000, step: 1 },
            },
            Axis {
                name: "atr_window",
                about: "candles of the average true range",
                kind: AxisKind::Integer { default: 14, low: 2, high: 100_000, step: 1 },
            },
            Axis {
                name: "atr_multiple",
                about: "distance of the trailing stop in average true ranges",
                kind: AxisKind::Decimal { default: "3", low: "0.1", high: "100", step: "0.5" },
            },
            Axis {
                name: "fraction",
                about: "share of the desk's capital per position",
                kind: AxisKind::Decimal { default: "0.3", low: "0.01", high: "1", step: "0.05" },
            },
        ]
    }
}

impl Strategy for Breakout {
    const NAME: &'static str = "breakout";
    const ABOUT: &'static str =
        "Buys a close above the rolling high; a stop trails by a multiple of the average range.";
    type Params = BreakoutParams;

    fn new(params: &Self::Params, setup: &mut Setup<'_>) -> Result<Self, SetupError> {
        let mut lanes = Vec::new();
        for instrument in setup.symbols().iter().copied() {
            let series = setup.follow(instrument, setup.interval());
            let high = setup.indicator(series, Spec::RollingHigh { window: params.window })?;
            let range = setup.indicator(series, Spec::Atr { window: params.atr_window })?;
            let decimals = setup.instrument(instrument).price_decimals;
            lanes.push(Lane { series, instrument, high, range, high_before: None, stop: None, decimals });
        }
        // The high before the candle that breaks it needs one candle more.
        setup.warm_up(params.window + 1);
        let fraction = Rate::from_decimal(params.fraction);
        Ok(Breakout {
            lanes,
            multiple: params.atr_multiple.to_f64().unwrap_or(f64::NAN),
            fraction: fraction.ok_or_else(|| SetupError("fraction has too many decimals".into()))?,
            enter: setup.tag("breakout"),
            stop: setup.tag("trailing-stop"),
        })
    }

    fn on_candles(&mut self, context: &mut Context<'_>, closed: &[SeriesId]) {
        for lane in &mut self.lanes {
            if !closed.contains(&lane.series) {
                continue;
            }
            let high_before = std::mem::replace(&mut lane.high_before, context.value(lane.high));
            let (Some(candle), Some(range)) = (context.candle(lane.series), context.value(lane.range)) else {
                continue;
            };
            let held = context.position(lane.instrument);
            let tick = context.instrument(lane.instrument).filters_at(context.now()).tick.units();
            let close = candle.close.to_f64(lane.decimals);
            // Rounded down to the tick: a stop never protects less than was asked for by more than a tick.
            let level = (close - range * self.multiple) / Price::from_units(1).to_f64(lane.decimals);
            let level = Price::from_units((level as i64).div_euclid(tick) * tick);
            if held.units() > 0 {
                trail(context, lane, held, level, self.stop);
                continue;
            }
            let broke = high_before.is_some_and(|high| close > high);
            if broke && context.orders().iter().all(|open| open.order.instrument != lane.instrument) {
                let Ok(quantity) = context.affordable(lane.instrument, self.fraction) else { continue };
                if !quantity.is_zero() {
                    // A refusal is counted by the desk; the next breakout is the next chance.
                    let _ = context.submit(Ticket::market(lane.instrument, Side::Buy, quantity).tag(self.enter));
                }
            }
        }
    }

    fn on_update(&mut self, _context: &mut Context<'_>, update: &OrderUpdate) {
        let Some(lane) = self.lanes.iter_mut().find(|lane| lane.stop == Some(update.order)) else { return };
        let gone = match update.kind {
            UpdateKind::Filled(fill) => fill.leaves.is_zero(),
            UpdateKind::Cancelled(_) | UpdateKind::Expired | UpdateKind::Rejected(_) => true,
            UpdateKind::Accepted
            | UpdateKind::Held
            | UpdateKind::Released { .. }
            | UpdateKind::Triggered
            | UpdateKind::CancelRejected
            | UpdateKind::Replaced(_)
            | UpdateKind::ReplaceRejected(_) => false,
        };
        if gone {
            lane.stop = None;
        }
    }
}

/// Keeps one stop under the position and raises it, never lowers it.
fn trail(context: &mut Context<'_>, lane: &mut Lane, held: Quantity, level: Price, tag: Tag) {
    if level.units() <= 0 {
        return;
    }
    let lot = context.instrument(lane.instrument).filters_at(context.now()).lot;
    let quantity = held.floor_to(lot);
    let open = lane.stop.and_then(|stop| context.orders().iter().find(|open| open.order.id == stop).copied());
    match open {
        None => {
            if !quantity.is_zero() {
                let ticket = Ticket::stop(lane.instrument, Side::Sell, quantity, level).reduce_only().tag(tag);
                lane.stop = context.submit(ticket).ok();
            }
        }
        Some(open) => {
            let OrderKind::StopMarket { trigger } = open.order.kind else { return };
            let wanted = Quantity::from_units(open.filled.units() + quantity.units());
            if level > trigger || wanted != open.order.quantity {
                let terms = Terms { kind: OrderKind::StopMarket { trigger: trigger.max(level) }, quantity: wanted };
                // Refused terms leave the old stop where it is.
                let _ = context.replace(open.order.id, terms);
            }
        }
    }
}
