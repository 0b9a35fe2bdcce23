//! A score of several opinions: RSI, a moving average and the MACD vote, and the position follows their weighted mean.

use crate::domain::{InstrumentId, InstrumentKind, Quantity, Rate, SeriesId, Side, Span, Tag, Timestamp};
use crate::indicator::{MacdLine, Spec};
use crate::strategy::{Axis, AxisKind, Context, Params, Setup, SetupError, Slot, Strategy, Ticket};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::{Deserialize, Serialize};

/// Builds a position tranche by tranche while the score is high, and leaves it when the score has come down. It acts
/// only on what has lasted for the time of confirmation, and adds nothing within the cooldown. The score's temperature
/// is in the name of every order.
#[derive(Debug)]
pub struct SignalScore {
    lanes: Vec<Lane>,
    weights: [f64; 3],
    bounds: Bounds,
    confirm: Span,
    cooldown: Span,
    /// The share of the capital of each tranche, in order.
    tranches: Vec<Rate>,
    tags: [Tags; 5],
}

/// One symbol's indicators and what the score has called for so far.
#[derive(Debug)]
struct Lane {
    series: SeriesId,
    instrument: InstrumentId,
    rsi: Slot,
    average: Slot,
    macd: Slot,
    range: Slot,
    decimals: u8,
    call: Call,
    /// The close that first called for it.
    since: Timestamp,
    /// Tranches sent of the position that is being built.
    built: usize,
    /// When the last order was decided.
    ordered: Option<Timestamp>,
}

/// What a score calls for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Call {
    /// Nothing.
    Keep,
    /// To open or enlarge a position on this side.
    Enter(Side),
    /// To close the position.
    Leave,
}

/// The scores that call for something, for a long position; a short one is the mirror image.
#[derive(Clone, Copy, Debug)]
struct Bounds {
    enter: f64,
    exit: f64,
    sides: Sides,
}

/// Which sides the strategy may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sides {
    Long,
    Both,
}

/// The band that a score lies in, from falling to rising.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Temperature {
    /// From -1 to -0.6.
    Cold,
    /// Above that, to -0.2.
    Cool,
    /// Between -0.2 and 0.2.
    Neutral,
    /// From 0.2, below 0.6.
    Warm,
    /// From 0.6 to 1.
    Hot,
}

/// The names of orders at one temperature.
#[derive(Clone, Copy, Debug)]
struct Tags {
    enter: Tag,
    add: Tag,
    exit: Tag,
}

/// What the indicators say of one close.
#[derive(Clone, Copy, Debug)]
struct Reading {
    close: f64,
    rsi: f64,
    average: f64,
    macd: f64,
    range: f64,
}

/// Parameters of [`SignalScore`].
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignalScoreParams {
    /// Candles of the relative strength index.
    pub rsi_window: u32,
    /// Candles of the simple moving average.
    pub average_window: u32,
    /// Candles of the fast average of the MACD.
    pub macd_fast: u32,
    /// Candles of its slow average.
    pub macd_slow: u32,
    /// Candles of its signal.
    pub macd_signal: u32,
    /// Candles of the average true range, in which distances are measured.
    pub atr_window: u32,
    /// Weight of the vote of the relative strength index; below zero it is read the other way.
    pub rsi_weight: Decimal,
    /// Weight of the vote of the moving average.
    pub average_weight: Decimal,
    /// Weight of the vote of the MACD.
    pub macd_weight: Decimal,
    /// Score from which on a position is built.
    pub enter: Decimal,
    /// Score down to which it is held.
    pub exit: Decimal,
    /// How long a score has to call for the same before it is followed, in minutes.
    pub confirm_minutes: u32,
    /// How long after an order no position is opened or enlarged, in minutes.
    pub cooldown_minutes: u32,
    /// In how many orders a position is built.
    pub tranches: u32,
    /// How the tranches' sizes go.
    pub tranche_sizes: String,
    /// Which sides it may take.
    pub sides: String,
    /// Share of the desk's capital in a whole position.
    pub fraction: Decimal,
}

