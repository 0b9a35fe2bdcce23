//! What the scenario decides about the simulated exchange.

use crate::domain::{Filters, Overflow, Price, Rate, Side, Span};

/// Every choice that the market data leave open. The default is the truthful one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Which of the possible orders of events inside a candle happens.
    pub intrabar: IntrabarPolicy,
    /// What a resting limit order needs to fill.
    pub limit_fill: LimitPolicy,
    /// At which price a resting limit order fills when the candle opens beyond it.
    pub limit_gap: LimitGapPolicy,
    /// At which price a resting stop takes when the candle opens beyond it.
    pub stop_gap: StopGapPolicy,
    /// At which price a stop takes that goes off inside a candle.
    pub stop_inside: StopInsidePolicy,
    /// From when on the children of a bracket live.
    pub children: ChildrenPolicy,
    /// At which price a market order trades.
    pub market_fill: MarketFillPolicy,
    /// What a taker pays beyond the reference price.
    pub slippage: Slippage,
    /// Largest share of a candle's or trade's volume that all our orders on the symbol may take; none is no cap.
    pub participation: Option<Rate>,
    /// How long a new order is on its way.
    pub order_latency: Span,
    /// How long a cancel or a replacement is on its way.
    pub cancel_latency: Span,
    /// How long news of an order is on its way back to the desk.
    pub response_latency: Span,
    /// An order that arrives no later than this after a candle's open counts as arriving at that open.
    pub open_tolerance: Span,
}

/// Which of the possible orders of events inside a candle happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum IntrabarPolicy {
    /// The one that is worst for the account. The default.
    Worst,
    /// The same, but with finer data decided beforehand what these show: whoever feeds the venue hands it those instead
    /// of the candle.
    Detail,
    /// The one that is best for the account: the other end of the band.
    Best,
    /// The one that a path through four points shows.
    Path(PathOrder),
    /// The stop before the target, even where the open decides otherwise. Part of the `backtesting.py` profile.
    StopFirst,
}

/// Which extreme of a candle an assumed path visits first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PathOrder {
    /// Open, high, low, close.
    HighFirst,
    /// Open, low, high, close.
    LowFirst,
    /// The extreme nearer to the open; equally near, the low for an account that is long or flat, the high for a short.
    Nearer,
    /// A rising candle went down first, a falling one up.
    Colour,
}

/// What a resting limit order needs to fill.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LimitPolicy {
    /// A price at least one tick beyond it: then the queue at its price is gone. The default.
    Through,
    /// A price at it.
    Touch,
    /// A price at it, with this probability: drawn once for each order and candle, from a seed. A fill or non-fill at a
    /// mere touch is a doubt either way; a price beyond it fills for certain.
    TouchByChance {
        /// From zero to one.
        probability: Rate,
        /// What the draws follow from.
        seed: u64,
    },
}

/// At which price a resting limit order fills when the candle opens beyond it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LimitGapPolicy {
    /// At its own price: a continuous book cannot pass a resting order without consuming it. The default.
    AtLimit,
    /// At the better open, as equity engines do.
    AtOpen,
    /// An exit at its own price, or at the end of the candle's range nearest to it; an entry at its own price. Part of
    /// the `freqtrade` profile.
    IntoCandle,
}

/// At which price a resting stop takes when the candle opens beyond it, before slippage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StopGapPolicy {
    /// At the open: its own price was jumped over. The default.
    AtOpen,
    /// At its own price if the candle comes back to it, which may be better than anything that was to be had when it
    /// went off; else at the open. Part of the `freqtrade` profile.
    AtLevelInCandle,
}

/// At which price a stop takes that goes off inside a candle, before slippage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StopInsidePolicy {
    /// At its level, which the market reached; by how far the first trade there was beyond it, the candle does not say.
    /// The default.
    AtLevel,
    /// At the end of the candle's range that is worse for it: no trade of the candle can have been beyond that.
    AtExtreme,
}

/// At which price a market order trades, before slippage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MarketFillPolicy {
    /// At the first price at or after its arrival. The default.
    NextPrice,
    /// At the last price that its decision saw, whenever it arrives: a price that was gone before it could act. Part of
    /// the `vectorbt` profile.
    SameClose,
}

/// From when on the children of a bracket live.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ChildrenPolicy {
    /// From the fill of the entry on, within its candle. The default.
    AtFill,
    /// Within the candle of the entry only after a market entry, or after a stop entry whose target the candle reaches
    /// and whose stop it does not; otherwise from the next candle on. Part of the `backtesting.py` profile.
    NextCandleUnlessMarket,
}

/// What a taker pays beyond the reference price: the larger of two minima.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slippage {
    /// At least this many ticks.
    pub minimum_ticks: i64,
    /// At least this fraction of the price.
    pub fraction: Rate,
}

impl Default for Policy {
    fn default() -> Self {
        Policy {
            intrabar: IntrabarPolicy::Worst,
            limit_fill: LimitPolicy::Through,
            limit_gap: LimitGapPolicy::AtLimit,
            stop_gap: StopGapPolicy::AtOpen,
            stop_inside: StopInsidePolicy::AtLevel,
            children: ChildrenPolicy::AtFill,
            market_fill: MarketFillPolicy::NextPrice,
            slippage: Slippage { minimum_ticks: 1, fraction: Rate::from_units(10_000) },
            participation: Some(Rate::from_units(10_000_000)),
            order_latency: Span::from_millis(200),
            cancel_latency: Span::from_millis(200),
            response_latency: Span::ZERO,
            open_tolerance: Span::SECOND,
        }
    }
}

