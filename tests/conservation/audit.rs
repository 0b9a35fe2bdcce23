//! The auditor: follows commands and news with books of its own and compares. It shares no code with the venue or the
//! ledger but the vocabulary.

use super::Tally;
use crate::world::World;
use std::collections::BTreeMap;
use tapeline::domain::*;
use tapeline::engine::{Ending, Outcome};
use tapeline::venue::LimitPolicy;

/// An order as the auditor follows it.
struct Followed {
    order: Order,
    sent: Timestamp,
    filled: i64,
    triggered: bool,
    ending: Option<Ending>,
}

/// Books from commands and news alone.
pub struct Audit<'w> {
    world: &'w World,
    orders: BTreeMap<OrderId, Followed>,
    /// By asset: opening balance and everything that flowed since.
    flows: Vec<i128>,
    /// By desk and instrument.
    positions: BTreeMap<(DeskId, InstrumentId), i64>,
    /// By instrument: the account's contract, netted over its desks.
    contracts: Vec<CostBasis>,
    /// By instrument and the row of the candle or trade: what was filled against it.
    taken: BTreeMap<(InstrumentId, usize), i64>,
}

impl<'w> Audit<'w> {
    /// The opening of the books.
    pub fn new(world: &'w World) -> Self {
        let mut flows = vec![0; world.assets.len()];
        for (asset, amount, _) in &world.opening {
            flows[usize::from(asset.0)] += amount.units();
        }
        let contracts = vec![CostBasis::default(); world.instruments.len()];
        let (orders, positions, taken) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        Audit { world, orders, flows, positions, contracts, taken }
    }

    /// A desk sent this.
    pub fn command(&mut self, at: Timestamp, command: &Command, tally: &mut Tally) {
        match command {
            Command::Submit(order) => self.sent(at, *order, tally),
            Command::SubmitGroup(group) => {
                tally.count(match **group {
                    Group::Pair(_) => "pair",
                    Group::Bracket(Bracket { stop: Some(_), target: Some(_), .. }) => "bracket with stop and target",
                    Group::Bracket(Bracket { stop: Some(_), .. }) => "bracket with a stop",
                    Group::Bracket(Bracket { target: Some(_), .. }) => "bracket with a target",
                    Group::Bracket(_) => "bracket without children",
                });
                for order in group.orders() {
                    self.sent(at, order, tally);
                }
            }
            Command::Cancel(_) => tally.count("cancel"),
            Command::Replace(..) => tally.count("replace"),
            Command::Reduce(..) => tally.count("reduce"),
            Command::CancelReplace(swap) => {
                tally.count("cancel-replace");
                // It travels as a change does.
                let policy = &self.world.policy;
                let at = at.after(policy.cancel_latency).before(policy.order_latency);
                self.sent(at, swap.order, tally);
            }
        }
    }

    fn sent(&mut self, at: Timestamp, order: Order, tally: &mut Tally) {
        tally.count(order.kind.name());
        tally.count(match order.time_in_force {
            TimeInForce::GoodTillCancelled => "good till cancelled",
            TimeInForce::ImmediateOrCancel => "immediate or cancel",
            TimeInForce::GoodTillDate(_) => "good till date",
            TimeInForce::FillOrKill => "fill or kill",
        });
        if order.crossing == Crossing::PostOnly {
            tally.count("post-only");
        }
        if order.effect == PositionEffect::ReduceOnly {
            tally.count("reduce-only");
        }
        let followed = Followed { order, sent: at, filled: 0, triggered: false, ending: None };
        assert!(self.orders.insert(order.id, followed).is_none(), "an order is sent once");
    }