const fn window(name: &'static str, about: &'static str, default: i64) -> Axis {
    Axis { name, about, kind: AxisKind::Integer { default, low: 2, high: 100_000, step: 1 } }
}

const fn weight(name: &'static str, about: &'static str) -> Axis {
    Axis { name, about, kind: AxisKind::Decimal { default: "1", low: "-10", high: "10", step: "0.5" } }
}

const fn minutes(name: &'static str, about: &'static str, default: i64) -> Axis {
    Axis { name, about, kind: AxisKind::Integer { default, low: 0, high: 525_600, step: 60 } }
}

const fn decimal(name: &'static str, about: &'static str, [default, low, high]: [&'static str; 3]) -> Axis {
    Axis { name, about, kind: AxisKind::Decimal { default, low, high, step: "0.05" } }
}

impl Params for SignalScoreParams {
    fn axes() -> &'static [Axis] {
        const {
            &[
                window("rsi_window", "candles of the RSI", 14),
                window("average_window", "candles of the simple moving average", 50),
                window("macd_fast", "candles of the fast average of the MACD", 12),
                window("macd_slow", "candles of its slow average, above macd_fast", 26),
                window("macd_signal", "candles of its signal", 9),
                window("atr_window", "candles of the average true range, in which distances are measured", 14),
                weight("rsi_weight", "weight of the RSI's vote; below zero, a high RSI votes down"),
                weight("average_weight", "weight of the moving average's vote"),
                weight("macd_weight", "weight of the MACD's vote"),
                decimal("enter", "score from which on a position is built", ["0.4", "0.01", "1"]),
                decimal("exit", "score at or below which it is left, below enter", ["0", "-1", "0.99"]),
                minutes("confirm_minutes", "how long the score has to call for the same before it is followed", 60),
                minutes("cooldown_minutes", "how long after an order no position is opened or enlarged", 240),
                Axis {
                    name: "tranches",
                    about: "in how many orders a position is built",
                    kind: AxisKind::Integer { default: 3, low: 1, high: 10, step: 1 },
                },
                Axis {
                    name: "tranche_sizes",
                    about: "equal; pyramid_up: each larger than the one before (1, 2, 3, …); pyramid_down: smaller",
                    kind: AxisKind::Choice { default: "equal", choices: &["equal", "pyramid_up", "pyramid_down"] },
                },
                Axis {
                    name: "sides",
                    about: "long: flat instead of short; both: short as well, which spot cannot be",
                    kind: AxisKind::Choice { default: "long", choices: &["long", "both"] },
                },
                decimal("fraction", "share of the desk's capital in a whole position", ["0.6", "0.01", "1"]),
            ]
        }
    }

    fn check(&self) -> Result<(), String> {
        if self.macd_fast >= self.macd_slow {
            return Err(format!("macd_fast ({}) must be below macd_slow ({})", self.macd_fast, self.macd_slow));
        }
        if self.exit >= self.enter {
            return Err(format!("exit ({}) must be below enter ({})", self.exit, self.enter));
        }
        if [self.rsi_weight, self.average_weight, self.macd_weight].iter().all(Decimal::is_zero) {
            return Err("rsi_weight, average_weight and macd_weight are all zero: one of them must count".into());
        }
        Ok(())
    }
}

impl Strategy for SignalScore {
    const NAME: &'static str = "signal_score";
    const ABOUT: &'static str = "Follows a weighted score of RSI, moving average and MACD, in tranches.";
    type Params = SignalScoreParams;

