//! Reversion to the volume-weighted average price: buys what has strayed below it while the market has no trend.

use crate::domain::{InstrumentId, InstrumentKind, Quantity, Rate, SeriesId, Side, Tag};
use crate::indicator::{Band, DirectionalLine, Spec};
use crate::strategy::{Axis, AxisKind, Context, Params, Setup, SetupError, Slot, Strategy};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::{Deserialize, Serialize};

/// Enters when a candle closes beyond a band around the average, leaves when one closes back at the average. No entry
/// while the directional index says that there is a trend; out at once when the market has become much wilder than it
/// was at the entry.
#[derive(Debug)]
pub struct VwapReversion {
    lanes: Vec<Lane>,
    adx_limit: f64,
    volatility_exit: f64,
    sides: Sides,
    fraction: Rate,
    tags: Tags,
}

/// One symbol's indicators and where it stood last.
#[derive(Debug)]
struct Lane {
    series: SeriesId,
    instrument: InstrumentId,
    lower: Slot,
    middle: Slot,
    upper: Slot,
    adx: Slot,
    range: Slot,
    decimals: u8,
    /// Where the last close lay: an excursion is one chance, at the close that begins it.
    place: Option<Place>,
    /// The average true range when the position was decided.
    range_at_entry: f64,
}

#[derive(Debug)]
struct Tags {
    long: Tag,
    short: Tag,
    reverted: Tag,
    volatility: Tag,
}

/// Where a close lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// Beyond the lower band.
    Below,
    /// On a band or between them.
    Inside,
    /// Beyond the upper band.
    Above,
}

/// Which sides the strategy may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sides {
    Long,
    Both,
}

/// Why a position is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Leave {
    Reverted,
    Volatility,
}

/// What the indicators say of one close.
#[derive(Clone, Copy, Debug)]
struct Reading {
    close: f64,
    lower: f64,
    middle: f64,
    upper: f64,
    adx: f64,
    range: f64,
}

/// Parameters of [`VwapReversion`].
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VwapReversionParams {
    /// Since when the average counts.
    pub anchor: String,
    /// Candles of the average, for the rolling anchor.
    pub window: u32,
    /// How many volume-weighted standard deviations the bands lie from the average.
    pub width: Decimal,
    /// Candles of the average directional index.
    pub adx_window: u32,
    /// The index below which the market counts as sideways.
    pub adx_limit: Decimal,
    /// Candles of the average true range.
    pub atr_window: u32,
    /// The position is left when the average true range has grown to this multiple of what it was at the entry.
    pub volatility_exit: Decimal,
    /// Which sides it may take.
    pub sides: String,
    /// Share of the desk's capital per position.
    pub fraction: Decimal,
}

impl Params for VwapReversionParams {
    fn axes() -> &'static [Axis] {
        &[
            Axis {
                name: "anchor",
                about: "rolling: the average of `window` candles; session: since UTC midnight",
                kind: AxisKind::Choice { default: "rolling", choices: &["rolling", "session"] },
            },
            Axis {
                name: "window",
                about: "candles of the rolling average",
                kind: AxisKind::Integer { default: 96, low: 2, high: 100_000, step: 8 },
            },
            Axis {
                name: "width",
                about: "volume-weighted standard deviations from the average to a band",
                kind: AxisKind::Decimal { default: "2", low: "0.1", high: "10", step: "0.25" },
            },
            Axis {
                name: "adx_window",
                about: "candles of the average directional index",
                kind: AxisKind::Integer { default: 14, low: 2, high: 100_000, step: 1 },
            },
            Axis {
                name: "adx_limit",
                about: "entries only while the index is below it: a market without a trend",
                kind: AxisKind::Decimal { default: "25", low: "1", high: "100", step: "1" },
            },
            Axis {
                name: "atr_window",
                about: "candles of the average true range",
                kind: AxisKind::Integer { default: 14, low: 2, high: 100_000, step: 1 },
            },
            Axis {
                name: "volatility_exit",
                about: "out when the range is at least this multiple of what it was at the entry",
                kind: AxisKind::Decimal { default: "2", low: "1.05", high: "100", step: "0.25" },
            },
            Axis {
                name: "sides",
                about: "long: buys below the average only; both: sells short above it as well, which spot cannot",
                kind: AxisKind::Choice { default: "long", choices: &["long", "both"] },
            },
            Axis {
                name: "fraction",
                about: "share of the desk's capital per position",
                kind: AxisKind::Decimal { default: "0.3", low: "0.01", high: "1", step: "0.05" },
            },
        ]
    }
}