    /// A desk was told this.
    pub fn news(&mut self, update: &OrderUpdate, tally: &mut Tally) {
        let followed = self.orders.get_mut(&update.order).expect("news is about orders that were sent");
        let late = match update.kind {
            UpdateKind::CancelRejected | UpdateKind::ReplaceRejected(_) => true,
            UpdateKind::Accepted
            | UpdateKind::Held
            | UpdateKind::Released { .. }
            | UpdateKind::Triggered
            | UpdateKind::Filled(_)
            | UpdateKind::Cancelled(_)
            | UpdateKind::Replaced(_)
            | UpdateKind::Expired
            | UpdateKind::Rejected(_) => false,
        };
        assert!(followed.ending.is_none() || late, "an order that is over has no news: {update:?}");
        assert_eq!(followed.order.desk, update.desk, "news goes to the desk whose order it is");
        let ending = match update.kind {
            UpdateKind::Accepted | UpdateKind::Held => None,
            UpdateKind::Released { .. } => {
                tally.count("children released");
                None
            }
            UpdateKind::Triggered => {
                tally.count("triggered");
                let kind = followed.order.kind;
                assert!(kind.limit().is_some() && kind.trigger().is_some(), "only these are set off: {kind:?}");
                // New terms may arm it again.
                followed.triggered = true;
                None
            }
            UpdateKind::CancelRejected => {
                tally.count("cancel too late");
                None
            }
            UpdateKind::ReplaceRejected(_) => {
                tally.count("replacement refused");
                None
            }
            UpdateKind::Replaced(terms) => {
                tally.count("replaced");
                followed.order.kind = terms.kind;
                followed.order.quantity = terms.quantity;
                None
            }
            UpdateKind::Cancelled(reason) => {
                tally.count(&format!("cancelled: {}", reason.name()));
                Some(Ending::Cancelled(reason))
            }
            UpdateKind::Expired => {
                tally.count("expired");
                Some(Ending::Expired)
            }
            UpdateKind::Rejected(reason) => {
                tally.count(&format!("rejected: {}", reason.name()));
                Some(Ending::Rejected(reason))
            }
            UpdateKind::Filled(fill) => {
                self.filled(update, &fill, tally);
                tally.count(if fill.leaves.is_zero() { "filled" } else { "filled in part" });
                fill.leaves.is_zero().then_some(Ending::Filled)
            }
        };
        if ending.is_some() {
            self.orders.get_mut(&update.order).unwrap().ending = ending;
        }
    }

    fn filled(&mut self, update: &OrderUpdate, fill: &Fill, tally: &mut Tally) {
        let followed = self.orders.get_mut(&update.order).unwrap();
        let first = followed.filled == 0;
        followed.filled += fill.quantity.units();
        let (order, sent, filled) = (followed.order, followed.sent, followed.filled);
        assert!(fill.quantity.units() > 0 && filled <= order.quantity.units(), "{order:?}: {filled}");
        let armed = order.kind.limit().is_some() && order.kind.trigger().is_some();
        assert!(!armed || followed.triggered, "it trades only after it was set off: {order:?}");
        let alone = !matches!(order.link, Link::Pair { .. });
        if order.effect == PositionEffect::Any && alone {
            assert_eq!(fill.leaves.units(), order.quantity.units() - filled, "what is left is what was not filled");
        }
        assert!(update.at >= sent.after(self.world.policy.order_latency), "no fill before the order arrives");
        tally.count(fill.liquidity.name());
        tally.count(fill.certainty.name());
        self.evidence(&order, update.at, fill, first, sent, tally);
        self.book(&order, fill, tally);
    }

    /// What the fill did to the account.
    fn book(&mut self, order: &Order, fill: &Fill, tally: &mut Tally) {
        let instrument = &self.world.instruments[usize::from(order.instrument.0)];
        let (base, quote) = (usize::from(instrument.base.0), usize::from(instrument.quote.0));
        let notional = i128::from(fill.price.units()) * i128::from(fill.quantity.units());
        assert_eq!(fill.notional.units(), notional, "the notional is price times quantity");
        let sign = i128::from(order.side.sign());
        let mut net = fill.quantity.units();
        match instrument.kind {
            InstrumentKind::Spot => {
                self.flows[base] += sign * i128::from(fill.quantity.units());
                self.flows[quote] -= sign * notional;
                if fill.fee_asset == instrument.base && order.side == Side::Buy {
                    net -= fill.fee.units() as i64;
                }
                tally.count("spot fill");
            }
            InstrumentKind::Linear => {
                let contract = &mut self.contracts[usize::from(order.instrument.0)];
                let settled = contract.fill(order.side, fill.quantity, fill.notional).unwrap();
                self.flows[quote] += settled.realised.units();
                tally.count("linear fill");
            }
        }
        self.flows[usize::from(fill.fee_asset.0)] -= fill.fee.units();
        tally.count(match fill.fee_asset {
            _ if fill.fee.is_zero() => "no fee",
            _ if fill.fee.units() < 0 => "rebate",
            asset if asset == instrument.quote => "fee in the quote asset",
            asset if asset == instrument.base => "fee in the base asset",
            _ => "fee in a third asset",
        });
        let position = self.positions.entry((order.desk, order.instrument)).or_default();
        let before = *position;
        *position += order.side.sign() * net;
        if order.effect == PositionEffect::ReduceOnly {
            let against = before.signum() == -order.side.sign();
            assert!(against && before.abs() >= fill.quantity.units(), "reduce-only turned {before}: {order:?}");
        }
        if instrument.kind == InstrumentKind::Spot {
            assert!(*position >= 0, "more was sold than held: {order:?}");
        }
        if before.signum() * position.signum() < 0 {
            tally.count("position turned");
        }
        self.fee(order, fill);
    }