    fn new(params: &Self::Params, setup: &mut Setup<'_>) -> Result<Self, SetupError> {
        let float = |name: &str, value: Decimal| {
            value.to_f64().ok_or_else(|| SetupError(format!("{name} has too many digits")))
        };
        let fraction = Rate::from_decimal(params.fraction);
        let fraction = fraction.ok_or_else(|| SetupError("fraction has too many decimals".into()))?;
        let sides = if params.sides == "both" { Sides::Both } else { Sides::Long };
        let mut lanes = Vec::new();
        for instrument in setup.symbols().iter().copied() {
            let of = setup.instrument(instrument);
            if sides == Sides::Both && of.kind == InstrumentKind::Spot {
                let symbol = &of.symbol;
                return Err(SetupError(format!("{symbol} is spot and cannot be short: set sides = \"long\"")));
            }
            lanes.push(Lane::new(params, instrument, of.price_decimals, setup)?);
        }
        let confirm = Span::MINUTE.times(params.confirm_minutes.into());
        // How long the score has called for the same is known once there has been one for so long.
        let closes = confirm.nanos().unsigned_abs().div_ceil(setup.interval().span().nanos().unsigned_abs());
        setup.known_before(u32::try_from(closes).unwrap_or(u32::MAX));
        Ok(SignalScore {
            lanes,
            weights: [
                float("rsi_weight", params.rsi_weight)?,
                float("average_weight", params.average_weight)?,
                float("macd_weight", params.macd_weight)?,
            ],
            bounds: Bounds { enter: float("enter", params.enter)?, exit: float("exit", params.exit)?, sides },
            confirm,
            cooldown: Span::MINUTE.times(params.cooldown_minutes.into()),
            tranches: tranches(fraction, params.tranches, &params.tranche_sizes),
            tags: Temperature::ALL.map(|temperature| {
                let mut tag = |action: &str| setup.tag(&format!("{action}-{}", temperature.name()));
                Tags { enter: tag("enter"), add: tag("add"), exit: tag("exit") }
            }),
        })
    }

    fn on_candles(&mut self, context: &mut Context<'_>, closed: &[SeriesId]) {
        let now = context.now();
        for lane in self.lanes.iter_mut().filter(|lane| closed.contains(&lane.series)) {
            let held = context.holds(lane.instrument);
            // Without a score there is nothing to follow, and what had begun to last has ended.
            let score = lane.read(context).map(|reading| reading.score(self.weights));
            let call = score.map_or(Call::Keep, |score| self.bounds.call(score, held));
            if call != lane.call {
                (lane.call, lane.since) = (call, now);
                if held.is_zero() {
                    lane.built = 0;
                }
            }
            if now.since(lane.since) < self.confirm || !context.is_tradable() {
                continue;
            }
            let tags = self.tags[score.map_or(Temperature::Neutral, Temperature::of) as usize];
            if let Some(open) = context.orders().iter().find(|open| open.order.instrument == lane.instrument) {
                // What is still being entered is called off; what has filled by then is left at a later candle.
                let (id, enters) = (open.order.id, open.order.side == side_of(held));
                if call == Call::Leave && enters {
                    let _ = context.cancel(id);
                }
                continue;
            }
            match call {
                Call::Keep => {}
                Call::Leave => {
                    lane.built = 0;
                    lane.ordered = Some(now);
                    // A refusal is counted by the desk; the call is looked at again at the next candle.
                    let _ = context.target(lane.instrument, Quantity::ZERO, tags.exit);
                }
                Call::Enter(side) => {
                    let cooling = lane.ordered.is_some_and(|ordered| now.since(ordered) < self.cooldown);
                    let Some(share) = self.tranches.get(lane.built).filter(|_| !cooling) else { continue };
                    let Ok(quantity) = context.affordable(lane.instrument, *share) else { continue };
                    if quantity.is_zero() {
                        continue;
                    }
                    let tag = if held.is_zero() { tags.enter } else { tags.add };
                    lane.built += 1;
                    lane.ordered = Some(now);
                    // A refused tranche is left out; the desk counts it.
                    let _ = context.submit(Ticket::market(lane.instrument, side, quantity).tag(tag));
                }
            }
        }
    }
}