impl Strategy for VwapReversion {
    const NAME: &'static str = "vwap_reversion";
    const ABOUT: &'static str = "Buys below a band around the VWAP of a trendless market, sells at the VWAP.";
    type Params = VwapReversionParams;

    fn new(params: &Self::Params, setup: &mut Setup<'_>) -> Result<Self, SetupError> {
        let unfit = |name: &str| SetupError(format!("{name} has too many digits"));
        let width = Rate::from_decimal(params.width).ok_or_else(|| unfit("width"))?;
        let vwap = |band| match params.anchor.as_str() {
            "session" => Spec::SessionVwap { width, band },
            _ => Spec::RollingVwap { window: params.window, width, band },
        };
        let sides = if params.sides == "both" { Sides::Both } else { Sides::Long };
        let mut lanes = Vec::new();
        for instrument in setup.symbols().iter().copied() {
            let of = setup.instrument(instrument);
            if sides == Sides::Both && of.kind == InstrumentKind::Spot {
                let symbol = &of.symbol;
                return Err(SetupError(format!("{symbol} is spot and cannot be short: set sides = \"long\"")));
            }
            let series = setup.follow(instrument, setup.interval());
            let adx = Spec::Directional { window: params.adx_window, line: DirectionalLine::Adx };
            lanes.push(Lane {
                series,
                instrument,
                lower: setup.indicator(series, vwap(Band::Lower))?,
                middle: setup.indicator(series, vwap(Band::Middle))?,
                upper: setup.indicator(series, vwap(Band::Upper))?,
                adx: setup.settled_indicator(series, adx)?,
                range: setup.settled_indicator(series, Spec::Atr { window: params.atr_window })?,
                decimals: of.price_decimals,
                place: None,
                range_at_entry: f64::INFINITY,
            });
        }
        // Whether an excursion is new is seen against the close before.
        setup.known_before(1);
        Ok(VwapReversion {
            lanes,
            adx_limit: params.adx_limit.to_f64().ok_or_else(|| unfit("adx_limit"))?,
            volatility_exit: params.volatility_exit.to_f64().ok_or_else(|| unfit("volatility_exit"))?,
            sides,
            fraction: Rate::from_decimal(params.fraction).ok_or_else(|| unfit("fraction"))?,
            tags: Tags {
                long: setup.tag("below-band"),
                short: setup.tag("above-band"),
                reverted: setup.tag("at-vwap"),
                volatility: setup.tag("volatility-exit"),
            },
        })
    }

    fn on_candles(&mut self, context: &mut Context<'_>, closed: &[SeriesId]) {
        for lane in self.lanes.iter_mut().filter(|lane| closed.contains(&lane.series)) {
            let reading = lane.read(context);
            let before = std::mem::replace(&mut lane.place, reading.map(Reading::place));
            let Some(reading) = reading.filter(|_| context.is_tradable()) else { continue };
            let held = context.holds(lane.instrument);
            let leaves = reading.leaves(held, reading.range >= lane.range_at_entry * self.volatility_exit);
            let open = context.orders().iter().find(|open| open.order.instrument == lane.instrument);
            if let Some(open) = open {
                // What is still being entered is called off; what has filled by then is left at a later candle.
                let (id, enters) = (open.order.id, open.order.side == side_of(held));
                if leaves.is_some() && enters {
                    let _ = context.cancel(id);
                }
                continue;
            }
            if let Some(leave) = leaves {
                let tag = match leave {
                    Leave::Reverted => self.tags.reverted,
                    Leave::Volatility => self.tags.volatility,
                };
                // A refusal is counted by the desk; the reason to leave is looked at again at the next candle.
                let _ = context.target(lane.instrument, Quantity::ZERO, tag);
                continue;
            }
            let Some(side) = reading.enters(before, self.adx_limit, self.sides).filter(|_| held.is_zero()) else {
                continue;
            };
            let Ok(quantity) = context.affordable(lane.instrument, self.fraction) else { continue };
            lane.range_at_entry = reading.range;
            let tag = if side == Side::Buy { self.tags.long } else { self.tags.short };
            let _ = context.target(lane.instrument, side.signed(quantity), tag);
        }
    }
}

