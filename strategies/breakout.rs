//! Breakout: buys a new high of the Donchian channel; a trailing stop follows the price at a distance of so many average
//! ranges.

use crate::domain::{InstrumentId, OrderKind, Price, Rate, SeriesId, Side, Tag, Trail};
use crate::indicator::{Band, Spec};
use crate::strategy::{Axis, AxisKind, BracketTicket, Context, Params, Setup, SetupError, Slot, Strategy, Ticket};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::{Deserialize, Serialize};

/// Buys when a candle closes above the channel of the candles before it. The entry brings its trailing stop along, which
/// the exchange moves; nothing else sells.
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
    /// The channel's upper edge one candle ago: the present one includes the present candle.
    high_before: Option<f64>,
    decimals: u8,
}

/// Parameters of [`Breakout`].
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BreakoutParams {
    /// Candles of the channel whose upper edge has to be passed.
    pub window: u32,
    /// Candles of the average true range.
    pub atr_window: u32,
    /// Distance of the trailing stop in average true ranges at the decision.
    pub atr_multiple: Decimal,
    /// Share of the desk's capital per position.
    pub fraction: Decimal,
}

impl Params for BreakoutParams {
    fn axes() -> &'static [Axis] {
        &[
            Axis {
                name: "window",
                about: "candles of the Donchian channel whose upper edge has to be passed",
                kind: AxisKind::Integer { default: 48, low: 2, high: 100_000, step: 1 },
            },
            Axis {
                name: "atr_window",
                about: "candles of the average true range",
                kind: AxisKind::Integer { default: 14, low: 2, high: 100_000, step: 1 },
            },
            Axis {
                name: "atr_multiple",
                about: "distance of the trailing stop in average true ranges at the decision",
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
        "Buys a close above the Donchian channel; a stop trails by a multiple of the average range.";
    type Params = BreakoutParams;

    fn new(params: &Self::Params, setup: &mut Setup<'_>) -> Result<Self, SetupError> {
        let mut lanes = Vec::new();
        for instrument in setup.symbols().iter().copied() {
            let series = setup.follow(instrument, setup.interval());
            let high = setup.indicator(series, Spec::Donchian { window: params.window, band: Band::Upper })?;
            let range = setup.settled_indicator(series, Spec::Atr { window: params.atr_window })?;
            let decimals = setup.instrument(instrument).price_decimals;
            lanes.push(Lane { series, instrument, high, range, high_before: None, decimals });
        }
        // A breakout is seen against the channel of the close before.
        setup.known_before(1);
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
            let (Some(close), Some(high_before)) = (context.close(lane.series), high_before) else { continue };
            if close.to_f64(lane.decimals) <= high_before
                || !context.is_tradable()
                || context.orders().iter().any(|open| open.order.instrument == lane.instrument)
            {
                continue;
            }
            let Some(range) = context.value(lane.range) else { continue };
            let filters = context.instrument(lane.instrument).filters_at(context.now());
            let (tick, lot) = (filters.tick, filters.lot);
            // Less than a lot cannot be sold: what a fee in the base asset leaves over is no position.
            if context.position(lane.instrument).units() >= lot.units().max(1) {
                continue;
            }
            let Ok(quantity) = context.affordable(lane.instrument, self.fraction) else { continue };
            if quantity.is_zero() {
                continue;
            }
            let trail = Trail::Distance(distance(range * self.multiple, tick, lane.decimals));
            let entry = Ticket::market(lane.instrument, Side::Buy, quantity).tag(self.enter);
            let stop = Some((OrderKind::TrailingStop { trail }, self.stop));
            // A refusal is counted by the desk; the next breakout is the next chance.
            let _ = context.bracket(BracketTicket { entry, stop, target: None });
        }
    }
}

/// A distance in whole ticks, at least one; rounded down, so that the stop is no looser than asked for.
fn distance(wanted: f64, tick: Price, decimals: u8) -> Price {
    let tick = tick.units().max(1);
    let units = (wanted / Price::from_units(1).to_f64(decimals)) as i64;
    Price::from_units((units.div_euclid(tick) * tick).max(tick))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_distance_is_a_whole_number_of_ticks_and_never_zero() {
        let units = |wanted, tick| distance(wanted, Price::from_units(tick), 2).units();
        assert_eq!([units(12.34, 1), units(12.34, 10), units(12.34, 100)], [1_234, 1_230, 1_200]);
        assert_eq!([units(0.0, 5), units(0.049, 5), units(f64::NAN, 5)], [5, 5, 5]);
    }
}