impl Lane {
    fn new(
        params: &SignalScoreParams,
        instrument: InstrumentId,
        decimals: u8,
        setup: &mut Setup<'_>,
    ) -> Result<Self, SetupError> {
        let series = setup.follow(instrument, setup.interval());
        let (fast, slow, signal) = (params.macd_fast, params.macd_slow, params.macd_signal);
        Ok(Lane {
            series,
            instrument,
            rsi: setup.settled_indicator(series, Spec::Rsi { window: params.rsi_window })?,
            average: setup.indicator(series, Spec::Sma { window: params.average_window })?,
            macd: setup.settled_indicator(series, Spec::Macd { fast, slow, signal, line: MacdLine::Histogram })?,
            range: setup.settled_indicator(series, Spec::Atr { window: params.atr_window })?,
            decimals,
            call: Call::Keep,
            since: Timestamp::MIN,
            built: 0,
            ordered: None,
        })
    }

    fn read(&self, context: &Context<'_>) -> Option<Reading> {
        Some(Reading {
            close: context.close(self.series)?.to_f64(self.decimals),
            rsi: context.value(self.rsi)?,
            average: context.value(self.average)?,
            macd: context.value(self.macd)?,
            range: context.value(self.range)?,
        })
    }
}

/// How far from 50 the RSI is a whole vote: at its usual bounds of 30 and 70.
const RSI_FULL: f64 = 20.0;

/// How many average ranges from its moving average the close is a whole vote.
const AVERAGE_FULL: f64 = 2.0;

/// How many average ranges from its signal the MACD is a whole vote.
const MACD_FULL: f64 = 0.5;

impl Reading {
    /// RSI, moving average and MACD, each from -1 (down) to 1 (up). Where nothing moves, distances say nothing.
    fn votes(self) -> [f64; 3] {
        let in_ranges = |distance: f64| if self.range > 0.0 { distance / self.range } else { 0.0 };
        let votes = [
            (self.rsi - 50.0) / RSI_FULL,
            in_ranges(self.close - self.average) / AVERAGE_FULL,
            in_ranges(self.macd) / MACD_FULL,
        ];
        votes.map(|vote| vote.clamp(-1.0, 1.0))
    }

    /// The weighted mean of the votes, from -1 to 1.
    fn score(self, weights: [f64; 3]) -> f64 {
        let [rsi, average, macd] = self.votes();
        let [of_rsi, of_average, of_macd] = weights;
        let sum = rsi * of_rsi + average * of_average + macd * of_macd;
        sum / (of_rsi.abs() + of_average.abs() + of_macd.abs())
    }
}

impl Bounds {
    fn call(self, score: f64, held: Quantity) -> Call {
        // A short position sees the score in the mirror.
        let (towards, side) = match held.units().signum() {
            0 if score < 0.0 && self.sides == Sides::Both => (-score, Side::Sell),
            -1 => (-score, Side::Sell),
            _ => (score, Side::Buy),
        };
        if towards >= self.enter {
            Call::Enter(side)
        } else if towards <= self.exit && !held.is_zero() {
            Call::Leave
        } else {
            Call::Keep
        }
    }
}

impl Temperature {
    const ALL: [Temperature; 5] =
        [Temperature::Cold, Temperature::Cool, Temperature::Neutral, Temperature::Warm, Temperature::Hot];

    fn of(score: f64) -> Self {
        match score {
            score if score <= -0.6 => Temperature::Cold,
            score if score <= -0.2 => Temperature::Cool,
            score if score < 0.2 => Temperature::Neutral,
            score if score < 0.6 => Temperature::Warm,
            _ => Temperature::Hot,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Temperature::Cold => "cold",
            Temperature::Cool => "cool",
            Temperature::Neutral => "neutral",
            Temperature::Warm => "warm",
            Temperature::Hot => "hot",
        }
    }
}

