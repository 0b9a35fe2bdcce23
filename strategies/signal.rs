//! Follows a series from outside: a model's signals, made anywhere, traded here.

use crate::domain::{InstrumentId, InstrumentKind, Quantity, Rate, SeriesId, Tag};
use crate::strategy::{Axis, AxisKind, Context, Params, Setup, SetupError, Slot, Strategy};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::{Deserialize, Serialize};

/// Long while the signal is above the threshold, short (if it may be) while it is below the negative threshold, else
/// flat. A signal that is unknown is no reason to hold anything.
#[derive(Debug)]
pub struct Signal {
    lanes: Vec<Lane>,
    threshold: f64,
    shorts: Shorts,
    fraction: Rate,
    enter_long: Tag,
    enter_short: Tag,
    exit: Tag,
}

/// One symbol and what the signal last asked for.
#[derive(Debug)]
struct Lane {
    series: SeriesId,
    instrument: InstrumentId,
    signal: Slot,
    stand: Stand,
    /// Whether the stand's order is still to be sent, because an older position must be closed first.
    owed: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stand {
    Long,
    Flat,
    Short,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shorts {
    Allowed,
    Never,
}

/// Parameters of [`Signal`].
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignalParams {
    /// The series followed.
    pub series: String,
    /// How far from zero the signal counts.
    pub threshold: Decimal,
    /// Which sides it may take.
    pub sides: String,
    /// Share of the desk's capital per position.
    pub fraction: Decimal,
}

impl Params for SignalParams {
    fn axes() -> &'static [Axis] {
        &[
            Axis {
                name: "series",
                about: "the series whose sign is followed, see docs/series.md",
                kind: AxisKind::Series,
            },
            Axis {
                name: "threshold",
                about: "long above it, short below its negative, flat between and where the series says nothing",
                kind: AxisKind::Decimal { default: "0", low: "0", high: "1000000000", step: "0.1" },
            },
            Axis {
                name: "sides",
                about: "long: flat instead of short; both: short as well, which spot cannot be",
                kind: AxisKind::Choice { default: "long", choices: &["long", "both"] },
            },
            Axis {
                name: "fraction",
                about: "share of the desk's capital per position",
                kind: AxisKind::Decimal { default: "0.95", low: "0.01", high: "1", step: "0.05" },
            },
        ]
    }
}

impl Strategy for Signal {
    const NAME: &'static str = "signal";
    const ABOUT: &'static str = "Follows the sign of a series from outside: a model's signals.";
    type Params = SignalParams;

    fn new(params: &Self::Params, setup: &mut Setup<'_>) -> Result<Self, SetupError> {
        let shorts = if params.sides == "both" { Shorts::Allowed } else { Shorts::Never };
        let mut lanes = Vec::new();
        for instrument in setup.symbols().iter().copied() {
            let of = setup.instrument(instrument);
            if shorts == Shorts::Allowed && of.kind == InstrumentKind::Spot {
                let symbol = &of.symbol;
                return Err(SetupError(format!("{symbol} is spot and cannot be short: set sides = \"long\"")));
            }
            let series = setup.follow(instrument, setup.interval());
            let signal = setup.outside(series, &params.series)?;
            lanes.push(Lane { series, instrument, signal, stand: Stand::Flat, owed: false });
        }
        let unfit = |name: &str| SetupError(format!("{name} has too many digits"));
        Ok(Signal {
            lanes,
            threshold: params.threshold.to_f64().ok_or_else(|| unfit("threshold"))?,
            shorts,
            fraction: Rate::from_decimal(params.fraction).ok_or_else(|| unfit("fraction"))?,
            enter_long: setup.tag("signal-long"),
            enter_short: setup.tag("signal-short"),
            exit: setup.tag("signal-exit"),
        })
    }

    fn on_candles(&mut self, context: &mut Context<'_>, closed: &[SeriesId]) {
        for lane in &mut self.lanes {
            if !closed.contains(&lane.series) {
                continue;
            }
            let stand = stand(context.value(lane.signal), self.threshold, self.shorts);
            let changed = stand != lane.stand;
            if !changed && !lane.owed {
                continue;
            }
            lane.stand = stand;
            lane.owed = stand != Stand::Flat;
            if changed {
                // Nothing is sent when there is nothing to close. A refusal is counted by the desk.
                let _ = context.target(lane.instrument, Quantity::ZERO, self.exit);
            }
            let waits = context.orders().iter().any(|open| open.order.instrument == lane.instrument);
            if !lane.owed || waits || !context.holds(lane.instrument).is_zero() {
                continue;
            }
            // Where the worth leaves the exact integers, nothing is bought.
            let Ok(quantity) = context.affordable(lane.instrument, self.fraction) else { continue };
            let (quantity, tag) = match stand {
                Stand::Long => (quantity, self.enter_long),
                Stand::Short => (quantity.negated(), self.enter_short),
                Stand::Flat => continue,
            };
            lane.owed = false;
            let _ = context.target(lane.instrument, quantity, tag);
        }
    }
}

fn stand(signal: Option<f64>, threshold: f64, shorts: Shorts) -> Stand {
    match signal {
        Some(signal) if signal > threshold => Stand::Long,
        Some(signal) if signal < -threshold && shorts == Shorts::Allowed => Stand::Short,
        Some(_) | None => Stand::Flat,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sign_beyond_the_threshold_decides() {
        let stands = |threshold, shorts| {
            [Some(0.6), Some(0.5), Some(0.0), Some(-0.5), Some(-0.6), None]
                .map(|signal| stand(signal, threshold, shorts))
        };
        use Stand::{Flat, Long, Short};
        assert_eq!(stands(0.5, Shorts::Allowed), [Long, Flat, Flat, Flat, Short, Flat]);
        assert_eq!(stands(0.5, Shorts::Never), [Long, Flat, Flat, Flat, Flat, Flat]);
        assert_eq!(stands(0.0, Shorts::Allowed), [Long, Long, Flat, Short, Short, Flat]);
    }
}