    /// Fees in quote and base asset, computed anew.
    fn fee(&self, order: &Order, fill: &Fill) {
        let instrument = &self.world.instruments[usize::from(order.instrument.0)];
        let fees = instrument.fees.at(Timestamp::MIN);
        let rate = match fill.liquidity {
            Liquidity::Maker => fees.maker.units(),
            Liquidity::Taker => fees.taker.units(),
        };
        let received = match (fees.asset, instrument.kind, order.side) {
            (FeeAsset::Third(asset), _, _) if fill.fee_asset == asset => return,
            (FeeAsset::Received | FeeAsset::Third(_), InstrumentKind::Spot, Side::Buy) => instrument.base,
            (FeeAsset::Quote | FeeAsset::Received | FeeAsset::Third(_), _, _) => instrument.quote,
        };
        assert_eq!(fill.fee_asset, received, "the fee is taken from the asset that the venue takes it from");
        let of = if received == instrument.base { i128::from(fill.quantity.units()) } else { fill.notional.units() };
        let increment = i128::from(self.world.assets[usize::from(received.0)].increment);
        let (whole, unit) = (of * i128::from(rate), 100_000_000 * increment);
        let (down, rest) = (whole.div_euclid(unit), whole.rem_euclid(unit));
        let up = match fees.rounding {
            Rounding::Up => rest > 0,
            Rounding::Down => false,
            Rounding::HalfEven => rest * 2 > unit || (rest * 2 == unit && down % 2 != 0),
        };
        assert_eq!(fill.fee.units(), (down + i128::from(up)) * increment, "the fee is the rate's share, rounded");
    }

    /// The market data show that the fill could have happened.
    fn evidence(&mut self, order: &Order, at: Timestamp, fill: &Fill, first: bool, sent: Timestamp, tally: &mut Tally) {
        let arrival = sent.after(self.world.policy.order_latency);
        let trades = self.world.tape.trades.iter().find(|trades| trades.instrument == order.instrument);
        let (row, low, high, size, price_before, began) = match trades {
            Some(trades) => {
                if fill.liquidity == Liquidity::Maker && self.a_quote_met(order, &trades.quotes, at) {
                    tally.count("fill against a quote");
                    return;
                }
                tally.count("fill against a trade");
                let row = trades.columns.first_at_or_after(at);
                assert_eq!(trades.columns.time.get(row), Some(&at.nanos()), "a fill happens with a trade");
                let price = trades.columns.price[row];
                (row, price, price, trades.columns.signed_quantity[row].abs(), None, at)
            }
            None => {
                let candles = &self.world.tape.series[usize::from(order.instrument.0)].columns;
                let row_of = |at: Timestamp| {
                    let row = candles.open_time.partition_point(|open| *open <= at.nanos()).checked_sub(1)?;
                    (candles.open_time[row] + Span::MINUTE.nanos() > at.nanos()).then_some(row)
                };
                let row = row_of(at).expect("a fill happens inside a candle");
                let arrived_in = row_of(arrival).filter(|arrived| *arrived < row);
                let late_close = arrived_in.map(|arrived| candles.close[arrived]);
                let began = Timestamp::from_nanos(candles.open_time[row]);
                (row, candles.low[row], candles.high[row], candles.volume[row], late_close, began)
            }
        };
        assert!(size > 0, "nothing fills where nothing trades");
        let lot = self.world.instruments[usize::from(order.instrument.0)].filters_at(at).lot.units();
        let taken = self.taken.entry((order.instrument, row)).or_default();
        *taken += fill.quantity.units();
        if let Some(rate) = self.world.policy.participation {
            let share = (i128::from(size) * i128::from(rate.units()) / 100_000_000) as i64;
            // From trade to trade, a share below one lot is carried on.
            let beneath = self.world.tape.details.iter().any(|detail| detail.instrument == order.instrument);
            let carried = if trades.is_some() || beneath { lot } else { 0 };
            assert!(*taken <= share + carried, "the volume cap: {taken} of {size}");
        }
        let price = fill.price.units();
        let sign = order.side.sign();
        if let Some(limit) = order.kind.limit() {
            assert!((price - limit.units()) * sign <= 0, "{order:?} at {at}: worse than its limit: {fill:?}");
        }
        if let Some(asked) = trades.and_then(|trades| facing(order.side, &trades.quotes, at)) {
            let reference = price - sign * fill.slipped.units();
            let taker = fill.liquidity == Liquidity::Taker;
            assert!(!taker || (reference - asked) * sign >= 0, "{order:?} took at {reference}, better than {asked}");
            tally.count(if taker { "taker bound by a quote" } else { "maker beside quotes" });
        }
        match fill.liquidity {
            Liquidity::Maker => self.maker(order, began, price, low, high),
            Liquidity::Taker => self.taker(order, at, fill, (low, high), price_before, first, tally),
        }
    }