/// The share of the capital of each tranche; together at most `fraction`.
fn tranches(fraction: Rate, count: u32, sizes: &str) -> Vec<Rate> {
    let parts: Vec<i64> = match sizes {
        "pyramid_up" => (1..=count.into()).collect(),
        "pyramid_down" => (1..=count.into()).rev().collect(),
        _ => vec![1; count as usize],
    };
    let whole: i64 = parts.iter().sum();
    parts.into_iter().map(|part| Rate::from_units(fraction.units() * part / whole)).collect()
}

/// The side that a position was entered on.
fn side_of(held: Quantity) -> Side {
    if held.units() < 0 { Side::Sell } else { Side::Buy }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STILL: Reading = Reading { close: 100.0, rsi: 50.0, average: 100.0, macd: 0.0, range: 1.0 };

    #[test]
    fn every_vote_and_the_score_stay_within_one() {
        assert_eq!(STILL.votes(), [0.0; 3]);
        let rising = Reading { rsi: 60.0, average: 99.0, macd: 0.25, ..STILL };
        assert_eq!(rising.votes(), [0.5; 3]);
        assert_eq!(rising.score([1.0, 2.0, 5.0]), 0.5);
        let raging = Reading { rsi: 100.0, average: 50.0, macd: 9.0, ..STILL };
        assert_eq!((raging.votes(), raging.score([1.0, 2.0, 3.0])), ([1.0; 3], 1.0));
        let falling = Reading { rsi: 0.0, average: 150.0, macd: -9.0, ..STILL };
        assert_eq!(falling.score([0.1, 0.2, 0.3]), -1.0);
        // An RSI that is read the other way speaks against the rise.
        assert_eq!(raging.score([-1.0, 1.0, 0.0]), 0.0);
        let dead = Reading { range: 0.0, macd: 1.0, ..STILL };
        assert_eq!(dead.votes(), [0.0; 3]);
    }

    #[test]
    fn the_score_calls_for_a_position_and_for_its_end() {
        let call = |score, held, sides| Bounds { enter: 0.4, exit: 0.1, sides }.call(score, Quantity::from_units(held));
        let (long, both) = (Sides::Long, Sides::Both);
        let (buy, sell) = (Call::Enter(Side::Buy), Call::Enter(Side::Sell));
        assert_eq!([call(0.4, 0, long), call(0.39, 0, long), call(-0.9, 0, long)], [buy, Call::Keep, Call::Keep]);
        assert_eq!([call(0.4, 7, long), call(0.11, 7, long), call(0.1, 7, long)], [buy, Call::Keep, Call::Leave]);
        assert_eq!([call(-0.4, 0, both), call(-0.39, 0, both), call(0.4, 0, both)], [sell, Call::Keep, buy]);
        assert_eq!(
            [call(-0.4, -7, both), call(-0.11, -7, both), call(-0.1, -7, both)],
            [sell, Call::Keep, Call::Leave]
        );
        assert_eq!([call(-0.9, 7, both), call(0.9, -7, both)], [Call::Leave; 2], "first out, then the other way");
    }

    #[test]
    fn a_score_has_one_temperature() {
        let names =
            [-1.0, -0.6, -0.59, -0.2, -0.19, 0.0, 0.19, 0.2, 0.59, 0.6, 1.0].map(|score| Temperature::of(score).name());
        let expected = ["cold", "cold", "cool", "cool", "neutral", "neutral", "neutral", "warm", "warm", "hot", "hot"];
        assert_eq!(names, expected);
        assert_eq!(Temperature::ALL.map(|temperature| temperature as usize), [0, 1, 2, 3, 4]);
    }

    #[test]
    fn tranches_share_the_fraction_by_their_sizes() {
        let expect = |sizes, expected: [i64; 3]| {
            let shares = tranches(Rate::from_units(60_000_000), 3, sizes);
            assert_eq!(shares, expected.map(Rate::from_units), "{sizes}");
        };
        expect("equal", [20_000_000; 3]);
        expect("pyramid_up", [10_000_000, 20_000_000, 30_000_000]);
        expect("pyramid_down", [30_000_000, 20_000_000, 10_000_000]);
    }
}
