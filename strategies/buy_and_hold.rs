//! Buys once and holds: what every other strategy has to beat.

use crate::domain::{Interval, OrderUpdate, Rate, SeriesId, Tag, UpdateKind};
use crate::strategy::{Axis, AxisKind, Context, Params, Setup, SetupError, Strategy, Ticket};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// Buys each of its symbols with an equal part of the capital at the first possible moment.
#[derive(Debug)]
pub struct BuyAndHold {
    bought: Vec<SeriesId>,
    fraction: Rate,
    tag: Tag,
}

/// Parameters of [`BuyAndHold`].
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BuyAndHoldParams {
    /// Share of the desk's capital to invest in all.
    pub fraction: Decimal,
}

impl Params for BuyAndHoldParams {
    fn axes() -> &'static [Axis] {
        &[Axis {
            name: "fraction",
            about: "share of the desk's capital to invest, over all its symbols",
            kind: AxisKind::Decimal { default: "0.99", low: "0.01", high: "1", step: "0.01" },
        }]
    }
}

impl Strategy for BuyAndHold {
    const NAME: &'static str = "buy_and_hold";
    const ABOUT: &'static str = "Buys each symbol once with an equal part of the capital and holds it.";
    type Params = BuyAndHoldParams;

    fn new(params: &Self::Params, setup: &mut Setup<'_>) -> Result<Self, SetupError> {
        let interval: Interval = setup.interval();
        for symbol in setup.symbols() {
            setup.follow(*symbol, interval);
        }
        let symbols = i64::try_from(setup.symbols().len()).unwrap_or(1).max(1);
        let whole =
            Rate::from_decimal(params.fraction).ok_or_else(|| SetupError("fraction has too many decimals".into()))?;
        Ok(BuyAndHold {
            bought: Vec::new(),
            fraction: Rate::from_units(whole.units() / symbols),
            tag: setup.tag("buy"),
        })
    }

    fn on_candles(&mut self, context: &mut Context<'_>, closed: &[SeriesId]) {
        if !context.is_tradable() {
            return;
        }
        for series in closed {
            if self.bought.contains(series) {
                continue;
            }
            let id = context.series(*series).instrument;
            let Ok(quantity) = context.affordable(id, self.fraction) else { continue };
            if !quantity.is_zero()
                && context.submit(Ticket::market(id, crate::domain::Side::Buy, quantity).tag(self.tag)).is_ok()
            {
                self.bought.push(*series);
            }
        }
    }

    fn on_update(&mut self, context: &mut Context<'_>, update: &OrderUpdate) {
        // A purchase that the venue refused is tried again at the next candle.
        if matches!(update.kind, UpdateKind::Rejected(_) | UpdateKind::Cancelled(_)) && context.orders().is_empty() {
            self.bought.retain(|series| !context.position(context.series(*series).instrument).is_zero());
        }
    }
}