impl Policy {
    /// The rules of the Python package backtesting.py: next open without delay or slippage, limits filled at a touch
    /// and at the open beyond a gap, the stop always first, no volume cap.
    pub fn backtesting_py() -> Self {
        Policy {
            intrabar: IntrabarPolicy::StopFirst,
            limit_gap: LimitGapPolicy::AtOpen,
            children: ChildrenPolicy::NextCandleUnlessMarket,
            ..Policy::without_friction()
        }
    }

    /// The rules of `Portfolio.from_signals` of the Python package vectorbt: a market order at the close of the candle
    /// that gave the signal; from the next candle on its stop, then its target, each at the open beyond a gap.
    pub fn vectorbt() -> Self {
        Policy {
            intrabar: IntrabarPolicy::StopFirst,
            limit_gap: LimitGapPolicy::AtOpen,
            market_fill: MarketFillPolicy::SameClose,
            ..Policy::without_friction()
        }
    }

    /// The rules of the backtests of the trading bot freqtrade: next open; the stop before the target, at its own price
    /// wherever the candle comes back to it; the target at a touch.
    pub fn freqtrade() -> Self {
        Policy {
            intrabar: IntrabarPolicy::StopFirst,
            limit_gap: LimitGapPolicy::IntoCandle,
            stop_gap: StopGapPolicy::AtLevelInCandle,
            ..Policy::without_friction()
        }
    }

    /// What is generally said of TradingView's broker emulator: next open; a path by way of the extreme nearer to the
    /// open; limits at a touch; stops and limits at the open beyond a gap. Never held against the emulator itself.
    pub fn tradingview() -> Self {
        Policy {
            intrabar: IntrabarPolicy::Path(PathOrder::Nearer),
            limit_gap: LimitGapPolicy::AtOpen,
            ..Policy::without_friction()
        }
    }

    /// What these engines have in common: no delay, no slippage unless it is stated, no volume cap, limits at a touch.
    fn without_friction() -> Self {
        Policy {
            limit_fill: LimitPolicy::Touch,
            slippage: Slippage { minimum_ticks: 0, fraction: Rate::ZERO },
            participation: None,
            order_latency: Span::ZERO,
            cancel_latency: Span::ZERO,
            response_latency: Span::ZERO,
            open_tolerance: Span::ZERO,
            ..Policy::default()
        }
    }
}

impl Slippage {
    /// The price that a taker gets when the market stands at `reference`: worse by the slippage, rounded to the tick
    /// against the account, never below one tick.
    #[inline]
    pub fn apply(&self, side: Side, reference: Price, filters: &Filters) -> Result<Price, Overflow> {
        let tick = filters.tick.units();
        let by_fraction = match self.fraction.units() {
            0 => 0,
            units => fraction_up(reference.units(), units)?,
        };
        let by_ticks = self.minimum_ticks.checked_mul(tick).ok_or(Overflow)?;
        let distance = by_fraction.max(by_ticks);
        if distance == 0 {
            return Ok(reference);
        }
        let price = match side {
            Side::Buy => round_up(reference.units().checked_add(distance).ok_or(Overflow)?, tick)?,
            Side::Sell => {
                let lower = reference.units().saturating_sub(distance);
                (lower - lower.rem_euclid(tick)).max(tick)
            }
        };
        Ok(Price::from_units(price))
    }
}

fn fraction_up(price: i64, units: i64) -> Result<i64, Overflow> {
    let one = Rate::ONE.units();
    match price.checked_mul(units) {
        Some(product) => Ok(product.div_euclid(one) + i64::from(product.rem_euclid(one) != 0)),
        None => {
            let product = i128::from(price) * i128::from(units) + i128::from(one - 1);
            i64::try_from(product.div_euclid(i128::from(one))).map_err(|_| Overflow)
        }
    }
}

fn round_up(price: i64, tick: i64) -> Result<i64, Overflow> {
    match price.rem_euclid(tick) {
        0 => Ok(price),
        rest => price.checked_add(tick - rest).ok_or(Overflow),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Amount, Quantity};

    fn filters(tick: i64) -> Filters {
        Filters {
            tick: Price::from_units(tick),
            lot: Quantity::from_units(1),
            minimum_quantity: Quantity::ZERO,
            maximum_quantity: None,
            minimum_notional: Amount::ZERO,
            price_band: None,
            maximum_open_orders: None,
        }
    }

    #[test]
    fn slippage_is_the_larger_minimum_rounded_against_the_account() {
        let check = |ticks: i64, fraction: i64, tick: i64, price: i64, buy: i64, sell: i64| {
            let slippage = Slippage { minimum_ticks: ticks, fraction: Rate::from_units(fraction) };
            let at = |side| slippage.apply(side, Price::from_units(price), &filters(tick)).unwrap().units();
            assert_eq!((at(Side::Buy), at(Side::Sell)), (buy, sell));
        };
        check(0, 0, 10, 1003, 1003, 1003);
        check(1, 0, 10, 1000, 1010, 990);
        check(1, 1_000_000, 1, 1_000_000, 1_010_000, 990_000);
        check(1, 10_000, 1, 3_000_050, 3_000_351, 2_999_749);
        check(5, 0, 1, 3, 8, 1);
    }
}