    /// Whether a quote of this instant has come beyond a resting order's price.
    fn a_quote_met(&self, order: &Order, quotes: &QuoteColumns, at: Timestamp) -> bool {
        let limit = order.kind.limit().unwrap_or_else(|| panic!("only a limit order waits: {order:?}"));
        let touch = self.world.policy.limit_fill == LimitPolicy::Touch;
        let tick = self.world.instruments[usize::from(order.instrument.0)].filters_at(at).tick.units();
        let beyond = if touch { 0 } else { tick };
        let (from, to) = (quotes.first_at_or_after(at), quotes.time.partition_point(|time| *time <= at.nanos()));
        (from..to).any(|row| match order.side {
            Side::Buy => quotes.ask[row] <= limit.units() - beyond,
            Side::Sell => quotes.bid[row] >= limit.units() + beyond,
        })
    }

    fn maker(&self, order: &Order, at: Timestamp, price: i64, low: i64, high: i64) {
        let limit = order.kind.limit().unwrap_or_else(|| panic!("only a limit order waits: {order:?}"));
        assert_eq!(price, limit.units(), "a resting limit fills at its own price, never better");
        assert_ne!(order.time_in_force, TimeInForce::ImmediateOrCancel, "immediate or cancel never waits: {order:?}");
        let tick = self.world.instruments[usize::from(order.instrument.0)].filters_at(at).tick.units();
        let beyond = match self.world.policy.limit_fill {
            LimitPolicy::Through => tick,
            LimitPolicy::Touch | LimitPolicy::TouchByChance { .. } => 0,
        };
        let reached = match order.side {
            Side::Buy => low <= price - beyond,
            Side::Sell => high >= price + beyond,
        };
        assert!(reached, "{order:?} at {at}: the market went from {low} to {high}");
    }

    #[expect(clippy::too_many_arguments, reason = "one comparison of everything that decides a taker's price")]
    fn taker(
        &self,
        order: &Order,
        at: Timestamp,
        fill: &Fill,
        (low, high): (i64, i64),
        late_close: Option<i64>,
        first: bool,
        tally: &mut Tally,
    ) {
        let (price, sign) = (fill.price.units(), order.side.sign());
        let reference = price - sign * fill.slipped.units();
        let tick = self.world.instruments[usize::from(order.instrument.0)].filters_at(at).tick.units();
        let slippage = self.world.policy.slippage;
        let part = i128::from(reference) * i128::from(slippage.fraction.units());
        let fraction = ((part + 99_999_999) / 100_000_000) as i64;
        let distance = fraction.max(slippage.minimum_ticks * tick);
        let off = |price: i64| match (distance, order.side) {
            (0, _) => price,
            (_, Side::Buy) => (price + tick - 1) / tick * tick,
            (_, Side::Sell) => (price / tick * tick).max(tick),
        };
        let slipped = off(reference + sign * distance);
        let own = order.kind.limit().map(Price::units);
        let bounded = own.is_some_and(|limit| limit == price && (slipped - limit) * sign >= 0);
        let quotes = self.world.tape.trades.iter().find(|trades| trades.instrument == order.instrument);
        let quotes = quotes.map(|trades| &trades.quotes);
        let displayed = quotes.and_then(|quotes| facing(order.side, quotes, at)) == Some(price);
        assert!(
            price == slipped || bounded || displayed,
            "{order:?} at {price}: {reference} and slippage make {slipped}"
        );
        let inside = low <= reference && reference <= high;
        let was_quoted = quotes.is_some_and(|quotes| {
            let column = if order.side == Side::Buy { &quotes.ask } else { &quotes.bid };
            let until = quotes.time.partition_point(|time| *time <= at.nanos());
            column[..until].contains(&reference)
        });
        if !inside && !was_quoted {
            let (own_limit, late) = (own == Some(price), late_close == Some(reference));
            assert!(own_limit || late, "{order:?} filled at {price} where the market went from {low} to {high}");
            tally.count(if late { "market order late in its candle" } else { "limit late in its candle" });
        }
        // Without a volume cap a stop fills where it triggers, unless a new lot is too large for what is left of it.
        let one_lot = self.world.instruments[usize::from(order.instrument.0)].filters.rows().len() == 1;
        let uncapped = self.world.policy.participation.is_none() && one_lot;
        if let (OrderKind::StopMarket { trigger }, true, true) = (order.kind, first, uncapped) {
            assert!((price - trigger.units()) * sign >= 0, "{order:?} filled at {price}, better than its trigger");
            tally.count(if reference == trigger.units() { "stop at its trigger" } else { "stop beyond its trigger" });
        }
    }