impl Lane {
    fn read(&self, context: &Context<'_>) -> Option<Reading> {
        Some(Reading {
            close: context.close(self.series)?.to_f64(self.decimals),
            lower: context.value(self.lower)?,
            middle: context.value(self.middle)?,
            upper: context.value(self.upper)?,
            adx: context.value(self.adx)?,
            range: context.value(self.range)?,
        })
    }
}

impl Reading {
    fn place(self) -> Place {
        if self.close < self.lower {
            Place::Below
        } else if self.close > self.upper {
            Place::Above
        } else {
            Place::Inside
        }
    }

    /// Which side to take, if this close has just passed a band of a market without a trend.
    fn enters(self, before: Option<Place>, adx_limit: f64, sides: Sides) -> Option<Side> {
        let place = self.place();
        if before.is_none_or(|before| before == place) || self.adx >= adx_limit {
            return None;
        }
        match (place, sides) {
            (Place::Below, _) => Some(Side::Buy),
            (Place::Above, Sides::Both) => Some(Side::Sell),
            (Place::Above, Sides::Long) | (Place::Inside, _) => None,
        }
    }

    /// Whether to leave a position, and why. Safety comes first.
    fn leaves(self, held: Quantity, is_wild: bool) -> Option<Leave> {
        let back = match held.units().signum() {
            1 => self.close >= self.middle,
            -1 => self.close <= self.middle,
            _ => return None,
        };
        match (is_wild, back) {
            (true, _) => Some(Leave::Volatility),
            (false, true) => Some(Leave::Reverted),
            (false, false) => None,
        }
    }
}

/// The side that a position was entered on.
fn side_of(held: Quantity) -> Side {
    if held.units() < 0 { Side::Sell } else { Side::Buy }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(close: f64) -> Reading {
        Reading { close, lower: 98.0, middle: 100.0, upper: 102.0, adx: 20.0, range: 1.0 }
    }

    #[test]
    fn the_close_that_passes_a_band_enters_and_the_next_one_does_not() {
        let enters = |before, close, sides| at(close).enters(before, 25.0, sides);
        let inside = Some(Place::Inside);
        assert_eq!(enters(inside, 97.9, Sides::Long), Some(Side::Buy));
        assert_eq!(enters(Some(Place::Above), 97.9, Sides::Long), Some(Side::Buy));
        assert_eq!(enters(Some(Place::Below), 97.9, Sides::Long), None);
        assert_eq!(enters(None, 97.9, Sides::Long), None, "what was before is not known");
        assert_eq!(enters(inside, 98.0, Sides::Long), None, "on the band is not beyond it");
        assert_eq!(enters(inside, 102.1, Sides::Long), None);
        assert_eq!(enters(inside, 102.1, Sides::Both), Some(Side::Sell));
    }

    #[test]
    fn a_market_with_a_trend_is_left_alone() {
        let enters = |adx| Reading { adx, ..at(97.0) }.enters(Some(Place::Inside), 25.0, Sides::Both);
        assert_eq!([enters(24.9), enters(25.0), enters(60.0)], [Some(Side::Buy), None, None]);
    }

    #[test]
    fn a_position_is_left_at_the_average_or_when_the_market_goes_wild() {
        let (long, short) = (Quantity::from_units(5), Quantity::from_units(-5));
        let leaves = |held, close, is_wild| at(close).leaves(held, is_wild);
        assert_eq!([leaves(long, 99.9, false), leaves(long, 100.0, false)], [None, Some(Leave::Reverted)]);
        assert_eq!([leaves(short, 100.1, false), leaves(short, 100.0, false)], [None, Some(Leave::Reverted)]);
        assert_eq!([leaves(long, 90.0, true), leaves(long, 101.0, true)], [Some(Leave::Volatility); 2]);
        assert_eq!(leaves(Quantity::ZERO, 100.0, true), None);
    }
}
