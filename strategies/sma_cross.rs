//! The moving-average crossover: long while the fast average is above the slow one.

use crate::domain::{InstrumentId, Quantity, Rate, SeriesId, Tag};
use crate::indicator::Spec;
use crate::strategy::{Axis, AxisKind, Context, Params, Setup, SetupError, Slot, Strategy, Wake};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// Buys when the fast average crosses above the slow one, sells when it crosses below.
#[derive(Debug)]
pub struct SmaCross {
    lanes: Vec<Lane>,
    sizing: Sizing,
    enter: Tag,
    exit: Tag,
}

/// One symbol's averages and where they stood last.
#[derive(Debug)]
struct Lane {
    series: SeriesId,
    instrument: InstrumentId,
    fast: Slot,
    slow: Slot,
    stand: Stand,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stand {
    Unknown,
    Above,
    Below,
}

#[derive(Debug)]
enum Sizing {
    /// By instrument: always this much.
    Fixed(Vec<Quantity>),
    /// This share of the capital.
    Equity(Rate),
}

/// Parameters of [`SmaCross`].
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SmaCrossParams {
    /// Candles of the fast average.
    pub fast: u32,
    /// Candles of the slow average.
    pub slow: u32,
    /// How the size of an order is found.
    pub sizing: String,
    /// Quantity of an order in base asset, for fixed sizing.
    pub quantity: Decimal,
    /// Share of the desk's capital per position, for sizing by equity.
    pub fraction: Decimal,
}

impl Params for SmaCrossParams {
    fn axes() -> &'static [Axis] {
        &[
            Axis {
                name: "fast",
                about: "candles of the fast average",
                kind: AxisKind::Integer { default: 10, low: 2, high: 100_000, step: 1 },
            },
            Axis {
                name: "slow",
                about: "candles of the slow average, above fast",
                kind: AxisKind::Integer { default: 50, low: 3, high: 200_000, step: 1 },
            },
            Axis {
                name: "sizing",
                about: "fixed: always `quantity`; equity: `fraction` of the desk's capital",
                kind: AxisKind::Choice { default: "equity", choices: &["fixed", "equity"] },
            },
            Axis {
                name: "quantity",
                about: "base quantity of an order under fixed sizing",
                kind: AxisKind::Decimal { default: "0.01", low: "0.00000001", high: "1000000000", step: "0.01" },
            },
            Axis {
                name: "fraction",
                about: "share of the desk's capital per position under sizing by equity",
                kind: AxisKind::Decimal { default: "0.95", low: "0.01", high: "1", step: "0.05" },
            },
        ]
    }

    fn check(&self) -> Result<(), String> {
        if self.fast < self.slow {
            Ok(())
        } else {
            Err(format!("fast ({}) must be below slow ({})", self.fast, self.slow))
        }
    }
}

impl Strategy for SmaCross {
    const NAME: &'static str = "sma_cross";
    const ABOUT: &'static str = "Long while a fast moving average is above a slow one.";
    type Params = SmaCrossParams;

    fn new(params: &Self::Params, setup: &mut Setup<'_>) -> Result<Self, SetupError> {
        let mut lanes = Vec::new();
        let mut quantities = Vec::new();
        for instrument in setup.symbols().iter().copied() {
            let series = setup.follow(instrument, setup.interval());
            let fast = setup.indicator(series, Spec::Sma { window: params.fast })?;
            let slow = setup.indicator(series, Spec::Sma { window: params.slow })?;
            lanes.push(Lane { series, instrument, fast, slow, stand: Stand::Unknown });
            let of = setup.instrument(instrument);
            let quantity = Quantity::from_decimal(params.quantity, of.quantity_decimals);
            quantities.push(quantity.ok_or_else(|| {
                SetupError(format!(
                    "quantity {} has more decimals than {} trades in ({})",
                    params.quantity, of.symbol, of.quantity_decimals
                ))
            }));
        }
        // A crossing is seen against the close before.
        setup.known_before(1);
        let sizing = match params.sizing.as_str() {
            "fixed" => Sizing::Fixed(quantities.into_iter().collect::<Result<_, _>>()?),
            _ => Sizing::Equity(
                Rate::from_decimal(params.fraction)
                    .ok_or_else(|| SetupError("fraction has too many decimals".into()))?,
            ),
        };
        Ok(SmaCross { lanes, sizing, enter: setup.tag("cross-above"), exit: setup.tag("cross-below") })
    }

    fn on_candles(&mut self, context: &mut Context<'_>, closed: &[SeriesId]) {
        for (index, lane) in self.lanes.iter_mut().enumerate() {
            if !closed.contains(&lane.series) {
                continue;
            }
            let (Some(fast), Some(slow)) = (context.value(lane.fast), context.value(lane.slow)) else { continue };
            let stand = if fast > slow { Stand::Above } else { Stand::Below };
            if stand == lane.stand {
                continue;
            }
            let before = std::mem::replace(&mut lane.stand, stand);
            match (before, stand) {
                (Stand::Below, Stand::Above) => {
                    let quantity = match &self.sizing {
                        Sizing::Fixed(quantities) => quantities[index],
                        Sizing::Equity(fraction) => match context.affordable(lane.instrument, *fraction) {
                            Ok(quantity) => quantity,
                            Err(_) => continue,
                        },
                    };
                    // A refusal is counted by the desk; the next cross is the next chance.
                    let _ = context.target(lane.instrument, quantity, self.enter);
                }
                (Stand::Above, Stand::Below) => {
                    let _ = context.target(lane.instrument, Quantity::ZERO, self.exit);
                }
                (Stand::Unknown | Stand::Above | Stand::Below, _) => {}
            }
        }
    }
    /// Until the averages cross, nothing is decided. With several symbols any of them may.
    #[inline]
    fn wake(&self) -> Wake {
        match self.lanes.as_slice() {
            [Lane { fast, slow, stand: Stand::Below, .. }] => Wake::Above(*fast, *slow),
            [Lane { fast, slow, stand: Stand::Above, .. }] => Wake::NotAbove(*fast, *slow),
            _ => Wake::EveryCandle,
        }
    }
}