    /// The session is over: everything adds up.
    pub fn close(&self, outcome: &Outcome, positions: &BTreeMap<(DeskId, InstrumentId), i64>, locked: &[i128]) {
        assert_eq!(outcome.complaints, [], "no complaint");
        let mut ended: BTreeMap<OrderId, usize> = BTreeMap::new();
        for (index, record) in outcome.records.orders.iter().enumerate() {
            if !self.orders.contains_key(&record.id) {
                // Decided when the data were over: it was never sent.
                assert_eq!((record.ending, record.ended), (Ending::Expired, outcome.end), "order {}", record.id.0);
                continue;
            }
            assert!(ended.insert(record.id, index).is_none(), "order {} ended twice", record.id.0);
        }
        assert_eq!(ended.len(), self.orders.len(), "every order that was sent ended");
        for (id, followed) in &self.orders {
            let record = &outcome.records.orders[ended[id]];
            assert_eq!(Some(record.ending), followed.ending, "order {}", id.0);
            assert_eq!(record.filled.units(), followed.filled, "order {}", id.0);
            let kind = followed.order.kind.name();
            let order = &followed.order;
            assert_eq!((record.kind.name(), record.desk, record.side), (kind, order.desk, order.side));
            let fills = outcome.records.fills.iter().filter(|fill| fill.order == *id);
            assert_eq!(fills.map(|fill| fill.quantity.units()).sum::<i64>(), followed.filled, "order {}", id.0);
            let alone = !matches!(order.link, Link::Pair { .. });
            if record.ending == Ending::Filled && order.effect == PositionEffect::Any && alone {
                assert_eq!(record.filled, record.quantity, "order {} is filled whole", id.0);
            }
        }
        for (asset, (owned, _)) in outcome.balances.iter().enumerate() {
            assert_eq!(owned.units(), self.flows[asset], "opening and flows of asset {asset}");
        }
        for (key, units) in positions {
            assert_eq!(*units, self.positions.get(key).copied().unwrap_or_default(), "position {key:?}");
        }
        let mut margins = vec![0; self.flows.len()];
        for (contract, instrument) in self.contracts.iter().zip(&self.world.instruments) {
            margins[usize::from(instrument.quote.0)] += contract.cost.abs().units();
        }
        assert_eq!(locked, margins, "when nothing is open, only positions are locked");
        self.equity(outcome);
    }

    fn equity(&self, outcome: &Outcome) {
        let mut worth = self.flows[0];
        for (index, instrument) in self.world.instruments.iter().enumerate() {
            let mark = i128::from(outcome.last_prices[index].units());
            worth += self.flows[usize::from(instrument.base.0)] * mark;
            let contract = &self.contracts[index];
            worth += i128::from(contract.quantity.units()) * mark - contract.cost.units();
        }
        assert_eq!(outcome.final_equity.units(), worth, "the account is worth its balances at the last prices");
    }
}

/// What the quote that stands at an instant asks of someone on this side.
fn facing(side: Side, quotes: &QuoteColumns, at: Timestamp) -> Option<i64> {
    let row = quotes.time.partition_point(|time| *time <= at.nanos()).checked_sub(1)?;
    Some(if side == Side::Buy { quotes.ask[row] } else { quotes.bid[row] })
}
